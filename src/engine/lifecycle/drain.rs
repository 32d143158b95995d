//! Instances that leave: nothing new comes, what is there and what is on its way is served, then they go.
//!
//! Callers forget a draining instance at once, so what is on its way to it can be counted when the drain begins and
//! only becomes fewer: it arrives, is lost or is given up by its caller.

use crate::engine::observation::{Cause, Observation, Observer};
use crate::engine::state::client::Idle;
use crate::engine::state::ids::{InstanceId, MachineId};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;

impl<O: Observer> Context<'_, O> {
    /// Nothing new for an instance, which goes for good once it has served what it has and what is on its way to it.
    pub(crate) fn drain_instance(&mut self, instance: InstanceId) {
        self.displace(instance);
        self.unlist(instance);
        if self.world.instances[instance].deploy.is_some() {
            self.leave_deploy(instance);
        }
        let state = &mut self.world.instances[instance];
        match state.availability {
            Availability::Up => self.begin_drain(instance),
            Availability::Booting | Availability::Down => {
                state.epoch += 1;
                let machine = state.machine;
                self.world.set_availability(instance, Availability::Removed);
                self.world.lose_stores(instance);
                self.lose_kept(instance);
                if let Some(machine) = machine {
                    self.vacate(instance, machine);
                }
            }
            Availability::Draining => self.drained(instance),
            Availability::Removed => {}
        }
    }

    /// Nobody calls it any more.
    fn unlist(&mut self, instance: InstanceId) {
        let service = self.world.instances[instance].service;
        self.world.services[service].list.retain(|&member| member != instance);
        self.world.retarget(self.model, service);
    }

    /// An instance finishes what it has, to be replaced by a deploy.
    pub(crate) fn drain_for_deploy(&mut self, instance: InstanceId) {
        self.unlist(instance);
        self.begin_drain(instance);
    }

    fn begin_drain(&mut self, instance: InstanceId) {
        let execs = &self.world.execs;
        let comes = |exec: &u32| execs[*exec].instance == Some(instance) && execs[*exec].comes();
        let coming = execs.indices().filter(comes).count() as u32;
        self.world.set_availability(instance, Availability::Draining);
        self.world.instances[instance].coming = coming;
        self.close_idle_from_callers(instance);
        self.close_visitors(instance);
        self.write_everything(instance);
        self.drained(instance);
    }

    /// A call that was on its way does not come after all.
    pub(crate) fn inbound_cancelled(&mut self, attempt: u32) {
        let instance = self.world.execs[attempt].instance;
        if let Some(instance) = instance
            && self.world.instances[instance].availability == Availability::Draining
        {
            let state = &mut self.world.instances[instance];
            state.coming = state.coming.saturating_sub(1);
            self.drained(instance);
        }
    }

    /// Callers close the connections they keep to an instance that leaves.
    fn close_idle_from_callers(&mut self, instance: InstanceId) {
        for client in self.world.clients.ids() {
            let end = &mut self.world.clients[client];
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
    pub(crate) fn drained(&mut self, instance: InstanceId) {
        let state = &self.world.instances[instance];
        if state.availability != Availability::Draining || state.residents > 0 || state.coming > 0 {
            return;
        }
        // What was put while it drained is written too.
        self.write_everything(instance);
        let state = &self.world.instances[instance];
        if state.residents > 0 {
            return;
        }
        if state.deploy.is_some() {
            return self.crash(instance, Cause::Deploy);
        }
        let (memory, machine) = (state.memory, state.machine);
        self.world.set_availability(instance, Availability::Removed);
        self.world.lose_stores(instance);
        for client in self.world.instances[instance].clients.clone() {
            let idle: Vec<_> = self.world.clients[client].idle.drain(..).collect();
            self.world.clients[client].open -= idle.len() as u32;
            for connection in idle {
                self.close_idle(None, connection);
            }
        }
        self.forget_guards(instance);
        self.world.instances[instance].descriptors = 0;
        self.world.note_connections(instance);
        self.world.remove_memory(instance, memory);
        self.set_capacities(instance, false);
        self.emit(|| Observation::InstanceDown { instance, cause: Cause::Removed });
        if let Some(machine) = machine {
            self.machine_drained(machine);
            self.vacate(instance, machine);
        }
    }

    pub(crate) fn machine_drained(&mut self, machine: MachineId) {
        let home = &self.world.machines[machine];
        let empty =
            home.instances.iter().all(|&instance| self.world.instances[instance].availability == Availability::Removed);
        let listed = self.world.groups[home.group].list.contains(&machine);
        if listed || !empty || home.availability == Availability::Removed {
            return;
        }
        let now = self.world.now;
        let home = &mut self.world.machines[machine];
        home.availability = Availability::Removed;
        home.removed_at = Some(now);
        self.machine_capacities(machine);
        self.emit(|| Observation::MachineDown { machine });
    }
}
