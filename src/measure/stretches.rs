//! In which stretches a resource was full of late: exact times, as the engine saw them.

use crate::engine::ResourceView;
use crate::units::Time;
use std::collections::VecDeque;

/// Stretches are forgotten after so long, nanoseconds.
const KEPT: i64 = 61 * 1_000_000_000;

/// The one that goes on, and of each second the longest that ended in it.
#[derive(Clone, Debug, Default)]
pub struct Stretches {
    since: Option<Time>,
    ended: VecDeque<[Time; 2]>,
}

impl Stretches {
    /// Look once a second.
    pub fn look(&mut self, view: &ResourceView, now: Time) {
        self.since = view.full_since;
        self.ended.extend(view.was_full);
        while self.ended.front().is_some_and(|stretch| now.0 - stretch[1].0 > KEPT) {
            self.ended.pop_front();
        }
    }

    fn all(&self, now: Time) -> impl Iterator<Item = [Time; 2]> + '_ {
        self.ended.iter().copied().chain(self.since.map(|since| [since, now]))
    }

    /// When the first stretch began that reaches into this span.
    pub fn begin(&self, span: [Time; 2], now: Time) -> Option<Time> {
        self.all(now).filter(|stretch| meet(*stretch, span)).map(|stretch| stretch[0]).min()
    }

    /// When the last stretch ended that reaches into this span.
    pub fn end(&self, span: [Time; 2], now: Time) -> Option<Time> {
        self.all(now).filter(|stretch| meet(*stretch, span)).map(|stretch| stretch[1]).max()
    }

    /// When the stretch ended that went on at a time.
    pub fn end_of(&self, at: Time, now: Time) -> Option<Time> {
        self.all(now).find(|stretch| stretch[0] <= at && at < stretch[1]).map(|stretch| stretch[1])
    }

    /// The share of a span that they are known to cover; of an instant, whether they cover it.
    pub fn share(&self, span: [Time; 2], now: Time) -> f64 {
        let length = span[1].0 - span[0].0;
        if length <= 0 {
            let there = self.all(now).any(|stretch| stretch[0] <= span[0] && span[0] <= stretch[1]);
            return f64::from(u8::from(there));
        }
        self.all(now).map(|stretch| overlap(stretch, span)).sum::<i64>() as f64 / length as f64
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.ended.len() * size_of::<[Time; 2]>()
    }
}

fn meet(a: [Time; 2], b: [Time; 2]) -> bool {
    a[0] <= b[1] && b[0] <= a[1]
}

fn overlap(a: [Time; 2], b: [Time; 2]) -> i64 {
    (a[1].0.min(b[1].0) - a[0].0.max(b[0].0)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_covered_by_what_ended_and_by_what_goes_on() {
        let known =
            Stretches { since: Some(Time(80)), ended: VecDeque::from([[Time(10), Time(20)], [Time(40), Time(50)]]) };
        assert_eq!(known.share([Time(0), Time(100)], Time(100)), 0.4);
        assert_eq!(known.share([Time(15), Time(15)], Time(100)), 1.0);
        assert_eq!(known.share([Time(30), Time(30)], Time(100)), 0.0);
        assert_eq!(known.begin([Time(15), Time(45)], Time(100)), Some(Time(10)));
        assert_eq!(known.end([Time(15), Time(45)], Time(100)), Some(Time(50)));
        assert_eq!(known.begin([Time(21), Time(39)], Time(100)), None);
    }
}
