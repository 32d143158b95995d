//! Because of what: whoever is named was full, down, emptied, out of reach, kept open or slower than before.

use super::{find, near, play, told};
use crate::support::Draft;
use surgelab::measure::ranking;

fn root(results: &surgelab::measure::Results) -> String {
    surgelab::measure::subject::words(&ranking::root(&results.story))
}

/// Two hundred at once at one worker of a machine with four cores, every ten seconds.
#[test]
fn a_burst_at_one_worker_is_the_workers() {
    for limit in ["", "backlog: (limit: 128), "] {
        let draft = Draft::new(30.0)
            .machine("box", "cores: 4")
            .service("app", &format!("workers: 1, {limit}operations: {{ \"get\": [Cpu(\"100ms\")] }}"))
            .source(
                "users",
                "Open(rate: Constant(\"6/min\"), gaps: \"1\", batch: \"200\", call: \"app.get\", patience: \"2s\")",
            );
        let results = play(&draft);
        assert_eq!(root(&results), "app.workers", "{}", told(&results));
        near(find(&results, "saturated", "app.workers").at_s, 10.0, 0.001, &results);
        assert!(results.story.iter().all(|event| event.at_s >= 10.0), "nobody came before{}", told(&results));
        assert!(!results.story.iter().any(|event| event.because.name("app.cpu")), "{}", told(&results));
    }
}

/// Healthy until 1:00; then the app has a third of its workers, and the third party takes 50 ms as ever.
fn third_of_the_workers(then: &str) -> Draft {
    Draft::new(240.0)
        .warm_up(20.0)
        .machine("web", "count: 2, cores: 4")
        .service("app", "on: [\"web\"], workers: 30, backlog: (limit: 200), links: { \"ext\": () }, operations: { \"page\": [Cpu(\"exp(5ms)\"), Call(\"ext.charge\")] }")
        .service("ext", "on: [], kind: External, operations: { \"charge\": [Delay(\"50ms\")] }")
        .source("crowd", "Open(rate: Constant(\"400/s\"), call: \"app.page\", patience: \"3s\")")
        .rule(&format!("At(\"60s\", {then})"))
}

#[test]
fn a_third_party_is_to_blame_only_if_it_is_slower_than_before() {
    let fewer = play(&third_of_the_workers("Set(\"services.app.workers\", 8)"));
    assert_eq!(root(&fewer), "app.workers", "{}", told(&fewer));
    let workers = find(&fewer, "saturated", "app.workers");
    near(workers.at_s, 60.0, 0.01, &fewer);
    assert!(workers.because.is_empty() && workers.text.contains("capacity 0.27×"), "{}", workers.text);
    let slower = play(&third_of_the_workers("Set(\"services.ext.operations.charge.0\", Delay(\"500ms\"))"));
    assert_eq!(root(&slower), "ext", "{}", told(&slower));
    assert_eq!(find(&slower, "saturated", "app.workers").because.words().as_deref(), Some("ext"), "{}", told(&slower));
}

/// 100/s whose connections stay open for a minute: 6,000 of 1,000 descriptors, while the CPUs idle.
#[test]
fn descriptors_that_open_connections_hold_are_held_by_them() {
    let draft = Draft::new(120.0)
        .machine("p", "cores: 1")
        .machine("b", "cores: 4")
        .service(
            "proxy",
            "on: [\"p\"], descriptors: 1000, links: { \"app\": () }, operations: { \"get\": [Call(\"app.get\")] }",
        )
        .service("app", "on: [\"b\"], operations: { \"get\": [Cpu(\"1ms\"), HoldFor(\"60s\")] }")
        .source("users", "Open(rate: Constant(\"100/s\"), call: \"proxy.get\")");
    let results = play(&draft);
    let full = find(&results, "saturated", "proxy.descriptors");
    near(full.at_s, 10.0, 0.5, &results);
    assert!(full.because.is_empty() && full.text.contains("held by open sessions"), "{}", told(&results));
    assert_eq!(root(&results), "proxy.descriptors", "{}", told(&results));
}

/// The database slows at 0:30 and fills the pool before it; a quota that is full at 1:30 came later.
#[test]
fn what_filled_first_stands_first() {
    let draft = Draft::new(150.0)
        .warm_up(10.0)
        .machine("web", "cores: 4")
        .service("app", "on: [\"web\"], cpu: (limit: 1), links: { \"db\": (connections: Keep(5)) }, operations: { \"page\": [Cpu(\"1ms\"), Call(\"db.get\")] }")
        .service("db", "on: [], kind: External, operations: { \"get\": [Delay(\"10ms\")] }")
        .source("users", "Open(rate: Constant(\"100/s\"), call: \"app.page\", patience: \"2s\")")
        .rule("At(\"30s\", Set(\"services.db.operations.get.0\", Delay(\"100ms\")))")
        .rule("At(\"90s\", Set(\"services.app.operations.page.0\", Cpu(\"30ms\")))");
    let results = play(&draft);
    let (pool, quota) = (find(&results, "saturated", "app.pool(db)"), find(&results, "saturated", "app.quota"));
    near(pool.at_s, 30.0, 1.0, &results);
    near(quota.at_s, 90.0, 1.0, &results);
    assert_eq!(pool.because.words().as_deref(), Some("db"), "{}", told(&results));
}

