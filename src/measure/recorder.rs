//! Listens to a run, looks at its resources once per simulated second, and keeps what the results are made of.
//!
//! Memory grows with the size of the system and with what is in flight, never with what has passed: totals, histograms,
//! series of bounded length, a minute of snapshots, a bounded sample of traces. Nothing here can change the run.

use super::counters::{Counters, Snapshot, Window, limit_index, row};
use super::flow::Doer;
use super::moment::Moment;
use super::offered::{Mix, Station};
use super::outages::Outages;
use super::queues::Lines;
use super::resources::{POINTS, Resources, WINDOW};
use super::rules::{Rules, Scaled};
use super::series::Series;
use super::sessions::SessionBooks;
use super::story_builder::StoryBuilder;
use super::traces::Traces;
use super::traffic::{Slot, Tally, reason_index};
use super::trouble::Trouble;
use super::windows::{Whose, Windows};
use crate::engine::{Activity, InstanceId, Limit, Observation, Observer, Outcome, ResourceKind, WorkKind};
use crate::engine::{Reads, Simulation, StoreView};
use crate::model::{Action, Model, OperationId, ServiceId, SourceId, Target};
use crate::scenario::Reason;
use crate::units::{Span, Time};
use std::collections::VecDeque;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
/// Seconds of snapshots kept: the longest window anything looks back.
const HISTORY: usize = 61;
/// The load before the crowd came is measured at most so long before and after time 0, seconds.
const BEFORE: i64 = 300;
const AFTER: i64 = 60;

/// Everything heard and seen.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(super) horizon: Time,
    pub(super) counters: Counters,
    pub(super) sources: Vec<Tally>,
    pub(super) sites: Vec<Tally>,
    pub(super) sessions: SessionBooks,
    /// By operation of a broker.
    pub(super) messages: Vec<Tally>,
    pub(super) slots: Vec<Series<Slot>>,
    pub(super) windows: Windows,
    pub(super) outages: Outages,
    pub(super) traces: Traces,
    pub(super) resources: Resources,
    pub(super) queues: Lines,
    pub(super) watch: StoryBuilder,
    pub(super) rules: Rules,
    /// One per second, oldest first.
    history: VecDeque<Arc<Snapshot>>,
    /// At time 0 (or the first look after it).
    pub(super) start: Option<Arc<Snapshot>>,
    /// Stores at the same moment.
    pub(super) stores: Option<Vec<StoreView>>,
    /// Reads of replicas at the same moment, by operation.
    pub(super) reads: Vec<Reads>,
    /// First and last look of the time before the crowd came, and when those are due.
    before: [Option<Arc<Snapshot>>; 2],
    before_due: [Time; 2],
    slowdowns: Vec<(Target, f64, Time)>,
    /// Service of each operation.
    owners: Vec<ServiceId>,
}

impl Recorder {
    /// A recorder for a run of this model from its start.
    pub fn new(model: &Model) -> Recorder {
        let quiet_until = model.sources.iter().map(|s| first_change(&s.profile.points)).min().unwrap_or(i64::MAX);
        Recorder {
            horizon: Time(model.horizon.0),
            counters: Counters::default(),
            sources: Vec::new(),
            sites: Vec::new(),
            sessions: SessionBooks::default(),
            messages: Vec::new(),
            slots: Vec::new(),
            windows: Windows::new(model),
            outages: Outages::new(model),
            traces: Traces::default(),
            resources: Resources::default(),
            queues: Lines::default(),
            watch: StoryBuilder::default(),
            rules: Rules::default(),
            history: VecDeque::new(),
            start: None,
            stores: None,
            reads: Vec::new(),
            before: [None, None],
            // Half of warm-up fills the system; the crowd's first tenth more ends it.
            before_due: [
                Time(-(model.warm_up.0 / 2).min(BEFORE * SECOND)),
                Time(quiet_until.clamp(10 * SECOND, AFTER * SECOND)),
            ],
            slowdowns: Vec::new(),
            owners: Vec::new(),
        }
    }

    /// The next time `look` is due after `now`: the next whole second, or the horizon.
    pub fn next_look(&self, now: Time) -> Time {
        let next = Time((now.0.div_euclid(SECOND) + 1) * SECOND);
        if now < self.horizon { next.min(self.horizon) } else { next }
    }

