//! What operators and controllers do, and what it does to those who are served.

use crate::support::{Draft, Watch, compile, simulate};
use surgelab::engine::{Cause, Observation, Observer, Simulation};
use surgelab::measure::{Options, Results, record};
use surgelab::model::ServiceId;
use surgelab::scenario::Reason;
use surgelab::units::Time;

const SECOND: i64 = 1_000_000_000;

fn results(draft: &Draft) -> Results {
    record(compile(&draft.text()), &Options { seed: 1, ..Options::default() }, &mut |_| {})
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
    assert!((60.0..=90.0).contains(&first.at_s) && first.event.name() == "rule", "{first:?}");
    assert!(first.text.contains("app.cpu at ") && first.text.contains("has 2, adds "), "{}", first.text);
    // The metric cannot pass 100 %: of two machines it wants four at most, and after those come up again more.
    assert!(
        told.iter().any(|told| told.event.name() == "skipped" && told.text.contains("cooling down until 2:15")),
        "{told:?}"
    );
    let machines = |results: &Results| {
        results.resources.iter().filter(|row| row.id.starts_with("web/") && row.kind.name() == "cpu").count()
    };
    assert_eq!(machines(&slow), 6, "330/s × 10 ms at 55 % are six: {told:?}");
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
    let told: Vec<&str> =
        results.story.iter().filter(|told| told.subject == "web").map(|told| told.text.as_str()).collect();
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
    let machines =
        results.resources.iter().filter(|row| row.id.starts_with("workers/") && row.kind.name() == "cpu").count();
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
    assert_eq!(up.iter().filter(|&&up| up == 3).count(), 80, "each of the four is away for exactly 20 s: {up:?}");
    assert!(watch.ended.iter().all(|request| request.succeeded()), "nothing is lost");
    let results = results(&draft);
    let done = results.story.iter().find(|told| told.text.starts_with("app is deployed after ")).expect("it is told");
    assert!((90.0..=92.0).contains(&done.at_s), "{done:?}");
}

/// Counts processes that went down and why.
#[derive(Default)]
struct Downs(Vec<(f64, Cause)>);

impl Observer for Downs {
    fn observe(&mut self, now: Time, what: &Observation) {
        if let Observation::InstanceDown { cause, .. } = what {
            self.0.push((now.as_seconds(), *cause));
        }
    }
}

/// One instance that is called each second: a call is on its way for 100 ms and in work for 300 ms.
fn one(access: &str, rules: &[&str]) -> Downs {
    let draft = Draft::new(20.0)
        .machine("web", "cores: 2")
        .service("app", "on: [\"web\"], reload: \"500ms\", operations: { \"get\": [Delay(\"300ms\")] }")
        .source(
            "crowd",
            &format!("Open(rate: Constant(\"1/s\"), gaps: \"1\", call: \"app.get\", access: (latency: \"100ms\", cancel: Queued){access})"),
        );
    let draft = rules.iter().fold(draft, |draft, rule| draft.rule(rule));
    let mut downs = Downs::default();
    Simulation::new(compile(&draft.text()), 1).advance(Time(20 * SECOND), u64::MAX, &mut downs);
    downs
}

#[test]
fn a_drain_ends_with_the_last_call_on_its_way() {
    let deploy = "At(\"5050ms\", Deploy(target: \"app\", takes: \"2s\"))";
    let ends = |access: &str, rules: &[&str]| {
        let Downs(downs) = one(access, rules);
        assert_eq!(downs.len(), 1, "told once: {downs:?}");
        (downs[0].0, downs[0].1)
    };
    let near = |(at, cause): (f64, Cause), expected: f64, why: Cause| {
        assert!((at - expected).abs() < 1e-9 && cause == why, "{at} by {cause:?}, not {expected} by {why:?}");
    };
    near(ends("", &[deploy]), 5.4, Cause::Deploy);
    // Its caller gives it up on the way.
    near(ends(", patience: \"70ms\"", &[deploy]), 5.07, Cause::Deploy);
    // It is turned away at the door.
    near(ends("", &["At(\"4900ms\", Reload(\"app\"))", deploy]), 5.1, Cause::Deploy);
    // Nobody waits so long.
    near(ends("", &["At(\"5050ms\", Deploy(target: \"app\", takes: \"2s\", drain: \"20ms\"))"]), 5.07, Cause::Deploy);
    // It dies before the drain is over.
    near(
        ends("", &[deploy, "At(\"5200ms\", Resize(machine: \"web\", cores: 3, takes: \"1s\", outage: \"1s\"))"]),
        5.2,
        Cause::Resize,
    );
}

#[test]
fn those_who_leave_serve_what_is_on_its_way() {
    for rule in [
        "RemoveMachines(\"web\", 3)",
        "Move(service: \"app\", to: [\"other\"])",
        "Deploy(target: \"app\", at_once: 3, takes: \"1s\")",
    ] {
        let draft = Draft::new(30.0)
            .machine("web", "count: 4")
            .machine("other", "")
            .service("app", "on: [\"web\"], operations: { \"get\": [Delay(\"100us\")] }")
            .poisson_with(200.0, "app.get", "access: (latency: \"exp(50ms)\")")
            .rule(&format!("At(\"10s\", {rule})"));
        let watch = simulate(&draft, 1).1;
        assert_eq!(
            watch.ended.iter().filter(|request| !request.succeeded()).count(),
            0,
            "{rule}: ten calls were on their way"
        );
    }
}

