//! What is full by chance is not told; what is asked for more than it can do is, whether or not it hurts.

use super::{find, near, play, told};
use crate::support::Draft;
use surgelab::report;

fn one_server(horizon: f64, work: &str, source: &str) -> Draft {
    Draft::new(horizon)
        .machine("m", "cores: 1")
        .service("app", &format!("on: [\"m\"], operations: {{ \"q\": [Cpu(\"exp({work})\")] }}"))
        .source("u", source)
}

const HUNDRED: &str = "Open(rate: Constant(\"100/s\"), call: \"app.q\")";

/// M/M/1 at ρ = 0.93: its line is a hundred long now and then, and ten seconds pass in which it never rests.
#[test]
fn a_long_line_by_chance_is_no_saturation() {
    let results = play(&one_server(1_800.0, "9.3ms", HUNDRED));
    assert!(results.story.is_empty(), "{}", told(&results));
    let row = results.groups.iter().find(|row| row.all.id == "app.cpu").expect("a row");
    assert!(row.all.utilization_max > 0.99 && row.all.waiting_max > 30.0, "it was long");
    assert_eq!((row.all.saturated_at_s, row.all.saturated_for_s), (None, 0.0));
    assert!(report::verdict(&results).starts_with("Nothing saturated and nothing failed"));
}

#[test]
fn a_little_more_than_it_can_do_is_told_though_it_hurts_nobody() {
    let results = play(&one_server(300.0, "11ms", HUNDRED));
    let full = find(&results, "saturated", "app.cpu");
    assert!(full.at_s < 20.0, "from when it filled{}", told(&results));
    let row = results.groups.iter().find(|row| row.all.id == "app.cpu").expect("a row");
    assert_eq!(row.all.saturated_at_s, Some(full.at_s));
}

/// A closed crowd asks for no more than it gets: ρ is 1, and half of it always waits.
#[test]
fn a_line_that_stays_is_told_though_no_more_is_asked() {
    let closed = "Closed(population: Constant(150), journey: [Call(\"app.q\"), Delay(\"exp(1s)\")])";
    let results = play(&one_server(300.0, "10ms", closed));
    let full = find(&results, "saturated", "app.cpu");
    near(full.at_s, 0.0, 2.0, &results);
    assert!(!results.story.iter().any(|event| event.event.name() == "recovered"), "{}", told(&results));
}

#[test]
fn a_surge_is_told_from_when_it_came() {
    let surge = "Open(rate: Stages(start: \"50/s\", stages: [(\"60s\", \"50/s\"), (\"0s\", \"150/s\"), (\"30s\", \"150/s\"), (\"0s\", \"50/s\")]), call: \"app.q\")";
    let results = play(&one_server(200.0, "10ms", surge));
    near(find(&results, "saturated", "app.cpu").at_s, 60.0, 2.0, &results);
    let over = find(&results, "recovered", "app.cpu");
    assert!(over.text.starts_with("app.cpu has room again after "), "{}", over.text);
    assert!(!over.text.contains("nobody"), "{}", over.text);
}
