//! Keys and stores, compiled.
use super::{KeyId, OperationId, Pc};
pub use crate::scenario::Evict;
use serde::{Deserialize, Serialize};

/// What requests are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    pub name: String,
    pub law: Law,
    /// Hash of the name.
    pub key: u64,
}

/// How a key is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Law {
    Zipf(Zipf),
    Uniform(u32),
    /// Who asks.
    User,
}

/// The law of Zipf on 1..=n by rejection-inversion: no table, a bounded mean number of tries for every n and s.
/// Hörmann & Derflinger, Rejection-inversion to generate variates from monotone discrete distributions, ACM TOMACS 6
/// (1996).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zipf {
    pub n: u32,
    pub s: f64,
    low: f64,
    high: f64,
    squeeze: f64,
}

impl Zipf {
    /// The law with exponent `s` on 1..=`n`.
    #[must_use]
    pub fn new(n: u32, s: f64) -> Self {
        let mut law = Self { n, s, low: 0.0, high: 0.0, squeeze: 0.0 };
        law.low = law.integral(1.5) - 1.0;
        law.high = law.integral(f64::from(n) + 0.5);
        law.squeeze = 2.0 - law.inverse(law.integral(2.5) - law.weight(2.0));
        law
    }

    /// A rank, from uniform numbers in [0, 1).
    #[must_use]
    pub fn draw(&self, mut unit: impl FnMut() -> f64) -> u32 {
        loop {
            let area = self.high + unit() * (self.low - self.high);
            let x = self.inverse(area);
            let rank = libm::round(x).clamp(1.0, f64::from(self.n));
            if rank - x <= self.squeeze || area >= self.integral(rank + 0.5) - self.weight(rank) {
                return rank as u32;
            }
        }
    }

    /// x⁻ˢ, the weight of a rank.
    #[must_use]
    pub fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.s * libm::log(x))
    }

    /// ∫ t⁻ˢ dt from 1 to `x`: ln x where s = 1, and near it without a loss of digits.
    #[must_use]
    pub fn integral(&self, x: f64) -> f64 {
        let log = libm::log(x);
        let power = (1.0 - self.s) * log;
        let slope = if power.abs() > 1e-8 { libm::expm1(power) / power } else { 1.0 + power / 2.0 };
        log * slope
    }

    fn inverse(&self, area: f64) -> f64 {
        let power = (area * (1.0 - self.s)).max(-1.0);
        let slope = if power.abs() > 1e-8 { libm::log1p(power) / power } else { 1.0 - power / 2.0 };
        libm::exp(slope * area)
    }
}

/// A store of a service, one in each instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Store {
    pub name: String,
    /// The name it had first: random draws of its own are keyed by it.
    pub first_name: String,
    pub retired: bool,
    /// Most entries; u32::MAX = unlimited.
    pub capacity: u32,
    /// Bytes of an entry.
    pub entry: u64,
    pub evict: Evict,
    /// Nanoseconds an entry lives; i64::MAX: for ever.
    pub ttl: i64,
    /// Being found begins its time anew.
    pub sliding: bool,
    /// Of those who miss the same key one gets it.
    pub single_flight: bool,
    /// Place among the service's locks where those wait who miss what another gets already; u16::MAX: nobody waits.
    pub flights: u16,
    pub write_back: Option<WriteBack>,
}

/// How what was put into a store is written elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteBack {
    /// The program that writes one entry.
    pub entry: Pc,
    /// In whose name: an operation that puts entries there.
    pub operation: OperationId,
    /// Nanoseconds from one checkpoint to the next; i64::MAX: there is none.
    pub every: i64,
}

/// A lock of a service, one in each instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lock {
    /// "lock(row)", "fill(items)"
    pub name: String,
    /// One for each value of a key.
    pub keyed: bool,
    /// Operations whose programs take it; none of a fill: whoever looks.
    pub takers: Vec<OperationId>,
}

/// What a call of a `Cache`'s operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub key: KeyId,
    pub verb: Verb,
}

/// What is done with the key at the `Cache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    Get,
    /// After a miss.
    Fill,
    Put,
    Drop,
}

/// A step's use of a store of its own service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Place in the service's stores.
    pub store: u16,
    pub key: KeyId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::rng::{Stream, derive};
    use rand::RngExt;

    #[test]
    fn ranks_come_with_the_weights_of_zipfs_law() {
        for (n, s) in [(10u32, 0.0), (10, 0.8), (7, 1.0), (10, 1.0 + 1e-10), (5, 1.4), (10, 3.0), (1, 0.8)] {
            let law = Zipf::new(n, s);
            let draws = 400_000u64;
            let mut seen = vec![0u32; n as usize + 1];
            for at in 0..draws {
                let mut stream = Stream::new(derive(11, at));
                seen[law.draw(|| stream.random::<f64>()) as usize] += 1;
            }
            let total: f64 = (1..=n).map(|rank| law.weight(f64::from(rank))).sum();
            for rank in 1..=n {
                let expected = law.weight(f64::from(rank)) / total;
                let error = libm::sqrt(expected / draws as f64);
                let found = f64::from(seen[rank as usize]) / draws as f64;
                assert!(
                    (found - expected).abs() < 5.0 * error,
                    "rank {rank} of {n}, s {s}: {found} instead of {expected}"
                );
            }
        }
    }

    #[test]
    fn a_thousand_million_ranks_need_no_table() {
        let law = Zipf::new(1_000_000_000, 0.8);
        let tries = std::cell::Cell::new(0u64);
        let mut first = 0u32;
        for at in 0..100_000u64 {
            let mut stream = Stream::new(derive(3, at));
            let rank = law.draw(|| {
                tries.set(tries.get() + 1);
                stream.random::<f64>()
            });
            first += u32::from(rank <= 1000);
        }
        assert!(tries.get() < 120_000, "{} tries", tries.get());
        // H(1000, 0.8) / H(1e9, 0.8) by the integral with its half-step correction.
        let head: f64 = (1..=1000).map(|rank| law.weight(f64::from(rank))).sum();
        let share = head / (head + law.integral(1e9 + 0.5) - law.integral(1000.5));
        assert!((f64::from(first) / 1e5 - share).abs() < 0.003, "{first} instead of {share}");
    }
}
