//! replica-lag: rate x lag of the looks after a write see the past.
use super::class::*;
use surgelab::measure::Results;

const NAME: &str = "replica-lag";
/// Seconds until a replica has a write, and looks a second.
const LAG_S: f64 = 0.5;
const LOOKS: f64 = 1.0;

/// Stale answers per session.
fn stale(results: &Results) -> f64 {
    let reads = results.operations["sql.read"].stale_reads.as_ref().expect("it has replicas");
    reads.stale as f64 / results.traffic["authors"].sessions.as_ref().expect("they are sessions").came as f64
}

#[test]
fn replicas_keep_what_was_promised_about_the_time() {
    fixed_by(NAME, &["two replicas", "own writes remembered", "a tenth of the lag"], &[]);
}

#[test]
fn a_session_gets_as_many_stale_answers_as_it_looks_within_the_lag() {
    for (variant, lag_s) in [("two replicas", LAG_S), ("a tenth of the lag", LAG_S / 10.0)] {
        for results in taught(NAME, Some(variant)) {
            near(stale(&results), LOOKS * lag_s, 12.0, "stale answers a session");
        }
    }
}

#[test]
fn who_is_answered_by_the_server_that_took_the_save_never_sees_the_past() {
    for results in taught(NAME, Some("own writes remembered")) {
        assert!(stale(&results) < 0.001, "{} stale answers a session", stale(&results));
    }
}

#[test]
fn one_machine_is_asked_for_more_than_it_has() {
    for results in taught(NAME, None) {
        assert_eq!(saturations(&results)[0], "sql.cpu", "{}", told(&results));
        assert_eq!(blamed(&results, "sql.cpu").as_deref(), None);
    }
}
