//! What a link end does before a call leaves and after it is over: rate limit, breaker, lost messages.

use crate::engine::observation::{Observation, Observer, Outcome};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::request::ExecRef;
use crate::engine::state::world::Context;
use crate::model;
use crate::scenario::Reason;
use crate::units::Time;
use rand::RngExt;

/// Purposes of the draws about a message.
pub(crate) const REQUEST: u64 = 0x6c6f_7373_0001;
pub(crate) const REPLY: u64 = 0x6c6f_7373_0002;

/// Parts of a breaker's window.
const PARTS: usize = 10;

/// What a link end remembers of its limits; gone with its process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resilience {
    bucket: Option<Bucket>,
    breaker: Breaker,
}

/// Tokens at a time; they are counted up when somebody asks.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Time,
}

impl Bucket {
    /// A token, if there is one.
    fn take(&mut self, now: Time, limit: &model::RateLimit) -> bool {
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
enum Breaker {
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
struct Recent {
    /// The part that counts now, since time 0.
    part: i64,
    /// (ended, failed)
    counts: [(u32, u32); PARTS],
}

impl Recent {
    /// Counts one; the totals of the window.
    fn add(&mut self, now: Time, tenth: i64, failed: bool) -> (u32, u32) {
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
    fn is_open(&self) -> bool {
        !matches!(self, Self::Closed(_))
    }

    /// Whether a call may leave; a call that is a trial is remembered.
    fn lets(&mut self, call: ExecRef, now: Time, spec: &model::Breaker) -> bool {
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
    fn learn(&mut self, call: ExecRef, failed: bool, now: Time, spec: &model::Breaker) {
        match self {
            Self::Closed(recent) => {
                let (ended, failures) = recent.add(now, spec.tenth.0, failed);
                if ended >= spec.calls && f64::from(failures) >= spec.failures * f64::from(ended) {
                    *self = Self::Open { until: Time(now.0 + spec.open.0) };
                }
            }
            // It left before it opened: that is known.
            Self::Open { .. } => {}
            Self::Trying { out, passed } => {
                let Some(place) = out.iter().position(|trial| *trial == call) else { return };
                out.swap_remove(place);
                if failed {
                    *self = Self::Open { until: Time(now.0 + spec.open.0) };
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
    fn release(&mut self, call: ExecRef) {
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

impl<O: Observer> Context<'_, O> {
    /// Why a call may not leave this link end, if it may not.
    pub(crate) fn turned_away(&mut self, attempt: u32) -> Option<Reason> {
        let (call, client, now) =
            (self.world.execs.reference(attempt), self.world.execs[attempt].client(), self.world.now);
        let guards = &self.model.links[self.world.clients[client].link].guards;
        if guards.breaker.is_none() && guards.rate_limit.is_none() {
            return None;
        }
        let guard = self.world.clients[client].guard.get_or_insert_default();
        if let Some(spec) = &guards.breaker
            && !guard.breaker.lets(call, now, spec)
        {
            return Some(Reason::CircuitOpen);
        }
        if let Some(limit) = &guards.rate_limit
            && !guard.bucket.get_or_insert(Bucket { tokens: limit.burst, at: now }).take(now, limit)
        {
            return Some(Reason::RateLimited);
        }
        None
    }

    /// A caller has heard how a call ended that this link end let go; `left`: it was on its way to a target.
    pub(crate) fn learn(&mut self, attempt: u32, outcome: Outcome, left: bool) {
        let failed = matches!(outcome, Outcome::Failed(_));
        let (call, client, now) =
            (self.world.execs.reference(attempt), self.world.execs[attempt].client(), self.world.now);
        let end = &mut self.world.clients[client];
        let (link, caller_instance) = (end.link, end.instance);
        if let Some(spec) = &self.model.links[link].guards.breaker {
            let breaker = &mut end.guard.get_or_insert_default().breaker;
            let was = breaker.is_open();
            breaker.learn(call, failed, now, spec);
            let open = breaker.is_open();
            if open != was {
                self.emit(|| Observation::BreakerChanged { link, caller_instance, open });
            }
        }
        if left && let Some(eject) = self.model.links[link].guards.eject {
            self.judge(client, self.world.execs[attempt].instance(), failed, eject);
        }
    }

    /// A process is gone, and what its link ends remembered with it.
    pub(crate) fn forget_guards(&mut self, instance: InstanceId) {
        for place in 0..self.world.instances[instance].clients.len() {
            let client = self.world.instances[instance].clients[place];
            let end = &mut self.world.clients[client];
            let link = end.link;
            if end.guard.take().is_some_and(|guard| guard.breaker.is_open()) {
                self.emit(|| Observation::BreakerChanged { link, caller_instance: Some(instance), open: false });
            }
        }
    }

    /// Whether a message about an attempt vanishes.
    pub(crate) fn vanishes(&self, attempt: u32, message: u64) -> bool {
        let loss = self.link_of(attempt).guards.loss;
        (loss > 0.0 && Stream::new(self.world.execs[attempt].key ^ message).random::<f64>() < loss)
            || (!self.world.partitions.is_empty() && self.parted(attempt))
    }

    /// A message has vanished: its connection is of no more use, and the caller hears nothing.
    pub(crate) fn lose(&mut self, attempt: u32) {
        let state = &mut self.world.execs[attempt];
        if state.kept && !state.fresh {
            let (instance, pinned) = (state.instance(), std::mem::take(&mut state.pinned));
            self.close_resting(instance, pinned);
        }
        self.become_unresponsive(attempt);
    }

    /// Whether a health check's question or answer vanishes.
    pub(crate) fn check_vanishes(&self, client: ClientId, instance: InstanceId) -> bool {
        let end = &self.world.clients[client];
        let link = &self.model.links[end.link];
        if !self.world.partitions.is_empty() && self.cut_off(client, instance) {
            return true;
        }
        if link.guards.loss <= 0.0 {
            return false;
        }
        let caller = end.instance.map_or(u32::MAX, InstanceId::number);
        let pair = u64::from(caller) << 32 | u64::from(instance.number());
        let mut stream =
            Stream::new(derive(derive(self.world.seed ^ link.key ^ REQUEST, pair), self.world.now.0 as u64));
        stream.random::<f64>() < link.guards.loss || stream.random::<f64>() < link.guards.loss
    }
}
