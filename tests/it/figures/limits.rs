//! A target has at most so many calls from one end of a link, however it is chosen.

use crate::support::{Draft, compile, run::finish};
use std::collections::BTreeMap;
use surgelab::engine::{InstanceId, Observation, Observer, Simulation};

/// Calls in work at each instance, and the most there ever were.
#[derive(Default)]
struct Most {
    now: BTreeMap<InstanceId, u32>,
    most: BTreeMap<InstanceId, u32>,
    finished: u64,
}

impl Observer for Most {
    fn observe(&mut self, _: surgelab::units::Time, what: &Observation) {
        match *what {
            Observation::Admitted { instance, .. } => {
                let now = self.now.entry(instance).or_default();
                *now += 1;
                let most = self.most.entry(instance).or_default();
                *most = (*most).max(*now);
            }
            Observation::Finished { instance, .. } => {
                *self.now.entry(instance).or_default() -= 1;
                self.finished += 1;
            }
            _ => {}
        }
    }
}

/// People whose calls go to three instances over one link; one of them is slow for a while, later all are.
fn slow(kind: &str, link: &str) -> Draft {
    Draft::new(60.0)
        .key("device", "Uniform(n: 1000)")
        .machine("w", "count: 3, cores: 8")
        .service("c", &format!("on: [\"w\"], {kind}operations: {{ \"m\": [Cpu(\"10ms\")] }}"))
        .service("q", &format!("links: {{ \"c\": ({link}, target_limit: 5) }}, operations: {{ \"m\": [Call(\"c.m\")] }}"))
        .source("u", "Users(arrive: Stages(start: \"40/s\", stages: [(\"20s\", \"40/s\"), (\"0s\", \"0/s\")]), journey: [Call(\"q.m\"), Call(\"q.m\"), Call(\"q.m\")])")
        .rule("At(\"5s\", Slow(target: \"w/0\", factor: 0.01, lasting: \"5s\"))")
        .rule("At(\"14s\", Slow(target: \"w\", factor: 0.01, lasting: \"3s\"))")
}

/// Runs it to the end, when everybody has been served; says the most there were at each target at once.
fn most_at_targets(draft: &Draft) -> Vec<u32> {
    let mut sim = Simulation::new(compile(&draft.text()), 3);
    let mut most = Most::default();
    finish(&mut sim, &mut most);
    let text = draft.text();
    assert_eq!(sim.source(surgelab::model::SourceId::new(0)).in_flight, 0, "everybody is served: {text}");
    let slots: Vec<_> = sim.resources().filter(|row| row.kind.name() == "slots").collect();
    assert!(!slots.is_empty() && slots.iter().all(|row| row.beyond_seconds == 0.0), "{text}");
    let services: Vec<_> = sim.instances().map(|instance| instance.service).collect();
    let of_c = |i: &InstanceId| sim.model().services[services[i.index()]].name == "c";
    most.most.iter().filter(|(i, _)| of_c(i)).map(|(_, most)| *most).collect()
}

#[test]
fn a_targets_limit_holds_under_every_balance() {
    let balances = [
        "RoundRobin",
        "Random",
        "LeastConnections",
        "LeastOf(2)",
        "FirstOfLeast",
        "Weighted({\"w\": 2})",
        "SameMachine",
        "Hash(\"device\")",
        "Sticky",
    ];
    let plain = balances.map(|balance| ("", format!("balance: {balance}")));
    let kept = balances.map(|balance| ("", format!("balance: {balance}, connections: Keep(100)")));
    let sharded = [
        ("kind: Database(shard_by: \"device\"), ", "connections: Keep(100)".to_owned()),
        ("kind: Database(replicas: 2, lag: \"1ms\", reads: [\"m\"]), ", "balance: Random".to_owned()),
    ];
    for (kind, link) in plain.into_iter().chain(kept).chain(sharded) {
        let most = most_at_targets(&slow(kind, &link));
        assert_eq!(most.iter().max(), Some(&5), "{kind}{link}: {most:?}");
    }
}

#[test]
fn it_holds_when_those_who_may_be_called_change_while_others_wait() {
    for balance in ["RoundRobin", "Hash(\"device\")", "Sticky"] {
        for rule in
            ["RemoveMachines(\"w\", 1)", "AddMachines(\"w\", 2)", "Deploy(target: \"c\", at_once: 1, takes: \"1s\")"]
        {
            let checked = format!("balance: {balance}, health: (every: \"500ms\", fall: 1)");
            let draft = slow("", &checked).rule(&format!("At(\"7s\", {rule})"));
            let most = most_at_targets(&draft);
            assert_eq!(most.iter().max(), Some(&5), "{balance}, {rule}: {most:?}");
        }
    }
}

#[test]
fn who_waits_for_a_full_target_holds_up_nobody_else() {
    let draft = Draft::new(20.0)
        .key("device", "Uniform(n: 1000)")
        .machine("w", "count: 3, cores: 4")
        .service("c", "on: [\"w\"], operations: { \"m\": [Cpu(\"10ms\")] }")
        .service("q", "on: [], kind: Queue(to: \"c\"), links: { \"c\": (balance: Hash(\"device\"), target_limit: 5) }")
        .poisson(300.0, "q.m")
        .rule("At(\"5s\", Slow(target: \"w/0\", factor: 0.01, lasting: \"10s\"))");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let mut most = Most::default();
    let second = |s: i64| surgelab::units::Time(s * 1_000_000_000);
    sim.advance(second(6), u64::MAX, &mut most);
    let before = most.finished;
    sim.advance(second(14), u64::MAX, &mut most);
    // Two thirds of the messages are for others, and each message is also an operation of the broker.
    let rate = (most.finished - before) as f64 / 8.0;
    assert!(rate > 300.0 + 190.0, "{rate}/s");
    finish(&mut sim, &mut most);
    assert!(
        sim.resources().all(|row| row.kind.name() != "queue" || row.waiting == 0),
        "all of it is delivered in the end"
    );
}
