//! What runs the application: processes, threads and event loops.
use super::{about, seen};
use crate::support::Draft;

/// A box with four cores that is offered so many requests of 10 ms CPU each.
fn four_cores(part: &str, per_second: f64) -> Draft {
    Draft::new(60.0)
        .machine("box", "cores: 4")
        .service("app", &format!("like: \"{part}\", operations: {{ \"get\": [Cpu(\"exp(10ms)\")] }}"))
        .poisson_with(per_second, "app.get", "patience: \"5s\"")
}

#[test]
fn node_does_not_use_a_second_core() {
    let busy = seen(&four_cores("node", 150.0));
    about(busy.busy("box/0.cpu"), 0.25, "one of four cores");
    assert!(busy.busy("app/0.threads") > 0.95);
    let larger = seen(&four_cores("node", 150.0).machine("box", "cores: 1"));
    about(larger.goodput(), busy.goodput(), "one core is as good as four");
    let cluster = seen(&four_cores("node", 150.0).machine("box", "cores: 1, count: 4"));
    about(cluster.goodput(), 150.0, "a process per core takes it");
}

#[test]
fn the_interpreter_lock_keeps_django_on_one_core() {
    let django = seen(&four_cores("lighttpd-flup-django", 150.0));
    about(django.busy("box/0.cpu"), 0.25, "one of four cores");
    let prefork = seen(&four_cores("apache-prefork", 150.0));
    about(prefork.busy("box/0.cpu"), 0.375, "processes use them all");
    about(prefork.goodput(), 150.0, "and answer everybody");
}

#[test]
fn php_children_bound_what_waits_for_the_database() {
    let site = |children: &str| {
        Draft::new(60.0)
            .service(
                "php",
                &format!(
                    "like: \"php-cgi\", {children}links: {{ \"db\": () }}, operations: {{ \"page\": [Cpu(\"1ms\"), Call(\"db.query\")] }}"
                ),
            )
            .service("db", "operations: { \"query\": [Delay(\"99ms\")] }")
            .poisson_with(80.0, "php.page", "patience: \"2s\"")
    };
    let five = seen(&site(""));
    assert!(five.busy("php/0.workers") > 0.99);
    assert!(five.busy("box/0.cpu") < 0.1, "the processor is not what it lacks");
    let twenty = seen(&site("workers: 20, "));
    about(twenty.goodput(), 80.0, "more children");
    assert!(five.goodput() < 55.0);
}

#[test]
fn prosody_spends_one_core_on_telling_everybody() {
    // n occupants and 50 joins a second cost 50 × 5 us × n: a whole core at 4,000 occupants, after 80 s.
    let chat = Draft::new(120.0)
        .machine("box", "cores: 4")
        .service("chat", "like: \"prosody\"")
        .source("crowd", "Users(arrive: Constant(\"50/s\"), journey: [Call(\"chat.join\"), Delay(\"10min\")])");
    let chat = seen(&chat);
    let full = chat.resource("chat/0.threads").saturated_at_s.expect("its thread is the limit");
    assert!((70.0..100.0).contains(&full), "{full}");
    assert!(chat.resource("box/0.cpu").utilization_max < 0.26);
}

#[test]
fn a_push_server_runs_out_of_descriptors_at_rest() {
    let push = Draft::new(10.0)
        .service("push", "like: \"websocket-push\"")
        .source("crowd", "Users(arrive: Constant(\"2000/s\"), journey: [Call(\"push.subscribe\"), Delay(\"10min\")])");
    let push = seen(&push);
    let crowd = &push.0.traffic["crowd"];
    assert_eq!(crowd.succeeded, 10_000);
    assert!(push.failed("crowd", "Refused") > 8_000);
    assert!(push.busy("box/0.cpu") < 0.7);
}

#[test]
fn every_picture_is_a_process_with_its_memory() {
    let pictures = |memory: &str| {
        Draft::new(60.0)
            .machine("box", &format!("cores: 2, memory: \"{memory}\""))
            .service("resize", "like: \"imagemagick\", restart: \"1s\"")
            .poisson(5.0, "resize.convert")
    };
    let small = seen(&pictures("1GiB"));
    assert!(small.failed("crowd", "Crashed") > 0, "more children than the machine has memory for");
    let large = seen(&pictures("64GiB"));
    assert_eq!(large.failed("crowd", "Crashed"), 0);
    assert!(large.busy("box/0.cpu") > 0.95, "and nothing bounds the number of them");
}

#[test]
fn searches_burn_cores_and_not_threads() {
    let search = seen(&Draft::new(60.0).machine("box", "cores: 4").service("search", "like: \"solr\"").poisson_with(
        100.0,
        "search.select",
        "patience: \"5s\"",
    ));
    assert!(search.busy("box/0.cpu") > 0.95);
    assert!(search.busy("search/0.workers") < 0.1);
}

