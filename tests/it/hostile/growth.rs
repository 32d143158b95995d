//! What work grows with. Files are made in two sizes; what a run or a check does is counted, where it can be, or
//! bounded by a limit with a name.

use crate::support::{Draft, compile};
use surgelab::engine::{Advance, Silent, Simulation};
use surgelab::scenario::{Traffic, load};
use surgelab::units::{Span, Time};

/// Bytes of a file that is read at most.
const MOST: usize = 1 << 20;

/// A file around some services, sources, runbook or variants.
fn file(services: &str, rest: &str) -> String {
    format!(
        "(version: 1, title: \"x\", horizon: \"10s\", machines: {{ \"m\": () }}, services: {{ {services} }}, \
         traffic: {{ \"u\": Open(rate: Constant(\"1/s\"), call: \"a.page\") }}, {rest})"
    )
}

fn operations(count: usize, body: impl Fn(usize) -> String) -> String {
    let all: String = (0..count).map(|at| format!("\"o{at}\": [{}], ", body(at))).collect();
    format!("\"a\": (on: [\"m\"], operations: {{ \"page\": [Cpu(\"1ms\")], {all} }})")
}

/// The first thing that is said of a wrong file, and how much in all.
#[track_caller]
fn said(text: &str) -> (String, usize) {
    let problems = load("x.ron", text).expect_err("it is refused");
    (problems[0].message.clone(), problems.len())
}

#[test]
fn circles_are_told_up_to_a_hundred() {
    let one = "\"a\": (on: [\"m\"],";
    let circles = operations(1_999, |at| format!("Call(\"a.o{}\"), Call(\"a.o0\")", (at + 1) % 1_999));
    let linked = circles.replace(one, &format!("{one} links: {{ \"a\": () }},"));
    let (message, count) = said(&file(&linked, ""));
    assert!(message.contains("calls itself"), "{message}");
    assert!(count <= 101, "{count} problems");
}

#[test]
fn a_chain_of_variants_is_read_link_by_link() {
    let sets =
        |at: usize| (0..5).map(|o| format!("\"services.a.operations.o{o}\": [Cpu(\"{at}ms\")], ")).collect::<String>();
    let variant = |at: usize| {
        let from = if at > 0 { format!("from: \"v{}\", ", at - 1) } else { String::new() };
        format!("\"v{at}\": ({from}set: {{ {} }}), ", sets(at + 1))
    };
    let text = |count: usize| {
        let variants: String = (0..count).map(variant).collect();
        file(&operations(5, |_| "Cpu(\"1ms\")".to_owned()), &format!("variants: {{ {variants} }}"))
    };
    let loaded = load("x.ron", &text(60)).expect("60 variants are few");
    let last = loaded.with(Some("v59"), &[]).expect("the last is there");
    assert!(last.text.contains("Cpu(\"60ms\")"));
    // A file that is 200 times itself passes what is read for its patches.
    let long = format!("/* {} */ {}", "x".repeat(400_000), text(60));
    let (message, _) = said(&long);
    assert_eq!(message, "variants and patches of the runbook are files of their own, of more than 5 MiB in all");
}

#[test]
fn every_list_of_the_language_has_an_end() {
    let many = |count: usize, entry: &dyn Fn(usize) -> String| (0..count).map(entry).collect::<String>();
    let rules = many(201, &|at| format!("At(\"{at}ms\", Set(\"services.a.workers\", {})), ", at + 1));
    let variants = many(201, &|at| format!("\"v{at}\": (set: {{}}), "));
    let one = operations(1, |_| "Cpu(\"1ms\")".to_owned());
    let key = |at: usize| format!("\"keys.k{at}\": User, ");
    let objective = |at: usize| format!("\"p(95) < {}s\", ", at + 1);
    let cases = [
        ("`operations` has", file(&operations(2_001, |_| "Cpu(\"1ms\")".to_owned()), "")),
        ("`services` has", file(&format!("{one}, {}", many(2_001, &|at| format!("\"s{at}\": (), "))), "")),
        ("`runbook` has", file(&one, &format!("runbook: [{rules}]"))),
        ("`variants` has", file(&one, &format!("variants: {{ {variants} }}"))),
        ("`keys` has", file(&one, &format!("keys: {{ {} }}", many(2_001, &|at| format!("\"k{at}\": User, "))))),
        ("machines in all", file(&one, "").replace("\"m\": ()", "\"m\": (count: 100000), \"n\": (count: 100000)")),
        ("`set` has", file(&one, &format!("variants: {{ \"v\": (set: {{ {} }}) }}", many(2_001, &key)))),
        (
            "2001 objectives in all",
            file(&one, &format!("objectives: {{ \"u\": [{}], \"a.o0\": [\"p(95) < 1s\"] }}", many(2_000, &objective))),
        ),
        ("nested too deep", file(&operations(1, |_| format!("{}{}", "Repeat(1, [".repeat(200), "])".repeat(200))), "")),
        ("the file has", file(&one, &format!("/* {} */", "x".repeat(MOST)))),
        ("unknown field", file(&one, &many(2_000, &|at| format!("f{at}: 1, ")))),
    ];
    for (what, text) in cases {
        let (message, count) = said(&text);
        assert!(message.contains(what), "{message} instead of {what}");
        assert!(count <= 101, "{what}: {count} problems");
    }
}

