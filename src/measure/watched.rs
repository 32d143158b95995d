//! What fails too often, from its being noticed to the sentence that it is over.

use super::episode::{Ended, Episode, Test};
use super::story::CALM;
use super::subject::Causes;
use crate::number::sentence;
use crate::units::Time;

/// Looks between noticing and telling: time for causes to show.
const SETTLE: u32 = 5;

/// A test, and what was told of it.
#[derive(Clone, Debug)]
pub struct Watched {
    pub test: Test,
    /// Noticed, with the looks since then; not told yet.
    noticed: Option<(Episode, u32)>,
    pub told: Option<Told>,
}

/// What goes on, or did a moment ago.
#[derive(Clone, Debug)]
pub struct Told {
    pub from: Time,
    pub until: Time,
    /// What ended in all of it that is over, and in the part that is not.
    pub ended: [Ended; 2],
    /// The sentence, and because of what it lasts.
    pub place: usize,
    pub cause: Causes,
}

impl Told {
    /// It came and went in one moment: its beginning says all of it.
    pub fn was_at_once(&self) -> bool {
        self.until.0 - self.from.0 < 1_000_000
    }

    /// The share that failed, and of how many.
    pub fn share(&self) -> (f64, u64) {
        let (all, failed) = self.ended.iter().fold((0, 0), |sum, e| (sum.0 + e.all, sum.1 + e.failures()));
        (failed as f64 / all.max(1) as f64, all)
    }
}

/// What there is to tell.
pub enum Change {
    /// It is time to tell it.
    Raised(Episode),
    /// It has been over for a while.
    Cleared(Told),
}

impl Watched {
    /// For a share between 0 and 1.
    pub fn new(theta: f64) -> Self {
        Self { test: Test::new(theta), noticed: None, told: None }
    }

    /// Since when it is on, and when it was so last if it is not now.
    pub fn state(&self) -> Option<(&Told, Option<Time>)> {
        self.told.as_ref().map(|told| (told, self.test.on().is_none().then_some(told.until)))
    }

    /// Look once a second.
    pub fn look(&mut self, now: Time) -> Option<Change> {
        // What was over before time 0 is not told.
        let counts = |episode: &Episode| episode.until.0 >= 0;
        let over = self.test.take_over().filter(counts);
        let on = self.test.on().filter(counts);
        if let Some(told) = &mut self.told {
            if let Some(over) = over.filter(|over| over.from.0 - told.until.0 < CALM) {
                told.until = over.until;
                told.ended = [added(told.ended[0], over.ended), Ended::default()];
            }
            if let Some(on) = on.filter(|on| on.from.0 - told.until.0 < CALM) {
                told.until = on.until;
                told.ended[1] = on.ended;
            } else if now.0 - told.until.0 >= CALM {
                return self.told.take().map(Change::Cleared);
            }
            return None;
        }
        let known = self.noticed.map(|noticed| noticed.0);
        let episode = on.or(over).or(known)?;
        let looks = self.noticed.map_or(0, |noticed| noticed.1 + 1);
        self.noticed = Some((episode, looks));
        if looks < SETTLE {
            return None;
        }
        self.noticed = None;
        Some(Change::Raised(episode))
    }

    /// It was told.
    pub fn tell(&mut self, episode: &Episode, place: usize, cause: Causes) {
        let lasts = self.test.on().is_some();
        let ended = if lasts { [Ended::default(), episode.ended] } else { [episode.ended, Ended::default()] };
        self.told = Some(Told { from: episode.from.max(Time(0)), until: episode.until, ended, place, cause });
    }
}

fn added(a: Ended, b: Ended) -> Ended {
    Ended { all: a.all + b.all, failed: std::array::from_fn(|i| a.failed[i] + b.failed[i]) }
}

/// "38 % of 1,204 requests"
pub fn share_of(ended: &Ended, what: &str) -> String {
    format!("{} of {} {what}", sentence::percent(ended.share()), sentence::count(ended.all as f64))
}
