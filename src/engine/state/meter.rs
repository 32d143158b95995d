//! Exact time integrals of a level: what utilization, mean queues and controllers read.

use crate::units::Time;

/// A level with a capacity and those who wait for it. Integrals are integers (unit × nanoseconds), so they are exact
/// and do not depend on how often anybody looked.
#[derive(Clone, Debug)]
pub struct Meter {
    pub(crate) level: u64,
    pub(crate) waiting: u32,
    pub(crate) capacity: u64,
    pub(crate) refused: u64,
    pub(crate) level_max: u64,
    pub(crate) waiting_max: u32,
    /// When the last of those who waited was gone, last time.
    pub(crate) emptied: Option<Time>,
    since: Time,
    level_time: u128,
    waiting_time: u128,
    capacity_time: u128,
    capacity_since: Time,
}

impl Meter {
    pub(crate) fn new(now: Time, capacity: u64) -> Self {
        Self {
            level: 0,
            waiting: 0,
            capacity,
            refused: 0,
            level_max: 0,
            waiting_max: 0,
            emptied: None,
            since: now,
            level_time: 0,
            waiting_time: 0,
            capacity_time: 0,
            capacity_since: now,
        }
    }

    #[inline]
    fn settle(&mut self, now: Time) {
        let span = (now.0 - self.since.0) as u64;
        if span > 0 {
            self.level_time += u128::from(self.level) * u128::from(span);
            if self.waiting > 0 {
                self.waiting_time += u128::from(self.waiting) * u128::from(span);
            }
            self.since = now;
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, now: Time, level: u64, waiting: u32) {
        self.settle(now);
        self.level = level;
        if waiting == 0 && self.waiting > 0 {
            self.emptied = Some(now);
        }
        self.waiting = waiting;
        self.level_max = self.level_max.max(level);
        self.waiting_max = self.waiting_max.max(waiting);
    }

    pub(crate) fn set_capacity(&mut self, now: Time, capacity: u64) {
        self.capacity_time += u128::from(self.capacity) * (now.0 - self.capacity_since.0) as u128;
        self.capacity_since = now;
        self.capacity = capacity;
    }

    /// ∫ level, ∫ waiting and ∫ capacity up to `now`, in unit-nanoseconds.
    #[inline]
    pub(crate) fn integrals(&self, now: Time) -> [u128; 3] {
        let span = (now.0 - self.since.0) as u128;
        [
            self.level_time + u128::from(self.level) * span,
            self.waiting_time + u128::from(self.waiting) * span,
            self.capacity_time + u128::from(self.capacity) * (now.0 - self.capacity_since.0) as u128,
        ]
    }
}
