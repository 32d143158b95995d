//! What stands on the pages is what was measured.

use super::{COMMAND, PLAIN, run, told};
use crate::report::fixture::shop;
use crate::support::{Draft, run::loaded};
use indexmap::IndexMap;
use surgelab::measure::Results;
use surgelab::measure::results::{Example, Operation, Traffic};
use surgelab::model::Model;
use surgelab::report::{self, Context, Format};
use surgelab::study::{self, RunOptions};

/// A third of the players goes straight to the servers; the balancer spreads the rest by weight.
fn players() -> (Results, String) {
    let draft = Draft::new(100.0)
        .machine("m", "cores: 8")
        .service(
            "door",
            "on: [\"m\"], links: { \"shop\": () }, operations: { \"in\": [Call(\"shop.get\"), Call(\"shop.get\")] }",
        )
        .machine("box", "count: 3")
        .service("shop", "on: [\"box\"], operations: { \"get\": [Delay(\"1ms\")] }")
        .source("players", "Users(arrive: Constant(\"60/s\"), journey: [Call(\"door.in\"), Call(\"shop.get\")])");
    let file = loaded(&draft.text());
    let results = study::run(&file, &RunOptions::default(), &mut |_| {}).unwrap();
    let model = Model::compile(&file).unwrap();
    let answer = run(results.clone());
    let context = Context { command: COMMAND, teaches: "", model: Some(&model), source: None };
    let page = report::render(&report::page(&answer, &context), &answer, Format::Html, PLAIN);
    let picture = page.split("<figure class=\"topology\">").nth(1).unwrap().split("</figure>").next().unwrap();
    (results, picture.to_owned())
}

/// Each caller's calls were counted, and nothing is said of how they were spread.
#[test]
fn arrows_tell_what_each_caller_called() {
    let (results, picture) = players();
    let rate = |from: &str, to: &str| {
        let calls = results.links.iter().find(|calls| calls.from == from && calls.to == to).unwrap();
        calls.calls_per_s
    };
    let near = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 0.05, "{found} {:?}", results.links);
    near(rate("players", "door"), 60.0);
    near(rate("players", "shop"), 60.0);
    near(rate("door", "shop") / rate("players", "door"), 2.0);
    let all: u64 = results.links.iter().filter(|calls| calls.to == "shop").map(|calls| calls.calls).sum();
    assert_eq!(all, results.operations["shop.get"].traffic.offered);
    let said = |from: &str, to: &str| format!("{from} → {to}: {} calls/s", surgelab::number::figure(rate(from, to)));
    for (from, to) in [("players", "door"), ("players", "shop"), ("door", "shop")] {
        assert!(picture.contains(&said(from, to)), "{}\n{picture}", said(from, to));
    }
    let titles = picture.matches(" calls/s</title>").count();
    let measured = picture.matches(&said("door", "shop")).count();
    assert_eq!((titles, measured), (7, 3), "every arrow of a link says the same");
}

/// The box of many machines shows what stands in the table of them all.
#[test]
fn a_stack_shows_the_mean_of_all() {
    let draft = Draft::new(60.0)
        .machine("many", "count: 40")
        .service("app", "on: [\"many\"], operations: { \"get\": [Cpu(\"exp(20ms)\")] }")
        .poisson(100.0, "app.get");
    let file = loaded(&draft.text());
    let results = study::run(&file, &RunOptions::default(), &mut |_| {}).unwrap();
    let model = Model::compile(&file).unwrap();
    let group = results.groups.iter().find(|group| group.all.id == "app.cpu").unwrap().clone();
    let busiest = group.worst.utilization_mean;
    let answer = run(results);
    let context = Context { command: COMMAND, teaches: "", model: Some(&model), source: None };
    let page = report::render(&report::page(&answer, &context), &answer, Format::Html, PLAIN);
    let picture = page.split("<figure class=\"topology\">").nth(1).unwrap().split("</figure>").next().unwrap();
    assert!(picture.contains("many ×40"), "{picture}");
    assert!(picture.contains(&format!("app.cpu: {} used", surgelab::number::percent(group.all.utilization_mean))));
    assert!(!picture.contains(&surgelab::number::percent(busiest)), "{busiest}: {picture}");
}

