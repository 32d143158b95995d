//! What a study found: one closed list of answers, the same for the command line, the host, files and reports.
//!
//! As JSON an answer is its record and nothing around it. Every record but that of a single run names its `study`.

use super::Replications;
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
}

impl Answer {
    /// Every objective held and every run reached its horizon.
    pub fn pass(&self) -> bool {
        match self {
            Answer::Run(results) => results.pass(),
            Answer::Replications(answer) => answer.pass(),
        }
    }

    /// Hash of everything else in it, 16 hex digits.
    pub fn digest(&self) -> &str {
        match self {
            Answer::Run(results) => &results.results_digest,
            Answer::Replications(answer) => &answer.results_digest,
        }
    }
}

impl AnswerKind {
    /// JSON Schema of the record.
    pub fn schema(self) -> Schema {
        let mut schema = match self {
            AnswerKind::Run => schema_for!(Results),
            AnswerKind::Replications => schema_for!(Replications),
        };
        describe(&mut schema);
        schema
    }
}
