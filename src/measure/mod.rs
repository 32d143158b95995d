//! Measuring: listens to a run and says what was asked, what came of it, what saturated and because of what.
//!
//! `record` is the whole of it: simulate to the horizon, hear every observation, look at the resources once per
//! simulated second, report. Measuring cannot change a run: it only reads. Windows are [from, to). Counts, shares and
//! latencies are of the cohort that started within the horizon, and what has no outcome by then is counted as in
//! flight; goodput and the figures of resources are of what happened within it.

mod acts;
mod alarm;
mod asked;
mod baseline;
mod beliefs;
mod blame;
pub mod catalogue;
mod breakers;
mod wait_graph;
#[cfg(test)]
mod checks;
mod counters;
mod culprits;
mod detector;
mod emptied;
mod episode;
mod excess;
mod failures;
mod flow;
mod halt;
pub mod harm;
mod losses;
mod held;
mod held_back;
pub mod impact;
mod histogram;
mod dead_letters;
mod decided;
mod availability;
mod kept;
mod lines;
mod moment;
mod objectives;
mod observer;
mod offered;
mod outages;
mod pending;
pub mod phrasing;
mod pools;
mod queues;
pub mod ranking;
mod recorder;
mod summary;
mod resource;
mod resource_rows;
mod resources;
pub mod results;
mod rules;
mod run;
mod saturations;
mod sentences;
mod series;
mod sessions;
mod shares;
mod stores;
mod stretches;
pub mod story;
pub mod subject;
mod syndromes;
mod trace;
mod traces;
mod traffic;
mod trouble;
mod warnings;
mod story_builder;
mod watched;
mod windows;

pub use halt::Halt;
pub use histogram::Sketch;
pub use recorder::Recorder;
pub use results::Results;
pub use run::{Options, Recording, record};
pub use summary::report;
pub use traffic::{REASONS, reason_index, reason_name};
pub use trouble::{Trouble, TroubleKind};
