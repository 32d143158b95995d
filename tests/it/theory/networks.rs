//! Stations that feed, hold or wait for one another.

use super::lasting;
use crate::support::estimate::near;
use crate::support::exact::{fork_join_two, mva, nested_pools, repairman};
use crate::support::{Draft, Estimate, agree, simulate};

#[test]
fn tandem_queues_are_independent() {
    // Burke 1956: what leaves M/M/1 is Poisson. Each session visits one station, then the other.
    for (first, second, seed) in [("exp(12ms)", "exp(8ms)", 1), ("exp(6ms)", "exp(14ms)", 2)] {
        let draft = lasting(400_000.0, 50.0)
            .station("a", 1, None, first)
            .station("b", 1, None, second)
            .source("crowd", "Users(arrive: Constant(\"50/s\"), journey: [Call(\"a.serve\"), Call(\"b.serve\")])");
        let (_, seen) = simulate(&draft, seed);
        for site in [0, 1] {
            let service: f64 = [first, second][site as usize].trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().unwrap() * 1e-3;
            let at: Vec<_> = seen.ended.iter().map(|r| r.site).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
            let times: Vec<f64> = seen.ended.iter().filter(|r| r.site == at[site as usize]).map(|r| r.latency()).collect();
            agree(&format!("tandem, station {site}"), Estimate::mean(&times), 1.0 / (1.0 / service - 50.0), 0.02);
        }
    }
}

#[test]
fn nested_shared_processors_have_a_product_form() {
    // Unlimited workers hold nothing back: each tier is a shared processor of its own (BCMP 1975).
    for (own, below, seed) in [(12, 8, 3), (5, 15, 4)] {
        let draft = lasting(500_000.0, 50.0)
            .machine("below", "cores: 1")
            .service("app", &format!("links: {{ \"db\": () }}, operations: {{ \"get\": [Cpu(\"exp({own}ms)\"), Call(\"db.get\")] }}"))
            .service("db", &format!("on: [\"below\"], operations: {{ \"get\": [Cpu(\"exp({below}ms)\")] }}"))
            .poisson(50.0, "app.get");
        let (_, seen) = simulate(&draft, seed);
        let response = |ms: i32| 1.0 / (1000.0 / f64::from(ms) - 50.0);
        agree("two tiers", seen.mean(), response(own) + response(below), 0.02);
    }
}

#[test]
fn a_worker_is_held_while_it_waits_for_a_connection() {
    for (per_second, workers, seed) in [(140.0, 8, 5), (150.0, 16, 6)] {
        let draft = lasting(600_000.0, per_second)
            .service("app", &format!("workers: {workers}, links: {{ \"db\": (connections: Keep(3)) }}, operations: {{ \"get\": [Delay(\"exp(20ms)\"), Call(\"db.get\")] }}"))
            .service("db", "operations: { \"get\": [Delay(\"exp(15ms)\")] }")
            .poisson(per_second, "app.get");
        let (sim, seen) = simulate(&draft, seed);
        let exact = nested_pools(per_second, workers, 3, 0.02, 0.015, 400);
        agree(&format!("{workers} workers, 3 connections"), seen.mean(), exact.response, 0.02);
        let busy = |name: &str| {
            let found = sim.resources().find(|r| r.name == name).unwrap_or_else(|| panic!("no resource {name}"));
            found.busy_seconds / found.capacity_seconds
        };
        near("workers busy", busy("app/0.workers"), exact.workers_busy / f64::from(workers), 0.02);
        near("connections busy", busy("app/0.pool(db)"), exact.connections_busy / 3.0, 0.02);
    }
}

#[test]
fn a_closed_crowd_obeys_mean_value_analysis() {
    for (users, think, horizon, seed) in [(100, 1.0, 5000.0, 7), (60, 1.0, 5000.0, 8)] {
        let draft = Draft::new(horizon)
            .warm_up(100.0)
            .machine("a", "cores: 1")
            .machine("b", "cores: 1")
            .machine("c", "cores: 1")
            .service("web", "on: [\"a\"], links: { \"app\": () }, operations: { \"get\": [Cpu(\"exp(5ms)\"), Call(\"app.get\")] }")
            .service("app", "on: [\"b\"], links: { \"db\": () }, operations: { \"get\": [Cpu(\"exp(12ms)\"), Call(\"db.get\")] }")
            .service("db", "on: [\"c\"], operations: { \"get\": [Cpu(\"exp(8ms)\")] }")
            .source("crowd", &format!("Closed(population: Constant({users}), journey: [Delay(\"exp({think}s)\"), Call(\"web.get\")])"));
        let (_, seen) = simulate(&draft, seed);
        let (throughput, response) = mva(users, think, &[0.005, 0.012, 0.008]);
        near(&format!("{users} users, throughput"), seen.goodput(0.0, horizon), throughput, 0.02);
        agree(&format!("{users} users, response"), seen.mean(), response, 0.02);
    }
}

#[test]
fn a_closed_crowd_before_one_station_is_a_machine_repairman() {
    // Insensitive to how long people think, as long as the mean is the same.
    for (users, think, time, service, c, seed) in [(100, "exp(7s)", 7.0, 0.05, 1, 9), (30, "2s", 2.0, 0.25, 4, 10)] {
        let draft = Draft::new(40_000.0)
            .warm_up(500.0)
            .station("app", c, None, &format!("exp({service}s)"))
            .source("crowd", &format!("Closed(population: Constant({users}), journey: [Delay(\"{think}\"), Call(\"app.serve\")])"));
        let (_, seen) = simulate(&draft, seed);
        let (throughput, response) = repairman(users, time, service, c);
        near(&format!("{users} users, throughput"), seen.goodput(0.0, 40_000.0), throughput, 0.02);
        agree(&format!("{users} users, response"), seen.mean(), response, 0.02);
    }
}

#[test]
fn a_fork_waits_for_its_slower_branch() {
    for (per_second, seed) in [(75.0, 11), (50.0, 12)] {
        let draft = lasting(600_000.0, per_second)
            .station("a", 1, None, "exp(10ms)")
            .station("b", 1, None, "exp(10ms)")
            .service(
                "app",
                "links: { \"a\": (), \"b\": () }, operations: { \"get\": [Parallel([[Call(\"a.serve\")], [Call(\"b.serve\")]])] }",
            )
            .poisson(per_second, "app.get");
        let (_, seen) = simulate(&draft, seed);
        agree(&format!("fork and join at {per_second}/s"), seen.mean(), fork_join_two(per_second, 0.01), 0.02);
    }
}
