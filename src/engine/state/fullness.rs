//! When something was full: the exact stretches in which all of it was in use.

use crate::units::Time;

const SECOND: i64 = 1_000_000_000;

/// From when until when.
pub type Stretch = [Time; 2];

/// The stretch that goes on or was the last, and the longest of those before it that ended in the same whole second as
/// the latest of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fullness {
    full: bool,
    last: Stretch,
    longest: Stretch,
}

impl Fullness {
    pub(crate) fn new(now: Time) -> Self {
        Self { full: false, last: [now, now], longest: [now, now] }
    }

    /// This much of the capacity is in use from now on. A millionth may be missing: shares of cores are rounded.
    #[inline(always)]
    pub(crate) fn set(&mut self, now: Time, level: u64, capacity: u64) {
        let full = capacity > 0 && level >= capacity - (capacity >> 20);
        if full != self.full {
            self.turn(now, full);
        }
    }

    #[inline(never)]
    fn turn(&mut self, now: Time, full: bool) {
        self.full = full;
        if !full {
            self.last[1] = now;
        } else if self.last[1] != now || self.last[0] == now {
            // One user that follows another at the same instant leaves no gap.
            if second(self.last) != second(self.longest) || length(self.last) >= length(self.longest) {
                self.longest = self.last;
            }
            self.last = [now, now];
        }
    }

    /// Since when it is full, if it is.
    pub(crate) fn since(&self) -> Option<Time> {
        self.full.then_some(self.last[0])
    }

    /// The longest stretch that ended in the second up to now.
    pub(crate) fn ended(&self, now: Time) -> Option<Stretch> {
        let last = (!self.full).then_some(self.last);
        let recent = |stretch: &Stretch| length(*stretch) > 0 && now.0 - stretch[1].0 < SECOND;
        last.into_iter().chain([self.longest]).filter(recent).max_by_key(|stretch| length(*stretch))
    }
}

/// The second it ended in; a whole second belongs to what is before it.
fn second(stretch: Stretch) -> i64 {
    (stretch[1].0 - 1).div_euclid(SECOND)
}

fn length(stretch: Stretch) -> i64 {
    stretch[1].0 - stretch[0].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_when_there_is_room_and_not_between_two_users() {
        let mut fullness = Fullness::new(Time(0));
        fullness.set(Time(100), 2, 2);
        fullness.set(Time(150), 1, 2);
        fullness.set(Time(150), 2, 2);
        assert_eq!((fullness.since(), fullness.ended(Time(160))), (Some(Time(100)), None));
        fullness.set(Time(200), 0, 2);
        fullness.set(Time(300), 2, 2);
        fullness.set(Time(310), 0, 2);
        assert_eq!((fullness.since(), fullness.ended(Time(400))), (None, Some([Time(100), Time(200)])));
    }

    #[test]
    fn the_longest_of_a_second_is_forgotten_after_it() {
        let mut fullness = Fullness::new(Time(0));
        for (at, level) in [(10, 1), (50, 0), (SECOND + 10, 1), (SECOND + 20, 0), (SECOND + 30, 1), (SECOND + 35, 0)] {
            fullness.set(Time(at), level, 1);
        }
        let longest = Some([Time(SECOND + 10), Time(SECOND + 20)]);
        assert_eq!(fullness.ended(Time(SECOND + 40)), longest, "longer ones of the second before are forgotten");
        fullness.set(Time(SECOND + 50), 1, 1);
        assert_eq!(fullness.ended(Time(2 * SECOND)), longest);
        assert_eq!(fullness.ended(Time(4 * SECOND)), None);
    }

    #[test]
    fn what_is_down_is_not_full() {
        let mut fullness = Fullness::new(Time(0));
        fullness.set(Time(1), 0, 0);
        assert_eq!(fullness.since(), None);
    }
}
