//! Latencies counted in nanoseconds: a histogram for a whole run and a small sketch for one window of it.
//!
//! `Histogram` keeps 1024 buckets per octave (three significant digits) and merges exactly; its mean comes from the
//! exact sum. `Sketch` keeps 64 buckets per octave (relative error below 0.8 %, never above the longest) and stores
//! only those that are used, so thousands of windows fit in memory. Percentiles of nothing are absent, never zero.

/// Latencies of a whole run: 1024 buckets per octave. Empty, it owns no memory.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// As far as the longest.
    counts: Vec<u64>,
    len: u64,
    sum_nanos: u128,
    max_nanos: u64,
    min_nanos: u64,
}

impl Histogram {
    /// Count one latency.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        let bucket = bucket_of::<FINE>(nanos);
        if bucket >= self.counts.len() {
            self.reach(bucket, nanos);
        }
        self.counts[bucket] += 1;
        self.len += 1;
        self.sum_nanos += u128::from(nanos);
        self.max_nanos = self.max_nanos.max(nanos);
        self.min_nanos = self.min_nanos.min(nanos);
    }

    /// Makes room for buckets up to this one, a whole octave at a time.
    #[cold]
    #[inline(never)]
    fn reach(&mut self, bucket: usize, nanos: u64) {
        if self.is_empty() {
            self.min_nanos = nanos;
        }
        self.counts.resize(bucket / (1 << FINE) * (1 << FINE) + (1 << FINE), 0);
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.counts)
    }

    /// How many were counted.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Take in everything another one counted; exact and independent of order.
    pub fn merge(&mut self, other: &Histogram) {
        if other.is_empty() {
            return;
        }
        self.min_nanos = if self.is_empty() { other.min_nanos } else { self.min_nanos.min(other.min_nanos) };
        self.max_nanos = self.max_nanos.max(other.max_nanos);
        self.sum_nanos += other.sum_nanos;
        self.len += other.len;
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Mean in seconds, from the exact sum.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum_nanos as f64 / self.len() as f64 / 1e9)
    }

    /// Longest in seconds, exact.
    pub fn max(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.max_nanos as f64 / 1e9)
    }

    /// The latency in seconds that a share `q` (0..=1) did not exceed.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.quantile_among(q, self.len())
    }

    /// The same among `total` of which only those counted here ever got an answer: the others are infinitely late.
    /// Absent when the quantile falls among them, or when `total` is 0.
    pub fn quantile_among(&self, q: f64, total: u64) -> Option<f64> {
        let rank = rank(q, total);
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen >= rank
        };
        let bucket = self.counts.iter().position(reaches)?;
        let (low, width) = span_of::<FINE>(bucket);
        Some((low + width / 2).clamp(self.min_nanos, self.max_nanos) as f64 / 1e9)
    }

    /// How many no quantile would put above so many seconds, and how many none would put below or at them; those whose
    /// bucket the bound is in are neither.
    pub fn apart(&self, seconds: f64) -> (u64, u64) {
        let bound = seconds * 1e9;
        let (mut within, mut beyond) = (0, 0);
        for (bucket, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (low, width) = span_of::<FINE>(bucket);
            if ((low + width) as f64) < bound {
                within += count;
            } else if low as f64 > bound {
                beyond += count;
            }
        }
        (within, beyond)
    }
}

/// Position from 1 of the value at quantile `q` among `total` sorted ones.
pub fn rank(q: f64, total: u64) -> u64 {
    (libm::ceil(q * total as f64 - 1e-9) as u64).max(1)
}

/// Buckets per octave, as powers of two: of a whole run, and of one window.
const FINE: u32 = 10;
const COARSE: u32 = 6;

/// The bucket of a value where an octave has 2^`BITS` of them, and what lies below has one for each value.
#[inline(always)]
fn bucket_of<const BITS: u32>(nanos: u64) -> usize {
    let shift = (nanos | 1 << BITS).ilog2() - BITS;
    ((shift as usize) << BITS) + (nanos >> shift) as usize
}

/// The least value of a bucket, and how many values it stands for.
fn span_of<const BITS: u32>(bucket: usize) -> (u64, u64) {
    let shift = (bucket >> BITS).saturating_sub(1);
    (((bucket - (shift << BITS)) as u64) << shift, 1 << shift)
}

/// Latencies of one window: sorted (bucket, count).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    buckets: Vec<(u16, u32)>,
    len: u64,
    max_nanos: u64,
}

impl Sketch {
    /// Bytes of a copy beside its own size.
    pub fn footprint(&self) -> usize {
        self.buckets.len() * size_of::<(u16, u32)>()
    }

    /// Count one latency.
    pub fn record(&mut self, nanos: u64) {
        self.max_nanos = self.max_nanos.max(nanos);
        self.add(bucket_of::<COARSE>(nanos) as u16, 1);
    }

    fn add(&mut self, bucket: u16, count: u32) {
        self.len += u64::from(count);
        match self.buckets.binary_search_by_key(&bucket, |b| b.0) {
            Ok(i) => self.buckets[i].1 = self.buckets[i].1.saturating_add(count),
            Err(i) => self.buckets.insert(i, (bucket, count)),
        }
    }

