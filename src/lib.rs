//! surgelab: find out where your architecture breaks before the crowd does.
//!
//! The house, from the ground up; a layer imports only from those above it in this list.

pub mod units;
pub mod number;
pub mod plain;
pub mod ids;
pub mod files;
pub mod scenario;
pub mod catalog;
pub mod model;
pub mod engine;
pub mod measure;
pub mod napkin;
pub mod experiment;
pub mod share;
pub mod study;
pub mod layout;
pub mod report;
pub mod host;
pub mod shot;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "panels")]
pub mod lab;
