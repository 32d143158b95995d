//! Objectives: how long it was down, what is said where there is nothing to observe, and why a value is another than
//! the table's.

use super::{about, results};
use assert_cmd::Command;
use surgelab::measure::results::ObjectiveState;
use surgelab::scenario::objective::Objective;

/// A server that is slow from 2:00 to 3:00: 80/s where 25/s are served, so that most are refused once 20 wait.
fn outage(objectives: &str) -> String {
    format!(
        r#"(
            version: 1, title: "recovered", horizon: "5min",
            machines: {{ "m": (cores: 1) }},
            services: {{ "s": (on: ["m"], workers: 10, backlog: (limit: 20), operations: {{ "q": [Cpu("10ms")], "idle": [Cpu("1ms")] }}) }},
            traffic: {{ "u": Open(rate: Constant("80/s"), call: "s.q") }},
            runbook: [At("2min", Set("services.s.operations.q.0", Cpu("40ms"))), At("3min", Set("services.s.operations.q.0", Cpu("10ms")))],
            objectives: {{ {objectives} }},
        )"#
    )
}

/// An outage of a minute is a minute, wherever ten seconds begin; how long the line took to drain is said apart.
#[test]
fn an_outage_lasts_as_long_as_it_did() {
    let results = results(&outage(r#""u": ["recovered within 61s", "down < 61s"], "s.q": ["down < 61s"]"#));
    for objective in &results.objectives {
        // The line has room for 20 at 55/s more than are served: the first is refused after some tenths of a second.
        about(&objective.expression, objective.observed.expect("it was"), 59.6, 0.5);
        assert!(objective.pass);
    }
    let drained = results.objectives[0].note.as_deref().expect("it drained");
    assert!(drained.starts_with("s.workers was empty ") && drained.ends_with(" later"), "{drained}");
    assert_eq!(results.objectives[1].note, None);
}

/// The same whatever second it begins in.
#[test]
fn an_outage_is_not_rounded_to_ten_seconds() {
    let text = outage(r#""u": ["recovered within 61s"]"#).replace("2min", "123s").replace("3min", "183s");
    about("recovered", results(&text).objectives[0].observed.unwrap(), 59.6, 0.5);
}

/// Who is never back never recovers.
#[test]
fn what_is_down_at_the_end_has_not_recovered() {
    let text = outage(r#""u": ["recovered within 10min", "down < 10min"]"#)
        .replace(r#", At("3min", Set("services.s.operations.q.0", Cpu("10ms")))"#, "");
    let results = results(&text);
    assert_eq!((results.objectives[0].state, results.objectives[0].observed), (ObjectiveState::Missed, None));
    about("down", results.objectives[1].observed.unwrap(), 179.6, 0.5);
}

/// Nobody calls `s.idle`: that is no pass, unless the objective is optional. The exit code says the same.
#[test]
fn nothing_to_observe_is_no_pass() {
    let run = |objective: &str| {
        let objectives = format!(r#""s.idle": ["{objective}"]"#);
        let observed = results(&outage(&objectives)).objectives.remove(0);
        let code = Command::new(env!("CARGO_BIN_EXE_surgelab"))
            .args(["run", "-", "--quiet", "--format", "junit"])
            .write_stdin(outage(&objectives))
            .output()
            .unwrap();
        (observed.state, observed.pass, code.status.code(), String::from_utf8(code.stdout).unwrap())
    };
    for expression in ["p(95) < 1s", "failed < 1%", "degraded < 1%", "down < 1min", "recovered within 1s", "avg < 1s"] {
        let (state, pass, code, junit) = run(expression);
        assert_eq!((state, pass, code), (ObjectiveState::Unobserved, false, Some(99)), "{expression}");
        assert!(junit.contains("nothing to observe"), "{junit}");
        let (state, pass, code, junit) = run(&format!("{expression} optional"));
        assert_eq!((state, pass, code), (ObjectiveState::Unobserved, true, Some(0)), "{expression}");
        assert!(junit.contains("<skipped"), "{junit}");
    }
}

#[test]
fn optional_stands_at_the_end_and_is_printed_back() {
    for text in ["p(95) < 2s optional", "recovered within 10min optional", "worst 1min failed < 1% optional"] {
        let objective = Objective::parse(text).unwrap();
        assert!(objective.optional);
        assert_eq!(objective.to_string(), text);
    }
    assert!(!Objective::parse("p(95) < 2s").unwrap().optional);
    assert_eq!(Objective::parse("optional p(95) < 2s").unwrap_err().message, "unknown metric `optional p(95)`");
    assert!(Objective::parse("p(95) < 2soptional").is_err());
}

/// 10 % fail at once: of all, the 95th is among them; of those that succeeded it is what the table shows.
#[test]
fn a_percentile_beside_another_says_why() {
    let results = results(
        r#"(
            version: 1, title: "why", horizon: "2min",
            machines: { "m": (cores: 8) },
            services: { "s": (on: ["m"], operations: { "q": [Fail("2%"), Delay("uniform(0s, 100ms)")] }) },
            traffic: { "u": Open(rate: Constant("200/s"), call: "s.q") },
            objectives: { "u": ["p(97) < 1s", "p(99) < 1s", "failed < 5%"] },
        )"#,
    );
    let [inside, beyond, failed] = results.objectives.as_slice() else { panic!("{:?}", results.objectives) };
    // 97 of 100 are 97 of the 98 that succeed.
    about("p(97)", inside.observed.unwrap(), 0.1 * 97.0 / 98.0, 0.001);
    let note = inside.note.as_deref().unwrap();
    assert!(note.contains("that failed count as endless") && note.contains("of those that succeeded"), "{note}");
    assert_eq!((beyond.observed, beyond.observed_text.as_str(), beyond.pass), (None, "never", false));
    assert_eq!(failed.note, None);
}

/// A value that misses its bound does not read as the bound.
#[test]
fn what_misses_by_little_shows_by_how_little() {
    let results = results(
        r#"(
            version: 1, title: "by a hair", horizon: "5min",
            machines: { "m": (cores: 8) },
            services: { "s": (on: ["m"], operations: { "q": [Delay("2.001s")] }) },
            traffic: { "u": Open(gaps: "1", rate: Constant("1/s"), call: "s.q") },
            objectives: { "u": ["max < 2s", "max < 3s"] },
        )"#,
    );
    let told = |at: usize| (results.objectives[at].state, results.objectives[at].observed_text.as_str());
    assert_eq!(told(0), (ObjectiveState::Missed, "2.001 s"));
    assert_eq!(told(1), (ObjectiveState::Held, "2.00 s"));
}
