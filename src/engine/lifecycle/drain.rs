//! Instances that leave: nothing new comes, what is there and what is on its way is served, then they go.
//!
//! Callers forget a draining instance at once, so what is on its way to it can be counted when the drain begins and
//! only becomes fewer: it arrives, is lost or is given up by its caller.

use crate::engine::observation::{Cause, Observation, Observer};
use crate::engine::state::client::Idle;
use crate::engine::state::ids::{InstanceId, MachineId};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::model::ServiceId;
use std::collections::{BTreeMap, BTreeSet};

impl<O: Observer> Context<'_, O> {
    /// Nothing new for instances that go for good, each once it has served what it has and what is on its way to it.
    pub(crate) fn drain_instances(&mut self, mut leaving: Vec<InstanceId>) {
        // Whose turn it is in a deploy gives that up first, which may make it the turn of another of them.
        loop {
            let in_turn = |instance: &InstanceId| self.world.instances[*instance].deploy.is_some();
            let (first, others): (Vec<_>, Vec<_>) = leaving.into_iter().partition(in_turn);
            leaving = others;
            if first.is_empty() {
                break;
            }
            for instance in first {
                self.displace(instance);
                self.unlist(&[instance]);
                self.leave_deploy(instance);
                self.release_instances(&[instance]);
            }
        }
        leaving.iter().for_each(|&instance| self.displace(instance));
        self.unlist(&leaving);
        self.release_instances(&leaving);
    }

    /// The same for those that nobody calls any more.
    fn release_instances(&mut self, leaving: &[InstanceId]) {
        let mut serving = Vec::new();
        let mut gone = false;
        for &instance in leaving {
            let state = &mut self.world.instances[instance];
            match state.availability {
                Availability::Up => serving.push(instance),
                Availability::Booting | Availability::Down => {
                    state.epoch += 1;
                    let machine = state.machine;
                    self.world.set_availability(instance, Availability::Removed);
                    self.world.lose_stores(instance);
                    self.lose_kept(instance);
                    if let Some(machine) = machine {
                        self.vacate(instance, machine);
                        gone = true;
                    }
                }
                Availability::Draining => gone |= self.goes(instance),
                Availability::Removed => {}
            }
        }
        gone |= self.begin_drain(&serving);
        if gone {
            self.place_all();
        }
    }

    /// Nobody calls them any more.
    fn unlist(&mut self, leaving: &[InstanceId]) {
        let leave: BTreeSet<InstanceId> = leaving.iter().copied().collect();
        let services: BTreeSet<ServiceId> = leave.iter().map(|&one| self.world.instances[one].service).collect();
        for service in services {
            self.world.services[service].list.retain(|member| !leave.contains(member));
            self.world.retarget(self.model, service);
        }
    }

    /// Instances finish what they have, to be replaced by a deploy.
    pub(crate) fn drain_for_deploy(&mut self, instances: &[InstanceId]) {
        self.unlist(instances);
        if self.begin_drain(instances) {
            self.place_all();
        }
    }

    /// They serve what they have; says whether one of them has left its machine.
    fn begin_drain(&mut self, serving: &[InstanceId]) -> bool {
        if serving.is_empty() {
            return false;
        }
        let mut coming: BTreeMap<InstanceId, u32> = serving.iter().map(|&instance| (instance, 0)).collect();
        let execs = &self.world.execs;
        for exec in execs.indices().filter(|exec| execs[*exec].comes()) {
            if let Some(count) = execs[exec].instance.and_then(|instance| coming.get_mut(&instance)) {
                *count += 1;
            }
        }
        for &instance in serving {
            self.world.set_availability(instance, Availability::Draining);
            self.world.instances[instance].coming = coming[&instance];
        }
        self.close_idle_from_callers(&coming);
        self.close_visitors(&|instance| coming.contains_key(&instance));
        let mut gone = false;
        for &instance in serving {
            self.write_everything(instance);
            gone |= self.goes(instance);
        }
        gone
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

    /// Callers close the connections they keep to instances that leave.
    fn close_idle_from_callers(&mut self, leaving: &BTreeMap<InstanceId, u32>) {
        for client in self.world.clients.ids() {
            let end = &mut self.world.clients[client];
            let leaves = |idle: &Idle| leaving.contains_key(&idle.instance);
            let gone: Vec<Idle> = end.idle.iter().copied().filter(leaves).collect();
            if gone.is_empty() {
                continue;
            }
            end.idle.retain(|idle| !leaves(idle));
            end.open -= gone.len() as u32;
            let caller = end.instance;
            for idle in gone {
                self.close_idle(caller, idle);
            }
        }
    }

    /// A draining instance may be empty now.
    pub(crate) fn drained(&mut self, instance: InstanceId) {
        if self.goes(instance) {
            self.place_all();
        }
    }

    /// The same; says whether it has left its machine, where there may be room now.
    fn goes(&mut self, instance: InstanceId) -> bool {
        let state = &self.world.instances[instance];
        if state.availability != Availability::Draining || state.residents > 0 || state.coming > 0 {
            return false;
        }
        // What was put while it drained is written too.
        self.write_everything(instance);
        let state = &self.world.instances[instance];
        if state.residents > 0 {
            return false;
        }
        if state.deploy.is_some() {
            self.crash(instance, Cause::Deploy);
            return false;
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
        machine.is_some()
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
