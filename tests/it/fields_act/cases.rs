//! One changed value for every field.

/// In this scene, this value at this path must change what comes out.
#[derive(Clone, Debug)]
pub struct Case {
    pub scene: String,
    pub path: String,
    /// The variants the field belongs to, as in the table: `Users Flash`.
    pub within: String,
    pub value: String,
}

pub fn case(scene: &str, within: &str, path: &str, value: &str) -> Case {
    Case { scene: scene.into(), path: path.into(), within: within.into(), value: value.into() }
}

/// Every case, in the order of the language.
pub fn cases() -> Vec<Case> {
    let mut all: Vec<Case> =
        SYSTEM.iter().map(|&(scene, within, path, value)| case(scene, within, path, value)).collect();
    all.extend(STORES.iter().map(|&(within, path, value)| case("stores", within, path, value)));
    all.extend(step_cases("steps", "", "services.app.operations.all"));
    all.push(case("steps", "HoldFor", "services.app.operations.linger.1.0", "5s"));
    for (kind, level, bare) in [("Open", "rate", false), ("Users", "arrive", false), ("Closed", "population", true)] {
        all.extend(crowd_cases(kind));
        all.extend(profile_cases(kind, level, bare));
    }
    all.extend(journey_cases("Users"));
    all.extend(journey_cases("Closed"));
    all.extend(super::doors::cases());
    all.extend(action_cases("At", "runbook", 0));
    all.extend(action_cases("When", "reactions", 0));
    all.extend(operator_cases("At", "1"));
    all.extend(operator_cases("When", "then"));
    for (index, (rule, part)) in [("At", "1"), ("When", "then")].into_iter().enumerate() {
        all.extend(counted_cases(rule, part, 2 * index));
    }
    all.extend(
        AUTOSCALE.iter().map(|(field, value)| case("autoscale", "Autoscale", &format!("runbook.0.{field}"), value)),
    );
    all
}

