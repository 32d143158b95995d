//! What a link may put between a caller and its callee, compiled.

use super::LaneId;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// What most links have none of: `Link::guarded` tells whether anything is set here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guards {
    /// Probability that a message vanishes.
    pub loss: f64,
    pub rate_limit: Option<RateLimit>,
    pub breaker: Option<Breaker>,
    /// Most calls that wait for a place; u32::MAX = no limit.
    pub queue_limit: u32,
    /// Most calls in progress at one target; u32::MAX = no limit.
    pub target_limit: u32,
    pub hedge: Option<Hedge>,
    pub eject: Option<Eject>,
    /// How long a target's share grows that is new or healthy again.
    pub slow_start: Span,
}

/// Another attempt beside one that is late.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Hedge {
    pub after: LaneId,
    pub most: u32,
}

/// Outlier ejection.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Eject {
    /// Failures in a row.
    pub failures: u32,
    pub lasting: Span,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RateLimit {
    pub per_second: f64,
    pub burst: f64,
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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
        Self {
            loss: 0.0,
            rate_limit: None,
            breaker: None,
            queue_limit: u32::MAX,
            target_limit: u32::MAX,
            hedge: None,
            eject: None,
            slow_start: Span(0),
        }
    }
}

impl Guards {
    /// Whether anything is set.
    #[must_use]
    pub fn any(&self) -> bool {
        let Self { loss, rate_limit, breaker, queue_limit, target_limit, hedge, eject, slow_start } = self;
        let limits = *queue_limit != u32::MAX || *target_limit != u32::MAX;
        *loss > 0.0
            || rate_limit.is_some()
            || breaker.is_some()
            || limits
            || hedge.is_some()
            || eject.is_some()
            || slow_start.0 > 0
    }
}
