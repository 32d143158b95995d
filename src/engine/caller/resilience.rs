//! What a link end does before a call leaves and after it is over: rate limit, breaker, lost messages.

use crate::engine::observation::{Observation, Observer, Outcome};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::resilience::Bucket;
use crate::engine::state::world::Context;
use crate::scenario::Reason;
use rand::RngExt;

/// Purposes of the draws about a message.
pub(crate) const REQUEST: u64 = 0x6c6f_7373_0001;
pub(crate) const REPLY: u64 = 0x6c6f_7373_0002;

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
