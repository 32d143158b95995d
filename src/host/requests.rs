//! What a host is, and what it does when it is asked.
//!
//! Messages are handled in order. A command waits until the run stands where it is sought, or until its own instant has
//! passed; then the next message may meet a changed model.

use super::background_study::BackgroundStudy;
use super::command;
use super::message::{Lane, LoadFailure, Open, Opened, Pace, Request, Stride, StudySpec, Update};
use super::pace::Pacer;
use super::publish::Publisher;
use super::run_history::RunHistory;
use crate::engine::Command;
use crate::measure::Options;
use crate::model::{Action, Model};
use crate::scenario::{self, Loaded, Problem};
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

/// A scenario that runs: what `Become` starts from, and what results are labelled with.
#[derive(Debug)]
pub(super) struct Base {
    /// As it was read, without a variant.
    pub(super) loaded: Loaded,
    pub(super) options: Options,
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
    pub(super) study: Option<BackgroundStudy>,
}

impl Host {
    /// A host with nothing to run.
    #[must_use]
    pub fn new(options: HostOptions) -> Self {
        Self {
            options,
            base: None,
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
            Request::Act(_) | Request::ApplyVariant(_) | Request::Step(_) | Request::Branch { .. } => {
                self.task.is_some()
            }
            Request::Study(_) | Request::Cancel => false,
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
            Request::Act(command) => self.act(command),
            Request::ApplyVariant(variant) => self.apply_variant(variant.as_deref()),
            Request::Step(stride) => self.step(stride),
            Request::Seek(time) => self.seek(time, false),
            Request::Branch { at } => {
                self.prune();
                self.seek(at, true);
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

    fn open(&mut self, open: Open) {
        let load_failure = |text: &str, problems: Vec<Problem>| {
            Update::LoadFailure(Arc::new(LoadFailure { name: open.name.clone(), text: text.to_owned(), problems }))
        };
        let read = scenario::load(&open.name, &open.text).and_then(|loaded| {
            let varied = loaded.with(open.variant.as_deref(), &[])?;
            let model = Arc::new(Model::compile(&varied)?);
            Ok((loaded, varied, model))
        });
        let (loaded, varied, model) = match read {
            Ok(read) => read,
            Err(problems) => return self.out.push(load_failure(&open.text, problems)),
        };
        let seed = open.seed.unwrap_or(varied.scenario.seed);
        self.lanes = vec![RunHistory::new(Arc::clone(&model), seed, self.options)];
        self.steered = Lane::Trunk;
        self.task = None;
        self.sought = false;
        self.pacer.rest();
        self.publisher.begin();
        self.study = None;
        let opened = Opened { name: open.name, variant: open.variant.clone(), seed, loaded: Arc::new(varied), model };
        self.base = Some(Base { loaded, options: Options { seed, variant: open.variant } });
        self.out.push(Update::Opened(Arc::new(opened)));
    }

    fn study(&mut self, job: StudySpec) {
        let Some(base) = &self.base else { return };
        let model = base.loaded.with(base.options.variant.as_deref(), &[]).and_then(|loaded| Model::compile(&loaded));
        match model {
            Ok(model) => self.study = Some(BackgroundStudy::new(job, Arc::new(model), &base.options)),
            Err(problems) => {
                let load_failure =
                    LoadFailure { name: base.loaded.name.clone(), text: base.loaded.text.to_string(), problems };
                self.out.push(Update::LoadFailure(Arc::new(load_failure)));
            }
        }
    }

    fn steered(&mut self) -> Option<&mut RunHistory> {
        self.lanes.get_mut(self.steered as usize)
    }

    fn act(&mut self, command: Command) {
        let Some(lane) = self.steered() else { return };
        if lane.run.is_over() && lane.known <= lane.now() {
            return;
        }
        let model = lane.run.sim.model();
        if let Command::Act(action) = &command {
            if !command::fits(action, model) {
                return;
            }
            if let Action::Set { path, value } = action
                && let Err(problems) = model.patched(&[(path.clone(), value.clone())])
            {
                let load_failure =
                    LoadFailure { name: format!("{path} = {value}"), text: model.text.to_string(), problems };
                return self.out.push(Update::LoadFailure(Arc::new(load_failure)));
            }
        }
        self.submit(command);
    }

    fn submit(&mut self, command: Command) {
        let steered = self.steered as usize;
        let Some(lane) = self.steered() else { return };
        let time = lane.submit(command);
        let (known, points) = (lane.known, lane.history.len());
        self.publisher.rewritten(steered, points);
        if time <= self.lanes[steered].run.horizon() && known <= time {
            self.task = Some(Task::Command(time));
        }
        self.publisher.changed();
    }

    fn apply_variant(&mut self, variant: Option<&str>) {
        let Some(base) = &self.base else { return };
        let Some(lane) = self.lanes.get(self.steered as usize) else { return };
        if lane.run.is_over() && lane.known <= lane.now() {
            return;
        }
        let model = base.loaded.with(variant, &[]).and_then(|loaded| lane.run.sim.model().compile_after(&loaded));
        match model {
            Ok(model) => self.submit(Command::Replace(Arc::new(model))),
            Err(problems) => {
                let name = variant
                    .map_or_else(|| base.loaded.name.clone(), |variant| format!("{} with {variant}", base.loaded.name));
                let load_failure = LoadFailure { name, text: base.loaded.text.to_string(), problems };
                self.out.push(Update::LoadFailure(Arc::new(load_failure)));
            }
        }
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

    fn prune(&mut self) {
        if self.lanes.len() > 1 {
            self.lanes.truncate(1);
            self.steered = Lane::Trunk;
            self.publisher.prune();
            self.out.push(Update::Pruned);
        }
    }
}
