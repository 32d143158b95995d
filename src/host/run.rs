//! A simulation with those who listen to it, played in small portions. What it is at a time depends on no portion.

use super::history::{Point, Strip};
use super::live::{Ears, Live};
use crate::engine::{Advance, Simulation, Stop};
use crate::measure::Recorder;
use crate::model::Model;
use crate::units::Time;
use std::sync::Arc;

/// Events of one portion at most: well under a millisecond.
pub const PORTION: u64 = 4_096;

/// A run that is measured and watched.
#[derive(Clone, Debug)]
pub struct Run {
    /// The engine.
    pub sim: Simulation,
    /// Who listens.
    pub ears: Ears,
    /// Its timeline in the making.
    pub strip: Strip,
    /// A limit ended it.
    pub stopped: Option<Stop>,
    /// When the recorder's next look is due.
    look: Time,
    /// Everything up to and at its present has happened.
    settled: bool,
}

/// All of a run but the engine.
#[derive(Clone, Debug)]
pub struct Listeners {
    ears: Ears,
    strip: Strip,
    stopped: Option<Stop>,
    look: Time,
    settled: bool,
}

/// How a portion ended.
#[derive(Debug)]
pub enum Played {
    /// It is at the goal.
    There,
    /// It is on its way; a point of the timeline may be complete.
    Going(Option<(usize, Point)>),
    /// A limit ended it.
    Stopped,
}

impl Run {
    /// At the beginning of its warm-up.
    pub fn new(model: Arc<Model>, seed: u64) -> Self {
        let mut recorder = Recorder::new(&model);
        recorder.follow();
        let strip = Strip::new(model.horizon);
        let sim = Simulation::new(model, seed);
        let look = recorder.next_look(sim.now());
        let mut run =
            Self { sim, ears: Ears { recorder, live: Live::default() }, strip, stopped: None, look, settled: false };
        run.ears.recorder.look(&run.sim);
        let nothing_yet = run.strip.look(&run.sim, &run.ears.recorder, &mut run.ears.live);
        debug_assert!(nothing_yet.is_none(), "a stretch takes time");
        run
    }

    /// A copy of all but the engine.
    pub fn listeners(&self) -> Listeners {
        let Self { sim: _, ears, strip, stopped, look, settled } = self;
        let mut ears = ears.clone();
        // What nobody saw then is nothing to be seen later.
        ears.live.steps = None;
        Listeners { ears, strip: strip.clone(), stopped: *stopped, look: *look, settled: *settled }
    }

    /// A run with its engine again.
    pub fn resume(sim: Simulation, listeners: Listeners) -> Self {
        let Listeners { ears, strip, stopped, look, settled } = listeners;
        Self { sim, ears, strip, stopped, look, settled }
    }

    /// Bytes of all but the engine, about.
    pub fn listeners_weight(&self) -> usize {
        size_of::<Listeners>() + self.ears.recorder.weight() + self.ears.live.weight() + self.strip.weight()
    }

    /// Bytes that a copy that is kept takes, about.
    pub fn weight(&self) -> usize {
        self.sim.weight() + self.listeners_weight()
    }

    /// Its present.
    pub fn now(&self) -> Time {
        self.sim.now()
    }

    /// Where it ends.
    pub fn horizon(&self) -> Time {
        Time(self.sim.model().horizon.0)
    }

    /// Everything up to and at `goal` has happened.
    pub fn is_at(&self, goal: Time) -> bool {
        self.now() > goal || self.now() == goal && self.settled
    }

    /// Nothing more can happen.
    pub fn is_over(&self) -> bool {
        self.stopped.is_some() || self.is_at(self.horizon())
    }

    /// One portion on the way to `goal`, which is not beyond the horizon.
    pub fn play(&mut self, goal: Time) -> Played {
        if self.stopped.is_some() {
            return Played::Stopped;
        }
        if self.is_at(goal) {
            return Played::There;
        }
        // A portion may end in the middle of an instant: a look that is due waits for the rest of it.
        match self.sim.advance(self.look.min(goal), PORTION, &mut self.ears) {
            Advance::Reached => {
                self.settled = true;
                if self.now() < self.look {
                    return Played::Going(None);
                }
                self.look = self.ears.recorder.next_look(self.now());
                self.ears.recorder.look(&self.sim);
                Played::Going(self.strip.look(&self.sim, &self.ears.recorder, &mut self.ears.live))
            }
            Advance::Budget => {
                self.settled = false;
                Played::Going(None)
            }
            Advance::Stopped(stop) => {
                self.stopped = Some(stop);
                Played::Stopped
            }
        }
    }
}
