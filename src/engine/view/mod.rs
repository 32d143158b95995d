//! The one door out: a read-only look at a running simulation.

pub mod execution;
mod waiting;

use crate::engine::simulation::Simulation;
use crate::engine::state::ids::{InstanceId, MachineId, ResourceId};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::{Availability, Reads, Resource};
use crate::engine::state::world::World;
use crate::model::{GroupId, LinkId, LockId, OperationId, ServiceId, SourceId};
use crate::units::Time;

/// One resource with its running integrals, all since the run began (at -warm_up). Differences of two looks give means.
/// Resources are appended as machines and instances appear and keep their index for the run.
#[derive(Clone, Copy, Debug)]
pub struct ResourceView<'a> {
    /// What it is.
    pub kind: ResourceKind,
    /// Cores, threads, workers, connections, sockets, bytes, bytes or operations per second; 0 while down.
    pub capacity: f64,
    /// In use now, in the capacity's unit.
    pub level: f64,
    /// Waiting for it now.
    pub waiting: u32,
    /// ∫ level dt within the capacity, unit-seconds.
    pub busy_seconds: f64,
    /// ∫ of the level beyond the capacity, unit-seconds: still held of what is down or gone, or has less than before.
    pub beyond_seconds: f64,
    /// ∫ waiting dt, seconds.
    pub waiting_seconds: f64,
    /// ∫ capacity dt, unit-seconds.
    pub capacity_seconds: f64,
    /// The same while somebody could use it: of a machine, while a process is up there.
    pub hosting_seconds: f64,
    /// Uses that began, since the run did; 0 for memory and instances, which are not used one by one.
    pub begun: u64,
    /// Of these, uses that have not ended.
    pub in_progress: u64,
    /// Of descriptors: those of inbound connections, as (∫ number dt, opened).
    pub inbound: Option<(f64, u64)>,
    /// Turned away because of it, since the run began.
    pub refused: u64,
    /// Most waiting at one time since time 0 (before that, since the run began).
    pub waiting_max: u32,
    /// Most waiting at one time for all of its kind and owner together, likewise.
    pub waiting_max_alike: u32,
    /// When there were so many, the first time.
    pub waiting_max_at: Time,
    /// When the last of those who waited was last gone.
    pub emptied: Option<Time>,
    /// Highest level, likewise.
    pub level_max: f64,
    /// Since when all of it is in use, if it is.
    pub full_since: Option<Time>,
    /// The longest stretch that ended in the second up to now in which all of it was in use.
    pub was_full: Option<[Time; 2]>,
    /// The service whose instance it belongs to; none for a machine's.
    pub service: Option<ServiceId>,
    /// The instance it belongs to.
    pub instance: Option<InstanceId>,
    /// The machine it is on.
    pub machine: Option<MachineId>,
    /// That machine's group.
    pub group: Option<GroupId>,
    /// Number of the instance among the service's, or of a machine's among its group's.
    pub ordinal: Option<u32>,
    /// For a pool or slots: the link.
    pub link: Option<LinkId>,
    /// For a lock: which.
    pub lock: Option<LockId>,
    /// `app/0.workers`, `db/0.cpu` (of a machine), `app/1.pool(rds)`.
    pub name: &'a str,
}

impl World {
    /// Uses of a resource that have begun and not ended.
    fn in_progress(&self, row: &Resource) -> u64 {
        let home = row.machine.map(|machine| &self.machines[machine]);
        let here = row.instance.map(|instance| &self.instances[instance]);
        match row.kind {
            ResourceKind::Cpu => home.map_or(0, |home| u64::from(home.cpu.present())),
            ResourceKind::Network | ResourceKind::Ingress | ResourceKind::Disk => {
                let device = home.and_then(|home| Some(&home.devices[home.device(row.kind)?]));
                device.map_or(0, |device| u64::from(device.line.present()))
            }
            ResourceKind::Threads | ResourceKind::Quota => {
                let here = here.filter(|here| here.availability != Availability::Removed);
                home.zip(here).map_or(0, |(home, here)| u64::from(home.cpu.party_present(here.party)))
            }
            ResourceKind::Lock => {
                let mut locks = here.into_iter().flat_map(|here| &here.locks).map(|&lock| &self.locks[lock]);
                let name =
                    |lock: &&crate::engine::state::lock::Lock| std::ptr::eq(&raw const self.resources[lock.meter], row);
                locks.find(name).map_or(0, |lock| lock.rows.len() as u64)
            }
            ResourceKind::Workers
            | ResourceKind::Connections
            | ResourceKind::KeepAlive
            | ResourceKind::Descriptors
            | ResourceKind::Queue
            | ResourceKind::Pool
            | ResourceKind::Slots => row.meter.level,
            ResourceKind::Instances | ResourceKind::Memory => 0,
        }
    }

