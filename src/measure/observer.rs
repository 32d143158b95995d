//! What the recorder hears: every observation of the engine counted where it belongs.

use super::counters::{limit_index, row};
use super::flow::Doer;
use super::recorder::Recorder;
use super::resources::POINTS;
use super::rules::Scaled;
use super::series::Series;
use super::traffic::{Point, reason_index};
use super::windows::Whose;
use crate::engine::{Activity, ActivityCode, InstanceId, Limit, Observation, Observer, Outcome, WorkKind};
use crate::model::{OperationId, SiteId, SourceId};
use crate::scenario::Reason;
use crate::units::Time;

const SECOND: i64 = 1_000_000_000;

impl Recorder {
    /// Whether an instance is of another service than the operation.
    fn is_caller(&self, instance: InstanceId, operation: OperationId) -> bool {
        let service = self.resources.places.get(instance.index()).map(|p| p.service);
        service.zip(self.owners.get(operation.index()).copied()).is_some_and(|(a, b)| a != b)
    }

    /// The second within the horizon that an instant is in; None: not counted.
    #[inline]
    fn cohort(&self, started: Time) -> Option<u64> {
        (started >= Time(0) && started < self.horizon).then_some((started.0 / SECOND) as u64)
    }

    fn points(&mut self, source: SourceId) -> &mut Series<Point> {
        while self.points.len() <= source.index() {
            self.points.push(Series::new(1, POINTS));
        }
        &mut self.points[source.index()]
    }

    #[inline]
    fn worked(&mut self, operation: OperationId, instance: InstanceId, kind: WorkKind, amount: f64) {
        row(&mut self.counters.operations, operation.number()).work.add(kind, amount);
        row(&mut self.counters.instances, instance.number()).work.add(kind, amount);
    }

    fn attempt_started(&mut self, now: Time, site: SiteId, retry: bool) {
        let count = row(&mut self.counters.sites, site.number());
        if retry {
            count.retries += 1
        } else {
            count.first += 1
        }
        if let Some(second) = self.cohort(now) {
            row(&mut self.sites, site.number()).offered += 1;
            self.windows.each(Whose::Site(site.number()), second, |slot| slot.offered += 1);
            self.outages.began(Whose::Site(site.number()), now);
        }
    }

    fn attempt_ended(&mut self, now: Time, site: SiteId, started: Time, outcome: Outcome, sent: bool) {
        self.attempted(site, started, outcome, now);
        let count = row(&mut self.counters.sites, site.number());
        count.ended += 1;
        count.unsent += u64::from(!sent);
        count.refused += u64::from(matches!(outcome, Outcome::Failed(Reason::Refused | Reason::Shed)));
        count.circuit_open += u64::from(outcome == Outcome::Failed(Reason::CircuitOpen));
        count.rate_limited += u64::from(outcome == Outcome::Failed(Reason::RateLimited));
        let nanos = (now.0 - started.0) as u64;
        let tally = row(&mut self.sites, site.number());
        tally.completed += u64::from(matches!(outcome, Outcome::Succeeded { .. }) && now >= Time(0));
        if started >= Time(0) {
            tally.end(outcome, nanos);
            self.outages.ended(Whose::Site(site.number()), started, outcome);
        }
        self.windows.ended(Whose::Site(site.number()), [started, now], outcome, nanos);
    }

    /// A service may have turned an attempt away.
    #[inline]
    fn attempted(&mut self, site: SiteId, started: Time, outcome: Outcome, now: Time) {
        let refused = match outcome {
            Outcome::Failed(reason @ (Reason::Refused | Reason::Shed)) => Some(reason_index(reason)),
            Outcome::Failed(_) | Outcome::Succeeded { .. } => None,
        };
        let Some(&(service, link, limited)) = self.callees.get(site.index()) else { return };
        self.watch.failures.attempt_ended(service, now, started, refused);
        if limited {
            self.watch.held_back.limited(link, now, outcome == Outcome::Failed(Reason::RateLimited));
        }
        self.watch.held_back.ended(link, now);
    }

    fn rejected(&mut self, operation: OperationId, instance: Option<InstanceId>, by: Limit) {
        match instance {
            Some(caller) if by == Limit::Descriptors && self.is_caller(caller, operation) => {
                *row(&mut self.counters.no_socket, caller.number()) += 1;
            }
            _ => {
                row(&mut self.counters.operations, operation.number()).rejected[limit_index(by)] += 1;
                // Refused by the caller's side for want of an instance: nowhere.
                if let Some(instance) = instance {
                    row(&mut self.counters.instances, instance.number()).arrived += 1;
                }
            }
        }
    }

