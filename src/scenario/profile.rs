//! Profiles: a rate or a population over time. Before time 0 a profile holds its initial value.
use super::{
    csv::Csv,
    described::{Described, choice},
};
use crate::units::{Quantity, Rate, Span, parse_number};

/// A bare number of things, such as users.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Count(pub f64);

/// A value that a profile moves.
pub trait Level: Described + Copy + PartialEq {
    /// In base units.
    fn level(self) -> f64;

    /// A value in a table: a bare number is in base units.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    fn cell(text: &str) -> Result<Self, (String, String)>;
}

impl Level for Rate {
    fn level(self) -> f64 {
        self.0
    }
    fn cell(text: &str) -> Result<Self, (String, String)> {
        match parse_number(text) {
            Some(per_second) => Ok(Self(per_second)),
            None => Self::parse(text)
                .map_err(|error| (error.message, format!("a number per second, or {}", error.expected))),
        }
    }
}

impl Level for Count {
    fn level(self) -> f64 {
        self.0
    }
    fn cell(text: &str) -> Result<Self, (String, String)> {
        parse_number(text).map(Self).ok_or_else(|| (format!("`{text}` is not a count"), "a number such as `12`".into()))
    }
}

choice! {
    /// A value over time.
    pub enum Profile<V: Level> {
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
        /// Day and night: a cosine between `low` and `high`.
        Daily {
            /// Lowest value, half a period from the peak.
            low: V,
            /// Highest value.
            high: V,
            /// When it is highest, first.
            peak: Span,
            /// From one peak to the next.
            period: Span = Span::seconds(86_400),
        },
        /// As measured: straight lines between the points of `"time,value"` lines.
        Trace(csv: Csv<V>),
        /// Another profile, later; until then its first value.
        Shift(by: Span, of: Box<Profile<V>>),
        /// All of them together.
        Sum(parts: Vec<Profile<V>>),
        /// Another profile, multiplied.
        Scale(factor: f64 [0.0..=1e9], of: Box<Profile<V>>),
    }
}
