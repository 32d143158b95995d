//! Every scenario that comes along is right, and so is each of its variants.
use surgelab::catalog::{SCENARIOS, find, nearest_name};
use surgelab::scenario::{load, render};

#[test]
fn every_built_in_scenario_and_variant_loads_without_a_warning() {
    for built_in in SCENARIOS {
        let loaded = load(built_in.file, built_in.text)
            .unwrap_or_else(|problems| panic!("{}", render(&problems, built_in.file, built_in.text, false)));
        assert!(loaded.warnings.is_empty(), "{}", render(&loaded.warnings, built_in.file, built_in.text, false));
        assert!(!loaded.scenario.teaches.is_empty(), "{} teaches nothing", built_in.name);
        for variant in loaded.scenario.variants.names() {
            loaded
                .with(Some(variant), &[])
                .unwrap_or_else(|problems| panic!("{}", render(&problems, built_in.file, built_in.text, false)));
        }
    }
}

#[test]
fn built_in_scenarios_are_found_by_name() {
    for built_in in SCENARIOS {
        assert_eq!(find(built_in.name), Some(built_in));
        assert_eq!(nearest_name(&format!("{}x", built_in.name)), Some(built_in.name));
    }
    assert_eq!(find("nothing like it"), None);
}
