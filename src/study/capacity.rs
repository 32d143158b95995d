//! Capacity: the largest load that keeps the objectives.
//!
//! Every seed searches for itself (`search`), at loads that are multiples of the file's crowd (`load`): its limit lies
//! between a load at which every objective holds and one, at most 1 % larger, at which one does not. Limits of
//! independent seeds are independent, so Student's interval holds of their mean; seeds are added until it is narrow
//! enough. The first seed searches alone, and the others begin where it ended.
//!
//! The first seed comes near its limit with short runs, and then searches from there with long ones: as long as the
//! file says, for what fills up slowly holds more in a short run than in a long one (`load`). All others have long
//! runs. A run ends as soon as its verdict is certain: what is far from the limit is seen to be so early (`effort`).
//!
//! Where no warm-up is given, the largest steady load that held with the first seed tells how long it takes to fill up
//! (`warm_up`); if that is anything, the first seed searches again around its limit with that cut, and all others do.

use super::capacity_answer::{Capacity, Probe};
use super::effort::Spent;
use super::load::{Crowd, Length, holds};
use super::search::{Bounds, Found, Search};
use super::stats::Estimate;
use super::warm_up::WarmUp;
use super::{Answer, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{Results, ScenarioRef};
use crate::scenario::Problem;
use serde::{Deserialize, Serialize};

/// Ratio of a bracket's ends at which a seed's search ends.
const TOLERANCE: f64 = 1.01;
/// Half the width of the 95 % interval, as a share of the mean, at which seeds are enough.
const PRECISION: f64 = 0.03;
/// Seeds after the first; at most so many rounds of them.
const ROUND: u64 = 7;
const ROUNDS: u32 = 4;
/// Ratio of the first two loads of the first seed, and of the others.
const FIRST_STRIDE: f64 = 2.0;
const STRIDE: f64 = 1.03;
/// Runs that are expected of the first seed and of each other, for the progress.
const FIRST_RUNS: u32 = 10;
const RUNS: u32 = 4;

/// How it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityPlan {
    /// The crowd keeps the shape that the file gives it over time.
    pub surge: bool,
    /// Every run lasts as long as the file says.
    pub whole: bool,
}

/// A seed at its search.
#[derive(Debug)]
pub(super) struct Seeker {
    pub seed: u64,
    pub search: Search,
    /// How long its runs are.
    pub length: Length,
    /// It waits for what it asked.
    asked: Option<f64>,
    pub runs: u32,
    pub spent: Spent,
    /// What it knew before it began to search again, with other runs.
    before: Bounds,
    /// The lowest load at which it did not hold, and the highest at which it did.
    pub fails: Option<Probe>,
    pub holds: Option<Probe>,
}

/// The study in progress.
#[derive(Debug)]
pub struct FindCapacity {
    pub(super) crowd: Crowd,
    pub(super) scenario: ScenarioRef,
    pub(super) variant: Option<String>,
    pub(super) seed: u64,
    pub(super) seekers: Vec<Seeker>,
    /// Runs of the first seed by which it came near, and their measured length in seconds.
    pub(super) near: Option<(u32, f64)>,
    round: u32,
}

impl FindCapacity {
    /// Nothing run yet.
    ///
    /// # Errors
    /// There is nothing that could hold or not, or nobody comes.
    pub fn new(plan: CapacityPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        Self::near(plan, compiled, 1.0)
    }

    /// The same where the limit is thought to be near a multiple.
    pub(super) fn near(plan: CapacityPlan, compiled: &Compiled, guess: f64) -> Result<Self, LoadFailure> {
        let fail = |problem| Err(LoadFailure::of(&compiled.loaded, vec![problem]));
        if compiled.model.objectives.is_empty() {
            let problem = Problem::general("there are no objectives, so every load keeps them");
            let example = "say what is to hold, such as `objectives: {\"shop\": [\"p(95) < 1s\", \"failed < 1%\"]}`";
            return fail(problem.help(example));
        }
        let crowd = Crowd::of(compiled, plan.surge, plan.whole);
        if crowd.sources.iter().all(|source| source.peak <= 0.0) {
            let problem = Problem::general("nobody comes, so there is no load to scale");
            return fail(problem.help("give a source of `traffic` a rate above 0"));
        }
        let first = Seeker::new(compiled.seed, Search::new(guess, FIRST_STRIDE, TOLERANCE), Length::Short);
        let title = compiled.model.scenario.title.clone();
        let scenario = ScenarioRef { title, digest: format!("{:016x}", compiled.model.digest) };
        let (variant, seed) = (compiled.variant.clone(), compiled.seed);
        Ok(Self { crowd, scenario, variant, seed, seekers: vec![first], near: None, round: 0 })
    }

    /// The limit of each seed that has one.
    pub(super) fn limits(&self) -> Vec<f64> {
        self.seekers.iter().filter_map(|seeker| seeker.search.limit()).collect()
    }

