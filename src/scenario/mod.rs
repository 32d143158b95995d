//! What the user wrote: the language's nouns one to one with the file, and how it is read, checked, patched and saved.

pub mod amount;
pub mod condition;
mod link;
mod machine;
pub mod named;
pub mod nearest;
mod noun;
pub mod objective;
pub mod problem;
mod profile;
mod retry;
mod root;
mod runbook;
mod service;
mod step;
pub mod text;
mod traffic;

use std::sync::Arc;

pub use amount::Amount;
pub use link::{Balance, Cancel, Connections, Handshake, Health, Link, NoneHealthy};
pub use machine::Machine;
pub use named::Named;
pub use profile::{Count, Profile};
pub use retry::{Budget, Reason, Retry};
pub use problem::{Problem, Severity, render};
pub use root::{Scenario, Variant};
pub use runbook::{Action, Rule};
pub use service::{Backlog, Contention, Kind, Memory, Scheduling, Service};
pub use step::Step;
pub use text::RonText;
pub use traffic::{Access, Then, Traffic};

/// A scenario that was read and checked, with the text it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the file is called in messages.
    pub name: String,
    /// The text, patches applied.
    pub text: Arc<str>,
    /// What it says.
    pub scenario: Arc<Scenario>,
    /// Legal, but surely not what was meant.
    pub warnings: Vec<Problem>,
}
