//! What frames and the timeline need to hear of a run beside what measuring hears: totals by source, instance and pair
//! of instances. Nothing is reset but the latencies of the present stretch of the timeline.

use super::edge_counts::EdgeCounts;
use super::frame::HOPS;
use crate::engine::{Observation, Observer, Outcome};
use crate::measure::{REASONS, Recorder, reason_index};
use crate::model::SiteId;
use crate::units::Time;
use std::collections::VecDeque;

/// A source's requests by the time they began and ended, since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceTotals {
    /// Begun.
    pub offered: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Failed, in the order of `REASONS`.
    pub failed: [u64; REASONS.len()],
}

/// Calls that reached an instance, since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceTotals {
    /// Taken in.
    pub taken: u64,
    /// Turned away.
    pub refused: u64,
}

/// A call arrived at its callee, or its attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// Where it was made.
    pub site: SiteId,
    /// Index of the calling instance (u32::MAX: a source), and of the one called (u32::MAX: none).
    pub ends: [u32; 2],
    /// How it ended; none: it arrived.
    pub ended: Option<Outcome>,
}

/// Totals heard so far.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// By source.
    pub sources: Vec<SourceTotals>,
    /// By instance.
    pub doors: Vec<InstanceTotals>,
    /// By call site, caller and callee.
    pub edge_counts: EdgeCounts,
    /// By source: latencies of those that ended well in the present stretch.
    pub latencies: Vec<Latencies>,
    /// What calls did since somebody looked; none while nobody wants to know.
    pub steps: Option<VecDeque<CallEvent>>,
}

/// Buckets per octave of a latency: 16, so that a percentile is within 2.2 %.
const BITS: u32 = 4;
const BUCKETS: usize = 64 << BITS;

/// How many latencies fell into each bucket.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    counts: Vec<u32>,
    len: u64,
}

impl Latencies {
    #[inline]
    fn record(&mut self, nanos: u64) {
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS];
        }
        let octave = nanos.max(1).ilog2();
        let shift = octave.saturating_sub(BITS);
        self.counts[((shift << BITS) as usize + (nanos >> shift) as usize).min(BUCKETS - 1)] += 1;
        self.len += 1;
    }

    /// The latency in seconds that a share `q` did not exceed; NaN of none. Then it begins anew.
    pub fn take_quantile(&mut self, q: f64) -> f32 {
        if self.len == 0 {
            return f32::NAN;
        }
        let rank = (q * self.len as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let bucket = self.counts.iter().position(|&count| {
            seen += u64::from(count);
            seen >= rank
        });
        self.counts.fill(0);
        self.len = 0;
        let bucket = bucket.unwrap_or(BUCKETS - 1) as u32;
        let shift = (bucket >> BITS).saturating_sub(1);
        let low = u64::from(bucket - (shift << BITS)) << shift;
        ((low as f64 + ((1u64 << shift) as f64 - 1.0) / 2.0) / 1e9) as f32
    }
}

#[inline]
fn row<T: Default + Clone>(rows: &mut Vec<T>, index: u32) -> &mut T {
    let index = index as usize;
    if index >= rows.len() {
        rows.resize(index + 1, T::default());
    }
    &mut rows[index]
}

impl Totals {
    fn step(&mut self, step: CallEvent) {
        if let Some(steps) = &mut self.steps {
            // Of more, the last ones.
            if steps.len() == HOPS {
                steps.pop_front();
            }
            steps.push_back(step);
        }
    }

    /// Bytes it takes.
    pub fn footprint(&self) -> usize {
        self.sources.capacity() * size_of::<SourceTotals>()
            + self.doors.capacity() * size_of::<InstanceTotals>()
            + self.edge_counts.footprint()
            + self
                .latencies
                .iter()
                .map(|l| size_of::<Latencies>() + l.counts.capacity() * size_of::<u32>())
                .sum::<usize>()
    }
}

impl Observer for Totals {
    #[inline]
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::RequestStarted { source, .. } => row(&mut self.sources, source.0).offered += 1,
            Observation::RequestEnded { source, started, outcome, .. } => {
                let totals = row(&mut self.sources, source.0);
                match outcome {
                    Outcome::Succeeded { .. } => {
                        totals.succeeded += 1;
                        row(&mut self.latencies, source.0).record((now.0 - started.0).max(0) as u64);
                    }
                    Outcome::Failed(reason) => totals.failed[reason_index(reason)] += 1,
                }
            }
            Observation::AttemptEnded { site, outcome, instance, from, .. } => {
                let failed = match outcome {
                    Outcome::Succeeded { .. } => None,
                    Outcome::Failed(reason) => Some(reason),
                };
                self.edge_counts.of([site.0, from, instance]).add(failed);
                self.step(CallEvent { site, ends: [from, instance], ended: Some(outcome) });
            }
            Observation::Admitted { instance, site, from, .. } => {
                row(&mut self.doors, instance).taken += 1;
                self.step(CallEvent { site, ends: [from, instance], ended: None });
            }
            Observation::Rejected { instance, .. } if instance != u32::MAX => {
                row(&mut self.doors, instance).refused += 1
            }
            _ => {}
        }
    }
}

/// Measuring and watching, side by side.
#[derive(Clone, Debug)]
pub struct Ears {
    /// What results are made of.
    pub recorder: Recorder,
    /// What frames are made of.
    pub totals: Totals,
}

impl Observer for Ears {
    #[inline]
    fn observe(&mut self, now: Time, what: &Observation) {
        self.recorder.observe(now, what);
        self.totals.observe(now, what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_near_and_begins_anew() {
        let mut l = Latencies::default();
        assert!(l.take_quantile(0.95).is_nan());
        (1..=1000u64).for_each(|ms| l.record(ms * 1_000_000));
        let p95 = l.take_quantile(0.95);
        assert!((p95 / 0.95 - 1.0).abs() < 0.035, "{p95}");
        assert!(l.take_quantile(0.95).is_nan());
        l.record(0);
        l.record(u64::MAX);
        assert!(l.take_quantile(1.0) > 1e9);
    }
}
