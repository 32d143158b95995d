//! A changed model under a running system: ids are never reused, removal drains, what is new starts.

use crate::engine::observation::{Observation, Observer};
use crate::engine::state::hosting::Hosting;
use crate::engine::state::ids::InstanceId;
use crate::engine::state::operators::RuleState;
use crate::engine::state::system::{Availability, Source};
use crate::engine::state::world::{Context, Members, World};
use crate::engine::time::event::Event;
use crate::model::{Caller, LinkId, Model, Placement, RuleId, ServiceId, SourceId};

impl World {
    /// Grows every table to the model's size; what is new is there but has not begun.
    pub(crate) fn make_room(&mut self, m: &Model) {
        self.agenda.extend_lanes(m.lanes.as_slice());
        self.groups.resize(m.groups.len(), Members::NOBODY);
        self.services.resize(m.services.len(), Members::NOBODY);
        self.hosting.resize(m.services.len(), Hosting::default());
        self.callers.resize(m.services.len(), Vec::new());
        for source in (self.sources.len()..m.sources.len()).map(SourceId::new) {
            let slot = self.agenda.slot(Event::Arrival { source });
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
                burst_epoch: 0,
                invited: Vec::new(),
                invited_free: Vec::new(),
                cursor: 0,
                area: 0.0,
                since: self.now,
                due: None,
            });
        }
        self.rules.resize(m.rules.len(), RuleState::default());
        self.link_places.resize(m.links.len(), 0);
        self.crowds.resize(m.links.len(), None);
        for service in &m.services {
            for (place, &link) in service.links.iter().enumerate() {
                self.link_places[link] = place as u32;
            }
        }
    }

    /// A link end for every crowd that has none yet.
    pub(crate) fn crowd_clients(&mut self, m: &Model) {
        for (index, spec) in m.links.iter().enumerate() {
            let link = LinkId::new(index);
            if matches!(spec.caller, Caller::Source(_)) && self.crowds[link].is_none() {
                self.crowds[link] = Some(self.add_client(m, link, None));
            }
        }
    }
}

