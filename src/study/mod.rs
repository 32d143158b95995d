//! Studies: runs that answer one question, be it one run or many.
//!
//! A study is a small state machine: it names the points it wants next, is given what each yielded, and finishes with
//! its [`Answer`]. It knows nothing of models and threads: a point says how the scenario is changed and with which seed
//! it runs, and a driver runs the points, on many threads ([`answer()`]) or a portion at a time beside other work
//! ([`Portions`]). Results are given in the order in which their points were named: the bytes of an answer do not
//! depend on the driver. Where one machine is too small, studies that know their points beforehand are run in shards
//! whose rows are merged ([`Listed`], [`Partition`], [`merge()`]); of others processes share the runs ([`journal`]).

mod answer;
mod capacity;
mod capacity_answer;
mod compare;
mod design;
mod diff;
mod diff_answer;
mod diff_levels;
mod diff_side;
mod driver;
mod ended;
mod executor;
mod figures;
pub mod journal;
mod ladder;
mod load;
mod merge;
mod pareto;
mod recovery;
mod relief;
mod replicate;
mod rows;
mod run;
mod search;
mod sensitivity;
mod shard;
mod effort;
pub mod stats;
mod sweep;
mod sweep_kept;
mod warm_up;
mod workers;

pub use answer::{Answer, AnswerKind};
pub use capacity::CapacityPlan;
pub use capacity_answer::{Binding, Capacity, Limit, Missed, SeedLimit, ShortRuns};
pub use compare::{Candidate, ComparePlan, Compared, Comparison};
pub use design::{Axis, Choices, names};
pub use diff::{DiffPlan, DiffTerms, MeasureDiff};
pub use diff_answer::{CapacityDiff, Diff, FigureDiff, KeptIn, LimitDiff, ObjectiveDiff, Reach, Turn};
pub use diff_levels::{CAPACITY, Level, Levels};
pub use diff_side::{DiffSide, SideFigure, SideObjective, SideRun};
pub use driver::{Portions, RunOptions, answer, drive, no_answer, run};
pub use effort::Spent;
pub use executor::Executor;
pub use figures::GIVEN_UP;
pub use ladder::{Ladder, LadderEnd, LadderPlan, Relief, Rung, Target};
pub use load::LoadUnit;
pub use merge::{Inconsistent, MergeFailure, Merged, RowsFile, merge};
pub use pareto::{Pareto, ParetoPlan, Weighed};
pub use recovery::{Branch, PUSH_S, Push, Recovery, RecoveryLimit, RecoveryPlan, RecoveryRun, Searched};
pub use relief::Change;
pub use replicate::{Figure, FirstBroken, MissedObjective, Plan, Replicate, Replication, Replications};
pub use rows::{Listed, RowsHead};
pub use run::Once;
pub use sensitivity::{Moved, Sensitivity, SensitivityLimit, SensitivityPlan, Side};
pub use shard::{Partition, PartitionKind};
pub use stats::{Estimate, Share};
pub use sweep::{RunSweep, Sweep, SweepHead, SweepPlan, SweepRow};
pub use warm_up::WarmUp;

use crate::experiment::{Compiled, LoadFailure};
use crate::measure::Results;
use crate::scenario::Edit;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A run that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The variant that takes the place of the one that was asked for; absent: that one.
    pub variant: Option<String>,
    /// How the scenario is changed for it, in this order.
    pub edits: Vec<Edit>,
    /// Root of every random draw.
    pub seed: u64,
    /// All that is asked is whether its objectives hold: it may end as soon as that is certain.
    #[serde(default)]
    pub until_decided: bool,
}

impl Point {
    /// The scenario with edits, to its horizon.
    pub fn new(edits: Vec<Edit>, seed: u64) -> Self {
        Self { variant: None, edits, seed, until_decided: false }
    }

    /// The same of which only the verdict is asked.
    pub(crate) fn searched(edits: Vec<Edit>, seed: u64) -> Self {
        Self { until_decided: true, ..Self::new(edits, seed) }
    }
}

/// A question that runs answer.
pub trait Study: Debug + Send {
    /// The next points to run, at most `most` (at least one is named if any can be). None means: nothing more before
    /// what was named is given, and once all of that was given, nothing more at all.
    fn next_points(&mut self, most: usize) -> Vec<Point>;

    /// What a point yielded. Every point that was named is given once, in the order of naming.
    fn give(&mut self, point: &Point, results: Results);

    /// How many points there are in all, as far as can be told now; at least 1.
    fn length(&self) -> u32;

    /// The answer, of what was given; none when nothing was. `cut` says what ended it before its end, if something did:
    /// the answer says so, and nothing that the points that are missing could contradict.
    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer>;
}

/// A question as it is asked. Its seeds follow from the scenario's, or from the one that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StudySpec {
    /// What happens: one run.
    Run,
    /// The same with so many seeds, from the given one on: in how many it fails, and what breaks first.
    Replicate(u32),
    /// The largest load that keeps the objectives.
    Capacity(CapacityPlan),
    /// What variants change, on the same crowd.
    Compare(ComparePlan),
    /// The points of a grid over fields and variants.
    Sweep(SweepPlan),
    /// What breaks first, second, third.
    Ladder(LadderPlan),
    /// Which number moves the capacity most.
    Sensitivity(SensitivityPlan),
    /// The designs that no other beats.
    Pareto(ParetoPlan),
    /// Above which load it falls, and below which it comes back.
    Recovery(RecoveryPlan),
    /// What a change does, by what is known of the system before it.
    Diff(DiffPlan),
}

impl StudySpec {
    /// The study of a scenario, at its beginning.
    ///
    /// # Errors
    /// The scenario has nothing that it could ask of.
    pub fn begin(self, compiled: &Compiled) -> Result<Box<dyn Study>, LoadFailure> {
        let seed = compiled.seed;
        Ok(match self {
            StudySpec::Run => Box::new(Once::new(seed)),
            StudySpec::Replicate(replications) => Box::new(Replicate::of(Plan { seed, replications }, compiled)),
            StudySpec::Capacity(plan) => Box::new(capacity::FindCapacity::new(plan, compiled)?),
            StudySpec::Compare(plan) => Box::new(compare::Compare::new(&plan, compiled)?),
            StudySpec::Ladder(plan) => Box::new(ladder::ClimbLadder::new(plan, compiled)?),
            StudySpec::Recovery(plan) => Box::new(recovery::FindRecovery::new(plan, compiled)?),
            StudySpec::Sensitivity(plan) => Box::new(sensitivity::MeasureSensitivity::new(plan, compiled)?),
            StudySpec::Pareto(plan) => Box::new(pareto::WeighDesigns::new(plan, compiled)?),
            StudySpec::Diff(plan) => Box::new(MeasureDiff::new(plan, compiled)),
            StudySpec::Sweep(plan) => Box::new(RunSweep::new(&plan, compiled)?),
        })
    }

    /// The same where its points are known beforehand; none where they follow from results.
    ///
    /// # Errors
    /// The scenario has nothing that it could ask of.
    pub fn begin_listed(&self, compiled: &Compiled) -> Result<Option<Box<dyn Listed>>, LoadFailure> {
        let seed = compiled.seed;
        Ok(match self {
            StudySpec::Replicate(replications) => {
                Some(Box::new(Replicate::of(Plan { seed, replications: *replications }, compiled)))
            }
            StudySpec::Sweep(plan) => Some(Box::new(RunSweep::new(plan, compiled)?)),
            _ => None,
        })
    }
}
