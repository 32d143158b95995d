//! Copies of a run that are kept: what they hold and what they take.

pub mod compact;
pub mod footprint;
pub mod packed;
