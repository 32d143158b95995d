//! Sums that do not fit: pools on connections, memory and instances on machines.
use super::{At, Checker};
use crate::scenario::{
    link::Connections,
    runbook::{Action, Rule},
    service::{DATABASE_CONNECTIONS, Instances, Kind, Service},
};
use crate::units::Bytes;

impl<'a> Checker<'a> {
    /// What fits nowhere, or only while not all of it is used.
    pub(super) fn sums(&mut self, root: At<'_>) {
        let services = root.child("services");
        for (name, service) in &self.scenario.services {
            self.pools(name, service, services);
            self.instances(name, service, services);
        }
        for (group, machine) in &self.scenario.machines {
            let at = root.child("machines").child(group);
            let needs: Vec<(&str, u64)> = self.on_each_machine(group);
            let all: u64 = needs.iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
            let there = machine.memory.0.saturating_add(machine.swap.0);
            if needs.len() > 1 && all > there && machine.count > 0 {
                let parts: Vec<String> =
                    needs.iter().map(|(name, bytes)| format!("`{name}` {}", Bytes(*bytes))).collect();
                let place = if at.has("memory") { at.child("memory") } else { root.child("machines").name(group) };
                self.warn(
                    place,
                    format!("what runs on `{group}` may take {} of {}", Bytes(all), Bytes(there)),
                    format!("{}: the largest is killed when they do", parts.join(" + ")),
                );
            }
        }
    }

    /// Connections that the pools of all callers may open, against those a service takes.
    fn pools(&mut self, name: &str, service: &'a Service, services: At<'_>) {
        let own = match (&service.kind, service.max_connections) {
            (_, Some(most)) => most,
            (Kind::Database { .. }, None) => DATABASE_CONNECTIONS,
            _ => u32::MAX,
        };
        let (field, each) = match service.descriptors {
            Some(descriptors) if descriptors < own => ("descriptors", descriptors),
            Some(_) | None => ("max_connections", own),
        };
        if each == u32::MAX {
            return;
        }
        let there = u64::from(each).saturating_mul(u64::from(self.count(name)));
        let mut pools = Vec::new();
        for (caller, spec) in &self.scenario.services {
            if let Some(Connections::Keep(most)) = spec.links.get(name).map(|link| &link.connections) {
                let (start, most_instances) = (self.count(caller), self.most_instances(caller, spec));
                pools.push((caller.as_str(), *most, start, most_instances));
            }
        }
        let sum = |of: fn(&(&str, u32, u32, u32)) -> u32| {
            pools.iter().map(|pool| u64::from(pool.1) * u64::from(of(pool))).fold(0, u64::saturating_add)
        };
        let (start, most) = (sum(|pool| pool.2), sum(|pool| pool.3));
        if start <= there && most <= there {
            return;
        }
        let scaled = start <= there;
        let parts = pools
            .iter()
            .map(|(caller, each, start, most)| format!("{} × {each} of `{caller}`", if scaled { most } else { start }));
        let parts = parts.collect::<Vec<_>>().join(" + ");
        let when = if scaled { " once scaled out" } else { "" };
        let opened = if scaled { most } else { start };
        self.warn(
            written(services, name, field),
            format!("pools may open {opened} connections to `{name}`{when}, which takes {there}"),
            format!("{parts}; what finds none is refused"),
        )
        .help = Some(format!(
            "smaller pools, or `{field}` of at least {} each",
            opened.div_ceil(u64::from(self.count(name)).max(1))
        ));
    }

    /// The most instances that controllers give a service, or its machines.
    pub(super) fn most_instances(&self, name: &str, service: &Service) -> u32 {
        let most = |of: &str| {
            let limit = |rule: &Rule| match rule {
                Rule::Autoscale { of: scaled, most, .. } if scaled == of => Some(*most),
                Rule::Autoscale { .. } | Rule::At(..) | Rule::When { .. } => None,
            };
            self.scenario.runbook.iter().filter_map(limit).max()
        };
        let start = self.count(name);
        match service.instances {
            Instances::Count(_) => most(name).map_or(start, |most| most.max(start)),
            Instances::PerMachine(each) => {
                let machines = service.on.iter().map(|group| {
                    let there = self.scenario.machines.get(group).map_or(0, |machine| machine.count);
                    most(group).map_or(there, |most| most.max(there))
                });
                machines.fold(0, u32::saturating_add).saturating_mul(each).max(start)
            }
        }
    }

