//! The one hash of this program, not meant against an adversary: identities of random draws, digests of runs, results
//! and scenarios, samples and tables rest on it. It never changes, and is the same on every target.

use std::hash::{BuildHasherDefault, Hasher};

/// 2⁶⁴ over the golden ratio, odd: multiples of it are spread evenly.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): every input bit reaches every output bit.
#[inline]
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The next state of SplitMix64, whose `mix` is the next word.
#[inline]
#[must_use]
pub const fn next(state: u64) -> u64 {
    state.wrapping_add(GOLDEN)
}

/// The hash of a part (a place, a number) of what `whole` is the hash of.
#[inline]
#[must_use]
pub const fn derive(whole: u64, part: u64) -> u64 {
    mix(next(whole.wrapping_add(part.wrapping_mul(GOLDEN))))
}

/// A long stream, word by word: the state after one more. One multiplication; `mix` the last state.
#[inline]
#[must_use]
pub const fn absorb(state: u64, word: u64) -> u64 {
    let state = (state.rotate_left(5) ^ word).wrapping_mul(GOLDEN);
    state ^ (state >> 29)
}

/// FNV-1a over the bytes, as others compute it.
#[must_use]
pub fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |state, &byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The hash of a name or a text: FNV-1a, finished so that every input bit reaches every output bit.
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    derive(fnv(bytes), 0)
}

/// The same for tables that are looked up by small keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absorber(u64);

/// Makes a new `Absorber` for each key.
pub type Absorbing = BuildHasherDefault<Absorber>;

impl Hasher for Absorber {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = absorb(self.0, fnv(bytes));
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.0 = absorb(self.0, u64::from(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_others_compute() {
        assert_eq!(fnv(b"foobar"), 0x8594_4171_f739_67e8, "Noll's test vectors");
        assert_eq!(mix(next(0)), 0xe220_a839_7b1d_cdaf, "the first word of SplitMix64 from seed 0");
    }
}
