//! Random scenarios with random faults: one to three tiers that call each other in every way the language has, crowds
//! of every kind that go home after ten seconds, and operators with bad luck. Everything in them ends: retries are few,
//! loops short, and after the horizon's first minutes nothing may be left.

use super::Draft;
use proptest::prelude::*;
use proptest::sample::select;

/// When the crowd goes home, in seconds.
pub const CROWD_S: f64 = 10.0;
/// When the run ends: every timeout, backoff, restart and backlog is over by then.
pub const END_S: f64 = 3600.0;

/// A service of the chain `s0 → s1 → s2`.
#[derive(Clone, Debug)]
pub struct Tier {
    machine: u32,
    limits: String,
    memory: &'static str,
    store: &'static str,
    restart: &'static str,
    program: u32,
    work: &'static str,
    link: String,
}

/// A random scenario as parts, so that a failing case shrinks to few.
#[derive(Clone, Debug)]
pub struct Chaos {
    tiers: Vec<Tier>,
    balancer: Option<bool>,
    /// Between the first tier and the last: `kind` fields, a semicolon, fields of its link.
    broker: Option<&'static str>,
    /// A controller changes the number of machines.
    scales: bool,
    sources: Vec<String>,
    faults: Vec<(u32, String)>,
}

impl Chaos {
    /// The scenario.
    pub fn draft(&self) -> Draft {
        self.draft_of(END_S, 0.0)
    }

    /// The scenario over another time, and with a warm-up.
    pub fn draft_of(&self, horizon_s: f64, warm_up_s: f64) -> Draft {
        let mut draft = Draft::new(horizon_s)
            .warm_up(warm_up_s)
            .key("item", "Zipf(n: 30, s: 0.8)")
            .key("who", "User")
            .machine("m0", "count: 2, cores: 2, boot: \"3s\"")
            .machine("m1", "cores: 1, network: \"1Mbit/s\", iops: \"200/s\", burst: (baseline: \"30%\", credits: \"2s\", most: \"4s\")");
        // Only sessions can be held to their end.
        let sessions = self.sources.iter().all(|source| !source.starts_with("Open"));
        for (at, tier) in self.tiers.iter().enumerate() {
            let next = (at + 1 < self.tiers.len()).then(|| at + 1);
            let link =
                next.map_or(String::new(), |n| format!("links: {{ \"s{n}\": ({0}), \"far\": ({0}) }}, ", tier.link));
            let broker = self.broker.filter(|_| at == 0 && self.tiers.len() > 1);
            let call = next.map(|n| {
                if broker.is_some() { "Enqueue(\"jobs.run\")".to_string() } else { format!("Call(\"s{n}.run\")") }
            });
            let link = if broker.is_some() {
                format!("links: {{ \"jobs\": ({0}), \"far\": ({0}) }}, ", self.tiers[at].link)
            } else {
                link
            };
            draft = draft.service(
                &format!("s{at}"),
                &format!(
                    "on: [\"m{}\"], {}{}{}stores: {{ \"near\": ({}) }}, {link}operations: {{ \"run\": [{}] }}",
                    tier.machine,
                    tier.limits,
                    tier.memory,
                    tier.restart,
                    tier.store,
                    program(tier.program, tier.work, call.as_deref(), sessions)
                ),
            );
        }
        if let Some((kind, link)) =
            self.broker.filter(|_| self.tiers.len() > 1).and_then(|broker| broker.split_once(';'))
        {
            let last = self.tiers.len() - 1;
            // What is durable waits for its broker, which therefore must come back: a dark machine would keep it for
            // ever.
            let place = if kind.contains("durable") { "" } else { "\"m0\"" };
            let fields = format!(
                "on: [{place}], kind: Queue(to: \"s{last}\"{kind}), restart: \"1s\", links: {{ \"s{last}\": (connect_timeout: \"400ms\", {link}) }}"
            );
            draft = draft.service("jobs", &fields).rule("At(\"5s\", Crash(\"jobs\"))");
        }
        if self.tiers.len() > 1 {
            let store =
                if self.balancer.is_some() { "capacity: 8, ttl: \"2s\", single_flight: true" } else { "capacity: 8" };
            draft = draft.service(
                "far",
                &format!("on: [\"m0\"], restart: \"1s\", kind: Cache(store: ({store})), operations: {{ \"get\": [Cpu(\"exp(1ms)\")] }}"),
            );
        }
        if let Some(buffers) = self.balancer {
            draft = draft.service("front", &format!("on: [\"m1\"], kind: Balancer(to: \"s0\", cpu: \"0.1ms\", buffers: {buffers}), links: {{ \"s0\": (balance: LeastConnections, health: (every: \"5s\"), timeout: \"3s\") }}"));
        }
        let door = if self.balancer.is_some() { "front.run" } else { "s0.run" };
        for (at, source) in self.sources.iter().enumerate() {
            draft = draft.source(&format!("crowd{at}"), &source.replace("DOOR", door));
        }
        if let Some(n) = self
            .tiers
            .iter()
            .position(|tier| self.scales && tier.limits.contains("Count(") && tier.limits.contains("workers"))
        {
            draft = draft.rule(&format!(
                "Autoscale(of: \"s{n}\", metric: \"s{n}.workers\", target: \"20%\", every: \"900ms\", cooldown: \"2s\", least: 0, most: 5)"
            ));
        }
        if self.scales {
            draft = draft.rule(
                "Autoscale(of: \"m0\", metric: \"s0.cpu\", target: \"30%\", every: \"1s\", window: \"2s\", cooldown: \"2s\", most: 4)",
            );
        }
        for (millis, fault) in &self.faults {
            draft = draft.rule(&format!("At(\"{millis}ms\", {})", self.within_counts(fault)));
        }
        draft
    }
}

