//! Objectives: pass or fail, in the grammar that k6 made known.
//!
//! `p(95) < 2s` · `avg`, `med`, `max < 1s` · `failed < 1%` · `rate > 100/s` · `goodput > 90/s` · `down < 5min` ·
//! `recovered within 10min` on a source or an operation; `total < 5` and `per_thousand < 0.1` on `cost`;
//! `degraded < 2%` likewise; `sessions completed > 95%`, `sessions gave up < 5%` and `p(95) session < 3min` on a source
//! with sessions; `messages given up < 1%` and `p(95) message < 3min` on an operation of a `Queue`; `utilization < 80%`
//! and `waiting < 50` on a resource. `worst 1min` in front asks it of every such window. `optional` at the end: where
//! there is nothing to observe it passes.

use super::metric::Metric;
use super::text::TextError;
use crate::units::{Quantity, Span, parse_number};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// One expression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Asked of the worst window of this length; None: of the whole horizon.
    pub worst: Option<Span>,
    /// What is looked at.
    pub metric: Metric,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in base units: seconds, a share, per second, money, a number.
    pub bound: f64,
    /// It passes where there is nothing to observe.
    pub optional: bool,
}

/// How a metric is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// The metric of a name, however its words are spaced; percentiles have a number in theirs.
fn named(text: &str) -> Option<Metric> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((inner, rest)) = words.strip_prefix("p(").and_then(|rest| rest.split_once(')')) {
        let number = parse_number(inner.trim()).filter(|q| *q > 0.0 && *q < 100.0)?;
        return match rest {
            "" => Some(Metric::Percentile(number)),
            " session" => Some(Metric::SessionPercentile(number)),
            " message" => Some(Metric::MessagePercentile(number)),
            _ => None,
        };
    }
    Metric::of_objectives().find(|metric| metric.name() == words)
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
        let optional = rest.strip_suffix("optional").filter(|before| before.ends_with(char::is_whitespace));
        rest = optional.map_or(rest, str::trim_end);
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
        let Some(metric) = named(name) else {
            let names: Vec<&str> = Metric::of_objectives().map(Metric::name).collect();
            let nearest = super::nearest::nearest(name, names.iter().copied())
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(fail(
                name,
                format!("unknown metric `{name}`"),
                &format!("one of {}{nearest}", names.join(", ")),
            ));
        };
        if worst.is_some() && !metric.has_windows() {
            return Err(fail(
                name,
                format!("`{name}` has no windows"),
                "`worst` goes with latency, `failed`, `degraded`, `rate` and `goodput` of requests and calls; sessions, \
                 messages, outages, resources and the bill are of the whole horizon",
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
        let bound = metric.row().unit.parse(value).map_err(|(message, expected)| {
            let more = match value.split_whitespace().nth(1) {
                Some("worst") => "; `worst` and its window stand in front of the metric",
                Some(_) => "; only `optional` may follow it",
                None => "",
            };
            fail(value, message, &format!("{expected}{more}"))
        })?;
        Ok(Self { worst, metric, comparison, bound, optional: optional.is_some() })
    }

    /// The bound as one would write it.
    pub fn bound_text(&self) -> String {
        self.metric.row().unit.print(self.bound)
    }
}

/// Where `part`, a slice of `text`, stands in it; an empty one is the end.
fn place(text: &str, part: &str) -> Range<usize> {
    let from = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    if part.is_empty() { text.len()..text.len() } else { from..(from + part.len()).min(text.len()) }
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
            write!(out, "recovered within {}", self.bound_text())?;
        } else {
            write!(out, "{} {} {}", self.metric, self.comparison, self.bound_text())?;
        }
        if self.optional { out.write_str(" optional") } else { Ok(()) }
    }
}
