use super::*;
use crate::scenario::{Edit, load};

fn model(text: &str) -> Model {
    let loaded = load("test", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Model::compile(&loaded).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A crowd that meets five services, each with a limit of another kind.
fn hug(set: &[(&str, &str)]) -> Vec<NapkinRow> {
    let text = r#"(
        version: 1, title: "hug", horizon: "2h",
        machines: {
            "web": (count: 2, cores: 4), "db": (cores: 4), "tiny": (), "talk": (cores: 2), "tabs": (cores: 2),
        },
        services: {
            "elb": (kind: Balancer(to: "app"), links: { "app": () }),
            "app": (on: ["web"], workers: 120, links: { "rds": (connections: Keep(120)) }, operations: { "page": [Cpu("exp(8ms)"), Call("rds.query")] }),
            "rds": (kind: Database, on: ["db"], max_connections: 2000, operations: { "query": [Cpu("exp(6ms)")] }),
            "forum": (on: ["tiny"], workers: 150, operations: { "sso": [Cpu("exp(25ms)")] }),
            "blog": (on: ["tiny"], workers: 16, operations: { "post": [Cpu("exp(50ms)")] }),
            "chat": (on: ["talk"], threads: 1, scheduling: Fifo, operations: { "join": [Cpu("10us*connections"), Hold] }),
            "push": (on: ["tabs"], descriptors: 10000, memory: (idle: "64MiB", per_connection: "32KiB", limit: "1900MiB"), operations: { "subscribe": [Cpu("0.3ms"), Hold] }),
        },
        traffic: {
            "visitors": Users(
                arrive: Flash(base: "10/s", peak: "100/s", at: "0s", rise: "600s", half_life: "40min"),
                journey: [
                    Background([Call("push.subscribe")]), Background([Call("forum.sso")]), Background([Choose([(0.2, [Call("chat.join")]), (0.8, [])])]),
                    Repeat("20", [Call("elb.page")]), Delay("exp(600s)"),
                ],
            ),
            "readers": Open(rate: Constant("1/s"), call: "blog.post"),
        },
    )"#;
    let edits: Vec<Edit> = set.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    let loaded = load("hug", text)
        .and_then(|loaded| loaded.with(None, &edits))
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    napkin(&Model::compile(&loaded).expect("it is small"))
}

fn row<'a>(rows: &'a [NapkinRow], name: &str) -> &'a NapkinRow {
    rows.iter().find(|row| row.resource == name).unwrap_or_else(|| panic!("no {name} in {rows:#?}"))
}

#[track_caller]
fn within(found: Option<f64>, expected: f64, tolerance: f64) {
    let found = found.expect("it saturates");
    assert!((found / expected - 1.0).abs() < tolerance, "{found} instead of {expected}");
}

#[test]
fn a_crowd_passes_capacities_in_the_order_of_their_demand() {
    let rows = hug(&[]);
    let multiple = |name: &str| row(&rows, name).saturates_at;
    within(multiple("push.descriptors"), 1.667, 0.01);
    within(multiple("rds.cpu"), 3.333, 0.01);
    within(multiple("tiny.cpu"), 3.8, 0.01);
    within(multiple("app.cpu"), 5.0, 0.01);
    within(multiple("chat.threads"), 6.45, 0.01);
    // Least of the crowd fills the descriptors, but they follow the sessions, which come later than the work.
    let known = ["rds.cpu", "tiny.cpu", "push.descriptors", "app.cpu", "chat.threads"];
    let order: Vec<&str> = rows.iter().map(|row| row.resource.as_str()).filter(|name| known.contains(name)).collect();
    assert_eq!(order, known);
    assert!((row(&rows, "tiny.cpu").base - 0.3).abs() < 1e-9);
    assert!((row(&rows, "rds.cpu").peak - 3.0).abs() < 1e-9);
    assert!((row(&rows, "app.cpu").peak - 2.0).abs() < 1e-9);
}

#[test]
fn remedies_move_their_own_row_only() {
    within(row(&hug(&[("machines.web.count", "4")]), "app.cpu").saturates_at, 10.0, 0.01);
    within(row(&hug(&[("machines.web.count", "6")]), "app.cpu").saturates_at, 15.0, 0.01);
    within(row(&hug(&[("machines.db.cores", "16")]), "rds.cpu").saturates_at, 13.33, 0.01);
    within(row(&hug(&[("services.push.descriptors", "100000")]), "push.memory").saturates_at, 9.8, 0.05);
}

#[test]
fn work_passes_with_the_profile_and_connections_with_the_sessions() {
    let rows = hug(&[]);
    let passed = |name: &str| row(&rows, name).passed_at_s;
    within(passed("rds.cpu"), 155.6, 0.01);
    within(passed("tiny.cpu"), 186.7, 0.01);
    // N(t) of the ramp reaches 10,000 at 247 s, long after the profile passes 1.67 (44 s).
    within(passed("push.descriptors"), 247.0, 0.01);
    within(passed("app.cpu"), 266.7, 0.01);
}

