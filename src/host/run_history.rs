//! A run with its past: what was wished, what is known of its timeline, and where it can be taken up again.
//!
//! What is known beyond the present (after going back) stays until somebody commands something else in the past.

use super::checkpoint::Checkpoints;
use super::history::History;
use super::requests::HostOptions;
use super::run::{Played, Run};
use crate::engine::Command;
use crate::experiment::Intervention;
use crate::model::Model;
use crate::units::Time;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;

/// A command of a run.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Before the events of this instant.
    pub time: Time,
    /// What the engine is told.
    pub command: Command,
    /// What it was compiled from; none: a model from outside.
    pub intervention: Option<Intervention>,
}

/// One run of two.
#[derive(Clone, Debug)]
pub struct RunHistory {
    /// Its present.
    pub run: Run,
    /// The furthest it has been.
    pub known: Time,
    /// Every command with its time, in order; those after the present take effect when it comes to them.
    pub log: Vec<Entry>,
    /// Entries of the log that were told.
    pub told: usize,
    /// Its timeline as far as it is known.
    pub history: History,
    /// Where it can be taken up again.
    pub checkpoints: Checkpoints,
    /// Sentences of its story when last looked.
    sentences: usize,
}

impl RunHistory {
    /// A run at the beginning of its warm-up.
    pub fn new(model: Arc<Model>, seed: u64, options: HostOptions) -> Self {
        let mut run = Run::new(model, seed);
        let mut checkpoints = Checkpoints::new(options.checkpoint_events, options.memory_bytes);
        checkpoints.offer(&mut run, Time(i64::MIN), true);
        Self { known: run.now(), run, log: Vec::new(), told: 0, history: History::default(), checkpoints, sentences: 0 }
    }

    /// Its present.
    pub fn now(&self) -> Time {
        self.run.now()
    }

    /// It has ended and nothing is known beyond: nothing more can be done to it.
    pub fn is_over(&self) -> bool {
        self.run.is_over() && self.known <= self.now()
    }

    /// The variant that was put in last until now, if any was.
    pub fn variant(&self) -> Option<&Option<String>> {
        let applied = self.run.sim.log().len().min(self.log.len());
        self.log[..applied].iter().rev().find_map(|entry| match &entry.intervention {
            Some(Intervention::ApplyVariant(variant)) => Some(variant),
            Some(Intervention::Act(_) | Intervention::Edit(_)) | None => None,
        })
    }

    /// One portion on the way to `goal`; true while it is on its way.
    pub fn play(&mut self, goal: Time) -> bool {
        let applied = self.run.sim.log().len();
        match self.run.play(goal.min(self.run.horizon())) {
            Played::There | Played::Stopped => return false,
            Played::Going(None) => {}
            Played::Going(Some((position, point))) => self.history.know(position, point),
        }
        self.known = self.known.max(self.now());
        let sentences = self.run.listeners.recorder.told();
        let reason = self.run.sim.log().len() > applied || sentences > self.sentences;
        self.sentences = sentences;
        self.checkpoints.offer(&mut self.run, self.known, reason);
        true
    }

    /// A command, now: what was known beyond is given up. Says when it takes effect.
    pub fn submit(&mut self, command: Command, intervention: Option<Intervention>) -> Time {
        if self.known > self.now() {
            self.run.sim.withdraw();
            self.log.truncate(self.run.sim.log().len());
            self.told = self.told.min(self.log.len());
            self.checkpoints.truncate(self.now());
            self.history.truncate(self.run.strip.made);
            self.known = self.now();
        }
        self.checkpoints.offer(&mut self.run, self.known, true);
        self.run.sim.submit(command.clone());
        let time = self.run.sim.next_command().expect("one was submitted");
        self.log.push(Entry { time, command, intervention });
        time
    }

    /// Stands where it was before `at`: of its log that many are kept, all before that time; what was known beyond is
    /// given up.
    pub fn forget(&mut self, kept: usize, at: Time) {
        self.log.truncate(kept);
        let start = self.checkpoints.list().first().map_or(at, |first| first.at());
        let before = Time(at.0 - 1).max(start);
        self.checkpoints.truncate(before);
        if self.now() > before {
            self.approach(before);
        }
        self.run.sim.withdraw();
        for entry in &self.log[self.run.sim.log().len()..] {
            self.run.sim.submit_at(entry.time, entry.command.clone());
        }
        self.told = self.told.min(kept);
        self.history.truncate(self.run.strip.made);
        self.known = self.now();
    }

    /// Stands where playing on to `time` is shortest: at its present, or at a checkpoint (then true).
    pub fn approach(&mut self, time: Time) -> bool {
        // A second before, so that what passes in it can be told.
        let before = Time(time.0 - SECOND);
        let kept = self
            .checkpoints
            .before(before)
            .or_else(|| self.checkpoints.before(time))
            .or(self.checkpoints.list().first());
        let Some(kept) = kept.filter(|kept| self.now() > time || kept.at() > self.now()) else { return false };
        self.run = kept.run();
        for entry in &self.log[self.run.sim.log().len()..] {
            self.run.sim.submit_at(entry.time, entry.command.clone());
        }
        self.sentences = self.run.listeners.recorder.told();
        true
    }

    /// Another run with the same past and none of what was known beyond the present.
    pub fn branch(&self) -> Self {
        let mut branch = self.clone();
        branch.run.sim.withdraw();
        branch.log.truncate(branch.run.sim.log().len());
        branch.told = 0;
        branch.history.truncate(branch.run.strip.made);
        branch.checkpoints.truncate(branch.now());
        branch.known = branch.now();
        branch
    }

    /// Commands that took effect and were not told: their places in the log.
    pub fn untold(&mut self) -> std::ops::Range<usize> {
        let applied = self.run.sim.log().len();
        let range = self.told.min(applied)..applied;
        self.told = self.told.max(applied);
        range
    }
}
