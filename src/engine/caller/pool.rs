//! The slots of a link's end: kept connections, who waits for one, what is given back.
//!
//! The slot of an attempt (place in the pool, descriptor, outstanding count) is given back in `release_slot`, or
//! by an answer that goes the short way (`callee/direct`), which clears no mark: its attempt ends there.

use crate::engine::caller::balance::Care;
use crate::engine::observation::{Limit, Observation, Observer};
use crate::engine::random::rng::Stream;
use crate::engine::state::alike::Owner;
use crate::engine::state::client::Idle;
use crate::engine::state::ids::{ClientId, ResourceId};
use crate::engine::state::request::State;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::world::{Context, Work, World};
use crate::engine::time::event::Event;
use crate::model::{Balance, Model};
use crate::scenario::Reason;
use crate::units::Span;

impl<O: Observer> Context<'_, O> {
    /// Gives back what the attempt holds at its caller, once.
    #[inline(always)]
    pub(crate) fn release_slot(&mut self, attempt: u32) {
        self.forget(attempt);
        self.release_answer(attempt);
        let state = &mut self.world.execs[attempt];
        if !state.slot {
            return;
        }
        state.slot = false;
        let (client, instance, hint, kept, pinned) =
            (state.client(), state.instance(), state.target, state.kept, state.pinned);
        let link = &self.model.links[self.model.sites[state.site()].link];
        let end = &mut self.world.clients[client];
        let caller = end.instance;
        if let Some(at) = end.find(instance, hint) {
            end.end_at(at);
        }
        if link.keep == 0 {
            let limited = link.guarded && link.guards.target_limit != u32::MAX;
            if let Some(caller) = caller {
                self.return_descriptor(caller);
            }
            if limited {
                self.serve_waiter(client);
            }
            return;
        }
        end.in_use -= 1;
        if kept {
            end.idle.push_back(Idle { instance, since: self.world.now, pinned });
            if let Some(lane) = link.idle
                && !end.idle_timer
            {
                end.idle_timer = true;
                self.world.after(lane, Event::IdleClose { client });
            }
        } else {
            end.open -= 1;
            if let Some(caller) = caller {
                self.return_descriptor(caller);
            }
        }
        self.serve_waiter(client);
    }

    /// A place at a target for an attempt that leaves at this instant.
    pub(crate) fn reserve(&mut self, attempt: u32) {
        let mut stream = Stream::new(self.world.execs[attempt].key ^ crate::engine::caller::call::purpose::TARGET);
        if let Some(place) = self.choose(attempt, &mut stream) {
            let end = &mut self.world.clients[self.world.execs[attempt].client()];
            end.begin_at(place);
            let instance = end.targets[place].instance;
            let state = &mut self.world.execs[attempt];
            state.instance = Some(instance);
            state.target = place as u32;
        }
    }

    /// The target of an attempt: the one it was given, or one that is chosen now. Whoever asks takes the place there.
    pub(crate) fn choose(&mut self, attempt: u32, stream: &mut Stream) -> Option<usize> {
        let state = &self.world.execs[attempt];
        let (client, given, hint) = (state.client(), state.instance, state.target);
        let avoid = self.tried_beside(attempt);
        let now = self.world.now;
        let end = &mut self.world.clients[client];
        if let Some(given) = given
            && let Some(at) = end.find(given, hint)
        {
            end.end_at(at);
            return Some(at);
        }
        let link = &self.model.links[end.link];
        // What the request decides is not moved by limits or ramps: it waits for that one.
        if matches!(link.balance, Balance::Hash(_) | Balance::Sticky) || self.model.services[link.callee].sets.is_some()
        {
            return self.choose_by(attempt, client, link.balance, link.fail_open, stream);
        }
        let ramping = now < end.ramp_until;
        if avoid.is_empty() && !ramping && link.guards.target_limit == u32::MAX {
            return end.pick(link.balance, link.fail_open, stream);
        }
        let care = Care {
            balance: link.balance,
            fail_open: link.fail_open,
            limit: link.guards.target_limit,
            avoid: &avoid,
            now,
            slow_start: if ramping { link.guards.slow_start } else { Span(0) },
        };
        end.pick_with_care(&care, stream)
    }

    /// An attempt that was let go does not leave after all.
    pub(crate) fn take_back(&mut self, attempt: u32) {
        let state = &self.world.execs[attempt];
        let (client, given, hint) = (state.client(), state.instance, state.target);
        let end = &mut self.world.clients[client];
        if let Some(given) = given
            && let Some(at) = end.find(given, hint)
        {
            end.end_at(at);
        }
        if self.model.links[end.link].keep > 0 {
            end.in_use -= 1;
        }
        self.serve_waiter(client);
    }

    /// Too many wait for a place already.
    pub(crate) fn no_room(&mut self, attempt: u32) {
        let state = &self.world.execs[attempt];
        let (client, operation) = (state.client(), state.operation());
        let exec = self.world.execs.reference(attempt);
        let meter = self.world.waited_for(client);
        self.world.refused(meter);
        self.emit(|| Observation::Rejected { operation, instance: None, by: Limit::Queue, exec });
        self.fail_early(attempt, Reason::Refused);
    }

    /// A wait for a kept connection has lasted too long.
    pub(crate) fn on_pool_timeout(&mut self, attempt: u32) {
        if self.world.execs[attempt].state != State::Pool {
            return;
        }
        let client = self.world.execs[attempt].client();
        self.world.leave_waiters(attempt, client);
        let parent = self.world.execs[attempt].parent;
        if self.world.execs.alive(parent) {
            self.line_up_again(client, parent.index, false);
        }
        let meter = self.world.waited_for(client);
        self.world.refused(meter);
        self.world.note_pool(client);
        self.fail_early(attempt, Reason::PoolTimeout);
    }

    /// Closes kept connections that nobody used for long enough.
    pub(crate) fn on_idle_close(&mut self, client: ClientId) {
        let end = &mut self.world.clients[client];
        end.idle_timer = false;
        let link = &self.model.links[end.link];
        let Some(lane) = link.idle else { return };
        let span = self.model.lanes[lane].0;
        let caller = end.instance;
        while let Some(oldest) = self.world.clients[client].idle.front().copied() {
            let due = oldest.since + Span(span);
            if due > self.world.now {
                self.world.clients[client].idle_timer = true;
                self.world.agenda.once(due, Event::IdleClose { client });
                return;
            }
            let end = &mut self.world.clients[client];
            end.idle.pop_front();
            end.open -= 1;
            self.close_idle(caller, oldest);
        }
    }
}

