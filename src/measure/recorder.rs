//! Listens to a run, looks at its resources once per simulated second, and keeps what the results are made of.
//!
//! Memory grows with the size of the system and with what is in flight, never with what has passed: totals, histograms,
//! series of bounded length, a minute of snapshots, a bounded sample of traces. Nothing here can change the run.

use super::acts::{self, Act, flushes};
use super::baseline::Baseline;
use super::counters::{Counters, Snapshot, Totals, Window, limit_index, row};
use super::emptied::Emptied;
use super::flow::Doer;
use super::kept::Kept;
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
use super::traffic::{Slot, Tally, ended_at, reason_index};
use super::trouble::Trouble;
use super::windows::{Whose, Windows};
use crate::engine::Simulation;
use crate::engine::{Activity, InstanceId, Limit, Observation, Observer, Outcome, ResourceKind, WorkKind};
use crate::model::{Action, LinkId, Model, OperationId, ServiceId, SiteId, SourceId, Target};
use crate::scenario::Reason;
use crate::units::{Span, Time};
use std::collections::VecDeque;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
/// Seconds of snapshots kept: the longest window anything looks back.
const HISTORY: usize = 61;

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
    /// What else stood there at the same moment, and at the end.
    pub(super) kept: Option<Kept>,
    pub(super) end: Option<Kept>,
    baseline: Baseline,
    emptied: Emptied,
    /// What operators did in the last minute.
    acts: Vec<Act>,
    slowdowns: Vec<(Target, f64, Time)>,
    /// Service of each operation; and for each site the service it calls, over which link, and whether that has a rate
    /// limit.
    owners: Vec<ServiceId>,
    callees: Vec<(ServiceId, LinkId, bool)>,
}

