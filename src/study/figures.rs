//! The main figures of a run, as studies of many runs keep them: memory does not grow with the length of a run.

use super::stats::Estimate;
use crate::measure::results::Results;
use crate::measure::story::StoryKind;

/// A figure of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Source, resource or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share", "completed_share", "latency_p95_s", "total"
    pub metric: &'static str,
    /// Absent where the run had none: a percentile of nothing.
    pub value: Option<f64>,
}

/// Goodput, failed and degraded share, completed sessions (of sources that have them) and p95 of each source.
pub fn traffic(results: &Results) -> Vec<Measured> {
    let of = |(name, traffic): (&String, &crate::measure::results::Traffic)| {
        let figure = |metric, value| Measured { subject: name.clone(), metric, value };
        let mut figures = vec![
            figure("goodput_per_s", Some(traffic.goodput_per_s)),
            figure("failed_share", traffic.failed_share()),
            figure("degraded_share", traffic.degraded_share()),
        ];
        figures.extend(traffic.sessions.as_ref().map(|sessions| figure("completed_share", sessions.completed_share)));
        figures.push(figure("latency_p95_s", traffic.latency_s.as_ref().map(|latency| latency.p95)));
        figures
    };
    results.traffic.iter().flat_map(of).collect()
}

/// Whether a figure tells anything: that nothing was degraded does not.
pub fn is_news(metric: &str, estimate: Option<&Estimate>) -> bool {
    metric != "degraded_share" || estimate.is_some_and(|estimate| estimate.max > 0.0)
}

/// What saturated first and when; where nothing did, what first went down.
pub fn first_broken(results: &Results) -> Option<(String, f64)> {
    let of = |kind: StoryKind| results.story.iter().find(move |event| event.event == kind);
    let first = of(StoryKind::Saturated).or_else(|| of(StoryKind::Down))?;
    Some((first.subject.name.clone(), first.at_s))
}
