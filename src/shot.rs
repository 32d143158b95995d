//! A picture of a moment of a run, as it is asked for: the command line reads it from its arguments, the lab draws it.

use crate::experiment::Experiment;

/// What is to be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    /// What runs, and the moment to be seen; none: its end.
    pub experiment: Experiment,
    /// Pixels across and down.
    pub size: (u32, u32),
    /// Dark, or light.
    pub dark: bool,
    /// With the panels around the canvas.
    pub panels: bool,
}
