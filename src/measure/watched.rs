//! What fails too often, from its being noticed to the sentence that it is over.

use super::alarm::{CALM, CALM_AT_END};
use super::episode::{Ended, Episode, Test};
use super::story::Story;
use super::subject::Causes;
use super::traffic::REASONS;
use crate::number::{clock, sentence};
use crate::units::Time;
use std::cmp::Reverse;

/// Looks between noticing and telling: time for causes to show.
const SETTLE: u32 = 5;
/// Looks, about, that what is usual is of.
const USUAL: f64 = 60.0;
/// Where so much of θ fails at all times, twice as much as usual is too much, and never more than `MARGIN` above θ.
const NEAR: f64 = 0.5;
const MARGIN: f64 = 0.05;

/// A test, and what was told of it.
#[derive(Clone, Debug)]
pub struct Watched {
    pub test: Test,
    theta: f64,
    /// Of late: what ended and what failed, the past counting less and less; and all of it at the last look.
    usual: [f64; 2],
    last: [u64; 2],
    /// Noticed, with the looks since then; not told yet.
    noticed: Option<(Episode, u32)>,
    pub told: Option<Told>,
}

/// What goes on, or did a moment ago.
#[derive(Clone, Debug)]
pub struct Told {
    /// All of it so far.
    pub episode: Episode,
    /// As far as it was told.
    pub first: Episode,
    /// It was told to go on.
    lasts: bool,
    /// The sentence, and because of what it was told; and because of what it lasts, where somebody asks.
    pub place: usize,
    pub because: Causes,
    pub cause: Causes,
}

impl Told {
    /// When it began, time 0 at the earliest.
    pub fn from(&self) -> Time {
        self.episode.from.max(Time(0))
    }

    /// It came and went in one moment: its beginning says all of it.
    pub fn was_at_once(&self) -> bool {
        self.episode.until.0 - self.episode.from.0 < 1_000_000
    }

    /// The sentence says more than its beginning already.
    pub fn is_told_to_last(&mut self) {
        self.lasts = true;
    }
}

/// What there is to tell.
pub enum Change {
    /// It is time to tell it.
    Raised(Episode),
    /// What was told to be over, of this episode, goes on after all.
    GoesOn(Episode),
    /// It has been over for a while.
    Cleared(Box<Told>),
}

impl Watched {
    /// For a share between 0 and 1.
    pub fn new(theta: f64) -> Self {
        Self { test: Test::new(theta), theta, usual: [0.0; 2], last: [0; 2], noticed: None, told: None }
    }

    /// Since when it is on, and when it was so last if it is not now.
    pub fn state(&self) -> Option<(&Told, Option<Time>)> {
        self.told.as_ref().map(|told| (told, self.test.on().is_none().then_some(told.episode.until)))
    }

    /// Look once a second; `last`: there is no other look after this one.
    pub fn look(&mut self, now: Time, last: bool) -> Option<Change> {
        self.learn();
        // What was over before time 0 is not told.
        let counts = |episode: &Episode| episode.until.0 >= 0;
        let over = self.test.take_over().filter(counts);
        let on = self.test.on().filter(counts);
        if let Some(told) = &mut self.told {
            let mut goes_on = false;
            for more in [over, on].into_iter().flatten() {
                if more.from.0 - told.episode.until.0 < CALM {
                    goes_on |= more.until > told.episode.until;
                    told.episode = told.episode.joined(more);
                }
            }
            if goes_on && !told.lasts {
                told.lasts = true;
                return Some(Change::GoesOn(told.first));
            }
            let lasts = on.is_some_and(|on| on.until == told.episode.until);
            // Where nobody asks, nobody knows.
            let calm = if last { CALM_AT_END } else { CALM };
            if !lasts && now.0 - told.episode.until.0 >= calm && self.test.is_well_after(&told.episode) {
                return self.told.take().map(|told| Change::Cleared(Box::new(told)));
            }
            return None;
        }
        let known = self.noticed.map(|noticed| noticed.0);
        let episode = [known, over, on].into_iter().flatten().reduce(Episode::joined)?;
        let looks = self.noticed.map_or(0, |noticed| noticed.1 + 1);
        self.noticed = Some((episode, looks));
        if looks < SETTLE && !last {
            return None;
        }
        self.noticed = None;
        Some(Change::Raised(episode))
    }

    /// A cumulative sum for a share near the usual one rises by chance, now and then: the test has to be for more.
    fn learn(&mut self) {
        let seen = [self.test.seen().all, self.test.seen().failures()];
        for ((usual, seen), last) in self.usual.iter_mut().zip(seen).zip(self.last) {
            *usual += seen.saturating_sub(last) as f64 - *usual / USUAL;
        }
        self.last = seen;
        let usual = if self.usual[0] > 0.0 { self.usual[1] / self.usual[0] } else { 0.0 };
        let near = usual >= NEAR * self.theta && usual < self.theta;
        self.test.expect(if near { (usual / NEAR).min(self.theta + MARGIN) } else { self.theta });
    }

    /// What has become of what was told and goes on, if that is more: "; by the end 44 % of 821,000 requests".
    pub fn by_the_end(&self, what: &str) -> Option<(usize, String)> {
        let told = self.told.as_ref()?;
        if self.test.on().is_none() {
            return Some((told.place, Self::until_it_was_over(told, what)?));
        }
        let (all, first) = (self.test.so_far(&told.episode), told.first.ended());
        (all.all > first.all)
            .then(|| (told.place, format!("; by the end {}{}", share_of(&all, what), other_reasons(&first, &all))))
    }