    fn request_started(&mut self, now: Time, source: SourceId, site: SiteId, number: u64) {
        row(&mut self.counters.sites, site.number()).requests += 1;
        if let Some(second) = self.cohort(now) {
            row(&mut self.sources, source.number()).offered += 1;
            self.points(source).at(second).offered += 1;
            self.windows.each(Whose::Source(source.number()), second, |slot| slot.offered += 1);
            self.outages.began(Whose::Source(source.number()), now);
            if self.traces.wants(source, number) {
                self.traces.start(source, number, now);
            }
        }
    }

    fn request_ended(
        &mut self,
        now: Time,
        (source, site): (SourceId, SiteId),
        number: u64,
        started: Time,
        outcome: Outcome,
    ) {
        let failed = match outcome {
            Outcome::Succeeded { .. } => None,
            Outcome::Failed(reason) => Some(reason_index(reason)),
        };
        let degraded = outcome == Outcome::Succeeded { degraded: true };
        self.watch.failures.request_ended(source, now, started, (failed, degraded));
        let count = row(&mut self.counters.sources, source.number());
        match failed {
            None => count.succeeded += 1,
            Some(reason) => {
                count.failed[reason] += 1;
                row(&mut self.counters.sites, site.number()).lost[reason] += 1;
            }
        }
        if degraded {
            row(&mut self.counters.sites, site.number()).degraded += 1;
        }
        let nanos = (now.0 - started.0) as u64;
        if failed.is_none() && self.limits.get(source.index()).is_some_and(|limit| nanos > *limit) {
            row(&mut self.counters.sites, site.number()).late += 1;
        }
        let tally = row(&mut self.sources, source.number());
        tally.completed += u64::from(failed.is_none() && now >= Time(0));
        if started >= Time(0) {
            tally.end(outcome, nanos);
            self.outages.ended(Whose::Source(source.number()), started, outcome);
            if self.traces.wants(source, number) {
                self.traces.end(source, number, now, outcome);
            }
        }
        if now >= Time(0) {
            self.points(source).at((now.0 / SECOND) as u64).end(outcome, nanos);
        }
        self.windows.ended(Whose::Source(source.number()), [started, now], outcome, nanos);
    }

    fn message_ended(&mut self, now: Time, operation: OperationId, started: Time, outcome: Outcome) {
        if self.cohort(started).is_some() {
            row(&mut self.messages, operation.number()).end(outcome, (now.0 - started.0) as u64);
        }
        if self.cohort(now).is_some() && matches!(outcome, Outcome::Succeeded { .. }) {
            row(&mut self.messages, operation.number()).completed += 1;
        }
        if let Outcome::Failed(reason) = outcome {
            self.watch.brokers.dropped(now, operation, Some(reason));
        }
    }

    fn instance_up(&mut self, now: Time, instance: InstanceId) {
        self.watch.lives.rose(now, instance);
        let service = self.resources.places.get(instance.index()).map(|place| place.service);
        if let Some((service, down)) = service.and_then(|id| Some((id, self.watch.lives.out_since(id)?))) {
            self.watch.syndromes.returned(service, now, down);
        }
    }
}

impl Observer for Recorder {
    const HEARS_MOVES: bool = false;

    #[inline(always)]
    fn moves(&mut self, now: Time, (operation, source): (Option<OperationId>, SourceId), ends: [ActivityCode; 2]) {
        if now < self.horizon {
            self.counters.flow.go(Doer::of(operation, source), ends[0], ends[1], now);
        }
    }

    #[inline(always)]
    fn follows(&mut self, source: SourceId, number: u64) -> bool {
        self.traces.wants(source, number)
    }

