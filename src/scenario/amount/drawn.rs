//! What an amount looks like when it is drawn: its mean, its percentiles and how its values are spread.

use super::{Expr, Gauge};

/// Draws where there is no closed form.
const DRAWS: u32 = 20_000;
/// Percentiles that are told, as shares.
const SHARES: [f64; 6] = [0.1, 0.5, 0.9, 0.95, 0.99, 0.999];
/// The plot ends at this percentile: a long tail leaves the rest its room.
const END: f64 = 0.99;

/// A law in figures, in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The mean.
    pub mean: f64,
    /// Standard deviation over mean; None where it is infinite.
    pub cv: Option<f64>,
    /// Percentiles, as (share, value).
    pub percentiles: Vec<(f64, f64)>,
    /// False where they were drawn, for want of a closed form.
    pub exact: bool,
    /// Where the plot ends.
    pub end: f64,
    /// Share of the values in each of so many equal pieces from 0 to there.
    pub pieces: Vec<f64>,
    /// It reads the instance: this is what an idle one draws.
    pub reads: bool,
}

/// A function of one number.
type Curve<'a> = Box<dyn Fn(f64) -> f64 + 'a>;

impl Expr {
    /// What the amount draws, at an idle instance.
    #[must_use]
    pub fn drawn(&self, pieces: u32) -> Drawn {
        let idle = self.idle();
        let (quantile, cdf): (Curve, Curve) = match idle.quantile(0.5) {
            Some(_) => {
                (Box::new(|q| idle.quantile(q).unwrap_or(f64::INFINITY)), Box::new(|x| idle.cdf(x).unwrap_or(1.0)))
            }
            None => {
                let values = idle.sample();
                let sorted = values.clone();
                (
                    Box::new(move |q| sorted[((q * f64::from(DRAWS)) as usize).min(sorted.len() - 1)]),
                    Box::new(move |x| values.partition_point(|value| *value <= x) as f64 / f64::from(DRAWS)),
                )
            }
        };
        let mean = idle.mean(&|_| 0.0);
        let end = if quantile(END) > 0.0 { quantile(END) } else { 1.0 };
        let edge = |piece: u32| end * f64::from(piece) / f64::from(pieces);
        // The first piece has its lower edge, 0, too.
        let share = |piece: u32| cdf(edge(piece + 1)) - if piece == 0 { 0.0 } else { cdf(edge(piece)) };
        let mut reads = false;
        self.gauges(&mut |_| reads = true);
        Drawn {
            mean,
            cv: idle.variance().filter(|_| mean > 0.0).map(|variance| libm::sqrt(variance.max(0.0)) / mean),
            percentiles: SHARES.map(|share| (share, quantile(share))).to_vec(),
            exact: idle.quantile(0.5).is_some(),
            end,
            pieces: (0..pieces).map(share).collect(),
            reads,
        }
    }

    /// The same with gauges as an idle instance reads them.
    fn idle(&self) -> Self {
        let all = |parts: &[Self]| parts.iter().map(Self::idle).collect();
        match self {
            Self::Gauge(Gauge::InFlight) => Self::Constant(1.0),
            Self::Gauge(_) => Self::Constant(0.0),
            Self::Sum(parts) => Self::Sum(all(parts)),
            Self::Product(parts) => Self::Product(all(parts)),
            Self::Mixture(parts) => Self::Mixture(parts.iter().map(|(part, weight)| (part.idle(), *weight)).collect()),
            other => other.clone(),
        }
    }

    /// So many draws in rising order, the same ones each time.
    fn sample(&self) -> Vec<f64> {
        let mut state = 0u64;
        // SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut values: Vec<f64> = (0..DRAWS).map(|_| self.one(&mut next)).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    fn one(&self, next: &mut impl FnMut() -> f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => -mean * libm::log1p(-next()),
            Self::Sum(parts) => parts.iter().map(|part| part.one(next)).sum(),
            Self::Product(parts) => parts.iter().map(|part| part.one(next)).product(),
            Self::Mixture(parts) => {
                let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
                let mut left = next() * total;
                let found = parts.iter().find(|(_, weight)| {
                    left -= weight;
                    left < 0.0
                });
                found.or(parts.last()).map_or(0.0, |(part, _)| part.one(next))
            }
            other => other.quantile(next()).unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Amount;

    #[test]
    fn a_sum_of_draws_has_its_percentiles_without_a_closed_form() {
        let drawn = |text: &str| Amount::parse(text).expect("an amount").expr().drawn(40);
        let (sum, erlang) = (drawn("exp(1s) + exp(1s)"), drawn("erlang(2, 2s)"));
        assert!(!sum.exact && erlang.exact);
        assert_eq!(sum.mean, erlang.mean);
        for ((_, sampled), (share, exact)) in sum.percentiles.iter().zip(&erlang.percentiles).take(5) {
            assert!((sampled / exact - 1.0).abs() < 0.04, "p{share}: {sampled} instead of {exact}");
        }
        assert!((sum.pieces.iter().sum::<f64>() - 0.99).abs() < 0.01);
        assert!(drawn("1s + 10ms*in_flight").reads);
        assert_eq!(drawn("1s + 10ms*in_flight").mean, 1.01);
    }
}
