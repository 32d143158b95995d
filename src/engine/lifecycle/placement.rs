//! Instances that go where there is room.
//!
//! A service with a count has so many instances in all. Each is placed on the machine of its groups that is up, has
//! room and has the fewest of them (then the most memory left, then the oldest). Room is memory: what all instances
//! there are placed by, their limits or what they use idle, must fit into RAM; and CPU limits, where they are set, must
//! fit on the cores. What finds no room is pending, and is placed when a machine comes, grows or is vacated. An
//! instance on a dead machine stays there.

use crate::engine::observation::{Observation, Observer, Skipped};
use crate::engine::state::alike::Owner;
use crate::engine::state::ids::{InstanceId, MachineId};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, World, fixed};
use crate::model::{GroupId, Model, Placement, Service, ServiceId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many of the service are on a machine, the memory it would have left, and which it is: the least is the best.
type Place = (usize, Reverse<u64>, MachineId);

/// What instances take of a machine.
#[derive(Default)]
struct Taken {
    memory: u64,
    /// Limits on cores, of those that have one.
    cpu: f64,
    /// Instances of the service that is placed.
    same: usize,
}

impl Taken {
    fn take(&mut self, spec: &Service) {
        self.memory = self.memory.saturating_add(spec.reserved());
        self.cpu += if spec.cpu_limit.is_finite() { spec.cpu_limit } else { 0.0 };
    }
}

impl World {
    /// Instances that no machine has room for.
    pub(crate) fn pending(&self, service: ServiceId) -> u32 {
        self.services.get(service).map_or(0, |members| members.wanted.saturating_sub(members.placed))
    }

    /// Puts pending instances where there is room; says which are new.
    pub(crate) fn place(&mut self, m: &Model, service: ServiceId, availability: Availability) -> Vec<InstanceId> {
        let mut placed = Vec::new();
        let spec = &m.services[service];
        if self.pending(service) > 0 && !spec.retired {
            let mut rooms = self.rooms(m, service);
            let mut best: BTreeSet<Place> = rooms.iter().filter_map(|(id, room)| self.fits(spec, *id, room)).collect();
            self.work_done(rooms.len() / 8);
            while self.pending(service) > 0
                && let Some((_, _, machine)) = best.pop_first()
                && !self.overbuilt()
                && !self.step()
            {
                placed.push(self.add_instance(m, service, Some(machine), availability));
                self.services[service].placed += 1;
                if let Some(room) = rooms.get_mut(&machine) {
                    room.take(spec);
                    room.same += 1;
                    best.extend(self.fits(spec, machine, room));
                }
            }
        }
        self.note_instances(service);
        placed
    }

    /// So many instances are wanted from now on.
    pub(crate) fn want(&mut self, m: &Model, service: ServiceId, wanted: u32) {
        let members = &mut self.services[service];
        members.wanted = wanted;
        members.close_places();
        if members.meter.is_none() {
            let name = format!("{}.instances", m.services[service].name);
            let meter = self.resource(ResourceKind::Instances, 0, name, Owner::service(service));
            self.services[service].meter = Some(meter);
        }
        self.capacity(self.services[service].meter, u64::from(wanted));
    }

    fn note_instances(&mut self, service: ServiceId) {
        let members = &self.services[service];
        let (placed, pending, meter) = (members.placed, self.pending(service), members.meter);
        self.meter(meter, u64::from(placed), pending);
    }

    /// What is taken of each machine that a service may be on.
    fn rooms(&self, m: &Model, service: ServiceId) -> BTreeMap<MachineId, Taken> {
        let groups = m.services[service].groups.iter();
        let machines = groups.flat_map(|&group| &self.groups[group].list).copied();
        let taken = |machine: MachineId| {
            let mut taken = Taken::default();
            let here = self.machines[machine].instances.iter().map(|&other| &self.instances[other]);
            for other in here.filter(|other| other.availability != Availability::Removed) {
                taken.take(&m.services[other.service]);
                taken.same += usize::from(other.service == service);
            }
            (machine, taken)
        };
        machines.map(taken).collect()
    }

    /// The place of a machine among those with room for one more, if it has.
    fn fits(&self, spec: &Service, machine: MachineId, taken: &Taken) -> Option<Place> {
        let home = &self.machines[machine];
        let memory = taken.memory.saturating_add(spec.reserved());
        let fits = home.availability == Availability::Up
            && memory <= home.ram
            && (spec.cpu_limit.is_infinite() || taken.cpu + spec.cpu_limit <= f64::from(home.cpu.cores) + 1e-9);
        fits.then(|| (taken.same, Reverse(home.ram - memory), machine))
    }

    /// Whether an instance has not been told to go for good.
    pub(crate) fn stays(&self, instance: InstanceId) -> bool {
        let state = &self.instances[instance];
        match state.availability {
            Availability::Up | Availability::Down | Availability::Booting => true,
            Availability::Draining => state.deploy.is_some(),
            Availability::Removed => false,
        }
    }

    /// The instances of a service that have not been told to go for good.
    pub(crate) fn staying(&self, service: ServiceId) -> Vec<InstanceId> {
        let of = |index: &InstanceId| self.instances[*index].service == service && self.stays(*index);
        self.instances.ids().filter(of).collect()
    }

    /// A party on a machine's CPU for an instance.
    pub(crate) fn join_cpu(&mut self, machine: MachineId, spec: &Service) -> u32 {
        let (now, discipline) = (self.now, crate::engine::lifecycle::availability::discipline(spec));
        let home = &mut self.machines[machine];
        match home.free_parties.pop() {
            Some(party) => {
                home.cpu.set_discipline(now, party, discipline);
                home.cpu.set_factor(now, party, 1.0);
                party
            }
            None => home.cpu.add_party(discipline),
        }
    }
}

impl<O: Observer> Context<'_, O> {
    /// So many instances of a service with a count: pending ones go first, then those that are down, then the newest.
    /// `Err` says why nothing changes.
    pub(crate) fn scale_service(&mut self, service: ServiceId, wanted: u32) -> Result<(), Skipped> {
        let members = &self.world.services[service];
        if !matches!(self.model.services[service].placement, Placement::Count(_)) || members.wanted == wanted {
            return Err(Skipped::NothingToDo);
        }
        self.world.want(self.model, service, wanted);
        let surplus = self.world.services[service].placed.saturating_sub(wanted);
        let leaving = self.first_to_go(service, surplus as usize);
        self.drain_instances(leaving);
        self.place_pending(service);
        self.emit(|| Observation::TopologyChanged);
        Ok(())
    }

    /// Of those that have not been told to go so many: first that are down, then the last placed; where they form sets,
    /// those at the last places.
    fn first_to_go(&self, service: ServiceId, count: usize) -> Vec<InstanceId> {
        let mut staying = self.world.staying(service);
        if self.model.services[service].sets.is_some() {
            let places = &self.world.services[service].places;
            let members = places.iter().zip(0_usize..).filter_map(|(member, at)| Some(((*member)?, at)));
            let places: BTreeMap<InstanceId, usize> = members.collect();
            // One that has no place yet comes last.
            staying.sort_by_key(|instance| places.get(instance).copied().unwrap_or(usize::MAX));
        } else {
            staying.sort_by_key(|&instance| self.world.instances[instance].availability == Availability::Down);
        }
        staying.into_iter().rev().take(count).collect()
    }

    fn place_pending(&mut self, service: ServiceId) {
        for instance in self.world.place(self.model, service, Availability::Booting) {
            self.start_instance(instance);
        }
    }

    /// There may be room now.
    pub(crate) fn place_all(&mut self) {
        for service in self.world.services.ids() {
            if self.world.pending(service) > 0 {
                self.place_pending(service);
            }
        }
    }

    /// An instance is told to go: of a service with a count another one is wanted in its place.
    pub(crate) fn displace(&mut self, instance: InstanceId) {
        if self.world.stays(instance) {
            let service = self.world.instances[instance].service;
            let members = &mut self.world.services[service];
            members.placed = members.placed.saturating_sub(1);
            members.leave_place(instance);
            self.world.note_instances(service);
        }
    }

    /// An instance is gone for good: its machine forgets it. There may be room for another.
    pub(crate) fn vacate(&mut self, instance: InstanceId, machine: MachineId) {
        let state = &self.world.instances[instance];
        let (party, threads, quota) = (state.party, state.threads_meter, state.quota_meter);
        self.world.meter(threads, 0, 0);
        self.world.meter(quota, 0, 0);
        let home = &mut self.world.machines[machine];
        home.instances.retain(|&other| other != instance);
        home.free_parties.push(party);
    }

    /// The cores an instance may use, as its meter shows them.
    pub(crate) fn set_quota(&mut self, instance: InstanceId, up: bool) {
        let limit = self.service(instance).cpu_limit;
        let state = &self.world.instances[instance];
        let (machine, meter) = (state.machine, state.quota_meter);
        let Some(machine) = machine else { return };
        if meter.is_none() {
            return;
        }
        let cores = limit.min(f64::from(self.world.machines[machine].cpu.cores));
        self.world.capacity(meter, if up { fixed(ResourceKind::Quota, cores) } else { 0 });
    }

    /// A changed model may want other numbers of instances.
    pub(crate) fn replace_placements(&mut self, old: &Model) {
        for service in self.model.services.ids() {
            let spec = &self.model.services[service];
            let before = old.services.get(service).filter(|before| !before.retired).map(|before| before.placement);
            match spec.placement {
                Placement::Count(wanted) if !spec.retired && before != Some(spec.placement) => {
                    if !matches!(before, Some(Placement::Count(_))) {
                        self.world.services[service].placed = self.world.staying(service).len() as u32;
                        self.world.services[service].wanted = u32::MAX;
                    }
                    // A number that is the same already changes nothing.
                    let _ = self.scale_service(service, wanted);
                }
                Placement::Count(_) if spec.retired => {
                    self.world.services[service].wanted = 0;
                    self.world.services[service].close_places();
                    self.world.note_instances(service);
                }
                Placement::PerMachine(each) if before.is_some_and(|before| before != spec.placement) => {
                    self.spread(service, each)
                }
                Placement::Count(_) | Placement::PerMachine(_) => {}
            }
        }
        self.place_all();
    }

    /// So many instances on each machine.
    fn spread(&mut self, service: ServiceId, each: u32) {
        self.world.services[service].wanted = 0;
        self.world.services[service].close_places();
        let groups: Vec<GroupId> = self.model.services[service].groups.clone();
        for machine in groups.iter().flat_map(|&group| self.world.groups[group].list.clone()).collect::<Vec<_>>() {
            let mut here: Vec<InstanceId> = self.world.machines[machine].instances.clone();
            here.retain(|&other| self.world.instances[other].service == service && self.world.stays(other));
            self.drain_instances(here.iter().skip(each as usize).copied().collect());
            for _ in here.len()..each as usize {
                let availability = self.world.machines[machine].availability;
                let instance = self.world.add_instance(self.model, service, Some(machine), Availability::Booting);
                if availability == Availability::Up {
                    self.start_instance(instance);
                }
            }
        }
    }
}
