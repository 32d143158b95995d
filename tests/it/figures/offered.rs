//! Offered load is the utilization law: arrivals × time held ÷ capacity.

use super::{group, resource, results};
use crate::support::Draft;
use crate::support::estimate::near;

#[test]
fn a_pool_is_asked_by_every_call_of_a_request() {
    for calls in [1, 10] {
        let draft = Draft::new(120.0)
            .machine("web", "cores: 64")
            .machine("pg", "cores: 64")
            .service("app", &format!("on: [\"web\"], workers: 100, links: {{ \"db\": (connections: Keep(20)) }}, operations: {{ \"page\": [Repeat(\"{calls}\", [Call(\"db.query\")])] }}"))
            .service("db", "on: [\"pg\"], kind: Database, operations: { \"query\": [Delay(\"10ms\")] }")
            .poisson(100.0, "app.page");
        let results = results(&draft);
        let rho = |id| group(&results, id).all.offered_load.expect(id);
        near("pool", rho("app.pool(db)"), 100.0 * f64::from(calls) * 0.010 / 20.0, 0.02);
        near("workers", rho("app.workers"), 100.0 * f64::from(calls) * 0.010 / 100.0, 0.02);
        // Kept connections are open, asked or not: as many as were ever needed at once.
        let connections = &group(&results, "db.connections").all;
        near("connections", rho("db.connections"), connections.utilization_mean, 0.02);
    }
}

#[test]
fn descriptors_are_held_by_what_stays_open() {
    // 100/s that stay open for 60 s, at 1,000 descriptors: a proxy's own connection is over at once, the one behind it
    // is not.
    let draft = Draft::new(300.0)
        .machine("p", "cores: 1")
        .machine("b", "cores: 4")
        .service(
            "proxy",
            "on: [\"p\"], descriptors: 1000, links: { \"app\": () }, operations: { \"get\": [Call(\"app.get\")] }",
        )
        .service("app", "on: [\"b\"], operations: { \"get\": [Cpu(\"1ms\"), HoldFor(\"60s\")] }")
        .poisson(100.0, "proxy.get");
    let results = results(&draft);
    near("offered", group(&results, "proxy.descriptors").all.offered_load.expect("asked"), 6.0, 0.04);
}

#[test]
fn a_worker_that_stays_with_a_connection_is_held_as_long_as_that() {
    for (workers, rate) in [(1, 0.8), (10, 9.0)] {
        let draft = Draft::new(3000.0)
            .warm_up(60.0)
            .service(
                "app",
                &format!(
                    "workers: {workers}, worker_holds: Connection, operations: {{ \"serve\": [HoldFor(\"exp(1s)\")] }}"
                ),
            )
            .poisson(rate, "app.serve");
        let results = results(&draft);
        let all = &group(&results, "app.workers").all;
        near("offered", all.offered_load.expect("asked"), rate / f64::from(workers), 0.04);
        near("busy", all.utilization_mean, rate / f64::from(workers), 0.04);
    }
}

