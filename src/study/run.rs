//! One run from file to results, and many of them.

use super::executor::Executor;
use super::replicate::{Plan, Replicate, Replications};
use crate::measure::{self, Options, Results};
use crate::model::Model;
use crate::napkin;
use crate::scenario::{Loaded, Problem};
use std::sync::{Arc, Mutex};

/// What a run is beside its scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Root of every random draw; absent: the scenario's own.
    pub seed: Option<u64>,
    /// The variant the scenario was patched with, for the results.
    pub variant: Option<String>,
}

/// Compile, simulate, measure, add the napkin. `progress` hears the share done, 0 to 1.
pub fn run(loaded: &Loaded, options: &RunOptions, progress: &mut dyn FnMut(f64)) -> Result<Results, Vec<Problem>> {
    let model = Arc::new(Model::compile(loaded)?);
    Ok(simulate(&model, options.seed.unwrap_or(loaded.scenario.seed), options, progress))
}

/// The plan's runs on the executor, and what can be said of all of them. The bytes do not depend on the executor.
pub fn replicate(
    loaded: &Loaded,
    options: &RunOptions,
    plan: Plan,
    executor: Executor,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Replications, Vec<Problem>> {
    let model = Arc::new(Model::compile(loaded)?);
    let total = f64::from(plan.replications.max(1));
    let done = Mutex::new(0.0);
    let mut study = Replicate::new(plan);
    loop {
        let points = study.next_points(executor.width());
        if points.is_empty() {
            return Ok(study.finish().expect("a plan has at least one replication"));
        }
        let results = executor.map(&points, |point| {
            let mut told = 0.0;
            simulate(&model, point.seed, options, &mut |share| {
                // A poisoned lock means another thread panicked; that panic is the news, not this figure.
                if let Ok(mut done) = done.lock() {
                    *done += share - told;
                    told = share;
                    progress(*done / total);
                }
            })
        });
        results.iter().for_each(|results| study.give(results));
    }
}

fn simulate(model: &Arc<Model>, seed: u64, options: &RunOptions, progress: &mut dyn FnMut(f64)) -> Results {
    let mut results = measure::record(model.clone(), &Options { seed, variant: options.variant.clone() }, progress);
    napkin::annotate(model, &mut results);
    results.seal();
    results
}
