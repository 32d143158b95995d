//! Instances that leave: nothing new comes, what is there and what is on its way is served, then they go.
//!
//! Callers forget a draining instance at once, so what is on its way to it can be counted when the drain begins and
//! only becomes fewer: it arrives, is lost or is given up by its caller.

use super::client::Idle;
use super::machine::Life;
use super::observation::{Cause, Observation, Observer};
use super::request::NONE;
use super::world::Turn;

impl<O: Observer> Turn<'_, O> {
    /// Nothing new for an instance, which goes for good once it has served what it has and what is on its way to it.
    pub(super) fn drain_instance(&mut self, instance: u32) {
        self.displace(instance);
        self.unlist(instance);
        if self.w.instances[instance as usize].deploy != NONE {
            self.leave_deploy(instance);
        }
        let state = &mut self.w.instances[instance as usize];
        match state.life {
            Life::Up => self.begin_drain(instance),
            Life::Booting | Life::Down => {
                state.life = Life::Removed;
                state.epoch += 1;
                let machine = state.machine;
                self.lose_kept(instance);
                if machine != NONE {
                    self.vacate(instance);
                }
            }
            Life::Draining => self.drained(instance),
            Life::Removed => {}
        }
    }

    /// Nobody calls it any more.
    fn unlist(&mut self, instance: u32) {
        let service = self.w.instances[instance as usize].service;
        self.w.services[service as usize].list.retain(|&member| member != instance);
        self.w.retarget(self.m, service);
    }

    /// An instance finishes what it has, to be replaced by a deploy.
    pub(super) fn drain_for_deploy(&mut self, instance: u32) {
        self.unlist(instance);
        self.begin_drain(instance);
    }

    fn begin_drain(&mut self, instance: u32) {
        let execs = &self.w.execs;
        let comes = |exec: &u32| execs[*exec].instance == instance && execs[*exec].comes();
        let coming = execs.indices().filter(comes).count() as u32;
        let state = &mut self.w.instances[instance as usize];
        state.life = Life::Draining;
        state.coming = coming;
        self.close_idle_from_callers(instance);
        self.close_visitors(instance);
        self.write_everything(instance);
        self.drained(instance);
    }

    /// A call that was on its way does not come after all.
    pub(super) fn comes_not(&mut self, attempt: u32) {
        let instance = self.w.execs[attempt].instance;
        if instance != NONE && self.w.instances[instance as usize].life == Life::Draining {
            let state = &mut self.w.instances[instance as usize];
            state.coming = state.coming.saturating_sub(1);
            self.drained(instance);
        }
    }

    /// Callers close the connections they keep to an instance that leaves.
    fn close_idle_from_callers(&mut self, instance: u32) {
        for client in 0..self.w.clients.len() {
            let end = &mut self.w.clients[client];
            let gone: Vec<Idle> = end.idle.iter().copied().filter(|idle| idle.instance == instance).collect();
            end.idle.retain(|idle| idle.instance != instance);
            end.open -= gone.len() as u32;
            let caller = end.instance;
            for idle in gone {
                self.close_idle(caller, idle);
            }
        }
    }

    /// A draining instance may be empty now.
    pub(super) fn drained(&mut self, instance: u32) {
        let state = &self.w.instances[instance as usize];
        if state.life != Life::Draining || state.residents > 0 || state.coming > 0 {
            return;
        }
        // What was put while it drained is written too.
        self.write_everything(instance);
        let state = &self.w.instances[instance as usize];
        if state.residents > 0 {
            return;
        }
        if state.deploy != NONE {
            return self.crash(instance, Cause::Deploy);
        }
        let (memory, machine) = (state.memory, state.machine);
        self.w.instances[instance as usize].life = Life::Removed;
        for client in self.w.instances[instance as usize].clients.clone() {
            let idle: Vec<_> = self.w.clients[client as usize].idle.drain(..).collect();
            self.w.clients[client as usize].open -= idle.len() as u32;
            for connection in idle {
                self.close_idle(NONE, connection);
            }
        }
        self.forget_guards(instance);
        self.w.instances[instance as usize].descriptors = 0;
        self.w.note_connections(instance);
        self.w.remove_memory(instance, memory);
        self.set_capacities(instance, false);
        self.tell(|| Observation::InstanceDown { instance, cause: Cause::Removed });
        if machine != NONE {
            self.machine_drained(machine);
            self.vacate(instance);
        }
    }

    pub(super) fn machine_drained(&mut self, machine: u32) {
        let home = &self.w.machines[machine as usize];
        let empty = home.instances.iter().all(|&instance| self.w.instances[instance as usize].life == Life::Removed);
        let listed = self.w.groups[home.group as usize].list.contains(&machine);
        if listed || !empty || home.life == Life::Removed {
            return;
        }
        let now = self.w.now;
        let home = &mut self.w.machines[machine as usize];
        home.life = Life::Removed;
        home.removed_at = Some(now);
        self.machine_capacities(machine);
        self.tell(|| Observation::MachineDown { machine });
    }
}