impl<O: Observer> Context<'_, O> {
    /// Brings the running system in line with `self.m`, which was compiled after `old`.
    pub(crate) fn replace(&mut self, old: &Model) {
        for source in old.sources.ids() {
            self.bank_gap_under(source, old);
        }
        self.world.make_room(self.model);
        self.world.index_callers(self.model);
        self.replace_services(old);
        self.replace_groups(old);
        for service in (old.services.len()..self.model.services.len()).map(ServiceId::new) {
            self.place_everywhere(service, old);
        }
        self.replace_placements(old);
        // Link ends of services that stay, for links that are new.
        for instance in self.world.instances.ids() {
            let state = &self.world.instances[instance];
            let links = &self.model.services[state.service].links;
            for link in &links[state.clients.len()..] {
                let client = self.world.add_client(self.model, *link, Some(instance));
                self.world.instances[instance].clients.push(client);
            }
        }
        self.replace_stores();
        for instance in self.world.instances.ids() {
            self.world.add_locks(self.model, instance);
        }
        self.world.crowd_clients(self.model);
        for client in self.world.clients.ids() {
            let end = &self.world.clients[client];
            let (link, meter) = (&self.model.links[end.link], end.meter);
            self.world.capacity(
                meter,
                if link.queue { crate::engine::lifecycle::availability::places(link) } else { u64::from(link.keep) },
            );
            self.world.targets_changed(self.model, client);
            if self.world.clients[client].waiting() > 0 || link.keep > 0 {
                self.serve_waiter(client);
            }
        }
        for service in self.model.services.ids() {
            self.world.retarget(self.model, service);
        }
        self.replace_sources(old);
        for (rule, spec) in (0..).map(RuleId::new).zip(&self.model.rules) {
            let stays = old.rules.get(rule).is_some_and(|before| !before.retired);
            if !spec.retired && !stays {
                self.start_rule(rule);
            }
        }
        self.emit(|| Observation::TopologyChanged);
    }

    fn bank_gap_under(&mut self, source: SourceId, old: &Model) {
        let profile = &old.sources[source].profile;
        let state = &mut self.world.sources[source];
        if self.world.now > state.since && old.sources[source].kind != crate::model::SourceKind::Closed {
            state.area =
                (state.area - profile.integral(state.since, self.world.now) * state.scale * state.burst).max(0.0);
            state.since = self.world.now;
        }
    }

    fn replace_services(&mut self, old: &Model) {
        for service in old.services.ids() {
            let (before, after) = (&old.services[service], &self.model.services[service]);
            let leaves = after.retired && !before.retired;
            let moved = before.groups != after.groups;
            let mut leaving = Vec::new();
            for instance in self.world.staying(service) {
                let homeless = match self.world.instances[instance].machine {
                    None => !after.groups.is_empty(),
                    Some(machine) => !after.groups.contains(&self.world.machines[machine].group),
                };
                if leaves || (moved && homeless) {
                    leaving.push(instance);
                } else {
                    let up = matches!(
                        self.world.instances[instance].availability,
                        Availability::Up | Availability::Draining
                    );
                    self.set_capacities(instance, up);
                    while up
                        && self.world.instances[instance].busy < self.world.instances[instance].workers
                        && self.waits(instance)
                    {
                        self.next_from_backlog(instance);
                    }
                }
            }
            self.drain_instances(leaving);
            if moved && !after.retired {
                self.place_everywhere(service, old);
            }
        }
    }

    fn waits(&self, instance: InstanceId) -> bool {
        self.world.instances[instance].backlog.len > 0
    }

    fn replace_groups(&mut self, old: &Model) {
        for group in self.model.groups.ids() {
            let after = &self.model.groups[group];
            let Some(before) = old.groups.get(group) else {
                self.add_machines(group, after.count);
                continue;
            };
            if after.retired {
                self.remove_machines(group, u32::MAX);
                continue;
            }
            if (before.cores, before.memory, before.swap, before.speed)
                != (after.cores, after.memory, after.swap, after.speed)
            {
                for machine in self.world.groups[group].list.clone() {
                    let home = &mut self.world.machines[machine];
                    home.cpu.cores = after.cores;
                    home.speed = after.speed;
                    home.ram = after.memory.0;
                    home.swap = after.swap.0;
                    self.world.set_speed(machine);
                    self.machine_capacities(machine);
                }
            }
            for machine in self.world.groups[group].list.clone() {
                self.world.equip(self.model, machine);
                if before.burst != after.burst {
                    self.world.give_credits(self.model, machine);
                }
            }
            if after.count > before.count {
                self.add_machines(group, after.count - before.count);
            } else if after.count < before.count {
                self.remove_machines(group, before.count - after.count);
            }
        }
    }

    /// Instances of a service on the machines of its groups that have none of it yet.
    fn place_everywhere(&mut self, service: ServiceId, old: &Model) {
        let spec = &self.model.services[service];
        if spec.retired {
            return;
        }
        if spec.groups.is_empty() && self.world.services[service].list.is_empty() {
            let instance = self.world.add_instance(self.model, service, None, Availability::Booting);
            return self.start_instance(instance);
        }
        let Placement::PerMachine(each) = spec.placement else { return };
        for &group in &spec.groups {
            if group.index() >= old.groups.len() {
                continue;
            }
            for machine in self.world.groups[group].list.clone() {
                let home = &self.world.machines[machine];
                let there = home.instances.iter().filter(|&&instance| {
                    self.world.instances[instance].service == service && self.world.stays(instance)
                });
                for _ in there.count()..each as usize {
                    let instance = self.world.add_instance(self.model, service, Some(machine), Availability::Booting);
                    self.start_instance(instance);
                }
            }
        }
    }

    fn replace_sources(&mut self, old: &Model) {
        for source in self.model.sources.ids() {
            let slot = self.world.sources[source].slot;
            match old.sources.get(source) {
                None => self.start_source(source),
                Some(before) if self.model.sources[source].retired => {
                    if !before.retired {
                        self.world.agenda.clear(slot);
                        self.world.sources[source].population = 0;
                    }
                }
                Some(before) if before.retired => self.start_source(source),
                Some(before) => {
                    self.world.sources[source].cursor = 0;
                    if before.bursts != self.model.sources[source].bursts {
                        self.start_bursts(source);
                    }
                    if self.model.sources[source].kind == crate::model::SourceKind::Closed {
                        self.start_source(source);
                    } else {
                        self.schedule_arrival(source);
                    }
                }
            }
        }
    }
}
