//! Lines: how deep, how old, how many waited, and when they were empty again.

use super::{about, results};
use surgelab::measure::Results;
use surgelab::measure::results::Queue;
use surgelab::report::{self, Format, Look};
use surgelab::study::Answer;

fn queue<'a>(results: &'a Results, subject: &str) -> &'a Queue {
    results.queues.iter().find(|queue| queue.subject == subject).unwrap_or_else(|| panic!("{:?}", results.queues))
}

/// One worker of 100 ms. 5/s do not wait, 30/s for ten seconds leave 200: gone at 5/s in 40 s.
const SURGE: &str = r#"(
    version: 1, title: "surge", horizon: "2min",
    machines: { "m": (cores: 8) },
    services: { "s": (on: ["m"], workers: 1, operations: { "q": [Delay("100ms")] }) },
    traffic: { "u": Open(gaps: "1", rate: Stages(start: "5/s", stages: [("30s", "5/s"), ("0s", "30/s"), ("10s", "30/s"), ("0s", "5/s"), ("80s", "5/s")]), call: "s.q") },
)"#;

#[test]
fn a_backlog_says_how_deep_how_old_and_when_it_was_empty() {
    let results = results(SURGE);
    let line = queue(&results, "s.workers");
    about("deepest", line.deepest as f64, 200.0, 3.0);
    assert!((39.9..40.0).contains(&line.deepest_at_s), "with the last of the surge, between two looks: {line:?}");
    // The last of the surge waits behind 200: 20 s; looked at every second.
    about("oldest", line.oldest_s.unwrap(), 20.0, 1.1);
    about("empty at", line.empty_at_s.unwrap(), 80.0, 1.0);
    about("drained in", line.drain_s.unwrap(), 40.0, 1.0);
    assert_eq!(line.left, 0);
    // 5/s do not wait: of 150 + 300 + 400 the 300 and the 200 that come while it drains.
    about("waited", line.waited_share.unwrap(), 500.0 / 850.0, 0.02);
    let depth = &results.series.waiting["s.workers"];
    let at = |second: usize| f64::from(depth[second].unwrap_or(0.0));
    assert_eq!(results.series.every_s, 1.0);
    about("before", at(20), 0.0, 0.0);
    about("half of the surge", at(34), 100.0, 3.0);
    about("half drained", at(59), 100.0, 3.0);
    about("after", at(90), 0.0, 0.0);
    let oldest = &results.series.oldest_s["s.workers"];
    assert!(f64::from(oldest[50].unwrap()) > 10.0 && oldest[100].unwrap_or(0.0) == 0.0);
    let operation = &results.operations["s.q"];
    about("waited for workers", operation.waited_share["s.workers"], 500.0 / 850.0, 0.02);
}

/// A line that nobody drains has no end.
#[test]
fn a_line_that_is_there_at_the_end_was_not_emptied() {
    let results = results(&SURGE.replace("horizon: \"2min\"", "horizon: \"60s\""));
    let line = queue(&results, "s.workers");
    assert_eq!((line.empty_at_s, line.drain_s), (None, None));
    about("left", line.left as f64, 100.0, 3.0);
}

/// A pool of one for calls of 100 ms that come in pairs: the second of each pair waits. A broker's line is as old as
/// its oldest message.
#[test]
fn pools_and_brokers_have_lines_too() {
    let results = results(
        r#"(
            version: 1, title: "pairs", horizon: "100s",
            machines: { "m": (cores: 8) },
            services: {
                "app": (on: ["m"], links: { "db": (connections: Keep(1)), "jobs": () }, operations: { "get": [Call("db.q"), Enqueue("jobs.work")] }),
                "db": (on: ["m"], operations: { "q": [Delay("100ms")] }),
                "jobs": (on: ["m"], kind: Queue(to: "worker"), links: { "worker": (connections: Keep(1)) }),
                "worker": (on: ["m"], workers: 1, operations: { "work": [Delay("1s")] }),
            },
            traffic: { "u": Open(gaps: "1", batch: "2", rate: Constant("1/s"), call: "app.get") },
        )"#,
    );
    about("waited for the pool", queue(&results, "app.pool(db)").waited_share.unwrap(), 0.5, 0.01);
    // Two messages a second, one is done: after 100 s half of 200 are left, the oldest since about 50 s.
    let line = queue(&results, "jobs.queue");
    about("left", line.left as f64, 100.0, 3.0);
    about("oldest", line.oldest_s.unwrap(), 50.0, 3.0);
    assert_eq!((line.empty_at_s, line.waited_share), (None, None));
}

