//! Connections that stay open between requests: those of users who keep alive, and workers that stay with a connection.
//!
//! At a service whose `worker_holds: Connection` a worker belongs to a connection from its first call until it closes,
//! whoever keeps it open: a user's browser or a proxy's pool. `resting` counts connections that are open with nothing
//! to do. A user's connection is one entry here from its first rest to its end, with one timer, which goes on when it
//! comes too early.

use crate::engine::observation::Observer;
use crate::engine::state::ids::{ExecRef, InstanceId, VisitorId};
use crate::engine::state::keep_alive::{Use, Visitor};
use crate::engine::state::request::{Occupancy, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::SourceKind;
use crate::units::Span;

impl<O: Observer> Context<'_, O> {
    fn rest(&mut self, instance: InstanceId) {
        let state = &mut self.world.instances[instance];
        state.resting += 1;
        let meter = state.resting_meter;
        self.world.begin_use(meter);
        self.note_resting(instance);
    }

    pub(crate) fn mark_busy(&mut self, instance: InstanceId) {
        self.world.instances[instance].resting -= 1;
        self.note_resting(instance);
    }

    pub(crate) fn note_resting(&mut self, instance: InstanceId) {
        let state = &self.world.instances[instance];
        let (resting, meter) = (state.resting, state.resting_meter);
        self.world.meter(meter, u64::from(resting), 0);
    }

    /// A connection that rests closes; a worker that was its own is free.
    pub(crate) fn close_resting(&mut self, instance: InstanceId, pinned: bool) {
        self.disconnect(instance);
        if pinned {
            self.world.instances[instance].busy -= 1;
            self.mark_busy(instance);
            self.next_from_backlog(instance);
        }
    }

    /// A call that leaves takes the connection its session left open, if there is one: whether that has a worker.
    pub(crate) fn take_connection(&mut self, attempt: u32, instance: InstanceId) -> Option<bool> {
        let session = self.world.execs[attempt].root;
        let at = self
            .world
            .keep_alive
            .find(session, |slot| slot.instance == instance && matches!(slot.use_, Use::Rests(_)))?;
        let user = self.world.execs.reference(attempt);
        let slot = &mut self.world.keep_alive.slots[at];
        slot.use_ = Use::Carries(user);
        let pinned = slot.pinned;
        if !pinned {
            self.mark_busy(instance);
        }
        Some(pinned)
    }

    /// Whether a connection that may outlive its call does.
    pub(crate) fn stays_open(&self, exec: u32) -> bool {
        let state = &self.world.execs[exec];
        if !self.link_of(exec).keep_alive {
            return true;
        }
        let here = &self.world.instances[state.instance()];
        let service = &self.model.services[here.service];
        let session = state.root;
        let open = self.model.sources[state.source].kind == SourceKind::Open;
        let another = || {
            self.world
                .keep_alive
                .find(session, |slot| Some(slot.instance) == state.instance && matches!(slot.use_, Use::Rests(_)))
        };
        service.keep_alive.is_some()
            && here.availability == Availability::Up
            && state.occupancy != Occupancy::Queued
            && (open || (self.world.execs.alive(session) && another().is_none()))
    }

    /// A call has given its connection back, and that stays open. `pinned`: it keeps the worker.
    pub(crate) fn leave_connection(&mut self, exec: u32, pinned: bool) {
        let instance = self.world.execs[exec].instance();
        if !self.link_of(exec).keep_alive {
            if pinned {
                self.rest(instance);
            }
            return;
        }
        self.rest(instance);
        let user = self.world.execs.reference(exec);
        let state = &mut self.world.execs[exec];
        state.kept = false;
        state.pinned = false;
        let open = self.model.sources[state.source].kind == SourceKind::Open;
        let session = if open { ExecRef::NOBODY } else { state.root };
        let known = self.world.keep_alive.find(session, |slot| matches!(slot.use_, Use::Carries(by) if by == user));
        let at = known.unwrap_or_else(|| self.world.keep_alive.insert(instance, session));
        let now = self.world.now;
        let slot = &mut self.world.keep_alive.slots[at];
        slot.use_ = Use::Rests(now);
        slot.pinned = pinned;
        let (timer, generation) = (slot.timer, slot.generation);
        slot.timer = true;
        if !timer && let Some(lane) = self.service(instance).keep_alive {
            self.world.after(lane, Event::KeepAlive { visitor: at, generation });
        }
    }

    /// A call was turned away at the door: its connection closes, unless it is a pool's.
    pub(crate) fn leave_door(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        let user = self.link_of(attempt).keep_alive;
        let state = &mut self.world.execs[attempt];
        if user || !state.kept {
            let pinned = std::mem::take(&mut state.pinned);
            state.kept = false;
            self.close_resting(instance, pinned);
        }
    }

    /// A user's connection may have rested for as long as the service allows.
    pub(crate) fn on_keep_alive(&mut self, at: VisitorId, generation: u32) {
        let Some(slot) = self.world.keep_alive.slots.get_mut(at).filter(|slot| slot.generation == generation) else {
            return;
        };
        slot.timer = false;
        let (instance, use_) = (slot.instance, slot.use_);
        let lasting = self.service(instance).keep_alive.map_or(0, |lane| self.model.lanes[lane].0);
        let due = match use_ {
            Use::Free => return,
            Use::Rests(since) => since + Span(lasting),
            Use::Carries(user) if self.world.execs.alive(user) && self.world.execs[user.index].kept => {
                self.world.now + Span(lasting.max(1))
            }
            Use::Carries(_) => return self.world.keep_alive.remove(at),
        };
        if due > self.world.now {
            self.world.keep_alive.slots[at].timer = true;
            self.world.agenda.once(due, Event::KeepAlive { visitor: at, generation });
        } else {
            self.close_visitor(at);
        }
    }

    /// Closes a user's connection that rests, or forgets one that its call will close.
    fn close_visitor(&mut self, at: VisitorId) {
        let Visitor { instance, use_, pinned, .. } = self.world.keep_alive.slots[at];
        self.world.keep_alive.remove(at);
        if matches!(use_, Use::Rests(_)) {
            if !pinned {
                self.mark_busy(instance);
            }
            self.close_resting(instance, pinned);
        }
    }

    /// A session is over: its connections close.
    pub(crate) fn close_session(&mut self, root: u32) {
        let session = self.world.execs.reference(root);
        loop {
            let at = self.world.keep_alive.of_session(session);
            let Some(at) = at else { return };
            self.close_visitor(at);
        }
    }

    /// Instances take nothing new: users' connections to them close.
    pub(crate) fn close_visitors(&mut self, to: &dyn Fn(InstanceId) -> bool) {
        for at in self.world.keep_alive.slots.ids() {
            let slot = &self.world.keep_alive.slots[at];
            if matches!(slot.use_, Use::Rests(_)) && to(slot.instance) {
                self.close_visitor(at);
            }
        }
    }

    /// A process has died: calls on their way to it, or whose replies are on their way back, have lost their
    /// connection.
    pub(crate) fn lose_connections(&mut self, instance: InstanceId) {
        let indices: Vec<u32> = self.world.execs.indices().collect();
        for exec in indices {
            let state = &mut self.world.execs[exec];
            if state.instance != Some(instance) || state.occupancy != Occupancy::Outside {
                continue;
            }
            state.pinned = false;
            match state.state {
                State::Transit | State::Retransmit => state.fresh = true,
                State::Replying => state.kept = false,
                _ => {}
            }
        }
    }
}
