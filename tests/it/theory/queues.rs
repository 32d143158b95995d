//! Work behind a broker: it piles up and drains as arithmetic says, is delivered again, is given up, and survives or
//! not.

use crate::support::estimate::near;
use crate::support::{Draft, compile};

use surgelab::measure::{Options, Results, record};

fn results(draft: &Draft) -> Results {
    record(compile(&draft.text()), &Options { seed: 1, ..Options::default() }, &mut |_| {})
}

fn resource<'a>(results: &'a Results, id: &str) -> &'a surgelab::measure::results::Resource {
    results.resources.iter().find(|resource| resource.id == id).unwrap_or_else(|| panic!("no {id}"))
}

/// A web tier that leaves its work to eight workers behind a broker: 8 tasks a second.
fn celery(horizon: f64) -> Draft {
    Draft::new(horizon)
        .service("web", "links: { \"jobs\": () }, operations: { \"post\": [Cpu(\"2ms\"), Enqueue(\"jobs.run\")] }")
        .service("jobs", "on: [], kind: Queue(to: \"celery\"), links: { \"celery\": (connections: Keep(8)) }")
        .service("celery", "workers: 8, operations: { \"run\": [Delay(\"1s\")] }")
}

#[test]
fn a_backlog_of_tasks_takes_hours_to_drain_and_the_web_tier_does_not_feel_it() {
    // 50/s for 600 s at 8/s: 25,200 wait; then they drain at 8 − 5 = 3/s in 8,400 s.
    let rate = "Stages(start: \"5/s\", stages: [(\"100s\", \"5/s\"), (\"0s\", \"50/s\"), (\"600s\", \"50/s\"), (\"0s\", \"5/s\")])";
    let draft = celery(9_600.0).source("users", &format!("Open(rate: {rate}, gaps: \"1\", call: \"web.post\")"));
    let results = results(&draft);
    let queue = resource(&results, "jobs/0.queue");
    near("most waiting", queue.waiting_max, 25_200.0, 0.001);
    let told = |event: &str| {
        results.story.iter().find(|told| told.event.name() == event && told.subject == "jobs.queue").expect(event)
    };
    let (piles, drained) = (told("saturated"), told("recovered"));
    assert!((95.0..110.0).contains(&piles.at_s), "{piles:?}");
    assert!(piles.text.starts_with("jobs.queue backs up (") && piles.text.contains("waiting"), "{}", piles.text);
    assert_eq!(piles.because.words().as_deref(), Some("celery"));
    near("drained", drained.at_s, 700.0 + 8_400.0, 0.01);
    let users = &results.traffic["users"];
    assert_eq!((users.offered, users.failures()), (users.succeeded, 0), "nobody who posts fails");
    let latency = users.latency_s.expect("they succeed");
    assert!(latency.max < 0.05, "nobody who posts waits: {latency:?}");
    let messages = &results.messages["jobs.run"];
    assert_eq!(messages.offered, users.succeeded);
    assert_eq!(messages.succeeded + messages.in_flight, messages.offered);
    near("the longest wait", messages.latency_s.expect("they are consumed").max, 25_200.0 / 8.0, 0.01);
    assert!(
        !results.story.iter().any(|told| told.subject.starts_with("web")),
        "the web tier is not in the story: {:?}",
        results.story
    );
}

#[test]
fn a_full_queue_refuses_and_the_story_says_so() {
    let draft = celery(300.0)
        .service(
            "small",
            "on: [], kind: Queue(to: \"celery\", depth: 50), links: { \"celery\": (connections: Keep(8)) }",
        )
        .source("users", "Open(rate: Constant(\"16/s\"), call: \"small.run\")");
    let results = results(&draft);
    assert_eq!(resource(&results, "small/0.queue").waiting_max, 50.0);
    near(
        "half are refused",
        results.traffic["users"].failed["Refused"] as f64 / results.traffic["users"].offered as f64,
        0.5,
        0.1,
    );
    let refusing = results.story.iter().find(|told| told.event.name() == "refusing").expect("it is told");
    assert_eq!(
        (refusing.subject.as_str(), refusing.because.words().as_deref()),
        ("small", Some("small.queue")),
        "{refusing:?}"
    );
}

