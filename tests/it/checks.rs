//! What is legal and cannot work, told with place and figures; beside each a twin that is right.

use surgelab::napkin;
use surgelab::scenario::{load, render};

/// Everything that is said of a scenario.
#[track_caller]
fn said(text: &str) -> String {
    let loaded =
        load("test.ron", text).unwrap_or_else(|problems| panic!("{}", render(&problems, "test.ron", text, false)));
    let problems = napkin::check(&loaded).expect("it compiles");
    render(&problems, "test.ron", text, false)
}

/// One thing is said, with the place it is said at.
#[track_caller]
fn says(text: &str, place: &str, words: &[&str]) {
    let said = said(text);
    for word in words {
        assert!(said.contains(word), "`{word}` is not said:\n{said}");
    }
    let carets = said.lines().filter(|line| line.contains('^'));
    let under = |line: &str| line.chars().filter(|c| *c == '^').count();
    assert!(
        carets.map(under).any(|length| length == place.chars().count()) && said.contains(place),
        "not at `{place}`:\n{said}"
    );
}

#[track_caller]
fn silent(text: &str, word: &str) {
    let said = said(text);
    assert!(!said.contains(word), "`{word}` is said:\n{said}");
}

/// Twelve machines of an application with a pool of so many to a database.
fn pooled(keep: &str, database: &str, rule: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "web": (count: 12, cores: 8), "pg": (cores: 32) }},
            services: {{
                "app": (on: ["web"], workers: 10, backlog: (limit: 100), links: {{ "db": (connections: Keep({keep})) }}, operations: {{ "page": [Call("db.q")] }}),
                "db": (kind: Database, on: ["pg"], {database} operations: {{ "q": [Delay("exp(20ms)")] }}),
            }},
            traffic: {{ "u": Open(rate: Constant("500/s"), call: "app.page") }}, runbook: [{rule}])"#
    )
}

#[test]
fn pools_that_may_open_more_than_there_is_room_for() {
    let words = ["pools may open 120 connections to `db`, which takes 100", "12 × 10 of `app`", "at least 120 each"];
    says(&pooled("10", "max_connections: 100,", ""), "100", &words);
    // What a database takes without a word is 100, too.
    says(&pooled("10", "", ""), "\"db\"", &words);
    says(&pooled("10", "max_connections: 500, descriptors: 90,", ""), "90", &["which takes 90"]);
    silent(&pooled("8", "max_connections: 100,", ""), "pools may open");
    let grows = r#"Autoscale(of: "web", metric: "app.cpu", target: "60%", every: "1min", most: 20)"#;
    let scaled = ["may open 160 connections to `db` once scaled out, which takes 100", "20 × 8 of `app`"];
    says(&pooled("8", "max_connections: 100,", grows), "100", &scaled);
    let napkin =
        napkin::napkin(&surgelab::model::Model::compile(&load("test.ron", &pooled("10", "", "")).unwrap()).unwrap());
    let row = napkin.iter().find(|row| row.resource == "db.connections").unwrap();
    assert!(row.note.starts_with("pools may open 120 on 100"), "{}", row.note);
}

fn little(keep: u32, rate: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "m": (cores: 8) }},
            services: {{
                "app": (on: ["m"], links: {{ "db": (connections: Keep({keep})) }}, operations: {{ "page": [Call("db.q")] }}),
                "db": (on: ["m"], operations: {{ "q": [Delay("50ms")] }}),
            }},
            traffic: {{ "u": Open(rate: {rate}, call: "app.page") }})"#
    )
}

