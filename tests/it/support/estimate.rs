//! Estimates with their uncertainty, by batch means (Law, *Simulation Modeling and Analysis*, §9.5.3), and the rule by
//! which a simulated figure agrees with an exact one.

/// Successive samples are correlated; means of this many long batches hardly are.
const BATCHES: usize = 20;
/// Student's t, 97.5 %, 19 degrees of freedom.
const STUDENT: f64 = 2.093;
/// A run whose interval is wider than this share of the expected value proves nothing.
const WIDEST: f64 = 0.12;

/// A figure and the half-width of its 95 % interval.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub value: f64,
    pub half_width: f64,
}

impl Estimate {
    /// The mean of samples in their order in time.
    pub fn mean(samples: &[f64]) -> Self {
        Self::by_batches(samples, |batch| batch.iter().sum::<f64>() / batch.len() as f64)
    }

    /// The `q`-quantile (0..1) of samples in their order in time.
    pub fn quantile(samples: &[f64], q: f64) -> Self {
        Self::by_batches(samples, |batch| {
            let mut sorted = batch.to_vec();
            let rank = ((q * sorted.len() as f64) as usize).min(sorted.len() - 1);
            *sorted.select_nth_unstable_by(rank, f64::total_cmp).1
        })
    }

    fn by_batches(samples: &[f64], figure: impl Fn(&[f64]) -> f64) -> Self {
        assert!(samples.len() >= 50 * BATCHES, "only {} samples: too few to judge", samples.len());
        let size = samples.len() / BATCHES;
        let batches: Vec<f64> = samples.chunks_exact(size).take(BATCHES).map(&figure).collect();
        let mean = batches.iter().sum::<f64>() / BATCHES as f64;
        let variance = batches.iter().map(|b| (b - mean) * (b - mean)).sum::<f64>() / (BATCHES - 1) as f64;
        Self { value: figure(samples), half_width: STUDENT * (variance / BATCHES as f64).sqrt() }
    }
}

/// |simulated − expected| ≤ max(rel × expected, 3 × half-width), on a run long enough to tell.
#[track_caller]
pub fn agree(what: &str, got: Estimate, expected: f64, rel: f64) {
    let Estimate { value, half_width } = got;
    let off = (value / expected - 1.0) * 100.0;
    eprintln!("{what}: {value:.6} ± {half_width:.6}, expected {expected:.6} ({off:+.2} %)");
    assert!(3.0 * half_width <= WIDEST * expected, "{what}: ± {half_width} is too wide to judge {expected}");
    let allowed = (rel * expected).max(3.0 * half_width);
    assert!(
        (value - expected).abs() <= allowed,
        "{what}: {value} ± {half_width}, expected {expected} ({off:+.2} %, allowed ± {allowed})"
    );
}

/// The same for a figure without an interval (a count of many, a level at one time).
#[track_caller]
pub fn near(what: &str, value: f64, expected: f64, rel: f64) {
    let off = (value / expected - 1.0) * 100.0;
    eprintln!("{what}: {value:.6}, expected {expected:.6} ({off:+.2} %)");
    assert!(
        (value - expected).abs() <= rel * expected.abs(),
        "{what}: {value}, expected {expected} ± {} % ({off:+.2} %)",
        rel * 100.0
    );
}
