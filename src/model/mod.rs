//! The checked, resolved, immutable form of a scenario: stable ids, flat programs, compiled amounts.
//!
//! `Scenario → Model` is the only door into the engine. Ids are positions and are never reused: a model compiled
//! *after* another keeps every id of it, marks what disappeared as retired and appends what is new (programs too: the
//! old code stays, so that work in flight finishes the program it began).

pub mod amount;
mod compile;
pub mod condition;
pub mod admission;
pub mod hash;
mod ids;
mod resilience;
mod link;
pub mod profile;
pub mod program;
pub mod store;
mod system;
mod traffic;
mod action_ids;
mod action_text;

use crate::ids::Table;
use crate::scenario::Scenario;
use crate::units::Span;
pub use admission::Admission;
pub use amount::{Amount, Gauge};
#[cfg(test)]
pub(crate) use compile::COMPILATIONS;
pub use condition::{Asked, Condition, Watched};
pub use ids::{AmountId, GroupId, KeyId, LaneId, LinkId, LockId, OperationId, RuleId, ServiceId, SiteId, SourceId};
pub use link::{Balance, Budget, Caller, Cancel, Health, Link, Retry, Site};
pub use profile::Profile;
pub use program::{CodeEntry, Instr, NO_PC, Pc};
pub use resilience::{Breaker, Eject, Guards, Hedge, RateLimit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
pub use store::{About, Access, Key, Lock, Store, Verb};
pub use system::{CpuCredits, Group, Kind, Memory, Operation, Placement, Replication, Service};
pub use traffic::{Action, Change, Invites, Objective, Rule, Scaler, Scope, Side, Source, SourceKind, Target, Trigger};

/// Everything a run needs to know about the system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Model {
    /// What it was compiled from (variant and `--set` applied).
    #[serde(with = "meaning")]
    pub scenario: Arc<Scenario>,
    /// The scenario's text after edits: what `edited` goes on from.
    pub text: Arc<str>,
    /// Hash of `text`'s meaning (the re-serialized scenario), as 16 hex digits in reports.
    pub digest: u64,
    /// Identity of this model with all those it was compiled after, and of the last of them; 0: none.
    pub lineage: u64,
    pub parent: u64,
    /// Length of warm-up: the run starts at `-warm_up`.
    pub warm_up: Span,
    /// The run ends at this time.
    pub horizon: Span,
    pub keys: Table<KeyId, Key>,
    pub locks: Table<LockId, Lock>,
    pub groups: Table<GroupId, Group>,
    pub services: Table<ServiceId, Service>,
    pub operations: Table<OperationId, Operation>,
    pub links: Table<LinkId, Link>,
    pub sources: Table<SourceId, Source>,
    /// Some link tells its callee until when the caller waits.
    pub passes_deadlines: bool,
    pub sites: Table<SiteId, Site>,
    /// Every program, one after another.
    pub code: Vec<CodeEntry>,
    /// Entry points of `Fork` branches, flat.
    pub branches: Vec<Pc>,
    /// (cumulative probability, entry) of `Choose`, flat; the last of each choice is 1.0.
    pub choices: Vec<(f64, Pc)>,
    /// The programs in these tables, by the key of their first step: what is known is not added again.
    #[serde(skip)]
    programs: BTreeMap<u64, Vec<program::Program>>,
    pub amounts: Table<AmountId, Amount>,
    /// Distinct constant durations. The first is always 0 ns.
    pub lanes: Table<LaneId, Span>,
    /// Distinct limits of one transfer, bytes per second; the first is none.
    pub paces: Vec<f64>,
    /// Some step receives bytes.
    pub receives: bool,
    /// Some balancer buffers.
    pub buffers: bool,
    pub rules: Table<RuleId, Rule>,
    pub objectives: Vec<Objective>,
}

/// A scenario as the text of all it says.
mod meaning {
    use crate::scenario::Scenario;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::sync::Arc;

    pub fn serialize<S: Serializer>(scenario: &Arc<Scenario>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&scenario.meaning())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Scenario>, D::Error> {
        let text = String::deserialize(deserializer)?;
        Scenario::of_meaning(&text).map(Arc::new).map_err(D::Error::custom)
    }
}