    /// Forget them; the memory stays for the next.
    pub fn clear(&mut self) {
        self.buckets.clear();
        (self.len, self.max_nanos) = (0, 0);
    }

    /// Take in everything another one counted.
    pub fn merge(&mut self, other: &Sketch) {
        self.max_nanos = self.max_nanos.max(other.max_nanos);
        for &(bucket, count) in &other.buckets {
            self.add(bucket, count);
        }
    }

    /// The latency in seconds at quantile `q` among `total`, those not counted here being infinitely late.
    pub fn quantile_among(&self, q: f64, total: u64) -> Option<f64> {
        let rank = rank(q, total);
        let mut seen = 0;
        for &(bucket, count) in &self.buckets {
            seen += u64::from(count);
            if seen >= rank {
                return Some(middle_of(bucket).min(self.max_nanos as f64) / 1e9);
            }
        }
        None
    }

    /// The latency in seconds at quantile `q`.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.quantile_among(q, self.len)
    }

    /// Mean in seconds, as exact as the buckets.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.buckets.iter().map(|&(bucket, count)| middle_of(bucket) * f64::from(count)).sum();
        (self.len > 0).then(|| sum / self.len as f64 / 1e9)
    }
}

fn middle_of(bucket: u16) -> f64 {
    let (low, width) = span_of::<COARSE>(usize::from(bucket));
    low as f64 + (width as f64 - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_nothing_are_absent() {
        let h = Histogram::default();
        assert_eq!((h.mean(), h.quantile(0.5), h.max()), (None, None, None));
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    #[test]
    fn quantiles_keep_three_digits_and_the_mean_is_exact() {
        let mut h = Histogram::default();
        (1..=1000u64).for_each(|ms| h.record(ms * 1_000_000));
        assert!((h.quantile(0.95).unwrap() / 0.950 - 1.0).abs() < 1e-3);
        assert_eq!(h.mean(), Some(0.5005));
        assert_eq!(h.max(), Some(1.0));
    }

    #[test]
    fn merging_equals_recording_together_in_any_order() {
        let (mut a, mut b, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for i in 0..5000u64 {
            let v = i * i * 977 + 13;
            if i % 3 == 0 {
                a.record(v)
            } else {
                b.record(v)
            }
            both.record(v);
        }
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b);
        ba.merge(&a);
        for q in [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0] {
            assert_eq!(ab.quantile(q), both.quantile(q));
            assert_eq!(ba.quantile(q), both.quantile(q));
        }
        assert_eq!(ab.mean(), both.mean());
    }

    #[test]
    fn the_buckets_are_those_of_a_high_dynamic_range_histogram_with_three_digits() {
        let (mut ours, mut theirs) = (Histogram::default(), hdrhistogram::Histogram::<u64>::new(3).unwrap());
        for i in 0..20_000u64 {
            let nanos = crate::model::hash::derive(1, i) >> (i % 64);
            ours.record(nanos);
            theirs.record(nanos).unwrap();
        }
        assert_eq!(ours.len(), theirs.len());
        for rank in 1..=20_000 {
            let q = (f64::from(rank) - 0.5) / 20_000.0;
            let value = theirs.median_equivalent(theirs.value_at_quantile(q)).min(ours.max_nanos) as f64 / 1e9;
            assert_eq!(ours.quantile(q), Some(value), "{rank}");
        }
    }

    #[test]
    fn failures_are_infinitely_late() {
        let mut h = Histogram::default();
        (0..90).for_each(|_| h.record(1_000_000));
        assert!(h.quantile_among(0.9, 100).is_some());
        assert_eq!(h.quantile_among(0.91, 100), None);
    }

    #[test]
    fn a_sketch_that_was_cleared_begins_anew() {
        let mut sketch = Sketch::default();
        (1..=1000u64).for_each(|ms| sketch.record(ms * 1_000_000));
        let p95 = sketch.quantile(0.95).unwrap();
        assert!((p95 / 0.95 - 1.0).abs() < 0.009, "{p95}");
        sketch.clear();
        assert_eq!((sketch.quantile(0.95), sketch.mean()), (None, None));
        sketch.record(0);
        sketch.record(u64::MAX);
        assert!(sketch.quantile(1.0).unwrap() > 1e9);
    }

    #[test]
    fn no_quantile_of_a_sketch_is_above_the_longest() {
        let mut sketch = Sketch::default();
        [1_000_000, 4_194_305].into_iter().for_each(|nanos| sketch.record(nanos));
        assert_eq!(sketch.quantile(1.0), Some(0.004_194_305));
        let mut both = Sketch::default();
        both.merge(&sketch);
        assert_eq!(both.quantile(0.95), Some(0.004_194_305));
    }

    #[test]
    fn a_sketch_is_within_one_percent_and_contiguous() {
        let mut last = 0;
        for v in (0..200_000u64).chain((20..62).map(|e| (1 << e) + 12345)) {
            let b = bucket_of::<COARSE>(v) as u16;
            assert!(b == last || b == last + 1 || v >= 200_000, "{v}");
            last = b;
            if v > 0 {
                assert!((middle_of(b) / v as f64 - 1.0).abs() < 0.008, "{v} {}", middle_of(b));
            }
        }
    }
}
