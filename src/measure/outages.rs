//! When a source or an operation was down, to a tenth of a second, for objectives that ask `down` or `recovered`.
//!
//! *Whether* there was an outage ten seconds decide: half or more of those that began in them and ended had failed.
//! *When* it was, single requests do: it lasts from the start of the first that failed until the start of the next that
//! succeeded, as far as failures prevail, which is where more than one in four failed (the part of the ten seconds with
//! the largest sum of failed − succeeded / 3: Bentley's maximum subsequence). What has no answer and is older than the
//! slowest success counts as failed.

use super::counters::row;
use super::series::{Merge, Series};
use super::windows::Whose;
use crate::engine::Outcome;
use crate::model::Model;
use crate::scenario::metric::Metric;
use crate::units::Time;

/// Seconds that decide whether there was an outage.
pub const DECIDES: f64 = 10.0;
/// Younger than this nothing counts as unanswered, seconds.
const PATIENCE: f64 = 1.0;
/// Most points; a run longer than two hours has some of more than a tenth of a second.
const MOST: usize = 1 << 16;
const TENTH: i64 = 100_000_000;

/// Those that began in a tenth of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Began {
    offered: u32,
    succeeded: u32,
    failed: u32,
}

impl Merge for Began {
    fn merge(&mut self, later: &Began) {
        self.offered += later.offered;
        self.succeeded += later.succeeded;
        self.failed += later.failed;
    }
}

/// By source and call site, where an objective asks.
#[derive(Clone, Debug, Default)]
pub struct Outages {
    of_sources: bool,
    of_sites: bool,
    sources: Vec<Option<Series<Began>>>,
    sites: Vec<Option<Series<Began>>>,
}

impl Outages {
    /// What the objectives of a model need.
    pub fn new(model: &Model) -> Outages {
        let asks = |objective: &&crate::model::Objective| {
            matches!(objective.expression.metric, Metric::Down | Metric::Recovered)
        };
        let asked = || model.objectives.iter().filter(asks);
        Outages {
            of_sources: asked().any(|o| model.sources.iter().any(|source| source.name == o.subject)),
            of_sites: asked().any(|o| model.operations.iter().any(|operation| operation.name == o.subject)),
            ..Outages::default()
        }
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.sources.iter().chain(&self.sites).flatten().map(|series| series.footprint(|_| 0)).sum()
    }

    /// One began.
    #[inline]
    pub fn began(&mut self, whose: Whose, at: Time) {
        self.act(whose, at, |point| point.offered += 1);
    }

    /// One that began at `started` has its outcome.
    #[inline]
    pub fn ended(&mut self, whose: Whose, started: Time, outcome: Outcome) {
        self.act(whose, started, |point| match outcome {
            Outcome::Succeeded { .. } => point.succeeded += 1,
            Outcome::Failed(_) => point.failed += 1,
        });
    }

    #[inline]
    fn act(&mut self, whose: Whose, at: Time, act: impl FnOnce(&mut Began)) {
        let place = match whose {
            Whose::Source(source) if self.of_sources => row(&mut self.sources, source),
            Whose::Site(site) if self.of_sites => row(&mut self.sites, site),
            Whose::Source(_) | Whose::Site(_) => return,
        };
        act(place.get_or_insert_with(|| Series::new(1, MOST)).at((at.0 / TENTH) as u64));
    }

    /// Outages (from, to) of all of `whose` together in seconds; `slowest` is their longest success, `seconds` the
    /// length of the run. One that ends with the run has no end yet.
    pub fn of(&self, whose: &[Whose], slowest: f64, seconds: f64) -> Vec<(f64, f64)> {
        let known = whose.iter().filter_map(|one| match one {
            Whose::Source(source) => self.sources.get(*source as usize)?.as_ref(),
            Whose::Site(site) => self.sites.get(*site as usize)?.as_ref(),
        });
        let known: Vec<&Series<Began>> = known.collect();
        let every = known.iter().map(|series| series.every()).max().unwrap_or(1);
        let mut points: Vec<Began> = Vec::new();
        for series in known {
            let series = series.coarser(every);
            points.resize(points.len().max(series.points().len()), Began::default());
            points.iter_mut().zip(series.points()).for_each(|(point, more)| point.merge(more));
        }
        spans(&points, every as f64 * TENTH as f64 * 1e-9, slowest, seconds)
    }
}

/// Of one point: those that succeeded, and those that failed or count as such.
fn fates(points: &[Began], every: f64, slowest: f64, seconds: f64) -> Vec<(f64, f64)> {
    let lost = |at: usize, point: &Began| {
        let age = seconds - (at + 1) as f64 * every;
        let pending = point.offered.saturating_sub(point.succeeded + point.failed);
        if age > slowest.max(PATIENCE) { f64::from(pending) } else { 0.0 }
    };
    let fate = |(at, point): (usize, &Began)| (f64::from(point.succeeded), f64::from(point.failed) + lost(at, point));
    points.iter().enumerate().map(fate).collect()
}

