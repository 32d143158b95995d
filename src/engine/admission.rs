//! A call from the callee's side: a connection, a worker or a place in the backlog, the program, the way out.
//!
//! A worker is held from `begin` to the end of the operation, through every downstream call; whatever an execution
//! occupies is given back in `leave_instance` alone.

use super::client::Idle;
use super::event::Event;
use super::machine::Life;
use super::observation::{Activity, Limit, Observation, Observer, Outcome};
use super::request::{NONE, Place, Role, State};
use super::world::{Turn, Work};
use crate::model::{OperationId, SiteId};
use crate::scenario::Reason;

const GREETING: u64 = 0x6772_6565_7400;

impl<O: Observer> Turn<'_, O> {
    /// Takes a socket of an instance; false (and counted as refused) when there is none left.
    #[inline(always)]
    pub(super) fn take_descriptor(&mut self, instance: u32) -> bool {
        let state = &mut self.w.instances[instance as usize];
        if state.descriptors >= state.descriptor_limit {
            let meter = state.descriptors_meter;
            self.w.refused(meter);
            return false;
        }
        state.descriptors += 1;
        self.w.note_connections(instance);
        true
    }

    #[inline(always)]
    pub(super) fn return_descriptor(&mut self, instance: u32) {
        let state = &mut self.w.instances[instance as usize];
        state.descriptors = state.descriptors.saturating_sub(1);
        self.w.note_connections(instance);
    }

    /// Opens an inbound connection, or says what is in the way.
    #[inline(always)]
    fn connect(&mut self, instance: u32) -> Result<(), Limit> {
        let state = &self.w.instances[instance as usize];
        if self.w.now < state.reloading {
            return Err(Limit::Reload);
        }
        if state.connections >= state.max_connections {
            let meter = state.connections_meter;
            self.w.refused(meter);
            return Err(Limit::Connections);
        }
        if !self.take_descriptor(instance) {
            return Err(Limit::Descriptors);
        }
        self.w.instances[instance as usize].connections += 1;
        self.w.note_connections(instance);
        let memory = self.service(instance).memory.per_connection;
        self.grow(instance, memory);
        Ok(())
    }

    /// Closes an inbound connection.
    #[inline(always)]
    pub(super) fn disconnect(&mut self, instance: u32) {
        let state = &mut self.w.instances[instance as usize];
        state.connections = state.connections.saturating_sub(1);
        self.return_descriptor(instance);
        let memory = self.service(instance).memory.per_connection;
        self.shrink(instance, memory);
    }

    /// Closes a kept connection that nobody uses, on both sides.
    pub(super) fn close_idle(&mut self, caller: u32, idle: Idle) {
        if caller != NONE {
            self.return_descriptor(caller);
        }
        self.close_resting(idle.instance, idle.pinned);
    }

    #[inline]
    pub(super) fn service(&self, instance: u32) -> &crate::model::Service {
        &self.m.services[self.w.instances[instance as usize].service as usize]
    }

    /// An attempt reaches its callee.
    #[inline(always)]
    pub(super) fn arrive(&mut self, attempt: u32) {
        let instance = self.w.execs[attempt].instance;
        let state = &self.w.instances[instance as usize];
        if state.machine != NONE && matches!(self.w.machines[state.machine as usize].life, Life::Down | Life::Removed) {
            return self.fall_silent(attempt);
        }
        match state.life {
            Life::Up => self.come_in(attempt),
            Life::Draining => self.arrive_late(attempt),
            Life::Down | Life::Booting | Life::Removed => self.refuse(attempt, Limit::Dead),
        }
    }

    /// It was on its way when its callee began to drain.
    #[cold]
    #[inline(never)]
    fn arrive_late(&mut self, attempt: u32) {
        let instance = self.w.execs[attempt].instance;
        let state = &mut self.w.instances[instance as usize];
        state.coming = state.coming.saturating_sub(1);
        self.come_in(attempt);
        // It may have been turned away.
        self.drained(instance);
    }

    /// Into a process that lives.
    #[inline(always)]
    fn come_in(&mut self, attempt: u32) {
        let instance = self.w.execs[attempt].instance;
        if self.w.execs[attempt].fresh {
            if let Err(limit) = self.connect(instance) {
                return self.turn_away(attempt, limit);
            }
            self.w.execs[attempt].fresh = false;
            self.w.execs[attempt].place = Place::Holding;
            return self.admit(attempt, true);
        }
        self.w.execs[attempt].place = Place::Holding;
        self.admit(attempt, false);
    }

    /// Nothing answers: the caller learns it by its own timeout, or when the system gives up connecting.
    pub(super) fn fall_silent(&mut self, attempt: u32) {
        self.w.execs[attempt].state = State::Silent;
        self.w.execs[attempt].kept = false;
        let lane = self.link_of(attempt).connect_timeout;
        let reference = self.w.execs.reference(attempt);
        self.w.after(lane.0, Event::Deliver(reference));
    }

    /// Turned away at the door.
    pub(super) fn refuse(&mut self, attempt: u32, by: Limit) {
        let instance = self.w.execs[attempt].instance;
        let operation = OperationId(self.w.execs[attempt].operation);
        let exec = self.w.execs.reference(attempt);
        self.tell(|| Observation::Rejected { operation, instance, by, exec });
        if self.w.execs[attempt].place == Place::Holding {
            self.w.execs[attempt].place = Place::Outside;
            self.leave_door(attempt);
        } else {
            self.w.execs[attempt].kept = false;
        }
        self.reply(attempt, Outcome::Failed(if by == Limit::Shed { Reason::Shed } else { Reason::Refused }));
    }

    /// Connected: a worker, a place in the backlog, or nothing.
    #[inline(always)]
    pub(super) fn admit(&mut self, attempt: u32, opened: bool) {
        let instance = self.w.execs[attempt].instance;
        let special = self.service(instance).door.special;
        if special && !self.passes(attempt) {
            return;
        }
        let state = &mut self.w.instances[instance as usize];
        let works = self.w.execs[attempt].pinned || state.busy < state.workers;
        if !works && state.backlog.len >= state.backlog_limit {
            let meter = state.workers_meter;
            self.w.refused(meter);
            if self.w.execs[attempt].role == Role::Probe {
                self.w.execs[attempt].place = Place::Outside;
                self.disconnect(instance);
                return self.probe_turned_away(attempt);
            }
            return self.turn_away(attempt, Limit::Backlog);
        }
        state.in_flight += 1;
        state.residents += 1;
        let memory = self.service(instance).memory.per_request;
        self.grow(instance, memory);
        if O::LISTENS && self.w.execs[attempt].role != Role::Probe {
            let operation = OperationId(self.w.execs[attempt].operation);
            let exec = self.w.execs.reference(attempt);
            let state = &self.w.execs[attempt];
            let (site, from) = (SiteId(state.site), self.w.clients[state.client as usize].instance);
            self.tell(|| Observation::Admitted { operation, instance, exec, site, from });
        }
        if works {
            self.begin(attempt, opened);
        } else {
            // `fresh` now remembers that the connection was opened for this call: the handshake is still to be paid.
            self.w.execs[attempt].fresh = opened;
            self.w.execs[attempt].place = Place::Queued;
            self.w.execs[attempt].state = State::Backlog;
            let state = &mut self.w.instances[instance as usize];
            state.backlog.push(&mut self.w.execs, attempt);
            self.w.note_workers(instance);
            if special {
                self.note_wait(attempt);
            }
            if self.w.execs[attempt].role != Role::Probe {
                self.does(attempt, Some(Activity::Backlog));
            }
        }
    }

    /// A worker takes the call.
    fn begin(&mut self, attempt: u32, opened: bool) {
        let instance = self.w.execs[attempt].instance;
        if self.w.execs[attempt].pinned {
            self.rouse(instance);
        } else {
            self.w.instances[instance as usize].busy += 1;
            self.w.note_workers(instance);
        }
        self.w.execs[attempt].place = Place::Working;
        self.w.execs[attempt].fresh = false;
        self.w.execs[attempt].pending = 0;
        if self.w.execs[attempt].role == Role::Probe {
            self.leave_instance(attempt);
            return self.end_probe(attempt, true);
        }
        if self.m.passes_deadlines && self.expired(attempt) {
            return self.end_attempt(attempt, Outcome::Failed(Reason::TimedOut));
        }
        if let Some(lane) = self.service(instance).door.deadline {
            let exec = self.w.execs.reference(attempt);
            self.w.after(lane.0, Event::Deadline(exec));
        }
        let operation = self.w.execs[attempt].operation;
        self.w.execs[attempt].pc = self.m.operations[operation as usize].entry;
        let link = self.link_of(attempt);
        if opened && link.handshake {
            let seconds = self.draw(attempt, GREETING, link.handshake_callee);
            if seconds > 0.0 {
                self.does(attempt, Some(Activity::Cpu));
                return self.burn(attempt, seconds, State::Greeting);
            }
        }
        self.resume(attempt);
    }

    /// Gives back what an execution occupies at its instance; the next in the backlog gets its worker.
    pub(super) fn leave_instance(&mut self, exec: u32) {
        let state = &self.w.execs[exec];
        let (instance, place, role) = (state.instance, state.place, state.role);
        if instance == NONE || place == Place::Outside {
            return;
        }
        let attempt = matches!(role, Role::Attempt | Role::Probe);
        let pinned = state.pinned;
        // What is held keeps its connection for the holder; other connections may stay open for the next call.
        let holds = state.state == State::Held && place == Place::Working;
        let stays = attempt && state.kept && (holds || self.stays_open(exec));
        let pins = stays && (place == Place::Working || pinned) && self.service(instance).pins;
        self.release(exec, 0);
        self.does(exec, None);
        self.w.execs[exec].place = Place::Outside;
        let (per_request, leak) =
            (self.service(instance).memory.per_request, self.service(instance).memory.leak_per_request);
        let here = &mut self.w.instances[instance as usize];
        here.residents -= 1;
        match (role, place) {
            (Role::Attempt | Role::Probe, Place::Working) => {
                here.busy -= u32::from(!pins);
                here.in_flight -= 1;
                here.leaked += leak;
                self.shrink(instance, per_request);
                self.grow(instance, leak);
                if !pins {
                    self.next_from_backlog(instance);
                }
            }
            (Role::Attempt | Role::Probe, Place::Holding) if pinned && !pins => {
                here.busy -= 1;
                self.next_from_backlog(instance);
            }
            (Role::Attempt | Role::Probe, Place::Queued) => {
                here.in_flight -= 1;
                here.backlog.remove(&mut self.w.execs, exec);
                self.w.note_workers(instance);
                self.shrink(instance, per_request);
            }
            (
                Role::Attempt
                | Role::Probe
                | Role::Root
                | Role::Branch
                | Role::Fiber
                | Role::ClientBranch
                | Role::ClientFiber,
                Place::Outside | Place::Queued | Place::Working | Place::Holding,
            ) => {}
        }
        if stays {
            self.w.execs[exec].pinned = pins;
            if !holds {
                self.leave_connection(exec, pins);
            }
        } else if attempt {
            self.w.execs[exec].pinned = false;
            self.disconnect(instance);
        }
        if self.w.instances[instance as usize].life == Life::Draining {
            self.drained(instance);
        }
    }

    /// A worker is free: the next in the backlog takes it.
    pub(super) fn next_from_backlog(&mut self, instance: u32) {
        let choosy = self.m.passes_deadlines || self.service(instance).door.special;
        loop {
            let state = &mut self.w.instances[instance as usize];
            if !matches!(state.life, Life::Up | Life::Draining) || state.busy >= state.workers {
                break;
            }
            let Some(next) = state.backlog.next() else { break };
            if choosy && let Some(reason) = self.too_late(instance, next) {
                self.drop_waiting(next, reason);
                continue;
            }
            self.w.instances[instance as usize].backlog.remove(&mut self.w.execs, next);
            let opened = self.w.execs[next].fresh;
            return self.begin(next, opened);
        }
        self.w.note_workers(instance);
    }

    /// A program has ended, well or not.
    pub(super) fn finish(&mut self, exec: u32, outcome: Outcome) {
        match self.w.execs[exec].role {
            Role::Root => self.end_root(exec, outcome),
            Role::ClientFiber => {
                self.does(exec, None);
                self.w.execs.remove(exec);
            }
            Role::ClientBranch | Role::Branch => {
                self.does(exec, None);
                self.join(exec, outcome);
            }
            Role::Fiber => {
                self.end_message(exec, outcome);
                self.leave_instance(exec);
                self.w.execs.remove(exec);
            }
            Role::Probe => {}
            Role::Attempt => {
                let succeeded = matches!(outcome, Outcome::Succeeded { .. });
                if succeeded && self.w.execs[exec].holds && self.hold(exec, None) {
                    return;
                }
                self.end_attempt(exec, outcome);
            }
        }
    }

    /// The callee is done with an attempt.
    #[inline(always)]
    pub(super) fn end_attempt(&mut self, attempt: u32, outcome: Outcome) {
        self.leave_instance(attempt);
        self.tell_finished(attempt, outcome);
        self.reply(attempt, outcome);
    }

    pub(super) fn tell_finished(&mut self, attempt: u32, outcome: Outcome) {
        if O::LISTENS {
            let exec = self.w.execs.reference(attempt);
            let listened = self.listens(attempt);
            let state = &self.w.execs[attempt];
            let (operation, instance, started) = (OperationId(state.operation), state.instance, state.started);
            self.o
                .observe(self.w.now, &Observation::Finished { operation, instance, exec, started, outcome, listened });
        }
    }

    /// Adds memory to an instance; beyond a limit its process is killed once the event is over.
    #[inline]
    pub(super) fn grow(&mut self, instance: u32, bytes: u64) {
        if bytes > 0 && instance != NONE && self.w.add_memory(instance, bytes) {
            self.w.work.push_back(Work::OutOfMemory(instance));
        }
    }

    #[inline]
    pub(super) fn shrink(&mut self, instance: u32, bytes: u64) {
        if bytes > 0 && instance != NONE {
            self.w.remove_memory(instance, bytes);
        }
    }
}
