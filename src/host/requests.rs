//! What a host is, and what it does when it is asked.
//!
//! Messages are handled in order. A command waits until the run stands where it is sought, or until its own instant has
//! passed; then the next message may meet a changed model.

use super::message::{Lane, Pace, Request, Stride, Update};
use super::pace::Pacer;
use super::publish::Publisher;
use super::run_history::{Entry, RunHistory};
use crate::engine::Command;
use crate::experiment::{Compiled, Experiment, Intervention, LoadFailure, LogEntry};
use crate::model::Model;
use crate::scenario::Loaded;
use crate::study::{Portions, StudySpec};
use crate::units::Time;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What a host may use.
#[derive(Clone, Copy, Debug)]
pub struct HostOptions {
    /// Bytes for checkpoints; the start is kept whatever it takes.
    pub memory_bytes: usize,
    /// Events between two recent checkpoints; a quarter of it before one at a command or a new sentence of the story.
    pub checkpoint_events: u64,
    /// Shortest time between two frames.
    pub frame_every: Duration,
}

impl Default for HostOptions {
    fn default() -> Self {
        let megabytes = if cfg!(target_arch = "wasm32") { 48 } else { 256 };
        Self {
            memory_bytes: megabytes << 20,
            checkpoint_events: 500_000,
            frame_every: Duration::from_nanos(33_333_333),
        }
    }
}

/// What runs.
#[derive(Debug)]
pub(super) struct Base {
    /// As it was asked for.
    pub(super) experiment: Experiment,
    /// Its scenario with nothing put in: what a variant is put into.
    pub(super) scenario: Loaded,
    /// What the run began with.
    pub(super) compiled: Arc<Compiled>,
}

impl Base {
    /// An experiment at its beginning.
    ///
    /// # Errors
    /// Why it does not run.
    pub(super) fn of(experiment: Experiment) -> Result<Self, LoadFailure> {
        let scenario = experiment.base()?;
        let loaded = experiment.load(&scenario, experiment.variant.as_deref())?;
        let compiled = Compiled::new(loaded, experiment.variant.clone(), experiment.seed)?;
        let compiled = Arc::new(compiled.made_of(scenario.clone(), experiment.edits.clone()));
        Ok(Self { experiment, scenario, compiled })
    }
}

/// Where it is on its way to, whatever the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// To a time that was sought, from another; a second run may leave there.
    Seek { goal: Time, from: Time, branch: bool },
    /// To the end of a step.
    Step(Time),
    /// To the next event of the steered run that is not void; `events` have happened.
    Event { events: u64 },
    /// Until a command has taken effect.
    Command(Time),
}

/// One or two runs of a scenario, played for people.
#[derive(Debug)]
pub struct Host {
    pub(super) options: HostOptions,
    pub(super) base: Option<Base>,
    /// What the branch is a run of, where that is another experiment.
    pub(super) other: Option<Base>,
    /// The trunk, then the branch.
    pub(super) lanes: Vec<RunHistory>,
    pub(super) steered: Lane,
    pub(super) pace: Pace,
    pub(super) pacer: Pacer,
    pub(super) task: Option<Task>,
    /// A time that was sought and not yet set out for.
    pub(super) sought: bool,
    pub(super) inbox: VecDeque<Request>,
    pub(super) out: Vec<Update>,
    pub(super) publisher: Publisher,
    /// Beside the runs.
    pub(super) study: Option<Portions>,
}

impl Host {
    /// A host with nothing to run.
    #[must_use]
    pub fn new(options: HostOptions) -> Self {
        Self {
            options,
            base: None,
            other: None,
            lanes: Vec::new(),
            steered: Lane::Trunk,
            pace: Pace::Paused,
            pacer: Pacer::default(),
            task: None,
            sought: false,
            inbox: VecDeque::new(),
            out: Vec::new(),
            publisher: Publisher::default(),
            study: None,
        }
    }

    /// Takes a message in; `turn` handles it.
    pub fn receive(&mut self, message: Request) {
        self.inbox.push_back(message);
    }

