//! Another name for a thing, wherever the file names it: a name changes nothing but the name.
//!
//! Random draws are keyed by names, so that a file with other names is another sample of the same system; a system
//! that is renamed while it is known keeps its keys, and its run is the same to the last bit.

use super::{edited, sound};
use std::sync::Arc;
use surgelab::catalog::SCENARIOS;
use surgelab::engine::{Silent, Simulation};
use surgelab::model::Model;
use surgelab::scenario::edit::{Document, Edit};
use surgelab::scenario::{Kind, Loaded, load};
use surgelab::units::Time;

/// Everything of a scenario that has a name of its own: its path.
fn named(loaded: &Loaded) -> Vec<String> {
    let scenario = &loaded.scenario;
    let mut paths: Vec<String> = Vec::new();
    paths.extend(scenario.keys.names().map(|name| format!("keys.{name}")));
    paths.extend(scenario.machines.names().map(|name| format!("machines.{name}")));
    paths.extend(scenario.traffic.names().map(|name| format!("traffic.{name}")));
    paths.extend(scenario.variants.names().map(|name| format!("variants.{name}")));
    for (name, service) in &scenario.services {
        paths.push(format!("services.{name}"));
        paths.extend(service.stores.names().map(|store| format!("services.{name}.stores.{store}")));
        if !matches!(service.kind, Kind::Cache { .. }) {
            paths.extend(service.operations.names().map(|one| format!("services.{name}.operations.{one}")));
        }
    }
    paths
}

/// Events of a run that are compared.
const EVENTS: u64 = 4_000;

fn digest(model: &Arc<Model>) -> u64 {
    let mut sim = Simulation::new(Arc::clone(model), 7);
    sim.advance(Time(model.horizon.0), EVENTS, &mut Silent);
    sim.digest()
}

#[test]
fn whatever_is_renamed_is_what_it_was() {
    let (mut count, mut kept) = (0, 0);
    for built_in in SCENARIOS {
        let loaded = load(built_in.name, built_in.text).unwrap();
        let model = Arc::new(Model::compile(&loaded).unwrap());
        let before = digest(&model);
        for path in named(&loaded) {
            let name = format!("new-name-{count}");
            let edit = Edit::rename(&path, &name);
            let after =
                edited(built_in.text, std::slice::from_ref(&edit)).unwrap_or_else(|error| panic!("{path}: {error:?}"));
            // Another name and no other line.
            assert_eq!(after.lines().count(), built_in.text.lines().count());
            let (renamed, splice) = loaded.edited(std::slice::from_ref(&edit)).unwrap_or_else(|problems| {
                panic!("{}: {path}: {problems:#?}", built_in.name);
            });
            assert_eq!(splice.inverse().apply(&renamed.text).as_deref(), Some(built_in.text));
            // Back again by name: whatever named it does, and nothing else.
            let old = path.rsplit('.').next().unwrap();
            let (section, old) = match path.strip_prefix("variants.") {
                Some(old) => ("variants", old),
                None => (path.strip_suffix(&format!(".{old}")).unwrap(), old),
            };
            let back = edited(&after, &[Edit::rename(format!("{section}.{name}"), old)]).unwrap();
            assert_eq!(back, built_in.text, "{}: {path}", built_in.name);
            let again = Arc::new(model.edited(&[edit]).unwrap());
            assert_eq!(digest(&again), before, "{}: {path} runs on as it did", built_in.name);
            let fresh = Arc::new(Model::compile(&renamed).unwrap());
            // Nothing is drawn by the names of machines and variants.
            if section == "machines" || section == "variants" {
                assert_eq!(digest(&fresh), before, "{}: {path}", built_in.name);
                kept += 1;
            }
            let sizes =
                |m: &Model| (m.code.len(), m.operations.iter().count(), m.links.iter().count(), m.rules.iter().count());
            assert_eq!(sizes(&fresh), sizes(&model));
            count += 1;
        }
    }
    assert!(count > 250 && kept > 60, "{count} names, {kept} without draws");
}

/// A system in which nothing is drawn is the same run under any name.
#[test]
fn without_chance_a_file_with_other_names_runs_the_same() {
    let text = r#"(version: 1, title: "a", horizon: "10s", machines: { "box": (cores: 2) },
        services: {
            "front": (kind: Balancer(to: "app"), links: { "app": () }),
            "app": (on: ["box"], workers: 2, operations: { "page": [Cpu("5ms"), Call("db.read")] }, links: { "db": (connections: Keep(1)) }),
            "db": (kind: Database, on: ["box"], operations: { "read": [Cpu("7ms")] }),
        },
        traffic: { "crowd": Open(rate: Constant("50/s"), gaps: "1", call: "front.page") })"#;
    let loaded = sound(text);
    let before = digest(&Arc::new(Model::compile(&loaded).unwrap()));
    for path in named(&loaded) {
        let (renamed, _) = loaded.edited(&[Edit::rename(&path, "other")]).unwrap();
        assert_eq!(digest(&Arc::new(Model::compile(&renamed).unwrap())), before, "{path}");
    }
}

