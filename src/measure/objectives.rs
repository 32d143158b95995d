//! Objectives: what was observed, and whether it passes. A failure counts as infinitely late.
//!
//! A metric that the results have a figure for is that figure; those that failures change and those of windows are
//! found here.

use super::catalogue::{COST, Figure, RESOURCES, TRAFFIC, answering};
use super::histogram::Histogram;
use super::phrasing;
use super::results::{Cost, Resource};
use super::series::Series;
use super::sessions::SessionTally;
use super::traffic::{Slot, Tally};
use crate::scenario::metric::{Metric, Unit};
use crate::scenario::objective::{Comparison, Objective};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pass/fail expression and what was observed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveResult {
    /// What it is about.
    pub subject: String,
    /// As in the file.
    pub expression: String,
    /// Seconds, share, rate or money; absent when nothing was observed or it is infinite.
    pub observed: Option<f64>,
    /// The observed value in words.
    pub observed_text: String,
    /// What came of it: "held", "missed", or "unobserved" where there was nothing to observe.
    #[schemars(with = "String")]
    pub state: ObjectiveState,
    /// It held; or there was nothing to observe and it is `optional`.
    pub pass: bool,
    /// Why the value is another than one of the same name in a table, or what else belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What came of an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveState {
    /// It was observed and holds.
    Held,
    /// It was observed and does not hold.
    Missed,
    /// Nobody came, what it is about was never there, or there is no price for the bill. It fails, unless it is
    /// `optional`.
    Unobserved,
}

