//! Random systems with faults, set at random, and changed while they run: the books are right at every look.

use super::dice::{Dice, EXTREME};
use super::files::{LIMITS, run};
use crate::support::ledger::Ledger;
use crate::support::random::chaos;
use crate::support::run::loaded;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::Arc;
use surgelab::engine::{Advance, Command, Limits, Simulation};
use surgelab::model::Model;
use surgelab::scenario::{Edit, Loaded};
use surgelab::units::Time;

/// Paths that a system of chance has, and others.
const PATHS: [&str; 30] = [
    "machines.m0.count",
    "machines.m0.cores",
    "machines.m0.boot",
    "machines.m1.network",
    "machines.m1.iops",
    "machines.m1.burst",
    "machines.m0.memory",
    "machines.m0.swap",
    "machines.m0.speed",
    "services.s0.workers",
    "services.s0.backlog.limit",
    "services.s0.backlog.drop",
    "services.s0.threads",
    "services.s0.cpu.limit",
    "services.s0.max_connections",
    "services.s0.descriptors",
    "services.s0.restart",
    "services.s0.instances",
    "services.s0.links.s1.timeout",
    "services.s0.links.s1.retry.times",
    "services.s0.links.s1.retry.after",
    "services.s0.links.s1.connections",
    "services.s0.links.s1.balance",
    "services.s0.links.s1.hedge",
    "services.s0.links.s1.breaker",
    "services.s0.keep_alive",
    "services.s0.memory.idle",
    "horizon",
    "warm_up",
    "keys.item",
];

fn values(dice: &mut Dice) -> String {
    const OTHERS: [&str; 14] = [
        "2",
        "3",
        "\"1ms\"",
        "\"1s\"",
        "\"exp(5ms)\"",
        "\"64MiB\"",
        "Count(3)",
        "PerMachine(2)",
        "Keep(2)",
        "PerCall",
        "RoundRobin",
        "LeastConnections",
        "(after: \"1ms\")",
        "CoDel()",
    ];
    (*if dice.one_in(2) { dice.pick(&EXTREME) } else { dice.pick(&OTHERS) }).to_owned()
}

fn edit(dice: &mut Dice) -> Edit {
    let (path, value) = (*dice.pick(&PATHS), values(dice));
    Edit::set(path, value)
}

fn system(dice: &mut Dice) -> Loaded {
    let mut seed = [0; 32];
    seed.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&dice.next().to_le_bytes()));
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let chaos = chaos().new_tree(&mut runner).expect("a scenario").current();
    let mut system = loaded(&chaos.draft_of(20.0, 1.0).text());
    for _ in 0..dice.below(4) {
        if let Ok(changed) = system.with(None, &[edit(dice)]) {
            system = changed;
        }
    }
    system
}

pub fn case(number: u64) {
    let mut dice = Dice::of(number);
    let system = system(&mut dice);
    run(&system);
    let Ok(model) = Model::compile(&system) else { return };
    let limits = Limits { events: 60_000, ..LIMITS };
    let mut sim = Simulation::within(Arc::new(model), dice.next(), limits);
    let mut ledger = Ledger::of(&sim);
    let end = sim.model().horizon.0.min(3_600_000_000_000);
    // At most eight looks, however little is measured after however long a warm-up.
    let mut now = sim.now().0;
    let piece = ((end - now) / 8).max(1);
    while now < end {
        now += (1 + dice.below(4) as i64) * piece;
        match sim.advance(Time(now.min(end)), u64::MAX, &mut ledger) {
            Advance::Stopped(_) => return,
            Advance::Reached | Advance::Budget => {}
        }
        ledger.audit(&sim);
        assert!(ledger.breaches.is_empty(), "{:#?}", ledger.breaches);
        for _ in 0..dice.below(3) {
            if let Ok(next) = sim.model().edited(&[edit(&mut dice)]) {
                sim.submit(Command::Replace(Arc::new(next)));
            }
        }
    }
}