#[test]
fn a_name_is_carried_through_every_text_that_names_it() {
    let text = include_str!("../fixtures/full.ron");
    let mut said = String::new();
    let paths = [
        "services.app",
        "machines.web",
        "services.app.operations.page",
        "services.app.stores.items",
        "keys.item",
        "traffic.open",
        "variants.bigger",
        "services.rows.operations.read",
        "services.app.operations.page.15.0",
        "services.api",
        "services.many",
    ];
    for path in paths {
        let after = edited(text, &[Edit::rename(path, "NEW")]).unwrap();
        sound(&after);
        said.push_str(&format!("# {path}\n"));
        for (before, after) in text.lines().zip(after.lines()).filter(|(before, after)| before != after) {
            let places: Vec<&str> = after
                .match_indices("NEW")
                .map(|(at, _)| {
                    let from = after[..at].char_indices().rev().nth(15).map_or(0, |(at, _)| at);
                    &after[from..(at + 12).min(after.len())]
                })
                .collect();
            assert_ne!(before, after);
            said.push_str(&format!("{}\n", places.join(" | ")));
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn texts_with_escapes_and_paths_with_blanks_are_carried_too() {
    let text = r##"(version: 1, title: "a", horizon: "10s", machines: { "b\x6fx": (cores: 2), r#"raw"#: (count: 0) },
        services: { "app": (on: ["\u{62}ox", r"raw"], workers: 3, operations: { "page": [Cpu("5ms")] }) },
        traffic: { "crowd": Open(rate: Constant("50/s"), call: "\x61pp.page") },
        runbook: [At("1s", Set(" machines . box . count ", 2)), When(condition: "  app.workers > 90%", then: Crash("app/0"))],
        variants: { "a \"b\" c": (set: { "machines.box .cores": 3 }), "d": (from: "a \"b\" c") })"##;
    sound(text);
    let renamed = |path: &str, name: &str| {
        let after = edited(text, &[Edit::rename(path, name)]).unwrap();
        sound(&after);
        after
    };
    let after = renamed("machines.box", "host");
    assert!(after.contains(r#"{ "host": (cores: 2)"#) && after.contains(r#"on: ["host", "#), "{after}");
    assert!(
        after.contains(r#"Set(" machines . host . count ""#) && after.contains(r#""machines.host .cores""#),
        "{after}"
    );
    let after = renamed("services.app", "web");
    assert!(after.contains(r#"call: "web.page""#) && after.contains(r#""  web.workers > 90%""#), "{after}");
    let after = renamed("machines.raw", "rare");
    assert!(after.contains(r##"r#"rare"#"##) && after.contains(r#"r"rare"]"#), "{after}");
    let after = renamed("variants.a \"b\" c", "e \\ \"f\"");
    assert!(after.contains(r#""e \\ \"f\"": (set"#) && after.contains(r#"from: "e \\ \"f\"""#), "{after}");
}

#[test]
fn a_name_that_cannot_be_is_refused() {
    let text = include_str!("../fixtures/full.ron");
    let wrong = [
        ("services.app", "elb", "there is `elb` already"),
        ("services.app", "web", "there is `web` already"),
        ("services.app", "a.b", "cannot be a name"),
        ("services.app", "", "cannot be a name"),
        ("services.ap", "b", "unknown name `ap`"),
        ("services.app.workers", "b", "has no name of its own"),
        ("variants.bigger", "biggest", "already"),
        ("services.app.links.api", "jobs", "already"),
        ("", "b", "has no path"),
    ];
    for (path, name, message) in wrong {
        let mut document = Document::new(text);
        let error = document.edit(&Edit::rename(path, name)).unwrap_err();
        assert!(error.message.contains(message), "{path} to {name}: {error:?}");
        assert_eq!(document.text(), text);
    }
}

/// What variants alone bring is renamed like what the file has.
#[test]
fn what_only_variants_have_is_renamed() {
    let built_in = surgelab::catalog::find("avocado").unwrap();
    let loaded = load("avocado", built_in.text).unwrap();
    for (path, name) in [("machines.resizing", "pictures"), ("services.resizer", "painter"), ("machines.edge", "rim")] {
        let (renamed, _) =
            loaded.edited(&[Edit::rename(path, name)]).unwrap_or_else(|problems| panic!("{path}: {problems:#?}"));
        let old = path.split('.').nth(1).unwrap();
        let code: String = renamed.text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
        assert!(!code.contains(&format!(".{old}")) && !code.contains(&format!("\"{old}")), "{path}");
    }
}