    /// The same of what was told and is over: "; until 48:53, 44 % of 821,000 requests".
    pub fn until_it_was_over(told: &Told, what: &str) -> Option<String> {
        let (all, first) = (told.episode.ended(), told.first.ended());
        let until = clock(told.episode.over().as_seconds());
        (all.all > first.all)
            .then(|| format!("; until {until}, {}{}", share_of(&all, what), other_reasons(&first, &all)))
    }

    /// "2.9 % of 1,480 since": of what ended after what was told, where some of it failed all the same.
    pub fn some_since(&self, told: &Told) -> Option<String> {
        let after = self.test.after(&told.episode);
        let count = sentence::count(after.all as f64);
        (after.failures() > 0).then(|| format!("{} of {count} since", sentence::percent(after.share())))
    }

    /// What was told is told otherwise.
    pub fn rewrite(&self, story: &mut Story, text: String) {
        if let Some(entry) = self.told.as_ref().and_then(|told| story.entry(told.place)) {
            entry.text = text;
        }
    }

    /// It was told.
    pub fn tell(&mut self, episode: &Episode, place: usize, cause: Causes) {
        let lasts = self.test.on().is_some();
        self.told = Some(Told { episode: *episode, first: *episode, lasts, place, because: cause.clone(), cause });
    }
}

/// "38 % of 1,204 requests"
pub fn share_of(ended: &Ended, what: &str) -> String {
    format!("{} of {} {what}", sentence::percent(ended.share()), sentence::count(ended.all as f64))
}

/// "30 % Refused, 8 % TimedOut"
pub fn reasons(ended: &Ended) -> String {
    let mut sorted: Vec<(usize, u64)> = ended.failed.iter().copied().enumerate().filter(|f| f.1 > 0).collect();
    sorted.sort_by_key(|&(i, n)| (Reverse(n), i));
    sorted.truncate(3);
    let share = |n: u64| sentence::percent(n as f64 / ended.all.max(1) as f64);
    sorted.iter().map(|&(i, n)| format!("{} {}", share(n), REASONS[i].words())).collect::<Vec<_>>().join(", ")
}

/// " (65 % refused, 30 % timed out)": where what failed in all did so for another reason than what failed at first.
fn other_reasons(first: &Ended, all: &Ended) -> String {
    let most = |ended: &Ended| (0..ended.failed.len()).max_by_key(|&i| (ended.failed[i], Reverse(i)));
    if most(first) == most(all) { String::new() } else { format!(" ({})", reasons(all)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many a second for so many seconds, each `every`th of which fails; how often it was told, and told to be over.
    fn told(watched: &mut Watched, from: i64, seconds: i64, rate: i64, every: i64) -> (u32, Vec<Told>) {
        let (mut raised, mut cleared) = (0, Vec::new());
        for second in from..from + seconds {
            for i in 0..rate {
                let at = Time(second * 1_000_000_000 + i * 1_000_000_000 / rate);
                let hash = crate::model::hash::derive(7, (second * rate + i) as u64) as i64 & i64::MAX;
                watched.test.end(at, at, (every > 0 && hash % every == 0).then_some(0));
            }
            match watched.look(Time((second + 1) * 1_000_000_000), false) {
                Some(Change::Raised(episode)) => {
                    raised += 1;
                    watched.tell(&episode, 0, Causes::default());
                }
                Some(Change::Cleared(told)) => cleared.push(*told),
                Some(Change::GoesOn(_)) | None => {}
            }
        }
        (raised, cleared)
    }

    #[test]
    fn chance_is_not_told_where_nearly_as_many_always_fail() {
        let mut watched = Watched::new(0.05);
        let (raised, _) = told(&mut watched, 0, 3600, 500, 22);
        assert!(raised <= 1, "{raised} of one hour at 4.5 %");
        assert_eq!(told(&mut watched, 3600, 60, 500, 8).0, 1, "an eighth is more than usual");
    }

    #[test]
    fn what_is_over_is_counted_whole() {
        let mut watched = Watched::new(0.05);
        told(&mut watched, 0, 100, 100, 0);
        let (raised, none) = told(&mut watched, 100, 300, 100, 5);
        assert_eq!((raised, none.len()), (1, 0));
        let (_, over) = told(&mut watched, 400, 100, 100, 0);
        let whole = over[0].episode;
        assert!((whole.seconds() - 300.0).abs() < 1.0 && (whole.ended().share() - 0.2).abs() < 0.01, "{whole:?}");
        assert!(whole.ended().all.abs_diff(30_000) < 100);
    }

    #[test]
    fn few_requests_fail_for_long_and_are_told_once() {
        let mut watched = Watched::new(0.05);
        let (mut raised, mut cleared) = (0, 0);
        for second in 0..7_200_i64 {
            let at = Time(second * 1_000_000_000);
            if second % 5 == 0 {
                watched.test.end(at, at, (second % 50 == 0).then_some(0));
            }
            match watched.look(Time((second + 1) * 1_000_000_000), false) {
                Some(Change::Raised(episode)) => {
                    raised += 1;
                    watched.tell(&episode, 0, Causes::default());
                }
                Some(Change::Cleared(_)) => cleared += 1,
                Some(Change::GoesOn(_)) | None => {}
            }
        }
        assert_eq!((raised, cleared), (1, 0), "one in ten, one in 50 seconds");
    }

    #[test]
    fn silence_is_no_recovery() {
        let mut watched = Watched::new(0.05);
        told(&mut watched, 0, 60, 100, 2);
        assert_eq!(told(&mut watched, 60, 120, 0, 0).1.len(), 0, "nobody asked");
        assert_eq!(told(&mut watched, 180, 2, 100, 0).1.len(), 1);
    }
}
