//! When something is told that comes and goes: once it has begun, once it is over, with no flapping between.

use crate::units::Time;

/// Seconds of calm before something counts as over: what comes back sooner was never gone.
pub const CALM: i64 = 30 * 1_000_000_000;
/// The same where the run ends sooner.
pub const CALM_AT_END: i64 = 5 * 1_000_000_000;

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

    /// The run ends: what has been calm for `least` nanoseconds is over.
    pub fn close(&mut self, now: Time, least: i64) -> Option<AlarmChange> {
        match *self {
            Alarm::Raised { calm: Some(at) } if now.0 - at.0 >= least => {
                *self = Alarm::Quiet;
                Some(AlarmChange::Cleared(at))
            }
            Alarm::Raised { .. } | Alarm::Raising { .. } | Alarm::Quiet => None,
        }
    }

    /// Raised: and since when it is calm, if it is.
    pub fn raised(self) -> Option<Option<Time>> {
        match self {
            Alarm::Raised { calm } => Some(calm),
            Alarm::Quiet | Alarm::Raising { .. } => None,
        }
    }

    /// It is told at once; `calm`: since when it is over, if it is.
    pub fn raise(&mut self, calm: Option<Time>) {
        *self = Alarm::Raised { calm };
    }

    /// What was to be told is not known to be so yet: it is asked again at the next look.
    pub fn wait(&mut self, since: Time) {
        *self = Alarm::Raising { since, looks: u32::MAX / 2 };
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
    fn what_is_calm_when_the_run_ends_is_over() {
        let mut a = Alarm::default();
        assert_eq!(a.look(true, false, s(1), s(2), 0), Some(AlarmChange::Raised(s(1))));
        assert_eq!((a.look(false, true, s(4), s(4), 0), a.close(s(6), CALM_AT_END)), (None, None));
        assert_eq!(a.close(s(9), CALM_AT_END), Some(AlarmChange::Cleared(s(4))));
        assert_eq!(a.close(s(9), 0), None);
    }
}