/// Steps are not seen from outside, but what they lead to is: a run of ten times as many machines has as many events.
#[test]
fn machines_that_come_are_heard_of_once() {
    for count in [500, 5_000] {
        let draft = Draft::new(10.0)
            .machine("m", "cores: 1")
            .machine("n", "cores: 1")
            .service("a", "on: [\"m\"], operations: { \"serve\": [Cpu(\"1ms\")] }")
            .service("b", "on: [\"n\"], links: { \"a\": () }, operations: { \"serve\": [Call(\"a.serve\")] }")
            .poisson(10.0, "b.serve")
            .rule(&format!("At(\"1s\", AddMachines(\"m\", {count}))"));
        let mut sim = Simulation::new(compile(&draft.text()), 1);
        assert_eq!(sim.advance(Time(10_000_000_000), u64::MAX, &mut Silent), Advance::Reached);
        assert_eq!(sim.machines().count(), count + 3, "and a box of its own");
        assert!(sim.events() < 2_000 + 2 * count as u64, "{} events", sim.events());
    }
}

#[test]
fn changes_by_the_clock_are_read_once_each() {
    let rules: String =
        (0..100).map(|at| format!("At(\"{at}0ms\", Set(\"services.a.workers\", {})), ", at + 1)).collect();
    let loaded = load("x.ron", &file(&operations(1, |_| "Cpu(\"1ms\")".to_owned()), &format!("runbook: [{rules}]")))
        .expect("it is right");
    let model = surgelab::model::Model::compile(&loaded).expect("it compiles");
    let mut sim = Simulation::new(std::sync::Arc::new(model), 1);
    assert_eq!(sim.advance(Time(10_000_000_000), u64::MAX, &mut Silent), Advance::Reached);
    assert_eq!(sim.model().scenario.services.get("a").and_then(|a| a.workers), Some(100));
}

#[test]
fn times_stay_at_their_end() {
    assert_eq!(Time(i64::MAX - 1) + Span(5), Time(i64::MAX));
    assert_eq!(Span(i64::MAX) + Span(1), Span(i64::MAX));
    assert_eq!(Span(1 << 62) * 4, Span(i64::MAX));
    // A century for each, one after another: none but the first comes back, and time does not go round.
    let draft = Draft::new(10.0)
        .machine("m", "count: 5, boot: \"36525d\"")
        .service("a", "on: [\"m\"], operations: { \"serve\": [Cpu(\"1ms\")] }")
        .poisson(100.0, "a.serve")
        .rule("At(\"1s\", Restart(target: \"m\", stagger: \"36525d\"))");
    let results = surgelab::measure::record(compile(&draft.text()), &Default::default(), &mut |_| {});
    let crowd = &results.traffic["crowd"];
    let failed = crowd.failed.values().sum::<u64>() as f64 / crowd.offered as f64;
    assert!((0.85..0.95).contains(&failed), "{failed} failed");
}

#[test]
fn a_version_is_a_whole_number_that_is_known() {
    for version in ["0", "-0.0", "1e-300", "2", "4294967295"] {
        let text = file(&operations(1, |_| "Cpu(\"1ms\")".to_owned()), "")
            .replace("version: 1", &format!("version: {version}"));
        assert!(load("x.ron", &text).is_err(), "{version}");
    }
}

