//! The program at its doors: limits, signals, files, arguments.

use assert_cmd::Command;
use std::fs;
use std::process::{Command as Process, Stdio};
use std::time::Duration;
use surgelab::plain;
use tempfile::tempdir;
use unicode_width::UnicodeWidthStr;

const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/television.ron");

/// An overload that goes on for a day.
const ENDLESS: &str = "(version: 1, title: \"x\", horizon: \"1d\", machines: { \"m\": (cores: 64) }, \
    services: { \"a\": (on: [\"m\"], operations: { \"page\": [Cpu(\"exp(1ms)\")] }) }, \
    traffic: { \"u\": Open(rate: Constant(\"20000/s\"), call: \"a.page\") })";

fn surgelab(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).timeout(Duration::from_secs(120)).env_remove("COLUMNS");
    command
}

pub fn told(arguments: &[&str], code: i32) -> (String, String) {
    let output = surgelab(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    (stdout, stderr)
}

#[test]
fn a_limit_that_is_met_has_its_name_and_exit_code_1() {
    for (limit, reason) in [("events=1e3", "more than 1,000 events"), ("state=65MB", "")] {
        let (text, _) =
            told(&["run", SHOP, "--limit", limit, "--horizon", "1min"], if reason.is_empty() { 0 } else { 1 });
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(reason), "{text}");
        assert!(text.lines().last().unwrap().contains("--limit"), "the same again meets the same limit");
    }
    let (text, _) = told(&["run", SHOP, "--limit", "events=1e3", "--format", "json"], 1);
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(results["stopped"]["reason"], "more than 1,000 events");
    let (_, refused) = told(&["run", SHOP, "--limit", "patience=3"], 2);
    assert!(refused.contains("events, executions, steps or state"), "{refused}");
}

#[test]
fn the_clock_ends_a_run_with_what_there_is() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("endless.ron");
    fs::write(&file, ENDLESS).unwrap();
    let (text, _) = told(&["run", file.to_str().unwrap(), "--time-limit", "300ms"], 1);
    assert!(text.contains("the time limit of 300ms was over"), "{text}");
    assert!(text.contains("Traffic"), "what there is stands there: {text}");
}

