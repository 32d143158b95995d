//! Pareto: of given designs those that no other beats on cost, limit and surviving the surge.
//!
//! Each design is run with the file's own crowd, as it is over time, with the same seeds: what it costs, and in how
//! many runs every objective holds. Then its capacity is searched. A design is beaten by one that is no worse on any of
//! the three and better on one; limits closer than the precision of a search are equal.

use super::capacity::FindCapacity;
use super::capacity_answer::{Capacity, Limit};
use super::design::{Axis, Choices, Design};
use super::ended::ended;
use super::stats::{Estimate, Share};
use super::{Answer, CapacityPlan, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of a ratio below this are equal.
const SAME: f64 = 1.02;

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParetoPlan {
    /// What the designs are.
    pub choices: Choices,
    /// How each capacity is asked.
    pub capacity: CapacityPlan,
    /// Runs of each design with the file's own crowd, at least 1.
    pub replications: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pareto {
    /// Version of this contract.
    pub schema: u32,
    /// "pareto"
    pub study: String,
    /// What was run, without what the designs change.
    pub scenario: ScenarioRef,
    /// Name of the variant that every design stands on.
    pub variant: Option<String>,
    /// Seed of the first run of each design; the others follow by ones.
    pub seed: u64,
    /// Runs of each design with the file's own crowd.
    pub replications: u32,
    /// What the designs are chosen from.
    pub axes: Vec<Axis>,
    /// The first values of all axes are a design, the second ones, and so on; otherwise every combination is.
    pub zip: bool,
    /// Each design, in the order of the axes.
    pub designs: Vec<Weighed>,
    /// Runs in all.
    pub runs: u32,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// A design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weighed {
    /// Its value of each axis.
    pub values: Vec<String>,
    /// Hash of what the scenario means with them, 16 hex digits.
    pub digest: String,
    /// What an hour costs with the file's own crowd, mean over the runs.
    pub cost_per_hour: f64,
    /// In how many runs with that crowd every objective held.
    pub survived: Share,
    /// The largest load that keeps the objectives, as a multiple of what the file expects; absent where there is no
    /// limit.
    pub multiple: Option<Estimate>,
    /// Where there is none: every load up to this one holds; absent: none does.
    pub holds_at: Option<f64>,
    /// The limit by source, in its own unit.
    pub limits: Vec<Limit>,
    /// What binds there in most searches.
    pub binds: Option<String>,
    /// Position of the first design that beats it; absent: none does.
    pub beaten_by: Option<u32>,
}

impl Pareto {
    /// Some design keeps every objective in every run.
    pub fn pass(&self) -> bool {
        self.designs.iter().any(|design| design.survived.n == design.survived.of)
    }
}

impl Weighed {
    /// Its limit as a multiple, or how far it was seen to hold.
    fn limit(&self) -> f64 {
        self.multiple.map(|multiple| multiple.mean).or(self.holds_at).unwrap_or(0.0)
    }

    /// It is as good in everything and better in something.
    pub fn beats(&self, other: &Self) -> bool {
        let (mine, its) = (self.limit(), other.limit());
        let cheaper = self.cost_per_hour < other.cost_per_hour;
        let holds_more = mine > its * SAME;
        let survives_more = self.survived.n > other.survived.n;
        let no_worse =
            self.cost_per_hour <= other.cost_per_hour && mine * SAME >= its && self.survived.n >= other.survived.n;
        no_worse && (cheaper || holds_more || survives_more)
    }
}

/// What is known of the design that is under way.
#[derive(Debug, Default)]
struct Seen {
    cost: f64,
    passed: u32,
    runs: u32,
}

/// The study in progress.
#[derive(Debug)]
pub struct WeighDesigns {
    plan: ParetoPlan,
    base: Compiled,
    designs: Vec<Design>,
    done: Vec<Weighed>,
    runs: u32,
    /// Of the present design: runs asked for and what came of those given; then its search.
    asked: u32,
    seen: Seen,
    search: Option<Box<FindCapacity>>,
}

impl WeighDesigns {
    /// Nothing run yet, and every design checked.
    ///
    /// # Errors
    /// There is nothing to choose from, some design is no scenario, or one has no capacity to be found.
    pub fn new(plan: ParetoPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        let plan = ParetoPlan { replications: plan.replications.max(1), ..plan };
        let designs = plan.choices.designs(compiled, plan.replications)?;
        let study = Self {
            base: compiled.clone(),
            designs,
            done: Vec::new(),
            runs: 0,
            asked: 0,
            seen: Seen::default(),
            search: None,
            plan,
        };
        for design in &study.designs {
            study.find(design)?;
        }
        Ok(study)
    }

    /// The search of a design.
    fn find(&self, design: &Design) -> Result<Box<FindCapacity>, LoadFailure> {
        let changed = self.base.changed(design.variant.as_deref(), &design.edits)?;
        let variant = design.variant.clone().or_else(|| self.base.variant.clone());
        let compiled = Compiled::new(changed, variant, Some(self.base.seed))?;
        Ok(Box::new(FindCapacity::new(self.plan.capacity, &compiled)?))
    }

    /// The present design is known.
    fn conclude(&mut self, search: &FindCapacity) {
        let capacity = Capacity::of(search, None);
        let design = &self.designs[self.done.len()];
        let seen = std::mem::take(&mut self.seen);
        self.runs += seen.runs + capacity.runs;
        self.done.push(Weighed {
            values: design.values.clone(),
            digest: design.digest.clone(),
            cost_per_hour: seen.cost / f64::from(seen.runs.max(1)),
            survived: Share::of(seen.passed, seen.runs),
            multiple: capacity.multiple,
            holds_at: capacity.holds_at.filter(|_| capacity.multiple.is_none() && capacity.fails_at.is_none()),
            limits: capacity.limits,
            binds: capacity.binding.into_iter().next().map(|binding| binding.subject),
            beaten_by: None,
        });
        self.asked = 0;
        self.search = None;
    }

    /// A point as a point of the present design.
    fn designed(&self, point: Point) -> Point {
        let design = &self.designs[self.done.len()];
        let edits = [&design.edits[..], &point.edits].concat();
        Point { variant: design.variant.clone(), edits, ..point }
    }
}

impl Study for WeighDesigns {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        while self.done.len() < self.designs.len() {
            if self.asked < self.plan.replications {
                let take = u32::try_from(most.max(1)).unwrap_or(u32::MAX).min(self.plan.replications - self.asked);
                let seeds = (self.asked..self.asked + take).map(|index| self.base.seed.wrapping_add(u64::from(index)));
                let points = seeds.map(|seed| self.designed(Point::new(Vec::new(), seed))).collect();
                self.asked += take;
                return points;
            }
            if self.seen.runs < self.plan.replications {
                return Vec::new();
            }
            if self.search.is_none() {
                self.search = self.find(&self.designs[self.done.len()]).ok();
            }
            let Some(mut search) = self.search.take() else { return Vec::new() };
            let points = search.next_points(most);
            if points.is_empty() && !search.is_waiting() {
                self.conclude(&search);
                continue;
            }
            self.search = Some(search);
            return points.into_iter().map(|point| self.designed(point)).collect();
        }
        Vec::new()
    }

    fn give(&mut self, point: &Point, results: Results) {
        if let Some(search) = &mut self.search {
            return search.give(point, results);
        }
        self.seen.cost += results.cost.total / results.horizon_s * 3_600.0;
        self.seen.passed += u32::from(results.pass());
        self.seen.runs += 1;
    }

    fn length(&self) -> u32 {
        let search = self.search.as_ref().map_or(40, |search| search.length());
        let left = self.designs.len().saturating_sub(self.done.len()) as u32;
        (self.runs + left * (self.plan.replications + search)).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        if self.done.is_empty() {
            return None;
        }
        let mut designs = self.done;
        for index in 0..designs.len() {
            let beats = |other: &Weighed| other.beats(&designs[index]);
            designs[index].beaten_by = designs.iter().position(beats).map(|at| at as u32);
        }
        let model = &self.base.model;
        let mut answer = Pareto {
            schema: results::SCHEMA,
            study: "pareto".into(),
            scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
            variant: self.base.variant.clone(),
            seed: self.base.seed,
            replications: self.plan.replications,
            axes: self.plan.choices.axes.clone(),
            zip: self.plan.choices.zip,
            interrupted: ended(cut, &format!("{} of {} designs", designs.len(), self.designs.len())),
            designs,
            runs: self.runs,
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Pareto(Box::new(answer)))
    }
}
