//! What a study found: one closed list of answers, the same for the command line, the host, files and reports.
//!
//! As JSON an answer is its record and nothing around it. Every record but that of a single run names its `study`.

use super::{Capacity, Comparison, Replications};
use crate::measure::Results;
use crate::measure::catalogue::describe;
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
}

impl Answer {
    /// Every objective held and every run reached its horizon.
    pub fn pass(&self) -> bool {
        match self {
            Answer::Run(results) => results.pass(),
            Answer::Replications(answer) => answer.pass(),
            Answer::Capacity(answer) => answer.pass(),
            Answer::Comparison(answer) => answer.pass(),
        }
    }

    /// Every run reached its horizon.
    pub fn is_complete(&self) -> bool {
        match self {
            Answer::Run(results) => results.stopped.is_none(),
            Answer::Replications(answer) => answer.stopped == 0,
            Answer::Capacity(_) | Answer::Comparison(_) => true,
        }
    }

    /// Hash of everything else in it, 16 hex digits.
    pub fn digest(&self) -> &str {
        match self {
            Answer::Run(results) => &results.results_digest,
            Answer::Replications(answer) => &answer.results_digest,
            Answer::Capacity(answer) => &answer.results_digest,
            Answer::Comparison(answer) => &answer.results_digest,
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
        };
        describe(&mut schema);
        schema
    }
}
