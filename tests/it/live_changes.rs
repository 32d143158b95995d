//! A running system changes: by hand and by the runbook the same, with rules that stay, go, come and come back.

use crate::support::ledger::Ledger;
use crate::support::{Draft, compile};
use proptest::prelude::*;
use std::sync::Arc;
use surgelab::engine::{Command, Simulation};
use surgelab::measure::{Options, Results, record};
use surgelab::model::{Action, Change, Model, RuleId, Trigger};
use surgelab::scenario::Edit;
use surgelab::units::Time;

const SECOND: i64 = 1_000_000_000;

/// A shop that operators can do anything to.
fn shop() -> Draft {
    Draft::new(60.0)
        .machine("web", "count: 2, cores: 2, memory: \"2GiB\", boot: \"2s\"")
        .machine("spare", "count: 1, cores: 2")
        .service("app", "on: [\"web\"], workers: 6, backlog: (limit: 20), restart: \"1s\", reload: \"2s\", links: { \"db\": () }, operations: { \"get\": [Cpu(\"exp(8ms)\"), Call(\"db.read\")] }")
        .service("db", "on: [\"spare\"], operations: { \"read\": [Cpu(\"exp(3ms)\")] }")
        .service("jobs", "on: [\"web\", \"spare\"], instances: Count(2), operations: { \"run\": [Cpu(\"exp(2ms)\")] }")
        .poisson(150.0, "app.get")
        .source("robots", "Open(rate: Constant(\"40/s\"), call: \"jobs.run\")")
        .variant("cache", "set: { \"services.cache\": (on: [\"spare\"], operations: { \"get\": [Cpu(\"0.1ms\")] }), \"services.app.links.cache\": (), \"services.app.operations.get\": [Cpu(\"exp(8ms)\"), Call(\"cache.get\")] }")
        .variant("tight", "set: { \"services.app.workers\": 2 }")
}

const ACTIONS: [&str; 14] = [
    "AddMachines(\"web\", 1)",
    "RemoveMachines(\"web\", 1)",
    "AddInstances(\"jobs\", 1)",
    "RemoveInstances(\"jobs\", 1)",
    "Resize(machine: \"spare\", cores: 4, takes: \"5s\", outage: \"2s\")",
    "Crash(\"app/0\")",
    "Slow(target: \"spare\", factor: 0.4, lasting: \"4s\")",
    "Restart(target: \"app\", stagger: \"500ms\")",
    "Reload(\"app\")",
    "Set(\"services.app.workers\", 3)",
    "Deploy(target: \"app\", takes: \"1s\")",
    "Partition(from: \"app\", to: \"db\", lasting: \"2s\")",
    "ScaleTraffic(\"crowd\", 2)",
    "Apply(\"cache\")",
];

/// The digest at every fifth second up to the end, with commands at their times.
fn digests(model: &Arc<Model>, commands: &[(Time, Action)]) -> Vec<u64> {
    let mut sim = Simulation::new(Arc::clone(model), 7);
    for (time, action) in commands {
        sim.submit_at(*time, Command::Act(action.clone()));
    }
    let mut ledger = Ledger::of(&sim);
    (0..=12)
        .map(|fifth| {
            sim.advance(Time(fifth * 5 * SECOND), u64::MAX, &mut ledger);
            ledger.audit(&sim);
            assert!(ledger.breaches.is_empty(), "{:#?}", ledger.breaches);
            sim.digest()
        })
        .collect()
}

/// What a rule does, in ids of the model without rules.
fn action(rule: &str) -> Action {
    let model = compile(&shop().rule(&format!("At(\"0s\", {rule})")).text());
    model.rules[RuleId::new(0)].action.clone()
}

