//! Rows: what the points of a study yielded, a line of JSON each, written down as they are done.
//!
//! A study whose points are known beforehand is `Listed`: it can leave points to others, and take up rows, its own from
//! before an interruption or those of others. A file of rows begins with a head that says all that they depend on, so
//! that whoever has the files of all shards has the study.

use super::shard::Partition;
use super::{Axis, Study, StudySpec};
use crate::experiment::{Compiled, Experiment};
use crate::measure::results::{self, ScenarioRef};
use crate::model::hash::hash;
use serde::{Deserialize, Serialize};

/// A study whose points are known beforehand. A point that is done is a row.
pub trait Listed: Study {
    /// How many points there are.
    fn points(&self) -> u32;

    /// What a point is called, by its position from 0: "services.app.workers=5", "seed 7".
    fn name(&self, point: u32) -> String;

    /// Takes up a row that was done before; before points are selected. Which point it is of.
    ///
    /// # Errors
    /// It is no row of this study: why not.
    fn take_up(&mut self, row: &str) -> Result<u32, String>;

    /// Selects what is run: the points of a partition that are not taken up; before anything is asked. Says how many.
    fn select(&mut self, partition: Partition) -> usize;

    /// A row, a line of JSON, that was done by what was given last and not told yet: none while a point is under way,
    /// and several where the last that was given tells that others count.
    fn just_done(&mut self) -> Option<String>;
}

/// The first line of a file of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowsHead {
    /// Version of what ran them.
    pub surgelab: String,
    /// Version of the contract of the results.
    pub schema: u32,
    /// Hash of all that the rows depend on, 16 hex digits.
    pub digest: String,
    /// Which points are in the file.
    pub partition: Partition,
    /// How many there are in all shards.
    pub points: u32,
    /// What is typed to get all of it from one process.
    pub command: String,
    /// What was run, without what the points change.
    pub scenario: ScenarioRef,
    /// The same as it was asked for.
    pub experiment: Experiment,
    /// What was asked of it.
    pub study: StudySpec,
}

impl RowsHead {
    /// Of a study that is asked of an experiment.
    pub fn new(
        experiment: &Experiment,
        compiled: &Compiled,
        study: &StudySpec,
        listed: &dyn Listed,
        partition: Partition,
        command: &str,
    ) -> Self {
        let experiment = Experiment { seed: Some(compiled.seed), ..experiment.clone() };
        let model = &compiled.model;
        let title = model.scenario.title.clone();
        let scenario = ScenarioRef { title, digest: format!("{:016x}", model.digest) };
        let base = hash(compiled.base.scenario.meaning().as_bytes());
        let asked = (&scenario, base, &experiment.variant, &experiment.edits, experiment.seed, study);
        Self {
            surgelab: env!("CARGO_PKG_VERSION").into(),
            schema: results::SCHEMA,
            digest: results::digest_of(&asked),
            partition,
            points: listed.points(),
            command: command.into(),
            scenario,
            experiment,
            study: study.clone(),
        }
    }

    /// What differs in another head, whichever its partition; none where both are of one study and version.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let differs = |what: &str, now: &str, then: &str| Some(format!("it is of {what} {then}, and this is {now}"));
        if self.scenario.digest != other.scenario.digest {
            return differs("a scenario with digest", &self.scenario.digest, &other.scenario.digest);
        }
        if self.experiment.seed != other.experiment.seed {
            let seed = |head: &Self| head.experiment.seed.unwrap_or_default().to_string();
            return differs("seed", &seed(self), &seed(other));
        }
        if (&self.surgelab, self.schema) != (&other.surgelab, other.schema) {
            let version = |head: &Self| format!("{} (results {})", head.surgelab, head.schema);
            return differs("surgelab", &version(self), &version(other));
        }
        match (&self.study, &other.study) {
            (StudySpec::Sweep(now), StudySpec::Sweep(then)) if now != then => {
                if now.replications != then.replications {
                    return differs("replications:", &now.replications.to_string(), &then.replications.to_string());
                }
                let said = |axes: &[Axis], zip: bool| {
                    let axes = axes.iter().map(Axis::to_string);
                    axes.chain(zip.then(|| "--zip".to_owned())).collect::<Vec<_>>().join(" ")
                };
                let (now, then) = (&now.choices, &then.choices);
                Some(format!("it is of {}, and this is {}", said(&then.axes, then.zip), said(&now.axes, now.zip)))
            }
            (StudySpec::Replicate(now), StudySpec::Replicate(then)) if now != then => {
                differs("replications:", &now.to_string(), &then.to_string())
            }
            (now, then) if now != then => Some(format!("it is of another study, `{}`", other.command)),
            _ if self.digest != other.digest => {
                Some("it is of a scenario with other variants, or with other edits put in".to_owned())
            }
            _ => None,
        }
    }

    /// The head of a file that is to be taken up fits in every respect.
    ///
    /// # Errors
    /// What differs.
    pub fn fits(&self, other: &Self) -> Result<(), String> {
        if let Some(differs) = self.difference(other) {
            return Err(differs);
        }
        if self.partition != other.partition {
            return Err(format!("it is of shard {}, and this is {}", other.partition, self.partition));
        }
        Ok(())
    }
}
