//! Offered load is the utilization law: arrivals × time held ÷ capacity.

use super::{group, results};
use crate::support::Draft;
use crate::support::estimate::near;

#[test]
fn a_pool_is_asked_by_every_call_of_a_request() {
    for calls in [1, 10] {
        let draft = Draft::new(120.0)
            .machine("web", "cores: 64")
            .machine("pg", "cores: 64")
            .service("app", &format!("on: [\"web\"], workers: 100, links: {{ \"db\": (connections: Keep(20)) }}, operations: {{ \"page\": [Repeat(\"{calls}\", [Call(\"db.query\")])] }}"))
            .service("db", "on: [\"pg\"], kind: Database, operations: { \"query\": [Delay(\"10ms\")] }")
            .poisson(100.0, "app.page");
        let results = results(&draft);
        let rho = |id| group(&results, id).all.offered_load.expect(id);
        near("pool", rho("app.pool(db)"), 100.0 * f64::from(calls) * 0.010 / 20.0, 0.02);
        near("workers", rho("app.workers"), 100.0 * f64::from(calls) * 0.010 / 100.0, 0.02);
        // Kept connections are open, asked or not: as many as were ever needed at once.
        let connections = &group(&results, "db.connections").all;
        near("connections", rho("db.connections"), connections.utilization_mean, 0.02);
    }
}

#[test]
fn descriptors_are_held_by_what_stays_open() {
    // 100/s that stay open for 60 s, at 1,000 descriptors: a proxy's own connection is over at once, the one behind it
    // is not.
    let draft = Draft::new(300.0)
        .machine("p", "cores: 1")
        .machine("b", "cores: 4")
        .service(
            "proxy",
            "on: [\"p\"], descriptors: 1000, links: { \"app\": () }, operations: { \"get\": [Call(\"app.get\")] }",
        )
        .service("app", "on: [\"b\"], operations: { \"get\": [Cpu(\"1ms\"), HoldFor(\"60s\")] }")
        .poisson(100.0, "proxy.get");
    let results = results(&draft);
    near("offered", group(&results, "proxy.descriptors").all.offered_load.expect("asked"), 6.0, 0.04);
}

#[test]
fn a_worker_that_stays_with_a_connection_is_held_as_long_as_that() {
    for (workers, rate) in [(1, 0.8), (10, 9.0)] {
        let draft = Draft::new(3000.0)
            .warm_up(60.0)
            .service(
                "app",
                &format!(
                    "workers: {workers}, worker_holds: Connection, operations: {{ \"serve\": [HoldFor(\"exp(1s)\")] }}"
                ),
            )
            .poisson(rate, "app.serve");
        let results = results(&draft);
        let all = &group(&results, "app.workers").all;
        near("offered", all.offered_load.expect("asked"), rate / f64::from(workers), 0.04);
        near("busy", all.utilization_mean, rate / f64::from(workers), 0.04);
    }
}

