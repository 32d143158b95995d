//! What one look at a run sees: the present, the last seconds, and what was before.

use super::acts::Acts;
use super::counters::{Snapshot, Window};
use super::emptied::Emptied;
use super::pools::Evidence;
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
    /// What operators did in the last minute.
    pub acts: &'a Acts,
    /// Stores that lost what they had, of late.
    pub emptied: &'a Emptied,
    /// There is no other look after this one: what waits to be told is told.
    pub last: bool,
}

impl Moment<'_> {
    /// The present.
    pub fn now(&self) -> Time {
        self.short.new.at
    }

    /// The whole seconds around a span, as far as they are known. What happens at the instant of a look is after it.
    pub fn around(&self, span: [Time; 2]) -> Window<'_> {
        let last = self.history.len() - 1;
        let old = self.history.iter().rposition(|snapshot| snapshot.at <= span[0]).unwrap_or(0).min(last - 1);
        let new = self.history.iter().position(|snapshot| snapshot.at >= span[1]).unwrap_or(last).max(old + 1);
        Window { old: &self.history[old], new: &self.history[new] }
    }

    /// The whole seconds of a span, from the one in which it began, as what filled it came then; those around it where
    /// there are less than three.
    pub fn inside(&self, span: [Time; 2]) -> Window<'_> {
        let old = self.history.iter().rev().find(|snapshot| snapshot.at <= span[0]);
        let new = self.history.iter().rev().find(|snapshot| snapshot.at <= span[1]);
        match old.zip(new) {
            Some((old, new)) if new.at.0 - old.at.0 >= 3_000_000_000 => Window { old, new },
            Some(_) | None => self.around(span),
        }
    }

    /// What a question about this span is answered from.
    pub fn evidence<'b>(&'b self, span: [Time; 2], down: &'b BTreeSet<ServiceId>) -> Evidence<'b> {
        Evidence {
            model: self.model,
            resources: self.resources,
            window: self.inside(span),
            span,
            before: self.before,
            down,
            acts: self.acts,
        }
    }

    /// How long those are, nanoseconds.
    pub fn lately_nanos(&self) -> i64 {
        self.now().0 - self.short.old.at.0
    }

    /// The last seconds.
    pub fn lately(&self) -> [Time; 2] {
        [self.short.old.at, self.now()]
    }

    /// It is time to ask anew because of what the troubles that last do so.
    pub fn asks_anew(&self) -> bool {
        self.now().0 / 1_000_000_000 % ANEW == 0
    }
}
