//! Processor sharing: one machine's cores divided among whatever runs on it.

use super::lasting;
use crate::support::exact::{contended, limited_sharing, mmc_response};
use crate::support::{agree, simulate};

/// Four service times with the mean 10 ms.
const TIMES: [&str; 4] = ["exp(10ms)", "10ms", "lognormal(10ms, cv 2)", "hyperexp(10ms, cv 2)"];

/// A service without limits whose operation computes for `time`.
fn computing(time: &str) -> String {
    format!("operations: {{ \"serve\": [Cpu(\"{time}\")] }}")
}

#[test]
fn sharing_depends_on_the_mean_only() {
    // E[T] = S / (1 − ρ) whatever the distribution (Sakata, Noguchi and Oizumi 1969).
    for (at, (time, per_second)) in TIMES.into_iter().flat_map(|time| [(time, 75.0), (time, 50.0)]).enumerate() {
        let draft = lasting(600_000.0, per_second).service("app", &computing(time)).poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, 20 + at as u64);
        agree(&format!("M/G/1-PS {time} at {per_second}/s"), seen.mean(), 0.01 / (1.0 - per_second * 0.01), 0.02);
    }
}

#[test]
fn sharing_is_proportional_to_the_work() {
    // E[T | x] = x / (1 − ρ) (Kleinrock II): short and long requests are slowed by one factor.
    let draft = lasting(600_000.0, 70.0)
        .service("app", "operations: { \"short\": [Cpu(\"2ms\")], \"long\": [Cpu(\"18ms\")] }")
        .source("few", "Open(rate: Constant(\"35/s\"), call: \"app.short\")")
        .source("many", "Open(rate: Constant(\"35/s\"), call: \"app.long\")");
    let (_, seen) = simulate(&draft, 30);
    for (source, work) in [(0, 0.002), (1, 0.018)] {
        let times: Vec<f64> = seen.ended.iter().filter(|r| r.source.0 == source).map(|r| r.latency()).collect();
        agree(&format!("E[T | {work} s]"), crate::support::Estimate::mean(&times), work / 0.3, 0.02);
    }
}

#[test]
fn several_cores_are_shared_like_several_servers() {
    // Occupancy of M/G/c-PS is that of M/M/c (Cohen 1979); a thread cap is a smaller number of cores.
    let cases = [
        (4, "", 4, 320.0, "exp(10ms)"),
        (4, "", 4, 320.0, "10ms"),
        (8, "", 8, 560.0, "hyperexp(10ms, cv 2)"),
        (8, "threads: 2, ", 2, 150.0, "lognormal(10ms, cv 1.5)"),
    ];
    for (at, (cores, cap, servers, per_second, time)) in cases.into_iter().enumerate() {
        let draft = lasting(500_000.0, per_second)
            .machine("box", &format!("cores: {cores}"))
            .service("app", &format!("{cap}{}", computing(time)))
            .poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, 40 + at as u64);
        agree(&format!("M/G/{servers}-PS {time}"), seen.mean(), mmc_response(per_second, 0.01, servers), 0.02);
    }
}

#[test]
fn two_services_on_a_machine_slow_each_other() {
    // Each asks for its own share; together they are one shared processor, multi-class and insensitive (BCMP 1975).
    let draft = lasting(600_000.0, 70.0)
        .service("forum", &computing("exp(25ms)"))
        .service("blog", &computing("5ms"))
        .source("users", "Open(rate: Constant(\"20/s\"), call: \"forum.serve\")")
        .source("readers", "Open(rate: Constant(\"50/s\"), call: \"blog.serve\")");
    let (_, seen) = simulate(&draft, 50);
    let rho = 20.0 * 0.025 + 50.0 * 0.005;
    for (source, work) in [(0, 0.025), (1, 0.005)] {
        let times: Vec<f64> = seen.ended.iter().filter(|r| r.source.0 == source).map(|r| r.latency()).collect();
        agree(&format!("co-located, {work} s of work"), crate::support::Estimate::mean(&times), work / (1.0 - rho), 0.02);
    }
}

#[test]
fn limited_sharing_lies_between_queue_and_sharing() {
    for (workers, per_second, requests, seed) in [(5, 70.0, 900_000.0, 60), (2, 60.0, 700_000.0, 61)] {
        let draft = lasting(requests, per_second)
            .service("app", &format!("workers: {workers}, {}", computing("hyperexp(10ms, cv 2)")))
            .poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, seed);
        agree(&format!("limited PS, {workers} at once"), seen.mean(), limited_sharing(per_second, 0.01, 2.0, workers, 800), 0.03);
    }
}

#[test]
fn contention_slows_by_gunthers_law() {
    for (per_second, sigma, kappa, seed) in [(1500.0, 0.03, 0.0001, 70), (400.0, 0.1, 0.0002, 71)] {
        let draft = lasting(500_000.0, per_second)
            .machine("box", "cores: 1024")
            .service("app", &format!("contention: (sigma: {sigma}, kappa: {kappa}), {}", computing("exp(10ms)")))
            .poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, seed);
        agree(&format!("contended at {per_second}/s"), seen.mean(), contended(per_second, 0.01, sigma, kappa, 400), 0.02);
    }
}