    /// Of a row of descriptors, what inbound connections take.
    fn inbound(&self, row: &Resource) -> Option<(f64, u64)> {
        let here = row.instance.filter(|_| row.kind == ResourceKind::Descriptors);
        let meter = self.instances[here?].inbound.as_ref()?;
        Some((meter.integrals(self.now).busy as f64 * NANOS, meter.begun))
    }
}

/// A process of a service.
#[derive(Clone, Copy, Debug)]
pub struct InstanceView {
    /// Its service.
    pub service: ServiceId,
    /// Its number among all the service ever had.
    pub ordinal: u32,
    /// Where it runs; none for what runs nowhere.
    pub machine: Option<MachineId>,
    /// It serves.
    pub up: bool,
    /// It will, once its machine has booted.
    pub booting: bool,
    /// It finishes what it has.
    pub draining: bool,
    /// Gone for good.
    pub removed: bool,
    /// Its workers; u32::MAX: as many as come.
    pub workers: u32,
    /// Workers that are taken.
    pub busy: u32,
    /// Calls in its backlog.
    pub waiting: u32,
    /// Calls waiting and in work.
    pub in_flight: u32,
    /// Inbound connections.
    pub connections: u32,
    /// Bytes in use.
    pub memory_bytes: u64,
}

/// A machine of a group.
#[derive(Clone, Copy, Debug)]
pub struct MachineView {
    /// Its group.
    pub group: GroupId,
    /// Its number among all the group ever had.
    pub ordinal: u32,
    /// It runs.
    pub up: bool,
    /// Ordered and not yet there.
    pub booting: bool,
    /// It finishes what it has.
    pub draining: bool,
    /// When it was ordered: it is paid for from then on.
    pub ordered_at: Time,
    /// When it was given back.
    pub removed_at: Option<Time>,
}

/// A source at work.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceView {
    /// Sessions now (0 for open sources).
    pub sessions: u32,
    /// Requests begun.
    pub requests: u64,
    /// Requests begun and not ended.
    pub in_flight: u64,
}

/// What a service had of the machines that hosted it, while they did: integrals since the run began, in unit-seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostedView {
    /// In use.
    pub busy_seconds: f64,
    /// ∫ waiting dt.
    pub waiting_seconds: f64,
    /// ∫ capacity dt.
    pub capacity_seconds: f64,
}

const NANOS: f64 = 1e-9;

impl Simulation {
    /// What an operation read of replicas since the run began.
    #[must_use]
    pub fn reads(&self, operation: OperationId) -> Reads {
        self.world().reads.get(&operation).copied().unwrap_or_default()
    }

