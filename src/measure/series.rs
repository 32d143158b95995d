//! Figures over time in bounded memory: a point per second at first; when they grow too many, neighbours are merged and
//! each point stands for twice the time.

/// A point that can take in its later neighbour.
pub trait Merge: Default + Clone {
    /// Take in the neighbour's figures.
    fn merge(&mut self, later: &Self);
}

/// Points from time 0 on, each `every` seconds long.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<T> {
    every: u64,
    limit: usize,
    points: Vec<T>,
}

impl<T: Merge> Series<T> {
    /// Points of `every` whole seconds (at least 1), at most `limit` (at least 2) of them.
    pub fn new(every: u64, limit: usize) -> Self {
        Series { every: every.max(1), limit: limit.max(2), points: Vec::new() }
    }

    /// Bytes of a copy, with what `of` says a point has elsewhere.
    pub fn footprint(&self, of: impl Fn(&T) -> usize) -> usize {
        size_of::<Self>() + self.points.iter().map(|point| size_of::<T>() + of(point)).sum::<usize>()
    }

    /// Seconds a point stands for.
    pub fn every(&self) -> u64 {
        self.every
    }

    /// The points so far; point i covers `[i * every, (i + 1) * every)` seconds.
    pub fn points(&self) -> &[T] {
        &self.points
    }

    /// The point that covers this second, made if it is not there yet.
    #[inline]
    pub fn at(&mut self, second: u64) -> &mut T {
        let index = if self.every == 1 { second } else { second / self.every } as usize;
        if index >= self.points.len() {
            return self.made(second);
        }
        &mut self.points[index]
    }

    #[cold]
    fn made(&mut self, second: u64) -> &mut T {
        while second / self.every >= self.limit as u64 {
            self.halve();
        }
        let index = (second / self.every) as usize;
        if index >= self.points.len() {
            self.points.resize(index + 1, T::default());
        }
        &mut self.points[index]
    }

    /// The same figures in points `every` seconds long; `every` must be a multiple by a power of two.
    pub fn coarser(&self, every: u64) -> Series<T> {
        let mut copy = self.clone();
        while copy.every < every {
            copy.halve();
        }
        copy
    }

    /// Add empty points up to this number.
    pub fn lengthen(&mut self, points: usize) {
        if self.points.len() < points.min(self.limit) {
            self.points.resize(points.min(self.limit), T::default());
        }
    }

    fn halve(&mut self) {
        self.every *= 2;
        self.points = self
            .points
            .chunks(2)
            .map(|pair| {
                let mut first = pair[0].clone();
                if let Some(second) = pair.get(1) {
                    first.merge(second);
                }
                first
            })
            .collect();
    }
}

/// A mean that can be merged: sum and number of readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    /// Take in one reading.
    pub fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    /// The mean, absent without readings.
    pub fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

impl Merge for Mean {
    fn merge(&mut self, later: &Mean) {
        self.sum += later.sum;
        self.count += later.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_stays_bounded_and_loses_nothing() {
        let mut s = Series::<Mean>::new(1, 8);
        (0..1000).for_each(|t| s.at(t).add(t as f64));
        assert!(s.points().len() <= 8);
        assert_eq!(s.every(), 128);
        assert_eq!(s.points().iter().map(|m| m.count).sum::<u32>(), 1000);
        assert_eq!(s.points()[0].get(), Some(63.5));
    }

    #[test]
    fn an_unread_point_has_no_mean() {
        let mut s = Series::<Mean>::new(1, 8);
        s.at(3).add(1.0);
        assert_eq!(s.points()[0].get(), None);
    }
}
