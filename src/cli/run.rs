//! `surgelab run`, and what every study takes: its answer, its page, and the exit code of its verdict.

use super::args::{Asked, RunArgs, ScenarioArgs};
use super::failure::Failure;
use super::outlet::Outlets;
use super::output::Terminal;
use super::progress::Progress;
use super::source::{compile, experiment};
use crate::experiment::Compiled;
use crate::number::count;
use crate::scenario;
use crate::study::{self, Answer, Executor, StudySpec};
use std::process::ExitCode;

/// Simulate, tell, and say by the exit code whether the objectives held.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let RunArgs { scenario, seed, jobs, outlet, .. } = args.clone();
    let options: Vec<String> =
        args.replications.iter().flat_map(|n| ["--replications".to_owned(), n.to_string()]).collect();
    let study = args.replications.map_or(StudySpec::Run, StudySpec::Replicate);
    answer(&Asked { scenario, seed, jobs, outlet }, "run", study, &options, terminal)
}

/// Loads, runs and tells; `name` and `options` are what is typed for it beside the rest.
pub(super) fn answer(
    asked: &Asked,
    name: &str,
    study: StudySpec,
    options: &[String],
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let ask = |on: &On| Ok(study::answer(study, on.compiled, on.executor, on.progress)?);
    asked_by(asked, name, options, terminal, ask)
}

/// What a study is run on.
pub(super) struct On<'a> {
    pub compiled: &'a Compiled,
    pub executor: Executor,
    /// Hears the share done.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// The same with a study that is run by `ask`.
pub(super) fn asked_by(
    asked: &Asked,
    name: &str,
    options: &[String],
    terminal: &Terminal,
    ask: impl FnOnce(&On) -> Result<Answer, Failure>,
) -> Result<ExitCode, Failure> {
    let outlets = Outlets::new(&asked.outlet)?;
    let compiled = compile(&experiment(&asked.scenario, asked.seed)?)?;
    let loaded = &compiled.loaded;
    terminal.warn(|color| scenario::render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let executor = Executor::jobs(asked.jobs.map_or(0, usize::from));
    let progress = Progress::new(terminal);
    let answer = ask(&On { compiled: &compiled, executor, progress: &|share| progress.tell(share) })?;
    let took = progress.finish().as_secs_f64();
    if let Answer::Run(results) = &answer {
        terminal.note_if_watched(&format!("{} events in {took:.1} s", count(results.engine.events)));
    }
    let command = [command(name, &asked.scenario, compiled.seed).as_str()]
        .into_iter()
        .chain(options.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    outlets.tell(&answer, &command, Some(&compiled), terminal)
}

/// What to type to get the same answer again.
pub(super) fn command(name: &str, scenario: &ScenarioArgs, seed: u64) -> String {
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

/// A word as a POSIX shell reads it.
pub(super) fn quote(word: &str) -> String {
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
