//! A changed model under a running system: ids are never reused, removal drains, what is new starts.

use super::event::Event;
use super::machine::{Life, Source};
use super::observation::{Observation, Observer};
use super::request::NONE;
use super::runbook::RuleState;
use super::world::{Members, Turn, World};
use crate::model::{Caller, GroupId, Model, Placement, ServiceId};

impl World {
    /// Grows every table to the model's size; what is new is there but has not begun.
    pub(super) fn make_room(&mut self, m: &Model) {
        self.agenda.extend_lanes(&m.lanes);
        self.groups.resize(m.groups.len(), Members::NONE);
        self.services.resize(m.services.len(), Members::NONE);
        for source in self.sources.len()..m.sources.len() {
            let slot = self.agenda.slot(Event::Arrival { source: source as u32 });
            self.sources.push(Source {
                slot,
                arrivals: 0,
                requests: 0,
                ended: 0,
                failed: 0,
                sessions: 0,
                begun: 0,
                population: 0,
                scale: 1.0,
                burst: 1.0,
                burst_place: 0,
                turn: 0,
                invited: Vec::new(),
                invited_free: Vec::new(),
                cursor: 0,
                area: 0.0,
                since: self.now,
                due: None,
            });
        }
        self.rules.resize(m.rules.len(), RuleState::default());
        self.link_places.resize(m.links.len(), NONE);
        for service in &m.services {
            for (place, link) in service.links.iter().enumerate() {
                self.link_places[link.index()] = place as u32;
            }
        }
    }

    /// A link end for every crowd that has none yet.
    pub(super) fn crowd_clients(&mut self, m: &Model) {
        for (index, link) in m.links.iter().enumerate() {
            if matches!(link.caller, Caller::Source(_)) && self.link_places[index] == NONE {
                self.link_places[index] = self.add_client(m, index as u32, NONE);
            }
        }
    }
}

