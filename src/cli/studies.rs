//! The commands that ask a scenario more than one run can answer: each is a study, and the options that ask again.

use super::args::{
    CapacityArgs, ChoiceArgs, CompareArgs, LadderArgs, ParetoArgs, RecoveryArgs, SchemaArgs, SensitivityArgs, SweepArgs,
};
use super::catalogue;
use super::failure::Failure;
use super::listed::listed;
use super::output::Terminal;
use super::run::{answer, quote};
use crate::study::{
    AnswerKind, CapacityPlan, Choices, ComparePlan, LadderPlan, PUSH_S, ParetoPlan, Push, RecoveryPlan,
    SensitivityPlan, StudySpec, SweepPlan,
};
use crate::units::Span;
use std::process::ExitCode;

/// Rungs of a ladder that relieves by itself.
const RUNGS: u32 = 4;

/// Find the largest load that keeps the objectives, and say by the exit code whether that is what the file expects.
pub fn capacity(args: &CapacityArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let plan = CapacityPlan { surge: args.surge, whole: args.asked.scenario.horizon.is_some() };
    answer(&args.asked, "capacity", StudySpec::Capacity(plan), &flag("--surge", args.surge), &args.journal, terminal)
}

/// Tell what variants change on the same crowd, and say by the exit code whether any keeps the objectives.
pub fn compare(args: &CompareArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let plan = ComparePlan { variants: args.with.clone(), replications: args.replications };
    let with = args.with.iter().flat_map(|variant| ["--with".to_owned(), quote(variant)]);
    let options: Vec<String> = with.chain(option("--replications", args.replications)).collect();
    answer(&args.asked, "compare", StudySpec::Compare(plan), &options, &args.journal, terminal)
}

/// Tell what breaks first, second, third, and say by the exit code whether the target holds in the end.
pub fn ladder(args: &LadderArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let capacity = CapacityPlan { surge: args.surge, whole: args.asked.scenario.horizon.is_some() };
    let relief: Vec<String> = args.relief.iter().flatten().cloned().collect();
    let plan = LadderPlan { capacity, target: args.target, rungs: args.rungs.unwrap_or(RUNGS), relief };
    // As many steps as are given are taken, unless somebody says how many.
    let rungs = if plan.relief.is_empty() { plan.rungs } else { plan.relief.len() as u32 + 1 };
    let plan = LadderPlan { rungs: args.rungs.unwrap_or(rungs), ..plan };
    let mut options = flag("--surge", args.surge);
    options.extend(args.target.iter().flat_map(|target| option("--target", target)));
    options.extend(args.rungs.iter().flat_map(|rungs| option("--rungs", rungs)));
    options.extend(args.relief.iter().flat_map(|names| option("--relief", in_a_row(names))));
    answer(&args.asked, "ladder", StudySpec::Ladder(plan), &options, &args.journal, terminal)
}

/// Tell above which load it falls and below which it comes back, and say by the exit code whether it does under what
/// the file expects.
pub fn recovery(args: &RecoveryArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let lasting_s = args.lasting.map(Span::as_seconds);
    let push = args.push.map(|times| Push { times, lasting_s: lasting_s.unwrap_or(PUSH_S) });
    let plan = RecoveryPlan { push, replications: args.replications };
    let mut options: Vec<String> = push.iter().flat_map(|push| option("--push", format!("{}x", push.times))).collect();
    options.extend(push.iter().flat_map(|push| option("--lasting", format!("{}s", push.lasting_s))));
    options.extend(option("--replications", args.replications));
    answer(&args.asked, "recovery", StudySpec::Recovery(plan), &options, &args.journal, terminal)
}

/// Tell which number moves the capacity most, and say by the exit code whether there is a limit to move.
pub fn sensitivity(args: &SensitivityArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let capacity = CapacityPlan { surge: args.surge, whole: args.asked.scenario.horizon.is_some() };
    let plan = SensitivityPlan { capacity, of: args.of.clone(), replications: args.replications };
    let mut options = flag("--surge", args.surge);
    options.extend(args.of.iter().flat_map(|path| option("--of", path)));
    options.extend(option("--replications", args.replications));
    answer(&args.asked, "sensitivity", StudySpec::Sensitivity(plan), &options, &args.journal, terminal)
}

/// Weigh designs, and say by the exit code whether any keeps the objectives with the file's crowd.
pub fn pareto(args: &ParetoArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let capacity = CapacityPlan { surge: args.surge, whole: args.asked.scenario.horizon.is_some() };
    let plan = ParetoPlan { choices: args.choices.choices(), capacity, replications: args.replications };
    let mut options = args.choices.options();
    options.extend(flag("--surge", args.surge));
    options.extend(option("--replications", args.replications));
    answer(&args.asked, "pareto", StudySpec::Pareto(plan), &options, &args.journal, terminal)
}

/// Run the points of a grid, and say by the exit code whether any keeps the objectives.
pub fn sweep(args: &SweepArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let plan = SweepPlan { choices: args.choices.choices(), replications: args.replications };
    let options: Vec<String> =
        args.choices.options().into_iter().chain(option("--replications", args.replications)).collect();
    listed(&args.asked, "sweep", StudySpec::Sweep(plan), &options, &args.rows, terminal)
}

/// The JSON Schema of a record.
pub fn schema(of: SchemaArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let kinds = [
        (of.replications, AnswerKind::Replications),
        (of.capacity, AnswerKind::Capacity),
        (of.compare, AnswerKind::Comparison),
        (of.diff, AnswerKind::Diff),
        (of.sweep, AnswerKind::Sweep),
        (of.ladder, AnswerKind::Ladder),
        (of.sensitivity, AnswerKind::Sensitivity),
        (of.pareto, AnswerKind::Pareto),
        (of.recovery, AnswerKind::Recovery),
    ];
    if of.scenario {
        return catalogue::scenario_schema(terminal);
    }
    let asked = kinds.into_iter().find(|(asked, _)| *asked);
    catalogue::schema(asked.map_or(AnswerKind::Run, |(_, kind)| kind), terminal)
}

impl ChoiceArgs {
    fn choices(&self) -> Choices {
        Choices { axes: self.over.clone(), zip: self.zip }
    }

    fn options(&self) -> Vec<String> {
        let over = self.over.iter().flat_map(|axis| ["--over".to_owned(), quote(&axis.to_string())]);
        over.chain(flag("--zip", self.zip)).collect()
    }
}

pub(super) fn flag(name: &str, given: bool) -> Vec<String> {
    given.then(|| name.to_owned()).into_iter().collect()
}

pub(super) fn option(name: &str, value: impl ToString) -> [String; 2] {
    [name.to_owned(), quote(&value.to_string())]
}

/// Names as they are typed: those with a comma in quotes.
fn in_a_row(names: &[String]) -> String {
    let typed = |name: &String| if name.contains(',') { format!("\"{name}\"") } else { name.clone() };
    names.iter().map(typed).collect::<Vec<_>>().join(",")
}
