//! What the results say of one request: who did what, when, and what it is an example of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request, as a waterfall.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Whose request.
    pub source: String,
    /// Its number, per source.
    pub number: u64,
    /// What it is an example of: "slowest" and "typical" of those that succeeded, "degraded", "failed".
    #[serde(default)]
    pub example: Example,
    /// Intended start.
    pub started_s: f64,
    /// To its final outcome.
    pub latency_s: f64,
    /// "succeeded", "degraded" or the reason it failed.
    pub outcome: String,
    /// In order of their start.
    pub spans: Vec<Span>,
}

/// What a request is an example of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Example {
    /// One of the slowest that succeeded.
    #[default]
    Slowest,
    /// One of the others that succeeded.
    Typical,
    /// One that a fallback answered.
    Degraded,
    /// One that failed in its way.
    Failed,
}

impl Example {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Example::Slowest => "slowest",
            Example::Typical => "typical",
            Example::Degraded => "degraded",
            Example::Failed => "failed",
        }
    }
}

/// One piece of a request: who did what, when (relative to the request's start), nested by `depth`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// 0 = the client.
    pub depth: u32,
    /// Operation, or the source for what its client does.
    pub name: String,
    /// "cpu", "backlog", "call rds", ...
    pub what: String,
    /// It is time spent waiting rather than being served.
    pub waits: bool,
    /// When it began, in seconds from the start of the request.
    pub from_s: f64,
    /// When it ended, likewise.
    pub to_s: f64,
}
