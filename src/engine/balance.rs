//! Which of a callee's instances gets a call.

use super::client::Client;
use super::request::NONE;
use super::rng::Stream;
use crate::model::Balance;

impl Client {
    /// Chooses a target by the policy among those believed healthy; with none healthy among all if `fail_open`.
    /// Ties of least connections are broken at random, except by `FirstOfLeast`.
    pub(super) fn pick(&mut self, balance: Balance, fail_open: bool, stream: &mut Stream) -> Option<usize> {
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
                self.cursor = if self.cursor + 1 >= count { 0 } else { self.cursor + 1 };
                while !(all || self.targets[self.cursor as usize].healthy) {
                    self.cursor = if self.cursor + 1 >= count { 0 } else { self.cursor + 1 };
                }
                Some(self.cursor as usize)
            }
            Balance::Random => Some(self.nth(stream.below(candidates), all)),
            Balance::LeastConnections => {
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
            Balance::FirstOfLeast => self
                .targets
                .iter()
                .enumerate()
                .filter(|(_, target)| all || target.healthy)
                .min_by_key(|(_, target)| target.outstanding)
                .map(|(at, _)| at),
            Balance::LeastOf(choices) => {
                // Distinct candidates by a partial shuffle of ranks; the first drawn wins a tie, so ties are random.
                let mut drawn: [u32; 8] = [NONE; 8];
                let choices = choices.min(candidates).min(8);
                let mut best: Option<usize> = None;
                for turn in 0..choices {
                    let mut rank = stream.below(candidates - turn);
                    for &earlier in &drawn[..turn as usize] {
                        if rank >= earlier {
                            rank += 1;
                        }
                    }
                    let place = drawn[..turn as usize].partition_point(|&earlier| earlier < rank);
                    drawn.copy_within(place..turn as usize, place + 1);
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
    use super::super::client::Target;
    use super::*;

    fn client(outstanding: &[u32]) -> Client {
        let mut client = Client::new(0, NONE, 0.0);
        client.targets = outstanding.iter().zip(0..).map(|(&n, instance)| Target { outstanding: n, ..Target::new(instance) }).collect();
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
