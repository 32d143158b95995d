//! What is told of how it stands: frames, reports, progress; when, and how much of the timeline.

use super::frame::{Delta, Frame, Glance, Phase};
use super::frame_sampler::{FrameSampler, hops};
use super::history::Point;
use super::message::{Lane, Update};
use super::requests::{Host, Task};
use super::run_history::RunHistory;
use crate::measure::{self, REASONS, Results, results::Stopped};
use crate::model::Model;
use crate::napkin;
use crate::units::Time;
use std::sync::Arc;
use std::time::Duration;

/// A report is made at most so often unless there is a new sentence of the story, and takes at most this share of the
/// time.
const REPORT_EVERY: Duration = Duration::from_secs(1);
const REPORT_SHARE: u32 = 20;
/// So many times its own length passes before theory is asked anew of a run that goes on.
const THEORY_SHARE: u32 = 50;
/// So long a study is at work before it is told how long it takes yet.
const STUDY_TELLS: Duration = Duration::from_secs(2);
/// Progress is told so often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Bytes of the timeline in one frame, about.
const DELTA_BYTES: usize = 32 << 10;

/// What was told and what is to be.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    /// The last frame is on the screen.
    credit: bool,
    pub(super) focus: Vec<u32>,
    /// The run that is not steered is looked at, too.
    pub(super) both: bool,
    /// Who looks at each run.
    pub(super) samplers: [FrameSampler; 2],
    /// Runs whose end was told.
    pub(super) ended: [bool; 2],
    /// Where a seek is, where it goes and where it began.
    pub(super) progress: Option<(Time, Time, Time)>,
    /// Something is to be seen that the last frame does not show.
    frame_due: bool,
    /// Something happened since the last report.
    report_due: bool,
    last_frame: Option<Duration>,
    last_progress: Option<Duration>,
    last_study: Option<Duration>,
    /// When the study began, and how much of it was done when it was told last.
    study_began: Option<Duration>,
    study_share: f64,
    last_report: Option<Duration>,
    /// Somebody has listened since the last report.
    heard: bool,
    report_cost: Duration,
    /// Sentences of the stories in the last report.
    sentences: usize,
    /// Theory of each run as it was told last, when that was and how long it took.
    theory: [Option<Arc<Results>>; 2],
    last_theory: Option<Duration>,
    theory_cost: Duration,
    /// Points of each timeline that were sent.
    sent: [usize; 2],
    /// The model of each run as it was told last.
    models: [Option<Arc<Model>>; 2],
}

impl Publisher {
    /// Another scenario: everything anew.
    pub(super) fn begin(&mut self) {
        let last_frame = self.last_frame;
        let both = self.both;
        *self =
            Self { credit: true, heard: true, last_frame, both, frame_due: true, report_due: true, ..Self::default() };
    }

    /// Something changed while it stands.
    pub(super) fn changed(&mut self) {
        self.frame_due = true;
        self.report_due = true;
    }

    /// The last frame is on the screen.
    pub(super) fn credited(&mut self) {
        self.credit = true;
        self.heard = true;
    }

    /// A timeline is known to this point only.
    pub(super) fn rewritten(&mut self, lane: usize, points: usize) {
        self.sent[lane] = self.sent[lane].min(points);
        self.samplers[lane].forget();
    }

    /// There is a branch.
    pub(super) fn branch(&mut self) {
        self.sent[1] = 0;
        self.ended[1] = false;
        self.samplers[1] = self.samplers[0].clone();
        self.theory[1] = None;
        self.models[1] = None;
        self.changed();
    }

    /// There is a branch that shares nothing with the trunk.
    pub(super) fn join(&mut self) {
        self.branch();
        self.samplers[1] = FrameSampler::default();
    }

    /// A study begins.
    pub(super) fn begin_study(&mut self) {
        (self.study_began, self.study_share, self.last_study) = (None, 0.0, None);
    }

    /// A study stands at that share: how long it takes yet, where what it took so far tells.
    fn study_left(&mut self, share: f64, now: Duration) -> Option<Duration> {
        let began = *self.study_began.get_or_insert(now);
        self.study_share = share.max(self.study_share);
        let spent = now.saturating_sub(began);
        let told = spent >= STUDY_TELLS && self.study_share >= 0.02;
        told.then(|| spent.mul_f64((1.0 - self.study_share) / self.study_share))
    }

