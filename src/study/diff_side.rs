//! One of the two that a diff compares, as a record: runs of a scenario and the search of its capacity. It is measured,
//! or taken from an answer that was saved.

use super::figures::{self, Measured};
use super::{Answer, Capacity, Replication};
use crate::measure::results::{self, Results, ScenarioRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Base or head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffSide {
    /// Where it is from: a file, a built-in scenario, a file of a revision, a saved answer.
    pub name: String,
    /// What was run.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// Measured length of each run in seconds; 0 where there is none.
    pub horizon_s: f64,
    /// Seed of the first run; the others follow by ones.
    pub seed: u64,
    /// The program that ran it; absent: the answer it was taken from does not say.
    pub version: Option<String>,
    /// Each run with the file's own crowd.
    pub runs: Vec<SideRun>,
    /// The largest load that keeps the objectives; absent: nobody looked.
    pub capacity: Option<Capacity>,
    /// The scenario, variant and settings applied; absent: the answer it was taken from does not have it.
    pub text: Option<String>,
}

/// A run of a side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideRun {
    #[serde(flatten)]
    pub run: Replication,
    /// Why it ended before its horizon, if it did.
    pub stopped: Option<String>,
    /// What saturated first, else what went down first; absent: nothing did.
    pub first_broken: Option<String>,
    /// Each objective, in file order.
    pub objectives: Vec<SideObjective>,
    /// Its main figures.
    pub figures: Vec<SideFigure>,
}

/// What came of an objective in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideObjective {
    /// What it is about.
    pub subject: String,
    /// As in the file.
    pub expression: String,
    /// In its unit; absent where nothing was observed or it is infinite.
    pub observed: Option<f64>,
    /// It held, or it is `optional` and there was nothing to observe.
    pub pass: bool,
}

/// A figure of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideFigure {
    /// Source, operation of a queue or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share", "completed_share", "latency_p95_s",
    /// "messages_given_up_share", "total"
    pub metric: String,
    /// Absent where the run had none: a percentile of nothing.
    pub value: Option<f64>,
}

impl SideRun {
    /// What is kept of a run. One that does not go on to its end keeps no objective.
    #[must_use]
    pub fn of(results: &Results) -> Self {
        let ended = results.stopped.is_none();
        let objective = |objective: &results::ObjectiveResult| SideObjective {
            subject: objective.subject.clone(),
            expression: objective.expression.clone(),
            observed: objective.observed,
            pass: objective.pass && ended,
        };
        let figure = |Measured { subject, metric, value }| SideFigure { subject, metric: metric.into(), value };
        Self {
            run: Replication::of(results),
            stopped: results.stopped.as_ref().map(|stopped| stopped.reason.clone()),
            first_broken: figures::first_broken(results).map(|(subject, _)| subject),
            objectives: results.objectives.iter().map(objective).collect(),
            figures: figures::main(results).into_iter().map(figure).collect(),
        }
    }

    /// One of its figures.
    pub(super) fn value(&self, subject: &str, metric: &str) -> Option<f64> {
        let is = |figure: &&SideFigure| figure.subject == subject && figure.metric == metric;
        self.figures.iter().find(is).and_then(|figure| figure.value)
    }

    /// What came of one of its objectives.
    pub(super) fn objective(&self, subject: &str, expression: &str) -> Option<&SideObjective> {
        self.objectives.iter().find(|known| known.subject == subject && known.expression == expression)
    }
}

impl DiffSide {
    /// Its objectives in file order: subject and expression.
    pub fn objectives(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = self.runs.first().map_or(&[][..], |run| &run.objectives);
        known.iter().map(|objective| (objective.subject.as_str(), objective.expression.as_str()))
    }

    /// What broke first in most of its runs; absent: nothing did.
    #[must_use]
    pub fn first_broken(&self) -> Option<String> {
        figures::most_often(self.runs.iter().map(|run| &run.first_broken))
    }

    /// What a saved answer says of a system: the head of an earlier diff, or a capacity.
    ///
    /// # Errors
    /// Why nothing can be taken from it, and what to do.
    pub fn saved(name: &str, text: &str) -> Result<Self, (String, String)> {
        let kinds = "a saved answer is the JSON of `surgelab diff` or `capacity`";
        let fail = |message: String, help: &str| Err((message, help.to_owned()));
        let answer: Answer = match serde_json::from_str(text) {
            Ok(answer) => answer,
            Err(error) => {
                let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                return match value.get("schema").and_then(serde_json::Value::as_u64) {
                    Some(schema) if schema != u64::from(results::SCHEMA) => fail(
                        format!("{name} was saved by another version: its schema is {schema}, not {}", results::SCHEMA),
                        "save it again with this program",
                    ),
                    Some(_) => fail(format!("{name} is no answer that this program can read"), kinds),
                    None => fail(format!("{name} is no saved answer: {error}"), kinds),
                };
            }
        };
        // Another version may have had figures that this one does not read; that it is another is told with the answer.
        let version = match &answer {
            Answer::Diff(diff) => Some(diff.version.as_str()),
            Answer::Run(results) => Some(results.engine.version.as_str()),
            _ => None,
        };
        let is_ours = version.is_none_or(|version| version == env!("CARGO_PKG_VERSION"));
        if is_ours && !answer.is_sealed() {
            let message = format!("{name} was changed after it was saved: its digest is another");
            return fail(message, "save it again, or compare with the scenario itself");
        }
        if let Some(why) = answer.interrupted() {
            return fail(format!("{name} is of a study that has no answer: {why}"), "run it to its end, and save that");
        }
        match answer {
            Answer::Diff(diff) => Ok(Self { name: name.to_owned(), ..diff.head }),
            Answer::Run(_) => {
                let help = format!(
                    "compare with the scenario itself, or save its `surgelab diff`: \
                     surgelab diff {0} {0} -o base.json",
                    "SCENARIO"
                );
                fail(format!("{name} is one run, and of one run no lost objective can be told from chance"), &help)
            }
            Answer::Capacity(capacity) => Ok(Self::of_capacity(name, *capacity)),
            other => fail(format!("{name} is an answer of `{}`, which has no runs to compare", other.study()), kinds),
        }
    }

    fn of_capacity(name: &str, capacity: Capacity) -> Self {
        Self {
            name: name.to_owned(),
            scenario: capacity.scenario.clone(),
            variant: capacity.variant.clone(),
            horizon_s: 0.0,
            seed: capacity.seed,
            version: None,
            runs: Vec::new(),
            capacity: Some(capacity),
            text: None,
        }
    }
}
