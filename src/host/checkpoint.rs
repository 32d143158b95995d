//! Where a run can be taken up again: clones of it along its way, within a budget of memory.
//!
//! The first one, the start, is always kept. When the others grow too many, every second one of the older half goes: what
//! is recent stays dense.

use super::run::{Listeners, Run};
use crate::engine::Packed;
use crate::units::Time;
use std::sync::Arc;

/// Bytes beyond those of a light checkpoint that are copied for an event between two at most: a few percent of the time.
const BYTES_AN_EVENT: usize = 16;
const LIGHT: usize = 16 << 20;

/// A run as it was.
#[derive(Debug)]
pub struct Checkpoint {
    at: Time,
    events: u64,
    /// It has no commands that wait to be applied: those are in the log.
    sim: Packed,
    listeners: Listeners,
    weight: usize,
}

impl Checkpoint {
    /// When it was.
    pub fn at(&self) -> Time {
        self.at
    }

    /// The run, to be played on.
    pub fn run(&self) -> Run {
        Run::resume(self.sim.unpack(), self.listeners.clone())
    }

    /// Events before it.
    pub fn events(&self) -> u64 {
        self.events
    }
}

/// Those of one lane, in the order of time.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    /// Events between two.
    spacing: u64,
    /// Bytes of one at most, the start excepted.
    heaviest: usize,
    list: Vec<Arc<Checkpoint>>,
}

impl Checkpoints {
    /// None yet; `spacing` events between two, a quarter of it where there is a better reason. They are to share `budget` bytes.
    pub fn new(spacing: u64, budget: usize) -> Self {
        Self { spacing: spacing.max(4), heaviest: budget / 2, list: Vec::new() }
    }

    /// All of them.
    pub fn list(&self) -> &[Arc<Checkpoint>] {
        &self.list
    }

    /// The last one not after `time`.
    pub fn before(&self, time: Time) -> Option<&Arc<Checkpoint>> {
        self.list[..self.list.partition_point(|c| c.at() <= time)].last()
    }

    /// Keeps the run as it is now if it is far enough from the others; `reason`: something begins that people will want to see
    /// again. A copy takes time in proportion to its bytes, so heavy ones are rare, and none is too heavy for the budget.
    pub fn offer(&mut self, run: &Run, reason: bool) {
        let events = run.sim.events();
        let next = self.list.partition_point(|c| c.at() <= run.now());
        let far = |distance: u64| {
            let behind = next.checked_sub(1).is_none_or(|last| events >= self.list[last].events() + distance);
            behind && self.list.get(next).is_none_or(|ahead| ahead.events() >= events + distance)
        };
        if !far(if reason { self.spacing / 4 } else { self.spacing }) {
            return;
        }
        let weight = run.weight();
        if self.list.is_empty() || weight <= self.heaviest && far((weight.saturating_sub(LIGHT) / BYTES_AN_EVENT) as u64) {
            let (sim, listeners) = (run.sim.pack(), run.listeners());
            self.list.insert(next, Arc::new(Checkpoint { at: run.now(), events, sim, listeners, weight }));
        }
    }

    /// Gives up those after `time`.
    pub fn truncate(&mut self, time: Time) {
        self.list.truncate(self.list.partition_point(|c| c.at() <= time));
    }

    /// Bytes of all.
    pub fn weight(&self) -> usize {
        self.list.iter().map(|c| c.weight).sum()
    }

    /// Bytes of those that another does not have as well.
    pub fn weight_beside(&self, other: &Self) -> usize {
        self.list.iter().filter(|c| !other.list.iter().any(|o| Arc::ptr_eq(o, c))).map(|c| c.weight).sum()
    }

    /// Gives up every second one of the older half; false when there is nothing left to give up.
    pub fn thin(&mut self) -> bool {
        let half = self.list.len().div_ceil(2).max(2).min(self.list.len());
        let before = self.list.len();
        let mut place = 0;
        self.list.retain(|_| {
            place += 1;
            // The start is the first; of the rest of the older half the second, the fourth, ... go.
            place > half || place % 2 == 1
        });
        self.list.len() < before
    }
}