    /// What there is to tell, in order.
    pub fn take_updates(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.out)
    }

    /// Bytes of all checkpoints, each counted once.
    #[must_use]
    pub fn checkpoint_bytes(&self) -> usize {
        match self.lanes.as_slice() {
            [trunk, branch] => trunk.checkpoints.footprint() + branch.checkpoints.footprint_beside(&trunk.checkpoints),
            lanes => lanes.iter().map(|lane| lane.checkpoints.footprint()).sum(),
        }
    }

    /// Times of the checkpoints of a run.
    #[must_use]
    pub fn checkpoint_times(&self, lane: Lane) -> Vec<Time> {
        let times = |lane: &RunHistory| lane.checkpoints.list().iter().map(|c| c.at()).collect();
        self.lanes.get(lane as usize).map(times).unwrap_or_default()
    }

    /// Obeys one message; false if it has to wait.
    pub(super) fn handle_next(&mut self) -> bool {
        let Some(next) = self.inbox.front() else { return false };
        let waits = match next {
            Request::Act(_)
            | Request::Edit(_)
            | Request::ApplyVariant(_)
            | Request::Revise { .. }
            | Request::Step(_)
            | Request::Branch { .. }
            | Request::Compare(_) => self.task.is_some(),
            Request::Study(_) | Request::Cancel | Request::ShowBoth(_) => false,
            Request::Open(_)
            | Request::Seek(_)
            | Request::Pace(_)
            | Request::Prune
            | Request::Steer(_)
            | Request::Focus(_)
            | Request::Credit => {
                matches!(self.task, Some(Task::Command(_)))
            }
        };
        if waits {
            return false;
        }
        if let Some(message) = self.inbox.pop_front() {
            self.handle(message);
        }
        true
    }

    fn handle(&mut self, message: Request) {
        match message {
            Request::Open(open) => self.open(*open),
            Request::Credit => self.publisher.credited(),
            Request::Pace(pace) => {
                self.pace = pace.bounded();
                self.pacer.rest();
                self.publisher.changed();
            }
            Request::Focus(instances) => {
                self.publisher.focus = instances;
                self.publisher.changed();
            }
            Request::Study(job) => self.study(job),
            Request::Cancel => self.study = None,
            Request::Act(Command::Act(action)) => self.intervene(Intervention::of(action)),
            Request::Act(Command::Replace(model)) => self.replace(model),
            Request::Edit(edits) => self.intervene(Intervention::Edit(edits)),
            Request::ApplyVariant(variant) => self.intervene(Intervention::ApplyVariant(variant)),
            Request::Revise { log, moment } => self.revise(&log, moment),
            Request::Step(stride) => self.step(stride),
            Request::Seek(time) => self.seek(time, false),
            Request::Branch { at } => {
                self.prune();
                self.seek(at, true);
            }
            Request::Compare(other) => self.compare(*other),
            Request::ShowBoth(both) => {
                self.publisher.both = both;
                self.publisher.changed();
            }
            Request::Prune => self.prune(),
            Request::Steer(lane) => {
                if (lane as usize) < self.lanes.len() {
                    self.steered = lane;
                    self.publisher.changed();
                }
            }
        }
    }

    fn open(&mut self, experiment: Experiment) {
        let base = match Base::of(experiment) {
            Ok(base) => base,
            Err(failure) => return self.fail_to_load(failure),
        };
        let compiled = &base.compiled;
        self.lanes = vec![RunHistory::new(Arc::clone(&compiled.model), compiled.seed, self.options)];
        self.steered = Lane::Trunk;
        self.task = None;
        self.sought = false;
        self.pacer.rest();
        self.publisher.begin();
        self.study = None;
        self.out.push(Update::Opened(Arc::clone(compiled)));
        self.first_do(past(&base.experiment.log, base.experiment.moment));
        self.base = Some(base);
        self.other = None;
    }

    /// Before anything else that was asked.
    pub(super) fn first_do(&mut self, requests: Vec<Request>) {
        requests.into_iter().rev().for_each(|request| self.inbox.push_front(request));
    }

    pub(super) fn fail_to_load(&mut self, failure: LoadFailure) {
        self.out.push(Update::LoadFailure(Arc::new(failure)));
    }

    /// The experiment that gives a run as it is now, with all that was done to it, later than now as well; none if
    /// nothing runs, or a model from outside took its place.
    #[must_use]
    pub fn experiment(&self, lane: Lane) -> Option<Experiment> {
        let (base, run) = (self.base_of(lane as usize)?, self.lanes.get(lane as usize)?);
        let entry = |entry: &Entry| Some(LogEntry { time: entry.time, intervention: entry.intervention.clone()? });
        Some(Experiment {
            seed: Some(base.compiled.seed),
            log: run.log.iter().map(entry).collect::<Option<_>>()?,
            moment: Some(run.now()),
            ..base.experiment.clone()
        })
    }

    /// The study is about the scenario from its start, with what was edited since: what else was done to a run is none
    /// of it.
    fn study(&mut self, study: StudySpec) {
        let Some(design) = self.design() else { return };
        self.study = None;
        let begun = design.and_then(|design| Ok((Portions::new(study, design.clone())?, design)));
        match begun {
            Ok((portions, design)) => {
                self.study = Some(portions);
                self.publisher.begin_study();
                self.out.push(Update::StudyBegun(Arc::new(design)));
            }
            Err(failure) => self.out.push(Update::StudyFailed(Arc::new(failure))),
        }
    }

    fn steered(&mut self) -> Option<&mut RunHistory> {
        self.lanes.get_mut(self.steered as usize)
    }

    /// Something is done to the steered run, unless it is over and nothing can be done to it any more.
    fn intervene(&mut self, intervention: Intervention) {
        let steered = self.steered as usize;
        let (Some(base), Some(lane)) = (self.base_of(steered), self.lanes.get(steered)) else { return };
        let model = lane.run.sim.model();
        if lane.is_over() {
            return;
        }
        match intervention.command(&base.experiment, &base.scenario, model) {
            Ok(command) => self.submit(command, Some(intervention)),
            Err(failure) => self.fail_to_load(failure),
        }
    }

    fn replace(&mut self, model: Arc<Model>) {
        if self.steered().is_some_and(|lane| !lane.is_over()) {
            self.submit(Command::Replace(model), None);
        }
    }

    fn submit(&mut self, command: Command, intervention: Option<Intervention>) {
        let steered = self.steered as usize;
        let Some(lane) = self.steered() else { return };
        let time = lane.submit(command, intervention);
        let (known, points) = (lane.known, lane.history.len());
        self.publisher.rewritten(steered, points);
        if time <= self.lanes[steered].run.horizon() && known <= time {
            self.task = Some(Task::Command(time));
        }
        self.publisher.changed();
    }

    /// The steered run as it is with another log, at that time: taken up where the logs part.
    fn revise(&mut self, log: &[LogEntry], moment: Time) {
        let place = self.steered as usize;
        let Some(lane) = self.lanes.get_mut(place) else { return };
        let same = |(old, new): &(&Entry, &LogEntry)| {
            old.time == new.time && old.intervention.as_ref() == Some(&new.intervention)
        };
        let kept = lane.log.iter().zip(log).take_while(same).count();
        let parts = lane.log.get(kept).map(|entry| entry.time).into_iter().chain(log.get(kept).map(|entry| entry.time));
        if let Some(at) = parts.min() {
            lane.forget(kept, at);
            let points = lane.history.len();
            self.publisher.rewritten(place, points);
            self.out.push(Update::Withdrawn(self.steered, kept as u32));
        }
        self.first_do(past(&log[kept..], Some(moment)));
    }

    fn step(&mut self, stride: Stride) {
        let Some(lane) = self.lanes.get(self.steered as usize) else { return };
        self.task = Some(match stride {
            Stride::Event => Task::Event { events: lane.run.sim.events() },
            Stride::Span(span) => Task::Step(Time(lane.now().0.saturating_add(span.0))),
        });
        self.pace = Pace::Paused;
        self.pacer.rest();
        self.publisher.changed();
    }

    fn seek(&mut self, time: Time, branch: bool) {
        let Some(lane) = self.lanes.get(self.steered as usize) else { return };
        let start = Time(-lane.run.sim.model().warm_up.0);
        let goal = time.clamp(start, lane.run.horizon().max(start));
        self.task = Some(Task::Seek { goal, from: lane.now(), branch });
        self.sought = true;
        self.pacer.rest();
        self.publisher.changed();
    }

    pub(super) fn prune(&mut self) {
        if self.lanes.len() > 1 {
            self.lanes.truncate(1);
            self.other = None;
            self.steered = Lane::Trunk;
            self.publisher.prune();
            self.out.push(Update::Pruned);
        }
    }
}

