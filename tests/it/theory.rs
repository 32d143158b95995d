//! The engine against theory where no record of `truths` says it: fluid limits, devices, shares, brokers, the edge of a
//! storm, and that the results say what an observer sees. Seeds are fixed: a proof passes or fails the same way
//! everywhere.

mod arrivals;
mod devices;
mod queues;
mod shares;
mod storm;
mod surge;

use crate::support::estimate::near;
use crate::support::{Draft, compile, simulate};
use surgelab::engine::Outcome;

#[test]
fn results_say_what_an_observer_sees() {
    for (work, per_second) in [("Delay", 70.0), ("Cpu", 50.0)] {
        let draft = Draft::new(100_000.0 / per_second)
            .warm_up(30.0)
            .service("app", &format!("workers: 1, operations: {{ \"serve\": [{work}(\"exp(10ms)\")] }}"))
            .poisson(per_second, "app.serve");
        let seen = simulate(&draft, 14).1;
        let results = surgelab::measure::record(
            compile(&draft.text()),
            &surgelab::measure::Options { seed: 14, ..Default::default() },
            &mut |_| {},
        );
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

#[test]
fn who_gives_up_does_so_on_time() {
    let draft = Draft::new(400.0).station("app", 1, None, "exp(10ms)").poisson_with(
        120.0,
        "app.serve",
        "patience: \"20ms\", access: (cancel: Queued)",
    );
    for request in simulate(&draft, 5).1.ended {
        match request.outcome {
            Outcome::Failed(_) => assert_eq!(request.ended.0 - request.started.0, 20_000_000),
            Outcome::Succeeded { .. } => assert!(request.latency() <= 0.02),
        }
    }
}

/// A scenario long enough for `requests` arrivals, after a fiftieth of that unmeasured.
fn lasting(requests: f64, per_second: f64) -> Draft {
    let horizon = (requests / per_second).ceil();
    Draft::new(horizon).warm_up((horizon / 50.0).ceil())
}
