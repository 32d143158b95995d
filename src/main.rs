//! The `surgelab` binary: arguments to the command line or the lab.
fn main() {}