/// What an objective is asked of.
pub enum Asked<'a> {
    /// A source, an operation or the messages of one: everything that started, its windows of the length asked for, and
    /// its outages where those are asked for.
    Traffic {
        tally: Box<Tally>,
        windows: Option<Series<Slot>>,
        outages: Vec<(f64, f64)>,
    },
    /// The sessions of a source.
    Sessions(&'a SessionTally),
    Cost(&'a Cost),
    /// The bill of machines none of which has a price.
    Unpriced,
    /// Resources of one subject, taken together, or one of them.
    Resource(Box<Resource>),
    /// There is nothing of that name, or it was never there.
    Nothing,
}

/// Evaluate one; `seconds` is the measured length of the run.
pub fn evaluate(subject: &str, text: &str, objective: &Objective, asked: &Asked, seconds: f64) -> ObjectiveResult {
    let observed = match asked {
        Asked::Traffic { tally, windows, outages } => match (windows, objective.metric) {
            (Some(windows), _) => windowed(objective, windows, seconds),
            (None, Metric::Down | Metric::Recovered) => lasted(objective.metric, tally, outages, seconds),
            (None, metric) => whole(metric, tally, seconds),
        },
        Asked::Sessions(sessions) => of_sessions(objective.metric, sessions),
        Asked::Cost(cost) => plain(&COST, objective.metric, cost),
        Asked::Resource(resource) => plain(&RESOURCES, objective.metric, resource),
        Asked::Unpriced | Asked::Nothing => Observed::Nothing,
    };
    let held = |value: f64| match objective.comparison.holds(value, objective.bound) {
        true => ObjectiveState::Held,
        false => ObjectiveState::Missed,
    };
    let state = observed.number().map_or(ObjectiveState::Unobserved, held);
    ObjectiveResult {
        subject: subject.into(),
        expression: text.into(),
        observed: match observed {
            Observed::Value(value) => Some(value),
            Observed::Infinite | Observed::Nothing => None,
        },
        observed_text: match observed {
            Observed::Value(value) => phrasing::in_column(objective.metric.row().unit, value),
            Observed::Infinite => "never".into(),
            Observed::Nothing => "nothing to observe".into(),
        },
        state,
        pass: state == ObjectiveState::Held || (state == ObjectiveState::Unobserved && objective.optional),
        note: match asked {
            Asked::Traffic { tally, windows: None, .. } => beside(objective.metric, tally.failures(), &tally.latency),
            Asked::Sessions(sessions) => beside(objective.metric, sessions.gave_up(), sessions.duration()),
            Asked::Unpriced => Some("no machine has a price".to_owned()),
            _ => None,
        },
    }
}

/// Why a figure is another than the one of the same name in a table, which leaves failures out.
fn beside(metric: Metric, failures: u64, succeeded: &Histogram) -> Option<String> {
    let share = match metric {
        Metric::Percentile(q) | Metric::SessionPercentile(q) | Metric::MessagePercentile(q) => q / 100.0,
        Metric::Median | Metric::SessionMedian => 0.5,
        Metric::Maximum | Metric::SessionMaximum => 1.0,
        _ => return None,
    };
    if failures == 0 {
        return None;
    }
    let table = if share == 1.0 { succeeded.max() } else { succeeded.quantile(share) };
    let table = table.map_or("none succeeded".to_owned(), |value| {
        format!("{} of those that succeeded", phrasing::quantity(Unit::Seconds, value))
    });
    Some(format!("the {} that failed count as endless; {table}", phrasing::quantity(Unit::Count, failures as f64)))
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

/// The value that a share of those that ended did not exceed, failures being later than any.
fn late(q: f64, succeeded: &Histogram, ended: u64, came: u64) -> Observed {
    match (ended, came) {
        (0, 0) => Observed::Nothing,
        // Asked, and never answered.
        (0, _) => Observed::Infinite,
        (ended, _) if q == 1.0 && ended > succeeded.len() => Observed::Infinite,
        (_, _) if q == 1.0 => Observed::of(succeeded.max()),
        (ended, _) => Observed::of(succeeded.quantile_among(q, ended)),
    }
}

/// A share of those that ended.
fn share(part: u64, ended: u64) -> Observed {
    if ended > 0 { Observed::Value(part as f64 / ended as f64) } else { Observed::Nothing }
}

fn whole(metric: Metric, tally: &Tally, seconds: f64) -> Observed {
    let ended = tally.succeeded + tally.failures();
    let late = |q: f64| late(q, &tally.latency, ended, tally.offered);
    match metric {
        Metric::Percentile(q) | Metric::MessagePercentile(q) => late(q / 100.0),
        Metric::Median => late(0.5),
        Metric::Maximum => late(1.0),
        Metric::Failed | Metric::MessagesGivenUp => share(tally.failures(), ended),
        Metric::Degraded => share(tally.degraded, ended),
        // Of nobody there is no time.
        Metric::Average if tally.offered == 0 => Observed::Nothing,
        metric => plain(&TRAFFIC, metric, &tally.report(seconds, None)),
    }
}

fn of_sessions(metric: Metric, sessions: &SessionTally) -> Observed {
    let (ended, duration) = (sessions.ended(), sessions.duration());
    let late = |q: f64| late(q, duration, ended, sessions.came());
    match metric {
        Metric::Completed => share(ended - sessions.gave_up(), ended),
        Metric::GaveUp => share(sessions.gave_up(), ended),
        Metric::SessionPercentile(q) => late(q / 100.0),
        Metric::SessionMedian => late(0.5),
        Metric::SessionMaximum => late(1.0),
        Metric::SessionAverage if sessions.came() == 0 => Observed::Nothing,
        Metric::SessionAverage => Observed::of(duration.mean()),
        // Asked of others than sessions.
        _ => Observed::Nothing,
    }
}

/// How long it was down, or until it was back for good.
fn lasted(metric: Metric, tally: &Tally, outages: &[(f64, f64)], seconds: f64) -> Observed {
    match (metric, outages.first(), outages.last()) {
        _ if tally.offered == 0 => Observed::Nothing,
        (Metric::Down, ..) => Observed::Value(outages.iter().fold(0.0, |sum, (from, to)| sum + (to - from))),
        (_, Some(_), Some(last)) if last.1 >= seconds => Observed::Infinite,
        (_, Some(first), Some(last)) => Observed::Value(last.1 - first.0),
        _ => Observed::Value(0.0),
    }
}

/// A figure as it stands in the results; one that is absent is later than any bound.
fn plain<T>(figures: &[Figure<T>], metric: Metric, of: &T) -> Observed {
    answering(figures, metric).map_or(Observed::Nothing, |figure| Observed::of((figure.read)(of)))
}

fn windowed(objective: &Objective, windows: &Series<Slot>, seconds: f64) -> Observed {
    let every = windows.every() as f64;
    // Only whole windows: a short last one would be worst by chance.
    let all = (0..(seconds / every) as usize).map(|i| windows.points().get(i).cloned().unwrap_or_default());
    let seen = all.filter_map(|slot| in_window(objective.metric, &slot, every).number());
    let worst = match objective.comparison {
        Comparison::Below | Comparison::AtMost => seen.reduce(f64::max),
        Comparison::Above | Comparison::AtLeast => seen.reduce(f64::min),
    };
    match worst {
        None => Observed::Nothing,
        Some(v) if v.is_infinite() => Observed::Infinite,
        Some(v) => Observed::Value(v),
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
        Metric::Failed => share(slot.failed, ended),
        Metric::Degraded => share(slot.degraded, ended),
        Metric::Rate => Observed::Value(slot.offered as f64 / every),
        Metric::Goodput => Observed::Value(slot.completed as f64 / every),
        // Those of no windows are not asked of them.
        _ => Observed::Nothing,
    }
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

    fn ask(text: &str, tally: Tally) -> ObjectiveResult {
        asked(text, tally, Vec::new())
    }

    fn asked(text: &str, tally: Tally, outages: Vec<(f64, f64)>) -> ObjectiveResult {
        let objective = Objective::parse(text).unwrap();
        let asked = Asked::Traffic { tally: Box::new(tally), windows: None, outages };
        evaluate("visitors", text, &objective, &asked, 100.0)
    }

    #[test]
    fn failing_fast_does_not_improve_a_percentile() {
        let in_time = ask("p(95) < 2s", tally(96, 4));
        assert!(in_time.pass);
        assert_eq!(in_time.note.as_deref(), Some("the 4 that failed count as endless; 1 s of those that succeeded"));
        let late = ask("p(95) < 2s", tally(90, 10));
        assert_eq!((late.pass, late.observed, late.observed_text.as_str()), (false, None, "never"));
        assert_eq!(ask("max < 2s", tally(99, 1)).observed, None);
        assert!(!ask("failed < 1%", tally(90, 10)).pass);
        assert!(ask("goodput > 0.8/s", tally(90, 10)).pass);
        assert_eq!(ask("p(95) < 2s", tally(100, 0)).note, None);
    }

    #[test]
    fn down_and_recovered_are_of_the_outages() {
        let two = vec![(20.0, 50.5), (70.0, 80.0)];
        assert_eq!(asked("down < 1min", tally(70, 30), two.clone()).observed, Some(40.5));
        assert_eq!(asked("recovered within 1min", tally(70, 30), two).observed, Some(60.0));
        assert!(!asked("recovered within 10min", tally(70, 30), vec![(20.0, 100.0)]).pass);
        assert_eq!(asked("recovered within 1min", tally(70, 0), Vec::new()).observed, Some(0.0));
    }

    #[test]
    fn a_bill_without_prices_is_nothing_to_observe() {
        let objective = Objective::parse("total < 5").unwrap();
        let free = evaluate("cost", "total < 5", &objective, &Asked::Unpriced, 100.0);
        assert_eq!((free.state, free.pass, free.observed), (ObjectiveState::Unobserved, false, None));
        assert_eq!(free.note.as_deref(), Some("no machine has a price"));
    }

    #[test]
    fn nothing_to_observe_passes_only_what_is_optional() {
        let nobody = ask("p(95) < 2s", tally(0, 0));
        assert_eq!((nobody.state, nobody.pass), (ObjectiveState::Unobserved, false));
        let nobody = ask("p(95) < 2s optional", tally(0, 0));
        assert_eq!((nobody.state, nobody.pass), (ObjectiveState::Unobserved, true));
        assert_eq!(ask("recovered within 1min", tally(0, 0)).state, ObjectiveState::Unobserved);
        assert_eq!(ask("rate > 1/s", tally(0, 0)).state, ObjectiveState::Missed);
        assert!(!ask("failed < 1% optional", tally(90, 10)).pass);
    }
}
