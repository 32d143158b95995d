//! What crowds lose: counted whole, told to the end, and laid at the door of whom it comes down to.

use super::{find, near, play, told};
use crate::support::Draft;
use surgelab::measure::Results;
use surgelab::{catalog, report, scenario, study};

/// The only number before a word.
fn number_before(text: &str, word: &str) -> f64 {
    let before = text.split_once(word).unwrap_or_else(|| panic!("no {word:?} in {text:?}")).0;
    let number = before.rsplit(' ').next().unwrap_or_default().replace(',', "");
    number.parse().unwrap_or_else(|_| panic!("{number:?} in {text:?}"))
}

/// What the series say of a span: all that ended, and the share that failed.
fn counted(results: &Results, source: &str, from: f64, to: f64) -> (f64, f64) {
    let series = &results.series.traffic[source];
    assert_eq!(results.series.every_s, 1.0, "a point a second");
    let sum = |line: &[f32]| line[from as usize..to as usize].iter().map(|rate| f64::from(*rate)).sum::<f64>();
    let failed = sum(&series.failed_per_s);
    (sum(&series.goodput_per_s) + failed, failed / (sum(&series.goodput_per_s) + failed))
}

/// Twice what one worker can do, from 30 s on, with little rests in which nothing fails.
fn overload(until: u32) -> Draft {
    Draft::new(120.0)
        .machine("m", "cores: 1")
        .service("app", "on: [\"m\"], workers: 1, backlog: (limit: 50), operations: { \"q\": [Cpu(\"10ms\")] }")
        .source("u", &format!("Open(rate: Stages(start: \"50/s\", stages: [(\"30s\", \"50/s\"), (\"0s\", \"200/s\"), (\"{until}s\", \"200/s\"), (\"0s\", \"50/s\")]), call: \"app.q\")"))
        .source("v", "Open(rate: Constant(\"0.5/s\"), call: \"app.q\")")
}

#[test]
fn what_recovered_was_counted_whole() {
    let results = play(&overload(40));
    let over = find(&results, "recovered", "u");
    let (all, share) = counted(&results, "u", 30.0, 71.0);
    assert!((number_before(&over.text, " failed") / all - 1.0).abs() < 0.02, "{all} {share}: {}", over.text);
    assert!((number_before(&over.text, " %") / 100.0 / share - 1.0).abs() < 0.02, "{share}: {}", over.text);
}

#[test]
fn what_goes_on_to_the_end_is_told_with_what_became_of_it() {
    let results = play(&overload(90));
    for (source, within) in [("u", 0.02), ("v", 0.2)] {
        let failing = find(&results, "failing", source);
        let (_, end) = failing.text.split_once("; by the end ").unwrap_or_else(|| panic!("{}", told(&results)));
        let (all, share) = counted(&results, source, failing.at_s, 120.0);
        assert!((number_before(end, " requests") / all - 1.0).abs() < within, "{all}: {}", failing.text);
        assert!((number_before(end, " %") / 100.0 / share - 1.0).abs() < within, "{share}: {}", failing.text);
    }
}

#[test]
fn few_requests_are_counted_over_the_span_that_is_named() {
    let results = play(&overload(90));
    let failing = find(&results, "failing", "v");
    let span = number_before(failing.text.split_once("in the first ").expect("it lasts").1, " s");
    let (all, _) = counted(&results, "v", failing.at_s, (failing.at_s + span).ceil());
    assert!((number_before(&failing.text, " requests") - all).abs() <= 2.0, "{all} in {span} s: {}", failing.text);
}

