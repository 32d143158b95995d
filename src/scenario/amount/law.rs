//! What an amount's law says: variance, distribution and percentiles, on `libm`.

use super::{Expr, Gauge};

/// Halvings of a bracket: beyond them a double has no more digits.
const HALVINGS: u32 = 200;

impl Expr {
    /// The variance, in base units squared; None where it is infinite or depends on the load.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let square = |x: f64| x * x;
        match self {
            Self::Constant(_) => Some(0.0),
            Self::Exponential { mean } => Some(square(*mean)),
            Self::LogNormal { mean, cv } | Self::Gamma { mean, cv } | Self::HyperExponential { mean, cv } => {
                Some(square(mean * cv))
            }
            Self::Erlang { k, mean } => Some(square(*mean) / f64::from(*k)),
            Self::Pareto { mean, shape } => (*shape > 2.0).then(|| square(*mean) / (shape * (shape - 2.0))),
            Self::Weibull { mean, shape } => {
                let (one, two) = (libm::tgamma(1.0 + 1.0 / shape), libm::tgamma(1.0 + 2.0 / shape));
                Some(square(*mean) * (two / square(one) - 1.0))
            }
            Self::Uniform { low, high } => Some(square(high - low) / 12.0),
            Self::Geometric { mean } => Some(mean * (mean - 1.0)),
            Self::Empirical(points) => {
                let total: f64 = points.iter().map(|(_, weight)| weight).sum();
                let mean = self.mean(&|_| 0.0);
                Some(points.iter().map(|(value, weight)| weight / total * square(value - mean)).sum())
            }
            Self::Mixture(parts) => {
                let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
                let second = parts.iter().try_fold(0.0, |sum, (part, weight)| {
                    Some(sum + weight / total * (part.variance()? + square(part.mean(&|_| 0.0))))
                })?;
                Some(second - square(self.mean(&|_| 0.0)))
            }
            Self::Sum(parts) => parts.iter().map(Self::variance).sum(),
            // Independent factors: E[X²] is the product of theirs.
            Self::Product(parts) => {
                let (second, mean) = parts.iter().try_fold((1.0, 1.0), |(second, product), part| {
                    let mean = part.mean(&|_| 0.0);
                    Some((second * (part.variance()? + square(mean)), product * mean))
                })?;
                Some(second - square(mean))
            }
            Self::Gauge(_) => None,
        }
    }

    /// The probability of at most `x`; None where there is no closed form (a sum or product of several draws, a gauge).
    #[must_use]
    pub fn cdf(&self, x: f64) -> Option<f64> {
        let tail = |exponent: f64| -libm::expm1(-exponent.max(0.0));
        Some(match self {
            Self::Constant(value) => f64::from(u8::from(x >= *value)),
            Self::Exponential { mean } => tail(x / mean),
            Self::LogNormal { .. } if x <= 0.0 => 0.0,
            Self::LogNormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                normal_cdf((libm::log(x / mean) + variance / 2.0) / libm::sqrt(variance))
            }
            Self::Gamma { mean, cv } => gamma_cdf(1.0 / (cv * cv), x / mean / (cv * cv)),
            Self::Erlang { k, mean } => gamma_cdf(f64::from(*k), x / mean * f64::from(*k)),
            Self::Pareto { mean, shape } => {
                let scale = mean * (shape - 1.0) / shape;
                if x <= scale { 0.0 } else { 1.0 - libm::pow(scale / x, *shape) }
            }
            Self::Weibull { mean, shape } => {
                let scale = weibull_scale(*mean, *shape);
                if x <= 0.0 { 0.0 } else { tail(libm::pow(x / scale, *shape)) }
            }
            Self::Uniform { low, high } if high > low => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Self::Uniform { low, .. } => f64::from(u8::from(x >= *low)),
            Self::HyperExponential { mean, cv } => {
                let (p, first, second) = balanced(*mean, *cv);
                p * tail(x / first) + (1.0 - p) * tail(x / second)
            }
            Self::Geometric { mean } if *mean <= 1.0 => f64::from(u8::from(x >= 1.0)),
            Self::Geometric { mean } => tail(-libm::floor(x.max(0.0)) * libm::log1p(-1.0 / mean)),
            Self::Empirical(points) => {
                let total: f64 = points.iter().map(|(_, weight)| weight).sum();
                points.iter().filter(|(value, _)| *value <= x).map(|(_, weight)| weight).sum::<f64>() / total
            }
            Self::Mixture(parts) => {
                let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
                parts.iter().try_fold(0.0, |sum, (part, weight)| Some(sum + weight / total * part.cdf(x)?))?
            }
            Self::Sum(parts) => {
                let (fixed, drawn) = split(parts, |sum, value| sum + value, 0.0)?;
                drawn.cdf(x - fixed)?
            }
            Self::Product(parts) => {
                let (factor, drawn) = split(parts, |product, value| product * value, 1.0)?;
                if factor <= 0.0 { f64::from(u8::from(x >= 0.0)) } else { drawn.cdf(x / factor)? }
            }
            Self::Gauge(_) => return None,
        })
    }

    /// Mean number of rounds of a loop that it counts, each but the first with this chance to follow another: Σ qᵏ⁻¹
    /// P(N ≥ k), where N is a draw, rounded as it is when it runs.
    #[must_use]
    pub fn rounds(&self, goes_on: f64, gauges: &dyn Fn(&Gauge) -> f64) -> f64 {
        /// Of what has so long a tail the mean says as much.
        const MOST: u32 = 10_000;
        let all = |count: f64| {
            if goes_on < 1.0 { (1.0 - libm::pow(goes_on, count)) / (1.0 - goes_on) } else { count }
        };
        if let Self::Constant(value) = self {
            return all(libm::round(*value));
        }
        let mean = self.mean(gauges);
        let (mut rounds, mut weight) = (0.0, 1.0);
        for k in 1..=MOST {
            // As many that are just as large are rounded up.
            let Some(fewer) = self.cdf((f64::from(k) - 0.5) * (1.0 - 1e-12)) else { return all(mean) };
            let more = weight * (1.0 - fewer);
            rounds += more;
            weight *= goes_on;
            if more <= 1e-13 * rounds && f64::from(k) > mean || weight <= 0.0 {
                return rounds;
            }
        }
        if goes_on < 1.0 { rounds } else { rounds.max(mean) }
    }

    /// The value that a share `q` of the draws does not exceed; None where there is no closed form.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let (mut low, mut high) = (0.0, self.mean(&|_| 0.0).max(f64::MIN_POSITIVE));
        if self.cdf(0.0)? >= q {
            return Some(0.0);
        }
        while self.cdf(high)? < q {
            high *= 2.0;
            if !high.is_finite() {
                return None;
            }
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.cdf(middle)? < q { low = middle } else { high = middle }
        }
        Some(high)
    }
}

