//! The edge of the retry storm (Bronson et al., HotOS 2021) elsewhere than in the scenario `retry-storm`: requests that
//! cost r attempts each keep an overload of capacity C up if and only if r λ > C.

use crate::support::{Draft, Watch, simulate};

/// `rate` requests/s at a database of `work` a query that stalls from 60 s to 70 s.
fn storm(work: &str, rate: f64, retries: u32, seed: u64) -> Watch {
    let draft = Draft::new(3600.0)
        .service("db", &format!("workers: 1, operations: {{ \"query\": [Cpu(\"{work}\")] }}"))
        .poisson_with(rate, "db.query", &format!("patience: \"1s\", retry: (times: {retries})"))
        .rule("At(\"60s\", Slow(target: \"db\", factor: 0.000001, lasting: \"10s\"))");
    simulate(&draft, seed).1
}

#[track_caller]
fn ends(seen: &Watch, rate: f64, well: bool) {
    assert!(seen.goodput(10.0, 60.0) > 0.9 * rate, "it was well before the stall");
    let after = seen.goodput(3300.0, 3600.0);
    assert!(if well { after > 0.9 * rate } else { after == 0.0 }, "{after} of {rate}/s are answered in the end");
}

#[test]
fn the_edge_moves_with_the_number_of_retries() {
    // Three attempts each at 600/s: the edge is 200/s.
    ends(&storm("1.666667ms", 197.0, 2, 3), 197.0, true);
    ends(&storm("1.666667ms", 203.0, 2, 4), 203.0, false);
}

#[test]
fn a_random_service_time_has_the_same_edge() {
    ends(&storm("exp(3.333333ms)", 147.0, 1, 5), 147.0, true);
    ends(&storm("exp(3.333333ms)", 153.0, 1, 6), 153.0, false);
}
