//! How instances of a service take calls in, compiled.

use super::LaneId;
pub use crate::scenario::{Drop, Order};
use serde::{Deserialize, Serialize};

/// The door of a service. Most have a plain one, at which the engine does not stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Admission {
    /// Something below is not as usual.
    pub special: bool,
    pub order: Order,
    pub drop: Drop,
    /// What finds no room gets no answer, and the caller's system sends it again.
    pub silent: bool,
    /// (share of busy workers above which it acts, priority below which a call is turned away)
    pub shed: Vec<(f64, u8)>,
    /// From the beginning of an operation until it is given up.
    pub deadline: Option<LaneId>,
}

impl Admission {
    /// Decides whether it is special.
    pub fn of(order: Order, drop: Drop, silent: bool, shed: Vec<(f64, u8)>, deadline: Option<LaneId>) -> Self {
        let special = order != Order::Fifo || drop != Drop::Never || silent || !shed.is_empty() || deadline.is_some();
        Self { special, order, drop, silent, shed, deadline }
    }
}
