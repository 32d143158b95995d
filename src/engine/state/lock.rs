//! A lock as it stands: who holds which of its key values, and who waits.

use crate::engine::state::ids::{ExecRef, InstanceLockId, ResourceId};
use crate::engine::state::request::Queue;
use crate::model::LockId;
use std::collections::BTreeMap;

/// A lock of an instance (or the fills of one of its stores).
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    pub id: LockId,
    /// Its waiters wait for different things: one key's holder says little of the others.
    pub keyed: bool,
    pub rows: BTreeMap<u64, Row>,
    pub waiting: u32,
    pub meter: ResourceId,
}

/// Who has one key value of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub holder: ExecRef,
    pub waiters: Queue,
}

/// What an execution holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub lock: InstanceLockId,
    pub value: u64,
}

impl Lock {
    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        size_of::<Self>() + self.rows.len() * 2 * size_of::<(u64, Row)>()
    }
}
