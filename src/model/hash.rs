//! A hash that never changes: identities of random draws and digests rest on it.

/// FNV-1a over the bytes, finished so that every input bit reaches every output bit (as SplitMix64 does).
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325u64;
    for &byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    combine(state, 0)
}

/// The hash of a part (a place, a number) of what `whole` is the hash of.
#[must_use]
pub const fn combine(whole: u64, part: u64) -> u64 {
    let word = whole.wrapping_add(part.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
