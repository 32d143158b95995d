//! `surgelab run`: one run, or replications; a study, its answer, its page, and the exit code of its verdict.

use super::args::RunArgs;
use super::failure::{Failure, OBJECTIVES_FAILED};
use super::output::{Terminal, write_whole};
use super::progress::Progress;
use super::source::{experiment, load};
use crate::experiment::Compiled;
use crate::number::count;
use crate::report::{Context, Format, Look, page, render};
use crate::scenario;
use crate::study::{self, Answer, Executor, StudySpec};
use std::path::Path;
use std::process::ExitCode;

/// Simulate, tell, and say by the exit code whether the objectives held.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let format = format(args.format, args.output.as_deref())?;
    let loaded = load(&experiment(&args.scenario, args.seed)?)?;
    terminal.warn(|color| scenario::render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let compiled = Compiled::new(loaded, args.scenario.variant.clone(), args.seed)?;
    let study = args.replications.map_or(StudySpec::Run, StudySpec::Replicate);
    let executor = Executor::jobs(args.jobs.map_or(0, usize::from));
    let progress = Progress::new(terminal);
    let answer = study::answer(study, &compiled, executor, &|share| progress.tell(share))?;
    let took = progress.finish().as_secs_f64();
    if let Answer::Run(results) = &answer {
        terminal.note_if_watched(&format!("{} events in {took:.1} s", count(results.engine.events)));
    }
    tell(&answer, format, args, &compiled, terminal)
}

/// The format asked for, or that of the file's ending; text where neither says. An ending that stands for no format is
/// an error before anything is run. A file without one, such as a device, gets text.
fn format(asked: Option<Format>, output: Option<&Path>) -> Result<Format, Failure> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let Some(ending) = output.and_then(|path| path.extension()).map(|ending| ending.to_string_lossy().to_lowercase())
    else {
        return Ok(Format::Text);
    };
    Format::by_ending(&ending).ok_or_else(|| {
        let endings = Format::ALL.iter().flat_map(|format| format.endings()).map(|ending| format!(".{ending}"));
        Failure::Usage {
            message: format!("no format is written to a file that ends in `.{ending}`"),
            help: format!("use {}, or say --format", endings.collect::<Vec<_>>().join(", ")),
        }
    })
}

/// The answer where it is wanted, as it is wanted.
fn tell(
    answer: &Answer,
    format: Format,
    args: &RunArgs,
    compiled: &Compiled,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let command = command(args, compiled.seed);
    let model = format.has_pictures().then_some(&*compiled.model);
    let context = Context { command: &command, teaches: &compiled.loaded.scenario.teaches, model };
    let file = args.output.is_some();
    let look = if file { Look { color: terminal.color(true), width: 100 } } else { terminal.look() };
    let text = render(&page(answer, &context), answer, format, look);
    let written = match &args.output {
        Some(path) => write_whole(path, text.as_bytes()),
        None => terminal.print(&text),
    };
    match written {
        Ok(()) | Err(Failure::PipeClosed) => {
            Ok(if answer.pass() { ExitCode::SUCCESS } else { ExitCode::from(OBJECTIVES_FAILED) })
        }
        Err(failure) => Err(failure),
    }
}

/// What to type to get the same results again.
fn command(args: &RunArgs, seed: u64) -> String {
    let mut words = vec!["surgelab".to_owned(), "run".to_owned(), quote(&args.scenario.scenario)];
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quote(value)]);
    if let Some(variant) = &args.scenario.variant {
        option("--variant", variant);
    }
    for (path, value) in &args.scenario.sets {
        option("--set", &format!("{path}={value}"));
    }
    if let Some(horizon) = &args.scenario.horizon {
        option("--horizon", horizon);
    }
    option("--seed", &seed.to_string());
    if let Some(replications) = args.replications {
        option("--replications", &replications.to_string());
    }
    words.join(" ")
}

/// A word as a POSIX shell reads it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_reads_back_as_one_word_each() {
        let mut args = RunArgs::of("a file.ron");
        args.scenario.variant = Some("it's cached".into());
        args.scenario.sets = vec![("services.app.workers".into(), "50".into())];
        assert_eq!(
            command(&args, 7),
            r"surgelab run 'a file.ron' --variant 'it'\''s cached' --set services.app.workers=50 --seed 7"
        );
    }
}
