//! Command lines: each ends with a code that stands in the help, and says nothing that does anything.

use super::dice::{Dice, EXTREME};
use super::files::{shown, spoiled};
use std::process::{Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/television.ron");
/// What a command line may end with.
const CODES: [i32; 5] = [0, 1, 2, 3, 99];

const WORDS: [&str; 40] = [
    "run",
    "check",
    "show",
    "napkin",
    "fields",
    "explain",
    "list",
    "capacity",
    "compare",
    "sweep",
    "ladder",
    "recovery",
    "--set",
    "--variant",
    "--horizon",
    "--seed",
    "--replications",
    "--jobs",
    "--format",
    "--limit",
    "--time-limit",
    "--over",
    "--with",
    "--push",
    "--quiet",
    "--color",
    "-o",
    "always",
    "text",
    "markdown",
    "html",
    "csv",
    "junit",
    "json",
    "events=1",
    "state=1B",
    "steps=1e3",
    "services.app.workers",
    "--expand",
    "--parts",
];
const HOSTILE: [&str; 10] =
    ["\u{1b}[31m", "\u{202e}x", "=1+1", "", "-", "--", "a=b=c", "services.\u{7}=1", "1s //", "\u{9b}2J\u{ffff}"];

fn word(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => (*dice.pick(&HOSTILE)).to_owned(),
        1 => (*dice.pick(&EXTREME)).to_owned(),
        2 => format!("{}={}", dice.pick(&WORDS), dice.pick(&EXTREME)),
        _ => (*dice.pick(&WORDS)).to_owned(),
    }
}

pub fn case(number: u64) {
    let mut dice = Dice::of(number);
    let stdin = dice.one_in(3);
    let mut words = vec![(*dice.pick(&WORDS[..12])).to_owned()];
    words.push(if stdin { "-".to_owned() } else { SHOP.to_owned() });
    // What is asked of many seeds, or for a year, is asked for a moment.
    words.extend(
        ["--limit", "events=2e4", "--time-limit", "2s"].iter().filter(|_| !dice.one_in(4)).map(|w| (*w).to_owned()),
    );
    for _ in 0..dice.below(6) {
        let place = 1 + dice.below(words.len());
        words.insert(place, word(&mut dice));
    }
    // What would be written is not.
    words.retain(|word| word != "-o" && !word.contains('\0'));
    let text = if stdin { spoiled(&mut dice) } else { String::new() };
    let output = assert_cmd::Command::from_std(command(&words))
        .write_stdin(text)
        .timeout(Duration::from_secs(60))
        .output()
        .expect("it starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let code = output.status.code();
    assert!(code.is_some_and(|code| CODES.contains(&code)), "{words:?}: {code:?}\n{stderr}");
    assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
    // A file that is shown to a program is shown as it is; styles are asked for.
    let styled = words.iter().any(|word| word.contains("always"));
    if !styled && words[0] != "show" {
        shown(&stdout);
    }
    if !styled {
        shown(&stderr);
    }
}

fn command(words: &[String]) -> Command {
    // A campaign of hours is on a program that nobody builds anew meanwhile.
    let program = std::env::var("FUZZ_PROGRAM").unwrap_or_else(|_| PROGRAM.to_owned());
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped()).env_remove("CLICOLOR_FORCE");
    command
}