impl<O: Observer> Turn<'_, O> {
    /// Brings the running system in line with `self.m`, which was compiled after `old`.
    pub(super) fn replace(&mut self, old: &Model) {
        for source in 0..old.sources.len() as u32 {
            self.bank_gap_under(source, old);
        }
        self.w.make_room(self.m);
        self.replace_services(old);
        self.replace_groups(old);
        for service in old.services.len()..self.m.services.len() {
            self.place_everywhere(ServiceId(service as u32), old);
        }
        self.replace_placements(old);
        // Link ends of services that stay, for links that are new.
        for instance in 0..self.w.instances.len() as u32 {
            let state = &self.w.instances[instance as usize];
            let links = &self.m.services[state.service as usize].links;
            for link in &links[state.clients.len()..] {
                let client = self.w.add_client(self.m, link.0, instance);
                self.w.instances[instance as usize].clients.push(client);
            }
        }
        self.replace_stores();
        for instance in 0..self.w.instances.len() as u32 {
            self.w.add_locks(self.m, instance);
        }
        self.w.crowd_clients(self.m);
        for client in 0..self.w.clients.len() {
            let end = &self.w.clients[client];
            let (link, meter) = (&self.m.links[end.link as usize], end.meter);
            self.w.capacity(meter, if link.queue { super::life::places(link) } else { u64::from(link.keep) });
            self.w.targets_changed(self.m, client as u32);
            if self.w.clients[client].waiters.len > 0 || link.keep > 0 {
                self.serve_waiter(client as u32);
            }
        }
        for service in 0..self.m.services.len() as u32 {
            self.w.retarget(self.m, service);
        }
        self.replace_sources(old);
        for rule in old.rules.len() as u32..self.m.rules.len() as u32 {
            self.start_rule(rule);
        }
        self.tell(|| Observation::TopologyChanged);
    }

    fn bank_gap_under(&mut self, source: u32, old: &Model) {
        let profile = &old.sources[source as usize].profile;
        let state = &mut self.w.sources[source as usize];
        if self.w.now > state.since && old.sources[source as usize].kind != crate::model::SourceKind::Closed {
            state.area = (state.area - profile.integral(state.since, self.w.now) * state.scale * state.burst).max(0.0);
            state.since = self.w.now;
        }
    }

    fn replace_services(&mut self, old: &Model) {
        for service in 0..old.services.len() {
            let (before, after) = (&old.services[service], &self.m.services[service]);
            let leaves = after.retired && !before.retired;
            let moved = before.groups != after.groups;
            for instance in self.w.staying(ServiceId(service as u32)) {
                let machine = self.w.instances[instance as usize].machine;
                let homeless = if machine == NONE {
                    !after.groups.is_empty()
                } else {
                    !after.groups.contains(&GroupId(self.w.machines[machine as usize].group))
                };
                if leaves || (moved && homeless) {
                    self.drain_instance(instance);
                } else {
                    let up = matches!(self.w.instances[instance as usize].life, Life::Up | Life::Draining);
                    self.set_capacities(instance, up);
                    while up
                        && self.w.instances[instance as usize].busy < self.w.instances[instance as usize].workers
                        && self.waits(instance)
                    {
                        self.next_from_backlog(instance);
                    }
                }
            }
            if moved && !after.retired {
                self.place_everywhere(ServiceId(service as u32), old);
            }
        }
    }

    fn waits(&self, instance: u32) -> bool {
        self.w.instances[instance as usize].backlog.len > 0
    }

    fn replace_groups(&mut self, old: &Model) {
        for group in 0..self.m.groups.len() {
            let after = &self.m.groups[group];
            let id = GroupId(group as u32);
            let Some(before) = old.groups.get(group) else {
                self.add_machines(id, after.count);
                continue;
            };
            if after.retired {
                self.remove_machines(id, u32::MAX);
                continue;
            }
            if (before.cores, before.memory, before.swap, before.speed)
                != (after.cores, after.memory, after.swap, after.speed)
            {
                for machine in self.w.groups[group].list.clone() {
                    let home = &mut self.w.machines[machine as usize];
                    home.cpu.cores = after.cores;
                    home.speed = after.speed;
                    home.ram = after.memory.0;
                    home.swap = after.swap.0;
                    self.w.set_speed(machine);
                    self.machine_capacities(machine);
                }
            }
            for machine in self.w.groups[group].list.clone() {
                self.w.equip(self.m, machine);
                if before.burst != after.burst {
                    self.w.give_credits(self.m, machine);
                }
            }
            if after.count > before.count {
                self.add_machines(id, after.count - before.count);
            } else if after.count < before.count {
                self.remove_machines(id, before.count - after.count);
            }
        }
    }

    /// Instances of a service on the machines of its groups that have none of it yet.
    fn place_everywhere(&mut self, service: ServiceId, old: &Model) {
        let spec = &self.m.services[service.index()];
        if spec.retired {
            return;
        }
        if spec.groups.is_empty() && self.w.services[service.index()].list.is_empty() {
            let instance = self.w.add_instance(self.m, service, NONE, Life::Booting);
            return self.start_instance(instance);
        }
        let Placement::PerMachine(each) = spec.placement else { return };
        for group in &spec.groups {
            if group.index() >= old.groups.len() {
                continue;
            }
            for machine in self.w.groups[group.index()].list.clone() {
                let home = &self.w.machines[machine as usize];
                let there = home.instances.iter().filter(|&&instance| {
                    self.w.instances[instance as usize].service == service.0 && self.w.stays(instance)
                });
                for _ in there.count()..each as usize {
                    let instance = self.w.add_instance(self.m, service, machine, Life::Booting);
                    self.start_instance(instance);
                }
            }
        }
    }

    fn replace_sources(&mut self, old: &Model) {
        for source in 0..self.m.sources.len() as u32 {
            let slot = self.w.sources[source as usize].slot;
            match old.sources.get(source as usize) {
                None => self.start_source(source),
                Some(before) if self.m.sources[source as usize].retired => {
                    if !before.retired {
                        self.w.agenda.clear(slot);
                        self.w.sources[source as usize].population = 0;
                    }
                }
                Some(before) if before.retired => self.start_source(source),
                Some(before) => {
                    self.w.sources[source as usize].cursor = 0;
                    if before.bursts != self.m.sources[source as usize].bursts {
                        self.start_bursts(source);
                    }
                    if self.m.sources[source as usize].kind == crate::model::SourceKind::Closed {
                        self.start_source(source);
                    } else {
                        self.schedule_arrival(source);
                    }
                }
            }
        }
    }
}
