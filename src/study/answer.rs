//! What a study found: one closed list of answers, the same for the command line, the host, files and reports.
//!
//! As JSON an answer is its record and nothing around it. Every record but that of a single run names its `study`.

use super::{Capacity, Comparison, Diff, Ladder, Pareto, Recovery, Replications, Sensitivity, Sweep};
use crate::measure::Results;
use crate::measure::catalogue::describe;
use crate::measure::results;
use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

/// An answer. Read from JSON it is tried in this order: a run's results, which name no study, stand last.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// The same with other seeds.
    Replications(Box<Replications>),
    /// The largest load that keeps the objectives.
    Capacity(Box<Capacity>),
    /// Variants on the same crowd.
    Comparison(Box<Comparison>),
    /// The points of a grid.
    Sweep(Box<Sweep>),
    /// What breaks first, second, third.
    Ladder(Box<Ladder>),
    /// Which number moves the capacity most.
    Sensitivity(Box<Sensitivity>),
    /// The designs that no other beats.
    Pareto(Box<Pareto>),
    /// Above which load it falls, and below which it comes back.
    Recovery(Box<Recovery>),
    /// What a change does to a system.
    Diff(Box<Diff>),
    /// One run.
    Run(Box<Results>),
}

/// Which of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// [`Answer::Run`]
    Run,
    /// [`Answer::Replications`]
    Replications,
    /// [`Answer::Capacity`]
    Capacity,
    /// [`Answer::Comparison`]
    Comparison,
    /// [`Answer::Sweep`]
    Sweep,
    /// [`Answer::Ladder`]
    Ladder,
    /// [`Answer::Sensitivity`]
    Sensitivity,
    /// [`Answer::Pareto`]
    Pareto,
    /// [`Answer::Recovery`]
    Recovery,
    /// [`Answer::Diff`]
    Diff,
}

impl Answer {
    /// Why it was ended before its end. A single run says that in its results.
    pub fn interrupted(&self) -> Option<&str> {
        match self {
            Answer::Run(_) => None,
            Answer::Replications(answer) => answer.interrupted.as_deref(),
            Answer::Capacity(answer) => answer.interrupted.as_deref(),
            Answer::Comparison(answer) => answer.interrupted.as_deref(),
            Answer::Sweep(answer) => answer.interrupted.as_deref(),
            Answer::Ladder(answer) => answer.interrupted.as_deref(),
            Answer::Sensitivity(answer) => answer.interrupted.as_deref(),
            Answer::Pareto(answer) => answer.interrupted.as_deref(),
            Answer::Recovery(answer) => answer.interrupted.as_deref(),
            Answer::Diff(answer) => answer.interrupted.as_deref(),
        }
    }

    /// Every objective held and every run reached its horizon. What was interrupted has passed nothing.
    pub fn pass(&self) -> bool {
        if self.interrupted().is_some() {
            return false;
        }
        match self {
            Answer::Run(results) => results.pass(),
            Answer::Replications(answer) => answer.pass(),
            Answer::Capacity(answer) => answer.pass(),
            Answer::Comparison(answer) => answer.pass(),
            Answer::Sweep(answer) => answer.pass(),
            Answer::Ladder(answer) => answer.pass(),
            Answer::Sensitivity(answer) => answer.pass(),
            Answer::Pareto(answer) => answer.pass(),
            Answer::Recovery(answer) => answer.pass(),
            Answer::Diff(answer) => answer.pass(),
        }
    }

    /// Every run reached its horizon, and none is missing.
    pub fn is_complete(&self) -> bool {
        if self.interrupted().is_some() {
            return false;
        }
        match self {
            Answer::Run(results) => results.stopped.is_none(),
            Answer::Replications(answer) => answer.stopped == 0,
            Answer::Sweep(answer) => answer.is_complete(),
            Answer::Diff(answer) => answer.is_complete(),
            Answer::Capacity(_)
            | Answer::Comparison(_)
            | Answer::Ladder(_)
            | Answer::Sensitivity(_)
            | Answer::Pareto(_)
            | Answer::Recovery(_) => true,
        }
    }

    /// Hash of everything else in it, 16 hex digits.
    pub fn digest(&self) -> &str {
        match self {
            Answer::Run(results) => &results.results_digest,
            Answer::Replications(answer) => &answer.results_digest,
            Answer::Capacity(answer) => &answer.results_digest,
            Answer::Comparison(answer) => &answer.results_digest,
            Answer::Sweep(answer) => &answer.results_digest,
            Answer::Ladder(answer) => &answer.results_digest,
            Answer::Sensitivity(answer) => &answer.results_digest,
            Answer::Pareto(answer) => &answer.results_digest,
            Answer::Recovery(answer) => &answer.results_digest,
            Answer::Diff(answer) => &answer.results_digest,
        }
    }

    /// Its digest is that of everything else in it, as it was when it was made.
    pub fn is_sealed(&self) -> bool {
        let said = self.digest().to_owned();
        let mut opened = self.clone();
        opened.digest_mut().clear();
        said == results::digest_of(&opened)
    }

    fn digest_mut(&mut self) -> &mut String {
        match self {
            Answer::Run(results) => &mut results.results_digest,
            Answer::Replications(answer) => &mut answer.results_digest,
            Answer::Capacity(answer) => &mut answer.results_digest,
            Answer::Comparison(answer) => &mut answer.results_digest,
            Answer::Sweep(answer) => &mut answer.results_digest,
            Answer::Ladder(answer) => &mut answer.results_digest,
            Answer::Sensitivity(answer) => &mut answer.results_digest,
            Answer::Pareto(answer) => &mut answer.results_digest,
            Answer::Recovery(answer) => &mut answer.results_digest,
            Answer::Diff(answer) => &mut answer.results_digest,
        }
    }

    /// The command that asks for it.
    pub fn study(&self) -> &str {
        match self {
            Answer::Run(_) => "run",
            Answer::Replications(_) => "run --replications",
            Answer::Capacity(answer) => &answer.study,
            Answer::Comparison(answer) => &answer.study,
            Answer::Sweep(answer) => &answer.head.study,
            Answer::Ladder(answer) => &answer.study,
            Answer::Sensitivity(answer) => &answer.study,
            Answer::Pareto(answer) => &answer.study,
            Answer::Recovery(answer) => &answer.study,
            Answer::Diff(answer) => &answer.study,
        }
    }
}

impl AnswerKind {
    /// JSON Schema of the record.
    pub fn schema(self) -> Schema {
        let mut schema = match self {
            AnswerKind::Run => schema_for!(Results),
            AnswerKind::Replications => schema_for!(Replications),
            AnswerKind::Capacity => schema_for!(Capacity),
            AnswerKind::Comparison => schema_for!(Comparison),
            AnswerKind::Sweep => schema_for!(Sweep),
            AnswerKind::Ladder => schema_for!(Ladder),
            AnswerKind::Sensitivity => schema_for!(Sensitivity),
            AnswerKind::Pareto => schema_for!(Pareto),
            AnswerKind::Recovery => schema_for!(Recovery),
            AnswerKind::Diff => schema_for!(Diff),
        };
        describe(&mut schema);
        schema
    }
}
