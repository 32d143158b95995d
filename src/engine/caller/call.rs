//! A call from the caller's side: choose, connect, send, wait, give up, try again.
//!
//! The caller keeps its program counter at the call until the call is over; every attempt is an execution of its own.
//! The slot of an attempt (place in the pool, descriptor, outstanding count) is taken in `dispatch`, or in `direct`
//! where all that a call needs is free; `pool` gives it back.

use crate::engine::observation::{Activity, Limit, Observation, Observer, WorkKind};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId};
use crate::engine::state::request::{Exec, Role, State, blank};
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::{AmountId, Balance, Instr, Link, LinkId, SiteId};
use crate::scenario::Reason;
use crate::units::Span;

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

/// A call, with what its site leads to: looked up once.
#[derive(Clone, Copy)]
pub(crate) struct Call<'m> {
    pub site: SiteId,
    pub link_id: LinkId,
    pub link: &'m Link,
    /// The caller's end of the link.
    pub client: ClientId,
}

impl<'m, O: Observer> Context<'m, O> {
    /// The call site an execution stands at.
    #[inline]
    pub(crate) fn site_at(&self, pc: u32) -> SiteId {
        match self.model.code[pc as usize].instr {
            Instr::Call(site) => site,
            _ => unreachable!("a caller stands at a call"),
        }
    }

