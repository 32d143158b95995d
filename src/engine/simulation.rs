//! A run: a model, its state, and the loop that takes one event after another.
//!
//! A run is a function of (model, seed, command log) and of nothing else. It can be advanced in slices of any size,
//! cloned half-way and continued, and measured or not: the events are the same.
//!
//! # When a run stops early
//!
//! Nothing is clamped to go on; at a limit the run ends with a [`Stop`]:
//!
//! * [`Stop::TooManyInFlight`]: there are more executions at once than [`Limits::executions`]. An offered load above
//!   capacity with queues that have no limit ends so.
//! * [`Stop::Livelock`]: more steps at one instant than [`Limits::at_once`]: a program that goes round in a circle and
//!   asks for no time, or a change of very many.
//! * [`Stop::TooManyEvents`], [`Stop::TooMuchState`]: the run as a whole takes more than it may.
//! * [`Stop::InvalidChange`]: a `Set` of the runbook gave a scenario that does not compile: each was checked alone, not
//!   after the others. A change submitted as a command is compiled before and cannot end so.
//!
//! Then time stands at the instant at which it ended, what was still to happen at that instant has not, and every
//! further `advance` says the same `Stop`. State and digest are equal in equal runs and may be read; the results are
//! those of the part that was run, name the reason (`stopped`), and the run does not pass.

use crate::engine::command::{Command, Logged};
use crate::engine::observation::{Observation, Observer, Skipped};
use crate::engine::state::limits::{Limits, ROW, Stop, size_at_start};
use crate::engine::state::request::{Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, Work, World};
use crate::engine::time::event::Event;
use crate::model::{Action, GroupId, Model, Placement, RuleId, ServiceId};
use crate::scenario::Problem;
use crate::units::{Span, Time};
use std::collections::VecDeque;
use std::sync::Arc;

/// How `advance` came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// The time asked for: every event up to and at it has happened.
    Reached,
    /// As many events as were asked for; time may stand anywhere before the goal.
    Budget,
    /// A limit ended the run; it stays where it is.
    Stopped(Stop),
}

/// Bytes of a text that is compiled anew in the time of a step.
const TEXT_A_STEP: usize = 4;

/// A running system.
#[derive(Clone, Debug)]
pub struct Simulation {
    model: Arc<Model>,
    world: World,
    /// Rules of the runbook by the clock that are to come: they act as somebody would by hand at that time.
    schedule: VecDeque<(Time, RuleId)>,
    commands: VecDeque<Logged>,
    log: Vec<Logged>,
    /// The change of the runbook that could not be made, and why.
    wrong_change: Option<String>,
}

impl Simulation {
    /// The system of `model` at the beginning of its warm-up.
    #[must_use]
    pub fn new(model: Arc<Model>, seed: u64) -> Self {
        Self::within(model, seed, Limits::DEFAULT)
    }

    /// The same, within these limits. A system that takes more than all of them is not built: the run is over.
    #[must_use]
    pub fn within(model: Arc<Model>, seed: u64, limits: Limits) -> Self {
        let now = Time(-model.warm_up.0);
        let mut world = World::empty(now, seed, limits);
        world.make_room(&model);
        if size_at_start(&model) > limits.state {
            world.stop = Some(Stop::TooMuchState);
            return Self::of(model, world);
        }
        for (group, spec) in model.groups.iter().enumerate() {
            for _ in 0..if spec.retired { 0 } else { spec.count } {
                world.add_machine(&model, GroupId::new(group), Availability::Up);
            }
        }
        for (service, spec) in model.services.iter().enumerate() {
            if let Placement::Count(wanted) = spec.placement
                && !spec.retired
            {
                world.want(&model, ServiceId::new(service), wanted);
                world.place(&model, ServiceId::new(service), Availability::Up);
            }
            if spec.groups.is_empty() && !spec.retired {
                world.add_instance(&model, ServiceId::new(service), None, Availability::Up);
            }
        }
        let mut quiet = crate::engine::observation::Silent;
        let mut context = Context { model: &model, world: &mut world, observer: &mut quiet };
        for service in model.services.ids() {
            context.world.retarget(&model, service);
        }
        context.world.crowd_clients(&model);
        for instance in context.world.instances.ids() {
            context.world.instances[instance].availability = Availability::Down;
            context.start_instance(instance);
        }
        for source in model.sources.ids() {
            context.start_source(source);
        }
        for rule in model.rules.ids() {
            context.start_rule(rule);
        }
        context.world.settle_machines();
        Self::of(model, world)
    }