/// The rows are those that failed most of their calls, and what is left out is not said to have failed less.
#[test]
fn operations_that_matter_are_listed() {
    let mut results = shop();
    let operation = |offered: u64, failed: u64| Operation {
        traffic: Traffic {
            offered,
            succeeded: offered - failed,
            failed: if failed > 0 { IndexMap::from([("Refused".to_owned(), failed)]) } else { IndexMap::new() },
            ..Traffic::default()
        },
        ..Operation::default()
    };
    for at in 0..30 {
        results.operations.insert(format!("busy.op{at}"), operation(1_000_000, 2_000));
    }
    results.operations.insert("rare.broken".into(), operation(100, 97));
    let text = told(&run(results), Format::Text, PLAIN);
    assert!(text.contains("  rare."), "{text}");
    assert!(text.contains("20 more operations are not listed\n"), "{text}");
    assert!(!text.contains("failed less"), "{text}");
}

/// No source and no way to fail is left out because another has many examples.
#[test]
fn requests_of_every_source_and_every_end_are_drawn() {
    let mut results = shop();
    let of = |example: Example, source: &str, outcome: &str, latency_s: f64| {
        let mut trace = shop().traces.remove(0);
        (trace.example, trace.source, trace.outcome, trace.latency_s) =
            (example, source.to_owned(), outcome.to_owned(), latency_s);
        trace
    };
    results.traces = (0..20).map(|at| of(Example::Slowest, "visitors", "succeeded", 9.0 + f64::from(at))).collect();
    results.traces.extend([
        of(Example::Typical, "visitors", "succeeded", 8.5),
        of(Example::Degraded, "visitors", "degraded", 8.6),
        of(Example::Failed, "visitors", "TimedOut", 8.7),
        of(Example::Failed, "visitors", "Refused", 8.8),
        of(Example::Slowest, "robots", "succeeded", 8.9),
    ]);
    let page = told(&run(results), Format::Html, PLAIN);
    for summary in [
        "<summary>slowest: visitors ",
        "<summary>typical: visitors ",
        "<summary>degraded: visitors ",
        "TimedOut in 8.70 s",
        "Refused in 8.80 s",
        "<summary>slowest: robots ",
        "18 more stand in the JSON",
    ] {
        assert!(page.contains(summary), "{summary}");
    }
}

/// A cell is never cut so that two names read alike.
#[test]
fn names_in_the_terminal_are_whole() {
    let mut results = shop();
    let long = "a-service-with-quite-a-long-name.operation-number-one";
    results.operations.insert(long.into(), results.operations["rds.query"].clone());
    results.operations.insert(long.replace("one", "two"), results.operations["rds.query"].clone());
    for width in [60, 72, 100] {
        let text = told(&run(results.clone()), Format::Text, report::Look { color: false, width });
        assert!(!text.contains('…'), "{text}");
        let joined: String = text.split_whitespace().collect();
        assert!(joined.contains("one") && joined.contains("two"), "{text}");
    }
}

/// What a group says of its members: when the first filled, how long the longest was full; a capacity without noise.
#[test]
fn a_group_is_full_as_long_as_the_longest_of_it() {
    let draft = Draft::new(300.0)
        .machine("m", "count: 7, cores: 8")
        .service("app", "on: [\"m\"], workers: 3, operations: { \"get\": [Delay(\"exp(1s)\")] }")
        .source("u", "Open(rate: Ramp(from: \"15/s\", to: \"40/s\", at: \"1min\", over: \"1min\"), call: \"app.get\")");
    let results = study::run(&loaded(&draft.text()), &RunOptions::default(), &mut |_| {}).unwrap();
    let group = results.groups.iter().find(|group| group.all.id == "app.workers").unwrap();
    let members = || results.resources.iter().filter(|resource| resource.subject == "app.workers");
    let longest = members().map(|member| member.saturated_for_s).fold(0.0, f64::max);
    let first = members().filter_map(|member| member.saturated_at_s).reduce(f64::min);
    assert_eq!((group.all.saturated_for_s, group.all.saturated_at_s), (longest, first));
    assert!(longest > 0.0);
    assert_eq!(group.all.capacity, 21.0);
    let text = told(&run(results), Format::Text, PLAIN);
    assert!(text.contains("for: the longest"), "{text}");
}