impl Chaos {
    /// Only a service with a count can have instances added or removed, and it keeps that count.
    fn within_counts(&self, fault: &str) -> String {
        let counted = |n: usize| self.tiers[n].limits.contains("Count(");
        let of =
            |fault: &str| fault.find("\"s").and_then(|at| fault[at + 2..].split('"').next()?.parse::<usize>().ok());
        match of(fault).filter(|_| fault.contains("Instances(")) {
            Some(n) if !counted(n) => format!("Crash(\"s{n}\")"),
            Some(_) => fault.to_owned(),
            None if self.scales || self.faults.iter().any(|(_, fault)| fault.contains("Instances(")) => {
                fault.replace("PerMachine(2)", "Count(4)")
            }
            None => fault.to_owned(),
        }
    }
}

/// Programs by number; `call` is the next tier's operation, if there is one.
fn program(kind: u32, work: &str, call: Option<&str>, sessions: bool) -> String {
    let Some(call) = call else {
        return match kind % 9 {
            0 => work.to_string(),
            1 => format!("{work}, Fail(\"20%\")"),
            2 => "Spawn(\"exp(5ms)\", \"20MiB\")".to_string(),
            3 => format!("{work}, Send(\"4KiB\")"),
            4 => format!("{work}, HoldFor(\"1s\")"),
            5 => format!("Receive(\"3KiB\"), {work}, Send(\"20KiB\")"),
            6 => format!("Disk(\"geometric(2)\"), {work}"),
            7 => {
                format!("Cached(\"near\", \"item\", [{work}], [Delay(\"9ms\"), Fail(\"10%\")]), Put(\"near\", \"who\")")
            }
            _ => format!("Parallel([[{work}], [Delay(\"4ms\")]])"),
        };
    };
    match kind % 21 {
        0 => format!("{work}, {call}"),
        1 => format!("Try([{call}], [{work}])"),
        2 => format!("Parallel([[{call}], [{work}, {call}]])"),
        3 => format!("Quorum(1, [[{call}], [{work}]])"),
        4 => format!("Background([{call}, {work}]), {work}"),
        5 => format!("Repeat(\"geometric(2)\", [{work}, {call}])"),
        6 => format!("Choose([(0.6, [{call}]), (0.4, [{work}])])"),
        7 if sessions => format!("{call}, Hold"),
        7 => format!("{call}, HoldFor(\"2s\")"),
        8 => format!("Try([{work}, Parallel([[{call}], [Try([Fail(\"50%\")], [Delay(\"2ms\")])]])], [Fail(\"10%\")])"),
        9 => format!("Background([Try([{call}], [])]), {call}, Send(\"2KiB\")"),
        10 => format!("Quorum(2, [[{call}], [Delay(\"exp(9ms)\")], [Fail(\"50%\"), {work}]])"),
        11 => format!("Cached(\"near\", \"item\", [{work}], [{call}]), Background([Invalidate(\"near\", \"item\")])"),
        12 => format!("Try([Cached(\"near\", \"who\", [], [{call}, Fail(\"20%\")])], [Put(\"near\", \"who\")])"),
        13 => format!("Disk(\"2\"), {call}, Disk(\"1\")"),
        14 => format!("Receive(\"3KiB\"), {call}, Parallel([[Send(\"8KiB\")], [Send(\"9KiB\"), {work}]])"),
        16 => format!("Lock(\"row\", \"item\", [{work}, {call}]), Lock(\"all\", \"\", [Delay(\"1ms\")])"),
        17 => format!(
            "Cached(\"far\", \"item\", [{work}], [{call}]), Cached(\"near\", \"who\", [], [Lock(\"row\", \"who\", [{work}])])"
        ),
        18 => format!(
            "Try([Lock(\"row\", \"item\", [Cached(\"far\", \"who\", [], [{call}, Fail(\"20%\")])])], [Put(\"far\", \"who\")])"
        ),
        19 => format!("Parallel([[Cached(\"far\", \"item\", [], [{work}])], [Invalidate(\"far\", \"item\"), {call}]])"),
        _ => format!("{call}, Background([Delay(\"50ms\")]), Fail(\"5%\")"),
    }
}

