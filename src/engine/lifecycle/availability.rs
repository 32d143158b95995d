//! Machines and instances come, go, and come back.

use crate::engine::machine::cpu::{Discipline, Processor};
use crate::engine::observation::{Cause, Observation, Observer};
use crate::engine::state::alike::Owner;
use crate::engine::state::client::{Client, Target};
use crate::engine::state::ids::{ClientId, InstanceId, MachineId, ResourceId};
use crate::engine::state::meter::Meter;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::{Availability, Instance, Machine};
use crate::engine::state::world::{Context, World, fixed};
use crate::engine::time::agenda::Slot;
use crate::engine::time::event::Event;
use crate::model::{Asked, GroupId, Kind, Link, LinkId, Model, Placement, Service, ServiceId, Trigger};
use crate::scenario::metric::Resource;
use crate::units::Span;
use std::collections::BTreeSet;

impl World {
    /// A machine of a group with an instance of each of its services, booting or up.
    pub(crate) fn add_machine(&mut self, m: &Model, group: GroupId, availability: Availability) -> MachineId {
        let spec = &m.groups[group];
        let members = &mut self.groups[group];
        let ordinal = members.ever;
        members.ever += 1;
        let index = self.machines.next_id();
        members.list.push(index);
        let name = format!("{}/{}", spec.name, ordinal);
        let owner = Owner::machine(group, index);
        let up = availability == Availability::Up;
        let cores = if up { fixed(ResourceKind::Cpu, f64::from(spec.cores)) } else { 0 };
        let cpu_meter = self.resource(ResourceKind::Cpu, cores, format!("{name}.cpu"), owner);
        let uses_memory = spec.services.iter().any(|service| m.services[*service].memory.any);
        let room = if up { spec.memory.0.saturating_add(spec.swap.0) } else { 0 };
        let memory_meter =
            uses_memory.then(|| self.resource(ResourceKind::Memory, room, format!("{name}.memory"), owner));
        let mut cpu = Processor::new(self.now, spec.cores, spec.speed);
        let children = cpu.add_party(Discipline::FREE);
        debug_assert_eq!(children, crate::engine::program::CHILDREN);
        let cpu_slot: Slot = self.agenda.slot(Event::CpuDone { machine: index });
        self.machines.push(Machine {
            group,
            ordinal,
            availability,
            ordered_at: self.now,
            removed_at: None,
            speed: spec.speed,
            slow: 1.0,
            swapping: 1.0,
            ram: spec.memory.0,
            swap: spec.swap.0,
            memory: 0,
            cpu,
            cpu_slot,
            devices: Vec::new(),
            dirty: false,
            credits: None,
            instances: Vec::new(),
            processes: 0,
            free_parties: Vec::new(),
            cpu_meter,
            memory_meter,
        });
        self.spent.built += (size_of::<Machine>() + MACHINE) as u64;
        self.note_vacancy(index);
        self.equip(m, index);
        self.give_credits(m, index);
        for &service in &spec.services {
            if let (Placement::PerMachine(each), false) = (m.services[service].placement, m.services[service].retired) {
                for _ in 0..each {
                    self.add_instance(m, service, Some(index), availability);
                }
            }
        }
        index
    }

    /// An instance of a service on a machine (or nowhere).
    pub(crate) fn add_instance(
        &mut self,
        m: &Model,
        service: ServiceId,
        machine: Option<MachineId>,
        availability: Availability,
    ) -> InstanceId {
        let spec = &m.services[service];
        let members = &mut self.services[service];
        let ordinal = members.ever;
        members.ever += 1;
        let index = self.instances.next_id();
        let booting = availability == Availability::Booting;
        if !booting {
            members.list.push(index);
        }
        members.take_place(index, !booting);
        let party = machine.map_or(0, |machine| self.join_cpu(machine, spec));
        if let Some(machine) = machine {
            self.machines[machine].instances.push(index);
        }
        self.instances.push(Instance { party, availability, ..Instance::new(spec, service, ordinal, machine) });
        self.spent.built += (size_of::<Instance>() + MEMBER) as u64;
        self.add_limits(m, index);
        if spec.memory.any {
            let owner = Owner::instance(service, index, machine);
            let name = format!("{}/{ordinal}.memory", spec.name);
            self.instances[index].memory_meter = Some(self.resource(ResourceKind::Memory, 0, name, owner));
        }
        self.add_stores(m, index);
        self.add_locks(m, index);
        for &link in &spec.links {
            let client = self.add_client(m, link, Some(index));
            self.instances[index].clients.push(client);
        }
        index
    }

