//! What a request costs as the system grows: more instances behind one balancer, more requests in flight.
use crate::rig;

/// Requests of each run, about.
const REQUESTS: f64 = 400_000.0;
const INSTANCES: [u32; 4] = [10, 100, 1_000, 10_000];
const IN_FLIGHT: [f64; 5] = [1e2, 1e3, 1e4, 1e5, 1e6];
const POLICIES: [&str; 3] = ["RoundRobin", "LeastConnections", "LeastOf(2)"];

/// `count` machines of one instance each, half busy: 20 ms a request at one of two workers.
fn instances(count: u32, policy: &str) -> String {
    let rate = f64::from(count) * 50.0;
    format!(
        r#"(version: 1, title: "{count} instances", horizon: "{seconds}s", machines: {{ "web": (count: {count}) }},
    services: {{
        "balancer": (kind: Balancer(to: "app"), links: {{ "app": (balance: {policy}) }}),
        "app": (on: ["web"], workers: 2, operations: {{ "page": [Delay("exp(20ms)")] }}),
    }},
    traffic: {{ "users": Open(rate: Constant("{rate}/s"), call: "balancer.page") }})"#,
        seconds = REQUESTS / rate
    )
}

/// As many requests as ever, each of which takes so long that `wanted` are in flight at the end.
fn in_flight(wanted: f64) -> String {
    let rate = 1e6;
    let seconds = (REQUESTS + wanted) / rate;
    format!(
        r#"(version: 1, title: "{wanted} in flight", horizon: "{seconds}s", machines: {{ "box": () }},
    services: {{ "endless": (on: ["box"], operations: {{ "serve": [Delay("exp({mean}ms)")] }}) }},
    traffic: {{ "crowd": Open(rate: Constant("{rate}/s"), call: "endless.serve") }})"#,
        mean = wanted / rate * 1e3
    )
}

/// The table.
pub fn table() {
    println!("nanoseconds a request (and against the first), silent and measured, as the system grows");
    for policy in POLICIES {
        let name = |count: &u32| (format!("{count} instances, {policy}"), instances(*count, policy));
        grow(INSTANCES.iter().map(name));
    }
    grow(IN_FLIGHT.iter().map(|wanted| (format!("{wanted} in flight"), in_flight(*wanted))));
}

fn grow(steps: impl Iterator<Item = (String, String)>) {
    let mut first = None;
    for (name, text) in steps {
        let costs = rig::nanos_of_each(&text);
        let base = *first.get_or_insert(costs);
        let column = |at: usize| format!("{:7.0} ({:.2}×)", costs[at], costs[at] / base[at]);
        println!("  {name:34} {} {}", column(0), column(1));
    }
}