#[test]
fn an_act_by_hand_and_by_the_runbook_at_the_same_time_is_one_run() {
    let plain = compile(&shop().text());
    let untouched = digests(&plain, &[]);
    for rule in ACTIONS {
        for at in [0, 17 * SECOND, 20 * SECOND + 1] {
            let scheduled = compile(&shop().rule(&format!("At(\"{at}ns\", {rule})")).text());
            let (by_file, by_hand) = (digests(&scheduled, &[]), digests(&plain, &[(Time(at), action(rule))]));
            assert_eq!(by_file, by_hand, "{rule} at {at} ns");
            assert_ne!(by_file, untouched, "{rule} does something");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn so_are_many_acts(acts in prop::collection::vec((0..ACTIONS.len(), 0..50i64), 1..7)) {
        // At one instant the file's order is the order of the hand.
        let mut draft = shop();
        for (which, at) in &acts {
            draft = draft.rule(&format!("At(\"{at}s\", {})", ACTIONS[*which]));
        }
        let commands: Vec<(Time, Action)> =
            acts.iter().map(|(which, at)| (Time(at * SECOND), action(ACTIONS[*which]))).collect();
        let plain = compile(&shop().text());
        prop_assert_eq!(digests(&compile(&draft.text()), &[]), digests(&plain, &commands));
    }
}

fn played(draft: &Draft) -> Results {
    record(compile(&draft.text()), &Options { seed: 1, ..Options::default() }, &mut |_| {})
}

fn told<'a>(results: &'a Results, part: &str) -> Vec<&'a str> {
    results.story.iter().filter(|told| told.text.contains(part)).map(|told| told.text.as_str()).collect()
}

#[test]
fn a_variant_put_in_by_the_runbook_is_told_and_acts() {
    let draft = shop().rule("At(\"20s\", Apply(\"cache\"))");
    let results = played(&draft);
    assert_eq!(told(&results, "the system becomes").len(), 1, "{:?}", results.story);
    let cache = &results.operations["cache.get"];
    let share = cache.traffic.offered as f64 / results.traffic["crowd"].offered as f64;
    assert!((0.6..0.72).contains(&share), "two thirds of the run had it: {share}");
}

#[test]
fn rules_keep_their_ids_when_others_come_before_them_or_go() {
    let rule = |at: u32, workers: u32| format!("At(\"{at}s\", Set(\"services.app.workers\", {workers}))");
    let draft = shop()
        .rule(&rule(30, 4))
        .rule(&rule(40, 5))
        .variant("other runbook", &format!("set: {{ \"runbook\": [{}, {}] }}", rule(10, 9), rule(40, 5)));
    let first = compile(&draft.text());
    let second = first.changed(&Change::Apply("other runbook".into())).unwrap();
    let retired: Vec<bool> = second.rules.iter().map(|rule| rule.retired).collect();
    assert_eq!(retired, [true, false, false], "the one at 30 s goes, the one at 40 s stays, the one at 10 s is new");
    assert!(matches!(second.rules[RuleId::new(2)].trigger, Trigger::At(at) if at.as_seconds() == 10.0));
    let back = second.changed(&Change::Edit(Edit::set("runbook", format!("[{}, {}]", rule(30, 4), rule(40, 5)))));
    let retired: Vec<bool> = back.unwrap().rules.iter().map(|rule| rule.retired).collect();
    assert_eq!(retired, [false, false, true], "what comes back has the id it had");
}

#[test]
fn a_rule_that_stays_fires_once_and_one_that_is_gone_does_not() {
    let when = "When(condition: \"crowd.rate > 10/s\", window: \"2s\", after: \"10s\", then: Set(\"services.app.workers\", 4))";
    let stays = shop().rule(when).rule("At(\"5s\", Apply(\"tight\"))");
    assert_eq!(told(&played(&stays), "workers = 4").len(), 1, "somebody was on the way and is still");
    let gone = shop()
        .rule(when)
        .rule("At(\"5s\", Apply(\"nobody awake\"))")
        .variant("nobody awake", "set: { \"runbook\": [] }");
    assert!(told(&played(&gone), "workers = 4").is_empty(), "who was on the way is no longer");
    let back = shop()
        .rule(when)
        .rule("At(\"5s\", Apply(\"nobody awake\"))")
        .rule("At(\"20s\", Apply(\"awake\"))")
        .variant("nobody awake", "set: { \"runbook\": [At(\"20s\", Apply(\"awake\"))] }")
        .variant("awake", &format!("set: {{ \"runbook\": [{when}] }}"));
    let results = played(&back);
    let at: Vec<f64> = results.story.iter().filter(|told| told.text.contains("workers = 4")).map(|t| t.at_s).collect();
    assert_eq!(at, [32.0], "it begins to look anew when it is back");
}