    /// Look at the running system. Due at every whole second and at the horizon; more often does no harm.
    pub fn look(&mut self, sim: &Simulation) {
        let now = sim.now();
        if self.history.back().is_some_and(|last| now.0 - last.at.0 < SECOND && now != self.horizon || last.at == now) {
            return;
        }
        let resources = self.resources.read(sim);
        let snapshot = Arc::new(Snapshot { at: now, counters: self.counters.clone(), resources });
        if now >= Time(0) {
            self.start.get_or_insert_with(|| snapshot.clone());
            if self.stores.is_none() {
                self.stores = Some(sim.stores().collect());
                self.reads = (0..sim.model().operations.len()).map(|at| sim.reads(OperationId::new(at))).collect();
            }
        }
        for (place, due) in self.before.iter_mut().zip(self.before_due) {
            if now >= due {
                place.get_or_insert_with(|| snapshot.clone());
            }
        }
        self.queues.look(sim, &self.resources);
        self.history.push_back(snapshot);
        while self.history.len() > HISTORY {
            self.history.pop_front();
        }
        let model = sim.model();
        self.owners.clear();
        self.owners.extend(model.operations.iter().map(|o| o.service));
        let done = self.rules.look(model, &self.resources, &mut self.watch.story);
        self.slow_down(done, model, now);
        if self.history.len() > 1 {
            self.judge(model);
        }
    }

    /// Somebody will look at [`Recorder::troubles`] while the run goes on.
    pub fn follow(&mut self) {
        self.watch.follows = true;
    }

    /// What is wrong now: what is full, and what refuses or fails as far as it was told.
    pub fn troubles(&self, model: &Model) -> Vec<Trouble> {
        self.watch.troubles(model, &self.resources)
    }

    /// Sentences of the story so far.
    pub fn told(&self) -> usize {
        self.watch.story.told()
    }

    /// Names by which the story speaks of resources, in the order of their first appearance, with the indices of each
    /// one's in the engine's table.
    pub fn subjects(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.resources.subjects.iter().map(|subject| (subject.id.as_str(), subject.members.as_slice()))
    }

    /// Unit-seconds in use and of capacity of some resources together, since the run began, as of the last look.
    pub fn totals(&self, resources: &[usize]) -> [f64; 2] {
        let Some(last) = self.history.back() else { return [0.0; 2] };
        let known = resources.iter().filter_map(|&index| last.resources.get(index));
        known.fold([0.0; 2], |[busy, capacity], totals| [busy + totals.busy, capacity + totals.capacity])
    }

    /// Bytes that a copy takes, about. What copies share counts for each of them.
    pub fn footprint(&self) -> usize {
        /// A sentence of the story, with its strings.
        const SENTENCE: usize = 320;
        let tallies = self.sources.iter().chain(&self.sites).chain(&self.messages);
        let snapshot = |snapshot: &Arc<Snapshot>| {
            size_of::<Snapshot>() + snapshot.counters.footprint() + size_of_val(&*snapshot.resources)
        };
        size_of::<Self>()
            + self.counters.footprint()
            + tallies.map(|tally| size_of::<Tally>() + tally.latency.footprint()).sum::<usize>()
            + self.slots.iter().map(|series| series.footprint(|slot| slot.latency.footprint())).sum::<usize>()
            + self.windows.footprint()
            + self.sessions.footprint()
            + self.traces.footprint()
            + self.resources.footprint()
            + self.queues.footprint()
            + self.outages.footprint()
            + self.told() * SENTENCE
            + self.history.iter().map(snapshot).sum::<usize>()
    }

    /// Whether a resource is saturated, by its index in the engine's table.
    pub fn saturated(&self, resource: usize) -> bool {
        self.resources.tracks.get(resource).is_some_and(|track| track.detector.since().is_some())
    }

    fn judge(&mut self, model: &Model) {
        let last = self.history.len() - 1;
        let window =
            |seconds: usize| Window { old: &self.history[last.saturating_sub(seconds)], new: &self.history[last] };
        let (second, short, long) = (window(1), window(WINDOW), window(HISTORY));
        self.resources.judge(second, short, &self.history);
        if short.new.at <= Time(0) {
            return;
        }
        let mix = Mix::of(short, model);
        let calls = mix.calls(model);
        let loads: Vec<Option<f64>> = self
            .resources
            .subjects
            .iter()
            .map(|subject| {
                Station::now(short, long, model, &self.resources, &self.resources.live(subject)).map(|s| s.load(&calls))
            })
            .collect();
        let point = (second.old.at.0.max(0) / SECOND) as u64;
        for (subject, load) in self.resources.subjects.iter_mut().zip(loads) {
            let Some(load) = load else { continue };
            subject.offered.at(point).add(load);
            subject.offered_mean.add(load);
            if short.old.at >= Time(0) {
                subject.offered_max = Some(subject.offered_max.map_or(load, |max| max.max(load)));
            }
        }
        let before = match &self.before {
            [Some(old), Some(new)] if old.at < new.at => Some(Window { old, new }),
            [..] => None,
        };
        self.watch.look(&Moment {
            model,
            resources: &self.resources,
            history: &self.history,
            second,
            short,
            long,
            before,
            mix: &mix,
        });
    }

