//! The engine against queueing theory: whatever has an exact answer must come out within its statistical error.
//!
//! Expected values are computed by `support::exact`, which is itself checked against printed figures (`formulas`).
//! Seeds are fixed: a proof passes or fails the same way everywhere.

mod arrivals;
mod balancing;
mod devices;
mod formulas;
mod many;
mod networks;
mod patience;
mod queues;
mod retries;
mod shares;
mod sharing;
mod single;
mod storm;
mod surge;

use crate::support::Draft;

/// A scenario long enough for `requests` arrivals, after a fiftieth of that unmeasured.
fn lasting(requests: f64, per_second: f64) -> Draft {
    let horizon = (requests / per_second).ceil();
    Draft::new(horizon).warm_up((horizon / 50.0).ceil())
}
