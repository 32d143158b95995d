//! Sweep: a scenario at every point of a grid, or of a list, over its fields and variants.
//!
//! Every point is run with the same seeds, so that points differ by what was chosen alone. A point that is done is a
//! row, which can be written down at once and taken up again later (`rows`): what is asked after that is what is not
//! there yet, and the answer has the same bytes.

use super::design::{Axis, Choices, Design};
use super::figures::{self, Kept};
use super::{Answer, Figure, Listed, Partition, Point, Replication, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is swept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepPlan {
    /// What the points are.
    pub choices: Choices,
    /// Seeds of each point, at least 1.
    pub replications: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {
    /// What was swept.
    #[serde(flatten)]
    pub head: SweepHead,
    /// Each point, in the order of the axes, the last one changing fastest.
    pub rows: Vec<SweepRow>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// What is the same for every row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepHead {
    /// Version of this contract.
    pub schema: u32,
    /// "sweep"
    pub study: String,
    /// What was run, without what the points change.
    pub scenario: ScenarioRef,
    /// Name of the variant that every point stands on.
    pub variant: Option<String>,
    /// Measured length of a run in seconds, unless a point changes it.
    pub horizon_s: f64,
    /// Seed of the first run of each point; the others follow by ones.
    pub seed: u64,
    /// Runs of each point.
    pub replications: u32,
    /// What the points are chosen from.
    pub axes: Vec<Axis>,
    /// The first values of all axes are a point, the second ones, and so on; otherwise every combination is.
    pub zip: bool,
    /// Objectives of the scenario as it stands in the file.
    pub objectives: u32,
    /// Version of what ran them.
    pub version: String,
}

/// A point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepRow {
    /// Its place among the points, from 0.
    pub point: u32,
    /// Its value of each axis.
    pub values: Vec<String>,
    /// Hash of what the scenario means with them, 16 hex digits.
    pub digest: String,
    /// In how many runs every objective held and the horizon was reached.
    pub held: u32,
    /// In how many runs the horizon was not reached.
    pub stopped: u32,
    /// What saturated first in most runs, else what went down first; absent: nothing did.
    pub first_broken: Option<String>,
    /// Goodput, failed and degraded share, completed sessions and p95 of each source, and the cost.
    pub figures: Vec<Figure>,
    /// Each run.
    pub runs: Vec<Replication>,
}

impl Sweep {
    /// Some point keeps every objective in every run.
    pub fn pass(&self) -> bool {
        self.rows.iter().any(|row| row.pass(self.head.replications))
    }

    /// Every run reached its horizon.
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.stopped == 0)
    }
}

impl SweepRow {
    /// It keeps every objective in every one of so many runs.
    pub fn pass(&self, replications: u32) -> bool {
        self.held == replications
    }

    /// Mean of a figure, where it had one.
    pub fn mean(&self, subject: &str, metric: &str) -> Option<f64> {
        let is = |figure: &&Figure| figure.subject == subject && figure.metric == metric;
        self.figures.iter().find(is)?.estimate.map(|estimate| estimate.mean)
    }
}

/// The study in progress.
#[derive(Debug)]
pub struct RunSweep {
    head: SweepHead,
    designs: Vec<Design>,
    rows: Vec<Option<SweepRow>>,
    /// Points that are run here, in order, and how many runs of them were asked for and given.
    wanted: Vec<usize>,
    asked: usize,
    given: usize,
    /// Runs of the point that is under way.
    present: Vec<Kept>,
    /// The row that was done last.
    last: Option<usize>,
}

impl RunSweep {
    /// Nothing run yet, and every point checked.
    ///
    /// # Errors
    /// There is nothing to sweep, or some point is no scenario: which, and why.
    pub fn new(plan: &SweepPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        let replications = plan.replications.max(1);
        let designs = plan.choices.designs(compiled, replications)?;
        let head = SweepHead {
            schema: results::SCHEMA,
            study: "sweep".into(),
            scenario: ScenarioRef {
                title: compiled.model.scenario.title.clone(),
                digest: format!("{:016x}", compiled.model.digest),
            },
            variant: compiled.variant.clone(),
            horizon_s: compiled.model.horizon.as_seconds(),
            seed: compiled.seed,
            replications,
            axes: plan.choices.axes.clone(),
            zip: plan.choices.zip,
            objectives: compiled.model.scenario.objectives.values().map(|list| list.len() as u32).sum(),
            version: env!("CARGO_PKG_VERSION").into(),
        };
        Ok(Self {
            head,
            rows: vec![None; designs.len()],
            wanted: (0..designs.len()).collect(),
            designs,
            asked: 0,
            given: 0,
            present: Vec::new(),
            last: None,
        })
    }

