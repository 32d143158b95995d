//! What is asked of each of several that differ, of what is stuck and of what is slow; and what nobody waits for.

use super::{group, resource, results};
use crate::support::Draft;
use crate::support::estimate::near;

/// 40/s writes of 8 ms at a primary; 160/s reads of 4 ms at a replica, which applies each write in 1 ms.
fn replicated(primary: &str, beside: &str) -> Draft {
    Draft::new(120.0)
        .machine("first", primary)
        .machine("second", "cores: 4")
        .service(
            "db",
            "kind: Database(replicas: 1, lag: \"100ms\", apply: \"1ms\", reads: [\"read\"]), on: [\"first\", \"second\"], \
             operations: { \"read\": [Cpu(\"4ms\")], \"write\": [Cpu(\"8ms\")] }",
        )
        .service("other", &format!("on: [\"{beside}\"], operations: {{ \"ask\": [Cpu(\"1ms\")] }}"))
        .machine("spare", "cores: 1")
        .source("r", "Open(rate: Constant(\"160/s\"), gaps: \"1\", call: \"db.read\")")
        .source("w", "Open(rate: Constant(\"40/s\"), gaps: \"1\", call: \"db.write\")")
}

#[test]
fn each_member_is_asked_for_its_own_work() {
    // 40 × 8 ms on 4 cores; 160 × 4 ms and 40 × 1 ms on 4 cores.
    let results = results(&replicated("cores: 4", "spare"));
    for (id, load) in [("first/0.cpu", 0.080), ("second/0.cpu", 0.170)] {
        let one = resource(&results, id);
        near(id, one.offered_load.expect(id), load, 0.01);
        near(id, one.utilization_mean, load, 0.01);
        near(id, one.offered_load_max.expect(id), load, 0.05);
    }
    let all = group(&results, "db.cpu");
    near("together", all.all.offered_load.expect("asked"), 0.125, 0.01);
    near("worst", all.worst.offered_load.expect("asked"), 0.170, 0.01);
}

#[test]
fn unequal_members_are_asked_for_their_own_work_at_their_own_speed() {
    let results = results(&replicated("cores: 1, speed: 2", "spare"));
    for (id, load) in [("first/0.cpu", 0.160), ("second/0.cpu", 0.170)] {
        near(id, resource(&results, id).offered_load.expect(id), load, 0.01);
    }
    // 0.16 of one core and 0.68 of four.
    near("together", group(&results, "db.cpu").all.offered_load.expect("asked"), 0.168, 0.01);
}

#[test]
fn a_machine_that_several_share_is_asked_for_what_comes_to_it() {
    let results = results(&replicated("cores: 4", "second"));
    // The replica's machine bears its own name, for another service runs there; nobody asks that.
    near("second", group(&results, "second.cpu").all.offered_load.expect("asked"), 0.170, 0.01);
}

#[test]
fn a_lock_is_asked_for_as_long_as_its_holders_are_stuck() {
    // 40/s × 20 ms; cut off for 20 s, each waits 500 ms for its timeout: 20.
    let draft = Draft::new(60.0)
        .machine("web", "cores: 4")
        .machine("box", "cores: 4")
        .service(
            "app",
            "on: [\"web\"], links: { \"db\": (timeout: \"500ms\") }, \
             operations: { \"book\": [Lock(\"seat\", \"\", [Call(\"db.write\")])] }",
        )
        .service("db", "kind: Database, on: [\"box\"], operations: { \"write\": [Delay(\"20ms\")] }")
        .source("u", "Open(rate: Constant(\"40/s\"), gaps: \"1\", call: \"app.book\", patience: \"3s\")")
        .rule("At(\"10s\", Partition(from: \"app\", to: \"db\", lasting: \"20s\"))");
    let results = results(&draft);
    near("most", group(&results, "app.lock(seat)").all.offered_load_max.expect("asked"), 20.0, 0.08);
}