/// Machines, services, links, and what is said about the run.
const SYSTEM: &[(&str, &str, &str, &str)] = &[
    ("limits", "", "title", "another"),
    ("limits", "", "horizon", "21s"),
    ("limits", "", "warm_up", "1s"),
    ("limits", "", "seed", "2"),
    ("limits", "", "machines", "{\"web\": (count: 2, cores: 1), \"spare\": ()}"),
    ("limits", "", "machines.web.count", "3"),
    ("limits", "", "machines.web.cores", "3"),
    ("limits", "", "machines.web.speed", "1.5"),
    ("memory", "", "machines.web.memory", "400MiB"),
    ("swap", "", "machines.web.swap", "50MiB"),
    ("limits", "", "machines.web.network", "20Mbit/s"),
    ("steps", "", "machines.web.iops", "300/s"),
    ("shared", "", "machines.box.burst", "None"),
    ("shared", "", "machines.box.burst.baseline", "60%"),
    ("shared", "", "machines.box.burst.credits", "1s"),
    ("shared", "", "machines.box.burst.most", "30s"),
    ("runbook", "", "machines.web.boot", "4s"),
    ("limits", "", "machines.web.price", "0.30/h"),
    ("story", "", "services", "{\"app\": (on: [\"box\"], operations: { \"get\": [Cpu(\"5ms\")] })}"),
    ("limits", "", "services.slow.kind", "Database"),
    ("limits", "Balancer", "services.front.kind.to", "twin"),
    ("limits", "Balancer", "services.front.kind.cpu", "2ms"),
    ("limits", "Balancer", "services.front.kind.buffers", "true"),
    ("queue", "Queue", "services.jobs.kind.to", "twin"),
    ("queue", "Queue", "services.jobs.kind.cpu", "2ms"),
    ("queue", "Queue", "services.jobs.kind.depth", "30"),
    ("queue", "Queue", "services.jobs.kind.durable", "true"),
    ("queue", "Enqueue", "services.app.operations.get.1.0", "others.work"),
    ("limits", "", "services.app.on", "[\"spare\"]"),
    ("limits", "", "services.app.like", "apache-prefork"),
    ("shared", "", "services.first.instances", "Count(1)"),
    ("shared", "PerMachine", "services.first.instances.0", "2"),
    ("shared", "Count", "services.second.instances.0", "3"),
    ("shared", "", "services.first.cpu", "(weight: 3)"),
    ("shared", "", "services.first.cpu.weight", "1"),
    ("shared", "", "services.first.cpu.limit", "0.5"),
    ("limits", "", "services.app.workers", "4"),
    ("limits", "", "services.app.threads", "1"),
    ("limits", "", "services.app.scheduling", "Fifo"),
    ("limits", "", "services.app.max_connections", "7"),
    ("limits", "", "services.app.descriptors", "7"),
    ("limits", "", "services.app.backlog", "(limit: 1)"),
    ("limits", "", "services.app.backlog.limit", "2"),
    ("memory", "", "services.app.memory", "(idle: \"1MiB\")"),
    ("memory", "", "services.app.memory.idle", "150MiB"),
    ("memory", "", "services.app.memory.per_worker", "9MiB"),
    ("memory", "", "services.app.memory.per_connection", "20MiB"),
    ("memory", "", "services.app.memory.per_request", "20MiB"),
    ("memory", "", "services.app.memory.leak_per_request", "400KiB"),
    ("memory", "", "services.app.memory.limit", "450MiB"),
    ("memory", "", "services.app.restart", "3s"),
    ("limits", "", "services.app.contention", "(sigma: 0.1)"),
    ("limits", "", "services.app.contention.sigma", "0.05"),
    ("limits", "", "services.app.contention.kappa", "0.01"),
    ("link", "", "services.app.links", "{\"db\": (timeout: \"40ms\")}"),
    ("link", "", "services.app.links.db.balance", "LeastConnections"),
    ("link", "LeastOf", "services.other.links.db.balance.0", "1"),
    ("link", "", "services.app.links.db.health", "None"),
    ("link", "", "services.app.links.db.health.every", "2s"),
    ("link", "", "services.app.links.db.health.fall", "1"),
    ("link", "", "services.app.links.db.health.rise", "4"),
    ("link", "", "services.app.links.db.health.timeout", "10ms"),
    ("link", "", "services.app.links.db.none_healthy", "Refuse"),
    ("link", "", "services.app.links.db.connections", "PerCall"),
    ("link", "Keep", "services.app.links.db.connections.0", "2"),
    ("link", "", "services.app.links.db.pool_timeout", "40ms"),
    ("link", "", "services.app.links.db.idle", "5ms"),
    ("link", "", "services.app.links.db.handshake", "(latency: \"9ms\")"),
    ("link", "", "services.app.links.db.handshake.latency", "9ms"),
    ("link", "", "services.app.links.db.handshake.caller", "4ms"),
    ("link", "", "services.app.links.db.handshake.callee", "4ms"),
    ("link", "", "services.app.links.db.latency", "4ms"),
    ("link", "", "services.app.links.db.bandwidth", "8Mbit/s"),
    ("link", "", "services.app.links.db.timeout", "50ms"),
    ("link", "", "services.app.links.db.connect_timeout", "20ms"),
    ("link", "", "services.app.links.db.cancel", "All"),
    ("link", "", "services.app.links.db.retry", "(times: 1)"),
    ("link", "", "services.app.links.db.retry.times", "1"),
    ("link", "", "services.other.links.db.retry.forever", "true"),
    ("link", "", "services.app.links.db.retry.after", "30ms"),
    ("link", "", "services.app.links.db.retry.factor", "1"),
    ("link", "", "services.app.links.db.retry.cap", "15ms"),
    ("link", "", "services.app.links.db.retry.jitter", "90%"),
    ("link", "", "services.app.links.db.retry.on", "[Refused]"),
    ("link", "", "services.app.links.db.retry.budget", "None"),
    ("link", "", "services.app.links.db.retry.budget.earn", "10%"),
    ("link", "", "services.app.links.db.retry.budget.burst", "2"),
    ("targets", "", "services.app.links.db.target_limit", "2"),
    ("targets", "", "services.app.links.db.hedge", "None"),
    ("targets", "", "services.app.links.db.hedge.after", "40ms"),
    ("targets", "", "services.app.links.db.hedge.most", "1"),
    ("targets", "", "services.app.links.db.eject", "None"),
    ("targets", "", "services.app.links.db.eject.failures", "10"),
    ("targets", "", "services.app.links.db.eject.lasting", "1s"),
    ("targets", "", "services.app.links.db.slow_start", "0s"),
    ("targets", "Weighted", "services.app.links.db.balance.0", "{\"data\": 1}"),
    ("targets", "Weighted", "services.app.links.db.balance.0.data", "5"),
    ("guards", "", "services.app.links.db.loss", "5%"),
    ("guards", "", "services.app.links.db.rate_limit", "None"),
    ("guards", "", "services.app.links.db.rate_limit.rate", "30/s"),
    ("guards", "", "services.app.links.db.rate_limit.burst", "2"),
    ("guards", "", "services.app.links.db.queue_limit", "1"),
    ("guards", "", "services.app.links.db.breaker", "None"),
    ("guards", "", "services.app.links.db.breaker.failures", "90%"),
    ("guards", "", "services.app.links.db.breaker.window", "400ms"),
    ("guards", "", "services.app.links.db.breaker.calls", "1000"),
    ("guards", "", "services.app.links.db.breaker.open", "1s"),
    ("guards", "", "services.app.links.db.breaker.trials", "5"),
    ("story", "", "services.app.operations", "{\"get\": [Cpu(\"5ms\")]}"),
    ("story", "", "traffic", "{\"crowd\": Open(rate: Constant(\"30/s\"), call: \"app.get\")}"),
    ("runbook", "", "runbook", "[]"),
    ("runbook", "At", "runbook.0.0", "6s"),
    ("runbook", "At", "runbook.0.1", "AddMachines(\"web\", 2)"),
    ("reactions", "When", "runbook.0.condition", "app.workers > 99%"),
    ("reactions", "When", "runbook.0.window", "1s"),
    ("reactions", "When", "runbook.0.lasting", "9s"),
    ("reactions", "When", "runbook.0.after", "3s"),
    ("reactions", "When", "runbook.0.then", "AddMachines(\"web\", 2)"),
    ("waves", "When", "runbook.0.repeat", "false"),
    ("story", "", "objectives", "{}"),
];

