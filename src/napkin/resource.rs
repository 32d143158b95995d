//! What can run out, how much there is of it and how much of it a crowd takes.

use super::demand::{Demand, Loads, ServiceLoad, speed};
use crate::engine::ResourceKind;
use crate::model::{
    Action, Caller, Group, GroupId, Kind as ServiceKind, Link, LinkId, LockId, Model, Scope, ServiceId, Trigger,
};

/// Something that can saturate, all its machines or instances together.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The name the story speaks of it by: `rds.cpu`, `app.pool(rds)`.
    pub name: String,
    /// In units of its kind.
    pub capacity: f64,
    /// What it is.
    pub kind: Kind,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cores of a machine group; one core of it per second is 1.
    Cpu(GroupId),
    /// Egress of a machine group, bytes per second.
    Network(GroupId),
    /// What users upload to a machine group, bytes per second.
    Ingress(GroupId),
    /// Disks of a machine group, operations per second.
    Disk(GroupId),
    /// RAM and swap of a machine group, bytes.
    MachineMemory(GroupId),
    /// Cores its instances may use.
    Quota(ServiceId),
    /// Threads that can burn CPU.
    Threads(ServiceId),
    /// Requests served at once.
    Workers(ServiceId),
    /// Inbound connections.
    Connections(ServiceId),
    /// Sockets, both directions.
    Descriptors(ServiceId),
    /// Bytes of the processes.
    Memory(ServiceId),
    /// Kept connections of a link.
    Pool(LinkId),
    /// Places at the targets of a link.
    Slots(LinkId),
    /// Calls per second that may leave over a link.
    RateLimit(LinkId),
    /// A lock without keys, one in each instance.
    Lock(ServiceId, LockId),
}

/// Everything in a model that is bounded and exists at the start.
pub fn all(model: &Model, demand: &Demand) -> Vec<Resource> {
    let mut found = Vec::new();
    let mut add = |name: String, capacity: f64, kind: Kind| {
        if capacity > 0.0 {
            found.push(Resource { name, capacity, kind });
        }
    };
    for (at, group) in model.groups.iter().enumerate().filter(|(_, group)| !group.retired && !group.services.is_empty())
    {
        let id = GroupId::new(at);
        let machines = f64::from(group.count);
        // Machines of several groups that one service runs on go by their own names.
        let subject = match group.services.as_slice() {
            [only] if groups_of(model, *only) == 1 => &model.services[*only].name,
            _ => &group.name,
        };
        // Credits run out: what is earned is what lasts.
        let cores = f64::from(group.cores) * group.burst.map_or(1.0, |burst| burst.baseline);
        add(format!("{subject}.cpu"), machines * cores, Kind::Cpu(id));
        if group.network.is_finite() {
            add(format!("{subject}.network"), machines * group.network, Kind::Network(id));
        }
        if group.network.is_finite() && model.receives {
            add(format!("{subject}.ingress"), machines * group.network, Kind::Ingress(id));
        }
        if group.iops.is_finite() {
            add(format!("{subject}.disk"), machines * group.iops, Kind::Disk(id));
        }
        let memory = |service: &ServiceId| &model.services[*service].memory;
        if group.services.iter().map(memory).any(|memory| memory.any && memory.limit == u64::MAX) {
            add(format!("{}.memory", group.name), machines * room(group), Kind::MachineMemory(id));
        }
    }
    for (at, service) in model.services.iter().enumerate().filter(|(_, service)| !service.retired) {
        let id = ServiceId::new(at);
        let instances = demand.instances(id);
        if service.cpu_limit.is_finite() {
            add(format!("{}.quota", service.name), instances * service.cpu_limit, Kind::Quota(id));
        }
        let mut limited = |what: &str, limit: u32, kind: Kind| {
            if limit < u32::MAX {
                add(format!("{}.{what}", service.name), instances * f64::from(limit), kind);
            }
        };
        limited("threads", service.threads, Kind::Threads(id));
        limited("workers", service.workers, Kind::Workers(id));
        limited("connections", service.max_connections, Kind::Connections(id));
        limited("descriptors", service.descriptors, Kind::Descriptors(id));
        if service.memory.limit < u64::MAX && service.memory.any {
            add(format!("{}.memory", service.name), instances * service.memory.limit as f64, Kind::Memory(id));
        }
        for lock in service.locks.iter().filter(|lock| !model.locks[**lock].keyed) {
            add(format!("{}.{}", service.name, model.locks[*lock].name), instances, Kind::Lock(id, *lock));
        }
        for link in &service.links {
            let spec = &model.links[*link];
            let row = |what: ResourceKind| format!("{}.{}", service.name, waits_for(model, *link, what).1);
            if spec.guards.target_limit != u32::MAX && !spec.retired {
                let places = instances * demand.instances(spec.callee) * f64::from(spec.guards.target_limit);
                add(row(ResourceKind::Slots), places, Kind::Slots(*link));
            }
            if spec.keep > 0 && !spec.retired {
                add(row(ResourceKind::Pool), instances * f64::from(spec.keep), Kind::Pool(*link));
            }
        }
    }
    found.extend(rate_limits(model, demand));
    found
}

