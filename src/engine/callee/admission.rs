//! A call from the callee's side: a connection, a worker or a place in the backlog, the program, the way out.
//!
//! A worker is held from `begin` to the end of the operation, through every downstream call; whatever an execution
//! occupies is given back in `leave_instance`, or at the end of an answer that goes the short way (`direct`).

use crate::engine::observation::{Activity, Limit, Observation, Observer, Outcome, WorkKind};
use crate::engine::state::client::Idle;
use crate::engine::state::ids::{ExecRef, InstanceId};
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, Work, World};
use crate::engine::time::event::Event;
use crate::model::{Link, Service};
use crate::scenario::Reason;

const GREETING: u64 = 0x6772_6565_7400;

impl<'m, O: Observer> Context<'m, O> {
    /// Takes a socket of an instance; false (and counted as refused) when there is none left.
    #[inline(always)]
    pub(crate) fn take_descriptor(&mut self, instance: InstanceId) -> bool {
        let state = &self.world.instances[instance];
        if state.descriptors >= state.descriptor_limit {
            let meter = state.descriptors_meter;
            self.world.refused(meter);
            return false;
        }
        self.world.take_socket(instance);
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
    fn connect(&mut self, instance: InstanceId, service: &Service) -> Result<(), Limit> {
        let now = self.world.now;
        let state = &mut self.world.instances[instance];
        if now < state.reloading
            || state.connections >= state.max_connections
            || state.descriptors >= state.descriptor_limit
        {
            return Err(self.cannot_connect(instance));
        }
        state.connections += 1;
        state.descriptors += 1;
        self.world.note_opened(instance);
        self.grow(instance, service.memory.per_connection);
        Ok(())
    }

    /// What is in the way of a connection, counted where there is no room.
    #[cold]
    #[inline(never)]
    fn cannot_connect(&mut self, instance: InstanceId) -> Limit {
        let state = &self.world.instances[instance];
        let (limit, meter) = if self.world.now < state.reloading {
            (Limit::Reload, None)
        } else if state.connections >= state.max_connections {
            (Limit::Connections, state.connections_meter)
        } else {
            (Limit::Descriptors, state.descriptors_meter)
        };
        self.world.refused(meter);
        limit
    }

    /// Closes an inbound connection.
    #[inline]
    pub(crate) fn disconnect(&mut self, instance: InstanceId) {
        let memory = self.service(instance).memory.per_connection;
        let state = &mut self.world.instances[instance];
        state.connections = state.connections.saturating_sub(1);
        state.descriptors = state.descriptors.saturating_sub(1);
        self.world.note_connections(instance);
        self.shrink(instance, memory);
    }

    /// Closes a kept connection that nobody uses, on both sides.
    pub(crate) fn close_idle(&mut self, caller: Option<InstanceId>, idle: Idle) {
        if let Some(caller) = caller {
            self.return_descriptor(caller);
        }
        self.close_resting(idle.instance, idle.pinned);
    }

    #[inline(always)]
    pub(crate) fn service(&self, instance: InstanceId) -> &'m Service {
        &self.model.services[self.world.instances[instance].service]
    }

    /// An attempt that was on its way reaches its callee.
    pub(crate) fn arrived(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance();
        self.arrive(attempt, instance, self.link_of(attempt));
    }

    /// An attempt reaches its callee.
    #[inline]
    pub(crate) fn arrive(&mut self, attempt: u32, instance: InstanceId, link: &'m Link) {
        let state = &self.world.instances[instance];
        if let Some(machine) = state.machine
            && !self.world.machines[machine].is_reachable()
        {
            return self.become_unresponsive(attempt);
        }
        match state.availability {
            Availability::Up => self.enter(attempt, instance, link),
            Availability::Draining => self.arrive_late(attempt, instance, link),
            Availability::Down | Availability::Booting | Availability::Removed => self.refuse(attempt, Limit::Dead),
        }
    }

    /// It was on its way when its callee began to drain.
    #[cold]
    #[inline(never)]
    fn arrive_late(&mut self, attempt: u32, instance: InstanceId, link: &'m Link) {
        let state = &mut self.world.instances[instance];
        state.coming = state.coming.saturating_sub(1);
        self.enter(attempt, instance, link);
        // It may have been turned away.
        self.drained(instance);
    }

