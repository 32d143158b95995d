//! Cores shared by all that is ready.

use super::*;
use crate::support::simulate;

fn computing(time: &str) -> String {
    format!("operations: {{ \"serve\": [Cpu(\"{time}\")] }}")
}

pub fn one_core(case: &Case, effort: Effort) -> Ways {
    let (lambda, mean_s) = (case.params.num("lam"), case.params.num("mean"));
    let plan = Plan::of(case, effort, 2e6, lambda);
    let only_exponential = case.params.word("service") == Some("exp");
    let any = [
        format!("exp({mean_s}s)"),
        format!("{mean_s}s"),
        format!("lognormal({mean_s}s, cv 4)"),
        format!("hyperexp({mean_s}s, cv 2)"),
        format!("pareto({mean_s}s, shape 2.5)"),
    ];
    let any = if only_exponential { &any[..1] } else { &any[..] };
    let look = |window: &Window| {
        vec![
            figure("W", window.latency()),
            figure("L", window.present("app")),
            figure("W_var", variance(&window.latencies(|_| true))),
        ]
    };
    let of = |time: &String| {
        let draft = plan.draft().service("app", &computing(time)).poisson(lambda, "app.serve");
        let mut answers = plan.measure(&draft, look);
        if !only_exponential {
            answers.found.remove("W_var");
        }
        (time.clone(), answers)
    };
    let mut ways: Ways = any.iter().map(of).collect();
    let given: Vec<(String, f64)> = case
        .expected
        .keys()
        .filter_map(|name| Some((name.clone(), name.strip_prefix("W_given_x=")?.parse().ok()?)))
        .collect();
    if !given.is_empty() {
        ways.push(("requests of known size among others".into(), sized(plan, lambda, mean_s, &given)));
    }
    ways
}

/// A tenth of the requests has each of the sizes asked about, the rest what keeps the mean.
fn sized(plan: Plan, lambda: f64, mean_s: f64, given: &[(String, f64)]) -> Answers {
    let share = 0.1;
    let rest = 1.0 - share * given.len() as f64;
    let left = (mean_s - given.iter().map(|(_, size)| share * size).sum::<f64>()) / rest;
    assert!(left > 0.0, "the sizes asked about leave no work for the others");
    let sizes: String =
        given.iter().enumerate().map(|(at, (_, size))| format!("\"s{at}\": [Cpu(\"{size}s\")], ")).collect();
    let mut draft = plan
        .draft()
        .service("app", &format!("operations: {{ {sizes}\"serve\": [Cpu(\"exp({left}s)\")] }}"))
        .poisson(lambda * rest, "app.serve");
    for at in 0..given.len() {
        draft = draft
            .source(&format!("c{at}"), &format!("Open(rate: Constant(\"{}/s\"), call: \"app.s{at}\")", lambda * share));
    }
    plan.measure(&draft, |window| {
        let class = |at: usize| mean(&window.latencies(|request| request.source == at as u32 + 1));
        given.iter().enumerate().map(|(at, (name, _))| figure(name, class(at))).collect()
    })
}

pub fn cores(case: &Case, effort: Effort) -> Ways {
    let (lambda, mean_s, cores) = (case.params.num("lam"), case.params.num("mean"), case.params.int("cores"));
    let plan = Plan::of(case, effort, 3e6, lambda);
    let look = |window: &Window| vec![figure("W", window.latency()), figure("L", window.present("app"))];
    let of = |time: &str, machine: u32, cap: &str| {
        let draft = plan
            .draft()
            .machine("box", &format!("cores: {machine}"))
            .service("app", &format!("{cap}{}", computing(time)))
            .poisson(lambda, "app.serve");
        (format!("{time} {cap}on {machine} cores"), plan.measure(&draft, look))
    };
    vec![
        of(&format!("exp({mean_s}s)"), cores, ""),
        of(&format!("{mean_s}s"), cores, ""),
        of(&format!("hyperexp({mean_s}s, cv 2)"), cores, ""),
        of(&format!("lognormal({mean_s}s, cv 1.5)"), 2 * cores, &format!("threads: {cores}, ")),
    ]
}

pub fn limited(case: &Case, effort: Effort) -> Ways {
    let (lambda, level) = (case.params.num("lam"), case.params.int("mpl"));
    let time = case.params.word("service").expect("how long it takes");
    let plan = Plan::of(case, effort, 3e6, lambda);
    let draft =
        plan.draft().service("app", &format!("workers: {level}, {}", computing(time))).poisson(lambda, "app.serve");
    let found = plan.measure(&draft, |window| {
        let mut figures = station_figures(case, window, "app");
        figures.push(figure("n_in_service", window.busy("app/0.workers")));
        figures
    });
    vec![("some at once".into(), found)]
}

pub fn contended(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, alone, room) = (params.num("lam"), params.num("gamma"), params.int("K"));
    let plan = Plan::of(case, effort, 4e6, lambda);
    let draft = plan
        .draft()
        .machine("box", &format!("cores: {}", room.min(1024)))
        .service(
            "app",
            &format!(
                "workers: {room}, backlog: (limit: 0), contention: (sigma: {}, kappa: {}), {}",
                params.num("alpha"),
                params.num("beta"),
                computing(&exponential(1.0 / alone))
            ),
        )
        .poisson(lambda, "app.serve");
    vec![("tasks that slow each other".into(), plan.measure(&draft, |window| station_figures(case, window, "app")))]
}

