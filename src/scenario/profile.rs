//! Profiles: a rate or a population over time. Before time 0 a profile holds its initial value.
use super::noun::{Noun, choice};
use crate::units::Span;

/// A bare number of things, such as users.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Count(pub f64);

choice! {
    /// A value over time.
    pub enum Profile<V: Noun> {
        /// Always the same.
        Constant(value: V),
        /// A straight line.
        Ramp {
            /// Value until `at`.
            from: V,
            /// Value from `at` + `over` on.
            to: V,
            /// When it begins.
            at: Span = Span::ZERO,
            /// How long it takes.
            over: Span,
        },
        /// One straight line after another, as in k6.
        Stages {
            /// Value at time 0.
            start: V,
            /// (duration, target) of each.
            stages: Vec<(Span, V)>,
        },
        /// A crowd that comes at once and loses interest.
        Flash {
            /// Value before, and in the end.
            base: V,
            /// Highest value.
            peak: V,
            /// When the rise begins.
            at: Span,
            /// How long it takes.
            rise: Span,
            /// Time in which the distance to `base` halves, after the peak.
            half_life: Span,
        },
        /// Growth: from * 2^(t/every).
        Doubling {
            /// Value at time 0.
            from: V,
            /// Time in which it doubles.
            every: Span,
            /// When the growth ends. Absent: the horizon.
            until: Option<Span> = None,
        },
        /// All of them together.
        Sum(parts: Vec<Profile<V>>),
        /// Another profile, multiplied.
        Scale(factor: f64 [0.0..=1e9], of: Box<Profile<V>>),
    }
}