/// Keys, stores, and the steps that use them.
const STORES: &[(&str, &str, &str)] = &[
    ("", "keys", "{\"item\": Uniform(n: 100), \"page\": Uniform(n: 50), \"who\": User}"),
    ("Zipf", "keys.item.n", "300"),
    ("Zipf", "keys.item.s", "1.5"),
    ("Uniform", "keys.page.n", "2"),
    ("", "services.app.stores", "{\"items\": (), \"pages\": ()}"),
    ("", "services.app.stores.items.capacity", "5"),
    ("", "services.app.stores.items.entry", "3MiB"),
    ("", "services.app.stores.items.evict", "Lru"),
    ("", "services.app.stores.items.ttl", "500ms"),
    ("", "services.app.stores.items.sliding", "false"),
    ("", "services.app.stores.items.single_flight", "false"),
    ("", "services.app.stores.items.write_back", "None"),
    ("", "services.app.stores.items.write_back.to", "db.read"),
    ("", "services.app.stores.items.write_back.every", "300ms"),
    ("Cache", "services.far.kind.store.write_back", "None"),
    ("Cache", "services.far.kind.store.write_back.to", "db.read"),
    ("Cache", "services.far.kind.store.write_back.every", "1s"),
    ("Database", "services.rows.kind.shard_by", "page"),
    ("Database", "services.rows.kind.replicas", "3"),
    ("Database", "services.rows.kind.lag", "500ms"),
    ("Database", "services.rows.kind.apply", "5ms"),
    ("Database", "services.rows.kind.reads", "[]"),
    ("Cache", "services.far.kind.store", "(capacity: 30)"),
    ("Cache", "services.far.kind.store.capacity", "30"),
    ("Cache", "services.far.kind.store.entry", "2GiB"),
    ("Cache", "services.far.kind.store.evict", "Random"),
    ("Cache", "services.far.kind.store.ttl", "1s"),
    ("Cache", "services.far.kind.store.sliding", "false"),
    ("Cache", "services.far.kind.store.single_flight", "true"),
    ("Hash", "services.site.links.far.balance.0", "who"),
    ("", "services.site.links.far.balance", "Sticky"),
    ("Lock", "services.app.operations.order.0.0", "table"),
    ("Lock", "services.app.operations.order.0.1", "who"),
    ("Lock", "services.app.operations.order.0.2", "[Delay(\"5ms\")]"),
    ("Cached", "services.app.operations.get.0.0", "pages"),
    ("Cached", "services.app.operations.get.0.1", "page"),
    ("Cached", "services.app.operations.get.0.2", "[Cpu(\"3ms\")]"),
    ("Cached", "services.app.operations.get.0.3", "[]"),
    ("Put", "services.app.operations.put.0.0", "pages"),
    ("Put", "services.app.operations.put.0.1", "page"),
    ("Invalidate", "services.app.operations.drop.0.0", "pages"),
    ("Invalidate", "services.app.operations.drop.0.1", "page"),
];