#[test]
fn a_deploy_of_all_at_once_is_an_outage_and_one_without_patience_fails_what_it_cuts_off() {
    let all = simulate(&four("At(\"10s\", Deploy(target: \"app\", at_once: 4, takes: \"20s\"))"), 1).1;
    let inside = |watch: &Watch| {
        watch.ended.iter().filter(|r| !r.succeeded()).all(|r| (9.9..30.2).contains(&r.started.as_seconds()))
    };
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

#[test]
fn operators_change_the_number_of_instances() {
    let draft = Draft::new(60.0)
        .machine("web", "memory: \"2GiB\"")
        .service(
            "app",
            "on: [\"web\"], instances: Count(1), memory: (limit: \"1GiB\"), operations: { \"get\": [Delay(\"1ms\")] }",
        )
        .poisson(10.0, "app.get")
        .rule("At(\"10s\", AddInstances(\"app\", 3))")
        .rule("At(\"20s\", RemoveInstances(\"app\", 1))")
        .rule("At(\"30s\", RemoveInstances(\"app\", 2))")
        .rule("At(\"40s\", RemoveInstances(\"app\", 9))")
        .rule("At(\"50s\", RemoveInstances(\"app\", 1))");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    for (until, up, pending) in [(1, 1, 0), (11, 2, 2), (21, 2, 1), (31, 1, 0), (41, 0, 0)] {
        sim.advance(Time(until * SECOND), u64::MAX, &mut Watch::default());
        let serving = sim.instances().filter(|instance| instance.up).count();
        assert_eq!((serving, sim.pending(ServiceId::new(0))), (up, pending), "at {until} s");
    }
    let story: Vec<String> = results(&draft).story.iter().map(|event| event.text.clone()).collect();
    let told = |text: &str| assert!(story.iter().any(|line| line == text), "{text}: {story:#?}");
    told("add 3 × app");
    told("2 of 4 instances of app are pending: no machine has room");
    told("remove 1 × app: nothing to do");
}

#[test]
fn an_autoscaler_scales_instances_and_counts_those_that_find_no_room() {
    let draft = |machines: u32| {
        Draft::new(300.0)
            .machine("web", &format!("count: {machines}, memory: \"2GiB\""))
            .service("app", "on: [\"web\"], instances: Count(2), workers: 10, backlog: (limit: 0), memory: (limit: \"1GiB\"), operations: { \"get\": [Delay(\"exp(100ms)\")] }")
            .poisson(300.0, "app.get")
            .rule("Autoscale(of: \"app\", metric: \"app.workers\", target: \"55%\", every: \"20s\", most: 20)")
    };
    let counts = |machines: u32| {
        let results = results(&draft(machines));
        let told: Vec<String> = results
            .story
            .iter()
            .filter(|told| told.text.starts_with("autoscaler"))
            .map(|told| told.text.clone())
            .collect();
        (up_each_second(&draft(machines), 300).0.into_iter().max().expect("samples"), told)
    };
    // Thirty workers of ten at 55 % are 5.5 instances; two that are full ask for four first.
    let (most, told) = counts(4);
    assert_eq!(most, 6, "{told:?}");
    assert!(
        told.len() == 2
            && told[0].ends_with("wants 4, has 2, adds 2 × app")
            && told[1].ends_with("wants 6, has 4, adds 2 × app"),
        "{told:?}"
    );
    // Where only two have room it asks for what two full ones need, once.
    let draft_small = draft(1);
    let mut sim = Simulation::new(compile(&draft_small.text()), 1);
    sim.advance(Time(299 * SECOND), u64::MAX, &mut Watch::default());
    assert_eq!((sim.instances().filter(|instance| instance.up).count(), sim.pending(ServiceId::new(0))), (2, 2));
}

#[test]
fn a_cache_is_flushed_by_its_name() {
    let draft = Draft::new(60.0)
        .key("item", "Uniform(n: 100)")
        .service("app", "links: { \"cache\": (), \"db\": () }, operations: { \"get\": [Cached(\"cache\", \"item\", [], [Call(\"db.read\")])] }")
        .service("cache", "kind: Cache()")
        .service("db", "operations: { \"read\": [Delay(\"1ms\")] }")
        .poisson(50.0, "app.get");
    let reads = |draft: &Draft| results(draft).operations["db.read"].traffic.offered;
    let (warm, cold) = (reads(&draft), reads(&draft.clone().rule("At(\"40s\", Flush(\"cache\"))")));
    assert!((95..=100).contains(&warm) && (190..=200).contains(&cold), "{warm}, then {cold}");
}

#[test]
fn the_dead_go_before_those_who_serve() {
    let draft = |rules: [&str; 2]| {
        let draft = Draft::new(30.0).machine("web", "count: 3").machine("box", "count: 3");
        let draft = draft
            .service("app", "on: [\"web\"], operations: { \"get\": [Delay(\"1ms\")] }")
            .service("job", "on: [\"box\"], instances: Count(3), operations: { \"run\": [Delay(\"1ms\")] }");
        rules.iter().fold(
            draft.poisson(50.0, "app.get").source("jobs", "Open(rate: Constant(\"50/s\"), call: \"job.run\")"),
            |draft, rule| draft.rule(rule),
        )
    };
    for rules in [
        ["At(\"10s\", Crash(\"web/0\"))", "At(\"20s\", RemoveMachines(\"web\", 1))"],
        ["At(\"10s\", Crash(\"job/0\"))", "At(\"20s\", RemoveInstances(\"job\", 1))"],
    ] {
        let (up, _) = up_each_second(&draft(rules), 25);
        assert_eq!((up[5], up[15], up[24]), (6, 5, 5), "{rules:?}");
    }
}
