//! Hedged calls: what they cut, what they cost, and that the losers are dealt with.

use crate::support::estimate::near;
use crate::support::{Draft, Watch, agree, simulate};
use surgelab::engine::Outcome;
use surgelab::scenario::Reason;

/// A caller whose answers take an exponential time of 100 ms, at one of three instances that never queue.
fn hedged(link: &str, work: &str, requests_per_s: f64, seed: u64) -> (surgelab::engine::Simulation, Watch) {
    let draft = Draft::new(400.0)
        .machine("farm", "count: 3")
        .service("db", &format!("on: [\"farm\"], operations: {{ \"read\": [{work}] }}"))
        .service("app", &format!("links: {{ \"db\": ({link}) }}, operations: {{ \"get\": [Call(\"db.read\")] }}"))
        .poisson(requests_per_s, "app.get");
    simulate(&draft, seed)
}

#[test]
fn a_hedge_cuts_the_tail_as_theory_says() {
    // min(X, 100 ms + Y): beyond the delay two exponentials run, so p99 = (100 ms + ln 100 x 100 ms) / 2.
    let plain = hedged("", "Delay(\"exp(100ms)\")", 500.0, 1).1;
    agree("p99 alone", plain.quantile(0.99), 0.1 * 100f64.ln(), 0.02);
    let (sim, seen) = hedged("hedge: (after: \"100ms\"), cancel: All", "Delay(\"exp(100ms)\")", 500.0, 1);
    agree("p99 hedged", seen.quantile(0.99), 0.05 * (1.0 + 100f64.ln()), 0.02);
    let share = (-1f64).exp();
    agree("mean hedged", seen.mean(), 0.1 * (1.0 - share) + 0.05 * share, 0.02);
    // Each request has an attempt of the crowd, one of the caller, and a hedge when that is late.
    let attempts: u64 = seen.attempts.values().sum();
    near("attempts", attempts as f64 / seen.ended.len() as f64, 2.0 + share, 0.02);
    // Nothing runs on that nobody waits for: one attempt in progress for each request, two for those that are late.
    let in_flight: u32 = sim.instances().map(|i| i.in_flight).sum();
    assert!(in_flight < 300, "{in_flight}");
}

#[test]
fn losers_work_on_unheard_unless_they_are_cancelled() {
    let busy = |cancel: &str| {
        let (sim, seen) =
            hedged(&format!("hedge: (after: \"50ms\"), cancel: {cancel}"), "Delay(\"exp(100ms)\")", 200.0, 2);
        let read = sim.model().operations.iter().position(|o| o.name == "db.read").expect("an operation") as u32;
        let (all, well) = seen.finished[&surgelab::model::OperationId::new(read as usize)];
        (all as f64 / seen.ended.len() as f64, well as f64 / seen.ended.len() as f64)
    };
    let hedges = (-0.5f64).exp();
    let (all, well) = busy("Never");
    near("executions", all, 1.0 + hedges, 0.02);
    near("all of them end well", well, all, 0.001);
    let (all, well) = busy("All");
    near("executions", all, 1.0 + hedges, 0.02);
    near("one of them ends well", well, 1.0, 0.001);
}

#[test]
fn a_call_fails_only_when_all_its_attempts_have() {
    // Every attempt fails after 100 ms; the hedge begins at 60 ms and is the last to fail.
    let (_, seen) = hedged("hedge: (after: \"60ms\")", "Delay(\"100ms\"), Fail(\"100%\")", 20.0, 3);
    assert!(
        seen.ended.iter().all(|r| r.outcome == Outcome::Failed(Reason::Error) && (r.latency() - 0.16).abs() < 1e-9)
    );
    // The first times out at 80 ms while the hedge is out, which times out 80 ms after it began; then all of it again.
    let (_, seen) = hedged("hedge: (after: \"60ms\"), timeout: \"80ms\", retry: (times: 1)", "Delay(\"1s\")", 20.0, 3);
    assert!(
        seen.ended.iter().all(|r| r.outcome == Outcome::Failed(Reason::TimedOut) && (r.latency() - 0.28).abs() < 1e-9)
    );
    // Half of them fail at once: that is a failed call, not a late one.
    let (_, seen) = hedged("hedge: (after: \"60ms\")", "Fail(\"50%\"), Delay(\"1ms\")", 200.0, 3);
    near("failed", seen.failed(Reason::Error).value, 0.5, 0.02);
}

#[test]
fn hedges_go_elsewhere_and_there_are_no_more_than_asked_for() {
    // One of three instances is dark: two of three calls never notice, the others are saved by the hedge.
    let draft = Draft::new(60.0)
        .machine("farm", "count: 3")
        .service("db", "on: [\"farm\"], operations: { \"read\": [Delay(\"1ms\")] }")
        .service("app", "links: { \"db\": (balance: Random, hedge: (after: \"20ms\", most: 2), connect_timeout: \"1s\") }, operations: { \"get\": [Call(\"db.read\")] }")
        .poisson(200.0, "app.get")
        .rule("At(\"0s\", Crash(\"farm/1\"))");
    let seen = simulate(&draft, 4).1;
    assert!(
        seen.ended.iter().all(|r| r.succeeded() && r.latency() < 0.0221),
        "no hedge goes to where the first attempt is"
    );
    near("saved", seen.share(|r| r.latency() > 0.02).value, 1.0 / 3.0, 0.03);
    // Three in all: at 0, 20 and 40 ms.
    let (_, seen) = hedged("hedge: (after: \"20ms\", most: 2)", "Delay(\"200ms\")", 20.0, 5);
    near("attempts", seen.attempts.values().sum::<u64>() as f64 / seen.ended.len() as f64, 4.0, 0.005);
}
