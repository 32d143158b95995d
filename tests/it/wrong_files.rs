//! Wrong files, each with exactly what is said about it: place, what is wrong, what was expected, what to do.
use std::fmt::Write;
use surgelab::scenario::{load, render};

const SHOP: &str = include_str!("fixtures/shop.ron");

/// A change of the shop that makes it wrong: what it is about, a piece of the file, what stands there instead.
type Wrong<'a> = (&'a str, &'a str, &'a str);

/// What is said about each.
fn said(cases: &[Wrong<'_>]) -> String {
    let mut said = String::new();
    for (about, piece, instead) in cases {
        assert_eq!(SHOP.matches(piece).count(), 1, "{about}: `{piece}` is not there exactly once");
        let text = SHOP.replace(piece, instead);
        let problems = load("shop.ron", &text).map_or_else(|problems| problems, |loaded| loaded.warnings);
        assert!(!problems.is_empty(), "{about}: nothing is said");
        writeln!(said, "# {about}\n{}", render(&problems, "shop.ron", &text, false)).unwrap();
    }
    said
}

#[test]
fn the_shop_is_right() {
    let loaded = load("shop.ron", SHOP).unwrap();
    assert_eq!(loaded.warnings, []);
}

#[test]
fn syntax() {
    let said = said(&[
        ("a missing comma", "cores: 2),", "cores: 2)"),
        ("a list that is not closed", "on: [\"web\"],", "on: [\"web\","),
        ("a text that is not closed", "\"A shop\",", "\"A shop,"),
        ("a comment that is not closed", "version: 1,", "version: 1, /* here"),
        ("an escape that does not exist", "\"A shop\"", "\"A \\qshop\""),
        ("something behind the end", "objectives: { \"users\": [\"p(95) < 2s\"] },\n)", ")\n)"),
        ("a sign that means nothing", "cores: 4", "cores: =4"),
        ("no value", "workers: 50", "workers:"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn machines_and_bytes() {
    let said = said(&[
        ("a network that carries nothing", "cores: 4", "cores: 4, network: \"0bit/s\""),
        ("a disk that does nothing", "cores: 4", "cores: 4, iops: \"0/s\""),
        (
            "more credits than are kept",
            "cores: 4",
            "cores: 4, burst: (baseline: \"20%\", credits: \"1min\", most: \"30s\")",
        ),
        ("credits without earning", "cores: 4", "cores: 4, burst: (baseline: \"0%\", credits: \"1min\")"),
        ("an instance that fits nowhere", "workers: 50", "workers: 50, instances: Count(2), cpu: (limit: 100)"),
        ("instances without number", "workers: 50", "workers: 50, instances: PerMachine(0)"),
        ("a body that comes when nobody waits", "Cpu(\"8ms\")", "Background([Receive(\"1MB\")]), Cpu(\"8ms\")"),
        (
            "a disk that is never busy",
            "runbook: [",
            "runbook: [When(condition: \"db.disk > 50%\", then: AddMachines(\"web\", 1)), ",
        ),
        ("bytes for the disk", "Cpu(\"8ms\")", "Cpu(\"8ms\"), Disk(\"4KiB\")"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn form() {
    let said = said(&[
        ("an unknown field", "cores: 2", "coers: 2"),
        ("an unknown field like no other", "cores: 2", "colour: 2"),
        ("a field twice", "cores: 2", "cores: 2, cores: 3"),
        ("a name twice", "\"db\": (cores: 4)", "\"web\": (cores: 4)"),
        ("a missing field", "horizon: \"10min\",", ""),
        ("a missing value of a choice", "arrive: Constant(\"10/s\"), ", ""),
        ("an unknown step", "Cpu(\"8ms\")", "Cpuu(\"8ms\")"),
        ("an unknown kind", "kind: Database", "kind: Warehouse"),
        ("a choice as a text", "kind: Database", "kind: \"Database\""),
        ("a choice with values it has not", "kind: Database", "kind: Database(7)"),
        ("a step without its value", "Cpu(\"8ms\")", "Cpu"),
        ("a text where a list belongs", "on: [\"web\"]", "on: \"web\""),
        ("a number as a text", "workers: 50", "workers: \"50\""),
        ("a fraction where a whole number belongs", "workers: 50", "workers: 0.5"),
        ("a number below zero", "workers: 50", "workers: -5"),
        ("out of range", "workers: 50", "workers: 0"),
        ("a thousand million workers", "workers: 50", "workers: 1_000_000_000"),
        ("more than fits", "workers: 50", "workers: 99999999999"),
        ("a newer version", "version: 1", "version: 2"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn quantities() {
    let said = said(&[
        ("a bare number for a time", "horizon: \"10min\"", "horizon: 600"),
        ("a time without a unit", "horizon: \"10min\"", "horizon: \"600\""),
        ("a unit of something else", "timeout: \"1s\"", "timeout: \"1MiB\""),
        ("a word", "timeout: \"1s\"", "timeout: \"soon\""),
        ("below zero", "timeout: \"1s\"", "timeout: \"-1s\""),
        ("a bare number for a rate", "Constant(\"10/s\")", "Constant(10)"),
        ("a bare number for an amount", "Cpu(\"8ms\")", "Cpu(8)"),
        ("an unknown distribution", "Cpu(\"8ms\")", "Cpu(\"expo(8ms)\")"),
        ("a distribution without its second number", "Cpu(\"8ms\")", "Cpu(\"lognormal(8ms)\")"),
        ("bytes where time belongs", "Cpu(\"8ms\")", "Cpu(\"8KiB\")"),
        ("a time and a count added", "Cpu(\"8ms\")", "Cpu(\"8ms + in_flight\")"),
        ("two times multiplied", "Cpu(\"8ms\")", "Cpu(\"8ms * 2ms\")"),
        ("an amount below zero", "Cpu(\"8ms\")", "Cpu(\"-8ms\")"),
        ("a mean of zero", "Cpu(\"8ms\")", "Cpu(\"exp(0ms)\")"),
        ("one percentile", "Cpu(\"8ms\")", "Cpu(\"p50 8ms\")"),
        ("percentiles that fall", "Cpu(\"8ms\")", "Cpu(\"p50 8ms, p99 5ms\")"),
        ("a percentile of all", "Cpu(\"8ms\")", "Cpu(\"p50 8ms, p100 5ms\")"),
        ("percentiles of two kinds", "Cpu(\"8ms\")", "Cpu(\"p50 8ms, p99 5KiB\")"),
        ("a mixture without weights", "Cpu(\"8ms\")", "Cpu(\"mixture(8ms, 9ms)\")"),
        ("a mixture of two kinds", "Cpu(\"8ms\")", "Cpu(\"mixture(8ms:1, 9:1)\")"),
        ("a law out of range", "Cpu(\"8ms\")", "Cpu(\"weibull(8ms, shape 0)\")"),
        ("a horizon of a century", "\"10min\"", "\"36500d\""),
        ("a horizon of nothing", "\"10min\"", "\"0s\""),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn references() {
    let said = said(&[
        ("an unknown machine", "on: [\"web\"]", "on: [\"wbe\"]"),
        ("an unknown service", "Call(\"rds.query\")", "Call(\"rsd.query\")"),
        ("an unknown operation", "Call(\"rds.query\")", "Call(\"rds.qurey\")"),
        ("a call of a service", "Call(\"rds.query\")", "Call(\"rds\")"),
        ("a call without a link", "links: { \"rds\": (timeout: \"1s\") },", ""),
        ("a link to nobody", "\"rds\": (timeout", "\"redis\": (), \"rds\": (timeout"),
        ("a balancer without a link", "\"rds\": (kind", "\"elb\": (kind: Balancer(to: \"app\")), \"rds\": (kind"),
        ("a server on no machine", "on: [\"web\"],", ""),
        ("a third party on a machine", "kind: Database", "kind: External"),
        ("a circle of calls", "\"query\": [Cpu(\"2ms\")]", "\"query\": [Call(\"app.page\")]"),
        ("one name for two things", "\"users\": Users", "\"web\": Users"),
        ("a name with a point", "\"db\": (cores: 4)", "\"db.1\": (cores: 4)"),
        ("too many machines", "cores: 2", "count: 60_000), \"farm\": (count: 60_000"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn programs_and_profiles() {
    let said = said(&[
        ("an empty program", "[Cpu(\"2ms\")]", "[]"),
        ("a quorum that cannot be", "Cpu(\"8ms\")", "Quorum(3, [[Cpu(\"1ms\")], [Cpu(\"1ms\")]])"),
        ("a weight of zero", "Cpu(\"8ms\")", "Choose([(0, [Cpu(\"1ms\")]), (1, [])])"),
        (
            "loops in loops",
            "Cpu(\"8ms\")",
            "Repeat(\"2\", [Repeat(\"2\", [Repeat(\"2\", [Repeat(\"2\", [Repeat(\"2\", [Cpu(\"1ms\")])])])])])",
        ),
        ("a user with a processor", "journey: [", "journey: [Cpu(\"1s\"), "),
        ("a step behind the reply", "[Cpu(\"8ms\"), Call", "[Hold, Call"),
        (
            "holding where no session ends",
            "[Cpu(\"3ms\")] }),\n    },\n    traffic: {",
            "[Cpu(\"3ms\"), Hold] }),\n    },\n    traffic: {\n        \"bots\": Open(rate: Constant(\"1/s\"), call: \"rds.insert\"),",
        ),
        ("a gauge of no link", "Cpu(\"8ms\")", "Cpu(\"1ms*waiting(mysql)\")"),
        ("no stages", "Constant(\"10/s\")", "Stages(start: \"1/s\", stages: [])"),
        ("growth beyond measure", "Constant(\"10/s\")", "Doubling(from: \"1/s\", every: \"1s\")"),
        (
            "round and round in no time",
            "Users(arrive: Constant(\"10/s\"), journey: [Call(\"app.page\"), Call(\"rds.insert\")]",
            "Closed(population: Constant(5), journey: [Delay(\"0s\")]",
        ),
        ("retries for ever and three times", "(timeout: \"1s\")", "(retry: (times: 3, forever: true))"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn runbook_objectives_and_variants() {
    let said = said(&[
        ("an unknown group", "AddMachines(\"web\", 1)", "AddMachines(\"wed\", 1)"),
        ("an unknown target", "AddMachines(\"web\", 1)", "Crash(\"apps/1\")"),
        ("a resize of nothing", "AddMachines(\"web\", 1)", "Resize(machine: \"web\", takes: \"1min\")"),
        ("a patch of an unknown field", "AddMachines(\"web\", 1)", "Set(\"services.app.worker\", 100)"),
        ("a patch with a wrong value", "AddMachines(\"web\", 1)", "Set(\"services.app.workers\", \"many\")"),
        (
            "a condition of no metric",
            "At(\"1min\", AddMachines(\"web\", 1))",
            "When(condition: \"app.wrokers > 90%\", then: AddMachines(\"web\", 1))",
        ),
        (
            "a condition without its unit",
            "At(\"1min\", AddMachines(\"web\", 1))",
            "When(condition: \"app.workers > 90\", then: AddMachines(\"web\", 1))",
        ),
        ("an unknown subject", "\"users\": [\"p", "\"user\": [\"p"),
        ("an unknown metric", "p(95) < 2s", "p95 < 2s"),
        ("a bound of something else", "p(95) < 2s", "p(95) < 2%"),
        ("a metric of something else", "p(95) < 2s", "utilization < 80%"),
        (
            "a variant of an unknown path",
            "objectives: {",
            "variants: { \"more\": (set: { \"machines.wbe.count\": 4 }) },\n    objectives: {",
        ),
        (
            "a variant that breaks a reference",
            "objectives: {",
            "variants: { \"less\": (set: { \"services.app.on\": [\"gone\"] }) },\n    objectives: {",
        ),
        (
            "variants in a circle",
            "objectives: {",
            "variants: { \"a\": (from: \"b\"), \"b\": (from: \"a\") },\n    objectives: {",
        ),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn warnings() {
    let said = said(&[
        ("a timeout that cannot be kept", "timeout: \"1s\"", "timeout: \"1ms\""),
        ("a patience that cannot be kept", "patience: \"5s\"", "patience: \"9ms\""),
        (
            "a service that nobody calls",
            "\"rds\": (kind",
            "\"blog\": (on: [\"web\"], operations: { \"post\": [Cpu(\"1ms\")] }),\n        \"rds\": (kind",
        ),
        (
            "an operation that nobody calls",
            "\"insert\": [Cpu(\"3ms\")]",
            "\"insert\": [Cpu(\"3ms\")], \"drop\": [Cpu(\"3ms\")]",
        ),
        ("a link that is never used", "Call(\"rds.query\")] },", "] },"),
        ("a machine that nothing runs on", "\"db\": (cores: 4)", "\"db\": (cores: 4), \"spare\": ()"),
        ("a retry that never tries", "(timeout: \"1s\")", "(timeout: \"1s\", retry: (after: \"1s\"))"),
        ("a backlog without workers", "workers: 50", "backlog: (limit: 10)"),
        ("an event loop without a thread", "workers: 50", "scheduling: Fifo"),
        ("a backoff of nothing", "(timeout: \"1s\")", "(timeout: \"1s\", retry: (times: 3, factor: 2))"),
        ("a rule after the end", "At(\"1min\"", "At(\"20min\""),
        ("a warm-up shorter than a session", "[Call(\"app.page\"), ", "[Call(\"app.page\"), Delay(\"exp(30s)\"), "),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn strange_files() {
    let mut said = String::new();
    for (about, text) in [
        ("an empty file", String::new()),
        ("blanks and a comment", "  \n// nothing\n".to_owned()),
        ("another language", "{\"version\": 1}".to_owned()),
        (
            "a byte order mark, tabs and carriage returns",
            SHOP.replace("cores: 2", "\tcores: x").replace('\n', "\r\n").replacen('(', "\u{feff}(", 1),
        ),
        ("letters of other alphabets", SHOP.replace("\"A shop\"", "\"Ein Café für 日本 👩‍💻\", tïtle: 1")),
        ("nested without end", "[".repeat(100_000)),
        ("nested just too deep", format!("{}{}", "(a:".repeat(200), ")".repeat(200))),
    ] {
        let problems = load("strange.ron", &text).unwrap_err();
        let rendered = render(&problems, "strange.ron", &text, false);
        writeln!(said, "# {about}\n{rendered}").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_file_of_any_size_is_answered() {
    let services: String = (0..40_000).map(|i| format!("\"s{i}\":(on:[\"x\"]),")).collect();
    let calls = "Call(\"x.y\"),".repeat(60_000);
    for (expected, text) in [
        ("2097152 bytes", " ".repeat(2 << 20)),
        ("40000 entries", format!("(version: 1, title: \"\", horizon: \"1s\", services: {{{services}}})")),
        ("more problems", SHOP.replace("Cpu(\"8ms\"),", &calls)),
    ] {
        let problems = load("large.ron", &text).unwrap_err();
        let rendered = render(&problems, "large.ron", &text, false);
        assert!(rendered.contains(expected), "{}", &rendered[..rendered.len().min(1000)]);
        assert!(rendered.len() < 100_000);
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let text = SHOP
        .replace("horizon: \"10min\"", "horizon: 600")
        .replace("cores: 2", "coers: 2")
        .replace("workers: 50", "workers: 0")
        .replace("Call(\"rds.query\")", "Call(\"rds.qurey\")")
        .replace("Cpu(\"3ms\")", "Cppu(\"3ms\")")
        .replace("AddMachines(\"web\", 1)", "AddMachines(\"wed\", 1)")
        .replace("p(95) < 2s", "p95 < 2s");
    let problems = load("shop.ron", &text).unwrap_err();
    assert_eq!(problems.len(), 7);
    let said = render(&problems, "shop.ron", &text, false);
    insta::assert_snapshot!(said);
}

#[test]
fn operators() {
    let rule = "At(\"1min\", AddMachines(\"web\", 1)),";
    let said = said(&[
        (
            "a controller of nothing",
            rule,
            "Autoscale(of: \"wbe\", metric: \"app.cpu\", target: \"60%\", every: \"1min\", most: 9),",
        ),
        (
            "a controller that watches nothing",
            rule,
            "Autoscale(of: \"web\", metric: \"app.cup\", target: \"60%\", every: \"1min\", most: 9),",
        ),
        (
            "a target of something else",
            rule,
            "Autoscale(of: \"web\", metric: \"app.cpu\", target: \"60/s\", every: \"1min\", most: 9),",
        ),
        (
            "a metric that more machines do not lower",
            rule,
            "Autoscale(of: \"web\", metric: \"users.failed\", target: \"1%\", every: \"1min\", most: 9),",
        ),
        (
            "a controller in a hurry",
            rule,
            "Autoscale(of: \"web\", metric: \"app.cpu\", target: \"0%\", every: \"0s\", least: 9, most: 3),",
        ),
        (
            "a window shorter than a look",
            rule,
            "Autoscale(of: \"web\", metric: \"app.cpu\", target: \"60%\", every: \"1min\", window: \"1s\", most: 3),",
        ),
        (
            "a controller of instances without a number",
            rule,
            "Autoscale(of: \"app\", metric: \"app.workers\", target: \"60%\", every: \"1min\", most: 9),",
        ),
        (
            "instances of what has no number",
            rule,
            "At(\"1min\", AddInstances(\"app\", 1)), At(\"2min\", RemoveInstances(\"apple\", 1)),",
        ),
        ("a deploy of a machine", rule, "At(\"1min\", Deploy(target: \"web\")),"),
        ("a move to nowhere", rule, "At(\"1min\", Move(service: \"app\", to: [])),"),
        ("a move of nobody to an unknown place", rule, "At(\"1min\", Move(service: \"apple\", to: [\"wbe\"])),"),
        ("a partition of nobody", rule, "At(\"1min\", Partition(from: \"app\", to: \"rsd\", lasting: \"0s\")),"),
        ("a change of what is of the run", rule, "At(\"1min\", Set(\"horizon\", \"5min\")),"),
        ("a flush of what keeps nothing", rule, "At(\"1min\", Flush(\"app\")),"),
        ("a message to what is no queue", "Call(\"rds.query\")", "Enqueue(\"rds.query\")"),
        (
            "a queue nobody waits in",
            "\"rds\": (kind",
            "\"jobs\": (kind: Queue(to: \"rds\", depth: 0), links: { \"rds\": () }), \"rds\": (kind",
        ),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn arrivals() {
    let said = said(&[
        ("gaps of another mean", "Constant(\"10/s\"),", "Constant(\"10/s\"), gaps: \"exp(2)\","),
        ("gaps that read a gauge", "Constant(\"10/s\"),", "Constant(\"10/s\"), gaps: \"in_flight\","),
        ("a burst of no time", "Constant(\"10/s\"),", "Constant(\"10/s\"), bursts: [(2, \"0s\"), (-1, \"1s\")],"),
        ("a day of no time", "Constant(\"10/s\")", "Daily(low: \"1/s\", high: \"9/s\", peak: \"1h\", period: \"0s\")"),
        (
            "days without number",
            "Constant(\"10/s\")",
            "Daily(low: \"1/s\", high: \"9/s\", peak: \"0s\", period: \"1ms\")",
        ),
        ("a trace that goes back", "Constant(\"10/s\")", "Trace(\"time,rate\n0,10\n2min,12\n60,14\")"),
        ("a trace with a word in it", "Constant(\"10/s\")", "Trace(\"0,10\n60,many\")"),
        ("a trace in one line", "Constant(\"10/s\")", "Trace(\"0,10\\n60;12\")"),
        ("a trace of nothing", "Constant(\"10/s\")", "Trace(\"\")"),
        ("a way to nobody", "patience: \"5s\"", "access: (to: { \"elb\": () })"),
        (
            "a way never taken, and one within another",
            "patience: \"5s\"",
            "access: (to: { \"app\": (to: { \"rds\": () }) })",
        ),
        ("invitations by a gauge", "patience: \"5s\"", "invites: (each: 1, after: \"1s*queued\")"),
        ("more invitations than people", "patience: \"5s\"", "invites: (each: 2000, after: \"1s\")"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_move_is_checked_as_the_file_it_makes() {
    let text = SHOP.replace("(cores: 2)", "(cores: 2, iops: \"100/s\")").replace(
        "At(\"1min\", AddMachines(\"web\", 1))",
        "When(condition: \"app.disk > 50%\", then: Move(service: \"app\", to: [\"db\"]))",
    );
    let problems = load("shop.ron", &text).expect_err("nobody has a disk then");
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told, ["this move gives a wrong file: `app` has no limit of `iops`"]);
    assert!(load("shop.ron", &text.replace("to: [\"db\"]", "to: [\"web\", \"db\"]")).is_ok());
}

/// A bare value where one of several things belongs: the one it is probably meant to be, with the value in it.
#[test]
fn a_bare_value_is_told_as_it_is_written() {
    for (piece, instead, hint) in [
        ("Constant(\"10/s\")", "\"10/s\"", "did you mean `Constant(\"10/s\")`?"),
        ("Constant(\"10/s\")", "10", "such as `Constant(\"10/s\")`"),
        ("Constant(\"10/s\")", "[(\"1min\", \"10/s\")]", "such as `Stages(start: .., stages: ..)`"),
        ("Constant(\"10/s\")", "(from: \"1/s\", to: \"9/s\", over: \"1min\")", "such as `Ramp(from: ..)`"),
        ("workers: 50", "workers: 50, instances: 3", "such as `PerMachine(3)`"),
        ("timeout: \"1s\"", "timeout: \"1s\", connections: 10", "such as `Keep(10)`"),
        ("timeout: \"1s\"", "timeout: \"1s\", connections: \"10\"", "did you mean `Keep(10)`?"),
        ("workers: 50", "workers: 50, backlog: 100", "such as `(limit: 100)`"),
        ("Cpu(\"8ms\")", "\"8ms\"", "did you mean `Cpu(\"8ms\")`?"),
        ("Cpu(\"8ms\")", "\"8KiB\"", "did you mean `Send(\"8KiB\")`?"),
        ("Call(\"app.page\")", "\"app.page\"", "did you mean `Call(\"app.page\")`?"),
        ("kind: Database", "kind: \"Database\"", "write it without quotes: `Database`"),
    ] {
        let said = said(&[("bare", piece, instead)]);
        assert!(said.contains(hint), "`{hint}` is not said:\n{said}");
    }
    // What fits nothing is told as before.
    let said = said(&[("a word", "Constant(\"10/s\")", "\"soon\"")]);
    assert!(said.contains("expected `Constant`") && !said.contains("did you mean"), "{said}");
}
