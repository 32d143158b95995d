//! `surgelab diff`: base and head resolved, measured alike, and compared.

use super::args::{DiffArgs, ScenarioArgs};
use super::failure::Failure;
use super::outlet::Outlets;
use super::output::Terminal;
use super::run::{On, Question, command, quote};
use super::source::{compile, experiment, is_new, read};
use super::studies::option;
use crate::experiment::Compiled;
use crate::number::sentence::percent;
use crate::report::Format;
use crate::scenario::nearest::{list, nearest};
use crate::study::{self, Answer, Diff, DiffPlan, DiffSide, DiffTerms, Level, Levels, StudySpec};
use std::process::ExitCode;

/// One of the two as it was found.
enum Found {
    /// To be measured.
    Scenario(Box<Compiled>),
    /// Measured before.
    Saved(Box<DiffSide>),
    /// There is none, and why.
    Absent(String),
}

/// Compare base and head, and say by the exit code whether anything is lost.
pub fn diff(args: &DiffArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let terms = DiffTerms { levels: Levels(args.levels.clone()), margin: args.margin };
    let name = format!("diff {}", quote(&args.base));
    let options = options(args);
    if let Some(head) = saved(&args.asked.scenario.scenario)? {
        let outlets = Outlets::new(&args.asked.outlet)?;
        let base = match base(args, head.seed)? {
            Found::Saved(base) => base,
            Found::Scenario(base) => return Err(only_saved(&base.loaded.name)),
            Found::Absent(why) => return Err(Failure::Usage { message: why, help: "give two saved answers".into() }),
        };
        check_levels(&terms.levels, [Some(&*base), Some(&head)].into_iter().flatten())?;
        let seed = head.seed;
        let answer = Answer::Diff(Box::new(Diff::between(Some(*base), None, head, &terms)));
        let command = [vec![command(&name, &args.asked.scenario, seed)], options].concat().join(" ");
        return outlets.tell(&answer, &command, None, terminal);
    }
    let question = Question::read(&args.asked, &name, &options, false, terminal)?;
    let saved = args.asked.outlet.has(Format::Json);
    let answer = question.ask(terminal, |on| measured(args, &terms, saved, on));
    question.tell(answer, terminal)
}

/// Head is a scenario: base is measured first, unless it is known. Where both mean the same nothing can be lost: one
/// run says what it is, unless the answer is `saved` to be compared with later.
fn measured(args: &DiffArgs, terms: &DiffTerms, saved: bool, on: &On) -> Result<Answer, Failure> {
    let head = on.compiled;
    let plan = |base: Option<Box<DiffSide>>, alone| DiffPlan {
        base,
        alone,
        replications: args.replications,
        whole: args.asked.scenario.horizon.is_some(),
        terms: terms.clone(),
    };
    let run = |plan: DiffPlan, compiled: &Compiled, progress: &(dyn Fn(f64) + Sync)| {
        study::answer(StudySpec::Diff(plan), compiled, on.executor, progress).map_err(Failure::from)
    };
    let (known, compiled, alone) = match base(args, head.seed)? {
        Found::Saved(side) => (Some(side), None, None),
        Found::Scenario(compiled) => (None, Some(compiled), None),
        Found::Absent(why) => (None, None, Some(why)),
    };
    let known_names = known.iter().flat_map(|side| side.objectives());
    let names: Vec<(&str, &str)> =
        known_names.chain(compiled.iter().flat_map(|c| objectives(c))).chain(objectives(head)).collect();
    check_names(&terms.levels, &names)?;
    let Some(mut compiled) = compiled else {
        return run(plan(known, alone), head, on.progress);
    };
    // What ends head ends base.
    (compiled.limits, compiled.halt) = (head.limits, head.halt.clone());
    let same = compiled.model.digest == head.model.digest;
    let plan_of_base = if same && !saved { glance(plan(None, None)) } else { plan(None, None) };
    let first = run(plan_of_base, &compiled, &|share| (on.progress)(share / 2.0))?;
    let Answer::Diff(first) = first else { return Ok(first) };
    if first.interrupted.is_some() {
        return Err(study::no_answer(&compiled).into());
    }
    let base = first.head;
    if same {
        // The same model with the same seeds gives the same runs.
        let copy =
            DiffSide { name: head.loaded.name.clone(), text: Some(head.loaded.text.to_string()), ..base.clone() };
        return Ok(Answer::Diff(Box::new(Diff::between(Some(base), None, copy, terms))));
    }
    run(plan(Some(Box::new(base)), None), head, &|share| (on.progress)(0.5 + share / 2.0))
}

