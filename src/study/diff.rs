//! Diff: what a change does to a system, judged so that it says the same again.
//!
//! Base and head are measured alike and with the same random numbers: runs with the file's own crowd, and a search of
//! the capacity. This study measures one of them and compares it with what is known of the other, be that measured a
//! moment before or saved; without another it is judged alone.

use super::capacity::{CapacityPlan, FindCapacity};
use super::diff_levels::{Level, Levels};
use super::diff_side::{DiffSide, SideRun};
use super::ended::ended;
use super::{Answer, Diff, Point, Study};
use crate::experiment::Compiled;
use crate::measure::results::{Results, ScenarioRef};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What is measured, and how a loss is told from chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffPlan {
    /// What head is compared with; none: it is judged alone.
    pub base: Option<Box<DiffSide>>,
    /// Why there is no base, in words.
    pub alone: Option<String>,
    /// Runs with the file's own crowd; fewer than 5 can show no loss.
    pub replications: u32,
    /// Every run of the search lasts as long as the file says.
    pub whole: bool,
    /// How a loss is judged.
    pub terms: DiffTerms,
}

/// How a loss is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffTerms {
    /// How much each objective and the capacity weigh; with the capacity off it is not searched.
    pub levels: Levels,
    /// A share of the base's limit: within it a capacity is the same.
    pub margin: f64,
}

/// The study in progress.
#[derive(Debug)]
pub struct MeasureDiff {
    plan: DiffPlan,
    side: DiffSide,
    asked: u32,
    capacity: Option<FindCapacity>,
    /// What was named and not given yet, in order: whether it is a run with the file's own crowd.
    named: VecDeque<bool>,
}

impl MeasureDiff {
    /// Nothing run yet. Without objectives, or where nobody comes, no capacity is searched.
    #[must_use]
    pub fn new(plan: DiffPlan, compiled: &Compiled) -> Self {
        let capacity = CapacityPlan { surge: false, whole: plan.whole };
        let wanted = plan.terms.levels.of_capacity() != Level::Off;
        let side = DiffSide {
            name: compiled.loaded.name.clone(),
            scenario: ScenarioRef {
                title: compiled.model.scenario.title.clone(),
                digest: format!("{:016x}", compiled.model.digest),
            },
            variant: compiled.variant.clone(),
            horizon_s: compiled.model.horizon.as_seconds(),
            seed: compiled.seed,
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            runs: Vec::new(),
            capacity: None,
            text: Some(compiled.loaded.text.to_string()),
        };
        Self {
            capacity: FindCapacity::new(capacity, compiled).ok().filter(|_| wanted),
            plan,
            side,
            asked: 0,
            named: VecDeque::new(),
        }
    }
}

impl Study for MeasureDiff {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        let most = most.max(1);
        let take = (self.plan.replications.max(1) - self.asked).min(u32::try_from(most).unwrap_or(u32::MAX));
        let seed = |index: u32| self.side.seed.wrapping_add(u64::from(index));
        let mut points: Vec<Point> =
            (self.asked..self.asked + take).map(|index| Point::new(Vec::new(), seed(index))).collect();
        self.asked += take;
        self.named.extend(points.iter().map(|_| true));
        if points.len() < most
            && let Some(capacity) = &mut self.capacity
        {
            let more = capacity.next_points(most - points.len());
            self.named.extend(more.iter().map(|_| false));
            points.extend(more);
        }
        points
    }

    fn give(&mut self, point: &Point, results: Results) {
        match (self.named.pop_front(), &mut self.capacity) {
            (Some(false), Some(capacity)) => capacity.give(point, results),
            _ => self.side.runs.push(SideRun::of(&results)),
        }
    }

    fn length(&self) -> u32 {
        self.plan.replications.max(1) + self.capacity.as_ref().map_or(0, Study::length)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        let Self { plan, mut side, capacity, .. } = *self;
        let interrupted =
            ended(cut.clone(), &format!("{} of {} runs of head", side.runs.len(), plan.replications.max(1)));
        if side.runs.is_empty() {
            return None;
        }
        if let Some(Answer::Capacity(found)) = capacity.and_then(|capacity| Box::new(capacity).finish(cut)) {
            side.capacity = Some(*found);
        }
        let diff = Diff::between(plan.base.map(|base| *base), plan.alone, side, &plan.terms);
        Some(Answer::Diff(Box::new(diff.interrupted(interrupted))))
    }
}
