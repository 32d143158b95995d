//! What people get: sessions, degraded answers, outages, lines, and objectives that speak of them. Small systems whose
//! figures follow from a line of arithmetic.

mod messages;
mod objectives;
mod queues;
mod sessions;
mod timeline;

use crate::support::run::loaded;
use surgelab::measure::Results;
use surgelab::report;
use surgelab::study::{RunOptions, run};

fn results(text: &str) -> Results {
    run(&loaded(text), &RunOptions::default(), &mut |_| {}).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[track_caller]
fn about(what: &str, found: f64, wanted: f64, most: f64) {
    assert!((found - wanted).abs() <= most, "{what}: {found}, wanted {wanted} ± {most}");
}

/// Half of the orders are not charged and get the fallback.
#[test]
fn a_degraded_answer_is_seen_everywhere() {
    let results = results(
        r#"(
            version: 1, title: "half the orders are not charged", horizon: "5min",
            machines: { "m": (cores: 8) },
            services: {
                "shop": (on: ["m"], links: { "pay": () }, operations: { "order": [Cpu("1ms"), Try([Call("pay.charge")], [Cpu("1ms")])] }),
                "pay": (kind: External, operations: { "charge": [Delay("50ms"), Fail("50%")] }),
            },
            traffic: { "buyers": Open(rate: Constant("100/s"), call: "shop.order") },
            objectives: { "buyers": ["failed < 1%", "degraded < 2%", "worst 1min degraded < 99%"], "shop.order": ["degraded > 40%"] },
        )"#,
    );
    let traffic = &results.traffic["buyers"];
    let share = traffic.degraded_share().unwrap();
    about("degraded", share, 0.5, 0.01);
    assert_eq!(traffic.failures(), 0);
    let states: Vec<bool> = results.objectives.iter().map(|objective| objective.pass).collect();
    assert_eq!(states, [true, false, true, true], "{:?}", results.objectives);
    let series = &results.series.traffic["buyers"];
    let sum = |line: &[f32]| line.iter().map(|value| f64::from(*value)).sum::<f64>();
    let over_time = sum(&series.degraded_per_s) * results.series.every_s;
    about("degraded over time", over_time, traffic.degraded as f64, 1e-3 * over_time);
    let verdict = report::verdict(&results);
    assert!(verdict.contains("of the requests of buyers were degraded"), "{verdict}");
    assert!(!verdict.contains("nothing failed"), "{verdict}");
    let answer = surgelab::study::Answer::Run(Box::new(results));
    let context = report::Context::default();
    let look = report::Look { color: false, width: 100 };
    for format in [report::Format::Text, report::Format::Markdown, report::Format::Html, report::Format::Csv] {
        let told = report::render(&report::page(&answer, &context), &answer, format, look).to_lowercase();
        assert!(told.contains("degraded"), "{format:?} says nothing of it: {told}");
    }
}