#[test]
fn machines_that_host_nothing_do_not_count() {
    // 150/s × 10 ms = 1.5 of the three cores that host it, whatever stands idle beside them.
    let draft = Draft::new(300.0)
        .machine("node", "count: 12, cores: 1")
        .service("app", "on: [\"node\"], instances: Count(3), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(150.0, "app.get");
    let results = results(&draft);
    let cpu = group(&results, "app.cpu");
    assert_eq!(cpu.members, 3);
    near("offered", cpu.all.offered_load.expect("asked"), 0.5, 0.02);
    near("busy", cpu.all.utilization_mean, 0.5, 0.02);
    near("cores", cpu.all.capacity, 3.0, 1e-9);
    assert!(cpu.all.offered_load <= cpu.all.offered_load_max);
}

/// Every kind of resource behind one crowd, with room for all: what is asked is what is in use.
fn roomy(program: &str, horizon_s: f64) -> Draft {
    Draft::new(horizon_s)
        .warm_up(20.0)
        .machine("web", "cores: 16, network: \"1Gbit/s\", iops: \"5000/s\"")
        .machine("pg", "cores: 16")
        .service("app", &format!("on: [\"web\"], workers: 60, threads: 12, cpu: (limit: 14), descriptors: 400, links: {{ \"db\": (connections: Keep(40)), \"side\": (target_limit: 50) }}, operations: {{ \"page\": [{program}] }}"))
        .service("db", "on: [\"pg\"], kind: Database, workers: 80, operations: { \"query\": [Cpu(\"exp(5ms)\"), Delay(\"exp(20ms)\")] }")
        .service("side", "on: [\"pg\"], workers: 80, operations: { \"ask\": [Cpu(\"exp(5ms)\"), Delay(\"exp(10ms)\")] }")
        .poisson(200.0, "app.page")
}

#[test]
fn offered_load_is_what_is_in_use_where_everything_is_taken() {
    let programs = [
        "Cpu(\"exp(10ms)\"), Send(\"20kB\"), Disk(\"2\"), Call(\"db.query\"), Call(\"side.ask\")",
        "Try([Call(\"db.query\")], [Call(\"side.ask\")]), Cpu(\"exp(10ms)\")",
        "Repeat(\"3\", [Call(\"db.query\")]), Background([Call(\"side.ask\")])",
        "Parallel([[Call(\"db.query\")], [Call(\"side.ask\")]])",
        "Choose([(3, [Call(\"db.query\")]), (1, [Call(\"side.ask\")])])",
    ];
    for program in programs {
        let results = results(&roomy(program, 200.0));
        for group in &results.groups {
            let (all, asked) = (&group.all, group.all.offered_load);
            assert_eq!((all.refused, all.saturated_at_s), (0, None), "{program}: {all:?}");
            if all.utilization_mean > 0.005 && !["memory", "keep_alive"].contains(&all.kind.name()) {
                let asked = asked.unwrap_or_else(|| panic!("{program}: {all:?}"));
                near(&format!("{program}: {}", all.id), asked, all.utilization_mean, 0.04);
            }
        }
    }
}

#[test]
fn calls_of_a_fallback_are_asked_for() {
    // A tenth of what comes is taken; 90/s × 20 ms of the 4 workers that stand in for it.
    let draft = Draft::new(120.0)
        .machine("m", "cores: 64")
        .service("app", "on: [\"m\"], links: { \"sharp\": (rate_limit: (rate: \"10/s\", burst: 1)), \"later\": () }, operations: { \"page\": [Try([Call(\"sharp.ask\")], [Call(\"later.ask\")])] }")
        .service("sharp", "on: [\"m\"], operations: { \"ask\": [Delay(\"1ms\")] }")
        .service("later", "on: [\"m\"], workers: 4, operations: { \"ask\": [Delay(\"20ms\")] }")
        .poisson(100.0, "app.page");
    let results = results(&draft);
    let all = &group(&results, "later.workers").all;
    near("offered", all.offered_load.expect("asked"), 0.45, 0.03);
    near("busy", all.utilization_mean, 0.45, 0.03);
    let few = draft_of_few_fallbacks();
    let all = &group(&self::results(&few), "later.workers").all.clone();
    near("offered by few", all.offered_load.expect("asked"), all.utilization_mean, 0.05);
}

/// Fewer runs in ten seconds than a mean rests on.
fn draft_of_few_fallbacks() -> Draft {
    Draft::new(600.0)
        .machine("m", "cores: 64")
        .service("app", "on: [\"m\"], links: { \"sharp\": (rate_limit: (rate: \"1/s\", burst: 1)), \"later\": () }, operations: { \"page\": [Try([Call(\"sharp.ask\")], [Call(\"later.ask\")])] }")
        .service("sharp", "on: [\"m\"], operations: { \"ask\": [Delay(\"1ms\")] }")
        .service("later", "on: [\"m\"], workers: 5, operations: { \"ask\": [Delay(\"490ms\")] }")
        .poisson(4.48, "app.page")
}

#[test]
fn what_is_refused_is_asked_for_of_every_kind() {
    // 100/s × 50 ms at 2 places: ρ is 2.5 whether they are workers, connections, a pool or places at a target, and
    // whether who finds none is turned away or waits until he gives up.
    let at = |fields: &str, link: &str| {
        Draft::new(200.0)
            .machine("m", "cores: 64")
            .service(
                "app",
                &format!(
                    "on: [\"m\"], links: {{ \"db\": ({link}) }}, operations: {{ \"page\": [Call(\"db.query\")] }}"
                ),
            )
            .service("db", &format!("on: [\"m\"], {fields} operations: {{ \"query\": [Delay(\"50ms\")] }}"))
            .poisson(100.0, "app.page")
    };
    for (id, fields, link) in [
        ("db.workers", "workers: 2, backlog: (limit: 0),", ""),
        ("db.workers", "workers: 2,", "timeout: \"80ms\""),
        ("db.connections", "max_connections: 2,", ""),
        ("app.pool(db)", "", "connections: Keep(2), pool_timeout: \"10ms\""),
        ("app.slots(db)", "", "target_limit: 2, queue_limit: 0"),
    ] {
        let results = results(&at(fields, link));
        let asked = group(&results, id).all.offered_load.expect(id);
        near(&format!("{id}: {fields} {link}"), asked, 2.5, 0.06);
    }
    // Each is tried twice more.
    let results = results(&at("workers: 2, backlog: (limit: 0),", "retry: (times: 2, after: \"10ms\")"));
    let workers = &group(&results, "db.workers").all;
    let tried = results.operations["db.query"].traffic.offered as f64 / 200.0;
    near("attempts", workers.offered_load.expect("asked"), tried * 0.05 / 2.0, 0.03);
}

#[test]
fn kept_connections_are_no_more_than_a_pool_may_open() {
    // Ten seconds of tenfold demand at a pool of 20 on a database of 100: connections never come near their limit.
    let rate = "Stages(start: \"50/s\", stages: [(\"60s\", \"50/s\"), (\"0s\", \"500/s\"), (\"10s\", \"500/s\"), (\"0s\", \"50/s\")])";
    let draft = Draft::new(120.0)
        .machine("m", "cores: 64")
        .service(
            "app",
            "on: [\"m\"], links: { \"db\": (connections: Keep(20)) }, operations: { \"page\": [Call(\"db.query\")] }",
        )
        .service(
            "db",
            "on: [\"m\"], kind: Database, max_connections: 100, operations: { \"query\": [Delay(\"20ms\")] }",
        )
        .source("crowd", &format!("Open(rate: {rate}, call: \"app.page\")"));
    let results = results(&draft);
    let all = &group(&results, "db.connections").all;
    let most = all.offered_load_max.expect("asked");
    assert!((0.1..0.21).contains(&most), "{all:?}");
    near("mean", all.offered_load.expect("asked"), all.utilization_mean, 0.1);
}

#[test]
fn what_is_asked_of_machines_is_what_it_takes_at_their_own_speed() {
    let draft = Draft::new(120.0)
        .machine("slow", "cores: 1")
        .machine("fast", "cores: 1, speed: 10")
        .service("a", "on: [\"slow\", \"fast\"], operations: { \"q\": [Cpu(\"50ms\")] }")
        .source("u", "Open(rate: Constant(\"30/s\"), gaps: \"1\", call: \"a.q\")");
    let mut results = results(&draft);
    surgelab::napkin::annotate(&crate::support::compile(&draft.text()), &mut results);
    for (id, rho) in [("slow/0.cpu", 0.75), ("fast/0.cpu", 0.075)] {
        let one = resource(&results, id);
        near(id, one.offered_load.expect(id), rho, 0.03);
        near(&format!("{id} busy"), one.utilization_mean, rho, 0.03);
        near(&format!("{id} at most"), one.offered_load_max.expect(id), rho, 0.1);
    }
    near("together", group(&results, "a.cpu").all.offered_load.expect("asked"), 0.4125, 0.03);
    // The napkin tells the two apart.
    let observed = |id| results.napkin.iter().find(|row| row.resource == id).expect(id).observed;
    near("slow", observed("slow.cpu").expect("measured"), 0.75, 0.03);
    near("fast", observed("fast.cpu").expect("measured"), 0.075, 0.03);
}

#[test]
fn what_is_slowed_down_is_asked_for_more_of_its_time() {
    // 10/s × 20 ms for half the time, at a quarter of the speed for the other: 0.2 and 0.8 of its time.
    for (target, cores) in [("m", 1.0), ("m/0", 2.0)] {
        let draft = Draft::new(60.0)
            .machine("m", &format!("count: {cores}"))
            .service("a", "on: [\"m\"], operations: { \"q\": [Cpu(\"20ms\")] }")
            .source(
                "u",
                &format!("Open(rate: Constant(\"{}/s\"), gaps: \"1\", call: \"a.q\", patience: \"5s\")", 10.0 * cores),
            )
            .rule(&format!("At(\"20s\", Slow(target: \"{target}\", factor: 0.25, lasting: \"30s\"))"));
        let results = results(&draft);
        let all = &group(&results, "a.cpu").all;
        near("offered", all.offered_load.expect("asked"), all.utilization_mean, 0.04);
        let one = resource(&results, "m/0.cpu");
        near("offered of one", one.offered_load.expect("asked"), 0.5, 0.04);
        near("busy of one", one.utilization_mean, 0.5, 0.04);
    }
}

#[test]
fn what_is_still_held_from_before_is_asked_for() {
    let workers = |traffic: &str| {
        let draft = Draft::new(20.0)
            .warm_up(7.0)
            .machine("m", "")
            .service("a", "on: [\"m\"], workers: 2, operations: { \"q\": [Delay(\"60s\")] }")
            .source("u", traffic);
        group(&results(&draft), "a.workers").all.clone()
    };
    let all = workers("Open(rate: Constant(\"2/s\"), gaps: \"1\", call: \"a.q\")");
    near("busy", all.utilization_mean, 1.0, 1e-6);
    near("offered", all.offered_load.expect("asked"), all.offered_load_max.expect("asked"), 0.1);
    // One comes at time 0 and nobody after.
    let all = workers("Open(rate: Stages(start: \"2/s\", stages: [(\"0s\", \"0/s\")]), gaps: \"1\", call: \"a.q\")");
    assert_eq!(all.utilization_mean, 1.0, "{all:?}");
    assert!(all.offered_load.is_some_and(|load| (1.0..2.0).contains(&load)), "{all:?}");
}

#[test]
fn nothing_is_asked_of_a_machine_that_nobody_comes_to() {
    let draft = Draft::new(60.0)
        .key("k", "Uniform(n: 1)")
        .machine("m", "count: 4")
        .service("a", "on: [\"m\"], workers: 2, operations: { \"q\": [Cpu(\"50ms\")] }")
        .source("u", "Open(rate: Constant(\"10/s\"), gaps: \"1\", call: \"a.q\", access: (balance: Hash(\"k\")))");
    let results = results(&draft);
    for (kind, used) in [("cpu", 0.5), ("workers", 0.25)] {
        let of_kind = results.resources.iter().filter(|row| row.kind.name() == kind);
        let asked: Vec<_> =
            of_kind.filter(|row| row.utilization_mean > 0.0 || row.offered_load_max.is_some()).collect();
        assert_eq!(asked.len(), 1, "{kind}: {asked:?}");
        near(kind, asked[0].offered_load.expect("asked"), used, 0.04);
        near(kind, asked[0].offered_load_max.expect("asked"), used, 0.04);
        let all = &group(&results, &format!("a.{kind}")).all;
        near(kind, all.offered_load.expect("asked"), used / 4.0, 0.04);
    }
}

/// Everything comes evenly, so that each figure is plain arithmetic.
fn even(horizon_s: f64, rate: &str, service: &str) -> Draft {
    Draft::new(horizon_s)
        .machine("box", "cores: 1")
        .service("app", &format!("on: [\"box\"], {service}"))
        .source("u", &format!("Open(rate: {rate}, gaps: \"1\", call: \"app.get\")"))
}

fn rho(draft: &Draft, id: &str) -> (f64, f64) {
    let all = group(&results(draft), id).all.clone();
    (all.offered_load.expect("asked"), all.offered_load_max.expect("asked"))
}

#[test]
fn a_hold_that_grows_shows_within_seconds() {
    // 100/s × 20 ms / 10, from 20 s to 40 s 200 ms.
    let draft = even(
        60.0,
        "Constant(\"100/s\")",
        "workers: 10, backlog: (limit: 10), operations: { \"get\": [Delay(\"20ms\")] }",
    )
    .rule("At(\"20s\", Set(\"services.app.operations.get\", [Delay(\"200ms\")]))")
    .rule("At(\"40s\", Set(\"services.app.operations.get\", [Delay(\"20ms\")]))");
    near("most", rho(&draft, "app.workers").1, 2.0, 0.06);
}

#[test]
fn the_mean_is_of_what_came_and_the_most_of_ten_seconds() {
    // Forty at once, every three seconds.
    let waves = Draft::new(30.0)
        .machine("box", "cores: 1")
        .service("app", "on: [\"box\"], operations: { \"get\": [Cpu(\"50ms\")] }")
        .source("s", "Closed(population: Constant(40), journey: [Call(\"app.get\"), Delay(\"1s\")])");
    let all = group(&results(&waves), "app.cpu").all.clone();
    near("mean", all.offered_load.expect("asked"), all.utilization_mean, 0.02);
    assert!(all.offered_load_max.expect("asked") < 0.85, "{all:?}");
    // A ramp from 10/s to 200/s in a minute: 6,300 × 5 ms.
    let ramp =
        even(60.0, "Ramp(from: \"10/s\", to: \"200/s\", over: \"60s\")", "operations: { \"get\": [Cpu(\"5ms\")] }");
    near("ramp", rho(&ramp, "app.cpu").0, 6300.0 * 0.005 / 60.0, 0.02);
}

#[test]
fn what_stands_still_is_asked_as_before() {
    let stall = even(60.0, "Constant(\"100/s\")", "operations: { \"get\": [Cpu(\"5ms\")] }")
        .rule("At(\"10s\", Slow(target: \"app\", factor: 0, lasting: \"6s\"))");
    near("mean", rho(&stall, "app.cpu").0, 0.5, 0.03);
}

#[test]
fn hedges_are_asked_for_whether_or_not_they_are_taken() {
    let draft = Draft::new(60.0)
        .machine("web", "cores: 4")
        .machine("box", "count: 2, cores: 1")
        .service(
            "app",
            "on: [\"web\"], links: { \"x\": (hedge: (after: \"50ms\")) }, operations: { \"p\": [Call(\"x.y\")] }",
        )
        .service("x", "on: [\"box\"], workers: 8, backlog: (limit: 8), operations: { \"y\": [Delay(\"100ms\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), gaps: \"1\", call: \"app.p\")");
    let results = results(&draft);
    let calls = results.operations["x.y"].traffic.offered as f64 / 60.0;
    near("workers", group(&results, "x.workers").all.offered_load.expect("asked"), calls * 0.1 / 16.0, 0.03);
}

#[test]
fn who_waits_for_a_lock_asks_for_it() {
    let lock = even(60.0, "Constant(\"100/s\")", "operations: { \"get\": [Lock(\"row\", \"\", [Delay(\"12ms\")])] }");
    near("lock", rho(&lock, "app.lock(row)").0, 1.2, 0.03);
}

#[test]
fn a_lock_is_asked_for_by_those_whose_program_takes_it() {
    // 150 buyers/s hold it 10 ms each for two minutes of ten, 20/s otherwise; the others never do. Refused calls of
    // either are of their own kind.
    let draft = Draft::new(600.0)
        .machine("m", "cores: 8")
        .service("app", "on: [\"m\"], workers: 100, backlog: (limit: 0), operations: { \"look\": [Delay(\"10ms\")], \"buy\": [Lock(\"stock\", \"\", [Delay(\"10ms\")])] }")
        .source("lookers", "Open(rate: Constant(\"300/s\"), gaps: \"1\", call: \"app.look\")")
        .source("buyers", "Open(rate: Stages(start: \"20/s\", stages: [(\"2min\", \"20/s\"), (\"0s\", \"150/s\"), (\"2min\", \"150/s\"), (\"0s\", \"20/s\"), (\"6min\", \"20/s\")]), gaps: \"1\", call: \"app.buy\")");
    let results = results(&draft);
    let lock = group(&results, "app.lock(stock)");
    near("lock", lock.all.offered_load.expect("asked"), (480.0 * 20.0 + 120.0 * 150.0) * 0.01 / 600.0, 0.02);
    let full = results.story.iter().find(|event| event.subject == "app.lock(stock)").expect("it was full");
    assert!(full.text.contains("arrivals") && !full.text.contains("demand per call"), "{}", full.text);
}

#[test]
fn a_thread_is_asked_for_by_cheap_and_dear_calls() {
    let draft = Draft::new(120.0)
        .machine("box", "cores: 2")
        .service(
            "app",
            "on: [\"box\"], threads: 1, operations: { \"cheap\": [Cpu(\"3ms\")], \"dear\": [Cpu(\"37ms\")] }",
        )
        .source("u", "Open(rate: Constant(\"10/s\"), call: \"app.cheap\")")
        .source("v", "Open(rate: Constant(\"10/s\"), call: \"app.dear\")");
    near("threads", rho(&draft, "app.threads").0, 0.4, 0.1);
}

#[test]
fn handshakes_are_asked_of_both_ends() {
    let draft = Draft::new(120.0)
        .machine("front", "cores: 1")
        .machine("back", "cores: 1")
        .service("app", "on: [\"front\"], links: { \"db\": (handshake: (caller: \"2ms\", callee: \"4ms\")) }, operations: { \"get\": [Cpu(\"1ms\"), Call(\"db.get\")] }")
        .service("db", "on: [\"back\"], operations: { \"get\": [Cpu(\"1ms\")] }")
        .poisson(50.0, "app.get");
    for (id, load) in [("app.cpu", 0.15), ("db.cpu", 0.25)] {
        near(id, rho(&draft, id).0, load, 0.1);
    }
}

/// A caller that cuts its calls short after 200 ms and tries again: cores were asked for all of a call's work, a worker
/// was held until then only.
#[test]
fn what_is_cut_short_asked_for_all_of_its_work_and_held_a_worker_for_a_part() {
    let draft = Draft::new(600.0)
        .warm_up(60.0)
        .machine("pg", "cores: 4")
        .machine("front", "cores: 16")
        .service(
            "app",
            r#"on: ["front"], operations: { "get": [Call("db.q")] }, links: {
                "db": (timeout: "200ms", cancel: All, retry: (times: 2, after: "10ms", on: [TimedOut])) }"#,
        )
        .service("db", r#"on: ["pg"], workers: 4, operations: { "q": [Cpu("exp(20ms)")] }"#)
        .poisson(190.0, "app.get");
    let results = results(&draft);
    let (cpu, workers) = (&group(&results, "db.cpu").all, &group(&results, "db.workers").all);
    let query = &results.operations["db.q"];
    let attempts = query.traffic.offered as f64 / results.horizon_s;
    let begun = query.begun as f64 / query.traffic.offered as f64;
    assert!(attempts > 195.0, "some are tried again: {attempts}");
    near("cores", cpu.offered_load.expect("asked"), attempts * 0.020 / 4.0, 0.01);
    let held = workers.busy_s / (results.horizon_s * attempts * begun);
    assert!(held < 0.0195, "cut short: {held}");
    near("workers", workers.offered_load.expect("asked"), attempts * held / 4.0, 0.01);
}

/// One machine twice as fast as the other, each given every second call: U = X · D / c, where a call takes D on the one
/// and D / 2 on the other.
#[test]
fn unequal_machines_are_weighed_by_what_they_did() {
    let draft = Draft::new(600.0)
        .warm_up(20.0)
        .machine("slow", "cores: 2")
        .machine("fast", "cores: 2, speed: 2.0")
        .service("app", "on: [\"slow\", \"fast\"], workers: 20, operations: { \"get\": [Cpu(\"exp(20ms)\")] }")
        .poisson(80.0, "app.get");
    let results = results(&draft);
    let time = |speed: f64| 40.0 * 0.020 / speed / 2.0;
    for (id, used) in [("slow/0.cpu", time(1.0)), ("fast/0.cpu", time(2.0))] {
        let cpu = resource(&results, id);
        near(id, cpu.utilization_mean, used, 0.02);
        near(id, cpu.offered_load.expect("asked"), used, 0.02);
    }
    let both = &group(&results, "app.workers").all;
    near("a call", results.operations["app.get"].service_s["app.cpu"], 0.020 * (1.0 + 0.5) / 2.0, 0.01);
    near("waits for no core alone", both.offered_load.expect("asked"), both.utilization_mean, 0.02);
    let workers = crate::napkin::napkin_row(&draft.text(), "app.workers").base;
    near("napkin", workers, 80.0 * 0.015 / 40.0, 1e-9);
}

/// Who no longer wants a lock does not stand in line for it: of 20 a second that wait 3 s at most, one a second has it.
#[test]
fn who_is_called_back_waits_for_no_lock() {
    let draft = |cancel: &str| {
        Draft::new(90.0)
            .service("db", "workers: 500, operations: { \"q\": [Lock(\"row\", \"\", [Delay(\"1s\")])] }")
            .source("u", &format!("Open(rate: Stages(start: \"20/s\", stages: [(\"20s\", \"20/s\"), (\"0s\", \"0/s\"), (\"70s\", \"0/s\")]), gaps: \"1\", call: \"db.q\", patience: \"3s\", access: (cancel: {cancel}))"))
    };
    let called_back = results(&draft("All"));
    let line = called_back.queues.iter().find(|line| line.subject == "db.lock(row)").expect("they wait");
    // 3 s × 20/s, but for those that had it.
    assert!((54..=60).contains(&line.deepest), "{line:?}");
    assert!(line.oldest_s.expect("seen") <= 3.0, "{line:?}");
    let empty = line.empty_at_s.expect("nobody is left");
    assert!((19.0..=23.0).contains(&empty), "{line:?}");
    // Who is not called back stands there until it is his turn, wanted or not.
    let stays = results(&draft("Never"));
    let line = stays.queues.iter().find(|line| line.subject == "db.lock(row)").expect("they wait");
    assert!(line.empty_at_s.is_none() && line.left > 300, "{line:?}");
}
