//! From a scenario's text to a finished run.

use super::{Draft, Watch};
use std::sync::Arc;
use surgelab::engine::{Advance, Observer, Simulation};
use surgelab::model::Model;
use surgelab::scenario::{Loaded, load};
use surgelab::units::Time;

/// The scenario, which must have no problem.
#[track_caller]
pub fn loaded(text: &str) -> Loaded {
    match load("proof.ron", text) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{problems:#?}\n{text}"),
    }
}

/// The model of a scenario that must have no problem.
#[track_caller]
pub fn compile(text: &str) -> Arc<Model> {
    match Model::compile(&loaded(text)) {
        Ok(model) => Arc::new(model),
        Err(problems) => panic!("{problems:#?}\n{text}"),
    }
}

/// Advances to the scenario's horizon.
#[track_caller]
pub fn finish(sim: &mut Simulation, observer: &mut impl Observer) {
    let horizon = Time(sim.model().horizon.0);
    let end = sim.advance(horizon, u64::MAX, observer);
    assert!(matches!(end, Advance::Reached), "{end:?} at {:?}", sim.now());
}

/// One whole run, watched.
#[track_caller]
pub fn simulate(draft: &Draft, seed: u64) -> (Simulation, Watch) {
    let mut sim = Simulation::new(compile(&draft.text()), seed);
    let mut watch = Watch::default();
    finish(&mut sim, &mut watch);
    (sim, watch)
}
