//! What is said between a host and whoever looks at its run.

use super::frame::Frame;
use crate::engine::Command;
use crate::experiment::{Compiled, Experiment, Intervention, LoadFailure, LogEntry};
use crate::measure::Results;
use crate::scenario::Edit;
use crate::study::{Answer, StudySpec};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Which of two runs: the one that was opened, and one that branched off it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// The run that was opened.
    #[default]
    Trunk,
    /// What would have been, or a run of something else.
    Branch,
}

/// How fast simulated time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Pace {
    /// Not at all.
    #[default]
    Paused,
    /// Simulated seconds per second, [`Pace::SLOWEST`] to [`Pace::QUICKEST`].
    Times(f64),
    /// As fast as can be.
    Unbound,
}

/// One step of a run that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stride {
    /// The next event, and all others of its instant.
    Event,
    /// So long.
    Span(Span),
}

/// What is asked of a host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Run this instead, do what its log says at the times it says, and be at its moment. Where it has errors, the
    /// present run goes on.
    Open(Box<Experiment>),
    /// A command for the steered run, now. It is logged.
    Act(Command),
    /// The scenario of the steered run is edited, all of it as one command, now.
    Edit(Vec<Edit>),
    /// The variant of that name, or none, as a command for the steered run, now.
    ApplyVariant(Option<String>),
    /// The steered run with this log in the place of its own, at that time; it is played again from where the two part.
    Revise {
        /// What is done to it, in the order of time.
        log: Vec<LogEntry>,
        /// Where it then stands.
        moment: Time,
    },
    /// From now on so fast.
    Pace(Pace),
    /// One step, then stand still.
    Step(Stride),
    /// Be at that time (both runs), and go on as before.
    Seek(Time),
    /// A second run that shares the trunk's past until then; the present one, if there is one, is given up.
    Branch {
        /// Where it leaves the trunk.
        at: Time,
    },
    /// A second run, of another experiment, that comes to where the trunk is and goes on in step with it; the present
    /// branch is given up. It has the trunk's seed, so that the same crowd comes, and what its log says is done to it.
    /// Where it has errors, nothing changes.
    Compare(Box<Experiment>),
    /// Somebody looks at both runs: from now on frames show the one that is not steered as well, or no longer.
    ShowBoth(bool),
    /// Give the branch up.
    Prune,
    /// Commands go to this run and frames show it.
    Steer(Lane),
    /// Instances whose work is wanted in full; replaces what was wanted before.
    Focus(Vec<u32>),
    /// Answer this of the steered run's scenario with all edits until now, from its start, beside whatever is played; a
    /// study that was at work is given up.
    Study(StudySpec),
    /// Give the study up.
    Cancel,
    /// The last frame is on the screen: another may come.
    Credit,
}

/// A command that took effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedCommand {
    /// In which run.
    pub lane: Lane,
    /// Before this instant's events.
    pub time: Time,
    /// Its place in that run's log.
    pub seq: u32,
    /// In words.
    pub text: String,
    /// What was done, where it can be done to another run.
    pub intervention: Option<Intervention>,
}

impl LoggedCommand {
    /// As it stands in a log, where it can be done to another run.
    #[must_use]
    pub fn entry(&self) -> Option<LogEntry> {
        Some(LogEntry { time: self.time, intervention: self.intervention.clone()? })
    }
}

/// What a host tells.
#[derive(Clone, Debug)]
pub enum Update {
    /// A scenario was opened; everything before it is of another.
    Opened(Arc<Compiled>),
    /// From here on that run is of this model: it was opened or branched off, a command or the runbook changed it, or
    /// it was sought to where it was, or will be, another. Whatever is told of the run before the next one is about
    /// this one.
    Compiled(Lane, Arc<Compiled>),
    /// A text does not run; what ran goes on.
    LoadFailure(Arc<LoadFailure>),
    /// How it stands now. At most 30 a second, and none before the last has its [`Request::Credit`].
    Frame(Box<Frame>),
    /// Everything measured up to that time: about once a second while it runs, and whenever it comes to stand.
    Report(Lane, Time, Arc<Results>),
    /// A command took effect.
    Logged(LoggedCommand),
    /// Of its log, what stands at this place and behind is gone.
    Withdrawn(Lane, u32),
    /// On the way to a time.
    Progress {
        /// Where it is.
        at: Time,
        /// Where it goes.
        goal: Time,
    },
    /// A study began, of this.
    StudyBegun(Arc<Compiled>),
    /// The study goes on.
    StudyProgress {
        /// So much of it is done, 0 to 1; it does not fall.
        share: f32,
        /// How long it takes yet, by what it took so far; none while that says nothing.
        left: Option<Duration>,
    },
    /// The study has no answer, and why.
    StudyFailed(Arc<LoadFailure>),
    /// The study's answer.
    Studied(Arc<Answer>),
    /// There is a branch now, from this time on.
    Branched(Time),
    /// There is a branch now that shares no past with the trunk: a run of this, from its start.
    Compared(Arc<Compiled>),
    /// It is gone.
    Pruned,
    /// A run came to its horizon.
    Done(Lane),
    /// A limit ended a run before its horizon: the reason's name.
    Stopped(Lane, String),
    /// The host itself failed: its runs are lost. It waits for something to open.
    Died(String),
}

impl Pace {
    /// Slowest motion: 2,000 seconds for one.
    pub const SLOWEST: f64 = 0.0005;
    /// An hour in a second.
    pub const QUICKEST: f64 = 3_600.0;
    /// Up to this, real requests are shown on their way; beyond it a way takes less than a picture lasts.
    pub const MICROSCOPE: f64 = 0.05;
}
