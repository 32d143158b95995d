//! Databases and caches.
use super::{about, seen};
use crate::support::Draft;

/// So many callers at once that each query for a second over a connection of their own.
fn queries(part: &str, callers: u32, fields: &str) -> Draft {
    Draft::new(30.0)
        .machine("box", "cores: 4, memory: \"2GiB\"")
        .machine("web", "count: 1")
        .service("db", &format!("like: \"{part}\", {fields}operations: {{ \"query\": [Delay(\"1s\")] }}"))
        .service("app", "on: [\"web\"], links: { \"db\": () }, operations: { \"get\": [Call(\"db.query\")] }")
        .source(
            "crowd",
            &format!(
                "Closed(population: Constant({callers}), journey: [Call(\"app.get\"), Delay(\"10ms\")], then: Continue)"
            ),
        )
}

#[test]
fn mysql_refuses_the_152nd_connection() {
    let fits = seen(&queries("mysql", 151, ""));
    assert_eq!(fits.failed("crowd", "Refused"), 0);
    let over = seen(&queries("mysql", 152, ""));
    assert!(over.failed("crowd", "Refused") > 0);
    assert_eq!(over.resource("db/0.connections").capacity, 151.0);
}

#[test]
fn postgres_pays_for_every_connection_in_memory() {
    let hundred = seen(&queries("postgres", 100, "restart: \"1s\", "));
    assert_eq!(hundred.failed("crowd", "Crashed"), 0);
    about(
        hundred.resource("db/0.memory").utilization_max * hundred.resource("db/0.memory").capacity,
        (128.0 + 100.0 * 14.0) * 1_048_576.0,
        "memory",
    );
    let more = seen(&queries("postgres", 200, "restart: \"1s\", max_connections: 300, "));
    assert!(more.failed("crowd", "Crashed") > 0, "max_connections was raised, the memory was not");
}

#[test]
fn a_slow_command_makes_everybody_wait_for_redis() {
    let redis = |slow: &str| {
        Draft::new(60.0)
            .machine("box", "cores: 4")
            .service("redis", "like: \"redis\", operations: { \"keys\": [Cpu(\"500ms\")] }")
            .poisson(1000.0, "redis.get")
            .source("slow", &format!("Open(rate: Constant(\"{slow}\"), call: \"redis.keys\")"))
    };
    let (calm, held) = (seen(&redis("1/h")), seen(&redis("0.2/s")));
    assert!(calm.latency("crowd").p99 < 0.001);
    assert!(held.latency("crowd").p95 > 0.1, "{:?}", held.latency("crowd"));
    assert!(held.busy("box/0.cpu") < 0.05, "three cores stand idle all the time");
}

#[test]
fn whoever_writes_stops_all_of_mongodb() {
    let site = |writes: u32| {
        seen(
            &Draft::new(30.0)
                .machine("box", "cores: 4")
                .service("mongo", "like: \"mongodb\"")
                .poisson_with(f64::from(writes), "mongo.update", "patience: \"1s\"")
                .source("readers", "Open(rate: Constant(\"100/s\"), call: \"mongo.find\")"),
        )
    };
    let (calm, written) = (site(10), site(1500));
    assert!(written.goodput() < 1001.0, "a millisecond each, one after another: {}", written.goodput());
    assert!(written.busy("box/0.cpu") < 0.3, "three cores have nothing to do");
    assert!(written.latency("readers").p50 > 100.0 * calm.latency("readers").p50, "and who reads waits, too");
}

/// An application that looks aside into memcached.
fn aside(store: &str, keys: &str, per_second: f64) -> Draft {
    Draft::new(60.0)
        .machine("box", "cores: 8")
        .machine("ram", "cores: 8")
        .key("item", keys)
        .service("cache", &format!("on: [\"ram\"], like: \"memcached\", restart: \"1s\"{store}"))
        .service(
            "app",
            "links: { \"cache\": () }, operations: { \"get\": [Cached(\"cache\", \"item\", [], [Delay(\"10ms\")])] }",
        )
        .poisson(per_second, "app.get")
}

#[test]
fn memcached_has_four_threads_and_no_fifth() {
    let busy = seen(&aside(", operations: { \"get\": [Cpu(\"20ms\")] }", "Uniform(n: 10)", 300.0));
    about(busy.busy("ram/0.cpu"), 0.5, "four of eight cores");
    assert!(busy.busy("cache/0.threads") > 0.95);
}

#[test]
fn memcached_evicts_the_least_recently_used() {
    let small = seen(&aside(", kind: Cache(store: (capacity: 1000))", "Zipf(n: 10000, s: 0.8)", 2000.0));
    let store = &small.0.stores[0];
    assert!(store.evicted > 1000, "{store:?}");
    let large = seen(&aside("", "Zipf(n: 10000, s: 0.8)", 2000.0));
    assert_eq!(large.0.stores[0].evicted, 0, "ten thousand fit");
    assert!(large.0.stores[0].hit_ratio > store.hit_ratio);
}

#[test]
fn memcached_is_cold_after_a_restart() {
    let warm = seen(&aside("", "Uniform(n: 500)", 500.0));
    let restarted = seen(&aside("", "Uniform(n: 500)", 500.0).rule("At(\"30s\", Crash(\"cache\"))"));
    about(warm.0.stores[0].fills as f64, 500.0, "each key once");
    about(restarted.0.stores[0].fills as f64, 1000.0, "each key twice");
}
