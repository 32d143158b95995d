//! How it ended, and who only passed it on: an end because nobody comes is no recovery, and what fails on is said.

use super::{find, near, play, told};
use crate::support::Draft;
use surgelab::measure::Results;
use surgelab::measure::results::StoryEvent;

/// All sentences of a kind about a subject.
fn all<'a>(results: &'a Results, kind: &str, subject: &str) -> Vec<&'a StoryEvent> {
    results.story.iter().filter(|event| event.event.name() == kind && event.subject == subject).collect()
}

/// A tier that is too small, behind a front that dies at 1:00 for a minute.
#[test]
fn what_nobody_asks_any_more_did_not_recover() {
    let draft = Draft::new(110.0)
        .machine("f", "cores: 4")
        .machine("m", "cores: 4")
        .machine("d", "cores: 1")
        .service("front", "on: [\"f\"], restart: \"60s\", links: { \"app\": () }, operations: { \"page\": [Cpu(\"1ms\"), Call(\"app.page\")] }")
        .service("app", "on: [\"m\"], workers: 20, backlog: (limit: 50), links: { \"db\": () }, operations: { \"page\": [Call(\"db.q\")] }")
        .service("db", "on: [\"d\"], operations: { \"q\": [Cpu(\"20ms\")] }")
        .source("u", "Open(rate: Stages(start: \"30/s\", stages: [(\"20s\", \"30/s\"), (\"0s\", \"80/s\")]), call: \"front.page\", patience: \"2s\")")
        .rule("At(\"60s\", Crash(\"front\"))");
    let results = play(&draft);
    find(&results, "refusing", "app");
    assert!(all(&results, "recovered", "app").is_empty(), "who stood in line proves nothing{}", told(&results));
    for resource in ["app.workers", "db.cpu"] {
        let text = &find(&results, "recovered", resource).text;
        assert!(text.contains(" has room again after ") && text.ends_with(", and nobody comes"), "{text}");
    }
}

/// Two in a hundred always fail; a third do for half a minute.
#[test]
fn what_fails_on_is_said_where_it_is_told_to_be_over() {
    let fails = |usual: &str| {
        let set =
            |at: u32, share: &str| format!("At(\"{at}s\", Set(\"services.app.operations.q.0\", Fail(\"{share}\")))");
        let draft = Draft::new(150.0)
            .service("app", &format!("operations: {{ \"q\": [Fail(\"{usual}\"), Cpu(\"1ms\")] }}"))
            .source("u", "Open(rate: Constant(\"50/s\"), call: \"app.q\")")
            .rule(&set(60, "35%"))
            .rule(&set(90, usual))
            .objective("u", "recovered within 1s");
        play(&draft)
    };
    let (some, none) = (fails("2%"), fails("0%"));
    let text = &find(&some, "recovered", "u").text;
    assert!(text.starts_with("u again with few failures after ") && text.ends_with(" since"), "{text}");
    let text = &find(&none, "recovered", "u").text;
    assert!(text.starts_with("u again without failures after "), "{text}");
    // What the objective of that name asks is another thing, and its word stands in no sentence.
    assert_eq!(some.objectives[0].observed, Some(0.0), "no outage");
    assert!(!some.story.iter().any(|event| event.text.contains("recovered")), "{}", told(&some));
}

/// Twice as many as a worker can do, behind an app that has room.
fn passed_on() -> Results {
    let draft = Draft::new(60.0)
        .machine("a", "cores: 4")
        .machine("b", "cores: 1")
        .service("app", "on: [\"a\"], links: { \"w\": () }, operations: { \"page\": [Cpu(\"1ms\"), Call(\"w.do\")] }")
        .service("w", "on: [\"b\"], workers: 2, backlog: (limit: 4), operations: { \"do\": [Cpu(\"20ms\")] }")
        .source("u", "Open(rate: Stages(start: \"20/s\", stages: [(\"20s\", \"20/s\"), (\"0s\", \"110/s\")]), call: \"app.page\")");
    play(&draft)
}

#[test]
fn who_passes_on_a_refusal_does_not_refuse() {
    let results = passed_on();
    assert!(find(&results, "refusing", "w").text.starts_with("w refuses "), "{}", told(&results));
    let text = &find(&results, "refusing", "app").text;
    assert!(text.starts_with("app passes on refusals: ") && text.contains("(backlog full at w)"), "{text}");
}

#[test]
fn goodput_that_does_not_fall_does_not_collapse() {
    let results = passed_on();
    let failing = all(&results, "failing", "u");
    assert_eq!(failing.len(), 1, "more than half fail, of five times as many{}", told(&results));
    assert!(!failing[0].text.contains("collapses"), "{}", failing[0].text);
}

#[test]
fn the_table_and_the_story_begin_at_the_same_time_where_causes_were_moved() {
    let results = passed_on();
    for row in &results.groups {
        let said = results
            .story
            .iter()
            .find(|event| event.event.name() == "saturated" && event.subject == row.all.id.as_str());
        assert_eq!(row.all.saturated_at_s, said.map(|event| event.at_s), "{}{}", row.all.id, told(&results));
    }
}

/// A worker whose machine slows down, with room for all that come.
#[test]
fn nobody_waits_for_a_core_that_is_slow() {
    let draft = Draft::new(90.0)
        .machine("a", "cores: 4")
        .machine("b", "cores: 64")
        .service("app", "on: [\"a\"], workers: 20, backlog: (limit: 20), links: { \"w\": () }, operations: { \"page\": [Cpu(\"1ms\"), Call(\"w.do\")] }")
        .service("w", "on: [\"b\"], operations: { \"do\": [Cpu(\"20ms\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"app.page\")")
        .rule("At(\"30s\", Slow(target: \"b\", factor: 0.05, lasting: \"30s\"))");
    let results = play(&draft);
    let text = &find(&results, "saturated", "app.workers").text;
    assert!(text.contains("wait for the slower w.cpu"), "{text}");
}

