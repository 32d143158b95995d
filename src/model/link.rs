//! Links and the places that call over them, compiled.

use super::{About, AmountId, GroupId, Guards, KeyId, LaneId, LinkId, OperationId, ServiceId, SourceId};
pub use crate::scenario::Cancel;
use serde::{Deserialize, Serialize};

/// Who calls over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caller {
    Service(ServiceId),
    Source(SourceId),
}

/// Which of the callee's instances gets a call; names are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Balance {
    RoundRobin,
    Random,
    /// Ties at random.
    LeastConnections,
    LeastOf(u32),
    /// Ties go to the first.
    FirstOfLeast,
    /// By `Link::weights`.
    Weighted,
    /// On the caller's machine, if there is one.
    SameMachine,
    /// Rendezvous hashing.
    Hash(KeyId),
    /// A session stays with its first choice.
    Sticky,
}

/// How a caller calls a callee; for a source, how its users do (timeout = patience).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// "caller>callee"
    pub name: String,
    pub retired: bool,
    pub caller: Caller,
    pub callee: ServiceId,
    /// It delivers the messages of a broker.
    pub queue: bool,
    pub balance: Balance,
    /// Weights of machine groups, for `Balance::Weighted`; others weigh 1.
    pub weights: Vec<(GroupId, f64)>,
    pub health: Option<Health>,
    /// With no healthy instance: true = choose among all, false = fail Refused.
    pub fail_open: bool,
    /// Kept connections per caller instance; 0 = a connection per call.
    pub keep: u32,
    /// Longest wait for a kept connection; None: for ever.
    pub pool_timeout: Option<LaneId>,
    /// Idle close of kept connections; None: never.
    pub idle: Option<LaneId>,
    /// Further latency of opening a connection, seconds.
    pub handshake_latency: AmountId,
    /// CPU of opening one, at the caller.
    pub handshake_caller: AmountId,
    /// CPU of opening one, at the callee.
    pub handshake_callee: AmountId,
    /// Any handshake amount is non-zero.
    pub handshake: bool,
    /// One way, seconds.
    pub latency: AmountId,
    /// Most of one transfer towards the caller, by its place in `Model::paces`.
    pub pace: u32,
    /// Most of one transfer from the caller.
    pub upload: u32,
    /// From slot to reply; None: none.
    pub timeout: Option<LaneId>,
    /// A patience that is drawn for each attempt, in its place.
    pub patience: Option<AmountId>,
    /// A dead machine's silence becomes Unreachable after this.
    pub connect_timeout: LaneId,
    pub cancel: Cancel,
    /// Users keep connections open between requests.
    pub keep_alive: bool,
    /// The callee is told until when the caller waits.
    pub pass: bool,
    pub retry: Retry,
    /// Anything is set in `guards`.
    pub guarded: bool,
    /// Of the callee's instances not everyone serves every request: they form sets.
    pub in_sets: bool,
    /// A call over it needs nothing but a connection and a worker: no guard, no time on the way, no handshake, nobody
    /// who is told until when it waits.
    pub direct: bool,
    pub guards: Guards,
    /// Hash of the name.
    pub key: u64,
}

/// Active checks of the callee's instances.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    pub every: LaneId,
    /// Failures in a row until an instance is believed unhealthy.
    pub fall: u32,
    /// Successes in a row until it is believed healthy again.
    pub rise: u32,
    pub timeout: LaneId,
}

/// When a failed attempt is followed by another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retry {
    /// Retries after the first attempt; u32::MAX = for ever.
    pub times: u32,
    /// Wait before the first retry, seconds.
    pub after: AmountId,
    /// Each further wait is this many times the last.
    pub factor: f64,
    /// Longest wait in seconds; infinite when absent.
    pub cap: f64,
    /// Share of the wait that is drawn uniformly, 0..=1.
    pub jitter: f64,
    /// Bit `Reason as u16` set = retried.
    pub on: u16,
    /// None: unlimited.
    pub budget: Option<Budget>,
}

/// Tokens: a first attempt earns, a retry spends one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Budget {
    /// Earned per first attempt.
    pub earn: f64,
    /// Tokens at the start and at most.
    pub burst: f64,
}

/// A place that calls: a `Call` step of an operation or journey, or the hop of a balancer or open source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    pub link: LinkId,
    pub operation: OperationId,
    /// The operation whose program calls; None for a journey.
    pub from: Option<OperationId>,
    /// Mean calls per run of the caller's program (product of mean repeats and probabilities; fallbacks: 0).
    pub visits: f64,
    /// The call stands under `Background` (nobody waits for it).
    pub background: bool,
    /// What a `Cache` is asked for.
    pub about: Option<About>,
    /// How often it is called depends on what a store has, on what fails or on how many there are: it is counted,
    /// `visits` says nothing.
    pub counted: bool,
}
