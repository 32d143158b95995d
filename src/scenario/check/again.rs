//! Closed populations that come again at once: where more of them come than a service takes, those it refuses are back
//! at the same instant, without end.
use super::{At, Checker, calls::Operation};
use crate::scenario::{
    link::Connections,
    profile::{Count, Profile},
    service::{DATABASE_CONNECTIONS, Kind, Overflow, Service},
    step::{Step, StepKind},
    traffic::{Then, Traffic},
};

/// Services that are asked one behind the other.
const CHAIN: usize = 64;

impl<'a> Checker<'a> {
    /// Warns of every population whose requests may be refused without time passing.
    pub(super) fn again(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for (name, traffic) in &scenario.traffic {
            let Traffic::Closed { population, journey, access, retry, then, .. } = traffic else { continue };
            if !retry.after.is_zero() && (retry.times > 0 || retry.forever) {
                continue;
            }
            let Some(called) = first_call(journey, *then) else { continue };
            let Some((service, operation)) = called.split_once('.') else { continue };
            let way = access.way(service);
            if !way.latency.is_zero() || !way.handshake.latency.is_zero() || way.rate_limit.is_some() {
                continue;
            }
            let Some((full, places)) = self.refuses((service, operation), 0) else { continue };
            let most = most(population);
            if most <= places as f64 {
                continue;
            }
            let at = root.child("traffic").child(name).child("population");
            let problem = self.warn(
                at,
                format!("`{name}` asks again at once when it is refused"),
                format!("{most} come, and `{full}` has places for {places}: the others are refused at the same instant, again and again"),
            );
            problem.help =
                Some("a `Delay` in the journey, `retry: (times: .., after: ..)`, or more places to wait".to_owned());
        }
    }

    /// Whoever refuses a call without time passing, and the calls it has places for.
    fn refuses(&self, (name, operation): Operation<'a>, depth: usize) -> Option<(&'a str, u64)> {
        let (name, service) = self.scenario.services.iter().find(|(known, _)| *known == name)?;
        let behind = (depth < CHAIN).then(|| self.next(service, operation)).flatten();
        let behind = behind.and_then(|next| self.refuses(next, depth + 1));
        let own = places(service).map(|places| (name.as_str(), places.saturating_mul(u64::from(self.count(name)))));
        match (own, behind) {
            (Some(own), Some(behind)) => Some(if behind.1 < own.1 { behind } else { own }),
            (own, behind) => own.or(behind),
        }
    }

    /// What an operation calls before any time passes.
    fn next(&self, service: &'a Service, operation: &'a str) -> Option<Operation<'a>> {
        let called = match &service.kind {
            Kind::Balancer { to, cpu, .. } if cpu.is_zero() => (to.as_str(), operation),
            Kind::Server | Kind::Database { .. } => {
                let first = service.operations.get(operation)?.first()?;
                let Step::Call(called) = first else { return None };
                called.split_once('.')?
            }
            Kind::Balancer { .. } | Kind::Queue { .. } | Kind::Cache { .. } | Kind::External => return None,
        };
        let link = service.links.get(called.0)?;
        let at_once = link.connections == Connections::PerCall
            && link.target_limit.is_none()
            && link.latency.is_zero()
            && link.handshake.latency.is_zero()
            && link.handshake.caller.is_zero()
            && (link.retry.after.is_zero() || (link.retry.times == 0 && !link.retry.forever));
        at_once.then_some(called)
    }
}

/// The call that a journey begins with, if nothing passes before the next one after it is refused.
fn first_call(journey: &[Step], then: Then) -> Option<&str> {
    let Some(Step::Call(called)) = journey.first() else { return None };
    let waits = |step: &Step| !matches!((step.kind(), step), (StepKind::Leaf, Step::Call(_)));
    // Who goes on after a refusal does the rest, too.
    (then == Then::Leave || !journey.iter().any(waits)).then_some(called)
}

/// Calls that an instance has places for; none: it turns nobody away.
fn places(service: &Service) -> Option<u64> {
    if service.backlog.overflow == Overflow::Drop {
        return None;
    }
    let workers = service.workers.zip(service.backlog.limit);
    let queued = workers.map(|(workers, limit)| u64::from(workers) + u64::from(limit));
    let default = matches!(service.kind, Kind::Database { .. }).then_some(DATABASE_CONNECTIONS);
    let connections = service.max_connections.or(default).or(service.descriptors).map(u64::from);
    [queued, connections].into_iter().flatten().min()
}

/// The most people that a profile names.
fn most(profile: &Profile<Count>) -> f64 {
    match profile {
        Profile::Constant(value) => value.0,
        Profile::Ramp { from, to, .. } => from.0.max(to.0),
        Profile::Stages { start, stages } => stages.iter().map(|(_, level)| level.0).fold(start.0, f64::max),
        Profile::Flash { base, peak, .. } => base.0.max(peak.0),
        Profile::Doubling { from, .. } => from.0,
        Profile::Daily { low, high, .. } => low.0.max(high.0),
        Profile::Trace(csv) => csv.points().iter().map(|(_, level)| level.0).fold(0.0, f64::max),
        Profile::Shift(_, of) => most(of),
        Profile::Sum(parts) => parts.iter().map(most).sum(),
        Profile::Scale(factor, of) => factor * most(of),
    }
}
