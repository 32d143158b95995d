//! Instances that go where there is room.
//!
//! A service with a count has so many instances in all. Each is placed on the machine of its groups that is up, has
//! room and has the fewest of them (then the most memory left, then the oldest). Room is memory: what all instances
//! there are placed by, their limits or what they use idle, must fit into RAM; and CPU limits, where they are set, must
//! fit on the cores. What finds no room is pending, and is placed when a machine comes, grows or is vacated. An
//! instance on a dead machine stays there.

use super::machine::Life;
use super::observation::{Observation, Observer, Skipped};
use super::request::NONE;
use super::view::ResourceKind;
use super::world::{Owner, Turn, World, fixed};
use crate::model::{GroupId, Model, Placement, Service, ServiceId};

impl World {
    /// Instances that no machine has room for.
    pub(super) fn pending(&self, service: ServiceId) -> u32 {
        self.services.get(service.index()).map_or(0, |members| members.wanted.saturating_sub(members.placed))
    }

    /// Puts pending instances where there is room; says which are new.
    pub(super) fn place(&mut self, m: &Model, service: ServiceId, life: Life) -> Vec<u32> {
        let mut placed = Vec::new();
        while self.pending(service) > 0
            && !m.services[service.index()].retired
            && let Some(machine) = self.room(m, service)
        {
            placed.push(self.add_instance(m, service, machine, life));
            self.services[service.index()].placed += 1;
        }
        self.note_instances(service);
        placed
    }

    /// So many instances are wanted from now on.
    pub(super) fn want(&mut self, m: &Model, service: ServiceId, wanted: u32) {
        let members = &mut self.services[service.index()];
        members.wanted = wanted;
        members.close_places();
        if members.meter == NONE {
            let name = format!("{}.instances", m.services[service.index()].name);
            let meter =
                self.resource(ResourceKind::Instances, 0, name, Owner { instance: NONE, machine: NONE, link: NONE });
            self.services[service.index()].meter = meter;
        }
        self.capacity(self.services[service.index()].meter, u64::from(wanted));
    }

    fn note_instances(&mut self, service: ServiceId) {
        let members = &self.services[service.index()];
        let (placed, pending, meter) = (members.placed, self.pending(service), members.meter);
        self.meter(meter, u64::from(placed), pending);
    }

    /// The best machine with room for one more.
    fn room(&self, m: &Model, service: ServiceId) -> Option<u32> {
        let spec = &m.services[service.index()];
        let machines = spec.groups.iter().flat_map(|group| &self.groups[group.index()].list).copied();
        let fits = machines.filter_map(|machine| {
            let home = &self.machines[machine as usize];
            let here = || {
                home.instances
                    .iter()
                    .map(|&other| &self.instances[other as usize])
                    .filter(|other| other.life != Life::Removed)
            };
            let specs = || here().map(|other| &m.services[other.service as usize]);
            let memory: u64 = specs().map(Service::reserved).fold(spec.reserved(), u64::saturating_add);
            let cpu: f64 = specs().map(|other| other.cpu_limit).filter(|limit| limit.is_finite()).sum();
            let fits = home.life == Life::Up
                && memory <= home.ram
                && (spec.cpu_limit.is_infinite() || cpu + spec.cpu_limit <= f64::from(home.cpu.cores) + 1e-9);
            let same = here().filter(|other| other.service == service.0).count();
            fits.then(|| (same, std::cmp::Reverse(home.ram - memory), machine))
        });
        fits.min().map(|(_, _, machine)| machine)
    }

    /// Whether an instance has not been told to go for good.
    pub(super) fn stays(&self, instance: u32) -> bool {
        let state = &self.instances[instance as usize];
        match state.life {
            Life::Up | Life::Down | Life::Booting => true,
            Life::Draining => state.deploy != NONE,
            Life::Removed => false,
        }
    }

    /// The instances of a service that have not been told to go for good.
    pub(super) fn staying(&self, service: ServiceId) -> Vec<u32> {
        let of = |index: &u32| self.instances[*index as usize].service == service.0 && self.stays(*index);
        (0..self.instances.len() as u32).filter(of).collect()
    }

