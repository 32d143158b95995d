//! What was usual: the time before anything happened.

use super::counters::{Snapshot, Window};
use super::resources::WINDOW;
use crate::model::Model;
use crate::units::Time;
use std::collections::VecDeque;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
/// It is measured at most so long before and after time 0, seconds.
const BEFORE: i64 = 300;
const AFTER: i64 = 60;

/// First and last look of the time before anything happened.
#[derive(Clone, Debug)]
pub struct Baseline {
    looks: [Option<Arc<Snapshot>>; 2],
    /// When those are due at the latest.
    due: [Time; 2],
    over: bool,
}

impl Baseline {
    /// Of a run that has not begun: half of the warm-up fills the system; the crowd's first tenth more ends it.
    pub fn new(model: &Model) -> Self {
        let quiet_until = model.sources.iter().map(|s| first_change(&s.profile.points)).min().unwrap_or(i64::MAX);
        let due =
            [Time(-(model.warm_up.0 / 2).min(BEFORE * SECOND)), Time(quiet_until.clamp(10 * SECOND, AFTER * SECOND))];
        Self { looks: [None, None], due, over: false }
    }

    /// A look was taken.
    pub fn begin(&mut self, look: &Arc<Snapshot>) {
        if look.at >= self.due[0] {
            self.looks[0].get_or_insert_with(|| look.clone());
        }
    }

    /// It ends some seconds before anything happens: a rule acts, something dies or fails.
    pub fn look(&mut self, history: &VecDeque<Arc<Snapshot>>, happened: bool) {
        let (Some(last), Some(first)) = (history.back(), &self.looks[0]) else { return };
        if self.over {
            return;
        }
        if happened && last.at <= Time(0) {
            // There is time for another beginning.
            self.looks = [None, None];
            return;
        }
        self.over = happened || last.at >= self.due[1];
        let earlier = history.iter().nth_back(WINDOW).filter(|earlier| !happened && earlier.at > first.at);
        if let Some(earlier) = earlier {
            self.looks[1] = Some(earlier.clone());
        }
    }

    /// What there is of it.
    pub fn window(&self) -> Option<Window<'_>> {
        match &self.looks {
            [Some(old), Some(new)] if old.at < new.at => Some(Window { old, new }),
            [..] => None,
        }
    }
}

/// When a profile first leaves its value at time 0 by a tenth, nanoseconds.
fn first_change(points: &[(Time, f64)]) -> i64 {
    let Some(&(_, base)) = points.first() else { return i64::MAX };
    let far = |value: f64| (value - base).abs() > 0.1 * base.abs();
    let mut last = points[0];
    for &(at, value) in points {
        if far(value) {
            let share = if value == last.1 { 1.0 } else { (0.1 * base.abs() / (value - last.1).abs()).min(1.0) };
            return last.0.0 + ((at.0 - last.0.0) as f64 * share) as i64;
        }
        last = (at, value);
    }
    i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quiet_time_ends_where_the_crowd_has_grown_by_a_tenth() {
        let s = |t: i64| Time(t * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0), (s(100), 10.0), (s(200), 110.0)]), 101 * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0), (s(50), 10.0), (s(50), 100.0)]), 50 * SECOND);
        assert_eq!(first_change(&[(s(0), 10.0)]), i64::MAX);
    }
}