    /// Remember what the runbook slowed down and for how long.
    fn slow_down(&mut self, done: Vec<(Time, Action)>, model: &Model, now: Time) {
        for (at, action) in done {
            if let Action::Slow { target, factor, lasting } = action {
                self.slowdowns.push((target, factor, Time(at.0.saturating_add(lasting.0))));
            }
        }
        let before = self.slowdowns.len();
        self.slowdowns.retain(|s| s.2 > now);
        if before == 0 {
            return;
        }
        let rated = |kind| matches!(kind, ResourceKind::Cpu | ResourceKind::Quota | ResourceKind::Threads);
        for track in self.resources.tracks.iter_mut().filter(|t| rated(t.kind)) {
            let hit = |target: &Target| {
                let ordinal = match target {
                    Target::Machine(group, ordinal) => (track.group == Some(*group)).then_some(*ordinal),
                    Target::Service(service, ordinal) => {
                        let alone = |g: crate::model::GroupId| model.groups[g].services == [*service];
                        (track.service == Some(*service) || track.service.is_none() && track.group.is_some_and(alone))
                            .then_some(*ordinal)
                    }
                };
                ordinal.is_some_and(|o| o.is_none_or(|o| track.name.contains(&format!("/{o}."))))
            };
            track.slow = self.slowdowns.iter().filter(|s| hit(&s.0)).map(|s| s.1).product();
        }
    }

    /// Whether an instance is of another service than the operation.
    fn is_caller(&self, instance: InstanceId, operation: OperationId) -> bool {
        let service = self.resources.places.get(instance.index()).map(|p| p.service);
        service.zip(self.owners.get(operation.index()).copied()).is_some_and(|(a, b)| a != b)
    }

    /// The second within the horizon in which something started; None: not counted.
    #[inline]
    fn cohort(&self, started: Time) -> Option<u64> {
        (started >= Time(0) && started < self.horizon).then_some((started.0 / SECOND) as u64)
    }

    fn slot(&mut self, source: SourceId, second: u64, mut act: impl FnMut(&mut Slot)) {
        while self.slots.len() <= source.index() {
            self.slots.push(Series::new(1, POINTS));
        }
        act(self.slots[source.index()].at(second));
        self.windows.each(Whose::Source(source.number()), second, act);
    }
}

