//! Amounts: how much of something a step asks for, as a small expression.
//!
//! A constant (`"8ms"`), a distribution (`"lognormal(8ms, cv 1)"`, `"p50 300ms, p99 3s"`), a gauge of the instance
//! (`"in_flight"`), and sums and products of them (`"1s + 10ms*in_flight"`). The text is kept, so that a saved scenario
//! says what its author said; the parsed expression is what the model compiles. Every amount has one dimension (time,
//! bytes or a count); mixing them is an error of the file. Nothing is drawn for the model here.

pub mod drawn;
pub mod law;
mod parse;
pub mod words;

use super::text::TextError;
use std::fmt;

/// An amount as written, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    text: String,
    expr: Expr,
    dimension: Dimension,
}

/// What an amount counts. Base units: seconds, bytes, things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Time, in seconds.
    Time,
    /// An amount of data, in bytes.
    Bytes,
    /// A number of things.
    Count,
}

/// The meaning of an amount; all numbers in base units (seconds, bytes, a count).
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `8ms`
    Constant(f64),
    /// `exp(m)`
    Exponential {
        /// Mean, in base units.
        mean: f64,
    },
    /// `lognormal(m, cv c)`
    LogNormal {
        /// Mean, in base units.
        mean: f64,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// `gamma(m, cv c)`
    Gamma {
        /// Mean, in base units.
        mean: f64,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// `erlang(k, m)`
    Erlang {
        /// Exponential stages one after another, at least 1.
        k: u32,
        /// Mean of the whole.
        mean: f64,
    },
    /// `pareto(m, shape a)`
    Pareto {
        /// Mean, in base units.
        mean: f64,
        /// Tail exponent, above 1 (the mean exists).
        shape: f64,
    },
    /// `weibull(m, shape k)`
    Weibull {
        /// Mean, in base units.
        mean: f64,
        /// Below 1 a long tail, 1 exponential, above 1 narrower.
        shape: f64,
    },
    /// `uniform(a, b)`
    Uniform {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// `hyperexp(m, cv c)`: two branches with balanced means.
    HyperExponential {
        /// Mean, in base units.
        mean: f64,
        /// Standard deviation over mean, at least 1.
        cv: f64,
    },
    /// `geometric(m)`: 1, 2, 3, ... trials until success.
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
    /// `empirical(v:w, ...)`
    Empirical(Vec<(f64, f64)>),
    /// `mixture(a:w, ...)`: one of them, by weight.
    Mixture(Vec<(Expr, f64)>),
    /// All of them added.
    Sum(Vec<Expr>),
    /// All of them multiplied.
    Product(Vec<Expr>),
    /// A reading of the instance when the step starts.
    Gauge(Gauge),
}

/// What an amount can read of its instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gauge {
    /// `in_flight`: executions admitted or waiting here, this one included.
    InFlight,
    /// `connections`: inbound connections open here.
    Connections,
    /// `queued`: executions waiting in the backlog.
    Queued,
    /// `waiting(link)`: calls of this instance in progress over that link.
    Waiting(String),
}

impl Amount {
    /// Reads an amount and finds out its dimension.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let (expr, dimension) = parse::parse(text)?;
        Ok(Self { text: text.to_owned(), expr, dimension })
    }

    /// No time: the default of every cost.
    pub fn no_time() -> Self {
        Self { text: "0s".to_owned(), expr: Expr::Constant(0.0), dimension: Dimension::Time }
    }

    /// One thing.
    pub fn one() -> Self {
        Self { text: "1".to_owned(), expr: Expr::Constant(1.0), dimension: Dimension::Count }
    }

    /// An exponential of mean 1: the gaps of a Poisson process.
    pub fn one_exponential() -> Self {
        Self { text: "exp(1)".to_owned(), expr: Expr::Exponential { mean: 1.0 }, dimension: Dimension::Count }
    }

    /// As its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// What it counts.
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Its value, if it is always the same.
    #[must_use]
    pub fn constant(&self) -> Option<f64> {
        match self.expr {
            Expr::Constant(value) => Some(value),
            Expr::Exponential { .. }
            | Expr::Uniform { .. }
            | Expr::LogNormal { .. }
            | Expr::Gamma { .. }
            | Expr::Erlang { .. }
            | Expr::Pareto { .. }
            | Expr::Weibull { .. }
            | Expr::HyperExponential { .. }
            | Expr::Geometric { .. }
            | Expr::Empirical(_)
            | Expr::Mixture(_)
            | Expr::Sum(_)
            | Expr::Product(_)
            | Expr::Gauge(_) => None,
        }
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.expr == Expr::Constant(0.0)
    }
}

