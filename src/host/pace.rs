//! How much simulated time is due, and how much passes: no debt is carried when the engine cannot keep up.

use super::message::Pace;
use crate::units::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// A host that was not asked for longer does not catch up on it.
const LONGEST_GAP: Duration = Duration::from_millis(250);
/// Time that may stay due when a turn ends.
const CARRIED_S: f64 = 0.02;
/// The speed is measured over so long.
const SPAN: Duration = Duration::from_millis(500);

/// The clock of a paced run.
#[derive(Clone, Debug, Default)]
pub struct Pacer {
    last: Option<Duration>,
    /// Simulated nanoseconds that are due, with their fraction.
    due: f64,
    /// Where it was when, over the last half second.
    track: VecDeque<(Duration, Time)>,
}

impl Pacer {
    /// Simulated nanoseconds that are due at `now` of the clock.
    pub fn due(&mut self, now: Duration, pace: Pace) -> i64 {
        let gone = now.saturating_sub(self.last.unwrap_or(now)).min(LONGEST_GAP);
        self.last = Some(now);
        match pace {
            Pace::Times(times) => self.due += gone.as_nanos() as f64 * times,
            Pace::Paused | Pace::Unbound => self.due = 0.0,
        }
        self.due as i64
    }

    /// So much of it was played.
    pub fn played(&mut self, nanos: i64, pace: Pace) {
        let Pace::Times(times) = pace else { return };
        self.due = (self.due - nanos as f64).clamp(0.0, (times * CARRIED_S * 1e9).max(1.0));
    }

    /// Nothing is due any more: time was stopped, or went elsewhere.
    pub fn rest(&mut self) {
        self.due = 0.0;
        self.last = None;
        self.track.clear();
    }

    /// It is there at `now` of the clock.
    pub fn note(&mut self, now: Duration, there: Time) {
        if self.track.back().is_some_and(|&(_, last)| there < last) {
            self.track.clear();
        }
        self.track.push_back((now, there));
        while self.track.len() > 2 && self.track.get(1).is_some_and(|&(at, _)| now.saturating_sub(at) >= SPAN) {
            self.track.pop_front();
        }
    }

    /// Simulated seconds per second lately.
    pub fn achieved(&self) -> f64 {
        let (Some(first), Some(last)) = (self.track.front(), self.track.back()) else { return 0.0 };
        let seconds = last.0.saturating_sub(first.0).as_secs_f64();
        if seconds > 0.0 { (last.1.0 - first.1.0) as f64 / 1e9 / seconds } else { 0.0 }
    }
}

impl Pace {
    /// Within the limits.
    pub(super) fn bounded(self) -> Self {
        match self {
            Self::Times(times) if times.is_infinite() && times > 0.0 => Self::Unbound,
            Self::Times(times) if times > 0.0 => Self::Times(times.clamp(Self::SLOWEST, Self::QUICKEST)),
            // Backwards, or no number.
            Self::Times(_) => Self::Paused,
            Self::Paused | Self::Unbound => self,
        }
    }
}
