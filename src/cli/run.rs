//! `surgelab run`, and what every study takes: its answer, its page, and the exit code of its verdict.

use super::args::{Asked, JournalArgs, RunArgs, ScenarioArgs};
use super::failure::Failure;
use super::interrupts::Interrupts;
use super::link;
use super::listed::listed;
use super::memory;
use super::outlet::Outlets;
use super::output::Terminal;
use super::progress::Progress;
use super::source::{asked as experiment_of, compile, given};
use super::together::together;

use crate::engine::Limits;
use crate::experiment::{Compiled, Experiment};
use crate::number::count;
pub(super) use crate::plain::shell_word as quote;
use crate::scenario;
use crate::share::Shared;
use crate::study::{self, Answer, Executor, StudySpec};
use std::process::ExitCode;

/// Simulate, tell, and say by the exit code whether the objectives held.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let RunArgs { scenario, seed, jobs, budget, outlet, .. } = args.clone();
    let asked = Asked { scenario, seed, jobs, budget, outlet };
    match args.replications {
        Some(replications) => {
            let options = ["--replications".to_owned(), replications.to_string()];
            listed(&asked, "run", StudySpec::Replicate(replications), &options, &args.rows, terminal)
        }
        None if args.rows.rows.is_some() => Err(Failure::Usage {
            message: "--rows is of runs of which there are many, and this is one".to_owned(),
            help: "say how many: --replications 100".to_owned(),
        }),
        None => answer(&asked, "run", StudySpec::Run, &[], &JournalArgs::default(), terminal),
    }
}

/// Loads, runs and tells; `name` and `options` are what is typed for it beside the rest.
pub(super) fn answer(
    asked: &Asked,
    name: &str,
    study: StudySpec,
    options: &[String],
    journal: &JournalArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let question = Question::read(asked, name, options, study == StudySpec::Run, terminal)?;
    let answer = question.ask(terminal, |on| match &journal.journal {
        Some(folder) => together(study, on, folder, journal.patience, terminal),
        None => Ok(study::answer(study, on.compiled, on.executor, on.progress)?),
    });
    question.tell(answer, terminal)
}

/// A scenario that something is asked of, read and checked.
pub(super) struct Question<'a> {
    asked: &'a Asked,
    pub experiment: Experiment,
    /// What it was opened from, where nothing was changed.
    shared: Option<Shared>,
    pub compiled: Compiled,
    /// What to type to get the same answer again.
    pub command: String,
    outlets: Outlets,
    /// It is one run.
    alone: bool,
    interrupts: Interrupts,
}

/// What a study is run on.
pub(super) struct On<'a> {
    pub compiled: &'a Compiled,
    pub executor: Executor,
    /// Hears the share done.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

impl<'a> Question<'a> {
    /// What is weak in the scenario is told; from now on signals and the clock end what is run of it.
    pub fn read(
        asked: &'a Asked,
        name: &str,
        options: &[String],
        alone: bool,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let outlets = Outlets::new(&asked.outlet)?;
        let given = given(&asked.scenario.scenario)?;
        let shared = given.shared.clone().filter(|_| alone && link::is_as_shared(&asked.scenario, asked.seed));
        let experiment = experiment_of(&asked.scenario, asked.seed, given)?;
        let mut compiled = compile(&experiment)?;
        let loaded = &compiled.loaded;
        terminal.warn(|color| scenario::render(&loaded.warnings, &loaded.name, &loaded.text, color));
        let at_once = if alone { 1 } else { Executor::jobs(asked.jobs.map_or(0, usize::from)).width() };
        compiled.limits = asked.budget.over(limits(at_once));
        let interrupts = Interrupts::begin(&compiled.halt, asked.budget.time_limit);
        let command = [command(name, &asked.scenario, compiled.seed)];
        let budget = asked.budget.options();
        let command = command.iter().chain(options).chain(&budget).map(String::as_str).collect::<Vec<_>>().join(" ");
        Ok(Self { asked, experiment, shared, compiled, command, outlets, alone, interrupts })
    }

    /// Runs it, with a bar where somebody watches.
    pub fn ask<T>(&self, terminal: &Terminal, ask: impl FnOnce(&On) -> Result<T, Failure>) -> Result<T, Failure> {
        let executor = Executor::jobs(self.asked.jobs.map_or(0, usize::from));
        let progress = Progress::new(terminal);
        let done = ask(&On { compiled: &self.compiled, executor, progress: &|share| progress.tell(share) })?;
        let took = progress.finish().as_secs_f64();
        terminal.note_if_watched(&format!("{took:.1} s"));
        Ok(done)
    }

    /// The answer where it is wanted, as it is wanted; the exit code is its verdict, or says what ended it.
    pub fn tell(self, answer: Result<Answer, Failure>, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let answer = match (answer, self.ended_by()) {
            (Err(failure), Some(code)) => {
                terminal.complain(&failure);
                return Ok(code);
            }
            (answer, _) => answer?,
        };
        if let (Some(reason), false) = (self.compiled.halt.reason(), self.alone) {
            terminal.note(&format!("{reason}: this is of the runs that were done"));
        }
        if let Answer::Run(results) = &answer {
            terminal.note_if_watched(&format!("{} events", count(results.engine.events)));
            if let Some(shared) = self.shared.as_ref().filter(|_| answer.is_complete()) {
                link::compare(shared, results, terminal)?;
            }
        }
        let ended = self.ended_by();
        let code = self.outlets.tell(&answer, &self.command, Some(&self.compiled), terminal)?;
        Ok(ended.unwrap_or(code))
    }

    /// What a signal or the end of the time says as an exit code.
    pub fn ended_by(&self) -> Option<ExitCode> {
        self.interrupts.code().or_else(|| self.compiled.halt.reason().map(|_| ExitCode::FAILURE))
    }
}

/// What a run may take where nobody says otherwise, with so many at once.
fn limits(at_once: usize) -> Limits {
    /// However little there is: a small system needs no more.
    const LEAST: u64 = 64_000_000;
    let allowed = memory::allowed().map_or(u64::MAX, |bytes| bytes / 2);
    let state = Limits::DEFAULT.state.min(allowed) / at_once.max(1) as u64;
    Limits { state: state.max(LEAST), ..Limits::DEFAULT }
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
