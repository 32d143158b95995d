//! A rate or population over time as straight pieces.

use crate::scenario;
use crate::scenario::profile_points::{LAST_HALF_LIFE, PIECES, days, doublings};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// Breakpoints (time, value), linear between, constant before the first and after the last; a jump is two points at one
/// time. Exponential pieces (the decay of a flash, doubling) are cut into 16 straight ones per half-life: the relative
/// error is below (ln 2 / 16)² / 8 < 3e-4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// At least one, in order of time.
    pub points: Vec<(Time, f64)>,
}

impl Profile {
    /// The straight pieces of a profile until `horizon`; `base` reads its values in base units.
    pub(super) fn new<V: scenario::Level>(
        profile: &scenario::Profile<V>,
        horizon: Span,
        base: &impl Fn(&V) -> f64,
    ) -> Self {
        use scenario::Profile as P;
        let points = match profile {
            P::Constant(value) => vec![(Time(0), base(value))],
            P::Ramp { from, to, at, over } => {
                vec![(Time(at.0), base(from)), (Time(at.0.saturating_add(over.0)), base(to))]
            }
            P::Stages { start, stages } => {
                let mut time = 0i64;
                let mut points = vec![(Time(0), base(start))];
                for (span, target) in stages {
                    time = time.saturating_add(span.0);
                    points.push((Time(time), base(target)));
                }
                points
            }
            P::Flash { base: low, peak, at, rise, half_life } => {
                let (low, peak) = (base(low), base(peak));
                let top = at.0.saturating_add(rise.0);
                let mut points = vec![(Time(at.0), low), (Time(top), peak)];
                for piece in 1..=PIECES * LAST_HALF_LIFE {
                    let halves = f64::from(piece) / f64::from(PIECES);
                    let time = Time(top.saturating_add((halves * half_life.0 as f64) as i64));
                    points.push((time, low + (peak - low) * libm::exp2(-halves)));
                }
                points
            }
            P::Doubling { from, every, until } => {
                let from = base(from);
                let end = until.unwrap_or(horizon).min(horizon);
                (0..=doublings(*every, end))
                    .map(|piece| {
                        let time = (piece as f64 / f64::from(PIECES) * every.0 as f64).min(end.0 as f64);
                        (Time(time as i64), from * libm::exp2(time / every.0.max(1) as f64))
                    })
                    .collect()
            }
            P::Daily { low, high, peak, period } => {
                let (middle, half) = (f64::midpoint(base(low), base(high)), (base(high) - base(low)) / 2.0);
                let (days, pieces) = days(*period, horizon);
                let period = period.0.max(1) as f64;
                (0..=days * u64::from(pieces))
                    .map(|piece| {
                        let time = piece as f64 / f64::from(pieces) * period;
                        let angle = core::f64::consts::TAU * ((time - peak.0 as f64) / period);
                        (Time(time as i64), (middle + half * libm::cos(angle)).max(0.0))
                    })
                    .collect()
            }
            P::Trace(csv) => csv.points().iter().map(|(time, value)| (Time(time.0), base(value))).collect(),
            P::Shift(by, of) => {
                let rest = Span(horizon.0.saturating_sub(by.0).max(0));
                Self::new(of, rest, base)
                    .points
                    .into_iter()
                    .map(|(time, value)| (Time(time.0.saturating_add(by.0)), value))
                    .collect()
            }
            P::Sum(parts) => {
                let parts: Vec<Self> = parts.iter().map(|part| Self::new(part, horizon, base)).collect();
                return Self::sum(&parts);
            }
            P::Scale(factor, of) => {
                Self::new(of, horizon, base).points.into_iter().map(|(time, value)| (time, value * factor)).collect()
            }
        };
        Self { points }
    }

    /// Pieces that add up, jumps included: two and two, so that many take no more work each than few.
    fn sum(parts: &[Self]) -> Self {
        match parts {
            [] => Self { points: vec![(Time(0), 0.0)] },
            [one] => one.clone(),
            parts => {
                let (some, others) = parts.split_at(parts.len().div_ceil(2));
                Self::sum(some).plus(&Self::sum(others))
            }
        }
    }

    /// Both, at each time of either.
    fn plus(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (Steps::of(self), Steps::of(other));
        let mut points = Vec::with_capacity(self.points.len() + other.points.len());
        while let Some(time) = [mine.next(), theirs.next()].into_iter().flatten().min() {
            let ((before, after), (low, high)) = (mine.sides(time), theirs.sides(time));
            points.push((time, before + low));
            if after + high != before + low {
                points.push((time, after + high));
            }
        }
        Self { points }
    }

