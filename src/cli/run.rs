//! `surgelab run`: one run, or replications.

use super::args::{Format, RunArgs};
use super::failure::{Failure, OBJECTIVES_FAILED};
use super::output::{Terminal, write_whole};
use super::progress::Progress;
use super::source::{experiment, load};
use crate::measure::Results;
use crate::model::Model;
use crate::report::{self, TextOptions};
use crate::scenario::{Loaded, render};
use crate::study::{self, Executor, Plan, Replications, RunOptions, Verdict};
use std::process::ExitCode;

/// Simulate, tell, and say by the exit code whether the objectives held.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let loaded = load(&experiment(&args.scenario, args.seed)?)?;
    terminal.warn(|color| render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let seed = args.seed.unwrap_or(loaded.scenario.seed);
    let options = RunOptions { seed: Some(seed), variant: args.scenario.variant.clone() };
    let progress = Progress::new(terminal);
    let invalid = |problems| Failure::Invalid { name: loaded.name.clone(), text: loaded.text.clone(), problems };
    let told = Told { args, loaded: &loaded, terminal, command: command(args, seed) };
    match args.replications {
        None => {
            let results = study::run(&loaded, &options, &mut |share| progress.tell(share)).map_err(invalid)?;
            let took = progress.finish();
            terminal.note_if_watched(&format!(
                "{} events in {:.1} s",
                report::count(results.engine.events),
                took.as_secs_f64()
            ));
            told.finish(&told.results(&results), results.pass())
        }
        Some(replications) => {
            let executor = Executor::jobs(args.jobs.map_or(0, usize::from));
            let plan = Plan { seed, replications };
            let answer =
                study::replicate(&loaded, &options, plan, executor, &|share| progress.tell(share)).map_err(invalid)?;
            progress.finish();
            told.finish(&told.replications(&answer), answer.pass())
        }
    }
}

struct Told<'a> {
    args: &'a RunArgs,
    loaded: &'a Loaded,
    terminal: &'a Terminal,
    command: String,
}

impl Told<'_> {
    fn format(&self) -> Format {
        let by_ending = || Format::by_ending(self.args.output.as_ref()?.extension()?.to_str()?);
        self.args.format.or_else(by_ending).unwrap_or(Format::Text)
    }

    fn look(&self) -> TextOptions<'_> {
        let file = self.args.output.is_some();
        let width = if file { 100 } else { self.terminal.width() };
        TextOptions {
            command: &self.command,
            teaches: &self.loaded.scenario.teaches,
            color: self.terminal.color(file),
            width,
        }
    }

    fn results(&self, results: &Results) -> String {
        match self.format() {
            Format::Text => report::text(results, self.look()),
            Format::Json => report::json(results),
            Format::Csv => report::csv(results),
            Format::Markdown => report::markdown(results, &self.command),
            Format::Junit => report::junit(results),
            Format::Html => {
                // What ran was compiled before.
                let model = Model::compile(self.loaded).ok();
                report::html(results, model.as_ref(), &self.loaded.scenario.teaches, &self.command)
            }
        }
    }

    fn replications(&self, answer: &Replications) -> String {
        match self.format() {
            Format::Text => report::text_replications(answer, self.look()),
            Format::Json => report::json(answer),
            Format::Csv => report::csv_replications(answer),
            Format::Markdown => report::markdown_replications(answer, &self.command),
            Format::Junit => report::junit_replications(answer),
            Format::Html => report::html_replications(answer, &self.command),
        }
    }

    fn finish(&self, text: &str, pass: bool) -> Result<ExitCode, Failure> {
        let written = match &self.args.output {
            Some(path) => write_whole(path, text.as_bytes()),
            None => self.terminal.print(text),
        };
        match written {
            Ok(()) | Err(Failure::PipeClosed) => {
                Ok(if pass { ExitCode::SUCCESS } else { ExitCode::from(OBJECTIVES_FAILED) })
            }
            Err(failure) => Err(failure),
        }
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
