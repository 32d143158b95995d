//! What was asked and what came of it.
//!
//! Counts, shares and latencies are of a cohort: those that started within the horizon (of a window of an objective:
//! within it). A latency runs from the intended start to the final outcome. What has no outcome at the horizon is
//! censored: counted as in flight and in no percentile.
//!
//! Goodput is of a window: what ended well within it, whenever it began. So is all of a point of the timeline but what
//! was offered in it.

use super::histogram::{Histogram, Sketch};
use super::results::{Latency, Sessions, Traffic, TrafficSeries};
use super::series::{Merge, Series};
use crate::engine::Outcome;
use crate::scenario::Reason;
use crate::units::Time;

/// Every reason, in the order of the counters.
pub const REASONS: [Reason; 10] = [
    Reason::Refused,
    Reason::TimedOut,
    Reason::Shed,
    Reason::CircuitOpen,
    Reason::RateLimited,
    Reason::PoolTimeout,
    Reason::Crashed,
    Reason::Unreachable,
    Reason::Error,
    Reason::Abandoned,
];

/// Position of a reason in the counters.
pub fn reason_index(reason: Reason) -> usize {
    match reason {
        Reason::Refused => 0,
        Reason::TimedOut => 1,
        Reason::Shed => 2,
        Reason::CircuitOpen => 3,
        Reason::RateLimited => 4,
        Reason::PoolTimeout => 5,
        Reason::Crashed => 6,
        Reason::Unreachable => 7,
        Reason::Error => 8,
        Reason::Abandoned => 9,
    }
}

/// Name of a reason as in the scenario and the results.
pub fn reason_name(index: usize) -> String {
    format!("{:?}", REASONS[index])
}

/// One source or call site over the whole run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub offered: u64,
    pub succeeded: u64,
    pub degraded: u64,
    pub failed: [u64; REASONS.len()],
    /// Of those that succeeded.
    pub latency: Histogram,
    /// Ended well within the horizon, whenever it started: no part of the cohort.
    pub completed: u64,
}

impl Tally {
    /// One that started has its outcome.
    pub fn end(&mut self, outcome: Outcome, nanos: u64) {
        match outcome {
            Outcome::Succeeded { degraded } => {
                self.succeeded += 1;
                self.degraded += u64::from(degraded);
                self.latency.record(nanos);
            }
            Outcome::Failed(reason) => self.failed[reason_index(reason)] += 1,
        }
    }

    /// Take in another's.
    pub fn merge(&mut self, other: &Tally) {
        self.offered += other.offered;
        self.succeeded += other.succeeded;
        self.degraded += other.degraded;
        self.failed.iter_mut().zip(other.failed).for_each(|(mine, theirs)| *mine += theirs);
        self.latency.merge(&other.latency);
        self.completed += other.completed;
    }

    /// All failures.
    pub fn failures(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Those without an outcome.
    pub fn in_flight(&self) -> u64 {
        self.offered.saturating_sub(self.succeeded + self.failures())
    }

    /// As reported, over `seconds`.
    pub fn report(&self, seconds: f64, sessions: Option<Sessions>) -> Traffic {
        let per_second = |n: u64| if seconds > 0.0 { n as f64 / seconds } else { 0.0 };
        let failed = self.failed.iter().enumerate().filter(|f| *f.1 > 0).map(|(i, &n)| (reason_name(i), n)).collect();
        Traffic {
            offered: self.offered,
            succeeded: self.succeeded,
            degraded: self.degraded,
            failed,
            in_flight: self.in_flight(),
            offered_per_s: per_second(self.offered),
            goodput_per_s: per_second(self.completed),
            latency_s: latency(&self.latency),
            sessions,
        }
    }
}

/// As reported; absent of nothing.
pub fn latency(h: &Histogram) -> Option<Latency> {
    Some(Latency {
        mean: h.mean()?,
        p50: h.quantile(0.5)?,
        p90: h.quantile(0.9)?,
        p95: h.quantile(0.95)?,
        p99: h.quantile(0.99)?,
        p999: h.quantile(0.999)?,
        max: h.max()?,
    })
}

/// Those that started in one window, and how many ended in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slot {
    pub offered: u64,
    pub succeeded: u64,
    /// Of the succeeded, those answered by a fallback.
    pub degraded: u64,
    pub failed: u64,
    /// Of those that succeeded.
    pub latency: Sketch,
    /// Ended well here, whenever they started.
    pub completed: u64,
}

