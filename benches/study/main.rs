//! What a second thread is worth to a study, and what a point of a long sweep takes of memory.
//!
//! `cargo bench --no-default-features --features cli --bench study`. The same sweep with one thread and with two, in
//! turn, the best of its rounds: two are to give at least 1.8 times the points per second, where the machine has two
//! cores to itself. Then the most memory that this program takes while it sweeps 1,000 and 10,000 points, each in a
//! process of its own (Linux tells it), with every row written to a file as it is done.

use std::env;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::Instant;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::study::{self, Axis, Choices, Executor, Listed, RunSweep, Study, SweepPlan};

const ROUNDS: usize = 5;
/// Points of the sweep that is timed, and of those that are weighed.
const TIMED: usize = 64;
const WEIGHED: [usize; 2] = [1_000, 10_000];
/// What two threads are to give.
const WANTED: f64 = 1.8;
/// What asks this program to sweep once, in a process of its own.
const ONE: &str = "one-sweep";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [one, points] = arguments.as_slice()
        && one == ONE
    {
        return points.parse().map_or(ExitCode::FAILURE, weighed);
    }
    let both = threads();
    let memory = memory();
    if both && memory.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A queue whose number of workers is swept.
fn queue(horizon_s: u32) -> Compiled {
    let text = format!(
        "(version: 1, title: \"queue\", horizon: \"{horizon_s}s\", machines: {{\"box\": (cores: 64)}},
         services: {{\"app\": (on: [\"box\"], workers: 64, operations: {{\"page\": [Delay(\"exp(10ms)\")]}})}},
         traffic: {{\"crowd\": Open(rate: Constant(\"500/s\"), call: \"app.page\")}},
         objectives: {{\"crowd\": [\"p(95) < 100ms\"]}})"
    );
    Experiment::new("queue", text).compile().expect("it is a scenario")
}

fn plan(points: usize) -> SweepPlan {
    let values = (0..points).map(|index| (index + 8).to_string()).collect();
    let axis = Axis { path: "services.app.workers".into(), values };
    SweepPlan { choices: Choices { axes: vec![axis], zip: false }, replications: 1 }
}

/// Points per second with one thread and with two.
fn threads() -> bool {
    let compiled = queue(30);
    let sweep = |threads: usize| {
        let mut study = RunSweep::new(&plan(TIMED), &compiled).expect("it can be swept");
        let begun = Instant::now();
        study::drive(&mut study, &compiled, Executor::Threads(threads), &|_| {}, &mut |_| true).expect("it runs");
        TIMED as f64 / begun.elapsed().as_secs_f64()
    };
    let mut best = [0.0_f64; 2];
    for round in 1..=ROUNDS {
        let now = [sweep(1), sweep(2)];
        println!("{round}: {:.1} and {:.1} points/s", now[0], now[1]);
        best = [best[0].max(now[0]), best[1].max(now[1])];
    }
    let ratio = best[1] / best[0];
    println!("two threads give {ratio:.2} times the points per second of one (wanted: {WANTED})");
    ratio >= WANTED
}

/// The most memory that sweeps of each length take, kB; none where nobody tells it.
fn memory() -> Option<[u64; 2]> {
    let program = env::current_exe().ok()?;
    let sweep = |points: usize| {
        let output = Command::new(&program).args([ONE, &points.to_string()]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<u64>().ok()
    };
    let [few, many] = [sweep(WEIGHED[0])?, sweep(WEIGHED[1])?];
    let each = (many.saturating_sub(few)) as f64 / (WEIGHED[1] - WEIGHED[0]) as f64;
    println!("{} points take {few} kB, {} points {many} kB: {each:.2} kB a point", WEIGHED[0], WEIGHED[1]);
    Some([few, many])
}

/// One sweep, every row told as it is done; prints the most memory that the process ever had.
fn weighed(points: usize) -> ExitCode {
    let compiled = queue(1);
    let mut study = RunSweep::new(&plan(points), &compiled).expect("it can be swept");
    let mut rows = 0;
    let mut given = |study: &mut RunSweep| {
        while study.just_done().is_some() {
            rows += 1;
        }
        true
    };
    study::drive(&mut study, &compiled, Executor::Threads(1), &|_| {}, &mut given).expect("it runs");
    let answer = Box::new(study).finish(None);
    let peak = fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next().map(str::to_owned)
    });
    match (answer, peak) {
        (Some(_), Some(peak)) if rows == points => {
            println!("{peak}");
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}
