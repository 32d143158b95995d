//! Conditions of the runbook: `app.workers > 90%`.
use super::{GroupId, ServiceId, SourceId};

/// A comparison of a metric's mean over the rule's window.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub metric: Metric,
    pub above: bool,
    pub threshold: f64,
}

/// What controllers can read: engine state only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// `svc.workers`: busy share, mean over instances that are up.
    Workers(ServiceId),
    /// `svc.cpu`: used share of the cores of its machines.
    ServiceCpu(ServiceId),
    /// `group.cpu`
    GroupCpu(GroupId),
    /// `svc.disk`: busy share of the disks of its machines.
    ServiceDisk(ServiceId),
    /// `group.disk`
    GroupDisk(GroupId),
    /// `svc.backlog`: mean number waiting per instance.
    Backlog(ServiceId),
    /// `svc.queue`: messages waiting.
    Queue(ServiceId),
    /// `svc.connections`: mean number per instance.
    Connections(ServiceId),
    /// `svc.memory`: share of its limit (or of the machine).
    Memory(ServiceId),
    /// `svc.up`: instances that serve, a number.
    Up(ServiceId),
    /// `source.failed`: share of the requests that ended in the window.
    Failed(SourceId),
    /// `source.rate`: requests offered per second.
    Offered(SourceId),
}
