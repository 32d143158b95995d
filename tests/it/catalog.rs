//! Every scenario that comes along is right, and so is each of its variants.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
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

#[test]
fn the_readme_and_the_gallery_name_every_scenario() {
    let names: BTreeSet<&str> = SCENARIOS.iter().map(|built_in| built_in.name).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let moments = fs::read_to_string(root.join("assets/gallery/moments")).unwrap();
    let drawn: BTreeSet<&str> = moments.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(drawn, names, "assets/gallery/moments");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let listed = readme.split("\n\n").find(|text| text.starts_with("Five incidents replay")).unwrap();
    let listed: BTreeSet<&str> = listed.split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, names, "README.md");
    let mut files: Vec<_> = fs::read_dir(root.join("scenarios")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "ron"));
    assert_eq!(files.len(), names.len(), "scenarios/");
}
