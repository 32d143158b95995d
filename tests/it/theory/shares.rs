//! What an instance may take of a machine: weights, limits, room, credits.

use super::lasting;
use crate::support::estimate::near;
use crate::support::{Draft, Estimate, Watch, agree, compile, finish, simulate};
use surgelab::engine::{Advance, Simulation};
use surgelab::model::ServiceId;
use surgelab::units::Time;

fn latencies(seen: &Watch, source: u32) -> Vec<f64> {
    seen.ended.iter().filter(|request| request.source.number() == source).map(|request| request.latency()).collect()
}

#[test]
fn a_limit_makes_half_a_core_of_four() {
    // M/M/1-PS at half speed, though three and a half cores idle.
    let draft = lasting(400_000.0, 30.0)
        .machine("box", "cores: 4")
        .service("app", "cpu: (limit: 0.5), operations: { \"serve\": [Cpu(\"exp(10ms)\")] }")
        .poisson(30.0, "app.serve");
    let (sim, seen) = simulate(&draft, 401);
    agree("throttled", seen.mean(), 0.02 / (1.0 - 0.6), 0.02);
    let used = |name: &str| {
        let resource = sim.resources().find(|resource| resource.name == name).expect("a resource of that name");
        resource.busy_seconds / resource.capacity_seconds
    };
    near("quota", used("app/0.quota"), 0.6, 0.02);
    near("machine", used("box/0.cpu"), 0.3 / 4.0, 0.02);
}

#[test]
fn a_limit_contains_a_noisy_neighbour() {
    let together = |limit: &str| {
        let draft = lasting(50_000.0, 50.0)
            .service("quiet", "operations: { \"serve\": [Cpu(\"exp(5ms)\")] }")
            .service("noise", &format!("{limit}operations: {{ \"serve\": [Cpu(\"100ms\")] }}"))
            .poisson(50.0, "quiet.serve")
            .source("batch", "Closed(population: Constant(20), journey: [Call(\"noise.serve\")])");
        Estimate::mean(&latencies(&simulate(&draft, 402).1, 0)).value
    };
    let (free, limited) = (together(""), together("cpu: (limit: 0.4), "));
    // At least 0.6 of the core is the quiet one's: no worse than M/M/1-PS there.
    let bound = 0.005 / 0.6 / (1.0 - 50.0 * 0.005 / 0.6);
    assert!(limited <= bound * 1.02, "{limited} s, at most {bound} s");
    assert!(free > 5.0 * limited, "{free} s without a limit, {limited} s with it");
}

#[test]
fn what_has_no_room_is_pending_and_placed_when_a_machine_comes() {
    let draft = Draft::new(60.0)
        .machine("web", "memory: \"2GiB\", cores: 4, boot: \"5s\"")
        .machine("small", "memory: \"16GiB\", cores: 1")
        .service(
            "app",
            "on: [\"web\"], instances: Count(5), memory: (idle: \"100MiB\", limit: \"1GiB\"), operations: { \"get\": [Cpu(\"1ms\")] }",
        )
        .service("api", "on: [\"small\"], instances: Count(3), cpu: (limit: 0.4), operations: { \"get\": [Cpu(\"1ms\")] }")
        .poisson(10.0, "app.get")
        .source("others", "Open(rate: Constant(\"10/s\"), call: \"api.get\")")
        .rule("At(\"10s\", AddMachines(\"web\", 1))")
        .rule("At(\"20s\", Resize(machine: \"small\", cores: 2))")
        .rule("At(\"30s\", Set(\"services.app.instances\", Count(3)))")
        .rule("At(\"40s\", RemoveMachines(\"web\", 1))");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let serving = |sim: &Simulation, service: u32| {
        sim.instances().filter(|state| state.service.number() == service && state.up).count()
    };
    for (until, app, api) in [
        (1, (2, 3), (2, 1)),
        (14, (2, 3), (2, 1)),
        (16, (4, 1), (2, 1)),
        (21, (4, 1), (3, 0)),
        (31, (3, 0), (3, 0)),
        (41, (2, 1), (3, 0)),
    ] {
        let mut watch = Watch::default();
        assert_eq!(sim.advance(Time(until * 1_000_000_000), u64::MAX, &mut watch), Advance::Reached);
        assert_eq!((serving(&sim, 0) as u32, sim.pending(ServiceId::new(0))), app, "app at {until} s");
        assert_eq!((serving(&sim, 1) as u32, sim.pending(ServiceId::new(1))), api, "api at {until} s");
    }
}

