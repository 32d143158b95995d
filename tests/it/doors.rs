//! How services take calls in: who waits, who is served next, who is turned away and how, and for how long.

mod backlog;
mod deadlines;
mod silence;
mod visitors;

use crate::support::Draft;

/// Long enough for `requests` arrivals, after a fiftieth of that unmeasured.
fn lasting(requests: f64, per_second: f64) -> Draft {
    let horizon = (requests / per_second).ceil();
    Draft::new(horizon).warm_up((horizon / 50.0).ceil())
}
