//! Who has the fewest calls in progress, without looking at everybody.
//!
//! The candidates stand in the order of their calls in progress; who has equally many stand together. One call more or
//! less moves one of them across the border to its neighbours (as in Shah, Mitra and Matani's least-frequently-used
//! cache, 2010), so that a choice and a change cost the same however many there are.

use crate::engine::state::client::Target;

/// Candidates in the order of their calls in progress.
#[derive(Clone, Debug)]
pub(crate) struct LeastIndex {
    /// Their places among the targets.
    order: Vec<u32>,
    /// Where each target stands in `order`; `ABSENT`: it is no candidate.
    stands: Vec<u32>,
    /// How many have so many calls or fewer, by that number.
    ends: Vec<u32>,
    /// Nobody has fewer.
    least: usize,
}

const ABSENT: u32 = u32::MAX;

impl LeastIndex {
    /// Of the targets that are believed healthy.
    pub(crate) fn of(targets: &[Target]) -> Self {
        let mut order: Vec<u32> = (0..targets.len() as u32).filter(|&at| targets[at as usize].healthy).collect();
        order.sort_by_key(|&at| targets[at as usize].outstanding);
        let mut stands = vec![ABSENT; targets.len()];
        (0..).zip(&order).for_each(|(stand, &at)| stands[at as usize] = stand);
        let most = order.last().map_or(0, |&at| targets[at as usize].outstanding);
        let within = |calls| order.partition_point(|&at| targets[at as usize].outstanding <= calls) as u32;
        let ends = (0..=most).map(within).collect();
        Self { order, stands, ends, least: 0 }
    }

    /// Those who have the fewest: their places, in no order.
    pub(crate) fn least(&mut self) -> &[u32] {
        while self.ends.get(self.least) == Some(&0) {
            self.least += 1;
        }
        let end = self.ends.get(self.least).copied().unwrap_or(0);
        &self.order[..end as usize]
    }

    /// A target that had so many calls has one more.
    #[inline]
    pub(crate) fn add(&mut self, at: usize, calls: u32) {
        let stand = self.stands[at];
        if stand == ABSENT {
            return;
        }
        let calls = calls as usize;
        self.ends[calls] -= 1;
        self.swap(stand, self.ends[calls]);
        if self.ends.len() == calls + 1 {
            self.ends.push(self.order.len() as u32);
        }
    }

    /// A target that had so many calls, and some, has one less.
    #[inline]
    pub(crate) fn remove(&mut self, at: usize, calls: u32) {
        let stand = self.stands[at];
        if stand == ABSENT {
            return;
        }
        let fewer = calls as usize - 1;
        self.swap(stand, self.ends[fewer]);
        self.ends[fewer] += 1;
        self.least = self.least.min(fewer);
    }

    fn swap(&mut self, one: u32, other: u32) {
        self.order.swap(one as usize, other as usize);
        for stand in [one, other] {
            self.stands[self.order[stand as usize] as usize] = stand;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::state::ids::InstanceId;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_are_those_whom_a_look_at_everybody_finds(
            healthy in proptest::collection::vec(any::<bool>(), 1..40),
            changes in proptest::collection::vec((0..40usize, any::<bool>()), 0..300),
        ) {
            let target = |(at, &healthy): (usize, &bool)| Target {
                healthy,
                outstanding: at as u32 % 3,
                ..Target::new(InstanceId::new(at))
            };
            let mut targets: Vec<Target> = healthy.iter().enumerate().map(target).collect();
            let mut index = LeastIndex::of(&targets);
            for (at, more) in changes {
                let at = at % targets.len();
                let calls = targets[at].outstanding;
                if more {
                    targets[at].outstanding += 1;
                    index.add(at, calls);
                } else if calls > 0 {
                    targets[at].outstanding -= 1;
                    index.remove(at, calls);
                }
                let least = targets.iter().filter(|target| target.healthy).map(|target| target.outstanding).min();
                let of = |(_, target): &(usize, &Target)| target.healthy && Some(target.outstanding) == least;
                let wanted: Vec<u32> = targets.iter().enumerate().filter(of).map(|(at, _)| at as u32).collect();
                let mut found = index.least().to_vec();
                found.sort_unstable();
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
