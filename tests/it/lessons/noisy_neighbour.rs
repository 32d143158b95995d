//! noisy-neighbour: cores are shared by thread.
use super::class::*;

const NAME: &str = "noisy-neighbour";
const CORES: f64 = 8.0;
const PAGE_S: f64 = 0.02;
const RATE: f64 = 150.0;
/// Threads of the shop and of the report.
const SHOP: f64 = 16.0;
const REPORT: f64 = 32.0;
/// The report runs from one minute to three; a little in from both ends.
const REPORT_S: (f64, f64) = (70.0, 175.0);

#[test]
fn a_limit_a_weight_or_another_machine_keeps_what_was_promised() {
    fixed_by(NAME, &["the report limited", "the report weighs less", "the report elsewhere"], &[]);
}

#[test]
fn sixteen_threads_among_forty_eight_get_a_third_of_the_cores() {
    let most = CORES * SHOP / (SHOP + REPORT) / PAGE_S;
    assert!(most < RATE);
    for results in taught(NAME, None) {
        near(goodput(&results, "buyers", REPORT_S.0, REPORT_S.1), most, 5.0, "pages a second");
        assert!(failed(&results, "buyers", 0.0, 55.0) < 0.001);
        assert_eq!(saturations(&results)[0], "box.cpu", "{}", told(&results));
        assert_eq!(blamed(&results, "shop.workers").as_deref(), Some("box.cpu"), "{}", told(&results));
        let sentence = &event(&results, "saturated", "box.cpu").expect("told").text;
        assert!(sentence.contains("report asks for"), "{sentence}");
    }
}

#[test]
fn the_neighbour_gets_its_limit_and_no_more() {
    for results in taught(NAME, Some("the report limited")) {
        assert!(failed(&results, "buyers", REPORT_S.0, REPORT_S.1) < 0.001, "{}", told(&results));
        // Four cores of the report, and the shop's three.
        near(
            utilization(&results, "box.cpu", REPORT_S.0, REPORT_S.1) * CORES,
            4.0 + RATE * PAGE_S,
            3.0,
            "cores in use",
        );
    }
}

#[test]
fn a_neighbour_of_little_weight_gets_what_is_left() {
    for results in taught(NAME, Some("the report weighs less")) {
        assert!(failed(&results, "buyers", REPORT_S.0, REPORT_S.1) < 0.001, "{}", told(&results));
        assert!(utilization(&results, "box.cpu", REPORT_S.0, REPORT_S.1) > 0.99);
    }
}
