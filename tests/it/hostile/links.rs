//! Links whose acts mean harm: about what is not there, or so many that nobody waits for them.

use super::program::told;
use crate::support::Draft;
use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::deflate::compress_to_vec;
use serde_json::{Value, json};
use std::fs;
use surgelab::experiment::{Experiment, LogEntry};
use surgelab::host::digest_at;
use surgelab::scenario::Edit;
use surgelab::share::{Comments, ShareError, Shared};
use tempfile::tempdir;

fn text() -> String {
    Draft::new(10.0).station("app", 1, None, "10ms").poisson(1.0, "app.serve").text()
}

/// A link as anybody can make one.
fn link(text: &str, log: &[Value]) -> String {
    let contents = format!("{}\n{text}", json!({ "engine": "0.1.0", "name": "x.ron", "log": log }));
    format!("s1.{}", BASE64URL_NOPAD.encode(&compress_to_vec(contents.as_bytes(), 9)))
}

fn act(action: Value) -> Value {
    json!({ "time": 5, "intervention": { "Act": action } })
}

fn changes(count: usize) -> Vec<Value> {
    let set = |at: usize| json!([{ "Set": { "path": "services.app.workers", "value": (at + 1).to_string() } }]);
    (0..count).map(|at| json!({ "time": at, "intervention": { "Edit": set(at) } })).collect()
}

/// Every action that holds an id, with one that means nothing in the model.
fn beyond() -> Vec<Value> {
    let (span, service) = ("1s", json!({ "Service": [99, null] }));
    let machine = json!({ "Machine": [99, 0] });
    vec![
        json!({ "AddMachines": [99, 1] }),
        json!({ "RemoveMachines": [99, 1] }),
        json!({ "AddInstances": [99, 1] }),
        json!({ "RemoveInstances": [99, 1] }),
        json!({ "Resize": { "group": 99, "cores": 1, "memory": null, "takes": span, "outage": span } }),
        json!({ "Crash": service }),
        json!({ "Crash": machine }),
        json!({ "Slow": { "target": machine, "factor": 0.5, "lasting": span } }),
        json!({ "Slow": { "target": { "Machine": [0, 0] }, "factor": -1.0, "lasting": span } }),
        json!({ "Restart": { "target": service, "stagger": span } }),
        json!({ "Reload": [99, null] }),
        json!({ "Apply": "nowhere" }),
        json!({ "ScaleTraffic": [99, 1.0] }),
        json!({ "ScaleTraffic": [0, 1e300] }),
        json!({ "Deploy": { "service": 99, "ordinal": null, "at_once": 1, "takes": span, "drain": null } }),
        json!({ "Partition": { "from": { "Source": 99 }, "to": { "Service": 0 }, "lasting": span } }),
        json!({ "Partition": { "from": { "Source": 0 }, "to": { "Group": 99 }, "lasting": span } }),
        json!({ "Flush": { "service": 99, "ordinal": null, "store": null } }),
        json!({ "Flush": { "service": 0, "ordinal": null, "store": 99 } }),
        json!({ "Scale": { "Machines": 99 } }),
        json!({ "Scale": { "Instances": 99 } }),
    ]
}

#[test]
fn an_act_about_what_is_not_there_is_named_at_every_door() {
    for action in beyond() {
        let shared =
            Shared::read(&link(&text(), &[act(action.clone())])).unwrap_or_else(|why| panic!("{action}: {why}"));
        let written = shared.experiment.as_replay().expect_err("no file does that");
        let played = digest_at(&shared.experiment).expect_err("no run does that");
        for failure in [written, played] {
            assert!(failure.problems[0].message.contains("that is not there"), "{action}: {:?}", failure.problems);
        }
    }
}

#[test]
fn the_program_names_such_an_act_and_ends() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.link");
    fs::write(&path, link(&text(), &[act(json!({ "Flush": { "service": 0, "ordinal": null, "store": 99 } }))]))
        .unwrap();
    for command in ["run", "show", "check", "link"] {
        let (_, stderr) = told(&[command, path.to_str().unwrap()], 3);
        assert!(stderr.contains("that is not there"), "{command}: {stderr}");
    }
}

#[test]
fn what_a_link_changes_is_read_within_a_limit() {
    let large = format!("/* {} */ {}", "x".repeat(400_000), text());
    assert!(Shared::read(&link(&large, &changes(16))).is_ok());
    let refused = Shared::read(&link(&large, &changes(17))).expect_err("8 MiB are enough");
    assert!(matches!(refused, ShareError::TooMuch { changes: 21, .. }), "{refused}");
    // Many edits in one act are as many.
    let many: Vec<Edit> = (0..120).map(|at| Edit::set("services.app.workers", (at + 1).to_string())).collect();
    let log: Vec<LogEntry> = serde_json::from_value(json!([{ "time": 1, "intervention": { "Edit": many } }])).unwrap();
    let experiment = Experiment { log, ..Experiment::new("x.ron", &large) };
    let refused = Shared::new(experiment, None).link(Comments::Kept).expect_err("it would not be read again");
    assert!(matches!(refused, ShareError::TooMuch { changes: 31, .. }), "{refused}");
}

#[test]
fn a_link_becomes_a_file_within_a_limit() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.link");
    let large = format!("/* {} */ {}", "x".repeat(300_000), text());
    fs::write(&path, link(&large, &changes(8))).unwrap();
    let (_, stderr) = told(&["run", path.to_str().unwrap()], 2);
    assert!(stderr.contains("changed 8 times") && stderr.contains("more than 2 MiB"), "{stderr}");
    fs::write(&path, link(&text(), &changes(201))).unwrap();
    let (_, stderr) = told(&["run", path.to_str().unwrap()], 3);
    assert!(stderr.contains("201 rules"), "{stderr}");
    fs::write(&path, link(&text(), &changes(20))).unwrap();
    told(&["run", path.to_str().unwrap()], 0);
}
