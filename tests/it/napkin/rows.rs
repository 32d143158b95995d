//! The rows of the napkin: each by arithmetic, and none at odds with itself.

use super::{model, napkin_row, run};
use crate::support::Draft;
use crate::support::estimate::near;
use crate::support::random::{Chaos, chaos};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use surgelab::catalog::SCENARIOS;
use surgelab::measure::results::NapkinRow;
use surgelab::report::{self, Context, Format, Look};
use surgelab::scenario::load;

fn row(draft: &Draft, id: &str) -> NapkinRow {
    napkin_row(&draft.text(), id)
}

#[test]
fn a_primary_and_its_replica_are_asked_for_what_they_do() {
    // 40 × 8 ms on 4 cores; 160 × 4 ms and 40 × 1 ms on 4 cores, full at 200 / 0.17.
    let draft = Draft::new(60.0)
        .machine("first", "cores: 4")
        .machine("second", "cores: 4")
        .service("db", "kind: Database(replicas: 1, lag: \"100ms\", apply: \"1ms\", reads: [\"read\"]), on: [\"first\", \"second\"], operations: { \"read\": [Cpu(\"exp(4ms)\")], \"write\": [Cpu(\"exp(8ms)\")] }")
        .source("r", "Open(rate: Constant(\"160/s\"), call: \"db.read\")")
        .source("w", "Open(rate: Constant(\"40/s\"), call: \"db.write\")");
    for (id, load) in [("first.cpu", 0.08), ("second.cpu", 0.17)] {
        let row = row(&draft, id);
        near(id, row.base, load, 1e-9);
        assert!(row.note.contains("a part of db.cpu in the story"), "{}", row.note);
        near(id, row.breaks_at.expect("it breaks").of_peak, 1.0 / load, 1e-6);
    }
    // No formula takes them for stations alike.
    let results = run(&load("t.ron", &draft.text()).expect("sound"));
    assert!(results.stations.iter().all(|station| station.agrees.is_none()), "{:?}", results.stations);
}

#[test]
fn a_primary_among_its_replicas_breaks_at_what_it_can_do_itself() {
    // Writes of 10 ms at the primary alone: 100/s a core, whatever its two replicas have to do.
    let draft = |count: u32, cores: u32| {
        Draft::new(60.0)
            .machine("dbm", &format!("count: {count}, cores: {cores}"))
            .service("db", "kind: Database(replicas: 2, reads: [\"select\"]), on: [\"dbm\"], workers: 10, operations: { \"select\": [Cpu(\"exp(5ms)\")], \"insert\": [Cpu(\"exp(10ms)\")] }")
            .source("r", "Open(rate: Constant(\"100/s\"), call: \"db.select\")")
            .source("w", "Open(rate: Stages(start: \"40/s\", stages: [(\"30s\", \"40/s\"), (\"30s\", \"150/s\")]), call: \"db.insert\")")
    };
    for (cores, base, peak) in [(1, 0.4, 1.5), (4, 0.1, 0.375)] {
        let cpu = row(&draft(3, cores), "db.cpu");
        near("base", cpu.base, base, 1e-9);
        near("peak", cpu.peak, peak, 1e-9);
        near("breaks at", cpu.breaks_at.expect("it breaks").of_peak, 1.0 / peak, 1e-6);
    }
    // 40 × 10 ms of the primary's ten workers; those of the replicas are asked for half of 100 × 5 ms.
    near("workers", row(&draft(3, 4), "db.workers").base, 0.04, 1e-9);
}

#[test]
fn what_a_run_showed_is_of_the_time_it_lasted() {
    // Once nobody serves, whoever leaves comes again at the same instant: the run ends there, at half of its horizon.
    let draft = Draft::new(120.0)
        .machine("m", "cores: 4")
        .service("app", "on: [\"m\"], operations: { \"get\": [Delay(\"10ms\")] }")
        .source("staff", "Closed(population: Constant(20), journey: [Call(\"app.get\"), Delay(\"1s\")])")
        .rule("At(\"60s\", Crash(\"app\"))");
    let results = run(&load("t.ron", &draft.text()).expect("sound"));
    assert!(results.stopped.is_some(), "{:?}", results.populations);
    near("journeys", results.populations[0].throughput_per_s.expect("measured"), 20.0 / 1.01, 0.03);
}

