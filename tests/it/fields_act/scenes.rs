//! Small scenarios in which the fields of one part of the language come into play.

use crate::support::Draft;

/// The text of a scene by its name.
pub fn scene(name: &str) -> String {
    match name {
        "limits" => limits(),
        "queue" => queue(),
        "memory" => memory(),
        "swap" => swap(),
        "link" => link(),
        "shared" => shared(),
        "guards" => guards(),
        "targets" => targets(),
        "steps" => steps(),
        "journey-Users" => journey("Users(arrive: Constant(\"20/s\")"),
        "journey-Closed" => journey("Closed(population: Constant(20)"),
        "crowd-Open" => open(),
        "crowd-Users" => people("Users(arrive: Constant(\"8/s\"), invites: (each: 0.4, after: \"exp(1s)\")"),
        "crowd-Closed" => people("Closed(population: Constant(40)"),
        "profiles" => profiles(),
        "runbook" => actions()
            .into_iter()
            .zip([5, 12, 20, 28, 32, 38, 42, 45, 50])
            .fold(site(), |site, (action, at)| site.rule(&format!("At(\"{at}s\", {action})"))),
        "reactions" => actions().into_iter().zip([1, 2, 3, 4, 5, 6, 7, 8, 9]).fold(site(), |site, (action, after)| {
            site.rule(&format!(
                "When(condition: \"app.workers > 20%\", window: \"4s\", lasting: \"2s\", after: \"{after}s\", then: {action}, repeat: true)"
            ))
        }),
        "operators-At" => operators()
            .into_iter()
            .zip([5, 20, 30, 40])
            .fold(shop(), |shop, (action, at)| shop.rule(&format!("At(\"{at}s\", {action})"))),
        "operators-When" => operators().into_iter().zip([5, 20, 30, 40]).fold(shop(), |shop, (action, after)| {
            shop.rule(&format!("When(condition: \"crowd.rate > 1/s\", window: \"1s\", after: \"{after}s\", then: {action})"))
        }),
        "counts" => counts(),
        "autoscale" => shop().rule("Autoscale(of: \"web\", metric: \"app.cpu\", target: \"60%\", every: \"5s\", window: \"5s\", cooldown: \"1s\", least: 1, most: 5)")
            .rule("At(\"40s\", ScaleTraffic(\"crowd\", 0.3))")
            .source("wave", "Open(rate: Stages(start: \"1/s\", stages: [(\"15s\", \"1/s\"), (\"0s\", \"120/s\"), (\"12s\", \"120/s\"), (\"0s\", \"1/s\")]), call: \"app.get\")"),
        "waves" => waves(),
        "stores" => stores(),
        "story" => story(),
        _ => super::doors::scene(name).unwrap_or_else(|| panic!("no scene `{name}`")),
    }
    .text()
}

/// More than two machines can serve: every limit of a service is in reach.
fn limits() -> Draft {
    Draft::new(20.0)
        .warm_up(2.0)
        .machine("web", "count: 2, cores: 2, speed: 1.0, network: \"40Mbit/s\", price: \"0.10/h\"")
        .machine("spare", "")
        .service("app", "on: [\"web\"], workers: 8, threads: 2, scheduling: Shared, backlog: (limit: 6), contention: (sigma: 0.01, kappa: 0.0001), operations: { \"get\": [Cpu(\"exp(10ms)\"), Send(\"10KiB\")] }")
        .service("twin", "on: [\"spare\"], operations: { \"get\": [Cpu(\"exp(2ms)\")] }")
        .service("slow", "on: [\"spare\"], kind: Server, operations: { \"get\": [Delay(\"1s\")] }")
        .service("front", "on: [], kind: Balancer(to: \"app\", cpu: \"0.1ms\"), links: { \"app\": (), \"twin\": () }")
        .service("old", "on: [], kind: Balancer(to: \"slow\"), links: { \"slow\": () }")
        .poisson_with(450.0, "front.get", "access: (bandwidth: \"8Mbit/s\")")
        .source("waiting", "Open(rate: Constant(\"150/s\"), call: \"slow.get\")")
        .objective("crowd", "p(95) < 2s")
}

