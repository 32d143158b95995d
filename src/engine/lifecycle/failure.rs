//! Ends that nobody planned: a killed execution, a crashed process, a dead machine.

use crate::engine::callee::backlog::Backlog;
use crate::engine::observation::{Cause, Observation, Observer, Outcome};
use crate::engine::state::ids::{ExecRef, InstanceId, NOWHERE};
use crate::engine::state::request::{At, Occupancy, Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::model::Cancel;
use crate::scenario::Reason;

impl<O: Observer> Context<'_, O> {
    /// Ends an execution and what it waits for, without a word to its caller.
    pub(crate) fn kill(&mut self, exec: u32) {
        self.cancel_children(exec);
        let came = self.world.execs[exec].comes();
        if self.world.execs[exec].role == Role::Attempt
            && matches!(self.world.execs[exec].occupancy, Occupancy::Working | Occupancy::Queued)
        {
            self.tell_finished(exec, Outcome::Failed(Reason::Abandoned));
        }
        self.interrupt(exec);
        let state = &mut self.world.execs[exec];
        if state.role == Role::Attempt && state.kept {
            state.kept = false;
            // A connection that was open before this call closes with it, though the call occupies nothing there.
            if !state.fresh && matches!(state.state, State::Transit | State::Retransmit | State::Replying) {
                let (instance, pinned) = (state.instance(), state.pinned);
                state.pinned = false;
                self.close_resting(instance, pinned);
            }
        }
        self.leave_instance(exec);
        if self.world.execs[exec].role == Role::Attempt {
            self.release_slot(exec);
        }
        if came {
            self.inbound_cancelled(exec);
        }
        self.world.execs.remove(exec);
    }

    /// Takes an execution off whatever it uses or waits for itself: a pool's queue, a CPU, a network.
    pub(crate) fn interrupt(&mut self, exec: u32) {
        match self.world.execs[exec].state.at() {
            At::Pool => {
                let client = self.world.execs[exec].client();
                self.world.leave_waiters(exec, client);
                self.world.note_pool(client);
            }
            At::Grant => {
                self.take_back(exec);
            }
            At::CallerCpu => {
                let client = self.world.execs[exec].client();
                let caller = self.world.clients[client].instance;
                self.leave_cpu(exec, caller, None);
            }
            At::Cpu | At::ChildCpu | At::Device => self.stop_work(exec),
            At::Lock => self.leave_line(exec),
            At::Callee | At::Branches | At::Nowhere => {}
        }
    }

    /// The caller of an attempt no longer waits: by the link's policy it is withdrawn, killed, or works on unheard.
    pub(crate) fn leave_alone(&mut self, attempt: u32) {
        let cancel = self.link_of(attempt).cancel;
        match self.world.execs[attempt].state {
            // It has not left, or nobody at the other end does anything for it.
            State::Pool | State::Granted | State::Handshake | State::Retransmit | State::Silent | State::Replying => {
                return self.kill(attempt);
            }
            State::Transit | State::Backlog if cancel != Cancel::Never => {
                return self.kill(attempt);
            }
            State::Held => return self.release_hold(attempt),
            State::Device if self.receives(attempt) => return self.kill(attempt),
            _ => {}
        }
        if cancel == Cancel::All {
            return self.kill(attempt);
        }
        self.world.execs[attempt].kept = false;
        self.release_slot(attempt);
    }

    /// What a dying execution waits for is no longer listened to: attempts by their link's policy, branches end.
    pub(crate) fn cancel_children(&mut self, exec: u32) {
        let state = &mut self.world.execs[exec];
        state.ticket = state.ticket.wrapping_add(1);
        let child = std::mem::replace(&mut state.child, ExecRef::NOBODY);
        match state.state.at() {
            At::Callee => {
                self.abandon(child, exec, NOWHERE);
            }
            At::Branches => {
                let mut branch = child;
                while self.world.execs.alive(branch) {
                    let sibling = self.world.execs[branch.index].sibling;
                    self.kill(branch.index);
                    branch = sibling;
                }
            }
            _ => {}
        }
    }

    /// Takes an execution off the CPU, disk or network it uses, and its child process with it.
    fn stop_work(&mut self, exec: u32) {
        let instance = self.world.execs[exec].instance;
        match self.world.execs[exec].state.at() {
            At::Cpu => self.leave_cpu(exec, instance, None),
            At::ChildCpu => {
                self.leave_cpu(exec, instance, Some(crate::engine::program::CHILDREN));
                self.end_child(exec);
            }
            At::Device => self.leave_device(exec),
            _ => {}
        }
    }

    fn leave_cpu(&mut self, exec: u32, instance: Option<InstanceId>, party: Option<u32>) {
        let Some(instance) = instance else { return };
        let Some(machine) = self.world.instances[instance].machine else { return };
        let party = party.unwrap_or(self.world.instances[instance].party);
        let reference = self.world.execs.reference(exec);
        self.world.machines[machine].cpu.cancel(self.world.now, party, reference);
        self.world.touch_machine(machine);
    }

    /// A process dies. What was in flight fails `Crashed`; from a dead machine comes nothing at all. It starts again
    /// after the service's `restart`, unless whoever killed it says otherwise.
    pub(crate) fn crash(&mut self, instance: InstanceId, cause: Cause) {
        let state = &mut self.world.instances[instance];
        if matches!(state.availability, Availability::Down | Availability::Removed | Availability::Booting) {
            return;
        }
        let (draining, deployed) = (state.availability == Availability::Draining, state.deploy.is_some());
        state.epoch += 1;
        self.world.set_availability(instance, Availability::Down);
        self.emit(|| Observation::InstanceDown { instance, cause });

        self.lose_connections(instance);
        self.world.drop_locks(instance);
        // First everything here loses its work and its callees lose their caller; only then do callers hear of it.
        let residents: Vec<ExecRef> = {
            let execs = &self.world.execs;
            execs
                .indices()
                .filter(|&index| {
                    execs[index].instance == Some(instance) && execs[index].occupancy != Occupancy::Outside
                })
                .map(|index| execs.reference(index))
                .collect()
        };
        for &resident in &residents {
            if self.world.execs.alive(resident) {
                self.strip(resident.index);
            }
        }
        self.close_everything(instance);
        for &resident in &residents {
            if !self.world.execs.alive(resident) {
                continue;
            }
            self.lose_resident(resident.index, cause, draining && !deployed);
        }
        if deployed {
            self.start_new(instance);
        } else if draining {
            self.world.set_availability(instance, Availability::Draining);
            self.drained(instance);
        } else if matches!(cause, Cause::Crash | Cause::OutOfMemory) {
            self.schedule_restart(instance);
        }
    }

    /// What was at a process that has died ends, and whoever waits for it hears of it. `for_good`: the process does not
    /// come back.
    fn lose_resident(&mut self, exec: u32, cause: Cause, for_good: bool) {
        let (role, held) = (self.world.execs[exec].role, self.world.execs[exec].state == State::Held);
        // Its reply was still on the way: the caller waits for it, as for any other.
        let owing = held && self.world.execs[exec].owes_reply;
        if owing {
            self.leave_session(exec);
            self.world.execs[exec].owes_reply = false;
            self.world.execs[exec].state = State::Replying;
        }
        match role {
            Role::Attempt if held && !owing => self.drop_held(exec),
            Role::Attempt => {
                if !owing {
                    self.tell_finished(exec, Outcome::Failed(Reason::Crashed));
                }
                self.world.execs[exec].kept = false;
                if cause == Cause::MachineCrash {
                    if self.listens(exec) {
                        self.become_unresponsive(exec);
                    } else {
                        self.release_slot(exec);
                        self.world.execs.remove(exec);
                    }
                } else {
                    self.reply(exec, Outcome::Failed(Reason::Crashed));
                }
            }
            Role::Probe => self.end_probe(exec, false),
            Role::Fiber => {
                self.lose_message(exec, for_good);
                self.world.execs.remove(exec);
            }
            Role::Branch => self.world.execs.remove(exec),
            Role::Root | Role::ClientFiber | Role::ClientBranch => {}
        }
    }

    /// Takes a resident of a dying process off every queue there.
    fn strip(&mut self, exec: u32) {
        match self.world.execs[exec].state.at() {
            At::Cpu | At::ChildCpu | At::Device => self.stop_work(exec),
            At::Callee => self.cancel_children(exec),
            _ => {}
        }
        self.release(exec, 0);
        self.set_activity(exec, None);
        let state = &mut self.world.execs[exec];
        state.ticket = state.ticket.wrapping_add(1);
        state.occupancy = Occupancy::Outside;
        if state.state != State::Held {
            // Held ones stay linked in their session's list until `drop_held`.
            state.next = NOWHERE;
            state.previous = NOWHERE;
            state.state = State::Replying;
        }
    }

    /// A dead process has no workers, connections or memory, and its callers' idle connections to it are gone.
    fn close_everything(&mut self, instance: InstanceId) {
        let order = self.service(instance).door.order;
        let state = &mut self.world.instances[instance];
        state.busy = 0;
        state.resting = 0;
        state.in_flight = 0;
        state.residents = 0;
        state.coming = 0;
        state.backlog = Backlog::new(order);
        state.connections = 0;
        state.leaked = 0;
        self.world.lose_stores(instance);
        let state = &mut self.world.instances[instance];
        let memory = state.memory;
        self.world.remove_memory(instance, memory);
        self.world.keep_alive.forget(instance);
        self.note_resting(instance);
        self.world.note_workers(instance);
        for client in self.world.clients.ids() {
            let end = &mut self.world.clients[client];
            if end.instance == Some(instance) {
                let idle: Vec<_> = end.idle.drain(..).collect();
                end.open -= idle.len() as u32;
                for connection in idle {
                    self.close_idle(None, connection);
                }
                self.forget_delayed(client);
            } else if self.model.links[end.link].callee == self.world.instances[instance].service {
                let before = end.idle.len();
                end.idle.retain(|idle| idle.instance != instance);
                let gone = (before - end.idle.len()) as u32;
                end.open -= gone;
                let caller = end.instance;
                for _ in 0..gone {
                    if let Some(caller) = caller {
                        self.return_descriptor(caller);
                    }
                }
            }
        }
        self.forget_guards(instance);
        self.world.instances[instance].descriptors = 0;
        self.world.note_connections(instance);
        self.set_capacities(instance, false);
    }

    /// Kills whoever must die for memory.
    pub(crate) fn out_of_memory(&mut self, instance: InstanceId) {
        while let Some(victim) = self.world.victim(instance) {
            self.crash(victim, Cause::OutOfMemory);
        }
    }
}
