//! Saving and loading gives the same scenario; a patch touches nothing but its value.
use surgelab::scenario::load;

const HUG: &str = include_str!("fixtures/hug.ron");

#[test]
fn a_saved_scenario_loads_as_the_same() {
    let loaded = load("hug.ron", HUG).unwrap();
    let saved = loaded.scenario.to_ron();
    let again = load("saved.ron", &saved).unwrap_or_else(|problems| panic!("{saved}\n{problems:#?}"));
    assert_eq!(loaded.scenario, again.scenario);
    assert_eq!(saved, again.scenario.to_ron());
    println!("{saved}");
}