    fn of(model: Arc<Model>, world: World) -> Self {
        let schedule = world.schedule(&model);
        Self { model, world, schedule, commands: VecDeque::new(), log: Vec::new(), wrong_change: None }
    }

    /// Lets everything happen up to and at `until`, but no more than `max_events` events.
    pub fn advance<O: Observer>(&mut self, until: Time, max_events: u64, observer: &mut O) -> Advance {
        let mut budget = max_events;
        loop {
            if let Some(stop) = self.world.stop {
                return Advance::Stopped(stop);
            }
            let next_command = self.next_order().filter(|&time| time <= until);
            if let Some(time) = next_command
                && self.world.agenda.next_time().is_none_or(|event| time <= event)
                && self.world.next.is_none()
                && self.world.work.is_empty()
            {
                self.world.now = time.max(self.world.now);
                self.apply_next(observer);
                continue;
            }
            let limit = next_command.map_or(until, |time| Time(time.0 - 1));
            let model = Arc::clone(&self.model);
            let mut context = Context { model: &model, world: &mut self.world, observer };
            match context.run_until(limit, &mut budget) {
                Advance::Reached => {
                    if next_command.is_none() && self.world.changes.is_empty() && self.world.stop.is_none() {
                        self.world.now = until.max(self.world.now);
                        return Advance::Reached;
                    }
                }
                Advance::Budget => {
                    if self.world.changes.is_empty() {
                        return Advance::Budget;
                    }
                }
                Advance::Stopped(stop) => return Advance::Stopped(stop),
            }
            if !self.world.changes.is_empty() {
                self.apply_changes(observer);
            }
        }
    }

    /// Lets time pass to `until`, before whatever happens at that instant. Everything before it must have happened.
    pub fn pass(&mut self, until: Time) {
        debug_assert!(self.next_event().is_none_or(|next| next >= until), "time passes no event");
        self.world.now = until.max(self.world.now);
    }

    /// Puts a command at the next instant at which nothing has happened yet, so that the log replays to the same run.
    pub fn submit(&mut self, command: Command) {
        let begun = self.world.events > 0 || self.world.now.0 > -self.model.warm_up.0;
        self.submit_at(self.world.now + Span(i64::from(begun)), command);
    }

    /// Puts a command before the events of `time` (not before now). Equal times keep their order.
    pub fn submit_at(&mut self, time: Time, command: Command) {
        let time = time.max(self.world.now);
        let place = self.commands.partition_point(|logged| logged.time <= time);
        self.commands.insert(place, Logged { time, command });
    }

    /// Takes back the commands that were submitted and have not been applied.
    pub fn withdraw(&mut self) {
        self.commands.clear();
    }

    /// When the next command is applied that was submitted.
    #[must_use]
    pub fn next_command(&self) -> Option<Time> {
        self.commands.front().map(|logged| logged.time)
    }

    /// When the next thing happens: an event, which may turn out void, or a command.
    #[must_use]
    pub fn next_event(&self) -> Option<Time> {
        let event = self.world.agenda.next_time();
        event.into_iter().chain(self.next_order()).min()
    }

    /// The commands that were applied, with their times: submitted to a fresh run they give the same run.
    #[must_use]
    pub fn log(&self) -> &[Logged] {
        &self.log
    }

    /// When the runbook's clock or somebody outside acts next.
    fn next_order(&self) -> Option<Time> {
        let scheduled = self.schedule.front().map(|(time, _)| *time);
        scheduled.into_iter().chain(self.next_command()).min()
    }

    /// What is to be done first: at equal times the runbook's, in its order.
    fn apply_next<O: Observer>(&mut self, observer: &mut O) {
        let scheduled = self.schedule.front().copied();
        match scheduled.filter(|(time, _)| self.next_command().is_none_or(|command| *time <= command)) {
            Some((_, rule)) => {
                self.schedule.pop_front();
                let action = self.model.rules[rule].action.clone();
                self.world.rules[rule].spent = true;
                self.act(&action, observer, |done| match done {
                    Ok(()) => Observation::RuleFired { rule },
                    Err(why) => Observation::RuleSkipped { rule, why },
                });
            }
            None => {
                let logged = self.commands.pop_front().expect("something is to be done");
                self.apply(logged.command, observer);
            }
        }
    }

