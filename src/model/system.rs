//! Machines, services and operations, compiled.

use super::{Admission, GroupId, KeyId, LaneId, LinkId, LockId, OperationId, Pc, ServiceId, Store};
use crate::units::{Bytes, Span};
use serde::{Deserialize, Serialize};

/// A group of equal machines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    /// Gone from the scenario; what is there drains.
    pub retired: bool,
    /// Machines at the start.
    pub count: u32,
    pub cores: u32,
    /// Work of one core per second, in seconds of a reference core.
    pub speed: f64,
    pub memory: Bytes,
    pub swap: Bytes,
    /// Of one machine in each direction, bytes per second; infinite when unlimited.
    pub network: f64,
    /// Disk operations of one machine per second; infinite when unlimited.
    pub iops: f64,
    pub burst: Option<CpuCredits>,
    /// From the order of a machine until its services start.
    pub boot: Span,
    /// Money per hour and machine.
    pub price: f64,
    /// Services with an instance on each machine of this group, in file order.
    pub services: Vec<ServiceId>,
}

/// What a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Server,
    /// Each of its operations forwards to the one of the same name behind it.
    Balancer,
    /// A broker: each of its operations puts a message to the one of the same name behind it. u32::MAX: any depth.
    Queue {
        depth: u32,
        durable: bool,
    },
    Database,
    /// Its operations serve its one store.
    Cache,
    /// A third party: no machine.
    External,
}

/// How many instances there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placement {
    PerMachine(u32),
    /// In all, where there is room.
    Count(u32),
}

/// Credits of a burstable machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuCredits {
    /// Share of all cores that is earned.
    pub baseline: f64,
    /// Core-seconds at the start, and most.
    pub credits: f64,
    pub most: f64,
}

impl Service {
    /// Memory an instance is placed by: its limit, or what it takes with nothing to do.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        if self.memory.limit < u64::MAX {
            return self.memory.limit;
        }
        let workers = if self.workers < u32::MAX { u64::from(self.workers) } else { 0 };
        self.memory.idle.saturating_add(self.memory.per_worker.saturating_mul(workers))
    }
}

/// A piece of software; limits are per instance, u32::MAX = unlimited.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    pub name: String,
    /// The name it had first: random draws of its own are keyed by it.
    pub first_name: String,
    pub retired: bool,
    pub kind: Kind,
    /// Bytes run through it and wait for nobody: a balancer that does not buffer.
    pub relays: bool,
    pub placement: Placement,
    /// Weight of each thread against those of other services.
    pub weight: f64,
    /// Most cores of an instance; infinite when unlimited.
    pub cpu_limit: f64,
    /// Groups it is placed on; empty: one instance on an infinite machine of its own.
    pub groups: Vec<GroupId>,
    /// Requests served at once.
    pub workers: u32,
    /// Threads that can burn CPU at once.
    pub threads: u32,
    /// Inbound connections of an instance at most.
    pub max_connections: u32,
    /// Sockets, inbound and outbound.
    pub descriptors: u32,
    /// Places to wait for a worker.
    pub backlog: u32,
    /// A worker stays with its connection until that closes.
    pub pins: bool,
    /// A user's connection closes after resting so long; None: after each reply.
    pub keep_alive: Option<LaneId>,
    /// No new connections for so long when it is reloaded.
    pub reload: Span,
    /// How calls are taken in.
    pub door: Admission,
    /// true: ready tasks are served oldest first (an event loop).
    pub fifo: bool,
    pub memory: Memory,
    /// From a crash until it serves again; None: it stays down.
    pub restart: Option<Span>,
    /// Universal Scalability Law: contention.
    pub sigma: f64,
    /// Universal Scalability Law: coherence.
    pub kappa: f64,
    /// A database whose instances are shards and replicas.
    pub sets: Option<Replication>,
    /// What each instance keeps, retired ones too.
    pub stores: Vec<Store>,
    /// Locks of each instance.
    pub locks: Vec<LockId>,
    /// Outgoing links.
    pub links: Vec<LinkId>,
    /// What it offers, retired ones too.
    pub operations: Vec<OperationId>,
}

/// How the instances of a database form sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// Set k is shard k; None: a set by request.
    pub shard_by: Option<KeyId>,
    /// Of each set, those that follow the first.
    pub replicas: u32,
    /// The program of a write at a replica.
    pub replay: Pc,
}

/// Bytes an instance needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// At least one field is set.
    pub any: bool,
    pub idle: u64,
    pub per_worker: u64,
    pub per_connection: u64,
    pub per_request: u64,
    pub leak_per_request: u64,
    /// The process dies above it; u64::MAX when absent.
    pub limit: u64,
}

/// An operation of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// "svc.op"
    pub name: String,
    pub service: ServiceId,
    pub retired: bool,
    /// It only reads: replicas serve it.
    pub reads: bool,
    /// Where its program begins.
    pub entry: Pc,
    /// Hash of the name: identity of random draws, the same in every variant.
    pub key: u64,
}
