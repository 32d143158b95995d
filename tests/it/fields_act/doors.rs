//! How services take calls in: scenes in which each word about it matters, and a changed value for each.

use super::cases::{Case, case};
use crate::support::Draft;

/// The text of a scene by its name.
pub fn scene(name: &str) -> Option<Draft> {
    match name {
        "doors" => Some(doors()),
        "visitors" => Some(visitors()),
        _ => None,
    }
}

/// A service before an overloaded database, and crowds of three ranks that ask more than both can do.
fn doors() -> Draft {
    let access = "patience: \"50ms\", access: (connect_timeout: \"5s\")";
    Draft::new(30.0)
        .machine("web", "cores: 1")
        .service(
            "app",
            "on: [\"web\"], workers: 6, backlog: (limit: 12, order: Priority, drop: Older(than: \"80ms\"), overflow: Refuse), shed: [(above: \"60%\", below: 1)], deadline: \"70ms\",
             links: { \"db\": (timeout: \"90ms\", deadline: Ignore) }, operations: { \"get\": [Cpu(\"exp(4ms)\"), Call(\"db.read\")] }",
        )
        .service("db", "workers: 1, backlog: (drop: CoDel(target: \"2ms\", interval: \"50ms\")), operations: { \"read\": [Cpu(\"exp(8ms)\")] }")
        .poisson_with(60.0, "app.get", access)
        .source("people", &format!("Users(arrive: Constant(\"20/s\"), journey: [Repeat(\"2\", [Call(\"app.get\"), Delay(\"exp(200ms)\")])], priority: 1, {access})"))
        .source("staff", &format!("Closed(population: Constant(20), journey: [Call(\"app.get\"), Delay(\"exp(200ms)\")], then: Continue, priority: 2, {access})"))
}

/// Workers that stay with the connections of those who keep them.
fn visitors() -> Draft {
    let access = "access: (latency: \"2ms\", keep_alive: true, handshake: (latency: \"5ms\", callee: \"2ms\"))";
    let journey = "journey: [Repeat(\"4\", [Call(\"app.get\"), Delay(\"exp(700ms)\")])]";
    Draft::new(30.0)
        .service(
            "app",
            "workers: 60, worker_holds: Connection, keep_alive: \"1s\", reload: \"500ms\", operations: { \"get\": [Cpu(\"exp(4ms)\")] }",
        )
        .service("other", "reload: \"500ms\", operations: { \"get\": [Cpu(\"exp(1ms)\")] }")
        .poisson_with(30.0, "app.get", access)
        .source("more", "Open(rate: Constant(\"20/s\"), call: \"other.get\")")
        .source("people", &format!("Users(arrive: Constant(\"8/s\"), {journey}, {access})"))
        .source("staff", &format!("Closed(population: Constant(15), {journey}, {access})"))
        .rule("At(\"10s\", Reload(\"app\"))")
        .rule("When(condition: \"app.workers > 50%\", then: Reload(\"app\"))")
}

/// A changed value for every field of a door.
pub fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = [
        ("", "services.app.backlog.order", "Lifo"),
        ("", "services.app.backlog.drop", "Never"),
        ("Older", "services.app.backlog.drop.than", "30ms"),
        ("CoDel", "services.db.backlog.drop.target", "9ms"),
        ("CoDel", "services.db.backlog.drop.interval", "200ms"),
        ("", "services.app.backlog.overflow", "Drop"),
        ("", "services.app.shed", "[]"),
        ("", "services.app.shed.0.above", "90%"),
        ("", "services.app.shed.0.below", "2"),
        ("", "services.app.deadline", "20ms"),
        ("", "services.app.links.db.deadline", "Pass"),
    ]
    .iter()
    .map(|(within, path, value)| case("doors", within, path, value))
    .collect();
    all.extend(
        [
            ("", "services.app.worker_holds", "Request"),
            ("", "services.app.keep_alive", "3s"),
            ("", "services.app.reload", "2s"),
            ("At Reload", "runbook.0.1.0", "other"),
            ("When Reload", "runbook.1.then.0", "other"),
        ]
        .iter()
        .map(|(within, path, value)| case("visitors", within, path, value)),
    );
    for (source, kind) in [("crowd", "Open"), ("people", "Users"), ("staff", "Closed")] {
        for (field, value) in
            [("keep_alive", "false"), ("handshake", "()"), ("handshake.latency", "9ms"), ("handshake.callee", "5ms")]
        {
            all.push(case("visitors", kind, &format!("traffic.{source}.access.{field}"), value));
        }
    }
    for (source, kind, rank) in [("crowd", "Open", "3"), ("people", "Users", "3"), ("staff", "Closed", "0")] {
        all.push(case("doors", kind, &format!("traffic.{source}.priority"), rank));
        all.push(case("doors", kind, &format!("traffic.{source}.access.deadline"), "Pass"));
    }
    all
}
