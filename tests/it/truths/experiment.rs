//! From a family's system to estimates: several seeds, each cut into batches.

use super::record::Case;
use super::window::{Seen, Window, watch};
use crate::support::{Draft, Estimate, compile};
use rayon::prelude::*;
use std::collections::BTreeMap;
use surgelab::engine::{Advance, Silent, Simulation};
use surgelab::units::Time;

/// Independent runs of a system.
const SEEDS: u64 = 8;
/// Batches of each; successive samples are correlated, means of long batches hardly are.
const BATCHES: i64 = 5;
/// Student's t, 97.5 %, 39 degrees of freedom.
const STUDENT: f64 = 2.023;

/// How long a proof may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A second or so.
    Quick,
    /// As long as it takes to be sure.
    Full,
}

/// A figure of one batch: a number or several.
pub type Figures = Vec<(String, Vec<f64>)>;

/// A figure of a family, by the name it has in the records.
pub fn figure(name: &str, value: f64) -> (String, Vec<f64>) {
    (name.to_owned(), vec![value])
}

/// What a family found out about a system.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub found: BTreeMap<String, Vec<Estimate>>,
}

impl Answers {
    /// A figure without uncertainty.
    pub fn exact(&mut self, name: &str, value: f64) {
        self.found.insert(name.to_owned(), vec![Estimate { value, half_width: 0.0 }]);
    }

    /// An estimate.
    pub fn put(&mut self, name: &str, estimate: Estimate) {
        self.found.insert(name.to_owned(), vec![estimate]);
    }

    /// A figure computed from estimates: its half-width by moving the first of them.
    pub fn derive(&mut self, name: &str, from: &str, f: impl Fn(f64) -> f64) {
        let Estimate { value, half_width } = self.found[from][0];
        let spread = (f(value + half_width) - f(value - half_width)).abs() / 2.0;
        self.put(name, Estimate { value: f(value), half_width: spread });
    }
}

/// How many requests a proof looks at, and at what pace they come.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Seconds measured by each seed.
    pub seconds: f64,
    /// Seconds before that.
    pub warm_up: f64,
}

impl Plan {
    /// For a case whose requests come at `per_second`; `usual` is how many are enough where the record does not say.
    pub fn of(case: &Case, effort: Effort, usual: f64, per_second: f64) -> Self {
        let wanted = match effort {
            // Batches of many are fewer.
            Effort::Quick => 200_000.0_f64.min(usual / 5.0),
            Effort::Full => 2.0 * case.requests.unwrap_or(0.0).max(usual),
        };
        let seconds = (wanted / per_second / SEEDS as f64).ceil();
        Self { seconds, warm_up: (seconds / 20.0).ceil() }
    }

    /// At least so long a warm-up.
    pub fn warm_up(mut self, seconds: f64) -> Self {
        self.warm_up = self.warm_up.max(seconds);
        self
    }

    /// A scenario that lasts so long.
    pub fn draft(self) -> Draft {
        Draft::new(self.seconds).warm_up(self.warm_up)
    }

    /// Runs it and looks at each batch.
    pub fn measure(self, draft: &Draft, look: impl Fn(&Window) -> Figures + Sync) -> Answers {
        let model = compile(&draft.text());
        let batches: Vec<Figures> = (1..=SEEDS)
            .into_par_iter()
            .flat_map_iter(|seed| {
                let mut sim = Simulation::new(model.clone(), seed);
                let mut seen = Seen::of(&sim);
                watch(&mut sim, &mut seen, Time(0), |_| ());
                let horizon = model.horizon.0;
                let look = &look;
                (1..=BATCHES)
                    .map(|batch| watch(&mut sim, &mut seen, Time(horizon / BATCHES * batch), look))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut answers = Answers::default();
        for (at, (name, values)) in batches[0].iter().enumerate() {
            let of = |part: usize| estimate(batches.iter().map(|batch| batch[at].1[part]));
            answers.found.insert(name.clone(), (0..values.len()).map(of).collect());
        }
        answers
    }
}

/// The mean of independent values.
pub fn estimate(values: impl Iterator<Item = f64>) -> Estimate {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    Estimate { value: mean, half_width: STUDENT * (variance / n).sqrt() }
}

/// Many short runs of one system: what `look` reads of each at each of the times, seconds.
pub fn ensemble(draft: &Draft, runs: u64, times: &[f64], look: impl Fn(&Simulation) -> f64 + Sync) -> Vec<Vec<f64>> {
    let model = compile(&draft.text());
    (1..=runs)
        .into_par_iter()
        .map(|seed| {
            let mut sim = Simulation::new(model.clone(), seed);
            let read = |time: &f64| {
                let end = sim.advance(Time((time * 1e9) as i64), u64::MAX, &mut Silent);
                assert!(matches!(end, Advance::Reached), "{end:?}");
                look(&sim)
            };
            times.iter().map(read).collect()
        })
        .collect()
}
