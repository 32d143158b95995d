//! What happens and used to go untold: who is taken out and put back, what is held back, sent again, dropped, scaled up
//! and down.

use super::{find, near, play, told};
use crate::support::Draft;
use surgelab::engine::{Observation, Observer, Simulation};
use surgelab::units::Time;

#[test]
fn a_target_that_health_checks_take_out_is_told_with_why_and_what_the_others_get() {
    let draft = Draft::new(180.0)
        .warm_up(10.0)
        .machine("m", "count: 3, cores: 1")
        .service("lb", "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (health: (every: \"5s\", timeout: \"1s\", fall: 2, rise: 2)) }")
        .service("app", "on: [\"m\"], workers: 10, backlog: (limit: 100), operations: { \"q\": [Cpu(\"exp(10ms)\")] }")
        .source("u", "Open(rate: Constant(\"220/s\"), call: \"lb.q\", patience: \"5s\")")
        .rule("At(\"30s\", Slow(target: \"m/0\", factor: 0.01, lasting: \"1min\"))");
    let results = play(&draft);
    let out = find(&results, "unhealthy", "app/0");
    // Two checks in a row, five seconds apart, each fails after a second.
    assert!((36.0..42.0).contains(&out.at_s), "{}", told(&results));
    assert!(out.text.starts_with("lb takes app/0 out: 2 health checks in a row failed (2 of 3 left"), "{}", out.text);
    let rates: Vec<f64> = out.text.split(['(', ' ', '/']).filter_map(|word| word.parse().ok()).collect();
    let about = |rate: &f64, expected: f64| (rate / expected - 1.0).abs() < 0.1;
    assert!(rates.iter().any(|rate| about(rate, 110.0)), "each gets 110/s instead of 73/s: {}", out.text);
    assert!(rates.iter().any(|rate| about(rate, 73.3)), "before it was slowed down: {}", out.text);
    assert_eq!(out.because.words().as_deref(), Some("app.cpu"), "{}", told(&results));
    let back = find(&results, "healthy", "app/0");
    assert!((90.0..130.0).contains(&back.at_s) && back.text.starts_with("lb sends to app/0 again after "), "{back:?}");
    let full = find(&results, "saturated", "app.cpu");
    near(full.at_s, 30.0, 0.2, &results);
    assert!(full.at_s >= 30.0, "not before it was slowed down{}", told(&results));
}

/// Two targets that are asked for half more than they can do: the checks wait behind the calls, a target is taken out,
/// empties in a second and comes back.
#[test]
fn targets_that_come_and_go_within_seconds_are_told_in_one_sentence_with_why() {
    let draft = Draft::new(60.0)
        .machine("m", "count: 2, cores: 4")
        .service("lb", "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (health: (every: \"1s\", timeout: \"100ms\", fall: 1, rise: 1)) }")
        .service("app", "on: [\"m\"], workers: 4, backlog: (limit: 8), operations: { \"q\": [Delay(\"exp(100ms)\")] }")
        .source("u", "Open(rate: Constant(\"120/s\"), call: \"lb.q\", patience: \"2s\")");
    let results = play(&draft);
    let out: Vec<_> = results.story.iter().filter(|event| event.event.name() == "unhealthy").collect();
    let short = out.iter().find(|event| event.text.contains(" times in "));
    let short = short.unwrap_or_else(|| panic!("{}", told(&results)));
    assert!(short.text.contains(": a health check failed"), "{}", short.text);
    assert!(short.text.contains("2 targets out") && short.text.contains("puts them back"), "{}", short.text);
    assert_eq!(short.because.words().as_deref(), Some("app.workers"), "{}", told(&results));
    assert!(out.len() < 5, "{}", told(&results));
}

#[test]
fn a_target_whose_calls_fail_is_told_when_it_is_ejected() {
    let draft = Draft::new(60.0)
        .machine("m", "count: 3, cores: 1")
        .service(
            "lb",
            "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (eject: (failures: 5, lasting: \"10s\")) }",
        )
        .service("app", "on: [\"m\"], operations: { \"q\": [Cpu(\"exp(1ms)\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"lb.q\", patience: \"5s\")")
        .rule("At(\"10s\", Crash(\"app/1\"))");
    let results = play(&draft);
    let out = find(&results, "unhealthy", "app/1");
    near(out.at_s, 10.2, 0.3, &results);
    assert!(out.text.contains("5 calls in a row failed"), "{}", out.text);
    assert_eq!(out.because.words().as_deref(), Some("app"), "{}", told(&results));
}

/// Breakers that are open, and the most that ever were.
#[derive(Default)]
struct Open {
    now: std::collections::BTreeSet<u32>,
    most: usize,
}

impl Observer for Open {
    fn observe(&mut self, _: Time, what: &Observation) {
        if let Observation::BreakerChanged { caller_instance: Some(caller), open, .. } = *what {
            if open {
                self.now.insert(caller.number());
            } else {
                self.now.remove(&caller.number());
            }
            self.most = self.most.max(self.now.len());
        }
    }
}

