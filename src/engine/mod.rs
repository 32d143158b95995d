//! The discrete-event core: pure, deterministic, cloneable.
//!
//! A [`Simulation`] plays a [`Model`](crate::model::Model): events that *will* happen wait in the agenda; what *did*
//! happen is told to an [`Observer`]; what somebody outside *wants* comes in as a [`Command`]. No I/O, no clock, no
//! threads, no globals.
//!
//! Invariants: time never goes back; events at one instant happen in the order they were made; whoever takes a slot has
//! one place where it is given back; random numbers are keyed, not drawn in turn; nothing here depends on whether it is
//! observed.

mod admission;
mod affinity;
mod agenda;
mod arrivals;
mod backlog;
mod balance;
mod broker;
mod bursts;
mod burst;
mod call;
mod client;
mod command;
mod compact;
mod cpu;
mod device;
mod doors;
mod drain;
mod deploy;
mod event;
mod execution;
mod failure;
mod guard;
mod health;
mod hedge;
mod hold;
mod life;
mod lock;
mod machine;
mod memory;
mod meter;
mod network;
mod observation;
mod placement;
mod partition;
mod packed;
mod pool;
mod program;
mod replace;
mod request;
mod retry;
pub mod rng;
mod runbook;
pub mod sample;
mod scale;
mod sets;
mod simulation;
mod store;
mod stores;
#[cfg(test)]
mod tests;
mod view;
mod visitors;
mod weight;
mod world;

pub use command::{Command, Logged};
pub use execution::{Deed, ExecutionView, Start, Traffic, Whereabouts};
pub use observation::{
    Activity, Cause, Limit, Observation, Observer, Outcome, ResourceRef, Scaling, Silent, Skipped, WorkKind,
};
pub use packed::Packed;
pub use request::ExecRef;
pub use sets::Reads;
pub use simulation::{Advance, Simulation};
pub use store::Counts;
pub use stores::StoreView;
pub use view::{InstanceView, MachineView, ResourceKind, ResourceView, SourceView};
pub use world::Stop;
