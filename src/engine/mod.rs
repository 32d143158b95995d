//! The discrete-event core: pure, deterministic, cloneable.
//!
//! A [`Simulation`] plays a [`Model`](crate::model::Model): events that *will* happen wait in the agenda; what *did*
//! happen is told to an [`Observer`]; what somebody outside *wants* comes in as a [`Command`]. No I/O, no clock, no
//! threads, no globals.
//!
//! Invariants: time never goes back; events at one instant happen in the order they were made; what is taken is given
//! back once, on the long way or the short one; random numbers are keyed, not drawn in turn; nothing here depends on
//! whether it is observed.

mod activity;
mod callee;
mod caller;
mod command;
mod data;
mod lifecycle;
mod machine;
mod observation;
mod operators;
mod program;
pub mod random;
mod simulation;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod time;
mod traffic;
mod view;
mod wake;

pub use command::{Command, Logged};
pub use data::lookup::StoreView;
pub use data::store::Counts;
pub use observation::{
    Activity, ActivityCode, Belief, Cause, Limit, Observation, Observer, Outcome, Scaling, Silent, Skipped, WorkKind,
};
pub use simulation::{Advance, Simulation};
pub use snapshot::packed::Packed;
pub use state::ids::{ExecRef, InstanceId, MachineId, ResourceId};
pub use state::limits::{Limits, Stop};
pub use state::resource_kind::ResourceKind;
pub use state::system::Reads;
pub use view::execution::{ExecutionState, ExecutionView, Start, Traffic, Whereabouts};
pub use view::{HostedView, InstanceView, MachineView, ResourceView, SourceView};