    /// A party on a machine's CPU for an instance.
    pub(super) fn join_cpu(&mut self, machine: u32, spec: &Service) -> u32 {
        let (now, discipline) = (self.now, super::life::discipline(spec));
        let home = &mut self.machines[machine as usize];
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

impl<O: Observer> Turn<'_, O> {
    /// So many instances of a service with a count: pending ones go first, then the newest. `Err` says why nothing
    /// changes.
    pub(super) fn scale_service(&mut self, service: ServiceId, wanted: u32) -> Result<(), Skipped> {
        let members = &self.w.services[service.index()];
        if !matches!(self.m.services[service.index()].placement, Placement::Count(_)) || members.wanted == wanted {
            return Err(Skipped::NothingToDo);
        }
        self.w.want(self.m, service, wanted);
        while self.w.services[service.index()].placed > wanted {
            let Some(newest) = self.newest(service) else { break };
            self.drain_instance(newest);
        }
        self.place_pending(service);
        self.tell(|| Observation::TopologyChanged);
        Ok(())
    }

    /// The last placed of those that have not been told to go; where they form sets, the one at the last place.
    fn newest(&self, service: ServiceId) -> Option<u32> {
        let mut staying = self.w.staying(service);
        if self.m.services[service.index()].sets.is_some() {
            let places = &self.w.services[service.index()].places;
            // One that has no place yet comes last.
            staying.sort_by_key(|instance| places.iter().position(|member| member == instance).unwrap_or(places.len()));
        }
        staying.pop()
    }

    fn place_pending(&mut self, service: ServiceId) {
        for instance in self.w.place(self.m, service, Life::Booting) {
            self.start_instance(instance);
        }
    }

    /// There may be room now.
    pub(super) fn place_all(&mut self) {
        for service in 0..self.w.services.len() as u32 {
            if self.w.pending(ServiceId(service)) > 0 {
                self.place_pending(ServiceId(service));
            }
        }
    }

    /// An instance is told to go: of a service with a count another one is wanted in its place.
    pub(super) fn displace(&mut self, instance: u32) {
        if self.w.stays(instance) {
            let service = ServiceId(self.w.instances[instance as usize].service);
            let members = &mut self.w.services[service.index()];
            members.placed = members.placed.saturating_sub(1);
            members.leave_place(instance);
            self.w.note_instances(service);
        }
    }

    /// An instance is gone for good: its machine forgets it, and there may be room for another.
    pub(super) fn vacate(&mut self, instance: u32) {
        let state = &self.w.instances[instance as usize];
        let (machine, party, threads, quota) = (state.machine, state.party, state.threads_meter, state.quota_meter);
        self.w.meter(threads, 0, 0);
        self.w.meter(quota, 0, 0);
        let home = &mut self.w.machines[machine as usize];
        home.instances.retain(|&other| other != instance);
        home.free_parties.push(party);
        self.place_all();
    }

    /// The cores an instance may use, as its meter shows them.
    pub(super) fn set_quota(&mut self, instance: u32, up: bool) {
        let limit = self.service(instance).cpu_limit;
        let state = &self.w.instances[instance as usize];
        let (machine, meter) = (state.machine, state.quota_meter);
        if machine == NONE || (meter == NONE && limit.is_infinite()) {
            return;
        }
        if meter == NONE {
            let name = format!("{}/{}.quota", self.service(instance).name, state.ordinal);
            let meter = self.w.resource(ResourceKind::Quota, 0, name, Owner { instance, machine, link: NONE });
            self.w.instances[instance as usize].quota_meter = meter;
        }
        let cores = limit.min(f64::from(self.w.machines[machine as usize].cpu.cores));
        let meter = self.w.instances[instance as usize].quota_meter;
        self.w.capacity(meter, if up { fixed(ResourceKind::Quota, cores) } else { 0 });
    }

    /// A changed model may want other numbers of instances.
    pub(super) fn replace_placements(&mut self, old: &Model) {
        for index in 0..self.m.services.len() {
            let service = ServiceId(index as u32);
            let spec = &self.m.services[index];
            let before = old.services.get(index).filter(|before| !before.retired).map(|before| before.placement);
            match spec.placement {
                Placement::Count(wanted) if !spec.retired && before != Some(spec.placement) => {
                    if !matches!(before, Some(Placement::Count(_))) {
                        self.w.services[index].placed = self.w.staying(service).len() as u32;
                        self.w.services[index].wanted = u32::MAX;
                    }
                    // A number that is the same already changes nothing.
                    let _ = self.scale_service(service, wanted);
                }
                Placement::Count(_) if spec.retired => {
                    self.w.services[index].wanted = 0;
                    self.w.services[index].close_places();
                    self.w.note_instances(service);
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
        self.w.services[service.index()].wanted = 0;
        self.w.services[service.index()].close_places();
        let groups: Vec<GroupId> = self.m.services[service.index()].groups.clone();
        for machine in groups.iter().flat_map(|group| self.w.groups[group.index()].list.clone()).collect::<Vec<_>>() {
            let mut here: Vec<u32> = self.w.machines[machine as usize].instances.clone();
            here.retain(|&other| self.w.instances[other as usize].service == service.0 && self.w.stays(other));
            for &surplus in here.iter().skip(each as usize) {
                self.drain_instance(surplus);
            }
            for _ in here.len()..each as usize {
                let life = self.w.machines[machine as usize].life;
                let instance = self.w.add_instance(self.m, service, machine, Life::Booting);
                if life == Life::Up {
                    self.start_instance(instance);
                }
            }
        }
    }
}