impl Expr {
    /// The mean, in base units. Gauges are taken at `gauges` (an idle instance: 1 for `in_flight`, else 0).
    pub fn mean(&self, gauges: &dyn Fn(&Gauge) -> f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean }
            | Self::LogNormal { mean, .. }
            | Self::Gamma { mean, .. }
            | Self::Erlang { mean, .. }
            | Self::Pareto { mean, .. }
            | Self::Weibull { mean, .. }
            | Self::HyperExponential { mean, .. }
            | Self::Geometric { mean } => *mean,
            Self::Uniform { low, high } => (low + high) / 2.0,
            Self::Empirical(points) => {
                let total: f64 = points.iter().map(|(_, weight)| weight).sum();
                points.iter().map(|(value, weight)| value * weight).sum::<f64>() / total
            }
            Self::Mixture(parts) => {
                let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
                parts.iter().map(|(part, weight)| part.mean(gauges) * weight).sum::<f64>() / total
            }
            Self::Sum(parts) => parts.iter().map(|part| part.mean(gauges)).sum(),
            Self::Product(parts) => parts.iter().map(|part| part.mean(gauges)).product(),
            Self::Gauge(gauge) => gauges(gauge),
        }
    }

    /// The smallest value it can take, on an idle instance.
    pub fn least(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { .. }
            | Self::LogNormal { .. }
            | Self::Gamma { .. }
            | Self::Erlang { .. }
            | Self::Weibull { .. }
            | Self::HyperExponential { .. } => 0.0,
            Self::Pareto { mean, shape } => mean * (shape - 1.0) / shape,
            Self::Uniform { low, .. } => *low,
            Self::Geometric { .. } | Self::Gauge(Gauge::InFlight) => 1.0,
            Self::Empirical(points) => points.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min),
            Self::Mixture(parts) => parts.iter().map(|(part, _)| part.least()).fold(f64::INFINITY, f64::min),
            Self::Sum(parts) => parts.iter().map(Self::least).sum(),
            Self::Product(parts) => parts.iter().map(Self::least).product(),
            Self::Gauge(Gauge::Connections | Gauge::Queued | Gauge::Waiting(_)) => 0.0,
        }
    }

    /// Calls `see` with every gauge in it.
    pub fn gauges<'a>(&'a self, see: &mut dyn FnMut(&'a Gauge)) {
        match self {
            Self::Gauge(gauge) => see(gauge),
            Self::Sum(parts) | Self::Product(parts) => parts.iter().for_each(|part| part.gauges(see)),
            Self::Mixture(parts) => parts.iter().for_each(|(part, _)| part.gauges(see)),
            Self::Constant(_)
            | Self::Exponential { .. }
            | Self::LogNormal { .. }
            | Self::Gamma { .. }
            | Self::Erlang { .. }
            | Self::Pareto { .. }
            | Self::Weibull { .. }
            | Self::Uniform { .. }
            | Self::HyperExponential { .. }
            | Self::Geometric { .. }
            | Self::Empirical(_) => {}
        }
    }
}

impl Dimension {
    /// "an amount of time".
    pub fn what(self) -> &'static str {
        match self {
            Self::Time => "an amount of time",
            Self::Bytes => "an amount of bytes",
            Self::Count => "a count",
        }
    }

    /// An amount of it, as one would write it.
    pub fn example(self) -> &'static str {
        match self {
            Self::Time => "8ms",
            Self::Bytes => "40KiB",
            Self::Count => "3",
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}
