//! What a link may put between a caller and its callee, compiled.

use crate::units::Span;

/// What most links have none of: `Link::guarded` tells whether anything is set here.
#[derive(Clone, Debug)]
pub struct Guards {
    /// Probability that a message vanishes.
    pub loss: f64,
    pub rate_limit: Option<RateLimit>,
    pub breaker: Option<Breaker>,
    /// Most calls that wait for a place; u32::MAX = no limit.
    pub queue_limit: u32,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    pub per_second: f64,
    pub burst: f64,
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug)]
pub struct Breaker {
    /// Share of failed calls at which it opens.
    pub failures: f64,
    /// Length of one of the tenths of its window.
    pub tenth: Span,
    /// Fewest ended calls in the window.
    pub calls: u32,
    pub open: Span,
    pub trials: u32,
}

impl Default for Guards {
    fn default() -> Self {
        Self { loss: 0.0, rate_limit: None, breaker: None, queue_limit: u32::MAX }
    }
}

impl Guards {
    /// Whether anything is set.
    #[must_use]
    pub fn any(&self) -> bool {
        let Self { loss, rate_limit, breaker, queue_limit } = self;
        *loss > 0.0 || rate_limit.is_some() || breaker.is_some() || *queue_limit != u32::MAX
    }
}
