//! When: begins and ends are those of the engine, to the millisecond, however short.

use super::{find, has, near, play, told};
use crate::support::Draft;

/// One thread that a long piece of work blocks at 1:00.0; a thousand calls a second wait or are refused meanwhile.
fn stall(work: &str) -> Draft {
    Draft::new(100.0)
        .machine("m", "cores: 4")
        .service(
            "app",
            &format!("on: [\"m\"], threads: 1, scheduling: Fifo, workers: 200, backlog: (limit: 100), operations: {{ \"get\": [Cpu(\"100us\")], \"keys\": [Cpu(\"{work}\")] }}"),
        )
        .source("users", "Open(rate: Constant(\"1000/s\"), call: \"app.get\")")
        .source("debug", "Open(rate: Constant(\"1/min\"), gaps: \"1\", call: \"app.keys\")")
}

#[test]
fn a_stall_of_five_seconds_is_five_seconds() {
    let results = play(&stall("5s"));
    let thread = find(&results, "saturated", "app.threads");
    near(thread.at_s, 60.0, 0.001, &results);
    assert!(thread.because.is_empty() && thread.text.contains("app.keys takes "), "{}", thread.text);
    let workers = find(&results, "saturated", "app.workers");
    assert_eq!(workers.because.words().as_deref(), Some("app.threads"), "{}", told(&results));
    // 300 places fill in 0.3 s; then everybody is refused until the thread is free.
    let users = find(&results, "failing", "users");
    near(users.at_s, 60.3, 0.05, &results);
    assert_eq!(users.because.words().as_deref(), Some("app.workers"));
    near(find(&results, "recovered", "users").at_s, 65.0, 0.01, &results);
    near(find(&results, "recovered", "app").at_s, 65.0, 0.01, &results);
    // The backlog of 300 is worked off in about 0.03 s.
    near(find(&results, "recovered", "app.threads").at_s, 65.03, 0.02, &results);
    assert!(
        users.text.contains("100 % of") && ["for 4.6", "for 4.7"].iter().any(|span| users.text.contains(span)),
        "{}",
        users.text
    );
}

#[test]
fn a_stall_of_50_ms_is_told_if_it_hurts_and_only_then() {
    let short = |limit: u32| {
        let text = stall("50ms");
        let tight = format!("limit: {limit})");
        let text = text.text().replace("workers: 200", "workers: 2").replace("limit: 100)", &tight);
        surgelab::measure::record(
            crate::support::compile(&text),
            &surgelab::measure::Options { seed: 0, ..Default::default() },
            &mut |_| {},
        )
    };
    let hurts = short(2);
    near(find(&hurts, "saturated", "app.threads").at_s, 60.0, 0.001, &hurts);
    let users = find(&hurts, "failing", "users");
    near(users.at_s, 60.004, 0.004, &hurts);
    near(find(&hurts, "recovered", "users").at_s, 60.05, 0.005, &hurts);
    let harmless = short(200);
    assert_eq!(harmless.traffic["users"].failures(), 0);
    assert!(harmless.story.is_empty(), "{}", told(&harmless));
}

/// 80/s at a server of 100/s that does 25/s for a minute.
#[test]
fn an_outage_of_a_minute_lasts_a_minute() {
    let set = |at: u32, work: &str| format!("At(\"{at}s\", Set(\"services.s.operations.q.0\", Cpu(\"{work}\")))");
    let draft = Draft::new(300.0)
        .machine("m", "cores: 1")
        .service("s", "on: [\"m\"], workers: 10, backlog: (limit: 20), operations: { \"q\": [Cpu(\"10ms\")] }")
        .source("u", "Open(rate: Constant(\"80/s\"), call: \"s.q\")")
        .rule(&set(120, "40ms"))
        .rule(&set(180, "10ms"));
    let results = play(&draft);
    // Thirty places are full within about half a second; they empty when the work is short again.
    let (failing, recovered) = (find(&results, "failing", "u"), find(&results, "recovered", "u"));
    near(failing.at_s, 120.5, 0.3, &results);
    near(recovered.at_s, 180.0, 0.5, &results);
    let again = [" after 59", " after 60"].iter().any(|again| recovered.text.contains(again));
    assert!(recovered.text.starts_with("u again with") && again, "{}", recovered.text);
    near(find(&results, "saturated", "s.cpu").at_s, 120.0, 0.1, &results);
    // What had gathered is worked off at 20/s: the drain is told of the resource, not of the crowd.
    let drained = find(&results, "recovered", "s.cpu").at_s;
    assert!((180.0..190.0).contains(&drained), "{}", told(&results));
}

