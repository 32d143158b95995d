//! Writes of databases that have not reached a replica.

use crate::engine::state::ids::InstanceId;
use crate::model::{OperationId, SourceId};

/// What an operation at a primary has written, on its way to a replica: who wrote it, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub source: SourceId,
    pub operation: Option<OperationId>,
    pub number: u64,
    pub user: u32,
    pub key: u64,
    pub value: u64,
}

/// A primary and one of its replicas.
pub(crate) type Pair = (InstanceId, InstanceId);