/// One run, and no search.
fn glance(mut plan: DiffPlan) -> DiffPlan {
    plan.terms.levels.0.push((study::CAPACITY.to_owned(), Level::Off));
    DiffPlan { replications: 1, ..plan }
}

/// What head is compared with, run from the same seed. A base that is wrong is no reason not to judge head.
fn base(args: &DiffArgs, seed: u64) -> Result<Found, Failure> {
    if is_new(&args.base)? {
        return Ok(Found::Absent(format!("there is no {}, so head is new", args.base)));
    }
    if let Some(side) = saved(&args.base)? {
        return Ok(Found::Saved(Box::new(side)));
    }
    let scenario = ScenarioArgs { scenario: args.base.clone(), ..args.asked.scenario.clone() };
    match compile(&experiment(&scenario, Some(seed))?) {
        Ok(compiled) => Ok(Found::Scenario(Box::new(compiled))),
        Err(Failure::Invalid { name, problems, .. }) => {
            let first = problems.first().map_or_else(String::new, |problem| format!(": {}", problem.message));
            let more = problems.len().saturating_sub(1);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            Ok(Found::Absent(format!("{name} does not check{first}{more}")))
        }
        // It is there, and has no such variant.
        Err(Failure::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(failure) => Err(failure),
    }
}

/// What a saved answer says; none where the text is a scenario.
fn saved(name: &str) -> Result<Option<DiffSide>, Failure> {
    if name == "-" {
        return Ok(None);
    }
    let (name, text) = read(name)?;
    // A scenario begins with a parenthesis or a comment.
    if !text.trim_start().starts_with('{') {
        return Ok(None);
    }
    DiffSide::saved(&name, &text).map(Some).map_err(|(message, help)| Failure::Usage { message, help })
}

fn only_saved(base: &str) -> Failure {
    Failure::Usage {
        message: format!("{base} is a scenario, and head is a saved answer"),
        help: "give two saved answers, or a scenario as HEAD".to_owned(),
    }
}

fn objectives(compiled: &Compiled) -> impl Iterator<Item = (&str, &str)> {
    let objectives = compiled.loaded.scenario.objectives.iter();
    objectives.flat_map(|(subject, texts)| texts.iter().map(move |text| (subject.as_str(), text.as_str())))
}

fn check_levels<'a>(levels: &Levels, sides: impl Iterator<Item = &'a DiffSide>) -> Result<(), Failure> {
    check_names(levels, &sides.flat_map(DiffSide::objectives).collect::<Vec<_>>())
}

/// Every level is that of something.
fn check_names(levels: &Levels, known: &[(&str, &str)]) -> Result<(), Failure> {
    let Some(name) = levels.unknown(known) else { return Ok(()) };
    let mut names: Vec<String> = vec![study::CAPACITY.to_owned()];
    names.extend(known.iter().map(|(subject, expression)| format!("{subject} {expression}")));
    names.dedup();
    let near = nearest(name, names.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    Err(Failure::Usage {
        message: format!("there is no objective `{name}` to give a level"),
        help: format!("{near}there is {}", list(names.iter().map(String::as_str))),
    })
}

fn options(args: &DiffArgs) -> Vec<String> {
    let levels = args.levels.iter().map(|(name, level)| format!("{name}={}", level.name()));
    let mut options: Vec<String> = levels.flat_map(|level| option("--level", level)).collect();
    options.extend(option("--replications", args.replications));
    let margin = percent(args.margin).replace(' ', "");
    options.extend(option("--margin", margin));
    options
}
