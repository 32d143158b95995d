//! Numbers that follow from a case's own.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub struct Dice(u64);

impl Dice {
    /// Those of a case.
    pub fn of(case: u64) -> Self {
        Self(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Below a bound, which is above 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// In one of so many cases.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Values at the ends of what numbers, times, sizes, rates and texts can be.
pub const EXTREME: [&str; 44] = [
    "0",
    "1",
    "-1",
    "2147483648",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1e999",
    "-0.0",
    "1e-300",
    "NaN",
    "inf",
    "100000000",
    "0.0000001",
    "\"0ns\"",
    "\"1ns\"",
    "\"36525d\"",
    "\"-1s\"",
    "\"0.000001ns\"",
    "\"1e9d\"",
    "\"9000TB\"",
    "\"0B\"",
    "\"1e15/s\"",
    "\"0/s\"",
    "\"1000000/s\"",
    "\"exp(1ns)\"",
    "\"exp(36525d)\"",
    "\"uniform(0s, 36525d)\"",
    "\"1ms*in_flight\"",
    "\"pareto(1ms, 1.01)\"",
    "\"lognormal(1s, 100)\"",
    "\"100%\"",
    "\"0%\"",
    "\"0bit/s\"",
    "\"0.001bit/s\"",
    "\"\"",
    "\"\\u{1b}[31m\\u{202e}\"",
    "\"\\u{ffff}\"",
    "None",
    "Some(0)",
    "()",
    "[]",
    "{}",
    "true",
];
