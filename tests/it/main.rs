//! The integration tests: one crate, so that linking happens once.
#![allow(clippy::unwrap_used, reason = "tests")]

mod report;
mod round_trip;