fn spans(points: &[Began], every: f64, slowest: f64, seconds: f64) -> Vec<(f64, f64)> {
    let fates = fates(points, every, slowest, seconds);
    let width = (libm::round(DECIDES / every) as usize).clamp(1, fates.len().max(1));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (from, to) in decided(&fates, width) {
        let Some((first, last)) = prevails(&fates[from..to]) else { continue };
        // Until the next that succeeded: with few requests the failures alone say when they came, not how long it was.
        let next = fates.iter().enumerate().skip(from + last + 1).find(|(_, fate)| fate.0 > 0.0);
        let end = next.map_or(seconds, |(at, _)| (at as f64 * every).min(seconds));
        let begin = (from + first) as f64 * every;
        match out.last_mut() {
            Some(before) if begin <= before.1 => before.1 = before.1.max(end),
            Some(_) | None => out.push((begin, end)),
        }
    }
    out
}

/// Ranges of points covered by ten seconds in which half or more failed.
fn decided(fates: &[(f64, f64)], width: usize) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let (mut succeeded, mut failed) = (0.0, 0.0);
    for (at, fate) in fates.iter().enumerate() {
        succeeded += fate.0;
        failed += fate.1;
        if at >= width {
            succeeded -= fates[at - width].0;
            failed -= fates[at - width].1;
        }
        if at + 1 < width || failed == 0.0 || failed < succeeded {
            continue;
        }
        let (from, to) = (at + 1 - width, at + 1);
        match out.last_mut() {
            Some(before) if from <= before.1 => before.1 = to,
            Some(_) | None => out.push((from, to)),
        }
    }
    out
}

/// First and last point of the part in which failures prevail.
fn prevails(fates: &[(f64, f64)]) -> Option<(usize, usize)> {
    let mut best: Option<(f64, usize, usize)> = None;
    let (mut sum, mut from) = (0.0, 0);
    for (at, (succeeded, failed)) in fates.iter().enumerate() {
        if sum <= 0.0 {
            (sum, from) = (0.0, at);
        }
        sum += failed - succeeded / 3.0;
        if *failed > 0.0 && sum > 0.0 && best.is_none_or(|(most, ..)| sum >= most) {
            best = Some((sum, from, at));
        }
    }
    best.map(|(_, from, to)| (from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many tenths of a second with so many that succeed and fail in each.
    fn points(parts: &[(usize, u32, u32)]) -> Vec<Began> {
        let part = |&(length, succeeded, failed): &(usize, u32, u32)| {
            vec![Began { offered: succeeded + failed, succeeded, failed }; length]
        };
        parts.iter().flat_map(part).collect()
    }

    fn outages(parts: &[(usize, u32, u32)]) -> Vec<(f64, f64)> {
        let points = points(parts);
        spans(&points, 0.1, 1.0, points.len() as f64 * 0.1)
    }

    #[track_caller]
    fn close(spans: &[(f64, f64)], wanted: &[(f64, f64)]) {
        assert_eq!(spans.len(), wanted.len(), "{spans:?}");
        for (span, wanted) in spans.iter().zip(wanted) {
            assert!((span.0 - wanted.0).abs() < 1e-9 && (span.1 - wanted.1).abs() < 1e-9, "{spans:?}");
        }
    }

    #[test]
    fn an_outage_is_as_long_as_it_was_wherever_ten_seconds_begin() {
        for before in [603, 599, 607] {
            let from = before as f64 / 10.0;
            close(&outages(&[(before, 8, 0), (604, 2, 6), (500, 8, 0)]), &[(from, from + 60.4)]);
        }
    }

    #[test]
    fn scattered_failures_are_none() {
        close(&outages(&[(300, 8, 0), (10, 0, 8), (300, 8, 0), (600, 5, 3)]), &[]);
    }

    #[test]
    fn what_few_requests_know_of_it_is_when_the_next_succeeded() {
        // One every 30 s.
        let quiet = (299, 0, 0);
        close(&outages(&[(1, 1, 0), quiet, (1, 0, 1), quiet, (1, 0, 1), quiet, (1, 1, 0), quiet]), &[(30.0, 90.0)]);
        close(&outages(&[(1, 1, 0), quiet, (1, 0, 1), quiet]), &[(30.0, 60.0)]);
    }

    #[test]
    fn what_was_never_answered_is_lost_once_it_is_old() {
        let silent = vec![Began { offered: 3, succeeded: 0, failed: 0 }; 600];
        let fine = points(&[(300, 3, 0)]);
        let all: Vec<Began> = fine.iter().chain(&silent).copied().collect();
        close(&spans(&all, 0.1, 1.0, 90.0), &[(30.0, 90.0)]);
        assert!(spans(&points(&[(300, 3, 0)]), 0.1, 1.0, 30.0).is_empty());
    }
}