/// Nothing, or one of these.
fn maybe(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), select(choices)]
}

/// All of these fields, each perhaps absent.
fn fields<const N: usize>(choices: [&'static [&'static str]; N]) -> impl Strategy<Value = String> {
    choices
        .into_iter()
        .map(maybe)
        .collect::<Vec<_>>()
        .prop_map(|parts| parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", "))
}

fn tier() -> impl Strategy<Value = Tier> {
    let limits = fields([
        &[
            "workers: 1",
            "workers: 2",
            "workers: 6",
            "workers: 3, shed: [(above: \"60%\", below: 1)]",
            "workers: 4, worker_holds: Connection",
            "workers: 2, worker_holds: Connection",
        ],
        &["threads: 1", "threads: 1, scheduling: Fifo"],
        &["instances: PerMachine(2)", "instances: Count(1)", "instances: Count(3)"],
        &["cpu: (weight: 3)", "cpu: (limit: 0.4)", "cpu: (weight: 0.5, limit: 1.5)"],
        &[
            "backlog: (limit: 0)",
            "backlog: (limit: 3)",
            "backlog: (limit: 30)",
            "backlog: (limit: 5, order: Lifo, drop: Older(than: \"20ms\"))",
            "backlog: (limit: 3, overflow: Drop)",
            "backlog: (limit: 20, order: Priority, overflow: Drop)",
            "backlog: (drop: CoDel(target: \"2ms\", interval: \"20ms\"))",
        ],
        &["deadline: \"10ms\"", "deadline: \"200ms\""],
        &["keep_alive: \"300ms\"", "keep_alive: \"5s\""],
        &["max_connections: 4", "max_connections: 20"],
        &["descriptors: 6", "descriptors: 40"],
        &["contention: (sigma: 0.05, kappa: 0.001)"],
    ]);
    let link = fields([
        &[
            // What a session holds may be what its next call waits for: no wait is for ever.
            "connections: Keep(1), idle: \"5s\", pool_timeout: \"20s\"",
            "connections: Keep(4), idle: \"2s\", pool_timeout: \"20s\"",
            "connections: Keep(2), idle: \"5s\", pool_timeout: \"50ms\"",
            "target_limit: 1, pool_timeout: \"20s\"",
            "target_limit: 2, pool_timeout: \"100ms\"",
            "connections: Keep(3), target_limit: 1, idle: \"2s\", pool_timeout: \"5s\"",
        ],
        &["timeout: \"15ms\"", "timeout: \"100ms\"", "timeout: \"2s\"", "timeout: \"60ms\", deadline: Pass"],
        &["cancel: Queued", "cancel: All"],
        &[
            "retry: (times: 1)",
            "retry: (times: 2, after: \"exp(20ms)\", factor: 2, jitter: \"50%\")",
            "retry: (times: 2, budget: (earn: \"20%\", burst: 3))",
            "retry: (times: 2, after: \"5ms\", on: [TimedOut, Refused])",
        ],
        &[
            "balance: Hash(\"item\")",
            "balance: Sticky",
            "balance: Random",
            "balance: LeastConnections",
            "balance: LeastOf(2)",
            "balance: FirstOfLeast",
            "balance: SameMachine",
        ],
        &["health: (every: \"1s\")", "health: (every: \"2s\", fall: 1), none_healthy: Refuse"],
        &["latency: \"1ms\"", "latency: \"exp(2ms)\""],
        &["bandwidth: \"2Mbit/s\""],
        &["handshake: (latency: \"1ms\", caller: \"0.1ms\", callee: \"0.2ms\")"],
        &["loss: \"5%\"", "loss: \"30%\""],
        &["rate_limit: (rate: \"5/s\", burst: 2)", "rate_limit: (rate: \"40/s\")"],
        &["queue_limit: 0", "queue_limit: 3"],
        &["hedge: (after: \"5ms\")", "hedge: (after: \"1ms\", most: 3)"],
        &["eject: (lasting: \"1s\")", "eject: (failures: 1, lasting: \"300ms\"), slow_start: \"2s\""],
        &[
            "breaker: (calls: 3, open: \"1s\")",
            "breaker: (failures: \"20%\", window: \"2s\", calls: 5, open: \"500ms\", trials: 2)",
        ],
    ]);
    // A pool in front of a dark machine must not take longer than the run.
    let link = (link, select(&["100ms", "400ms"][..])).prop_map(|(link, silence)| {
        if link.is_empty() {
            format!("connect_timeout: \"{silence}\"")
        } else {
            format!("{link}, connect_timeout: \"{silence}\"")
        }
    });
    let memory = maybe(&[
        "kind: Database(shard_by: \"item\", lag: \"5ms\"), ",
        "kind: Database(replicas: 1, lag: \"exp(20ms)\", apply: \"1ms\"), ",
        "kind: Database(replicas: 1, lag: \"5ms\", reads: [\"run\"]), ",
        "memory: (idle: \"100MiB\", per_request: \"20MiB\", limit: \"400MiB\"), ",
        "memory: (idle: \"10MiB\", leak_per_request: \"1MiB\", limit: \"100MiB\"), ",
    ]);
    let work = select(
        &[
            "Cpu(\"exp(4ms)\")",
            "Delay(\"exp(8ms)\")",
            "Cpu(\"lognormal(3ms, cv 2)\")",
            "Cpu(\"5ms\")",
            "Delay(\"2ms\"), Cpu(\"1ms\")",
        ][..],
    );
    let store = select(
        &[
            "",
            "capacity: 3",
            "capacity: 10, entry: \"8MiB\", evict: Random",
            "ttl: \"500ms\", evict: Fifo",
            "capacity: 5, ttl: \"1s\", sliding: true",
        ][..],
    );
    (0..2u32, limits, memory, store, maybe(&["restart: \"2s\", "]), 0..1260u32, work, link).prop_map(
        |(machine, limits, memory, store, restart, program, work, link)| {
            let limits = if limits.is_empty() { limits } else { limits + ", " };
            Tier { machine, limits, memory, store, restart, program, work, link }
        },
    )
}

