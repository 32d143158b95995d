//! Objectives: pass or fail, in the grammar that k6 made known.
//!
//! `p(95) < 2s` · `avg`, `med`, `max < 1s` · `failed < 1%` · `rate > 100/s` · `goodput > 90/s` · `down < 5min` ·
//! `recovered within 10min` on a source or an operation; `total < 5` and `per_thousand < 0.1` on `cost`;
//! `utilization < 80%` and `waiting < 50` on a resource. `worst 1min` in front asks it of every such window.

use super::text::TextError;
use crate::units::{Percent, Quantity, Rate, Span, parse_number, split_number};
use std::{fmt, ops::Range};

/// One expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// Asked of the worst window of this length; None: of the whole horizon.
    pub worst: Option<Span>,
    /// What is looked at.
    pub metric: Metric,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in base units: seconds, a share, per second, money, a number.
    pub bound: f64,
}

/// What an objective looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// `p(q)`: latency percentile, q in percent, a failure counting as infinitely late. Seconds.
    Percentile(f64),
    /// `avg`: mean latency of what succeeded. Seconds.
    Average,
    /// `med`: as `p(50)`. Seconds.
    Median,
    /// `max`: as `p(100)`. Seconds.
    Maximum,
    /// `failed`: share of the ended requests that failed.
    Failed,
    /// `rate`: offered per second.
    Rate,
    /// `goodput`: succeeded per second.
    Goodput,
    /// `down`: total time of the windows in which more than half of what ended failed. Seconds.
    Down,
    /// `recovered within`: from the first such window until the last has passed. Seconds.
    Recovered,
    /// `total`: money for the whole horizon.
    Total,
    /// `per_thousand`: money per thousand successful requests.
    PerThousand,
    /// `utilization`: mean share in use.
    Utilization,
    /// `waiting`: mean number waiting.
    Waiting,
}

/// How a metric is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// What an objective can be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A source or an operation.
    Traffic,
    /// The subject `cost`.
    Cost,
    /// A resource such as `app.workers`.
    Resource,
}

/// What a bound is a quantity of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Time,
    Share,
    Rate,
    Number,
}

/// The names of metrics, for messages and docs.
pub const METRICS: [&str; 13] = [
    "p(95)",
    "avg",
    "med",
    "max",
    "failed",
    "rate",
    "goodput",
    "down",
    "recovered",
    "total",
    "per_thousand",
    "utilization",
    "waiting",
];

impl Metric {
    /// What it can be asked of.
    pub fn asked_of(self) -> Asked {
        match self {
            Self::Percentile(_)
            | Self::Average
            | Self::Median
            | Self::Maximum
            | Self::Failed
            | Self::Rate
            | Self::Goodput
            | Self::Down
            | Self::Recovered => Asked::Traffic,
            Self::Total | Self::PerThousand => Asked::Cost,
            Self::Utilization | Self::Waiting => Asked::Resource,
        }
    }

    fn bound(self) -> Bound {
        match self {
            Self::Percentile(_) | Self::Average | Self::Median | Self::Maximum | Self::Down | Self::Recovered => {
                Bound::Time
            }
            Self::Failed | Self::Utilization => Bound::Share,
            Self::Rate | Self::Goodput => Bound::Rate,
            Self::Total | Self::PerThousand | Self::Waiting => Bound::Number,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')) {
            return parse_number(inner.trim()).filter(|q| *q > 0.0 && *q < 100.0).map(Self::Percentile);
        }
        Some(match text {
            "avg" => Self::Average,
            "med" => Self::Median,
            "max" => Self::Maximum,
            "failed" => Self::Failed,
            "rate" => Self::Rate,
            "goodput" => Self::Goodput,
            "down" => Self::Down,
            "recovered" => Self::Recovered,
            "total" => Self::Total,
            "per_thousand" => Self::PerThousand,
            "utilization" => Self::Utilization,
            "waiting" => Self::Waiting,
            _ => return None,
        })
    }
}

impl Comparison {
    /// Whether `observed` passes.
    pub fn holds(self, observed: f64, bound: f64) -> bool {
        match self {
            Self::Below => observed < bound,
            Self::AtMost => observed <= bound,
            Self::Above => observed > bound,
            Self::AtLeast => observed >= bound,
        }
    }
}

/// How a metric is compared, and the text behind that.
fn compared(metric: Metric, text: &str) -> Option<(Comparison, &str)> {
    if metric == Metric::Recovered {
        return text.strip_prefix("within").map(|value| (Comparison::AtMost, value));
    }
    let signs =
        [("<=", Comparison::AtMost), (">=", Comparison::AtLeast), ("<", Comparison::Below), (">", Comparison::Above)];
    signs.into_iter().find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))
}

