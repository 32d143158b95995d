//! One server, first come first served, in the three ways the language can say it.

use super::lasting;
use crate::support::estimate::near;
use crate::support::exact::pollaczek_khinchine;
use crate::support::{Draft, Watch, agree, compile, simulate};

/// A single FIFO server of operation `app.serve`.
#[derive(Clone, Copy, Debug)]
enum Server {
    /// One worker that waits.
    Waiting,
    /// One worker that computes.
    Computing,
    /// Any number of requests on one event loop.
    Loop,
}

const SERVERS: [Server; 3] = [Server::Waiting, Server::Computing, Server::Loop];

impl Server {
    fn place(self, draft: Draft, time: &str) -> Draft {
        match self {
            Server::Waiting => draft.station("app", 1, None, time),
            Server::Computing => draft.service("app", &format!("workers: 1, operations: {{ \"serve\": [Cpu(\"{time}\")] }}")),
            Server::Loop => draft.service("app", &format!("threads: 1, scheduling: Fifo, operations: {{ \"serve\": [Cpu(\"{time}\")] }}")),
        }
    }
}

/// `per_second` Poisson requests to a server that takes `time` each.
fn watch(server: Server, requests: f64, per_second: f64, time: &str, seed: u64) -> Watch {
    let draft = server.place(lasting(requests, per_second), time).poisson(per_second, "app.serve");
    simulate(&draft, seed).1
}

#[test]
fn mm1_has_an_exponential_response() {
    for (server, (per_second, seed)) in SERVERS.into_iter().zip([(75.0, 1), (50.0, 2), (65.0, 3)]) {
        let seen = watch(server, 600_000.0, per_second, "exp(10ms)", seed);
        let mean = 1.0 / (100.0 - per_second);
        let what = |figure: &str| format!("M/M/1 {server:?} at {per_second}/s, {figure}");
        agree(&what("mean"), seen.mean(), mean, 0.02);
        for q in [0.5, 0.95, 0.99] {
            agree(&what(&format!("p{}", q * 100.0)), seen.quantile(q), -mean * (1.0f64 - q).ln(), 0.02);
        }
    }
}

#[test]
fn md1_waits_half_as_long() {
    for (server, (per_second, seed)) in SERVERS.into_iter().zip([(80.0, 4), (50.0, 5), (70.0, 6)]) {
        let seen = watch(server, 400_000.0, per_second, "10ms", seed);
        agree(&format!("M/D/1 {server:?} at {per_second}/s"), seen.mean(), pollaczek_khinchine(per_second, 0.01, 0.0), 0.02);
    }
}

#[test]
fn mg1_waits_by_the_second_moment() {
    let cases = [
        (Server::Waiting, 50.0, "lognormal(10ms, cv 2)", 2.0, 7),
        (Server::Loop, 60.0, "lognormal(10ms, cv 1.5)", 1.5, 8),
        (Server::Computing, 50.0, "hyperexp(10ms, cv 2)", 2.0, 9),
        (Server::Loop, 60.0, "hyperexp(10ms, cv 1.5)", 1.5, 10),
        (Server::Computing, 70.0, "erlang(4, 10ms)", 0.5, 11),
        (Server::Waiting, 70.0, "gamma(10ms, cv 0.7)", 0.7, 12),
        // uniform on (a, b): cv = (b − a) / (√3 (a + b))
        (Server::Loop, 70.0, "uniform(2ms, 18ms)", 0.461_880_215, 13),
    ];
    for (server, per_second, time, cv, seed) in cases {
        let seen = watch(server, 800_000.0, per_second, time, seed);
        agree(&format!("M/G/1 {server:?} at {per_second}/s, {time}"), seen.mean(), pollaczek_khinchine(per_second, 0.01, cv), 0.02);
    }
}

#[test]
fn results_say_what_an_observer_sees() {
    for (server, per_second) in [(Server::Waiting, 70.0), (Server::Computing, 50.0)] {
        let draft = server.place(lasting(100_000.0, per_second), "exp(10ms)").poisson(per_second, "app.serve");
        let seen = simulate(&draft, 14).1;
        let results =
            surgelab::measure::record(compile(&draft.text()), &surgelab::measure::Options { seed: 14, variant: None }, &mut |_| {});
        let traffic = &results.traffic["crowd"];
        assert_eq!(traffic.succeeded as usize, seen.ended.len());
        let latency = traffic.latency_s.expect("requests succeeded");
        near("mean", latency.mean, seen.mean().value, 1e-6);
        for (q, told) in [(0.5, latency.p50), (0.95, latency.p95), (0.99, latency.p99)] {
            near(&format!("p{}", q * 100.0), told, seen.quantile(q).value, 0.01);
        }
        let workers = results.resources.iter().find(|r| r.id == "app/0.workers").expect("the station has workers");
        near("utilization", workers.utilization_mean, per_second * 0.01, 0.03);
    }
}
