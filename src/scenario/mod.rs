//! What the user wrote: the language's nouns one to one with the file, and how it is read, checked, patched and saved.

pub mod amount;
mod check;
pub mod condition;
mod link;
mod load;
mod machine;
mod migrate;
pub mod named;
pub mod nearest;
mod noun;
pub mod objective;
pub mod path;
pub mod problem;
mod profile;
mod retry;
mod root;
mod runbook;
mod service;
mod step;
mod syntax;
pub mod text;
mod traffic;

pub use amount::Amount;
pub use link::{Balance, Cancel, Connections, Handshake, Health, Link, NoneHealthy};
pub use load::{Loaded, load};
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