    /// There is none any more.
    pub(super) fn prune(&mut self) {
        self.sent[1] = 0;
        self.ended[1] = false;
        self.samplers[1] = FrameSampler::default();
        self.changed();
    }

    /// How long until something is due; None: nothing is.
    pub(super) fn wait(&self, now: Duration, frame_every: Duration, standing: bool) -> Option<Duration> {
        let frame = (self.frame_due && self.credit).then(|| self.frame_at(frame_every));
        let report = (self.report_due && self.heard).then(|| self.report_at(standing));
        frame.into_iter().chain(report).min().map(|at| at.saturating_sub(now))
    }

    fn frame_at(&self, every: Duration) -> Duration {
        self.last_frame.map_or(Duration::ZERO, |last| last + every)
    }

    fn report_at(&self, soon: bool) -> Duration {
        let rest = self.report_cost * REPORT_SHARE;
        self.last_report.map_or(Duration::ZERO, |last| last + if soon { rest } else { rest.max(REPORT_EVERY) })
    }
}

impl Host {
    /// Sends what is due by now.
    pub(super) fn publish_state(&mut self, clock: &dyn Fn() -> Duration) {
        if self.lanes.is_empty() {
            return;
        }
        self.publish_models();
        let now = clock();
        if let Some((at, goal, _)) = self.publisher.progress.take()
            && self.publisher.last_progress.is_none_or(|last| now.saturating_sub(last) >= PROGRESS_EVERY)
        {
            self.publisher.last_progress = Some(now);
            self.out.push(Update::Progress { at, goal });
        }
        if let Some(study) = &self.study
            && self.publisher.last_study.is_none_or(|last| now.saturating_sub(last) >= PROGRESS_EVERY)
        {
            self.publisher.last_study = Some(now);
            let left = self.publisher.study_left(study.share(), now);
            self.out.push(Update::StudyProgress { share: self.publisher.study_share as f32, left });
        }
        let standing = self.is_standing();
        if self.publisher.frame_due && self.publisher.credit && now >= self.publisher.frame_at(self.options.frame_every)
        {
            let frame = self.frame();
            self.publisher.last_frame = Some(now);
            self.publisher.credit = false;
            self.out.push(Update::Frame(Box::new(frame)));
        }
        let seeks = matches!(self.task, Some(Task::Seek { .. } | Task::Command(_)));
        let sentences = self.lanes.iter().map(|lane| lane.run.listeners.recorder.told()).sum();
        let soon = standing || sentences != self.publisher.sentences;
        if self.publisher.report_due && self.publisher.heard && !seeks && now >= self.publisher.report_at(soon) {
            self.report(clock);
            self.publisher.sentences = sentences;
            let end = clock();
            self.publisher.report_cost = end.saturating_sub(now);
            self.publisher.last_report = Some(end);
            self.publisher.report_due = false;
            self.publisher.heard = false;
        }
    }

    /// Tells the model of each run that is another than was told.
    pub(super) fn publish_models(&mut self) {
        for (place, run) in self.lanes.iter().enumerate() {
            let own = if place == 0 { None } else { self.other.as_ref() };
            let Some(base) = own.or(self.base.as_ref()) else { return };
            let model = run.run.sim.model();
            if self.publisher.models[place].as_ref().is_some_and(|told| Arc::ptr_eq(told, model)) {
                continue;
            }
            self.publisher.models[place] = Some(Arc::clone(model));
            let compiled = if Arc::ptr_eq(model, &base.compiled.model) {
                Arc::clone(&base.compiled)
            } else {
                let variant = run.variant().unwrap_or(&base.compiled.variant);
                Arc::new(base.compiled.after(model, variant.clone()))
            };
            let lane = if place == 0 { Lane::Trunk } else { Lane::Branch };
            self.out.push(Update::Compiled(lane, compiled));
        }
    }

