//! Connections that outlive their request: `Hold` and `HoldFor`.
//!
//! The callee answers, frees its worker and keeps the connection, with its descriptors on both sides, until the session
//! ends or the time is over. A server whose own callee holds, holds too (a proxy uses two descriptors for each client).
//! If a holder crashes, the chain above it drops and the session's client calls again, as a browser reconnects.

use crate::engine::caller::call::NO_TIME;
use crate::engine::observation::{Activity, Observer, Outcome};
use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::{SiteId, SourceKind};
use crate::scenario::Reason;
use crate::units::Span;

const RECONNECT: u64 = 0x7265_636f_6e6e;

impl<O: Observer> Context<'_, O> {
    /// Answers and holds on; false if there is nothing to hold for (no session listens, or it is no call).
    pub(crate) fn hold(&mut self, exec: u32, lasting: Option<i64>) -> bool {
        let state = &self.world.execs[exec];
        let root = state.root;
        let session = self.world.execs.alive(root) && self.model.sources[state.source].kind != SourceKind::Open;
        if state.role != Role::Attempt || !self.listens(exec) || !(session || lasting.is_some()) {
            return false;
        }
        if (self.link_of(exec).guarded || !self.world.partitions.is_empty())
            && self.vanishes(exec, crate::engine::caller::resilience::REPLY)
        {
            // Nobody would hear the answer: it ends as any other call, in silence.
            return false;
        }
        let degraded = self.world.execs[exec].degraded;
        let kept = self.world.execs[exec].kept;
        // The worker goes, the connection stays.
        self.world.execs[exec].kept = true;
        self.world.execs[exec].state = State::Held;
        self.leave_instance(exec);
        let instance = self.world.execs[exec].instance();
        self.world.instances[instance].residents += 1;
        let outcome = Outcome::Succeeded { degraded };
        self.tell_finished(exec, outcome);
        let state = &mut self.world.execs[exec];
        state.kept = kept;
        state.occupancy = Occupancy::Holding;
        state.state = State::Held;
        state.outcome = outcome;
        state.owes_reply = true;
        if session {
            let mut held = self.world.execs[root.index].held;
            held.push(&mut self.world.execs, exec);
            self.world.execs[root.index].held = held;
        }
        self.set_activity(exec, Some(Activity::Hold));
        let reference = self.world.execs.reference(exec);
        if let Some(nanos) = lasting {
            self.world.agenda.once(self.world.now + Span(nanos), Event::Wake(reference));
        }
        let latency = self.link_of(exec).latency;
        if latency == NO_TIME {
            self.world.execs[exec].owes_reply = false;
            self.deliver(exec);
        } else {
            self.deliver_after(exec, RECONNECT, latency);
        }
        true
    }

    /// The reply of a held execution arrives.
    pub(crate) fn hear_of_hold(&mut self, exec: u32) {
        self.world.execs[exec].owes_reply = false;
        let reference = self.world.execs.reference(exec);
        self.deliver(exec);
        if self.world.execs.alive(reference) && self.world.execs[exec].root == ExecRef::NOBODY {
            self.release_hold(exec);
        }
    }

    /// The time of a held execution is over; while its reply is on the way, it is over when that has arrived.
    pub(crate) fn wake_held(&mut self, exec: u32) {
        if self.world.execs[exec].owes_reply {
            self.leave_session(exec);
            self.world.execs[exec].root = ExecRef::NOBODY;
        } else {
            self.release_hold(exec);
        }
    }

    pub(crate) fn leave_session(&mut self, exec: u32) {
        let root = self.world.execs[exec].root;
        if self.world.execs.alive(root) && self.model.sources[self.world.execs[exec].source].kind != SourceKind::Open {
            let mut held = self.world.execs[root.index].held;
            held.remove(&mut self.world.execs, exec);
            self.world.execs[root.index].held = held;
        }
    }

    /// The hold is over: both sides close (a kept connection goes back to its pool).
    pub(crate) fn release_hold(&mut self, exec: u32) {
        self.leave_session(exec);
        self.leave_instance(exec);
        self.release_slot(exec);
        self.world.execs.remove(exec);
    }

    /// A session is over: everything held for it is let go.
    pub(crate) fn release_session(&mut self, root: u32) {
        self.release_held(root);
        self.close_session(root);
    }

    fn release_held(&mut self, root: u32) {
        while let Some(exec) = self.world.execs[root].held.first() {
            if self.world.execs[exec].owes_reply {
                // Its caller still waits: it lets go when the reply has arrived.
                self.leave_session(exec);
                self.world.execs[exec].root = ExecRef::NOBODY;
            } else {
                self.release_hold(exec);
            }
        }
    }

    /// The process at one end of a held connection has died (`exec` no longer occupies anything there): the chain drops
    /// and the session's client calls again.
    pub(crate) fn drop_held(&mut self, exec: u32) {
        self.leave_session(exec);
        self.world.execs[exec].kept = false;
        self.release_slot(exec);
        let state = &self.world.execs[exec];
        let (parent, root, call_pc, site, child) = (state.parent, state.root, state.call_pc, state.site(), state.child);
        let client_calls =
            matches!(self.model.links[self.model.sites[site].link].caller, crate::model::Caller::Source(_));
        self.world.execs.remove(exec);
        if self.world.execs.alive(child) && self.world.execs[child.index].state == State::Held {
            self.release_hold(child.index);
        }
        if client_calls {
            self.reconnect(root, call_pc, site);
        } else if self.world.execs.alive(parent) && self.world.execs[parent.index].state == State::Held {
            let holder = parent.index;
            self.world.execs[holder].kept = false;
            if self.world.execs[holder].owes_reply {
                // Its own caller has not heard of the hold yet: it hears of the crash instead.
                self.leave_session(holder);
                self.world.execs[holder].owes_reply = false;
                self.leave_instance(holder);
                self.reply(holder, Outcome::Failed(Reason::Crashed));
            } else {
                self.leave_instance(holder);
                self.drop_held(holder);
            }
        }
    }

    /// The client of a session makes the dropped call anew, after its retry delay.
    fn reconnect(&mut self, root: ExecRef, call_pc: u32, site: SiteId) {
        if !self.world.execs.alive(root) {
            return;
        }
        self.world.execs[root.index].round += 1;
        let fiber = self.beside(root.index, Role::ClientFiber, RECONNECT, call_pc);
        self.world.execs[fiber].single = true;
        self.world.execs[fiber].state = State::Backoff;
        self.begin_request(fiber, site);
        let link = self.model.sites[site].link;
        let reference = self.world.execs.reference(fiber);
        let seconds = self.backoff(fiber, RECONNECT, link, 0);
        self.world.agenda.once(self.world.now + Span(nanos(seconds)), Event::Wake(reference));
        self.set_activity(fiber, Some(Activity::Backoff(link)));
    }
}
