//! Disks and networks.

use super::lasting;
use crate::support::estimate::near;
use crate::support::{Draft, agree, simulate};
use surgelab::engine::Simulation;

#[test]
fn a_disk_serves_one_operation_after_another() {
    // M/D/1 at 70 % of 100 operations a second, and batches of operations: M/G/1 (Pollaczek and Khinchine).
    for (at, (count, mean, cv, per_second)) in
        [("1", 1.0, 0.0, 70.0), ("geometric(4)", 4.0, 0.75f64.sqrt(), 15.0)].into_iter().enumerate()
    {
        let draft = lasting(400_000.0, per_second)
            .machine("box", "cores: 8, iops: \"100/s\"")
            .service("db", &format!("operations: {{ \"serve\": [Disk(\"{count}\")] }}"))
            .poisson(per_second, "db.serve");
        let (_, seen) = simulate(&draft, 300 + at as u64);
        let waiting = surgelab::napkin::formulas::mg1_waiting(per_second, mean / 100.0, cv).expect("it is stable");
        agree(&format!("disk, {count} operations"), seen.mean(), mean / 100.0 + waiting, 0.02);
    }
}

/// Mean level of a resource over the whole run.
fn mean_level(sim: &Simulation, name: &str) -> f64 {
    let resource = sim.resources().find(|resource| resource.name == name).expect("a resource of that name");
    resource.busy_seconds / (sim.now().0 - -sim.model().warm_up.0) as f64 * 1e9
}

/// A page of 100 kB to users who read 100 kB/s, behind a balancer.
fn slow_clients(workers: &str, buffers: bool) -> Draft {
    lasting(40_000.0, 20.0)
        .service("app", &format!("{workers}operations: {{ \"page\": [Cpu(\"5ms\"), Send(\"100kB\")] }}"))
        .service(
            "proxy",
            &format!("on: [], max_connections: 100000, kind: Balancer(to: \"app\", buffers: {buffers}), links: {{ \"app\": () }}"),
        )
        .poisson_with(20.0, "proxy.page", "access: (bandwidth: \"100kB/s\")")
}

#[test]
fn a_slow_reader_holds_what_the_operation_holds_unless_a_proxy_buffers() {
    // By Little's law λ S workers, the reading second in S or not.
    for (buffers, held) in [(false, 20.0 * (1.0 + 0.005 / 0.9)), (true, 20.0 * 0.005 / 0.9)] {
        let (sim, seen) = simulate(&slow_clients("workers: 1000, ", buffers), 310);
        near(&format!("workers held, buffering {buffers}"), mean_level(&sim, "app/0.workers"), held, 0.03);
        near("connections at the proxy", mean_level(&sim, "proxy/0.connections"), 20.0 * (1.0 + 0.005 / 0.9), 0.03);
        near("latency", seen.mean().value, 1.0 + 0.005 / 0.9, 0.01);
    }
    let (_, seen) = simulate(&slow_clients("workers: 10, backlog: (limit: 0), ", false), 311);
    assert!(
        seen.ended.iter().filter(|request| !request.succeeded()).count() > seen.ended.len() / 3,
        "slow readers exhaust the workers"
    );
    let (_, seen) = simulate(&slow_clients("workers: 10, backlog: (limit: 0), ", true), 311);
    assert!(seen.ended.iter().all(|request| request.succeeded()), "the proxy keeps them away");
}

#[test]
fn a_network_carries_so_many_pages() {
    // 100 Mbit/s of pages of 100 kB: 125 a second, whoever asks for more.
    let draft = Draft::new(400.0)
        .warm_up(20.0)
        .machine("box", "cores: 8, network: \"100Mbit/s\"")
        .service("app", "operations: { \"page\": [Send(\"100kB\")] }")
        .source("crowd", "Closed(population: Constant(50), journey: [Call(\"app.page\")])");
    let (_, seen) = simulate(&draft, 312);
    near("pages per second", seen.ended.len() as f64 / 400.0, 125.0, 0.005);
}

#[test]
fn bodies_come_from_homes_through_the_ingress_and_from_services_through_their_egress() {
    let body = |buffers: &str, bandwidth: &str| {
        Draft::new(100.0)
            .machine("box", "cores: 8, network: \"80Mbit/s\"")
            .machine("store", "cores: 8")
            .service("files", "on: [\"store\"], operations: { \"put\": [Receive(\"1MB\"), Cpu(\"10ms\")] }")
            .service(
                "app",
                &format!(
                    "links: {{ \"files\": ({bandwidth}) }}, workers: 1, operations: {{ \"put\": [Receive(\"1MB\"), Call(\"files.put\")] }}"
                ),
            )
            .service("proxy", &format!("on: [], kind: Balancer(to: \"app\", buffers: {buffers}), links: {{ \"app\": () }}"))
            .source("crowd", "Closed(population: Constant(1), journey: [Call(\"proxy.put\")], access: (upload: \"1MB/s\"))")
    };
    // 1 s from home, 0.1 s from app to files at 10 MB/s, 10 ms of work; a slower link takes as long as it takes.
    for (buffers, bandwidth, latency, held) in
        [("false", "", 1.11, 1.11), ("true", "", 1.11, 0.11), ("false", "bandwidth: \"2MB/s\"", 1.51, 1.51)]
    {
        let (sim, seen) = simulate(&body(buffers, bandwidth), 313);
        let mean = seen.ended.iter().map(|request| request.latency()).sum::<f64>() / seen.ended.len() as f64;
        near("upload", mean, latency, 1e-6);
        near("worker", mean_level(&sim, "app/0.workers"), held / latency, 1e-3);
    }
}

#[test]
fn the_story_blames_slow_readers_and_not_the_network() {
    let text = slow_clients("workers: 10, backlog: (limit: 5), ", false).text();
    let loaded = crate::support::run::loaded(&text);
    let results = surgelab::study::run(&loaded, &surgelab::study::RunOptions::default(), &mut |_| {}).expect("it runs");
    let told = results.story.iter().find(|event| event.subject == "app.workers").expect("the workers run out");
    assert_eq!(told.because.words().as_deref(), Some("slow readers of app"), "{}", told.text);
}

#[test]
fn a_rule_may_watch_a_disk() {
    for subject in ["db", "box"] {
        let watched = |per_second: f64| {
            let draft = Draft::new(60.0)
                .machine("box", "iops: \"100/s\"")
                .service("db", "operations: { \"serve\": [Disk(\"1\")] }")
                .poisson(per_second, "db.serve")
                .rule(&format!(
                    "When(condition: \"{subject}.disk > 80%\", window: \"5s\", then: AddMachines(\"box\", 1))"
                ));
            simulate(&draft, 314).0.machines().count()
        };
        assert_eq!((watched(40.0), watched(120.0)), (1, 2), "{subject}.disk");
    }
}
