//! Machines: what everything runs on.
use super::described::record;
use crate::units::{Bandwidth, Bytes, Percent, Price, Rate, Span};

record! {
    /// Credits of a burstable machine: earned steadily, spent by the cores in use; with none left the cores are held at
    /// what is earned.
    pub struct Burst {
        /// Earned all the time, as a share of all cores.
        baseline: Percent [0.001..=1.0],
        /// Core time to spend at the start.
        credits: Span = Span::ZERO,
        /// Most that is kept. Absent: `credits`.
        most: Option<Span> = None,
    }
}

record! {
    /// A group of equal machines.
    pub struct Machine {
        /// How many there are at the start.
        count: u32 [0.0..=100_000.0] = 1,
        /// Cores of each.
        cores: u32 [1.0..=1024.0] = 1,
        /// Work done by one core per second, relative to the reference core.
        speed: f64 [0.001..=1000.0] = 1.0,
        /// Memory of each.
        memory: Bytes = Bytes::gib(4),
        /// Swap of each; a machine that uses it slows down.
        swap: Bytes = Bytes(0),
        /// Bandwidth of each, shared by the transfers in progress: what it sends, and apart from that what users upload
        /// to it. Absent: unlimited.
        network: Option<Bandwidth> = None,
        /// Disk operations each does per second, one after another. Absent: unlimited.
        iops: Option<Rate> = None,
        /// Cores that run at full speed while credits last. Absent: always.
        burst: Option<Burst> = None,
        /// From the order for a new machine until its services start.
        boot: Span = Span::ZERO,
        /// What one costs.
        price: Price = Price(0.0),
    }
}