/// Two targets that are full in turn, as their checks find them.
#[test]
fn what_refuses_in_turns_has_its_cause_in_the_story() {
    let draft = Draft::new(90.0)
        .machine("l", "cores: 2")
        .machine("a", "count: 2, cores: 1")
        .service("lb", "on: [\"l\"], kind: Balancer(to: \"app\"), links: { \"app\": (health: (every: \"1s\", timeout: \"500ms\", fall: 1, rise: 1)) }")
        .service("app", "on: [\"a\"], workers: 4, backlog: (limit: 20), operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("u", "Open(rate: Stages(start: \"100/s\", stages: [(\"20s\", \"100/s\"), (\"0s\", \"300/s\")]), call: \"lb.get\", patience: \"1s\")");
    let results = play(&draft);
    for (kind, subject) in [("refusing", "app"), ("refusing", "lb"), ("failing", "u")] {
        let event = find(&results, kind, subject);
        assert!(!event.causes.is_empty(), "{subject}{}", told(&results));
    }
    near(find(&results, "saturated", "app.workers").at_s, 20.5, 1.0, &results);
}

/// One crowd fails at a breaker, another is answered by its fallback: because of the same core.
#[test]
fn who_fails_and_who_is_degraded_by_one_act_lose_by_one_root() {
    let breaker = "timeout: \"300ms\", breaker: (failures: \"50%\", open: \"5s\")";
    let draft = Draft::new(90.0)
        .machine("a", "cores: 8")
        .machine("p", "cores: 4")
        .service("shop", &format!("on: [\"a\"], workers: 100, links: {{ \"pay\": ({breaker}) }}, operations: {{ \"buy\": [Try([Call(\"pay.charge\")], [Delay(\"1ms\")])], \"must\": [Call(\"pay.charge\")] }}"))
        .service("pay", "on: [\"p\"], workers: 40, operations: { \"charge\": [Cpu(\"20ms\")] }")
        .source("v", "Open(rate: Constant(\"100/s\"), call: \"shop.buy\", patience: \"2s\")")
        .source("w", "Open(rate: Constant(\"20/s\"), call: \"shop.must\", patience: \"2s\")")
        .rule("At(\"30s\", Slow(target: \"p\", factor: 0.05, lasting: \"30s\"))");
    let results = play(&draft);
    let roots = surgelab::measure::harm::roots(&results);
    let names: Vec<_> = roots.iter().map(|root| root.subject.as_ref().map(|subject| subject.as_str())).collect();
    assert_eq!(names, [Some("pay.cpu")], "{}", told(&results));
    assert!(!find(&results, "degraded", "v").causes.is_empty(), "{}", told(&results));
}

/// Refused at first; later whoever was taken in runs out of time.
#[test]
fn the_reasons_of_the_whole_stand_beside_the_count_of_the_whole() {
    let set = "At(\"40s\", Set(\"services.app.backlog\", (limit: 100000)))";
    let draft = Draft::new(100.0)
        .service("app", "workers: 1, backlog: (limit: 5), operations: { \"q\": [Cpu(\"20ms\")] }")
        .source("u", "Open(rate: Stages(start: \"20/s\", stages: [(\"30s\", \"20/s\"), (\"0s\", \"100/s\")]), call: \"app.q\", patience: \"1s\")")
        .rule(set);
    let results = play(&draft);
    let text = &find(&results, "failing", "u").text;
    let (first, whole) = text.split_once("; by the end ").unwrap_or_else(|| panic!("{}", told(&results)));
    assert!(first.contains("refused)") && whole.contains("timed out"), "{text}");
}

/// One in a hundred fails by itself, at a core that is busy now and then.
#[test]
fn an_error_is_nobodys_who_was_busy_then() {
    let draft = Draft::new(300.0)
        .machine("m", "cores: 1")
        .service("app", "on: [\"m\"], operations: { \"q\": [Cpu(\"exp(9ms)\"), Fail(\"1%\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"app.q\")");
    let results = play(&draft);
    assert!(results.losses.iter().map(|loss| loss.failed).sum::<u64>() > 200);
    assert!(results.losses.iter().all(|loss| loss.root.is_none()), "{:?}", results.losses);
}

/// A primary that is asked for more than it can do, among replicas with room: its places fill, then its door.
#[test]
fn refusals_have_their_cause_before_the_full_door_is_found_by_its_mean() {
    let draft = Draft::new(420.0)
        .machine("a", "cores: 4")
        .machine("d", "count: 3, cores: 2")
        .service("app", "on: [\"a\"], links: { \"db\": () }, operations: { \"read\": [Call(\"db.select\")], \"write\": [Call(\"db.insert\")] }")
        .service("db", "on: [\"d\"], kind: Database(replicas: 2, lag: \"200ms\", apply: \"1ms\", reads: [\"select\"]), workers: 20, operations: { \"select\": [Cpu(\"exp(5ms)\")], \"insert\": [Cpu(\"exp(10ms)\")] }")
        .source("r", "Open(rate: Constant(\"300/s\"), call: \"app.read\")")
        .source("w", "Open(rate: Stages(start: \"60/s\", stages: [(\"60s\", \"60/s\"), (\"300s\", \"250/s\")]), call: \"app.write\", patience: \"2s\")");
    let results = play(&draft);
    let door = find(&results, "saturated", "db.connections");
    for (kind, subject) in [("refusing", "db"), ("failing", "w")] {
        let event = find(&results, kind, subject);
        assert!(door.at_s <= event.at_s && !event.causes.is_empty(), "{subject}{}", told(&results));
    }
}