/// Links that let only so many calls through.
fn rate_limits(model: &Model, demand: &Demand) -> impl Iterator<Item = Resource> {
    let live = model.links.ids().filter(|id| !model.links[*id].retired);
    live.filter_map(|id| {
        let link = &model.links[id];
        let limit = link.guards.rate_limit.as_ref()?;
        let (caller, callers) = match link.caller {
            Caller::Service(id) => (&model.services[id].name, demand.instances(id)),
            Caller::Source(id) => (&model.sources[id].name, 1.0),
        };
        let name = format!("{caller}.rate_limit({})", model.services[link.callee].name);
        let capacity = callers * limit.per_second;
        (capacity > 0.0).then_some(Resource { name, capacity, kind: Kind::RateLimit(id) })
    })
}

/// Machine groups that a service runs on.
fn groups_of(model: &Model, service: ServiceId) -> usize {
    model.groups.iter().filter(|group| !group.retired && group.services.contains(&service)).count()
}

/// What calls over a link wait for, and how it is called: a broker's messages are its queue.
pub fn waits_for(model: &Model, link: LinkId, what: ResourceKind) -> (ResourceKind, String) {
    let link = &model.links[link];
    match link.caller {
        Caller::Service(id) if matches!(model.services[id].kind, ServiceKind::Queue { .. }) => {
            (ResourceKind::Queue, ResourceKind::Queue.to_string())
        }
        Caller::Service(_) | Caller::Source(_) => (what, format!("{what}({})", model.services[link.callee].name)),
    }
}

/// The story speaks of all machines of one service together; here each group of them has a row.
pub fn in_the_story(model: &Model, resource: &Resource) -> Option<String> {
    let (group, what) = match resource.kind {
        Kind::Cpu(group) => (group, "cpu"),
        Kind::Network(group) => (group, "network"),
        Kind::Ingress(group) => (group, "ingress"),
        Kind::Disk(group) => (group, "disk"),
        _ => return None,
    };
    let [only] = model.groups[group].services.as_slice() else { return None };
    (groups_of(model, *only) > 1).then(|| format!("a part of {}.{what} in the story", model.services[*only].name))
}

/// How much more of it an autoscaler may add: the napkin knows what is there at the start.
pub fn scaled(model: &Model, resource: &Resource) -> Option<String> {
    let of_group = |group: GroupId| match resource.kind {
        Kind::Cpu(id) | Kind::Network(id) | Kind::Ingress(id) | Kind::Disk(id) | Kind::MachineMemory(id) => id == group,
        _ => resource.service(model).is_some_and(|id| model.services[id].groups.contains(&group)),
    };
    let of_service = |service: ServiceId| match resource.kind {
        // Instances that come share the machines that are there.
        Kind::Cpu(_) | Kind::Network(_) | Kind::Ingress(_) | Kind::Disk(_) | Kind::MachineMemory(_) => false,
        _ => resource.service(model) == Some(service),
    };
    let rules = model.rules.iter().filter(|rule| !rule.retired);
    let most = rules.filter_map(|rule| match (&rule.trigger, &rule.action) {
        (Trigger::Autoscale(scaler), Action::Scale(Scope::Machines(group))) if of_group(*group) => {
            Some((scaler.most, model.groups[*group].count, "machines"))
        }
        (Trigger::Autoscale(scaler), Action::Scale(Scope::Instances(service))) if of_service(*service) => {
            Some((scaler.most, Demand::instances_of(model, *service) as u32, "instances"))
        }
        _ => None,
    });
    let (most, there, what) = most.max_by_key(|(most, ..)| *most).filter(|(most, there, _)| most > there)?;
    Some(format!("of the {there} {what} at the start; an autoscaler may have {most}"))
}

/// Connections to a service that the pools of all its callers may open.
pub fn pooled(model: &Model, service: ServiceId) -> f64 {
    let links = model.links.iter().filter(|link| link.callee == service && link.keep > 0 && !link.retired);
    let pool = |link: &Link| match link.caller {
        Caller::Service(caller) => Demand::instances_of(model, caller) * f64::from(link.keep),
        Caller::Source(_) => 0.0,
    };
    links.map(pool).sum()
}

