//! The retry storm (Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021): a database of 300
//! queries/s, clients that time out after 1 s and try once more, nobody cancels. A stall of 10 s fills the queue; from
//! then on every answer is late and every request costs two attempts, so the overload keeps itself up if and only if
//! 2 λ > 300/s. It outlives its cause.

use crate::support::{Draft, Watch, simulate};

/// `rate` requests/s at a database that stalls from 60 s to 70 s. `database` and `crowd` add fields.
fn storm(horizon: f64, capacity: f64, rate: f64, database: &str, crowd: &str, seed: u64) -> Watch {
    let draft = Draft::new(horizon)
        .service("db", &format!("{database}workers: 1, operations: {{ \"query\": [Cpu(\"{}ms\")] }}", 1000.0 / capacity))
        .poisson_with(rate, "db.query", &format!("patience: \"1s\", {crowd}"))
        .rule("At(\"60s\", Slow(target: \"db\", factor: 0.000001, lasting: \"10s\"))");
    simulate(&draft, seed).1
}

const ONE_RETRY: &str = "retry: (times: 1)";

/// When goodput is back: the start of the first 10 s after the stall with nine tenths of the requests answered.
fn back_at(seen: &Watch, rate: f64, horizon: f64) -> Option<f64> {
    (7..(horizon / 10.0) as i64).map(|i| i as f64 * 10.0).find(|&t| seen.goodput(t, t + 10.0) > 0.9 * rate)
}

#[track_caller]
fn recovers(seen: &Watch, rate: f64, horizon: f64, within: std::ops::Range<f64>) {
    assert!(seen.goodput(10.0, 60.0) > 0.9 * rate, "it was well before the stall");
    let at = back_at(seen, rate, horizon).expect("it recovers");
    eprintln!("{rate}/s: back {} s after the stall", at - 70.0);
    assert!(within.contains(&(at - 70.0)), "back after {} s", at - 70.0);
    assert!(seen.goodput(horizon - 200.0, horizon - 10.0) > 0.9 * rate, "and stays well");
}

#[track_caller]
fn never_recovers(seen: &Watch, rate: f64, horizon: f64) {
    assert!(seen.goodput(10.0, 60.0) > 0.9 * rate, "it was well before the stall");
    assert_eq!(back_at(seen, rate, horizon), None, "it never recovers");
    assert_eq!(seen.goodput(horizon - 300.0, horizon), 0.0, "nobody is answered");
}

#[test]
fn below_the_edge_the_queue_drains() {
    // 2,980 attempts queue up in the stall and drain at 300 − 298 = 2/s until the wait is 1 s: about 1,340 s.
    let seen = storm(3600.0, 300.0, 149.0, "", ONE_RETRY, 1);
    recovers(&seen, 149.0, 3600.0, 600.0..2600.0);
}

#[test]
fn above_the_edge_it_never_drains() {
    let seen = storm(3600.0, 300.0, 151.0, "", ONE_RETRY, 2);
    never_recovers(&seen, 151.0, 3600.0);
}

#[test]
fn the_edge_moves_with_the_number_of_retries() {
    // Three attempts each at 600/s: the edge is 200/s.
    let two = "retry: (times: 2)";
    recovers(&storm(3600.0, 600.0, 197.0, "", two, 3), 197.0, 3600.0, 250.0..1500.0);
    never_recovers(&storm(3600.0, 600.0, 203.0, "", two, 4), 203.0, 3600.0);
}

#[test]
fn a_random_service_time_has_the_same_edge() {
    let run = |rate, seed| {
        let draft = Draft::new(3600.0)
            .service("db", "workers: 1, operations: { \"query\": [Cpu(\"exp(3.333333ms)\")] }")
            .poisson_with(rate, "db.query", "patience: \"1s\", retry: (times: 1)")
            .rule("At(\"60s\", Slow(target: \"db\", factor: 0.000001, lasting: \"10s\"))");
        simulate(&draft, seed).1
    };
    recovers(&run(147.0, 5), 147.0, 3600.0, 200.0..1500.0);
    never_recovers(&run(153.0, 6), 153.0, 3600.0);
}

#[test]
fn near_capacity_it_serves_nobody_at_twice_the_load() {
    let seen = storm(600.0, 300.0, 280.0, "", ONE_RETRY, 7);
    never_recovers(&seen, 280.0, 600.0);
    crate::support::estimate::near("attempts per second", seen.attempts_per_second(100, 600), 560.0, 0.02);
}

#[test]
fn a_retry_budget_must_leave_room() {
    // 280 × 1.10 = 308 > 300 stays; 280 × 1.05 = 294 drains.
    let budget = |percent: u32| format!("retry: (times: 1, budget: (earn: \"{percent}%\"))");
    never_recovers(&storm(2400.0, 300.0, 280.0, "", &budget(10), 8), 280.0, 2400.0);
    recovers(&storm(2400.0, 300.0, 280.0, "", &budget(5), 9), 280.0, 2400.0, 200.0..900.0);
}

#[test]
fn a_short_queue_or_cancelling_cures_it() {
    recovers(&storm(400.0, 300.0, 280.0, "backlog: (limit: 150), ", ONE_RETRY, 10), 280.0, 400.0, 0.0..60.0);
    recovers(&storm(600.0, 300.0, 280.0, "", "retry: (times: 1), access: (cancel: Queued)", 11), 280.0, 600.0, 0.0..200.0);
}