#[test]
fn answers_of_fallbacks_are_told_with_whom_they_stand_in_for() {
    let draft = Draft::new(120.0)
        .machine("m", "count: 2, cores: 2")
        .service("shop", "on: [\"m\"], links: { \"bank\": () }, operations: { \"pay\": [Try([Call(\"bank.charge\")], [Delay(\"1ms\")])] }")
        .service("bank", "on: [\"m\"], operations: { \"charge\": [Cpu(\"1ms\")] }")
        .source("buyers", "Open(rate: Constant(\"50/s\"), call: \"shop.pay\")")
        .rule("At(\"30s\", Crash(\"bank\"))");
    let results = play(&draft);
    let degraded = find(&results, "degraded", "buyers");
    near(degraded.at_s, 30.0, 0.1, &results);
    assert_eq!(degraded.because.words().as_deref(), Some("bank"), "{}", told(&results));
    let mut cause = degraded;
    while let Some(before) = cause.causes.first() {
        cause = &results.story[*before];
    }
    assert_eq!((cause.event.name(), cause.subject.as_str()), ("rule", "bank"), "{}", told(&results));
    let verdict = report::verdict(&results);
    assert!(verdict.starts_with("bank died 2 times: crash (last 0:30, at worst 0 of 2 up), at 0:30: "), "{verdict}");
}

/// What a cache spared a database that is too small without it; how the cache is lost.
fn spared(lost: &str) -> Results {
    let draft = Draft::new(120.0)
        .warm_up(60.0)
        .key("k", "Uniform(n: 1000)")
        .machine("m", "cores: 8")
        .machine("c", "cores: 1")
        .machine("d", "cores: 1")
        .service("app", "on: [\"m\"], workers: 200, backlog: (limit: 50), links: { \"db\": (connections: Keep(50)), \"cache\": () }, operations: { \"page\": [Cached(\"cache\", \"k\", [], [Call(\"db.read\")]), Cpu(\"1ms\")] }")
        .service("cache", "on: [\"c\"], kind: Cache(store: ()), operations: { \"get\": [Cpu(\"0.1ms\")], \"set\": [Cpu(\"0.1ms\")] }")
        .service("db", "on: [\"d\"], kind: Database(), operations: { \"read\": [Cpu(\"exp(10ms)\")] }")
        .source("v", "Open(rate: Constant(\"200/s\"), call: \"app.page\", patience: \"1s\")")
        .rule(&format!("At(\"60s\", {lost}(\"cache\"))"));
    play(&draft)
}

#[test]
fn a_lost_cache_is_the_cause_of_what_it_had_spared() {
    for lost in ["Crash", "Flush"] {
        let results = spared(lost);
        let full = find(&results, "saturated", "db.cpu");
        assert!(full.at_s >= 60.0, "not before it was lost{}", told(&results));
        assert_eq!(full.because.words().as_deref(), Some("cache"), "{lost}{}", told(&results));
        let mut cause = full;
        while let Some(before) = cause.causes.first() {
            cause = &results.story[*before];
        }
        assert_eq!((cause.event.name(), cause.subject.as_str()), ("rule", "cache"), "{lost}{}", told(&results));
        let verdict = report::verdict(&results);
        assert!(verdict.starts_with("cache "), "{verdict}");
    }
}

#[test]
fn an_instance_is_up_again_when_it_is() {
    let draft = Draft::new(90.0)
        .machine("m", "cores: 1")
        .service("app", "on: [\"m\"], restart: \"10s\", operations: { \"q\": [Cpu(\"1ms\")] }")
        .source("u", "Open(rate: Constant(\"50/s\"), call: \"app.q\")")
        .rule("At(\"30s\", Crash(\"app\"))");
    let results = play(&draft);
    let up = find(&results, "up", "app");
    near(up.at_s, 40.0, 1e-6, &results);
    assert!(up.text.ends_with("is up again after 10 s"), "{}", up.text);
}

/// A built-in scenario as it is.
fn known(name: &str) -> Results {
    let built_in = catalog::find(name).expect("a built-in scenario");
    let loaded = scenario::load(built_in.file, built_in.text).expect("it is sound");
    let options = study::RunOptions { seed: Some(1), variant: None };
    study::run(&loaded, &options, &mut |_| {}).expect("it runs")
}