    /// The call that a caller stands at.
    #[inline(always)]
    fn call_at(&self, caller: u32) -> Call<'m> {
        let site = self.site_at(self.world.execs[caller].pc);
        let link_id = self.model.sites[site].link;
        Call { site, link_id, link: &self.model.links[link_id], client: self.client_for(caller, site) }
    }

    /// The call that an attempt is of.
    #[inline(always)]
    pub(crate) fn call_of(&self, attempt: u32) -> Call<'m> {
        let state = &self.world.execs[attempt];
        let (site, client) = (state.site(), state.client());
        let link_id = self.model.sites[site].link;
        Call { site, link_id, link: &self.model.links[link_id], client }
    }

    #[inline]
    pub(crate) fn link_of(&self, attempt: u32) -> &'m Link {
        &self.model.links[self.model.sites[self.world.execs[attempt].site()].link]
    }

    /// A call begins: the first attempt of it, and for a client a new request.
    #[inline(always)]
    pub(crate) fn begin_call(&mut self, caller: u32) {
        let call = self.call_at(caller);
        let state = &mut self.world.execs[caller];
        state.attempt = 0;
        if state.operation.is_none() {
            self.begin_request(caller, call.site);
        }
        if let Some(budget) = call.link.retry.budget {
            let tokens = &mut self.world.clients[call.client].tokens;
            *tokens = (*tokens + budget.earn).min(budget.burst);
        }
        self.attempt_over(caller, call);
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

    /// One try of the call that a caller stands at.
    pub(crate) fn attempt(&mut self, caller: u32) {
        self.attempt_over(caller, self.call_at(caller));
    }

    /// One try: an execution for the callee, and a slot to leave over.
    fn attempt_over(&mut self, caller: u32, call: Call<'m>) {
        let state = &mut self.world.execs[caller];
        state.pending = 0;
        state.need = 0;
        if call.link.direct && self.world.partitions.is_empty() && self.call_directly(caller, call) {
            return;
        }
        if call.link.queue && self.world.execs[caller].attempt > 0 {
            self.delay_message(call.client, caller, false);
        }
        let attempt = self.new_attempt(caller, 0, call);
        self.set_out(attempt, caller, 0, call);
    }

    /// An attempt beside those in progress.
    pub(crate) fn launch_hedge(&mut self, caller: u32, hedge: u32) {
        let call = self.call_at(caller);
        let attempt = self.new_attempt(caller, hedge, call);
        self.set_out(attempt, caller, hedge, call);
    }

    /// An attempt's execution, as its caller stands.
    #[inline(always)]
    fn new_attempt(&mut self, caller: u32, hedge: u32, call: Call<'m>) -> ExecRef {
        let (model, now) = (self.model, self.world.now);
        let execs = &mut self.world.execs;
        let from = &execs[caller];
        let parent = ExecRef { index: caller, generation: from.generation };
        let words = u64::from(hedge) << 52 | u64::from(from.round) << 20 | u64::from(from.attempt);
        let key = derive(from.key ^ model.code[from.pc as usize].key, words);
        let (source, number, attempt, followed) = (from.source, from.number, from.attempt + hedge, from.followed);
        let root = if from.role == Role::Root { parent } else { from.root };
        let (user, ticket, pc) = (from.user, from.ticket, from.pc);
        let sibling = if hedge > 0 { from.child } else { ExecRef::NOBODY };
        let exec = execs.reserve();
        execs[exec.index] = Exec {
            number,
            followed,
            user,
            operation: Some(model.sites[call.site].operation),
            parent,
            parent_ticket: ticket,
            root,
            site: Some(call.site),
            attempt,
            client: Some(call.client),
            call_pc: pc,
            counted: true,
            sibling,
            ..blank(exec.generation, Role::Attempt, source, key, now)
        };
        let from = &mut execs[caller];
        from.state = State::Calling;
        from.child = exec;
        let site = call.site;
        self.emit(|| Observation::AttemptStarted { site, attempt, source, number, exec, parent, followed });
        exec
    }

    /// An attempt leaves, or waits for a connection to leave over; `hedge` is 0 for the first of a try.
    #[inline]
    fn set_out(&mut self, reference: ExecRef, caller: u32, hedge: u32, call: Call<'m>) {
        let Call { link_id, link, client, .. } = call;
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
        if full {
            return self.wait_in_line(reference, caller, hedge, call);
        }
        let end = &mut self.world.clients[client];
        let meter = end.meter;
        if link.keep > 0 {
            end.in_use += 1;
        }
        if meter.is_some() {
            self.world.begin_use(meter);
            self.world.note_pool(client);
        }
        self.set_activity(caller, Some(Activity::Call(link_id)));
        self.dispatch(index, call);
    }

    /// All connections, or all places at the targets, are taken.
    #[cold]
    #[inline(never)]
    fn wait_in_line(&mut self, reference: ExecRef, caller: u32, hedge: u32, call: Call<'m>) {
        let (link, client) = (call.link, call.client);
        if self.world.clients[client].waiting() >= link.guards.queue_limit {
            return self.no_room(reference.index);
        }
        self.stand_in_line(reference.index, client);
        self.world.note_pool(client);
        self.line_up_again(client, caller, true);
        if let Some(lane) = link.pool_timeout {
            self.world.after(lane, Event::PoolTimeout(reference));
        }
        if hedge == 0 {
            self.set_activity(caller, Some(Activity::Pool(call.link_id)));
        }
    }

    /// A kept connection was granted to a waiting attempt.
    pub(crate) fn dispatch_granted(&mut self, attempt: u32) {
        let parent = self.world.execs[attempt].parent;
        let call = self.call_of(attempt);
        if self.world.execs.alive(parent) {
            self.line_up_again(call.client, parent.index, false);
            self.set_activity(parent.index, Some(Activity::Call(call.link_id)));
        }
        self.dispatch(attempt, call);
    }

    /// The place of the target an attempt goes to, if there is one, and the most calls that are in progress there.
    #[inline(always)]
    fn target_of(&mut self, attempt: u32, call: Call<'m>) -> Option<usize> {
        let link = call.link;
        let end = &mut self.world.clients[call.client];
        let plain = !link.guarded && !link.in_sets && end.unhealthy == 0;
        if plain && end.targets.len() == 1 {
            return Some(0);
        }
        if plain && link.balance == Balance::RoundRobin && !end.targets.is_empty() {
            return Some(end.next_in_turn());
        }
        self.choose_among(attempt, call)
    }

    #[inline(never)]
    fn choose_among(&mut self, attempt: u32, call: Call<'m>) -> Option<usize> {
        let (link, client) = (call.link, call.client);
        let mut stream = Stream::new(self.world.execs[attempt].key ^ purpose::TARGET);
        if link.guarded {
            return self.choose(attempt, &mut stream);
        }
        self.choose_by(attempt, client, link.balance, link.fail_open, &mut stream)
    }

    /// Chooses a target and a connection and leaves. For a keeping link the place in the pool is already taken.
    #[inline]
    fn dispatch(&mut self, attempt: u32, call: Call<'m>) {
        let Call { link, client, .. } = call;
        let limit = if link.guarded { link.guards.target_limit } else { u32::MAX };
        let Some(place) = self.target_of(attempt, call) else { return self.without_target(attempt, client, limit) };
        let end = &mut self.world.clients[client];
        let caller = end.instance;
        let target = &end.targets[place];
        if target.outstanding >= limit {
            return self.wait_again(attempt, client);
        }
        let instance = target.instance;
        end.begin_at(place);
        let slots = end.slots_meter;
        if slots.is_some() {
            self.world.begin_use(slots);
            self.world.note_slots(client);
        }
        let kept = if link.keep > 0 {
            self.kept_connection(client, instance, link.keep)
        } else if link.keep_alive {
            self.take_connection(attempt, instance)
        } else {
            None
        };
        let fresh = kept.is_none();
        let state = &mut self.world.execs[attempt];
        state.instance = Some(instance);
        state.target = place as u32;
        state.slot = true;
        state.fresh = fresh;
        state.kept = link.keep > 0 || link.keep_alive;
        state.pinned = kept.unwrap_or(false);
        let reference = ExecRef { index: attempt, generation: state.generation };
        if fresh && let Some(caller) = caller {
            if !self.take_descriptor(caller) {
                return self.without_socket(attempt, caller);
            }
            if link.handshake && self.greets_first(attempt, caller, call, reference) {
                return;
            }
        }
        self.start_clock(reference, link);
        self.transit(attempt, instance, link);
    }

    /// The socket was never made: undoes what `release_slot` would give back.
    #[cold]
    #[inline(never)]
    fn without_socket(&mut self, attempt: u32, caller: InstanceId) {
        self.world.instances[caller].descriptors += 1;
        self.world.execs[attempt].kept = false;
        self.release_slot(attempt);
        self.world.execs[attempt].instance = None;
        self.hold_back(attempt, Some(caller), Limit::Descriptors);
    }

    /// Whether the caller's CPU has to work before an attempt leaves over a connection that it opens.
    #[inline(never)]
    fn greets_first(&mut self, attempt: u32, caller: InstanceId, call: Call<'m>, reference: ExecRef) -> bool {
        let seconds = self.draw(attempt, purpose::HANDSHAKE, call.link.handshake_caller);
        if seconds <= 0.0 {
            return false;
        }
        self.start_clock(reference, call.link);
        self.world.execs[attempt].state = State::Handshake;
        if let Some(operation) = self.model.sites[call.site].from {
            let (instance, kind) = (caller, WorkKind::Handshake);
            self.emit(|| Observation::Work { operation, instance, kind, amount: seconds, aside: false });
        }
        self.burn_at(Some(caller), attempt, seconds);
        true
    }

    /// From now on the caller waits: for its link's timeout, or as long as its user has patience.
    #[inline(always)]
    pub(crate) fn start_clock(&mut self, attempt: ExecRef, link: &Link) {
        if let Some(lane) = link.timeout {
            self.world.after(lane, Event::Timeout(attempt));
            if link.pass {
                self.pass_deadline(attempt.index, Some(self.model.lanes[lane].0));
            }
        } else if link.patience.is_some() || link.pass {
            self.wait_while_patient(attempt.index, link.patience, link.pass);
        }
    }

    /// A kept connection to an instance, and whether it has a worker of its own; none: one is opened.
    #[inline(always)]
    fn kept_connection(&mut self, client: ClientId, instance: InstanceId, keep: u32) -> Option<bool> {
        let end = &mut self.world.clients[client];
        if end.idle.back().is_some_and(|idle| idle.instance == instance) {
            return end.idle.pop_back().map(|idle| idle.pinned);
        }
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

    /// A handshake's work is done: the attempt leaves.
    pub(crate) fn leave_at_last(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        self.transit(attempt, instance, self.link_of(attempt));
    }

    /// On the way to the callee.
    #[inline(always)]
    fn transit(&mut self, attempt: u32, instance: InstanceId, link: &'m Link) {
        if (link.guarded || !self.world.partitions.is_empty())
            && self.vanishes(attempt, crate::engine::caller::resilience::REQUEST)
        {
            self.lose(attempt);
            return self.inbound_cancelled(attempt);
        }
        if link.latency == NO_TIME && !link.handshake {
            return self.arrive(attempt, instance, link);
        }
        self.travel(attempt, instance, link);
    }

    /// Its way takes time, or may if it has to open a connection.
    #[inline]
    fn travel(&mut self, attempt: u32, instance: InstanceId, link: &'m Link) {
        let now = self.world.now;
        let state = &mut self.world.execs[attempt];
        let opening = link.handshake && state.fresh && link.handshake_latency != NO_TIME;
        if link.latency == NO_TIME && !opening {
            return self.arrive(attempt, instance, link);
        }
        state.state = State::Transit;
        state.since = now;
        if opening {
            let seconds = self.draw(attempt, purpose::LATENCY, link.latency)
                + self.draw(attempt, purpose::HANDSHAKE + 1, link.handshake_latency);
            let reference = self.world.execs.reference(attempt);
            self.world.agenda.once(now + Span(nanos(seconds)), Event::Wake(reference));
        } else {
            self.wake_after(attempt, purpose::LATENCY, link.latency);
        }
    }
}
