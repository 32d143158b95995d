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
