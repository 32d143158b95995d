//! Sums that do not fit: pools on connections, memory and instances on machines.
use super::{At, Checker};
use crate::scenario::{
    link::Connections,
    runbook::{Action, Rule},
    service::{DATABASE_CONNECTIONS, Instances, Kind, Service},
};
use crate::units::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// A pool of connections: who keeps it, how many each, instances at the start and at most.
struct Pool<'a> {
    caller: &'a str,
    each: u32,
    start: u32,
    most: u32,
}

/// What is summed up, by name.
#[derive(Default)]
struct Sums<'a> {
    /// The highest number that a controller gives to a service or machine group.
    most: BTreeMap<&'a str, u32>,
    /// Machine groups that the runbook makes larger.
    growing: BTreeSet<&'a str>,
    /// Bytes that each machine of a group must be ready to give to services that run on every one.
    needs: BTreeMap<&'a str, Vec<(&'a str, u64)>>,
    /// Pools, by callee.
    pools: BTreeMap<&'a str, Vec<Pool<'a>>>,
}

impl<'a> Sums<'a> {
    fn of(checker: &Checker<'a>) -> Self {
        let (scenario, mut sums) = (checker.scenario, Self::default());
        for rule in &scenario.runbook {
            match rule {
                Rule::Autoscale { of, most, .. } => {
                    let known = sums.most.entry(of).or_default();
                    *known = (*known).max(*most);
                    sums.growing.insert(of);
                }
                Rule::At(_, Action::AddMachines(group, _) | Action::Resize { machine: group, .. })
                | Rule::When { then: Action::AddMachines(group, _) | Action::Resize { machine: group, .. }, .. } => {
                    sums.growing.insert(group);
                }
                Rule::At(..) | Rule::When { .. } => {}
            }
        }
        for (name, service) in &scenario.services {
            if let (Instances::PerMachine(each), bytes @ 1..) = (&service.instances, reserved(service)) {
                for group in &service.on {
                    let needs = sums.needs.entry(group).or_default();
                    needs.push((name, bytes.saturating_mul(u64::from(*each))));
                }
            }
            for (callee, link) in &service.links {
                if let Connections::Keep(each) = link.connections {
                    let (start, most) = (checker.count(name), sums.most_instances(checker, name, service));
                    sums.pools.entry(callee).or_default().push(Pool { caller: name, each, start, most });
                }
            }
        }
        sums
    }

    /// The most instances that controllers give a service, or its machines.
    fn most_instances(&self, checker: &Checker<'a>, name: &str, service: &Service) -> u32 {
        let start = checker.count(name);
        match service.instances {
            Instances::Count(_) => self.most.get(name).map_or(start, |most| start.max(*most)),
            Instances::PerMachine(each) => {
                let machines = service.on.iter().map(|group| {
                    let there = checker.scenario.machines.get(group).map_or(0, |machine| machine.count);
                    self.most.get(group.as_str()).map_or(there, |most| there.max(*most))
                });
                machines.fold(0, u32::saturating_add).saturating_mul(each).max(start)
            }
        }
    }
}

impl<'a> Checker<'a> {
    /// What fits nowhere, or only while not all of it is used.
    pub(super) fn sums(&mut self, root: At<'_>) {
        let (sums, services) = (Sums::of(self), root.child("services"));
        for (name, service) in &self.scenario.services {
            self.pools(&sums, name, service, services);
            self.instances(&sums, name, service, services);
        }
        for (group, machine) in &self.scenario.machines {
            let at = root.child("machines").child(group);
            let needs = sums.needs.get(group.as_str()).map_or(&[][..], Vec::as_slice);
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
    fn pools(&mut self, sums: &Sums<'a>, name: &str, service: &'a Service, services: At<'_>) {
        let Some(pools) = sums.pools.get(name) else { return };
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
        let sum = |of: fn(&Pool) -> u32| {
            pools.iter().map(|pool| u64::from(pool.each) * u64::from(of(pool))).fold(0, u64::saturating_add)
        };
        let (start, most) = (sum(|pool| pool.start), sum(|pool| pool.most));
        if start <= there && most <= there {
            return;
        }
        let scaled = start <= there;
        let part = |pool: &Pool| {
            format!("{} × {} of `{}`", if scaled { pool.most } else { pool.start }, pool.each, pool.caller)
        };
        let parts = pools.iter().map(part).collect::<Vec<_>>().join(" + ");
        let (opened, when) = if scaled { (most, " once scaled out") } else { (start, "") };
        let enough = opened.div_ceil(u64::from(self.count(name)).max(1));
        let problem = self.warn(
            written(services, name, field),
            format!("pools may open {opened} connections to `{name}`{when}, which takes {there}"),
            format!("{parts}; what finds none is refused"),
        );
        problem.help = Some(format!("smaller pools, or `{field}` of at least {enough} each"));
    }

    /// Instances of a count against what machines have room for.
    fn instances(&mut self, sums: &Sums<'a>, name: &str, service: &'a Service, services: At<'_>) {
        let Instances::Count(count) = service.instances else { return };
        if service.on.iter().any(|group| sums.growing.contains(group.as_str())) {
            return;
        }
        let needs = reserved(service);
        let mut room: u64 = 0;
        for (group, machine) in service.on.iter().filter_map(|group| Some((group, self.scenario.machines.get(group)?)))
        {
            let taken = sums.needs.get(group.as_str()).map_or(&[][..], Vec::as_slice).iter().map(|(_, bytes)| *bytes);
            let free = machine.memory.0.saturating_sub(taken.fold(0, u64::saturating_add));
            let by_memory = free.checked_div(needs).unwrap_or(u64::MAX);
            let by_cores = service.cpu.limit.map_or(u64::MAX, |limit| (f64::from(machine.cores) / limit) as u64);
            let each = by_memory.min(by_cores);
            room = room.saturating_add(each.saturating_mul(u64::from(machine.count)));
        }
        let most = sums.most_instances(self, name, service);
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
