//! cache-stampede: load x build time requests do the work of one.
use super::class::*;
use surgelab::measure::Results;

const NAME: &str = "cache-stampede";
const RATE: f64 = 200.0;
/// Building the page takes so long alone, and so long with all twenty connections on four cores.
const ALONE_S: f64 = 0.3;
const TOGETHER_S: f64 = ALONE_S * 20.0 / 4.0;

fn looks(results: &Results) -> (f64, f64) {
    let store = &results.stores[0];
    (store.hits as f64, store.misses as f64)
}

/// Pages the database was asked for.
fn built(results: &Results) -> f64 {
    results.operations["sql.build"].traffic.offered as f64
}

#[test]
fn single_flight_or_a_refresh_keeps_what_was_promised() {
    fixed_by(NAME, &["single flight", "refreshed before it expires"], &["kept longer"]);
}

#[test]
fn all_who_come_while_the_page_is_built_build_it_too() {
    for results in taught(NAME, None) {
        let (_, misses) = looks(&results);
        let stampedes = results.stores[0].expired as f64;
        assert!(stampedes >= 3.0, "{stampedes} in five minutes");
        near(misses / stampedes, RATE * TOGETHER_S, 30.0, "requests that build the same page");
        assert_eq!(saturations(&results)[0], "sql.cpu", "{}", told(&results));
        assert_eq!(blamed(&results, "app.pool(sql)").as_deref(), Some("sql.cpu"), "{}", told(&results));
    }
}

#[test]
fn with_single_flight_one_builds_and_the_others_wait_for_it() {
    for results in taught(NAME, Some("single flight")) {
        assert!(built(&results) <= (results.horizon_s / 60.0).ceil(), "{} built", built(&results));
        assert_eq!(results.traffic["readers"].failures(), 0, "{}", told(&results));
        near(results.traffic["readers"].latency_s.expect("they read").max, ALONE_S, 10.0, "the longest wait");
    }
}

#[test]
fn a_page_refreshed_in_time_is_never_missed() {
    for results in taught(NAME, Some("refreshed before it expires")) {
        let (hits, misses) = looks(&results);
        assert_eq!(misses, 0.0, "of {hits}");
        assert!(results.traffic["readers"].latency_s.expect("they read").p99 < 0.05);
    }
}
