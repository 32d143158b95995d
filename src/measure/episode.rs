//! Since when and until when too many of what ends fail, to the nanosecond.
//!
//! A cumulative sum (E. S. Page, Continuous Inspection Schemes, Biometrika 1954): whatever fails adds 1 − θ, whatever
//! succeeds takes θ, and the sum never falls below 0. Below a share of θ it stays near 0, above it grows. Once it has
//! grown by [`ENOUGH`] failures, there is an episode: it began with the first failure since the sum was 0 and lasts to
//! the one at which the sum was greatest. So the test decides whether there is one, and never when it was.

use super::traffic::REASONS;
use crate::units::Time;

/// Fewer failures than this prove nothing.
const ENOUGH: f64 = 10.0;
/// What began so long after the last failure is no more on its way with what failed, nanoseconds.
const AFTER: i64 = 1_000_000_000;
/// So many successes more than θ explains end it.
const OVER: f64 = 50.0;

/// What ended in a span, or since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub all: u64,
    /// By position of the reason.
    pub failed: [u64; REASONS.len()],
}

impl Ended {
    /// All failures.
    pub fn failures(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Share that failed; 0 of nothing.
    pub fn share(&self) -> f64 {
        if self.all > 0 { self.failures() as f64 / self.all as f64 } else { 0.0 }
    }

    fn since(&self, before: &Ended) -> Ended {
        Ended { all: self.all - before.all, failed: std::array::from_fn(|i| self.failed[i] - before.failed[i]) }
    }
}

/// Too many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Episode {
    /// When the first of them failed, and the last so far.
    pub from: Time,
    pub until: Time,
    /// When the first and the last that failed had begun.
    pub began: [Time; 2],
    /// What had ended before the first, and after the last of them.
    before: Ended,
    after: Ended,
    /// When the next ended well, if one did; and when the first began that did after the last failure and ended well.
    again: Option<Time>,
    taken: Option<Time>,
}

impl Episode {
    /// When it was over: when the next after the last failure ended well, as far as one did.
    pub fn over(&self) -> Time {
        self.again.unwrap_or(self.until)
    }

    /// When the first began after it that ended well; where none has, when it was over.
    pub fn taken_again(&self) -> Time {
        self.taken.unwrap_or_else(|| self.over())
    }

    /// What ended from the first to the last.
    pub fn ended(&self) -> Ended {
        self.after.since(&self.before)
    }

    /// When what failed was on its way: until the last of it began, and for half of the time that the first took at
    /// least.
    pub fn asked(&self) -> [Time; 2] {
        let half = Time(self.began[0].0 + (self.until.0 - self.began[0].0) / 2);
        [self.began[0], self.began[1].max(half)]
    }

    /// Seconds from the first failure to the last.
    pub fn seconds(&self) -> f64 {
        (self.until.0 - self.from.0) as f64 / 1e9
    }

    /// Seconds until it was over.
    pub fn lasted(&self) -> f64 {
        (self.over().0 - self.from.0) as f64 / 1e9
    }

    /// The same failures as if all of them were of this span.
    pub fn within(self, [from, until]: [Time; 2]) -> Episode {
        Episode { from, until, began: [from, until], ..self }
    }

    /// Both, and what is between them.
    pub fn joined(self, later: Episode) -> Episode {
        let began = [self.began[0].min(later.began[0]), self.began[1].max(later.began[1])];
        Episode { from: self.from, before: self.before, began, ..later }
    }
}

/// The test for one share θ.
#[derive(Clone, Debug)]
pub struct Test {
    theta: f64,
    sum: f64,
    greatest: f64,
    /// What has ended so far, and of it what ended well since the last failure.
    seen: Ended,
    well: u64,
    /// When the last of those that ended well began.
    last_well: Time,
    /// Since the sum was 0, without what has ended since; and as it was when the sum was greatest.
    now: Episode,
    at_greatest: Episode,
    /// There is an episode.
    on: bool,
    /// One that came and went.
    over: Option<Episode>,
}

impl Test {
    /// For a share between 0 and 1.
    pub fn new(theta: f64) -> Self {
        let (nothing, seen) = (Episode::default(), Ended::default());
        Self {
            theta,
            sum: 0.0,
            greatest: 0.0,
            seen,
            well: 0,
            last_well: Time(i64::MIN),
            now: nothing,
            at_greatest: nothing,
            on: false,
            over: None,
        }
    }

    /// Something that had begun at `began` ended; `failed`: the position of its reason.
    #[inline]
    pub fn end(&mut self, now: Time, began: Time, failed: Option<usize>) {
        if self.sum > 0.0 && self.now.from.0 < 0 && now.0 >= 0 {
            // What happened before time 0 is not counted.
            *self = Self::new(self.theta);
        }
        self.seen.all += 1;
        match failed {
            Some(reason) => self.fail(now, began, reason),
            None => {
                self.last_well = self.last_well.max(began);
                if self.sum > 0.0 {
                    self.succeed(now, began);
                }
            }
        }
    }

