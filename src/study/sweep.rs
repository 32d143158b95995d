//! Sweep: a scenario at every point of a grid, or of a list, over its fields and variants.
//!
//! Every point is run with the same seeds, so that points differ by what was chosen alone. Nothing is cut where no
//! warm-up is given, and the page says so: points measured over different times would differ by that, too, a single
//! run tells its own swings from filling up badly, and whoever runs a shard knows nothing of the points of others.
//!
//! A point that is done is a row, which can be written down at once and taken up again later (`rows`): what is asked
//! after that is what is not there yet, and the answer has the same bytes. Of a point numbers are kept (`sweep_kept`),
//! and how it changes the scenario is said anew each time: a sweep of many thousand points takes little more memory
//! than one run.

use super::design::{Axis, Choices};
use super::ended::ended;
use super::figures::{self, Kept};
use super::sweep_kept::{KeptRows, digits};
use super::warm_up;
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
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
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
    /// The crowd is the same all the time and the file gives no warm-up: figures count from the start, filling up
    /// included.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_start: bool,
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
    base: Compiled,
    choices: Choices,
    kept: KeptRows,
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
        let digests = plan.choices.each(compiled, replications, |design| digits(&design.digest).unwrap_or_default())?;
        let head = SweepHead {
            schema: results::SCHEMA,
            study: "sweep".into(),
            scenario: ScenarioRef {
                title: compiled.model.scenario.title.clone(),
                digest: format!("{:016x}", compiled.model.digest),
            },
            variant: compiled.variant.clone(),
            horizon_s: compiled.model.horizon.as_seconds(),
            from_start: warm_up::is_wanted(compiled) && plan.choices.axes.iter().all(|axis| axis.path != "warm_up"),
            seed: compiled.seed,
            replications,
            axes: plan.choices.axes.clone(),
            zip: plan.choices.zip,
            objectives: compiled.model.scenario.objectives.values().map(|list| list.len() as u32).sum(),
            version: env!("CARGO_PKG_VERSION").into(),
        };
        Ok(Self {
            head,
            base: compiled.clone(),
            choices: plan.choices.clone(),
            wanted: (0..digests.len()).collect(),
            kept: KeptRows::new(digests),
            asked: 0,
            given: 0,
            present: Vec::new(),
            last: None,
        })
    }

    fn runs(&self) -> usize {
        self.wanted.len() * self.head.replications as usize
    }

    /// Bytes that are kept of its points, done or not.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.kept.bytes() + self.wanted.len() * size_of::<usize>()
    }

    fn values(&self, point: usize) -> Vec<String> {
        self.choices.values(point).into_iter().map(str::to_owned).collect()
    }

    fn row(&self, point: usize) -> Option<SweepRow> {
        self.kept.row(point, self.head.seed, || self.values(point))
    }
}

impl Listed for RunSweep {
    fn points(&self) -> u32 {
        self.kept.len() as u32
    }

    fn name(&self, point: u32) -> String {
        let known = (point as usize) < self.kept.len();
        let values = if known { self.choices.values(point as usize) } else { Vec::new() };
        let named = self.head.axes.iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.path));
        named.collect::<Vec<_>>().join(" ")
    }

    fn take_up(&mut self, row: &str) -> Result<u32, String> {
        let row: SweepRow = serde_json::from_str(row).map_err(|error| format!("it is no row of a sweep: {error}"))?;
        let (point, at) = (row.point, row.point as usize);
        let Some(digest) = self.kept.digest(at) else {
            return Err(format!("it has a point {at}, and there are {}", self.kept.len()));
        };
        if row.values != self.values(at) || digits(&row.digest) != Some(digest) {
            return Err(format!("its point {at} ({}) is another scenario than now", row.values.join(", ")));
        }
        let seeds = (0..u64::from(self.head.replications)).map(|index| self.head.seed.wrapping_add(index));
        if !row.runs.iter().map(|run| run.seed).eq(seeds) {
            return Err(format!("its point {at} ({}) was run with other seeds", row.values.join(", ")));
        }
        self.kept.put(&row)?;
        Ok(point)
    }

    fn select(&mut self, partition: Partition) -> usize {
        let mine = |at: &usize| !self.kept.has(*at) && partition.has(*at as u32, &self.name(*at as u32));
        self.wanted = (0..self.kept.len()).filter(mine).collect();
        self.wanted.len()
    }

    fn just_done(&mut self) -> Option<String> {
        let point = self.last.take()?;
        let row = self.row(point)?;
        Some(serde_json::to_string(&row).expect("a row is plain data with finite numbers"))
    }
}

impl Study for RunSweep {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        let each = self.head.replications as usize;
        let take = most.max(1).min(self.runs() - self.asked);
        let point = |index: usize| {
            // Every design was made once before, and is no other now.
            let design = self.choices.design(self.wanted[index / each], &self.base).ok()?;
            let seed = self.head.seed.wrapping_add((index % each) as u64);
            Some(Point { variant: design.variant, ..Point::new(design.edits, seed) })
        };
        let points = (self.asked..self.asked + take).filter_map(point).collect();
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
        let row = SweepRow {
            point: at as u32,
            values: Vec::new(),
            digest: String::new(),
            held: kept.iter().filter(|run| run.run.pass).count() as u32,
            stopped: kept.iter().filter(|run| run.stopped).count() as u32,
            first_broken: figures::most_often(kept.iter().map(|run| &run.first)),
            figures: figures::estimates(&kept),
            runs: kept.into_iter().map(|run| run.run).collect(),
        };
        self.last = self.kept.put(&row).is_ok().then_some(at);
    }

    fn length(&self) -> u32 {
        u32::try_from(self.runs()).unwrap_or(u32::MAX).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        let rows: Vec<SweepRow> = (0..self.kept.len()).filter_map(|point| self.row(point)).collect();
        if rows.is_empty() {
            return None;
        }
        let interrupted = ended(cut, &format!("{} of {} points", rows.len(), self.kept.len()));
        let mut answer = Sweep { head: self.head, rows, interrupted, results_digest: String::new() };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Sweep(Box::new(answer)))
    }
}