/// Both were made for the model of the first second: the second is compiled anew, after the first.
#[test]
fn changes_that_are_asked_for_at_once_follow_each_other() {
    let draft = Draft::new(10.0).station("a", 1, None, "exp(20ms)").poisson(20.0, "a.serve");
    let model = compile(&draft.text());
    let edited = |path: &str, value: &str| {
        let edit = surgelab::scenario::Edit::set(path, value);
        surgelab::engine::Command::Replace(std::sync::Arc::new(model.edited(&[edit]).expect("it is right")))
    };
    let mut sim = Simulation::new(std::sync::Arc::clone(&model), 1);
    sim.advance(Time(1_000_000_000), u64::MAX, &mut Silent);
    sim.submit(edited("services.a.operations.serve", "[Delay(\"7ms\"), Cpu(\"3ms\"), Delay(\"9ms\")]"));
    sim.submit(edited("machines.box.count", "3"));
    assert_eq!(sim.advance(Time(10_000_000_000), u64::MAX, &mut Silent), Advance::Reached);
    assert_eq!(sim.machines().count(), 3);
}

/// A `Daily` of 1,000 periods has 65,000 points: a hundred of them are few, and so are they in a hundred sources.
#[test]
fn profiles_have_a_limit_of_points_in_all() {
    let daily = |at: usize| format!("Daily(low: \"1/s\", high: \"2/s\", peak: \"{}ms\", period: \"10ms\")", at + 1);
    let sum = |count: usize| {
        let parts: String = (0..count).map(|at| daily(at) + ", ").collect();
        file(&operations(1, |_| "Cpu(\"1ms\")".to_owned()), "").replace("Constant(\"1/s\")", &format!("Sum([{parts}])"))
    };
    let sources = |count: usize| {
        let source = |at: usize| format!("\"u{at}\": Open(rate: {}, call: \"a.page\"), ", daily(at));
        let all: String = (0..count).map(source).collect();
        file(&operations(1, |_| "Cpu(\"1ms\")".to_owned()), "").replace("traffic: { ", &format!("traffic: {{ {all}"))
    };
    for text in [sum(60), sources(60)] {
        assert!(load("x.ron", &text).is_ok());
    }
    for text in [sum(70), sources(70), sources(1_999)] {
        let problems = load("x.ron", &text).expect_err("it is refused");
        assert_eq!(problems[0].message, "profiles of more than 4000000 points in all");
        let span = problems[0].span.clone().expect("it has a place");
        assert!(text[span].contains("Daily") || text.contains("Sum"), "at the profile that is too much");
    }
}

/// What a file may ask for is known by these counts, before any piece is made.
#[test]
fn points_of_profiles_are_counted_before_they_are_made() {
    let profiles = [
        "Constant(\"1/s\")",
        "Daily(low: \"1/s\", high: \"2/s\", peak: \"7ms\", period: \"10ms\")",
        "Daily(low: \"1/s\", high: \"2/s\", peak: \"7ms\", period: \"9s\")",
        "Doubling(from: \"1/s\", every: \"3s\")",
        "Flash(base: \"1/s\", peak: \"9/s\", at: \"1s\", rise: \"1ms\", half_life: \"1ms\")",
        "Stages(start: \"1/s\", stages: [(\"1s\", \"2/s\"), (\"0s\", \"3/s\"), (\"1s\", \"2/s\")])",
        "Shift(\"3s\", Daily(low: \"1/s\", high: \"2/s\", peak: \"7ms\", period: \"11ms\"))",
        "Sum([Ramp(from: \"1/s\", to: \"2/s\", over: \"3s\"), Stages(start: \"1/s\", stages: [(\"5s\", \"2/s\")])])",
    ];
    for profile in profiles {
        let text = file(&operations(1, |_| "Cpu(\"1ms\")".to_owned()), "").replace("Constant(\"1/s\")", profile);
        let loaded = load("x.ron", &text).unwrap_or_else(|problems| panic!("{profile}: {problems:?}"));
        let Some(Traffic::Open { rate, .. }) = loaded.scenario.traffic.get("u") else { panic!("it is there") };
        let counted = rate.points(loaded.scenario.horizon);
        let model = surgelab::model::Model::compile(&loaded).expect("it compiles");
        let made = model.sources.iter().map(|source| source.profile.points.len() as u64).sum::<u64>();
        assert!(made <= counted && counted <= made + 3, "{counted} for {made} of {profile}");
    }
}
