//! Stores that write elsewhere later: on expiry, at checkpoints, when they make room; and what a crash loses.

use super::{only, results, within};
use crate::support::Draft;
use surgelab::measure::results::Results;

/// A session server: its state is read once, changed by every request, and written by the rules of `store`.
fn sessions(horizon: f64, store: &str, more: &str) -> Draft {
    Draft::new(horizon)
        .key("who", "User")
        .machine("web", "count: 3")
        .service("app", &format!("on: [\"web\"], restart: \"1s\", links: {{ \"db\": () }}, stores: {{ \"sessions\": ({store}) }}, operations: {{ \"act\": [Cached(\"sessions\", \"who\", [], [Call(\"db.load\")]), Put(\"sessions\", \"who\")] }}"))
        .service("db", "operations: { \"load\": [Delay(\"1ms\")], \"save\": [Delay(\"1ms\")] }")
        .source("players", &format!("Users(arrive: Stages(start: \"5/s\", stages: [(\"100s\", \"5/s\"), (\"0s\", \"0/s\")]), journey: [Repeat(\"50\", [Call(\"app.act\"), Delay(\"exp(200ms)\")])], access: (balance: Sticky){more})"))
}

fn calls(results: &Results, operation: &str) -> u64 {
    results.operations[operation].traffic.offered
}

/// A stateful session server reads a session once and writes it once, whatever happens in between: two operations
/// instead of a hundred.
#[test]
fn a_stateful_session_costs_the_database_two_operations() {
    let results = results(&sessions(300.0, "ttl: \"20s\", sliding: true, write_back: (to: \"db.save\")", "").text());
    let sessions = results.traffic["players"].sessions.as_ref().expect("they are sessions").came;
    assert_eq!(results.traffic["players"].offered, 50 * sessions);
    assert_eq!((calls(&results, "db.load"), calls(&results, "db.save")), (sessions, sessions));
    let store = only(&results);
    assert_eq!((store.written_back, store.lost_dirty, store.expired), (sessions, 0, sessions));
}

/// Checkpoints write what has changed since the last; in the end everything is written.
#[test]
fn checkpoints_write_what_changed() {
    let results = results(&sessions(300.0, "write_back: (to: \"db.save\", every: \"5s\")", "").text());
    let sessions = results.traffic["players"].sessions.as_ref().expect("they are sessions").came;
    let (store, saves) = (only(&results), calls(&results, "db.save"));
    assert_eq!((store.written_back, store.lost_dirty), (saves, 0));
    // A session of about 10 s sees two checkpoints and has one after its end.
    within("writes a session", saves as f64 / sessions as f64, 3.0, 0.1);
}

/// Whoever makes room is written first; whoever is in a process that dies is lost; whoever leaves in good order is
/// written.
#[test]
fn what_makes_room_is_written_and_what_dies_is_lost() {
    let full = results(&sessions(150.0, "capacity: 10, write_back: (to: \"db.save\")", "").text());
    let store = only(&full);
    assert_eq!(store.written_back, calls(&full, "db.save"));
    assert!(store.written_back == store.evicted && store.evicted > 400, "{store:?}");
    let crash = sessions(150.0, "write_back: (to: \"db.save\")", "").rule("At(\"50s\", Crash(\"app\"))");
    let crashed = results(&crash.text());
    let store = only(&crashed);
    assert!(store.lost_dirty > 200 && store.written_back == 0, "{store:?}");
    let leaves = sessions(150.0, "write_back: (to: \"db.save\")", "").rule("At(\"50s\", RemoveMachines(\"web\", 1))");
    let left = results(&leaves.text());
    let store = only(&left);
    assert_eq!((store.lost_dirty, store.written_back), (0, calls(&left, "db.save")));
    assert!(store.written_back > 70, "{store:?}");
}

/// Whoever leaves in good order under load writes what was put while it drained, too.
#[test]
fn what_is_put_during_a_drain_is_written() {
    for rule in ["RemoveMachines(\"web\", 2)", "Deploy(target: \"app\", takes: \"1s\")"] {
        let draft = Draft::new(60.0)
            .key("who", "User")
            .machine("web", "count: 3")
            .service("app", "on: [\"web\"], links: { \"db\": () }, stores: { \"sessions\": (write_back: (to: \"db.save\")) }, operations: { \"act\": [Delay(\"exp(500ms)\"), Put(\"sessions\", \"who\")] }")
            .service("db", "operations: { \"save\": [Delay(\"1ms\")] }")
            .source("players", "Open(rate: Constant(\"100/s\"), call: \"app.act\")")
            .rule(&format!("At(\"30s\", {rule})"));
        let results = results(&draft.text());
        let store = only(&results);
        assert_eq!((store.lost_dirty, store.written_back), (0, calls(&results, "db.save")), "{rule}");
        assert!(store.written_back > 1800, "{rule}: {store:?}");
        assert_eq!(results.traffic["players"].failures(), 0, "{rule}");
    }
}
