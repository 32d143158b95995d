//! More than can be served, for a while: fluid limits (Newell, *Applications of Queueing Theory*, 1982).

use crate::support::estimate::near;
use crate::support::{Draft, compile};
use surgelab::engine::{Silent, Simulation};
use surgelab::units::Time;

/// What waits for the workers of `app` at the end of every second.
fn backlog(draft: &Draft, seconds: i64, seed: u64) -> Vec<u32> {
    let mut sim = Simulation::new(compile(&draft.text()), seed);
    (1..=seconds)
        .map(|second| {
            sim.advance(Time(second * 1_000_000_000), u64::MAX, &mut Silent);
            sim.resources().find(|r| r.name == "app/0.workers").expect("the station has workers").waiting
        })
        .collect()
}

/// The second at which the backlog is longest, how long it is, and the first second after that with (almost) none.
fn shape(waiting: &[u32]) -> (f64, f64, f64) {
    let (peak, &most) = waiting.iter().enumerate().max_by_key(|&(_, &n)| n).expect("at least one second");
    let empty = waiting[peak..].iter().position(|&n| n < most / 500).expect("it drains") + peak;
    (peak as f64 + 1.0, f64::from(most), empty as f64 + 1.0)
}

#[test]
fn a_step_fills_and_drains_by_the_difference_of_the_rates() {
    // (λ, surge λ', surge length, μ): peak (λ' − μ) T, drained (λ' − μ) T / (μ − λ) later.
    for (base, surge, length, servers, time, seed) in
        [(5.0f64, 50.0, 600.0, 1, "125ms", 1), (300.0, 1200.0, 120.0, 4, "exp(5ms)", 2)]
    {
        let mu = if servers == 1 { 8.0 } else { 800.0 };
        let drain: f64 = (surge - mu) * length / (mu - base);
        let horizon = (100.0 + length + drain * 1.3).ceil();
        let profile = format!(
            "Stages(start: \"{base}/s\", stages: [(\"100s\", \"{base}/s\"), (\"0s\", \"{surge}/s\"), (\"{length}s\", \"{surge}/s\"), (\"0s\", \"{base}/s\")])"
        );
        let draft = Draft::new(horizon)
            .station("app", servers, None, time)
            .source("crowd", &format!("Open(rate: {profile}, call: \"app.serve\")"));
        let (peak, most, empty) = shape(&backlog(&draft, horizon as i64, seed));
        near("peak at", peak, 100.0 + length, 0.02);
        near("peak", most, (surge - mu) * length, 0.03);
        near("empty at", empty, 100.0 + length + drain, 0.05);
    }
}
