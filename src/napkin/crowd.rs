//! The crowd over time, and at a multiple of its ordinary size.

use super::demand::Crowd;
use crate::model::{Model, Source, SourceKind};
use crate::units::Time;

/// About so many instants are looked at.
const MOST_INSTANTS: usize = 4_000;
/// Between two breakpoints of a profile.
const MOST_PIECES: usize = 8;
/// Session lengths after which those present have followed those starting.
const CATCHING_UP: f64 = 8.0;

/// Sources of a model with their levels.
pub struct Levels<'a> {
    model: &'a Model,
    initial: Vec<f64>,
    /// The highest that each source reaches within the horizon.
    highest: Vec<f64>,
    /// Sources that a multiple is about: those whose profile changes, or all where none does.
    scaled: Vec<bool>,
}

impl<'a> Levels<'a> {
    pub fn of(model: &'a Model) -> Self {
        let initial = model
            .sources
            .iter()
            .map(|source| if source.retired { 0.0 } else { source.steady() * source.profile.initial() });
        let initial = initial.collect::<Vec<_>>();
        let end = Time(model.scenario.horizon.0);
        let highest = model.sources.iter().map(|source| {
            let turns = source.profile.points.iter().filter(|(time, _)| *time <= end).map(|(_, value)| *value);
            let highest = turns.fold(source.profile.value(end).max(source.profile.initial()), f64::max);
            if source.retired { 0.0 } else { source.steady() * highest }
        });
        let highest = highest.collect();
        let varies = |source: &Source| {
            !source.retired && source.profile.points.iter().any(|(_, value)| *value != source.profile.initial())
        };
        let mut scaled: Vec<bool> = model.sources.iter().map(varies).collect();
        if !scaled.contains(&true) {
            scaled.fill(true);
        }
        Self { model, initial, highest, scaled }
    }

    /// The ordinary crowd, those that surge multiplied; steady background traffic stays what it is.
    pub fn times(&self, multiple: f64) -> Crowd {
        let level = |(initial, scaled): (&f64, &bool)| if *scaled { initial * multiple } else { *initial };
        Crowd::steady(self.initial.iter().zip(&self.scaled).map(level).collect())
    }

    /// The crowd that the file reaches, each source at its highest; those that surge multiplied.
    pub fn of_peak(&self, multiple: f64) -> Crowd {
        let levels = self.initial.iter().zip(&self.highest).zip(&self.scaled);
        Crowd::steady(levels.map(|((low, high), scaled)| if *scaled { high * multiple } else { *low }).collect())
    }

    /// A crowd at a moment, those that surge multiplied.
    pub fn scale(&self, crowd: &Crowd, multiple: f64) -> Crowd {
        let scale = |levels: &[f64]| {
            let each = |(level, scaled): (&f64, &bool)| if *scaled { level * multiple } else { *level };
            levels.iter().zip(&self.scaled).map(each).collect()
        };
        Crowd { starting: scale(&crowd.starting), present: scale(&crowd.present) }
    }

    /// The sources that a multiple is about, with their levels at a multiple of the highest.
    pub fn scaled(&self, multiple: f64) -> impl Iterator<Item = (&'a Source, f64)> {
        let sources = self.model.sources.iter().zip(&self.highest).zip(&self.scaled);
        sources
            .filter(|((source, _), scaled)| **scaled && !source.retired)
            .map(move |((source, high), _)| (source, high * multiple))
    }

    /// How much higher than at the start the file goes; None: it starts with nobody.
    pub fn rise(&self) -> Option<f64> {
        let sum = |of: &[f64]| {
            of.iter().zip(&self.scaled).filter(|(_, scaled)| **scaled).map(|(level, _)| level).sum::<f64>()
        };
        let low = sum(&self.initial);
        (low > 0.0).then(|| sum(&self.highest) / low)
    }

