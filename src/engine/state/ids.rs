//! The positions of what a running system is made of. They are given out once and stay for the run.

use crate::ids::ids;
use serde::{Deserialize, Serialize};

ids! {
    /// A machine there is or was.
    MachineId
    /// An instance of a service there is or was.
    InstanceId
    /// A caller's end of a link: at one instance, or at a whole crowd.
    ClientId
    /// A row of the resource table.
    ResourceId
    /// Resources of one kind and owner taken together.
    AlikeId
    /// A store of one instance.
    StoreId
    /// A lock of one instance.
    InstanceLockId
    /// A rolling deploy.
    DeployId
    /// A change of size under way; its place is given again once it is done.
    ResizeId
    /// A connection that a user may leave open; its place is given again.
    VisitorId
}

/// No place in the slab.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// An execution, and which of those that used its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExecRef {
    /// Position in the slab.
    pub index: u32,
    /// Uses of that position before this one.
    pub generation: u32,
}

impl ExecRef {
    /// Refers to no execution: nothing that is alive has its index.
    pub const NOBODY: Self = Self { index: NOWHERE, generation: 0 };
}
