//! A and B side by side in words and figures: what differs between the two scenarios, and what that comes to by now.
//!
//! Both runs have met the same crowd up to the same moment. A percentile counts everybody: who failed waits for ever,
//! who has no answer yet waits at least as long as what is told.

use super::state::LabState;
use crate::experiment::Compiled;
use crate::host::Lane;
use crate::measure::Results;
use crate::measure::results::{StoryEvent, Traffic};
use crate::measure::story::StoryKind;
use crate::number::{ABSENT, clock, count, figure, percent, seconds, sentence};
use crate::scenario::{FieldDifference, differences};

/// Lines of what differs at most.
const LINES: usize = 12;
/// Who is later than this share of all is not told of by a p95.
const LATE: f64 = 0.05;

/// A figure of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub name: &'static str,
    /// Of A and of B, in words.
    pub values: [String; 2],
    /// B less A, where that can be said.
    pub difference: String,
    /// Whose is better; none: neither's.
    pub better: Option<Lane>,
}

/// Both beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// What B comes to, in a sentence.
    pub verdict: String,
    /// Figure by figure.
    pub rows: Vec<Row>,
}

/// A p95 of everybody.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Late {
    /// Nobody came.
    Unknown,
    /// So long.
    Exact(f64),
    /// So long for those that have an answer; of the others it is not known yet.
    AtLeast(f64),
    /// More failed than a p95 leaves out.
    Never,
}

impl Late {
    fn of(traffic: &Traffic) -> Self {
        let all = traffic.offered as f64;
        if traffic.offered == 0 {
            return Self::Unknown;
        }
        if traffic.failures() as f64 > LATE * all {
            return Self::Never;
        }
        let Some(latency) = &traffic.latency_s else { return Self::Unknown };
        let open = (traffic.failures() + traffic.in_flight) as f64;
        // Those without an answer are later: the rank of all is a higher one of those that have one.
        let rank = (1.0 - LATE) * all / (traffic.succeeded.max(1) as f64);
        match rank {
            _ if open > LATE * all => Self::AtLeast(latency.p95),
            ..0.955 => Self::Exact(latency.p95),
            0.99.. => Self::AtLeast(latency.p99),
            _ => Self::AtLeast(latency.p95),
        }
    }

    fn value(self) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Exact(value) | Self::AtLeast(value) => Some(value),
            Self::Never => Some(f64::INFINITY),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Unknown => ABSENT.to_owned(),
            Self::Exact(value) => seconds(value),
            Self::AtLeast(value) => format!("at least {}", seconds(value)),
            Self::Never => "over 5 % fail".to_owned(),
        }
    }
}

/// The figures of a run that are compared.
#[derive(Clone, Debug)]
struct Figures {
    failed: Option<f64>,
    p95: Late,
    goodput: f64,
    through: f64,
    people: bool,
    cost: f64,
    limit: Option<(String, f64)>,
}

impl Figures {
    /// Of what a run yielded; limits are told that were met from then on.
    fn of(results: &Results, since_s: f64) -> Self {
        let sum = |of: &dyn Fn(&Traffic) -> u64| results.traffic.values().map(of).sum::<u64>() as f64;
        let (failed, succeeded) = (sum(&Traffic::failures), sum(&|traffic| traffic.succeeded));
        let people = results.traffic.values().any(|traffic| traffic.sessions.is_some());
        let through = if people {
            sum(&|traffic| traffic.sessions.as_ref().map_or(0, |sessions| sessions.completed))
        } else {
            succeeded
        };
        let later = |one: Late, other: Late| if other.value() > one.value() { other } else { one };
        Self {
            failed: (failed + succeeded > 0.0).then(|| failed / (failed + succeeded)),
            p95: results.traffic.values().map(Late::of).fold(Late::Unknown, later),
            goodput: results.traffic.values().map(|traffic| traffic.goodput_per_s).sum(),
            through,
            people,
            cost: results.cost.total,
            limit: first_limit(&results.story, since_s),
        }
    }

    fn limit_words(&self) -> String {
        self.limit.as_ref().map_or_else(|| "nothing yet".to_owned(), |(who, at)| format!("{who} {}", clock(*at)))
    }
}

/// What saturates first, else what goes down first.
fn first_limit(story: &[StoryEvent], since_s: f64) -> Option<(String, f64)> {
    let of = |kind: StoryKind| story.iter().find(move |event| event.event == kind && event.at_s >= since_s);
    let first = of(StoryKind::Saturated).or_else(|| of(StoryKind::Down))?;
    Some((first.subject.name.clone(), first.at_s))
}

