//! A simulation with those who listen to it, played in small portions. What it is at a time depends on no portion.

use super::history::{Point, Strip};
use super::totals::{Ears, Totals};
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
    pub listeners: Ears,
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
    listeners: Ears,
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
        let mut run = Self {
            sim,
            listeners: Ears { recorder, totals: Totals::default() },
            strip,
            stopped: None,
            look,
            settled: false,
        };
        run.listeners.recorder.look(&run.sim);
        let nothing_yet = run.strip.look(&run.sim, &run.listeners.recorder, &mut run.listeners.totals);
        debug_assert!(nothing_yet.is_none(), "a stretch takes time");
        run
    }

    /// A copy of all but the engine.
    pub fn listeners(&self) -> Listeners {
        let Self { sim: _, listeners, strip, stopped, look, settled } = self;
        let mut listeners = listeners.clone();
        // What nobody saw then is nothing to be seen later.
        listeners.totals.steps = None;
        Listeners { listeners, strip: strip.clone(), stopped: *stopped, look: *look, settled: *settled }
    }

    /// A run with its engine again.
    pub fn resume(sim: Simulation, listeners: Listeners) -> Self {
        let Listeners { listeners, strip, stopped, look, settled } = listeners;
        Self { sim, listeners, strip, stopped, look, settled }
    }

    /// Bytes of all but the engine, about.
    pub fn listeners_footprint(&self) -> usize {
        size_of::<Listeners>()
            + self.listeners.recorder.footprint()
            + self.listeners.totals.footprint()
            + self.strip.footprint()
    }

    /// Bytes that a copy that is kept takes, about.
    pub fn footprint(&self) -> usize {
        self.sim.footprint() + self.listeners_footprint()
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
        // A look that is due comes before what happens at its instant.
        let due = self.look <= goal;
        let until = if due { Time(self.look.0 - 1) } else { goal };
        match self.sim.advance(until, PORTION, &mut self.listeners) {
            Advance::Reached => {
                self.settled = !due;
                if !due {
                    return Played::Going(None);
                }
                self.sim.pass(self.look);
                self.look = self.listeners.recorder.next_look(self.now());
                self.listeners.recorder.look(&self.sim);
                Played::Going(self.strip.look(&self.sim, &self.listeners.recorder, &mut self.listeners.totals))
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
