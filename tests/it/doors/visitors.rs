//! Connections that stay open between requests, and the workers they keep.

use crate::support::estimate::near;
use crate::support::run::{compile, loaded};
use crate::support::{Draft, simulate};
use surgelab::engine::Simulation;
use surgelab::scenario::Reason;
use surgelab::study::{RunOptions, run};

/// So many people who ask for a page every 4 s and keep their connection, before 150 workers that stay with connections
/// for 15 s. A page is 8 ms of CPU; there are four cores.
fn prefork(people: u32, proxy: Option<&str>) -> Draft {
    let apache = "on: [\"web\"], workers: 150, worker_holds: Connection, keep_alive: \"15s\", backlog: (limit: 511), operations: { \"page\": [Cpu(\"exp(8ms)\"), Delay(\"exp(30ms)\")] }";
    let draft = Draft::new(300.0).warm_up(60.0).machine("web", "cores: 4").service("apache", apache);
    let (draft, door) = match proxy {
        Some(connections) => (
            draft.service(
                "proxy",
                &format!(
                    "on: [], kind: Balancer(to: \"apache\"), keep_alive: \"60s\", links: {{ \"apache\": (connections: {connections}) }}"
                ),
            ),
            "proxy",
        ),
        None => (draft, "apache"),
    };
    draft.source(
        "people",
        &format!("Closed(population: Constant({people}), journey: [Repeat(\"1000\", [Call(\"{door}.page\"), Delay(\"exp(4s)\")])], then: Continue, patience: \"10s\", access: (keep_alive: true))"),
    )
}

/// Share that failed, mean latency of the others, CPU, workers.
fn outcome(people: u32, proxy: Option<&str>) -> (f64, f64, f64, f64) {
    let (sim, seen) = simulate(&prefork(people, proxy), 1);
    let failed = seen.ended.iter().filter(|r| !r.succeeded()).count() as f64 / seen.ended.len() as f64;
    let busy =
        |name: &str| sim.resources().find(|r| r.name == name).map_or(0.0, |r| r.busy_seconds / r.capacity_seconds);
    let latencies = seen.latencies();
    (failed, latencies.iter().sum::<f64>() / latencies.len() as f64, busy("web/0.cpu"), busy("apache/0.workers"))
}

#[test]
fn prefork_is_exhausted_by_keep_alive_at_low_cpu() {
    let (failed, latency, cpu, workers) = outcome(130, None);
    assert!(
        failed == 0.0 && latency < 0.1 && workers > 0.8,
        "130 people fit: {failed}, {latency} s, workers {workers}, CPU {cpu}"
    );
    let (failed, latency, cpu, workers) = outcome(200, None);
    eprintln!("200 people: {failed} failed, {latency} s, workers {workers}, CPU {cpu}");
    assert!(workers > 0.95 && cpu < 0.4, "workers {workers}, CPU {cpu}");
    assert!(
        failed > 0.05 || latency > 1.0,
        "who comes late waits for a worker that does nothing: {failed}, {latency} s"
    );
}

#[test]
fn behind_a_proxy_the_proxys_connections_decide() {
    let (failed, latency, cpu, workers) = outcome(400, Some("PerCall"));
    assert!(failed == 0.0 && latency < 0.1 && cpu < 0.4, "freed after each reply: {failed}, {latency} s, CPU {cpu}");
    assert!(workers < 0.1, "few work: {workers}");
    let (failed, latency, _, workers) = outcome(400, Some("Keep(100)"));
    assert!(failed == 0.0 && latency < 0.1, "{failed}, {latency} s");
    assert!(workers < 100.5 / 150.0, "no more than the pool can be kept: {workers}");
}

#[test]
fn the_story_blames_idle_keep_alive() {
    let results = run(&loaded(&prefork(200, None).text()), &RunOptions::default(), &mut |_| {}).expect("it runs");
    let told = format!("{:?}", results.story);
    assert!(told.contains("idle keep-alive"), "{told}");
}

#[test]
fn connections_close_when_their_time_or_their_session_is_over() {
    // Two requests 3 s apart, a keep-alive of 5 s, and 2 s more on the page.
    for (access, keep_alive, stay, expected) in [
        ("keep_alive: true", "5s", 5.0, "kept to the end of the session"),
        ("keep_alive: true", "2s", 4.0, "closed by the service after 2 s, twice"),
        ("keep_alive: true", "0s", 0.0, "the service keeps nothing"),
        ("keep_alive: false", "5s", 0.0, "nor does the user"),
    ] {
        let draft = Draft::new(1000.0)
            .service("app", &format!("max_connections: 1000, keep_alive: \"{keep_alive}\", operations: {{ \"get\": [Delay(\"1ms\")] }}"))
            .source("people", &format!("Users(arrive: Constant(\"1/s\"), gaps: \"1\", journey: [Call(\"app.get\"), Delay(\"3s\"), Call(\"app.get\"), Delay(\"2s\")], access: ({access}))"));
        let (sim, _) = simulate(&draft, 1);
        let row = sim.resources().find(|r| r.name == "app/0.connections").expect("it has connections");
        near(expected, row.busy_seconds / 1000.0, stay + 0.002, 0.02);
    }
}

