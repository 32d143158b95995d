//! The integration tests: one crate, so that linking happens once.
#![allow(clippy::unwrap_used, reason = "tests")]

mod catalog;
mod cli;
mod conservation;
mod determinism;
mod doors;
mod edits;
mod fields_act;
mod host;
mod incidents;
mod language;
mod layout;
mod lessons;
mod links;
mod live_changes;
mod metastable;
mod metrics;
mod mutations;
mod napkin;
mod operators;
mod outcomes;
mod parts;
mod patches;
mod quantities;
mod report;
mod round_trip;
mod stores;
mod support;
mod theory;
mod tidy;
mod truths;
mod wrong_files;
