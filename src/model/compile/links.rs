//! Links: one for each (service, callee), and one for each (source, service its users call).

use super::super::resilience;
use super::Compiler;
use crate::model::{
    AmountId, Balance, Budget, Caller, GroupId, Guards, Health, Link, LinkId, Retry, ServiceId, SourceId, hash,
};
use crate::scenario::{self, Reason, Step, Traffic, walk};
use crate::units::Span;

impl Compiler<'_> {
    pub(super) fn all_links(&mut self) {
        for link in &mut self.m.links {
            link.retired = true;
        }
        let scenario = self.scenario;
        for (caller, spec) in &scenario.services {
            let Some(from) = self.service_id(caller) else { continue };
            for (callee, link) in &spec.links {
                let Some(to) = self.service_id(callee) else { continue };
                let queue = matches!(&spec.kind, scenario::Kind::Queue { to, .. } if to == callee);
                let id = self.service_link(from, to, link, queue);
                if !self.m.services[from].links.contains(&id) {
                    self.m.services[from].links.push(id);
                }
            }
        }
        for (name, traffic) in &scenario.traffic {
            let Some(source) = self.source_id(name) else { continue };
            let mut callees = Vec::new();
            match traffic {
                Traffic::Open { call, .. } => called(call, &mut callees),
                Traffic::Users { journey, .. } | Traffic::Closed { journey, .. } => calls(journey, &mut callees),
            }
            for callee in callees {
                if let Some(to) = self.service_id(&callee) {
                    self.source_link(source, to, traffic);
                }
            }
        }
        self.m.passes_deadlines = self.m.links.iter().any(|link| link.pass && !link.retired);
    }

    /// Says of every link whether calls over it are plain.
    pub(super) fn direct_links(&mut self) {
        let none = AmountId::new(0);
        for link in &mut self.m.links {
            let plain = !(link.guarded || link.queue || link.keep_alive || link.handshake || link.in_sets);
            link.direct = plain && link.latency == none && !self.m.passes_deadlines;
        }
    }

    /// Puts a link in its place; one that is known keeps its id.
    fn put_link(&mut self, link: Link) -> LinkId {
        let at = self.known.links.put(link.name.clone(), &mut self.m.links, || link.clone());
        self.m.links[at] = Link { key: self.m.links[at].key, ..link };
        at
    }

    fn service_link(&mut self, from: ServiceId, to: ServiceId, spec: &scenario::Link, queue: bool) -> LinkId {
        let name = format!("{}>{}", self.m.services[from].name, self.m.services[to].name);
        let here = Some(from);
        let handshake = [&spec.handshake.latency, &spec.handshake.caller, &spec.handshake.callee];
        let health = spec.health.as_ref().map(|health| Health {
            every: self.lane(health.every),
            fall: health.fall,
            rise: health.rise,
            timeout: self.lane(health.timeout.unwrap_or(health.every)),
        });
        let guards = self.guards(spec);
        let link = Link {
            key: hash::hash(name.as_bytes()),
            name,
            retired: false,
            caller: Caller::Service(from),
            callee: to,
            queue,
            balance: self.balance(&spec.balance),
            weights: self.weights(&spec.balance),
            health,
            fail_open: spec.none_healthy == scenario::NoneHealthy::FailOpen,
            keep: match spec.connections {
                scenario::Connections::PerCall => 0,
                scenario::Connections::Keep(most) => most,
            },
            pool_timeout: spec.pool_timeout.map(|span| self.lane(span)),
            idle: spec.idle.map(|span| self.lane(span)),
            handshake: handshake.iter().any(|amount| !amount.is_zero()),
            handshake_latency: self.amount(handshake[0], here),
            handshake_caller: self.amount(handshake[1], here),
            handshake_callee: self.amount(handshake[2], Some(to)),
            latency: self.amount(&spec.latency, here),
            pace: self.pace(spec.bandwidth),
            upload: self.pace(spec.bandwidth),
            timeout: spec.timeout.map(|span| self.lane(span)),
            patience: None,
            connect_timeout: self.lane(spec.connect_timeout),
            cancel: spec.cancel,
            keep_alive: false,
            pass: spec.deadline == scenario::Deadline::Pass,
            retry: self.retry(&spec.retry, here),
            guarded: guards.any(),
            in_sets: false,
            direct: false,
            guards,
        };
        self.put_link(link)
    }

    /// How a crowd calls: patience is its timeout, and it keeps no connections (a `Hold` does).
    fn source_link(&mut self, source: SourceId, to: ServiceId, traffic: &Traffic) -> LinkId {
        let name = format!("{}>{}", self.m.sources[source].name, self.m.services[to].name);
        let (patience, retry, access) = match traffic {
            Traffic::Open { patience, retry, access, .. }
            | Traffic::Users { patience, retry, access, .. }
            | Traffic::Closed { patience, retry, access, .. } => (patience, retry, access),
        };
        let access = access.way(&self.m.services[to].name);
        let constant = patience.as_ref().and_then(scenario::Amount::constant);
        let guards =
            Guards { loss: access.loss.0, rate_limit: access.rate_limit.as_ref().map(rate_limit), ..Guards::default() };
        let link = Link {
            key: hash::hash(name.as_bytes()),
            name,
            retired: false,
            caller: Caller::Source(source),
            callee: to,
            queue: false,
            balance: self.balance(&access.balance),
            weights: self.weights(&access.balance),
            health: None,
            fail_open: true,
            keep: 0,
            pool_timeout: None,
            idle: None,
            handshake: !(access.handshake.latency.is_zero() && access.handshake.callee.is_zero()),
            handshake_latency: self.amount(&access.handshake.latency, None),
            handshake_caller: AmountId::new(0),
            handshake_callee: self.amount(&access.handshake.callee, Some(to)),
            latency: self.amount(&access.latency, None),
            pace: self.pace(access.bandwidth),
            upload: self.pace(access.upload),
            timeout: constant.map(|seconds| self.lane(Span((seconds * 1e9 + 0.5).clamp(0.0, 4e18) as i64))),
            patience: patience.as_ref().filter(|_| constant.is_none()).map(|amount| self.amount(amount, None)),
            connect_timeout: self.lane(access.connect_timeout),
            cancel: access.cancel,
            keep_alive: access.keep_alive,
            pass: access.deadline == scenario::Deadline::Pass,
            retry: self.retry(retry, None),
            guarded: guards.any(),
            in_sets: false,
            direct: false,
            guards,
        };
        self.put_link(link)
    }

    fn guards(&mut self, spec: &scenario::Link) -> Guards {
        Guards {
            loss: spec.loss.0,
            rate_limit: spec.rate_limit.as_ref().map(rate_limit),
            breaker: spec.breaker.as_ref().map(|breaker| resilience::Breaker {
                failures: breaker.failures.0,
                tenth: Span((breaker.window.0 / 10).max(1)),
                calls: breaker.calls,
                open: breaker.open,
                trials: breaker.trials,
            }),
            queue_limit: spec.queue_limit.unwrap_or(u32::MAX),
            target_limit: spec.target_limit.unwrap_or(u32::MAX),
            hedge: spec
                .hedge
                .as_ref()
                .map(|hedge| resilience::Hedge { after: self.lane(hedge.after), most: hedge.most }),
            eject: spec
                .eject
                .as_ref()
                .map(|eject| resilience::Eject { failures: eject.failures, lasting: eject.lasting }),
            slow_start: spec.slow_start,
        }
    }

    fn weights(&self, balance: &scenario::Balance) -> Vec<(GroupId, f64)> {
        let scenario::Balance::Weighted(weights) = balance else { return Vec::new() };
        weights.into_iter().filter_map(|(group, weight)| Some((self.group_id(group)?, *weight))).collect()
    }

    fn retry(&mut self, spec: &scenario::Retry, here: Option<ServiceId>) -> Retry {
        let on = if spec.on.is_empty() { &Reason::ALL[..] } else { &spec.on };
        Retry {
            times: if spec.forever { u32::MAX } else { spec.times },
            after: self.amount(&spec.after, here),
            factor: spec.factor,
            cap: spec.cap.map_or(f64::INFINITY, |span| span.as_seconds()),
            jitter: spec.jitter.0,
            on: on.iter().fold(0, |mask, reason| mask | 1 << *reason as u16),
            budget: spec.budget.as_ref().map(|budget| Budget { earn: budget.earn.0, burst: budget.burst }),
        }
    }
}