#[test]
fn the_verdict_is_of_what_most_was_lost_because_of() {
    let results = known("black-friday");
    let verdict = report::verdict(&results);
    assert!(verdict.starts_with("It comes down to bank: "), "{verdict}");
    assert!(verdict.contains("were degraded. Besides, <0.01 % of visitors gave up"), "{verdict}");
    let late = results.story.iter().find(|event| event.at_s == 540.0).expect("the autoscaler acts at 9:00");
    assert!(late.text.contains("removes 1") && !late.text.contains("to come"), "the fourth is dead: {}", late.text);
    let opened = find(&results, "opened", "shop.breaker(bank)");
    let act = &results.story[opened.causes[0]];
    assert!(act.event.name() == "rule" && act.subject == "bank", "{}", told(&results));
}

#[test]
fn who_waits_for_a_full_core_is_no_cause_of_its_own() {
    let results = known("avocado");
    let threads = find(&results, "saturated", "node.threads");
    assert_eq!(threads.because.words().as_deref(), Some("front.cpu"), "{}", told(&results));
    assert!(!report::verdict(&results).contains("by itself"), "{}", report::verdict(&results));
}

/// What waits a few seconds to be told together with others is told when the run ends before that.
#[test]
fn what_breaks_in_the_last_seconds_is_told() {
    let draft = Draft::new(30.0)
        .machine("box", "cores: 1")
        .service(
            "app",
            "on: [\"box\"], workers: 8, backlog: (limit: 20), links: { \"db\": () }, operations: { \"get\": [Cpu(\"exp(5ms)\"), Call(\"db.get\")] }",
        )
        .service("db", "on: [\"box\"], operations: { \"get\": [Delay(\"1ms\")] }")
        .poisson(100.0, "app.get");
    let dead = play(&draft.clone().rule("At(\"27s\", Crash(\"db\"))"));
    assert!(find(&dead, "failing", "crowd").at_s >= 27.0);
    assert!(report::verdict(&dead).contains("db"), "{}", report::verdict(&dead));
    let full = play(&draft.rule("At(\"27s\", ScaleTraffic(\"crowd\", 9.0))"));
    assert!(find(&full, "saturated", "box.cpu").at_s >= 27.0);
    assert!(report::verdict(&full).contains("box.cpu broke first"), "{}", report::verdict(&full));
}

/// Two doors on one journey: the first turns some away from 20 s on, the second nearly all from 60 s on.
fn two_doors() -> Results {
    let draft = Draft::new(180.0)
        .machine("m", "count: 2, cores: 1")
        .service("login", "on: [\"m\"], workers: 1, backlog: (limit: 5), operations: { \"in\": [Delay(\"10ms\")] }")
        .service("shop", "on: [\"m\"], workers: 4, backlog: (limit: 5), operations: { \"buy\": [Delay(\"10ms\")] }")
        .source("people", "Users(arrive: Constant(\"40/s\"), journey: [Call(\"login.in\"), Call(\"shop.buy\"), Call(\"shop.buy\"), Call(\"shop.buy\")], patience: \"1s\")")
        .source("robots", "Open(rate: Constant(\"30/s\"), call: \"login.in\")")
        .rule("At(\"20s\", Set(\"traffic.robots.rate\", Constant(\"160/s\")))")
        .rule("At(\"60s\", Slow(target: \"shop\", factor: 0.01, lasting: \"2min\"))")
        .rule("At(\"60s\", Crash(\"shop\"))");
    play(&draft)
}

#[test]
fn what_is_lost_is_laid_at_the_door_of_whom_it_was_because_of_then() {
    let results = two_doors();
    let failed: u64 = results.traffic.values().map(|traffic| traffic.failed.values().sum::<u64>()).sum();
    let lost: u64 = results.losses.iter().map(|loss| loss.failed).sum();
    // Who began in the warm-up and who ended at the last instant.
    assert!(lost.abs_diff(failed) <= 20, "{lost} of {failed}");
    for loss in &results.losses {
        let door = if loss.operation == "shop.buy" { "shop" } else { "login.workers" };
        assert_eq!(loss.root.as_ref().map(|root| root.as_str()), Some(door), "{loss:?}{}", told(&results));
    }
    let of = |operation: &str| -> u64 {
        results.losses.iter().filter(|loss| loss.operation == operation).map(|loss| loss.failed).sum()
    };
    let sites = |source: &str| results.traffic[source].sessions.as_ref().map(|sessions| &sessions.steps);
    let steps = sites("people").expect("they make journeys");
    let shop: u64 = steps.iter().filter(|step| step.operation == "shop.buy").map(|step| step.failed).sum();
    assert!(of("shop.buy").abs_diff(shop) <= 20, "{} of {shop}", of("shop.buy"));
    assert!(results.story.iter().any(|event| event.subject == "shop" && event.lost >= of("shop.buy")));
}