#[test]
fn a_resize_under_way_ends_although_its_rule_is_gone() {
    let draft = shop()
        .rule("At(\"5s\", Resize(machine: \"spare\", cores: 4, takes: \"10s\", outage: \"5s\"))")
        .rule("At(\"7s\", Set(\"runbook\", []))");
    let mut sim = Simulation::new(compile(&draft.text()), 1);
    let mut ledger = Ledger::of(&sim);
    let up = |sim: &Simulation| sim.instances().filter(|instance| instance.up).count();
    sim.advance(Time(9 * SECOND), u64::MAX, &mut ledger);
    let before = up(&sim);
    sim.advance(Time(11 * SECOND), u64::MAX, &mut ledger);
    assert!(up(&sim) < before, "its outage has begun");
    sim.advance(Time(30 * SECOND), u64::MAX, &mut ledger);
    assert_eq!(up(&sim), before, "and is over");
    ledger.audit(&sim);
    assert!(ledger.breaches.is_empty(), "{:#?}", ledger.breaches);
}

#[test]
fn a_variant_that_is_not_there_is_an_error_with_the_nearest_name() {
    let text = shop().rule("At(\"5s\", Apply(\"cahce\"))").text();
    let problems = surgelab::scenario::load("shop.ron", &text).unwrap_err();
    let told = surgelab::scenario::render(&problems, "shop.ron", &text, false);
    assert!(told.contains("unknown variant `cahce`") && told.contains("did you mean `cache`?"), "{told}");
}

#[test]
fn what_is_of_the_run_stays_when_the_system_changes() {
    let other = "set: { \"horizon\": \"7s\", \"warm_up\": \"2s\", \"title\": \"other\", \"seed\": 9, \"objectives\": {}, \"services.app.workers\": 4 }";
    let draft = shop().objective("crowd", "failed < 101%").variant("other", other);
    let began = compile(&draft.text());
    let changed = began.changed(&Change::Apply("other".into())).unwrap();
    assert_eq!((changed.horizon, changed.warm_up), (began.horizon, began.warm_up));
    assert_eq!((&changed.scenario.title, changed.objectives.len()), (&began.scenario.title, 1));
    let applied = played(&draft.rule("At(\"20s\", Apply(\"other\"))"));
    assert_eq!((applied.horizon_s, applied.objectives.len()), (began.horizon.as_seconds(), 1));
}

#[test]
fn changes_that_cannot_follow_each_other_say_why_the_run_ended() {
    let alone = "\"app\": (on: [\"web\"], operations: { \"get\": [Cpu(\"1ms\")] }), \"jobs\": (on: [\"web\"], operations: { \"run\": [Cpu(\"1ms\")] })";
    let draft = shop()
        .variant("alone", &format!("set: {{ \"services\": {{ {alone} }} }}"))
        .rule("At(\"10s\", Apply(\"alone\"))")
        .rule("At(\"20s\", Set(\"services.db.workers\", 3))");
    let stopped = played(&draft).stopped.expect("it cannot go on");
    assert_eq!(stopped.at_s, 10.0, "what is to come names what is gone");
    assert!(
        stopped.reason.contains("`apply alone` gave a wrong file at that time: unknown name `db`"),
        "{}",
        stopped.reason
    );
}