/// Steps in the order of the scenes `steps` and `journey-*`; those that only an operation can do say so by their index.
fn step_cases(scene: &str, within: &str, program: &str) -> Vec<Case> {
    let own = within.is_empty();
    let steps: &[(u32, &str, &str)] = &[
        (0, "Delay", "0|9ms"),
        (1, "Call", "0|db.write"),
        (2, "Repeat", "0|4"),
        (2, "Repeat", "1|[Delay(\"9ms\")]"),
        (3, "Parallel", "0|[[Delay(\"9ms\")]]"),
        (4, "Quorum", "0|2"),
        (4, "Quorum", "1|[[Delay(\"12ms\")]]"),
        (5, "Background", "0|[Call(\"db.write\")]"),
        (6, "Try", "0|[Fail(\"60%\")]"),
        (6, "Try", "1|[Delay(\"8ms\")]"),
        (7, "Choose", "0|[(0.9, [Delay(\"1ms\")]), (0.1, [])]"),
        (8, "Fail", "0|50%"),
        (9, "Cpu", "0|5ms"),
        (10, "Send", "0|9KiB"),
        (11, "Spawn", "0|4ms"),
        (11, "Spawn", "1|400MiB"),
        (12, "Disk", "0|9"),
        (13, "Receive", "0|9KiB"),
    ];
    steps
        .iter()
        .filter(|(index, ..)| own || *index <= 8)
        .map(|(index, step, change)| {
            let (place, value) = change.split_once('|').expect("a place and a value");
            let within = if own { (*step).to_owned() } else { format!("{within} {step}") };
            case(scene, &within, &format!("{program}.{index}.{place}"), value)
        })
        .collect()
}

/// The same steps in a journey.
fn journey_cases(kind: &str) -> Vec<Case> {
    let scene = format!("journey-{kind}");
    let mut all = vec![case(&scene, kind, "traffic.crowd.journey", "[Call(\"db.read\"), Delay(\"1s\")]")];
    all.extend(step_cases(&scene, kind, "traffic.crowd.journey"));
    all.push(case("queue", &format!("{kind} Enqueue"), &format!("traffic.{kind}.journey.1.0"), "others.work"));
    all
}

