//! One measured run: warm-up, horizon, results; in one go, or a portion at a time.

use super::decided::decided;
use super::halt::Halt;
use super::recorder::Recorder;
use super::results::{Results, Stopped};
use super::summary::report;
use crate::engine::{Advance, Limits, Silent, Simulation, Stop};
use crate::model::Model;
use crate::units::Time;
use std::sync::Arc;

/// Events between two looks at the progress, and at whether somebody ends it.
const BUDGET: u64 = 200_000;
/// Looks at the resources between two at what the recorder holds.
const LOOKS: u32 = 256;
/// Nanoseconds between two looks at most.
const LOOK: i64 = 1_000_000_000;
/// Rows that are looked at in the time of an event.
const ROWS_AN_EVENT: u64 = 8;
/// How often in a run it is asked whether its verdict is certain, about.
const ASKED: i64 = 64;

/// What a run is beside its model.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Root of every random draw.
    pub seed: u64,
    /// Name of the variant the model is of, for the results.
    pub variant: Option<String>,
    /// What it may take.
    pub limits: Limits,
    /// Somebody may end it before its time.
    pub halt: Halt,
    /// It ends as soon as nothing that can still come would change which objectives hold.
    pub until_decided: bool,
}

/// A run on its way, with its recorder listening. What it yields depends on no portion.
#[derive(Clone, Debug)]
pub struct Recording {
    /// As it began with; the simulation may have gone on with another.
    model: Arc<Model>,
    sim: Simulation,
    recorder: Recorder,
    options: Options,
    /// When the recorder looks again.
    next: Time,
    stopped: Option<Stopped>,
    decided: Option<Time>,
    over: bool,
    looks: u32,
    /// Work of looking, in events.
    looked: u64,
}

impl Recording {
    /// At the beginning of its warm-up.
    pub fn new(model: &Arc<Model>, options: Options) -> Self {
        let sim = Simulation::within(Arc::clone(model), options.seed, options.limits);
        let mut recorder = Recorder::new(model);
        recorder.look(&sim);
        let (from, until) = (sim.now(), Time(model.horizon.0));
        let next = recorder.next_look(from).min(until);
        let over = from >= until;
        let mut recording = Self {
            model: Arc::clone(model),
            sim,
            recorder,
            options,
            next,
            stopped: None,
            decided: None,
            over,
            looks: 0,
            looked: 0,
        };
        recording.weigh();
        recording
    }

    /// Goes on for so many events at most, and no further than to the recorder's next look; false once it is over.
    pub fn advance(&mut self, events: u64) -> bool {
        if self.over {
            return false;
        }
        if let Some(reason) = self.options.halt.reason() {
            return self.stop(reason);
        }
        // A budget may end in the middle of an instant: a look waits for the rest of it.
        match self.sim.advance(Time(self.next.0 - 1), events, &mut self.recorder) {
            Advance::Reached => {
                self.sim.pass(self.next);
                self.recorder.look(&self.sim);
                self.weigh();
                let until = Time(self.model.horizon.0);
                if self.next == until {
                    return self.end(until);
                }
                self.decide();
                self.next = self.recorder.next_look(self.next).min(until);
            }
            Advance::Budget => {}
            Advance::Stopped(stop) => {
                return self.stop(self.sim.stop_reason(stop));
            }
        }
        !self.over
    }

    /// It is over before its time, because of that.
    fn stop(&mut self, reason: String) -> bool {
        let at_s = self.sim.now().0 as f64 / 1e9;
        self.stopped.get_or_insert(Stopped { reason, at_s });
        self.over = true;
        false
    }

    /// Ends it where its verdict is certain, if that is all that is asked; at moments that follow from the model alone.
    fn decide(&mut self) {
        let every = (self.model.horizon.0 / ASKED).max(1);
        let before = Time(self.next.0 - LOOK);
        if !self.options.until_decided || self.next.0 / every == before.0 / every || self.next <= Time(0) {
            return;
        }
        if decided(&self.recorder, &self.model, self.next).is_some_and(|holds| !holds || self.is_far_from_limits()) {
            self.decided = Some(self.next);
            self.over = true;
        }
    }

    /// What is left of it cannot take more than what was.
    fn is_far_from_limits(&self) -> bool {
        let limits = self.sim.limits();
        self.sim.events() < limits.events / 2 && self.sim.weight() < limits.state / 2
    }

    /// Compares what is measured with what may be held, and the work of looking with what may be done.
    fn weigh(&mut self) {
        let (rows, limits) = (self.sim.rows() as u64, *self.sim.limits());
        self.looked += rows / ROWS_AN_EVENT + 1;
        if self.sim.events().saturating_add(self.looked) > limits.events {
            self.stop(Stop::TooManyEvents.name(&limits));
        }
        if self.looks.is_multiple_of(LOOKS) {
            // A row of the simulation counts what is measured of it, too.
            let beside = (self.recorder.footprint() as u64).saturating_sub(self.sim.measured());
            if beside.saturating_add(self.sim.weight()) > limits.state {
                self.stop(Stop::TooMuchState.name(&limits));
            }
        }
        self.looks += 1;
    }

    /// What happens at the horizon belongs to the run, to its digest, but to no figure.
    fn end(&mut self, horizon: Time) -> bool {
        if let Advance::Stopped(stop) = self.sim.advance(horizon, u64::MAX, &mut Silent) {
            self.stopped = Some(Stopped { reason: self.sim.stop_reason(stop), at_s: horizon.0 as f64 / 1e9 });
        }
        self.over = true;
        false
    }

    /// On to its end. `progress` hears the share that is done, 0 to 1.
    pub fn play(&mut self, progress: &mut dyn FnMut(f64)) {
        while self.advance(BUDGET) {
            progress(self.share());
        }
        progress(1.0);
    }

    /// How much of it is done, 0 to 1.
    pub fn share(&self) -> f64 {
        let (warm_up, horizon) = (self.model.warm_up.0, self.model.horizon.0);
        (self.sim.now().0 + warm_up) as f64 / (horizon + warm_up).max(1) as f64
    }

    /// The model it began with.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The simulation that is measured.
    pub fn simulation(&self) -> &Simulation {
        &self.sim
    }

    /// What it yielded so far. The napkin is left empty and the results are not sealed.
    pub fn results(mut self) -> Results {
        self.recorder.close(&self.sim);
        let decided_at_s = self.decided.map(|at| at.0 as f64 / 1e9);
        Results { decided_at_s, ..report(&self.recorder, &self.sim, &self.options, self.stopped) }
    }
}

/// Simulate and measure to the horizon. `progress` hears the share that is done, 0 to 1. The napkin is left empty and
/// the results are not sealed.
pub fn record(model: Arc<Model>, options: &Options, progress: &mut dyn FnMut(f64)) -> Results {
    let mut recording = Recording::new(&model, options.clone());
    recording.play(progress);
    recording.results()
}
