//! Crowds that do not come one by one at random.

use super::*;

/// Requests to one exponential FIFO server, with more said of how they come.
fn crowd(
    case: &Case,
    effort: Effort,
    usual: f64,
    per_second: f64,
    more: &str,
    look: impl Fn(&Window) -> Figures + Sync,
) -> Answers {
    let plan = Plan::of(case, effort, usual, per_second);
    let draft = plan.draft().station("app", 1, None, &exponential(1.0 / case.params.num("mu"))).poisson_with(
        per_second,
        "app.serve",
        more,
    );
    plan.measure(&draft, look)
}

pub fn renewal(case: &Case, effort: Effort) -> Ways {
    let lambda = case.params.num("lam");
    let gaps = case.params.word("arrivals").expect("how the gaps are distributed");
    let found = crowd(case, effort, 3e6, lambda, &format!("gaps: \"{gaps}\""), |window| {
        let waits = window.waits("app.serve");
        let mut figures = station_figures(case, window, "app");
        figures.push(figure("sigma", waits.iter().filter(|wait| **wait > 0.0).count() as f64 / waits.len() as f64));
        figures
    });
    vec![(gaps.to_owned(), found)]
}

/// The rate of a source counts batches.
pub fn batches(case: &Case, effort: Effort) -> Ways {
    let (rate, batch) = (case.params.num("batch_rate"), case.params.num("batch"));
    // Batches, not requests, are what there must be many of.
    let found =
        crowd(case, effort, 2e5, rate, &format!("batch: \"{batch}\""), |window| station_figures(case, window, "app"));
    vec![("batches of one size".into(), found)]
}

/// The rate of a source is a mean over its states' factors times their shares of the time.
pub fn modulated(case: &Case, effort: Effort) -> Ways {
    let (rates, leave) = (case.params.list("rates"), case.params.list("leave"));
    let all: f64 = leave.iter().map(|rate| 1.0 / rate).sum();
    let rate: f64 = rates.iter().zip(&leave).map(|(rate, leave)| rate / leave / all).sum();
    let bursts: String =
        rates.iter().zip(&leave).map(|(of, leave)| format!("({}, \"{}s\"), ", of / rate, 1.0 / leave)).collect();
    let found = crowd(case, effort, 4e6, rate, &format!("bursts: [{bursts}]"), |window| {
        let levels = window.levels("app");
        let beyond = |n: usize| levels.iter().skip(n).sum::<f64>();
        let mut figures = station_figures(case, window, "app");
        figures.push(figure("lam_mean", window.doors("app.serve").0 / window.seconds));
        figures.push(figure("decay_rate", beyond(9) / beyond(8)));
        figures
    });
    vec![("states in turn".into(), found)]
}
