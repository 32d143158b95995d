//! Random numbers by key instead of by turn.
//!
//! Every draw names what it is for: (seed, source, number of the arrival) makes the key of a session or request; each
//! step, attempt, branch and loop round mixes its own identity in. Two variants therefore see the same crowd with the
//! same luck, and adding a box changes nobody else's numbers. A key opens a [`Stream`] (SplitMix64: Steele, Lea &
//! Flood, OOPSLA 2014), from which a sampler takes as many words as it needs.

use serde::{Deserialize, Serialize};

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64: every input bit reaches every output bit.
#[inline]
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The key of a part of what `key` names.
#[inline]
#[must_use]
pub const fn derive(key: u64, part: u64) -> u64 {
    mix(key.wrapping_add(part.wrapping_mul(GOLDEN)).wrapping_add(GOLDEN))
}

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

    /// The next 64 random bits.
    #[inline]
    pub const fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in (0, 1]: safe under a logarithm.
    #[inline]
    pub fn unit_open(&mut self) -> f64 {
        1.0 - self.unit()
    }

    /// Uniform in 0..n by the multiply-shift method; the bias is below n / 2⁶⁴. `n` must not be 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            cells[(stream.unit() * 10.0) as usize] += 1;
        }
        for count in cells {
            assert!((9_600..10_400).contains(&count), "{cells:?}");
        }
    }
}
