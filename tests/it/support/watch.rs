//! An observer that keeps every request of a run: proofs do not lean on the measuring layer.

use super::Estimate;
use std::collections::BTreeMap;
use surgelab::engine::{Observation, Observer, Outcome};
use surgelab::model::{OperationId, SiteId, SourceId};
use surgelab::scenario::Reason;
use surgelab::units::Time;

/// A request with its final outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended {
    pub source: SourceId,
    pub site: SiteId,
    pub number: u64,
    pub started: Time,
    pub ended: Time,
    pub outcome: Outcome,
}

impl Ended {
    /// Seconds from the intended start to the final outcome.
    pub fn latency(&self) -> f64 {
        (self.ended.0 - self.started.0) as f64 * 1e-9
    }

    /// It was answered.
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, Outcome::Succeeded { .. })
    }
}

/// All that a proof asks about a run. Requests that started before time 0 are left out.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// In the order in which they ended.
    pub ended: Vec<Ended>,
    /// Attempts that left a caller, by whole second of the run.
    pub attempts: BTreeMap<i64, u64>,
    /// Executions of an operation that ended since time 0, and how many of them well.
    pub finished: BTreeMap<OperationId, (u64, u64)>,
}

impl Watch {
    /// Seconds, of the requests that succeeded, in order.
    pub fn latencies(&self) -> Vec<f64> {
        self.ended.iter().filter(|r| r.succeeded()).map(Ended::latency).collect()
    }

    /// Mean latency of the succeeded.
    pub fn mean(&self) -> Estimate {
        Estimate::mean(&self.latencies())
    }

    /// Latency quantile of the succeeded.
    pub fn quantile(&self, q: f64) -> Estimate {
        Estimate::quantile(&self.latencies(), q)
    }

    /// The share of requests for which `f` holds.
    pub fn share(&self, f: impl Fn(&Ended) -> bool) -> Estimate {
        Estimate::mean(&self.ended.iter().map(|r| f64::from(u8::from(f(r)))).collect::<Vec<_>>())
    }

    /// The share that failed so.
    pub fn failed(&self, reason: Reason) -> Estimate {
        self.share(|r| r.outcome == Outcome::Failed(reason))
    }

    /// Requests that ended well per second of [from, to).
    pub fn goodput(&self, from_s: f64, to_s: f64) -> f64 {
        let inside = |t: Time| (from_s..to_s).contains(&(t.0 as f64 * 1e-9));
        self.ended.iter().filter(|r| r.succeeded() && inside(r.ended)).count() as f64 / (to_s - from_s)
    }

    /// Attempts per second of [from, to).
    pub fn attempts_per_second(&self, from_s: i64, to_s: i64) -> f64 {
        self.attempts.range(from_s..to_s).map(|(_, n)| n).sum::<u64>() as f64 / (to_s - from_s) as f64
    }
}

impl Observer for Watch {
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::RequestEnded { source, site, number, started, outcome, .. } if started.0 >= 0 => {
                self.ended.push(Ended { source, site, number, started, ended: now, outcome });
            }
            Observation::AttemptStarted { .. } => {
                *self.attempts.entry(now.0.div_euclid(1_000_000_000)).or_default() += 1
            }
            Observation::Finished { operation, outcome, .. } if now.0 >= 0 => {
                let (all, well) = self.finished.entry(operation).or_default();
                *all += 1;
                *well += u64::from(matches!(outcome, Outcome::Succeeded { .. }));
            }
            _ => {}
        }
    }
}
