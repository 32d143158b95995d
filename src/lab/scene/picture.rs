//! What a look at the canvas gives: shapes and words, ready to be painted.

use super::{Labels, Shape};

/// One look, ready to be painted.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// In the order of painting.
    pub shapes: Vec<Shape>,
    /// Above them.
    pub labels: Labels,
    /// What lights go by, seconds. It stands while the run does.
    pub clock: f32,
    /// Pixels for a unit of the canvas.
    pub zoom: f32,
    /// Another for each other list of shapes.
    pub version: u64,
    /// Nothing eases any more: another picture of the same sight would be the same.
    pub settled: bool,
    /// Lights go by the clock: the same shapes are to be painted again.
    pub moving: bool,
    /// Requests each light stands for; none while a sample of real ones is shown on its way, or nothing flows.
    pub light_is: Option<f64>,
}
