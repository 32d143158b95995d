//! Stores: what is kept to be found again.
use super::noun::{choice, record};
use crate::units::{Bytes, Span};

record! {
    /// Entries by key, in the memory of each instance; cold after a restart.
    pub struct Store {
        /// Most entries; for one more another is evicted. Absent: unlimited.
        capacity: Option<u32> [1.0..=100_000_000.0] = None,
        /// Memory of an entry.
        entry: Bytes = Bytes(0),
        /// Which entry makes room.
        evict: Evict = Evict::Lru,
        /// An entry is forgotten so long after it was put there. Absent: never.
        ttl: Option<Span> = None,
        /// Being found begins its time anew.
        sliding: bool = false,
    }
}

choice! {
    /// Which entry of a full store makes room.
    #[derive(Copy)]
    pub enum Evict {
        /// The one not asked for the longest.
        Lru,
        /// The one there the longest.
        Fifo,
        /// Any.
        Random,
    }
}
