//! Windows are exact: [from, to), and what is counted in one says by which of its moments.

use super::{group, resource, results};
use crate::support::Draft;
use crate::support::estimate::near;

#[test]
fn goodput_is_what_ends_in_the_window_whenever_it_began() {
    let draft = Draft::new(10.0)
        .warm_up(60.0)
        .service("app", "workers: 5, operations: { \"get\": [Delay(\"500ms\")] }")
        .source("users", "Closed(population: Constant(50), journey: [Call(\"app.get\")], then: Continue)")
        .objective("users", "goodput > 9/s\", \"worst 1s goodput > 9/s");
    let results = results(&draft);
    assert_eq!(results.traffic["users"].goodput_per_s, 10.0);
    assert_eq!(results.series.traffic["users"].goodput_per_s, [10.0; 10]);
    assert!(results.objectives.iter().all(|objective| objective.observed == Some(10.0)), "{:?}", results.objectives);
    assert_eq!(resource(&results, "app/0.workers").completions, Some(100));
}

#[test]
fn a_horizon_belongs_to_nobody_and_time_zero_to_the_run() {
    // One a second on the second: those at 0, 1, ..., 9.
    let draft = Draft::new(10.0)
        .service("app", "workers: 3, backlog: (limit: 0), operations: { \"get\": [Delay(\"1s\")] }")
        .source("crowd", "Open(rate: Constant(\"1/s\"), gaps: \"1\", call: \"app.get\")");
    let results = results(&draft);
    let crowd = &results.traffic["crowd"];
    let workers = resource(&results, "app/0.workers");
    let app = &results.operations["app.get"];
    assert_eq!(crowd.offered as f64, 10.0 * crowd.offered_per_s);
    assert_eq!(crowd.offered, app.admitted);
    assert_eq!((app.admitted, app.begun), (app.traffic.offered, app.traffic.offered));
    // Each is over a second later; what is over at the horizon itself is over for nobody.
    assert_eq!(crowd.succeeded, workers.completions.expect("counted"));
    assert_eq!(crowd.in_flight, crowd.offered - crowd.succeeded);
    assert!(crowd.in_flight == 1, "{crowd:?}");
    let every_second: Vec<f32> = results.series.traffic["crowd"].offered_per_s.clone();
    assert_eq!(every_second.len(), 10);
    near("by second", f64::from(every_second.iter().sum::<f32>()), crowd.offered as f64, 1e-9);
}

#[test]
fn a_warm_up_below_a_second_ends_at_time_zero() {
    for warm_up in [0.0, 0.3, 0.5, 0.999, 1.0, 1.5] {
        let draft = Draft::new(2.0)
            .warm_up(warm_up)
            .service("app", "workers: 1, operations: { \"go\": [Delay(\"1ms\")] }")
            .source("crowd", "Open(rate: Constant(\"500/s\"), gaps: \"1\", call: \"app.go\")")
            .objective("crowd", "rate < 600/s\", \"goodput < 600/s");
        let results = results(&draft);
        near("offered", results.traffic["crowd"].offered_per_s, 500.0, 0.002);
        near("busy", resource(&results, "app/0.workers").utilization_mean, 0.5, 0.002);
        let series = &results.series.traffic["crowd"].offered_per_s;
        assert!(series.len() == 2 && series.iter().all(|rate| (499.0..=501.0).contains(rate)), "{warm_up}: {series:?}");
        assert!(results.objectives.iter().all(|objective| objective.pass), "{warm_up}: {:?}", results.objectives);
    }
}

#[test]
fn service_time_is_of_the_calls_that_began() {
    // One worker, 100 ms a call, 20/s: half of them give up in the backlog.
    let draft = Draft::new(300.0)
        .machine("box", "cores: 4")
        .service("app", "workers: 1, operations: { \"get\": [Cpu(\"100ms\")] }")
        .poisson_with(20.0, "app.get", "patience: \"2s\"");
    let results = results(&draft);
    let get = &results.operations["app.get"];
    near("service", get.service_s["app.cpu"], 0.100, 0.001);
    near("begun", get.begun as f64, 3000.0, 0.001);
    assert!(get.admitted > 5500, "{}", get.admitted);
    // Who waited for a worker: of all that were taken in, to the last second of the run.
    let workers = resource(&results, "app/0.workers");
    near("waited", get.waiting_s["app.workers"] * get.admitted as f64, workers.waiting_s, 1e-6);
}

#[test]
fn who_waits_for_a_thread_does_not_wait_for_the_cpu() {
    // One thread is blocked for 5 s: 200 workers and 100 places of the backlog fill.
    let draft = Draft::new(180.0)
        .machine("box", "cores: 4")
        .service("app", "threads: 1, scheduling: Fifo, workers: 200, backlog: (limit: 100), operations: { \"get\": [Cpu(\"100us\")], \"keys\": [Cpu(\"5s\")] }")
        .poisson(1000.0, "app.get")
        .source("debug", "Open(rate: Constant(\"1/min\"), gaps: \"1\", call: \"app.keys\")");
    let results = results(&draft);
    let most = |id| group(&results, id).all.waiting_max;
    assert_eq!((most("app.cpu"), most("app.threads"), most("app.workers")), (0.0, 199.0, 100.0));
    let waits = |threads: &str| {
        let draft = Draft::new(60.0)
            .machine("box", "cores: 2")
            .service("app", &format!("{threads}operations: {{ \"get\": [Cpu(\"exp(10ms)\")] }}"))
            .source("crowd", "Closed(population: Constant(6), journey: [Call(\"app.get\")], then: Continue)");
        let results = self::results(&draft);
        let waiting = |id| results.groups.iter().find(|group| group.all.id == id).map_or(0.0, |g| g.all.waiting_mean);
        (waiting("app.cpu"), waiting("app.threads"))
    };
    // Of six, two have a core; with three threads one more waits for a core, and three wait for a thread.
    for (threads, cpu, thread) in [("", 4.0, 0.0), ("threads: 3, ", 1.0, 3.0), ("threads: 2, ", 0.0, 4.0)] {
        let (seen_cpu, seen_thread) = waits(threads);
        near("for a core", 1.0 + seen_cpu, 1.0 + cpu, 1e-9);
        near("for a thread", 1.0 + seen_thread, 1.0 + thread, 1e-9);
    }
}

#[test]
fn the_most_that_wait_are_of_the_horizon() {
    // Twenty at once in the warm-up; then one after the other.
    let draft =
        Draft::new(10.0).warm_up(5.0).service("app", "workers: 1, operations: { \"get\": [Delay(\"100ms\")] }").source(
            "crowd",
            "Closed(population: Constant(20), journey: [Call(\"app.get\"), Delay(\"1h\")], then: Continue)",
        );
    let results = results(&draft);
    assert_eq!(resource(&results, "app/0.workers").waiting_max, 0.0);
}
