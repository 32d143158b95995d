//! The main figures of a run, as studies of many runs keep them: memory does not grow with the length of a run.

use super::stats::Estimate;
use super::{Figure, Replication};
use crate::measure::results::Results;
use crate::measure::story::StoryKind;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Of the messages that are over, those that were given up.
pub const GIVEN_UP: &str = "messages_given_up_share";

/// A figure of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Source, resource, operation of a queue or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share", "completed_share", "latency_p95_s",
    /// "messages_given_up_share", "total"
    pub metric: Cow<'static, str>,
    /// Absent where the run had none: a percentile of nothing.
    pub value: Option<f64>,
}

/// What is kept of a run of a design.
#[derive(Clone, Debug)]
pub struct Kept {
    pub run: Replication,
    /// It did not reach its horizon.
    pub stopped: bool,
    /// What broke first.
    pub first: Option<String>,
    pub figures: Vec<Measured>,
}

impl Kept {
    pub fn of(results: &Results) -> Self {
        Self {
            run: Replication::of(results),
            stopped: results.stopped.is_some(),
            first: first_broken(results).map(|(subject, _)| subject),
            figures: main(results),
        }
    }

    /// One of its figures.
    pub fn value(&self, subject: &str, metric: &str) -> Option<f64> {
        let is = |figure: &&Measured| figure.subject == subject && figure.metric == metric;
        self.figures.iter().find(is).and_then(|figure| figure.value)
    }
}

/// What broke first in most runs; the first of those that are as frequent.
pub fn most_often<'a>(first: impl IntoIterator<Item = &'a Option<String>>) -> Option<String> {
    let mut broken: IndexMap<&Option<String>, u32> = IndexMap::new();
    first.into_iter().for_each(|first| *broken.entry(first).or_default() += 1);
    broken.into_iter().rev().max_by_key(|(_, runs)| *runs).and_then(|(first, _)| first.clone())
}

/// The figures of a design, over all its runs.
pub fn estimates(runs: &[Kept]) -> Vec<Figure> {
    let known = runs.first().map_or(&[][..], |run| &run.figures);
    let estimate = |figure: &Measured| {
        let values: Vec<f64> = runs.iter().filter_map(|run| run.value(&figure.subject, &figure.metric)).collect();
        Figure { subject: figure.subject.clone(), metric: figure.metric.to_string(), estimate: Estimate::of(&values) }
    };
    known.iter().map(estimate).collect()
}

/// Those of each source, and what it all cost.
pub fn main(results: &Results) -> Vec<Measured> {
    let mut figures = traffic(results);
    figures.push(Measured { subject: "cost".into(), metric: "total".into(), value: Some(results.cost.total) });
    figures
}

/// Goodput, failed and degraded share, completed sessions (of sources that have them) and p95 of each source, and what
/// of the messages of each queue was given up.
pub fn traffic(results: &Results) -> Vec<Measured> {
    let of = |(name, traffic): (&String, &crate::measure::results::Traffic)| {
        let figure = |metric: &'static str, value| Measured { subject: name.clone(), metric: metric.into(), value };
        let mut figures = vec![
            figure("goodput_per_s", Some(traffic.goodput_per_s)),
            figure("failed_share", traffic.failed_share()),
            figure("degraded_share", traffic.degraded_share()),
        ];
        figures.extend(traffic.sessions.as_ref().map(|sessions| figure("completed_share", sessions.completed_share)));
        figures.push(figure("latency_p95_s", traffic.latency_s.as_ref().map(|latency| latency.p95)));
        figures
    };
    let given_up = |(name, messages): (&String, &crate::measure::results::Traffic)| Measured {
        subject: name.clone(),
        metric: GIVEN_UP.into(),
        value: messages.failed_share(),
    };
    results.traffic.iter().flat_map(of).chain(results.messages.iter().map(given_up)).collect()
}

/// Whether a figure tells anything: that nothing was degraded or given up does not.
pub fn is_news(metric: &str, estimate: Option<&Estimate>) -> bool {
    !matches!(metric, "degraded_share" | GIVEN_UP) || estimate.is_some_and(|estimate| estimate.max > 0.0)
}

/// What saturated first and when; where nothing did, what first went down.
pub fn first_broken(results: &Results) -> Option<(String, f64)> {
    let of = |kind: StoryKind| results.story.iter().find(move |event| event.event == kind);
    let first = of(StoryKind::Saturated).or_else(|| of(StoryKind::Down))?;
    Some((first.subject.name.clone(), first.at_s))
}

/// A collapse lasts at least so long, seconds, and is of at least so many requests.
const COLLAPSE_S: f64 = 10.0;
const COLLAPSED: f64 = 10.0;

/// Whether the goodput of some source collapsed: for ten seconds on end half or more of what ended failed, and what
/// ended well was at most half of the most in any ten seconds before.
pub fn collapses(results: &Results) -> bool {
    let every_s = results.series.every_s;
    let span = ((COLLAPSE_S / every_s).ceil() as usize).max(1);
    results.series.traffic.values().any(|source| {
        let total = |points: &[f32]| points.iter().map(|point| f64::from(*point)).sum::<f64>() * every_s;
        let mut most = 0.0_f64;
        source.goodput_per_s.windows(span).zip(source.failed_per_s.windows(span)).any(|(well, failed)| {
            let (well, failed) = (total(well), total(failed));
            let fell = failed >= well && failed + well >= COLLAPSED && well <= most / 2.0;
            most = most.max(well);
            fell
        })
    })
}
