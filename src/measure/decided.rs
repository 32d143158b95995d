//! Whether anything that can still come could change which objectives of a run hold.
//!
//! Counted are requests of a source over the whole run: those that are too late or failed by now stay so, and of those
//! that are in flight or still to come, which are so many at most, all may turn out well, or all badly. How many come
//! at most is known of open crowds with exponential gaps: a Poisson number of mean m is above m + 12√m + 72 less often
//! than e^-72 (Chernoff), which is never. Of everything else (windows, sessions, operations, resources, rates) the
//! verdict is open to the end, but for a longest latency that was passed.

use super::recorder::Recorder;
use super::traffic::Tally;
use crate::model::{Amount, Model, Source, SourceId, SourceKind};
use crate::scenario::metric::Metric;
use crate::scenario::objective::{Comparison, Objective};
use crate::units::Time;

/// The verdict that all objectives together have for certain; none: it is open.
pub(super) fn decided(recorder: &Recorder, model: &Model, now: Time) -> Option<bool> {
    let mut all = !model.objectives.is_empty();
    for objective in &model.objectives {
        let source = model.sources.iter().position(|source| source.name == objective.subject);
        let tally = source.and_then(|at| recorder.sources.get(at).map(|tally| (at, tally)));
        let verdict = tally.and_then(|(at, tally)| {
            let most = most_to_come(model, &model.sources[SourceId::new(at)], now).map(|more| tally.offered + more);
            verdict(&objective.expression, tally, most)
        });
        if verdict == Some(false) {
            return verdict;
        }
        all &= verdict == Some(true);
    }
    all.then_some(true)
}

/// How many requests a source still starts, at most; none: nobody knows.
fn most_to_come(model: &Model, source: &Source, now: Time) -> Option<u64> {
    let plain = source.kind == SourceKind::Open
        && source.batch.is_none()
        && source.bursts.is_empty()
        && matches!(model.amounts[source.gaps], Amount::Exponential(mean) if mean == 1.0)
        && model.rules.is_empty();
    let mean = source.profile.integral(now, Time(model.horizon.0)).max(0.0);
    plain.then(|| libm::ceil(mean + 12.0 * mean.sqrt() + 72.0) as u64)
}

/// Of what was counted, and at most so many in the end.
fn verdict(objective: &Objective, tally: &Tally, most: Option<u64>) -> Option<bool> {
    let below = matches!(objective.comparison, Comparison::Below | Comparison::AtMost);
    if objective.worst.is_some() || !below {
        return None;
    }
    let holds = |value: f64| objective.comparison.holds(value, objective.bound);
    let failed = tally.failures();
    let ended = tally.succeeded + failed;
    match objective.metric {
        Metric::Maximum if failed > 0 || tally.latency.max().is_some_and(|longest| !holds(longest)) => Some(false),
        Metric::Failed => {
            let most = most.filter(|most| *most > 0)?;
            let share = |part: u64| part as f64 / most as f64;
            match (holds(share(failed)), ended > 0 && holds(share(failed + (most - ended)))) {
                (false, _) => Some(false),
                (true, true) => Some(true),
                (true, false) => None,
            }
        }
        Metric::Percentile(q) => late(q / 100.0, objective.bound, tally, most?),
        Metric::Median => late(0.5, objective.bound, tally, most?),
        _ => None,
    }
}

/// Of a percentile: whether too many are late already, or too few could still be.
fn late(share: f64, bound: f64, tally: &Tally, most: u64) -> Option<bool> {
    let (within, beyond) = tally.latency.apart(bound);
    let wanted = super::histogram::rank(share, most);
    if most - (beyond + tally.failures()) < wanted {
        return Some(false);
    }
    (within >= wanted).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Outcome;
    use crate::scenario::Reason;

    const SECOND: u64 = 1_000_000_000;

    /// In time, late (two seconds), failed, and not yet ended.
    fn tally(good: u64, late: u64, failed: u64, open: u64) -> Tally {
        let mut tally = Tally { offered: good + late + failed + open, ..Tally::default() };
        (0..good).for_each(|_| tally.end(Outcome::Succeeded { degraded: false }, SECOND / 2));
        (0..late).for_each(|_| tally.end(Outcome::Succeeded { degraded: false }, 2 * SECOND));
        (0..failed).for_each(|_| tally.end(Outcome::Failed(Reason::Refused), 1_000));
        tally
    }

    fn ask(text: &str, tally: &Tally, to_come: Option<u64>) -> Option<bool> {
        verdict(&Objective::parse(text).unwrap(), tally, to_come.map(|more| tally.offered + more))
    }

    #[test]
    fn it_is_missed_when_all_that_can_come_would_not_make_up_for_it() {
        // 6 bad of 120 in the end at most are just the twentieth that may be, 7 are too many.
        assert_eq!(ask("p(95) < 1s", &tally(14, 3, 3, 0), Some(100)), None);
        assert_eq!(ask("p(95) < 1s", &tally(13, 4, 3, 0), Some(100)), Some(false));
        assert_eq!(ask("med < 1s", &tally(0, 61, 0, 0), Some(60)), Some(false));
        assert_eq!(ask("failed < 5%", &tally(15, 0, 5, 0), Some(100)), None);
        assert_eq!(ask("failed < 5%", &tally(14, 0, 6, 0), Some(100)), Some(false), "a twentieth is not below it");
        assert_eq!(ask("failed <= 5%", &tally(14, 0, 6, 0), Some(100)), None);
        assert_eq!(ask("max < 1s", &tally(9, 1, 0, 0), None), Some(false));
    }

    #[test]
    fn it_is_held_when_all_that_can_come_could_be_bad() {
        assert_eq!(ask("p(95) < 1s", &tally(95, 0, 0, 3), Some(2)), Some(true), "3 in flight, 2 to come");
        assert_eq!(ask("p(95) < 1s", &tally(95, 0, 0, 3), Some(3)), None);
        assert_eq!(ask("failed < 10%", &tally(95, 0, 1, 3), Some(2)), Some(true));
        assert_eq!(ask("failed < 10%", &tally(95, 0, 5, 3), Some(3)), None);
    }

    #[test]
    fn what_cannot_be_counted_is_open() {
        let bad = tally(0, 50, 50, 0);
        for text in ["worst 1min p(95) < 1s", "goodput > 90/s", "avg < 1s", "p(95) > 1s", "degraded < 1%"] {
            assert_eq!(ask(text, &bad, Some(0)), None, "{text}");
        }
        assert_eq!(ask("p(95) < 1s", &bad, None), None, "nobody knows how many come");
        assert_eq!(ask("max < 1s", &tally(9, 0, 0, 0), Some(0)), None);
    }

    /// A latency whose bucket the bound is in counts neither as late nor as in time.
    #[test]
    fn a_bound_inside_of_a_bucket_decides_nothing() {
        let mut tally = Tally { offered: 1, ..Tally::default() };
        tally.end(Outcome::Succeeded { degraded: false }, SECOND + 1);
        assert_eq!(tally.latency.apart(1.000_000_001), (0, 0));
        assert_eq!(tally.latency.apart(1.1), (1, 0));
        assert_eq!(tally.latency.apart(0.9), (0, 1));
    }
}
