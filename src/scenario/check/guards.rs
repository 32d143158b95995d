//! What links put between a caller and its callee: limits, breakers, losses.
use super::{At, Checker};
use crate::scenario::{
    guard::RateLimit,
    link::{Connections, Link},
};

impl Checker<'_> {
    pub(super) fn guards(&mut self, link: &Link, at: At<'_>) {
        self.rate_limit(link.rate_limit.as_ref(), at.child("rate_limit"));
        if let Some(breaker) = &link.breaker {
            let at = at.child("breaker");
            self.not_zero(Some(breaker.window), at.child("window"), "a window of 0s sees no call");
            self.not_zero(Some(breaker.open), at.child("open"), "open for 0s");
            if breaker.failures.0 <= 0.0 {
                self.error(at.child("failures"), "it opens when nothing fails", "expected a share above 0 %");
            }
        }
        if link.queue_limit.is_some() && link.connections == Connections::PerCall {
            self.warn(at.child("queue_limit"), "`queue_limit` where nobody waits", "calls wait with `connections: Keep(..)`");
        }
    }

    pub(super) fn rate_limit(&mut self, limit: Option<&RateLimit>, at: At<'_>) {
        if limit.is_some_and(|limit| limit.rate.0 <= 0.0) {
            self.error(at.child("rate"), "no call ever", "expected a rate above 0/s");
        }
    }
}