impl World {
    /// The row of what those who wait at a link end wait for: a connection, or a place at a target.
    pub(crate) fn waited_for(&self, client: ClientId) -> Option<ResourceId> {
        let end = &self.clients[client];
        let pool_full = end.meter.is_some_and(|meter| u64::from(end.in_use) >= self.resources[meter].meter.capacity);
        if pool_full { end.meter } else { end.slots_meter.or(end.meter) }
    }

    /// Notes the places at the targets of a link end, and its pool if it has one.
    pub(crate) fn note_slots(&mut self, client: ClientId) {
        let waited = self.waited_for(client);
        let end = &self.clients[client];
        let (pool, slots, in_use, waiting) = (end.meter, end.slots_meter, end.in_use, end.waiting());
        // Calls at who is not believed in take the place of nobody.
        let none = end.unhealthy as usize == end.targets.len();
        let taken: u32 =
            end.targets.iter().filter(|target| target.healthy || none).map(|target| target.outstanding).sum();
        let at = |meter: Option<ResourceId>| if meter == waited { waiting } else { 0 };
        self.meter(pool, u64::from(in_use), at(pool));
        self.meter(slots, u64::from(taken), at(slots));
    }

    /// Who may be called at a link end has changed: its places, its shares, and those who wait for them.
    pub(crate) fn targets_changed(&mut self, m: &Model, client: ClientId) {
        let end = &mut self.clients[client];
        let link = &m.links[end.link];
        if !link.guarded {
            return;
        }
        if link.guards.target_limit != u32::MAX
            && end.slots_meter.is_none()
            && let Some(instance) = end.instance
            && end.messages.is_none()
        {
            let link_id = end.link;
            let state = &self.instances[instance];
            let (caller, callee) = (&m.services[state.service].name, &m.services[link.callee].name);
            let name = format!("{caller}/{}.slots({callee})", state.ordinal);
            let owner = Owner::instance(state.service, instance, state.machine).over(link_id);
            self.clients[client].slots_meter = Some(self.resource(ResourceKind::Slots, 0, name, owner));
        }
        let end = &mut self.clients[client];
        let slow_start = link.guards.slow_start.0;
        end.ramp_until =
            end.targets.iter().map(|target| target.since + Span(slow_start)).max().unwrap_or(end.ramp_until);
        let limit = link.guards.target_limit;
        if limit != u32::MAX {
            let healthy = end.targets.len() as u32 - end.unhealthy;
            let candidates = if healthy == 0 && link.fail_open { end.targets.len() as u32 } else { healthy };
            // A broker's queue is what waits for them.
            let (meter, waits) = (if end.messages.is_some() { end.meter } else { end.slots_meter }, end.waiting() > 0);
            self.capacity(meter, u64::from(candidates) * u64::from(limit));
            self.note_pool(client);
            if waits {
                self.clients[client].regroup = true;
                self.work.push_back(Work::Serve(client));
            }
        }
    }
}
