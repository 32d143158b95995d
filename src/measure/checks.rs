//! The numbers and the story of whole runs.

use super::{Options, Results, record};
use crate::model::Model;
use crate::scenario::load;
use std::sync::Arc;

fn run(text: &str, seed: u64) -> Results {
    let loaded = load("test.ron", text).unwrap_or_else(|p| panic!("{p:?}"));
    let model = Model::compile(&loaded).unwrap_or_else(|p| panic!("{p:?}"));
    let mut results = record(Arc::new(model), &Options { seed, ..Options::default() }, &mut |_| {});
    results.seal();
    results
}

/// A balancer, two application servers and a database that saturates at 133 pages/s; tripled for four minutes.
const SURGE: &str = r#"(
    version: 1, title: "surge", horizon: "15min", warm_up: "1min",
    machines: { "web": (count: 2, cores: 4, price: "1/h"), "db": (cores: 4) },
    services: {
        "elb": (kind: Balancer(to: "app"), links: { "app": () }),
        "app": (on: ["web"], workers: 200, backlog: (limit: 512), links: { "rds": (latency: "0.5ms") },
                operations: { "page": [Cpu("exp(8ms)"), Repeat("3", [Call("rds.query")])] }),
        "rds": (kind: Database, on: ["db"], max_connections: 1000, operations: { "query": [Cpu("exp(10ms)")] }),
    },
    traffic: { "visitors": Open(rate: Stages(start: "40/s", stages: [("4min", "40/s"), ("1min", "400/s"), ("4min", "400/s"), ("30s", "40/s")]), call: "elb.page", patience: "10s") },
    objectives: { "visitors": ["p(95) < 2s", "worst 1min failed < 1%", "down < 1min"], "rds.cpu": ["utilization < 99%"], "db.cpu": ["utilization < 50%"], "cost": ["total < 1"] },
)"#;

#[test]
fn a_surge_is_told_in_causal_order_and_counted_right() {
    let r = run(SURGE, 1);
    for e in &r.story {
        println!(
            "{:>6} {:<10} {:<14} <- {:<12} {}",
            e.at_s,
            e.event.name(),
            e.subject,
            e.because.words().unwrap_or_default(),
            e.text
        );
    }
    let at = |event: &str, subject: &str| {
        r.story
            .iter()
            .find(|e| e.event.name() == event && e.subject == subject)
            .unwrap_or_else(|| panic!("{event} {subject}"))
    };
    let (rds, app, elb, crowd) =
        (at("saturated", "rds.cpu"), at("saturated", "app.workers"), at("refusing", "elb"), at("failing", "visitors"));
    assert!(240.0 < rds.at_s && rds.at_s < app.at_s && app.at_s < elb.at_s && elb.at_s <= crowd.at_s + 1.0);
    assert!(rds.because.is_empty());
    assert!(rds.text.contains("arrivals"), "{}", rds.text);
    assert_eq!(
        (app.because.words().as_deref(), elb.because.words().as_deref()),
        (Some("rds.cpu"), Some("app.workers"))
    );
    assert!(app.text.contains("of 400 wait for rds.cpu"), "{}", app.text);
    assert!(at("recovered", "rds.cpu").at_s > 540.0 && at("recovered", "visitors").at_s > 540.0);
    assert_eq!(r.story.iter().filter(|e| e.event.name() == "saturated").count(), 2, "no flapping");

    // Asked of the database: 400/s x 3 x 10 ms on 4 cores, although the tier before it lets a third of that through.
    let cpu = r.resources.iter().find(|x| x.id == "db/0.cpu").unwrap();
    assert!((cpu.offered_load_max.unwrap() / 3.0 - 1.0).abs() < 0.12, "{cpu:?}");
    assert_eq!(cpu.utilization_max, 1.0);

    for (name, t) in r.traffic.iter().chain(r.operations.iter().map(|(n, o)| (n, &o.traffic))) {
        assert_eq!(t.offered, t.succeeded + t.failures() + t.in_flight, "{name}");
    }
    // Little's law: cores in use = calls x demand; what a call spent is what its caller waited.
    let query = &r.operations["rds.query"];
    assert!(
        (cpu.utilization_mean * 4.0 / (query.traffic.offered as f64 / 900.0 * query.service_s["rds.cpu"]) - 1.0).abs()
            < 0.01
    );
    let spent = query.waiting_s["rds.cpu"] + query.service_s["rds.cpu"];
    assert!((query.traffic.latency_s.unwrap().mean / (spent + 0.001) - 1.0).abs() < 0.02, "{query:?}");
    let page = &r.operations["app.page"];
    assert!((page.service_s["rds.query"] / (3.0 * (spent + 0.001)) - 1.0).abs() < 0.02, "{page:?}");
    assert!((page.service_s["app.cpu"] / 0.008 - 1.0).abs() < 0.02);

    let passed: Vec<bool> = r.objectives.iter().map(|o| o.pass).collect();
    assert_eq!(passed, [false, false, false, true, false, true], "{:?}", r.objectives);
    assert!((r.cost.total - 2.0 * 0.25).abs() < 1e-9);
    let slowest = &r.traces[0];
    assert!(
        slowest.latency_s > 9.9 && slowest.spans.iter().any(|s| s.what == "call rds" && s.depth == 2),
        "{slowest:?}"
    );
    assert!(slowest.spans.iter().all(|s| s.from_s >= 0.0 && s.to_s <= slowest.latency_s));
}

