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

#[test]
fn cloudfront_asks_the_origin_once_for_each_file() {
    let site = seen(
        &Draft::new(120.0)
            .key("file", "Zipf(n: 200, s: 0.8)")
            .service(
                "cdn",
                "on: [], like: \"cloudfront\", links: { \"s3\": () }, operations: { \"get\": [Delay(\"10ms\"), Cached(\"edge\", \"file\", [], [Call(\"s3.get\")])] }",
            )
            .service("s3", "on: [], like: \"s3\"")
            .poisson(100.0, "cdn.get"),
    );
    assert!(
        site.0.operations["s3.get"].traffic.offered < 300,
        "two hundred files, and a few asked for twice at the start"
    );
    assert!(site.latency("crowd").p50 < 0.011 && site.latency("crowd").max > 0.05);
}