#[test]
fn a_pool_smaller_than_littles_law_needs() {
    let figures = "100/s × 50.0 ms = 5.00 connections in use (Little's law), and there are 3.00";
    says(
        &little(3, r#"Constant("100/s")"#),
        "Keep(3)",
        &["`app.pool(db)` is overloaded at the base load already: offered load 1.67", figures],
    );
    silent(&little(6, r#"Constant("100/s")"#), "app.pool(db)");
    let rises = r#"Ramp(from: "10/s", to: "100/s", over: "1min")"#;
    says(
        &little(3, rises),
        "Keep(3)",
        &["`app.pool(db)` is the first to be too small for the peak: offered load 1.67", figures],
    );
    silent(&little(6, rises), "app.pool(db)");
}

fn memory(limit: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "m": (memory: "4GiB", cores: 4) }},
            services: {{
                "app": (on: ["m"], memory: (limit: "{limit}"), operations: {{ "page": [Cpu("1ms")] }}),
                "db": (on: ["m"], workers: 100, memory: (idle: "500MiB", per_worker: "10MiB"), operations: {{ "q": [Delay("50ms")] }}),
            }},
            traffic: {{ "u": Open(rate: Constant("10/s"), call: "app.page"), "v": Open(rate: Constant("10/s"), call: "db.q") }})"#
    )
}

#[test]
fn processes_that_a_machine_has_no_room_for_together() {
    says(&memory("3GiB"), "\"4GiB\"", &["what runs on `m` may take 4572MiB of 4GiB", "`app` 3GiB + `db` 1500MiB"]);
    silent(&memory("2GiB"), "may take");
}

fn counted(count: u32, rule: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "node": (count: 4, cores: 4) }},
            services: {{ "pod": (on: ["node"], instances: Count({count}), cpu: (limit: 2), workers: 50, operations: {{ "q": [Cpu("exp(10ms)")] }}) }},
            traffic: {{ "u": Open(rate: Constant("50/s"), call: "pod.q") }}, runbook: [{rule}])"#
    )
}

#[test]
fn instances_that_find_no_machine() {
    says(
        &counted(10, ""),
        "Count(10)",
        &["10 instances of `pod`, and room for 8", "the other 2 will be pending", "2 of its machine's cores"],
    );
    silent(&counted(8, ""), "room for");
    let scale = |most: u32| {
        format!(r#"Autoscale(of: "pod", metric: "pod.workers", target: "50%", every: "15s", most: {most})"#)
    };
    says(&counted(2, &scale(12)), "Count(2)", &["12 instances of `pod` once scaled out, and room for 8"]);
    silent(&counted(2, &scale(8)), "room for");
    // Machines that come later are not known.
    silent(&counted(10, r#"At("1min", AddMachines("node", 2))"#), "room for");
}

fn scaled(cpu: &str, target: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "10min", machines: {{ "node": (count: 4, cores: 4) }},
            services: {{ "pod": (on: ["node"], instances: Count(2), {cpu} workers: 50, operations: {{ "q": [Cpu("exp(10ms)")] }}) }},
            traffic: {{ "u": Open(rate: Constant("50/s"), call: "pod.q") }},
            runbook: [Autoscale(of: "pod", metric: "pod.cpu", target: "{target}", every: "15s", least: 2, most: 4)])"#
    )
}

#[test]
fn a_target_that_is_never_reached() {
    let words = [
        "`pod.cpu` is never above 60%",
        "it reaches 25% at most: an instance may use 1 of a machine's 4 cores",
        "the controller never adds one",
    ];
    says(&scaled("cpu: (limit: 1),", "60%"), "\"60%\"", &words);
    says(&scaled("threads: 1,", "60%"), "\"60%\"", &words);
    says(&scaled("", "100%"), "\"100%\"", &["`pod.cpu` is never above 100%"]);
    silent(&scaled("cpu: (limit: 1),", "20%"), "is never above");
    silent(&scaled("cpu: (limit: 3),", "60%"), "is never above");
    silent(&scaled("", "60%"), "is never above");
    let when = scaled("cpu: (limit: 1),", "20%")
        .replace("runbook: [", "runbook: [When(condition: \"pod.cpu > 40%\", then: AddInstances(\"pod\", 1)), ");
    says(&when, "\"pod.cpu > 40%\"", &["`pod.cpu` is never above 40%", "so it never comes true"]);
}

#[test]
fn two_controllers_of_one_number() {
    let one = scaled("", "60%");
    let two = one.replace(
        "runbook: [",
        "runbook: [Autoscale(of: \"pod\", metric: \"pod.workers\", target: \"50%\", every: \"1min\", most: 4), ",
    );
    says(&two, "\"pod\"", &["two controllers set the number of `pod`", "the other one"]);
    silent(&one, "two controllers");
}

/// A front that waits so long for an application, which waits for a database as said.
fn chain(outer: &str, inner: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "m": (cores: 4) }},
            services: {{
                "front": (on: ["m"], links: {{ "app": ({outer}) }}, operations: {{ "go": [Call("app.page")] }}),
                "app": (on: ["m"], links: {{ "db": ({inner}) }}, operations: {{ "page": [Call("db.q")] }}),
                "db": (on: ["m"], operations: {{ "q": [Cpu("5ms")] }}),
            }},
            traffic: {{ "u": Open(rate: Constant("10/s"), call: "front.go", patience: "8s") }})"#
    )
}

