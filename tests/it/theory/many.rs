//! Several servers with one queue, and queues that are full.

use super::lasting;
use crate::support::exact::{erlang_b, mmc_quantile, mmc_response, mmck};
use crate::support::{agree, simulate};
use surgelab::scenario::Reason;

#[test]
fn mmc_waits_by_erlang_c() {
    for (c, per_second, seed) in [(4, 320.0, 1), (2, 120.0, 2)] {
        let draft = lasting(600_000.0, per_second).station("app", c, None, "exp(10ms)").poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, seed);
        agree(&format!("M/M/{c} mean"), seen.mean(), mmc_response(per_second, 0.01, c), 0.02);
        for q in [0.5, 0.95, 0.99] {
            agree(&format!("M/M/{c} p{}", q * 100.0), seen.quantile(q), mmc_quantile(per_second, 0.01, c, q), 0.02);
        }
    }
}

#[test]
fn workers_on_as_many_cores_are_the_same_queue() {
    let draft = lasting(500_000.0, 240.0)
        .machine("box", "cores: 3")
        .service("app", "workers: 3, operations: { \"serve\": [Cpu(\"exp(10ms)\")] }")
        .poisson(240.0, "app.serve");
    let (_, seen) = simulate(&draft, 3);
    agree("M/M/3 on cores, mean", seen.mean(), mmc_response(240.0, 0.01, 3), 0.02);
    agree("M/M/3 on cores, p95", seen.quantile(0.95), mmc_quantile(240.0, 0.01, 3, 0.95), 0.02);
}

#[test]
fn mmck_loses_what_finds_it_full() {
    for (per_second, c, k, seed) in [(120.0, 1, 10, 4), (40.0, 3, 7, 5), (2000.0, 16, 144, 6)] {
        // (40/s, 30/s, 3, 7) is printed in the test suite of the queueing package for Octave; the rest is birth and death.
        let service = if c == 3 { 1.0 / 30.0 } else { 0.01 };
        let draft = lasting(400_000.0, per_second)
            .station("app", c, Some(k - c), &format!("exp({}ms)", service * 1e3))
            .poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, seed);
        let (loss, response) = mmck(per_second, service, c, k);
        if loss > 0.01 {
            agree(&format!("M/M/{c}/{k} loss"), seen.failed(Reason::Refused), loss, 0.02);
        }
        agree(&format!("M/M/{c}/{k} response"), seen.mean(), response, 0.02);
    }
}

#[test]
fn erlang_loss_depends_on_the_mean_only() {
    let cases = [
        (10, 1000.0, "exp(10ms)", 7),
        (10, 1000.0, "10ms", 8),
        (10, 1000.0, "lognormal(10ms, cv 2)", 9),
        (5, 300.0, "exp(10ms)", 10),
        (5, 300.0, "hyperexp(10ms, cv 2)", 11),
    ];
    for (c, per_second, time, seed) in cases {
        let draft = lasting(400_000.0, per_second).station("app", c, Some(0), time).poisson(per_second, "app.serve");
        let (_, seen) = simulate(&draft, seed);
        agree(&format!("Erlang loss {c} servers, {time}"), seen.failed(Reason::Refused), erlang_b(c, per_second * 0.01), 0.02);
        agree("nobody waits", seen.mean(), 0.01, 0.02);
    }
}
