//! Arrivals that are not Poisson: regular, in batches, in bursts, over a day, by word of mouth.

use crate::support::estimate::near;
use crate::support::{Draft, simulate};

#[test]
fn regular_arrivals_come_regularly_along_any_profile() {
    // Under the exact change of time the n-th arrival comes when the profile's integral reaches n: 0.5 t² = n.
    let draft = Draft::new(20.0).service("app", "operations: { \"serve\": [Delay(\"1us\")] }").source(
        "crowd",
        "Open(rate: Ramp(from: \"0/s\", to: \"20/s\", over: \"20s\"), gaps: \"1\", call: \"app.serve\")",
    );
    let seen = simulate(&draft, 1).1;
    assert_eq!(seen.ended.len(), 199, "the 200th comes as the run ends");
    for (n, request) in (1u32..).zip(&seen.ended) {
        let expected = (2.0 * f64::from(n)).sqrt();
        assert!(
            (request.started.as_seconds() - expected).abs() < 1e-6,
            "{n}: {:?}, expected {expected}",
            request.started
        );
    }
}

#[test]
fn a_day_brings_its_mean_and_its_peak() {
    let draft = Draft::new(86_400.0 * 2.0)
        .service("app", "operations: { \"serve\": [Delay(\"1us\")] }")
        .source("crowd", "Open(rate: Daily(low: \"1/s\", high: \"5/s\", peak: \"20h\"), call: \"app.serve\")");
    let seen = simulate(&draft, 5).1;
    let came = |from: f64, to: f64| {
        seen.ended.iter().filter(|r| (from..to).contains(&(r.started.as_seconds() / 3600.0))).count() as f64
    };
    near("a day", came(24.0, 48.0), 3.0 * 86_400.0, 0.01);
    near("the hour of the peak", came(19.5, 20.5) / 3600.0, 5.0, 0.03);
    near("the hour of the night", came(31.5, 32.5) / 3600.0, 1.0, 0.06);
}

#[test]
fn word_of_mouth_doubles_and_stops_when_the_site_fails() {
    // Each brings two after exp(T): the crowd grows as exp(t / T), so it doubles every T ln 2 = 600 s.
    let draft = Draft::new(7200.0)
        .service("app", "restart: \"10h\", operations: { \"serve\": [Delay(\"1us\")] }")
        .source(
            "crowd",
            "Users(arrive: Stages(start: \"10/s\", stages: [(\"20s\", \"10/s\"), (\"0s\", \"0/s\")]), journey: [Call(\"app.serve\")], invites: (each: 2, after: \"exp(865.617s)\"))",
        )
        .rule("At(\"4800s\", Crash(\"app\"))");
    let seen = simulate(&draft, 6).1;
    let came =
        |from: f64, to: f64| seen.ended.iter().filter(|r| (from..to).contains(&r.started.as_seconds())).count() as f64;
    for doubling in 1..8 {
        let from = f64::from(doubling) * 600.0;
        near(
            "growth in 10 minutes",
            came(from, from + 600.0) / came(from - 600.0, from),
            2.0,
            if doubling == 1 { 0.5 } else { 0.1 },
        );
    }
    // Those already invited come, fail and tell nobody.
    near("after 2,400 s of failure", came(6_600.0, 7_200.0) / came(4_200.0, 4_800.0), (0.5f64).powf(3.0), 0.9);
    assert!(came(6_600.0, 7_200.0) < 0.3 * came(4_800.0, 5_400.0), "growth stops");
}