impl Recorder {
    /// A recorder for a run of this model from its start.
    pub fn new(model: &Model) -> Recorder {
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
            kept: None,
            end: None,
            baseline: Baseline::new(model),
            emptied: Emptied::default(),
            acts: Vec::new(),
            slowdowns: Vec::new(),
            owners: Vec::new(),
            callees: Vec::new(),
        }
    }

    /// The next time `look` is due after `now`: the next whole second, or the horizon.
    pub fn next_look(&self, now: Time) -> Time {
        let next = Time((now.0.div_euclid(SECOND) + 1) * SECOND);
        if now < self.horizon { next.min(self.horizon) } else { next }
    }

    /// Look at the running system. Due at every whole second and at the horizon, before what happens at that instant:
    /// a second is what happened from its begin on and before the next one's. More often does no harm.
    pub fn look(&mut self, sim: &Simulation) {
        let now = sim.now();
        let due = now.0.rem_euclid(SECOND) == 0 || self.history.is_empty();
        if now == self.horizon {
            self.close(sim);
        } else if due {
            self.take(sim);
        }
    }

    /// The last look, whenever that is: what stands there now is the end of the run.
    pub fn close(&mut self, sim: &Simulation) {
        self.take(sim);
        self.end.get_or_insert_with(|| Kept::of(sim));
    }

    fn take(&mut self, sim: &Simulation) {
        let now = sim.now();
        if self.history.back().is_some_and(|last| last.at == now) {
            return;
        }
        let resources = self.resources.read(sim);
        let snapshot = Arc::new(Snapshot { at: now, counters: self.counters.clone(), resources });
        if now >= Time(0) {
            self.start.get_or_insert_with(|| snapshot.clone());
            self.kept.get_or_insert_with(|| Kept::of(sim));
        }
        self.baseline.begin(&snapshot);
        self.queues.look(sim, &self.resources);
        self.history.push_back(snapshot);
        while self.history.len() > HISTORY {
            self.history.pop_front();
        }
        let model = sim.model();
        self.owners.clear();
        self.owners.extend(model.operations.iter().map(|o| o.service));
        self.callees.clear();
        self.callees.extend(model.sites.iter().map(|site| {
            let limited = model.links[site.link].guards.rate_limit.is_some();
            (model.operations[site.operation].service, site.link, limited)
        }));
        let done = self.rules.look(model, &self.resources, &mut self.watch.story);
        let then = self.history.iter().nth_back(1).map_or(now, |last| last.at);
        let acted = |service| {
            let on_it = |(at, action): &(Time, Action)| flushes(action, service).then_some(*at);
            done.iter().filter_map(on_it).max().or_else(|| self.watch.lives.died_after(then, service))
        };
        self.emptied.look(sim.stores(), [then, now], acted);
        self.emptied.tell_full(model, &mut self.watch.story);
        acts::remember(&mut self.acts, &done, now);
        let ill = self.watch.failures.any() || self.watch.lives.down().next().is_some();
        self.baseline.look(&self.history, ill || !done.is_empty());
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

    /// Where the run stands: at its end, or now while it goes on.
    pub(super) fn present(&self, sim: &Simulation) -> (Snapshot, Kept) {
        if let (Some(end), Some(last)) = (&self.end, self.history.back()) {
            return (Snapshot::clone(last), end.clone());
        }
        let hosted = |at: usize| self.resources.tracks.get(at).is_some_and(|track| track.hosted);
        let totals = sim.resources().enumerate().map(|(at, view)| Totals::of(&view, hosted(at)));
        let snapshot = Snapshot { at: sim.now(), counters: self.counters.clone(), resources: totals.collect() };
        (snapshot, Kept::of(sim))
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
            let max = if short.old.at >= Time(0) { &mut subject.offered_max } else { continue };
            *max = Some(max.map_or(load, |max| max.max(load)));
        }
        self.watch.look(&Moment {
            model,
            resources: &self.resources,
            history: &self.history,
            second,
            short,
            long,
            before: self.baseline.window(),
            acts: &self.acts,
            emptied: &self.emptied,
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

    fn slots(&mut self, source: SourceId) -> &mut Series<Slot> {
        while self.slots.len() <= source.index() {
            self.slots.push(Series::new(1, POINTS));
        }
        &mut self.slots[source.index()]
    }
}

impl Observer for Recorder {
    fn observe(&mut self, now: Time, what: &Observation) {
        // The horizon's own instant belongs to nobody.
        if now >= self.horizon {
            return;
        }
        match *what {
            Observation::Moved { exec, operation, source, number, instance: _, from, to, since: _ } => {
                let doer = operation.map_or(Doer::Client(source), Doer::Operation);
                if let Some(from) = from {
                    self.counters.flow.leave(doer, from, now);
                }
                if let Some(to) = to {
                    self.counters.flow.enter(doer, to, now);
                    if let Activity::Retransmit(link) = to {
                        self.watch.held_back.dropped(link, now);
                    }
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
            Observation::AttemptEnded { site, started, outcome, instance, .. } => {
                self.attempted(site, started, outcome, now);
                let count = row(&mut self.counters.sites, site.number());
                count.ended += 1;
                count.unsent += u64::from(instance.is_none());
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
            Observation::Admitted { operation, instance, .. } => {
                row(&mut self.counters.operations, operation.number()).admitted += 1;
                *row(&mut self.counters.instances, instance.number()) += 1;
            }
            // The caller had no socket: no call was made.
            Observation::Begun { operation, .. } => {
                row(&mut self.counters.operations, operation.number()).begun += 1;
            }
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
                    self.slots(source).at(second).offered += 1;
                    self.windows.each(Whose::Source(source.number()), second, |slot| slot.offered += 1);
                    self.outages.began(Whose::Source(source.number()), now);
                    if self.traces.wants(source, number) {
                        self.traces.start(source, number, now);
                    }
                }
            }
            Observation::RequestEnded { source, site, number, started, outcome, session } => {
                self.sessions.called(source, (session, site), started, now, outcome);
                let failed = match outcome {
                    Outcome::Succeeded { .. } => None,
                    Outcome::Failed(reason) => Some(reason_index(reason)),
                };
                self.watch.failures.request_ended(source, now, started, failed);
                let count = row(&mut self.counters.sources, source.number());
                match outcome {
                    Outcome::Succeeded { .. } => count.succeeded += 1,
                    Outcome::Failed(reason) => count.failed[reason_index(reason)] += 1,
                }
                let nanos = (now.0 - started.0) as u64;
                let tally = row(&mut self.sources, source.number());
                tally.completed += u64::from(matches!(outcome, Outcome::Succeeded { .. }) && now >= Time(0));
                if started >= Time(0) {
                    tally.end(outcome, nanos);
                    self.outages.ended(Whose::Source(source.number()), started, outcome);
                    if self.traces.wants(source, number) {
                        self.traces.end(source, number, now, outcome);
                    }
                }
                ended_at(self.slots(source), [started, now], outcome, nanos);
                self.windows.ended(Whose::Source(source.number()), [started, now], outcome, nanos);
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
                if self.cohort(now).is_some() && matches!(outcome, Outcome::Succeeded { .. }) {
                    row(&mut self.messages, operation.number()).completed += 1;
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
            Observation::InstanceUp { instance } => {
                self.watch.lives.rose(now, instance);
                let service = self.resources.places.get(instance.index()).map(|place| place.service);
                if let Some((service, down)) = service.and_then(|id| Some((id, self.watch.lives.out_since(id)?))) {
                    self.watch.syndromes.returned(service, now, down);
                }
            }
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

/// Length of a run in seconds.
pub(super) fn seconds(span: Span) -> f64 {
    span.0 as f64 / 1e9
}