fn rate_limit(spec: &scenario::RateLimit) -> resilience::RateLimit {
    resilience::RateLimit { per_second: spec.rate.0, burst: spec.burst }
}

impl Compiler<'_> {
    /// A policy with its names resolved.
    fn balance(&self, spec: &scenario::Balance) -> Balance {
        match spec {
            scenario::Balance::RoundRobin => Balance::RoundRobin,
            scenario::Balance::Random => Balance::Random,
            scenario::Balance::LeastConnections => Balance::LeastConnections,
            scenario::Balance::LeastOf(choices) => Balance::LeastOf(*choices),
            scenario::Balance::FirstOfLeast => Balance::FirstOfLeast,
            scenario::Balance::Weighted(_) => Balance::Weighted,
            scenario::Balance::SameMachine => Balance::SameMachine,
            scenario::Balance::Hash(key) => self.key_id(key).map_or(Balance::LeastConnections, Balance::Hash),
            scenario::Balance::Sticky => Balance::Sticky,
        }
    }
}

/// The service of `svc.op`, once.
fn called(operation: &str, callees: &mut Vec<String>) {
    if let Some((service, _)) = operation.split_once('.')
        && !callees.iter().any(|known| known == service)
    {
        callees.push(service.to_owned());
    }
}

/// Every service a program calls.
fn calls(steps: &[Step], callees: &mut Vec<String>) {
    walk(steps, &mut |step| {
        if let Some(operation) = step.callee() {
            called(operation, callees);
        }
    });
}
