//! Stores: what is kept to be found again.
use super::described::{choice, record};
use crate::units::{Bytes, Span};
use serde::{Deserialize, Serialize};

/// The operations of a `Cache`.
pub const CACHE_OPERATIONS: [&str; 3] = ["get", "set", "delete"];

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
        /// Of those who miss the same key one goes on to get it, the others wait for that one.
        single_flight: bool = false,
        /// What `Put` puts here is written elsewhere later. Absent: `Put` is all there is.
        write_back: Option<WriteBack> = None,
    }
}

record! {
    /// How entries that were `Put` are written elsewhere: in the background, when they leave and at checkpoints. A
    /// crash loses what is not written yet.
    pub struct WriteBack {
        /// What is called once for each of them, `"svc.op"`, over the link to its service.
        to: String as Call,
        /// From one checkpoint to the next. Absent: only when they expire or make room.
        every: Option<Span> = None,
    }
}

choice! {
    /// Which entry of a full store makes room.
    #[derive(Copy, Serialize, Deserialize)]
    pub enum Evict {
        /// The one not asked for the longest.
        Lru,
        /// The one there the longest.
        Fifo,
        /// Any of them, with equal chance.
        Random,
    }
}
