//! Ended attempts by who called whom: one look-up an attempt.

use super::frame::Fate;
use crate::engine::InstanceId;
use crate::model::SiteId;
use crate::model::hash::Absorbing;
use crate::scenario::Reason;
use indexmap::IndexMap;

/// How attempts ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Answered.
    pub succeeded: u64,
    /// Refused, shed or held back by a guard.
    pub refused: u64,
    /// Given up by the caller.
    pub timed_out: u64,
    /// Failed in any other way: crashed, unreachable, an error.
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

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Where the call was made.
    pub site: SiteId,
    /// The calling instance; none: a source.
    pub from: Option<InstanceId>,
    /// The called instance; none: there was nobody.
    pub to: Option<InstanceId>,
}

/// Every pair there was, in the order of their first attempt to end.
#[derive(Clone, Debug, Default)]
pub struct EdgeCounts(IndexMap<Pair, Ends, Absorbing>);

impl EdgeCounts {
    /// The count of a pair.
    #[inline]
    pub fn of(&mut self, pair: Pair) -> &mut Ends {
        self.0.entry(pair).or_default()
    }

    /// All of them; a pair keeps its position.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&Pair, &Ends)> {
        self.0.iter()
    }

    /// Bytes it takes.
    pub fn footprint(&self) -> usize {
        // Each with its hash, and in the table of positions.
        self.0.capacity() * (size_of::<(Pair, Ends, u64)>() + size_of::<usize>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instances(count: usize) -> impl Iterator<Item = Option<InstanceId>> {
        (0..count).map(|index| Some(InstanceId::new(index))).chain([None])
    }

    #[test]
    fn every_pair_keeps_its_own_count() {
        let mut pairs = EdgeCounts::default();
        for round in 0..3u64 {
            for site in (0..10).map(SiteId::new) {
                for from in instances(20) {
                    for to in instances(10) {
                        let pair = Pair { site, from, to };
                        pairs.of(pair).add(None);
                        assert_eq!(pairs.of(pair).succeeded, round + 1);
                    }
                }
            }
        }
        assert_eq!(pairs.rows().len(), 10 * 21 * 11);
        assert!(pairs.rows().all(|(_, ends)| ends.all() == 3));
    }
}
