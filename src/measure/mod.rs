//! Measuring: listens to a run and says what was asked, what came of it, what saturated and because of what.
//!
//! `record` is the whole of it: simulate to the horizon, hear every observation, look at the resources once per
//! simulated second, report. Measuring cannot change a run: it only reads. Statistics are of the cohort that started
//! within the horizon; what has no outcome by then is counted as in flight.

mod blame;
pub mod catalogue;
mod breakers;
mod wait_graph;
#[cfg(test)]
mod checks;
mod counters;
mod flow;
mod histogram;
mod dead_letters;
mod availability;
mod lines;
mod moment;
mod objectives;
mod offered;
mod outages;
mod pending;
mod phrasing;
mod pools;
mod queues;
mod recorder;
mod summary;
mod resources;
pub mod results;
mod rules;
mod run;
mod sentences;
mod series;
mod sessions;
mod stores;
pub mod story;
pub mod subject;
mod traces;
mod traffic;
mod trouble;
mod warnings;
mod story_builder;
mod windows;

pub use histogram::Sketch;
pub use recorder::Recorder;
pub use results::Results;
pub use run::{Options, Recording, record};
pub use summary::report;
pub use traffic::{REASONS, reason_index, reason_name};
pub use trouble::{Trouble, TroubleKind};
