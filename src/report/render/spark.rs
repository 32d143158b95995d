//! A row of bars one character high.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// `points` brought to `columns` values, each the mean of the points it covers (parts of points count in part).
/// Absent points count for nothing; a column of nothing but absent points is absent.
pub fn resample(points: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    let step = points.len() as f64 / columns as f64;
    let column = |c: usize| {
        let (from, to) = (c as f64 * step, (c + 1) as f64 * step);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (i, point) in points.iter().enumerate().skip(from as usize).take_while(|(i, _)| (*i as f64) < to) {
            let covered = (to.min(i as f64 + 1.0) - from.max(i as f64)).max(0.0);
            if let Some(value) = point {
                sum += value * covered;
                weight += covered;
            }
        }
        (weight > 0.0).then(|| sum / weight)
    };
    (0..columns).map(column).collect()
}

/// `points` brought to `columns` values, each the most of the points it covers: of percentiles, that have no mean, and
/// of what is a maximum itself.
pub fn peaks(points: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    let step = points.len() as f64 / columns as f64;
    let column = |c: usize| {
        let (from, to) = (c as f64 * step + 1e-9, (c + 1) as f64 * step - 1e-9);
        let covered = points.iter().skip(from as usize).take((to as usize + 1).saturating_sub(from as usize));
        covered.flatten().copied().reduce(f64::max)
    };
    (0..columns).map(column).collect()
}

/// Points that may be absent.
pub fn wide(points: &[Option<f32>]) -> Vec<Option<f64>> {
    points.iter().map(|point| point.map(f64::from)).collect()
}

/// Bars from 0 to `top`; nothing at all is a blank, something is at least the lowest bar.
pub fn bars(values: &[Option<f64>], top: f64) -> String {
    values
        .iter()
        .map(|value| match value {
            Some(v) if *v > 0.0 && top > 0.0 => BARS[((v / top * 8.0).ceil() as usize).clamp(1, 8) - 1],
            Some(_) | None => ' ',
        })
        .collect()
}

/// The largest of the values that are there, 0 of none.
pub fn top(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().copied().fold(0.0, f64::max)
}

/// A round distance between ticks so that at most `most` fit into `length` seconds.
pub fn tick(length: f64, most: usize) -> f64 {
    const ROUND: [f64; 20] = [
        0.001, 0.01, 0.1, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0,
        14_400.0, 43_200.0, 86_400.0, 604_800.0,
    ];
    let least = length / most.max(1) as f64;
    ROUND.into_iter().find(|r| *r >= least).unwrap_or((least / 604_800.0).ceil() * 604_800.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn resampling_keeps_the_mean() {
        assert_eq!(resample(&some(&[1.0, 3.0, 5.0, 7.0]), 2), some(&[2.0, 6.0]));
        assert_eq!(resample(&some(&[1.0, 2.0]), 4), some(&[1.0, 1.0, 2.0, 2.0]));
        let thirds = resample(&some(&[0.0, 6.0, 12.0, 18.0]), 3);
        assert!((thirds.iter().flatten().sum::<f64>() / 3.0 - 9.0).abs() < 1e-12);
        assert_eq!(resample(&[None, None, Some(4.0), None], 2), [None, Some(4.0)]);
        assert_eq!(resample(&[], 2), [None, None]);
    }

    #[test]
    fn peaks_lose_no_maximum() {
        assert_eq!(peaks(&some(&[1.0, 3.0, 5.0, 7.0]), 2), some(&[3.0, 7.0]));
        assert_eq!(peaks(&some(&[1.0, 2.0]), 4), some(&[1.0, 1.0, 2.0, 2.0]));
        assert_eq!(peaks(&some(&[0.0, 6.0, 12.0, 18.0]), 3), some(&[6.0, 12.0, 18.0]));
        assert_eq!(peaks(&[None, None, Some(4.0), None], 2), [None, Some(4.0)]);
        assert_eq!(peaks(&[], 2), [None, None]);
        for (points, columns) in [(1023, 56), (900, 56), (7, 3), (120, 240)] {
            let values: Vec<f64> = (0..points).map(|i| f64::from(i * 7919 % 1013)).collect();
            let most = values.iter().copied().fold(0.0, f64::max);
            assert_eq!(top(&peaks(&some(&values), columns)), most);
        }
    }

    #[test]
    fn bars_start_at_zero_and_something_is_never_nothing() {
        assert_eq!(bars(&some(&[0.0, 0.001, 50.0, 100.0]), 100.0), " ▁▄█");
        assert_eq!(bars(&some(&[0.0]), 0.0), " ");
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            [tick(5_400.0, 5), tick(7_200.0, 6), tick(60.0, 6), tick(3e9, 5)],
            [1_200.0, 1_200.0, 10.0, 600_566_400.0]
        );
    }
}
