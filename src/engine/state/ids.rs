//! The positions of what a running system is made of. They are given out once and stay for the run.

use crate::ids::ids;

ids! {
    /// A machine there is or was.
    MachineId
    /// An instance of a service there is or was.
    InstanceId
    /// A caller's end of a link: at one instance, or at a whole crowd.
    ClientId
    /// A row of the resource table.
    ResourceId
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
