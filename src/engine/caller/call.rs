//! A call from the caller's side: choose, connect, send, wait, give up, try again.
//!
//! The caller keeps its program counter at the call until the call is over; every attempt is an execution of its own.
//! The slot of an attempt (place in the pool, descriptor, outstanding count) is taken in `dispatch` alone; `pool` gives
//! it back.

use crate::engine::observation::{Activity, Limit, Observation, Observer, Outcome, WorkKind};
use crate::engine::random::rng::derive;
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId};
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::{AmountId, Instr, LaneId, Link, Site, SiteId};
use crate::scenario::Reason;
use crate::units::Time;

/// The amount that every model has: none.
pub(crate) const NO_TIME: AmountId = AmountId::new(0);

/// Purposes of draws beside a step's own amount.
pub(crate) mod purpose {
    pub const TARGET: u64 = 0x7461_7267_6574;
    pub const LATENCY: u64 = 0x6c61_7465_6e63;
    pub const REPLY: u64 = 0x7265_706c_7900;
    pub const HANDSHAKE: u64 = 0x6861_6e64_7368;
    pub const BACKOFF: u64 = 0x6261_636b_6f66;
}

impl<O: Observer> Context<'_, O> {
    /// The call site an execution stands at.
    #[inline]
    pub(crate) fn site_at(&self, pc: u32) -> SiteId {
        match self.model.code[pc as usize].instr {
            Instr::Call(site) => site,
            _ => unreachable!("a caller stands at a call"),
        }
    }

    #[inline]
    fn site(&self, site: SiteId) -> &Site {
        &self.model.sites[site]
    }

    #[inline]
    pub(crate) fn link_of(&self, attempt: u32) -> &Link {
        &self.model.links[self.site(self.world.execs[attempt].site()).link]
    }

    /// A call begins: the first attempt of it, and for a client a new request.
    #[inline(always)]
    pub(crate) fn begin_call(&mut self, caller: u32) {
        let site = self.site_at(self.world.execs[caller].pc);
        self.world.execs[caller].attempt = 0;
        if self.world.execs[caller].operation.is_none() {
            self.begin_request(caller, site);
        }
        let client = self.client_for(caller, site);
        let link = &self.model.links[self.model.sites[site].link];
        if let Some(budget) = link.retry.budget {
            let tokens = &mut self.world.clients[client].tokens;
            *tokens = (*tokens + budget.earn).min(budget.burst);
        }
        self.attempt(caller);
    }

    /// The link end a caller uses for a site.
    #[inline(always)]
    pub(crate) fn client_for(&self, caller: u32, site: SiteId) -> ClientId {
        let link = self.model.sites[site].link;
        match self.world.execs[caller].instance {
            Some(instance) => self.world.instances[instance].clients[self.world.link_places[link] as usize],
            None => self.world.crowds[link].expect("a crowd has an end of each of its links"),
        }
    }

    /// One try: an execution for the callee, and a slot to leave over.
    pub(crate) fn attempt(&mut self, caller: u32) {
        let state = &mut self.world.execs[caller];
        state.pending = 0;
        state.need = 0;
        self.launch(caller, 0);
    }

    /// An attempt's execution, as its caller stands.
    #[inline(always)]
    fn new_attempt(&mut self, caller: u32, hedge: u32, site: SiteId, client: ClientId) -> ExecRef {
        let pc = self.world.execs[caller].pc;
        let step_key = self.model.code[pc as usize].key;
        let parent = self.world.execs.reference(caller);
        let from = &self.world.execs[caller];
        let key =
            derive(from.key ^ step_key, u64::from(hedge) << 52 | u64::from(from.round) << 20 | u64::from(from.attempt));
        let (source, number, user, attempt, ticket) =
            (from.source, from.number, from.user, from.attempt + hedge, from.ticket);
        let root = if from.role == Role::Root { parent } else { from.root };
        let older = if hedge > 0 { from.child } else { ExecRef::NOBODY };
        let index = self.world.execs.insert(Role::Attempt, source, key, self.world.now);
        let reference = self.world.execs.reference(index);
        let state = &mut self.world.execs[index];
        state.number = number;
        state.user = user;
        state.operation = Some(self.model.sites[site].operation);
        state.parent = parent;
        state.parent_ticket = ticket;
        state.root = root;
        state.site = Some(site);
        state.attempt = attempt;
        state.client = Some(client);
        state.call_pc = pc;
        state.counted = true;
        state.sibling = older;
        let from = &mut self.world.execs[caller];
        from.state = State::Calling;
        from.child = reference;
        self.emit(|| Observation::AttemptStarted { site, attempt, source, number, exec: reference, parent });
        reference
    }

    /// The first attempt of a try (`hedge` 0), or one beside those in progress.
    pub(crate) fn launch(&mut self, caller: u32, hedge: u32) {
        let site = self.site_at(self.world.execs[caller].pc);
        let client = self.client_for(caller, site);
        let link_id = self.model.sites[site].link;
        let link = &self.model.links[link_id];
        if link.queue && hedge == 0 && self.world.execs[caller].attempt > 0 {
            self.delay_message(client, caller, false);
        }
        let reference = self.new_attempt(caller, hedge, site, client);
        let index = reference.index;
        let end = &mut self.world.clients[client];
        end.calls += 1;
        let mut full = link.keep > 0 && end.in_use >= link.keep;
        if link.guarded {
            if let Some(reason) = self.turned_away(index) {
                return self.drop_early(index, reason);
            }
            if let Some(spec) = link.guards.hedge
                && hedge < spec.most
            {
                self.world.after(spec.after, Event::Hedge(reference));
            }
            full |= self.must_queue(index, client);
        }
        let end = &mut self.world.clients[client];
        if full {
            if end.waiting() >= link.guards.queue_limit {
                return self.no_room(index);
            }
            self.stand_in_line(index, client);
            self.world.note_pool(client);
            self.line_up_again(client, caller, true);
            if let Some(lane) = link.pool_timeout {
                self.world.after(lane, Event::PoolTimeout(reference));
            }
            if hedge == 0 {
                self.set_activity(caller, Some(Activity::Pool(link_id)));
            }
        } else {
            let meter = end.meter;
            if link.keep > 0 {
                end.in_use += 1;
            }
            if meter.is_some() {
                self.world.begin_use(meter);
                self.world.note_pool(client);
            }
            self.set_activity(caller, Some(Activity::Call(link_id)));
            self.dispatch(index);
        }
    }

    /// A kept connection was granted to a waiting attempt.
    pub(crate) fn dispatch_granted(&mut self, attempt: u32) {
        let parent = self.world.execs[attempt].parent;
        let link = self.site(self.world.execs[attempt].site()).link;
        if self.world.execs.alive(parent) {
            self.line_up_again(self.world.execs[attempt].client(), parent.index, false);
            self.set_activity(parent.index, Some(Activity::Call(link)));
        }
        self.dispatch(attempt);
    }

    /// Chooses a target and a connection and leaves. For a keeping link the place in the pool is already taken.
    #[inline(always)]
    fn dispatch(&mut self, attempt: u32) {
        let client = self.world.execs[attempt].client();
        let link = self.link_of(attempt);
        let (balance, fail_open, keep, timeout, handshake) =
            (link.balance, link.fail_open, link.keep, link.timeout, link.handshake);
        let (pass, keep_alive, patience) = (link.pass, link.keep_alive, link.patience);
        let (handshake_caller, guarded, in_sets) = (link.handshake_caller, link.guarded, link.in_sets);
        let limit = if guarded { link.guards.target_limit } else { u32::MAX };
        let end = &mut self.world.clients[client];
        let caller = end.instance;
        let mut stream = crate::engine::random::rng::Stream::new(self.world.execs[attempt].key ^ purpose::TARGET);
        let place = if guarded {
            self.choose(attempt, &mut stream)
        } else if end.targets.len() == 1 && end.unhealthy == 0 && !in_sets {
            Some(0)
        } else {
            self.choose_by(attempt, client, balance, fail_open, &mut stream)
        };
        let Some(place) = place else { return self.without_target(attempt, client, limit) };
        let end = &mut self.world.clients[client];
        if end.targets[place].outstanding >= limit {
            return self.wait_again(attempt, client);
        }
        let instance = end.targets[place].instance;
        end.targets[place].outstanding += 1;
        let slots = end.slots_meter;
        if slots.is_some() {
            self.world.begin_use(slots);
            self.world.note_slots(client);
        }
        let kept = if keep > 0 {
            self.kept_connection(client, instance, keep)
        } else if keep_alive {
            self.take_connection(attempt, instance)
        } else {
            None
        };
        let (fresh, pinned) = (kept.is_none(), kept.unwrap_or(false));
        let state = &mut self.world.execs[attempt];
        state.instance = Some(instance);
        state.target = place as u32;
        state.slot = true;
        state.fresh = fresh;
        state.kept = keep > 0 || keep_alive;
        state.pinned = pinned;
        if fresh
            && let Some(caller) = caller
            && !self.take_descriptor(caller)
        {
            // The socket was never made: undo what release_slot would give back.
            self.world.instances[caller].descriptors += 1;
            self.world.execs[attempt].kept = false;
            self.release_slot(attempt);
            self.world.execs[attempt].instance = None;
            return self.hold_back(attempt, Some(caller), Limit::Descriptors);
        }
        self.start_clock(attempt, timeout, patience, pass);
        if fresh && handshake && caller.is_some() {
            let seconds = self.draw(attempt, purpose::HANDSHAKE, handshake_caller);
            if seconds > 0.0 {
                // The caller's CPU, before the attempt leaves.
                self.world.execs[attempt].state = State::Handshake;
                self.ask_of_caller(attempt, caller, seconds);
                return self.burn_at(caller, attempt, seconds);
            }
        }
        self.transit(attempt);
    }

    /// Tells the work of a handshake that an attempt asks of its caller.
    #[cold]
    fn ask_of_caller(&mut self, attempt: u32, caller: Option<InstanceId>, amount: f64) {
        let from = self.world.execs[attempt].site.and_then(|site| self.model.sites[site].from);
        if let Some((instance, operation)) = caller.zip(from) {
            self.emit(|| Observation::Work { operation, instance, kind: WorkKind::Handshake, amount, aside: false });
        }
    }

    /// From now on the caller waits: for its link's timeout, or as long as its user has patience.
    #[inline(always)]
    fn start_clock(&mut self, attempt: u32, timeout: Option<LaneId>, patience: Option<AmountId>, pass: bool) {
        let reference = self.world.execs.reference(attempt);
        if let Some(lane) = timeout {
            self.world.after(lane, Event::Timeout(reference));
            if pass {
                self.pass_deadline(attempt, Some(self.model.lanes[lane].0));
            }
        } else if patience.is_some() || pass {
            self.wait_while_patient(attempt, patience, pass);
        }
    }

    /// A kept connection to an instance, and whether it has a worker of its own; none: one is opened.
    #[inline(always)]
    fn kept_connection(&mut self, client: ClientId, instance: InstanceId, keep: u32) -> Option<bool> {
        let end = &mut self.world.clients[client];
        if let Some(at) = end.idle.iter().rposition(|idle| idle.instance == instance) {
            return Some(end.idle.remove(at).is_some_and(|idle| idle.pinned));
        }
        if end.open >= keep
            && let Some(oldest) = end.idle.pop_front()
        {
            end.open -= 1;
            let caller = end.instance;
            self.close_idle(caller, oldest);
        }
        self.world.clients[client].open += 1;
        None
    }

    /// An attempt does not leave: there is nobody to call, or its caller has no socket.
    #[cold]
    pub(crate) fn hold_back(&mut self, attempt: u32, instance: Option<InstanceId>, by: Limit) {
        let operation = self.world.execs[attempt].operation();
        let exec = self.world.execs.reference(attempt);
        self.emit(|| Observation::Rejected { operation, instance, by, exec });
        self.fail_early(attempt, Reason::Refused);
    }

    /// On the way to the callee.
    #[inline(always)]
    pub(crate) fn transit(&mut self, attempt: u32) {
        let link = self.link_of(attempt);
        if (link.guarded || !self.world.partitions.is_empty())
            && self.vanishes(attempt, crate::engine::caller::resilience::REQUEST)
        {
            self.lose(attempt);
            return self.inbound_cancelled(attempt);
        }
        let (latency, handshake_latency) = (link.latency, link.handshake_latency);
        let opening = link.handshake && self.world.execs[attempt].fresh && handshake_latency != NO_TIME;
        if latency == NO_TIME && !opening {
            return self.arrive(attempt);
        }
        let now = self.world.now;
        let state = &mut self.world.execs[attempt];
        state.state = State::Transit;
        state.since = now;
        if opening {
            let seconds = self.draw(attempt, purpose::LATENCY, latency)
                + self.draw(attempt, purpose::HANDSHAKE + 1, handshake_latency);
            let reference = self.world.execs.reference(attempt);
            self.world.agenda.once(Time(self.world.now.0 + nanos(seconds)), Event::Wake(reference));
        } else {
            self.wake_after(attempt, purpose::LATENCY, latency);
        }
    }

    /// The callee has answered (or the network did for it): the reply travels back, if anybody listens.
    pub(crate) fn reply(&mut self, attempt: u32, outcome: Outcome) {
        if !self.listens(attempt) {
            self.release_slot(attempt);
            self.world.execs.remove(attempt);
            return;
        }
        let link = self.link_of(attempt);
        if (link.guarded || !self.world.partitions.is_empty())
            && self.vanishes(attempt, crate::engine::caller::resilience::REPLY)
        {
            return self.lose(attempt);
        }
        let latency = link.latency;
        let now = self.world.now;
        let state = &mut self.world.execs[attempt];
        state.outcome = outcome;
        state.state = State::Replying;
        state.since = now;
        if latency == NO_TIME { self.deliver(attempt) } else { self.deliver_after(attempt, purpose::REPLY, latency) }
    }

    /// Whether the caller still waits for this attempt.
    #[inline]
    pub(crate) fn listens(&self, attempt: u32) -> bool {
        let state = &self.world.execs[attempt];
        self.world.execs.alive(state.parent) && self.world.execs[state.parent.index].ticket == state.parent_ticket
    }

    /// The reply reaches the caller.
    pub(crate) fn deliver(&mut self, attempt: u32) {
        let held = self.world.execs[attempt].occupancy == Occupancy::Holding;
        if !self.listens(attempt) {
            if held {
                self.release_hold(attempt);
            } else {
                self.release_slot(attempt);
                self.world.execs.remove(attempt);
            }
            return;
        }
        let caller = self.world.execs[attempt].parent.index;
        let outcome = self.world.execs[attempt].outcome;
        self.attempt_ended(attempt, outcome);
        self.take_over(attempt, caller, outcome);
        let over = match outcome {
            Outcome::Succeeded { .. } => {
                self.settle(caller, attempt);
                true
            }
            Outcome::Failed(_) => self.part(caller, attempt),
        };
        if self.world.execs[attempt].claims > 0 {
            self.hand_over(attempt, caller);
        }
        self.world.execs[caller].hit = self.world.execs[attempt].hit;
        if held {
            // An operation must hold as long as its callee does; a client's session keeps the list itself.
            if self.world.execs[caller].operation.is_some() {
                self.world.execs[caller].holds = true;
            }
            self.forget(attempt);
        } else {
            self.release_slot(attempt);
            self.world.execs.remove(attempt);
        }
        if !over {
            return;
        }
        match outcome {
            Outcome::Succeeded { degraded } => {
                self.end_request(caller, outcome);
                let state = &mut self.world.execs[caller];
                if state.operation.is_some() {
                    state.degraded |= degraded;
                }
                if state.single {
                    return self.finish(caller, outcome);
                }
                state.pc += 1;
                self.resume(caller);
            }
            Outcome::Failed(reason) => self.attempt_failed(caller, reason),
        }
    }

    /// The caller learns how an attempt ended.
    #[inline(always)]
    fn attempt_ended(&mut self, attempt: u32, outcome: Outcome) {
        self.tell_attempt_ended(attempt, outcome);
        if self.link_of(attempt).guarded {
            self.learn(attempt, outcome, true);
        }
    }

    #[inline(always)]
    pub(crate) fn tell_attempt_ended(&mut self, attempt: u32, outcome: Outcome) {
        if O::LISTENS {
            let exec = self.world.execs.reference(attempt);
            let state = &self.world.execs[attempt];
            let ended = Observation::AttemptEnded {
                site: state.site(),
                started: state.started,
                outcome,
                exec,
                instance: state.instance,
                from: self.world.clients[state.client()].instance,
                source: state.source,
                number: state.number,
            };
            self.observer.observe(self.world.now, &ended);
        }
    }

    /// An attempt that never left fails at once.
    pub(crate) fn fail_early(&mut self, attempt: u32, reason: Reason) {
        if self.link_of(attempt).guarded {
            self.learn(attempt, Outcome::Failed(reason), false);
        }
        self.drop_early(attempt, reason);
    }

    /// The same, where its link end did not let it go.
    fn drop_early(&mut self, attempt: u32, reason: Reason) {
        let caller = self.world.execs[attempt].parent.index;
        self.tell_attempt_ended(attempt, Outcome::Failed(reason));
        let over = self.part(caller, attempt);
        self.forget(attempt);
        self.world.execs.remove(attempt);
        if over {
            self.attempt_failed(caller, reason);
        }
    }

    /// Takes an attempt out of its link end's count of calls.
    pub(crate) fn forget(&mut self, attempt: u32) {
        let call = self.world.execs.reference(attempt);
        let state = &mut self.world.execs[attempt];
        if state.counted {
            state.counted = false;
            let client = state.client();
            let end = &mut self.world.clients[client];
            end.calls -= 1;
            if let Some(guard) = &mut end.guard {
                guard.release(call);
            }
            if end.messages.is_some() {
                self.world.note_pool(client);
            }
        }
    }

    /// The caller gives up on an attempt.
    pub(crate) fn on_timeout(&mut self, attempt: u32) {
        if !self.listens(attempt) {
            return;
        }
        let caller = self.world.execs[attempt].parent.index;
        self.attempt_ended(attempt, Outcome::Failed(Reason::TimedOut));
        let over = self.part(caller, attempt);
        self.leave_alone(attempt);
        if over {
            self.attempt_failed(caller, Reason::TimedOut);
        }
    }
}
