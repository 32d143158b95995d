//! The field table covers the language, and says what each field means.
use surgelab::scenario::{fields, load, schema};

/// Every field of the language, written out with values that are not the defaults.
const FULL: &str = include_str!("fixtures/full.ron");

/// Field names in a text: words before a colon, outside of texts and comments.
fn names(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut quoted = false;
    for line in text.lines().map(|line| line.split("//").next().unwrap_or_default()) {
        for c in line.chars() {
            if c == '"' {
                quoted = !quoted;
            } else if !quoted {
                plain.push(c);
            }
        }
        plain.push('\n');
    }
    let mut names: Vec<String> = plain
        .split(':')
        .filter_map(|before| before.trim_end().rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next())
        .filter(|name| name.starts_with(|c: char| c.is_alphabetic()))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_full_example_survives_saving() {
    let loaded = load("full.ron", FULL)
        .unwrap_or_else(|problems| panic!("{}", surgelab::scenario::render(&problems, "full.ron", FULL, false)));
    let saved = loaded.scenario.to_ron();
    assert_eq!(load("saved.ron", &saved).unwrap().scenario, loaded.scenario);
    // What is not a default is written; so a field that the writer forgot would be missing here.
    let (mut written, mut saved) = (names(FULL), names(&saved));
    written.sort();
    saved.sort();
    assert_eq!(written, saved);
}

#[test]
fn every_field_has_a_row_and_every_row_is_in_the_full_example() {
    let rows = fields();
    let mut rowed: Vec<String> = rows
        .iter()
        .filter_map(|row| row.path.rsplit('.').next())
        .filter(|name| name.starts_with(|c: char| c.is_alphabetic()))
        .map(str::to_owned)
        .collect();
    rowed.sort();
    rowed.dedup();
    assert_eq!(rowed, names(FULL));
}

#[test]
fn every_row_is_documented() {
    for row in fields() {
        assert!(row.doc.len() > 5, "{} has no doc", row.path);
        assert!(!row.kind.is_empty(), "{} has no kind", row.path);
    }
}

#[test]
fn the_full_example_is_plain_ron() {
    for text in [FULL.to_owned(), load("full.ron", FULL).unwrap().scenario.to_ron()] {
        ron::from_str::<ron::Value>(&text).unwrap();
    }
}

#[test]
fn the_schema_names_every_type() {
    let schema = schema();
    let defined = schema["$defs"].as_object().unwrap();
    for name in [
        "Machine",
        "Service",
        "Link",
        "Step",
        "Traffic",
        "Rule",
        "Action",
        "Retry",
        "Profile of rate",
        "Profile of count",
    ] {
        assert!(defined.contains_key(name), "{name} is not in {:?}", defined.keys());
    }
    assert!(defined.values().all(serde_json::Value::is_object));
    assert_eq!(defined["Scenario"]["properties"]["horizon"]["type"], "string");
    assert_eq!(defined["Scenario"]["required"], serde_json::json!(["version", "title", "horizon"]));
}