/// How a crowd behaves, in the scenes `crowd-*`.
fn crowd_cases(kind: &str) -> Vec<Case> {
    let changes = [
        ("patience", "100ms"),
        ("retry", "(times: 1)"),
        ("retry.times", "1"),
        ("retry.after", "90ms"),
        ("retry.factor", "1"),
        ("retry.cap", "20ms"),
        ("retry.jitter", "90%"),
        ("retry.on", "[Refused]"),
        ("retry.budget", "None"),
        ("retry.budget.earn", "5%"),
        ("retry.budget.burst", "2"),
        ("access", "(latency: \"2ms\")"),
        ("access.balance", "LeastConnections"),
        ("access.latency", "3ms"),
        ("access.bandwidth", "4Mbit/s"),
        ("access.upload", "4Mbit/s"),
        ("access.cancel", "Never"),
        ("access.connect_timeout", "20ms"),
        ("access.loss", "5%"),
        ("access.rate_limit", "None"),
        ("access.rate_limit.rate", "20/s"),
        ("access.rate_limit.burst", "2"),
        ("access.to", "{\"app\": (latency: \"2ms\")}"),
    ];
    let scene = format!("crowd-{kind}");
    let mut all: Vec<Case> =
        changes.iter().map(|(field, value)| case(&scene, kind, &format!("traffic.crowd.{field}"), value)).collect();
    all.push(case(&scene, kind, "traffic.choosy.retry.forever", "true"));
    all.push(case(&scene, &format!("{kind} Hash"), "traffic.keyed.access.balance.0", "side"));
    all.push(case(&scene, &format!("{kind} LeastOf"), "traffic.choosy.access.balance.0", "1"));
    all.push(case(&scene, &format!("{kind} Weighted"), "traffic.weighing.access.balance.0", "{\"web\": 5}"));
    all.push(if kind == "Open" {
        case(&scene, kind, "traffic.crowd.call", "app.put")
    } else {
        case(&scene, kind, "traffic.crowd.then", "Continue")
    });
    let arrivals: &[(&str, &str)] = match kind {
        "Open" => &[("gaps", "1"), ("bursts", "[(3, \"2s\"), (0, \"1s\")]"), ("batch", "geometric(2)")],
        "Users" => &[
            ("gaps", "gamma(1, cv 2)"),
            ("bursts", "[(3, \"2s\"), (0, \"1s\")]"),
            ("invites", "None"),
            ("invites.each", "0.9"),
            ("invites.after", "3s"),
        ],
        _ => &[],
    };
    all.extend(arrivals.iter().map(|(field, value)| case(&scene, kind, &format!("traffic.crowd.{field}"), value)));
    all
}

/// Every number of every profile, in the scene `profiles`. A population is a bare number.
fn profile_cases(kind: &str, level: &str, bare: bool) -> Vec<Case> {
    let value = |n: u32| if bare { n.to_string() } else { format!("\"{n}/s\"") };
    let changes = [
        ("Constant", "0", value(8)),
        ("Ramp", "from", value(4)),
        ("Ramp", "to", value(20)),
        ("Ramp", "at", "8s".into()),
        ("Ramp", "over", "3s".into()),
        ("Stages", "start", value(6)),
        ("Stages", "stages", format!("[(\"5s\", {})]", value(20))),
        ("Flash", "base", value(5)),
        ("Flash", "peak", value(40)),
        ("Flash", "at", "8s".into()),
        ("Flash", "rise", "6s".into()),
        ("Flash", "half_life", "2s".into()),
        ("Doubling", "from", value(4)),
        ("Doubling", "every", "4s".into()),
        ("Doubling", "until", "10s".into()),
        ("Daily", "low", value(2)),
        ("Daily", "high", value(20)),
        ("Daily", "peak", "9s".into()),
        ("Daily", "period", "15s".into()),
        ("Trace", "0", "0,3\n20s,30".into()),
        ("Shift", "0", "9s".into()),
        ("Shift", "1", format!("Ramp(from: {}, to: {}, over: \"3s\")", value(2), value(20))),
        ("Sum", "0", format!("[Constant({})]", value(9))),
        ("Scale", "0", "2".into()),
        ("Scale", "1", format!("Constant({})", value(20))),
    ];
    let mut all =
        vec![case("profiles", kind, &format!("traffic.{kind}-Constant.{level}"), &format!("Constant({})", value(12)))];
    all.extend(changes.iter().map(|(profile, place, new)| {
        case("profiles", &format!("{kind} {profile}"), &format!("traffic.{kind}-{profile}.{level}.{place}"), new)
    }));
    all
}

