//! A call from the callee's side: a connection, a worker or a place in the backlog, the program, the way out.
//!
//! A worker is held from `begin` to the end of the operation, through every downstream call; whatever an execution
//! occupies is given back in `leave_instance` alone.

use crate::engine::observation::{Activity, Limit, Observation, Observer, Outcome, WorkKind};
use crate::engine::state::client::Idle;
use crate::engine::state::ids::InstanceId;
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, Work};
use crate::engine::time::event::Event;
use crate::scenario::Reason;

const GREETING: u64 = 0x6772_6565_7400;

impl<O: Observer> Context<'_, O> {
    /// Takes a socket of an instance; false (and counted as refused) when there is none left.
    #[inline(always)]
    pub(crate) fn take_descriptor(&mut self, instance: InstanceId) -> bool {
        let state = &mut self.world.instances[instance];
        if state.descriptors >= state.descriptor_limit {
            let meter = state.descriptors_meter;
            self.world.refused(meter);
            return false;
        }
        state.descriptors += 1;
        let meter = state.descriptors_meter;
        self.world.begin_use(meter);
        self.world.note_connections(instance);
        true
    }

    #[inline(always)]
    pub(crate) fn return_descriptor(&mut self, instance: InstanceId) {
        let state = &mut self.world.instances[instance];
        state.descriptors = state.descriptors.saturating_sub(1);
        self.world.note_connections(instance);
    }

    /// Opens an inbound connection, or says what is in the way.
    #[inline(always)]
    fn connect(&mut self, instance: InstanceId) -> Result<(), Limit> {
        let state = &self.world.instances[instance];
        if self.world.now < state.reloading {
            return Err(Limit::Reload);
        }
        if state.connections >= state.max_connections {
            let meter = state.connections_meter;
            self.world.refused(meter);
            return Err(Limit::Connections);
        }
        if !self.take_descriptor(instance) {
            return Err(Limit::Descriptors);
        }
        self.world.open_inbound(instance);
        let memory = self.service(instance).memory.per_connection;
        self.grow(instance, memory);
        Ok(())
    }

    /// Closes an inbound connection.
    #[inline(always)]
    pub(crate) fn disconnect(&mut self, instance: InstanceId) {
        let state = &mut self.world.instances[instance];
        state.connections = state.connections.saturating_sub(1);
        self.return_descriptor(instance);
        let memory = self.service(instance).memory.per_connection;
        self.shrink(instance, memory);
    }

    /// Closes a kept connection that nobody uses, on both sides.
    pub(crate) fn close_idle(&mut self, caller: Option<InstanceId>, idle: Idle) {
        if let Some(caller) = caller {
            self.return_descriptor(caller);
        }
        self.close_resting(idle.instance, idle.pinned);
    }

    #[inline]
    pub(crate) fn service(&self, instance: InstanceId) -> &crate::model::Service {
        &self.model.services[self.world.instances[instance].service]
    }

    /// An attempt reaches its callee.
    #[inline(always)]
    pub(crate) fn arrive(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        let state = &self.world.instances[instance];
        if let Some(machine) = state.machine
            && matches!(self.world.machines[machine].availability, Availability::Down | Availability::Removed)
        {
            return self.become_unresponsive(attempt);
        }
        match state.availability {
            Availability::Up => self.come_in(attempt),
            Availability::Draining => self.arrive_late(attempt),
            Availability::Down | Availability::Booting | Availability::Removed => self.refuse(attempt, Limit::Dead),
        }
    }

    /// It was on its way when its callee began to drain.
    #[cold]
    #[inline(never)]
    fn arrive_late(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        let state = &mut self.world.instances[instance];
        state.coming = state.coming.saturating_sub(1);
        self.come_in(attempt);
        // It may have been turned away.
        self.drained(instance);
    }

    /// Into a process that lives.
    #[inline(always)]
    fn come_in(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        if self.world.execs[attempt].fresh {
            if let Err(limit) = self.connect(instance) {
                return self.turn_away(attempt, limit);
            }
            self.world.execs[attempt].fresh = false;
            self.world.execs[attempt].occupancy = Occupancy::Holding;
            return self.admit(attempt, true);
        }
        self.world.execs[attempt].occupancy = Occupancy::Holding;
        self.admit(attempt, false);
    }

    /// Nothing answers: the caller learns it by its own timeout, or when the system gives up connecting.
    pub(crate) fn become_unresponsive(&mut self, attempt: u32) {
        self.world.execs[attempt].state = State::Silent;
        self.world.execs[attempt].kept = false;
        let lane = self.link_of(attempt).connect_timeout;
        let reference = self.world.execs.reference(attempt);
        self.world.after(lane, Event::Deliver(reference));
    }

    /// Turned away at the door.
    pub(crate) fn refuse(&mut self, attempt: u32, by: Limit) {
        let instance = self.world.execs[attempt].instance();
        let operation = self.world.execs[attempt].operation();
        let exec = self.world.execs.reference(attempt);
        self.emit(|| Observation::Rejected { operation, instance: Some(instance), by, exec });
        if self.world.execs[attempt].occupancy == Occupancy::Holding {
            self.world.execs[attempt].occupancy = Occupancy::Outside;
            self.leave_door(attempt);
        } else {
            self.world.execs[attempt].kept = false;
        }
        self.reply(attempt, Outcome::Failed(if by == Limit::Shed { Reason::Shed } else { Reason::Refused }));
    }

    /// Connected: a worker, a place in the backlog, or nothing.
    #[inline(always)]
    pub(crate) fn admit(&mut self, attempt: u32, opened: bool) {
        let instance = self.world.execs[attempt].instance();
        let special = self.service(instance).door.special;
        if special && !self.passes(attempt) {
            return;
        }
        let state = &mut self.world.instances[instance];
        let works = self.world.execs[attempt].pinned || state.busy < state.workers;
        if !works && state.backlog.len >= state.backlog_limit {
            let meter = state.workers_meter;
            self.world.refused(meter);
            if self.world.execs[attempt].role == Role::Probe {
                self.world.execs[attempt].occupancy = Occupancy::Outside;
                self.disconnect(instance);
                return self.probe_turned_away(attempt);
            }
            return self.turn_away(attempt, Limit::Backlog);
        }
        state.in_flight += 1;
        state.residents += 1;
        let memory = self.service(instance).memory.per_request;
        self.grow(instance, memory);
        if O::LISTENS && self.world.execs[attempt].role != Role::Probe {
            let operation = self.world.execs[attempt].operation();
            let exec = self.world.execs.reference(attempt);
            let state = &self.world.execs[attempt];
            let (site, from) = (state.site(), self.world.clients[state.client()].instance);
            self.emit(|| Observation::Admitted { operation, instance, exec, site, from });
        }
        if works {
            self.begin(attempt, opened);
        } else {
            // `fresh` now remembers that the connection was opened for this call: the handshake is still to be paid.
            self.world.execs[attempt].fresh = opened;
            self.world.execs[attempt].occupancy = Occupancy::Queued;
            self.world.execs[attempt].state = State::Backlog;
            let state = &mut self.world.instances[instance];
            state.backlog.push(&mut self.world.execs, attempt);
            self.world.note_workers(instance);
            if special {
                self.note_wait(attempt);
            }
            if self.world.execs[attempt].role != Role::Probe {
                self.set_activity(attempt, Some(Activity::Backlog));
            }
        }
    }

    /// A worker takes the call.
    fn begin(&mut self, attempt: u32, opened: bool) {
        let instance = self.world.execs[attempt].instance();
        if self.world.execs[attempt].pinned {
            self.mark_busy(instance);
        } else {
            let state = &mut self.world.instances[instance];
            state.busy += 1;
            let meter = state.workers_meter;
            self.world.begin_use(meter);
            self.world.note_workers(instance);
        }
        self.world.execs[attempt].occupancy = Occupancy::Working;
        self.world.execs[attempt].fresh = false;
        self.world.execs[attempt].pending = 0;
        if self.world.execs[attempt].role == Role::Probe {
            self.leave_instance(attempt);
            return self.end_probe(attempt, true);
        }
        let operation = self.world.execs[attempt].operation();
        let exec = self.world.execs.reference(attempt);
        self.emit(|| Observation::Begun { operation, instance, exec });
        if self.model.passes_deadlines && self.expired(attempt) {
            return self.end_attempt(attempt, Outcome::Failed(Reason::TimedOut));
        }
        if let Some(lane) = self.service(instance).door.deadline {
            let exec = self.world.execs.reference(attempt);
            self.world.after(lane, Event::Deadline(exec));
        }
        self.world.execs[attempt].pc = self.model.operations[operation].entry;
        let link = self.link_of(attempt);
        if opened && link.handshake {
            let seconds = self.draw(attempt, GREETING, link.handshake_callee);
            if seconds > 0.0 {
                self.set_activity(attempt, Some(Activity::Cpu));
                self.ask(attempt, WorkKind::Cpu, seconds);
                return self.burn(attempt, seconds, State::Greeting);
            }
        }
        self.resume(attempt);
    }

    /// Gives back what an execution occupies at its instance; the next in the backlog gets its worker.
    pub(crate) fn leave_instance(&mut self, exec: u32) {
        let state = &self.world.execs[exec];
        let (instance, occupancy, role) = (state.instance, state.occupancy, state.role);
        let Some(instance) = instance.filter(|_| occupancy != Occupancy::Outside) else { return };
        let attempt = matches!(role, Role::Attempt | Role::Probe);
        let pinned = state.pinned;
        // What is held keeps its connection for the holder; other connections may stay open for the next call.
        let holds = state.state == State::Held && occupancy == Occupancy::Working;
        let stays = attempt && state.kept && (holds || self.stays_open(exec));
        let pins = stays && (occupancy == Occupancy::Working || pinned) && self.service(instance).pins;
        self.release(exec, 0);
        self.set_activity(exec, None);
        self.world.execs[exec].occupancy = Occupancy::Outside;
        let (per_request, leak) =
            (self.service(instance).memory.per_request, self.service(instance).memory.leak_per_request);
        let here = &mut self.world.instances[instance];
        here.residents -= 1;
        match (role, occupancy) {
            (Role::Attempt | Role::Probe, Occupancy::Working) => {
                here.busy -= u32::from(!pins);
                here.in_flight -= 1;
                here.leaked += leak;
                self.shrink(instance, per_request);
                self.grow(instance, leak);
                if !pins {
                    self.next_from_backlog(instance);
                }
            }
            (Role::Attempt | Role::Probe, Occupancy::Holding) if pinned && !pins => {
                here.busy -= 1;
                self.next_from_backlog(instance);
            }
            (Role::Attempt | Role::Probe, Occupancy::Queued) => {
                here.in_flight -= 1;
                here.backlog.remove(&mut self.world.execs, exec);
                self.world.note_workers(instance);
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
                Occupancy::Outside | Occupancy::Queued | Occupancy::Working | Occupancy::Holding,
            ) => {}
        }
        if stays {
            self.world.execs[exec].pinned = pins;
            if !holds {
                self.leave_connection(exec, pins);
            }
        } else if attempt {
            self.world.execs[exec].pinned = false;
            self.disconnect(instance);
        }
        if self.world.instances[instance].availability == Availability::Draining {
            self.drained(instance);
        }
    }

    /// A worker is free: the next in the backlog takes it.
    pub(crate) fn next_from_backlog(&mut self, instance: InstanceId) {
        let choosy = self.model.passes_deadlines || self.service(instance).door.special;
        loop {
            let state = &mut self.world.instances[instance];
            if !matches!(state.availability, Availability::Up | Availability::Draining) || state.busy >= state.workers {
                break;
            }
            let Some(next) = state.backlog.next() else { break };
            if choosy && let Some(reason) = self.too_late(instance, next) {
                self.drop_waiting(next, reason);
                continue;
            }
            self.world.instances[instance].backlog.remove(&mut self.world.execs, next);
            let opened = self.world.execs[next].fresh;
            return self.begin(next, opened);
        }
        self.world.note_workers(instance);
    }

    /// A program has ended, well or not.
    pub(crate) fn finish(&mut self, exec: u32, outcome: Outcome) {
        match self.world.execs[exec].role {
            Role::Root => self.end_root(exec, outcome),
            Role::ClientFiber => {
                self.set_activity(exec, None);
                self.world.execs.remove(exec);
            }
            Role::ClientBranch | Role::Branch => {
                self.set_activity(exec, None);
                self.join(exec, outcome);
            }
            Role::Fiber => {
                self.end_message(exec, outcome);
                self.leave_instance(exec);
                self.world.execs.remove(exec);
            }
            Role::Probe => {}
            Role::Attempt => {
                let succeeded = matches!(outcome, Outcome::Succeeded { .. });
                if succeeded && self.world.execs[exec].holds && self.hold(exec, None) {
                    return;
                }
                self.end_attempt(exec, outcome);
            }
        }
    }

    /// The callee is done with an attempt.
    #[inline(always)]
    pub(crate) fn end_attempt(&mut self, attempt: u32, outcome: Outcome) {
        self.leave_instance(attempt);
        self.tell_finished(attempt, outcome);
        self.reply(attempt, outcome);
    }

    #[inline(always)]
    pub(crate) fn tell_finished(&mut self, attempt: u32, outcome: Outcome) {
        if O::LISTENS {
            let exec = self.world.execs.reference(attempt);
            let listened = self.listens(attempt);
            let state = &self.world.execs[attempt];
            let (operation, instance, started) = (state.operation(), state.instance(), state.started);
            self.observer.observe(
                self.world.now,
                &Observation::Finished { operation, instance, exec, started, outcome, listened },
            );
        }
    }

    /// Adds memory to an instance; beyond a limit its process is killed once the event is over.
    #[inline]
    pub(crate) fn grow(&mut self, instance: InstanceId, bytes: u64) {
        if bytes > 0 && self.world.add_memory(instance, bytes) {
            self.world.work.push_back(Work::OutOfMemory(instance));
        }
    }

    #[inline]
    pub(crate) fn shrink(&mut self, instance: InstanceId, bytes: u64) {
        if bytes > 0 {
            self.world.remove_memory(instance, bytes);
        }
    }
}
