//! How requests are spread over equal servers.

use super::*;

/// `n` exponential FIFO servers.
fn farm(plan: Plan, balance: &str, n: u32, per_server: f64, service: f64) -> Draft {
    plan.draft()
        .machine("farm", &format!("count: {n}"))
        .service(
            "app",
            &format!("on: [\"farm\"], workers: 1, operations: {{ \"serve\": [Delay(\"exp({service}s)\")] }}"),
        )
        .poisson_with(per_server * f64::from(n), "app.serve", &format!("access: (balance: {balance})"))
}

/// Names of figures that begin so, with the number that follows.
fn numbered<'a>(case: &'a Case, prefix: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
    case.expected.keys().filter_map(move |name| Some((name.as_str(), name.strip_prefix(prefix)?.parse().ok()?)))
}

/// The mean-field value needs many servers: the difference falls as one over their number.
pub fn power_of_d(case: &Case, effort: Effort) -> Ways {
    let service = 1.0 / case.params.num("mu");
    let n = if effort == Effort::Full { case.params.num_or("n", 2000.0) as u32 } else { 500 };
    let run = |d: u32, per_server: f64, look: &(dyn Fn(&Window) -> Figures + Sync)| {
        let load = per_server * service;
        // Alone, each server forgets how it began within 1 / (1 - sqrt(load))^2 services (Cohen 1969); with choices
        // much sooner.
        let settled = if d == 1 { 5.0 / (1.0 - load.sqrt()).powi(2) } else { 10.0 / (1.0 - load) };
        let plan = Plan::of(case, effort, 5e6, per_server * f64::from(n)).warm_up(settled * service);
        let balance = if d == 1 { "Random".to_owned() } else { format!("LeastOf({d})") };
        plan.measure(&farm(plan, &balance, n, per_server, service), look)
    };
    let mut ways = Ways::new();
    for (name, d) in numbered(case, "W_d") {
        let found = run(d as u32, case.params.num("lam_per_server"), &|window| {
            let levels = window.levels("app");
            let mut figures = vec![figure(name, window.latency())];
            if d == 2.0 {
                figures
                    .extend(numbered(case, "s_").map(|(name, k)| figure(name, levels.iter().skip(k as usize).sum())));
            }
            figures
        });
        ways.push((format!("{d} choices"), found));
    }
    for (name, per_server) in numbered(case, "W_lam") {
        let found = run(case.params.int("d"), per_server, &|window| vec![figure(name, window.latency())]);
        ways.push((format!("at {per_server}"), found));
    }
    ways
}

pub fn shorter(case: &Case, effort: Effort) -> Ways {
    let (per_server, service, n) =
        (case.params.num("lam_per_server"), 1.0 / case.params.num("mu"), case.params.int("n"));
    let plan = Plan::of(case, effort, 4e6, per_server * f64::from(n));
    let found = plan.measure(&farm(plan, "LeastConnections", n, per_server, service), |window| {
        vec![
            figure("L", window.present("app")),
            figure("W", window.latency()),
            figure("P_idle_any", window.any_idle("app")),
        ]
    });
    vec![("least connections, ties at random".into(), found)]
}

pub fn round_robin(case: &Case, effort: Effort) -> Ways {
    let (per_server, service, n) =
        (case.params.num("lam_per_server"), 1.0 / case.params.num("mu"), case.params.int("n"));
    let plan = Plan::of(case, effort, 4e6, per_server * f64::from(n));
    let around = |window: &Window| {
        let waits = window.waits("app.serve");
        let waited = waits.iter().filter(|wait| **wait > 0.0).count() as f64;
        vec![figure("W", window.latency()), figure("sigma", waited / waits.len() as f64)]
    };
    let behind = plan
        .draft()
        .machine("farm", &format!("count: {n}"))
        .service(
            "app",
            &format!("on: [\"farm\"], workers: 1, operations: {{ \"serve\": [Delay(\"exp({service}s)\")] }}"),
        )
        .service("front", "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (balance: RoundRobin) }")
        .poisson(per_server * f64::from(n), "front.serve");
    let random = |window: &Window| vec![figure("W_random_for_comparison", window.latency())];
    let central = |window: &Window| vec![figure("W_central_queue", window.latency())];
    vec![
        ("round robin".into(), plan.measure(&farm(plan, "RoundRobin", n, per_server, service), around)),
        ("round robin behind a balancer".into(), plan.measure(&behind, around)),
        ("random".into(), plan.measure(&farm(plan, "Random", n, per_server, service), random)),
        (
            "one queue".into(),
            plan.measure(&station(plan, per_server * f64::from(n), n, None, &exponential(service)), central),
        ),
    ]
}

pub fn random(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, n) = (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.int("servers"));
    let plan = Plan::of(case, effort, 2e6, lambda);
    let mut draft = plan.draft();
    let mut branches = String::new();
    // A service of its own each, so that each has its own mean.
    for at in 0..n {
        draft = draft.machine(&format!("m{at}"), "count: 1").service(
            &format!("app{at}"),
            &format!("on: [\"m{at}\"], operations: {{ \"serve\": [Cpu(\"exp({service}s)\")] }}"),
        );
        branches += &format!("(1, [Call(\"app{at}.serve\")]), ");
    }
    let draft =
        draft.source("crowd", &format!("Users(arrive: Constant(\"{lambda}/s\"), journey: [Choose([{branches}])])"));
    let found = plan.measure(&draft, |window| {
        let at = |server: u32| mean(&window.latencies_of(&format!("app{server}.serve")));
        vec![("W".to_owned(), (0..n).map(at).collect())]
    });
    let balanced = plan
        .draft()
        .machine("farm", &format!("count: {n}"))
        .service("app", &format!("on: [\"farm\"], operations: {{ \"serve\": [Cpu(\"exp({service}s)\")] }}"))
        .poisson_with(lambda, "app.serve", "access: (balance: Random)");
    let both = plan.measure(&balanced, |window| vec![("W".to_owned(), vec![window.latency(); n as usize])]);
    vec![("a choice of the crowd".into(), found), ("random balance".into(), both)]
}