#[test]
fn breakers_are_counted_as_they_are_open() {
    let mut some = 0;
    for lasting in [600, 900, 1_200] {
        let draft = Draft::new(60.0)
            .machine("web", "count: 4, cores: 1")
            .machine("back", "cores: 4")
            .service("app", "on: [\"web\"], links: { \"db\": (timeout: \"100ms\", breaker: (calls: 20, window: \"1s\", open: \"2s\")) }, operations: { \"get\": [Cpu(\"1ms\"), Call(\"db.q\")] }")
            .service("db", "on: [\"back\"], operations: { \"q\": [Cpu(\"1ms\")] }")
            .source("users", "Open(rate: Constant(\"60/s\"), call: \"app.get\", access: (balance: Random))")
            .rule(&format!("At(\"20s\", Slow(target: \"db\", factor: 0.001, lasting: \"{lasting}ms\"))"));
        let mut open = Open::default();
        let mut sim = Simulation::new(crate::support::compile(&draft.text()), 0);
        crate::support::finish(&mut sim, &mut open);
        let results = play(&draft);
        let told = results.story.iter().find(|event| event.event.name() == "opened").map(|event| event.text.as_str());
        let expected = format!("the breaker of app for db opens at {} of 4 instances: calls fail at once", open.most);
        assert_eq!(told, (open.most > 0).then_some(expected.as_str()), "{}", super::told(&results));
        some += u32::from((1..4).contains(&open.most));
    }
    assert!(some > 0, "none of these has some of its breakers open");
}

#[test]
fn calls_that_a_rate_limit_holds_back_are_told() {
    let draft = Draft::new(60.0)
        .service("app", "operations: { \"get\": [Cpu(\"1ms\")] }")
        .source("users", "Open(rate: Stages(start: \"20/s\", stages: [(\"20s\", \"20/s\"), (\"0s\", \"200/s\"), (\"10s\", \"200/s\"), (\"0s\", \"20/s\")]), call: \"app.get\", access: (rate_limit: (rate: \"100/s\", burst: 10)))");
    let results = play(&draft);
    let held = find(&results, "throttled", "users.rate_limit(app)");
    near(held.at_s, 20.1, 0.2, &results);
    assert!(held.text.contains(" of ") && held.text.contains("in the first"), "{}", held.text);
    near(find(&results, "recovered", "users.rate_limit(app)").at_s, 30.0, 0.1, &results);
    let users = find(&results, "failing", "users");
    assert_eq!(users.because.words().as_deref(), Some("users.rate_limit(app)"), "{}", told(&results));
}

#[test]
fn calls_that_meet_a_full_door_in_silence_are_told() {
    let draft = Draft::new(30.0)
        .service("app", "workers: 1, backlog: (limit: 20, overflow: Drop), operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("users", "Open(rate: Constant(\"6/min\"), gaps: \"1\", batch: \"100\", call: \"app.get\")");
    let results = play(&draft);
    let silent = find(&results, "retransmitting", "app");
    near(silent.at_s, 10.0, 0.001, &results);
    assert_eq!(silent.because.words().as_deref(), Some("app.workers"), "{}", told(&results));
}

#[test]
fn a_store_that_begins_to_make_room_is_told_once() {
    let draft = Draft::new(60.0)
        .key("item", "Uniform(n: 1000)")
        .service("app", "stores: { \"items\": (capacity: 100) }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Cpu(\"1ms\")])] }")
        .source("users", "Open(rate: Stages(start: \"0/s\", stages: [(\"10s\", \"0/s\"), (\"0s\", \"50/s\")]), call: \"app.get\")");
    let results = play(&draft);
    let full = find(&results, "evicting", "app.items");
    near(full.at_s, 12.0, 1.5, &results);
    assert_eq!(results.story.iter().filter(|event| event.event.name() == "evicting").count(), 1, "{}", told(&results));
}

#[test]
fn autoscalers_that_undo_each_other_are_told() {
    let rule = |metric: &str, target: &str| {
        format!("Autoscale(of: \"web\", metric: \"{metric}\", target: \"{target}\", every: \"10s\", most: 10)")
    };
    let draft = Draft::new(120.0)
        .machine("web", "count: 4, cores: 1")
        .service("app", "on: [\"web\"], operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("users", "Open(rate: Constant(\"100/s\"), call: \"app.get\")");
    let alone = play(&draft.clone().rule(&rule("app.cpu", "50%")));
    let quarrel = |results: &surgelab::measure::Results| {
        results
            .story
            .iter()
            .filter(|event| event.text.starts_with("two autoscalers of web pull against each other"))
            .count()
    };
    assert_eq!(quarrel(&alone), 0, "{}", told(&alone));
    let both = play(&draft.rule(&rule("app.cpu", "50%")).rule(&rule("users.rate", "20/s")));
    assert_eq!(quarrel(&both), 1, "{}", told(&both));
}

#[test]
fn what_computes_nowhere_cannot_be_slowed_down() {
    let draft = Draft::new(60.0)
        .service("ext", "on: [], kind: External, operations: { \"charge\": [Delay(\"50ms\")] }")
        .source("users", "Open(rate: Constant(\"1/s\"), call: \"ext.charge\")")
        .rule("At(\"30s\", Slow(target: \"ext\", factor: 0.1, lasting: \"1min\"))");
    let problems = surgelab::scenario::load("proof.ron", &draft.text()).expect_err("it has no speed");
    assert!(problems.iter().any(|problem| problem.message == "`ext` runs on no machine of ours"), "{problems:?}");
}
