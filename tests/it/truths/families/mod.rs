//! What the language says for each family of systems, and where each figure is read.

mod arrivals;
mod balancing;
mod caches;
mod networks;
mod patience;
mod retrials;
mod retries;
mod sharing;
mod stations;
mod surge;

use super::experiment::{Answers, Effort, Figures, Plan, figure};
use super::record::Case;
use super::window::{Window, mean, quantile, variance};
use crate::support::Draft;

/// Ways to say one system, each with its answers: every one must agree, and together they must answer everything.
pub type Ways = Vec<(String, Answers)>;

/// A family: parameters → scenario, figure → how it is measured.
pub struct Family {
    pub name: &'static str,
    /// How the language says it.
    pub said: &'static str,
    pub solve: fn(&Case, Effort) -> Ways,
}

/// All of them.
pub const FAMILIES: &[Family] = &[
    Family { name: "MM1", said: "one worker that waits or computes, or one event loop", solve: stations::mm1 },
    Family { name: "MMc", said: "`workers: c`, first come first served", solve: stations::mmc },
    Family { name: "MMcc", said: "`backlog: (limit: 0)`", solve: stations::loss },
    Family { name: "MMcK", said: "`backlog: (limit: K - c)`", solve: stations::mmck },
    Family { name: "MGc", said: "`workers: c` and any amount", solve: stations::mgc },
    Family { name: "GIM1", said: "`gaps` of another distribution", solve: arrivals::renewal },
    Family { name: "MX_M1", said: "`batch`", solve: arrivals::batches },
    Family { name: "MMPPM1", said: "`bursts`", solve: arrivals::modulated },
    Family { name: "BusyPeriod", said: "one worker, from empty to empty", solve: stations::busy_period },
    Family { name: "MGinf", said: "`HoldFor`: open connections", solve: stations::connections },
    Family { name: "MG1PS", said: "`Cpu` with unlimited workers on one core", solve: sharing::one_core },
    Family { name: "MGcPS", said: "`Cpu` with unlimited workers on several cores", solve: sharing::cores },
    Family { name: "DPS", said: "`cpu: (weight)` of services on one machine", solve: sharing::discriminated },
    Family {
        name: "PreemptivePriority",
        said: "`cpu: (weight)`, one a million times the other",
        solve: sharing::preemptive,
    },
    Family { name: "LPS", said: "`workers` on one core", solve: sharing::limited },
    Family { name: "LoadDependent_USL", said: "`contention: (sigma, kappa)`", solve: sharing::contended },
    Family { name: "USL", said: "`contention` under a closed population, fitted", solve: sharing::scaling },
    Family { name: "MM1_Dpatience", said: "`patience` with `access: (cancel: Queued)`", solve: patience::fixed },
    Family { name: "ErlangA", said: "`patience: \"exp(m)\"` with `access: (cancel: Queued)`", solve: patience::drawn },
    Family { name: "MM1_timeout_nocancel", said: "`patience` with nothing cancelled", solve: patience::deaf },
    Family { name: "MMcN", said: "`Closed` before `workers: c`", solve: networks::repairman },
    Family { name: "Jackson", said: "a journey of `Choose` and `Repeat(\"geometric(m)\")`", solve: networks::jackson },
    Family { name: "Closed", said: "`Closed` with a journey over stations", solve: networks::closed },
    Family { name: "Bounds", said: "`Closed`: what the napkin says of it", solve: networks::bounds },
    Family { name: "ClosedClasses", said: "several `Closed` sources at shared cores", solve: networks::classes },
    Family { name: "Open", said: "a journey that visits stations several times", solve: networks::open },
    Family { name: "ForkJoin", said: "`Parallel`", solve: networks::fork_join },
    Family { name: "FanoutTail", said: "`Parallel` calls that are seldom slow", solve: networks::fan_out },
    Family { name: "NestedPools", said: "`workers` held over a `Keep` link", solve: networks::nested_pools },
    Family { name: "PowerOfD", said: "`balance: LeastOf(d)` over many machines", solve: balancing::power_of_d },
    Family { name: "JSQ", said: "`balance: LeastConnections` over two", solve: balancing::shorter },
    Family { name: "RoundRobin", said: "`balance: RoundRobin`", solve: balancing::round_robin },
    Family { name: "RandomPS", said: "`balance: Random` over shared cores", solve: balancing::random },
    Family { name: "Retrial_linear", said: "`retry: (forever: true)` at a full door", solve: retrials::linear },
    Family { name: "Retrial_constant", said: "an orbit that is a service with one worker", solve: retrials::constant },
    Family { name: "RetryIndependent", said: "`Fail` and `retry: (times)`", solve: retries::independent },
    Family { name: "RetryDepth", said: "`retry` on every link of a chain", solve: retries::depth },
    Family { name: "RetryRejected", said: "`retry` against a full door", solve: retries::rejected },
    Family { name: "Collapse", said: "`Delay(\"a + b*in_flight\")`, `patience` and `retry`", solve: retries::collapse },
    Family { name: "CacheLRU", said: "`Cached` in a store with `capacity`", solve: caches::lru },
    Family { name: "CacheRandom", said: "`evict: Random` and `Fifo`", solve: caches::random },
    Family { name: "CacheTTL", said: "`ttl`, fixed and `sliding`", solve: caches::ttl },
    Family {
        name: "Stampede",
        said: "`Cached` with a slow miss, with and without `single_flight`",
        solve: caches::stampede,
    },
    Family { name: "Priority", said: "`priority` and `order: Priority`", solve: stations::priority },
    Family { name: "MM1_transient", said: "many short runs from empty", solve: surge::transient },
    Family { name: "FluidSurge", said: "`Stages` above capacity", solve: surge::triangle },
];