#[test]
fn what_is_slow_is_asked_for_what_its_calls_took() {
    // 15/s × 200 ms on 4 cores with a worker each; at half the speed for 20 s it does 10/s, and 20/s until its line is
    // gone. In use: 0.75 for 30 s, all for 30 s; done: 450 + 200 + 200 calls.
    let draft = Draft::new(60.0)
        .machine("box", "cores: 4")
        .service("w", "on: [\"box\"], workers: 4, operations: { \"do\": [Cpu(\"200ms\")] }")
        .source("u", "Open(rate: Constant(\"15/s\"), gaps: \"1\", call: \"w.do\")")
        .rule("At(\"30s\", Slow(target: \"w\", factor: 0.5, lasting: \"20s\"))");
    let results = results(&draft);
    let each = (0.75 * 30.0 + 30.0) * 4.0 / 850.0;
    for id in ["w.workers", "w.cpu"] {
        near(id, group(&results, id).all.offered_load.expect(id), 15.0 * each / 4.0, 0.01);
    }
}

#[test]
fn the_oldest_message_is_that_which_waits_for_its_redelivery() {
    // Consumers are away from 10 s on: what came then is delivered again and again, each second, for 20 s.
    let draft = Draft::new(40.0)
        .machine("mq", "cores: 2")
        .machine("box", "cores: 4")
        .service(
            "jobs",
            "kind: Queue(to: \"worker\"), on: [\"mq\"], links: { \"worker\": (retry: (forever: true, after: \"1s\")) }",
        )
        .service("worker", "on: [\"box\"], workers: 4, restart: \"20s\", operations: { \"encode\": [Delay(\"20ms\")] }")
        .source("u", "Open(rate: Constant(\"30/s\"), gaps: \"1\", call: \"jobs.encode\")")
        .rule("At(\"10s\", Crash(\"worker\"))");
    let results = results(&draft);
    let line = results.queues.iter().find(|line| line.subject == "jobs.queue").expect("a line");
    let oldest = line.oldest_s.expect("somebody waits at every look");
    assert!((19.0..=21.1).contains(&oldest), "{line:?}");
}

#[test]
fn what_nobody_waits_for_is_no_part_of_a_call() {
    let results = results(&replicated("cores: 4", "spare"));
    let write = &results.operations["db.write"];
    assert_eq!(write.service_s.keys().collect::<Vec<_>>(), ["db.cpu"], "{:?}", write.service_s);
    near("write", write.service_s["db.cpu"], 0.008, 0.001);
    // Likewise what an operation does in the background.
    let draft = Draft::new(60.0)
        .machine("m", "cores: 4")
        .service(
            "app",
            "on: [\"m\"], operations: { \"get\": [Cpu(\"3ms\"), Background([Cpu(\"7ms\"), Delay(\"1s\")])] }",
        )
        .source("u", "Open(rate: Constant(\"20/s\"), gaps: \"1\", call: \"app.get\")");
    let results = super::results(&draft);
    let get = &results.operations["app.get"];
    assert_eq!(get.service_s.keys().collect::<Vec<_>>(), ["app.cpu"], "{:?}", get.service_s);
    near("get", get.service_s["app.cpu"], 0.003, 0.001);
    near("cpu", group(&results, "app.cpu").all.offered_load.expect("asked"), 20.0 * 0.010 / 4.0, 0.01);
}

#[test]
fn as_many_are_counted_as_served_at_one_time() {
    // Two at a time, four in all.
    let mut draft = Draft::new(100.0)
        .machine("m", "count: 2, boot: \"1s\"")
        .service("app", "on: [\"m\"], operations: { \"get\": [Cpu(\"1ms\")] }")
        .source("u", "Open(rate: Constant(\"20/s\"), gaps: \"1\", call: \"app.get\")");
    for at in [20, 50] {
        draft = draft
            .rule(&format!("At(\"{at}s\", RemoveMachines(\"m\", 1))"))
            .rule(&format!("At(\"{}s\", AddMachines(\"m\", 1))", at + 10));
    }
    let results = results(&draft);
    assert_eq!(results.resources.iter().filter(|row| row.subject == "app.cpu").count(), 4);
    assert_eq!(group(&results, "app.cpu").members, 2);
}