impl Observer for Recorder {
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::Moved { exec, operation, source, number, instance: _, from, to, since: _ } => {
                let doer = operation.map_or(Doer::Client(source), Doer::Operation);
                if let Some(from) = from {
                    self.counters.flow.leave(doer, from, now);
                    if from == Activity::Backlog
                        && to.is_none()
                        && let Some(operation) = operation
                    {
                        row(&mut self.counters.operations, operation.number()).unserved += 1;
                    }
                }
                if let Some(to) = to {
                    self.counters.flow.enter(doer, to, now);
                }
                if self.traces.wants(source, number) {
                    self.traces.moved(source, number, exec, operation, to, now);
                }
            }
            Observation::Work { operation, instance: _, kind, amount } => {
                let count = row(&mut self.counters.operations, operation.number());
                match kind {
                    WorkKind::Cpu => count.cpu_seconds += amount,
                    WorkKind::Spawn => count.spawn_seconds += amount,
                    WorkKind::Network => count.bytes += amount,
                    WorkKind::Ingress => count.uploaded += amount,
                    WorkKind::Disk => count.disk += amount,
                }
            }
            Observation::AttemptStarted { site, attempt, source, number, exec, parent } => {
                let count = row(&mut self.counters.sites, site.number());
                if attempt == 0 {
                    count.first += 1
                } else {
                    count.retries += 1
                }
                if let Some(second) = self.cohort(now) {
                    row(&mut self.sites, site.number()).offered += 1;
                    self.windows.each(Whose::Site(site.number()), second, |slot| slot.offered += 1);
                    self.outages.began(Whose::Site(site.number()), now);
                }
                if self.traces.wants(source, number) {
                    self.traces.call(source, number, exec, parent);
                }
            }
            Observation::AttemptEnded { site, started, outcome, .. } => {
                let count = row(&mut self.counters.sites, site.number());
                count.ended += 1;
                count.refused += u64::from(matches!(outcome, Outcome::Failed(Reason::Refused | Reason::Shed)));
                count.circuit_open += u64::from(outcome == Outcome::Failed(Reason::CircuitOpen));
                count.rate_limited += u64::from(outcome == Outcome::Failed(Reason::RateLimited));
                if let Some(second) = self.cohort(started) {
                    let nanos = (now.0 - started.0) as u64;
                    row(&mut self.sites, site.number()).end(outcome, nanos);
                    self.windows.each(Whose::Site(site.number()), second, |slot| slot.end(outcome, nanos));
                    self.outages.ended(Whose::Site(site.number()), started, outcome);
                }
            }
            Observation::Admitted { operation, instance, .. } => {
                row(&mut self.counters.operations, operation.number()).admitted += 1;
                *row(&mut self.counters.instances, instance.number()) += 1;
            }
            // The caller had no socket: no call was made.
            Observation::Rejected { instance: Some(instance), by: Limit::Descriptors, operation, .. }
                if self.is_caller(instance, operation) =>
            {
                *row(&mut self.counters.no_socket, instance.number()) += 1;
            }
            Observation::Rejected { operation, instance, by, .. } => {
                row(&mut self.counters.operations, operation.number()).rejected[limit_index(by)] += 1;
                // Refused by the caller's side for want of an instance: nowhere.
                if let Some(instance) = instance {
                    *row(&mut self.counters.instances, instance.number()) += 1;
                }
            }
            Observation::Dropped { operation, .. } => {
                row(&mut self.counters.operations, operation.number()).dropped += 1
            }
            Observation::RequestStarted { source, site, number, session } => {
                self.sessions.call(source, session, site);
                row(&mut self.counters.sites, site.number()).requests += 1;
                if let Some(second) = self.cohort(now) {
                    row(&mut self.sources, source.number()).offered += 1;
                    self.slot(source, second, |slot| slot.offered += 1);
                    self.outages.began(Whose::Source(source.number()), now);
                    if self.traces.wants(source, number) {
                        self.traces.start(source, number, now);
                    }
                }
            }
            Observation::RequestEnded { source, site, number, started, outcome, session } => {
                self.sessions.called(source, (session, site), started, now, outcome);
                let count = row(&mut self.counters.sources, source.number());
                match outcome {
                    Outcome::Succeeded { .. } => count.succeeded += 1,
                    Outcome::Failed(reason) => count.failed[reason_index(reason)] += 1,
                }
                if let Some(second) = self.cohort(started) {
                    let nanos = (now.0 - started.0) as u64;
                    row(&mut self.sources, source.number()).end(outcome, nanos);
                    self.slot(source, second, |slot| slot.end(outcome, nanos));
                    self.outages.ended(Whose::Source(source.number()), started, outcome);
                    if self.traces.wants(source, number) {
                        self.traces.end(source, number, now, outcome);
                    }
                }
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
                if self.cohort(started).is_some() {
                    row(&mut self.messages, operation.number()).end(outcome, (now.0 - started.0) as u64);
                }
                if let Outcome::Failed(reason) = outcome {
                    self.watch.brokers.dropped(operation, Some(reason));
                }
            }
            Observation::MessageLost { operation, started } => {
                if self.cohort(started).is_some() {
                    row(&mut self.messages, operation.number()).end(Outcome::Failed(Reason::Crashed), 0);
                }
                self.watch.brokers.dropped(operation, None);
            }
            Observation::InstanceDown { instance, cause } => self.watch.lives.died(now, instance, cause),
            Observation::InstanceUp { instance } => self.watch.lives.rose(now, instance),
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
            // Beliefs show in who is called; the execution's end in what its caller learns and what it did.
            Observation::HealthChanged { .. } | Observation::Finished { .. } | Observation::CommandApplied { .. } => {}
        }
    }
}

/// When a profile first leaves its value at time 0 by a tenth, nanoseconds.
fn first_change(points: &[(Time, f64)]) -> i64 {
    let Some(&(_, base)) = points.first() else { return i64::MAX };
    let far = |value: f64| (value - base).abs() > 0.1 * base.abs();
    let mut last = points[0];
    for &(at, value) in points {
        if far(value) {
            let share = if value == last.1 { 1.0 } else { (0.1 * base.abs() / (value - last.1).abs()).min(1.0) };
            return last.0.0 + ((at.0 - last.0.0) as f64 * share) as i64;
        }
        last = (at, value);
    }
    i64::MAX
}

/// Length of a run in seconds.
pub(super) fn seconds(span: Span) -> f64 {
    span.0 as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quiet_time_ends_where_the_crowd_has_grown_by_a_tenth() {
        let s = |t: i64| Time(t * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0), (s(100), 10.0), (s(200), 110.0)]), 101 * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0), (s(50), 10.0), (s(50), 100.0)]), 50 * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0)]), i64::MAX);
    }
}
