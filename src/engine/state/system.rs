//! Machines, instances and sources: what a running system is made of.

use crate::engine::callee::backlog::Backlog;
use crate::engine::machine::cpu::Processor;
use crate::engine::machine::cpu_credits::Credits;
use crate::engine::state::meter::Meter;
use crate::engine::time::agenda::Slot;
use crate::engine::view::ResourceKind;
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
    pub group: u32,
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
    pub instances: Vec<u32>,
    /// Parties of its CPU whose instances are gone for good.
    pub free_parties: Vec<u32>,
    pub cpu_meter: u32,
    pub memory_meter: u32,
}

/// A disk or one direction of a network: work that is not the cores'.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub kind: ResourceKind,
    /// Operations or bytes per second.
    pub line: Processor,
    pub slot: Slot,
    /// NONE: it limits nothing by itself.
    pub meter: u32,
}

impl Machine {
    /// The place of its device of a kind.
    pub(crate) fn device(&self, kind: ResourceKind) -> Option<usize> {
        self.devices.iter().position(|device| device.kind == kind)
    }
}

/// One process of a service.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub service: u32,
    pub ordinal: u32,
    /// NONE: it runs nowhere.
    pub machine: u32,
    /// Its party on the machine's CPU.
    pub party: u32,
    pub availability: Availability,
    /// Lives before this one: voids start events of an earlier life.
    pub epoch: u32,
    /// The deploy that replaces it now, or NONE.
    pub deploy: u32,
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
    pub stores: Vec<u32>,
    /// Its locks, in the order of the service's.
    pub locks: Vec<u32>,
    /// Link ends, in the order of the service's links.
    pub clients: Vec<u32>,
    pub workers_meter: u32,
    pub resting_meter: u32,
    pub connections_meter: u32,
    pub descriptors_meter: u32,
    pub threads_meter: u32,
    pub quota_meter: u32,
    pub memory_meter: u32,
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
    pub name: String,
    pub instance: u32,
    pub machine: u32,
    pub link: u32,
}
