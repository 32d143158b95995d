//! What frames and the timeline need to hear of a run beside what measuring hears: totals by source, instance and pair
//! of instances. Nothing is reset but the latencies of the present stretch of the timeline.

use super::edge_counts::{EdgeCounts, Pair};
use super::frame::HOPS;
use crate::engine::{ActivityCode, InstanceId, Observation, Observer, Outcome};
use crate::measure::{REASONS, Recorder, Sketch, reason_index};
use crate::model::{OperationId, SiteId, SourceId};
use crate::units::Time;
use std::collections::VecDeque;

/// A source's requests by the time they began and ended, since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceTotals {
    /// Requests that began.
    pub offered: u64,
    /// Requests that ended well.
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
    /// The calling instance (none: a source), and the one called (none: there was nobody).
    pub ends: [Option<InstanceId>; 2],
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
    pub latencies: Vec<Sketch>,
    /// What calls did since somebody looked; none while nobody wants to know.
    pub steps: Option<VecDeque<CallEvent>>,
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
            + self.latencies.iter().map(|sketch| size_of::<Sketch>() + sketch.footprint()).sum::<usize>()
    }
}

impl Observer for Totals {
    #[inline(always)]
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::RequestStarted { source, .. } => row(&mut self.sources, source.number()).offered += 1,
            Observation::RequestEnded { source, started, outcome, .. } => {
                let totals = row(&mut self.sources, source.number());
                match outcome {
                    Outcome::Succeeded { .. } => {
                        totals.succeeded += 1;
                        row(&mut self.latencies, source.number()).record((now.0 - started.0).max(0) as u64);
                    }
                    Outcome::Failed(reason) => totals.failed[reason_index(reason)] += 1,
                }
            }
            Observation::AttemptEnded { site, outcome, instance, from, .. } => {
                let failed = match outcome {
                    Outcome::Succeeded { .. } => None,
                    Outcome::Failed(reason) => Some(reason),
                };
                self.edge_counts.of(Pair { site, from, to: instance }).add(failed);
                self.step(CallEvent { site, ends: [from, instance], ended: Some(outcome) });
            }
            Observation::Admitted { instance, site, from, .. } => {
                row(&mut self.doors, instance.number()).taken += 1;
                self.step(CallEvent { site, ends: [from, Some(instance)], ended: None });
            }
            Observation::Rejected { instance: Some(instance), .. } => {
                row(&mut self.doors, instance.number()).refused += 1
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
    const HEARS_MOVES: bool = false;

    #[inline(always)]
    fn moves(&mut self, now: Time, doer: (Option<OperationId>, SourceId), ends: [ActivityCode; 2]) {
        self.recorder.moves(now, doer, ends);
    }

    #[inline(always)]
    fn observe(&mut self, now: Time, what: &Observation) {
        self.recorder.observe(now, what);
        self.totals.observe(now, what);
    }

    #[inline(always)]
    fn follows(&mut self, source: SourceId, number: u64) -> bool {
        self.recorder.follows(source, number)
    }
}
