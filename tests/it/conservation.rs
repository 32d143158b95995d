//! Nothing is lost and nothing is kept: over random scenarios with random faults, generated = succeeded + failed by
//! reason + in flight, for every source, call site, operation and instance; and when the crowd has gone home, every
//! slot is free.

use crate::support::ledger::Ledger;
use crate::support::random::{CROWD_S, Chaos, END_S, chaos};
use crate::support::{compile, run::loaded};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use surgelab::engine::{Advance, Simulation};
use surgelab::units::Time;

fn seconds(s: f64) -> Time {
    Time((s * 1e9) as i64)
}

/// Runs it with the books open, auditing every half second while there is a crowd and once all is over.
fn books(text: &str, seed: u64) -> Ledger {
    let mut sim = Simulation::new(compile(text), seed);
    let mut ledger = Ledger::of(&sim);
    let mut until = 0.0;
    while until < END_S {
        until = if until < 3.0 * CROWD_S { until + 0.5 } else { END_S };
        let end = sim.advance(seconds(until), u64::MAX, &mut ledger);
        if end != Advance::Reached {
            ledger.breaches.push(format!("the run ended early: {end:?}"));
            return ledger;
        }
        ledger.audit(&sim);
    }
    ledger.audit_empty(&sim);
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        max_shrink_iters: 4000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2016),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_begins_ends_once_and_gives_back_its_place(chaos in chaos(), seed in 0..1000u64) {
        let text = chaos.draft().text();
        let ledger = books(&text, seed);
        prop_assert!(ledger.breaches.is_empty(), "{:#?}\nseed {seed}\n{text}", ledger.breaches);
    }

    #[test]
    fn random_scenarios_are_legal(chaos in chaos()) {
        loaded(&chaos.draft().text());
    }
}

/// The generator must reach what it is meant to test: over some hundred scenarios every outcome that can happen does.
#[test]
fn the_random_scenarios_reach_every_failure() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let case: Chaos = chaos().new_tree(&mut runner).expect("a scenario").current();
        let ledger = books(&case.draft().text(), seed);
        for account in ledger.sites.values().chain(ledger.operations.values()) {
            seen.extend(account.failed.keys().cloned());
        }
        seen.extend(ledger.refusals.keys().map(|(_, by)| format!("refused by {by}")));
    }
    for expected in [
        "Refused",
        "TimedOut",
        "PoolTimeout",
        "Crashed",
        "Unreachable",
        "Error",
        "Abandoned",
        "CircuitOpen",
        "RateLimited",
        "refused by Connections",
        "refused by Descriptors",
        "Shed",
        "refused by Backlog",
        "refused by Shed",
        "refused by Dead",
        "refused by Queue",
    ] {
        assert!(seen.contains(expected), "{expected} never happened; seen: {seen:?}");
    }
}