#[test]
fn a_failure_that_deepens_is_told_and_counted_to_its_end() {
    // A fifth fails from 30 s on, nearly all from 60 s on, nobody from 90 s on.
    let draft = Draft::new(150.0)
        .machine("m", "cores: 1")
        .service("app", "on: [\"m\"], workers: 1, backlog: (limit: 5), operations: { \"q\": [Cpu(\"10ms\")] }")
        .source("u", "Open(rate: Stages(start: \"50/s\", stages: [(\"30s\", \"50/s\"), (\"0s\", \"125/s\"), (\"30s\", \"125/s\"), (\"0s\", \"1000/s\"), (\"30s\", \"1000/s\"), (\"0s\", \"50/s\")]), call: \"app.q\")");
    let results = play(&draft);
    let failing: Vec<_> = results.story.iter().filter(|event| event.event.name() == "failing").collect();
    let begun = failing.first().unwrap_or_else(|| panic!("{}", told(&results)));
    near(begun.at_s, 30.0, 3.0, &results);
    let (all, share) = counted(&results, "u", 30.0, 90.0);
    let whole = begun.text.split_once("; until 1:30, ").unwrap_or_else(|| panic!("{}", told(&results))).1;
    assert!((number_before(whole, " requests") / all - 1.0).abs() < 0.02, "{all}: {}", begun.text);
    assert!((number_before(whole, " %") / 100.0 / share - 1.0).abs() < 0.02, "{share}: {}", begun.text);
    // As many get through as ever: ten times as many come.
    let [_, deeper] = failing.as_slice() else { panic!("{}", told(&results)) };
    near(deeper.at_s, 60.0, 1.0, &results);
    assert!(deeper.text.starts_with("u: 90"), "{}", deeper.text);
}

#[test]
fn a_partition_is_to_blame_whenever_it_comes() {
    for at in [5, 10, 40] {
        let draft = Draft::new(60.0)
            .machine("m", "cores: 4")
            .machine("d", "cores: 4")
            .service("app", "on: [\"m\"], workers: 500, links: { \"db\": (timeout: \"500ms\") }, operations: { \"q\": [Call(\"db.read\")] }")
            .service("db", "on: [\"d\"], operations: { \"read\": [Cpu(\"1ms\")] }")
            .source("buyers", "Open(rate: Constant(\"50/s\"), call: \"app.q\")")
            .rule(&format!("At(\"{at}s\", Partition(from: \"app\", to: \"db\", lasting: \"10s\"))"));
        let results = play(&draft);
        let failing = find(&results, "failing", "buyers");
        assert_eq!(failing.because.words().as_deref(), Some("the network to db"), "{at}{}", told(&results));
        assert!(!failing.causes.is_empty(), "{at}{}", told(&results));
        let verdict = report::verdict(&results);
        assert!(verdict.starts_with("It comes down to the network to db: "), "{verdict}");
    }
}

#[test]
fn where_nobody_is_hurt_nothing_is_said_to_break() {
    let draft = Draft::new(60.0)
        .machine("m", "cores: 1")
        .service("app", "on: [\"m\"], workers: 1, operations: { \"q\": [Delay(\"11ms\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"app.q\")");
    let verdict = report::verdict(&play(&draft));
    assert!(verdict.starts_with("No request failed, though app.workers was full at "), "{verdict}");
}