impl Slot {
    /// One that started here has its outcome.
    pub fn end(&mut self, outcome: Outcome, nanos: u64) {
        match outcome {
            Outcome::Succeeded { degraded } => {
                self.succeeded += 1;
                self.degraded += u64::from(degraded);
                self.latency.record(nanos);
            }
            Outcome::Failed(_) => self.failed += 1,
        }
    }

    /// One that started anywhere ends here.
    pub fn conclude(&mut self, outcome: Outcome) {
        self.completed += u64::from(matches!(outcome, Outcome::Succeeded { .. }));
    }
}

/// One has ended: it belongs to the window it started in, and its end to that of the end; none before time 0.
pub fn ended_at(slots: &mut Series<Slot>, [started, ended]: [Time; 2], outcome: Outcome, nanos: u64) {
    let second = |at: Time| (at >= Time(0)).then_some((at.0 / 1_000_000_000) as u64);
    let (started, ended) = (second(started), second(ended));
    if let Some(second) = started {
        let slot = slots.at(second);
        slot.end(outcome, nanos);
        if started == ended {
            return slot.conclude(outcome);
        }
    }
    if let Some(second) = ended {
        slots.at(second).conclude(outcome);
    }
}

impl Merge for Slot {
    fn merge(&mut self, later: &Slot) {
        self.offered += later.offered;
        self.succeeded += later.succeeded;
        self.degraded += later.degraded;
        self.failed += later.failed;
        self.latency.merge(&later.latency);
        self.completed += later.completed;
    }
}

/// A point of the timeline of a source: what began in it, and what ended in it, whenever it began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Began.
    pub offered: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Of these, answered by a fallback.
    pub degraded: u64,
    /// Ended otherwise.
    pub failed: u64,
    /// Of those that ended well.
    pub latency: Sketch,
}

impl Point {
    /// One ends here.
    #[inline]
    pub fn end(&mut self, outcome: Outcome, nanos: u64) {
        match outcome {
            Outcome::Succeeded { degraded } => {
                self.succeeded += 1;
                self.degraded += u64::from(degraded);
                self.latency.record(nanos);
            }
            Outcome::Failed(_) => self.failed += 1,
        }
    }
}

impl Merge for Point {
    fn merge(&mut self, later: &Point) {
        self.offered += later.offered;
        self.succeeded += later.succeeded;
        self.degraded += later.degraded;
        self.failed += later.failed;
        self.latency.merge(&later.latency);
    }
}

/// As reported: rates per second, `seconds` being the length of the run so far.
pub fn series(points: &Series<Point>, seconds: f64) -> TrafficSeries {
    let mut out = TrafficSeries::default();
    for (i, point) in points.points().iter().enumerate() {
        let every = points.every() as f64;
        let length = every.min(seconds - i as f64 * every).max(1e-9);
        out.offered_per_s.push((point.offered as f64 / length) as f32);
        out.goodput_per_s.push((point.succeeded as f64 / length) as f32);
        out.degraded_per_s.push((point.degraded as f64 / length) as f32);
        out.failed_per_s.push((point.failed as f64 / length) as f32);
        out.p95_s.push(point.latency.quantile(0.95).map(|s| s as f32));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_has_exactly_one_fate() {
        let mut t = Tally { offered: 5, ..Tally::default() };
        t.end(Outcome::Succeeded { degraded: true }, 1_000_000);
        t.end(Outcome::Failed(Reason::TimedOut), 5_000_000);
        t.end(Outcome::Failed(Reason::TimedOut), 5_000_000);
        let r = t.report(10.0, None);
        assert_eq!((r.offered, r.succeeded, r.failures(), r.in_flight), (5, 1, 2, 2));
        assert_eq!(r.failed.len(), 1);
        assert_eq!(r.failed_share(), Some(2.0 / 3.0));
        assert!((r.latency_s.unwrap().max - 0.001).abs() < 1e-12);
    }

    #[test]
    fn reasons_and_their_positions_agree() {
        for (i, reason) in REASONS.into_iter().enumerate() {
            assert_eq!(reason_index(reason), i);
        }
    }
}