/// The constants of a sum or product together, and the one part that is drawn; None where several are.
fn split(parts: &[Expr], join: fn(f64, f64) -> f64, none: f64) -> Option<(f64, Expr)> {
    let (mut fixed, mut drawn) = (none, None);
    for part in parts {
        match part {
            Expr::Constant(value) => fixed = join(fixed, *value),
            other if drawn.is_none() => drawn = Some(other.clone()),
            _ => return None,
        }
    }
    Some((fixed, drawn.unwrap_or(Expr::Constant(none))))
}

/// The scale of a Weibull law with this mean.
#[must_use]
pub fn weibull_scale(mean: f64, shape: f64) -> f64 {
    mean / libm::tgamma(1.0 + 1.0 / shape)
}

/// Two branches that carry half of the mean each: the probability and mean of the first, the mean of the second (Allen,
/// *Probability, Statistics and Queueing Theory*, 1990).
#[must_use]
pub fn balanced(mean: f64, cv: f64) -> (f64, f64, f64) {
    let square = cv * cv;
    let p = f64::midpoint(1.0, libm::sqrt((square - 1.0) / (square + 1.0)));
    (p, mean / (2.0 * p), mean / (2.0 * (1.0 - p)))
}

/// Mean and cv of the log-normal law that has these two percentiles: (share, value), the lower first.
#[must_use]
pub fn lognormal_of((low, from): (f64, f64), (high, to): (f64, f64)) -> (f64, f64) {
    let sigma = libm::log(to / from) / (normal_quantile(high) - normal_quantile(low));
    let mu = libm::log(from) - normal_quantile(low) * sigma;
    (libm::exp(mu + sigma * sigma / 2.0), libm::sqrt(libm::expm1(sigma * sigma)))
}

