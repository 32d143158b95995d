//! Mean and confidence interval of a few replications.
//!
//! Replications are independent runs of one model with different seeds, so Student's t applies to their figures as it
//! stands. Values are added in the order they are given: the same values in the same order give the same bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure over several replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Replications that had this figure at all (a percentile of nothing is absent).
    pub n: u32,
    /// Arithmetic mean.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval of the mean; absent below two values.
    pub half_width: Option<f64>,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Estimate {
    /// Mean, 95 % t-interval and range of `values`; `None` of nothing.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        let n = u32::try_from(values.len()).ok().filter(|n| *n > 0)?;
        let count = f64::from(n);
        let mean = values.iter().sum::<f64>() / count;
        let half_width = (n > 1).then(|| {
            let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0);
            t_quantile_975(n - 1) * (variance / count).sqrt()
        });
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Estimate { n, mean, half_width, min, max })
    }

    /// Of the differences of pairs, the second minus the first; pairs that lack one are left out, and `None` of none.
    pub fn of_pairs(pairs: impl IntoIterator<Item = (Option<f64>, Option<f64>)>) -> Option<Estimate> {
        let differences: Vec<f64> = pairs.into_iter().filter_map(|(first, second)| Some(second? - first?)).collect();
        Estimate::of(&differences)
    }

    /// The interval is on one side of nothing.
    pub fn is_off_zero(&self) -> bool {
        self.half_width.is_some_and(|half| self.mean.abs() > half && self.mean != 0.0)
    }

    /// Lower end of the interval; of a single value that value.
    pub fn low(&self) -> f64 {
        self.mean - self.half_width.unwrap_or(0.0)
    }

    /// Upper end.
    pub fn high(&self) -> f64 {
        self.mean + self.half_width.unwrap_or(0.0)
    }
}

/// How probable it is that of two samples with one share of hits the second has as few as it has, given how many hits
/// both have together: Fisher's exact test, one-sided (R. A. Fisher, Statistical Methods for Research Workers, 1934).
/// Hits and size of each; 1 where one is empty.
pub fn fisher_fewer(first: (u32, u32), second: (u32, u32)) -> f64 {
    let hits = first.0 + second.0;
    let all = log_choose(first.1 + second.1, hits);
    let least = hits.saturating_sub(first.1);
    let of = |n: u32| libm::exp(log_choose(second.1, n) + log_choose(first.1, hits - n) - all);
    (least..=second.0).map(of).sum::<f64>().min(1.0)
}

/// Logarithm of the ways to choose `k` of `n`.
fn log_choose(n: u32, k: u32) -> f64 {
    let log_factorial = |n: u32| libm::lgamma(f64::from(n) + 1.0);
    log_factorial(n) - log_factorial(k) - log_factorial(n - k)
}

/// How many of some runs something happened in, and how large that share is of all runs there could be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Runs in which it happened.
    pub n: u32,
    /// Of so many.
    pub of: u32,
    /// Lower end of the 95 % interval of the share.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// With Wilson's score interval, which is honest for few runs and for shares near 0 and 1, too (E. B. Wilson, JASA
    /// 22, 1927). Of no runs nothing is known: 0 to 1.
    pub fn of(n: u32, of: u32) -> Share {
        if of == 0 {
            return Share { n, of, low: 0.0, high: 1.0 };
        }
        let (all, share) = (f64::from(of), f64::from(n) / f64::from(of));
        let z2 = Z_975 * Z_975;
        let middle = (share + z2 / (2.0 * all)) / (1.0 + z2 / all);
        let half = Z_975 / (1.0 + z2 / all) * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
        // At 0 and 1 the ends are exact, and rounding would leave a trace.
        let low = if n == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if n == of { 1.0 } else { (middle + half).min(1.0) };
        Share { n, of, low, high }
    }

    /// The share itself, 0 of no runs.
    pub fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { f64::from(self.n) / f64::from(self.of) }
    }
}

/// What 97.5 % of a normal distribution stay below.
const Z_975: f64 = 1.959_963_984_540_054;

/// 97.5 % quantiles of Student's t for 1 to 10 degrees of freedom, where the expansion below is not exact enough.
const T_975: [f64; 10] = [
    12.706_204_736,
    4.302_652_730,
    3.182_446_305,
    2.776_445_105,
    2.570_581_836,
    2.446_911_851,
    2.364_624_252,
    2.306_004_135,
    2.262_157_163,
    2.228_138_852,
];

/// The t that 97.5 % of Student's distribution with `freedom` ≥ 1 degrees stays below.
///
/// Tabulated up to 10; beyond, the expansion in 1/ν of Abramowitz & Stegun 26.7.5, whose error there is below 2e-6.
pub fn t_quantile_975(freedom: u32) -> f64 {
    if let Some(t) = T_975.get((freedom.max(1) - 1) as usize) {
        return *t;
    }
    let (z, v) = (Z_975, f64::from(freedom));
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let fourth = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
    z + (first + (second + (third + fourth / v) / v) / v) / v
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn t_quantiles_agree_with_statrs() {
        for freedom in (1..60).chain([99, 1_000, 100_000]) {
            let exact = StudentsT::new(0.0, 1.0, f64::from(freedom)).expect("freedom is positive").inverse_cdf(0.975);
            let ours = t_quantile_975(freedom);
            assert!((ours - exact).abs() < 1e-5, "{freedom}: {ours} against {exact}");
        }
    }

    #[test]
    fn an_estimate_of_nothing_is_absent_and_of_one_has_no_interval() {
        assert_eq!(Estimate::of(&[]), None);
        let one = Estimate::of(&[3.0]).expect("one value");
        assert_eq!((one.mean, one.half_width), (3.0, None));
    }

    #[test]
    fn the_interval_of_four_values_is_students() {
        let four = Estimate::of(&[1.0, 2.0, 3.0, 4.0]).expect("four values");
        let expected = 3.182_446_305 * (5.0_f64 / 3.0 / 4.0).sqrt();
        assert!((four.half_width.expect("more than one") - expected).abs() < 1e-9);
    }

    /// Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    #[test]
    fn a_share_has_wilsons_interval() {
        for (n, of, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let share = Share::of(n, of);
            assert!((share.low - low).abs() < 5e-5 && (share.high - high).abs() < 5e-5, "{n} of {of}: {share:?}");
        }
        assert_eq!((Share::of(5, 5).high, Share::of(0, 0).high), (1.0, 1.0));
    }

    /// Fisher's lady tasting tea, and what more pairs show.
    #[test]
    fn counts_are_told_from_chance_by_fishers_test() {
        for (first, second, chance) in [
            ((3, 4), (1, 4), 17.0 / 70.0),
            ((4, 4), (0, 4), 1.0 / 70.0),
            ((8, 8), (2, 8), 28.0 / 8_008.0),
            ((0, 8), (8, 8), 1.0),
        ] {
            let found = fisher_fewer(first, second);
            assert!((found - chance).abs() < 1e-9, "{first:?} {second:?}: {found}");
        }
        assert_eq!((fisher_fewer((0, 0), (0, 3)), fisher_fewer((5, 5), (5, 5))), (1.0, 1.0));
    }

    #[test]
    fn the_interval_covers_the_mean_about_as_often_as_it_says() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let covered = (0..2_000)
            .filter(|_| {
                let values: Vec<f64> = (0..10).map(|_| rng.random::<f64>()).collect();
                let estimate = Estimate::of(&values).expect("ten values");
                (estimate.mean - 0.5).abs() <= estimate.half_width.expect("ten values")
            })
            .count();
        assert!((1_860..=1_940).contains(&covered), "{covered} of 2000");
    }
}
