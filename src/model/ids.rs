//! The positions of what a model is made of.

use crate::ids::ids;

ids! {
    /// A machine group.
    GroupId
    /// A service.
    ServiceId
    /// An operation of a service.
    OperationId
    /// A link: (caller service or source) → callee service.
    LinkId
    /// What requests are about.
    KeyId
    /// A lock of a service.
    LockId
    /// A source of traffic.
    SourceId
    /// A rule of the runbook.
    RuleId
    /// A place in a program where an operation is called.
    SiteId
    /// A constant duration; the engine keeps one FIFO lane for each.
    LaneId
    /// An amount; the first is always the constant 0.
    AmountId
}