impl Resource {
    /// Offered load: what is asked of it over what there is.
    pub fn load(&self, model: &Model, demand: &Demand, loads: &Loads) -> f64 {
        self.load_within(model, demand, loads, &|_| f64::INFINITY)
    }

    /// The same where the threads and quotas of services keep cores from being asked for more than these many at once.
    pub fn load_within(&self, model: &Model, demand: &Demand, loads: &Loads, most: &dyn Fn(ServiceId) -> f64) -> f64 {
        let of = |service: ServiceId| &loads.services[service.index()];
        // Of what all are asked for, and of it the replicas.
        let on_group = |group: GroupId, load: &dyn Fn(&ServiceLoad) -> [f64; 2]| -> f64 {
            let each = |service: &ServiceId| {
                let ([all, replicas], shares) = (load(of(*service)), demand.shares(*service, group));
                demand.on_machines(*service, group, [(all - replicas) * shares[0], replicas * shares[1]])
            };
            model.groups[group].services.iter().map(each).sum()
        };
        let asked = match self.kind {
            Kind::Cpu(group) => {
                let cores = |service: &ServiceId| {
                    let (load, shares) = (of(*service), demand.shares(*service, group));
                    let replicas = load.at_replicas.cpu;
                    let primaries = (load.cpu + load.spawned - replicas) * shares[0];
                    let work = demand.on_machines(*service, group, [primaries, replicas * shares[1]]);
                    let spawned = load.spawned * demand.share(*service, group);
                    let (own, speed) = (work - spawned, model.groups[group].speed);
                    (own / speed).min(most(*service) * demand.share(*service, group)) + spawned / speed
                };
                model.groups[group].services.iter().map(cores).sum()
            }
            Kind::Network(group) => on_group(group, &|load| [load.bytes, load.at_replicas.bytes]),
            Kind::Ingress(group) => on_group(group, &|load| [load.uploaded, load.at_replicas.uploaded]),
            Kind::Disk(group) => on_group(group, &|load| [load.disk, load.at_replicas.disk]),
            Kind::MachineMemory(group) => {
                let bytes =
                    |service: &ServiceId| memory(model, demand, loads, *service) * demand.share(*service, group);
                model.groups[group].services.iter().map(bytes).sum()
            }
            Kind::Quota(service) | Kind::Threads(service) => {
                let load = of(service);
                demand.on_instances(service, [load.cpu, load.at_replicas.cpu]) / speed(model, service)
            }
            Kind::Workers(service) => {
                let (load, pins) = (of(service), model.services[service].pins);
                demand.on_instances(service, [load.workers(pins), load.at_replicas.workers(pins)])
            }
            Kind::Connections(service) => {
                demand.on_instances(service, [of(service).inbound, of(service).at_replicas.inbound])
            }
            Kind::Descriptors(service) => of(service).inbound + of(service).outbound,
            Kind::Memory(service) => memory(model, demand, loads, service),
            Kind::Pool(link) | Kind::Slots(link) => loads.links[link.index()],
            Kind::RateLimit(link) => loads.calls[link.index()],
            Kind::Lock(_, lock) => loads.locks[lock.index()],
        };
        asked / self.capacity
    }

    /// The service it belongs to, if it is one's alone.
    pub fn service(&self, model: &Model) -> Option<ServiceId> {
        match self.kind {
            Kind::Cpu(group)
            | Kind::Network(group)
            | Kind::Ingress(group)
            | Kind::Disk(group)
            | Kind::MachineMemory(group) => match model.groups[group].services.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            Kind::Quota(service)
            | Kind::Threads(service)
            | Kind::Workers(service)
            | Kind::Connections(service)
            | Kind::Descriptors(service)
            | Kind::Memory(service)
            | Kind::Lock(service, _) => Some(service),
            Kind::Pool(_) | Kind::Slots(_) | Kind::RateLimit(_) => None,
        }
    }
}

/// Bytes of a machine that processes can use.
fn room(group: &Group) -> f64 {
    group.memory.0 as f64 + group.swap.0 as f64
}

/// Bytes of all processes of a service; what leaks is not counted (it grows with time, not with load).
fn memory(model: &Model, demand: &Demand, loads: &Loads, service: ServiceId) -> f64 {
    let spec = &model.services[service];
    let load = &loads.services[service.index()];
    let workers = if spec.workers < u32::MAX { f64::from(spec.workers) } else { 0.0 };
    demand.instances(service) * (spec.memory.idle as f64 + spec.memory.per_worker as f64 * workers)
        + spec.memory.per_connection as f64 * load.inbound
        + spec.memory.per_request as f64 * load.in_progress
}