#[test]
fn machines_that_host_nothing_do_not_count() {
    // 150/s × 10 ms = 1.5 of the three cores that host it, whatever stands idle beside them.
    let draft = Draft::new(300.0)
        .machine("node", "count: 12, cores: 1")
        .service("app", "on: [\"node\"], instances: Count(3), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(150.0, "app.get");
    let results = results(&draft);
    let cpu = group(&results, "app.cpu");
    assert_eq!(cpu.members, 3);
    near("offered", cpu.all.offered_load.expect("asked"), 0.5, 0.02);
    near("busy", cpu.all.utilization_mean, 0.5, 0.02);
    near("cores", cpu.all.capacity, 3.0, 1e-9);
    assert!(cpu.all.offered_load <= cpu.all.offered_load_max);
}

/// Every kind of resource behind one crowd, with room for all: what is asked is what is in use.
fn roomy(program: &str, horizon_s: f64) -> Draft {
    Draft::new(horizon_s)
        .warm_up(20.0)
        .machine("web", "cores: 16, network: \"1Gbit/s\", iops: \"5000/s\"")
        .machine("pg", "cores: 16")
        .service("app", &format!("on: [\"web\"], workers: 60, threads: 12, cpu: (limit: 14), descriptors: 400, links: {{ \"db\": (connections: Keep(40)), \"side\": (target_limit: 50) }}, operations: {{ \"page\": [{program}] }}"))
        .service("db", "on: [\"pg\"], kind: Database, workers: 80, operations: { \"query\": [Cpu(\"exp(5ms)\"), Delay(\"exp(20ms)\")] }")
        .service("side", "on: [\"pg\"], workers: 80, operations: { \"ask\": [Cpu(\"exp(5ms)\"), Delay(\"exp(10ms)\")] }")
        .poisson(200.0, "app.page")
}

#[test]
fn offered_load_is_what_is_in_use_where_everything_is_taken() {
    let programs = [
        "Cpu(\"exp(10ms)\"), Send(\"20kB\"), Disk(\"2\"), Call(\"db.query\"), Call(\"side.ask\")",
        "Try([Call(\"db.query\")], [Call(\"side.ask\")]), Cpu(\"exp(10ms)\")",
        "Repeat(\"3\", [Call(\"db.query\")]), Background([Call(\"side.ask\")])",
        "Parallel([[Call(\"db.query\")], [Call(\"side.ask\")]])",
        "Choose([(3, [Call(\"db.query\")]), (1, [Call(\"side.ask\")])])",
    ];
    for program in programs {
        let results = results(&roomy(program, 200.0));
        for group in &results.groups {
            let (all, asked) = (&group.all, group.all.offered_load);
            assert_eq!((all.refused, all.saturated_at_s), (0, None), "{program}: {all:?}");
            if all.utilization_mean > 0.005 && !["memory", "keep_alive"].contains(&all.kind.name()) {
                let asked = asked.unwrap_or_else(|| panic!("{program}: {all:?}"));
                near(&format!("{program}: {}", all.id), asked, all.utilization_mean, 0.04);
            }
        }
    }
}

#[test]
fn calls_of_a_fallback_are_asked_for() {
    // A tenth of what comes is taken; 90/s × 20 ms of the 4 workers that stand in for it.
    let draft = Draft::new(120.0)
        .machine("m", "cores: 64")
        .service("app", "on: [\"m\"], links: { \"sharp\": (rate_limit: (rate: \"10/s\", burst: 1)), \"later\": () }, operations: { \"page\": [Try([Call(\"sharp.ask\")], [Call(\"later.ask\")])] }")
        .service("sharp", "on: [\"m\"], operations: { \"ask\": [Delay(\"1ms\")] }")
        .service("later", "on: [\"m\"], workers: 4, operations: { \"ask\": [Delay(\"20ms\")] }")
        .poisson(100.0, "app.page");
    let results = results(&draft);
    let all = &group(&results, "later.workers").all;
    near("offered", all.offered_load.expect("asked"), 0.45, 0.03);
    near("busy", all.utilization_mean, 0.45, 0.03);
    let few = draft_of_few_fallbacks();
    let all = &group(&self::results(&few), "later.workers").all.clone();
    near("offered by few", all.offered_load.expect("asked"), all.utilization_mean, 0.05);
}

/// Fewer runs in ten seconds than a mean rests on.
fn draft_of_few_fallbacks() -> Draft {
    Draft::new(600.0)
        .machine("m", "cores: 64")
        .service("app", "on: [\"m\"], links: { \"sharp\": (rate_limit: (rate: \"1/s\", burst: 1)), \"later\": () }, operations: { \"page\": [Try([Call(\"sharp.ask\")], [Call(\"later.ask\")])] }")
        .service("sharp", "on: [\"m\"], operations: { \"ask\": [Delay(\"1ms\")] }")
        .service("later", "on: [\"m\"], workers: 5, operations: { \"ask\": [Delay(\"490ms\")] }")
        .poisson(4.48, "app.page")
}

#[test]
fn what_is_refused_is_asked_for_of_every_kind() {
    // 100/s × 50 ms at 2 places: ρ is 2.5 whether they are workers, connections, a pool or places at a target, and
    // whether who finds none is turned away or waits until he gives up.
    let at = |fields: &str, link: &str| {
        Draft::new(200.0)
            .machine("m", "cores: 64")
            .service(
                "app",
                &format!(
                    "on: [\"m\"], links: {{ \"db\": ({link}) }}, operations: {{ \"page\": [Call(\"db.query\")] }}"
                ),
            )
            .service("db", &format!("on: [\"m\"], {fields} operations: {{ \"query\": [Delay(\"50ms\")] }}"))
            .poisson(100.0, "app.page")
    };
    for (id, fields, link) in [
        ("db.workers", "workers: 2, backlog: (limit: 0),", ""),
        ("db.workers", "workers: 2,", "timeout: \"80ms\""),
        ("db.connections", "max_connections: 2,", ""),
        ("app.pool(db)", "", "connections: Keep(2), pool_timeout: \"10ms\""),
        ("app.slots(db)", "", "target_limit: 2, queue_limit: 0"),
    ] {
        let results = results(&at(fields, link));
        let asked = group(&results, id).all.offered_load.expect(id);
        near(&format!("{id}: {fields} {link}"), asked, 2.5, 0.06);
    }
    // Each is tried twice more.
    let results = results(&at("workers: 2, backlog: (limit: 0),", "retry: (times: 2, after: \"10ms\")"));
    let workers = &group(&results, "db.workers").all;
    let tried = results.operations["db.query"].traffic.offered as f64 / 200.0;
    near("attempts", workers.offered_load.expect("asked"), tried * 0.05 / 2.0, 0.03);
}

#[test]
fn kept_connections_are_no_more_than_a_pool_may_open() {
    // Ten seconds of tenfold demand at a pool of 20 on a database of 100: connections never come near their limit.
    let rate = "Stages(start: \"50/s\", stages: [(\"60s\", \"50/s\"), (\"0s\", \"500/s\"), (\"10s\", \"500/s\"), (\"0s\", \"50/s\")])";
    let draft = Draft::new(120.0)
        .machine("m", "cores: 64")
        .service(
            "app",
            "on: [\"m\"], links: { \"db\": (connections: Keep(20)) }, operations: { \"page\": [Call(\"db.query\")] }",
        )
        .service(
            "db",
            "on: [\"m\"], kind: Database, max_connections: 100, operations: { \"query\": [Delay(\"20ms\")] }",
        )
        .source("crowd", &format!("Open(rate: {rate}, call: \"app.page\")"));
    let results = results(&draft);
    let all = &group(&results, "db.connections").all;
    let most = all.offered_load_max.expect("asked");
    assert!((0.1..0.21).contains(&most), "{all:?}");
    near("mean", all.offered_load.expect("asked"), all.utilization_mean, 0.1);
}
