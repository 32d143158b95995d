//! What a run yielded, told: results in, a string out. Prints nothing, reads no clock and no environment.
pub mod number;
