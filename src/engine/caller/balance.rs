//! Which of a callee's instances gets a call.

use crate::engine::random::rng::Stream;
use crate::engine::state::client::{Client, Target};
use crate::engine::state::ids::InstanceId;
use crate::engine::state::least::LeastIndex;
use crate::model::Balance;
use crate::units::{Span, Time};
use rand::RngExt;

/// So many targets are looked at one by one; among more, an index says who has the fewest calls.
const FEW: u32 = 16;

/// What a choice has to heed beside the policy and who is healthy.
pub(crate) struct Care<'a> {
    pub balance: Balance,
    /// With nobody healthy all are candidates.
    pub fail_open: bool,
    /// Most calls in progress at a target.
    pub limit: u32,
    /// Instances at which the same call is being tried already.
    pub avoid: &'a [Option<InstanceId>],
    pub now: Time,
    /// How long the share of a target grows; 0: not at all.
    pub slow_start: Span,
}

impl Care<'_> {
    fn share(&self, target: &Target) -> f64 {
        let known = self.now.0.saturating_sub(target.since.0);
        if self.slow_start.0 <= 0 || known >= self.slow_start.0 { 1.0 } else { known as f64 / self.slow_start.0 as f64 }
    }
}

/// One of them in proportion to their shares.
fn drawn(candidates: &[(usize, f64)], stream: &mut Stream) -> Option<usize> {
    let all: f64 = candidates.iter().map(|(_, share)| share).sum();
    let mut left = stream.random::<f64>() * all;
    let chosen = candidates.iter().find(|(_, share)| {
        left -= share;
        left < 0.0
    });
    chosen.or(candidates.last()).map(|(at, _)| *at)
}

impl Client {
    /// The place after the one that had its turn last; there is a target.
    #[inline]
    pub(crate) fn next_in_turn(&mut self) -> usize {
        self.cursor = if self.cursor as usize + 1 >= self.targets.len() { 0 } else { self.cursor + 1 };
        self.cursor as usize
    }

    /// Chooses a target by the policy among those believed healthy; with none healthy among all if `fail_open`.
    /// Ties of least connections are broken at random, except by `FirstOfLeast`.
    pub(crate) fn pick(&mut self, balance: Balance, fail_open: bool, stream: &mut Stream) -> Option<usize> {
        let count = self.targets.len() as u32;
        let healthy = count - self.unhealthy;
        let anyone = healthy == 0 && fail_open;
        let candidates = if anyone { count } else { healthy };
        if candidates == 0 {
            return None;
        }
        let all = candidates == count;
        match balance {
            Balance::RoundRobin => {
                let mut at = self.next_in_turn();
                while !(all || self.targets[at].healthy) {
                    at = self.next_in_turn();
                }
                Some(at)
            }
            Balance::Random => Some(self.nth(stream.below(candidates), all)),
            // What has no key and nobody to stay with.
            Balance::LeastConnections | Balance::Hash(_) | Balance::Sticky if count > FEW && !anyone => {
                let least = self.least.get_or_insert_with(|| Box::new(LeastIndex::of(&self.targets))).least();
                Some(least[stream.below(least.len() as u32) as usize] as usize)
            }
            Balance::LeastConnections | Balance::Hash(_) | Balance::Sticky => {
                let mut best: Option<usize> = None;
                let mut ties = 0;
                for (at, target) in self.targets.iter().enumerate() {
                    if !(all || target.healthy) {
                        continue;
                    }
                    match best {
                        Some(least) if self.targets[least].outstanding < target.outstanding => {}
                        Some(least) if self.targets[least].outstanding == target.outstanding => {
                            ties += 1;
                            if stream.below(ties) == 0 {
                                best = Some(at);
                            }
                        }
                        Some(_) | None => {
                            best = Some(at);
                            ties = 1;
                        }
                    }
                }
                best
            }
            Balance::Weighted | Balance::SameMachine => {
                let care = Care { balance, fail_open, limit: u32::MAX, avoid: &[], now: Time(0), slow_start: Span(0) };
                self.pick_with_care(&care, stream)
            }
            Balance::FirstOfLeast => self
                .targets
                .iter()
                .enumerate()
                .filter(|(_, target)| all || target.healthy)
                .min_by_key(|(_, target)| target.outstanding)
                .map(|(at, _)| at),
            Balance::LeastOf(choices) => {
                // Distinct candidates by a partial shuffle of ranks; the first drawn wins a tie, so ties are random.
                let mut drawn = [u32::MAX; 8];
                let choices = choices.min(candidates).min(8);
                let mut best: Option<usize> = None;
                for drawing in 0..choices {
                    let mut rank = stream.below(candidates - drawing);
                    for &earlier in &drawn[..drawing as usize] {
                        if rank >= earlier {
                            rank += 1;
                        }
                    }
                    let place = drawn[..drawing as usize].partition_point(|&earlier| earlier < rank);
                    drawn.copy_within(place..drawing as usize, place + 1);
                    drawn[place] = rank;
                    let at = self.nth(rank, all);
                    if best.is_none_or(|least| self.targets[at].outstanding < self.targets[least].outstanding) {
                        best = Some(at);
                    }
                }
                best
            }
        }
    }

