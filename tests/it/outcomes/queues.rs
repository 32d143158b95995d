//! Lines: how deep, how old, how many waited, and when they were empty again.

use super::{about, results};
use surgelab::measure::Results;
use surgelab::measure::results::Queue;

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
    about("at", line.deepest_at_s, 40.0, 0.0);
    // The last of the surge waits behind 200: 20 s; looked at every second.
    about("oldest", line.oldest_s, 20.0, 1.1);
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
    about("oldest", line.oldest_s, 50.0, 3.0);
    assert_eq!((line.empty_at_s, line.waited_share), (None, None));
}
