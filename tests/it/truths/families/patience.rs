//! Users who do not wait for ever.

use super::*;
use surgelab::scenario::Reason;

pub fn fixed(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, tau) = (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.num("tau"));
    let plan = Plan::of(case, effort, 4e6, lambda);
    let impatient = plan.draft().station("app", 1, None, &exponential(service)).poisson_with(
        lambda,
        "app.serve",
        &format!("patience: \"{tau}s\", access: (cancel: Queued)"),
    );
    let look = |window: &Window| {
        let waits = window.waits("app.serve");
        let came = window.doors("app.serve").0;
        vec![
            figure("P_renege", 1.0 - waits.len() as f64 / came),
            figure("P_nowait", waits.iter().filter(|wait| **wait == 0.0).count() as f64 / came),
            figure("X", waits.len() as f64 / window.seconds),
            figure("U", window.used("app/0.workers")),
            figure("Wq_served", mean(waits)),
        ]
    };
    let in_time = |window: &Window| {
        let share = figure("P_in_time", window.share(|request| request.succeeded()));
        [vec![share], look(window)].concat()
    };
    let dropped = plan
        .draft()
        .service(
            "app",
            &format!(
                "workers: 1, backlog: (drop: Older(than: \"{tau}s\")), operations: {{ \"serve\": [Delay(\"{}\")] }}",
                exponential(service)
            ),
        )
        .poisson(lambda, "app.serve");
    vec![
        ("withdrawn from the queue".into(), plan.measure(&impatient, in_time)),
        ("dropped when its turn comes".into(), plan.measure(&dropped, look)),
    ]
}

pub fn deaf(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, patience) =
        (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.num("client_timeout"));
    let plan = Plan::of(case, effort, 5e6, lambda);
    let draft = plan.draft().station("app", 1, None, &exponential(service)).poisson_with(
        lambda,
        "app.serve",
        &format!("patience: \"{patience}s\""),
    );
    let found = plan.measure(&draft, |window| {
        vec![figure("goodput", window.goodput()), figure("timeout_fraction", window.failed(Reason::TimedOut))]
    });
    vec![("nobody listens".into(), found)]
}

/// Patience that is drawn; who is being served stays.
pub fn drawn(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, service, c, theta) = (params.num("lam"), 1.0 / params.num("mu"), params.int("c"), params.num("theta"));
    let plan = Plan::of(case, effort, 6e6, lambda);
    let draft = plan.draft().station("app", c, None, &exponential(service)).poisson_with(
        lambda,
        "app.serve",
        &format!("patience: \"{}\", access: (cancel: Queued)", exponential(1.0 / theta)),
    );
    let found = plan.measure(&draft, |window| {
        let waits = window.waits("app.serve");
        let came = window.doors("app.serve").0;
        let queue = window.waiting("app/0.workers");
        vec![
            figure("P_abandon", 1.0 - waits.len() as f64 / came),
            figure("P_wait", 1.0 - waits.iter().filter(|wait| **wait == 0.0).count() as f64 / came),
            figure("Lq", queue),
            figure("Wq_all", queue * window.seconds / came),
            figure("U", window.used("app/0.workers")),
            figure("X", window.finished("app.serve")),
        ]
    });
    vec![("withdrawn from the queue".into(), found)]
}
