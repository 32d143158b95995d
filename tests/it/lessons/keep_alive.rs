//! keep-alive-exhaustion: workers wait for people who read.
use super::class::*;

const NAME: &str = "keep-alive-exhaustion";
const WORKERS: f64 = 150.0;
/// Readers a second, pages each, seconds on a page and of CPU for it.
const READERS: f64 = 3.0;
const PAGES: f64 = 10.0;
const READS_S: f64 = 8.0;
const CPU_S: f64 = 0.012;

/// Workers that are held when a connection is kept so long: a page's work and the reading of it, at most the
/// keep-alive.
fn held(keep_alive_s: f64) -> f64 {
    READERS * PAGES * (CPU_S + READS_S * (1.0 - (-keep_alive_s / READS_S).exp()))
}

#[test]
fn letting_connections_go_keeps_what_was_promised() {
    fixed_by(NAME, &["two seconds", "none at all", "the event model", "twice the processes"], &[]);
}

#[test]
fn workers_are_exhausted_by_readers_at_a_tenth_of_the_cpu() {
    assert!(held(15.0) > 1.3 * WORKERS);
    for results in taught(NAME, None) {
        assert_eq!(saturations(&results), ["apache.workers"], "{}", told(&results));
        assert!(utilization(&results, "apache.cpu", 60.0, 290.0) < 0.12, "{}", told(&results));
        assert!(results.traffic["readers"].failed_share().expect("they came") > 0.01, "{}", told(&results));
    }
}

#[test]
fn as_many_workers_are_held_as_the_keep_alive_says() {
    for (variant, keep_alive_s, workers) in
        [("two seconds", 2.0, WORKERS), ("twice the processes", 15.0, 300.0), ("none at all", 0.0, WORKERS)]
    {
        for results in taught(NAME, Some(variant)) {
            near(utilization(&results, "apache.workers", 30.0, 290.0) * workers, held(keep_alive_s), 12.0, variant);
        }
    }
}