    /// Bytes that each machine of a group must be ready to give: services on every machine, by their limit or what
    /// they take idle.
    fn on_each_machine(&self, group: &str) -> Vec<(&'a str, u64)> {
        let here = self.scenario.services.iter().filter(|(_, service)| service.on.iter().any(|on| on == group));
        let needs = here.filter_map(|(name, service)| {
            let Instances::PerMachine(each) = service.instances else { return None };
            Some((name.as_str(), reserved(service).saturating_mul(u64::from(each)))).filter(|(_, bytes)| *bytes > 0)
        });
        needs.collect()
    }

    /// Instances of a count against what machines have room for.
    fn instances(&mut self, name: &str, service: &'a Service, services: At<'_>) {
        let Instances::Count(count) = service.instances else { return };
        let needs = reserved(service);
        let grows = |group: &str| {
            self.scenario.runbook.iter().any(|rule| match rule {
                Rule::Autoscale { of, .. } => of == group,
                Rule::At(_, action) | Rule::When { then: action, .. } => match action {
                    Action::AddMachines(group_added, _) => group_added == group,
                    Action::Resize { machine, .. } => machine == group,
                    _ => false,
                },
            })
        };
        if service.on.iter().any(|group| grows(group)) {
            return;
        }
        let mut room: u64 = 0;
        for (group, machine) in service.on.iter().filter_map(|group| Some((group, self.scenario.machines.get(group)?)))
        {
            let taken: u64 = self.on_each_machine(group).iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
            let free = machine.memory.0.saturating_add(machine.swap.0).saturating_sub(taken);
            let by_memory = if needs > 0 { free / needs } else { u64::MAX };
            let by_cores = service.cpu.limit.map_or(u64::MAX, |limit| (f64::from(machine.cores) / limit) as u64);
            let each = by_memory.min(by_cores);
            room = room.saturating_add(each.saturating_mul(u64::from(machine.count)));
        }
        let most = self.most_instances(name, service);
        // That not one fits is told elsewhere.
        if room == 0 || u64::from(most) <= room {
            return;
        }
        let (asked, what) = if u64::from(count) > room { (count, "") } else { (most, " once scaled out") };
        self.warn(
            written(services, name, "instances"),
            format!("{asked} instances of `{name}`{what}, and room for {room}"),
            format!("the other {} will be pending: {}", u64::from(asked) - room, needs_of(service, needs)),
        );
    }
}

fn needs_of(service: &Service, bytes: u64) -> String {
    match (bytes, service.cpu.limit) {
        (0, Some(cores)) => format!("each takes {cores} of its machine's cores"),
        (bytes, Some(cores)) => format!("each takes {} and {cores} of its machine's cores", Bytes(bytes)),
        (bytes, None) => format!("each takes {}", Bytes(bytes)),
    }
}

/// Memory an instance is placed by: its limit, or what it takes with nothing to do.
fn reserved(service: &Service) -> u64 {
    let workers = u64::from(service.workers.unwrap_or(0));
    let idle = service.memory.idle.0.saturating_add(service.memory.per_worker.0.saturating_mul(workers));
    service.memory.limit.map_or(idle, |limit| limit.0)
}

/// A field of a service where the file has it, else the service's name: what a part gave has no place of its own.
pub(super) fn written<'t>(services: At<'t>, service: &str, field: &str) -> At<'t> {
    let at = services.child(service);
    let from_part = at.has("like") && at.child(field).span() == at.child("like").span();
    if at.has(field) && !from_part { at.child(field) } else { services.name(service) }
}
