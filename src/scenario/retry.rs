//! Retries: the one record for users, links and balancers, and the closed list of what can fail.
use super::{
    amount::{Amount, Dimension::Time},
    described::{choice, record},
};
use crate::units::{Percent, Span};
use serde::{Deserialize, Serialize};

record! {
    /// When a failed call is tried again.
    pub struct Retry {
        /// Further attempts after the first.
        times: u32 [0.0..=1_000_000.0] = 0,
        /// Tried again until it succeeds.
        forever: bool = false,
        /// Wait before the first retry.
        after: Amount [Time] = Amount::no_time(),
        /// Each further wait is this many times the last.
        factor: f64 [1.0..=1000.0] = 1.0,
        /// Longest wait. Absent: none.
        cap: Option<Span> = None,
        /// Share of the wait that is drawn: the wait is multiplied by uniform(1 - jitter, 1).
        jitter: Percent [0.0..=1.0] = Percent(0.0),
        /// Failures that are tried again. Empty: every one.
        on: Vec<Reason> = Vec::new(),
        /// Limits retries to a share of first attempts. Absent: no limit.
        budget: Option<Budget> = None,
    }
}

record! {
    /// Tokens earned per first attempt and spent per retry, per caller instance and link.
    pub struct Budget {
        /// Tokens earned per first attempt.
        earn: Percent [0.0..=1000.0],
        /// Tokens at the start, and at most.
        burst: f64 [0.0..=1e9] = 10.0,
    }
}

choice! {
    /// Why a call failed.
    #[derive(Copy, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Reason {
        /// No connection, no descriptor, no place in the backlog, or a dead process.
        Refused,
        /// No reply within the timeout or the patience.
        TimedOut,
        /// Turned away to protect the rest.
        Shed,
        /// A breaker is open.
        CircuitOpen,
        /// Above a rate limit.
        RateLimited,
        /// No kept connection came free in time.
        PoolTimeout,
        /// The process or machine died under it.
        Crashed,
        /// A dead machine's silence, or a partition.
        Unreachable,
        /// The program failed by itself.
        Error,
        /// The user gave up.
        Abandoned,
    }
}

impl Reason {
    /// In a sentence: "timed out".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timed out",
            Self::Shed => "shed",
            Self::CircuitOpen => "circuit open",
            Self::RateLimited => "rate limited",
            Self::PoolTimeout => "no connection in time",
            Self::Crashed => "crashed",
            Self::Unreachable => "unreachable",
            Self::Error => "error",
            Self::Abandoned => "abandoned",
        }
    }

    /// Every reason, in the order of the list.
    pub const ALL: [Self; 10] = [
        Self::Refused,
        Self::TimedOut,
        Self::Shed,
        Self::CircuitOpen,
        Self::RateLimited,
        Self::PoolTimeout,
        Self::Crashed,
        Self::Unreachable,
        Self::Error,
        Self::Abandoned,
    ];

    /// As results spell it: "timed_out".
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Shed => "shed",
            Self::CircuitOpen => "circuit_open",
            Self::RateLimited => "rate_limited",
            Self::PoolTimeout => "pool_timeout",
            Self::Crashed => "crashed",
            Self::Unreachable => "unreachable",
            Self::Error => "error",
            Self::Abandoned => "abandoned",
        }
    }
}
