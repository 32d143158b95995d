//! Who is served next, who is dropped, who is shed.

use super::lasting;
use crate::support::estimate::{Estimate, near};
use crate::support::{Draft, Watch, agree, simulate};
use surgelab::engine::Outcome;
use surgelab::scenario::Reason;

/// One server of 10 ms, exponential, behind a backlog.
fn server(draft: Draft, backlog: &str) -> Draft {
    draft.service(
        "app",
        &format!("workers: 1, backlog: ({backlog}), operations: {{ \"serve\": [Delay(\"exp(10ms)\")] }}"),
    )
}

/// Mean wait of the requests of a source (by position), beyond their own service.
fn wait(seen: &Watch, source: u32) -> Estimate {
    let latencies: Vec<f64> =
        seen.ended.iter().filter(|r| r.source.number() == source).map(|r| r.latency() - 0.01).collect();
    Estimate::mean(&latencies)
}

#[test]
fn the_high_class_passes_the_low_one_without_interrupting_it() {
    // Cobham 1954: W1 = R / (1 − ρ1), W2 = R / ((1 − ρ1)(1 − ρ)), R = Σ λ E[S²] / 2.
    let draft = server(lasting(1_500_000.0, 80.0), "order: Priority")
        .source("high", "Open(rate: Constant(\"30/s\"), call: \"app.serve\", priority: 5)")
        .source("low", "Open(rate: Constant(\"50/s\"), call: \"app.serve\", priority: 1)");
    let seen = simulate(&draft, 1).1;
    agree("high", wait(&seen, 0), 1.142_857_143 * 0.01, 0.02);
    agree("low", wait(&seen, 1), 5.714_285_714 * 0.01, 0.02);
}

#[test]
fn last_in_first_out_has_the_same_mean_wait_and_a_longer_tail() {
    // Same mean as in order of arrival, and E[W²] greater by 1 / (1 − ρ) (Kingman 1962).
    let wait = |order: &str| {
        let seen =
            simulate(&server(lasting(800_000.0, 50.0), &format!("order: {order}")).poisson(50.0, "app.serve"), 2).1;
        let latencies = seen.latencies();
        let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
        // T = W + S with S independent: E[W²] = E[T²] − 2 E[W] E[S] − E[S²].
        let square =
            latencies.iter().map(|t| t * t).sum::<f64>() / latencies.len() as f64 - 2.0 * (mean - 0.01) * 0.01 - 2e-4;
        (mean, square)
    };
    let ((fifo, fifo_square), (lifo, lifo_square)) = (wait("Fifo"), wait("Lifo"));
    near("mean of Fifo", fifo, 0.02, 0.02);
    near("mean of Lifo", lifo, 0.02, 0.02);
    near("E[W²] of Lifo to Fifo", lifo_square / fifo_square, 2.0, 0.08);
}

#[test]
fn what_is_too_old_is_dropped_when_its_turn_comes() {
    // Barrer 1957; Baccelli and Hebuterne 1981: λ = 1.2, μ = 1, τ = 2.
    let draft = server(lasting(1_000_000.0, 120.0), "drop: Older(than: \"20ms\")").poisson(120.0, "app.serve");
    let (sim, seen) = simulate(&draft, 3);
    agree("dropped", seen.failed(Reason::Shed), 0.311_817_917, 0.02);
    let workers = sim.resources().find(|r| r.name == "app/0.workers").expect("it has workers");
    near("busy", workers.busy_seconds / workers.capacity_seconds, 0.825_818_499_6, 0.01);
    let served: Vec<f64> = seen.latencies().iter().map(|t| t - 0.01).collect();
    agree("wait of the served", Estimate::mean(&served), 0.796_557_002_1 * 0.01, 0.02);
}

#[test]
fn a_full_backlog_drops_its_oldest_for_the_new_if_that_is_too_old() {
    let text = "limit: 1, drop: Older(than: \"5s\")";
    let draft = Draft::new(100.0)
        .service("app", &format!("workers: 1, backlog: ({text}), operations: {{ \"serve\": [Delay(\"60s\")] }}"))
        .source("crowd", "Open(rate: Constant(\"0.5/s\"), gaps: \"1\", call: \"app.serve\")");
    let seen = simulate(&draft, 4).1;
    // One is served; the next waits; those after it are refused until it is older than 5 s and has to go, and so on.
    let outcomes: Vec<(i64, Outcome)> =
        seen.ended.iter().take(6).map(|r| (r.ended.0 / 1_000_000_000, r.outcome)).collect();
    let (refused, shed) = (Outcome::Failed(Reason::Refused), Outcome::Failed(Reason::Shed));
    assert_eq!(outcomes, [(6, refused), (8, refused), (10, shed), (12, refused), (14, refused), (16, shed)]);
}

/// Goodput of twice what one server can do, with users who wait for 100 ms and a server that does not know.
fn overload(backlog: &str) -> f64 {
    let draft = server(Draft::new(120.0), backlog).poisson_with(200.0, "app.serve", "patience: \"100ms\"");
    simulate(&draft, 5).1.goodput(20.0, 120.0)
}

#[test]
fn in_an_overload_the_order_decides_whether_anybody_is_served_in_time() {
    let (fifo, lifo, codel, older) = (
        overload("order: Fifo"),
        overload("order: Lifo"),
        overload("drop: CoDel(target: \"20ms\", interval: \"100ms\")"),
        overload("drop: Older(than: \"80ms\")"),
    );
    eprintln!("goodput: Fifo {fifo}, Lifo {lifo}, CoDel {codel}, Older {older}");
    assert!(fifo < 1.0, "in order of arrival everybody is too late: {fifo}");
    assert!(lifo > 85.0, "the last are in time: {lifo}");
    assert!(codel > 25.0, "controlled delay finds the pace after a while, again and again: {codel}");
    assert!(older > 60.0, "{older}");
}

#[test]
fn shedding_keeps_the_high_class_whole() {
    let run = |shed: &str| {
        let draft = Draft::new(120.0)
            .service(
                "app",
                &format!(
                    "workers: 10, backlog: (limit: 20), {shed}operations: {{ \"serve\": [Delay(\"exp(100ms)\")] }}"
                ),
            )
            .source("paying", "Open(rate: Constant(\"40/s\"), call: \"app.serve\", priority: 5)")
            .source("crowd", "Open(rate: Constant(\"200/s\"), call: \"app.serve\")");
        let seen = simulate(&draft, 6).1;
        let paying: Vec<_> = seen.ended.iter().filter(|r| r.source.number() == 0).collect();
        let lost = paying.iter().filter(|r| !r.succeeded()).count() as f64 / paying.len() as f64;
        (lost, seen.failed(Reason::Shed).value, paying.iter().map(|r| r.latency()).sum::<f64>() / paying.len() as f64)
    };
    let (all_alike, nobody, _) = run("");
    assert!(
        all_alike > 0.4 && nobody == 0.0,
        "without shedding more than half are refused, whoever they are: {all_alike}"
    );
    let (lost, shed, mean) = run("shed: [(above: \"50%\", below: 1)], ");
    assert_eq!(lost, 0.0, "nobody who pays is turned away");
    assert!(shed > 0.6 && mean < 0.12, "the crowd is: {shed}; and there is hardly a wait: {mean} s");
}