#[test]
fn an_emptied_cache_is_the_cause_of_what_it_had_spared() {
    let draft = Draft::new(90.0)
        .warm_up(240.0)
        .key("item", "Uniform(n: 500)")
        .machine("web", "cores: 4")
        .machine("host", "cores: 1")
        .service("app", "on: [\"web\"], stores: { \"items\": () }, links: { \"db\": () }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Call(\"db.query\")])] }")
        .service("db", "on: [\"host\"], operations: { \"query\": [Cpu(\"20ms\")] }")
        .source("users", "Open(rate: Stages(start: \"20/s\", stages: [(\"10s\", \"20/s\"), (\"0s\", \"200/s\")]), call: \"app.get\", patience: \"1s\")")
        .rule("At(\"30s\", Flush(\"app.items\"))");
    let results = play(&draft);
    near(find(&results, "emptied", "app.items").at_s, 30.0, 1e-9, &results);
    assert_eq!(
        find(&results, "saturated", "db.cpu").because.words().as_deref(),
        Some("app.items"),
        "{}",
        told(&results)
    );
    assert_eq!(root(&results), "app.items", "{}", told(&results));
}

/// Whatever of a machine or member something is done to, what comes of it is led to it, while it lasts.
#[test]
fn what_is_done_to_machines_is_the_cause_of_what_their_services_do() {
    let draft = |machine: &str| {
        Draft::new(60.0)
            .machine("box", machine)
            .service(
                "app",
                "on: [\"box\"], workers: 10, backlog: (limit: 10), operations: { \"get\": [Cpu(\"10ms\")] }",
            )
            .source("u", "Open(rate: Constant(\"60/s\"), gaps: \"1\", call: \"app.get\", patience: \"1s\")")
    };
    let cause = |rule: &str, kind: &str, subject: &str| {
        let results = play(&draft("cores: 1").rule(rule));
        let causes = &find(&results, kind, subject).causes;
        assert!(!causes.is_empty(), "{rule}{}", told(&results));
        assert!(results.story[causes[0]].event.is_runbook(), "{rule}{}", told(&results));
    };
    cause("At(\"10s\", Slow(target: \"box\", factor: 0.5, lasting: \"20s\"))", "saturated", "app.cpu");
    cause("At(\"10s\", Slow(target: \"box/0\", factor: 0.5, lasting: \"20s\"))", "saturated", "app.cpu");
    cause("At(\"10s\", Slow(target: \"app/0\", factor: 0.5, lasting: \"20s\"))", "saturated", "app.cpu");
    cause("At(\"10s\", Resize(machine: \"box\", cores: 2, takes: \"8s\", outage: \"2s\"))", "down", "app");
}

#[test]
fn a_store_that_is_flushed_has_nothing_left_however_fast_it_fills() {
    for fetch in ["1ms", "100ms", "1s"] {
        let draft = Draft::new(30.0)
            .warm_up(30.0)
            .key("k", "Uniform(n: 100)")
            .machine("web", "cores: 4")
            .service("app", "on: [\"web\"], workers: 20, backlog: (limit: 20), links: { \"db\": (), \"c\": () }, operations: { \"page\": [Cached(\"c\", \"k\", [], [Call(\"db.q\")])] }")
            .service("c", "on: [\"web\"], kind: Cache()")
            .service("db", &format!("on: [\"web\"], workers: 2, operations: {{ \"q\": [Delay(\"{fetch}\")] }}"))
            .source("u", "Open(rate: Constant(\"200/s\"), gaps: \"1\", call: \"app.page\")")
            .rule("At(\"10s\", Flush(\"c\"))");
        let results = play(&draft);
        let emptied = results.story.iter().find(|event| event.event.name() == "emptied");
        let said = emptied.is_none_or(|event| event.text.contains(": 0 of 100 entries left"));
        assert!(said, "{fetch}{}", told(&results));
    }
}

/// What a flush makes come anew expires together: the database is asked for all of it once more, a time to live later.
#[test]
fn the_second_wave_after_a_flush_is_the_flushs() {
    let draft = Draft::new(200.0)
        .warm_up(300.0)
        .key("k", "Uniform(n: 200)")
        .machine("a", "cores: 8")
        .machine("d", "cores: 8")
        .service("app", "on: [\"a\"], workers: 400, stores: { \"items\": (ttl: \"90s\") }, links: { \"db\": () }, operations: { \"page\": [Cached(\"items\", \"k\", [], [Call(\"db.read\")]), Cpu(\"1ms\")] }")
        .service("db", "on: [\"d\"], workers: 60, backlog: (limit: 10), operations: { \"read\": [Delay(\"800ms\")] }")
        .source("v", "Open(rate: Constant(\"200/s\"), call: \"app.page\", patience: \"2s\")")
        .rule("At(\"30s\", Flush(\"app.items\"))");
    let results = play(&draft);
    let waves: Vec<_> = results.story.iter().filter(|event| event.event.name() == "saturated").collect();
    let at: Vec<i64> = waves.iter().map(|wave| wave.at_s.round() as i64).collect();
    assert!(at.len() == 2 && (30..33).contains(&at[0]) && (118..125).contains(&at[1]), "{}", told(&results));
    for wave in waves {
        assert_eq!(wave.because.words().as_deref(), Some("app.items"), "{}", told(&results));
    }
    for event in results.story.iter().filter(|event| matches!(event.event.name(), "refusing" | "failing")) {
        assert!(!event.causes.is_empty(), "{}{}", event.text, told(&results));
    }
    assert_eq!(root(&results), "app.items", "{}", told(&results));
}
