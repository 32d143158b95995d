//! Warm-up where the file gives none: how much of a run's beginning is of a system that is still filling up.
//!
//! MSER-5 (K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation heuristics for
//! simulation", WSC 2000): of batches of five points those at the beginning are cut whose loss makes the standard error
//! of the mean of the rest least, and at most half of them. Where that is at the half, the run has not settled if the
//! means of its halves differ by more than chance explains, and else it was steady all the time: a calm second half
//! alone is chance. The points are the requests in flight, of a few pilot runs averaged, for one path tells its own
//! swings from the filling badly.
//!
//! Only a crowd that is the same all the time has a steady state. A surge, an outage, whatever the runbook does, is
//! what such a run is about: its beginning belongs to it and nothing is cut, nor where the file gives a warm-up, be it
//! 0.

use crate::experiment::Compiled;
use crate::measure::results::Results;
use crate::scenario::Edit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Points of a batch.
const BATCH: usize = 5;
/// Batches without which nothing can be told.
const FEWEST: usize = 10;
/// Runs whose beginnings are averaged, at most: a queue at 95 % of what it can shows its filling in no fewer.
pub(super) const PILOTS: u32 = 40;

/// What was found where the file gives no warm-up and its crowd is the same all the time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUp {
    /// Seconds that each run lasts before it is measured, by MSER-5; 0: it is steady from the start. Absent: the pilots
    /// had not settled in their first half, and nothing was cut.
    pub cut_s: Option<f64>,
    /// Runs it was found by.
    pub pilots: u32,
}

impl WarmUp {
    /// Of how many are in flight over time, a path for each pilot, points of so many seconds.
    pub(super) fn of(paths: &[Vec<f64>], every_s: f64) -> Self {
        let points = paths.iter().map(Vec::len).min().unwrap_or(0);
        let mean = |at: usize| paths.iter().map(|path| path[at]).sum::<f64>() / paths.len() as f64;
        let path: Vec<f64> = (0..points).map(mean).collect();
        Self { cut_s: mser_5(&path).map(|points| points as f64 * every_s), pilots: paths.len() as u32 }
    }

    /// What puts it into a scenario, where there is anything to put in.
    pub(super) fn edits(self) -> Vec<Edit> {
        let cut = self.cut_s.filter(|cut| *cut > 0.0);
        cut.into_iter().map(|cut| Edit::set("warm_up", format!("{cut}s"))).collect()
    }
}

/// Whether a warm-up is looked for: none is given, everybody comes at one rate for ever, and nothing is planned.
pub(super) fn is_wanted(compiled: &Compiled) -> bool {
    let steady = compiled.model.sources.iter().all(|source| source.profile.is_constant());
    steady && compiled.loaded.scenario.runbook.is_empty() && is_ungiven(compiled)
}

/// The file says nothing of a warm-up.
pub(super) fn is_ungiven(compiled: &Compiled) -> bool {
    compiled.loaded.scenario.warm_up.0 == 0 && compiled.loaded.places().of(&["warm_up"]).is_none()
}

/// Requests in flight at the end of each point of a run that began empty; none of one that stopped.
pub(super) fn in_flight(results: &Results) -> Option<Vec<f64>> {
    if results.stopped.is_some() {
        return None;
    }
    let every_s = results.series.every_s;
    let points = results.series.traffic.values().map(|series| series.offered_per_s.len()).max().unwrap_or(0);
    let mut present = 0.0;
    let path = (0..points).map(|at| {
        for series in results.series.traffic.values() {
            let of = |rates: &[f32]| rates.get(at).map_or(0.0, |rate| (f64::from(*rate) * every_s).round());
            present += of(&series.offered_per_s) - of(&series.goodput_per_s) - of(&series.failed_per_s);
        }
        present
    });
    Some(path.collect())
}

/// Points that are cut from the beginning; none where the path has not settled in its first half, or is too short to
/// tell.
fn mser_5(path: &[f64]) -> Option<usize> {
    let batches: Vec<f64> = path.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    if batches.len() < FEWEST {
        return None;
    }
    // From the end on: the squared standard error of the mean of what is left when so many are cut.
    let (mut sum, mut squares) = (0.0, 0.0);
    let (mut best, mut least) = (0, f64::INFINITY);
    let half = batches.len() / 2;
    for (cut, batch) in batches.iter().enumerate().rev() {
        sum += batch;
        squares += batch * batch;
        let left = (batches.len() - cut) as f64;
        let error = (squares - sum * sum / left).max(0.0) / (left * left);
        if cut <= half && error <= least {
            (best, least) = (cut, error);
        }
    }
    match best < half {
        true => Some(best * BATCH),
        false => (!drifts(&batches[..half], &batches[half..])).then_some(0),
    }
}

/// The means of two halves differ by more than so many standard errors.
fn drifts(first: &[f64], second: &[f64]) -> bool {
    const ERRORS: f64 = 3.0;
    let [(one, from), (other, to)] = [first, second].map(|half| {
        let count = half.len() as f64;
        let mean = half.iter().sum::<f64>() / count;
        let variance = half.iter().map(|batch| (batch - mean) * (batch - mean)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (other - one).abs() > ERRORS * (from + to).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swing(at: usize) -> f64 {
        if at % 7 < 3 { 1.0 } else { -0.75 }
    }

    /// Swings around a level that is reached like 1 − e^(−t/τ).
    fn filling(points: usize, tau: f64) -> Vec<f64> {
        (0..points).map(|at| 20.0 * (1.0 - libm::exp(-(at as f64) / tau)) + swing(at)).collect()
    }

    #[test]
    fn what_fills_up_is_cut_and_what_is_steady_stays() {
        let cut = mser_5(&filling(600, 20.0)).expect("it settles");
        assert!((40..120).contains(&cut), "a few times the time it takes: {cut}");
        assert_eq!(mser_5(&(0..600).map(|at| 20.0 + swing(at)).collect::<Vec<_>>()), Some(0));
        assert_eq!(mser_5(&vec![3.0; 200]), Some(0), "what never changes");
    }

    #[test]
    fn what_grows_for_ever_has_not_settled_and_a_short_run_tells_nothing() {
        assert_eq!(mser_5(&(0..600).map(f64::from).collect::<Vec<_>>()), None);
        assert_eq!(mser_5(&filling(49, 1.0)), None);
    }

    #[test]
    fn a_calm_second_half_alone_is_chance() {
        let loud = |at: usize| if at.is_multiple_of(2) { 30.0 } else { 10.0 };
        let path: Vec<f64> = (0..20).flat_map(|at| [if at < 10 { loud(at) } else { 20.0 }; BATCH]).collect();
        assert_eq!(mser_5(&path), Some(0));
    }

    #[test]
    fn pilots_are_averaged_over_what_all_have() {
        let warm_up = WarmUp::of(&[filling(600, 20.0), filling(500, 20.0)], 2.0);
        assert!(warm_up.pilots == 2 && warm_up.cut_s.is_some_and(|cut| (80.0..240.0).contains(&cut)), "{warm_up:?}");
        assert!(WarmUp { cut_s: Some(0.0), pilots: 1 }.edits().is_empty());
        assert_eq!(WarmUp { cut_s: Some(35.0), pilots: 1 }.edits(), [Edit::set("warm_up", "35s")]);
    }
}