fn source() -> impl Strategy<Value = String> {
    let more = fields([
        &["patience: \"30ms\"", "patience: \"1s\"", "patience: \"5s\"", "patience: \"exp(100ms)\""],
        &["priority: 1", "priority: 9"],
        &["retry: (times: 1)", "retry: (times: 2, after: \"exp(100ms)\")"],
        &[
            "access: (cancel: Queued)",
            "access: (deadline: Pass)",
            "access: (keep_alive: true)",
            "access: (keep_alive: true, latency: \"5ms\", cancel: All, handshake: (latency: \"1ms\", callee: \"0.5ms\"))",
            "access: (cancel: All, balance: Random)",
            "access: (loss: \"10%\", rate_limit: (rate: \"5/s\", burst: 3), connect_timeout: \"1s\")",
            "access: (latency: \"5ms\", balance: LeastConnections, connect_timeout: \"2s\")",
            "access: (latency: \"1ms\", to: {\"s0\": (latency: \"exp(9ms)\", cancel: All)})",
            "access: (bandwidth: \"1Mbit/s\", upload: \"256kbit/s\", cancel: Queued)",
        ],
    ]);
    let journey = select(
        &[
            "Call(\"DOOR\")",
            "Call(\"DOOR\"), Delay(\"exp(500ms)\"), Call(\"DOOR\")",
            "Background([Call(\"DOOR\")]), Repeat(\"2\", [Call(\"DOOR\"), Delay(\"exp(200ms)\")])",
            "Parallel([[Call(\"DOOR\")], [Delay(\"10ms\"), Call(\"DOOR\")]])",
            "Try([Call(\"DOOR\")], [Delay(\"20ms\")])",
        ][..],
    );
    let then = maybe(&[", then: Continue", ", then: Leave"]);
    let gaps = maybe(&[", gaps: \"1\"", ", gaps: \"hyperexp(1, cv 3)\"", ", bursts: [(0, \"1s\"), (3, \"500ms\")]"]);
    let batch = maybe(&[", batch: \"geometric(2)\""]);
    let invites = maybe(&[", invites: (each: 0.5, after: \"exp(1s)\")"]);
    (0..3u32, 1..15u32, more, journey, then, (gaps, batch, invites)).prop_map(
        |(kind, level, more, journey, then, (gaps, batch, invites))| {
            let more = if more.is_empty() { more } else { format!(", {more}") };
            let rate =
                format!("Stages(start: \"{level}/s\", stages: [(\"{CROWD_S}s\", \"{level}/s\"), (\"0s\", \"0/s\")])");
            match kind {
                0 => format!("Open(rate: {rate}, call: \"DOOR\"{more}{gaps}{batch})"),
                1 => format!("Users(arrive: {rate}, journey: [{journey}]{more}{then}{gaps}{invites})"),
                _ => {
                    let people = format!("Stages(start: {level}, stages: [(\"{CROWD_S}s\", {level}), (\"0s\", 0)])");
                    format!("Closed(population: {people}, journey: [Delay(\"exp(1s)\"), {journey}]{more}{then})")
                }
            }
        },
    )
}

