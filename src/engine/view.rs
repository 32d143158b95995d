//! The one door out: a read-only look at a running simulation.
use crate::model::{GroupId, LinkId, Model, ServiceId, SourceId};
use crate::units::Time;

/// What kind of thing saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceKind {
    /// A machine's cores. Capacity in cores; `busy` in core-seconds.
    Cpu,
    /// An event loop or thread cap of an instance. Capacity in threads.
    Threads,
    /// Capacity in workers; `waiting` = its backlog.
    Workers,
    /// Inbound connections (max_connections).
    Connections,
    /// Sockets (descriptors).
    Descriptors,
    /// Kept connections of a link, per caller instance.
    Pool,
    /// Bytes of an instance (limit) or a machine (RAM + swap).
    Memory,
    /// A machine's egress, bytes/s.
    Network,
}

/// One resource with its running integrals, all since the run began (at -warm_up). Differences of two looks give means.
/// Resources are appended as machines and instances appear and keep their index for the run.
#[derive(Clone, Copy, Debug)]
pub struct ResourceView<'a> {
    pub kind: ResourceKind,
    pub capacity: f64,
    /// Units in use now / waiting for it now.
    pub level: f64, pub waiting: u32,
    /// ∫ level dt in unit-seconds, ∫ waiting dt in seconds, ∫ capacity dt (0 while down), exact to now.
    pub busy_seconds: f64, pub waiting_seconds: f64, pub capacity_seconds: f64,
    /// Turned away because of it, total.
    pub refused: u64,
    /// Most waiting / highest level at one time since the run began.
    pub waiting_max: u32, pub level_max: f64,
    pub service: Option<ServiceId>, pub instance: Option<u32>, pub machine: Option<u32>, pub group: Option<GroupId>, pub link: Option<LinkId>,
    /// "app/0.workers", "db/0.cpu" (machine name), "app/1.pool(rds)"
    pub name: &'a str,
}
/// `View::resources()` and friends are implemented on Simulation: see simulation.rs.
#[derive(Clone, Copy, Debug)]
pub struct InstanceView { pub service: ServiceId, pub ordinal: u32, pub machine: Option<u32>, pub up: bool, pub booting: bool, pub in_flight: u32, pub connections: u32, pub memory_bytes: u64 }
#[derive(Clone, Copy, Debug)]
pub struct MachineView { pub group: GroupId, pub ordinal: u32, pub up: bool, pub booting: bool, pub ordered_at: Time, pub removed_at: Option<Time> }
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceView { pub sessions: u32, pub requests: u64, pub in_flight: u64 }
#[doc(hidden)] pub fn _unused(_: &Model, _: SourceId) {}
