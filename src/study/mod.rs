//! Many runs, one answer.
pub mod stats;
