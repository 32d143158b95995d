//! Journals: a folder in which several processes, on however many machines, share the runs of a study whose next points
//! follow from results.
//!
//! Every process goes through the whole study by itself, so that all of them end with the same answer, whoever ran
//! what. What a process runs it appends to a file of its own in the folder; what others have run it reads there. A run
//! is known by what it means: the digest of its model, its variant's name, its seed, and whether it went on when its
//! verdict was certain. There is no server and no lock:
//!
//! - A process *claims* a run before it begins it. It appends the claim, looks at the others' files again, and begins
//!   only if nobody else has a claim on that run; of two that claim at once the one whose file's name sorts first goes
//!   on, and the other drops its claim.
//! - A file that has not grown for so long (the patience) is that of a process which is gone: its claims count for
//!   nothing. Processes append a sign of life several times within that time. Nobody's clock is compared with
//!   another's.
//! - So a run is made once, unless a process was silent for longer than the patience and goes on after all, or a file
//!   system shows others' files late. Then it is made twice, with the same results.
//! - A process that is started again has a new file. A line that was not finished counts for nothing.

mod files;
mod share;

pub use files::{Journal, JournalFailure};
pub use share::{ShareFailure, Shared, answer};

use crate::measure::results::{Results, Series};
use crate::model::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a process may be silent, unless somebody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// What a run is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey {
    /// Hash of what its scenario means, everything put in, 16 hex digits.
    pub digest: String,
    /// What its variant is called in its results.
    pub variant: Option<String>,
    /// Root of its random draws.
    pub seed: u64,
    /// It ended as soon as its verdict was certain, if it was before its horizon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_decided: bool,
}

impl RunKey {
    /// Of a run of a model, to its horizon.
    pub fn new(model: &Model, variant: Option<String>, seed: u64) -> Self {
        Self { digest: format!("{:016x}", model.digest), variant, seed, until_decided: false }
    }
}

/// A line of a journal's file, of a run and what it yielded.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<K, R> {
    /// The first one: who wrote the file.
    Journal {
        /// Version of the program.
        surgelab: String,
        /// Version of the contract of the results.
        schema: u32,
    },
    /// The writer begins this run, unless somebody else does.
    Claim(K),
    /// It does not, after all.
    Drop(K),
    /// It is done.
    Done {
        /// What it is of.
        run: K,
        /// What studies read of its results.
        results: R,
    },
    /// The writer is still there.
    Alive,
}

/// Results without what no study of many runs reads: traces, and series but those of the traffic.
fn slim(results: Results) -> Results {
    let series = Series {
        every_s: results.series.every_s,
        traffic: results.series.traffic,
        utilization: indexmap::IndexMap::new(),
        offered_load: indexmap::IndexMap::new(),
        waiting: indexmap::IndexMap::new(),
        oldest_s: indexmap::IndexMap::new(),
    };
    Results { traces: Vec::new(), series, ..results }
}