#[test]
fn a_connection_is_held_from_when_it_is_opened_until_the_reply_is_sent() {
    let draft = |link: &str| {
        Draft::new(300.0)
            .machine("m", "cores: 64")
            .service("app", &format!("on: [\"m\"], links: {{ \"db\": (latency: \"40ms\"{link}) }}, operations: {{ \"page\": [Call(\"db.query\")] }}"))
            .service("db", "on: [\"m\"], kind: Database, max_connections: 100, operations: { \"query\": [Delay(\"5ms\")] }")
            .poisson(100.0, "app.page")
    };
    // 100/s × 5 ms of 100; kept, those in use last both ways longer.
    for (link, load) in [("", 0.005), (", connections: Keep(50)", 0.085)] {
        near(link, row(&draft(link), "db.connections").base, load, 1e-9);
    }
    let seen = run(&load("t.ron", &draft("").text()).expect("sound"));
    let seen = seen.napkin.iter().find(|row| row.resource == "db.connections").expect("a row").clone();
    near("observed", seen.observed.expect("measured"), 0.005, 0.03);
}

#[test]
fn cores_are_asked_for_no_more_than_the_threads_on_them_can_be() {
    // One thread on two cores: it is full at half of them.
    let draft = |more: &str| {
        Draft::new(60.0)
            .machine("box", "cores: 2")
            .service("chat", &format!("on: [\"box\"], {more} operations: {{ \"say\": [Cpu(\"10ms\")] }}"))
            .source("u", "Open(rate: Constant(\"250/s\"), call: \"chat.say\")")
    };
    for (more, door) in [("threads: 1,", "chat.threads"), ("cpu: (limit: 1),", "chat.quota")] {
        let cpu = row(&draft(more), "chat.cpu");
        near(more, cpu.peak, 0.5, 1e-6);
        assert_eq!((cpu.behind.as_deref(), cpu.breaks_at.is_none()), (Some(door), true), "{cpu:?}");
        near(more, row(&draft(more), door).peak, 2.5, 1e-9);
    }
    let free = row(&draft("threads: 2,"), "chat.cpu");
    assert!(free.behind.is_none() && free.breaks_at.is_some(), "{free:?}");
}

#[test]
fn a_rate_limit_is_a_row_and_a_door() {
    // 80/s over a link that lets 50/s through, to a service of 60/s.
    let draft = Draft::new(60.0)
        .machine("m", "cores: 4")
        .service("app", "on: [\"m\"], links: { \"pay\": (rate_limit: (rate: \"50/s\", burst: 10)) }, operations: { \"buy\": [Call(\"pay.charge\")] }")
        .service("pay", "on: [\"m\"], workers: 3, operations: { \"charge\": [Delay(\"50ms\")] }")
        .source("u", "Open(rate: Constant(\"80/s\"), gaps: \"1\", call: \"app.buy\")");
    let limit = row(&draft, "app.rate_limit(pay)");
    near("limit", limit.base, 1.6, 1e-9);
    near("breaks at", limit.breaks_at.expect("it breaks").of_peak, 0.625, 1e-6);
    let workers = row(&draft, "pay.workers");
    assert_eq!(workers.behind.as_deref(), Some("app.rate_limit(pay)"), "{workers:?}");
    near("what it lets through", workers.peak, 50.0 * 0.05 / 3.0, 1e-6);
}

#[test]
fn messages_that_are_tried_again_wait_for_it() {
    let warned = |retry: &str| {
        let draft = Draft::new(60.0)
            .machine("m", "cores: 4")
            .service("jobs", &format!("kind: Queue(to: \"worker\"), on: [\"m\"], links: {{ \"worker\": ({retry}) }}"))
            .service("worker", "on: [\"m\"], workers: 4, operations: { \"encode\": [Delay(\"20ms\")] }")
            .poisson(10.0, "jobs.encode");
        let warnings = load("t.ron", &draft.text()).expect("sound").warnings;
        warnings.iter().any(|warning| warning.message.contains("nothing ever waits"))
    };
    assert!(warned(""), "it is given at once, and once");
    assert!(!warned("retry: (forever: true, after: \"1s\")"));
    assert!(!warned("retry: (times: 3, after: \"1s\")"));
}

#[test]
fn the_text_says_of_what_was_full_where_it_was_to_break() {
    let built_in = SCENARIOS.iter().find(|built_in| built_in.name == "turbogonki").expect("it comes along");
    let loaded = load(built_in.file, built_in.text).expect("sound");
    let results = run(&loaded);
    let row = results.napkin.iter().find(|row| row.resource == "box.cpu").expect("a row");
    let full = results.groups.iter().find(|group| group.all.id == "box.cpu").expect("measured");
    assert!(full.worst.utilization_max >= 0.95 && row.asked.is_some_and(|asked| asked >= 1.0), "{row:?}");
    let answer = surgelab::study::Answer::Run(Box::new(results));
    let context = Context { command: "", teaches: "", model: None, source: None };
    let look = Look { color: false, width: 100 };
    let text = report::render(&report::page(&answer, &context), &answer, Format::Text, look);
    let napkin = text.split("Napkin").nth(1).expect("it has a napkin");
    assert!(napkin.contains("box.cpu"), "{napkin}");
}

