//! Calls that nothing stands in the way of are made and answered in one piece: to the same events and figures as by
//! the long way that all others go.

use crate::support::random::chaos;
use crate::support::run::{compile, loaded};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::sync::Arc;
use surgelab::catalog::SCENARIOS;
use surgelab::engine::{Silent, Simulation};
use surgelab::measure::{Options, record};
use surgelab::model::Model;
use surgelab::scenario::Edit;
use surgelab::units::Time;

/// The model with every call going the long way.
fn long_way(model: &Model) -> Arc<Model> {
    let mut model = model.clone();
    model.links.iter_mut().for_each(|link| link.direct = false);
    Arc::new(model)
}

#[track_caller]
fn either_way_is_one(name: &str, model: &Arc<Model>, seed: u64) {
    let long = long_way(model);
    let end = |model: &Arc<Model>| {
        let mut sim = Simulation::new(Arc::clone(model), seed);
        sim.advance(Time(model.horizon.0), u64::MAX, &mut Silent);
        (sim.now(), sim.events(), sim.digest())
    };
    assert_eq!(end(model), end(&long), "{name}, seed {seed}: events");
    let options = Options { seed, ..Options::default() };
    let results = |model: &Arc<Model>| {
        serde_json::to_string(&record(Arc::clone(model), &options, &mut |_| {})).expect("results are JSON")
    };
    assert_eq!(results(model), results(&long), "{name}, seed {seed}: figures");
}

#[test]
fn every_built_in_comes_to_the_same_either_way() {
    let mut direct = 0;
    for scenario in SCENARIOS {
        let edits = [Edit::set("horizon", "\"40s\""), Edit::set("warm_up", "\"5s\"")];
        let Ok(loaded) = loaded(scenario.text).with(None, &edits) else { continue };
        let model = Arc::new(Model::compile(&loaded).expect("it compiles"));
        direct += model.links.iter().filter(|link| link.direct).count();
        either_way_is_one(scenario.name, &model, 1);
    }
    assert!(direct > 40, "{direct} links of all built-ins are plain");
}

#[test]
fn whatever_may_happen_comes_to_the_same_either_way() {
    let mut runner = TestRunner::deterministic();
    let mut direct = 0;
    for seed in 0..30 {
        let draft = chaos().new_tree(&mut runner).expect("a scenario").current().draft();
        let model = compile(&draft.text());
        direct += model.links.iter().filter(|link| link.direct).count();
        either_way_is_one("chaos", &model, seed);
    }
    assert!(direct > 10, "{direct} links of all are plain");
}
