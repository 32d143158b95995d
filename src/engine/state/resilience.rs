//! What a link end remembers of its limits: the tokens of its rate limit, the state of its breaker.

use crate::engine::state::ids::ExecRef;
use crate::model;
use crate::units::Time;

/// Parts of a breaker's window.
const PARTS: usize = 10;

/// What a link end remembers of its limits; gone with its process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resilience {
    pub bucket: Option<Bucket>,
    pub breaker: Breaker,
}

/// Tokens at a time; they are counted up when somebody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    pub tokens: f64,
    pub at: Time,
}

impl Bucket {
    /// A token, if there is one.
    pub(crate) fn take(&mut self, now: Time, limit: &model::RateLimit) -> bool {
        let come = (now.0 - self.at.0) as f64 * 1e-9 * limit.per_second;
        self.tokens = (self.tokens + come).min(limit.burst);
        self.at = now;
        // Times are whole nanoseconds: a token that is due to within rounding is there.
        let there = self.tokens >= 1.0 - 1e-6;
        if there {
            self.tokens -= 1.0;
        }
        there
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Breaker {
    Closed(Box<Recent>),
    Open {
        until: Time,
    },
    /// Lets a few through to see how they end.
    Trying {
        out: Vec<ExecRef>,
        passed: u32,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed(Box::default())
    }
}

/// Calls that ended lately, in parts of the window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// The part that counts now, since time 0.
    pub part: i64,
    /// (ended, failed)
    pub counts: [(u32, u32); PARTS],
}

impl Recent {
    /// Counts one; the totals of the window.
    pub(crate) fn add(&mut self, now: Time, tenth: i64, failed: bool) -> (u32, u32) {
        let part = now.0.div_euclid(tenth);
        let gone = (part - self.part).clamp(0, PARTS as i64);
        for step in 1..=gone {
            self.counts[(part - gone + step).rem_euclid(PARTS as i64) as usize] = (0, 0);
        }
        self.part = part;
        let here = &mut self.counts[part.rem_euclid(PARTS as i64) as usize];
        here.0 += 1;
        here.1 += u32::from(failed);
        self.counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    }
}

impl Breaker {
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self, Self::Closed(_))
    }

    /// Whether a call may leave; a call that is a trial is remembered.
    pub(crate) fn lets(&mut self, call: ExecRef, now: Time, spec: &model::Breaker) -> bool {
        match self {
            Self::Closed(_) => true,
            Self::Open { until } if now < *until => false,
            Self::Open { .. } => {
                *self = Self::Trying { out: vec![call], passed: 0 };
                true
            }
            Self::Trying { out, passed } => {
                let free = out.len() as u32 + *passed < spec.trials;
                if free {
                    out.push(call);
                }
                free
            }
        }
    }

    /// A call has ended.
    pub(crate) fn learn(&mut self, call: ExecRef, failed: bool, now: Time, spec: &model::Breaker) {
        match self {
            Self::Closed(recent) => {
                let (ended, failures) = recent.add(now, spec.tenth.0, failed);
                if ended >= spec.calls && f64::from(failures) >= spec.failures * f64::from(ended) {
                    *self = Self::Open { until: now + spec.open };
                }
            }
            // It left before it opened: that is known.
            Self::Open { .. } => {}
            Self::Trying { out, passed } => {
                let Some(place) = out.iter().position(|trial| *trial == call) else { return };
                out.swap_remove(place);
                if failed {
                    *self = Self::Open { until: now + spec.open };
                } else {
                    *passed += 1;
                    if *passed >= spec.trials {
                        *self = Self::default();
                    }
                }
            }
        }
    }

    /// A call is over, whether it was learned how or not: its place as a trial is free.
    pub(crate) fn release(&mut self, call: ExecRef) {
        if let Self::Trying { out, .. } = self {
            out.retain(|trial| *trial != call);
        }
    }
}

impl Resilience {
    /// A call is over, however it ended.
    pub(crate) fn release(&mut self, call: ExecRef) {
        self.breaker.release(call);
    }
}