#[test]
fn pending_instances_are_told() {
    let text = Draft::new(30.0)
        .machine("web", "memory: \"2GiB\"")
        .service(
            "app",
            "on: [\"web\"], instances: Count(3), memory: (limit: \"1GiB\"), operations: { \"get\": [Cpu(\"1ms\")] }",
        )
        .poisson(10.0, "app.get")
        .rule("At(\"10s\", AddMachines(\"web\", 1))")
        .text();
    let results =
        surgelab::study::run(&crate::support::run::loaded(&text), &surgelab::study::RunOptions::default(), &mut |_| {})
            .expect("it runs");
    let story: Vec<&str> = results.story.iter().map(|event| event.text.as_str()).collect();
    assert!(story.contains(&"1 of 3 instances of app is pending: no machine has room"), "{story:#?}");
    assert!(story.iter().any(|text| text.starts_with("every instance of app has its place after")), "{story:#?}");
    let row = results.resources.iter().find(|row| row.id == "app.instances").expect("a row for the instances");
    assert_eq!((row.kind.name(), row.capacity, row.waiting_max), ("instances", 3.0, 1.0));
}

#[test]
fn credits_run_out_at_the_exact_second() {
    // One core earns 0.2 and spends 1: ten core-seconds last 12.5 s. After that it is a fifth of a core.
    let draft = Draft::new(22.5)
        .machine("box", "burst: (baseline: \"20%\", credits: \"10s\")")
        .service("app", "operations: { \"get\": [Cpu(\"100ms\")] }")
        .source("crowd", "Closed(population: Constant(1), journey: [Call(\"app.get\")])");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let mut watch = Watch::default();
    let cores =
        |sim: &Simulation| sim.resources().find(|resource| resource.name == "box/0.cpu").expect("a CPU").capacity;
    sim.advance(Time(12_499_999_999), u64::MAX, &mut watch);
    assert_eq!((cores(&sim), watch.ended.len()), (1.0, 124));
    sim.advance(Time(12_500_000_000), u64::MAX, &mut watch);
    assert!((cores(&sim) - 0.2).abs() < 1e-5, "{}", cores(&sim));
    finish(&mut sim, &mut watch);
    near("requests", watch.ended.len() as f64, 125.0 + 10.0 * 0.2 / 0.1, 0.01);
}

#[test]
fn credits_are_earned_while_the_machine_idles_and_kept_up_to_the_most() {
    // 100 s idle earn 20 core-seconds, of which 8 are kept: they last 10 s.
    let draft = Draft::new(130.0)
        .machine("box", "burst: (baseline: \"20%\", credits: \"1s\", most: \"8s\")")
        .service("app", "operations: { \"get\": [Cpu(\"100ms\")] }")
        .source(
            "crowd",
            "Closed(population: Stages(start: 0, stages: [(\"100s\", 0), (\"0s\", 1)]), journey: [Call(\"app.get\")])",
        );
    let (_, watch) = simulate(&draft, 1);
    near("requests", watch.ended.len() as f64, 100.0 + 20.0 * 2.0, 0.02);
}

#[test]
fn the_story_blames_the_limit_and_not_the_idle_machine() {
    let text = Draft::new(120.0)
        .machine("box", "cores: 4")
        .service(
            "app",
            "cpu: (limit: 0.5), workers: 20, backlog: (limit: 10), operations: { \"serve\": [Cpu(\"exp(10ms)\")] }",
        )
        .source(
            "crowd",
            "Open(rate: Ramp(from: \"10/s\", to: \"80/s\", at: \"20s\", over: \"20s\"), call: \"app.serve\")",
        )
        .text();
    let loaded = crate::support::run::loaded(&text);
    let results = surgelab::study::run(&loaded, &surgelab::study::RunOptions::default(), &mut |_| {}).expect("it runs");
    let told = |subject: &str| {
        results.story.iter().find(|event| event.subject == subject && event.event.name() == "saturated")
    };
    assert!(told("app.quota").is_some_and(|event| event.because.is_empty()), "{:#?}", results.story);
    assert_eq!(
        told("app.workers").and_then(|event| event.because.words()).as_deref(),
        Some("app.quota"),
        "{:#?}",
        results.story
    );
    assert!(told("app.cpu").is_none(), "the machine idles: {:#?}", results.story);
    let row = results.napkin.iter().find(|row| row.resource == "app.quota").expect("the napkin knows the limit");
    assert!((row.saturates_at.expect("it saturates") - 5.0).abs() < 0.01, "{row:?}");
}
