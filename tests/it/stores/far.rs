//! `Cache` services: over links that fail, in front of databases, one of several.

use super::{only, results, within};
use crate::support::Draft;

/// A page from a cache of `store` over a link, else from a database.
fn site(horizon: f64, store: &str, link: &str) -> Draft {
    Draft::new(horizon)
        .key("item", "Zipf(n: 1000, s: 0.8)")
        .machine("ram", "count: 4")
        .service("app", &format!("links: {{ \"cache\": ({link}), \"db\": () }}, operations: {{ \"get\": [Cached(\"cache\", \"item\", [], [Call(\"db.read\")])] }}"))
        .service("cache", &format!("on: [\"ram\"], restart: \"1s\", kind: Cache(store: ({store}))"))
        .service("db", "operations: { \"read\": [Delay(\"1ms\")] }")
}

/// Four caches of 50 with the keys hashed over them find what one of 200 does; at random less than one of 50 does (Che,
/// Tung & Wang 2002: 0.2616).
#[test]
fn hashing_makes_many_caches_one() {
    let hit = |capacity: u32, balance: &str| {
        let draft =
            site(500.0, &format!("capacity: {capacity}"), &format!("balance: {balance}")).poisson(1000.0, "app.get");
        only(&results(&draft.text())).hit_ratio.expect("there were looks")
    };
    let hashed = hit(50, "Hash(\"item\")");
    let one = {
        let draft = site(500.0, "capacity: 200", "").machine("ram", "count: 1").poisson(1000.0, "app.get");
        only(&results(&draft.text())).hit_ratio.expect("there were looks")
    };
    within("hashed", hashed, one, 0.02);
    // What one of them lacks is put into any other: worse than one of 50 alone.
    assert!(hit(50, "Random") < 0.2616);
}

/// Each miss is a call of the database and a `set`; a hit is a call of the cache alone.
#[test]
fn a_miss_reads_and_sets() {
    let results = results(&site(100.0, "", "").machine("ram", "count: 1").poisson(100.0, "app.get").text());
    let store = only(&results);
    assert_eq!(results.operations["cache.get"].traffic.offered, store.hits + store.misses);
    assert_eq!(results.operations["db.read"].traffic.offered, store.misses);
    assert_eq!(results.operations["cache.set"].traffic.succeeded, store.misses);
    assert!(store.misses <= 1000 && store.hits > 8000, "{store:?}");
    assert_eq!(results.operations["cache.delete"].traffic.offered, 0);
    assert_eq!(results.traffic["crowd"].degraded, 0);
}

/// A cache that is down is a miss each time, and nobody fails; when it comes back it is cold.
#[test]
fn a_dead_cache_is_a_miss_and_comes_back_cold() {
    let draft = site(60.0, "", "timeout: \"20ms\"")
        .machine("ram", "count: 1")
        .poisson(500.0, "app.get")
        .rule("At(\"30s\", Crash(\"cache\"))");
    let results = results(&draft.text());
    let (store, reads) = (only(&results), results.operations["db.read"].traffic.offered);
    assert_eq!(results.traffic["crowd"].failed.len(), 0);
    let refused = results.operations["cache.get"].traffic.failed["Refused"];
    within("a second without the cache", refused as f64, 500.0, 0.15);
    assert_eq!(reads, store.misses + refused);
    assert!(store.fills > 1000, "most of the thousand keys were filled twice: {}", store.fills);
}

/// Hundreds ask a `Cache` for one key that nobody has: with single flight one of them asks the database; and when that
/// one's caller gives up, another does.
#[test]
fn a_cache_sends_one_to_the_database() {
    for (timeout, read, makers) in [("", "Delay(\"500ms\")", 1), ("timeout: \"100ms\"", "Delay(\"500ms\")", 5)] {
        let draft = Draft::new(10.0)
            .key("item", "Uniform(n: 1)")
            .machine("web", "count: 1")
            .service("app", &format!("on: [\"web\"], links: {{ \"cache\": (), \"db\": ({timeout}) }}, operations: {{ \"get\": [Cached(\"cache\", \"item\", [], [Call(\"db.read\")])] }}"))
            .service("cache", "kind: Cache(store: (single_flight: true))")
            .service("db", &format!("operations: {{ \"read\": [{read}] }}"))
            .source("crowd", "Open(rate: Stages(start: \"1000/s\", stages: [(\"500ms\", \"1000/s\"), (\"0s\", \"0/s\")]), call: \"app.get\")");
        let results = results(&draft.text());
        let reads = results.operations["db.read"].traffic.offered;
        if makers == 1 {
            assert_eq!(reads, 1);
            assert_eq!(results.traffic["crowd"].succeeded, results.traffic["crowd"].offered);
            assert!(only(&results).shared > 400);
        } else {
            // Every 100 ms the filler fails and the next goes on, for 10 s.
            assert!((98..=100).contains(&reads), "{reads}");
            assert_eq!(only(&results).shared, 0);
        }
    }
}

/// Sessions that stay with one of four instances find what they left there; at random they find it now and then.
#[test]
fn sticky_sessions_find_their_state() {
    let hit = |balance: &str| {
        let draft = Draft::new(200.0)
            .key("who", "User")
            .machine("web", "count: 4")
            .service("app", "on: [\"web\"], stores: { \"sessions\": () }, operations: { \"act\": [Cached(\"sessions\", \"who\", [], [])] }")
            .source("players", &format!("Users(arrive: Constant(\"10/s\"), journey: [Repeat(\"10\", [Call(\"app.act\"), Delay(\"100ms\")])], access: (balance: {balance}))"));
        only(&results(&draft.text())).hit_ratio.expect("there were looks")
    };
    within("sticky", hit("Sticky"), 0.9, 0.005);
    // The k-th request finds it unless none of the k − 1 before came to the same of the four.
    let random = (1..=10).map(|k| 1.0 - 0.75f64.powi(k - 1)).sum::<f64>() / 10.0;
    within("at random", hit("Random"), random, 0.02);
}
