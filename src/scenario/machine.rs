//! Machines: what everything runs on.
use super::noun::record;
use crate::units::{Bandwidth, Bytes, Price, Span};

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
        /// Egress of each, shared by the transfers in progress. Absent: unlimited.
        network: Option<Bandwidth> = None,
        /// From the order for a new machine until its services start.
        boot: Span = Span::ZERO,
        /// What one costs.
        price: Price = Price(0.0),
    }
}
