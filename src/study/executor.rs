//! Where points run: here, or on several threads.

/// How many runs go on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// One after another, on the caller's thread.
    Inline,
    /// On so many threads, the caller's among them.
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

    /// Points that run at once.
    pub fn width(self) -> usize {
        match self {
            Executor::Inline => 1,
            Executor::Threads(threads) => threads.max(1),
        }
    }
}