#[test]
fn equal_runs_have_equal_bytes_and_the_seed_matters() {
    let text = SURGE.replace("15min", "2min");
    let (a, b, c) = (run(&text, 1), run(&text, 1), run(&text, 2));
    assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
    assert_ne!(a.results_digest, c.results_digest);
}

/// Two tiers that hold their worker while they call each other.
const CIRCLE: &str = r#"(
    version: 1, title: "circle", horizon: "3min",
    machines: { "m": (cores: 8) },
    services: {
        "a": (on: ["m"], workers: 10, backlog: (limit: 50), links: { "b": () }, operations: { "in": [Cpu("exp(5ms)"), Call("b.work")], "check": [Cpu("1ms")] }),
        "b": (on: ["m"], workers: 10, backlog: (limit: 50), links: { "a": (timeout: "30s") }, operations: { "work": [Cpu("exp(5ms)"), Call("a.check")] }),
    },
    traffic: { "users": Open(rate: Ramp(from: "50/s", to: "2000/s", at: "30s", over: "1min"), call: "a.in") },
)"#;

#[test]
fn tiers_that_wait_for_each_other_are_called_a_circle() {
    let r = run(CIRCLE, 1);
    let event = r
        .story
        .iter()
        .find(|e| e.event.name() == "saturated" && e.subject == "a.workers")
        .expect("a.workers saturates");
    assert_eq!(event.because.words().as_deref(), Some("a and b"), "{}", event.text);
}

/// One machine, two services: the busy one drowns the other.
const SHARED: &str = r#"(
    version: 1, title: "shared", horizon: "5min",
    machines: { "small": () },
    services: {
        "forum": (on: ["small"], workers: 16, backlog: (limit: 100), operations: { "sso": [Cpu("exp(25ms)")] }),
        "blog": (on: ["small"], workers: 4, backlog: (limit: 10), operations: { "post": [Cpu("exp(50ms)")] }),
    },
    traffic: {
        "visitors": Open(rate: Ramp(from: "10/s", to: "80/s", at: "1min", over: "1min"), call: "forum.sso"),
        "readers": Open(rate: Constant("2/s"), call: "blog.post", patience: "1s"),
    },
)"#;

#[test]
fn a_shared_machine_is_named_with_who_asks_most_of_it() {
    let r = run(SHARED, 1);
    let event = r
        .story
        .iter()
        .find(|e| e.event.name() == "saturated" && e.subject == "small.cpu")
        .expect("small.cpu saturates");
    assert!(
        event.text.starts_with("small.cpu (forum, blog) saturated") && event.text.contains("forum asks for"),
        "{}",
        event.text
    );
    let forum = r
        .story
        .iter()
        .find(|e| e.event.name() == "saturated" && e.subject == "forum.workers")
        .expect("forum.workers saturates");
    assert_eq!(forum.because.words().as_deref(), Some("small.cpu"));
    let readers = r.story.iter().find(|e| e.event.name() == "failing" && e.subject == "readers").expect("readers fail");
    assert_eq!(readers.because.words().as_deref(), Some("small.cpu"), "{}", readers.text);
}