    /// Into a process that lives.
    #[inline]
    fn enter(&mut self, attempt: u32, instance: InstanceId, link: &'m Link) {
        let service = self.service(instance);
        let opens = self.world.execs[attempt].fresh;
        if opens && let Err(limit) = self.connect(instance, service) {
            return self.turn_away(attempt, limit);
        }
        let state = &mut self.world.execs[attempt];
        state.fresh = false;
        state.occupancy = Occupancy::Holding;
        if service.door.special && !self.passes(attempt) {
            return;
        }
        self.admit(attempt, instance, service, (opens, opens && link.handshake));
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

    /// A health check is connected: it asks for a worker like any call.
    pub(crate) fn admit_probe(&mut self, probe: u32) {
        let instance = self.world.execs[probe].instance();
        let service = self.service(instance);
        if service.door.special && !self.passes(probe) {
            return;
        }
        self.admit(probe, instance, service, (false, false));
    }

    /// Connected: a worker, a place in the backlog, or nothing. Whether it opened its connection, and whether a
    /// handshake is to be paid for that.
    #[inline(always)]
    fn admit(&mut self, attempt: u32, instance: InstanceId, service: &'m Service, (opened, greets): (bool, bool)) {
        let here = &mut self.world.instances[instance];
        let call = &self.world.execs[attempt];
        let works = here.busy < here.workers || call.pinned;
        if !works && here.backlog.len >= here.backlog_limit {
            return self.no_place(attempt, instance);
        }
        here.in_flight += 1;
        here.residents += 1;
        self.grow(instance, service.memory.per_request);
        if O::LISTENS {
            self.tell_admitted(attempt, instance);
        }
        if works {
            self.begin(attempt, instance, service, greets);
        } else {
            self.enter_backlog(attempt, instance, service.door.special, opened);
        }
    }

    #[inline(always)]
    fn tell_admitted(&mut self, attempt: u32, instance: InstanceId) {
        let state = &self.world.execs[attempt];
        if state.role != Role::Probe {
            let exec = ExecRef { index: attempt, generation: state.generation };
            let (operation, site) = (state.operation(), state.site());
            let from = self.world.clients[state.client()].instance;
            self.emit(|| Observation::Admitted { operation, instance, exec, site, from });
        }
    }

    /// Every worker is busy, and the backlog full.
    #[cold]
    #[inline(never)]
    fn no_place(&mut self, attempt: u32, instance: InstanceId) {
        let meter = self.world.instances[instance].workers_meter;
        self.world.refused(meter);
        if self.world.execs[attempt].role == Role::Probe {
            self.world.execs[attempt].occupancy = Occupancy::Outside;
            self.disconnect(instance);
            return self.probe_turned_away(attempt);
        }
        self.turn_away(attempt, Limit::Backlog);
    }

    #[inline(never)]
    fn enter_backlog(&mut self, attempt: u32, instance: InstanceId, special: bool, opened: bool) {
        let World { instances, execs, .. } = &mut *self.world;
        let state = &mut execs[attempt];
        // From here on `fresh` remembers that the connection was opened for it: a handshake may still have to be paid.
        state.fresh = opened;
        state.occupancy = Occupancy::Queued;
        state.state = State::Backlog;
        let probe = state.role == Role::Probe;
        instances[instance].backlog.push(execs, attempt);
        self.world.note_workers(instance);
        if special {
            self.note_wait(attempt);
        }
        if !probe {
            self.set_activity(attempt, Some(Activity::Backlog));
        }
    }

    /// A worker takes the call.
    #[inline]
    fn begin(&mut self, attempt: u32, instance: InstanceId, service: &'m Service, greets: bool) {
        let model = self.model;
        let call = &mut self.world.execs[attempt];
        call.occupancy = Occupancy::Working;
        call.fresh = false;
        call.pending = 0;
        let exec = ExecRef { index: attempt, generation: call.generation };
        let (probe, operation) = (call.role == Role::Probe, call.operation);
        if call.pinned {
            self.mark_busy(instance);
        } else {
            self.world.take_worker(instance);
        }
        if probe {
            self.leave_instance(attempt);
            return self.end_probe(attempt, true);
        }
        let operation = operation.expect("it is no client");
        self.emit(|| Observation::Begun { operation, instance, exec });
        if model.passes_deadlines && self.expired(attempt) {
            return self.end_attempt(attempt, Outcome::Failed(Reason::TimedOut));
        }
        if let Some(lane) = service.door.deadline {
            self.world.after(lane, Event::Deadline(exec));
        }
        self.world.execs[attempt].pc = model.operations[operation].entry;
        if greets && self.greets(attempt) {
            return;
        }
        self.resume(attempt);
    }

    /// Whether the callee's CPU has to work for the handshake first.
    #[inline(never)]
    fn greets(&mut self, attempt: u32) -> bool {
        let seconds = self.draw(attempt, GREETING, self.link_of(attempt).handshake_callee);
        if seconds > 0.0 {
            self.set_activity(attempt, Some(Activity::Cpu));
            self.ask(attempt, WorkKind::Cpu, seconds);
            self.burn(attempt, seconds, State::Greeting);
        }
        seconds > 0.0
    }

    /// Gives back what an execution occupies at its instance; the next in the backlog gets its worker.
    pub(crate) fn leave_instance(&mut self, exec: u32) {
        let state = &self.world.execs[exec];
        let Some(instance) = state.instance else { return };
        // A call that worked and holds nothing, over a connection that closes with it or is its caller's.
        let kept = state.kept;
        let plain = state.role == Role::Attempt
            && state.occupancy == Occupancy::Working
            && state.claims == 0
            && state.state != State::Held
            && !(state.pinned || kept && self.link_of(exec).keep_alive);
        let service = self.service(instance);
        if !plain || service.pins {
            return self.leave_instance_otherwise(exec, instance);
        }
        self.set_activity(exec, None);
        self.world.execs[exec].occupancy = Occupancy::Outside;
        let here = &mut self.world.instances[instance];
        here.residents -= 1;
        here.busy -= 1;
        here.in_flight -= 1;
        if service.memory.any {
            here.leaked += service.memory.leak_per_request;
            self.shrink(instance, service.memory.per_request);
            self.grow(instance, service.memory.leak_per_request);
        }
        self.next_from_backlog(instance);
        if !kept {
            self.disconnect(instance);
        }
        if self.world.instances[instance].availability == Availability::Draining {
            self.drained(instance);
        }
    }

    /// The same of any execution, wherever it is.
    #[inline(never)]
    fn leave_instance_otherwise(&mut self, exec: u32, instance: InstanceId) {
        let state = &self.world.execs[exec];
        let (occupancy, role, pinned) = (state.occupancy, state.role, state.pinned);
        if occupancy == Occupancy::Outside {
            return;
        }
        let service = self.service(instance);
        let attempt = matches!(role, Role::Attempt | Role::Probe);
        // What is held keeps its connection for the holder; other connections may stay open for the next call.
        let holds = state.state == State::Held && occupancy == Occupancy::Working;
        let stays = attempt && state.kept && (holds || self.stays_open(exec));
        let pins = stays && (occupancy == Occupancy::Working || pinned) && service.pins;
        self.release(exec, 0);
        self.set_activity(exec, None);
        self.world.execs[exec].occupancy = Occupancy::Outside;
        let (per_request, leak) = (service.memory.per_request, service.memory.leak_per_request);
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
        let service = self.service(instance);
        let choosy = self.model.passes_deadlines || service.door.special;
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
            let greets = self.world.execs[next].fresh && self.link_of(next).handshake;
            return self.begin(next, instance, service, greets);
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
        let state = &self.world.execs[attempt];
        let (exec, started) = (ExecRef { index: attempt, generation: state.generation }, state.started);
        if let (Some(operation), Some(instance)) = (state.operation, state.instance) {
            self.emit(|| Observation::Finished { operation, instance, exec, started, outcome });
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
