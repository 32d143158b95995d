//! Studies: one run, or many that answer one question.
//!
//! A study is a small state machine: it names the points it wants next, is given what each yielded, and finishes. It
//! knows nothing of threads; an [`Executor`] runs the points inline or on many threads. Points carry their seeds, and
//! results are given in the order of the points: the bytes of an answer do not depend on the executor.

mod executor;
mod replicate;
mod run;
pub mod stats;

pub use executor::Executor;
pub use replicate::{Figure, FirstBroken, MissedObjective, Plan, Point, Replicate, Replication, Replications, Verdict};
pub use run::{RunOptions, replicate, run};
pub use stats::Estimate;