    /// Some seed waits for what it asked.
    pub(super) fn is_waiting(&self) -> bool {
        self.seekers.iter().any(|seeker| seeker.asked.is_some())
    }

    /// Long runs from where the short ones led, once the first seed has come near.
    fn lengthen(&mut self) {
        let [first] = self.seekers.as_mut_slice() else { return };
        let Some(found) = first.search.found().filter(|_| first.length == Length::Short) else { return };
        let (Found::Between(near, _) | Found::Above(near) | Found::Below(near)) = found;
        first.length = Length::Long;
        if !self.crowd.has_short(near) {
            return;
        }
        self.near = Some((first.runs, self.crowd.length_s(near, Length::Short)));
        let search = match found {
            // What the length changes nothing of holds at the lower end and not at the upper one.
            Found::Between(low, high) => Search::new(low, high / low, TOLERANCE),
            Found::Above(load) | Found::Below(load) => Search::new(load, FIRST_STRIDE, TOLERANCE),
        };
        let again = Seeker::new(first.seed, search, Length::Long);
        *first = first.again(again);
    }

    /// The warm-up, once the first seed has a limit and where one is wanted.
    fn settle(&mut self) {
        let [first] = self.seekers.as_mut_slice() else { return };
        let Some(limit) = first.search.limit().filter(|_| self.crowd.wants_warm_up()) else { return };
        let found = first.holds.as_ref().and_then(|probe| probe.warm_up);
        let found = found.unwrap_or(WarmUp { cut_s: None, pilots: 1 });
        self.crowd.settle(found);
        if !found.edits().is_empty() {
            let again = Seeker::new(first.seed, Search::new(limit, STRIDE, TOLERANCE), Length::Long);
            *first = first.again(again);
        }
    }

    /// More seeds, where more are wanted. It depends on what was found alone, not on who ran it.
    fn widen(&mut self) {
        let limits = self.limits();
        let Some(estimate) = Estimate::of(&limits) else { return };
        let narrow = estimate.half_width.is_some_and(|half| half <= PRECISION * estimate.mean);
        if narrow || self.round == ROUNDS || self.seekers.len() > limits.len() {
            return;
        }
        self.round += 1;
        let from = self.seekers.len() as u64;
        self.seekers.extend((from..from + ROUND).map(|index| {
            let search = Search::new(estimate.mean, STRIDE, TOLERANCE);
            Seeker::new(self.seed.wrapping_add(index), search, Length::Long)
        }));
    }
}

impl Seeker {
    fn new(seed: u64, search: Search, length: Length) -> Self {
        let (spent, before) = (Spent::default(), (None, None));
        Self { seed, search, length, asked: None, runs: 0, spent, before, fails: None, holds: None }
    }

    /// The same seed at another search.
    fn again(&self, other: Self) -> Self {
        Self { runs: self.runs, spent: self.spent, before: self.search.bounds(), ..other }
    }

    /// Between which loads its limit lies, as far as is known.
    pub fn bounds(&self) -> Bounds {
        match self.search.bounds() {
            (None, None) => self.before,
            bounds => bounds,
        }
    }

    fn learn(&mut self, multiple: f64, results: &Results) {
        let holds = holds(results);
        self.runs += 1;
        self.spent.add(results);
        self.search.learn(multiple, holds);
        let probe = Probe::of(multiple, results);
        if holds {
            if self.holds.as_ref().is_none_or(|known| known.multiple < multiple) {
                self.holds = Some(probe);
            }
        } else if self.fails.as_ref().is_none_or(|known| known.multiple > multiple) {
            self.fails = Some(probe);
        }
    }
}

impl Study for FindCapacity {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        for step in [Self::lengthen, Self::settle, Self::widen] {
            if self.seekers.iter().all(|seeker| seeker.search.found().is_some()) {
                step(self);
            }
        }
        let mut points = Vec::new();
        for seeker in self.seekers.iter_mut().filter(|seeker| seeker.asked.is_none()) {
            if points.len() == most.max(1) {
                break;
            }
            if let Some(multiple) = seeker.search.next() {
                seeker.asked = Some(multiple);
                points.push(Point::searched(self.crowd.edits(multiple, seeker.length), seeker.seed));
            }
        }
        points
    }

    fn give(&mut self, point: &Point, results: Results) {
        if let Some(seeker) = self.seekers.iter_mut().find(|seeker| seeker.seed == point.seed)
            && let Some(multiple) = seeker.asked.take()
        {
            seeker.learn(multiple, &results);
        }
    }

    fn length(&self) -> u32 {
        let known: u32 = self.seekers.iter().map(|seeker| seeker.runs).sum();
        let left = self.seekers.iter().filter(|seeker| seeker.search.found().is_none()).count() as u32;
        let to_come = if self.round == 0 { FIRST_RUNS + RUNS * ROUND as u32 } else { RUNS * left };
        (known + to_come).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        let some = self.seekers.iter().any(|seeker| seeker.runs > 0);
        some.then(|| Answer::Capacity(Box::new(Capacity::of(&self, cut))))
    }
}
