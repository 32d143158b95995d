//! On the way to a steady state, or without one.

use super::*;
use crate::support::Estimate;
use crate::truths::experiment::ensemble;
use surgelab::engine::Simulation;

fn in_system(sim: &Simulation) -> f64 {
    let workers = sim.resources().find(|resource| resource.name == "app/0.workers").expect("the station has workers");
    workers.level + f64::from(workers.waiting)
}

/// Averages over many runs that all start empty.
pub fn transient(case: &Case, effort: Effort) -> Ways {
    let (lambda, service) = (case.params.num("lam"), 1.0 / case.params.num("mu"));
    let mut times: Vec<f64> = case.expected.keys().filter_map(|name| name.rsplit("_t").next()?.parse().ok()).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let draft = Draft::new(times.last().copied().expect("a time is asked about"))
        .station("app", 1, None, &exponential(service))
        .poisson(lambda, "app.serve");
    let runs = if effort == Effort::Full { 80_000 } else { 10_000 };
    let counts = ensemble(&draft, runs, &times, in_system);
    let mut answers = Answers::default();
    for (at, time) in times.iter().enumerate() {
        let column = |f: &dyn Fn(f64) -> f64| {
            let values: Vec<f64> = counts.iter().map(|run| f(run[at])).collect();
            Estimate { value: mean(&values), half_width: 1.96 * (variance(&values) / values.len() as f64).sqrt() }
        };
        answers.put(&format!("EN_t{time}"), column(&|n| n));
        answers.put(&format!("P0_t{time}"), column(&|n| f64::from(u8::from(n == 0.0))));
    }
    vec![("from empty".into(), answers)]
}

/// A crowd that grows and goes in straight lines. Everything is multiplied by `finer`, so that chance hardly shows.
pub fn triangle(case: &Case, _: Effort) -> Ways {
    let params = &case.params;
    let (l0, slope, mu, t_peak) = (params.num("l0"), params.num("slope"), params.num("mu"), params.num("t_peak"));
    let finer = 40.0;
    let top = (l0 + slope * t_peak) * finer;
    let rate = l0 * finer;
    let draft = Draft::new(2.0 * t_peak * 2.0).station("app", 1, None, &format!("{}s", 1.0 / (mu * finer))).source(
        "crowd",
        &format!("Open(rate: Stages(start: \"{rate}/s\", stages: [(\"{t_peak}s\", \"{top}/s\"), (\"{t_peak}s\", \"{rate}/s\")]), call: \"app.serve\")"),
    );
    let steps: Vec<f64> = (1..=(40.0 * t_peak) as u32).map(|tenth| f64::from(tenth) / 10.0).collect();
    let waiting = &ensemble(&draft, 1, &steps, in_system)[0];
    let most = waiting.iter().copied().fold(0.0, f64::max);
    let peak = waiting.iter().position(|n| *n == most).expect("there is a highest");
    // The backlog begins as (slope / 2) (t - t0)^2: its root is a straight line through two points of the way up.
    let reaches =
        |part: f64| steps[waiting.iter().position(|n| *n >= part * most).expect("it is on the way to the peak")];
    let begins = 2.0 * reaches(1.0 / 16.0) - reaches(1.0 / 4.0);
    let empty = peak + waiting[peak..].iter().position(|n| *n < most / 500.0).expect("it drains");
    let mut answers = Answers::default();
    answers.exact("t_overload_start", begins);
    answers.exact("t_peak_backlog", steps[peak]);
    answers.exact("peak_backlog", most / finer);
    answers.exact("t_empty", steps[empty]);
    vec![("straight lines".into(), answers)]
}
