//! What works in the background.
use super::{about, seen};
use crate::support::Draft;

#[test]
fn celery_reserves_four_tasks_for_each_process_and_leaves_the_rest_to_the_broker() {
    let site = seen(
        &Draft::new(60.0)
            .machine("box", "cores: 4")
            .service("broker", "on: [], kind: Queue(to: \"tasks\"), links: { \"tasks\": (connections: Keep(16)) }")
            .service("tasks", "like: \"celery\", operations: { \"mail\": [Delay(\"1s\")] }")
            .poisson(20.0, "broker.mail"),
    );
    let crowd = &site.0.traffic["crowd"];
    assert_eq!(crowd.failures(), 0, "the broker takes everything");
    let mails = &site.0.operations["tasks.mail"].traffic;
    about(mails.succeeded as f64, 4.0 * 60.0, "four processes of a second each");
    assert_eq!(mails.failures(), 0, "and nothing is delivered that a worker has no room for");
    assert_eq!(site.resource("tasks/0.workers").waiting_max, 12.0);
    about(site.resource("broker/0.queue").waiting_max, 16.0 * 60.0, "what comes beyond that waits");
}

#[test]
fn sqs_delivers_again_what_outlasts_the_visibility_timeout() {
    let deliveries = |share: f64| {
        let work = format!("Choose([({}, [Delay(\"1s\")]), ({share}, [Delay(\"40s\")])])", 1.0 - share);
        let draft = Draft::new(600.0)
            .service("queue", "on: [], like: \"sqs\", kind: Queue(to: \"worker\"), links: { \"worker\": (connections: Keep(100)) }")
            .service("worker", &format!("operations: {{ \"run\": [{work}] }}"))
            .source("crowd", "Open(rate: Stages(start: \"5/s\", stages: [(\"300s\", \"5/s\"), (\"0s\", \"0/s\")]), call: \"queue.run\")");
        let seen = seen(&draft);
        let messages = &seen.0.messages["queue.run"];
        assert_eq!((messages.failures(), messages.in_flight), (0, 0), "none is lost");
        seen.0.operations["worker.run"].traffic.offered as f64 / messages.offered as f64
    };
    assert_eq!(deliveries(0.001).round(), 1.0);
    about(deliveries(0.3), 1.0 / 0.7, "deliveries of a message of which three in ten take longer");
}
