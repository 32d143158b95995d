//! Locks, and single flight: who waits for whom, and that nothing stays locked.

use super::{only, results, within};
use crate::support::{Draft, compile, finish};
use surgelab::engine::{ResourceKind, Silent, Simulation};

/// A lock without a key around exponential work is M/M/1: λ = 70/s and S = 10 ms give R = 1/(100 − 70), ρ = 0.7 and
/// ρ²/(1 − ρ) waiting.
#[test]
fn a_lock_is_a_single_server() {
    let draft = Draft::new(20_000.0)
        .service("db", "operations: { \"write\": [Lock(\"row\", \"\", [Delay(\"exp(10ms)\")])] }")
        .poisson(70.0, "db.write");
    let results = results(&draft.text());
    within("response", results.traffic["crowd"].latency_s.expect("some succeeded").mean, 1.0 / 30.0, 0.02);
    let lock = results.resources.iter().find(|row| row.id == "db/0.lock(row)").expect("the lock is a resource");
    assert_eq!((lock.subject.as_str(), lock.kind.name()), ("db.lock(row)", "lock"));
    within("utilization", lock.utilization_mean, 0.7, 0.01);
    within("waiting", lock.waiting_mean, 0.49 / 0.3, 0.04);
    within(
        "waiting, by Little",
        results.operations["db.write"].waiting_s["db.lock(row)"] * 70.0,
        lock.waiting_mean,
        0.01,
    );
    within("offered load", lock.offered_load.expect("it is asked for"), 0.7, 0.01);
}

/// Each value of a key has its own queue: n values share the load of M/M/1 queues with λ/n each.
#[test]
fn a_lock_with_a_key_is_a_server_for_each_value() {
    let draft = Draft::new(20_000.0)
        .key("row", "Uniform(n: 4)")
        .service("db", "operations: { \"write\": [Lock(\"row\", \"row\", [Delay(\"exp(10ms)\")])] }")
        .poisson(200.0, "db.write");
    within(
        "response",
        results(&draft.text()).traffic["crowd"].latency_s.expect("some succeeded").mean,
        1.0 / 50.0,
        0.02,
    );
}

/// The one who takes a lock gives it back on every way out: failure inside, timeout with every `cancel`, crash.
#[test]
fn nothing_stays_locked() {
    for cancel in ["Never", "Queued", "All"] {
        let draft = Draft::new(60.0)
            .key("row", "Zipf(n: 5, s: 1.0)")
            .service("app", &format!("links: {{ \"db\": (timeout: \"30ms\", cancel: {cancel}) }}, operations: {{ \"get\": [Try([Call(\"db.write\")], [])] }}"))
            .service("db", "workers: 20, restart: \"1s\", operations: { \"write\": [Lock(\"all\", \"\", [Delay(\"1ms\")]), Try([Lock(\"row\", \"row\", [Delay(\"exp(9ms)\"), Fail(\"30%\")])], [Lock(\"row\", \"row\", [Parallel([[Fail(\"50%\")], [Delay(\"2ms\")]])])])] }")
            .source("crowd", "Open(rate: Stages(start: \"150/s\", stages: [(\"40s\", \"150/s\"), (\"0s\", \"0/s\")]), call: \"app.get\")")
            .rule("At(\"10s\", Crash(\"db\"))")
            .rule("At(\"20s\", Restart(target: \"db\", stagger: \"0s\"))")
            .rule("At(\"30s\", Crash(\"app\"))");
        let mut sim = Simulation::new(compile(&draft.text()), 5);
        finish(&mut sim, &mut Silent);
        let locks: Vec<_> = sim.resources().filter(|row| row.kind == ResourceKind::Lock).collect();
        assert_eq!(locks.len(), 2);
        assert!(
            locks.iter().all(|lock| lock.level == 0.0 && lock.waiting == 0 && lock.waiting_max > 0),
            "{cancel}: {locks:?}"
        );
        assert_eq!(sim.executions(), 0, "{cancel}");
    }
}

/// A key asked for 1,000 times a second, made in 2 s, alive for 60 s: with single flight one request a cycle makes it.
#[test]
fn single_flight_makes_a_popular_key_once_a_cycle() {
    let draft = Draft::new(62.001 * 10.0)
        .key("item", "Uniform(n: 1)")
        .service("app", "stores: { \"items\": (ttl: \"60s\", single_flight: true) }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Delay(\"2s\")])] }")
        .poisson(1000.0, "app.get");
    let results = results(&draft.text());
    let store = only(&results);
    assert_eq!((store.misses - store.shared, store.fills), (10, 10), "one maker a cycle");
    within("those who wait", store.shared as f64 / 10.0, 2000.0, 0.02);
    // Who comes in the 2 s waits for the rest of them: 1 s on average.
    let waited = results.operations["app.get"].waiting_s["app.fill(items)"];
    within("waiting", waited, 2001.0 / 62_001.0, 0.03);
}

/// A filler that fails leaves the fill to the first who waits: everybody fails once, one after another.
#[test]
fn a_filler_that_fails_leaves_the_fill_to_the_next() {
    let draft = Draft::new(100.0)
        .key("item", "Uniform(n: 1)")
        .service("app", "stores: { \"items\": (single_flight: true) }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Delay(\"1s\"), Fail(\"100%\")])] }")
        .poisson(0.5, "app.get");
    let results = results(&draft.text());
    let store = only(&results);
    assert_eq!((store.shared, store.fills), (0, 0));
    let traffic = &results.traffic["crowd"];
    assert_eq!(traffic.failed["Error"] + traffic.in_flight, traffic.offered);
    let lock = results
        .resources
        .iter()
        .find(|row| row.id == "app/0.lock(items)" || row.id == "app/0.fill(items)")
        .expect("a row");
    assert!(lock.waiting_max > 0.0);
}
