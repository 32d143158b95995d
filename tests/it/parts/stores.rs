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
        .source("crowd", &format!("Closed(population: Constant({callers}), journey: [Call(\"app.get\"), Delay(\"10ms\")], then: Continue)"))
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
