//! What retrying multiplies.

use super::*;
use crate::support::simulate;
use crate::truths::experiment::estimate;
use rayon::prelude::*;

pub fn independent(case: &Case, effort: Effort) -> Ways {
    let (failing, times) = (case.params.num("p_fail"), case.params.int("max_retries"));
    let plan = Plan::of(case, effort, 1e6, 1000.0);
    let draft = plan
        .draft()
        .service("app", &format!("operations: {{ \"serve\": [Delay(\"1ms\"), Fail(\"{}%\")] }}", 100.0 * failing))
        .poisson_with(1000.0, "app.serve", &format!("retry: (times: {times})"));
    let found = plan.measure(&draft, |window| {
        let requests = window.seen.ended.len() as f64 / window.seconds;
        vec![figure("attempts_per_call", window.attempts() / requests), figure("success", window.goodput() / requests)]
    });
    vec![("by chance".into(), found)]
}

/// Layers that each try so many times, and a last one that always fails.
pub fn depth(case: &Case, _: Effort) -> Ways {
    let (layers, attempts) = (case.params.int("layers"), case.params.int("attempts_per_layer"));
    let mut draft = Draft::new(2000.0);
    for layer in 0..layers {
        let next = layer + 1;
        draft = draft.service(
            &format!("s{layer}"),
            &format!(
                "links: {{ \"s{next}\": (retry: (times: {})) }}, operations: {{ \"serve\": [Call(\"s{next}.serve\")] }}",
                attempts - 1
            ),
        );
    }
    // Few and far between, so that none is cut off by the horizon.
    let draft =
        draft.service(&format!("s{layers}"), "operations: { \"serve\": [Delay(\"1us\"), Fail(\"100%\")] }").source(
            "crowd",
            "Open(rate: Stages(start: \"1/s\", stages: [(\"1900s\", \"1/s\"), (\"0s\", \"0/s\")]), call: \"s0.serve\")",
        );
    let (sim, seen) = simulate(&draft, 1);
    let last = sim
        .model()
        .operations
        .iter()
        .position(|operation| operation.name == format!("s{layers}.serve"))
        .expect("it is there");
    let (bottom, _) = seen.finished[&surgelab::model::OperationId::new(last)];
    let mut answers = Answers::default();
    answers.exact("bottom_attempts", bottom as f64 / seen.ended.len() as f64);
    vec![("down the chain".into(), answers)]
}

/// A door so wide that who finds it full does so by the mean load, and retries so late that they are independent.
pub fn rejected(case: &Case, effort: Effort) -> Ways {
    let (load, times) = (case.params.num("offered_over_capacity"), case.params.int("max_retries"));
    let capacity = 500.0;
    let plan = Plan::of(case, effort, 2e6, load * capacity).warm_up(200.0);
    let draft = plan.draft().station("app", capacity as u32, Some(0), "exp(1s)").poisson_with(
        load * capacity,
        "app.serve",
        &format!("retry: (times: {times}, after: \"exp(20s)\")"),
    );
    let found = plan.measure(&draft, |window| {
        let (inside, outside) = window.doors("app.serve");
        vec![
            figure("attempt_rate", window.attempts() / capacity),
            figure("p_fail", outside / (inside + outside)),
            figure("success", window.share(|request| request.succeeded())),
            figure("goodput", window.goodput() / capacity),
        ]
    });
    vec![("turned away at once".into(), found)]
}

/// A server that slows with what is in flight, a short surge, and clients that try again at once.
pub fn collapse(case: &Case, _: Effort) -> Ways {
    let params = &case.params;
    let (base, slope, rate, spike) =
        (params.num("base_s"), params.num("per_request_s"), params.num("lam"), params.num("spike"));
    let (network, timeout, tries) = (params.num("net_delay"), params.num("timeout_s"), params.int("tries"));
    let draft = Draft::new(80.0)
        .service("app", &format!("operations: {{ \"serve\": [Delay(\"{base}s + {slope}s*in_flight\")] }}"))
        .source(
            "crowd",
            &format!("Open(rate: Stages(start: \"{rate}/s\", stages: [(\"20s\", \"{rate}/s\"), (\"0s\", \"{spike}/s\"), (\"5s\", \"{spike}/s\"), (\"0s\", \"{rate}/s\")]), call: \"app.serve\", patience: \"{timeout}s\", retry: (times: {}), access: (latency: \"exp({network}s)\"))", tries - 1),
        );
    let runs = 200u64;
    let seen: Vec<(f64, f64)> = (1..=runs)
        .into_par_iter()
        .map(|seed| {
            let (_, seen) = simulate(&draft, seed);
            (seen.goodput(0.0, 20.0), seen.goodput(40.0, 78.0))
        })
        .collect();
    let recovered = seen.iter().filter(|(_, after)| *after > 0.9 * rate).count();
    let mut answers = Answers::default();
    answers.put("goodput_0_20", estimate(seen.iter().map(|(before, _)| *before)));
    answers.put("goodput_40_78", estimate(seen.iter().map(|(_, after)| *after)));
    answers.exact("recovers_majority_of_runs", f64::from(u8::from(2 * recovered > seen.len())));
    vec![("no backoff".into(), answers)]
}
