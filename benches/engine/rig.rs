//! Runs a hand-written loop and the engine in turn (A B A B ...) and prints what each does in a second.
use std::sync::Arc;
use std::time::Instant;
use surgelab::engine::{Advance, Silent, Simulation};
use surgelab::measure::{self, Options, Results};
use surgelab::model::{Model, SourceId};
use surgelab::scenario;

/// What a loop counted.
#[derive(Default)]
pub struct Tally {
    pub offered: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub events: u64,
    latency_nanos: i128,
}

impl Tally {
    pub fn succeed(&mut self, latency: i64) {
        self.succeeded += 1;
        self.latency_nanos += i128::from(latency);
    }

    fn latency_mean(&self) -> f64 {
        self.latency_nanos as f64 / 1e9 / self.succeeded as f64
    }
}

/// How often each side runs; the median counts.
const ROUNDS: u64 = 7;

/// Compares `by_hand` with the engine on `text`.
pub fn compare(name: &str, text: &str, mut by_hand: impl FnMut(u64) -> Tally) {
    let model = compile(name, text);
    let (mut loops, mut engine, mut listened, mut shares) = (vec![], vec![], vec![], vec![]);
    let (mut loop_events, mut engine_events) = (vec![], vec![]);
    let mut latencies = (0.0, 0.0);
    let mut failed = (0.0, 0.0);
    for round in 0..ROUNDS {
        let clock = Instant::now();
        let tally = by_hand(round + 1);
        let wall = clock.elapsed().as_secs_f64();
        loops.push(tally.offered as f64 / wall);
        loop_events.push(tally.events as f64 / wall);
        latencies.0 += tally.latency_mean() / ROUNDS as f64;
        failed.0 += tally.failed as f64 / tally.offered as f64 / ROUNDS as f64;

        let silent = silent(&model, round + 1);
        shares.push(silent.requests / silent.wall / loops[round as usize]);
        engine.push(silent.requests / silent.wall);
        engine_events.push(silent.events / silent.wall);

        let clock = Instant::now();
        let results = record(&model, round + 1);
        let wall = clock.elapsed().as_secs_f64();
        let traffic = &results.traffic[0];
        listened.push(traffic.offered as f64 / wall);
        latencies.1 += traffic.latency_s.map_or(0.0, |latency| latency.mean) / ROUNDS as f64;
        failed.1 += traffic.failures() as f64 / traffic.offered as f64 / ROUNDS as f64;
    }
    let hand = median(&mut loops);
    println!("{name}");
    println!("  by hand   {} requests/s  {} events/s", millions(hand), millions(median(&mut loop_events)));
    println!(
        "  engine    {} requests/s  {} events/s  share {:.2}",
        millions(median(&mut engine)),
        millions(median(&mut engine_events)),
        median(&mut shares)
    );
    let listened = median(&mut listened);
    println!("  measured  {} requests/s                    share {:.2}", millions(listened), listened / hand);
    println!("  mean latency  by hand {:.3} ms  engine {:.3} ms", latencies.0 * 1e3, latencies.1 * 1e3);
    println!("  failed        by hand {:.2} %  engine {:.2} %", failed.0 * 100.0, failed.1 * 100.0);
}

/// A scenario without a loop beside it: how long a whole run takes, and what it does in a second.
pub fn alone(name: &str, text: &str) {
    let model = compile(name, text);
    let silent = silent(&model, 1);
    let clock = Instant::now();
    let results = record(&model, 1);
    let wall = clock.elapsed().as_secs_f64();
    let requests: u64 = results.traffic.values().map(|traffic| traffic.offered).sum();
    println!("{name}");
    println!(
        "  engine    {} requests/s  {} events/s  {:.2} s",
        millions(silent.requests / silent.wall),
        millions(silent.events / silent.wall),
        silent.wall
    );
    println!(
        "  measured  {} requests/s  {} events/s  {wall:.2} s",
        millions(requests as f64 / wall),
        millions(results.engine.events as f64 / wall)
    );
}

/// Requests of a run that nobody listens to.
pub fn requests_of_silent(text: &str) -> u64 {
    silent(&compile("model", text), 1).requests as u64
}

/// Requests of a run with everything the report needs.
pub fn requests_of_measured(text: &str) -> u64 {
    record(&compile("model", text), 1).traffic.values().map(|traffic| traffic.offered).sum()
}

struct Run {
    requests: f64,
    events: f64,
    wall: f64,
}

fn silent(model: &Arc<Model>, seed: u64) -> Run {
    let clock = Instant::now();
    let mut simulation = Simulation::new(model.clone(), seed);
    let end = surgelab::units::Time(model.horizon.0);
    match simulation.advance(end, u64::MAX, &mut Silent) {
        Advance::Reached | Advance::Budget => {}
        Advance::Stopped(stop) => panic!("the run stopped: {}", stop.name(&surgelab::engine::Limits::DEFAULT)),
    }
    let wall = clock.elapsed().as_secs_f64();
    let requests: u64 = (0..model.sources.len()).map(|source| simulation.source(SourceId::new(source)).requests).sum();
    Run { requests: requests as f64, events: simulation.events() as f64, wall }
}

/// Nanoseconds a request of a silent and of a measured run, the better of three each.
pub fn nanos_of_each(text: &str) -> [f64; 2] {
    let model = compile("scale", text);
    let mut best = [f64::INFINITY; 2];
    for round in 1..=3 {
        let run = silent(&model, round);
        let clock = Instant::now();
        record(&model, round);
        let wall = clock.elapsed().as_secs_f64();
        for (best, wall) in best.iter_mut().zip([run.wall, wall]) {
            *best = best.min(wall / run.requests * 1e9);
        }
    }
    best
}

fn record(model: &Arc<Model>, seed: u64) -> Results {
    measure::record(model.clone(), &Options { seed, ..Options::default() }, &mut |_| {})
}

fn compile(name: &str, text: &str) -> Arc<Model> {
    match scenario::load(name, text).and_then(|loaded| Model::compile(&loaded)) {
        Ok(model) => Arc::new(model),
        Err(problems) => panic!("{name}: {problems:?}"),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn millions(value: f64) -> String {
    format!("{:6.2} M", value / 1e6)
}
