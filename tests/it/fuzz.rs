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
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A kind of input: its name, and a case of it by number.
type Kind = (&'static str, fn(u64));

/// What is tried.
const KINDS: [Kind; 3] = [("files", files::case), ("systems", systems::case), ("lines", lines::case)];

/// A case that takes more work is told of in a campaign.
const SLOW: Duration = Duration::from_secs(30);

/// Cases that once ended wrongly.
const FOUND: [(&str, u64); 2] = [("files", 30_064_781_494), ("systems", 30_064_773_431)];

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

/// A campaign of some kinds: what it was told, what it did, what ended wrongly.
struct Campaign {
    seed: u64,
    seconds: u64,
    kinds: Vec<Kind>,
    done: Vec<u64>,
    wrong: Vec<(&'static str, u64)>,
    began: Instant,
}

impl Campaign {
    /// As the environment says it.
    fn asked() -> Self {
        let kind = std::env::var("FUZZ_KIND").ok();
        let kinds = KINDS.into_iter().filter(|(name, _)| kind.as_ref().is_none_or(|kind| kind == name)).collect();
        let (seed, seconds) = (asked("FUZZ_SEED").unwrap_or(1), asked("FUZZ_SECONDS").unwrap_or(60));
        Self { seed, seconds, kinds, done: vec![0; KINDS.len()], wrong: Vec::new(), began: Instant::now() }
    }

    fn goes_on(&self) -> bool {
        self.began.elapsed() < Duration::from_secs(self.seconds)
    }

    /// The next case of a kind. An abort leaves its number behind.
    fn next(&mut self, at: usize) {
        let (kind, case) = self.kinds[at];
        let number = (self.seed << 32) + self.done[at];
        self.done[at] += 1;
        if let Ok(file) = std::env::var("FUZZ_AT") {
            std::fs::write(file, format!("{kind} {number}")).expect("the number of a case is written");
        }
        let before = worked();
        let ended = catch_unwind(|| try_one(kind, case, number)).is_ok();
        let took = worked().saturating_sub(before);
        if !ended || took > SLOW {
            println!("{kind}, case {number}: {:.0} s of work", took.as_secs_f64());
            self.wrong.push((kind, number));
        }
    }

    fn told(&self) -> String {
        let counts: Vec<String> =
            self.kinds.iter().zip(&self.done).map(|((kind, _), done)| format!("{done} {kind}")).collect();
        let (time, work) = (self.began.elapsed().as_secs_f64(), worked().as_secs_f64());
        format!("{} in {time:.0} s, {work:.0} s of work, {} wrong", counts.join(", "), self.wrong.len())
    }
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Processor time of this process and of those it waited for; on other systems than Linux, the time of the day.
fn worked() -> Duration {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = *BEGAN.get_or_init(Instant::now);
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return began.elapsed() };
    let behind = stat.rsplit(')').next().unwrap_or_default();
    // Four counts of ticks, of 10 ms each.
    Duration::from_millis(10 * behind.split(' ').skip(12).take(4).flat_map(str::parse::<u64>).sum::<u64>())
}

/// `tests/fuzz [SECONDS [SEED [KIND]]]`: kinds in turn, from the seed's number on; `tests/fuzz KIND CASE`: that one.
#[test]
#[ignore = "a campaign: tests/fuzz"]
fn campaign() {
    let mut campaign = Campaign::asked();
    if let Some(number) = asked("FUZZ_CASE") {
        return campaign.kinds.iter().for_each(|(kind, case)| try_one(kind, *case, number));
    }
    let mut told = 0;
    while campaign.goes_on() {
        for at in 0..campaign.kinds.len() {
            // A share of the time for each: a command line is a process.
            let share = [("files", 40), ("systems", 2), ("lines", 4)];
            let share = share.iter().find(|(kind, _)| *kind == campaign.kinds[at].0).map_or(1, |(_, share)| *share);
            (0..share).for_each(|_| campaign.next(at));
        }
        let minutes = campaign.began.elapsed().as_secs() / 60;
        if minutes > told {
            told = minutes;
            println!("{}", campaign.told());
        }
    }
    println!("{}", campaign.told());
    assert!(campaign.wrong.is_empty(), "cases that ended wrongly: {:?}", campaign.wrong);
}