    /// The value at a time (after a jump there).
    #[must_use]
    pub fn value(&self, time: Time) -> f64 {
        self.within(self.points.partition_point(|(at, _)| *at <= time), time)
    }

    /// The value at a time before point `next`, and not before the one in front of it.
    fn within(&self, next: usize, time: Time) -> f64 {
        if next == 0 {
            return self.points[0].1;
        }
        let (from, low) = self.points[next - 1];
        let Some(&(to, high)) = self.points.get(next) else { return low };
        low + (high - low) * ((time.0 - from.0) as f64 / (to.0 - from.0) as f64)
    }

    /// The highest value from time 0 on.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.points.iter().filter(|(time, _)| time.0 >= 0).map(|(_, value)| *value).fold(self.value(Time(0)), f64::max)
    }

    /// It is the same at all times.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.points.iter().all(|(_, value)| *value == self.points[0].1)
    }

    /// The value before anything changes.
    #[must_use]
    pub fn initial(&self) -> f64 {
        self.points[0].1
    }

    /// ∫ value dt in value-seconds.
    #[must_use]
    pub fn integral(&self, from: Time, to: Time) -> f64 {
        let mut area = 0.0;
        let mut at = from;
        let mut next = self.points.partition_point(|(time, _)| *time <= from);
        while at < to {
            let end = self.points.get(next).map_or(to, |(time, _)| (*time).min(to));
            if end > at {
                let (low, high) = self.ends(next, at, end);
                area += (low + high) / 2.0 * seconds(at, end);
            }
            at = end;
            next += 1;
        }
        area
    }

    /// The values at two times inside the piece before point `next`.
    fn ends(&self, next: usize, from: Time, to: Time) -> (f64, f64) {
        if next == 0 {
            return (self.points[0].1, self.points[0].1);
        }
        let (start, low) = self.points[next - 1];
        let Some(&(end, high)) = self.points.get(next) else { return (low, low) };
        let slope = (high - low) / seconds(start, end);
        (low + slope * seconds(start, from), low + slope * seconds(start, to))
    }

    /// When the integral from `from` reaches `area` (value-seconds): exact on each straight piece; none if it never
    /// does. `cursor` remembers the piece, so that a source that only moves forward finds it at once.
    #[inline]
    #[must_use]
    pub fn advance(&self, from: Time, area: f64, cursor: &mut u32) -> Option<Time> {
        if let [(_, value)] = self.points[..] {
            return if value > 0.0 { later(from, area / value) } else { None };
        }
        let mut next = *cursor as usize;
        if next > self.points.len() || (next > 0 && self.points[next - 1].0 > from) {
            next = 0;
        }
        while self.points.get(next).is_some_and(|(time, _)| *time <= from) {
            next += 1;
        }
        let mut at = from;
        let mut left = area;
        loop {
            *cursor = next as u32;
            let Some(&(end, _)) = self.points.get(next) else {
                let value = self.points[next - 1].1;
                return if value > 0.0 { later(at, left / value) } else { None };
            };
            let (low, high) = self.ends(next, at, end);
            let span = seconds(at, end);
            let whole = (low + high) / 2.0 * span;
            if whole >= left && whole > 0.0 {
                // low x + slope x² / 2 = left, in the form that does not cancel.
                let slope = (high - low) / span;
                let root = (low * low + 2.0 * slope * left).max(0.0).sqrt();
                return later(at, 2.0 * left / (low + root));
            }
            left -= whole;
            at = end;
            next += 1;
            while self.points.get(next).is_some_and(|(time, _)| *time <= at) {
                next += 1;
            }
        }
    }
}

/// Goes along a profile, from one of its times to a later one.
struct Steps<'a> {
    profile: &'a Profile,
    at: usize,
}

impl<'a> Steps<'a> {
    fn of(profile: &'a Profile) -> Self {
        Self { profile, at: 0 }
    }

    /// The time of the next point.
    fn next(&self) -> Option<Time> {
        self.profile.points.get(self.at).map(|(time, _)| *time)
    }

    /// The values just before and just after a time, whose points are behind now.
    fn sides(&mut self, time: Time) -> (f64, f64) {
        let points = &self.profile.points;
        let from = self.at;
        while points.get(self.at).is_some_and(|(at, _)| *at == time) {
            self.at += 1;
        }
        match &points[from..self.at] {
            [] => {
                let value = self.profile.within(self.at, time);
                (value, value)
            }
            [(_, first), .., (_, last)] => (*first, *last),
            [(_, only)] => (*only, *only),
        }
    }
}

fn seconds(from: Time, to: Time) -> f64 {
    (to.0 - from.0) as f64 * 1e-9
}

