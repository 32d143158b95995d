//! What a request costs in instructions, misses of the instruction cache and mispredicted branches: the difference of
//! two horizons under cachegrind, with the caches of a small processor. It is the same on every machine. Without
//! valgrind nothing is counted.
use crate::rig;
use crate::{mm1, web};
use std::process::Command;

/// The argument that asks for one run and nothing else: `count MODEL MODE SECONDS`.
pub const ONE: &str = "count";

const MODELS: [&str; 2] = ["web", "mm1"];
const MODES: [&str; 3] = ["by hand", "silent", "measured"];
/// Simulated seconds of the shorter and the longer run.
const HORIZONS: [u64; 2] = [100, 300];
/// 32 KiB of each first cache, 512 KiB of the last.
const CACHES: [&str; 5] =
    ["--cache-sim=yes", "--branch-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=524288,8,64"];
/// What is counted, as cachegrind names it.
const COUNTED: [&str; 3] = ["I refs", "I1 misses", "Mispredicts"];

/// One run; prints its requests.
pub fn one(arguments: &[String]) {
    let [model, mode, seconds] = arguments else { panic!("{ONE} MODEL MODE SECONDS") };
    let seconds: u64 = seconds.parse().expect("whole seconds");
    // As many requests in either model.
    let (text, hand): (String, Box<dyn Fn() -> rig::Tally>) = match model.as_str() {
        "web" => (web::steady(seconds).scenario(), Box::new(move || web::by_hand(&web::steady(seconds), 1))),
        "mm1" => (mm1::scenario(9 * seconds), Box::new(move || mm1::by_hand(9 * seconds, 1))),
        other => panic!("no model {other}"),
    };
    let requests = match mode.as_str() {
        "by hand" => hand().offered,
        "silent" => rig::requests_of_silent(&text),
        "measured" => rig::requests_of_measured(&text),
        other => panic!("no mode {other}"),
    };
    println!("{requests}");
}

/// A table of all of them.
pub fn table() {
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("not counted: valgrind is not installed");
        return;
    }
    println!("per request: instructions, instruction-cache misses, mispredicted branches");
    for model in MODELS {
        for mode in MODES {
            let [short, long] = HORIZONS.map(|seconds| counted(model, mode, seconds));
            let requests = long.0 - short.0;
            let each: Vec<f64> = long.1.iter().zip(&short.1).map(|(long, short)| (long - short) / requests).collect();
            println!("  {model:4} {mode:9} {:8.0} {:8.1} {:8.1}", each[0], each[1], each[2]);
        }
    }
}

/// Requests, and what they cost, with all that comes before the first and after the last.
fn counted(model: &str, mode: &str, seconds: u64) -> (f64, Vec<f64>) {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cachegrind-out-file=/dev/null"])
        .args(CACHES)
        .arg(program)
        .args([ONE, model, mode, &seconds.to_string()])
        .output()
        .expect("valgrind runs");
    let (told, summary) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{summary}");
    let of = |name: &str| {
        // Versions differ in the spaces between the words.
        let mut lines = summary.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let line = lines.find(|line| line.contains(&format!("{name}:")));
        let figure = line.as_deref().and_then(|line| line.split_once(':')?.1.split_whitespace().next());
        let figure = figure.unwrap_or_else(|| panic!("no {name} in {summary}"));
        figure.replace(',', "").parse().expect("a number")
    };
    (told.trim().parse().expect("requests"), COUNTED.map(of).to_vec())
}
