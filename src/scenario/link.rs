//! Links: how a service calls another.
use super::{
    amount::{Amount, Dimension::Time},
    described::{choice, record},
    named::Named,
    resilience::{Breaker, Eject, Hedge, RateLimit},
    retry::Retry,
};
use crate::units::{Bandwidth, Percent, Span};
use serde::{Deserialize, Serialize};

record! {
    /// How a service calls another; its key is the callee's name.
    pub struct Link {
        /// Which instance of the callee is called.
        balance: Balance = Balance::RoundRobin,
        /// Active checks of the callee's instances. Absent: all are believed healthy.
        health: Option<Health> = None,
        /// What happens when no instance is believed healthy.
        none_healthy: NoneHealthy = NoneHealthy::FailOpen,
        /// A connection per call, or kept ones.
        connections: Connections = Connections::PerCall,
        /// Longest wait for a kept connection; then the call fails `PoolTimeout`. Absent: for ever.
        pool_timeout: Option<Span> = None,
        /// A kept connection unused so long is closed. Absent: never.
        idle: Option<Span> = None,
        /// What opening a connection costs.
        handshake: Handshake = Handshake::default(),
        /// One way, per message.
        latency: Amount [Time] = Amount::no_time(),
        /// Most of one transfer over it. Absent: what the machines' networks give.
        bandwidth: Option<Bandwidth> = None,
        /// From getting a connection to the reply. Absent: none.
        timeout: Option<Span> = None,
        /// A dead machine's silence becomes `Unreachable` after this.
        connect_timeout: Span = Span::seconds(30),
        /// What a timeout does to the work it no longer waits for.
        cancel: Cancel = Cancel::Never,
        /// Whether the callee is told until when the caller waits.
        deadline: Deadline = Deadline::Ignore,
        /// When a failed call is tried again.
        retry: Retry = Retry::default(),
        /// Share of the messages, each way, that vanish: silence until `timeout` or `connect_timeout`.
        loss: Percent [0.0..=1.0] = Percent(0.0),
        /// Most calls per second of a caller instance. Absent: no limit.
        rate_limit: Option<RateLimit> = None,
        /// Most calls in progress per instance of the callee from one caller instance, whatever `balance` is; further
        /// ones wait here, under `pool_timeout`, first come first served: for any of them, or each for its own (`Hash`,
        /// `Sticky`, shards). Absent: no limit.
        target_limit: Option<u32> [1.0..=100_000_000.0] = None,
        /// Most calls of a caller instance that wait here; beyond them a call fails as `Refused`. Absent: no limit.
        queue_limit: Option<u32> [0.0..=100_000_000.0] = None,
        /// Stops calling while most calls fail, per caller instance. Absent: never.
        breaker: Option<Breaker> = None,
        /// Another attempt in parallel when an answer is late. Absent: never.
        hedge: Option<Hedge> = None,
        /// Instances that keep failing are not called for a while. Absent: never.
        eject: Option<Eject> = None,
        /// An instance that is new or healthy again gets a share that grows linearly to the full one over this.
        slow_start: Span = Span::ZERO,
    }
}

choice! {
    /// Which of the callee's instances gets a call.
    pub enum Balance {
        /// One after another.
        RoundRobin,
        /// Any of them, with equal chance.
        Random,
        /// The one with the fewest calls of this caller in progress; ties at random.
        LeastConnections,
        /// The least busy of so many drawn at random.
        LeastOf(choices: u32 [1.0..=8.0]),
        /// As `LeastConnections`, but ties go to the first instance.
        FirstOfLeast,
        /// In turn, in proportion to the weight of an instance's machine group: `{"large": 3, "small": 1}`. Groups that
        /// are not named have 1.
        Weighted(weights: Named<f64> as Refers(Machine)),
        /// Any on the caller's own machine; without one there, any.
        SameMachine,
        /// The one that the key's value belongs to; when one goes, only its values move (rendezvous hashing).
        Hash(key: String as Refers(Key)),
        /// A session stays with its first choice, one of the fewest connections, while that is believed healthy.
        Sticky,
    }
}

record! {
    /// Active health checks: real calls that need a connection and a worker.
    pub struct Health {
        /// From one check of an instance to the next.
        every: Span,
        /// Failed checks in a row that make an instance unhealthy.
        fall: u32 [1.0..=1000.0] = 2,
        /// Good checks in a row that make it healthy again.
        rise: u32 [1.0..=1000.0] = 2,
        /// A check unanswered so long has failed. Absent: `every`.
        timeout: Option<Span> = None,
    }
}

choice! {
    /// What a caller does when it believes no instance healthy.
    #[derive(Copy)]
    pub enum NoneHealthy {
        /// Choose among all.
        FailOpen,
        /// Fail the call as `Refused`.
        Refuse,
    }
}

choice! {
    /// Connections of a caller instance to the callee.
    #[derive(Copy)]
    pub enum Connections {
        /// Opened for each call and closed after it.
        PerCall,
        /// At most so many per caller instance, opened on first use and kept; further calls wait for one.
        Keep(most: u32 [1.0..=10_000_000.0]),
    }
}

record! {
    /// What opening one connection costs.
    pub struct Handshake {
        /// Further latency before the call.
        latency: Amount [Time] = Amount::no_time(),
        /// CPU at the caller.
        caller: Amount [Time] = Amount::no_time(),
        /// CPU at the callee.
        callee: Amount [Time] = Amount::no_time(),
    }
}

choice! {
    /// Whether a callee is told until when its caller waits.
    #[derive(Copy)]
    pub enum Deadline {
        /// It is not.
        Ignore,
        /// Until the end of the caller's own `timeout` (or patience), or of what the caller was told itself, if that is
        /// earlier. What is too late when its turn comes is dropped, and what becomes so makes no further calls: both
        /// fail `TimedOut`.
        Pass,
    }
}

choice! {
    /// What becomes of work nobody waits for any longer.
    #[derive(Copy, Serialize, Deserialize)]
    pub enum Cancel {
        /// The callee works on and nobody listens.
        Never,
        /// Work that has not begun is withdrawn.
        Queued,
        /// Work is withdrawn wherever it is.
        All,
    }
}
