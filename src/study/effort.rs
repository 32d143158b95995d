//! What the runs of a search took, and what it spared them: a run ends as soon as nothing that can still come would
//! change which objectives hold (`measure/decided.rs`).

use crate::measure::Results;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::iter::Sum;

/// What runs took, in simulated time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spent {
    /// Runs that ended before their horizon, as their verdict was certain.
    pub cut_short: u32,
    /// Measured seconds of all runs together.
    pub simulated_s: f64,
    /// Seconds that were left of those that ended early.
    pub saved_s: f64,
}

impl Spent {
    /// One more run.
    pub(super) fn add(&mut self, results: &Results) {
        let took = results.decided_at_s.unwrap_or(results.horizon_s);
        self.cut_short += u32::from(results.decided_at_s.is_some());
        self.simulated_s += took;
        self.saved_s += results.horizon_s - took;
    }

    /// Share of what they would have taken that was saved; 0 of nothing.
    pub fn saved_share(&self) -> f64 {
        let all = self.simulated_s + self.saved_s;
        if all > 0.0 { self.saved_s / all } else { 0.0 }
    }
}

impl Sum for Spent {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            cut_short: sum.cut_short + one.cut_short,
            simulated_s: sum.simulated_s + one.simulated_s,
            saved_s: sum.saved_s + one.saved_s,
        })
    }
}