    /// Every resource, in the order of their indices.
    pub fn resources(&self) -> impl Iterator<Item = ResourceView<'_>> {
        self.world().resources.ids().map(|resource| self.resource(resource))
    }

    /// How many resources there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.world().resources.len()
    }

    /// One resource.
    #[must_use]
    pub fn resource(&self, resource: ResourceId) -> ResourceView<'_> {
        let world = self.world();
        let row = &world.resources[resource];
        let all = row.meter.integrals(world.now);
        let (level_max, waiting_max) = row.meter.most(world.now);
        let (waiting_max_alike, waiting_max_at) = world.alike.waiting[row.alike].most(world.now);
        // A power of two: nothing is rounded.
        let grain = 1.0 / row.kind.grains() as f64;
        ResourceView {
            kind: row.kind,
            capacity: row.meter.capacity as f64 * grain,
            level: row.meter.level as f64 * grain,
            waiting: row.meter.waiting,
            busy_seconds: all.busy as f64 * grain * NANOS,
            beyond_seconds: all.beyond as f64 * grain * NANOS,
            waiting_seconds: all.waiting as f64 * NANOS,
            capacity_seconds: all.capacity as f64 * grain * NANOS,
            hosting_seconds: all.hosting as f64 * grain * NANOS,
            begun: row.meter.begun,
            in_progress: world.in_progress(row),
            inbound: world.inbound(row),
            refused: row.meter.refused,
            waiting_max,
            waiting_max_alike,
            waiting_max_at,
            emptied: row.meter.emptied,
            level_max: level_max as f64 * grain,
            full_since: row.meter.fullness.since(),
            was_full: row.meter.fullness.ended(world.now),
            service: row.instance.map(|instance| world.instances[instance].service),
            instance: row.instance,
            machine: row.machine,
            group: row.machine.map(|machine| world.machines[machine].group),
            ordinal: match (row.instance, row.machine) {
                (Some(instance), _) => Some(world.instances[instance].ordinal),
                (None, machine) => machine.map(|machine| world.machines[machine].ordinal),
            },
            link: row.link,
            lock: row.lock,
            name: &row.name,
        }
    }

    /// What a service had of the cores (or the disks) of the machines that hosted it.
    #[must_use]
    pub fn hosted(&self, service: ServiceId, kind: ResourceKind) -> HostedView {
        let all = self.world().hosted(service, kind);
        let grain = NANOS / kind.grains() as f64;
        HostedView {
            busy_seconds: all.busy as f64 * grain,
            waiting_seconds: all.waiting as f64 * NANOS,
            capacity_seconds: all.hosting as f64 * grain,
        }
    }

    /// Every instance there ever was, by id.
    pub fn instances(&self) -> impl Iterator<Item = InstanceView> + '_ {
        self.world().instances.iter().map(|state| InstanceView {
            service: state.service,
            ordinal: state.ordinal,
            machine: state.machine,
            up: matches!(state.availability, Availability::Up | Availability::Draining),
            booting: state.availability == Availability::Booting,
            draining: state.availability == Availability::Draining,
            removed: state.availability == Availability::Removed,
            workers: state.workers,
            busy: state.busy,
            waiting: state.backlog.len,
            in_flight: state.in_flight,
            connections: state.connections,
            memory_bytes: state.memory,
        })
    }

    /// Every machine there ever was, by index.
    pub fn machines(&self) -> impl Iterator<Item = MachineView> + '_ {
        self.world().machines.iter().map(|state| MachineView {
            group: state.group,
            ordinal: state.ordinal,
            up: matches!(state.availability, Availability::Up | Availability::Draining),
            booting: state.availability == Availability::Booting,
            draining: state.availability == Availability::Draining,
            ordered_at: state.ordered_at,
            removed_at: state.removed_at,
        })
    }

    /// Instances of a service that no machine has room for.
    #[must_use]
    pub fn pending(&self, service: ServiceId) -> u32 {
        self.world().pending(service)
    }

    /// A source's counts.
    #[must_use]
    pub fn source(&self, source: SourceId) -> SourceView {
        let state = &self.world().sources[source];
        SourceView { sessions: state.sessions, requests: state.requests, in_flight: state.requests - state.ended }
    }

    /// `app/0`
    #[must_use]
    pub fn instance_name(&self, instance: InstanceId) -> String {
        let state = &self.world().instances[instance];
        format!("{}/{}", self.model().services[state.service].name, state.ordinal)
    }

    /// `web/1`
    #[must_use]
    pub fn machine_name(&self, machine: MachineId) -> String {
        let state = &self.world().machines[machine];
        format!("{}/{}", self.model().groups[state.group].name, state.ordinal)
    }

    /// Executions there are: what the memory of a run is proportional to.
    #[must_use]
    pub fn executions(&self) -> usize {
        self.world().execs.len()
    }

    /// Events that wait in the agenda, void timeouts included.
    #[must_use]
    pub fn agenda_len(&self) -> usize {
        self.world().agenda.stored()
    }
}
