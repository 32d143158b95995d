//! What a picture is made of: how the run stands, where everything is, and who looks how.

use super::Camera;
use crate::host::{Frame, Pace, Phase};
use crate::lab::action::Subject;
use crate::lab::theme::Palette;
use crate::layout::Layout;
use crate::model::Model;

/// What is looked at, and how.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// Names and kinds.
    pub model: &'a Model,
    /// How the run stands.
    pub frame: &'a Frame,
    /// Where everything stands.
    pub layout: &'a Layout,
    /// The theme.
    pub palette: &'a Palette,
    /// Where the canvas is.
    pub camera: Camera,
    /// Only what must move does.
    pub still: bool,
    /// Say what the signs mean in the lower left corner: nobody else does.
    pub legend: bool,
    /// What is shown in full.
    pub picked: Option<&'a Subject>,
    /// What is pointed at.
    pub hovered: Option<&'a Subject>,
    /// What happened to who is to blame: "died at 5:00"; empty where nothing was told.
    pub happened: &'a str,
    /// A wall clock, seconds.
    pub seconds: f64,
}

impl Sight<'_> {
    /// The clock that lights go by stands.
    pub(super) fn stands(&self) -> bool {
        self.frame.pace == Pace::Paused || matches!(self.frame.phase, Phase::Done | Phase::Stopped) || self.still
    }
}