    /// Whether a target with fewer than `limit` calls from here may be chosen; with nobody to choose, whoever asks may
    /// learn it.
    pub(crate) fn has_room(&self, fail_open: bool, limit: u32) -> bool {
        let all = self.unhealthy as usize == self.targets.len();
        let mut candidates = self.targets.iter().filter(|target| target.healthy || (all && fail_open)).peekable();
        candidates.peek().is_none() || candidates.any(|target| target.outstanding < limit)
    }

    /// As `pick`, where targets differ in their share or some may not be chosen now.
    pub(crate) fn pick_with_care(&mut self, care: &Care<'_>, stream: &mut Stream) -> Option<usize> {
        let none = self.unhealthy as usize == self.targets.len();
        let mut candidates: Vec<(usize, f64)> = self
            .targets
            .iter()
            .enumerate()
            .filter(|(_, target)| target.healthy || (none && care.fail_open))
            .filter(|(_, target)| target.outstanding < care.limit)
            .map(|(at, target)| (at, care.share(target)))
            .collect();
        let elsewhere = |&(at, _): &(usize, f64)| !care.avoid.contains(&Some(self.targets[at].instance));
        if candidates.iter().any(elsewhere) {
            candidates.retain(elsewhere);
        }
        match care.balance {
            Balance::SameMachine if candidates.iter().any(|&(at, _)| self.targets[at].near) => {
                candidates.retain(|&(at, _)| self.targets[at].near);
            }
            Balance::Weighted => {
                candidates.iter_mut().for_each(|(at, share)| *share *= self.targets[*at].weight);
                // A weight of 0 is none.
                if candidates.iter().any(|&(at, _)| self.targets[at].weight > 0.0) {
                    candidates.retain(|&(at, _)| self.targets[at].weight > 0.0);
                }
            }
            Balance::SameMachine
            | Balance::RoundRobin
            | Balance::Random
            | Balance::LeastConnections
            | Balance::LeastOf(_)
            | Balance::Hash(_)
            | Balance::Sticky
            | Balance::FirstOfLeast => {}
        }
        // All of them at the very beginning of their shares: equal.
        if candidates.iter().all(|(_, share)| *share <= 0.0) {
            candidates.iter_mut().for_each(|(_, share)| *share = 1.0);
        }
        match care.balance {
            Balance::RoundRobin | Balance::Weighted => self.in_turn(&candidates),
            Balance::Random | Balance::SameMachine => drawn(&candidates, stream),
            Balance::LeastConnections | Balance::Hash(_) | Balance::Sticky => self.least(&candidates, Some(stream)),
            Balance::FirstOfLeast => self.least(&candidates, None),
            Balance::LeastOf(choices) => {
                let count = candidates.len();
                for place in 0..(choices as usize).min(count) {
                    let other = place + stream.below((count - place) as u32) as usize;
                    candidates.swap(place, other);
                }
                candidates.truncate(choices as usize);
                self.least(&candidates, Some(stream))
            }
        }
    }

