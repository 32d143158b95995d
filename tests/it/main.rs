//! The integration tests: one crate, so that linking happens once.
#![allow(clippy::unwrap_used, reason = "tests")]

mod codingame;
mod language;
mod mutations;
mod patches;
mod report;
mod round_trip;
mod wrong_files;
