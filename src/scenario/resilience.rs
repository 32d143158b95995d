//! What a link may put between a caller and its callee beside balancing, timeouts and retries.
//!
//! All of it is per caller instance; a crowd is one caller.

use super::described::record;
use crate::units::{Percent, Rate, Span};

record! {
    /// A token bucket: at the start it is full, and a call that finds less than a token fails as `RateLimited`.
    pub struct RateLimit {
        /// Tokens that come, one per call.
        rate: Rate,
        /// Most tokens at once.
        burst: f64 [1.0..=1e9] = 1.0,
    }
}

record! {
    /// Stops calling what mostly fails: while it is open, calls fail at once as `CircuitOpen`.
    pub struct Breaker {
        /// It opens when at least this share of the calls that ended within `window` failed.
        failures: Percent [0.0..=1.0] = Percent(0.5),
        /// How far back it looks, in tenths.
        window: Span = Span::seconds(10),
        /// With fewer ended calls than this within `window` it stays closed.
        calls: u32 [1.0..=1_000_000.0] = 20,
        /// How long it stays open before it tries again.
        open: Span = Span::seconds(30),
        /// Calls it then lets through at a time; so many good ones close it, a bad one opens it again.
        trials: u32 [1.0..=1000.0] = 1,
    }
}

record! {
    /// A second attempt in parallel: the first good answer wins, the others are treated by `cancel`. The call fails
    /// when all its attempts in progress have.
    pub struct Hedge {
        /// Unanswered so long, an attempt gets another beside it, at another instance if there is one.
        after: Span,
        /// Attempts beside the first, at most.
        most: u32 [1.0..=100.0] = 1,
    }
}

record! {
    /// Outlier ejection: an instance that keeps failing is not called for a while.
    pub struct Eject {
        /// Failed calls in a row.
        failures: u32 [1.0..=1_000_000.0] = 5,
        /// For how long.
        lasting: Span,
    }
}
