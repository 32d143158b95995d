//! All the lab knows: the last frame, the figures so far, the past as a timeline, where everything stands, what is picked.
//!
//! It hears the host (`listen`) and does what a person asks (`act`). It holds no simulation.

use super::action::Subject;
use crate::host::{Faulty, Frame, Lane, Opened, Point, Wish};
use crate::layout;
use crate::measure::Results;
use crate::units::Time;
use std::sync::Arc;

/// What is on the desk.
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
    /// How it looks.
    pub view: View,
}

/// The past of a run, point by point.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Seconds a point stands for.
    pub every_s: f64,
    /// From time 0 on.
    pub points: Vec<Point>,
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
}
