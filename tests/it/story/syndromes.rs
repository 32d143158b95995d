//! A collapse has a name only where its evidence is: each by a scenario that has it and by its nearest neighbours that
//! do not.

use super::{has, play, told};
use crate::support::Draft;
use surgelab::catalog;
use surgelab::measure::Results;
use surgelab::scenario::{Edit, load};
use surgelab::study::{self, RunOptions};

/// A built-in scenario in one of its variants, for so long.
fn known(name: &str, variant: Option<&str>, horizon: &str) -> Results {
    let built_in = catalog::find(name).expect("a built-in scenario");
    let loaded = load(built_in.file, built_in.text).expect("it is sound");
    let loaded =
        loaded.with(variant, &[Edit::set("horizon", horizon)]).unwrap_or_else(|problems| panic!("{problems:?}"));
    study::run(&loaded, &RunOptions { seed: Some(1), variant: None }, &mut |_| {}).expect("it runs")
}

const NAMES: [&str; 5] = ["retry_storm", "metastable", "stampede", "deadlock", "thundering_herd"];

/// Exactly these names are given.
#[track_caller]
fn named(results: &Results, names: &[&str]) {
    for name in NAMES {
        assert_eq!(has(results, name), names.contains(&name), "{name}, {:?}{}", results.scenario.title, told(results));
    }
}

#[test]
fn retries_that_make_an_overload_are_a_storm_and_what_stays_is_metastable() {
    let storm = known("retry-storm", None, "4min");
    named(&storm, &["retry_storm", "metastable"]);
    let text = |kind: &str| storm.story.iter().find(|event| event.event.name() == kind).map(|event| &event.text);
    assert!(text("retry_storm").is_some_and(|text| text.contains("retries raise its ρ")), "{}", told(&storm));
    assert!(text("metastable").is_some_and(|text| text.contains("retries keep it at 1.8")), "{}", told(&storm));
}

#[test]
fn an_outage_that_ends_with_its_cause_has_no_name() {
    named(&known("retry-storm", Some("a queue of 150"), "4min"), &[]);
    named(&known("mongo-capacity-drop", Some("4,200 a second"), "90s"), &[]);
}

#[test]
fn a_capacity_that_came_back_and_is_never_enough_again_is_metastable() {
    named(&known("mongo-capacity-drop", None, "110s"), &["retry_storm", "metastable"]);
}

#[test]
fn a_cache_that_never_fills_again_is_metastable_and_no_stampede() {
    named(&known("cache-flush", None, "8min"), &["metastable"]);
    named(&known("cache-flush", Some("read-through"), "8min"), &[]);
}

#[test]
fn many_who_fetch_one_entry_are_a_stampede() {
    named(&known("cache-stampede", None, "100s"), &["stampede"]);
    named(&known("cache-stampede", Some("single flight"), "100s"), &[]);
    named(&known("cache-stampede", Some("refreshed before it expires"), "100s"), &[]);
}

#[test]
fn those_who_come_back_at_once_and_fill_what_they_waited_for_are_a_herd() {
    let herd = known("thundering-herd-after-restart", None, "90s");
    assert!(has(&herd, "thundering_herd"), "{}", told(&herd));
    let jittered = known("thundering-herd-after-restart", Some("jittered"), "90s");
    named(&jittered, &[]);
}

/// Two services that hold a worker while they call each other; `timeout` of the call back.
fn circle(timeout: &str) -> Results {
    play(
        &Draft::new(120.0)
            .machine("m", "cores: 8")
            .service("a", "on: [\"m\"], workers: 10, links: { \"b\": () }, operations: { \"in\": [Cpu(\"exp(5ms)\"), Call(\"b.work\")], \"check\": [Cpu(\"1ms\")] }")
            .service("b", &format!("on: [\"m\"], workers: 10, links: {{ \"a\": ({timeout}) }}, operations: {{ \"work\": [Cpu(\"exp(5ms)\"), Call(\"a.check\")] }}"))
            .source("users", "Open(rate: Stages(start: \"50/s\", stages: [(\"30s\", \"50/s\"), (\"0s\", \"2000/s\"), (\"2s\", \"2000/s\"), (\"0s\", \"50/s\")]), call: \"a.in\", patience: \"1s\", access: (cancel: Queued))"),
    )
}

#[test]
fn services_that_wait_for_one_another_for_ever_are_deadlocked() {
    let locked = circle("");
    assert!(has(&locked, "deadlock"), "{}", told(&locked));
    let released = circle("timeout: \"50ms\"");
    assert!(!has(&released, "deadlock"), "{}", told(&released));
}

#[test]
fn a_surge_that_is_simply_too_large_has_no_name() {
    let draft = Draft::new(120.0)
        .warm_up(10.0)
        .service("app", "workers: 20, backlog: (limit: 50), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("users", "Open(rate: Stages(start: \"50/s\", stages: [(\"20s\", \"50/s\"), (\"0s\", \"400/s\")]), call: \"app.get\", patience: \"1s\", retry: (times: 2))");
    named(&play(&draft), &[]);
}
