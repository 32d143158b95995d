//! One station with a queue, or without.

use super::*;
use crate::support::Estimate;
use crate::truths::experiment::estimate;

pub fn mm1(case: &Case, effort: Effort) -> Ways {
    let (lambda, service) = (case.params.num("lam"), 1.0 / case.params.num("mu"));
    let plan = Plan::of(case, effort, 1e6, lambda);
    let time = exponential(service);
    let place = |fields: &str| plan.draft().service("app", fields).poisson(lambda, "app.serve");
    let look = |window: &Window| station_figures(case, window, "app");
    let computing = place(&format!("workers: 1, operations: {{ \"serve\": [Cpu(\"{time}\")] }}"));
    let event_loop = place(&format!("threads: 1, scheduling: Fifo, operations: {{ \"serve\": [Cpu(\"{time}\")] }}"));
    vec![
        ("one worker that waits".into(), plan.measure(&station(plan, lambda, 1, None, &time), look)),
        ("one worker that computes".into(), plan.measure(&computing, look)),
        (
            "one event loop".into(),
            plan.measure(&event_loop, |window| {
                // The loop has no backlog: its queue is what is ready.
                let mut figures = vec![figure("W", window.latency()), figure("L", window.present("app"))];
                figures.extend(station_quantiles(case, window));
                figures
            }),
        ),
    ]
}

fn station_quantiles(case: &Case, window: &Window) -> Figures {
    let latencies = window.latencies(|_| true);
    let asked = case.expected.keys().filter_map(|name| Some((name, name.strip_prefix("W_p")?.parse::<f64>().ok()?)));
    asked.map(|(name, percent)| figure(name, quantile(&latencies, percent / 100.0))).collect()
}

pub fn mmc(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, c) = (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.int("c"));
    let plan = Plan::of(case, effort, 2e6, lambda);
    let time = exponential(service);
    let cores = plan
        .draft()
        .machine("box", &format!("cores: {c}"))
        .service("app", &format!("workers: {c}, operations: {{ \"serve\": [Cpu(\"{time}\")] }}"))
        .poisson(lambda, "app.serve");
    let look = |window: &Window| station_figures(case, window, "app");
    vec![
        ("workers that wait".into(), plan.measure(&station(plan, lambda, c, None, &time), look)),
        ("workers on as many cores".into(), plan.measure(&cores, look)),
    ]
}

pub fn loss(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, c) = (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.int("c"));
    let plan = Plan::of(case, effort, 1e6, lambda);
    let any = [
        format!("exp({service}s)"),
        format!("{service}s"),
        format!("lognormal({service}s, cv 2)"),
        format!("hyperexp({service}s, cv 2)"),
        format!("uniform(0s, {}s)", 2.0 * service),
    ];
    let look = |window: &Window| station_figures(case, window, "app");
    any.map(|time| (time.clone(), plan.measure(&station(plan, lambda, c, Some(0), &time), look))).into()
}

pub fn mmck(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, service, c, room) = (params.num("lam"), 1.0 / params.num("mu"), params.int("c"), params.int("K"));
    let plan = Plan::of(case, effort, 2e6, lambda);
    let draft = station(plan, lambda, c, Some(room - c), &exponential(service));
    vec![("a backlog with a limit".into(), plan.measure(&draft, |window| station_figures(case, window, "app")))]
}

pub fn mgc(case: &Case, effort: Effort) -> Ways {
    let (lambda, c) = (case.params.num("lam"), case.params.num_or("c", 1.0) as u32);
    let time = case.params.word("service").expect("how long it takes");
    let plan = Plan::of(case, effort, 2e6, lambda);
    let look = |window: &Window| station_figures(case, window, "app");
    let mut ways = vec![("workers that wait".into(), plan.measure(&station(plan, lambda, c, None, time), look))];
    if c == 1 {
        let computing = plan
            .draft()
            .service("app", &format!("workers: 1, operations: {{ \"serve\": [Cpu(\"{time}\")] }}"))
            .poisson(lambda, "app.serve");
        ways.push(("one worker that computes".into(), plan.measure(&computing, look)));
    }
    ways
}

