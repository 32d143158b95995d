//! When something is saturated: its 10 s mean decides whether, the engine's own stretches when.

use crate::units::Time;

/// In use to this share over the window, with somebody waiting.
pub const SATURATED: f64 = 0.95;
const CLEAR: f64 = 0.85;

/// Whether, since when and until when something is saturated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Detector {
    /// The last time it was, or is: when it filled and when last there was room.
    span: Option<[Time; 2]>,
    on: bool,
    /// First time saturated, not before 0.
    pub first: Option<Time>,
    total_nanos: i64,
}

impl Detector {
    /// Judge the mean of the last seconds; `blocked`: somebody waited or was turned away in them; `begun`: when it
    /// filled; `full`: until when it was full in the last second, if it was.
    pub fn look(
        &mut self,
        utilization: Option<f64>,
        blocked: bool,
        begun: impl Fn() -> Time,
        full: Option<Time>,
        now: Time,
    ) {
        match (self.on, utilization) {
            (false, Some(u)) if u >= SATURATED && blocked => {
                let from = begun();
                self.on = true;
                self.span = Some([from, full.unwrap_or(now)]);
                if now > Time(0) {
                    self.first.get_or_insert(from.max(Time(0)));
                }
            }
            (true, u) if u.is_none_or(|u| u < CLEAR) || !blocked => {
                if let Some([since, until]) = self.span {
                    self.total_nanos += (until.0 - since.0.max(0)).max(0);
                }
                self.on = false;
            }
            (true, _) => {
                if let (Some(span), Some(until)) = (&mut self.span, full) {
                    span[1] = until;
                }
                if now > Time(0) {
                    self.first.get_or_insert(Time(0));
                }
            }
            (false, _) => {}
        }
    }

    /// Saturated since, if it is.
    pub fn since(&self) -> Option<Time> {
        self.span.filter(|_| self.on).map(|span| span[0])
    }

    /// When there was room again, the last time.
    pub fn until(&self) -> Option<Time> {
        self.span.map(|span| span[1])
    }

    /// Seconds saturated from time 0 to `now`.
    pub fn seconds(&self, now: Time) -> f64 {
        let current = self.since().map_or(0, |since| (now.0 - since.0.max(0)).max(0));
        (self.total_nanos + current) as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    #[test]
    fn saturation_lasts_from_when_it_filled_until_there_was_room() {
        let mut d = Detector::default();
        d.look(Some(0.99), false, || s(0), Some(s(10)), s(10));
        assert_eq!(d.since(), None, "busy without anybody waiting is full use, not saturation");
        d.look(Some(0.96), true, || s(1), Some(s(11)), s(11));
        d.look(Some(0.90), true, || s(2), Some(Time(11_300_000_000)), s(12));
        assert_eq!(d.since(), Some(s(1)));
        d.look(Some(0.86), false, || s(10), None, s(19));
        d.look(Some(0.80), false, || s(10), None, s(20));
        let until = Time(11_300_000_000);
        assert_eq!((d.since(), d.until(), d.first, d.seconds(s(30))), (None, Some(until), Some(s(1)), 10.3));
    }

    #[test]
    fn warm_up_does_not_count() {
        let mut d = Detector::default();
        d.look(Some(1.0), true, || s(-20), Some(s(-10)), s(-10));
        assert_eq!(d.first, None);
        d.look(Some(1.0), true, || s(-5), Some(s(5)), s(5));
        assert_eq!((d.first, d.seconds(s(5))), (Some(s(0)), 5.0));
        d.look(None, false, || s(0), None, s(10));
        assert_eq!(d.since(), None, "what is down is not saturated");
    }
}