    fn runs(&self) -> usize {
        self.wanted.len() * self.head.replications as usize
    }
}

impl Listed for RunSweep {
    fn points(&self) -> u32 {
        self.designs.len() as u32
    }

    fn name(&self, point: u32) -> String {
        let values = self.designs.get(point as usize).map_or(&[][..], |design| &design.values);
        let named = self.head.axes.iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.path));
        named.collect::<Vec<_>>().join(" ")
    }

    fn take_up(&mut self, row: &str) -> Result<u32, String> {
        let row: SweepRow = serde_json::from_str(row).map_err(|error| format!("it is no row of a sweep: {error}"))?;
        let (point, at) = (row.point, row.point as usize);
        let Some(design) = self.designs.get(at) else {
            return Err(format!("it has a point {at}, and there are {}", self.designs.len()));
        };
        if row.values != design.values || row.digest != design.digest {
            return Err(format!("its point {at} ({}) is another scenario than now", row.values.join(", ")));
        }
        let seeds = (0..u64::from(self.head.replications)).map(|index| self.head.seed.wrapping_add(index));
        if !row.runs.iter().map(|run| run.seed).eq(seeds) {
            return Err(format!("its point {at} ({}) was run with other seeds", row.values.join(", ")));
        }
        self.rows[at] = Some(row);
        Ok(point)
    }

    fn select(&mut self, partition: Partition) -> usize {
        let mine = |at: &usize| self.rows[*at].is_none() && partition.has(*at as u32, &self.name(*at as u32));
        self.wanted = (0..self.designs.len()).filter(mine).collect();
        self.wanted.len()
    }

    fn just_done(&mut self) -> Option<String> {
        let row = self.rows[self.last.take()?].as_ref()?;
        Some(serde_json::to_string(row).expect("a row is plain data with finite numbers"))
    }
}

impl Study for RunSweep {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        let each = self.head.replications as usize;
        let take = most.max(1).min(self.runs() - self.asked);
        let point = |index: usize| {
            let design = &self.designs[self.wanted[index / each]];
            let seed = self.head.seed.wrapping_add((index % each) as u64);
            Point { variant: design.variant.clone(), ..Point::new(design.edits.clone(), seed) }
        };
        let points = (self.asked..self.asked + take).map(point).collect();
        self.asked += take;
        points
    }

    fn give(&mut self, _point: &Point, results: Results) {
        self.present.push(Kept::of(&results));
        self.given += 1;
        let each = self.head.replications as usize;
        if self.present.len() < each {
            return;
        }
        let at = self.wanted[(self.given - 1) / each];
        let kept = std::mem::take(&mut self.present);
        let design = &self.designs[at];
        self.rows[at] = Some(SweepRow {
            point: at as u32,
            values: design.values.clone(),
            digest: design.digest.clone(),
            held: kept.iter().filter(|run| run.run.pass).count() as u32,
            stopped: kept.iter().filter(|run| run.stopped).count() as u32,
            first_broken: figures::most_often(kept.iter().map(|run| &run.first)),
            figures: figures::estimates(&kept),
            runs: kept.into_iter().map(|run| run.run).collect(),
        });
        self.last = Some(at);
    }

    fn length(&self) -> u32 {
        u32::try_from(self.runs()).unwrap_or(u32::MAX).max(1)
    }

    fn finish(self: Box<Self>) -> Option<Answer> {
        let rows: Vec<SweepRow> = self.rows.into_iter().flatten().collect();
        if rows.is_empty() {
            return None;
        }
        let mut answer = Sweep { head: self.head, rows, results_digest: String::new() };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Sweep(Box::new(answer)))
    }
}