    /// Rows for what limits an instance, where there is none yet: a changed model may limit what it did not before.
    fn add_limits(&mut self, m: &Model, instance: InstanceId) {
        let state = &self.instances[instance];
        let (service, machine) = (state.service, state.machine);
        let spec = &m.services[service];
        let name = format!("{}/{}", spec.name, state.ordinal);
        let (workers, quota, threads) = (state.workers_meter, state.quota_meter, state.threads_meter);
        let (connections, descriptors, resting) =
            (state.connections_meter, state.descriptors_meter, state.resting_meter);
        // A rule may watch connections that nothing limits.
        let open = Asked::OfService(service, Resource::Connections);
        let watched = m.rules.iter().any(|rule| match &rule.trigger {
            Trigger::When { condition, .. } => condition.watched.of == open,
            Trigger::Autoscale(scaler) => scaler.watched.of == open,
            Trigger::At(_) => false,
        });
        let owner = Owner::instance(service, instance, machine);
        let row = |world: &mut Self, known: Option<ResourceId>, limited: bool, kind: ResourceKind| {
            known.or_else(|| limited.then(|| world.resource(kind, 0, format!("{name}.{}", kind.name()), owner)))
        };
        let here = machine.is_some();
        let workers = row(self, workers, spec.workers != u32::MAX, ResourceKind::Workers);
        let quota = row(self, quota, spec.cpu_limit.is_finite() && here, ResourceKind::Quota);
        let threads = row(self, threads, spec.threads != u32::MAX && here, ResourceKind::Threads);
        let limited = watched || spec.max_connections != u32::MAX;
        let connections = row(self, connections, limited, ResourceKind::Connections);
        let descriptors = row(self, descriptors, spec.descriptors != u32::MAX, ResourceKind::Descriptors);
        let resting = row(self, resting, rests(spec).is_some(), ResourceKind::KeepAlive);
        let now = self.now;
        let state = &mut self.instances[instance];
        (state.workers_meter, state.quota_meter, state.threads_meter) = (workers, quota, threads);
        (state.connections_meter, state.descriptors_meter, state.resting_meter) = (connections, descriptors, resting);
        if descriptors.is_some() && state.inbound.is_none() {
            state.inbound = Some(Box::new(Meter::new(now, u64::MAX)));
        }
    }

    /// The end of a link at one caller (none: a crowd).
    pub(crate) fn add_client(&mut self, m: &Model, link: LinkId, instance: Option<InstanceId>) -> ClientId {
        let spec = &m.links[link];
        let index = self.clients.next_id();
        let mut client = Client::new(link, instance, spec.retry.budget.map_or(0.0, |budget| budget.burst));
        client.retarget(&self.services[spec.callee].list);
        if let Some(instance) = instance {
            client.meter = self.add_pool(m, link, instance);
            client.messages = spec.queue.then(Box::default);
        }
        let targets = client.targets.len();
        self.spent.built += (size_of::<Client>() + targets * TARGET) as u64;
        self.work_done(1 + targets / TARGETS_A_STEP);
        self.clients.push(client);
        self.callers[spec.callee].push(index);
        self.place_targets(m, index);
        self.targets_changed(m, index);
        if let Some(health) = &spec.health {
            let lane = health.every;
            for place in 0..self.clients[index].targets.len() {
                let target = self.clients[index].targets[place].instance;
                self.after(lane, Event::HealthCheck { client: index, instance: target });
            }
        }
        index
    }

    /// The row of what a link end of an instance lets through at once, if that is limited or is a broker's.
    fn add_pool(&mut self, m: &Model, link: LinkId, instance: InstanceId) -> Option<ResourceId> {
        let spec = &m.links[link];
        let state = &self.instances[instance];
        let name = format!("{}/{}", m.services[state.service].name, state.ordinal);
        let owner = Owner::instance(state.service, instance, state.machine).over(link);
        if spec.queue {
            return Some(self.resource(ResourceKind::Queue, places(spec), format!("{name}.queue"), owner));
        }
        let callee = &m.services[spec.callee].name;
        let capacity = u64::from(spec.keep);
        (spec.keep > 0).then(|| self.resource(ResourceKind::Pool, capacity, format!("{name}.pool({callee})"), owner))
    }