#[test]
fn timeouts_that_do_not_fit_into_each_other() {
    let longer = "`app` waits longer for `db` than anybody waits for `app`";
    says(
        &chain(r#"timeout: "2s""#, r#"timeout: "5s""#),
        "\"5s\"",
        &[longer, "5s, and `front` waits 2s for `app`: it goes on for nobody"],
    );
    silent(&chain(r#"timeout: "5s""#, r#"timeout: "2s""#), longer);
    // Who is told until when, or taken back, does not go on.
    silent(&chain(r#"timeout: "2s", deadline: Pass"#, r#"timeout: "5s""#), longer);
    silent(&chain(r#"timeout: "2s", cancel: All"#, r#"timeout: "5s""#), longer);
    silent(&chain("", r#"timeout: "5s""#), longer);
    says(&chain(r#"timeout: "10s""#, ""), "\"10s\"", &["`front` waits longer for `app`", "`u` waits 8s for `front`"]);
    let late = "the last retries of `front` at `app` come too late";
    let retries = r#"timeout: "3s", retry: (times: 2, after: "1s")"#;
    says(
        &chain(retries, ""),
        "2",
        &[late, "3 attempts of 3s with their pauses take 11s, and `u` waits 8s for `front`"],
    );
    silent(&chain(r#"timeout: "2s", retry: (times: 2, after: "1s")"#, ""), late);
    silent(&chain(r#"timeout: "3s", retry: (times: 1, after: "1s")"#, ""), late);
}

fn checked(app: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "3min", machines: {{ "m": (count: 3, cores: 1) }},
            services: {{
                "lb": (kind: Balancer(to: "app"), links: {{ "app": (health: (every: "5s", timeout: "1s", fall: 2, rise: 2)) }}),
                "app": (on: ["m"], {app} operations: {{ "q": [Cpu("exp(10ms)")] }}),
            }},
            traffic: {{ "u": Open(rate: Constant("220/s"), call: "lb.q", patience: "5s") }})"#
    )
}

#[test]
fn health_checks_that_stand_in_the_queue_they_judge() {
    let place = r#"(every: "5s", timeout: "1s", fall: 2, rise: 2)"#;
    let shared = "health checks of `app` share the workers they judge";
    let figures = "a full backlog is 100 × 10.0 ms = 1.00 s of work: a check is refused, or fails after 1.00 s";
    says(
        &checked("workers: 10, backlog: (limit: 100),"),
        place,
        &[shared, figures, "an instance that is only full is taken out"],
    );
    says(&checked("workers: 10,"), place, &[shared, "waits behind all others"]);
    says(&checked("workers: 10, backlog: (limit: 0),"), place, &[shared, "is refused"]);
    silent(&checked(""), shared);
    silent(&checked("workers: 10,").replace("health: (every: \"5s\", timeout: \"1s\", fall: 2, rise: 2)", ""), shared);
}

#[test]
fn what_a_door_holds_back_is_not_called_overloaded() {
    let text = r#"(version: 1, title: "t", horizon: "3min", machines: { "m": (cores: 4) },
        services: {
            "door": (on: ["m"], workers: 1, operations: { "enter": [Delay("20ms")] }),
            "app": (on: ["m"], operations: { "q": [Cpu("exp(40ms)")] }),
        },
        traffic: { "u": Users(arrive: Constant("150/s"), journey: [Call("door.enter"), Call("app.q")]) })"#;
    says(
        text,
        "1",
        &[
            "`door.workers` is overloaded at the base load already: offered load 3.00",
            "150/s × 20.0 ms = 3.00 workers busy",
        ],
    );
    silent(text, "m.cpu");
    says(&text.replace("workers: 1,", ""), "4", &["`m.cpu` is overloaded at the base load already: offered load 1.50"]);
}

/// One service, with what is said of the rest of the file.
fn small(more: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "5min", machines: {{ "m": (cores: 2) }},
            services: {{ "a": (on: ["m"], workers: 40, operations: {{ "o": [Cpu("1ms")], "p": [Cpu("1ms")] }}) }},
            traffic: {{ "u": Open(rate: Constant("10/s"), call: "a.o"), "v": Open(rate: Constant("1/s"), call: "a.p") }}, {more})"#
    )
}

/// Every error of a file, as it is told.
#[track_caller]
fn errors(text: &str) -> String {
    let problems = load("test.ron", text).expect_err("it is wrong");
    render(&problems, "test.ron", text, false)
}

#[test]
fn a_negative_number_is_told_without_the_largest_there_is() {
    let said = errors(&small("").replace("workers: 40", "workers: -40"));
    assert!(said.contains("`-40` is negative") && said.contains("expected a whole number without a sign"), "{said}");
    assert!(!said.contains("4294967295"), "{said}");
}

#[test]
fn a_bill_without_prices_is_told() {
    let asked = small(r#"objectives: { "cost": ["total < 5"] }"#);
    says(&asked, "\"cost\"", &["a bill without prices", "nothing to observe"]);
    silent(&asked.replace("cores: 2", "cores: 2, price: \"0.1/h\""), "a bill");
    let given =
        small(r#"objectives: { "cost": ["total < 5"] }, variants: { "v": (set: { "machines.m.price": "1/h" }) }"#);
    silent(&given, "a bill");
}

#[test]
fn a_wrong_piece_of_a_variant_is_told_once() {
    let said = errors(&small(
        r#"variants: {
            "one": (set: { "horizon": "5 parsecs" }),
            "two": (from: "one", set: { "services.a.workers": 5 }),
            "three": (from: "two", set: { "services.a.workers": 6 }),
        }"#,
    ));
    assert_eq!(said.matches("parsecs` is not a unit").count(), 1, "{said}");
}

#[test]
fn a_variant_that_takes_away_what_an_objective_is_about_points_at_both() {
    let said = errors(&small(
        r#"objectives: { "a.p": ["p(95) < 1s"] },
        variants: { "less": (set: { "traffic.v.call": "a.o", "services.a.operations": { "o": [Cpu("1ms")] } }) }"#,
    ));
    assert!(said.contains("variant `less` gives a wrong file"), "{said}");
    assert!(said.contains("this objective is about it"), "{said}");
}

#[test]
fn paths_of_a_variant_do_not_lie_in_one_another() {
    let said = errors(&small(
        r#"variants: { "v": (set: { "services.a.workers": 10, "services.a": (on: ["m"], operations: { "o": [Cpu("1ms")], "p": [] }) }) }"#,
    ));
    assert!(said.contains("`services.a.workers` is in `services.a`, which variant `v` sets, too"), "{said}");
    assert!(said.contains("the whole of it"), "{said}");
}

#[test]
fn conditions_that_never_come_true() {
    let rule = |condition: &str| small(&format!(r#"runbook: [When(condition: "{condition}", then: Crash("a"))]"#));
    let never = ["u.failed > 100%", "a.workers < 0%", "a.backlog < 0", "u.goodput < 0/s", "a.up < 0"];
    for condition in never {
        says(&rule(condition), &format!("\"{condition}\""), &["is never", "so it never comes true"]);
    }
    for condition in ["u.failed > 99%", "a.workers < 1%", "a.backlog > 100", "a.up < 1"] {
        silent(&rule(condition), "is never");
    }
}

#[test]
fn windows_of_sessions_are_not_asked_for() {
    for (asked, said) in [
        ("worst 1min p(95) session < 3min", "`p(95) session` has no windows"),
        ("worst 1min sessions completed > 5%", "`sessions completed` has no windows"),
        ("p(95) session < 3min worst 1min", "`worst` and its window stand in front of the metric"),
    ] {
        let text = small(&format!(r#"objectives: {{ "u": ["{asked}"] }}"#));
        let errors = errors(&text);
        assert!(errors.contains(said), "{errors}");
    }
}

/// So many people who ask a service with so many places, and what they do before and after.
fn closed(people: &str, service: &str, journey: &str, more: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "10s", machines: {{ "m": () }},
            services: {{ "a": (on: ["m"], {service} operations: {{ "page": [Cpu("10ms")] }}) }},
            traffic: {{ "u": Closed(population: Constant({people}), journey: [{journey}], {more}) }})"#
    )
}

#[test]
fn a_population_that_is_refused_and_comes_again_at_once() {
    let full = "workers: 1, backlog: (limit: 0),";
    let words = ["`u` asks again at once when it is refused", "50 come, and `a` has places for 1", "a `Delay`"];
    says(&closed("50", full, "Call(\"a.page\")", ""), "Constant(50)", &words);
    says(&closed("50", "max_connections: 20,", "Call(\"a.page\")", ""), "Constant(50)", &["has places for 20"]);
    says(&closed("50", full, "Call(\"a.page\"), Delay(\"1s\")", ""), "Constant(50)", &words[..1]);
    let word = "asks again at once";
    silent(&closed("1", full, "Call(\"a.page\")", ""), word);
    silent(&closed("50", "workers: 1,", "Call(\"a.page\")", ""), word);
    silent(&closed("50", full, "Delay(\"1s\"), Call(\"a.page\")", ""), word);
    silent(&closed("50", full, "Call(\"a.page\"), Delay(\"1s\")", "then: Continue"), word);
    silent(&closed("50", full, "Call(\"a.page\")", "access: (latency: \"1ms\")"), word);
    silent(&closed("50", full, "Call(\"a.page\")", "retry: (times: 3, after: \"1s\")"), word);
    let behind = r#"(version: 1, title: "t", horizon: "10s", machines: { "m": () }, services: {
        "lb": (kind: Balancer(to: "a"), on: ["m"], links: { "a": () }),
        "a": (on: ["m"], links: { "b": () }, operations: { "page": [Call("b.get")] }),
        "b": (on: ["m"], workers: 2, backlog: (limit: 3), operations: { "get": [Cpu("10ms")] }),
    }, traffic: { "u": Closed(population: Constant(50), journey: [Call("lb.page")]) })"#;
    says(behind, "Constant(50)", &["`b` has places for 5"]);
}

/// 100 messages a second, and consumers that do 2 × 40: all of them are handed on at once, and wait without end.
#[test]
fn messages_that_nothing_bounds() {
    let queue = |link: &str, worker: &str, rate: &str| {
        format!(
            r#"(version: 1, title: "t", horizon: "5min", machines: {{ "m": (cores: 8) }},
                services: {{
                    "app": (on: ["m"], links: {{ "jobs": () }}, operations: {{ "go": [Enqueue("jobs.work")] }}),
                    "jobs": (kind: Queue(to: "worker"), links: {{ "worker": ({link}) }}),
                    "worker": (on: ["m"], workers: 2, {worker} operations: {{ "work": [Delay("25ms")] }}),
                }},
                traffic: {{ "u": Open(rate: {rate}, call: "app.go") }})"#
        )
    };
    let (flat, peak) = ("Constant(\"100/s\")", "Ramp(from: \"40/s\", to: \"100/s\", over: \"1min\")");
    let words = ["nothing bounds the messages that pile up at `worker`", "at the peak 100/s come and 80.0/s are done"];
    says(&queue("", "", flat), "\"worker\"", &words);
    says(&queue("", "", peak), "\"worker\"", &words);
    let word = "nothing bounds the messages";
    silent(&queue("", "", "Constant(\"70/s\")"), word);
    silent(&queue("connections: Keep(2)", "", flat), word);
    silent(&queue("target_limit: 2", "", flat), word);
    silent(&queue("", "backlog: (limit: 100),", flat), word);
}
