//! The past, one column for every few pixels: ten thousand points cost no more to draw than a thousand.

use crate::host::{Point, SourcePoint};
use crate::measure::REASONS;

/// What is drawn of a run: a column for each stretch of the window that is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Mean over the column.
    pub offered: Vec<f32>,
    /// The least and the most of any point in it.
    pub offered_range: Vec<(f32, f32)>,
    /// Requests that succeeded per second, mean of its points.
    pub goodput: Vec<f32>,
    /// Mean by reason.
    pub failed: Vec<[f32; REASONS.len()]>,
    /// The worst of any point and source; endless where more than 5 % fail, NaN where nothing ended.
    pub p95: Vec<f32>,
}

/// One point, of a source or of all together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    pub offered: f32,
    pub goodput: f32,
    pub failed: [f32; REASONS.len()],
    pub p95: f32,
}

impl Sum {
    const NOTHING: Self = Self { offered: 0.0, goodput: 0.0, failed: [0.0; REASONS.len()], p95: f32::NAN };

    /// Of one source, or of all: rates add up, of latencies the worst is told.
    #[must_use]
    pub fn of(point: &Point, source: Option<usize>) -> Self {
        let mut sum = Self::NOTHING;
        let sources = match source {
            Some(index) => point.sources.get(index..=index).unwrap_or_default(),
            None => &point.sources,
        };
        for one in sources {
            sum.offered += one.offered_per_s;
            sum.goodput += one.succeeded_per_s;
            sum.failed.iter_mut().zip(one.failed_per_s).for_each(|(all, more)| *all += more);
            sum.p95 = sum.p95.max(p95(one));
        }
        sum
    }
}

/// Of all that ended, those that failed as endless: more than 5 % of them, and no time is long enough.
fn p95(of: &SourcePoint) -> f32 {
    let failed: f32 = of.failed_per_s.iter().sum();
    if failed > 0.05 * (failed + of.succeeded_per_s) { f32::INFINITY } else { of.p95_s }
}

impl Columns {
    /// `count` columns over a stretch (from when, and how long, seconds), of which those are filled that the points
    /// reach.
    #[must_use]
    pub fn new(points: &[Point], every_s: f64, stretch: (f64, f64), count: usize, source: Option<usize>) -> Self {
        let mut columns = Self::default();
        let (from_s, span_s) = stretch;
        if points.is_empty() || every_s <= 0.0 || span_s <= 0.0 || count == 0 {
            return columns;
        }
        let (skipped, per_column) = (from_s / every_s, span_s / every_s / count as f64);
        for column in 0..count {
            let first = (skipped + column as f64 * per_column) as usize;
            if first >= points.len() {
                break;
            }
            let end = ((skipped + (column + 1) as f64 * per_column) as usize).clamp(first + 1, points.len());
            columns.push(&points[first..end], source);
        }
        columns
    }

    fn push(&mut self, points: &[Point], source: Option<usize>) {
        let share = 1.0 / points.len() as f32;
        let (mut mean, mut range) = (Sum::NOTHING, (f32::INFINITY, 0.0_f32));
        for point in points {
            let sum = Sum::of(point, source);
            mean.offered += sum.offered * share;
            mean.goodput += sum.goodput * share;
            mean.failed.iter_mut().zip(sum.failed).for_each(|(all, more)| *all += more * share);
            mean.p95 = mean.p95.max(sum.p95);
            range = (range.0.min(sum.offered), range.1.max(sum.offered));
        }
        self.offered.push(mean.offered);
        self.offered_range.push(range);
        self.goodput.push(mean.goodput);
        self.failed.push(mean.failed);
        self.p95.push(mean.p95);
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offered.is_empty()
    }

    /// The highest of any column: offered, or what ended.
    #[must_use]
    pub fn peak(&self) -> f32 {
        self.heights().fold(0.0, f32::max)
    }

    /// What the scale shall hold: the peak, but for the odd column that stands alone, twice as high as all but one in
    /// fifty.
    #[must_use]
    pub fn ordinary_peak(&self) -> f32 {
        let mut heights: Vec<f32> = self.heights().collect();
        heights.sort_by(f32::total_cmp);
        let ordinary = heights.len().checked_sub(1).map_or(0.0, |last| heights[last - last / 50]);
        let peak = self.peak();
        if ordinary > 0.0 && peak > 2.0 * ordinary { ordinary * 1.2 } else { peak }
    }

    fn heights(&self) -> impl Iterator<Item = f32> {
        let ended = self.goodput.iter().zip(&self.failed).map(|(good, failed)| good + failed.iter().sum::<f32>());
        self.offered.iter().copied().zip(ended).map(|(offered, ended)| offered.max(ended))
    }

    /// The longest p95 of any column; 0 without any.
    #[must_use]
    pub fn worst_p95(&self) -> f32 {
        self.p95.iter().copied().filter(|p95| p95.is_finite()).fold(0.0, f32::max)
    }

    /// Which reasons there are.
    #[must_use]
    pub fn reasons(&self) -> [bool; REASONS.len()] {
        let mut there = [false; REASONS.len()];
        for failed in &self.failed {
            there.iter_mut().zip(failed).for_each(|(there, rate)| *there |= *rate > 0.0);
        }
        there
    }
}

/// The next round number from here up: 1, 2, 2.5, 5 times a power of ten.
#[must_use]
pub fn round_up(value: f32) -> f32 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f32.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|round| *round >= value * 0.999)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(rates: impl IntoIterator<Item = f32>) -> Vec<Point> {
        let source = |rate| SourcePoint {
            offered_per_s: rate,
            succeeded_per_s: rate,
            p95_s: f32::NAN,
            ..SourcePoint::default()
        };
        rates.into_iter().map(|rate| Point { sources: vec![source(rate), source(1.0)], subjects: Vec::new() }).collect()
    }

    #[test]
    fn many_points_become_few_columns_that_keep_mean_and_extremes() {
        let columns = Columns::new(&points((0..1_000).map(|i| (i % 10) as f32)), 1.0, (0.0, 1_000.0), 100, Some(0));
        assert_eq!(columns.offered.len(), 100);
        assert!(columns.offered.iter().all(|mean| (mean - 4.5).abs() < 1e-3), "{:?}", columns.offered);
        assert!(columns.offered_range.iter().all(|range| *range == (0.0, 9.0)));
    }

    #[test]
    fn few_points_fill_the_columns_they_cover_and_no_more() {
        let columns = Columns::new(&points([2.0, 4.0]), 10.0, (0.0, 100.0), 100, None);
        assert_eq!(columns.offered.len(), 20);
        assert_eq!((columns.offered[9], columns.offered[10]), (3.0, 5.0));
    }

    #[test]
    fn nothing_known_is_no_columns() {
        assert!(Columns::new(&[], 1.0, (0.0, 100.0), 100, None).is_empty());
        assert!(Columns::new(&points([1.0]), 0.0, (0.0, 100.0), 100, None).is_empty());
    }

    #[test]
    fn a_lone_peak_does_not_flatten_the_rest() {
        let rates = |high: f32| (0..500).map(move |i| if i == 250 { high } else { 100.0 });
        let of = |high| Columns::new(&points(rates(high)), 1.0, (0.0, 500.0), 500, Some(0));
        assert_eq!((of(150.0).ordinary_peak(), of(150.0).peak()), (150.0, 150.0));
        assert!((of(900.0).ordinary_peak() - 120.0).abs() < 1e-3 && of(900.0).peak() == 900.0);
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!([0.0, 0.9, 1.01, 130.0, 731.0].map(round_up), [1.0, 1.0, 1.5, 150.0, 800.0]);
    }
}