#[test]
fn slow_clients_hold_unicorn_s_workers_unless_a_proxy_buffers() {
    // 50 KiB at 200 kbit/s take two seconds: four workers serve two such clients a second.
    let site = |call: &str| {
        let draft = Draft::new(120.0)
            .machine("edge", "cores: 1")
            .service("nginx", "on: [\"edge\"], like: \"nginx\", kind: Balancer(to: \"app\"), links: { \"app\": () }")
            .service("app", "like: \"ruby-unicorn\", operations: { \"page\": [Cpu(\"20ms\"), Send(\"50KiB\")] }")
            .source("other", "Open(rate: Constant(\"0.001/s\"), call: \"nginx.page\")")
            .poisson_with(10.0, call, "access: (bandwidth: \"200kbit/s\")");
        seen(&draft)
    };
    let (bare, buffered) = (site("app.page"), site("nginx.page"));
    about(bare.goodput(), 2.0, "four workers, two seconds each");
    assert!(bare.busy("app/0.workers") > 0.95 && bare.busy("box/0.cpu") < 0.1);
    about(buffered.goodput(), 10.0, "everybody");
    assert!(buffered.busy("app/0.workers") < 0.2);
}

#[test]
fn elb_takes_slow_readers_off_the_servers() {
    let held = |buffers: &str| {
        let draft = Draft::new(120.0)
            .service(
                "front",
                &format!("on: [], like: \"elb\", kind: Balancer(to: \"app\"{buffers}), links: {{ \"app\": () }}"),
            )
            .service("app", "workers: 100, operations: { \"page\": [Cpu(\"5ms\"), Send(\"50KiB\")] }")
            .poisson_with(10.0, "front.page", "access: (bandwidth: \"200kbit/s\")");
        seen(&draft).busy("app/0.workers")
    };
    about(held(", buffers: false"), 0.2, "ten a second for two seconds");
    assert!(held("") < 0.01);
}

#[test]
fn keep_alive_exhausts_prefork_at_low_cpu() {
    // 500 people, each with a request of 2 ms every 4 s: a quarter of a core, and more connections than processes.
    let site = |keep_alive: &str| {
        let web = format!("like: \"apache-prefork\", {keep_alive}operations: {{ \"page\": [Cpu(\"2ms\")] }}");
        let journey = "journey: [Call(\"web.page\"), Delay(\"exp(4s)\")], access: (keep_alive: true)";
        let draft = Draft::new(120.0).service("web", &web);
        seen(&draft.source("crowd", &format!("Closed(population: Constant(500), {journey})")))
    };
    let kept = site("");
    assert!(kept.busy("web/0.workers") > 0.95, "{}", kept.busy("web/0.workers"));
    assert!(kept.busy("box/0.cpu") < 0.3, "{}", kept.busy("box/0.cpu"));
    assert!(kept.latency("crowd").p50 > 0.2, "{:?}", kept.latency("crowd"));
    let closed = site("keep_alive: \"0s\", ");
    assert!(closed.busy("web/0.workers") < 0.01, "without keep-alive a handful of processes would do");
    assert!(closed.latency("crowd").p50 < 0.01);
}

#[test]
fn a_session_server_asks_the_database_at_both_ends_of_a_session() {
    let game = |balance: &str| {
        let draft = Draft::new(300.0)
            .key("player", "User")
            .machine("box", "count: 2, cores: 2")
            .service("front", &format!("on: [], kind: Balancer(to: \"game\"), links: {{ \"game\": (balance: {balance}) }}"))
            .service(
                "game",
                "like: \"erlang-session\", links: { \"db\": () },
                stores: { \"sessions\": (ttl: \"30s\", write_back: (to: \"db.save\")) },
                operations: {
                    \"move\": [Cached(\"sessions\", \"player\", [Cpu(\"1ms\")], [Call(\"db.load\"), Cpu(\"1ms\")]), Put(\"sessions\", \"player\")],
                }",
            )
            .service("db", "on: [], kind: External, operations: { \"load\": [Delay(\"5ms\")], \"save\": [Delay(\"5ms\")] }")
            .source("crowd", "Users(arrive: Constant(\"2/s\"), journey: [Repeat(\"40\", [Call(\"front.move\"), Delay(\"1s\")])])");
        let seen = seen(&draft);
        let calls = |operation: &str| seen.0.operations[operation].traffic.offered as f64;
        let sessions = seen.0.traffic["crowd"].sessions.as_ref().expect("they are sessions").came as f64;
        (calls("db.load") / sessions, calls("db.save") / sessions, calls("game.move") / sessions)
    };
    let (loads, saves, moves) = game("Sticky");
    about(loads, 1.0, "loaded at the beginning");
    // Those who came in the last 70 s have not been written when the run ends.
    about(saves, 230.0 / 300.0, "written at the end");
    assert!(moves > 35.0, "where a stateless server would ask each of {moves} times");
    assert!(
        game("RoundRobin").0 > 1.8,
        "the state is where the session is: without stickiness it is loaded everywhere"
    );
}
