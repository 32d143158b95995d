//! The only loop: messages, then portions of the runs, then a frame or a report that is due; and back after a few
//! milliseconds.

use super::command;
use super::message::{Lane, LoggedCommand, Pace, Update};
use super::requests::{Host, Task};
use super::run::PORTION;
use super::run_history::RunHistory;
use crate::study::Portions;
use crate::units::Time;
use std::sync::Arc;
use std::time::Duration;

/// A turn takes no longer, whatever it may.
const SLICE: Duration = Duration::from_millis(8);
/// A paced run that has done what is due is looked after again so soon.
const BREATH: Duration = Duration::from_millis(8);
/// Runs do not get further apart than this on their way.
const STEP: i64 = 1_000_000_000;

/// When a host wants its next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once: there is more to do.
    Now,
    /// After so long, or with the next message.
    After(Duration),
    /// With the next message: there is nothing to do.
    Message,
}

impl Host {
    /// Works for about `budget`, at most 8 ms, by a clock that only goes forward.
    pub fn turn(&mut self, clock: &dyn Fn() -> Duration, budget: Duration) -> Next {
        let begun = clock();
        let end = begun + budget.min(SLICE);
        while self.handle_next() {}
        let due = self.pacer.due(begun, if self.task.is_some() { Pace::Paused } else { self.pace });
        self.watch_steps();
        let was_running = self.is_running();
        let present = self.present();
        let goal = present.map(|present| match self.pace {
            _ if self.task.is_some() => present,
            Pace::Paused => present,
            Pace::Times(_) => Time(present.0.saturating_add(due)),
            Pace::Unbound => Time(i64::MAX),
        });
        let mut more = true;
        while more {
            more = if self.task.is_some() { self.work_task() } else { goal.is_some_and(|goal| self.play_to(goal)) };
            self.publish_models();
            self.publish_log();
            self.publish_ends();
            // A task that was done leaves the rest of the turn to what waits behind it.
            if self.handle_next() {
                more = true;
                self.watch_steps();
            }
            if clock() >= end {
                break;
            }
        }
        if let (Some(before), Some(after)) = (present, self.present()) {
            self.pacer.played((after.0 - before.0).max(0), self.pace);
            self.pacer.note(clock(), after);
            if after != before {
                self.publisher.changed();
            }
        }
        self.keep_budget();
        self.work_study(clock, end);
        if was_running && !self.is_running() {
            self.publisher.changed();
        }
        self.publish_state(clock);
        if more || self.study.is_some() || self.task.is_some() || (self.is_running() && self.pace == Pace::Unbound) {
            return Next::Now;
        }
        let wait = self.publisher.wait(clock(), self.options.frame_every, self.is_standing());
        match (self.is_running(), wait) {
            (true, wait) => Next::After(wait.unwrap_or(BREATH).min(BREATH)),
            (false, Some(wait)) => Next::After(wait),
            (false, None) => Next::Message,
        }
    }

    /// A study has what the runs left of the turn, and at least a portion of it.
    fn work_study(&mut self, clock: &dyn Fn() -> Duration, end: Duration) {
        while let Some(study) = &mut self.study {
            match study.advance(PORTION) {
                Ok(true) => {}
                Ok(false) => {
                    let answer = self.study.take().and_then(Portions::finish);
                    self.out.extend(answer.map(|answer| Update::Studied(Arc::new(answer))));
                }
                Err(failure) => {
                    self.study = None;
                    self.out.push(Update::StudyFailed(Arc::new(failure)));
                }
            }
            if clock() >= end {
                break;
            }
        }
    }

