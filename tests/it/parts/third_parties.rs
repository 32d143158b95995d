//! What others run.
use super::{about, seen};
use crate::support::Draft;

#[test]
fn s3_takes_its_time_whatever_the_load() {
    let s3 = |per_second| seen(&Draft::new(30.0).service("s3", "on: [], like: \"s3\"").poisson(per_second, "s3.get"));
    let (few, many) = (s3(10.0), s3(5000.0));
    about(few.latency("crowd").mean, 0.1, "a tenth of a second");
    about(many.latency("crowd").mean, 0.1, "also for many");
}
