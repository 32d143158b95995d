//! Who finds the door full and comes again.

use super::*;

/// Each of those waiting comes again by itself.
pub fn linear(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, service, theta, c) =
        (params.num("lam"), 1.0 / params.num("mu"), params.num("theta"), params.num_or("c", 1.0) as u32);
    let plan = Plan::of(case, effort, 6e6, lambda).warm_up(100.0 / theta);
    let draft = plan.draft().station("app", c, Some(0), &exponential(service)).poisson_with(
        lambda,
        "app.serve",
        &format!("retry: (forever: true, after: \"exp({}s)\")", 1.0 / theta),
    );
    let found = plan.measure(&draft, |window| {
        let busy = window.busy("app/0.workers");
        let spent: f64 = window.latencies(|_| true).iter().sum();
        let levels = window.levels("app");
        let of = |name: &str| match name {
            // Little: those who came and have not been served, less those being served.
            "orbit_mean" => spent / window.seconds - busy,
            "P_busy" => window.used("app/0.workers"),
            "P_block" => levels.get(c as usize).copied().unwrap_or(0.0),
            "busy" => busy,
            "W" => window.latency(),
            _ => window.attempts(),
        };
        case.expected.keys().map(|name| figure(name, of(name))).collect()
    });
    vec![("a full door and patience".into(), found)]
}

/// Only the first of those waiting comes again: an orbit with one worker, whose link tries until it is let in. When a
/// visit is over the next begins to try: exponential times forget how long they have lasted.
pub fn constant(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, service, theta) = (params.num("lam"), 1.0 / params.num("mu"), params.num("theta"));
    let system = |plan: Plan, service: f64| {
        let again = exponential(1.0 / theta);
        let time = exponential(service);
        plan.draft()
            .service("app", &format!("workers: 1, backlog: (limit: 0), operations: {{ \"serve\": [Delay(\"{time}\")], \"again\": [Delay(\"{time}\")] }}"))
            .service("orbit", &format!("workers: 1, links: {{ \"app\": (retry: (forever: true, after: \"{again}\")) }}, operations: {{ \"wait\": [Delay(\"{again}\"), Call(\"app.again\")] }}"))
            .source("crowd", &format!("Users(arrive: Constant(\"{lambda}/s\"), journey: [Try([Call(\"app.serve\")], [Call(\"orbit.wait\")])])"))
    };
    let plan = Plan::of(case, effort, 4e6, lambda);
    let calm = plan.measure(&system(plan, service), |window| {
        let orbit = window.busy("orbit/0.workers") + window.waiting("orbit/0.workers");
        vec![
            figure("orbit_mean", orbit - window.finished("app.again") * service),
            figure("P_busy", window.used("app/0.workers")),
        ]
    });
    // The server is slowed until the orbit grows without end: the load at which it does, between two that are tried.
    let limit = theta / (lambda + theta);
    let grows = |load: f64| {
        let plan = Plan { seconds: 40_000.0 / lambda, warm_up: 0.0 };
        let answers = plan
            .measure(&system(plan, load / lambda), |window| vec![figure("growth", window.waiting("orbit/0.workers"))]);
        // Batches follow each other in time: a queue without end has a spread to show for it.
        answers.found["growth"][0].value > 0.01 * 40_000.0
    };
    let mut bracket = Answers::default();
    let (below, above) = (0.95 * limit, 1.05 * limit);
    assert!(!grows(below), "at a load of {below} the orbit stays small");
    assert!(grows(above), "at a load of {above} it grows");
    bracket.put("stability_rho_limit", crate::support::Estimate { value: limit, half_width: 0.05 * limit / 3.0 });
    vec![("an orbit in line".into(), calm), ("slowed".into(), bracket)]
}