    fn fail(&mut self, now: Time, began: Time, reason: usize) {
        if self.sum <= 0.0 {
            let before = Ended { all: self.seen.all - 1, failed: self.seen.failed };
            self.now =
                Episode { from: now, until: now, began: [began; 2], before, after: before, again: None, taken: None };
            (self.sum, self.greatest) = (0.0, 0.0);
        }
        self.sum += 1.0 - self.theta;
        self.now.until = now;
        self.now.began = [self.now.began[0].min(began), self.now.began[1].max(began)];
        self.seen.failed[reason] += 1;
        self.well = 0;
        if self.sum >= self.greatest {
            self.greatest = self.sum;
            self.at_greatest = Episode { after: self.seen, ..self.now };
        }
        self.on |= self.sum >= ENOUGH * (1.0 - self.theta);
    }

    fn succeed(&mut self, now: Time, began: Time) {
        self.sum -= self.theta;
        self.well += 1;
        if self.at_greatest.until == self.now.until {
            let Episode { until, again, taken, .. } = &mut self.at_greatest;
            *again = again.or(Some(now));
            // What was taken in before the last failure says nothing of what came after.
            if began >= *until {
                *taken = Some(taken.map_or(began, |first| first.min(began)));
            }
        }
        if self.on && self.greatest - self.sum >= OVER.min(self.greatest / self.theta) * self.theta {
            self.over = Some(self.at_greatest);
            self.on = false;
            self.sum = 0.0;
        }
    }

    /// The episode that goes on, as far as it is known.
    pub fn on(&self) -> Option<Episode> {
        let after = Ended { all: self.seen.all - self.well, failed: self.seen.failed };
        self.on.then_some(Episode { after, ..self.now })
    }

    /// The last that is over, once.
    pub fn take_over(&mut self) -> Option<Episode> {
        self.over.take()
    }

    /// What has ended since the first failure of an episode.
    pub fn so_far(&self, episode: &Episode) -> Ended {
        self.seen.since(&episode.before)
    }

    /// What has ended so far.
    pub fn seen(&self) -> &Ended {
        &self.seen
    }

    /// Something that began a while after the last failure of an episode ended well: what was on its way when nobody
    /// came any more proves nothing.
    pub fn is_well_after(&self, episode: &Episode) -> bool {
        self.last_well.0 >= episode.until.0.saturating_add(AFTER)
    }

    /// What ended after an episode.
    pub fn after(&self, episode: &Episode) -> Ended {
        self.seen.since(&episode.after)
    }

    /// Another share is too much from now on; not while there is an episode.
    pub fn expect(&mut self, theta: f64) {
        if !self.on {
            self.theta = theta;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One a millisecond; which of them fail.
    fn test(theta: f64, count: i64, failed: impl Fn(i64) -> bool) -> Test {
        let mut test = Test::new(theta);
        for at in 0..count {
            test.end(Time(at), Time(at - 5), failed(at).then_some(0));
        }
        test
    }

    #[test]
    fn an_episode_lasts_from_its_first_failure_to_its_last() {
        let mut stall = test(0.05, 1_000, |at| (300..350).contains(&at) && at % 10 != 3);
        let over = stall.take_over().expect("it is over");
        assert_eq!((over.from, over.until, over.began), (Time(300), Time(349), [Time(295), Time(344)]));
        assert_eq!((over.ended().all, over.ended().failures()), (50, 45));
        assert_eq!((stall.on(), stall.take_over()), (None, None));
    }

    #[test]
    fn an_episode_begins_at_time_0_at_the_earliest() {
        let mut early = Test::new(0.05);
        (-500..500).for_each(|at| early.end(Time(at), Time(at), Some(0)));
        assert_eq!(early.on().map(|on| (on.from, on.ended().all)), Some((Time(0), 500)));
    }

    #[test]
    fn what_was_on_its_way_is_no_sign_of_recovery() {
        let mut test = Test::new(0.05);
        (0..100).for_each(|at| test.end(Time(at), Time(at - 5), Some(0)));
        let episode = test.on().expect("all fail");
        // Two hundred that stood in line, and nobody comes.
        (100..300).for_each(|at| test.end(Time(at), Time(50), None));
        assert!(!test.is_well_after(&episode), "{episode:?}");
        test.end(Time(400), Time(399), None);
        assert!(!test.is_well_after(&episode), "a moment later");
        test.end(Time(AFTER + 400), Time(AFTER + 399), None);
        assert!(test.is_well_after(&episode));
        assert_eq!((test.after(&episode).all, test.after(&episode).failures()), (202, 0));
    }

    #[test]
    fn few_failures_and_a_small_share_are_none() {
        assert_eq!(test(0.05, 100_000, |at| at % 50 == 0).on(), None, "two in a hundred");
        assert_eq!(test(0.05, 1_000, |at| (300..309).contains(&at)).on(), None, "nine");
    }

    #[test]
    fn what_goes_on_failing_goes_on() {
        let ten = test(0.05, 10_000, |at| at % 10 == 0).on().expect("one in ten");
        assert_eq!((ten.from, ten.until), (Time(0), Time(9_990)));
        assert!((ten.ended().share() - 0.1).abs() < 0.001);
        assert_eq!(test(0.5, 10_000, |at| at % 10 == 0).on(), None, "but no half");
    }
}