/// The published measurements fitted, a system with that contention run at the same sizes, and its throughput fitted
/// again.
pub fn scaling(case: &Case, _: Effort) -> Ways {
    let (sizes, throughputs) = (case.params.list("N"), case.params.list("X"));
    let alone = throughputs[0];
    let published: Vec<(f64, f64)> = sizes.iter().zip(&throughputs).map(|(n, x)| (*n, x / alone)).collect();
    let (sigma, kappa) = fit(&published);
    let mut exact = Answers::default();
    exact.exact("alpha", sigma);
    exact.exact("beta", kappa);
    exact.exact("Npeak", ((1.0 - sigma) / kappa).sqrt());
    // Equal work, all of it at once: no chance is left, and throughput is population over latency.
    let relative: Vec<(f64, f64)> = sizes
        .iter()
        .map(|n| {
            let draft = Draft::new(500.0 / alone)
                .machine("box", "cores: 1024")
                .service(
                    "app",
                    &format!(
                        "contention: (sigma: {sigma}, kappa: {kappa}), {}",
                        computing(&format!("{}s", 1.0 / alone))
                    ),
                )
                .source("crowd", &format!("Closed(population: Constant({n}), journey: [Call(\"app.serve\")])"));
            let (_, seen) = simulate(&draft, 1);
            (*n, n / mean(&seen.latencies()) / alone)
        })
        .collect();
    let (sigma, kappa) = fit(&relative);
    let mut again = Answers::default();
    again.exact("alpha", sigma);
    again.exact("beta", kappa);
    vec![("the published throughputs".into(), exact), ("a system with that contention".into(), again)]
}

/// Least squares of N / C(N) − 1 = σ (N − 1) + κ N (N − 1), where C(N) is throughput relative to one: the best first
/// guess, then Gauss and Newton on C(N) itself.
fn fit(points: &[(f64, f64)]) -> (f64, f64) {
    let linear = points.iter().map(|(n, c)| (n - 1.0, n * (n - 1.0), n / c - 1.0));
    let (mut sigma, mut kappa) = normal_equations(linear);
    for _ in 0..50 {
        let step = points.iter().map(|(n, c)| {
            let slowed = 1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0);
            let slope = -n / (slowed * slowed);
            (slope * (n - 1.0), slope * n * (n - 1.0), c - n / slowed)
        });
        let (ds, dk) = normal_equations(step);
        (sigma, kappa) = (sigma + ds, kappa + dk);
    }
    (sigma, kappa)
}

fn normal_equations(rows: impl Iterator<Item = (f64, f64, f64)>) -> (f64, f64) {
    let (mut aa, mut ab, mut bb, mut ay, mut by) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b, y) in rows {
        (aa, ab, bb, ay, by) = (aa + a * a, ab + a * b, bb + b * b, ay + a * y, by + b * y);
    }
    let det = aa * bb - ab * ab;
    ((ay * bb - by * ab) / det, (by * aa - ay * ab) / det)
}

/// Services on one core, each request of the first worth so much more of it than one of the others.
fn weighted(plan: Plan, classes: &[(f64, f64, f64)], look: impl Fn(&Window) -> Figures + Sync) -> Answers {
    let mut draft = plan.draft();
    for (class, (rate, mean_s, weight)) in classes.iter().enumerate() {
        draft = draft
            .service(&format!("s{class}"), &format!("cpu: (weight: {weight}), {}", computing(&exponential(*mean_s))))
            .source(&format!("c{class}"), &format!("Open(rate: Constant(\"{rate}/s\"), call: \"s{class}.serve\")"));
    }
    plan.measure(&draft, look)
}

pub fn discriminated(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let class =
        |at: u32| (params.num(&format!("lam{at}")), params.num(&format!("mean{at}")), params.num(&format!("w{at}")));
    let classes = [class(1), class(2)];
    let plan = Plan::of(case, effort, 8e6, classes[0].0 + classes[1].0);
    let found = weighted(plan, &classes, |window| {
        (0..2).map(|at| figure(&format!("W{}", at + 1), mean(&window.latencies_of(&format!("s{at}.serve"))))).collect()
    });
    vec![("services of different weight".into(), found)]
}

/// A weight a million times larger leaves nothing to the others: for exponential work the order within a class does not
/// change its mean.
pub fn preemptive(case: &Case, effort: Effort) -> Ways {
    let (rates, service) = (case.params.list("lams"), 1.0 / case.params.num("mu"));
    let classes: Vec<(f64, f64, f64)> =
        rates.iter().zip([1000.0, 0.001]).map(|(rate, weight)| (*rate, service, weight)).collect();
    let plan = Plan::of(case, effort, 4e6, rates.iter().sum());
    let found = weighted(plan, &classes, |window| {
        (0..rates.len())
            .map(|at| figure(&format!("W_{}", at + 1), mean(&window.latencies_of(&format!("s{at}.serve")))))
            .collect()
    });
    vec![("all but all of the weight".into(), found)]
}
