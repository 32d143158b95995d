//! How requests are spread over equal servers.

use super::lasting;
use crate::support::exact::{join_shorter_of_two, power_of, round_robin};
use crate::support::{Watch, agree, simulate};

/// `n` exponential FIFO servers of 10 ms at `per_server` requests a second each.
fn spread(balance: &str, n: u32, per_server: f64, requests: f64, seed: u64) -> Watch {
    let per_second = per_server * f64::from(n);
    let draft = lasting(requests, per_second)
        .machine("farm", &format!("count: {n}"))
        .service("app", "on: [\"farm\"], workers: 1, operations: { \"serve\": [Delay(\"exp(10ms)\")] }")
        .poisson_with(per_second, "app.serve", &format!("access: (balance: {balance})"));
    simulate(&draft, seed).1
}

#[test]
fn random_choice_makes_each_server_an_mm1() {
    for (n, per_server, seed) in [(4, 75.0, 1), (10, 50.0, 2)] {
        agree(&format!("random over {n}"), spread("Random", n, per_server, 700_000.0, seed).mean(), 1.0 / (100.0 - per_server), 0.02);
    }
}

#[test]
fn round_robin_smooths_the_arrivals() {
    for (n, per_server, seed) in [(4, 80.0, 3), (2, 70.0, 4)] {
        agree(
            &format!("round robin over {n}"),
            spread("RoundRobin", n, per_server, 700_000.0, seed).mean(),
            round_robin(per_server, 0.01, n),
            0.02,
        );
    }
}

#[test]
fn least_connections_joins_the_shorter_queue() {
    // Both in flight at the server and known to the caller: the shorter queue, ties at random.
    for (per_server, seed) in [(80.0, 5), (60.0, 6)] {
        agree(
            "least connections of 2",
            spread("LeastConnections", 2, per_server, 600_000.0, seed).mean(),
            join_shorter_of_two(2.0 * per_server, 0.01, 200),
            0.02,
        );
    }
}

#[test]
fn the_power_of_two_choices() {
    // The mean-field value needs many servers.
    for (per_server, seed) in [(80.0, 7), (50.0, 8)] {
        agree("power of two over 500", spread("LeastOf(2)", 500, per_server, 600_000.0, seed).mean(), power_of(2, per_server, 0.01), 0.02);
    }
}

#[test]
fn a_balancer_spreads_like_its_link() {
    let draft = lasting(500_000.0, 320.0)
        .machine("farm", "count: 4")
        .service("app", "on: [\"farm\"], workers: 1, operations: { \"serve\": [Delay(\"exp(10ms)\")] }")
        .service("front", "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (balance: RoundRobin) }")
        .poisson(320.0, "front.serve");
    agree("round robin behind a balancer", simulate(&draft, 9).1.mean(), round_robin(80.0, 0.01, 4), 0.02);
}
