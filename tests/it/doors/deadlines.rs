//! Work that nobody waits for is given up, by the worker's own clock or by the caller's word.

use crate::support::{Draft, simulate};
use surgelab::engine::Outcome;
use surgelab::scenario::Reason;

#[test]
fn an_operation_is_given_up_on_time_and_lets_go_of_everything() {
    for (program, cancel) in [
        ("Delay(\"10s\")", "Never"),
        ("Cpu(\"10s\")", "Never"),
        ("Spawn(\"10s\", \"1MiB\")", "Never"),
        ("Call(\"db.slow\")", "Never"),
        ("Call(\"db.slow\")", "All"),
        ("Parallel([[Call(\"db.slow\")], [Delay(\"20s\")]])", "All"),
        ("Try([Call(\"db.none\")], [Delay(\"30s\")])", "Queued"),
    ] {
        let draft = Draft::new(100.0)
            .service("app", &format!("workers: 1, deadline: \"300ms\", links: {{ \"db\": (cancel: {cancel}) }}, operations: {{ \"get\": [{program}] }}"))
            .service("db", "workers: 1, operations: { \"slow\": [Delay(\"12s\")], \"none\": [Fail(\"100%\")] }")
            .source("crowd", "Open(rate: Stages(start: \"1/s\", stages: [(\"10s\", \"1/s\"), (\"0s\", \"0/s\")]), gaps: \"1\", call: \"app.get\", access: (latency: \"20ms\"))");
        let (sim, seen) = simulate(&draft, 1);
        assert!(seen.ended.len() >= 9, "{program}");
        for request in &seen.ended {
            assert_eq!(request.outcome, Outcome::Failed(Reason::TimedOut), "{program}");
            assert_eq!(request.ended.0 - request.started.0, 340_000_000, "{program}: both ways and the deadline");
        }
        for resource in sim.resources().filter(|r| r.name.starts_with("app")) {
            assert_eq!((resource.level, resource.waiting), (0.0, 0), "{program}: {}", resource.name);
        }
        let db = sim.resources().find(|r| r.name == "db/0.workers").expect("it has workers");
        let worked = db.busy_seconds;
        match (program.contains("slow"), cancel) {
            (false, _) => assert_eq!(worked, 0.0, "{program}"),
            (true, "All") => assert!(worked < 3.01, "{program}: abandoned with its caller, after {worked} s"),
            (true, _) => assert!(worked > 89.0, "{program}: it works on, {worked} s"),
        }
    }
}

/// Twice what a database of 10 ms can do comes through a service that waits for it for 100 ms.
fn chain(crowd: &str, link: &str) -> (f64, f64) {
    let draft = Draft::new(120.0)
        .machine("web", "cores: 8")
        .service(
            "app",
            &format!("on: [\"web\"], links: {{ \"db\": ({link}) }}, operations: {{ \"get\": [Call(\"db.read\"), Call(\"db.read\")] }}"),
        )
        .service("db", "workers: 1, operations: { \"read\": [Cpu(\"10ms\")] }")
        .poisson_with(90.0, "app.get", crowd);
    let (sim, seen) = simulate(&draft, 2);
    let db = sim.resources().find(|r| r.name == "db/0.workers").expect("it has workers");
    (seen.goodput(30.0, 120.0), db.busy_seconds / db.capacity_seconds)
}

#[test]
fn a_deadline_that_is_passed_on_stops_doomed_work() {
    let patience = "patience: \"150ms\"";
    let told = "patience: \"150ms\", access: (deadline: Pass)";
    let (nobody_told, busy) = chain(patience, "");
    assert!(nobody_told < 1.0 && busy > 0.95, "the database works for nobody: {nobody_told}/s at {busy}");
    // The service knows and makes no second call in vain, but its first one waits in a database that does not know.
    let (half_told, _) = chain(told, "");
    let (all_told, busy) = chain(told, "deadline: Pass");
    eprintln!("goodput: nobody told {nobody_told}, service told {half_told}, all told {all_told}");
    assert!(all_told > 5.0 && busy > 0.95, "{all_told}/s at {busy}");
    assert!(all_told > 10.0 * half_told, "{all_told}/s against {half_told}/s");
}

#[test]
fn what_is_too_late_ends_timed_out_and_calls_nobody() {
    let draft = Draft::new(50.0)
        .service("app", "links: { \"db\": (deadline: Pass) }, operations: { \"get\": [Delay(\"1s\"), Try([Call(\"db.read\")], [])] }")
        .service("db", "workers: 1, operations: { \"read\": [Delay(\"1ms\")] }")
        .source("late", "Open(rate: Constant(\"1/s\"), gaps: \"1\", call: \"app.get\", patience: \"1s\", access: (deadline: Pass))")
        .source("ready", "Open(rate: Constant(\"1/s\"), gaps: \"1\", call: \"app.get\", patience: \"1100ms\", access: (deadline: Pass))");
    let (sim, seen) = simulate(&draft, 3);
    let read = sim.model().operations.iter().position(|o| o.name == "db.read").expect("it is there");
    let reads = seen.finished.iter().find(|(id, _)| id.index() == read).map_or(0, |(_, count)| count.0);
    let ready = seen.ended.iter().filter(|r| r.source.number() == 1 && r.succeeded()).count() as u64;
    assert!(ready >= 47, "{ready}");
    assert_eq!(reads, ready, "only who is in time asks the database");
}