/// The values of what operators do beside it, in the scenes `operators-*`.
fn operator_cases(rule: &str, part: &str) -> Vec<Case> {
    let changes = [
        (0, "Deploy", "target", "db"),
        (0, "Deploy", "at_once", "2"),
        (0, "Deploy", "takes", "4s"),
        (0, "Deploy", "drain", "10ms"),
        (1, "Move", "service", "app"),
        (1, "Move", "to", "[\"web\"]"),
        (2, "Partition", "from", "crowd"),
        (2, "Partition", "to", "crowd"),
        (2, "Partition", "lasting", "5s"),
        (3, "Flush", "0", "app/0"),
    ];
    let change = |(index, action, place, value): &(u32, &str, &str, &str)| {
        case(
            &format!("operators-{rule}"),
            &format!("{rule} {action}"),
            &format!("runbook.{index}.{part}.{place}"),
            value,
        )
    };
    changes.iter().map(change).collect()
}

/// The values of what changes the number of instances, in the scene `counts`, from rule `first` on.
fn counted_cases(rule: &str, part: &str, first: usize) -> Vec<Case> {
    let changes = [
        (0, "AddInstances", "0", "db"),
        (0, "AddInstances", "1", "2"),
        (1, "RemoveInstances", "0", "db"),
        (1, "RemoveInstances", "1", "2"),
    ];
    let change = |(index, action, place, value): &(usize, &str, &str, &str)| {
        case("counts", &format!("{rule} {action}"), &format!("runbook.{}.{part}.{place}", first + index), value)
    };
    changes.iter().map(change).collect()
}

/// Every field of a controller.
const AUTOSCALE: &[(&str, &str)] = &[
    ("of", "other"),
    ("metric", "app.workers"),
    ("target", "30%"),
    ("every", "3s"),
    ("window", "10s"),
    ("cooldown", "20s"),
    ("least", "3"),
    ("most", "2"),
];

/// Every value of every action, in the scenes `runbook` and `reactions`, from rule `first` on.
fn action_cases(rule: &str, scene: &str, first: u32) -> Vec<Case> {
    let part = if rule == "At" { "1" } else { "then" };
    let changes = [
        (0, "AddMachines", "0", "other"),
        (0, "AddMachines", "1", "3"),
        (1, "RemoveMachines", "0", "other"),
        (1, "RemoveMachines", "1", "2"),
        (2, "Resize", "machine", "other"),
        (2, "Resize", "cores", "3"),
        (2, "Resize", "memory", "150MiB"),
        (2, "Resize", "takes", "6s"),
        (2, "Resize", "outage", "1s"),
        (3, "Crash", "0", "app/1"),
        (4, "Slow", "target", "web/0"),
        (4, "Slow", "factor", "0.1"),
        (4, "Slow", "lasting", "1s"),
        (5, "Restart", "target", "app/0"),
        (5, "Restart", "stagger", "2s"),
        (6, "Set", "0", "services.app.backlog.limit"),
        (6, "Set", "1", "1"),
        (7, "ScaleTraffic", "0", "others"),
        (7, "ScaleTraffic", "1", "3"),
        (8, "Apply", "0", "looser"),
    ];
    changes
        .iter()
        .map(|(index, action, place, value)| {
            case(scene, &format!("{rule} {action}"), &format!("runbook.{}.{part}.{place}", first + index), value)
        })
        .collect()
}