impl Objective {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let fail = |part: &str, message: String, expected: &str| TextError {
            at: place(text, part),
            message,
            expected: expected.to_owned(),
        };
        let mut rest = text.trim();
        let mut worst = None;
        if let Some(after) = rest.strip_prefix("worst ") {
            let after = after.trim_start();
            let (window, tail) = after.split_once(' ').unwrap_or((after, ""));
            let span = Span::parse(window).map_err(|error| fail(window, error.message, &error.expected))?;
            if span == Span::ZERO {
                return Err(fail(window, "a window of no length".to_owned(), "a time such as `1min`"));
            }
            worst = Some(span);
            rest = tail.trim_start();
        }
        let end = rest.find(['<', '>', '=', '!']).or_else(|| rest.find(" within")).unwrap_or(rest.len());
        let (name, tail) = (rest[..end].trim(), rest[end..].trim_start());
        let Some(metric) = Metric::parse(name) else {
            let nearest = super::nearest::nearest(name, METRICS)
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(fail(
                name,
                format!("unknown metric `{name}`"),
                &format!("one of {}{nearest}", METRICS.join(", ")),
            ));
        };
        if worst.is_some() && !matches!(metric.asked_of(), Asked::Traffic)
            || worst.is_some() && matches!(metric, Metric::Down | Metric::Recovered)
        {
            return Err(fail(
                name,
                format!("`{name}` has no windows"),
                "`worst` goes with latency, `failed`, `rate` and `goodput`",
            ));
        }
        let (comparison, value) = match compared(metric, tail) {
            Some(found) => found,
            None if metric == Metric::Recovered => {
                return Err(fail(tail, "a recovery has a time".to_owned(), "`recovered within 10min`"));
            }
            None => {
                return Err(fail(
                    tail,
                    format!("`{name}` is compared with nothing"),
                    "`<`, `<=`, `>` or `>=` and a value, such as `p(95) < 2s`",
                ));
            }
        };
        let value = value.trim();
        let bound = match metric.bound() {
            Bound::Time => Span::parse(value).map(Quantity::base),
            Bound::Share => Percent::parse(value).map(Quantity::base),
            Bound::Rate => Rate::parse(value).map(Quantity::base),
            Bound::Number => {
                return number(value)
                    .map(|bound| Self { worst, metric, comparison, bound })
                    .ok_or_else(|| fail(value, format!("`{value}` is not a number"), "a bare number such as `5`"));
            }
        };
        let bound = bound.map_err(|error| fail(value, error.message, &error.expected))?;
        Ok(Self { worst, metric, comparison, bound })
    }

    /// The bound as one would write it.
    pub fn bound_text(&self) -> String {
        self.show(self.bound)
    }

    /// A value of this objective's metric as one would write it.
    pub fn show(&self, value: f64) -> String {
        match self.metric.bound() {
            Bound::Time => Span::from_base(value).map_or_else(|| "never".to_owned(), |span| span.to_string()),
            Bound::Share => Percent(value).to_string(),
            Bound::Rate => Rate(value).to_string(),
            Bound::Number => value.to_string(),
        }
    }
}

/// Where `part`, a slice of `text`, stands in it; an empty one is the end.
fn place(text: &str, part: &str) -> Range<usize> {
    let from = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    if part.is_empty() { text.len()..text.len() } else { from..(from + part.len()).min(text.len()) }
}

fn number(text: &str) -> Option<f64> {
    let (number, unit) = split_number(text);
    if unit.is_empty() { parse_number(number) } else { None }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(q) => write!(out, "p({q})"),
            Self::Average => out.write_str("avg"),
            Self::Median => out.write_str("med"),
            Self::Maximum => out.write_str("max"),
            Self::Failed => out.write_str("failed"),
            Self::Rate => out.write_str("rate"),
            Self::Goodput => out.write_str("goodput"),
            Self::Down => out.write_str("down"),
            Self::Recovered => out.write_str("recovered"),
            Self::Total => out.write_str("total"),
            Self::PerThousand => out.write_str("per_thousand"),
            Self::Utilization => out.write_str("utilization"),
            Self::Waiting => out.write_str("waiting"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(window) = self.worst {
            write!(out, "worst {window} ")?;
        }
        if self.metric == Metric::Recovered {
            return write!(out, "recovered within {}", self.bound_text());
        }
        write!(out, "{} {} {}", self.metric, self.comparison, self.bound_text())
    }
}
