//! What one look at a run sees: the present, the last seconds, and what was before.

use super::counters::{Snapshot, Window};
use super::offered::{Mix, Station};
use super::pools::Baseline;
use super::resources::Resources;
use crate::model::{Model, ServiceId};
use crate::units::Time;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Seconds after which causes are asked for anew.
const ANEW: i64 = 5;

/// Everything one look needs.
pub struct Moment<'a> {
    pub model: &'a Model,
    pub resources: &'a Resources,
    /// One per second, oldest first.
    pub history: &'a VecDeque<Arc<Snapshot>>,
    /// The last second, the last 10 s and the last minute, or as much as there is.
    pub second: Window<'a>,
    pub short: Window<'a>,
    pub long: Window<'a>,
    /// The first minutes, before the crowd came.
    pub before: Option<Window<'a>>,
    /// What is asked now.
    pub mix: &'a Mix,
}

impl Moment<'_> {
    /// The present.
    pub fn now(&self) -> Time {
        self.short.new.at
    }

    /// Start of the first of the last seconds in which something was so; at least the last one was.
    pub fn since(&self, so: impl Fn(Window) -> bool) -> Time {
        let seconds = (1..self.history.len()).map(|i| Window { old: &self.history[i - 1], new: &self.history[i] });
        let recent = seconds.filter(|w| w.old.at >= self.short.old.at);
        let first = recent.into_iter().find(|w| so(*w)).map_or(self.now(), |w| w.old.at);
        first.max(Time(0))
    }

    /// It is time to ask anew because of what the troubles that last do so.
    pub fn asks_anew(&self) -> bool {
        self.now().0 / 1_000_000_000 % ANEW == 0
    }

    /// What is usual behind a link.
    pub fn baseline<'b>(&'b self, down: &'b BTreeSet<ServiceId>) -> Baseline<'b> {
        Baseline { before: self.before, down }
    }

    /// Load of a subject now.
    pub fn station(&self, subject: usize) -> Option<Station> {
        let members = &self.resources.live(&self.resources.subjects[subject]);
        Station::now(self.short, self.long, self.model, self.resources, members)
    }
}