/// A row that is at odds with itself.
fn contradictions(name: &str, rows: &[NapkinRow], wrong: &mut Vec<String>) {
    for row in rows.iter().filter(|row| row.behind.is_none()) {
        let mut hold = |holds: bool, law: &str| {
            if !holds {
                wrong.push(format!("{name}: {law}: {row:?}"));
            }
        };
        let passes = row.peak >= 1.0;
        hold(passes == row.passed_at_s.is_some(), "it is passed where its peak is 1 and more");
        let Some(at) = row.breaks_at.as_ref().map(|at| at.of_peak) else {
            hold(!passes || row.note.contains("in front"), "what is passed breaks");
            continue;
        };
        // What is in front may be full first, and then it takes more.
        if !row.note.contains("in front") {
            hold(at > 1.0 - 1e-6 || passes, "it breaks below the peak only where the peak passes it");
        }
    }
}

#[test]
fn no_row_of_a_built_in_is_at_odds_with_itself() {
    let mut wrong = Vec::new();
    for built_in in SCENARIOS {
        contradictions(built_in.name, &surgelab::napkin::napkin(&model(built_in.text)), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_most_that_is_asked_and_where_it_breaks_are_of_one_crowd() {
    // Sessions of 100 s follow a flash that is over in 60 s: those present never become as many as would for ever.
    let draft = Draft::new(600.0)
        .machine("m", "cores: 4")
        .service("push", "on: [\"m\"], descriptors: 300, operations: { \"join\": [Hold] }")
        .source("u", "Users(arrive: Stages(start: \"0.5/s\", stages: [(\"60s\", \"0.5/s\"), (\"0s\", \"10/s\"), (\"60s\", \"10/s\"), (\"0s\", \"0.5/s\")]), journey: [Background([Call(\"push.join\")]), Delay(\"exp(100s)\")])");
    let row = row(&draft, "push.descriptors");
    // dP/dt = 10 − P/100 from 50 for 60 s.
    let present = 1000.0 - 950.0 * (-0.6f64).exp();
    near("peak", row.peak, present / 300.0, 0.01);
    near("breaks at", row.breaks_at.expect("it breaks").of_peak * row.peak, 1.0, 1e-6);
    assert!(row.passed_at_s.is_some_and(|at| (60.0..120.0).contains(&at)));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_row_is_at_odds_with_itself(chaos in chaos()) {
        let chaos: Chaos = chaos;
        let mut wrong = Vec::new();
        let rows = surgelab::napkin::napkin(&model(&chaos.draft().text()));
        contradictions("random", &rows, &mut wrong);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn a_row_says_what_an_autoscaler_may_add_to_it() {
    let draft = Draft::new(60.0)
        .machine("web", "count: 2, cores: 1")
        .machine("db", "cores: 1")
        .service("app", "on: [\"web\"], workers: 8, links: { \"store\": () }, operations: { \"get\": [Cpu(\"10ms\"), Call(\"store.read\")] }")
        .service("store", "on: [\"db\"], operations: { \"read\": [Cpu(\"1ms\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"app.get\")")
        .rule("Autoscale(of: \"web\", metric: \"app.cpu\", target: \"60%\", every: \"30s\", least: 2, most: 6)");
    for of in ["app.cpu", "app.workers"] {
        let note = row(&draft, of).note;
        assert!(note.contains("of the 2 machines at the start; an autoscaler may have 6"), "{of}: {note}");
    }
    assert!(!row(&draft, "store.cpu").note.contains("autoscaler"));
}

/// Four cores do 400 visits of 10 ms a second: what comes again is a visit each, who leaves early makes no more.
#[test]
fn visits_are_counted_as_they_are_made() {
    // Σ P(N ≥ k) with N = ⌊X + ½⌋: of an exponential X with mean m that is e^(−1/2m) / (1 − e^(−1/m)).
    let exponential = |m: f64| (-0.5 / m).exp() / (1.0 - (-1.0 / m).exp());
    let again = "retry: (times: 1, after: \"1s\", on: [Error])";
    for (journey, work, more, visits) in [
        ("Call(\"app.get\")", "", "", 1.0),
        ("Repeat(\"1.6\", [Call(\"app.get\")])", "", "", 2.0),
        ("Repeat(\"exp(1.6)\", [Call(\"app.get\")])", "", "", exponential(1.6)),
        ("Repeat(\"geometric(2)\", [Call(\"app.get\")])", "", "", 2.0),
        // One in 25 comes again, once: 1 + 0.04; 400 / 1.04 = 384.6.
        ("Call(\"app.get\")", ", Fail(\"4%\")", again, 1.04),
        // One in ten leaves: 1 + 0.9 + 0.81; and 1 / (1 − 0.9 / 2).
        ("Repeat(\"3\", [Call(\"app.get\")])", ", Fail(\"10%\")", "", 2.71),
        ("Repeat(\"geometric(2)\", [Call(\"app.get\")])", ", Fail(\"10%\")", "", 1.0 / 0.55),
        // Who goes on all the same makes all three.
        ("Repeat(\"3\", [Call(\"app.get\")])", ", Fail(\"10%\")", "then: Continue", 3.0),
    ] {
        let draft = |rate: f64| {
            Draft::new(400.0)
                .warm_up(20.0)
                .machine("web", "cores: 4")
                .service("app", &format!("on: [\"web\"], operations: {{ \"get\": [Cpu(\"exp(10ms)\"){work}] }}"))
                .source("u", &format!("Users(arrive: Constant(\"{rate}/s\"), journey: [{journey}], {more})"))
        };
        let breaks = row(&draft(100.0), "app.cpu").breaks_at.expect("it breaks").levels[0].level;
        near(&format!("{journey} {work} {more}"), breaks, 400.0 / visits, 1e-6);
        let results = run(&load("t.ron", &draft((0.7 * breaks).round()).text()).expect("sound"));
        let used = results.groups.iter().find(|group| group.all.id == "app.cpu").expect("there").all.utilization_mean;
        near("simulated", used, (0.7 * breaks).round() / breaks, 0.02);
    }
}

/// The calls of an operation that ends early, and what a fallback does instead, a tier further on.
#[test]
fn what_an_operation_does_after_a_failure_is_counted() {
    for (steps, calls, all_made) in [
        ("Fail(\"20%\"), Call(\"db.q\")", 0.8, false),
        ("Try([Fail(\"20%\"), Call(\"db.q\")], [Call(\"db.q\"), Call(\"db.q\")])", 0.8 + 0.4, false),
        ("Repeat(\"2.5\", [Call(\"db.q\")])", 3.0, true),
        ("Repeat(\"exp(1.6)\", [Call(\"db.q\")])", (-0.5_f64 / 1.6).exp() / (1.0 - (-1.0_f64 / 1.6).exp()), true),
    ] {
        let draft = Draft::new(300.0)
            .machine("pg", "cores: 4")
            .service("app", &format!("links: {{ \"db\": () }}, operations: {{ \"get\": [{steps}] }}"))
            .service("db", "on: [\"pg\"], operations: { \"q\": [Cpu(\"exp(10ms)\")] }")
            .poisson(100.0, "app.get");
        near(steps, row(&draft, "db.cpu").base, calls * 100.0 * 0.010 / 4.0, 1e-9);
        let results = run(&load("t.ron", &draft.text()).expect("sound"));
        let cpu = &results.groups.iter().find(|group| group.all.id == "db.cpu").expect("there").all;
        near("simulated", cpu.utilization_mean, calls * 100.0 * 0.010 / 4.0, 0.03);
        // What an operation would have called had it not failed is offered all the same.
        if all_made {
            near("offered", cpu.offered_load.expect("asked"), cpu.utilization_mean, 0.01);
        }
    }
}

/// A balancer that adds nothing is as slow as what is behind it; of one that does it is said.
#[test]
fn theory_speaks_of_balancers_too() {
    let draft = |balancer: &str| {
        Draft::new(600.0)
            .warm_up(30.0)
            .machine("web", "cores: 2")
            .service("lb", &format!("kind: Balancer(to: \"app\"{balancer}), links: {{ \"app\": () }}"))
            .service("app", "on: [\"web\"], workers: 2, operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
            .poisson(120.0, "lb.get")
    };
    let results = run(&load("t.ron", &draft("").text()).expect("sound"));
    let station = |name: &str| results.stations.iter().find(|station| station.service == name).expect(name);
    // M/M/2 at ρ = 0.6: T = S / (1 − ρ²).
    for name in ["lb", "app"] {
        let row = station(name);
        near(name, row.time_s.expect("predicted"), 0.010 / (1.0 - 0.36), 1e-6);
        assert_eq!((row.model.as_deref(), row.agrees), (Some("M/M/2"), Some(true)), "{row:?}");
    }
    let works = run(&load("t.ron", &draft(", cpu: \"1ms\"").text()).expect("sound"));
    let row = works.stations.iter().find(|station| station.service == "lb").expect("it has a row");
    assert!(row.why_not.as_deref().is_some_and(|why| why.contains("passes calls on to app")), "{row:?}");
}
