//! Machines, instances and sources: what a running system is made of.

use crate::engine::callee::backlog::Backlog;
use crate::engine::machine::cpu::Processor;
use crate::engine::state::cpu_credits::Credits;
use crate::engine::state::ids::{
    AlikeId, ClientId, DeployId, InstanceId, InstanceLockId, MachineId, ResourceId, StoreId,
};
use crate::engine::state::meter::Meter;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::time::agenda::Slot;
use crate::model::{GroupId, LinkId, LockId, Service, ServiceId};
use crate::units::Time;

/// Whether it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// Ordered, not yet there.
    Booting,
    Up,
    /// Crashed or stopped; callers may still believe in it.
    Down,
    /// Finishes what it has and takes nothing new.
    Draining,
    Removed,
}

/// A machine of a group, or the endless one of a service that runs nowhere (no cores are modelled there).
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub group: GroupId,
    pub ordinal: u32,
    pub availability: Availability,
    pub ordered_at: Time,
    pub removed_at: Option<Time>,
    pub speed: f64,
    /// Runbook slow-down, 1 normally.
    pub slow: f64,
    /// Slow-down by swapping, 1 normally.
    pub swapping: f64,
    pub ram: u64,
    pub swap: u64,
    pub memory: u64,
    pub cpu: Processor,
    pub cpu_slot: Slot,
    /// Its disk and network, where they are limited.
    pub devices: Vec<Device>,
    /// Rates must be set anew before time goes on.
    pub dirty: bool,
    /// Where it has credits: what is left of them.
    pub credits: Option<Credits>,
    pub instances: Vec<InstanceId>,
    /// Of these, processes that are up.
    pub processes: u32,
    /// Parties of its CPU whose instances are gone for good.
    pub free_parties: Vec<u32>,
    pub cpu_meter: ResourceId,
    pub memory_meter: Option<ResourceId>,
}

/// A disk or one direction of a network: work that is not the cores'.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub kind: ResourceKind,
    /// Operations or bytes per second.
    pub line: Processor,
    pub slot: Slot,
    /// None: it limits nothing by itself.
    pub meter: Option<ResourceId>,
}

impl Machine {
    /// Whether it answers at all.
    #[inline]
    pub(crate) fn is_reachable(&self) -> bool {
        !matches!(self.availability, Availability::Down | Availability::Removed)
    }

    /// The place of its device of a kind.
    pub(crate) fn device(&self, kind: ResourceKind) -> Option<usize> {
        self.devices.iter().position(|device| device.kind == kind)
    }
}

/// One process of a service.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub service: ServiceId,
    pub ordinal: u32,
    /// None: it runs nowhere.
    pub machine: Option<MachineId>,
    /// Its party on the machine's CPU.
    pub party: u32,
    pub availability: Availability,
    /// Lives before this one: voids start events of an earlier life.
    pub epoch: u32,
    /// The deploy that replaces it now.
    pub deploy: Option<DeployId>,
    pub workers: u32,
    pub backlog_limit: u32,
    pub max_connections: u32,
    pub descriptor_limit: u32,
    pub busy: u32,
    /// Connections with nothing to do, of users and of those who hold a worker.
    pub resting: u32,
    /// No new connections before this.
    pub reloading: Time,
    pub backlog: Backlog,
    /// Calls in the backlog or in work.
    pub in_flight: u32,
    /// Executions of any kind here, holders of a connection too: what a drain waits for.
    pub residents: u32,
    /// While it drains: calls on their way to it, which it still serves.
    pub coming: u32,
    pub connections: u32,
    pub descriptors: u32,
    pub memory: u64,
    pub memory_limit: u64,
    pub leaked: u64,
    /// Its stores, in the order of the service's.
    pub stores: Vec<StoreId>,
    /// Its locks, in the order of the service's.
    pub locks: Vec<InstanceLockId>,
    /// Link ends, in the order of the service's links.
    pub clients: Vec<ClientId>,
    pub workers_meter: Option<ResourceId>,
    pub resting_meter: Option<ResourceId>,
    pub connections_meter: Option<ResourceId>,
    pub descriptors_meter: Option<ResourceId>,
    /// Of its descriptors, those of inbound connections; where descriptors are limited.
    pub inbound: Option<Box<Meter>>,
    pub threads_meter: Option<ResourceId>,
    pub quota_meter: Option<ResourceId>,
    pub memory_meter: Option<ResourceId>,
}

impl Instance {
    /// One that has nothing yet, and no rows.
    pub(crate) fn new(spec: &Service, service: ServiceId, ordinal: u32, machine: Option<MachineId>) -> Self {
        Self {
            service,
            ordinal,
            machine,
            party: 0,
            availability: Availability::Booting,
            epoch: 0,
            deploy: None,
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
            workers_meter: None,
            resting_meter: None,
            connections_meter: None,
            descriptors_meter: None,
            inbound: None,
            threads_meter: None,
            quota_meter: None,
            memory_meter: None,
        }
    }
}

/// A source at work.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub slot: Slot,
    /// Arrivals (or sessions begun) so far.
    pub arrivals: u64,
    /// Requests so far.
    pub requests: u64,
    pub ended: u64,
    pub failed: u64,
    pub sessions: u32,
    /// Requests or sessions begun: who they are.
    pub begun: u32,
    /// Closed: sessions there should be.
    pub population: u32,
    /// By the runbook.
    pub scale: f64,
    /// The factor of the present burst, its place in the list, and turns so far.
    pub burst: f64,
    pub burst_place: u32,
    pub burst_epoch: u32,
    /// Keys of sessions that were invited and have not begun, and free places among them.
    pub invited: Vec<u64>,
    pub invited_free: Vec<u32>,
    pub cursor: u32,
    /// Area under the scaled profile still to pass until the next arrival, counted from `since`.
    pub area: f64,
    pub since: Time,
    /// The next arrival's time.
    pub due: Option<Time>,
}

/// One row of the resource table.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub kind: ResourceKind,
    pub meter: Meter,
    /// Those of its kind and owner.
    pub alike: AlikeId,
    pub name: String,
    pub instance: Option<InstanceId>,
    pub machine: Option<MachineId>,
    pub link: Option<LinkId>,
    pub lock: Option<LockId>,
}

/// Reads of replicas by one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// All of them.
    pub replicas: u64,
    /// Those that saw the state before a write.
    pub stale: u64,
}
