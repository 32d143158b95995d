//! The caller's end of a link: whom it believes in, its connections, its retry budget.

use super::request::{NONE, Queue};
use super::rng::Stream;
use crate::model::Balance;
use crate::units::Time;
use std::collections::VecDeque;

/// An instance it may call, and what it believes of it. Belief comes from checks alone and lags the truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub instance: u32,
    pub healthy: bool,
    pub falls: u32,
    pub rises: u32,
    /// Calls in progress from here.
    pub outstanding: u32,
}

impl Target {
    pub(super) const fn new(instance: u32) -> Self {
        Self { instance, healthy: true, falls: 0, rises: 0, outstanding: 0 }
    }
}

/// A kept connection nobody uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    pub instance: u32,
    pub since: Time,
}

/// One end of a link: of a caller's instance, or of a whole crowd.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub link: u32,
    /// The caller, or NONE for a crowd.
    pub instance: u32,
    pub targets: Vec<Target>,
    pub unhealthy: u32,
    cursor: u32,
    /// Kept connections: open in all, and in use.
    pub open: u32,
    pub in_use: u32,
    pub idle: VecDeque<Idle>,
    pub waiters: Queue,
    /// Calls in progress or waiting, for gauges.
    pub calls: u32,
    /// Retry budget.
    pub tokens: f64,
    pub idle_timer: bool,
    pub meter: u32,
}

impl Client {
    pub(super) fn new(link: u32, instance: u32, tokens: f64) -> Self {
        Self {
            link,
            instance,
            targets: Vec::new(),
            unhealthy: 0,
            cursor: 0,
            open: 0,
            in_use: 0,
            idle: VecDeque::new(),
            waiters: Queue::EMPTY,
            calls: 0,
            tokens,
            idle_timer: false,
            meter: NONE,
        }
    }

    /// Where the target that is instance `instance` stands; `hint` is where it stood.
    #[inline]
    pub(super) fn find(&self, instance: u32, hint: u32) -> Option<usize> {
        match self.targets.get(hint as usize) {
            Some(target) if target.instance == instance => Some(hint as usize),
            _ => self.targets.iter().position(|target| target.instance == instance),
        }
    }

    /// Takes over the instances that may be called now; what is known of those that stay is kept.
    pub(super) fn retarget(&mut self, instances: &[u32]) {
        let targets =
            instances.iter().map(|&instance| self.find(instance, 0).map_or_else(|| Target::new(instance), |at| self.targets[at])).collect();
        self.targets = targets;
        self.unhealthy = self.targets.iter().filter(|target| !target.healthy).count() as u32;
    }

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