    fn report(&mut self, clock: &dyn Fn() -> Duration) {
        let rested =
            self.publisher.last_theory.is_none_or(|last| clock() >= last + self.publisher.theory_cost * THEORY_SHARE);
        let anew = rested || self.is_standing();
        for (place, lane) in self.lanes.iter().enumerate() {
            let own = if place == 0 { None } else { self.other.as_ref() };
            let Some(base) = own.or(self.base.as_ref()) else { return };
            let options = base.compiled.options();
            let run = &lane.run;
            let stopped =
                run.stopped.map(|stop| Stopped { reason: run.sim.stop_reason(stop), at_s: run.now().0 as f64 / 1e9 });
            let mut results = measure::report(&run.listeners.recorder, &run.sim, &options, stopped);
            match &self.publisher.theory[place] {
                Some(last) if !anew => {
                    results.napkin.clone_from(&last.napkin);
                    results.stations.clone_from(&last.stations);
                    results.populations.clone_from(&last.populations);
                    results.warnings.extend(napkin::warnings(run.sim.model()));
                }
                Some(_) | None => {
                    let begun = clock();
                    napkin::annotate(run.sim.model(), &mut results);
                    self.publisher.last_theory = Some(clock());
                    self.publisher.theory_cost = clock().saturating_sub(begun);
                }
            }
            if run.is_over() {
                results.seal();
            }
            let name = if place == 0 { Lane::Trunk } else { Lane::Branch };
            let results = Arc::new(results);
            self.publisher.theory[place] = Some(Arc::clone(&results));
            self.out.push(Update::Report(name, run.now(), results));
        }
    }

    fn frame(&mut self) -> Frame {
        let steered = self.steered as usize;
        let mut frame = self.look(steered);
        self.publisher.frame_due = false;
        let both = self.publisher.both && self.lanes.len() > 1;
        let look = both.then(|| Box::new(self.look(1 - steered)));
        let publisher = &mut self.publisher;
        let mut behind = false;
        let mut delta = |place: usize, lane: &RunHistory, sent: &mut [usize; 2]| {
            let delta = delta(lane, &mut sent[place]);
            behind |= sent[place] < lane.history.len();
            delta
        };
        frame.history = delta(steered, &self.lanes[steered], &mut publisher.sent);
        if self.lanes.len() > 1 {
            let other = 1 - steered;
            let lane = &self.lanes[other];
            let history = delta(other, lane, &mut publisher.sent);
            frame.other = Some(Glance { lane: lane_of(other), now: lane.now(), history, look });
        }
        publisher.frame_due |= behind;
        frame
    }

    /// A run as it stands, without its timeline.
    fn look(&mut self, place: usize) -> Frame {
        let standing = self.is_standing();
        let lane = &mut self.lanes[place];
        let mut frame = Frame {
            lane: lane_of(place),
            now: lane.now(),
            known: lane.known,
            pace: self.pace,
            achieved: if standing { 0.0 } else { self.pacer.achieved() },
            phase: match self.task {
                Some(Task::Seek { .. }) => Phase::Seeking,
                _ if lane.run.stopped.is_some() => Phase::Stopped,
                _ if lane.run.is_over() => Phase::Done,
                _ => Phase::Running,
            },
            events: lane.run.sim.events(),
            digest: standing.then(|| lane.run.sim.digest()),
            ..Frame::default()
        };
        self.publisher.samplers[place].look(&lane.run, &self.publisher.focus, &mut frame);
        frame.hops = hops(&mut lane.run);
        frame
    }
}

const fn lane_of(place: usize) -> Lane {
    if place == 0 { Lane::Trunk } else { Lane::Branch }
}

/// The points of a timeline that were not sent, as many as go into one frame.
fn delta(lane: &RunHistory, sent: &mut usize) -> Delta {
    let from = *sent;
    let mut bytes = 0;
    let room = |point: &&Arc<Point>| {
        bytes +=
            size_of::<Point>() + size_of::<f32>() * (point.sources.len() * (3 + REASONS.len()) + point.subjects.len());
        bytes <= DELTA_BYTES
    };
    let points: Vec<Point> = lane.history.from(from).iter().take_while(room).map(|point| Point::clone(point)).collect();
    *sent += points.len();
    Delta { every_s: lane.run.strip.every_s(), from: from as u32, points }
}
