//! The engine against figures that others computed or printed: `truths/records.jsonl` holds one system a line with its
//! source. Each is said in our own language, run, and compared:
//! |simulated − expected| ≤ max(rel × expected, 3 half-widths), on a run long enough to tell.
//!
//! `quick` runs what is small with every test; `slow` runs everything (`tests/run --slow`). `truths/COVERAGE.md` is
//! written from the records and the families.

mod coverage;
mod experiment;
mod families;
mod record;
mod window;

use crate::support::Estimate;
use experiment::Effort;
use families::{BEYOND, FAMILIES};
use record::{Case, cases, numbers};
use std::collections::BTreeSet;

/// A run whose interval is wider than this share of the expected value proves nothing.
fn widest(effort: Effort) -> f64 {
    match effort {
        Effort::Quick => 1.0,
        Effort::Full => 0.35,
    }
}

/// What is wrong with one figure, if anything.
fn verdict(case: &Case, name: &str, got: Estimate, expected: f64, effort: Effort) -> Option<String> {
    let Estimate { value, half_width } = got;
    let allowed = (case.rel * expected.abs()).max(3.0 * half_width).max(case.abs);
    let off = value - expected;
    let told = format!("{} {name}: {value:.6} ± {half_width:.6}, expected {expected:.6}", case.id);
    eprintln!("{told} ({:+.2} %)", off / expected * 100.0);
    // Bounds are kept on their side only.
    let wrong = if name.ends_with("_upper") {
        off > 3.0 * half_width
    } else if name.ends_with("_lower") {
        off < -3.0 * half_width
    } else {
        off.abs() > allowed || !off.is_finite()
    };
    let vague = 3.0 * half_width > (widest(effort) * expected.abs()).max(case.abs);
    match (wrong, vague) {
        (true, _) => Some(format!("{told}, allowed ± {allowed:.6}")),
        (false, true) => Some(format!("{told}: too wide to judge")),
        (false, false) => None,
    }
}

/// Solves every record of a family that is wanted, and complains about all that is wrong.
fn prove(family: &str, effort: Effort) {
    let solver = FAMILIES.iter().find(|known| known.name == family).expect("a family of the table");
    let mut problems = Vec::new();
    for case in cases().iter().filter(|case| case.family == family && (effort == Effort::Full || case.quick)) {
        let began = std::time::Instant::now();
        let mut missing: BTreeSet<&str> =
            case.expected.keys().map(String::as_str).filter(|name| !beyond(family, name)).collect();
        for (way, answers) in (solver.solve)(case, effort) {
            for (name, found) in &answers.found {
                let Some(expected) = case.expected.get(name) else { continue };
                missing.remove(name.as_str());
                let expected = numbers(expected);
                assert_eq!(found.len(), expected.len(), "{} {name}", case.id);
                let each = found
                    .iter()
                    .zip(&expected)
                    .filter_map(|(got, expected)| verdict(case, name, *got, *expected, effort));
                problems.extend(each.map(|problem| format!("{problem} [{way}]")));
            }
        }
        problems.extend(missing.iter().map(|name| format!("{} {name}: not answered", case.id)));
        eprintln!("{} took {:.1} s", case.id, began.elapsed().as_secs_f64());
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn beyond(family: &str, figure: &str) -> bool {
    BEYOND.iter().any(|(of, name, _)| *of == family && (*name == "*" || *name == figure))
}

/// A test of each effort for every family.
macro_rules! proofs {
    ($($test:ident: $family:literal,)*) => {
        mod quick {
            $(#[test]
            fn $test() {
                super::prove($family, super::Effort::Quick);
            })*
        }
        mod slow {
            $(#[test]
            #[ignore = "minutes: tests/run --slow"]
            fn $test() {
                super::prove($family, super::Effort::Full);
            })*
        }
        /// The families that have a test.
        const PROVED: &[&str] = &[$($family),*];
    };
}

proofs! {
    mm1: "MM1",
    mmc: "MMc",
    loss: "MMcc",
    bounded_queues: "MMcK",
    any_service_time: "MGc",
    regular_arrivals: "GIM1",
    batches: "MX_M1",
    bursts: "MMPPM1",
    busy_periods: "BusyPeriod",
    open_connections: "MGinf",
    processor_sharing: "MG1PS",
    shared_cores: "MGcPS",
    weights: "DPS",
    preemption: "PreemptivePriority",
    limited_sharing: "LPS",
    contention: "LoadDependent_USL",
    scaling: "USL",
    patience: "MM1_Dpatience",
    drawn_patience: "ErlangA",
    timeouts: "MM1_timeout_nocancel",
    repairman: "MMcN",
    jackson: "Jackson",
    closed: "Closed",
    bounds: "Bounds",
    classes: "ClosedClasses",
    open: "Open",
    fork_join: "ForkJoin",
    fan_out: "FanoutTail",
    nested_pools: "NestedPools",
    power_of_d: "PowerOfD",
    shorter_queue: "JSQ",
    round_robin: "RoundRobin",
    random: "RandomPS",
    retrials: "Retrial_linear",
    retrials_in_line: "Retrial_constant",
    independent_retries: "RetryIndependent",
    deep_retries: "RetryDepth",
    rejected_retries: "RetryRejected",
    collapse: "Collapse",
    lru: "CacheLRU",
    random_replacement: "CacheRandom",
    times_to_live: "CacheTTL",
    stampede: "Stampede",
    priority: "Priority",
    transient: "MM1_transient",
    surge: "FluidSurge",
}

#[test]
fn every_record_has_a_family_and_every_family_a_test() {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(PROVED, names);
    let mut ids = BTreeSet::new();
    for case in cases() {
        assert!(
            names.contains(&case.family.as_str()) || beyond(&case.family, "*"),
            "{}: no family {}",
            case.id,
            case.family
        );
        assert!(!case.expected.is_empty(), "{}: nothing is expected", case.id);
        assert!(ids.insert(case.id.clone()), "{}: twice", case.id);
    }
}
