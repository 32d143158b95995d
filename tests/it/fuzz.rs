//! Inputs that nobody would write, made from those that somebody did: none may end in a panic, a circle or a page that
//! does something.
//!
//! A case is a number: the same number makes the same case. The tests here do a fixed slice of them. `tests/fuzz` goes
//! on for as long as it is told to; what it finds is a number to put into `FOUND`, and once it is mended a test of its
//! own.

mod dice;
mod files;
mod lines;
mod systems;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A kind of input: its name, and a case of it by number.
type Kind = (&'static str, fn(u64));

/// What is tried.
const KINDS: [Kind; 3] = [("files", files::case), ("systems", systems::case), ("lines", lines::case)];

/// A case that takes longer is told of in a campaign.
const SLOW: Duration = Duration::from_secs(30);

/// Cases that once ended wrongly.
const FOUND: [(&str, u64); 1] = [("files", 30_064_781_494)];

fn slice(kind: &str, cases: u64) {
    let (_, case) = KINDS.iter().find(|(name, _)| *name == kind).expect("it is a kind");
    let found = FOUND.iter().filter(|(name, _)| *name == kind).map(|(_, number)| *number);
    for number in found.chain(0..cases) {
        try_one(kind, *case, number);
    }
}

/// Says which it was when one ends in a panic, and goes on panicking.
fn try_one(kind: &str, case: fn(u64), number: u64) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| case(number))) {
        eprintln!("{kind}, case {number}");
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn a_slice_of_spoiled_files() {
    slice("files", 1_500);
}

#[test]
fn a_slice_of_systems_and_changes() {
    slice("systems", 60);
}

#[test]
fn a_slice_of_command_lines() {
    slice("lines", 60);
}

/// `tests/fuzz SECONDS [SEED]`: all kinds in turn, from the seed's number on; `tests/fuzz KIND CASE`: that one.
#[test]
#[ignore = "a campaign: tests/fuzz"]
fn campaign() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, seed) = (number("FUZZ_SECONDS").unwrap_or(60), number("FUZZ_SEED").unwrap_or(1));
    let one = KINDS.iter().find(|(name, _)| std::env::var("FUZZ_KIND").is_ok_and(|asked| asked == *name));
    if let Some((kind, case)) = one {
        return try_one(kind, *case, seed);
    }
    let (began, mut done, mut wrong) = (Instant::now(), [0_u64; KINDS.len()], Vec::new());
    while began.elapsed() < Duration::from_secs(seconds) {
        for (at, (kind, case)) in KINDS.iter().enumerate() {
            // A share of the time for each: a command line is a process.
            for _ in 0..[40, 2, 4][at] {
                let number = (seed << 32) + done[at];
                done[at] += 1;
                let at = Instant::now();
                let ended = catch_unwind(|| try_one(kind, *case, number)).is_ok();
                if !ended || at.elapsed() > SLOW {
                    println!("{kind}, case {number}: {:.0} s", at.elapsed().as_secs_f64());
                    wrong.push((*kind, number));
                }
            }
        }
    }
    let counts: Vec<String> = KINDS.iter().zip(done).map(|((kind, _), done)| format!("{done} {kind}")).collect();
    println!("{} in {:.0} s", counts.join(", "), began.elapsed().as_secs_f64());
    assert!(wrong.is_empty(), "cases that ended wrongly: {wrong:?}");
}
