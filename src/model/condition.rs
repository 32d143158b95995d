//! Conditions of the runbook: `app.workers > 90%`.
use super::{GroupId, ServiceId, SourceId};
use crate::scenario::metric::{Metric, Resource};
use serde::{Deserialize, Serialize};

/// A comparison of a metric's mean over the rule's window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub watched: Watched,
    pub above: bool,
    pub threshold: f64,
}

/// What controllers and conditions watch: engine state only.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// One that conditions can ask.
    pub metric: Metric,
    /// Whom it is asked of.
    pub of: Asked,
}

/// Whom a metric is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    Source(SourceId),
    Service(ServiceId),
    /// What the instances of a service have, or the machines it runs on.
    OfService(ServiceId, Resource),
    /// What the machines of a group have.
    OfGroup(GroupId, Resource),
}