fn fault(tiers: usize) -> impl Strategy<Value = String> {
    let service = (0..tiers).prop_map(|n| format!("s{n}"));
    let target = prop_oneof![
        (0..tiers).prop_map(|n| format!("s{n}")),
        (0..tiers, 0..2u32).prop_map(|(n, i)| format!("s{n}/{i}")),
        (0..2u32).prop_map(|n| format!("m{n}")),
        Just("m0/1".to_string()),
        Just("m0/0".to_string()),
    ];
    let process = prop_oneof![(0..tiers).prop_map(|n| format!("s{n}")), (0..tiers).prop_map(|n| format!("s{n}/0"))];
    prop_oneof![
        3 => target.clone().prop_map(|t| format!("Crash(\"{t}\")")),
        2 => (target, select(&["0.1", "0.5", "3.0"][..])).prop_map(|(t, f)| format!("Slow(target: \"{t}\", factor: {f}, lasting: \"3s\")")),
        2 => (process, select(&["0s", "500ms"][..])).prop_map(|(t, s)| format!("Restart(target: \"{t}\", stagger: \"{s}\")")),
        1 => (0..2u32, 1..3u32).prop_map(|(g, n)| format!("AddMachines(\"m{g}\", {n})")),
        2 => (0..tiers, select(&["Add", "Remove"][..]), 1..4u32).prop_map(|(n, what, count)| format!("{what}Instances(\"s{n}\", {count})")),
        1 => (0..2u32).prop_map(|g| format!("RemoveMachines(\"m{g}\", 1)")),
        1 => (0..2u32, 1..5u32).prop_map(|(g, c)| format!("Resize(machine: \"m{g}\", cores: {c}, takes: \"4s\", outage: \"2s\")")),
        2 => (service, select(&[("workers", "1"), ("workers", "9"), ("backlog.limit", "2"), ("max_connections", "3"), ("stores.near.capacity", "2"), ("instances", "Count(2)"), ("instances", "PerMachine(2)"), ("cpu", "(limit: 0.6)"), ("operations.run", "[Cpu(\\\"2ms\\\")]")][..]))
            .prop_map(|(s, (field, value))| format!("Set(\"services.{s}.{field}\", {})", value.replace("\\\"", "\""))),
        1 => (0..tiers, 1..3u32, select(&["", ", drain: \"0s\"", ", drain: \"200ms\""][..]))
            .prop_map(|(n, at_once, drain)| format!("Deploy(target: \"s{n}\", at_once: {at_once}, takes: \"500ms\"{drain})")),
        1 => (0..tiers, 0..2u32).prop_map(|(n, g)| format!("Move(service: \"s{n}\", to: [\"m{g}\"])")),
        1 => (0..tiers, select(&["crowd0", "m0", "m1", "s0"][..]))
            .prop_map(|(n, side)| format!("Partition(from: \"s{n}\", to: \"{side}\", lasting: \"700ms\")")),
        1 => select(&["0.0", "0.5", "2.0"][..]).prop_map(|f| format!("ScaleTraffic(\"crowd0\", {f})")),
    ]
}

/// Random scenarios.
pub fn chaos() -> impl Strategy<Value = Chaos> {
    (1..=3usize)
        .prop_flat_map(|tiers| {
            (
                prop::collection::vec(tier(), tiers),
                any::<Option<bool>>(),
                prop::bool::weighted(0.2),
                prop_oneof![
                    2 => Just(None),
                    1 => select(
                        &[
                            ", cpu: \"0.1ms\";connections: Keep(2), idle: \"5s\"",
                            ", depth: 3;connections: Keep(1), idle: \"5s\", timeout: \"50ms\", retry: (times: 2, after: \"exp(500ms)\")",
                            ", durable: true;connections: Keep(1), idle: \"5s\", timeout: \"2s\", cancel: All, retry: (times: 1)",
                            ", durable: true, depth: 20;timeout: \"100ms\", retry: (times: 3, after: \"100ms\", factor: 2)",
                        ][..],
                    ).prop_map(Some),
                ],
                prop::collection::vec(source(), 1..=3),
                prop::collection::vec((0..15_000u32, fault(tiers)), 0..=5),
            )
        })
        .prop_map(|(tiers, balancer, scales, broker, sources, faults)| {
            Chaos { tiers, balancer, broker, scales, sources, faults }
        })
}