/// Two figures side by side. `less`: the smaller is the better; none: neither.
fn row(
    name: &'static str,
    [a, b]: [Option<f64>; 2],
    values: [String; 2],
    less: Option<bool>,
    say: impl Fn(f64) -> String,
) -> Row {
    let same = values[0] == values[1];
    let difference = match (a, b) {
        _ if same => "=".to_owned(),
        (Some(a), Some(b)) if (b - a).is_finite() => {
            format!("{}{}", if b > a { "+" } else { "−" }, say((b - a).abs()))
        }
        _ => ABSENT.to_owned(),
    };
    let better = match (a, b, less) {
        (Some(a), Some(b), Some(less)) if !same && a != b => {
            Some(if (b < a) == less { Lane::Branch } else { Lane::Trunk })
        }
        _ => None,
    };
    Row { name, values, difference, better }
}

/// Both runs by what they yielded until the same moment; B left A then, or shares nothing with it.
#[must_use]
pub fn beside(a: &Results, b: &Results, since_s: f64) -> Beside {
    let (one, other) = (Figures::of(a, since_s), Figures::of(b, since_s));
    let share = |value: Option<f64>| value.map_or(ABSENT.to_owned(), percent);
    let points = |value: f64| format!("{} points", figure(value * 100.0));
    let per_s = |value: f64| format!("{}/s", figure(value));
    let whole = |value: f64| count(value.round() as u64);
    let through = if one.people || other.people { "people who got through" } else { "requests answered" };
    let mut rows = vec![
        row("failed", [one.failed, other.failed], [share(one.failed), share(other.failed)], Some(true), points),
        row(
            "slowest p95, unanswered too",
            [one.p95.value(), other.p95.value()],
            [one.p95.words(), other.p95.words()],
            Some(true),
            seconds,
        ),
        row(
            "goodput",
            [Some(one.goodput), Some(other.goodput)],
            [per_s(one.goodput), per_s(other.goodput)],
            Some(false),
            per_s,
        ),
        row(
            through,
            [Some(one.through), Some(other.through)],
            [whole(one.through), whole(other.through)],
            Some(false),
            whole,
        ),
    ];
    if one.cost > 0.0 || other.cost > 0.0 {
        let costs = [Some(one.cost), Some(other.cost)];
        rows.push(row("cost", costs, [figure(one.cost), figure(other.cost)], Some(true), figure));
    }
    let at = |of: &Figures| of.limit.as_ref().map_or(f64::INFINITY, |(_, at)| *at);
    let limits = [Some(at(&one)), Some(at(&other))];
    let mut limit = row("limits first", limits, [one.limit_words(), other.limit_words()], Some(false), clock);
    if limits.iter().flatten().all(|at| at.is_finite()) && limit.difference != "=" {
        limit.difference = format!("{} {}", clock((at(&other) - at(&one)).abs()), later(at(&one), at(&other)));
    }
    rows.push(limit);
    Beside { verdict: verdict(&one, &other), rows }
}

fn later(a: f64, b: f64) -> &'static str {
    if b > a { "later" } else { "earlier" }
}

/// "B: 12 % fail instead of 63 %; app.cpu is full from 39:40; costs 1.1 instead of 0.71."
fn verdict(a: &Figures, b: &Figures) -> String {
    let mut told = Vec::new();
    let failed = |of: &Figures| sentence::percent(of.failed.unwrap_or_default());
    told.push(match (a.failed, b.failed) {
        (None, _) | (_, None) => "nothing has ended yet".to_owned(),
        _ if failed(a) == failed(b) && failed(b) == sentence::percent(0.0) => "none fail, as in A".to_owned(),
        _ if failed(a) == failed(b) => format!("{} fail, as in A", failed(b)),
        (Some(_), Some(0.0)) => format!("none fail instead of {}", failed(a)),
        _ => format!("{} fail instead of {}", failed(b), failed(a)),
    });
    told.push(match (&a.limit, &b.limit) {
        (_, Some((who, at))) => format!("{who} is saturated from {}", clock(*at)),
        (Some((who, _)), None) => format!("nothing saturates ({who} does in A)"),
        (None, None) => "nothing saturates".to_owned(),
    });
    if a.cost > 0.0 || b.cost > 0.0 {
        let (mine, its) = (sentence::figure(b.cost), sentence::figure(a.cost));
        told.push(if mine == its { format!("costs {mine}, as A") } else { format!("costs {mine} instead of {its}") });
    }
    format!("B: {}.", told.join("; "))
}

