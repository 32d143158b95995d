//! Listens to a run, looks at its resources once per simulated second, and keeps what the results are made of.
//!
//! Memory grows with the size of the system and with what is in flight, never with what has passed: totals, histograms,
//! series of bounded length, a minute of snapshots, a bounded sample of traces. Nothing here can change the run.

use super::acts::{Acts, flushes};
use super::baseline::Baseline;
use super::counters::{Counters, Snapshot, Totals, Window};
use super::emptied::Emptied;
use super::impact::{self, Impact};
use super::kept::Kept;
use super::moment::Moment;
use super::outages::Outages;
use super::queues::Lines;
use super::ranking::culprit;
use super::resources::{Resources, Track, WINDOW};
use super::rules::Rules;
use super::series::Series;
use super::sessions::SessionBooks;
use super::story_builder::StoryBuilder;
use super::subject::Causes;
use super::traces::Traces;
use super::traffic::{Point, Tally};
use super::trouble::Trouble;
use super::windows::Windows;
use crate::engine::ResourceKind;
use crate::engine::Simulation;
use crate::model::{Action, LinkId, Model, ServiceId, Target};
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
    pub(super) points: Vec<Series<Point>>,
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
    pub(super) baseline: Baseline,
    pub(super) emptied: Emptied,
    /// What operators did in the last minute.
    pub(super) acts: Acts,
    pub(super) slowdowns: Vec<(Target, f64, Time)>,
    /// Service of each operation; and for each site the service it calls, over which link, and whether that has a rate
    /// limit.
    pub(super) owners: Vec<ServiceId>,
    pub(super) callees: Vec<(ServiceId, LinkId, bool)>,
    /// Longest latency that objectives allow each source, nanoseconds.
    pub(super) limits: Vec<u64>,
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
            points: Vec::new(),
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
            acts: Acts::default(),
            slowdowns: Vec::new(),
            owners: Vec::new(),
            callees: Vec::new(),
            limits: impact::limits(model),
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
            self.take(sim, false);
        }
    }

    /// The last look, whenever that is: what stands there now is the end of the run.
    pub fn close(&mut self, sim: &Simulation) {
        self.take(sim, true);
        self.end.get_or_insert_with(|| Kept::of(sim));
    }

    fn take(&mut self, sim: &Simulation, last: bool) {
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
        if self.limits.len() != model.sources.len() {
            self.limits = impact::limits(model);
        }
        let done = self.rules.look(model, &self.resources, &mut self.watch.story);
        let then = self.history.iter().nth_back(1).map_or(now, |last| last.at);
        let acted = |service| {
            let on_it = |(at, action): &(Time, Action)| flushes(action, service).then_some(*at);
            done.iter().filter_map(on_it).max().or_else(|| self.watch.lives.died_after(then, service))
        };
        let ttl = |service: ServiceId, place: u32| {
            let store = model.services[service].stores.get(place as usize)?;
            (store.ttl < i64::MAX && !store.sliding).then_some(store.ttl)
        };
        self.emptied.look(sim.stores(), [then, now], acted, ttl);
        self.emptied.tell_full(model, &mut self.watch.story);
        self.acts.remember(&done, now);
        let ill = self.watch.failures.any() || self.watch.lives.down().next().is_some();
        self.baseline.look(&self.history, ill || !done.is_empty());
        self.slow_down(done, model, now);
        if self.history.len() > 1 {
            self.judge(model, last);
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

    /// What crowds lose now, by whom it comes down to, the worst first. Known to those who [follow](Recorder::follow).
    pub fn impacts(&self) -> &[Impact] {
        self.watch.impacts.rows()
    }

    /// Whom most of what is lost now comes down to, or what of these troubles explains most others; several are so
    /// together.
    pub fn culprit(&self, troubles: &[Trouble]) -> Causes {
        let of_loss = self.watch.impacts.culprit();
        if of_loss.is_empty() { culprit(troubles).to_vec().into() } else { of_loss.clone() }
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
            + self.points.iter().map(|series| series.footprint(|point| point.latency.footprint())).sum::<usize>()
            + self.windows.footprint()
            + self.sessions.footprint()
            + self.traces.footprint()
            + self.resources.footprint()
            + self.queues.footprint()
            + self.outages.footprint()
            + self.told() * SENTENCE
            + self.watch.losses.footprint()
            + self.history.iter().map(snapshot).sum::<usize>()
    }

    /// Whether a resource is saturated, by its index in the engine's table.
    pub fn saturated(&self, resource: usize) -> bool {
        self.resources.tracks.get(resource).is_some_and(|track| track.detector.since().is_some())
    }

    fn judge(&mut self, model: &Model, last: bool) {
        let now = self.history.len() - 1;
        let window =
            |seconds: usize| Window { old: &self.history[now.saturating_sub(seconds)], new: &self.history[now] };
        let (second, short, long) = (window(1), window(WINDOW), window(HISTORY));
        // What ends before there are so many seconds is judged by those there were.
        let enough = last || short.seconds() >= WINDOW as f64 - 0.5;
        self.resources.judge([second, short], enough, &self.history, &self.acts);
        if short.new.at <= Time(0) {
            return;
        }
        self.resources.ask(model, [second, short, long], enough);
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
            last,
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
        // One that ends now was there in the second that is looked at.
        self.slowdowns.retain(|s| s.2 >= now);
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
        let resources = &mut self.resources;
        for place in &mut resources.places {
            let cores = place.machine.and_then(|machine| resources.cores.get(&machine));
            let cores = cores.map(|&at| &resources.tracks[at]);
            let hit = |target: &Target| match target {
                Target::Machine(group, ordinal) => {
                    let of = |cores: &&Track| cores.group == Some(*group);
                    cores.filter(of).is_some_and(|cores| ordinal.is_none_or(|ordinal| cores.ordinal == Some(ordinal)))
                }
                Target::Service(service, ordinal) => {
                    place.service == *service && ordinal.is_none_or(|ordinal| place.ordinal == ordinal)
                }
            };
            place.slow = self.slowdowns.iter().filter(|s| hit(&s.0)).map(|s| s.1).product();
        }
    }
}

/// Length of a run in seconds.
pub(super) fn seconds(span: Span) -> f64 {
    span.0 as f64 / 1e9
}