/// A broker whose consumers cannot keep up, and which dies with all it holds.
fn queue() -> Draft {
    Draft::new(30.0)
        .service("app", "links: { \"jobs\": (), \"others\": () }, operations: { \"get\": [Cpu(\"1ms\"), Enqueue(\"jobs.work\")] }")
        .service("jobs", "on: [], kind: Queue(to: \"worker\", depth: 100), restart: \"1s\", links: { \"worker\": (connections: Keep(4), timeout: \"2s\", retry: (times: 1)), \"twin\": (connections: Keep(4)) }")
        .service("others", "on: [], kind: Queue(to: \"worker\"), links: { \"worker\": (connections: Keep(1)) }")
        .service("worker", "workers: 4, operations: { \"work\": [Delay(\"exp(200ms)\")] }")
        .service("twin", "workers: 4, operations: { \"work\": [Delay(\"exp(100ms)\")] }")
        .poisson(40.0, "app.get")
        .source("Users", "Users(arrive: Constant(\"1/s\"), journey: [Delay(\"1s\"), Enqueue(\"jobs.work\")])")
        .source("Closed", "Closed(population: Constant(2), journey: [Delay(\"1s\"), Enqueue(\"jobs.work\")])")
        .rule("At(\"20s\", Crash(\"jobs\"))")
}