    /// What a link end's policy wants to know of where its targets are.
    fn place_targets(&mut self, m: &Model, client: ClientId) {
        for place in 0..self.clients[client].targets.len() {
            self.place_target(m, client, place);
        }
    }

    fn place_target(&mut self, m: &Model, client: ClientId, place: usize) {
        let end = &mut self.clients[client];
        let link = &m.links[end.link];
        let machine_of = |instance: InstanceId| self.instances[instance].machine;
        let here = end.instance.and_then(machine_of);
        let target = &mut end.targets[place];
        let machine = machine_of(target.instance);
        target.near = machine.is_some() && machine == here;
        let group = machine.map(|machine| self.machines[machine].group);
        target.weight = link.weights.iter().find(|(id, _)| Some(*id) == group).map_or(1.0, |(_, weight)| *weight);
    }

    /// Everybody who calls a service takes note of the instances it has now.
    pub(crate) fn retarget(&mut self, m: &Model, service: ServiceId) {
        for place in 0..self.callers[service].len() {
            let client = self.callers[service][place];
            let link = &m.links[self.clients[client].link];
            let mut known: Vec<InstanceId> =
                self.clients[client].targets.iter().map(|target| target.instance).collect();
            known.sort_unstable();
            let end = &mut self.clients[client];
            let most = end.targets.capacity();
            end.retarget(&self.services[service].list);
            self.spent.built += (end.targets.capacity().saturating_sub(most) * TARGET) as u64;
            self.place_targets(m, client);
            let (now, begun) = (self.now, self.events > 0);
            let end = &mut self.clients[client];
            let is_new = |instance: InstanceId| known.binary_search(&instance).is_err();
            // Who is there from the beginning has its full share.
            end.targets
                .iter_mut()
                .filter(|target| begun && is_new(target.instance))
                .for_each(|target| target.since = now);
            self.targets_changed(m, client);
            let targets = &self.clients[client].targets;
            let work = 1 + targets.len() / TARGETS_A_STEP;
            if let Some(health) = &link.health {
                let instances = targets.iter().map(|target| target.instance);
                let added: Vec<InstanceId> = instances.filter(|&instance| is_new(instance)).collect();
                for instance in added {
                    self.after(health.every, Event::HealthCheck { client, instance });
                }
            }
            self.work_done(work);
        }
    }

    /// The same where all that is new is the last of the service's list.
    fn target_joins(&mut self, m: &Model, service: ServiceId) {
        let list = &self.services[service].list;
        let (Some(&instance), others) = (list.last(), list.len() - 1) else { return };
        let knows_others = |client: &ClientId| {
            let targets = &self.clients[*client].targets;
            targets.len() == others && targets.last().map(|target| target.instance) == list.iter().nth_back(1).copied()
        };
        if !self.callers[service].iter().all(knows_others) {
            return self.retarget(m, service);
        }
        for place in 0..self.callers[service].len() {
            let client = self.callers[service][place];
            let link = &m.links[self.clients[client].link];
            let mut target = Target::new(instance);
            if self.events > 0 {
                target.since = self.now;
            }
            let end = &mut self.clients[client];
            let most = end.targets.capacity();
            end.targets.push(target);
            end.least = None;
            self.spent.built += ((end.targets.capacity() - most) * TARGET) as u64;
            self.place_target(m, client, others);
            self.targets_changed(m, client);
            if let Some(health) = &link.health {
                self.after(health.every, Event::HealthCheck { client, instance });
            }
            self.work_done(if link.guarded { 1 + others / TARGETS_A_STEP } else { 1 });
        }
    }

    /// Who calls whom, as the model has it now.
    pub(crate) fn index_callers(&mut self, m: &Model) {
        self.callers.iter_mut().for_each(Vec::clear);
        for client in self.clients.ids() {
            let callee = m.links[self.clients[client].link].callee;
            self.callers[callee].push(client);
        }
    }
}