#[cfg(unix)]
#[test]
fn signals_end_runs_with_what_there_is_and_their_own_codes() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("endless.ron");
    fs::write(&file, ENDLESS).unwrap();
    for (signal, code, name) in [("INT", 130, "SIGINT"), ("TERM", 143, "SIGTERM")] {
        let child = Process::new(PROGRAM)
            .args(["run", file.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let kill = format!("kill -{signal} {}", child.id());
        let sent = Process::new("bash").args(["-c", &kill]).status().unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(&format!("interrupted by {name}")), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn little_memory_ends_in_a_limit_and_never_in_an_abort() {
    let folder = tempdir().unwrap();
    let traffic = |body: &str| {
        format!(
            "(version: 1, title: \"x\", horizon: \"1h\", machines: {{ \"m\": (cores: 1) }}, services: {{ \"a\": (on: [\"m\"], \
             operations: {{ \"page\": [Cpu(\"1s\")] }}) }}, traffic: {{ \"u\": {body} }})"
        )
    };
    let cases = [
        traffic("Open(rate: Constant(\"1000000/s\"), call: \"a.page\")"),
        traffic("Open(rate: Constant(\"1/s\"), batch: \"1000000000\", call: \"a.page\")"),
        traffic("Closed(population: Constant(1000000000), journey: [Call(\"a.page\")])"),
        traffic("Open(rate: Constant(\"1/s\"), call: \"a.page\")").replace("cores: 1", "count: 100000"),
    ];
    for (at, text) in cases.iter().enumerate() {
        let file = folder.path().join(format!("{at}.ron"));
        fs::write(&file, text).unwrap();
        let run = format!("ulimit -v 1000000; exec {PROGRAM} run {}", file.display());
        let output = Command::new("bash").args(["-c", &run]).timeout(Duration::from_secs(120)).output().unwrap();
        let (text, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "case {at}: {stderr}");
        assert!(text.contains("The run stopped"), "case {at}: {text}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_known_before_the_run() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("endless.ron");
    fs::write(&file, ENDLESS).unwrap();
    let (_, stderr) = told(&["run", file.to_str().unwrap(), "-o", "/nonexistent/folder/out.json"], 1);
    assert!(stderr.contains("cannot write /nonexistent/folder/out.json"), "{stderr}");
    let (_, stderr) =
        told(&["run", file.to_str().unwrap(), "--format", "json", "-o", folder.path().to_str().unwrap()], 1);
    assert!(stderr.contains("it is a folder"), "{stderr}");
}

#[test]
fn one_file_by_two_names_is_written_by_one_format() {
    let folder = tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(inside("b")).unwrap();
    for (one, other) in [("a.json", "./a.json"), ("a.json", "b/../a.json")] {
        let (_, stderr) = told(&["run", SHOP, "-o", &inside(one), "-o", &inside(other)], 2);
        assert!(stderr.contains("two formats would be written"), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_250_letters_pipes_and_other_names_are_written() {
    let folder = tempdir().unwrap();
    let long = folder.path().join(format!("{}.json", "x".repeat(245)));
    told(&["run", SHOP, "--horizon", "10s", "-o", long.to_str().unwrap()], 0);
    let other = folder.path().join("other.json");
    fs::hard_link(&long, &other).unwrap();
    let before = fs::read(&other).unwrap();
    let (_, stderr) = told(&["run", SHOP, "--horizon", "20s", "-o", long.to_str().unwrap()], 0);
    assert!(stderr.contains("hard links"), "{stderr}");
    assert_eq!(fs::read(&other).unwrap(), before, "the other name keeps what it was");
    let pipe = folder.path().join("pipe");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Process::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    told(&["run", SHOP, "--horizon", "10s", "--format", "json", "-o", pipe.to_str().unwrap()], 0);
    let read = reader.wait_with_output().unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&read.stdout).is_ok());
    assert!(!fs::metadata(&pipe).unwrap().is_file(), "the pipe stays one");
}

#[test]
fn what_is_typed_is_shown_plainly() {
    let hostile = "\u{1b}[31mred\u{202e}\u{7}";
    let cases: [(&[&str], i32); 7] = [
        (&["run", &format!("{hostile}.ron")], 2),
        (&["run", hostile], 2),
        (&["run", SHOP, "--set", &format!("services.{hostile}=1")], 3),
        (&["run", SHOP, "--set", &format!("services.app.workers={hostile}")], 3),
        (&["run", SHOP, "--variant", hostile], 2),
        (&["run", SHOP, "--seed", hostile], 2),
        (&[hostile], 2),
    ];
    for (arguments, code) in cases {
        let (stdout, stderr) = told(arguments, code);
        for text in [stdout, stderr] {
            assert!(!text.contains(|c| c != '\n' && plain::is_hidden(c)), "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn a_value_is_a_value_to_its_end() {
    for value in ["4 //", "4 /* ", "4, workers: 5", "4)", "\"4\" //"] {
        told(&["show", SHOP, "--set", &format!("services.app.workers={value}")], 3);
    }
}

/// The widest line of an output, but for those that are commands to be copied or lines of a file.
fn widest(arguments: &[&str], columns: usize) -> (usize, String) {
    let output = surgelab(arguments).env("COLUMNS", columns.to_string()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = text.lines().filter(|line| !line.starts_with("surgelab "));
    let widest = told.max_by_key(|line| line.width()).unwrap_or_default();
    (widest.width(), widest.to_owned())
}

#[test]
fn reports_are_as_wide_as_is_asked_for() {
    let busy = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/shop.ron");
    let asked: [&[&str]; 12] = [
        &["run", SHOP],
        &["run", busy, "--horizon", "2min"],
        &["run", busy, "--horizon", "30s", "--replications", "2"],
        &["compare", busy, "--horizon", "30s"],
        &["sweep", busy, "--horizon", "30s", "--over", "services.app.workers=2,4,8"],
        &["napkin", busy],
        &["list"],
        &["list", "--parts"],
        &["fields"],
        &["fields", "--metrics"],
        &["explain"],
        &["fields", "retry"],
    ];
    for arguments in asked {
        for columns in [60_usize, 80, 120, 200] {
            let (width, line) = widest(arguments, columns);
            assert!(width <= columns, "{arguments:?}: {width} of {columns} columns: {line}");
            let prose = arguments[0] != "run" || arguments.contains(&"--replications");
            assert!(prose || width > columns * 2 / 3, "{arguments:?}: {width} of {columns} columns are used");
        }
    }
}