    /// The crowd at instants that show every turn of it, from time 0 until those present have followed the last turn,
    /// within the horizon.
    ///
    /// Sessions present follow those starting as dP/dt = (λ(t) − P)/T, T being how long one lasts: exact for
    /// exponential session lengths, and solved exactly on each straight piece.
    pub fn over_time(&self, sessions: &[f64], most: usize) -> Vec<(Time, Crowd)> {
        let mut present = self.initial.clone();
        let mut before = Time(0);
        let mut moments = Vec::new();
        for now in self.instants(sessions, most.min(MOST_INSTANTS)) {
            let mut starting = Vec::with_capacity(present.len());
            for (at, source) in self.model.sources.iter().enumerate() {
                if source.retired {
                    starting.push(0.0);
                    continue;
                }
                let level = source.steady() * source.profile.value(now);
                present[at] = match source.kind {
                    SourceKind::Users if sessions[at] > 0.0 => follow(
                        present[at],
                        source.steady() * source.profile.value(before),
                        level,
                        seconds(before, now),
                        sessions[at],
                    ),
                    SourceKind::Users | SourceKind::Open | SourceKind::Closed => level,
                };
                starting.push(level);
            }
            moments.push((now, Crowd { starting, present: present.clone() }));
            before = now;
        }
        moments
    }

    /// About `most` of them, with every jump and summit where that leaves room for it.
    fn instants(&self, sessions: &[f64], most: usize) -> Vec<Time> {
        let sources = || self.model.sources.iter().filter(|source| !source.retired);
        let mut turns: Vec<i64> =
            sources().flat_map(|source| source.profile.points.iter().map(|(time, _)| time.0.max(0))).collect();
        turns.push(0);
        let longest = sessions.iter().copied().filter(|seconds| seconds.is_finite()).fold(0.0, f64::max);
        let last = turns.iter().copied().max().unwrap_or(0);
        let rest = (longest * CATCHING_UP * 1e9).min(9e17) as i64;
        turns.extend((1..=64).map(|piece| last.saturating_add(rest / 64 * piece)));
        let end = self.model.scenario.horizon.0.max(0);
        turns.retain(|time| *time < end);
        turns.push(end);
        turns.sort_unstable();
        turns.dedup();
        let step = turns.len().div_ceil(most).max(1);
        let mut kept: Vec<i64> = turns.iter().copied().step_by(step).chain(turns.last().copied()).collect();
        // A jump is seen from both sides, and a summit in any case.
        let jumps = sources()
            .flat_map(|source| source.profile.points.windows(2))
            .filter(|pair| pair[0].0 == pair[1].0 && pair[0].0.0 > 0);
        kept.extend(jumps.map(|pair| pair[0].0.0 - 1).take(most));
        kept.extend(
            sources()
                .filter_map(|source| source.profile.points.iter().max_by(|a, b| a.1.total_cmp(&b.1)))
                .map(|(time, _)| time.0.max(0))
                .take(most),
        );
        kept.retain(|time| *time <= end);
        kept.sort_unstable();
        kept.dedup();
        let pieces = (most / kept.len()).clamp(1, MOST_PIECES) as i64;
        let mut instants: Vec<Time> = kept
            .windows(2)
            .flat_map(|pair| (0..pieces).map(move |piece| Time(pair[0] + (pair[1] - pair[0]) / pieces * piece)))
            .collect();
        instants.extend(kept.last().map(|last| Time(*last)));
        instants.dedup();
        instants
    }
}

/// A crowd between two others.
pub fn between(before: &Crowd, after: &Crowd, share: f64) -> Crowd {
    let mix = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + (b - a) * share).collect();
    Crowd { starting: mix(&before.starting, &after.starting), present: mix(&before.present, &after.present) }
}

pub fn seconds(from: Time, to: Time) -> f64 {
    (to.0 - from.0) as f64 * 1e-9
}

/// dP/dt = (λ − P)/T with λ straight from `low` to `high` in `dt` seconds: P follows T behind, plus what dies away.
fn follow(present: f64, low: f64, high: f64, dt: f64, session: f64) -> f64 {
    if dt <= 0.0 {
        return present;
    }
    let slope = (high - low) / dt;
    let behind = slope * session;
    high - behind + (present - low + behind) * libm::exp(-dt / session)
}
