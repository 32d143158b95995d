//! All the lab knows: the last frame, the figures so far, the past as a timeline, where everything stands, what is picked.
//!
//! It hears the host (`listen`) and does what a person asks (`act`). It holds no simulation.

use super::action::Subject;
use crate::host::{Faulty, Frame, Lane, Opened, Pace, Point, Wish};
use crate::layout;
use crate::measure::Results;
use crate::measure::results::StoryEvent;
use crate::model::Model;
use crate::units::Time;
use std::sync::Arc;

/// Speeds to go through with `Faster` and `Slower`, simulated seconds per second.
pub const SPEEDS: [f64; 19] = [
    Pace::SLOWEST,
    0.001,
    0.002,
    0.005,
    0.01,
    Pace::MICROSCOPE,
    0.1,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    900.0,
    Pace::QUICKEST,
    f64::INFINITY,
];

/// What is on the desk.
#[derive(Default)]
pub struct Desk {
    /// The scenario that runs.
    pub opened: Option<Arc<Opened>>,
    /// A text that does not; the run goes on beside it.
    pub faulty: Option<Arc<Faulty>>,
    /// A word for the person, until it is put away.
    pub notice: Option<String>,
    /// How the run stands.
    pub frame: Frame,
    /// Figures so far, by run.
    pub results: [Option<Arc<Results>>; 2],
    /// The past, by run.
    pub timelines: [Timeline; 2],
    /// Where the branch leaves the trunk, if there is one.
    pub branched: Option<Time>,
    /// What was asked of the runs, in order.
    pub wishes: Vec<Wish>,
    /// On the way from a time to a time.
    pub progress: Option<(Time, Time)>,
    /// What is shown in full.
    pub picked: Option<Subject>,
    /// Speed to play at, simulated seconds per second; infinite: as fast as can be.
    pub speed: f64,
    /// Time shall pass.
    pub playing: bool,
    /// How it looks.
    pub view: View,
    /// The person is asked for a path: there is no dialog of the system's.
    pub asking_for_path: bool,
}

/// The past of a run, point by point.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Seconds a point stands for.
    pub every_s: f64,
    /// From time 0 on.
    pub points: Vec<Point>,
    /// What happened, as far as it is known: a run that was taken back has not forgotten it.
    pub story: Vec<StoryEvent>,
}

impl Timeline {
    /// Take in the story of a run that stands at `now`: what was known of later times stays.
    pub fn tell(&mut self, results: &Results, now: Time) {
        let now_s = now.0 as f64 / 1e9;
        self.story.retain(|event| event.at_s > now_s);
        self.story.splice(0..0, results.story.iter().cloned());
    }
}

/// How the lab looks; nothing of it touches a run.
#[derive(Clone, Debug)]
pub struct View {
    /// The window's middle, on the canvas.
    pub center: layout::Point,
    /// Pixels for a unit of the canvas.
    pub zoom: f32,
    /// Dark, or light.
    pub dark: bool,
    /// Panels are there.
    pub panels: bool,
    /// Only what must move does.
    pub still: bool,
    /// The scenarios that come along are shown.
    pub gallery: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { center: layout::Point::default(), zoom: 1.0, dark: true, panels: true, still: false, gallery: false }
    }
}

impl Desk {
    /// Figures so far of the run that is shown.
    #[must_use]
    pub fn figures(&self) -> Option<&Arc<Results>> {
        self.results[self.frame.lane as usize].as_ref()
    }

    /// The past of a run.
    #[must_use]
    pub fn timeline(&self, lane: Lane) -> &Timeline {
        &self.timelines[lane as usize]
    }

    /// The model as it was opened.
    #[must_use]
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.opened.as_ref().map(|opened| &opened.model)
    }
}
