//! Machines and instances come, fail, drain, move, and change with the model.

pub mod availability;
pub mod drain;
pub mod failure;
pub mod placement;
pub mod replace;