/// A time so many seconds later, or none beyond three centuries.
#[inline]
fn later(from: Time, seconds: f64) -> Option<Time> {
    let nanos = seconds * 1e9;
    (nanos < 9e18 - from.0 as f64).then(|| Time(from.0.saturating_add(nanos as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn ramp() -> Profile {
        Profile {
            points: vec![
                (Time(0), 10.0),
                (Time(10 * SECOND), 30.0),
                (Time(10 * SECOND), 5.0),
                (Time(20 * SECOND), 5.0),
            ],
        }
    }

    #[test]
    fn advance_is_the_inverse_of_the_integral() {
        let profile = ramp();
        for from in [-5, 0, 3, 9, 10, 15, 30] {
            for area in [0.1, 1.0, 50.0, 230.0, 1000.0] {
                let from = Time(from * SECOND);
                let to = profile.advance(from, area, &mut 0).expect("it never stops");
                assert!((profile.integral(from, to) / area - 1.0).abs() < 1e-6, "{from:?} + {area} → {to:?}");
            }
        }
    }

    #[test]
    fn a_profile_that_ends_has_no_next_arrival() {
        let profile = Profile { points: vec![(Time(0), 1.0), (Time(SECOND), 0.0)] };
        assert_eq!(profile.advance(Time(0), 0.6, &mut 0), None);
    }

    #[test]
    fn a_flash_decays_by_half_in_a_half_life() {
        let flash = scenario::Profile::Flash {
            base: scenario::Count(10.0),
            peak: scenario::Count(110.0),
            at: Span(SECOND),
            rise: Span(SECOND),
            half_life: Span(100 * SECOND),
        };
        let profile = Profile::new(&flash, Span(3600 * SECOND), &|value: &scenario::Count| value.0);
        assert!((profile.value(Time(102 * SECOND)) - 60.0).abs() < 0.02);
        assert_eq!(profile.peak(), 110.0);
    }

    #[test]
    fn a_day_has_its_peak_its_night_and_its_mean() {
        let rate = scenario::Count;
        let hour = 3600 * SECOND;
        let daily = scenario::Profile::Daily {
            low: rate(10.0),
            high: rate(110.0),
            peak: Span(20 * hour),
            period: Span(24 * hour),
        };
        let profile = Profile::new(&daily, Span(72 * hour), &|value: &scenario::Count| value.0);
        for (at, value) in [(20, 110.0), (8, 10.0), (14, 60.0), (44, 110.0), (56, 10.0)] {
            assert!(
                (profile.value(Time(at * hour)) - value).abs() < 0.02,
                "at {at} h: {}",
                profile.value(Time(at * hour))
            );
        }
        for from in [0, 24, 48] {
            let day = profile.integral(Time(from * hour), Time((from + 24) * hour));
            assert!((day / (60.0 * 86_400.0) - 1.0).abs() < 1e-9, "{day}");
        }
        // The area under the rising half is that under the cosine: mean ± amplitude · 2/π at most.
        let half = profile.integral(Time(14 * hour), Time(26 * hour));
        let exact = (60.0 + 50.0 * 2.0 / core::f64::consts::PI) * 43_200.0;
        assert!((half / exact - 1.0).abs() < 1e-4, "{half} of {exact}");
    }

    #[test]
    fn a_shifted_profile_comes_later_and_a_trace_is_straight_between_its_points() {
        let trace =
            scenario::Profile::Trace(scenario::csv::Csv::parse("0,5\n10s,15\n10,30\n20,0\n").expect("a series"));
        let shifted = scenario::Profile::Shift(Span(100 * SECOND), Box::new(trace));
        let profile = Profile::new(&shifted, Span(3600 * SECOND), &|value: &scenario::Count| value.0);
        for (at, value) in [(0, 5.0), (99, 5.0), (105, 10.0), (110, 30.0), (115, 15.0), (500, 0.0)] {
            assert_eq!(profile.value(Time(at * SECOND)), value, "at {at} s");
        }
    }

    #[test]
    fn a_sum_adds_at_every_time() {
        let sum = Profile::sum(&[ramp(), Profile { points: vec![(Time(5 * SECOND), 1.0), (Time(15 * SECOND), 3.0)] }]);
        for at in [-1, 0, 4, 5, 9, 10, 12, 15, 25] {
            let time = Time(at * SECOND);
            let expected = ramp().value(time)
                + Profile { points: vec![(Time(5 * SECOND), 1.0), (Time(15 * SECOND), 3.0)] }.value(time);
            assert!((sum.value(time) - expected).abs() < 1e-9, "at {at}");
        }
    }
}
