//! What a measured request costs in instructions, as cachegrind counts them: the same on every machine, so that no
//! change takes more unnoticed. Without valgrind nothing is counted, nor in a build that is not optimised.

use std::fs;
use std::path::Path;
use std::process::Command;

/// More than the stated figure by so much is too much: compilers differ a little.
const SLACK: f64 = 1.03;

/// Three tiers at 900 requests/s, and one queue at 100: as in `benches/engine`.
fn web(seconds: u32) -> String {
    format!(
        r#"(version: 1, title: "Three tiers", horizon: "{seconds}s",
    machines: {{ "web": (count: 4), "db": () }},
    services: {{
        "balancer": (kind: Balancer(to: "app"), links: {{ "app": (balance: RoundRobin) }}),
        "app": (on: ["web"], workers: 8, links: {{ "database": () }}, operations: {{
            "page": [Delay("exp(20ms)"), Choose([(0.2, [Call("database.query")]), (0.8, [])])],
        }}),
        "database": (kind: Database, on: ["db"], workers: 20, operations: {{ "query": [Delay("exp(8ms)")] }}),
    }},
    traffic: {{ "users": Open(rate: Constant("900/s"), call: "balancer.page", patience: "2s", retry: (times: 1)) }})"#
    )
}

fn queue(seconds: u32) -> String {
    format!(
        r#"(version: 1, title: "M/M/1 at 0.8", horizon: "{seconds}s", machines: {{ "box": () }},
    services: {{ "queue": (on: ["box"], workers: 1, operations: {{ "serve": [Delay("exp(8ms)")] }}) }},
    traffic: {{ "crowd": Open(rate: Constant("100/s"), call: "queue.serve") }})"#
    )
}

/// Requests of a run, and the instructions it took.
fn counted(text: &str, folder: &Path) -> (f64, f64) {
    let file = folder.join("model.ron");
    fs::write(&file, text).expect("a file is written");
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
            env!("CARGO_BIN_EXE_surgelab"),
        ])
        .args(["run", "--format", "json"])
        .arg(&file)
        .output()
        .expect("valgrind runs");
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).expect("results");
    let source = results["traffic"].as_object().expect("traffic").values().next().expect("a source");
    let told = String::from_utf8_lossy(&output.stderr);
    let line = told.lines().find(|line| line.contains("I refs") || line.contains("I   refs")).expect("a count");
    let figure = line.rsplit(' ').next().expect("a figure").replace(',', "");
    (source["offered"].as_f64().expect("requests"), figure.parse().expect("a number"))
}

#[test]
fn a_request_costs_no_more_instructions_than_stated() {
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return eprintln!("not counted: valgrind is not installed");
    }
    if cfg!(debug_assertions) {
        return eprintln!("not counted: this build is not optimised");
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, model, horizons, stated) in
        [("web", web as fn(u32) -> String, [20, 60], 6_750.0), ("M/M/1", queue, [180, 540], 6_000.0)]
    {
        let [short, long] = horizons.map(|seconds| counted(&model(seconds), folder.path()));
        let each = (long.1 - short.1) / (long.0 - short.0);
        println!("{name}: {each:.0} instructions a request, {stated} stated");
        assert!(each <= stated * SLACK, "{name}: {each:.0} instructions a request, {stated} stated");
    }
}
