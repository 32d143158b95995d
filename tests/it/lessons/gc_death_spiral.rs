//! gc-death-spiral: two stable states, and the way back is longer than the way in.
use super::class::*;

const NAME: &str = "gc-death-spiral";
/// The crowd is twice as large from 60 s to 90 s.
const CROWD_S: (f64, f64) = (60.0, 90.0);
const RATE: f64 = 400.0;

/// What four cores do with so many in flight: 5 ms each, and 0.1 ms for each in flight.
fn most(in_flight: f64) -> f64 {
    4.0 / (0.005 + 0.0001 * in_flight)
}

#[test]
fn few_at_once_keep_what_was_promised() {
    fixed_by(NAME, &["few at once"], &["restarted", "ads stopped"]);
}

#[test]
fn the_crowd_goes_and_the_server_stays_where_it_was_pushed() {
    assert!(most(50.0) >= RATE && most(500.0) < RATE / 5.0);
    for results in taught(NAME, None) {
        assert!(failed(&results, "visitors", 0.0, CROWD_S.0) < 0.001, "{}", told(&results));
        near(goodput(&results, "visitors", 120.0, 280.0), most(500.0), 5.0, "with 200 served and 300 waiting");
        let cpu = saturated_at(&results, "app.cpu");
        let workers = saturated_at(&results, "app.workers");
        assert!(CROWD_S.0 <= cpu && cpu <= workers && workers < CROWD_S.1, "{}", told(&results));
        assert_eq!(
            (blamed(&results, "app.cpu").as_deref(), blamed(&results, "app.workers").as_deref()),
            (None, Some("app.cpu")),
            "{}",
            told(&results)
        );
        let cpu = event(&results, "saturated", "app.cpu").expect("told");
        assert!(cpu.text.contains("demand per call"), "the work itself grew: {}", cpu.text);
        assert!(event(&results, "recovered", "app.cpu").is_none(), "{}", told(&results));
    }
}

#[test]
fn a_bound_on_what_is_in_flight_leaves_only_the_good_state() {
    assert!(most(30.0) > RATE);
    for results in taught(NAME, Some("few at once")) {
        near(goodput(&results, "visitors", CROWD_S.0 + 5.0, CROWD_S.1), most(30.0), 10.0, "at the worst");
        assert!(failed(&results, "visitors", CROWD_S.1 + 5.0, 290.0) < 0.001, "{}", told(&results));
    }
}

#[test]
fn an_empty_server_is_in_the_good_state() {
    for results in taught(NAME, Some("restarted")) {
        assert!(failed(&results, "visitors", 150.0, 205.0) > 0.7, "{}", told(&results));
        assert!(failed(&results, "visitors", 230.0, 290.0) < 0.001, "{}", told(&results));
    }
}

#[test]
fn the_load_must_fall_below_what_the_bad_state_can_do() {
    // 73 a second: half as much again keeps it where it is, a tenth less lets it go.
    for (share, comes_back) in [(1.5, false), (0.9, true)] {
        let rule = format!(r#"[At("100s", ScaleTraffic("visitors", {}))]"#, share * most(500.0) / RATE);
        for results in runs(&lesson(NAME, None, &[("runbook", &rule), ("horizon", "8min")])) {
            let failed = failed(&results, "visitors", 420.0, 470.0);
            assert_eq!(failed < 0.01, comes_back, "{share} of it, {failed} fail: {}", told(&results));
        }
    }
}
