//! Random numbers by key instead of by turn.
//!
//! Every draw names what it is for: (seed, source, number of the arrival) makes the key of a session or request; each
//! step, attempt, branch and loop round mixes its own identity in. Two variants therefore see the same crowd with the
//! same luck, and adding a box changes nobody else's numbers. A key opens a [`Stream`] (SplitMix64: Steele, Lea &
//! Flood, OOPSLA 2014), from which a sampler takes as many words as it needs.
//!
//! A stream is a generator of `rand` and draws as every other one does: `stream.random::<f64>()` is uniform in [0, 1),
//! a multiple of 2⁻⁵³, of one word, on every target. [`Stream::below`] is ours: a range of `rand` takes other words
//! with its feature `unbiased`, which any crate of a build may turn on, and 32 bits or 64 by the type of its ends.

use crate::model::hash;
pub use crate::model::hash::{derive, mix};
use rand::TryRng;
use rand::rand_core::{Infallible, utils};
use serde::{Deserialize, Serialize};

/// Words drawn for one purpose.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stream(u64);

impl Stream {
    /// The stream that `key` opens.
    #[inline]
    #[must_use]
    pub const fn new(key: u64) -> Self {
        Self(key)
    }

    #[inline]
    const fn word(&mut self) -> u64 {
        self.0 = hash::next(self.0);
        mix(self.0)
    }

    /// Uniform in 0..n by the multiply-shift method; the bias is below n / 2⁶⁴. `n` must not be 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u32
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn neighbouring_keys_give_unrelated_words() {
        let mut differing = 0;
        for key in 0..1000u64 {
            differing += (Stream::new(derive(7, key)).word() ^ Stream::new(derive(7, key + 1)).word()).count_ones();
        }
        let mean = f64::from(differing) / 1000.0;
        assert!((mean - 32.0).abs() < 0.5, "{mean} of 64 bits differ on average");
    }

    #[test]
    fn units_fill_the_interval_evenly() {
        let mut stream = Stream::new(1);
        let mut cells = [0u32; 10];
        for _ in 0..100_000 {
            cells[(stream.random::<f64>() * 10.0) as usize] += 1;
        }
        for count in cells {
            assert!((9_600..10_400).contains(&count), "{cells:?}");
        }
    }

    #[test]
    fn a_unit_is_the_upper_53_bits_of_a_word() {
        for key in 0..1000u64 {
            let word = Stream::new(key).word();
            assert_eq!(Stream::new(key).random::<f64>(), (word >> 11) as f64 / (1u64 << 53) as f64);
        }
    }
}
