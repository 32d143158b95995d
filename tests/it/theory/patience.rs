//! Users who do not wait for ever.

use super::lasting;
use crate::support::estimate::near;
use crate::support::exact::patience;
use crate::support::{agree, simulate};
use surgelab::engine::Outcome;
use surgelab::scenario::Reason;

#[test]
fn the_impatient_withdraw_what_was_not_begun() {
    for (per_second, c, tau_ms, seed) in [(120.0, 1, 20.0, 1), (500.0, 4, 15.0, 2)] {
        let draft = lasting(500_000.0, per_second).station("app", c, None, "exp(10ms)").poisson_with(
            per_second,
            "app.serve",
            &format!("patience: \"{tau_ms}ms\", access: (cancel: Queued)"),
        );
        let (sim, seen) = simulate(&draft, seed);
        let exact = patience(per_second, 0.01, c, tau_ms * 1e-3);
        agree("answered in time", seen.share(|r| r.succeeded()), exact.in_time, 0.02);
        agree("gave up", seen.failed(Reason::TimedOut), 1.0 - exact.in_time, 0.02);
        // Who was being served when patience ended still costs the server its time.
        let workers = sim.resources().find(|r| r.name == "app/0.workers").expect("the station has workers");
        near(
            "served at all",
            workers.busy_seconds / workers.capacity_seconds * f64::from(c) * 100.0 / per_second,
            1.0 - exact.reneged,
            0.02,
        );
    }
}

#[test]
fn without_cancelling_the_server_works_for_nobody() {
    // The sojourn of M/M/1 is exponential; what outlives its patience is served all the same.
    for (per_second, patience_ms, seed) in [(75.0, 40.0, 3), (50.0, 30.0, 4)] {
        let draft = lasting(600_000.0, per_second).station("app", 1, None, "exp(10ms)").poisson_with(
            per_second,
            "app.serve",
            &format!("patience: \"{patience_ms}ms\""),
        );
        let (sim, seen) = simulate(&draft, seed);
        let late = (-(100.0 - per_second) * patience_ms * 1e-3).exp();
        agree("timed out", seen.failed(Reason::TimedOut), late, 0.02);
        let workers = sim.resources().find(|r| r.name == "app/0.workers").expect("the station has workers");
        near("busy all the same", workers.busy_seconds / workers.capacity_seconds, per_second * 0.01, 0.02);
    }
}

#[test]
fn who_gives_up_does_so_on_time() {
    let draft = lasting(50_000.0, 120.0).station("app", 1, None, "exp(10ms)").poisson_with(
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