    /// Smooth weighted round robin, as nginx does it: everybody earns its share, the richest is taken and pays for all.
    fn in_turn(&mut self, candidates: &[(usize, f64)]) -> Option<usize> {
        let mut best: Option<usize> = None;
        let mut all = 0.0;
        for &(at, share) in candidates {
            self.targets[at].credit += share;
            all += share;
            if best.is_none_or(|richest| self.targets[at].credit > self.targets[richest].credit + 1e-9) {
                best = Some(at);
            }
        }
        let best = best?;
        self.targets[best].credit -= all;
        Some(best)
    }

    /// The fewest calls for its share, this one included; ties at random, or to the first.
    fn least(&self, candidates: &[(usize, f64)], mut stream: Option<&mut Stream>) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        let mut ties = 0;
        for &(at, share) in candidates {
            let load = f64::from(self.targets[at].outstanding + 1) / share;
            match best {
                Some((_, least)) if least < load => {}
                Some((_, least)) if least == load => {
                    ties += 1;
                    if stream.as_mut().is_some_and(|stream| stream.below(ties) == 0) {
                        best = Some((at, load));
                    }
                }
                Some(_) | None => {
                    best = Some((at, load));
                    ties = 1;
                }
            }
        }
        best.map(|(at, _)| at)
    }

    /// The place of the `rank`-th candidate.
    fn nth(&self, rank: u32, all: bool) -> usize {
        if all {
            return rank as usize;
        }
        let mut healthy = self.targets.iter().enumerate().filter(|(_, target)| target.healthy);
        healthy.nth(rank as usize).expect("rank is below the number of healthy targets").0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkId;

    fn client(outstanding: &[u32]) -> Client {
        let mut client = Client::new(LinkId::new(0), None, 0.0);
        client.targets = outstanding
            .iter()
            .zip(0..)
            .map(|(&n, instance)| Target { outstanding: n, ..Target::new(InstanceId::new(instance)) })
            .collect();
        client
    }

    #[test]
    fn round_robin_skips_the_unhealthy() {
        let mut client = client(&[0, 0, 0]);
        client.targets[1].healthy = false;
        client.unhealthy = 1;
        let mut stream = Stream::new(1);
        let picks: Vec<_> = (0..4).map(|_| client.pick(Balance::RoundRobin, true, &mut stream)).collect();
        assert_eq!(picks, [Some(2), Some(0), Some(2), Some(0)]);
    }

    #[test]
    fn least_connections_breaks_ties_at_random_and_first_of_least_does_not() {
        let mut client = client(&[3, 1, 1, 2]);
        let mut stream = Stream::new(1);
        let mut seen = [0; 4];
        for _ in 0..1000 {
            seen[client.pick(Balance::LeastConnections, true, &mut stream).expect("targets")] += 1;
            assert_eq!(client.pick(Balance::FirstOfLeast, true, &mut stream), Some(1));
        }
        assert_eq!((seen[0], seen[3]), (0, 0));
        assert!((400..600).contains(&seen[1]), "{seen:?}");
    }

    #[test]
    fn least_of_two_never_takes_the_busiest_and_draws_pairs_evenly() {
        let mut client = client(&[5, 0, 1]);
        let mut stream = Stream::new(1);
        let mut seen = [0; 3];
        for _ in 0..3000 {
            seen[client.pick(Balance::LeastOf(2), true, &mut stream).expect("targets")] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!((1900..2100).contains(&seen[1]), "{seen:?}");
    }

    #[test]
    fn with_nobody_healthy_it_fails_open_or_refuses() {
        let mut client = client(&[0]);
        client.targets[0].healthy = false;
        client.unhealthy = 1;
        let mut stream = Stream::new(1);
        assert_eq!(client.pick(Balance::Random, true, &mut stream), Some(0));
        assert_eq!(client.pick(Balance::Random, false, &mut stream), None);
    }
}
