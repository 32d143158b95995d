//! The slots of a link's end: kept connections, who waits for one, what is given back.
//!
//! The slot of an attempt (place in the pool, descriptor, outstanding count) is given back in `release_slot` alone.

use super::client::Idle;
use super::event::Event;
use super::observation::{Limit, Observation, Observer};
use super::request::{NONE, State};
use super::world::{Turn, Work};
use crate::model::OperationId;
use crate::scenario::Reason;
use crate::units::Time;

impl<O: Observer> Turn<'_, O> {
    /// Gives back what the attempt holds at its caller, once.
    #[inline(always)]
    pub(super) fn release_slot(&mut self, attempt: u32) {
        self.forget(attempt);
        let state = &mut self.w.execs[attempt];
        if !state.slot {
            return;
        }
        state.slot = false;
        let (client, instance, hint, kept) = (state.client, state.instance, state.target, state.kept);
        let link = &self.m.links[self.m.sites[state.site as usize].link.index()];
        let end = &mut self.w.clients[client as usize];
        let caller = end.instance;
        if let Some(at) = end.find(instance, hint) {
            end.targets[at].outstanding = end.targets[at].outstanding.saturating_sub(1);
        }
        if link.keep == 0 {
            if caller != NONE {
                self.return_descriptor(caller);
            }
            return;
        }
        end.in_use -= 1;
        if kept {
            end.idle.push_back(Idle { instance, since: self.w.now });
            if let Some(lane) = link.idle
                && !end.idle_timer
            {
                end.idle_timer = true;
                self.w.after(lane.0, Event::IdleClose { client });
            }
        } else {
            end.open -= 1;
            if caller != NONE {
                self.return_descriptor(caller);
            }
        }
        self.serve_waiter(client);
    }

    /// Lets the first waiter of a pool leave, if there is a place.
    pub(super) fn serve_waiter(&mut self, client: u32) {
        let end = &mut self.w.clients[client as usize];
        let keep = self.m.links[end.link as usize].keep;
        while end.in_use < keep {
            let Some(waiter) = end.waiters.pop(&mut self.w.execs) else {
                break;
            };
            end.in_use += 1;
            self.w.execs[waiter].state = State::Granted;
            let reference = self.w.execs.reference(waiter);
            self.w.work.push_back(Work::Dispatch(reference));
        }
        self.w.note_pool(client);
    }

    /// Too many wait for a place already.
    pub(super) fn no_room(&mut self, attempt: u32) {
        let state = &self.w.execs[attempt];
        let (client, operation) = (state.client, OperationId(state.operation));
        let exec = self.w.execs.reference(attempt);
        let meter = self.w.clients[client as usize].meter;
        self.w.refused(meter);
        self.tell(|| Observation::Rejected { operation, instance: NONE, by: Limit::Queue, exec });
        self.fail_early(attempt, Reason::Refused);
    }

    /// A wait for a kept connection has lasted too long.
    pub(super) fn on_pool_timeout(&mut self, attempt: u32) {
        if self.w.execs[attempt].state != State::Pool {
            return;
        }
        let client = self.w.execs[attempt].client;
        self.w.clients[client as usize].waiters.remove(&mut self.w.execs, attempt);
        let meter = self.w.clients[client as usize].meter;
        self.w.refused(meter);
        self.w.note_pool(client);
        self.fail_early(attempt, Reason::PoolTimeout);
    }

    /// Closes kept connections that nobody used for long enough.
    pub(super) fn on_idle_close(&mut self, client: u32) {
        let end = &mut self.w.clients[client as usize];
        end.idle_timer = false;
        let link = &self.m.links[end.link as usize];
        let Some(lane) = link.idle else { return };
        let span = self.m.lanes[lane.index()].0;
        let caller = end.instance;
        while let Some(oldest) = self.w.clients[client as usize].idle.front().copied() {
            let due = Time(oldest.since.0 + span);
            if due > self.w.now {
                self.w.clients[client as usize].idle_timer = true;
                self.w.agenda.once(due, Event::IdleClose { client });
                return;
            }
            let end = &mut self.w.clients[client as usize];
            end.idle.pop_front();
            end.open -= 1;
            self.close_idle(caller, oldest.instance);
        }
    }
}
