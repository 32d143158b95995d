//! What operators and controllers do, and what it does to those who are served.

use crate::support::{Draft, Watch, compile, simulate};
use surgelab::engine::Simulation;
use surgelab::measure::{Options, Results, record};
use surgelab::scenario::Reason;
use surgelab::units::Time;

const SECOND: i64 = 1_000_000_000;

fn results(draft: &Draft) -> Results {
    record(compile(&draft.text()), &Options { seed: 1, variant: None }, &mut |_| {})
}

/// Instances that serve, second by second.
fn up_each_second(draft: &Draft, seconds: i64) -> (Vec<usize>, Watch) {
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let mut watch = Watch::default();
    let up = (1..=seconds)
        .map(|second| {
            sim.advance(Time(second * SECOND), u64::MAX, &mut watch);
            sim.instances().filter(|instance| instance.up).count()
        })
        .collect();
    (up, watch)
}

/// A crowd that triples after a minute in front of two machines that are busy half of the time.
fn surge(boot: &str, controller: &str) -> Draft {
    Draft::new(600.0)
        .machine("web", &format!("count: 2, cores: 1, boot: \"{boot}\""))
        .service("app", "on: [\"web\"], workers: 50, backlog: (limit: 100), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("crowd", "Open(rate: Stages(start: \"100/s\", stages: [(\"1min\", \"100/s\"), (\"0s\", \"330/s\")]), call: \"app.get\", access: (balance: LeastConnections))")
        .rule(controller)
}

#[test]
fn an_autoscaler_orders_what_it_lacks_and_waits_for_it_to_boot() {
    let controller = "Autoscale(of: \"web\", metric: \"app.cpu\", target: \"55%\", every: \"15s\", window: \"30s\", cooldown: \"1min\", least: 2, most: 20)";
    let slow = results(&surge("2min", controller));
    let told: Vec<_> = slow.story.iter().filter(|told| told.text.starts_with("autoscaler")).collect();
    let first = told.first().expect("it acts");
    assert!((60.0..=90.0).contains(&first.at_s) && first.event == "rule", "{first:?}");
    assert!(first.text.contains("app.cpu at ") && first.text.contains("has 2, adds "), "{}", first.text);
    // The metric cannot pass 100 %: of two machines it wants four at most, and after those come up again more.
    assert!(told.iter().any(|told| told.event == "skipped" && told.text.contains("cooling down until 0:0")), "{told:?}");
    let machines = |results: &Results| results.resources.iter().filter(|row| row.id.starts_with("web/") && row.kind == "cpu").count();
    assert!((6..=12).contains(&machines(&slow)), "330/s × 10 ms at 55 % are six, and some more for what piled up: {}", machines(&slow));
    let quick = results(&surge("5s", controller));
    let failed = |results: &Results| results.traffic["crowd"].failures();
    assert!(failed(&slow) > 3 * failed(&quick).max(1), "booting costs: {} against {}", failed(&slow), failed(&quick));
    let last = |results: &Results| *results.series.traffic["crowd"].goodput_per_s.last().expect("a series");
    assert!(last(&slow) > 280.0, "in the end it serves them: {}", last(&slow));
}

#[test]
fn an_autoscaler_takes_machines_away_and_says_when_it_may_not() {
    let draft = Draft::new(300.0)
        .machine("web", "count: 8, cores: 1")
        .service("app", "on: [\"web\"], operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(100.0, "app.get")
        .rule("Autoscale(of: \"web\", metric: \"app.cpu\", target: \"70%\", every: \"20s\", least: 3, most: 8)");
    let results = results(&draft);
    assert_eq!(results.traffic["crowd"].failures(), 0, "those that leave finish what they have");
    let told: Vec<&str> = results.story.iter().filter(|told| told.subject == "web").map(|told| told.text.as_str()).collect();
    assert!(told[0].contains("has 8, removes 5 × web"), "{told:?}");
    assert!(told[1].contains("has 3, as few as it may"), "{told:?}");
    assert_eq!(told.len(), 2, "it does not repeat itself: {told:?}");
}

#[test]
fn a_queue_can_have_its_consumers_scaled() {
    let draft = Draft::new(400.0)
        .machine("workers", "cores: 1")
        .service("jobs", "on: [], kind: Queue(to: \"worker\"), links: { \"worker\": (connections: Keep(64), balance: LeastConnections) }")
        .service("worker", "on: [\"workers\"], workers: 1, operations: { \"run\": [Delay(\"100ms\")] }")
        .poisson(50.0, "jobs.run")
        .rule("Autoscale(of: \"workers\", metric: \"jobs.queue\", target: \"100\", every: \"10s\", cooldown: \"10s\", most: 8)");
    let results = results(&draft);
    let machines = results.resources.iter().filter(|row| row.id.starts_with("workers/") && row.kind == "cpu").count();
    assert!(machines > 5, "50/s at 10/s each need more than five: {machines}");
    let waiting = results.messages["jobs.run"].in_flight;
    assert!(waiting < 1_000, "{waiting} wait, where one worker alone would leave 16,000");
}

/// Four instances that are asked for 100/s over a link of 5 ms.
fn four(rule: &str) -> Draft {
    Draft::new(200.0)
        .machine("web", "count: 4, cores: 2")
        .service("app", "on: [\"web\"], operations: { \"get\": [Cpu(\"1ms\"), Delay(\"exp(50ms)\")] }")
        .poisson_with(100.0, "app.get", "access: (latency: \"5ms\", connect_timeout: \"2s\")")
        .rule(rule)
}

#[test]
fn a_rolling_deploy_keeps_all_but_one_and_loses_nothing() {
    let draft = four("At(\"10s\", Deploy(target: \"app\", takes: \"20s\"))");
    let (up, watch) = up_each_second(&draft, 200);
    assert!(up.iter().all(|&up| up >= 3), "{up:?}");
    assert!((80..=84).contains(&up.iter().filter(|&&up| up == 3).count()), "each of the four is away for 20 s and its drain: {up:?}");
    assert!(watch.ended.iter().all(|request| request.succeeded()), "nothing is lost");
    let results = results(&draft);
    let done = results.story.iter().find(|told| told.text.starts_with("app is deployed after ")).expect("it is told");
    assert!((90.0..=92.0).contains(&done.at_s), "{done:?}");
}

#[test]
fn a_deploy_of_all_at_once_is_an_outage_and_one_without_patience_fails_what_it_cuts_off() {
    let all = simulate(&four("At(\"10s\", Deploy(target: \"app\", at_once: 4, takes: \"20s\"))"), 1).1;
    let inside = |watch: &Watch| watch.ended.iter().filter(|r| !r.succeeded()).all(|r| (9.9..30.2).contains(&r.started.as_seconds()));
    assert!(inside(&all) && all.goodput(11.0, 30.0) == 0.0, "nobody serves for 20 s");
    let cut = simulate(&four("At(\"10s\", Deploy(target: \"app\", takes: \"20s\", drain: \"0s\"))"), 1).1;
    let crashed = cut.failed(Reason::Crashed).value * cut.ended.len() as f64;
    assert!((1.0..40.0).contains(&crashed), "about 100/s × 55 ms are in work: {crashed} were cut off");
}

#[test]
fn a_partition_is_silence_both_ways() {
    for sides in ["from: \"app\", to: \"db\"", "from: \"data\", to: \"web\"", "from: \"db\", to: \"app\""] {
        let draft = Draft::new(60.0)
            .machine("web", "cores: 2")
            .machine("data", "cores: 2")
            .service("app", "on: [\"web\"], links: { \"db\": (connect_timeout: \"2s\") }, operations: { \"get\": [Call(\"db.read\")] }")
            .service("db", "on: [\"data\"], operations: { \"read\": [Delay(\"1s\")] }")
            .poisson(20.0, "app.get")
            .rule(&format!("At(\"20s\", Partition({sides}, lasting: \"10s\"))"));
        let seen = simulate(&draft, 1).1;
        for request in &seen.ended {
            let started = request.started.as_seconds();
            // Calls on their way out, and answers on their way back.
            let cut = (19.0..30.0).contains(&started);
            assert_eq!(request.succeeded(), !cut, "{sides}: {request:?}");
            if cut {
                let waited = request.latency() - if started < 20.0 { 1.0 } else { 0.0 };
                assert!((waited - 2.0).abs() < 1e-6, "silence until the system gives up: {request:?}");
            }
        }
        assert!(seen.failed(Reason::Unreachable).value > 0.1);
    }
}

#[test]
fn a_crowd_can_be_cut_off_from_a_service() {
    let seen = simulate(&four("At(\"50s\", Partition(from: \"crowd\", to: \"app\", lasting: \"50s\"))"), 1).1;
    assert_eq!(seen.goodput(50.1, 100.0), 0.0);
    assert!(seen.goodput(101.0, 190.0) > 90.0);
}

#[test]
fn a_move_changes_machines_and_drops_nobody() {
    let draft = four("At(\"50s\", Move(service: \"app\", to: [\"better\"]))").machine("better", "count: 2, cores: 4");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let mut watch = Watch::default();
    sim.advance(Time(200 * SECOND), u64::MAX, &mut watch);
    let homes: Vec<String> = sim
        .instances()
        .filter(|instance| instance.up)
        .filter_map(|instance| instance.machine)
        .map(|machine| sim.machine_name(machine))
        .collect();
    assert_eq!(homes, ["better/0", "better/1"]);
    assert!(watch.ended.iter().all(|request| request.succeeded()), "those in work are finished where they are");
}

#[test]
fn a_flush_makes_a_store_cold() {
    let draft = Draft::new(100.0)
        .key("item", "Uniform(n: 500)")
        .service("app", "stores: { \"items\": (), \"others\": () }, links: { \"db\": () }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Call(\"db.read\")])] }")
        .service("db", "operations: { \"read\": [Delay(\"1ms\")] }")
        .poisson(100.0, "app.get");
    let reads = |draft: &Draft| results(draft).operations["db.read"].traffic.offered;
    let (warm, cold) = (reads(&draft), reads(&draft.clone().rule("At(\"60s\", Flush(\"app.items\"))")));
    assert!(warm <= 501 && cold > 950, "{warm}, {cold}");
    assert_eq!(reads(&draft.clone().rule("At(\"60s\", Flush(\"app.others\"))")), warm, "the other store is another");
}
