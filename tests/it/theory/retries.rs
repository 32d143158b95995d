//! What retrying multiplies.

use super::lasting;
use crate::support::{Draft, Watch, agree, simulate};
use surgelab::engine::Simulation;

/// `links` hops that each try `attempts` times, and a last tier `s{links}` whose `work` fails with this chance in percent.
fn layers(links: u32, attempts: u32, failing: f64, seed: u64) -> (Simulation, Watch) {
    let mut draft = Draft::new(2000.0);
    for layer in 0..links {
        let next = layer + 1;
        draft = draft.service(
            &format!("s{layer}"),
            &format!("links: {{ \"s{next}\": (retry: (times: {})) }}, operations: {{ \"work\": [Call(\"s{next}.work\")] }}", attempts - 1),
        );
    }
    let draft = draft
        .service(&format!("s{links}"), &format!("operations: {{ \"work\": [Delay(\"1ms\"), Fail(\"{failing}%\")] }}"))
        .poisson(10.0, "s0.work");
    simulate(&draft, seed)
}

#[test]
fn retries_multiply_by_depth() {
    // Three tries at each of three layers: 27; the SRE book's 4 x 4 x 4 = 64 (ch. 22); the Builders' Library's 3^5 = 243.
    for (links, attempts) in [(3, 3), (3, 4), (5, 3), (4, 2)] {
        let (sim, seen) = layers(links, attempts, 100.0, 1);
        let name = format!("s{links}.work");
        let (last, _) = sim.model().operations.iter().enumerate().find(|(_, o)| o.name == name).expect("the last tier");
        let (bottom, well) = seen.finished[&surgelab::model::OperationId(last as u32)];
        let requests = seen.ended.len() as u64;
        assert_eq!(well, 0);
        assert!(seen.ended.iter().all(|r| !r.succeeded()));
        // Requests cut off by the horizon have begun some of their attempts.
        let whole = u64::from(attempts).pow(links);
        assert!((requests * whole..=(requests + 20) * whole).contains(&bottom), "{bottom} executions for {requests} requests of {whole}");
    }
}

#[test]
fn independent_failures_are_retried_geometrically() {
    for (failing, times, seed) in [(50.0, 1, 2), (30.0, 3, 3)] {
        let draft = lasting(300_000.0, 1000.0).service("app", &format!("operations: {{ \"work\": [Fail(\"{failing}%\")] }}")).poisson_with(
            1000.0,
            "app.work",
            &format!("retry: (times: {times})"),
        );
        let (_, seen) = simulate(&draft, seed);
        let p: f64 = failing / 100.0;
        agree("succeeded", seen.share(|r| r.succeeded()), 1.0 - p.powi(times + 1), 0.01);
        let attempts = seen.attempts.range(0..).map(|(_, n)| n).sum::<u64>() as f64 / seen.ended.len() as f64;
        crate::support::estimate::near("attempts per request", attempts, (1.0 - p.powi(times + 1)) / (1.0 - p), 0.01);
    }
}