#[test]
fn overload_at_the_base_load_is_warned_of_with_its_number() {
    let text = |rate: &str| {
        format!(
            r#"(version: 1, title: "t", horizon: "1h", machines: {{ "m": () }}, services: {{ "s": (on: ["m"], operations: {{ "o": [Cpu("10ms")] }}) }},
               traffic: {{ "all": Open(rate: Constant("{rate}"), call: "s.o") }})"#
        )
    };
    assert_eq!(
        warnings(&model(&text("125/s"))),
        ["`s.cpu` is overloaded at the base load already: offered load 1.25, capacity 1"]
    );
    assert!(warnings(&model(&text("99/s"))).is_empty());
    let checked = check(&load("test", &text("125/s")).expect("it is legal")).expect("it is small");
    assert!(checked.iter().any(|problem| !problem.is_error() && problem.message.contains("1.25")));
}

#[test]
fn a_lock_is_one_in_each_instance_and_held_as_long_as_what_is_under_it() {
    let rows = |lock: &str, count: u32| {
        napkin(&model(&format!(
            r#"(version: 1, title: "t", horizon: "1h", keys: {{ "row": Uniform(n: 1000) }}, machines: {{ "m": (count: {count}) }}, services: {{ "s": (on: ["m"], operations: {{ "o": [Cpu("2ms"), {lock}] }}) }},
               traffic: {{ "all": Open(rate: Constant("100/s"), call: "s.o") }})"#
        )))
    };
    let one = rows(r#"Lock("row", "", [Delay("8ms"), Repeat("2", [Delay("2ms")])])"#, 1);
    assert!((row(&one, "s.lock(row)").base - 1.2).abs() < 1e-9, "{one:?}");
    let two = rows(r#"Lock("row", "", [Delay("12ms")])"#, 2);
    assert!((row(&two, "s.lock(row)").base - 0.6).abs() < 1e-9, "{two:?}");
    let keyed = rows(r#"Lock("row", "row", [Delay("12ms")])"#, 1);
    assert!(keyed.iter().all(|row| !row.resource.contains("lock")), "{keyed:?}");
}

#[test]
fn stations_with_a_formula_say_its_answer_and_others_why_not() {
    let note = |service: &str, operation: &str| {
        let text = format!(
            r#"(version: 1, title: "t", horizon: "1h", machines: {{ "m": (), "four": (cores: 4) }}, services: {{ "s": ({service}, operations: {{ "o": [{operation}] }}) }},
               traffic: {{ "all": Open(rate: Constant("80/s"), call: "s.o") }})"#
        );
        napkin(&model(&text))[0].note.clone()
    };
    assert_eq!(
        note(r#"on: ["m"]"#, r#"Cpu("lognormal(10ms, cv 3)")"#),
        "M/G/1-PS: mean latency 50.0 ms at the base load"
    );
    assert_eq!(note(r#"on: ["m"], workers: 1"#, r#"Cpu("10ms")"#), "M/G/1: mean latency 30.0 ms at the base load");
    assert_eq!(note(r#"on: ["m"], workers: 1"#, r#"Cpu("exp(10ms)")"#), "M/M/1: mean latency 50.0 ms at the base load");
    assert!(note(r#"on: ["four"], workers: 3"#, r#"Cpu("exp(25ms)")"#).starts_with("M/M/3: mean latency "));
    assert!(note(r#"on: ["four"]"#, r#"Cpu("exp(25ms)")"#).starts_with("M/G/4-PS: mean latency "));
    assert!(note(r#"on: ["m"], workers: 1, backlog: (limit: 4)"#, r#"Cpu("exp(10ms)")"#).starts_with("M/M/1/5 ("));
    assert_eq!(note(r#"on: ["m"]"#, r#"Cpu("5ms"), Cpu("5ms")"#), "M/G/1-PS: mean latency 50.0 ms at the base load");
    assert_eq!(
        note(r#"on: ["m"]"#, r#"Cpu("5ms"), Delay("5ms")"#),
        "M/G/1-PS: mean time at the CPU 8.33 ms at the base load"
    );
    // Who holds the one worker while waiting is served by it: D = 10 ms.
    assert_eq!(
        note(r#"on: ["m"], workers: 1"#, r#"Cpu("5ms"), Delay("5ms")"#),
        "M/G/1: mean latency 30.0 ms at the base load"
    );
    assert_eq!(note(r#"on: ["m"], workers: 8"#, r#"Cpu("10ms")"#), "no formula: 8 at once share 1 cores");
}

#[test]
fn a_crowd_that_comes_from_nothing_has_no_multiple_but_a_moment() {
    let rows = napkin(&model(
        r#"(version: 1, title: "t", horizon: "1h", machines: { "m": () }, services: { "s": (on: ["m"], operations: { "o": [Cpu("10ms")] }) },
           traffic: { "all": Open(rate: Ramp(from: "0/s", to: "200/s", over: "100s"), call: "s.o") })"#,
    ));
    assert_eq!(rows[0].saturates_at, None);
    within(rows[0].passed_at_s, 50.0, 0.001);
    let breaks = rows[0].breaks_at.as_ref().expect("it breaks at some load");
    assert_eq!(breaks_in_words(breaks), "100 requests/s");
    within(Some(breaks.of_peak), 0.5, 1e-9);
}

/// Rows of a door in front of a service, asked for what is said.
fn behind(door: &str, more: &str, traffic: &str) -> Vec<NapkinRow> {
    napkin(&model(&format!(
        r#"(version: 1, title: "t", horizon: "10min", machines: {{ "m": (cores: 4), "n": (cores: 1) }},
            services: {{ "door": (on: ["m"], {door}), "app": (on: ["n"], {more} operations: {{ "q": [Cpu("exp(10ms)")] }}) }},
            traffic: {{ "u": {traffic} }})"#
    )))
}

#[test]
fn a_full_door_protects_what_is_behind_it() {
    // Each lets 50 a second through of 150: the one core behind needs half of its time.
    let visitors = r#"Users(arrive: Constant("150/s"), journey: [Call("door.enter"), Call("app.q")])"#;
    let caller = r#"Open(rate: Constant("150/s"), call: "door.enter")"#;
    let limited = r#"Open(rate: Constant("150/s"), call: "app.q", access: (rate_limit: (rate: "50/s")))"#;
    let calls = r#"operations: { "enter": [Call("app.q")] }"#;
    let cases = [
        (r#"workers: 1, operations: { "enter": [Delay("20ms")] }"#, visitors, "door.workers"),
        (r#"workers: 1, backlog: (limit: 5), operations: { "enter": [Delay("20ms")] }"#, visitors, "door.workers"),
        (r#"max_connections: 2, operations: { "enter": [Delay("40ms")] }"#, visitors, "door.connections"),
        (r#"threads: 1, operations: { "enter": [Cpu("20ms")] }"#, visitors, "door.threads"),
        (
            r#"workers: 1, links: { "app": () }, operations: { "enter": [Call("app.q"), Delay("10ms")] }"#,
            caller,
            "door.workers",
        ),
        (
            r#"links: { "app": (connections: Keep(1), latency: "5ms") }, operations: { "enter": [Call("app.q")] }"#,
            caller,
            "door.pool(app)",
        ),
        (
            r#"links: { "app": (target_limit: 1, latency: "5ms") }, operations: { "enter": [Call("app.q")] }"#,
            caller,
            "door.slots(app)",
        ),
        (&format!(r#"links: {{ "app": (rate_limit: (rate: "50/s")) }}, {calls}"#), caller, "door.rate_limit(app)"),
        (r#"operations: { "enter": [Delay("1ms")] }"#, limited, "u.rate_limit(app)"),
    ];
    for (door, traffic, protector) in cases {
        let rows = behind(door, "", traffic);
        let app = row(&rows, "app.cpu");
        within(Some(app.base), 0.5, 1e-6);
        assert_eq!(app.behind.as_deref(), Some(protector), "{door}");
        within(app.asked, 1.5, 1e-9);
        assert_eq!((&app.breaks_at, app.passed_at_s), (&None, Some(0.0)), "{door}");
        within(app.saturates_at, 2.0 / 3.0, 1e-6);
        assert!(app.note.contains("breaks at 100 "), "{}", app.note);
    }
    // At 30/s none of them is full yet, and all say what breaks first.
    let rows = behind(cases[0].0, "", &visitors.replace("150/s", "30/s"));
    let app = row(&rows, "app.cpu");
    assert_eq!((&app.breaks_at, &app.behind), (&None, &None));
    assert!(app.note.starts_with("what is in front breaks first; without that at 100 sessions/s"), "{}", app.note);
    // Nothing is kept from those who do not come through it, who go on when it refuses, or whom nobody waits for.
    for (door, traffic) in [
        (
            r#"workers: 1, operations: { "enter": [Delay("20ms")] }"#,
            r#"Users(arrive: Constant("150/s"), journey: [Call("app.q"), Call("door.enter")])"#,
        ),
        (
            r#"workers: 1, operations: { "enter": [Delay("20ms")] }"#,
            r#"Users(arrive: Constant("150/s"), journey: [Background([Call("door.enter")]), Call("app.q")])"#,
        ),
        (
            r#"workers: 1, backlog: (limit: 5), operations: { "enter": [Delay("20ms")] }"#,
            r#"Users(arrive: Constant("150/s"), journey: [Call("door.enter"), Call("app.q")], then: Continue)"#,
        ),
        (
            r#"workers: 1, backlog: (limit: 5), operations: { "enter": [Delay("20ms")] }"#,
            r#"Users(arrive: Constant("150/s"), journey: [Try([Call("door.enter")], []), Call("app.q")])"#,
        ),
        (r#"workers: 20, operations: { "enter": [Delay("20ms")] }"#, visitors),
    ] {
        let rows = behind(door, "", traffic);
        within(Some(row(&rows, "app.cpu").base), 1.5, 1e-9);
        assert_eq!(row(&rows, "app.cpu").behind, None);
    }
}

#[test]
fn what_shares_a_machine_takes_from_each_other_until_nothing_changes() {
    // f = 1 / (1 + f): the golden ratio.
    let rows = napkin(&model(
        r#"(version: 1, title: "t", horizon: "10min", machines: { "m": () },
            services: { "a": (on: ["m"], operations: { "q": [Cpu("10ms")] }), "b": (on: ["m"], operations: { "q": [Cpu("10ms")] }) },
            traffic: { "u": Users(arrive: Constant("100/s"), journey: [Call("a.q"), Call("b.q")]) })"#,
    ));
    // Its own row is what would be asked of it if it kept up.
    within(Some(row(&rows, "m.cpu").base), 2.0, 1e-6);
    within(row(&rows, "m.cpu").breaks_at.as_ref().map(|at| at.of_peak), 0.5, 1e-6);
}

#[test]
fn a_part_of_the_load_that_no_door_holds_back_breaks_it_later() {
    let rows = behind(
        r#"workers: 1, operations: { "enter": [Delay("20ms")] }"#,
        "",
        r#"Users(arrive: Constant("50/s"), journey: [Choose([(1, [Call("app.q")]), (1, [Call("door.enter"), Call("app.q")])])])"#,
    );
    // Half come straight, half at most at 50/s: 1 = 10 ms (λ/2 + 50/s) at λ = 100/s, twice the peak.
    within(row(&rows, "app.cpu").breaks_at.as_ref().map(|at| at.of_peak), 2.0, 1e-6);
    let rows = behind(
        r#"workers: 1, operations: { "enter": [Delay("40ms")] }"#,
        "",
        r#"Users(arrive: Constant("50/s"), journey: [Choose([(1, [Call("app.q")]), (1, [Call("door.enter"), Call("app.q")])])])"#,
    );
    // The door lets 25/s through: λ = 150/s, three times the peak.
    within(row(&rows, "app.cpu").breaks_at.as_ref().map(|at| at.of_peak), 3.0, 1e-5);
}

#[test]
fn a_break_is_a_load_and_a_multiple_of_the_highest_that_the_file_reaches() {
    let breaks = |traffic: &str| {
        let rows = napkin(&model(&format!(
            r#"(version: 1, title: "t", horizon: "10min", machines: {{ "m": () }}, services: {{ "s": (on: ["m"], operations: {{ "o": [Cpu("10ms")] }}) }},
               traffic: {{ {traffic} }})"#
        )));
        let at = rows[0].breaks_at.clone().expect("it breaks at some load");
        (breaks_in_words(&at), at.of_peak)
    };
    let close = |(words, of_peak): (String, f64), expected: &str, multiple: f64| {
        assert_eq!(words, expected);
        within(Some(of_peak), multiple, 1e-6);
    };
    close(
        breaks(r#""u": Open(rate: Ramp(from: "10/s", to: "400/s", over: "1min"), call: "s.o")"#),
        "100 requests/s",
        0.25,
    );
    // A ramp that the horizon cuts off reaches half of it.
    close(
        breaks(r#""u": Open(rate: Ramp(from: "0/s", to: "400/s", over: "20min"), call: "s.o")"#),
        "100 requests/s",
        0.5,
    );
    close(
        breaks(r#""u": Users(arrive: Constant("50/s"), journey: [Repeat("4", [Call("s.o")])])"#),
        "25.0 sessions/s",
        0.5,
    );
    close(breaks(r#""u": Closed(population: Constant(40), journey: [Call("s.o"), Delay("990ms")])"#), "100 users", 2.5);
    // Steady background is not multiplied: 20/s of it leave 80/s.
    close(
        breaks(
            r#""v": Open(rate: Constant("20/s"), call: "s.o"), "u": Open(rate: Ramp(from: "10/s", to: "40/s", over: "1min"), call: "s.o")"#,
        ),
        "80.0 requests/s",
        2.0,
    );
}
