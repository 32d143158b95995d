//! A row, a condition and a controller are over the instances and machines that host it at the time.

use super::{group, resource, results};
use crate::support::Draft;
use crate::support::estimate::near;
use surgelab::measure::results::Store;
use surgelab::measure::story::StoryKind;

/// 150/s × 10 ms on as many instances, on machines of one core.
fn app(instances: u32) -> Draft {
    Draft::new(300.0)
        .machine("node", "count: 12, cores: 1")
        .service(
            "app",
            &format!("on: [\"node\"], instances: Count({instances}), operations: {{ \"get\": [Cpu(\"exp(10ms)\")] }}"),
        )
        .poisson(150.0, "app.get")
}

fn fires(draft: &Draft) -> bool {
    results(draft).story.iter().any(|event| event.event == StoryKind::Rule && event.text.contains("crowd"))
}

#[test]
fn a_condition_reads_the_machines_that_host_the_service_now() {
    let rule = |bound: u32| {
        format!("When(condition: \"app.cpu > {bound}%\", window: \"20s\", then: ScaleTraffic(\"crowd\", 1.0))")
    };
    // 15 %, 37.5 % and 75 % of what hosts it; 12.5 % of the group.
    for (instances, low, high) in [(10, 12, 18), (4, 33, 43), (2, 68, 83)] {
        assert!(fires(&app(instances).rule(&rule(low))), "{instances} instances, above {low} %");
        assert!(!fires(&app(instances).rule(&rule(high))), "{instances} instances, above {high} %");
    }
    let of_all = |bound: u32| {
        format!("When(condition: \"node.cpu > {bound}%\", window: \"20s\", then: ScaleTraffic(\"crowd\", 1.0))")
    };
    assert!(fires(&app(2).rule(&of_all(10))) && !fires(&app(2).rule(&of_all(16))));
}

#[test]
fn instances_that_left_take_their_machines_with_them() {
    let leaves = app(10).rule("At(\"60s\", RemoveInstances(\"app\", 7))");
    let rule = |bound: u32| {
        format!("When(condition: \"app.cpu > {bound}%\", window: \"20s\", then: ScaleTraffic(\"crowd\", 1.0))")
    };
    assert!(fires(&leaves.clone().rule(&rule(40))), "three of them: 50 %");
    assert!(!fires(&leaves.clone().rule(&rule(60))));
    let cpu = results(&leaves);
    // One minute of ten, four of three: 1.5 of (10 + 4 × 3) / 5 = 4.4 cores.
    near("busy", group(&cpu, "app.cpu").all.utilization_mean, 1.5 / 4.4, 0.02);
    near("cores", group(&cpu, "app.cpu").all.capacity, 4.4, 0.01);
}

#[test]
fn a_controller_keeps_what_serves_at_its_target() {
    for (from, leave) in [(3, 0), (10, 7)] {
        let scaler =
            "Autoscale(of: \"app\", metric: \"app.cpu\", target: \"50%\", every: \"15s\", window: \"30s\", most: 12)";
        let mut draft = app(from);
        if leave > 0 {
            draft = draft.rule(&format!("At(\"1s\", RemoveInstances(\"app\", {leave}))"));
        }
        let results = results(&draft.rule(scaler));
        let crowd = &results.traffic["crowd"];
        assert!(crowd.in_flight < 30, "{} in flight", crowd.in_flight);
        near("busy", group(&results, "app.cpu").all.utilization_mean, 0.5, 0.1);
    }
}

#[test]
fn an_objective_on_a_service_is_over_its_hosts_and_one_on_a_group_over_all_machines() {
    let draft = app(3)
        .service("other", "on: [\"node\"], instances: Count(1), operations: { \"get\": [Cpu(\"1ms\")] }")
        .objective("app.cpu", "utilization < 90%\", \"waiting < 900")
        .objective("node.cpu", "utilization < 90%");
    let results = results(&draft);
    let seen = |at: usize| results.objectives[at].observed.expect("observed");
    near("of its hosts", seen(0), 0.5, 0.03);
    near("of the group", seen(2), 1.5 / 12.0, 0.03);
}

#[test]
fn a_group_and_its_worst_member_are_told_apart() {
    let ten = |balance: &str| {
        Draft::new(300.0)
            .machine("m", "count: 10, cores: 4")
            .service("lb", &format!("on: [], kind: Balancer(to: \"s\"), links: {{ \"s\": (balance: {balance}) }}"))
            .service("s", "on: [\"m\"], workers: 1, operations: { \"q\": [Delay(\"10ms\")] }")
            .poisson(200.0, "lb.q")
    };
    let results = results(&ten("FirstOfLeast"));
    let workers = group(&results, "s.workers");
    near("group", workers.all.offered_load.expect("asked"), 0.2, 0.02);
    near("group, most", workers.all.offered_load_max.expect("asked"), 0.2, 0.1);
    // Who is first of the least busy has 2/3 of a worker's time: an M/G/1/1 of offered 2.
    near("worst", workers.worst.utilization_mean, 2.0 / 3.0, 0.02);
    assert!(workers.worst.offered_load > Some(0.6));
}