#[test]
fn numbers_beside_a_time_are_of_that_time() {
    let draft = Draft::new(120.0)
        .machine("m", "cores: 4")
        .service("app", "on: [\"m\"], workers: 1, operations: { \"get\": [Cpu(\"100ms\")] }")
        .source("users", "Open(rate: Constant(\"20/s\"), call: \"app.get\", patience: \"2s\")");
    let results = play(&draft);
    let workers = find(&results, "saturated", "app.workers");
    // Ten of twenty a second stay: about a hundred after ten seconds, half of that in the mean.
    let waiting = workers.text.split(", ").find_map(|part| part.strip_suffix(" waiting)")?.parse::<f64>().ok());
    assert!(waiting.is_some_and(|waiting| (25.0..100.0).contains(&waiting)), "{}", workers.text);
    assert!(workers.text.contains("in the first "), "{}", workers.text);
    assert!(!results.story.iter().any(|event| event.subject == "app.cpu"), "{}", told(&results));
}

#[test]
fn the_table_and_the_story_begin_at_the_same_time() {
    // Full for 12 s each half minute: over before the story would have settled.
    let draft = Draft::new(200.0)
        .service("app", "workers: 4, backlog: (limit: 1000), operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("users", "Open(rate: Constant(\"1/min\"), gaps: \"1\", batch: \"1300\", call: \"app.get\")");
    let results = play(&draft);
    let first = results.resources.iter().filter_map(|row| row.saturated_at_s).fold(f64::INFINITY, f64::min);
    let told = results.story.iter().find(|event| event.event.name() == "saturated").expect("it is told").at_s;
    assert_eq!(first, told, "{}", super::told(&results));
    near(told, 60.0, 0.001, &results);
}

#[test]
fn what_was_over_before_time_0_is_not_told() {
    let draft = Draft::new(60.0)
        .warm_up(60.0)
        .service("app", "workers: 1, backlog: (limit: 10), operations: { \"get\": [Cpu(\"10ms\")] }")
        .source("users", "Open(rate: Stages(start: \"50/s\", stages: [(\"60s\", \"50/s\")]), call: \"app.get\")")
        .source(
            "once",
            "Open(rate: Constant(\"2/min\"), gaps: \"1\", batch: \"300\", call: \"app.get\", patience: \"1s\")",
        );
    let results = play(&draft);
    assert!(results.story.iter().all(|event| event.at_s >= 0.0), "{}", told(&results));
    assert!(has(&results, "failing"));
}

/// Down from 0:30 to 1:00, and a call takes 20 s: it takes calls again from 1:00 on, whenever the first of them is
/// done.
#[test]
fn a_service_takes_calls_again_when_the_first_is_taken_and_not_when_that_is_done() {
    let draft = Draft::new(150.0)
        .service("app", "workers: 1000, restart: \"30s\", operations: { \"q\": [Delay(\"20s\")] }")
        .source("u", "Open(rate: Constant(\"10/s\"), gaps: \"1\", call: \"app.q\")")
        .rule("At(\"30s\", Crash(\"app\"))");
    let results = play(&draft);
    let again = find(&results, "recovered", "app");
    assert!(again.text.contains("every call again"), "{}", told(&results));
    // One comes every 100 ms.
    near(again.at_s, 60.05, 0.06, &results);
}