    fn apply<O: Observer>(&mut self, command: Command, observer: &mut O) {
        let index = self.log.len() as u32;
        self.log.push(Logged { time: self.world.now, command: command.clone() });
        match command {
            // A command that finds nothing to do does nothing, as a rule would; its effect is there to be seen.
            Command::Act(action) => self.act(&action, observer, |_| Observation::CommandApplied { index }),
            Command::Replace(model) => {
                match self.successor(model) {
                    Ok(model) => self.replace(model, observer),
                    Err(problems) => {
                        let first = problems.first().map_or("", |problem| problem.message.as_str());
                        self.wrong_change = Some(format!("a change gave a wrong file at that time: {first}"));
                        self.world.stop = Some(Stop::InvalidChange);
                    }
                }
                let model = Arc::clone(&self.model);
                let mut context = Context { model: &model, world: &mut self.world, observer };
                context.emit(|| Observation::CommandApplied { index });
            }
        }
    }

    /// An action, by hand or by the runbook's clock, with everything that follows at once.
    fn act<O: Observer>(
        &mut self,
        action: &Action,
        observer: &mut O,
        observation: impl FnOnce(Result<(), Skipped>) -> Observation,
    ) {
        let model = Arc::clone(&self.model);
        let mut context = Context { model: &model, world: &mut self.world, observer };
        let done = context.act(action);
        context.emit(|| observation(done));
        context.drain_work();
        context.world.settle_machines();
        if !self.world.changes.is_empty() {
            self.apply_changes(observer);
        }
    }

    /// Applies the changes that actions asked for: each compiles the model's own text with the change, after the
    /// present model.
    fn apply_changes<O: Observer>(&mut self, observer: &mut O) {
        for change in std::mem::take(&mut self.world.changes) {
            self.world.work_done(self.model.text.len() / TEXT_A_STEP);
            match self.model.changed(&change) {
                Ok(model) => self.replace(Arc::new(model), observer),
                Err(problems) => {
                    self.wrong_change = Some(change.failure(&problems));
                    self.world.stop = Some(Stop::InvalidChange);
                }
            }
        }
    }

    /// A model as the successor of the present one: one that was compiled after another (two changes were asked for at
    /// once, or the runbook came before) is compiled anew.
    fn successor(&self, model: Arc<Model>) -> Result<Arc<Model>, Vec<Problem>> {
        if model.parent == self.model.lineage {
            return Ok(model);
        }
        self.model.compile_after(&model.loaded("")).map(Arc::new)
    }

    fn replace<O: Observer>(&mut self, model: Arc<Model>, observer: &mut O) {
        let old = std::mem::replace(&mut self.model, model);
        let model = Arc::clone(&self.model);
        let mut context = Context { model: &model, world: &mut self.world, observer };
        context.replace(&old);
        context.drain_work();
        context.world.settle_machines();
        self.schedule = self.world.schedule(&self.model);
    }

    /// Why it ended early, in words.
    #[must_use]
    pub fn stop_reason(&self, stop: Stop) -> String {
        match (stop, &self.wrong_change) {
            (Stop::InvalidChange, Some(why)) => why.clone(),
            _ => stop.name(&self.world.spent.limits),
        }
    }

    /// Bytes of memory it holds, about.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.world.weight()
    }

    /// Of those, bytes that stand for what is measured of its resources.
    #[must_use]
    pub fn measured(&self) -> u64 {
        self.world.resources.len() as u64 * ROW
    }

    /// What it may take.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.world.spent.limits
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// Events that have happened.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.world.events
    }

    /// Hash of the event stream so far and of the state: equal runs have equal digests at equal times.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.world.digest()
    }

    /// The model in force.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    pub(crate) fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }
}