/// What brings a run through a log to a moment: each entry is done when the run stands just before its time.
pub(super) fn past(log: &[LogEntry], moment: Option<Time>) -> Vec<Request> {
    let entries = log.iter().flat_map(|entry| {
        let request = match entry.intervention.clone() {
            Intervention::Act(action) => Request::Act(Command::Act(action)),
            Intervention::ApplyVariant(variant) => Request::ApplyVariant(variant),
            Intervention::Edit(edits) => Request::Edit(edits),
        };
        [Request::Seek(Time(entry.time.0.saturating_sub(1))), request]
    });
    entries.chain(moment.map(Request::Seek)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SCENARIOS;
    use crate::model::{Action, COMPILATIONS};
    use crate::scenario::Edit;
    use std::cell::Cell;

    #[test]
    fn an_edit_is_compiled_once() {
        let clock = Cell::new(Duration::ZERO);
        let tick = || {
            clock.set(clock.get() + Duration::from_micros(50));
            clock.get()
        };
        let mut host = Host::new(HostOptions::default());
        let edits = [Edit::set("traffic.visitors.patience", "9s")];
        let experiment = Experiment { edits: edits.to_vec(), ..Experiment::new(SCENARIOS[0].name, SCENARIOS[0].text) };
        host.receive(Request::Open(Box::new(experiment)));
        let compiled = |host: &mut Host, request: Option<Request>| {
            let before = COMPILATIONS.get();
            request.into_iter().for_each(|request| host.receive(request));
            while host.turn(&tick, Duration::from_millis(8)) == super::super::turn::Next::Now {}
            COMPILATIONS.get() - before
        };
        assert_eq!(compiled(&mut host, None), 1, "opening");
        for count in 3..6 {
            let edit = Edit::set("machines.web.count", count.to_string());
            assert_eq!(compiled(&mut host, Some(Request::Edit(vec![edit]))), 1);
        }
        let set = Action::Set { path: "services.app.workers".into(), value: "40".into() };
        assert_eq!(compiled(&mut host, Some(Request::Act(Command::Act(set)))), 1, "by hand");
        assert_eq!(compiled(&mut host, Some(Request::ApplyVariant(None))), 1);
        // All five were asked for at one instant: the first is kept, the others follow on what is there then.
        assert_eq!(compiled(&mut host, Some(Request::Seek(Time(0)))), 4, "each once");
        let log = host.experiment(Lane::Trunk).expect("it runs").log;
        assert_eq!(log.len(), 5);
        assert!(host.lanes[0].run.sim.model().scenario.machines.get("web").is_some());
    }
}
