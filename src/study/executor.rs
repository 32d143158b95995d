//! Where points run: here, or on several threads.

use rayon::prelude::*;

/// Runs independent pieces of work; the answers come in the order of the work, whoever did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// One after another, on the caller's thread.
    Inline,
    /// On so many threads of their own.
    Threads(usize),
}

impl Executor {
    /// The executor for a number of jobs; 0 is one per core.
    pub fn jobs(jobs: usize) -> Executor {
        match jobs {
            1 => Executor::Inline,
            0 => Executor::Threads(std::thread::available_parallelism().map_or(1, usize::from)),
            many => Executor::Threads(many),
        }
    }

    /// Points worth asking for at once.
    pub fn width(self) -> usize {
        match self {
            Executor::Inline => 1,
            Executor::Threads(threads) => threads,
        }
    }

    /// `work` of each, in order. Threads that cannot be had are done without.
    pub fn map<T: Sync, R: Send>(self, points: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let pool = match self {
            Executor::Inline => None,
            // One piece of work needs no other thread.
            Executor::Threads(_) if points.len() < 2 => None,
            Executor::Threads(threads) => rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok(),
        };
        match pool {
            None => points.iter().map(work).collect(),
            Some(pool) => pool.install(|| points.par_iter().with_max_len(1).map(&work).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_work() {
        let points: Vec<u64> = (0..64).collect();
        let slow_first = |p: &u64| {
            std::hint::black_box((0..(64 - p) * 1_000).sum::<u64>());
            p * 2
        };
        let inline = Executor::Inline.map(&points, slow_first);
        assert_eq!(inline, Executor::Threads(4).map(&points, slow_first));
        assert_eq!(inline[3], 6);
    }
}
