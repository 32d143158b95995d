//! What the user wrote: the language's nouns one to one with the file, and how it is read, checked, patched and saved.

pub mod amount;
mod assumed;
mod check;
pub mod condition;
pub mod csv;
pub mod fields;
pub mod form;
pub mod reference;
mod resilience;
mod key;
mod link;
mod load;
mod machine;
pub mod metric;
mod migrate;
pub mod named;
pub mod nearest;
mod described;
pub mod difference;
mod field_differences;
pub mod edit;
pub mod objective;
pub mod parts;
pub mod problem;
mod profile;
pub mod profile_points;
mod retry;
mod root;
mod runbook;
mod schema;
mod service;
pub mod sketch;
mod step;
mod store;
mod syntax;
pub mod text;
mod traffic;
mod values;
pub mod wiring;

pub use amount::Amount;
pub use assumed::{FileNumber, file_numbers};
pub use described::Described;
pub(crate) use described::show;
pub use edit::Edit;
pub use field_differences::{FieldDifference, differences};
pub use fields::{FieldRow, fields};
pub use key::Key;
pub use link::{Balance, Cancel, Connections, Deadline, Handshake, Health, Link, NoneHealthy};
pub use load::{Loaded, Places, load};
pub use machine::Machine;
pub use named::Named;
pub use problem::{Problem, Severity, render};
pub use profile::{Count, Level, Profile};
pub use resilience::{Breaker, Eject, Hedge, RateLimit};
pub use retry::{Budget, Reason, Retry};
pub use root::{Scenario, Variant};
pub use runbook::{Action, Rule, moved};
pub use schema::schema;
pub use service::{
    Backlog, Contention, DATABASE_CONNECTIONS, Drop, Instances, Kind, Memory, Order, Overflow, Scheduling, Service,
    Shed, WorkerHolds,
};
pub use step::{Step, StepKind, walk};
pub use store::{CACHE_OPERATIONS, Evict, Store, WriteBack};
pub use syntax::compact;
pub use text::RonText;
pub use traffic::{Access, Invites, Then, Traffic};
pub use values::{FieldValue, values};

/// Most rules of a runbook.
pub const RULES: usize = check::PATCHES;