    /// Each call of the steered run is kept for the next frame where time is slow enough to see them, or goes by steps.
    fn watch_steps(&mut self) {
        let slow = match self.pace {
            Pace::Paused => true,
            Pace::Times(times) => times <= Pace::MICROSCOPE,
            Pace::Unbound => false,
        };
        let slow = slow && !matches!(self.task, Some(Task::Seek { .. }));
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            let steps = &mut lane.run.listeners.totals.steps;
            if !slow || place != self.steered as usize {
                *steps = None;
            } else if steps.is_none() {
                *steps = Some(Default::default());
            }
        }
    }

    /// Time passes, by itself or on the way to where it was sent.
    pub(super) fn is_running(&self) -> bool {
        self.task.is_some() || self.pace != Pace::Paused && self.lanes.iter().any(|lane| !lane.run.is_over())
    }

    /// The opposite, for a host that has something to show.
    pub(super) fn is_standing(&self) -> bool {
        !self.lanes.is_empty() && !self.is_running()
    }

    /// The least of the runs that can go on, else that of the steered one.
    fn present(&self) -> Option<Time> {
        let going = self.lanes.iter().filter(|lane| !lane.run.is_over()).map(RunHistory::now).min();
        going.or_else(|| self.lanes.get(self.steered as usize).map(RunHistory::now))
    }

    /// One portion of the run that is behind; false if all are at the goal.
    fn play_to(&mut self, goal: Time) -> bool {
        let behind =
            self.lanes.iter().filter(|lane| !lane.run.is_over() && !lane.run.is_at(goal)).map(RunHistory::now).min();
        let Some(behind) = behind else { return false };
        let goal = goal.min(Time((behind.0.div_euclid(STEP) + 1) * STEP));
        let mut moved = false;
        for lane in self.lanes.iter_mut().filter(|lane| lane.now() == behind && !lane.run.is_at(goal)) {
            moved |= lane.play(goal);
            if moved {
                break;
            }
        }
        moved || self.lanes.iter().any(|lane| !lane.run.is_over() && !lane.run.is_at(goal))
    }

    /// One portion of what was asked; false when there is nothing left of it.
    fn work_task(&mut self) -> bool {
        let Some(task) = self.task else { return false };
        match task {
            Task::Command(goal) => {
                let done = self.lanes.get_mut(self.steered as usize).is_none_or(|lane| !lane.play(goal));
                self.finish_if(done)
            }
            Task::Step(goal) => {
                let going = self.play_to(goal);
                self.finish_if(!going)
            }
            Task::Event { events } => {
                let Some(lane) = self.lanes.get(self.steered as usize) else { return self.finish_if(true) };
                let next = lane.run.sim.next_event();
                let goal = if lane.run.sim.events() > events { Some(lane.now()) } else { next };
                let going = goal.is_some_and(|goal| self.play_to(goal));
                let happened = self
                    .lanes
                    .get(self.steered as usize)
                    .is_none_or(|lane| lane.run.sim.events() > events || lane.run.is_over());
                self.finish_if(!going && happened || goal.is_none())
            }
            Task::Seek { goal, from, branch } => {
                if std::mem::take(&mut self.sought) {
                    for (place, lane) in self.lanes.iter_mut().enumerate() {
                        if lane.approach(goal) {
                            self.publisher.samplers[place].forget();
                        }
                    }
                    self.note();
                }
                // What passes in the last second can be told only by who looked before it.
                let before = Time(goal.0 - STEP);
                let early = self.lanes.iter().any(|lane| !lane.run.is_over() && !lane.run.is_at(before));
                let halt = if early { before } else { goal };
                let going = self.play_to(halt);
                if halt < goal && self.lanes.iter().all(|lane| lane.run.is_over() || lane.run.is_at(halt)) {
                    self.note();
                }
                let there = self.lanes.iter().all(|lane| lane.run.is_over() || lane.run.is_at(goal));
                if going || !there {
                    self.publisher.progress = self.present().map(|at| (at, goal, from));
                    return true;
                }
                if branch && let Some(trunk) = self.lanes.first() {
                    let branch = trunk.branch();
                    self.lanes.push(branch);
                    self.steered = Lane::Branch;
                    self.publisher.branch();
                    let at = self.lanes[0].now();
                    self.out.push(Update::Branched(at));
                }
                self.finish_if(true)
            }
        }
    }

    fn finish_if(&mut self, done: bool) -> bool {
        if done {
            self.task = None;
            self.pacer.rest();
            self.publisher.changed();
        }
        !done
    }

    fn note(&mut self) {
        for (lane, sampler) in self.lanes.iter().zip(&mut self.publisher.samplers) {
            sampler.note(&lane.run);
        }
    }

    /// Tells the commands that took effect.
    fn publish_log(&mut self) {
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            let name = if place == 0 { Lane::Trunk } else { Lane::Branch };
            for seq in lane.untold() {
                let entry = &lane.log[seq];
                let text = command::words(entry, lane.run.sim.model());
                let (time, seq, intervention) = (entry.time, seq as u32, entry.intervention.clone());
                self.out.push(Update::Logged(LoggedCommand { lane: name, time, seq, text, intervention }));
                self.publisher.changed();
            }
        }
    }

    /// Tells of runs that came to an end.
    fn publish_ends(&mut self) {
        for (place, lane) in self.lanes.iter().enumerate() {
            let name = if place == 0 { Lane::Trunk } else { Lane::Branch };
            let over = lane.run.is_over();
            if over && !self.publisher.ended[place] {
                self.out.push(match lane.run.stopped {
                    Some(stop) => Update::Stopped(name, lane.run.sim.stop_reason(stop)),
                    None => Update::Done(name),
                });
                self.publisher.changed();
            }
            self.publisher.ended[place] = over;
        }
    }

    /// Gives up checkpoints until the budget is kept.
    fn keep_budget(&mut self) {
        while self.checkpoint_bytes() > self.options.memory_bytes {
            let most = self.lanes.iter_mut().max_by_key(|lane| lane.checkpoints.list().len());
            let Some(gone) = most.and_then(|lane| lane.checkpoints.thin(lane.known)) else { break };
            self.lanes.iter_mut().for_each(|lane| lane.checkpoints.forget(&gone));
        }
    }
}