/// Bytes of a target, with its place in an index; of a machine and of an instance, beside themselves, about.
const TARGET: usize = size_of::<Target>() + 8;
const MACHINE: usize = 512;
const MEMBER: usize = 256;
/// Targets that are looked at in the time of a step.
const TARGETS_A_STEP: usize = 8;

/// How many calls a link lets through at once from one caller's instance.
pub(crate) fn places(link: &Link) -> u64 {
    u64::from(if link.keep > 0 { link.keep } else { u32::MAX })
}

/// How many connections can rest, where something is taken up by that.
fn rests(spec: &Service) -> Option<u32> {
    let taken = if spec.pins { spec.workers } else { spec.max_connections };
    ((spec.pins || spec.keep_alive.is_some()) && taken != u32::MAX).then_some(taken)
}

/// How a service's instances use their threads.
pub(crate) fn discipline(spec: &Service) -> Discipline {
    Discipline {
        fifo: spec.fifo,
        threads: spec.threads,
        sigma: spec.sigma,
        kappa: spec.kappa,
        weight: spec.weight,
        cap: f64::INFINITY,
        limit: spec.cpu_limit,
    }
}

impl<O: Observer> Context<'_, O> {
    /// Reads an instance's limits from the model into its state and meters; a dead one has no capacity.
    pub(crate) fn set_capacities(&mut self, instance: InstanceId, up: bool) {
        let spec = self.service(instance).clone();
        self.world.add_limits(self.model, instance);
        let state = &mut self.world.instances[instance];
        state.workers = spec.workers;
        state.backlog_limit = spec.backlog;
        state.backlog.reorder(&mut self.world.execs, spec.door.order);
        state.max_connections = spec.max_connections;
        state.descriptor_limit = spec.descriptors;
        let machine = state.machine;
        let room = machine.map_or(u64::MAX, |machine| {
            self.world.machines[machine].ram.saturating_add(self.world.machines[machine].swap)
        });
        state.memory_limit = spec.memory.limit;
        let memory_capacity = spec.memory.limit.min(room);
        let (workers, threads, connections, descriptors, memory) = (
            state.workers_meter,
            state.threads_meter,
            state.connections_meter,
            state.descriptors_meter,
            state.memory_meter,
        );
        let give = |capacity: u64| if up { capacity } else { 0 };
        let resting = self.world.instances[instance].resting_meter;
        self.world.capacity(resting, give(u64::from(rests(&spec).unwrap_or(0))));
        self.world.lock_capacities(instance, up);
        self.world.capacity(workers, give(u64::from(spec.workers)));
        self.world.capacity(threads, give(u64::from(spec.threads)));
        self.world.capacity(connections, give(u64::from(spec.max_connections)));
        self.world.capacity(descriptors, give(u64::from(spec.descriptors)));
        self.world.capacity(memory, give(memory_capacity));
        self.world.note_workers(instance);
        self.world.note_connections(instance);
        self.note_resting(instance);
        self.set_quota(instance, up);
        if let Some(machine) = machine {
            let party = self.world.instances[instance].party;
            self.world.machines[machine].cpu.set_discipline(self.world.now, party, discipline(&spec));
            self.world.touch_machine(machine);
        }
    }

    /// A process starts, cold.
    pub(crate) fn start_instance(&mut self, instance: InstanceId) {
        let state = &self.world.instances[instance];
        let machine = state.machine;
        if matches!(state.availability, Availability::Up | Availability::Removed | Availability::Draining)
            || machine.is_some_and(|machine| self.world.machines[machine].availability != Availability::Up)
        {
            return;
        }
        let was_booting = state.availability == Availability::Booting;
        let service = state.service;
        self.world.set_availability(instance, Availability::Up);
        self.set_capacities(instance, true);
        let memory = &self.service(instance).memory;
        let workers = if memory.per_worker > 0 { u64::from(self.service(instance).workers) } else { 0 };
        let bytes = memory.idle.saturating_add(memory.per_worker.saturating_mul(workers));
        self.grow(instance, bytes);
        if was_booting {
            self.world.services[service].list.push(instance);
            self.world.services[service].take_place(instance, true);
            self.world.target_joins(self.model, service);
        }
        self.emit(|| Observation::InstanceUp { instance });
        if matches!(self.service(instance).kind, Kind::Queue { .. }) {
            self.redeliver(instance);
        }
        if self.world.instances[instance].deploy.is_some() {
            self.deployed(instance);
        }
    }

    /// A machine is there: its capacities count and its services start.
    pub(crate) fn start_machine(&mut self, machine: MachineId) {
        if self.world.machines[machine].availability != Availability::Booting {
            return;
        }
        self.world.machines[machine].availability = Availability::Up;
        self.machine_capacities(machine);
        self.emit(|| Observation::MachineUp { machine });
        for place in 0..self.world.machines[machine].instances.len() {
            let instance = self.world.machines[machine].instances[place];
            self.start_instance(instance);
        }
        self.place_all();
        self.emit(|| Observation::TopologyChanged);
    }

    /// The machine's meters follow its size; a dead one has none.
    pub(crate) fn machine_capacities(&mut self, machine: MachineId) {
        let home = &self.world.machines[machine];
        let up = matches!(home.availability, Availability::Up | Availability::Draining);
        let (cpu, memory) = (Some(home.cpu_meter), home.memory_meter);
        let (cores, room) = (fixed(ResourceKind::Cpu, home.cpu.capacity()), home.ram.saturating_add(home.swap));
        let give = |capacity: u64| if up { capacity } else { 0 };
        self.world.capacity(cpu, give(cores));
        self.world.capacity(memory, give(room));
        self.world.equip(self.model, machine);
    }

    /// More machines of a group, after its boot time.
    pub(crate) fn add_machines(&mut self, group: GroupId, count: u32) {
        let boot = self.model.groups[group].boot;
        for _ in 0..count {
            if self.world.overbuilt() || self.world.step() {
                break;
            }
            let machine = self.world.add_machine(self.model, group, Availability::Booting);
            if boot.0 == 0 {
                self.start_machine(machine);
            } else {
                self.world.agenda.once(self.world.now + boot, Event::MachineStart { machine });
            }
        }
        self.emit(|| Observation::TopologyChanged);
    }

    /// The newest machines of a group leave when they have finished what they have; says how many.
    pub(crate) fn remove_machines(&mut self, group: GroupId, count: u32) -> u32 {
        let machines = &self.world.machines;
        let mut list = self.world.groups[group].list.clone();
        // Those that are down go first, then the newest.
        list.sort_by_key(|&machine| machines[machine].availability == Availability::Down);
        let mut removed = Vec::new();
        while removed.len() < count as usize && !self.world.step() {
            let Some(machine) = list.pop() else { break };
            removed.push(machine);
        }
        let all: BTreeSet<MachineId> = removed.iter().copied().collect();
        self.world.groups[group].list.retain(|machine| !all.contains(machine));
        let mut leaving = Vec::new();
        for &machine in &removed {
            let home = &mut self.world.machines[machine];
            if home.availability == Availability::Up {
                home.availability = Availability::Draining;
            }
            leaving.extend_from_slice(&home.instances);
        }
        self.drain_instances(leaving);
        removed.iter().for_each(|&machine| self.machine_drained(machine));
        let removed = removed.len() as u32;
        self.place_all();
        self.emit(|| Observation::TopologyChanged);
        removed
    }

    /// A dead process comes back after its service's restart time, if it has one.
    pub(crate) fn schedule_restart(&mut self, instance: InstanceId) {
        if let Some(restart) = self.service(instance).restart {
            self.start_later(instance, restart.0);
        }
    }

    pub(crate) fn start_later(&mut self, instance: InstanceId, nanos: i64) {
        let epoch = self.world.instances[instance].epoch;
        self.world.agenda.once(self.world.now + Span(nanos), Event::InstanceStart { instance, epoch });
    }

    /// A machine dies with everything on it, silently.
    pub(crate) fn crash_machine(&mut self, machine: MachineId) -> bool {
        if self.world.machines[machine].availability != Availability::Up {
            return false;
        }
        self.world.machines[machine].availability = Availability::Down;
        self.machine_capacities(machine);
        self.emit(|| Observation::MachineDown { machine });
        for instance in self.world.machines[machine].instances.clone() {
            self.crash(instance, Cause::MachineCrash);
        }
        true
    }
}
