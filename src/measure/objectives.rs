//! Objectives: what was observed, and whether it passes. A failure counts as infinitely late.
//!
//! A metric that the results have a figure for is that figure; those that failures change and those of windows are
//! found here.

use super::catalogue::{COST, Figure, RESOURCES, TRAFFIC, answering};
use super::phrasing;
use super::results::{Cost, ObjectiveResult, Resource};
use super::series::Series;
use super::traffic::{Slot, Tally};
use super::windows::{OUTAGE, length};
use crate::scenario::metric::Metric;
use crate::scenario::objective::{Comparison, Objective};

/// What an objective is asked of.
pub enum Asked<'a> {
    /// A source or operation: everything that started, and its windows of the length asked for.
    Traffic {
        tally: Box<Tally>,
        windows: Option<Series<Slot>>,
    },
    Cost(&'a Cost),
    /// Resources of one subject, taken together, or one of them.
    Resource(Box<Resource>),
    /// There is nothing of that name, or it was never there.
    Nothing,
}

/// Evaluate one; `seconds` is the measured length of the run.
pub fn evaluate(subject: &str, text: &str, objective: &Objective, asked: &Asked, seconds: f64) -> ObjectiveResult {
    let observed = match asked {
        Asked::Traffic { tally, windows } => match (length(objective), windows) {
            (Some(_), Some(windows)) => windowed(objective, windows, tally, seconds),
            (Some(_), None) | (None, _) => whole(objective.metric, tally, seconds),
        },
        Asked::Cost(cost) => plain(&COST, objective.metric, cost),
        Asked::Resource(resource) => plain(&RESOURCES, objective.metric, resource),
        Asked::Nothing => Observed::Nothing,
    };
    let pass = match observed {
        Observed::Value(value) => objective.comparison.holds(value, objective.bound),
        Observed::Infinite => objective.comparison.holds(f64::INFINITY, objective.bound),
        Observed::Nothing => true,
    };
    ObjectiveResult {
        subject: subject.into(),
        expression: text.into(),
        observed: match observed {
            Observed::Value(value) => Some(value),
            Observed::Infinite | Observed::Nothing => None,
        },
        observed_text: match observed {
            Observed::Value(value) => phrasing::quantity(objective.metric.row().unit, value),
            Observed::Infinite => "never".into(),
            Observed::Nothing => "nothing to observe".into(),
        },
        pass,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Observed {
    Value(f64),
    /// Later than any bound.
    Infinite,
    /// Nobody came.
    Nothing,
}

impl Observed {
    fn of(value: Option<f64>) -> Observed {
        value.map_or(Observed::Infinite, Observed::Value)
    }

    fn number(self) -> Option<f64> {
        match self {
            Observed::Value(v) => Some(v),
            Observed::Infinite => Some(f64::INFINITY),
            Observed::Nothing => None,
        }
    }
}

fn whole(metric: Metric, tally: &Tally, seconds: f64) -> Observed {
    let failed = tally.failures();
    let ended = tally.succeeded + failed;
    let late = |q: f64| match (ended, tally.offered) {
        (0, 0) => Observed::Nothing,
        // Asked, and never answered.
        (0, _) => Observed::Infinite,
        (ended, _) => Observed::of(tally.latency.quantile_among(q, ended)),
    };
    match metric {
        Metric::Percentile(q) => late(q / 100.0),
        Metric::Median => late(0.5),
        Metric::Maximum => {
            if failed > 0 {
                Observed::Infinite
            } else {
                tally.latency.max().map_or_else(|| late(1.0), Observed::Value)
            }
        }
        Metric::Failed => {
            if ended > 0 {
                Observed::Value(failed as f64 / ended as f64)
            } else {
                Observed::Nothing
            }
        }
        // Of nobody there is no time.
        Metric::Average if tally.offered == 0 => Observed::Nothing,
        metric => plain(&TRAFFIC, metric, &tally.report(seconds, None)),
    }
}

/// A figure as it stands in the results; one that is absent is later than any bound.
fn plain<T>(figures: &[Figure<T>], metric: Metric, of: &T) -> Observed {
    answering(figures, metric).map_or(Observed::Nothing, |figure| Observed::of((figure.read)(of)))
}

fn windowed(objective: &Objective, windows: &Series<Slot>, tally: &Tally, seconds: f64) -> Observed {
    let every = windows.every() as f64;
    let down = || outages(windows, tally.latency.max().unwrap_or(0.0), seconds);
    match objective.metric {
        Metric::Down => Observed::Value(down().iter().fold(0.0, |sum, d| sum + (d.1 - d.0))),
        Metric::Recovered => match (down().first(), down().last()) {
            (Some(_), Some(last)) if last.1 >= seconds => Observed::Infinite,
            (Some(first), Some(last)) => Observed::Value(last.1 - first.0),
            _ => Observed::Value(0.0),
        },
        metric => {
            // Only whole windows: a short last one would be worst by chance.
            let all = (0..(seconds / every) as usize).map(|i| windows.points().get(i).cloned().unwrap_or_default());
            let seen = all.filter_map(|slot| in_window(metric, &slot, every).number());
            let worst = match objective.comparison {
                Comparison::Below | Comparison::AtMost => {
                    seen.fold(None, |worst: Option<f64>, v| Some(worst.map_or(v, |w| w.max(v))))
                }
                Comparison::Above | Comparison::AtLeast => {
                    seen.fold(None, |worst: Option<f64>, v| Some(worst.map_or(v, |w| w.min(v))))
                }
            };
            match worst {
                None => Observed::Nothing,
                Some(v) if v.is_infinite() => Observed::Infinite,
                Some(v) => Observed::Value(v),
            }
        }
    }
}

fn in_window(metric: Metric, slot: &Slot, every: f64) -> Observed {
    let ended = slot.succeeded + slot.failed;
    let late =
        |q: f64| if ended == 0 { Observed::Nothing } else { Observed::of(slot.latency.quantile_among(q, ended)) };
    match metric {
        Metric::Percentile(q) => late(q / 100.0),
        Metric::Median => late(0.5),
        Metric::Maximum => late(1.0),
        Metric::Average => slot.latency.mean().map_or(Observed::Nothing, Observed::Value),
        Metric::Failed => {
            if ended > 0 {
                Observed::Value(slot.failed as f64 / ended as f64)
            } else {
                Observed::Nothing
            }
        }
        Metric::Rate => Observed::Value(slot.offered as f64 / every),
        Metric::Goodput => Observed::Value(slot.completed as f64 / every),
        // Those of no windows are not asked of them.
        _ => Observed::Nothing,
    }
}

/// Spans (from, to) in seconds in which a source was down: of what started, half or more failed; or nothing has an
/// answer yet although it is older than the slowest success ever was.
pub fn outages(windows: &Series<Slot>, slowest: f64, seconds: f64) -> Vec<(f64, f64)> {
    let every = windows.every() as f64;
    let mut out = Vec::new();
    for (i, slot) in windows.points().iter().enumerate() {
        let (from, to) = (i as f64 * every, ((i + 1) as f64 * every).min(seconds));
        let ended = slot.succeeded + slot.failed;
        let down = if ended > 0 {
            slot.failed * 2 >= ended
        } else {
            slot.offered > 0 && seconds - to > slowest.max(OUTAGE as f64)
        };
        if down && to > from {
            out.push((from, to));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Outcome;
    use crate::scenario::Reason;

    fn tally(good: u64, bad: u64) -> Tally {
        let mut t = Tally { offered: good + bad, completed: good, ..Tally::default() };
        (0..good).for_each(|_| t.end(Outcome::Succeeded { degraded: false }, 1_000_000_000));
        (0..bad).for_each(|_| t.end(Outcome::Failed(Reason::Refused), 1_000));
        t
    }

    fn ask(text: &str, tally: Tally, windows: Option<Series<Slot>>) -> ObjectiveResult {
        let objective = Objective::parse(text).unwrap();
        evaluate("visitors", text, &objective, &Asked::Traffic { tally: Box::new(tally), windows }, 100.0)
    }

    #[test]
    fn failing_fast_does_not_improve_a_percentile() {
        assert!(ask("p(95) < 2s", tally(96, 4), None).pass);
        let late = ask("p(95) < 2s", tally(90, 10), None);
        assert_eq!((late.pass, late.observed, late.observed_text.as_str()), (false, None, "never"));
        assert!(!ask("failed < 1%", tally(90, 10), None).pass);
        assert!(ask("goodput > 0.8/s", tally(90, 10), None).pass);
    }

    #[test]
    fn outages_and_recovery_are_counted_in_windows() {
        let mut w = Series::<Slot>::new(OUTAGE, 100);
        for second in 0..100 {
            let slot = w.at(second);
            slot.offered += 1;
            slot.end(
                if (20..50).contains(&second) {
                    Outcome::Failed(Reason::TimedOut)
                } else {
                    Outcome::Succeeded { degraded: false }
                },
                1_000,
            );
        }
        assert_eq!(ask("down < 20s", tally(70, 30), Some(w.clone())).observed, Some(30.0));
        assert!(ask("recovered within 1min", tally(70, 30), Some(w.clone())).pass);
        w.at(99).failed = 100;
        assert!(!ask("recovered within 10min", tally(70, 30), Some(w)).pass);
    }

    #[test]
    fn nobody_came_is_not_a_failure() {
        assert!(ask("p(95) < 2s", tally(0, 0), None).pass);
        assert!(!ask("rate > 1/s", tally(0, 0), None).pass);
    }
}
