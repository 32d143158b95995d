//! `surgelab run`, and what every study takes: its answer, its page, and the exit code of its verdict.

use super::args::{Asked, RunArgs, ScenarioArgs};
use super::failure::{Failure, OBJECTIVES_FAILED};
use super::interrupts::Interrupts;
use super::memory;
use super::output::{Target, Terminal};
use super::progress::Progress;
use super::source::{compile, experiment};
use crate::engine::Limits;
use crate::experiment::Compiled;
use crate::number::count;
use crate::plain;
use crate::report::{Context, Format, Look, page, render};
use crate::scenario;
use crate::study::{self, Answer, Executor, StudySpec};
use std::path::Path;
use std::process::ExitCode;

/// Simulate, tell, and say by the exit code whether the objectives held.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let RunArgs { scenario, seed, jobs, budget, outlet, .. } = args.clone();
    let options: Vec<String> =
        args.replications.iter().flat_map(|n| ["--replications".to_owned(), n.to_string()]).collect();
    let study = args.replications.map_or(StudySpec::Run, StudySpec::Replicate);
    answer(&Asked { scenario, seed, jobs, budget, outlet }, "run", study, &options, terminal)
}

/// Loads, runs and tells; `name` and `options` are what is typed for it beside the rest.
pub(super) fn answer(
    asked: &Asked,
    name: &str,
    study: StudySpec,
    options: &[String],
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let alone = study == StudySpec::Run;
    let ask = |on: &On| Ok(study::answer(study, on.compiled, on.executor, on.progress)?);
    asked_by(asked, name, options, terminal, alone, ask)
}

/// What a study is run on.
pub(super) struct On<'a> {
    pub compiled: &'a Compiled,
    pub executor: Executor,
    /// Hears the share done.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// The same with a study that is run by `ask`; `alone`: it is one run.
pub(super) fn asked_by(
    asked: &Asked,
    name: &str,
    options: &[String],
    terminal: &Terminal,
    alone: bool,
    ask: impl FnOnce(&On) -> Result<Answer, Failure>,
) -> Result<ExitCode, Failure> {
    let format = format(asked.outlet.format, asked.outlet.output.as_deref())?;
    let mut compiled = compile(&experiment(&asked.scenario, asked.seed)?)?;
    let loaded = &compiled.loaded;
    terminal.warn(|color| scenario::render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let executor = Executor::jobs(asked.jobs.map_or(0, usize::from));
    let outlet = asked.outlet.output.as_deref().map(Target::open).transpose()?;
    compiled.limits = asked.budget.over(limits(if alone { 1 } else { executor.width() }));
    let interrupts = Interrupts::begin(&compiled.halt, asked.budget.time_limit);
    let progress = Progress::new(terminal);
    let answer = ask(&On { compiled: &compiled, executor, progress: &|share| progress.tell(share) });
    let took = progress.finish().as_secs_f64();
    let answer = match (answer, interrupts.code()) {
        (Err(failure), Some(code)) => {
            terminal.complain(&failure);
            return Ok(code);
        }
        (answer, _) => answer?,
    };
    if let (Some(reason), false) = (compiled.halt.reason(), alone) {
        terminal.note(&format!("{reason}: this is of the runs that were done"));
    }
    if let Answer::Run(results) = &answer {
        terminal.note_if_watched(&format!("{} events in {took:.1} s", count(results.engine.events)));
    }
    let command = [command(name, &asked.scenario, compiled.seed).as_str()]
        .into_iter()
        .chain(options.iter().chain(&asked.budget.options()).map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    let code = tell(&answer, format, &command, outlet, &compiled, terminal)?;
    Ok(match (interrupts.code(), compiled.halt.reason()) {
        (Some(code), _) => code,
        (None, Some(_)) => ExitCode::FAILURE,
        (None, None) => code,
    })
}

/// What a run may take where nobody says otherwise, with so many at once.
fn limits(at_once: usize) -> Limits {
    /// However little there is: a small system needs no more.
    const LEAST: u64 = 64_000_000;
    let allowed = memory::allowed().map_or(u64::MAX, |bytes| bytes / 2);
    let state = Limits::DEFAULT.state.min(allowed) / at_once.max(1) as u64;
    Limits { state: state.max(LEAST), ..Limits::DEFAULT }
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
    command: &str,
    outlet: Option<Target>,
    compiled: &Compiled,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let model = format.has_pictures().then_some(&*compiled.model);
    let context = Context { command, teaches: &compiled.loaded.scenario.teaches, model };
    let look = if outlet.is_some() { Look { color: terminal.color(true), width: 100 } } else { terminal.look() };
    let text = render(&page(answer, &context), answer, format, look);
    let written = match outlet {
        Some(target) => target.write(text.as_bytes(), terminal),
        None => terminal.print(&text),
    };
    match written {
        Ok(()) | Err(Failure::PipeClosed) => {
            // What stopped early was told as far as it came.
            Ok(match (answer.is_complete(), answer.pass()) {
                (false, _) => ExitCode::FAILURE,
                (true, true) => ExitCode::SUCCESS,
                (true, false) => ExitCode::from(OBJECTIVES_FAILED),
            })
        }
        Err(failure) => Err(failure),
    }
}

/// What to type to get the same answer again.
fn command(name: &str, scenario: &ScenarioArgs, seed: u64) -> String {
    let mut words = vec!["surgelab".to_owned(), name.to_owned(), quote(&scenario.scenario)];
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quote(value)]);
    if let Some(variant) = &scenario.variant {
        option("--variant", variant);
    }
    for (path, value) in &scenario.sets {
        option("--set", &format!("{path}={value}"));
    }
    if let Some(horizon) = &scenario.horizon {
        option("--horizon", horizon);
    }
    option("--seed", &seed.to_string());
    words.join(" ")
}

/// A word as a POSIX shell reads it. What is hidden in it is written out.
pub(super) fn quote(word: &str) -> String {
    if word.contains(plain::is_hidden) {
        let bytes = |c: char| c.to_string().bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let sign = |c: char| match c {
            '\n' => "\\n".to_owned(),
            '\\' | '\'' => format!("\\{c}"),
            c if plain::is_hidden(c) => bytes(c),
            c => c.to_string(),
        };
        return format!("$'{}'", word.chars().map(sign).collect::<String>());
    }
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
            command("run", &args.scenario, 7),
            r"surgelab run 'a file.ron' --variant 'it'\''s cached' --set services.app.workers=50 --seed 7"
        );
    }
}
