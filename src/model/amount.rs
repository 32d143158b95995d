//! Amounts: a constant, a distribution, or an expression with gauges, compiled.
use super::{LaneId, LinkId};
use serde::{Deserialize, Serialize};

/// A number to draw: seconds, bytes or a count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Amount {
    /// `lane` is Some when the constant is used as a duration.
    Constant {
        value: f64,
        lane: Option<LaneId>,
    },
    /// The exponential law, by its mean.
    Exponential(f64),
    Uniform(f64, f64),
    /// μ and σ of the underlying normal (compiled from mean and cv).
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    /// shape k, scale θ (from mean and cv).
    Gamma {
        shape: f64,
        scale: f64,
    },
    /// k stages, total mean.
    Erlang {
        k: u32,
        mean: f64,
    },
    /// scale x_m and shape a (from the mean).
    Pareto {
        scale: f64,
        shape: f64,
    },
    /// scale λ and shape k (from the mean).
    Weibull {
        scale: f64,
        shape: f64,
    },
    /// Two branches with balanced means, from mean and cv > 1: probability and mean of the first, mean of the second.
    HyperExponential {
        p: f64,
        first: f64,
        second: f64,
    },
    /// Support 1, 2, 3, ... with this mean ≥ 1 (trials until success).
    Geometric(f64),
    /// (value, cumulative probability).
    Empirical(Vec<(f64, f64)>),
    /// (part, cumulative probability).
    Mixture(Vec<(Amount, f64)>),
    Sum(Vec<Amount>),
    Product(Vec<Amount>),
    Gauge(Gauge),
}

/// A reading of the instance, when the step starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gauge {
    /// Executions admitted or waiting at the instance, this one included.
    InFlight,
    /// Inbound connections open at the instance.
    Connections,
    /// Executions waiting in the instance's backlog for a worker.
    Queued,
    /// Calls of this instance in progress over the link, pool waits and in service at the callee.
    Waiting(LinkId),
}
