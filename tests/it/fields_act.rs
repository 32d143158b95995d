//! No knob is declared and never read: for every field of the language there is a scenario and a changed value for
//! which the run or its results change.

mod cases;
mod doors;
mod scenes;

use crate::support::run::loaded;
use cases::{Case, cases};
use scenes::scene;
use std::collections::BTreeMap;
use surgelab::scenario::{Edit, fields, load};
use surgelab::study::{RunOptions, run};

/// Fields of which something else is proved below.
const APART: &[&str] =
    &["version", "teaches", "source", "variants", "variants.*.teaches", "variants.*.from", "variants.*.set"];
/// Steps that a user cannot do: the reader refuses them in a journey.
const NOT_IN_JOURNEYS: &[(&str, &str)] = &[
    ("Cached", "Cached(\"items\", \"item\", [], [])"),
    ("Lock", "Lock(\"row\", \"item\", [Delay(\"1ms\")])"),
    ("Put", "Put(\"items\", \"item\")"),
    ("Invalidate", "Invalidate(\"items\", \"item\")"),
    ("Cpu", "Cpu(\"1ms\")"),
    ("Send", "Send(\"1KiB\")"),
    ("Disk", "Disk(\"1\")"),
    ("Receive", "Receive(\"1KiB\")"),
    ("Spawn", "Spawn(\"1ms\", \"1MiB\")"),
    ("HoldFor", "HoldFor(\"1s\")"),
];

/// What a run yields, without what names the file it came from: the digest of a scenario changes with every field.
fn outcome(text: &str, edits: &[Edit], variant: Option<&str>) -> Result<serde_json::Value, String> {
    let patched = loaded(text).with(variant, edits).map_err(|problems| format!("{problems:#?}"))?;
    let results = run(&patched, &RunOptions::default(), &mut |_| {}).map_err(|problems| format!("{problems:#?}"))?;
    let mut json = serde_json::to_value(&results).expect("results are JSON");
    json["results_digest"].take();
    json["scenario"]["digest"].take();
    json["variant"].take();
    Ok(json)
}

/// Whether a path such as `services.app.links.db.timeout` is one of the row `services.*.links.*.timeout`.
fn stands_for(row: &str, path: &str) -> bool {
    let (row, path): (Vec<&str>, Vec<&str>) = (row.split('.').collect(), path.split('.').collect());
    row.len() == path.len() && row.iter().zip(&path).all(|(expected, key)| expected == key || *expected == "*")
}

#[test]
fn every_field_acts() {
    let mut before: BTreeMap<String, serde_json::Value> = BTreeMap::new();
    let mut failures = Vec::new();
    for Case { scene: name, path, value, .. } in cases() {
        let text = scene(&name);
        let unchanged =
            before.entry(name.clone()).or_insert_with(|| outcome(&text, &[], None).expect("scenes are legal"));
        match outcome(&text, &[Edit::set(&path, &value)], None) {
            Ok(changed) if changed == *unchanged => {
                failures.push(format!("{path} = {value} changes nothing in `{name}`"))
            }
            Ok(_) => {}
            Err(problems) => failures.push(format!("{path} = {value} is refused in `{name}`: {problems}")),
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases().len(), failures.join("\n"));
}

#[test]
fn every_field_has_a_case() {
    let cases = cases();
    let refused = |path: &str, within: &str| {
        path.contains(".journey.") && NOT_IN_JOURNEYS.iter().any(|(step, _)| within.ends_with(&format!(" {step}")))
    };
    let missing: Vec<String> = fields()
        .iter()
        .filter(|row| !APART.contains(&row.path.as_str()) && !refused(&row.path, &row.within))
        .filter(|row| !cases.iter().any(|case| stands_for(&row.path, &case.path) && case.within == row.within))
        .map(|row| format!("{} ({})", row.path, row.within))
        .collect();
    assert!(missing.is_empty(), "{} without a case:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn what_cannot_act_is_refused() {
    for kind in ["Users", "Closed"] {
        for (step, written) in NOT_IN_JOURNEYS {
            let problems = loaded(&scene(&format!("crowd-{kind}")))
                .with(None, &[Edit::set("traffic.crowd.journey", format!("[Call(\"app.get\"), {written}]"))])
                .err();
            assert!(problems.is_some(), "`{step}` in a journey");
        }
    }
    assert!(load("story", &scene("story").replace("version: 1", "version: 2")).is_err(), "there is no version 2");
}

#[test]
fn variants_act() {
    let text = scene("story");
    let (plain, more, most) =
        (outcome(&text, &[], None), outcome(&text, &[], Some("more")), outcome(&text, &[], Some("most")));
    assert_ne!(plain, more, "`set` acts");
    assert_ne!(more, most, "so does what is built on it");
    let alone = [Edit::set("variants.most.from", "None")];
    assert_ne!(most, outcome(&text.replace("from: \"more\", ", ""), &[], Some("most")), "`from` acts");
    assert_eq!(plain, outcome(&text, &alone, None), "a variant that is not asked for does nothing");
}
