//! Whether what is full is asked for more than it can do, or is full for a moment, by chance.
//!
//! A server at ρ = 0.93 has a long line now and then, and ten seconds in which it never rests. That is not told, unless
//! it hurts somebody. Three things tell the one from the other:
//!
//! - somebody was turned away, or all wait for one another: that hurts;
//! - so much more was asked than it can do that chance does not explain it. n calls of exponential demand ask for the
//!   n-fold of the mean ± √(2n) of it: `SIGMAS` times that above what there was is no chance;
//! - it never rested, for so many calls that a line which comes and goes would have emptied. A closed crowd asks for no
//!   more than it gets, ρ = 1, and the line stays. A random walk within q places leaves them after about (q + 2)² steps
//!   (the busy period of M/M/1 at ρ = 0.93 has more than `ENOUGH` calls once in a day of a hundred a second).

use super::asked::Asked;
use super::moment::Moment;
use super::offered::{Mix, Station};
use super::resources::{Subject, sum};
use super::wait_graph::{Question, ask};
use crate::model::ServiceId;
use crate::units::Time;
use std::collections::BTreeSet;

/// Standard deviations by which more is asked than there is.
const SIGMAS: f64 = 4.0;
/// In use to this share it does not rest.
const RESTLESS: f64 = 0.995;
/// It does so for as long at least, seconds.
const LASTING: f64 = 30.0;
/// So many calls without a rest are proof, however long the line is.
const ENOUGH: f64 = 5_000.0;
/// Begins within so many nanoseconds of one another are one.
const ONE: i64 = 15 * 1_000_000_000;

/// What is known of a subject that is full and not told yet.
#[derive(Clone, Debug, Default)]
pub struct Excess {
    /// What had been asked of each of its members when it was first found full.
    before: Vec<Asked>,
    /// Since when it does not rest, for how many seconds and calls, and the longest line since then.
    restless: Option<Time>,
    seconds: f64,
    calls: f64,
    line: f64,
}

impl Excess {
    /// Look at the second that just passed, in which a subject that filled at `since` was full: when that began which
    /// is no chance; none: it may be.
    pub fn look(&mut self, look: &Moment, subject: &Subject, since: Time, down: &BTreeSet<ServiceId>) -> Option<Time> {
        let resources = look.resources;
        let full: Vec<usize> =
            subject.members.iter().copied().filter(|&m| resources.tracks[m].detector.since().is_some()).collect();
        let span = [since, look.now()];
        let asked = look.inside(span);
        if sum(&full, asked).refused > 0 || is_stuck(look, subject, &full, down) {
            return Some(since);
        }
        let all = if full.len() >= resources.live(subject).len() { &subject.members } else { &full };
        let station = Station::now([asked, look.long], look.model, resources, &full, all);
        // Where no law says what is asked, being full is all there is.
        let Some(station) = station else { return Some(since) };
        let rates = Mix::of(asked, look.model).calls(look.model);
        let (load, rate) = (station.load(&rates), station.askers(&rates));
        if rate <= 0.0 {
            return None;
        }
        if is_more(load, rate * asked.seconds()) || self.so_far(look, subject, &full, load / rate) {
            return Some(since);
        }
        self.rest(look, &full, load * station.capacity / rate)?;
        let begun = self.restless?;
        Some(if begun.0 - since.0 < ONE { since } else { begun })
    }

    /// More was asked since it was first found full; `each`: of what is there in a second, what one call asks for.
    fn so_far(&mut self, look: &Moment, subject: &Subject, full: &[usize], each: f64) -> bool {
        let tracks = &look.resources.tracks;
        if self.before.len() != subject.members.len() {
            self.before = subject.members.iter().map(|&member| tracks[member].asked).collect();
            return false;
        }
        let (mut asked, mut seconds) = (0.0, 0.0_f64);
        for (member, before) in subject.members.iter().zip(&self.before).filter(|(member, _)| full.contains(member)) {
            let since = tracks[*member].asked.since(before);
            asked += since.load().unwrap_or(0.0) / full.len() as f64;
            seconds = seconds.max(since.up / tracks[*member].capacity.max(1e-9));
        }
        is_more(asked, asked * seconds / each.max(1e-12))
    }

    /// It did not rest for so long that its line is there to stay; `each`: unit-seconds that a call asks for.
    fn rest(&mut self, look: &Moment, full: &[usize], each: f64) -> Option<()> {
        let second = sum(full, look.second);
        if second.utilization().is_none_or(|share| share < RESTLESS) {
            *self = Self { before: std::mem::take(&mut self.before), ..Self::default() };
            return None;
        }
        let then = [look.second.old.at, look.now()];
        let begun = full.iter().filter_map(|&m| look.resources.tracks[m].stretches.begin(then, look.now())).min();
        self.restless.get_or_insert(begun.unwrap_or(then[0]));
        self.seconds += look.second.seconds();
        self.calls += second.busy / each.max(1e-12);
        self.line = self.line.max(second.waiting / look.second.seconds().max(1e-9));
        let walk = 3.0 * self.line + 5.0;
        (self.seconds >= LASTING && self.calls >= ENOUGH.min(2.0 * walk * walk)).then_some(())
    }
}

/// Nobody gets done, for they wait for one another.
fn is_stuck(look: &Moment, subject: &Subject, full: &[usize], down: &BTreeSet<ServiceId>) -> bool {
    let done = sum(full, look.short).ended;
    done == 0 && ask(Question::Held(subject), &look.evidence(look.lately(), down)).circle.len() > 1
}

/// A load that so many calls ask for is above 1 by more than chance.
fn is_more(load: f64, calls: f64) -> bool {
    load > 1.0 + SIGMAS * libm::sqrt(2.0 / calls.max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_more_is_more_if_many_ask() {
        assert!(!is_more(1.07, 1_000.0), "a hundred a second for ten seconds");
        assert!(is_more(1.07, 10_000.0));
        assert!(!is_more(0.99, 1e12));
        assert!(is_more(3.0, 20.0));
    }
}
