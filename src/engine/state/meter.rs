//! Exact time integrals of a level: what utilization, mean queues and controllers read.

use crate::engine::state::fullness::Fullness;
use crate::units::Time;

/// A level with a capacity and those who wait for it. Integrals are integers (unit × nanoseconds), so they are exact
/// and do not depend on how often anybody looked.
#[derive(Clone, Debug)]
pub struct Meter {
    pub(crate) level: u64,
    pub(crate) waiting: u32,
    pub(crate) capacity: u64,
    pub(crate) refused: u64,
    /// Uses that began, since the run did.
    pub(crate) begun: u64,
    /// Most at one time since time 0, or since the run began while that is to come.
    level_max: u64,
    waiting_max: u32,
    /// When the last of those who waited was gone, last time.
    pub(crate) emptied: Option<Time>,
    since: Time,
    level_time: u128,
    waiting_time: u128,
    /// Of the level, what is beyond the capacity.
    beyond_time: u128,
    capacity_time: u128,
    /// Of the capacity, what nobody is there to use.
    vacant_time: u128,
    capacity_since: Time,
    vacant: bool,
    pub(crate) fullness: Fullness,
}

/// Integrals of a meter up to one moment, in unit-nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Integrals {
    /// In use within the capacity.
    pub busy: u128,
    pub waiting: u128,
    pub capacity: u128,
    /// In use beyond the capacity: of what has none any more, or has less than before.
    pub beyond: u128,
    /// The capacity while somebody is there to use it.
    pub hosting: u128,
}

impl Integrals {
    /// What came since an earlier moment.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            busy: self.busy - earlier.busy,
            waiting: self.waiting - earlier.waiting,
            capacity: self.capacity - earlier.capacity,
            beyond: self.beyond - earlier.beyond,
            hosting: self.hosting - earlier.hosting,
        }
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            busy: self.busy + other.busy,
            waiting: self.waiting + other.waiting,
            capacity: self.capacity + other.capacity,
            beyond: self.beyond + other.beyond,
            hosting: self.hosting + other.hosting,
        }
    }
}

impl Meter {
    pub(crate) fn new(now: Time, capacity: u64) -> Self {
        Self {
            level: 0,
            waiting: 0,
            capacity,
            refused: 0,
            begun: 0,
            level_max: 0,
            waiting_max: 0,
            emptied: None,
            since: now,
            level_time: 0,
            waiting_time: 0,
            beyond_time: 0,
            capacity_time: 0,
            vacant_time: 0,
            capacity_since: now,
            vacant: false,
            fullness: Fullness::new(now),
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
            if self.level > self.capacity {
                self.beyond_time += u128::from(self.level - self.capacity) * u128::from(span);
            }
            if self.since.0 < 0 && now.0 >= 0 {
                (self.level_max, self.waiting_max) = (self.level, self.waiting);
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
        self.fullness.set(now, level, self.capacity);
    }

    pub(crate) fn set_capacity(&mut self, now: Time, capacity: u64) {
        self.settle(now);
        self.settle_capacity(now);
        self.capacity = capacity;
        self.fullness.set(now, self.level, capacity);
    }

    /// Whether nobody is there to use it.
    pub(crate) fn set_vacant(&mut self, now: Time, vacant: bool) {
        self.settle_capacity(now);
        self.vacant = vacant;
    }

    fn settle_capacity(&mut self, now: Time) {
        let area = u128::from(self.capacity) * (now.0 - self.capacity_since.0) as u128;
        self.capacity_time += area;
        self.vacant_time += if self.vacant { area } else { 0 };
        self.capacity_since = now;
    }

    /// Most in use and most waiting at one time of the window that `now` is in: since time 0, or before it.
    pub(crate) fn most(&self, now: Time) -> (u64, u32) {
        let unchanged = self.since.0 < 0 && now.0 >= 0;
        if unchanged { (self.level, self.waiting) } else { (self.level_max, self.waiting_max) }
    }

    /// Everything up to `now`.
    pub(crate) fn integrals(&self, now: Time) -> Integrals {
        let span = (now.0 - self.since.0) as u128;
        let beyond = self.beyond_time + u128::from(self.level.saturating_sub(self.capacity)) * span;
        let area = u128::from(self.capacity) * (now.0 - self.capacity_since.0) as u128;
        Integrals {
            busy: self.level_time + u128::from(self.level) * span - beyond,
            waiting: self.waiting_time + u128::from(self.waiting) * span,
            capacity: self.capacity_time + area,
            beyond,
            hosting: self.capacity_time - self.vacant_time + if self.vacant { 0 } else { area },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_capacity_is_not_in_use_of_it() {
        let mut meter = Meter::new(Time(0), 4);
        meter.set(Time(0), 3, 2);
        meter.set_capacity(Time(10), 1);
        meter.set(Time(20), 0, 0);
        let all = meter.integrals(Time(30));
        assert_eq!((all.busy, all.beyond, all.waiting, all.capacity), (30 + 10, 20, 40, 40 + 20));
    }

    #[test]
    fn a_capacity_counts_as_hosting_while_somebody_is_there() {
        let mut meter = Meter::new(Time(0), 2);
        meter.set_vacant(Time(0), true);
        meter.set_vacant(Time(10), false);
        meter.set_capacity(Time(15), 4);
        let all = meter.integrals(Time(20));
        assert_eq!((all.capacity, all.hosting), (50, 30));
        meter.set_vacant(Time(20), true);
        assert_eq!(meter.integrals(Time(30)).hosting, 30);
    }

    #[test]
    fn the_most_is_of_the_time_from_zero_on() {
        let mut meter = Meter::new(Time(-20), 9);
        meter.set(Time(-20), 7, 5);
        meter.set(Time(-10), 2, 1);
        assert_eq!((meter.most(Time(-5)), meter.most(Time(5))), ((7, 5), (2, 1)));
        meter.set(Time(5), 3, 0);
        assert_eq!(meter.most(Time(6)), (3, 1));
    }
}
