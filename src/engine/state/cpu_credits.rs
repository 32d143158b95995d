//! The credits of a burstable machine.

use crate::engine::time::agenda::Slot;
use crate::units::Time;

/// What a machine has left to spend.
#[derive(Clone, Debug)]
pub(crate) struct Credits {
    /// Core-seconds of full speed that are left, at least 0.
    pub balance: f64,
    pub most: f64,
    /// Share of all cores that is earned.
    pub baseline: f64,
    /// Cores in use since `since`.
    pub used: f64,
    pub since: Time,
    pub slot: Slot,
}
