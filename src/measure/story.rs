//! The story: what happened, in order, and because of what. Sentences carry numbers and do not hedge.

use super::results::StoryEvent;
use super::subject::{Causes, Named};
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a sentence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryKind {
    /// A resource is full and waited for.
    Saturated,
    /// What was full or failed is well again.
    Recovered,
    /// A service turns calls away.
    Refusing,
    /// A breaker opened.
    Opened,
    /// All breakers of a link are closed again.
    Closed,
    /// Requests of a source fail, or messages are given up or lost.
    Failing,
    /// Instances that no machine has room for.
    Pending,
    /// An instance went down, or all of a service are.
    Down,
    /// All that were down or pending serve again.
    Up,
    /// A rule of the runbook acted.
    Rule,
    /// A rule fired and did nothing.
    Skipped,
    /// The run ended before its horizon.
    Stopped,
}

impl StoryKind {
    /// The word in the results.
    pub fn name(self) -> &'static str {
        match self {
            StoryKind::Saturated => "saturated",
            StoryKind::Recovered => "recovered",
            StoryKind::Refusing => "refusing",
            StoryKind::Opened => "opened",
            StoryKind::Closed => "closed",
            StoryKind::Failing => "failing",
            StoryKind::Pending => "pending",
            StoryKind::Down => "down",
            StoryKind::Up => "up",
            StoryKind::Rule => "rule",
            StoryKind::Skipped => "skipped",
            StoryKind::Stopped => "stopped",
        }
    }

    /// Something took a turn for the worse.
    pub fn is_turn(self) -> bool {
        match self {
            StoryKind::Saturated
            | StoryKind::Refusing
            | StoryKind::Opened
            | StoryKind::Failing
            | StoryKind::Down
            | StoryKind::Stopped => true,
            StoryKind::Recovered
            | StoryKind::Closed
            | StoryKind::Pending
            | StoryKind::Up
            | StoryKind::Rule
            | StoryKind::Skipped => false,
        }
    }

    /// What operators did, or could not do.
    pub fn is_runbook(self) -> bool {
        matches!(self, StoryKind::Rule | StoryKind::Skipped)
    }

    /// Causes before effects.
    fn rank(self) -> u8 {
        match self {
            StoryKind::Rule | StoryKind::Skipped => 0,
            StoryKind::Pending | StoryKind::Down | StoryKind::Up => 1,
            StoryKind::Saturated => 2,
            StoryKind::Refusing | StoryKind::Opened => 3,
            StoryKind::Failing => 4,
            StoryKind::Recovered | StoryKind::Closed => 5,
            StoryKind::Stopped => 6,
        }
    }
}

impl fmt::Display for StoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One sentence. It may still be rewritten while what it tells goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Time,
    pub kind: StoryKind,
    pub subject: Named,
    pub because: Causes,
    pub text: String,
}

/// All of them, in the order they were noticed.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// None: taken back.
    entries: Vec<Option<Entry>>,
}

impl Story {
    /// Add one; returns its place.
    pub fn add(&mut self, entry: Entry) -> usize {
        self.entries.push(Some(entry));
        self.entries.len() - 1
    }

    /// The entry at a place, to be rewritten.
    pub fn entry(&mut self, place: usize) -> Option<&mut Entry> {
        self.entries.get_mut(place)?.as_mut()
    }

    /// Sentences there were, those taken back too.
    pub fn told(&self) -> usize {
        self.entries.len()
    }

    /// What was told turned out not to be so.
    pub fn take_back(&mut self, place: usize) {
        self.entries[place] = None;
    }

    /// In the order they happened.
    pub fn report(&self) -> Vec<StoryEvent> {
        let mut sorted: Vec<&Entry> = self.entries.iter().flatten().collect();
        // Within one second causes come first: what broke, what is its own cause, then what follows from others.
        let own = |e: &Entry| e.because.first().is_none_or(|cause| cause.what.is_part_of(&e.subject.what));
        sorted.sort_by_key(|e| (e.at.0.div_euclid(1_000_000_000), e.kind.rank(), !own(e), e.at));
        let event = |e: &Entry| StoryEvent {
            at_s: e.at.0 as f64 / 1e9,
            event: e.kind,
            subject: e.subject.clone(),
            because: e.because.clone(),
            text: e.text.clone(),
        };
        sorted.into_iter().map(event).collect()
    }
}

/// Seconds of calm before something counts as over: what comes back sooner was never gone.
pub const CALM: i64 = 30 * 1_000_000_000;

/// Raises once, clears once: no flapping.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Alarm {
    #[default]
    Quiet,
    /// On, but others may join before it is told.
    Raising {
        since: Time,
        looks: u32,
    },
    Raised {
        calm: Option<Time>,
    },
}

/// What an alarm has to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AlarmChange {
    /// It began then.
    Raised(Time),
    /// It was over then.
    Cleared(Time),
}

impl Alarm {
    /// Look once: `on` since `since`, or `calm`. It is told after `settle` more looks.
    pub fn look(&mut self, on: bool, calm: bool, since: Time, now: Time, settle: u32) -> Option<AlarmChange> {
        match *self {
            Alarm::Quiet if on => *self = Alarm::Raising { since, looks: 0 },
            Alarm::Quiet => {}
            Alarm::Raising { since: first, looks } => {
                *self = Alarm::Raising { since: if on { first.min(since) } else { first }, looks: looks + 1 }
            }
            Alarm::Raised { calm: None } if calm => *self = Alarm::Raised { calm: Some(now) },
            Alarm::Raised { calm: Some(at) } if calm && now.0 - at.0 >= CALM => {
                *self = Alarm::Quiet;
                return Some(AlarmChange::Cleared(at));
            }
            Alarm::Raised { .. } if !calm => *self = Alarm::Raised { calm: None },
            Alarm::Raised { .. } => {}
        }
        match *self {
            Alarm::Raising { since, looks } if looks >= settle => {
                *self = Alarm::Raised { calm: None };
                Some(AlarmChange::Raised(since))
            }
            Alarm::Quiet | Alarm::Raising { .. } | Alarm::Raised { .. } => None,
        }
    }

    /// Raised: and since when it is calm, if it is.
    pub fn raised(self) -> Option<Option<Time>> {
        match self {
            Alarm::Raised { calm } => Some(calm),
            Alarm::Quiet | Alarm::Raising { .. } => None,
        }
    }

    /// Forget it without a word.
    pub fn reset(&mut self) {
        *self = Alarm::Quiet;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    #[test]
    fn an_alarm_waits_for_others_and_does_not_flap() {
        let mut a = Alarm::default();
        let mut turns = Vec::new();
        for t in 0..200 {
            // on at 10..20 and again at 40..50, calm else.
            let on = (10..20).contains(&t) || (40..50).contains(&t);
            turns.extend(a.look(on, !on, s(t - 9), s(t), 5));
        }
        assert_eq!(turns, vec![AlarmChange::Raised(s(1)), AlarmChange::Cleared(s(50))]);
    }

    #[test]
    fn the_story_is_told_in_the_order_of_events() {
        let mut story = Story::default();
        for (at, subject) in [(30, "b"), (10, "a")] {
            story.add(Entry {
                at: s(at),
                kind: StoryKind::Saturated,
                subject: subject.into(),
                because: Causes::default(),
                text: String::new(),
            });
        }
        assert_eq!(story.report().iter().map(|e| e.subject.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
