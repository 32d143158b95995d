//! Drawing amounts from any generator of `rand`. The samplers are our own, on `libm`, so that one seed gives the same
//! bits on every platform and with every set of Cargo features: those of `rand_distr` take the logarithm of `std` or of
//! `libm` by a feature, and as many words as it happens to need.
//!
//! One-parameter laws use inversion (one word a draw), so that two variants which differ in a mean stay coupled.

use crate::model::{Amount, Gauge};
use rand::{Rng, RngExt};

/// Draws `amount` with the words of `rng`; `gauge` reads the instance the step runs on. Never negative.
#[inline]
pub fn draw(amount: &Amount, rng: &mut impl Rng, gauge: &impl Fn(Gauge) -> f64) -> f64 {
    match amount {
        Amount::Constant { value, .. } => *value,
        Amount::Exponential(mean) => exponential(rng) * mean,
        other => draw_other(other, rng, gauge),
    }
}

/// Uniform in (0, 1]: safe under a logarithm.
#[inline]
fn unit_open(rng: &mut impl Rng) -> f64 {
    1.0 - rng.random::<f64>()
}

/// A unit-mean exponential by inversion.
#[inline]
pub fn exponential(rng: &mut impl Rng) -> f64 {
    -libm::log(unit_open(rng))
}

fn draw_other(amount: &Amount, rng: &mut impl Rng, gauge: &impl Fn(Gauge) -> f64) -> f64 {
    match amount {
        Amount::Constant { value, .. } => *value,
        Amount::Exponential(mean) => exponential(rng) * mean,
        Amount::Uniform(low, high) => low + (high - low) * rng.random::<f64>(),
        Amount::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal(rng)),
        Amount::Gamma { shape, scale } => gamma(*shape, rng) * scale,
        Amount::Erlang { k, mean } => {
            let mut sum = 0.0;
            for _ in 0..*k {
                sum += exponential(rng);
            }
            sum * mean / f64::from(*k)
        }
        Amount::Pareto { scale, shape } => scale / libm::pow(unit_open(rng), 1.0 / shape),
        Amount::Weibull { scale, shape } => scale * libm::pow(exponential(rng), 1.0 / shape),
        Amount::HyperExponential { p, first, second } => {
            let mean = if rng.random::<f64>() < *p { first } else { second };
            exponential(rng) * mean
        }
        Amount::Geometric(mean) => {
            if *mean <= 1.0 {
                1.0
            } else {
                1.0 + libm::floor(libm::log(unit_open(rng)) / libm::log1p(-1.0 / mean))
            }
        }
        Amount::Empirical(points) => {
            let u = rng.random::<f64>();
            points.iter().find(|(_, cumulative)| u < *cumulative).or(points.last()).map_or(0.0, |(value, _)| *value)
        }
        Amount::Mixture(parts) => {
            let u = rng.random::<f64>();
            let part = parts.iter().find(|(_, cumulative)| u < *cumulative).or(parts.last());
            part.map_or(0.0, |(part, _)| draw(part, rng, gauge))
        }
        Amount::Sum(parts) => {
            let mut sum = 0.0;
            for part in parts {
                sum += draw(part, rng, gauge);
            }
            sum
        }
        Amount::Product(parts) => {
            let mut product = 1.0;
            for part in parts {
                product *= draw(part, rng, gauge);
            }
            product
        }
        Amount::Gauge(which) => gauge(*which),
    }
}

/// A standard normal by Box and Muller's transform (1958), one of the pair.
fn normal(rng: &mut impl Rng) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(unit_open(rng)));
    radius * libm::cos(core::f64::consts::TAU * rng.random::<f64>())
}

/// A unit-scale gamma by Marsaglia and Tsang's method (ACM TOMS 26, 2000); shapes below 1 by their boost.
fn gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    if shape < 1.0 {
        let boost = libm::pow(unit_open(rng), 1.0 / shape);
        return gamma(shape + 1.0, rng) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = normal(rng);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if libm::log(unit_open(rng)) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::rng::{Stream, derive};

    /// Mean and squared coefficient of variation of 200,000 draws.
    fn moments(amount: &Amount) -> (f64, f64) {
        let n = 200_000u64;
        let (mut sum, mut squares) = (0.0, 0.0);
        for key in 0..n {
            let x = draw(amount, &mut Stream::new(derive(42, key)), &|_| 0.0);
            assert!(x >= 0.0);
            sum += x;
            squares += x * x;
        }
        let mean = sum / n as f64;
        (mean, (squares / n as f64 - mean * mean) / (mean * mean))
    }

    #[test]
    fn every_law_has_its_mean_and_variation() {
        let sigma2 = libm::log(2.0);
        for (amount, mean, scv) in [
            (Amount::Exponential(3.0), 3.0, 1.0),
            (Amount::Uniform(1.0, 3.0), 2.0, 1.0 / 12.0),
            (Amount::LogNormal { mu: -sigma2 / 2.0, sigma: libm::sqrt(sigma2) }, 1.0, 1.0),
            (Amount::Gamma { shape: 0.5, scale: 2.0 }, 1.0, 2.0),
            (Amount::Gamma { shape: 4.0, scale: 0.25 }, 1.0, 0.25),
            (Amount::Erlang { k: 4, mean: 2.0 }, 2.0, 0.25),
            (Amount::Pareto { scale: 0.75, shape: 4.0 }, 1.0, 1.0 / 8.0),
            (Amount::Weibull { scale: 2.0 / core::f64::consts::PI.sqrt(), shape: 2.0 }, 1.0, 0.273_239_545),
            (Amount::Mixture(vec![(Amount::Exponential(1.0), 0.5), (Amount::Exponential(3.0), 1.0)]), 2.0, 1.5),
            (Amount::Geometric(20.0), 20.0, 0.95),
            (Amount::Empirical(vec![(1.0, 0.5), (3.0, 1.0)]), 2.0, 0.25),
        ] {
            let (m, v) = moments(&amount);
            assert!((m / mean - 1.0).abs() < 0.015, "{amount:?}: mean {m}, expected {mean}");
            assert!((v - scv).abs() < 0.06 * (1.0 + scv), "{amount:?}: scv {v}, expected {scv}");
        }
    }
}