/// Why the language does not say a family, or a figure of one.
pub const BEYOND: &[(&str, &str, &str)] = &[
    (
        "CacheLRU",
        "hit_optimal_LFU",
        "a store that knows beforehand how popular each key is: ours go by what happened (least recently used, first in first out, random)",
    ),
    (
        "PreemptiveLIFO",
        "*",
        "work that is interrupted by every newcomer: a server finishes what it began or shares; the same law is proved as BusyPeriod",
    ),
];

/// What waits and works at `station` of operation `serve`, by the names the records use; only what the case asks for.
fn station_figures(case: &Case, window: &Window, station: &str) -> Figures {
    let workers = format!("{station}/0.workers");
    let operation = format!("{station}.serve");
    let waits = window.waits(&operation);
    let quantile_of = |name: &str, samples: &[f64]| {
        let percent: f64 = name.rsplit("_p").next().and_then(|text| text.parse().ok()).expect("a percentile");
        quantile(samples, percent / 100.0)
    };
    let of = |name: &str| match name {
        "a" => window.busy(&workers),
        "rho" | "U" | "P_busy" => window.used(&workers),
        "L" => window.busy(&workers) + window.waiting(&workers),
        "Lq" => window.waiting(&workers),
        "W" => window.latency(),
        "W_var" => variance(&window.latencies(|_| true)),
        "Wq" => mean(waits),
        "Wq_var" => variance(waits),
        "P_wait" => waits.iter().filter(|wait| **wait > 0.0).count() as f64 / waits.len() as f64,
        "p0" | "P_empty" => window.levels(station)[0],
        "P_loss" => {
            let (inside, outside) = window.doors(&operation);
            outside / (inside + outside)
        }
        "X" => window.finished(&operation),
        _ if name.starts_with("W_p") => quantile_of(name, &window.latencies(|_| true)),
        _ if name.starts_with("Wq_p") => quantile_of(name, waits),
        _ => f64::NAN,
    };
    let known = case.expected.keys().map(|name| figure(name, of(name)));
    known.filter(|(_, values)| !values[0].is_nan()).collect()
}

/// Poisson requests to one FIFO station without a CPU.
fn station(plan: Plan, per_second: f64, workers: u32, waiting: Option<u32>, time: &str) -> Draft {
    plan.draft().station("app", workers, waiting, time).poisson(per_second, "app.serve")
}

/// `exp` of so many seconds.
fn exponential(seconds: f64) -> String {
    format!("exp({seconds}s)")
}