/// A line is thrown away with the instance that it stands at: nobody of it got in.
#[test]
fn what_is_lost_with_its_instance_did_not_drain() {
    let crash = SURGE.replace("traffic:", "runbook: [At(\"40.5s\", Crash(\"s\"))], traffic:");
    let results = results(&crash);
    let line = queue(&results, "s.workers");
    assert_eq!((line.empty_at_s, line.drain_s), (None, None), "{line:?}");
    assert_eq!(line.lost_at_s, Some(40.5));
    let figures = report::page(
        &Answer::Run(Box::new(results)),
        &report::Context { command: "", teaches: "", model: None, source: None },
    );
    assert!(figures.figures.rows.iter().any(|row| row[3] == "s.workers" && row[4] == "lost_at_s" && row[6] == "40.5"));
}

/// Those who want a thread wait for it; who is the oldest is nobody, for they share what there is.
#[test]
fn threads_have_lines_too() {
    let results = results(
        r#"(
            version: 1, title: "an event loop", horizon: "60s",
            machines: { "m": (cores: 4) },
            services: { "node": (on: ["m"], threads: 1, operations: { "get": [Cpu("1s")] }) },
            traffic: { "u": Closed(population: Constant(8), journey: [Call("node.get")], then: Continue) },
        )"#,
    );
    let line = queue(&results, "node.threads");
    let group = results.groups.iter().find(|group| group.all.id == "node.threads").unwrap();
    assert_eq!((line.deepest, group.all.waiting_max), (7, 7.0));
    assert_eq!((line.oldest_s, line.waited_share), (None, None));
    assert_eq!(results.series.waiting["node.threads"][30], Some(7.0));
}

/// Every line with somebody in it that is waited for in line is listed, as deep as its resource says.
#[test]
fn lines_are_as_deep_as_their_resources_say() {
    let results = results(SURGE);
    for group in &results.groups {
        let listed = results.queues.iter().find(|queue| queue.subject == group.all.id);
        if listed.is_some() || matches!(group.all.kind.name(), "workers" | "threads" | "pool" | "slots" | "lock") {
            assert_eq!(listed.map_or(0.0, |queue| queue.deepest as f64), group.all.waiting_max, "{}", group.all.id);
        }
    }
    assert!(results.queues.iter().all(|queue| queue.deepest > 0));
}

/// Two that want a lock at one instant, of whom the first is done at once, leave no line to tell of.
#[test]
fn nobody_who_waited_no_time_makes_a_line() {
    let results = results(
        r#"(
            version: 1, title: "at once", horizon: "30s",
            machines: { "m": (cores: 8) },
            services: { "s": (on: ["m"], workers: 1, operations: { "q": [Delay("0s")] }) },
            traffic: { "u": Open(gaps: "1", batch: "5", rate: Constant("1/s"), call: "s.q") },
        )"#,
    );
    assert!(results.queues.is_empty(), "{:?}", results.queues);
}

/// No request waits for a message; that most of them are never done is said all the same, on every page.
#[test]
fn messages_that_are_given_up_are_told_of() {
    let results = results(
        r#"(
            version: 1, title: "given up", horizon: "2min",
            machines: { "m": (cores: 8) },
            services: {
                "shop": (on: ["m"], links: { "jobs": () }, operations: { "buy": [Cpu("1ms"), Enqueue("jobs.work")] }),
                "jobs": (on: ["m"], kind: Queue(to: "worker"), links: { "worker": (timeout: "50ms") }),
                "worker": (on: ["m"], operations: { "work": [Choose([(0.8, [Delay("1s")]), (0.2, [Delay("1ms")])])] }),
            },
            traffic: { "buyers": Open(rate: Constant("20/s"), call: "shop.buy") },
        )"#,
    );
    let messages = results.messages.values().next().expect("messages were sent");
    about("given up", messages.failed_share().expect("they ended"), 0.8, 0.03);
    let verdict = report::verdict(&results);
    assert!(verdict.contains("of the messages of jobs.work were given up."), "{verdict}");
    let context = report::Context { command: "surgelab", teaches: "", model: None, source: None };
    let answer = Answer::Run(results.into());
    for format in [Format::Text, Format::Html, Format::Markdown] {
        let page = report::page(&answer, &context);
        let text = report::render(&page, &answer, format, Look { color: false, width: 160 });
        assert!(text.contains("jobs.work messages"), "{format:?}: {text}");
    }
}