    /// Inlined where the engine tells of something, so that what is told leads straight to whoever counts it: no record
    /// of it is written down and no table of jumps is asked.
    #[inline(always)]
    fn observe(&mut self, now: Time, what: &Observation) {
        // The horizon's own instant belongs to nobody.
        if now >= self.horizon {
            return;
        }
        match *what {
            Observation::Moved { exec, operation, source, number, from, to, aside, followed, .. } => {
                if aside {
                    let word = |activity: Option<Activity>| activity.map_or(ActivityCode::NOTHING, ActivityCode::of);
                    self.counters.aside.go(Doer::of(operation, source), word(from), word(to), now);
                }
                if let Some(Activity::Retransmit(link)) = to {
                    self.watch.held_back.dropped(link, now);
                }
                if followed {
                    self.traces.moved(source, number, exec, operation, to, now);
                }
            }
            Observation::Work { operation, instance, kind, amount, aside } => {
                self.worked(operation, instance, kind, amount);
                if aside {
                    row(&mut self.counters.operations, operation.number()).aside.add(kind, amount);
                }
            }
            Observation::AttemptStarted { site, attempt, source, number, exec, parent, followed } => {
                self.attempt_started(now, site, attempt > 0);
                if followed {
                    self.traces.call(source, number, exec, parent);
                }
            }
            Observation::AttemptEnded { site, started, outcome, instance, .. } => {
                self.attempt_ended(now, site, started, outcome, instance.is_some());
            }
            Observation::Admitted { operation, instance, .. } => {
                row(&mut self.counters.operations, operation.number()).admitted += 1;
                row(&mut self.counters.instances, instance.number()).arrived += 1;
            }
            // The caller had no socket: no call was made.
            Observation::Begun { operation, instance, .. } => {
                row(&mut self.counters.operations, operation.number()).begun += 1;
                row(&mut self.counters.instances, instance.number()).begun += 1;
            }
            Observation::Rejected { operation, instance, by, .. } => self.rejected(operation, instance, by),
            Observation::Dropped { operation, .. } => {
                row(&mut self.counters.operations, operation.number()).dropped += 1
            }
            Observation::RequestStarted { source, site, number, session } => {
                self.sessions.call(source, session, site);
                self.request_started(now, source, site, number);
            }
            Observation::RequestEnded { source, site, number, started, outcome, session } => {
                self.sessions.called(source, (session, site), started, now, outcome);
                self.request_ended(now, (source, site), number, started, outcome);
            }
            Observation::SessionStarted { source, session } => {
                if self.cohort(now).is_some() {
                    self.sessions.start(source, session, now);
                }
                let count = row(&mut self.counters.sources, source.number());
                count.sessions_started += 1;
                count.session_nanos -= i128::from(now.0);
            }
            Observation::SessionEnded { source, session, outcome, site } => {
                self.sessions.end(source, session, now, outcome, site);
                let count = row(&mut self.counters.sources, source.number());
                count.sessions_ended += 1;
                count.session_nanos += i128::from(now.0);
            }
            Observation::MessageAccepted { operation } => {
                if self.cohort(now).is_some() {
                    row(&mut self.messages, operation.number()).offered += 1;
                }
            }
            Observation::MessageEnded { operation, started, outcome } => {
                self.message_ended(now, operation, started, outcome);
            }
            Observation::MessageLost { operation, started } => {
                if self.cohort(started).is_some() {
                    row(&mut self.messages, operation.number()).end(Outcome::Failed(Reason::Crashed), 0);
                }
                self.watch.brokers.dropped(now, operation, None);
            }
            Observation::InstanceDown { instance, cause } => {
                self.watch.lives.died(now, instance, cause);
                self.queues.died(now, instance);
            }
            Observation::InstanceUp { instance } => self.instance_up(now, instance),
            Observation::BreakerChanged { link, caller_instance, open } => {
                self.watch.breakers.changed(now, link, caller_instance, open)
            }
            Observation::RuleFired { rule } => self.rules.fired(now, rule, None),
            Observation::RuleSkipped { rule, why } => self.rules.fired(now, rule, Some(why)),
            Observation::Scaled { rule, value, wants, has, booting, did } => {
                self.rules.scaled(now, Scaled { rule, value, wants, has, booting, did });
            }
            Observation::Deployed { service, begun } => self.rules.deployed(now, service, begun),
            // The instances' own ups and downs tell these.
            Observation::MachineDown { .. } | Observation::MachineUp { .. } | Observation::TopologyChanged => {}
            Observation::HealthChanged { link, caller_instance, target, healthy, why } => {
                self.watch.beliefs.changed(now, link, (caller_instance, target), why, healthy);
            }
            // An execution's end shows in what its caller learns and what it did.
            Observation::Finished { .. } | Observation::CommandApplied { .. } => {}
        }
    }
}
