//! Where a run can be taken up again: copies of it along its way, within a budget of memory.
//!
//! What counts is how many events have to be played again to be at a time. So copies stand a number of events apart,
//! and when they take too much memory the one goes that is missed least: those of the recent quarter of what is known
//! come to stand closer than those before it. The first one, the start, is always kept.

use super::run::{Listeners, Run};
use crate::engine::Packed;
use crate::units::Time;
use std::sync::Arc;

/// Bytes beyond those of a light copy that are copied for an event between two at most: a few percent of the time.
const BYTES_AN_EVENT: usize = 64;
const LIGHT: usize = 16 << 20;
/// The share of the past that is recent, and how many times farther apart copies may be at the start.
const RECENT: f64 = 0.25;
const FARTHEST: f64 = 5.0;

/// A run as it was.
#[derive(Debug)]
pub struct Checkpoint {
    at: Time,
    events: u64,
    /// It has no commands that wait to be applied: those are in the log.
    sim: Packed,
    listeners: Listeners,
    footprint: usize,
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
    /// Events between two where it is recent.
    spacing: u64,
    /// Bytes of one at most, the start excepted.
    heaviest: usize,
    list: Vec<Arc<Checkpoint>>,
}

impl Checkpoints {
    /// None yet; `spacing` events between two recent ones, a quarter of it where there is a better reason. They are to
    /// share `budget` bytes.
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

    /// Keeps the run as it is now if it is far enough from the others; `reason`: something begins that people will want
    /// to see again. `known` is the furthest that it has been.
    pub fn offer(&mut self, run: &mut Run, known: Time, reason: bool) {
        let events = run.sim.events();
        let next = self.list.partition_point(|c| c.at() <= run.now());
        let far = |distance: u64| {
            let behind = next.checked_sub(1).is_none_or(|last| events >= self.list[last].events() + distance);
            behind && self.list.get(next).is_none_or(|ahead| ahead.events() >= events + distance)
        };
        let distance = (self.spacing as f64 * self.sparseness(run.now(), known)) as u64;
        if !far(if reason { distance / 4 } else { distance }) {
            return;
        }
        let footprint = run.footprint();
        if self.list.is_empty()
            || footprint <= self.heaviest && far((footprint.saturating_sub(LIGHT) / BYTES_AN_EVENT) as u64)
        {
            let (sim, listeners) = (run.sim.pack(), run.listeners());
            let footprint = sim.footprint() + run.listeners_footprint();
            self.list.insert(next, Arc::new(Checkpoint { at: run.now(), events, sim, listeners, footprint }));
        }
    }

    /// How many times farther apart than recent ones they may be at a time.
    fn sparseness(&self, at: Time, known: Time) -> f64 {
        let Some(start) = self.list.first() else { return 1.0 };
        let length = (known.0 - start.at().0).max(1) as f64;
        let age = (known.0 - at.0) as f64 / length;
        1.0 + (FARTHEST - 1.0) * ((age - RECENT) / (1.0 - RECENT)).clamp(0.0, 1.0)
    }

    /// Gives up those after `time`.
    pub fn truncate(&mut self, time: Time) {
        self.list.truncate(self.list.partition_point(|c| c.at() <= time));
    }

    /// Bytes of all.
    pub fn footprint(&self) -> usize {
        self.list.iter().map(|c| c.footprint).sum()
    }

    /// Bytes of those that another does not have as well.
    pub fn footprint_beside(&self, other: &Self) -> usize {
        self.list.iter().filter(|c| !other.before(c.at()).is_some_and(|o| Arc::ptr_eq(o, c))).map(|c| c.footprint).sum()
    }

    /// Gives up the one that leaves the smallest gap for where it is; none when there is nothing but the start.
    pub fn thin(&mut self, known: Time) -> Option<Arc<Checkpoint>> {
        let gap = |place: usize| {
            let (before, after) = (&self.list[place - 1], &self.list[place + 1]);
            (after.events() - before.events()) as f64 / self.sparseness(self.list[place].at(), known)
        };
        let last = self.list.len().checked_sub(1).filter(|&last| last > 0)?;
        let least = (1..last).min_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(last);
        Some(self.list.remove(least))
    }

    /// Gives up that one, if it is among them.
    pub fn forget(&mut self, gone: &Arc<Checkpoint>) {
        self.list.retain(|c| !Arc::ptr_eq(c, gone));
    }
}
