//! The checked, resolved, immutable form of a scenario: stable ids, flat programs, compiled amounts.
//!
//! `Scenario → Model` is the only door into the engine. Ids are positions and are never reused: a model compiled *after*
//! another keeps every id of it, marks what disappeared as retired and appends what is new (programs too: the old code
//! stays, so that work in flight finishes the program it began).

pub mod amount;
pub mod condition;
pub mod demand;
pub mod program;
pub mod profile;
mod compile;
pub mod hash;

use crate::scenario::Scenario;
use crate::units::{Bytes, Span};
pub use amount::{Amount, AmountId, Gauge};
pub use condition::{Condition, Metric};
pub use profile::Profile;
pub use program::{Instr, Pc, Step, NO_PC};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

macro_rules! ids { ($($(#[doc = $doc:literal])* $name:ident)*) => { $(
    $(#[doc = $doc])*
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub struct $name(pub u32);
    impl $name {
        /// The position in the model's table.
        #[inline] pub fn index(self) -> usize { self.0 as usize }
    }
)* } }
ids! {
    /// A machine group.
    GroupId
    /// A service.
    ServiceId
    /// An operation of a service.
    OperationId
    /// A link: (caller service or source) → callee service.
    LinkId
    /// A source of traffic.
    SourceId
    /// A place in a program where an operation is called.
    SiteId
    /// A constant duration; the engine keeps one FIFO lane for each.
    LaneId
}

/// Everything a run needs to know about the system.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it was compiled from (variant and `--set` applied).
    pub scenario: Arc<Scenario>,
    /// The scenario's text after patches: what `patched` edits.
    pub text: Arc<str>,
    /// Hash of `text`'s meaning (the re-serialized scenario), as 16 hex digits in reports.
    pub digest: u64,
    /// Length of warm-up: the run starts at `-warm_up`.
    pub warm_up: Span,
    /// The run ends at this time.
    pub horizon: Span,
    pub groups: Vec<Group>,
    pub services: Vec<Service>,
    pub operations: Vec<Operation>,
    pub links: Vec<Link>,
    pub sources: Vec<Source>,
    pub sites: Vec<Site>,
    /// Every program, one after another.
    pub code: Vec<Step>,
    /// Entry points of `Fork` branches, flat.
    pub branches: Vec<Pc>,
    /// (cumulative probability, entry) of `Choose`, flat; the last of each choice is 1.0.
    pub choices: Vec<(f64, Pc)>,
    pub amounts: Vec<Amount>,
    /// Distinct constant durations. LaneId(0) is always 0 ns.
    pub lanes: Vec<Span>,
    pub rules: Vec<Rule>,
    pub objectives: Vec<Objective>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub name: String, pub retired: bool,
    pub count: u32, pub cores: u32, pub speed: f64, pub memory: Bytes, pub swap: Bytes,
    /// Egress in bytes per second; infinite when unlimited.
    pub network: f64,
    pub boot: Span,
    /// Money per hour and machine.
    pub price: f64,
    /// Services with an instance on each machine of this group, in file order.
    pub services: Vec<ServiceId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind { Server, Balancer, Database, External }

#[derive(Clone, Debug)]
pub struct Service {
    pub name: String, pub retired: bool, pub kind: Kind,
    /// Groups it is placed on; empty: one instance on an infinite machine of its own.
    pub groups: Vec<GroupId>,
    /// Limits; u32::MAX = unlimited.
    pub workers: u32, pub threads: u32, pub max_connections: u32, pub descriptors: u32, pub backlog: u32,
    /// true: Fifo (event loop).
    pub fifo: bool,
    pub memory: Memory,
    pub restart: Option<Span>,
    pub sigma: f64, pub kappa: f64,
    /// Outgoing links.
    pub links: Vec<LinkId>,
    pub operations: Vec<OperationId>,
}

/// Bytes; `limit` u64::MAX when absent. `any`: at least one field is set.
#[derive(Clone, Debug, Default)]
pub struct Memory { pub any: bool, pub idle: u64, pub per_worker: u64, pub per_connection: u64, pub per_request: u64, pub leak_per_request: u64, pub limit: u64 }

#[derive(Clone, Debug)]
pub struct Operation {
    /// "svc.op"
    pub name: String, pub service: ServiceId, pub retired: bool, pub entry: Pc,
    /// Hash of the name: identity of random draws, the same in every variant.
    pub key: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller { Service(ServiceId), Source(SourceId) }

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Balance { RoundRobin, Random, LeastConnections, LeastOf(u32), FirstOfLeast }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel { Never, Queued, All }

/// How a caller calls a callee; for a source, how its users do (timeout = patience).
#[derive(Clone, Debug)]
pub struct Link {
    /// "caller>callee"
    pub name: String, pub retired: bool,
    pub caller: Caller, pub callee: ServiceId,
    pub balance: Balance,
    pub health: Option<Health>,
    /// With no healthy instance: true = choose among all, false = fail Refused.
    pub fail_open: bool,
    /// Kept connections per caller instance; 0 = a connection per call.
    pub keep: u32,
    pub pool_timeout: Option<LaneId>,
    /// Idle close of kept connections.
    pub idle: Option<LaneId>,
    pub handshake_latency: AmountId, pub handshake_caller: AmountId, pub handshake_callee: AmountId,
    /// any handshake amount is non-zero
    pub handshake: bool,
    pub latency: AmountId,
    pub timeout: Option<LaneId>,
    pub connect_timeout: LaneId,
    pub cancel: Cancel,
    pub retry: Retry,
    pub key: u64,
}

#[derive(Clone, Debug)]
pub struct Health { pub every: LaneId, pub fall: u32, pub rise: u32, pub timeout: LaneId }

#[derive(Clone, Debug)]
pub struct Retry {
    /// Retries after the first attempt; u32::MAX = for ever.
    pub times: u32,
    pub after: AmountId, pub factor: f64,
    /// Longest wait in seconds; infinite when absent.
    pub cap: f64,
    pub jitter: f64,
    /// Bit `Reason as u16` set = retried.
    pub on: u16,
    /// Tokens earned per first attempt; 0 budget = None.
    pub budget: Option<Budget>,
}
#[derive(Clone, Copy, Debug)]
pub struct Budget { pub earn: f64, pub burst: f64 }

/// A place that calls: a `Call` step of an operation or journey, or the hop of a balancer or open source.
#[derive(Clone, Debug)]
pub struct Site {
    pub link: LinkId, pub operation: OperationId,
    /// The operation whose program calls; None for a journey.
    pub from: Option<OperationId>,
    /// Mean calls per run of the caller's program (product of mean repeats and probabilities; fallbacks count 0).
    pub visits: f64,
    /// The call stands under `Background` (nobody waits for it).
    pub background: bool,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub name: String, pub retired: bool,
    pub kind: SourceKind,
    /// Rate per second (Open, Users) or population (Closed).
    pub profile: Profile,
    /// Open: one Call then Return. Users, Closed: the journey then Return.
    pub entry: Pc,
    /// After a failed call of the journey: true = the session ends.
    pub leave: bool,
    /// Hash of the name.
    pub key: u64,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind { Open, Users, Closed }

/// Instances or machines an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target { Service(ServiceId, Option<u32>), Machine(GroupId, Option<u32>) }

#[derive(Clone, Debug)]
pub enum Action {
    AddMachines(GroupId, u32),
    RemoveMachines(GroupId, u32),
    Resize { group: GroupId, cores: Option<u32>, memory: Option<Bytes>, takes: Span, outage: Span },
    Crash(Target),
    Slow { target: Target, factor: f64, lasting: Span },
    Restart { target: Target, stagger: Span },
    /// (path, RON text) applied to the model's own text.
    Set { path: String, value: String },
    ScaleTraffic(SourceId, f64),
}

#[derive(Clone, Debug)]
pub enum Trigger {
    At(Span),
    When { condition: Condition, window: Span, lasting: Span, after: Span, repeat: bool },
}
#[derive(Clone, Debug)]
pub struct Rule { pub trigger: Trigger, pub action: Action, /** One line for the story. */ pub text: String }

/// A pass/fail expression, see `scenario::objective`.
#[derive(Clone, Debug)]
pub struct Objective { pub subject: String, pub expression: crate::scenario::objective::Objective, pub text: String }
