//! Ended attempts by who called whom: a small table with open addressing, one look-up an attempt.

use super::frame::Fate;
use crate::scenario::Reason;

/// How attempts ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Well.
    pub succeeded: u64,
    /// Refused, shed or held back by a guard.
    pub refused: u64,
    /// Given up by the caller.
    pub timed_out: u64,
    /// Otherwise.
    pub broken: u64,
}

impl Ends {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.succeeded + self.refused + self.timed_out + self.broken
    }

    /// Counts one.
    #[inline]
    pub fn add(&mut self, failed: Option<Reason>) {
        match Fate::of(failed) {
            Fate::Arrived | Fate::Answered => self.succeeded += 1,
            Fate::Refused => self.refused += 1,
            Fate::GivenUp => self.timed_out += 1,
            Fate::Broken => self.broken += 1,
        }
    }

    /// Those since an earlier count.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            succeeded: self.succeeded - earlier.succeeded,
            refused: self.refused - earlier.refused,
            timed_out: self.timed_out - earlier.timed_out,
            broken: self.broken - earlier.broken,
        }
    }
}

/// Call site, calling instance (u32::MAX: a source) and called instance (u32::MAX: none).
pub type Pair = [u32; 3];

/// Every pair there was, in the order of their first attempt to end.
#[derive(Clone, Debug, Default)]
pub struct EdgeCounts {
    rows: Vec<(Pair, Ends)>,
    /// Positions in `rows` by hash; its length is a power of two, at most half of it is taken.
    table: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl EdgeCounts {
    /// The count of a pair.
    #[inline]
    pub fn of(&mut self, pair: Pair) -> &mut Ends {
        if self.rows.len() * 2 >= self.table.len() {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut at = hash(pair) & mask;
        let row = loop {
            match self.table[at] {
                EMPTY => {
                    self.table[at] = self.rows.len() as u32;
                    self.rows.push((pair, Ends::default()));
                    break self.rows.len() - 1;
                }
                row if self.rows[row as usize].0 == pair => break row as usize,
                _ => at = (at + 1) & mask,
            }
        };
        &mut self.rows[row].1
    }

    /// All of them; a pair keeps its position.
    pub fn rows(&self) -> &[(Pair, Ends)] {
        &self.rows
    }

    /// Bytes it takes.
    pub fn footprint(&self) -> usize {
        self.rows.capacity() * size_of::<(Pair, Ends)>() + self.table.capacity() * size_of::<u32>()
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        self.table = vec![EMPTY; size];
        for (row, (pair, _)) in self.rows.iter().enumerate() {
            let mut at = hash(*pair) & (size - 1);
            while self.table[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = row as u32;
        }
    }
}

#[inline]
fn hash([site, from, to]: Pair) -> usize {
    let word = (u64::from(site) << 40) ^ (u64::from(from) << 20) ^ u64::from(to);
    (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_keeps_its_own_count() {
        let mut pairs = EdgeCounts::default();
        for round in 0..3u64 {
            for site in 0..10 {
                for from in (0..20).chain([u32::MAX]) {
                    for to in (0..10).chain([u32::MAX]) {
                        pairs.of([site, from, to]).add(None);
                        assert_eq!(pairs.of([site, from, to]).succeeded, round + 1);
                    }
                }
            }
        }
        assert_eq!(pairs.rows().len(), 10 * 21 * 11);
        assert!(pairs.rows().iter().all(|(_, ends)| ends.all() == 3));
    }
}
