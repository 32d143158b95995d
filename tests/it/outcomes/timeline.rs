//! The timeline: what was offered by the moment it began, all else by the moment it ended; and what is printed of it is
//! its maximum.

use super::{about, results};
use surgelab::report::{self, Context, Format, Look};
use surgelab::study::Answer;

/// One a second, each takes 2.5 s, from 10 s on 4.5 s; whoever waits longer than 4 s gives up.
const SLOW: &str = r#"(
    version: 1, title: "slow", horizon: "20s",
    machines: { "m": (cores: 8) },
    services: { "s": (on: ["m"], operations: { "q": [Delay("2.5s")] }) },
    traffic: { "u": Open(gaps: "1", rate: Constant("1/s"), call: "s.q", patience: "4s") },
    runbook: [At("10s", Set("services.s.operations.q.0", Delay("4.5s")))],
)"#;

#[test]
fn what_ends_counts_where_it_ends() {
    let results = results(SLOW);
    let series = &results.series.traffic["u"];
    assert_eq!(results.series.every_s, 1.0);
    let begins = |line: &[f32]| line.iter().position(|value| *value > 0.0).unwrap();
    assert!(begins(&series.offered_per_s) <= 1);
    let first = begins(&series.goodput_per_s);
    assert!((2..=4).contains(&first), "2.5 s after the first began: {series:?}");
    assert_eq!(series.p95_s.iter().position(Option::is_some), Some(first), "p95 is of those that ended then");
    about("p95", f64::from(series.p95_s[first].unwrap()), 2.5, 0.05);
    assert!(begins(&series.failed_per_s) >= 13, "4 s after the first that was too slow: {series:?}");
    let sum = |line: &[f32]| line.iter().map(|value| f64::from(*value)).sum::<f64>();
    let traffic = &results.traffic["u"];
    about("ended well", sum(&series.goodput_per_s), traffic.goodput_per_s * 20.0, 1e-3);
    about("failed", sum(&series.failed_per_s), traffic.failures() as f64, 1e-3);
    about("began", sum(&series.offered_per_s), traffic.offered as f64, 1e-3);
}

/// One in a hundred takes far longer: a mean of percentiles would lose it where points share a column.
#[test]
fn what_is_printed_is_the_maximum_of_the_series() {
    let results = results(
        r#"(
            version: 1, title: "one is slow", horizon: "10min",
            machines: { "m": (cores: 8) },
            services: { "s": (on: ["m"], workers: 2, operations: { "q": [Delay("10ms")] }) },
            traffic: {
                "u": Open(gaps: "1", rate: Constant("1/s"), call: "s.q"),
                "jam": Open(rate: Stages(start: "0/s", stages: [("5min", "0/s"), ("0s", "40/s"), ("1s", "40/s"), ("0s", "0/s"), ("4min", "0/s")]), call: "s.q"),
            },
            runbook: [At("5min", Set("services.s.operations.q.0", Delay("2.7s"))), At("303s", Set("services.s.operations.q.0", Delay("10ms")))],
        )"#,
    );
    let most =
        |values: &[Option<f32>]| f64::from(values.iter().flatten().fold(0.0_f32, |most, value| most.max(*value)));
    let (p95, waiting) = (most(&results.series.traffic["u"].p95_s), most(&results.series.waiting["s.workers"]));
    let rate = results.series.traffic["jam"].offered_per_s.iter().fold(0.0_f32, |most, value| most.max(*value));
    let queue = &results.queues[0];
    assert!(queue.deepest as f64 >= waiting, "{queue:?}");
    let answer = Answer::Run(Box::new(results));
    let told = |format| {
        let context = Context { command: "", teaches: "", model: None, source: None };
        report::render(&report::page(&answer, &context), &answer, format, Look { color: false, width: 100 })
    };
    let (text, page) = (told(Format::Text), told(Format::Html));
    let page = page.split("<script").next().unwrap();
    let rate = surgelab::number::figure(f64::from(rate));
    for figure in [surgelab::number::seconds(p95), surgelab::number::count(waiting as u64), format!("{rate}/s")] {
        assert!(text.contains(&format!("≤ {figure}\n")), "{figure}:\n{text}");
        assert!(page.contains(&format!("up to {figure}<")), "{figure}");
    }
    assert!(text.contains("offered: requests as they began") && page.contains("offered by the moment they began"));
}