impl<O: Observer> Context<'_, O> {
    fn run_until(&mut self, until: Time, budget: &mut u64) -> Advance {
        loop {
            // Roots made at the start wait here before the first event.
            if self.world.next.is_some() || !self.world.work.is_empty() {
                self.drain_work();
                self.world.settle_machines();
            }
            if let Some(stop) = self.world.stop {
                return Advance::Stopped(stop);
            }
            if !self.world.changes.is_empty() {
                return Advance::Reached;
            }
            if *budget == 0 {
                return Advance::Budget;
            }
            let execs = &self.world.execs;
            let Some((time, event)) =
                self.world.agenda.pop(until, |event| event.execution().is_none_or(|exec| execs.alive(exec)))
            else {
                return Advance::Reached;
            };
            if time > self.world.now {
                self.world.now = time;
                self.world.spent.instant = self.world.spent.steps;
            }
            self.happen(event, budget);
            if self.world.next.is_some() || !self.world.work.is_empty() {
                self.drain_work();
            }
            if !self.world.dirty.is_empty() {
                self.world.settle_machines();
            }
        }
    }

    /// Everything that follows at this instant.
    pub(crate) fn drain_work(&mut self) {
        loop {
            let work = match self.world.next.take() {
                Some(exec) => Work::Run(exec),
                None => match self.world.work.pop_front() {
                    Some(work) => work,
                    None => break,
                },
            };
            match work {
                Work::Run(exec) => {
                    if self.world.execs.is_in(exec, State::Running) {
                        self.run(exec.index);
                    }
                }
                Work::Dispatch(exec) => {
                    if self.world.execs.is_in(exec, State::Granted) {
                        self.dispatch_granted(exec.index);
                    }
                }
                Work::Serve(client) => self.serve_waiter(client),
                Work::OutOfMemory(instance) => self.out_of_memory(instance),
            }
            if self.world.is_over() {
                return;
            }
        }
    }

    fn happen(&mut self, event: Event, budget: &mut u64) {
        *budget -= 1;
        self.world.record(event);
        if self.world.step() || self.world.is_over() {
            return;
        }
        match event {
            Event::Arrival { source } => self.on_arrival(source),
            Event::CpuDone { machine } => self.on_cpu_done(machine),
            Event::DeviceDone { machine, device } => {
                let now = self.world.now;
                let done = self.world.machines[machine].devices[device as usize].line.finish(now);
                self.world.touch_machine(machine);
                if let Some(exec) = done {
                    self.resume(exec.index);
                }
            }
            Event::CreditsGone { machine } => self.world.on_credits_gone(machine),
            Event::Wake(exec) => self.on_wake(exec.index),
            Event::Deliver(exec) => self.on_deliver(exec.index),
            Event::KeepAlive { visitor, generation } => self.on_keep_alive(visitor, generation),
            Event::Deadline(exec) => self.on_deadline(exec.index),
            Event::Timeout(exec) => {
                if self.world.execs[exec.index].role == Role::Probe {
                    self.on_probe_timeout(exec.index);
                } else {
                    self.on_timeout(exec.index);
                }
            }
            Event::Hedge(exec) => self.on_hedge(exec.index),
            Event::Reinstate { client, instance } => self.on_reinstate(client, instance),
            Event::PoolTimeout(exec) => self.on_pool_timeout(exec.index),
            Event::IdleClose { client } => self.on_idle_close(client),
            Event::HealthCheck { client, instance } => self.on_health_check(client, instance),
            Event::InstanceStart { instance, epoch } => {
                if self.world.instances[instance].epoch == epoch {
                    self.start_instance(instance);
                }
            }
            Event::InstanceStop { instance, epoch } => self.on_instance_stop(instance, epoch),
            Event::MachineStart { machine } => self.start_machine(machine),
            Event::SlowEnd { machine, instance } => self.on_slow_end(machine, instance),
            Event::StoreDue { store } => self.on_store_due(store),
            Event::RuleDue { rule, epoch } => self.on_rule_due(rule, epoch),
            Event::RuleCheck { rule, epoch } => self.on_rule_check(rule, epoch),
            Event::DrainEnd { instance, epoch } => self.on_drain_end(instance, epoch),
            Event::PartitionEnd => self.on_partition_end(),
            Event::Modulation { source, epoch } => self.on_modulation(source, epoch),
            Event::Invitation { source, place } => self.on_invitation(source, place),
            Event::ResizeOutage { resize } => self.on_resize_outage(resize),
            Event::ResizeDone { resize } => self.on_resize_done(resize),
        }
    }
}
