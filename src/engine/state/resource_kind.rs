//! The kinds of resources.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of thing saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A machine's cores.
    Cpu,
    /// Cores that an instance may use, where they are limited.
    Quota,
    /// Instances of a service that is placed where there is room; those waiting are pending.
    Instances,
    /// The threads of an instance that caps them (an event loop has one).
    Threads,
    /// An instance's workers; who waits is its backlog.
    Workers,
    /// Inbound connections of an instance.
    Connections,
    /// Of these (or of the workers, where those stay with connections), what is kept by connections with nothing to do.
    KeepAlive,
    /// Sockets of an instance, inbound and outbound.
    Descriptors,
    /// Messages of a broker: in use are those in delivery, waiting the others.
    Queue,
    /// A lock of an instance; with a key, taken while somebody waits for one of its values.
    Lock,
    /// Kept connections of a link, at one calling instance.
    Pool,
    /// Places at the targets of a link, at one calling instance.
    Slots,
    /// Bytes of an instance or a machine.
    Memory,
    /// Bytes per second a machine sends.
    Network,
    /// Bytes per second users upload to a machine.
    Ingress,
    /// Operations per second of a machine's disk.
    Disk,
}

impl ResourceKind {
    /// Its name in results and in conditions: "cpu", "workers", ...
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Quota => "quota",
            Self::Instances => "instances",
            Self::Threads => "threads",
            Self::Workers => "workers",
            Self::Connections => "connections",
            Self::Descriptors => "descriptors",
            Self::KeepAlive => "keep_alive",
            Self::Queue => "queue",
            Self::Pool => "pool",
            Self::Slots => "slots",
            Self::Lock => "lock",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Ingress => "ingress",
            Self::Disk => "disk",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ResourceKind {
    /// Meters count whole numbers: of what is used in parts, so small ones that an f64 is the same.
    pub(crate) const fn grains(self) -> u64 {
        match self {
            Self::Cpu | Self::Quota | Self::Disk => 1 << 20,
            Self::Instances
            | Self::Slots
            | Self::Queue
            | Self::Threads
            | Self::Workers
            | Self::Connections
            | Self::KeepAlive
            | Self::Descriptors
            | Self::Lock
            | Self::Pool
            | Self::Memory
            | Self::Network
            | Self::Ingress => 1,
        }
    }
}