/// Two services on one burstable machine that earns less than they want.
fn shared() -> Draft {
    let busier = |name: &str| {
        format!(
            "Open(rate: Stages(start: \"5/s\", stages: [(\"5s\", \"5/s\"), (\"0s\", \"70/s\")]), call: \"{name}.get\")"
        )
    };
    Draft::new(60.0)
        .machine("box", "cores: 2, burst: (baseline: \"40%\", credits: \"5s\", most: \"8s\")")
        .service(
            "first",
            "instances: PerMachine(1), cpu: (weight: 2, limit: 0.8), operations: { \"get\": [Cpu(\"exp(10ms)\")] }",
        )
        .service("second", "instances: Count(2), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("some", &busier("first"))
        .source("others", &busier("second"))
}

/// A process that outgrows its limit, again and again.
fn memory() -> Draft {
    Draft::new(30.0)
        .machine("web", "memory: \"700MiB\"")
        .service("app", "on: [\"web\"], workers: 10, memory: (idle: \"100MiB\", per_worker: \"2MiB\", per_connection: \"3MiB\", per_request: \"4MiB\", leak_per_request: \"300KiB\", limit: \"500MiB\"), restart: \"2s\", operations: { \"get\": [Cpu(\"exp(8ms)\")] }")
        .poisson(100.0, "app.get")
}

/// A machine that is too small for its process and slows down before it kills.
fn swap() -> Draft {
    Draft::new(30.0)
        .machine("web", "memory: \"300MiB\", swap: \"100MiB\"")
        .service("app", "on: [\"web\"], workers: 10, memory: (idle: \"100MiB\", leak_per_request: \"300KiB\"), restart: \"2s\", operations: { \"get\": [Cpu(\"exp(8ms)\")] }")
        .poisson(60.0, "app.get")
}

/// Two tiers with a database in trouble: too slow, then dead, then one of its machines dark.
fn link() -> Draft {
    Draft::new(40.0)
        .machine("web", "count: 2, cores: 2")
        .machine("data", "count: 2, cores: 1")
        .service(
            "app",
            "on: [\"web\"], workers: 40, descriptors: 60, backlog: (limit: 50), links: { \"db\": (balance: Random, health: (every: \"1s\", fall: 2, rise: 2, timeout: \"500ms\"), none_healthy: FailOpen, connections: Keep(4), pool_timeout: \"150ms\", idle: \"400ms\",
             handshake: (latency: \"2ms\", caller: \"0.5ms\", callee: \"0.5ms\"), latency: \"1ms\", timeout: \"70ms\", connect_timeout: \"5s\", cancel: Queued,
             retry: (times: 2, forever: false, after: \"exp(20ms)\", factor: 2, cap: \"30ms\", jitter: \"20%\", on: [TimedOut, Refused, Unreachable, Crashed], budget: (earn: \"30%\", burst: 20))) },
             operations: { \"get\": [Cpu(\"exp(2ms)\"), Call(\"db.read\")] }",
        )
        .service("db", "on: [\"data\"], restart: \"4s\", workers: 3, operations: { \"read\": [Cpu(\"exp(9ms)\"), Send(\"2KiB\")] }")
        .service("other", "on: [\"web\"], links: { \"db\": (balance: LeastOf(2), retry: (after: \"50ms\")) }, operations: { \"get\": [Call(\"db.read\")] }")
        .poisson(180.0, "app.get")
        .source("others", "Open(rate: Constant(\"20/s\"), call: \"other.get\")")
        .rule("At(\"10s\", Crash(\"db\"))")
        .rule("At(\"25s\", Crash(\"data/1\"))")
}

/// Instances that are limited, late, ejected and eased in.
fn targets() -> Draft {
    Draft::new(40.0)
        .machine("web", "cores: 2")
        .machine("data", "count: 2, cores: 1")
        .machine("more", "cores: 1")
        .service(
            "app",
            "on: [\"web\"], links: { \"db\": (target_limit: 4, timeout: \"200ms\", connect_timeout: \"100ms\", hedge: (after: \"20ms\", most: 2),
             eject: (failures: 3, lasting: \"4s\"), slow_start: \"4s\", balance: Weighted({\"data\": 2, \"more\": 1})) },
             operations: { \"get\": [Cpu(\"exp(2ms)\"), Call(\"db.read\")] }",
        )
        .service("db", "on: [\"data\", \"more\"], restart: \"4s\", workers: 3, operations: { \"read\": [Cpu(\"exp(9ms)\")] }")
        .poisson(120.0, "app.get")
        .rule("At(\"10s\", Crash(\"db/1\"))")
        .rule("At(\"25s\", Crash(\"data/1\"))")
}

/// A database that dies and is slow, called with every care.
fn guards() -> Draft {
    Draft::new(40.0)
        .machine("web", "count: 2, cores: 2")
        .machine("data", "count: 2, cores: 1")
        .service(
            "app",
            "on: [\"web\"], links: { \"db\": (connections: Keep(4), queue_limit: 10, timeout: \"60ms\", connect_timeout: \"100ms\", loss: \"1%\", rate_limit: (rate: \"60/s\", burst: 5),
             breaker: (failures: \"30%\", window: \"2s\", calls: 10, open: \"3s\", trials: 2)) },
             operations: { \"get\": [Cpu(\"exp(2ms)\"), Call(\"db.read\")] }",
        )
        .service("db", "on: [\"data\"], restart: \"4s\", workers: 3, operations: { \"read\": [Cpu(\"exp(9ms)\")] }")
        .poisson_with(170.0, "app.get", "access: (loss: \"1%\", connect_timeout: \"200ms\", rate_limit: (rate: \"160/s\", burst: 8))")
        .rule("At(\"10s\", Crash(\"db\"))")
        .rule("At(\"25s\", Crash(\"data/1\"))")
}

/// The steps that operations and journeys share, in the order in which the cases count them.
const SHARED: &str = "Delay(\"exp(3ms)\"), Call(\"db.read\"), Repeat(\"geometric(2)\", [Delay(\"1ms\")]), Parallel([[Call(\"db.read\")], [Delay(\"4ms\")]]), Quorum(1, [[Call(\"db.write\")], [Delay(\"9ms\")]]),
             Background([Call(\"db.read\")]), Try([Fail(\"20%\")], [Delay(\"2ms\")]), Choose([(0.5, [Delay(\"1ms\")]), (0.5, [])]), Fail(\"5%\")";

/// A database for programs to call.
fn callee() -> Draft {
    Draft::new(20.0).service("db", "operations: { \"read\": [Cpu(\"exp(3ms)\")], \"write\": [Cpu(\"exp(5ms)\")] }")
}

/// Every step in an operation.
fn steps() -> Draft {
    callee()
        .machine("web", "cores: 2, memory: \"2GiB\", network: \"20Mbit/s\", iops: \"500/s\"")
        .service(
            "app",
            &format!("on: [\"web\"], max_connections: 60, memory: (idle: \"10MiB\", limit: \"300MiB\"), restart: \"1s\", links: {{ \"db\": () }}, operations: {{ \"all\": [{SHARED}, Cpu(\"exp(2ms)\"), Send(\"5KiB\"), Spawn(\"2ms\", \"20MiB\"), Disk(\"geometric(2)\"), Receive(\"5KiB\")], \"linger\": [Delay(\"1ms\"), HoldFor(\"2s\")] }}"),
        )
        .poisson(60.0, "app.all")
        .source("tabs", "Open(rate: Constant(\"10/s\"), call: \"app.linger\")")
}

/// The same steps in a journey.
fn journey(crowd: &str) -> Draft {
    callee().source("crowd", &format!("{crowd}, journey: [{SHARED}, Call(\"db.read\")])"))
}

/// Requests at a slow service that dies.
fn open() -> Draft {
    Draft::new(30.0)
        .machine("web", "count: 2, cores: 1")
        .service("app", "on: [\"web\"], workers: 4, restart: \"3s\", operations: { \"get\": [Receive(\"1KiB\"), Cpu(\"exp(10ms)\"), Send(\"4KiB\")], \"put\": [Cpu(\"exp(12ms)\")] }")
        .poisson_with(
            170.0,
            "app.get",
            "patience: \"60ms\", retry: (times: 2, forever: false, after: \"exp(50ms)\", factor: 2, cap: \"60ms\", jitter: \"20%\", on: [TimedOut, Refused, Unreachable], budget: (earn: \"30%\", burst: 20)), access: (balance: Random, latency: \"1ms\", cancel: Queued, connect_timeout: \"5s\", loss: \"0.5%\", rate_limit: (rate: \"120/s\", burst: 5))",
        )
        .key("name", "Uniform(n: 5)")
        .key("side", "Uniform(n: 2)")
        .service("aside", "on: [\"web\"], workers: 1, operations: { \"get\": [Delay(\"exp(30ms)\")] }")
        .source("keyed", "Open(rate: Constant(\"20/s\"), call: \"aside.get\", access: (balance: Hash(\"name\")))")
        .source("choosy", "Open(rate: Constant(\"10/s\"), call: \"app.get\", retry: (after: \"50ms\"), access: (balance: LeastOf(2)))")
        .machine("small", "")
        .service("pair", "on: [\"web\", \"small\"], operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("weighing", "Open(rate: Constant(\"5/s\"), call: \"pair.get\", access: (balance: Weighted({\"web\": 2})))")
        .rule("At(\"10s\", Crash(\"app\"))")
        .rule("At(\"20s\", Crash(\"web/1\"))")
}

/// The same with people.
fn people(crowd: &str) -> Draft {
    Draft::new(30.0)
        .machine("web", "count: 2, cores: 1")
        .service("app", "on: [\"web\"], workers: 4, restart: \"3s\", operations: { \"get\": [Receive(\"1KiB\"), Cpu(\"exp(40ms)\"), Send(\"4KiB\")] }")
        .source(
            "crowd",
            &format!("{crowd}, journey: [Delay(\"100ms\"), Repeat(\"3\", [Call(\"app.get\"), Delay(\"exp(200ms)\")])], patience: \"150ms\", then: Leave, retry: (times: 2, forever: false, after: \"exp(50ms)\", factor: 2, cap: \"60ms\", jitter: \"20%\", on: [TimedOut, Refused, Unreachable], budget: (earn: \"10%\", burst: 3)), access: (balance: Random, latency: \"1ms\", cancel: Queued, connect_timeout: \"5s\", loss: \"0.5%\", rate_limit: (rate: \"30/s\", burst: 5)))"),
        )
        .key("name", "Uniform(n: 5)")
        .key("side", "Uniform(n: 2)")
        .service("aside", "on: [\"web\"], workers: 1, operations: { \"get\": [Delay(\"exp(30ms)\")] }")
        .source("keyed", &format!("{crowd}, journey: [Delay(\"1s\"), Call(\"aside.get\")], access: (balance: Hash(\"name\")))"))
        .source("choosy", &format!("{crowd}, journey: [Delay(\"2s\"), Call(\"app.get\")], retry: (after: \"50ms\"), access: (balance: LeastOf(2)))"))
        .machine("small", "")
        .service("pair", "on: [\"web\", \"small\"], operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("weighing", &format!("{crowd}, journey: [Delay(\"2s\"), Call(\"pair.get\")], access: (balance: Weighted({{\"web\": 2}})))"))
        .rule("At(\"10s\", Crash(\"app\"))")
        .rule("At(\"20s\", Crash(\"web/1\"))")
}

/// Stores that are too small, and a database behind them.
fn stores() -> Draft {
    Draft::new(20.0)
        .key("item", "Zipf(n: 100, s: 0.8)")
        .key("page", "Uniform(n: 50)")
        .key("who", "User")
        .machine("web", "cores: 2")
        .service("app", "on: [\"web\"], memory: (idle: \"1MiB\", limit: \"80MiB\"), restart: \"1s\", links: { \"db\": () },
             stores: { \"items\": (capacity: 60, entry: \"1MiB\", evict: Fifo, ttl: \"2s\", sliding: true, single_flight: true, write_back: (to: \"db.save\", every: \"700ms\")), \"pages\": () },
             operations: { \"get\": [Cached(\"items\", \"item\", [Cpu(\"1ms\")], [Call(\"db.read\")])], \"put\": [Put(\"items\", \"item\")], \"drop\": [Invalidate(\"items\", \"item\")], \"page\": [Cached(\"pages\", \"page\", [Cpu(\"1ms\")], [Call(\"db.read\")])], \"more\": [Invalidate(\"pages\", \"page\"), Put(\"pages\", \"page\")], \"order\": [Lock(\"row\", \"page\", [Delay(\"50ms\")]), Lock(\"table\", \"page\", [Cpu(\"1ms\")])] }")
        .service("db", "operations: { \"read\": [Cpu(\"exp(3ms)\")], \"save\": [Cpu(\"exp(2ms)\")] }")
        .poisson(60.0, "app.get")
        .source("writers", "Open(rate: Constant(\"10/s\"), call: \"app.put\")")
        .source("droppers", "Open(rate: Constant(\"10/s\"), call: \"app.drop\")")
        .source("readers", "Open(rate: Constant(\"10/s\"), call: \"app.page\")")
        .source("others", "Open(rate: Constant(\"1/s\"), call: \"app.more\")")
        .source("buyers", "Open(rate: Constant(\"30/s\"), call: \"app.order\")")
        .machine("disks", "count: 4")
        .service("rows", "on: [\"disks\"], kind: Database(shard_by: \"item\", replicas: 1, lag: \"200ms\", apply: \"2ms\", reads: [\"read\"]), operations: { \"read\": [Cpu(\"exp(2ms)\")], \"write\": [Cpu(\"exp(3ms)\")] }")
        .source("row_readers", "Open(rate: Constant(\"80/s\"), call: \"rows.read\")")
        .source("row_writers", "Open(rate: Constant(\"20/s\"), call: \"rows.write\")")
        .machine("ram", "count: 3")
        .service("far", "on: [\"ram\"], memory: (idle: \"1MiB\", limit: \"10GiB\"), restart: \"1s\", links: { \"db\": () }, kind: Cache(store: (capacity: 6, write_back: (to: \"db.save\", every: \"2s\"), ttl: \"3s\", sliding: true)), operations: { \"get\": [Cpu(\"1ms\")] }")
        .service("site", "on: [\"web\"], links: { \"db\": (), \"far\": (balance: Hash(\"page\")) }, operations: { \"page\": [Cached(\"far\", \"page\", [Cpu(\"1ms\")], [Call(\"db.read\")])], \"note\": [Put(\"far\", \"page\")] }")
        .source("notes", "Open(rate: Constant(\"1/s\"), call: \"site.note\")")
        .source("visitors", "Users(arrive: Constant(\"4/s\"), journey: [Call(\"site.page\"), Delay(\"1s\"), Call(\"site.page\")])")
}

/// Every profile.
fn profiles() -> Draft {
    let source = |name: &str, kind: u32, profile: &str, draft: Draft| match kind {
        0 => draft.source(name, &format!("Open(rate: {profile}, call: \"app.get\")")),
        1 => draft.source(name, &format!("Users(arrive: {profile}, journey: [Call(\"app.get\")])")),
        _ => draft
            .source(name, &format!("Closed(population: {profile}, journey: [Call(\"app.get\"), Delay(\"500ms\")])")),
    };
    let mut draft = Draft::new(30.0).service("app", "operations: { \"get\": [Cpu(\"exp(1ms)\")] }");
    for (kind, who, unit) in [(0, "Open", "/s"), (1, "Users", "/s"), (2, "Closed", "")] {
        // A rate is a text with its unit, a population a bare number.
        let value = |n: u32| if unit.is_empty() { n.to_string() } else { format!("\"{n}{unit}\"") };
        for (name, profile) in [
            ("Constant", format!("Constant({})", value(5))),
            ("Ramp", format!("Ramp(from: {}, to: {}, at: \"5s\", over: \"10s\")", value(2), value(9))),
            (
                "Stages",
                format!("Stages(start: {}, stages: [(\"5s\", {}), (\"10s\", {})])", value(2), value(9), value(1)),
            ),
            (
                "Flash",
                format!("Flash(base: {}, peak: {}, at: \"5s\", rise: \"3s\", half_life: \"5s\")", value(2), value(20)),
            ),
            ("Doubling", format!("Doubling(from: {}, every: \"8s\", until: \"25s\")", value(1))),
            ("Daily", format!("Daily(low: {}, high: {}, peak: \"4s\", period: \"20s\")", value(1), value(10))),
            ("Trace", "Trace(\"time,value\\n0,2\\n10,8\\n20,1\")".into()),
            ("Shift", format!("Shift(\"5s\", Ramp(from: {}, to: {}, over: \"5s\"))", value(1), value(9))),
            ("Sum", format!("Sum([Constant({}), Constant({})])", value(1), value(2))),
            ("Scale", format!("Scale(0.5, Constant({}))", value(6))),
        ] {
            draft = source(&format!("{who}-{name}"), kind, &profile, draft);
        }
    }
    draft
}

/// Every action, in the order in which the cases count them.
fn actions() -> [&'static str; 9] {
    [
        "AddMachines(\"web\", 1)",
        "RemoveMachines(\"web\", 1)",
        "Resize(machine: \"web\", cores: 2, memory: \"900MiB\", takes: \"4s\", outage: \"2s\")",
        "Crash(\"app/0\")",
        "Slow(target: \"web/1\", factor: 0.4, lasting: \"4s\")",
        "Restart(target: \"app\", stagger: \"500ms\")",
        "Set(\"services.app.workers\", 3)",
        "ScaleTraffic(\"crowd\", 1.5)",
        "Apply(\"tighter\")",
    ]
}

/// A busy site, and a quiet one beside it, for operators to work on.
fn site() -> Draft {
    Draft::new(60.0)
        .machine("web", "count: 2, cores: 1, boot: \"2s\", memory: \"1GiB\", price: \"0.20/h\"")
        .machine("other", "count: 2, cores: 1")
        .service("app", "on: [\"web\"], workers: 6, backlog: (limit: 20), restart: \"2s\", memory: (idle: \"100MiB\", per_request: \"60MiB\"), operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .service("quiet", "on: [\"other\"], operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(150.0, "app.get")
        .source("others", "Open(rate: Constant(\"20/s\"), call: \"quiet.get\")")
        .variant("tighter", "set: { \"services.app.workers\": 2 }")
        .variant("looser", "set: { \"services.app.workers\": 30 }")
}

/// What operators do to a healthy system.
fn operators() -> [&'static str; 4] {
    [
        "Deploy(target: \"app\", takes: \"2s\")",
        "Move(service: \"db\", to: [\"spare\"])",
        "Partition(from: \"app\", to: \"db\", lasting: \"2s\")",
        "Flush(\"app\")",
    ]
}

/// Two tiers with a store between them.
fn shop() -> Draft {
    Draft::new(60.0)
        .key("item", "Uniform(n: 200)")
        .machine("web", "count: 2, cores: 1, boot: \"2s\", price: \"0.20/h\"")
        .machine("other", "cores: 1")
        .machine("spare", "cores: 1, speed: 0.5")
        .service(
            "app",
            "on: [\"web\"], workers: 20, stores: { \"items\": () }, links: { \"db\": (latency: \"1ms\", connect_timeout: \"1s\") },
             operations: { \"get\": [Cpu(\"exp(15ms)\"), Delay(\"exp(50ms)\"), Cached(\"items\", \"item\", [], [Call(\"db.read\")])] }",
        )
        .service("db", "on: [\"other\"], operations: { \"read\": [Cpu(\"exp(4ms)\")] }")
        .poisson(100.0, "app.get")
}

/// Two services whose instances are counted, with room for more, and operators who change their numbers.
fn counts() -> Draft {
    Draft::new(40.0)
        .machine("web", "count: 2, cores: 2")
        .service("app", "on: [\"web\"], instances: Count(3), workers: 2, links: { \"db\": () }, operations: { \"get\": [Delay(\"exp(30ms)\"), Call(\"db.read\")] }")
        .service("db", "on: [\"web\"], instances: Count(3), workers: 2, operations: { \"read\": [Delay(\"exp(10ms)\")] }")
        .poisson(40.0, "app.get")
        .rule("At(\"5s\", AddInstances(\"app\", 1))")
        .rule("At(\"10s\", RemoveInstances(\"app\", 1))")
        .rule("When(condition: \"crowd.rate > 1/s\", window: \"1s\", after: \"15s\", then: AddInstances(\"app\", 1))")
        .rule("When(condition: \"crowd.rate > 1/s\", window: \"1s\", after: \"25s\", then: RemoveInstances(\"app\", 1))")
}

/// A crowd that comes and goes, and a rule that fires each time.
fn waves() -> Draft {
    Draft::new(60.0)
        .service("app", "workers: 6, operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .source("crowd", "Open(rate: Stages(start: \"5/s\", stages: [(\"5s\", \"5/s\"), (\"0s\", \"90/s\"), (\"10s\", \"90/s\"), (\"0s\", \"5/s\"), (\"20s\", \"5/s\"), (\"0s\", \"90/s\"), (\"10s\", \"90/s\"), (\"0s\", \"5/s\")]), call: \"app.get\")")
        .rule("When(condition: \"app.workers > 40%\", window: \"2s\", then: Slow(target: \"app\", factor: 2, lasting: \"3s\"), repeat: true)")
}

/// What is said about the run rather than done in it.
fn story() -> Draft {
    Draft::new(10.0)
        .service("app", "operations: { \"get\": [Cpu(\"exp(2ms)\")] }")
        .poisson(20.0, "app.get")
        .objective("crowd", "p(95) < 2s")
        .variant("more", "teaches: \"More is slower.\", set: { \"traffic.crowd.rate\": Constant(\"40/s\") }")
        .variant("most", "from: \"more\", set: { \"machines.box.speed\": 0.5 }")
}