#[test]
fn what_times_out_is_delivered_again_and_given_up_in_the_end() {
    let draft = Draft::new(200.0)
        .service("jobs", "on: [], kind: Queue(to: \"worker\"), links: { \"worker\": (connections: Keep(4), timeout: \"1s\", cancel: All, retry: (times: 2, after: \"5s\")) }")
        .service("worker", "operations: { \"run\": [Choose([(0.5, [Delay(\"100ms\")]), (0.5, [Delay(\"1min\")])])] }")
        .source("crowd", "Open(rate: Stages(start: \"5/s\", stages: [(\"150s\", \"5/s\"), (\"0s\", \"0/s\")]), call: \"jobs.run\")");
    let results = results(&draft);
    let messages = &results.messages["jobs.run"];
    // Each delivery fails with probability 1/2 and there are three: an eighth is given up.
    near("dead letters", messages.failed["TimedOut"] as f64 / messages.offered as f64, 0.125, 0.2);
    assert_eq!(messages.offered, messages.succeeded + messages.failures(), "nothing is left");
    near(
        "deliveries per message",
        results.operations["worker.run"].traffic.offered as f64 / messages.offered as f64,
        1.75,
        0.05,
    );
    assert!(
        results.story.iter().any(|told| told.text.starts_with("jobs gives up ") && told.text.contains("(timed out)")),
        "{:?}",
        results.story
    );
}

#[test]
fn a_crash_loses_messages_unless_they_are_durable() {
    let run = |durable: bool| {
        let draft = Draft::new(600.0)
            .service(
                "jobs",
                &format!(
                    "kind: Queue(to: \"worker\", durable: {durable}), restart: \"10s\", links: {{ \"worker\": (connections: Keep(1)) }}"
                ),
            )
            .service("worker", "workers: 1, operations: { \"run\": [Delay(\"1s\")] }")
            .source(
                "crowd",
                "Open(rate: Stages(start: \"4/s\", stages: [(\"100s\", \"4/s\"), (\"0s\", \"0/s\")]), gaps: \"1\", call: \"jobs.run\")",
            )
            .rule("At(\"100s\", Crash(\"jobs\"))");
        results(&draft)
    };
    let (lossy, durable) = (run(false), run(true));
    let lost = lossy.messages["jobs.run"].failed["Crashed"];
    assert!((298..=302).contains(&lost), "{lost} of the 300 that waited");
    assert!(
        lossy.story.iter().any(|told| told.text == format!("jobs loses {lost} messages with its process")),
        "{:?}",
        lossy.story
    );
    let messages = &durable.messages["jobs.run"];
    assert_eq!((messages.succeeded, messages.failures()), (messages.offered, 0), "all of them in the end");
    assert!(
        (299..=301).contains(&durable.operations["worker.run"].traffic.failed["Abandoned"]),
        "those that waited began anew"
    );
}

#[test]
fn a_controller_can_watch_a_queue() {
    let draft = celery(600.0)
        .source("users", "Open(rate: Constant(\"20/s\"), gaps: \"1\", call: \"web.post\")")
        .rule("When(condition: \"jobs.queue > 1200\", window: \"10s\", then: ScaleTraffic(\"users\", 0))");
    let results = results(&draft);
    // 12/s pile up: 1,200 after 100 s.
    let rule = results.story.iter().find(|told| told.event.name() == "rule").expect("it fires");
    assert!((100.0..=121.0).contains(&rule.at_s), "{rule:?}");
    assert_eq!(resource(&results, "jobs/0.queue").kind.name(), "queue");
}
