//! Changes take a moment: every figure that is drawn nears what it should be, quickly at first.

use crate::lab::theme::CHANGE_S;
use std::collections::HashMap;

/// Figures on their way, by a key of whoever draws them.
#[derive(Debug, Default)]
pub(super) struct Ease {
    values: HashMap<u64, Value>,
    /// Share of the rest of the way that is gone in this picture.
    step: f32,
    turn: u32,
    /// Something is still on its way.
    pub busy: bool,
}

#[derive(Clone, Copy, Debug)]
struct Value {
    now: f32,
    turn: u32,
}

/// A key of what kind of figure, of what.
pub(super) const fn key(kind: u8, of: u32, part: u8) -> u64 {
    (kind as u64) << 48 | (part as u64) << 40 | of as u64
}

impl Ease {
    /// A new picture, so long after the last.
    pub fn turn(&mut self, seconds: f32) {
        // After CHANGE_S 95 % of a change is done.
        self.step = 1.0 - (-3.0 * seconds.max(0.0) / CHANGE_S).exp();
        self.busy = false;
        self.turn = self.turn.wrapping_add(1);
        if self.turn.is_multiple_of(512) {
            let turn = self.turn;
            self.values.retain(|_, value| turn.wrapping_sub(value.turn) < 256);
        }
    }

    /// Where the figure is on its way to `goal`; what is new begins at `first`. `near`: closer than this it has
    /// arrived.
    pub fn from(&mut self, key: u64, first: f32, goal: f32, near: f32) -> f32 {
        let value = self.values.entry(key).or_insert(Value { now: first, turn: self.turn });
        // What was out of sight for long does not tell how it got here.
        if self.turn.wrapping_sub(value.turn) > 2 {
            value.now = goal;
        }
        value.turn = self.turn;
        value.now += (goal - value.now) * self.step;
        if (goal - value.now).abs() <= near {
            value.now = goal;
        } else {
            self.busy = true;
        }
        value.now
    }

    /// A share between 0 and 1; what is new is where it should be.
    pub fn share(&mut self, key: u64, goal: f32) -> f32 {
        self.from(key, goal, goal, 0.004)
    }

    /// A distance in units of the canvas; what is new is where it should be.
    pub fn place(&mut self, key: u64, goal: f32) -> f32 {
        self.from(key, goal, goal, 0.25)
    }

    /// Forget everything: another scenario.
    pub fn clear(&mut self) {
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_all_but_done_after_its_time_whatever_the_frame_rate() {
        for frames in [3_u8, 11, 60] {
            let mut ease = Ease::default();
            ease.turn(0.0);
            assert_eq!(ease.share(1, 0.0), 0.0);
            let mut now = 0.0;
            for _ in 0..frames {
                ease.turn(CHANGE_S / f32::from(frames));
                now = ease.share(1, 1.0);
            }
            assert!((0.94..0.96).contains(&now), "{frames} frames: {now}");
            assert!(ease.busy);
            ease.turn(1.0);
            assert_eq!(ease.share(1, 1.0), 1.0);
            assert!(!ease.busy);
        }
    }

    #[test]
    fn what_is_new_may_grow_from_nothing() {
        let mut ease = Ease::default();
        ease.turn(0.0);
        assert_eq!(ease.from(7, 0.0, 1.0, 0.01), 0.0);
        ease.turn(0.06);
        let half = ease.from(7, 0.0, 1.0, 0.01);
        assert!((0.5..0.8).contains(&half), "{half}");
    }
}
