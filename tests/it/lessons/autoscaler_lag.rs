//! autoscaler-lag: slope x boot, less what stood idle.
use super::class::*;

const NAME: &str = "autoscaler-lag";
/// Requests per second: before, at the most, of one machine, and how much more come every second while the crowd grows.
const BEFORE: f64 = 240.0;
const MACHINE: f64 = 100.0;
const SLOPE: f64 = 4.0;
const BOOT_S: f64 = 180.0;
/// When the crowd begins to grow.
const GROWS_S: f64 = 240.0;

#[test]
fn a_short_boot_or_a_floor_keeps_what_was_promised() {
    fixed_by(NAME, &["boots in fifteen seconds", "a floor beforehand"], &["no autoscaler", "a lower target"]);
}

#[test]
fn what_is_missing_is_slope_times_boot_less_what_stood_idle() {
    let idle = 4.0 * MACHINE - BEFORE;
    let missing = SLOPE * BOOT_S - idle;
    for results in taught(NAME, None) {
        // In the last seconds before anything ordered on the slope can be there.
        let peak = (GROWS_S + BOOT_S - 8.0, GROWS_S + BOOT_S + 8.0);
        let short = BEFORE + SLOPE * (BOOT_S - 2.0) - goodput(&results, "visitors", peak.0, peak.1);
        near(short, missing, 10.0, "requests a second that are not served");
        let saturated = saturated_at(&results, "app.cpu") - GROWS_S;
        assert!((0.6..1.2).contains(&(saturated / (idle / SLOPE))), "after {saturated} s: {}", told(&results));
        assert_eq!(blamed(&results, "app.workers").as_deref(), Some("app.cpu"), "{}", told(&results));
        assert!(event(&results, "recovered", "app.cpu").is_some(), "it does come: {}", told(&results));
    }
}

#[test]
fn whatever_stands_idle_beforehand_covers_its_own_share_of_the_slope() {
    const { assert!(SLOPE * 45.0 < 4.0 * MACHINE, "fifteen seconds of boot and two looks are covered by a target of 60 %") };
    for variant in ["boots in fifteen seconds", "a lower target"] {
        for results in taught(NAME, Some(variant)) {
            assert!(results.traffic["visitors"].failed_share().expect("they came") < 0.001, "{}", told(&results));
        }
    }
}