#[test]
fn the_mean_and_the_most_that_wait_are_of_the_same() {
    let draft = Draft::new(120.0)
        .machine("m", "count: 10, cores: 1")
        .service("s", "on: [\"m\"], workers: 1, backlog: (limit: 50), operations: { \"q\": [Cpu(\"10ms\")] }")
        .poisson(1200.0, "s.q");
    let results = results(&draft);
    let workers = group(&results, "s.workers");
    assert_eq!((workers.all.waiting_max, workers.worst.waiting_max), (500.0, 50.0));
    assert!(workers.all.waiting_mean > 450.0 && workers.worst.waiting_mean < 50.0, "{workers:?}");
}

#[test]
fn what_is_removed_or_made_smaller_is_in_use_of_nothing() {
    let removed = Draft::new(60.0)
        .machine("m", "count: 3")
        .service(
            "a",
            "links: { \"b\": (connections: Keep(50), balance: RoundRobin) }, operations: { \"op\": [Call(\"b.op\")] }",
        )
        .service("b", "on: [\"m\"], max_connections: 5, operations: { \"op\": [Cpu(\"20ms\")] }")
        .source("u", "Closed(population: Constant(5), journey: [Call(\"a.op\"), Delay(\"exp(500ms)\")])")
        .rule("At(\"3s\", RemoveMachines(\"m\", 2))");
    let removed = results(&removed);
    let beyond: f64 = removed.resources.iter().map(|row| row.beyond_s).sum();
    assert!(beyond > 1.0, "a connection to an instance that is gone stays in its caller's pool");
    assert!(group(&removed, "b.connections").all.offered_load < Some(1.0));
    let smaller = Draft::new(60.0)
        .service("app", "workers: 9, operations: { \"get\": [Delay(\"20s\")] }")
        .source("u", "Closed(population: Constant(9), journey: [Call(\"app.get\")])")
        .rule("At(\"5s\", Set(\"services.app.workers\", 1))");
    let smaller = results(&smaller);
    let workers = resource(&smaller, "app/0.workers");
    // Eight beyond the one until their work is done, from second 5 to 20.
    near("beyond", workers.beyond_s, 8.0 * 15.0, 1e-6);
    near("busy", workers.utilization_mean, 1.0, 1e-9);
    for row in removed.resources.iter().chain(&smaller.resources) {
        assert!(row.utilization_mean <= 1.0 && row.utilization_max <= 1.0, "{row:?}");
    }
}

#[test]
fn an_instances_own_limit_is_a_metric() {
    let pod = |rules: &[&str]| {
        let draft = Draft::new(300.0)
            .machine("node", "count: 4, cores: 4")
            .service("pod", "on: [\"node\"], instances: Count(2), cpu: (limit: 1), workers: 50, backlog: (limit: 50), operations: { \"q\": [Cpu(\"exp(10ms)\")] }")
            .poisson_with(100.0, "pod.q", "patience: \"5s\"");
        results(&rules.iter().fold(draft, |draft, rule| draft.rule(rule)))
    };
    // 100/s × 10 ms on two limits of one core; of the two nodes' eight cores it is 12.5 %.
    let rule = |name: &str, bound: u32| {
        format!("When(condition: \"pod.{name} > {bound}%\", window: \"30s\", then: ScaleTraffic(\"crowd\", 1.0))")
    };
    let acts = |name, bound| pod(&[&rule(name, bound)]).story.iter().any(|event| event.text.contains("crowd"));
    assert!(acts("quota", 45) && !acts("quota", 56));
    assert!(acts("cpu", 10) && !acts("cpu", 16));
    let scaled =
        pod(&["Autoscale(of: \"pod\", metric: \"pod.quota\", target: \"25%\", every: \"15s\", least: 2, most: 12)"]);
    near("quota", group(&scaled, "pod.quota").all.utilization_mean, 0.27, 0.1);
    let unlimited = Draft::new(9.0)
        .service("app", "operations: { \"get\": [Cpu(\"1ms\")] }")
        .rule("When(condition: \"app.quota > 50%\", then: ScaleTraffic(\"crowd\", 1.0))")
        .poisson(1.0, "app.get");
    let problems = surgelab::scenario::load("quota.ron", &unlimited.text()).expect_err("it has no limit");
    assert!(problems.iter().any(|problem| problem.message.contains("no limit of its own")), "{problems:#?}");
}

#[test]
fn a_store_shows_what_all_its_instances_hold_beside_what_all_of_them_can() {
    let draft = Draft::new(200.0)
        .key("item", "Uniform(n: 1000)")
        .machine("m", "count: 3")
        .service("app", "on: [\"m\"], stores: { \"near\": (capacity: 50) }, operations: { \"get\": [Cached(\"near\", \"item\", [], [Delay(\"1ms\")])] }")
        .poisson(100.0, "app.get");
    let results = results(&draft);
    let store = &results.stores[0];
    assert_eq!((store.capacity, store.capacity_all), (Some(50), Some(150.0)));
    assert!(store.entries_mean > 100.0 && store.entries_mean <= 150.0, "{store:?}");
    // What is down for a while still has its room.
    let down = super::results(&draft.rule("At(\"60s\", Crash(\"app\"))"));
    assert_eq!(down.stores[0].capacity_all, Some(150.0));
}

