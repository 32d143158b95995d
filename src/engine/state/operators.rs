//! What operators and controllers have under way: rules, changes of size, deploys.

use crate::engine::state::ids::InstanceId;
use crate::model::{GroupId, ServiceId};
use crate::units::{Bytes, Span, Time};
use std::collections::VecDeque;

/// Where a rule stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleState {
    /// Readings (two integrals) at the start of the window; none before the first look.
    pub reading: Option<(f64, f64)>,
    /// Since when the condition has held.
    pub holds_since: Option<Time>,
    /// It has fired, or is about to.
    pub spent: bool,
    /// How often it began: what is on the agenda from before is void.
    pub epoch: u32,
    pub controller: Controller,
}

/// A change of size under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resize {
    pub group: GroupId,
    pub cores: Option<u32>,
    pub memory: Option<Bytes>,
    pub outage: Span,
}

/// What a controller remembers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Controller {
    /// Readings of the window, the oldest first.
    pub readings: VecDeque<(Time, (f64, f64))>,
    /// It does nothing before.
    pub rests_until: Option<Time>,
}

/// A deploy in progress.
#[derive(Clone, Debug)]
pub(crate) struct Deploy {
    pub service: ServiceId,
    pub begun: Time,
    /// Instances whose turn is to come.
    pub left: VecDeque<InstanceId>,
    /// How many are being replaced, and how many may be at once.
    pub going: u32,
    pub at_once: u32,
    pub takes: i64,
    pub drain: Option<i64>,
}
