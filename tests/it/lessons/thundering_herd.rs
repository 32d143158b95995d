//! thundering-herd-after-restart: the greeting of everybody at once.
use super::class::*;

const NAME: &str = "thundering-herd-after-restart";
const TABS: f64 = 20_000.0;
/// What the server greets a second: four cores, 2 ms each.
const GREETED: f64 = 4.0 / 0.002;
/// It is restarted at 60 s and serves again from here.
const UP_S: f64 = 65.0;

#[test]
fn spreading_the_herd_keeps_what_was_promised() {
    fixed_by(NAME, &["jittered", "backing off", "one after another"], &["jittered too little"]);
}

#[test]
fn all_at_once_share_the_cores_and_nobody_gets_through() {
    // Together they need ten seconds and have five.
    const { assert!(TABS / GREETED > 5.0) };
    for variant in [None, Some("jittered too little")] {
        for results in taught(NAME, variant) {
            let cpu = saturated_at(&results, "push.cpu");
            assert!((UP_S..UP_S + 2.0).contains(&cpu), "{}", told(&results));
            assert_eq!(blamed(&results, "push.cpu").as_deref(), None, "{}", told(&results));
            // Who tries again asks again: the whole herd every five seconds.
            let asked = &event(&results, "saturated", "push.cpu").expect("told").text;
            assert!(asked.contains("ρ 2.0") || asked.contains("ρ 1.9"), "{asked}");
            assert!(event(&results, "recovered", "push.cpu").is_none(), "{}", told(&results));
            assert!(utilization(&results, "push.cpu", 75.0, 145.0) > 0.95);
            let tabs = &results.traffic["tabs"];
            assert!(tabs.in_flight as f64 > 0.95 * TABS, "{} are still out", tabs.in_flight);
        }
    }
}

#[test]
fn spread_over_a_minute_the_herd_is_a_sixth_of_what_can_be_greeted() {
    for results in taught(NAME, Some("jittered")) {
        let share = TABS / 60.0 / GREETED;
        near(utilization(&results, "push.cpu", UP_S + 5.0, 115.0), share, 10.0, "the CPU while they come back");
        assert_eq!(saturations(&results), [] as [&str; 0], "{}", told(&results));
        assert_eq!(results.traffic["tabs"].failures(), 0);
    }
}

#[test]
fn greeted_in_order_all_are_back_after_what_it_must_take() {
    let must_s = TABS / GREETED;
    for results in taught(NAME, Some("one after another")) {
        assert_eq!(results.traffic["tabs"].succeeded as f64, TABS);
        // From the restart: five seconds down, ten of greetings, and one pause between attempts.
        near(results.traffic["tabs"].latency_s.expect("they are back").max, 5.0 + must_s, 10.0, "the last one");
    }
}

#[test]
fn jitter_spreads_reconnects_as_a_drawn_wait_does() {
    let jitter = [("traffic.tabs.retry", r#"(forever: true, after: "60s", jitter: "100%")"#)];
    for results in runs(&lesson(NAME, None, &jitter)) {
        near(
            utilization(&results, "push.cpu", UP_S + 5.0, 115.0),
            TABS / 60.0 / GREETED,
            10.0,
            "the CPU while they come back",
        );
    }
}
