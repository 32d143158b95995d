//! Machines and instances come, go, and come back.

use crate::engine::callee::backlog::Backlog;
use crate::engine::caller::client::Client;
use crate::engine::machine::cpu::{Discipline, Processor};
use crate::engine::observation::{Cause, Observation, Observer};
use crate::engine::state::request::NONE;
use crate::engine::state::system::{Availability, Instance, Machine};
use crate::engine::state::world::{Context, Owner, World, fixed};
use crate::engine::time::agenda::Slot;
use crate::engine::time::event::Event;
use crate::engine::view::ResourceKind;
use crate::model::{Asked, GroupId, Kind, Link, Model, Placement, Service, ServiceId, Trigger};
use crate::scenario::metric::Resource;
use crate::units::Time;

impl World {
    /// A machine of a group with an instance of each of its services, booting or up.
    pub(crate) fn add_machine(&mut self, m: &Model, group: GroupId, availability: Availability) -> u32 {
        let spec = &m.groups[group.index()];
        let members = &mut self.groups[group.index()];
        let ordinal = members.ever;
        members.ever += 1;
        let index = self.machines.len() as u32;
        members.list.push(index);
        let name = format!("{}/{}", spec.name, ordinal);
        let owner = Owner { instance: NONE, machine: index, link: NONE };
        let up = availability == Availability::Up;
        let cores = if up { fixed(ResourceKind::Cpu, f64::from(spec.cores)) } else { 0 };
        let cpu_meter = self.resource(ResourceKind::Cpu, cores, format!("{name}.cpu"), owner);
        let uses_memory = spec.services.iter().any(|service| m.services[service.index()].memory.any);
        let memory_meter = if uses_memory {
            self.resource(
                ResourceKind::Memory,
                if up { spec.memory.0.saturating_add(spec.swap.0) } else { 0 },
                format!("{name}.memory"),
                owner,
            )
        } else {
            NONE
        };
        let mut cpu = Processor::new(self.now, spec.cores, spec.speed);
        let children = cpu.add_party(Discipline::FREE);
        debug_assert_eq!(children, crate::engine::program::CHILDREN);
        let cpu_slot: Slot = self.agenda.slot(Event::CpuDone { machine: index });
        self.machines.push(Machine {
            group: group.0,
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
            free_parties: Vec::new(),
            cpu_meter,
            memory_meter,
        });
        self.equip(m, index);
        self.give_credits(m, index);
        for &service in &spec.services {
            if let (Placement::PerMachine(each), false) =
                (m.services[service.index()].placement, m.services[service.index()].retired)
            {
                for _ in 0..each {
                    self.add_instance(m, service, index, availability);
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
        machine: u32,
        availability: Availability,
    ) -> u32 {
        let spec = &m.services[service.index()];
        let members = &mut self.services[service.index()];
        let ordinal = members.ever;
        members.ever += 1;
        let index = self.instances.len() as u32;
        let booting = availability == Availability::Booting;
        if !booting {
            members.list.push(index);
        }
        members.take_place(index, !booting);
        let party = if machine == NONE { 0 } else { self.join_cpu(machine, spec) };
        let owner = Owner { instance: index, machine, link: NONE };
        let name = format!("{}/{}", spec.name, ordinal);
        let row = |world: &mut Self, limited: bool, kind, what: &str| {
            if limited { world.resource(kind, 0, format!("{name}.{what}"), owner) } else { NONE }
        };
        let workers_meter = row(self, spec.workers != u32::MAX, ResourceKind::Workers, "workers");
        let quota_meter = row(self, spec.cpu_limit.is_finite() && machine != NONE, ResourceKind::Quota, "quota");
        let threads_meter = row(self, spec.threads != u32::MAX && machine != NONE, ResourceKind::Threads, "threads");
        // A rule may watch connections that nothing limits.
        let connections = Asked::OfService(service, Resource::Connections);
        let watched = m.rules.iter().any(
            |rule| matches!(&rule.trigger, Trigger::When { condition, .. } if condition.watched.of == connections),
        );
        let connections_meter =
            row(self, watched || spec.max_connections != u32::MAX, ResourceKind::Connections, "connections");
        let descriptors_meter = row(self, spec.descriptors != u32::MAX, ResourceKind::Descriptors, "descriptors");
        let resting_meter = row(self, rests(spec).is_some(), ResourceKind::KeepAlive, "keep_alive");
        let memory_meter = row(self, spec.memory.any, ResourceKind::Memory, "memory");
        if machine != NONE {
            self.machines[machine as usize].instances.push(index);
        }
        self.instances.push(Instance {
            service: service.0,
            ordinal,
            machine,
            party,
            availability,
            epoch: 0,
            deploy: NONE,
            workers: spec.workers,
            backlog_limit: spec.backlog,
            max_connections: spec.max_connections,
            descriptor_limit: spec.descriptors,
            busy: 0,
            resting: 0,
            reloading: Time(i64::MIN),
            backlog: Backlog::new(spec.door.order),
            in_flight: 0,
            residents: 0,
            coming: 0,
            connections: 0,
            descriptors: 0,
            memory: 0,
            memory_limit: u64::MAX,
            leaked: 0,
            stores: Vec::new(),
            locks: Vec::new(),
            clients: Vec::new(),
            workers_meter,
            resting_meter,
            connections_meter,
            descriptors_meter,
            threads_meter,
            quota_meter,
            memory_meter,
        });
        self.add_stores(m, index);
        self.add_locks(m, index);
        for &link in &spec.links {
            let client = self.add_client(m, link.0, index);
            self.instances[index as usize].clients.push(client);
        }
        index
    }

    /// The end of a link at one caller (NONE: a crowd).
    pub(crate) fn add_client(&mut self, m: &Model, link: u32, instance: u32) -> u32 {
        let spec = &m.links[link as usize];
        let index = self.clients.len() as u32;
        let mut client = Client::new(link, instance, spec.retry.budget.map_or(0.0, |budget| budget.burst));
        client.retarget(&self.services[spec.callee.index()].list);
        if spec.queue {
            let state = &self.instances[instance as usize];
            let name = format!("{}/{}.queue", m.services[state.service as usize].name, state.ordinal);
            client.messages = Some(Box::default());
            client.meter = self.resource(
                ResourceKind::Queue,
                places(spec),
                name,
                Owner { instance, machine: state.machine, link },
            );
        } else if spec.keep > 0 && instance != NONE {
            let state = &self.instances[instance as usize];
            let name = format!(
                "{}/{}.pool({})",
                m.services[state.service as usize].name,
                state.ordinal,
                m.services[spec.callee.index()].name
            );
            client.meter = self.resource(
                ResourceKind::Pool,
                u64::from(spec.keep),
                name,
                Owner { instance, machine: state.machine, link },
            );
        }
        self.clients.push(client);
        self.place_targets(m, index);
        self.targets_changed(m, index);
        if let Some(health) = &spec.health {
            let lane = health.every.0;
            for place in 0..self.clients[index as usize].targets.len() {
                let target = self.clients[index as usize].targets[place].instance;
                self.after(lane, Event::HealthCheck { client: index, instance: target });
            }
        }
        index
    }

    /// What a link end's policy wants to know of where its targets are.
    fn place_targets(&mut self, m: &Model, client: u32) {
        let end = &mut self.clients[client as usize];
        let link = &m.links[end.link as usize];
        let machine_of =
            |instance: u32| if instance == NONE { NONE } else { self.instances[instance as usize].machine };
        let here = machine_of(end.instance);
        for target in &mut end.targets {
            let machine = machine_of(target.instance);
            target.near = machine != NONE && machine == here;
            let group = (machine != NONE).then(|| self.machines[machine as usize].group);
            target.weight = link.weights.iter().find(|(id, _)| Some(id.0) == group).map_or(1.0, |(_, weight)| *weight);
        }
    }

    /// Everybody who calls a service takes note of the instances it has now.
    pub(crate) fn retarget(&mut self, m: &Model, service: u32) {
        for client in 0..self.clients.len() {
            let link = &m.links[self.clients[client].link as usize];
            if link.callee.0 != service {
                continue;
            }
            let known: Vec<u32> = self.clients[client].targets.iter().map(|target| target.instance).collect();
            let end = &mut self.clients[client];
            end.retarget(&self.services[service as usize].list);
            self.place_targets(m, client as u32);
            let (now, begun) = (self.now, self.events > 0);
            let end = &mut self.clients[client];
            // Who is there from the beginning has its full share.
            end.targets
                .iter_mut()
                .filter(|target| begun && !known.contains(&target.instance))
                .for_each(|target| target.since = now);
            self.targets_changed(m, client as u32);
            let end = &self.clients[client];
            if let Some(health) = &link.health {
                let lane = health.every.0;
                let added: Vec<u32> = end
                    .targets
                    .iter()
                    .map(|target| target.instance)
                    .filter(|instance| !known.contains(instance))
                    .collect();
                for instance in added {
                    self.after(lane, Event::HealthCheck { client: client as u32, instance });
                }
            }
        }
    }
}

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
    pub(crate) fn set_capacities(&mut self, instance: u32, up: bool) {
        let spec = self.service(instance).clone();
        let state = &mut self.world.instances[instance as usize];
        state.workers = spec.workers;
        state.backlog_limit = spec.backlog;
        state.backlog.reorder(&mut self.world.execs, spec.door.order);
        state.max_connections = spec.max_connections;
        state.descriptor_limit = spec.descriptors;
        let machine = state.machine;
        let room = if machine == NONE {
            u64::MAX
        } else {
            self.world.machines[machine as usize].ram.saturating_add(self.world.machines[machine as usize].swap)
        };
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
        let resting = self.world.instances[instance as usize].resting_meter;
        self.world.capacity(resting, give(u64::from(rests(&spec).unwrap_or(0))));
        self.world.lock_capacities(instance, up);
        self.world.capacity(workers, give(u64::from(spec.workers)));
        self.world.capacity(threads, give(u64::from(spec.threads)));
        self.world.capacity(connections, give(u64::from(spec.max_connections)));
        self.world.capacity(descriptors, give(u64::from(spec.descriptors)));
        self.world.capacity(memory, give(memory_capacity));
        self.set_quota(instance, up);
        if machine != NONE {
            let party = self.world.instances[instance as usize].party;
            self.world.machines[machine as usize].cpu.set_discipline(self.world.now, party, discipline(&spec));
            self.world.touch_machine(machine);
        }
    }

    /// A process starts, cold.
    pub(crate) fn start_instance(&mut self, instance: u32) {
        let state = &self.world.instances[instance as usize];
        let machine = state.machine;
        if matches!(state.availability, Availability::Up | Availability::Removed | Availability::Draining)
            || (machine != NONE && self.world.machines[machine as usize].availability != Availability::Up)
        {
            return;
        }
        let was_booting = state.availability == Availability::Booting;
        let service = state.service;
        self.world.instances[instance as usize].availability = Availability::Up;
        self.set_capacities(instance, true);
        let memory = &self.service(instance).memory;
        let workers = if memory.per_worker > 0 { u64::from(self.service(instance).workers) } else { 0 };
        let bytes = memory.idle.saturating_add(memory.per_worker.saturating_mul(workers));
        self.grow(instance, bytes);
        if was_booting {
            self.world.services[service as usize].list.push(instance);
            self.world.services[service as usize].take_place(instance, true);
            self.world.retarget(self.model, service);
        }
        self.emit(|| Observation::InstanceUp { instance });
        if matches!(self.service(instance).kind, Kind::Queue { .. }) {
            self.redeliver(instance);
        }
        if self.world.instances[instance as usize].deploy != NONE {
            self.deployed(instance);
        }
    }

    /// A machine is there: its capacities count and its services start.
    pub(crate) fn start_machine(&mut self, machine: u32) {
        if self.world.machines[machine as usize].availability != Availability::Booting {
            return;
        }
        self.world.machines[machine as usize].availability = Availability::Up;
        self.machine_capacities(machine);
        self.emit(|| Observation::MachineUp { machine });
        for place in 0..self.world.machines[machine as usize].instances.len() {
            let instance = self.world.machines[machine as usize].instances[place];
            self.start_instance(instance);
        }
        self.place_all();
        self.emit(|| Observation::TopologyChanged);
    }

    /// The machine's meters follow its size; a dead one has none.
    pub(crate) fn machine_capacities(&mut self, machine: u32) {
        let home = &self.world.machines[machine as usize];
        let up = matches!(home.availability, Availability::Up | Availability::Draining);
        let (cpu, memory) = (home.cpu_meter, home.memory_meter);
        let (cores, room) = (fixed(ResourceKind::Cpu, home.cpu.capacity()), home.ram.saturating_add(home.swap));
        let give = |capacity: u64| if up { capacity } else { 0 };
        self.world.capacity(cpu, give(cores));
        self.world.capacity(memory, give(room));
        self.world.equip(self.model, machine);
    }

    /// More machines of a group, after its boot time.
    pub(crate) fn add_machines(&mut self, group: GroupId, count: u32) {
        let boot = self.model.groups[group.index()].boot;
        for _ in 0..count {
            let machine = self.world.add_machine(self.model, group, Availability::Booting);
            if boot.0 == 0 {
                self.start_machine(machine);
            } else {
                self.world.agenda.once(Time(self.world.now.0 + boot.0), Event::MachineStart { machine });
            }
        }
        self.emit(|| Observation::TopologyChanged);
    }

    /// The newest machines of a group leave when they have finished what they have; says how many.
    pub(crate) fn remove_machines(&mut self, group: GroupId, count: u32) -> u32 {
        let mut removed = 0;
        while removed < count {
            let Some(machine) = self.world.groups[group.index()].list.pop() else {
                break;
            };
            removed += 1;
            let was = self.world.machines[machine as usize].availability;
            self.world.machines[machine as usize].availability =
                if was == Availability::Up { Availability::Draining } else { was };
            for instance in self.world.machines[machine as usize].instances.clone() {
                self.drain_instance(instance);
            }
            self.machine_drained(machine);
        }
        self.place_all();
        self.emit(|| Observation::TopologyChanged);
        removed
    }

    /// A dead process comes back after its service's restart time, if it has one.
    pub(crate) fn schedule_restart(&mut self, instance: u32) {
        if let Some(restart) = self.service(instance).restart {
            self.start_later(instance, restart.0);
        }
    }

    pub(crate) fn start_later(&mut self, instance: u32, nanos: i64) {
        let epoch = self.world.instances[instance as usize].epoch;
        self.world.agenda.once(Time(self.world.now.0 + nanos), Event::InstanceStart { instance, epoch });
    }

    /// A machine dies with everything on it, silently.
    pub(crate) fn crash_machine(&mut self, machine: u32) -> bool {
        if self.world.machines[machine as usize].availability != Availability::Up {
            return false;
        }
        self.world.machines[machine as usize].availability = Availability::Down;
        self.machine_capacities(machine);
        self.emit(|| Observation::MachineDown { machine });
        for instance in self.world.machines[machine as usize].instances.clone() {
            self.crash(instance, Cause::MachineCrash);
        }
        true
    }
}
