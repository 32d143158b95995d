//! What links put between a caller and its callee: limits, breakers, losses.
use super::{At, Checker};
use crate::scenario::{
    link::{Balance, Connections, Link},
    resilience::RateLimit,
    service::Service,
};

impl<'a> Checker<'a> {
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
        let waits = link.connections != Connections::PerCall || link.target_limit.is_some();
        for (field, given) in
            [("queue_limit", link.queue_limit.is_some()), ("pool_timeout", link.pool_timeout.is_some())]
        {
            if given && !waits {
                self.warn(
                    at.child(field),
                    format!("`{field}` where nobody waits"),
                    "calls wait with `connections: Keep(..)` or `target_limit`",
                );
            }
        }
        if let Some(hedge) = &link.hedge {
            self.not_zero(Some(hedge.after), at.child("hedge").child("after"), "two attempts at once");
        }
        if let Some(eject) = &link.eject {
            self.not_zero(Some(eject.lasting), at.child("eject").child("lasting"), "ejected for 0s");
        }
    }

    /// Groups that are weighed must be where the callee runs, and one must get calls.
    pub(super) fn balance(&mut self, balance: &'a Balance, caller: Option<&Service>, callee: &str, at: At<'_>) {
        let at = at.child("balance");
        match balance {
            Balance::Weighted(weights) => {
                let Some(callee_spec) = self.scenario.services.get(callee) else { return };
                for (group, weight) in weights {
                    if !callee_spec.on.contains(group) {
                        self.unknown(
                            at.item(0).name(group),
                            "machine of the callee",
                            group,
                            callee_spec.on.iter().map(String::as_str),
                        );
                    } else if !(weight.is_finite() && *weight >= 0.0) {
                        self.error(at.item(0).child(group), "a weight below 0", "expected 0 or more");
                    }
                }
                if !callee_spec.on.is_empty() && callee_spec.on.iter().all(|group| weights.get(group) == Some(&0.0)) {
                    self.error(at, format!("`{callee}` gets no call"), "expected a weight above 0");
                }
            }
            Balance::SameMachine if caller.is_none_or(|caller| caller.on.is_empty()) => {
                self.error(at, "`SameMachine` of a caller that is on no machine", "expected another policy");
            }
            Balance::Hash(key) => self.key(key, at.item(0)),
            Balance::SameMachine
            | Balance::Sticky
            | Balance::RoundRobin
            | Balance::Random
            | Balance::LeastConnections
            | Balance::LeastOf(_)
            | Balance::FirstOfLeast => {}
        }
    }

    pub(super) fn rate_limit(&mut self, limit: Option<&RateLimit>, at: At<'_>) {
        if limit.is_some_and(|limit| limit.rate.0 <= 0.0) {
            self.error(at.child("rate"), "no call ever", "expected a rate above 0/s");
        }
    }
}
