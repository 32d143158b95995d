//! The one door in: what somebody outside wants of a running simulation.

use crate::model::{Action, Model};
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A command from outside. Commands are logged; a run is a function of (model, seed, log).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// An action of the runbook, now.
    Act(Action),
    /// The system itself changes: a model compiled after the current one. Ids stay, what is gone drains.
    Replace(Arc<Model>),
}

/// A command and the instant it was applied, before that instant's events.
#[derive(Clone, Debug)]
pub struct Logged {
    /// When it took effect.
    pub time: Time,
    /// What was wanted.
    pub command: Command,
}