#[test]
fn a_store_that_leaves_with_its_instance_holds_nothing_any_more() {
    let draft = Draft::new(200.0)
        .key("item", "Uniform(n: 1000)")
        .machine("m", "cores: 4")
        .service("app", "on: [\"m\"], instances: Count(4), stores: { \"near\": (capacity: 50) }, operations: { \"get\": [Cached(\"near\", \"item\", [], [Delay(\"1ms\")])] }")
        .poisson(400.0, "app.get")
        .rule("At(\"100s\", RemoveInstances(\"app\", 3))");
    let store = &results(&draft).stores[0];
    // Four over the first half, one over the second.
    let all = |store: &Store| store.capacity_all.expect("it has a limit");
    near("room", all(store), 125.0, 0.001);
    assert!(store.entries_mean > 120.0 && store.entries_mean <= all(store), "{store:?}");
    let limited = results(&draft.rule("At(\"150s\", Set(\"services.app.stores.near.capacity\", 10))"));
    near("less room", all(&limited.stores[0]), 115.0, 0.001);
    assert!(limited.stores[0].entries_mean <= all(&limited.stores[0]), "{:?}", limited.stores[0]);
}

#[test]
fn machines_that_come_later_are_of_their_group_whatever_runs_there_by_now() {
    let draft = Draft::new(20.0)
        .machine("old", "cores: 1")
        .machine("new", "cores: 1")
        .service("app", "on: [\"old\"], operations: { \"get\": [Cpu(\"exp(4ms)\")] }")
        .source("crowd", "Open(rate: Constant(\"100/s\"), call: \"app.get\", batch: \"geometric(4)\")")
        .rule("At(\"0s\", Move(service: \"app\", to: [\"new\"]))")
        .rule("At(\"0s\", AddMachines(\"new\", 2))");
    let results = results(&draft);
    let cores = group(&results, "new.cpu");
    let members: Vec<_> = results.resources.iter().filter(|row| row.subject == "new.cpu").collect();
    assert_eq!((cores.members, members.len()), (3, 3));
    assert!(cores.all.waiting_max <= members.iter().map(|row| row.waiting_max).sum::<f64>(), "{cores:?}");
}

#[test]
fn what_was_there_for_less_than_a_look_was_asked_for() {
    let draft = Draft::new(20.0)
        .machine("box", "cores: 1")
        .service("app", "on: [\"box\"], threads: 2, operations: { \"get\": [Cpu(\"exp(4ms)\")] }")
        .poisson(100.0, "app.get")
        .rule("At(\"300ms\", Crash(\"app\"))");
    let results = results(&draft);
    let threads = group(&results, "app.threads");
    assert!(threads.all.utilization_mean > 0.05, "{threads:?}");
    assert_eq!(threads.all.offered_load, Some(threads.all.utilization_mean));
}

#[test]
fn a_limit_that_comes_later_has_a_row_from_then_on() {
    let draft = Draft::new(60.0)
        .machine("box", "cores: 4")
        .service("app", "operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("u", "Closed(population: Constant(8), journey: [Call(\"app.get\")], then: Continue)")
        .rule("At(\"20s\", Set(\"services.app.threads\", 2))")
        .rule("At(\"40s\", Set(\"services.app.workers\", 1))");
    let results = results(&draft);
    // Four of eight wait for a core, then six for a thread, then seven for the worker.
    let waited = |id: &str| resource(&results, id).waiting_s;
    near("cores", waited("box/0.cpu"), 4.0 * 20.0, 0.01);
    near("threads", waited("app/0.threads"), 6.0 * 20.0, 0.01);
    near("workers", waited("app/0.workers"), 7.0 * 20.0, 0.01);
    near("had", resource(&results, "app/0.workers").capacity_s, 20.0, 1e-9);
}

#[test]
fn what_ends_before_a_whole_window_is_judged_by_what_there_was() {
    let draft = |horizon_s: f64, per_s: f64| {
        Draft::new(horizon_s)
            .machine("box", "cores: 1")
            .service("app", "on: [\"box\"], operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
            .poisson(per_s, "app.get")
    };
    for horizon_s in [1.0, 4.5, 8.0] {
        let run = results(&draft(horizon_s, 300.0));
        let full = &group(&run, "app.cpu").all;
        assert!(full.saturated_at_s.is_some_and(|at| at < 0.2), "{full:?}");
        near("saturated for", full.saturated_for_s, horizon_s, 0.2);
    }
    let idle = results(&draft(4.5, 50.0));
    assert_eq!(group(&idle, "app.cpu").all.saturated_at_s, None);
}
