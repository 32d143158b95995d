//! What stands in front.
use super::{about, seen};
use crate::support::Draft;

/// A site behind a balancer that is like the part, with a backend that takes its time.
fn site(part: &str, kind: &str, per_second: f64, time: &str) -> Draft {
    Draft::new(60.0)
        .service("front", &format!("like: \"{part}\", kind: Balancer(to: \"app\"), links: {{ \"app\": () }}{kind}"))
        .machine("back", "count: 2")
        .service("app", &format!("on: [\"back\"], operations: {{ \"get\": [Delay(\"{time}\")] }}"))
        .poisson(per_second, "front.get")
}

#[test]
fn nginx_runs_out_of_connections_two_for_each_client() {
    let slow = seen(&site("nginx", "", 400.0, "2s"));
    about(slow.goodput(), 256.0, "512 clients for 2 s each");
    assert!(slow.busy("front/0.descriptors") > 0.95);
    assert!(slow.busy("box/0.cpu") < 0.1, "its core has nothing to do");
    let quick = seen(&site("nginx", "", 400.0, "200ms"));
    about(quick.goodput(), 400.0, "a quick backend needs few connections");
}

#[test]
fn haproxy_takes_a_dead_server_out_and_tries_another() {
    let dead = seen(&site("haproxy", "", 100.0, "10ms").rule("At(\"10s\", Crash(\"app/0\"))"));
    assert!(
        dead.0.traffic["crowd"].failures() < 30,
        "a refused call is tried again: {:?}",
        dead.0.traffic["crowd"].failed
    );
    // Three checks of 2 s, then nobody goes there; until then every other of 100 calls a second does.
    let refused = dead.0.operations["app.get"].traffic.failed["Refused"];
    assert!((200..400).contains(&refused), "{refused}");
}

#[test]
fn a_handshake_per_connection_is_what_stunnel_costs() {
    let tls = seen(&site("stunnel", "", 240.0, "1ms"));
    about(tls.busy("box/0.cpu"), 0.96, "240 handshakes of 4 ms");
    let plain = seen(&site("haproxy", "", 240.0, "1ms"));
    about(plain.busy("box/0.cpu"), 0.024, "the same requests without");
}

#[test]
fn elb_sends_where_the_least_is_outstanding() {
    // One server is ten times slower: it gets about a tenth of the work, where turns would give it half.
    let uneven = |balance: &str| {
        let draft = Draft::new(120.0)
            .service(
                "front",
                &format!("on: [], like: \"elb\", kind: Balancer(to: \"app\"), links: {{ \"app\": ({balance}) }}"),
            )
            .machine("back", "count: 2")
            .service("app", "on: [\"back\"], workers: 50, operations: { \"get\": [Cpu(\"10ms\")] }")
            .rule("At(\"0s\", Slow(target: \"back/0\", factor: 0.1, lasting: \"10min\"))")
            .poisson_with(60.0, "front.get", "patience: \"10s\"");
        seen(&draft)
    };
    let (least, turns) = (uneven(""), uneven("balance: RoundRobin"));
    assert!(least.latency("crowd").mean < 0.1, "{:?}", least.latency("crowd"));
    assert!(turns.0.traffic["crowd"].failures() > 1000 || turns.latency("crowd").mean > 1.0);
}

#[test]
fn haproxy_queues_in_front_of_servers_that_would_refuse() {
    // `maxconn` of a server line is the link's `target_limit`: nine at once, a worker for the checks, the others wait
    // in the proxy.
    let site = |limit: &str| {
        let draft = Draft::new(120.0)
            .service("front", &format!("like: \"haproxy\", kind: Balancer(to: \"app\"), links: {{ \"app\": (retry: (times: 0, after: \"0s\", on: []){limit}) }}"))
            .machine("back", "count: 2")
            .service("app", "on: [\"back\"], workers: 10, backlog: (limit: 0), operations: { \"get\": [Delay(\"exp(100ms)\")] }")
            .poisson(120.0, "front.get");
        seen(&draft)
    };
    let (bare, limited) = (site(""), site(", target_limit: 9"));
    assert!(bare.failed("crowd", "Refused") > 200, "{:?}", bare.0.traffic["crowd"].failed);
    assert_eq!(limited.0.traffic["crowd"].failures(), 0);
    about(limited.goodput(), 120.0, "all of them, a little later");
}

#[test]
fn nginx_leaves_a_server_that_failed_alone_for_ten_seconds() {
    let dead = seen(&site("nginx", "", 100.0, "10ms").rule("At(\"10s\", Crash(\"app/0\"))"));
    let refused = dead.0.operations["app.get"].traffic.failed["Refused"];
    assert!((4..=12).contains(&refused), "one try in ten seconds, not one of two: {refused}");
}