/// What B says otherwise than A, field by field in words, and how many more there are.
#[must_use]
pub fn differing(a: &Compiled, b: &Compiled) -> (Vec<String>, usize) {
    let named = |field: &FieldDifference| !field.path.starts_with("variants");
    let found: Vec<FieldDifference> = differences(&a.loaded.text, &b.loaded.text).into_iter().filter(named).collect();
    let words = |FieldDifference { path, base, head }: &FieldDifference| match (base, head) {
        (Some(base), Some(head)) => format!("{path}: {base} → {head}"),
        (None, Some(head)) => format!("{path}: {head} (A has none)"),
        (Some(base), None) => format!("{path}: gone ({base} in A)"),
        (None, None) => path.clone(),
    };
    let more = found.len().saturating_sub(LINES);
    (found.iter().take(LINES).map(words).collect(), more)
}

impl LabState {
    /// Both runs side by side, once there are figures of both.
    #[must_use]
    pub fn beside(&self) -> Option<Beside> {
        let since = self.branched?;
        let [Some(a), Some(b)] = &self.results else { return None };
        Some(beside(a, b, since.0 as f64 / 1e9))
    }

    /// What A and B are runs of now.
    #[must_use]
    pub fn both(&self) -> Option<[&Compiled; 2]> {
        self.branched?;
        let of = |lane: Lane| {
            let shown = if self.frame.lane == lane { self.running.as_ref() } else { None };
            shown.or(self.coming[lane as usize].as_ref()).or(self.begun_of(lane)).map(|compiled| &**compiled)
        };
        Some([of(Lane::Trunk)?, of(Lane::Branch)?])
    }

    /// What a run is called: "A · the file", "B · web on four machines".
    #[must_use]
    pub fn side_name(&self, lane: Lane) -> String {
        let letter = if lane == Lane::Trunk { "A" } else { "B" };
        let begun = self.begun_of(lane);
        let variant = begun.and_then(|begun| begun.variant.as_deref());
        let name = match (lane, &self.compared, variant) {
            (Lane::Branch, Some(_), _) if self.pair.edited => "edited".to_owned(),
            (Lane::Branch, Some(_), Some(variant)) => variant.to_owned(),
            (Lane::Branch, Some(compared), None) => {
                let same = self.opened.as_ref().is_some_and(|opened| opened.base.text == compared.base.text);
                if same { "no variant".to_owned() } else { compared.loaded.scenario.title.clone() }
            }
            (Lane::Branch, None, _) => "changed".to_owned(),
            (Lane::Trunk, ..) => "original".to_owned(),
        };
        format!("{letter} · {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::results::Latency;

    fn traffic(offered: u64, failed: u64, in_flight: u64) -> Traffic {
        let latency = Latency { mean: 1.0, p50: 1.0, p90: 2.0, p95: 3.0, p99: 4.0, p999: 5.0, max: 6.0 };
        Traffic {
            offered,
            succeeded: offered - failed - in_flight,
            degraded: 0,
            failed: [("Refused".to_owned(), failed)].into_iter().collect(),
            in_flight,
            offered_per_s: 1.0,
            goodput_per_s: 1.0,
            latency_s: Some(latency),
            sessions: None,
        }
    }

    #[test]
    fn a_p95_counts_everybody() {
        assert_eq!(Late::of(&traffic(1_000, 0, 0)), Late::Exact(3.0));
        assert_eq!(Late::of(&traffic(1_000, 30, 0)), Late::AtLeast(3.0), "the rank is above 97.9 %");
        assert_eq!(Late::of(&traffic(1_000, 45, 0)), Late::AtLeast(4.0), "above 99 %");
        assert_eq!(Late::of(&traffic(1_000, 51, 0)), Late::Never);
        assert_eq!(Late::of(&traffic(1_000, 0, 400)), Late::AtLeast(3.0));
        assert_eq!(Late::of(&traffic(0, 0, 0)), Late::Unknown);
    }

    #[test]
    fn the_better_of_two_is_told_by_what_it_is() {
        let less = row("failed", [Some(0.5), Some(0.1)], ["50 %".into(), "10 %".into()], Some(true), percent);
        assert_eq!((less.better, less.difference.as_str()), (Some(Lane::Branch), "−40.0 %"));
        let more = row("goodput", [Some(5.0), Some(1.0)], ["5".into(), "1".into()], Some(false), figure);
        assert_eq!((more.better, more.difference.as_str()), (Some(Lane::Trunk), "−4.00"));
        let alike = row("cost", [Some(1.0), Some(1.0)], ["1".into(), "1".into()], Some(true), figure);
        assert_eq!((alike.better, alike.difference.as_str()), (None, "="));
    }
}
