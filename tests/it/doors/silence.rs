//! Doors that do not answer when they are full: the caller's system sends again.

use crate::support::{Draft, simulate};
use surgelab::engine::Outcome;
use surgelab::scenario::Reason;

/// A door with room for one, and requests 100 s apart.
fn full(limits: &str, first: &str, more: &str) -> Draft {
    Draft::new(200.0)
        .service(
            "app",
            &format!("{limits}, operations: {{ \"long\": [Delay(\"{first}\")], \"short\": [Delay(\"10ms\")] }}"),
        )
        .source("first", "Open(rate: Constant(\"0.01/s\"), gaps: \"1\", call: \"app.long\")")
        .source("second", &format!("Open(rate: Constant(\"0.01/s\"), gaps: \"1\", call: \"app.short\", {more})"))
}

const SILENT: [&str; 2] =
    ["max_connections: 1, backlog: (overflow: Drop)", "workers: 1, backlog: (limit: 0, overflow: Drop)"];

#[test]
fn a_dropped_call_is_sent_again_after_one_two_and_four_seconds() {
    for limits in SILENT {
        for (busy, passed) in [("500ms", 1.0), ("1500ms", 3.0), ("6s", 7.0), ("7500ms", 15.0)] {
            let seen = simulate(&full(limits, busy, "access: (latency: \"0s\")"), 1).1;
            let second = seen.ended.iter().find(|r| r.source.number() == 1).expect("it ended");
            assert!(second.succeeded(), "{limits}: {second:?}");
            assert_eq!(
                second.ended.0 - second.started.0,
                (passed * 1e9) as i64 + 10_000_000,
                "{limits}, busy for {busy}"
            );
        }
    }
}

#[test]
fn in_the_end_the_system_or_the_user_gives_up() {
    for limits in SILENT {
        for (more, reason, after) in [
            ("access: (connect_timeout: \"20s\")", Reason::Unreachable, 20),
            ("access: (connect_timeout: \"7s\")", Reason::Unreachable, 7),
            ("access: (connect_timeout: \"500ms\"), patience: \"10s\"", Reason::Unreachable, 0),
            ("patience: \"5s\"", Reason::TimedOut, 5),
        ] {
            let seen = simulate(&full(limits, "90s", more), 2).1;
            let second = seen.ended.iter().find(|r| r.source.number() == 1).expect("it ended");
            assert_eq!(second.outcome, Outcome::Failed(reason), "{limits}, {more}");
            assert_eq!((second.ended.0 - second.started.0) / 1_000_000_000, after, "{limits}, {more}");
        }
    }
}

#[test]
fn a_kept_connection_stays_while_what_came_over_it_is_sent_again() {
    let draft = Draft::new(60.0)
        .service(
            "app",
            "links: { \"db\": (connections: Keep(2)) }, operations: { \"get\": [Call(\"db.read\")], \"slow\": [Call(\"db.scan\")] }",
        )
        .service(
            "db",
            "workers: 1, backlog: (limit: 0, overflow: Drop), operations: { \"read\": [Delay(\"10ms\")], \"scan\": [Delay(\"2s\")] }",
        )
        .source(
            "readers",
            "Open(rate: Stages(start: \"1/s\", stages: [(\"20s\", \"1/s\"), (\"0s\", \"0/s\")]), gaps: \"1\", call: \"app.get\")",
        )
        .source(
            "scanners",
            "Open(rate: Stages(start: \"0.2/s\", stages: [(\"20s\", \"0.2/s\"), (\"0s\", \"0/s\")]), gaps: \"1\", call: \"app.slow\")",
        );
    let (sim, seen) = simulate(&draft, 3);
    assert!(seen.ended.iter().all(|r| r.succeeded()), "{:?}", seen.ended);
    assert!(seen.ended.iter().any(|r| r.latency() > 0.9), "some had to be sent again");
    let db = sim.instances().nth(1).expect("db is the second");
    assert_eq!((db.connections, db.in_flight), (2, 0), "both connections are kept, nobody is there");
}
