//! Parts of a picture that can be picked and are no box of the layout.

use crate::layout::Rect;

/// What a part of a picture is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// A resource, by its index.
    Gauge(u32),
    /// An instance among others, by its index.
    Instance(u32),
    /// A machine, by its index.
    Machine(u32),
}

/// A part of a picture that is not a box of the layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub rect: Rect,
    pub target: Target,
}
