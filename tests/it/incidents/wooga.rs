//! The replay of wooga's servers bears out what is known of them: what caches cannot do for those who write, and what a
//! session's own process does.
use super::replay::{replay, row, run, runs, told, within_15_percent};
use std::sync::Arc;
use surgelab::engine::{Observation, Observer, Simulation};
use surgelab::measure::Results;
use surgelab::model::{Model, OperationId};
use surgelab::units::Time;

fn played(variant: Option<&str>) -> Vec<Results> {
    runs(&replay("wooga", variant, &[]), 2)
}

/// Database operations a second.
fn database(results: &Results) -> f64 {
    results
        .operations
        .iter()
        .filter(|(name, _)| name.starts_with("db."))
        .map(|(_, operation)| operation.traffic.offered_per_s)
        .sum()
}

/// Offered load of the application's workers.
fn workers(results: &Results) -> f64 {
    let all: Vec<f64> =
        results.resources.iter().filter(|row| row.subject == "web.workers").map(|row| row.utilization_mean).collect();
    all.iter().sum::<f64>() / all.len() as f64
}

#[test]
fn the_stateless_tier_asks_sixty_thousand_queries_a_second() {
    for results in played(None) {
        within_15_percent(database(&results), 60_000.0, "queries a second");
        within_15_percent(workers(&results), 0.75, "workers busy at 150 ms");
        assert!(results.traffic["players"].failed_share().expect("players") < 0.01, "{}", told(&results));
    }
}

#[test]
fn a_hundred_milliseconds_more_in_the_database_are_too_many() {
    for results in played(Some("a slower database")) {
        let offered = row(&results.napkin, "web.workers").base;
        within_15_percent(offered, 1.25, "offered load at 250 ms");
        assert!(results.traffic["players"].failed_share().expect("players") > 0.1, "{}", told(&results));
    }
}

#[test]
fn a_perfect_read_cache_hardly_helps() {
    let (plain, cached) = (played(None), played(Some("a perfect read cache")));
    for (plain, cached) in plain.iter().zip(&cached) {
        within_15_percent(database(plain) / database(cached), 1.11, "what the cache saves");
        assert!(database(plain) / database(cached) > 1.08, "it helps a little");
    }
}

#[test]
fn a_process_a_session_asks_a_thousand_times_less() {
    let plain = database(&run(&replay("wooga", None, &[]), 1));
    for results in played(Some("stateful")) {
        within_15_percent(database(&results), 46.0, "operations a second");
        assert!(plain / database(&results) > 1000.0, "{plain} / {}", database(&results));
        let live: f64 = results.stores.iter().map(|store| store.entries_mean).sum();
        within_15_percent(live, 20_800.0, "sessions in memory");
    }
    for results in played(Some("stateful with checkpoints")) {
        within_15_percent(database(&results), 116.0, "operations a second with checkpoints");
    }
}

#[test]
fn a_dead_node_costs_its_sessions_and_a_burst_of_loads() {
    let loaded = replay("wooga", Some("a node dies"), &[("horizon", "90s")]);
    for results in runs(&loaded, 2) {
        let lost: u64 = results.stores.iter().map(|store| store.lost_dirty).sum();
        within_15_percent(lost as f64, 2_604.0, "sessions lost");
    }
    let model = Arc::new(Model::compile(&loaded).expect("it compiles"));
    let load = model.operations.iter().position(|operation| operation.name == "db.load").expect("sessions are loaded");
    for seed in 1..=2 {
        let mut simulation = Simulation::new(model.clone(), seed);
        let mut loads = Loads { operation: OperationId::new(load), begun: vec![0; 90] };
        simulation.advance(Time(model.horizon.0), u64::MAX, &mut loads);
        let ordinary = f64::from(loads.begun[30..60].iter().sum::<u32>()) / 30.0;
        let burst = f64::from(*loads.begun[60..].iter().max().expect("seconds")) - ordinary;
        within_15_percent(burst, 625.0, "loads a second besides the ordinary");
    }
}

/// Sessions loaded, by second.
struct Loads {
    operation: OperationId,
    begun: Vec<u32>,
}

impl Observer for Loads {
    fn observe(&mut self, now: Time, observation: &Observation) {
        if let Observation::Admitted { operation, .. } = observation
            && *operation == self.operation
            && now.0 >= 0
            && let Some(second) = self.begun.get_mut((now.0 / 1_000_000_000) as usize)
        {
            *second += 1;
        }
    }
}