pub fn busy_period(case: &Case, effort: Effort) -> Ways {
    let (lambda, service) = (case.params.num("lam"), 1.0 / case.params.num("mu"));
    let plan = Plan::of(case, effort, 4e6, lambda);
    let draft = station(plan, lambda, 1, None, &exponential(service));
    let found = plan.measure(&draft, |window| {
        let periods = window.busy_periods("app");
        let lengths: Vec<f64> = periods.iter().map(|(seconds, _)| *seconds).collect();
        let customers: Vec<f64> = periods.iter().map(|(_, calls)| *calls as f64).collect();
        vec![
            figure("mean", mean(&lengths)),
            figure("var", variance(&lengths)),
            figure("customers_mean", mean(&customers)),
        ]
    });
    vec![("from empty to empty".into(), found)]
}

/// Open connections, sampled every twentieth of the time one is held.
pub fn connections(case: &Case, effort: Effort) -> Ways {
    let (lambda, hold) = (case.params.num("lam"), case.params.num("hold_mean"));
    let holds = match effort {
        Effort::Quick => 20.0,
        Effort::Full => 40.0,
    };
    [format!("exp({hold}s)"), format!("{hold}s")]
        .map(|time| {
            let draft = Draft::new(holds * hold)
                .warm_up(8.0 * hold)
                .service("push", &format!("operations: {{ \"subscribe\": [HoldFor(\"{time}\")] }}"))
                .poisson(lambda, "push.subscribe");
            let times: Vec<f64> = (0..(holds * 20.0) as u32).map(|at| f64::from(at) * hold / 20.0).collect();
            let counts = crate::truths::experiment::ensemble(&draft, 8, &times, |sim| {
                sim.instances().map(|instance| f64::from(instance.connections)).sum()
            });
            // Stretches of five holding times hardly depend on each other; their spread about the known mean is
            // unbiased.
            let expected = lambda * hold;
            let stretches: Vec<&[f64]> = counts.iter().flat_map(|run| run.chunks_exact(100)).collect();
            let spread =
                |stretch: &&[f64]| mean(&stretch.iter().map(|n| (n - expected) * (n - expected)).collect::<Vec<_>>());
            let mut answers = Answers::default();
            answers.put("mean_connections", estimate(stretches.iter().map(|stretch| mean(stretch))));
            answers.put("variance", estimate(stretches.iter().map(spread)));
            answers.derive("std_connections", "variance", f64::sqrt);
            let all: Vec<f64> = counts.concat();
            answers.put("p99_normal", Estimate { value: quantile(&all, 0.99), half_width: 0.0 });
            (time, answers)
        })
        .into()
}

/// Class 1 first; nobody is interrupted.
pub fn priority(case: &Case, effort: Effort) -> Ways {
    let (rates, service) = (case.params.list("lams"), 1.0 / case.params.num("mu"));
    let plan = Plan::of(case, effort, 3e6, rates.iter().sum());
    let time = exponential(service);
    let operations: String = (0..rates.len()).map(|class| format!("\"c{class}\": [Delay(\"{time}\")], ")).collect();
    let mut draft =
        plan.draft().service("app", &format!("workers: 1, backlog: (order: Priority), operations: {{ {operations} }}"));
    for (class, rate) in rates.iter().enumerate() {
        let priority = rates.len() - class;
        let source = format!("Open(rate: Constant(\"{rate}/s\"), call: \"app.c{class}\", priority: {priority})");
        draft = draft.source(&format!("class{class}"), &source);
    }
    let found = plan.measure(&draft, |window| {
        (0..rates.len())
            .map(|class| figure(&format!("Wq_{}", class + 1), mean(window.waits(&format!("app.c{class}")))))
            .collect()
    });
    vec![("a backlog in order of priority".into(), found)]
}
