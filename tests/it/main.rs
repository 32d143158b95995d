//! The integration tests: one crate, so that linking happens once.
#![allow(clippy::unwrap_used, reason = "tests")]

mod catalog;
mod cli;
mod codingame;
mod language;
mod mutations;
mod patches;
mod quantities;
mod report;
mod round_trip;
mod tidy;
mod wrong_files;