/// Φ.
fn normal_cdf(z: f64) -> f64 {
    libm::erfc(-z / core::f64::consts::SQRT_2) / 2.0
}

/// Φ⁻¹, by halving.
fn normal_quantile(q: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if normal_cdf(middle) < q { low = middle } else { high = middle }
    }
    if q == 0.5 { 0.0 } else { high }
}

/// The regularized lower incomplete gamma function P(a, x): its series below a + 1, else Lentz's continued fraction
/// (Press et al., *Numerical Recipes*, §6.2).
fn gamma_cdf(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (sum * front).min(1.0);
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut h = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let an = -i * (i - a);
        b += 2.0;
        d = 1.0 / nonzero(an * d + b);
        c = nonzero(b + an / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (1.0 - front * h).clamp(0.0, 1.0)
}

fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

#[cfg(test)]
mod tests {
    use super::super::Amount;
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} instead of {expected}");
    }

    fn expr(text: &str) -> Expr {
        Amount::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).expr().clone()
    }

    #[test]
    fn percentiles_are_those_of_the_tables() {
        let at = |text: &str, q: f64| expr(text).quantile(q).expect("a closed form");
        near(at("exp(1s)", 0.95), -libm::log(0.05));
        near(at("lognormal(1s, cv 1)", 0.5), core::f64::consts::FRAC_1_SQRT_2);
        near(at("uniform(1s, 3s)", 0.25), 1.5);
        near(at("pareto(3s, shape 3)", 0.875), 4.0);
        // χ² with 4 and with 1 degree of freedom: 9.487729 and 3.841459 at 95 %.
        near(at("erlang(2, 4s)", 0.95), 9.487_729_037);
        near(at("gamma(1s, cv 1.4142135623730951)", 0.95), 3.841_458_821);
        // Weibull with shape 2 is Rayleigh: the median is σ √(2 ln 2), the mean σ √(π/2).
        near(at("weibull(1s, shape 2)", 0.5), libm::sqrt(2.0 * libm::log(2.0) / (core::f64::consts::PI / 2.0)));
        near(at("mixture(1s:1, 3s:3)", 0.2), 1.0);
        near(at("mixture(1s:1, 3s:3)", 0.3), 3.0);
        near(at("2s + 3*exp(1s)", 0.5), 2.0 + 3.0 * libm::log(2.0));
        assert_eq!(at("geometric(2)", 0.7).round(), 2.0);
        near(at("hyperexp(1s, cv 1)", 0.5), libm::log(2.0));
        assert_eq!(expr("exp(1s) + exp(1s)").quantile(0.5), None);
    }

    #[test]
    fn two_percentiles_make_a_log_normal() {
        for (text, low, high) in [
            ("p50 300ms, p99 3s", (0.5, 0.3), (0.99, 3.0)),
            ("p90 20ms, p99.9 1s", (0.9, 0.02), (0.999, 1.0)),
            ("p10 8ms, p50 9ms", (0.1, 0.008), (0.5, 0.009)),
        ] {
            for (q, value) in [low, high] {
                near(expr(text).quantile(q).expect("a closed form"), value);
            }
        }
    }

    #[test]
    fn variances_follow_from_the_law() {
        // Shape 1 is the exponential law.
        near(expr("weibull(2s, shape 1)").variance().expect("finite"), 4.0);
        near(expr("weibull(1s, shape 2)").variance().expect("finite"), 4.0 / core::f64::consts::PI - 1.0);
        // Half 1, half 3: mean 2, variance 1; with exponentials of these means their own is added: (1 + 9) / 2.
        near(expr("mixture(1s:1, 3s:1)").variance().expect("finite"), 1.0);
        near(expr("mixture(exp(1s):1, exp(3s):1)").variance().expect("finite"), 6.0);
        assert_eq!(expr("mixture(1s:1, 10ms*in_flight:1)").variance(), None);
    }
}
