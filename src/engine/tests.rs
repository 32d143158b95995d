//! The engine's first proofs; theory and properties are tested in `tests/it`.

use super::*;
use crate::model::Model;
use crate::scenario;
use crate::units::Time;
use std::sync::Arc;

#[derive(Default)]
struct Latency {
    sum: f64,
    count: u64,
    failed: u64,
}
impl Observer for Latency {
    fn observe(&mut self, now: Time, what: &Observation) {
        if let Observation::RequestEnded { started, outcome, .. } = what {
            match outcome {
                Outcome::Succeeded { .. } => {
                    self.sum += (now.0 - started.0) as f64 * 1e-9;
                    self.count += 1;
                }
                Outcome::Failed(_) => self.failed += 1,
            }
        }
    }
}

fn simulation(text: &str, seed: u64) -> Simulation {
    let loaded = match scenario::load("test.ron", text) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{}", scenario::render(&problems, "test.ron", text, false)),
    };
    Simulation::new(Arc::new(Model::compile(&loaded).expect("within limits")), seed)
}

const MM1: &str = r#"(
    version: 1, title: "M/M/1", horizon: "200000s",
    machines: { "box": (cores: 1) },
    services: { "s": (on: ["box"], workers: 1, operations: { "op": [ Cpu("exp(1s)") ] }) },
    traffic: { "t": Open(rate: Constant("0.5/s"), call: "s.op") },
)"#;

#[test]
fn an_mm1_queue_has_its_mean() {
    let mut simulation = simulation(MM1, 1);
    let mut latency = Latency::default();
    assert_eq!(simulation.advance(Time(200_000_000_000_000), u64::MAX, &mut latency), Advance::Reached);
    let mean = latency.sum / latency.count as f64;
    assert!((mean / 2.0 - 1.0).abs() < 0.03, "mean {mean}, expected 2");
    assert!(latency.count > 99_000 && latency.failed == 0);
}

#[test]
fn slices_clones_and_silence_change_nothing() {
    let until = Time(3_000_000_000_000);
    let mut whole = simulation(MM1, 7);
    whole.advance(until, u64::MAX, &mut Silent);
    let mut sliced = simulation(MM1, 7);
    for slice in 1..=1000 {
        sliced.advance(Time(slice * 3_000_000_000), u64::MAX, &mut Latency::default());
        if slice == 500 {
            sliced = sliced.clone();
        }
    }
    assert_eq!((whole.digest(), whole.events()), (sliced.digest(), sliced.events()));
}

#[test]
fn a_worker_is_held_through_the_downstream_call() {
    // 1 worker, each request 1 s of waiting for the database: a second request waits for the first.
    let mut simulation = simulation(
        r#"(version: 1, title: "held", horizon: "10s",
            machines: { "a": (), "b": () },
            services: {
                "app": (on: ["a"], workers: 1, links: { "db": () }, operations: { "page": [ Call("db.q") ] }),
                "db": (kind: Database, on: ["b"], operations: { "q": [ Delay("1s") ] }),
            },
            traffic: { "t": Closed(population: Constant(2), journey: [ Call("app.page") ]) })"#,
        1,
    );
    let mut latency = Latency::default();
    simulation.advance(Time(10_000_000_000), u64::MAX, &mut latency);
    assert_eq!(latency.count, 10);
    let mean = latency.sum / 10.0;
    assert!((mean - 1.9).abs() < 1e-6, "{mean}");
}

#[test]
fn a_crash_below_a_hold_that_is_not_yet_answered_is_heard() {
    // The crowd is 5 ms away, so the balancer owes its reply from 10 to 15 ms; the holder behind it dies at 12 ms.
    let mut simulation = simulation(
        r#"(version: 1, title: "owed", horizon: "1s",
            machines: { "a": (), "b": () },
            services: {
                "front": (kind: Balancer(to: "push"), on: ["a"], links: { "push": () }),
                "push": (on: ["b"], operations: { "join": [ Cpu("5ms"), HoldFor("10s") ] }),
            },
            traffic: { "t": Closed(population: Constant(1), journey: [ Call("front.join"), Delay("1h") ], access: (latency: "5ms")) },
            runbook: [ At("12ms", Crash("push")) ])"#,
        1,
    );
    let mut latency = Latency::default();
    simulation.advance(Time(20_000_000), u64::MAX, &mut latency);
    assert_eq!((latency.count, latency.failed), (0, 1), "the first call fails by the crash");
}
