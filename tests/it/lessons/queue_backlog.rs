//! queue-backlog: what comes in at the difference of two rates goes out at the difference of two others.
use super::class::*;
use surgelab::measure::Results;

const NAME: &str = "queue-backlog";
/// Photos per second: ordinarily, in the surge, and what one machine does.
const RATE: f64 = 100.0;
const SURGE: f64 = 300.0;
const EACH: f64 = 20.0;
/// The surge is from one minute to three.
const ENDS_S: f64 = 180.0;
const LASTS_S: f64 = 120.0;

/// Most photos that wait, and seconds until nobody does.
fn by_arithmetic(machines: f64) -> (f64, f64) {
    let backlog = LASTS_S * (SURGE - EACH * machines);
    (backlog, backlog / (EACH * machines - RATE))
}

fn longest(results: &Results) -> f64 {
    resource(results, "jobs/0.queue").waiting_max
}

/// Seconds from the end of the surge until nothing waits.
fn worked_off(results: &Results) -> f64 {
    let recovered = results.story.iter().rev().find(|e| e.event.name() == "recovered" && e.subject == "jobs.queue");
    recovered.unwrap_or_else(|| panic!("never worked off: {}", told(results))).at_s - ENDS_S
}

#[test]
fn more_machines_or_a_bound_keep_what_was_promised() {
    fixed_by(NAME, &["half as many again", "more when it is long", "bounded"], &[]);
}

#[test]
fn two_minutes_are_paid_back_in_backlog_over_spare_capacity() {
    let (backlog, seconds) = by_arithmetic(6.0);
    assert_eq!((backlog, seconds), (21_600.0, 1080.0));
    for results in taught(NAME, None) {
        near(longest(&results), backlog, 10.0, "photos that wait");
        near(worked_off(&results), seconds, 25.0, "seconds to work them off");
        assert_eq!(results.traffic["authors"].failures(), 0, "nobody was refused");
        assert!(results.traffic["authors"].latency_s.expect("answered").p99 < 0.1, "and all were answered at once");
    }
}

#[test]
fn half_as_many_again_are_six_times_as_fast() {
    let (backlog, seconds) = by_arithmetic(9.0);
    assert_eq!((backlog, seconds), (14_400.0, 180.0));
    for results in taught(NAME, Some("half as many again")) {
        near(longest(&results), backlog, 10.0, "photos that wait");
        near(worked_off(&results), seconds, 25.0, "seconds to work them off");
    }
}

#[test]
fn a_bounded_queue_is_never_older_than_its_length_over_the_rate() {
    for results in taught(NAME, Some("bounded")) {
        assert!(longest(&results) <= 6000.0);
        let oldest = results.messages["jobs.resize"].latency_s.expect("some were done").max;
        assert!(oldest < 1.1 * 6000.0 / (6.0 * EACH), "{oldest} s");
        assert!(results.traffic["authors"].failures() > 0, "what does not fit is refused");
    }
}
