//! priority-shedding: who is turned away, not how many.
use super::class::*;

const NAME: &str = "priority-shedding";
/// Eight cores, 10 ms each.
const MOST: f64 = 800.0;
const BUYERS: f64 = 50.0;
const BROWSERS: f64 = 1200.0;
/// The rush, a little in from both ends.
const RUSH_S: (f64, f64) = (65.0, 175.0);

#[test]
fn shedding_by_priority_keeps_what_was_promised_and_longer_lines_do_not() {
    fixed_by(NAME, &["shed by priority"], &["buyers first in line", "a longer line"]);
}

#[test]
fn all_alike_fail_all_alike() {
    let lost = 1.0 - MOST / (BUYERS + BROWSERS);
    for results in taught(NAME, None) {
        near(failed(&results, "buyers", RUSH_S.0, RUSH_S.1), lost, 10.0, "buyers who fail");
        near(failed(&results, "browsers", RUSH_S.0, RUSH_S.1), lost, 10.0, "browsers who fail");
        assert_eq!(saturations(&results), ["shop.cpu", "shop.workers"], "{}", told(&results));
        assert_eq!(
            (blamed(&results, "shop.cpu").as_deref(), blamed(&results, "shop.workers").as_deref()),
            (None, Some("shop.cpu")),
            "{}",
            told(&results)
        );
    }
}

#[test]
fn shed_early_nobody_who_pays_fails_and_no_work_is_lost() {
    let lost = 1.0 - (MOST - BUYERS) / BROWSERS;
    for results in taught(NAME, Some("shed by priority")) {
        assert_eq!(results.traffic["buyers"].failures(), 0, "{}", told(&results));
        near(failed(&results, "browsers", RUSH_S.0, RUSH_S.1), lost, 10.0, "browsers who fail");
        assert_eq!(results.traffic["browsers"].failed.keys().map(String::as_str).collect::<Vec<_>>(), ["Shed"]);
        assert!(utilization(&results, "shop.cpu", RUSH_S.0, RUSH_S.1) > 0.99);
        // Four fifths of forty, and a few buyers.
        assert!(utilization(&results, "shop.workers", RUSH_S.0, RUSH_S.1) < 0.85);
    }
}

#[test]
fn first_in_line_is_no_help_at_a_door_that_is_shut() {
    for results in taught(NAME, Some("buyers first in line")) {
        let buyers = &results.traffic["buyers"];
        assert!(buyers.failed_share().expect("they came") > 0.1, "{}", told(&results));
        assert!(buyers.latency_s.expect("some paid").p95 < 0.2, "who gets in is served at once");
    }
}

#[test]
fn a_line_longer_than_patience_makes_nobody_happy() {
    // 4,000 places at 800 a second are five seconds; all have two.
    for results in taught(NAME, Some("a longer line")) {
        for source in ["buyers", "browsers"] {
            assert!(failed(&results, source, 75.0, 175.0) > 0.99, "{}", told(&results));
        }
    }
}
