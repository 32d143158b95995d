//! Simulated time: what will happen, and the queue it waits in.

pub mod agenda;
pub mod event;
pub mod wheel;