#[test]
fn who_comes_once_leaves_a_connection_behind() {
    let draft = Draft::new(1000.0)
        .service(
            "app",
            "workers: 100, worker_holds: Connection, keep_alive: \"15s\", operations: { \"get\": [Delay(\"10ms\")] }",
        )
        .source("people", "Open(rate: Constant(\"4/s\"), call: \"app.get\", access: (keep_alive: true))");
    let (sim, _) = simulate(&draft, 1);
    let row = sim.resources().find(|r| r.name == "app/0.workers").expect("it has workers");
    near("workers pinned", row.busy_seconds / 1000.0, 4.0 * 15.01, 0.03);
    let idle = sim.resources().find(|r| r.name == "app/0.keep_alive").expect("it keeps connections");
    near("of them idle", idle.busy_seconds / 1000.0, 60.0, 0.03);
}

#[test]
fn a_handshake_is_paid_once_for_a_kept_connection() {
    let cpu = |access: &str| {
        let draft = Draft::new(500.0)
            .service("app", "keep_alive: \"60s\", operations: { \"get\": [Cpu(\"1ms\")] }")
            .source("people", &format!("Users(arrive: Constant(\"2/s\"), gaps: \"1\", journey: [Repeat(\"5\", [Call(\"app.get\"), Delay(\"1s\")])], access: ({access}handshake: (latency: \"50ms\", callee: \"5ms\")))"));
        let (sim, seen) = simulate(&draft, 2);
        let row = sim.resources().find(|r| r.name == "box/0.cpu").expect("there is a machine");
        (row.busy_seconds / 500.0, seen.latencies().iter().sum::<f64>() / seen.ended.len() as f64)
    };
    let ((kept, quick), (fresh, slow)) = (cpu("keep_alive: true, "), cpu(""));
    near("CPU, kept", kept, 2.0 * (5.0 * 0.001 + 0.005), 0.03);
    near("CPU, new ones", fresh, 2.0 * 5.0 * 0.006, 0.03);
    near("latency, kept", quick, 0.001 + 0.055 / 5.0, 0.05);
    near("latency, new ones", slow, 0.056, 0.05);
}

#[test]
fn a_reload_takes_no_new_connections_and_the_process_goes_on() {
    let site = |overflow: &str| {
        Draft::new(60.0)
            .service("app", &format!("reload: \"1500ms\", max_connections: 100000, backlog: (overflow: {overflow}), operations: {{ \"get\": [Delay(\"100ms\")] }}"))
            .source("people", "Open(rate: Constant(\"200/s\"), gaps: \"1\", call: \"app.get\")")
            .rule("At(\"20s\", Reload(\"app\"))")
    };
    let seen = simulate(&site("Refuse"), 1).1;
    let refused = seen.ended.iter().filter(|r| r.outcome == surgelab::engine::Outcome::Failed(Reason::Refused)).count();
    assert!((299..=301).contains(&refused), "{refused} refused");
    let seen = simulate(&site("Drop"), 1).1;
    let late: Vec<f64> = seen.ended.iter().map(|r| r.latency()).filter(|t| *t > 0.11).collect();
    assert!(seen.ended.iter().all(|r| r.succeeded()) && (299..=301).contains(&late.len()), "{} delayed", late.len());
    assert!(
        late.iter().all(|t| (*t - 1.1).abs() < 1e-6 || (*t - 3.1).abs() < 1e-6),
        "sent again after 1 s, some after 3 s"
    );
}

#[test]
fn a_crash_leaves_nobody_pinned() {
    let draft = prefork(200, Some("Keep(40)"))
        .rule("At(\"50s\", Crash(\"apache\"))")
        .rule("At(\"52s\", Restart(target: \"apache\"))")
        .rule("At(\"90s\", Crash(\"proxy\"))")
        .rule("At(\"91s\", Restart(target: \"proxy\"))");
    let mut sim = Simulation::new(compile(&draft.text()), 3);
    for second in 0..200 {
        sim.advance(surgelab::units::Time(second * 1_000_000_000), u64::MAX, &mut surgelab::engine::Silent);
        for resource in sim.resources().filter(|r| r.name.ends_with(".workers")) {
            assert!(
                resource.level <= resource.capacity.max(150.0),
                "{}: {} at {second} s",
                resource.name,
                resource.level
            );
        }
    }
}

#[test]
fn patience_can_be_drawn() {
    // Palm 1957, M/M/1 + M by its chain: λ = 90/s, μ = 100/s, θ = 50/s, leaving the queue only.
    let draft = Draft::new(6000.0).warm_up(10.0).station("app", 1, None, "exp(10ms)").poisson_with(
        90.0,
        "app.serve",
        "patience: \"exp(20ms)\", access: (cancel: Queued)",
    );
    let (sim, _) = simulate(&draft, 4);
    let (mut weights, mut total, mut waiting) = (1.0f64, 1.0f64, 0.0f64);
    for n in 1..400u32 {
        weights *= 90.0 / (100.0 + f64::from(n - 1) * 50.0);
        total += weights;
        waiting += f64::from(n - 1) * weights;
    }
    let row = sim.resources().find(|r| r.name == "app/0.workers").expect("it has workers");
    near("busy", row.busy_seconds / row.capacity_seconds, 1.0 - 1.0 / total, 0.01);
    near("waiting", row.waiting_seconds / row.capacity_seconds, waiting / total, 0.03);
}
