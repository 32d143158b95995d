//! The past of a run as a timeline: a point for each second (or more, of long runs), shared between clones.

use super::totals::{SourceTotals, Totals};
use crate::engine::Simulation;
use crate::measure::{REASONS, Recorder, Sketch};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What happened in one stretch of time. Rates are per second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// By source.
    pub sources: Vec<SourcePoint>,
    /// Utilization of each subject that can saturate, 0 to 1; NaN while it is down. In the order of their first
    /// appearance.
    pub subjects: Vec<f32>,
}

/// One source in one stretch of time; what ended counts where it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourcePoint {
    /// Requests begun.
    pub offered_per_s: f32,
    /// Ended well.
    pub succeeded_per_s: f32,
    /// Failed, in the order of `measure::REASONS`.
    pub failed_per_s: [f32; REASONS.len()],
    /// 95th percentile of the latency of those that ended well, seconds; NaN without any.
    pub p95_s: f32,
}

/// Points of a timeline at most.
const MOST: i64 = 4_096;
const SECOND: i64 = 1_000_000_000;

/// Points so far, from time 0 on. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct History {
    points: Vec<Arc<Point>>,
}

impl History {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Those from a position on.
    pub fn from(&self, position: usize) -> &[Arc<Point>] {
        self.points.get(position..).unwrap_or_default()
    }

    /// Point number `position` is known now. What is known already is the same.
    pub fn know(&mut self, position: usize, point: Point) {
        if position == self.points.len() {
            self.points.push(Arc::new(point));
        }
    }

    /// Forgets those from a position on.
    pub fn truncate(&mut self, position: usize) {
        self.points.truncate(position);
    }
}

/// Makes points of a run: what it needs to know of the end of the last one.
#[derive(Clone, Debug)]
pub struct Strip {
    /// Seconds a point stands for.
    every: i64,
    /// Points that are complete.
    pub made: usize,
    /// Since when the totals are.
    begun: Time,
    sources: Vec<SourceTotals>,
    /// Busy and capacity of each subject, unit-seconds.
    subjects: Vec<[f64; 2]>,
}

impl Strip {
    /// For a run of that length.
    pub fn new(horizon: Span) -> Self {
        let seconds = (horizon.0 + SECOND - 1) / SECOND;
        let every = ((seconds + MOST - 1) / MOST).max(1);
        Self { every, made: 0, begun: Time(i64::MIN), sources: Vec::new(), subjects: Vec::new() }
    }

    /// Seconds a point stands for.
    pub fn every_s(&self) -> f64 {
        self.every as f64
    }

    /// After a look of the recorder: the position and the point that is complete now, if one is. A horizon between two
    /// seconds ends the last one early.
    pub fn look(&mut self, sim: &Simulation, recorder: &Recorder, totals: &mut Totals) -> Option<(usize, Point)> {
        let now = sim.now();
        if now < Time(0) {
            return None;
        }
        let end = (self.made as i64 + 1) * self.every * SECOND;
        let complete = self.begun >= Time(0) && (now.0 >= end || now.0 >= sim.model().horizon.0);
        let first = self.begun < Time(0);
        if !complete && !first {
            return None;
        }
        let integrals: Vec<[f64; 2]> = recorder.subjects().map(|(_, members)| recorder.totals(members)).collect();
        let seconds = if complete { (now.0 - self.begun.0) as f64 / 1e9 } else { 0.0 };
        let point = (seconds > 0.0).then(|| Point {
            sources: (0..sim.model().sources.len()).map(|source| self.source(source, seconds, totals)).collect(),
            subjects: integrals
                .iter()
                .enumerate()
                .map(|(i, now)| share(*now, self.subjects.get(i).copied().unwrap_or_default()))
                .collect(),
        });
        if first {
            totals.latencies.iter_mut().for_each(Sketch::clear);
        }
        self.begun = now;
        self.sources = totals.sources.clone();
        self.subjects = integrals;
        let position = self.made;
        self.made += usize::from(point.is_some());
        point.map(|point| (position, point))
    }

    fn source(&self, source: usize, seconds: f64, totals: &mut Totals) -> SourcePoint {
        let old = self.sources.get(source).copied().unwrap_or_default();
        let new = totals.sources.get(source).copied().unwrap_or_default();
        let rate = |new: u64, old: u64| ((new - old) as f64 / seconds) as f32;
        SourcePoint {
            offered_per_s: rate(new.offered, old.offered),
            succeeded_per_s: rate(new.succeeded, old.succeeded),
            failed_per_s: std::array::from_fn(|reason| rate(new.failed[reason], old.failed[reason])),
            p95_s: totals.latencies.get_mut(source).and_then(take_p95).map_or(f32::NAN, |p95_s| p95_s as f32),
        }
    }

    /// Bytes it takes.
    pub fn footprint(&self) -> usize {
        self.sources.capacity() * size_of::<SourceTotals>() + self.subjects.capacity() * size_of::<[f64; 2]>()
    }
}

/// Of the stretch that is over; the next begins.
fn take_p95(latencies: &mut Sketch) -> Option<f64> {
    let p95_s = latencies.quantile(0.95);
    latencies.clear();
    p95_s
}

fn share([busy, capacity]: [f64; 2], [busy_before, capacity_before]: [f64; 2]) -> f32 {
    let (busy, capacity) = (busy - busy_before, capacity - capacity_before);
    if capacity > 0.0 { (busy / capacity) as f32 } else { f32::NAN }
}
