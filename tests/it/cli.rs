//! The command line as a person or a script meets it.

pub mod schema;
mod share;

use assert_cmd::Command;
use std::fs;
use std::process::{Command as Process, Stdio};
use surgelab::catalog::SCENARIOS;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/television.ron");
const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");

fn surgelab(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(name);
    }
    command
}

fn stdout(arguments: &[&str]) -> String {
    let output = surgelab(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn stderr(arguments: &[&str], code: i32) -> String {
    let output = surgelab(arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(output.stdout.is_empty(), "a failure says nothing on stdout");
    stderr
}

#[test]
fn a_run_whose_objectives_hold_exits_with_0() {
    let output = surgelab(&["run", SHOP, "--horizon", "1min"]).assert().code(0).get_output().clone();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().last().unwrap(), format!("surgelab run {SHOP} --horizon 1min --seed 1"));
}

#[test]
fn a_run_that_misses_its_objectives_exits_with_99_and_tells_who_broke() {
    let output = surgelab(&["run", SHOP]).assert().code(99).get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("box.cpu"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("2 of 2 objectives were missed"), "{text}");
}

#[test]
fn the_last_line_reproduces_the_run() {
    let first = stdout(&["run", SHOP, "--horizon", "1min", "--seed", "9", "--set", "services.app.workers=5"]);
    let words: Vec<&str> = first.lines().last().unwrap().split(' ').skip(1).collect();
    assert_eq!(stdout(&words), first);
}

#[test]
fn a_scenario_may_come_from_stdin() {
    let text = fs::read_to_string(SHOP).unwrap();
    let output = surgelab(&["run", "-", "--horizon", "1min", "--format", "json"])
        .write_stdin(text)
        .assert()
        .code(0)
        .get_output()
        .clone();
    let from_file = stdout(&["run", SHOP, "--horizon", "1min", "--format", "json"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), from_file);
}

#[test]
fn an_invalid_scenario_exits_with_3_and_shows_the_place() {
    let text = fs::read_to_string(SHOP).unwrap().replace("db.query", "db.qurey");
    for arguments in [["run", "-"], ["check", "-"]] {
        let output = surgelab(&arguments).write_stdin(text.clone()).assert().code(3).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("<stdin>:8") && stderr.contains("db.query"), "{stderr}");
    }
}

#[test]
fn check_says_what_it_found_on_stdout() {
    let output = surgelab(&["check", SHOP]).assert().code(0).get_output().clone();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{SHOP}: valid\n"));
}

#[test]
fn names_that_are_not_there_are_a_matter_of_usage() {
    assert!(stderr(&["run", "no-such-file.ron"], 2).contains("there is no file `no-such-file.ron`"));
    assert!(stderr(&["run", "codingam"], 2).contains("did you mean `codingame`?"));
    assert!(stderr(&["run", SHOP, "--variant", "faster"], 2).contains("has no variant `faster`"));
    assert!(stderr(&["fields", "servces"], 2).contains("no field starts with `servces`"));
    assert!(stderr(&["run", SHOP, "--set", "novalue"], 2).contains("PATH=VALUE"));
    assert!(stderr(&["run", SHOP, "-j", "2"], 2).contains("--replications"));
    assert!(stderr(&["run", SHOP, "--format", "pdf"], 2).contains("possible values"));
}

#[test]
fn a_patch_that_cannot_be_is_an_invalid_scenario() {
    assert!(stderr(&["run", SHOP, "--set", "services.app.wokers=5"], 3).contains("workers"));
    assert!(stderr(&["run", SHOP, "--horizon", "soon"], 3).contains("soon"));
}

#[test]
fn a_file_that_cannot_be_read_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    assert!(stderr(&["run", folder.path().to_str().unwrap()], 1).contains("cannot read"));
}

#[test]
fn results_are_written_whole_and_the_format_follows_the_ending() {
    let folder = tempfile::tempdir().unwrap();
    for (name, begins) in [
        ("a.json", "{"),
        ("a.csv", "variant,seed"),
        ("a.md", "# "),
        ("a.xml", "<?xml"),
        ("a.html", "<!doctype"),
        ("a.txt", "A shop"),
        ("a.sarif", "{"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, "what was there before").unwrap();
        surgelab(&["run", SHOP, "--horizon", "10s", "-o"]).arg(&path).assert().code(0).stdout("");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begins), "{name}: {}", &text[..text.len().min(80)]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7, "nothing else stays behind");
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("a-folder");
    fs::create_dir(&taken).unwrap();
    assert!(stderr(&["run", SHOP, "--horizon", "10s", "-o", taken.to_str().unwrap()], 1).contains("cannot write"));
    let gone = folder.path().join("no").join("such.json");
    assert!(stderr(&["run", SHOP, "--horizon", "10s", "-o", gone.to_str().unwrap()], 1).contains("cannot write"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [vec!["fields"], vec!["schema"], vec!["run", SHOP, "--horizon", "10s"]] {
        let mut child =
            Process::new(PROGRAM).args(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn colour_comes_only_when_wanted() {
    let colourful = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = surgelab(&["run", SHOP, "--horizon", "10s"]);
        let output = command.args(arguments).envs(environment.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!colourful(&[], &[]), "stdout is no terminal here");
    assert!(colourful(&["--color", "always"], &[]));
    assert!(colourful(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colourful(&[], &[("CLICOLOR_FORCE", "0"), ("NO_COLOR", "1")]));
    assert!(!colourful(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn replications_have_the_same_bytes_with_any_number_of_jobs() {
    let run =
        |jobs: &str| stdout(&["run", SHOP, "--horizon", "6min", "--replications", "5", "-j", jobs, "--format", "json"]);
    let one = run("1");
    assert!(one.contains("\"replications\": 5"), "{one}");
    assert!(one == run("2") && one == run("5"), "the number of threads changed a byte");
}

#[test]
fn the_first_replication_is_the_run_itself() {
    let run: serde_json::Value =
        serde_json::from_str(&stdout(&["run", SHOP, "--horizon", "2min", "--seed", "4", "--format", "json"])).unwrap();
    let study: serde_json::Value = serde_json::from_str(&stdout(&[
        "run",
        SHOP,
        "--horizon",
        "2min",
        "--seed",
        "4",
        "--replications",
        "2",
        "--format",
        "json",
    ]))
    .unwrap();
    assert_eq!(study["runs"][0]["results_digest"], run["results_digest"]);
    assert_ne!(study["runs"][1]["digest"], run["digest"]);
}

#[test]
fn json_keeps_its_contract() {
    for (run, schema) in [(vec![], vec!["schema"]), (vec!["--replications", "2"], vec!["schema", "--replications"])] {
        let mut arguments = vec!["run", SHOP, "--horizon", "7min", "--format", "json"];
        arguments.extend(run);
        let results = serde_json::from_str(&stdout(&arguments)).unwrap();
        let schema = serde_json::from_str(&stdout(&schema)).unwrap();
        assert_eq!(schema::violations(&schema, &results), Vec::<String>::new());
    }
}

/// A queue that a quarter of a second is too late for at half of what comes, with what is assumed and a price.
const QUEUE: &str = r#"(
    version: 1, title: "queue", horizon: "40s", warm_up: "2s",
    machines: { "box": (cores: 1, price: "1/h") },
    // assumed
    services: { "app": (on: ["box"], workers: 1, operations: { "serve": [Delay("exp(10ms)")] }) },
    traffic: { "crowd": Open(rate: Constant("150/s"), call: "app.serve") },
    objectives: { "crowd": ["p(95) < 100ms"] },
)"#;

/// Each study from the command line: its exit code, its contract, and the command that asks it again.
#[test]
fn studies_say_by_their_exit_codes_what_came_of_them() {
    let asked: [(&[&str], i32, &str); 9] = [
        (&["sweep", "-", "--over", "services.app.workers=1", "--replications", "1"], 99, "--sweep"),
        (&["sweep", "-", "--over", "services.app.workers=1,4", "--replications", "1"], 0, "--sweep"),
        (&["ladder", "-", "--rungs", "1"], 0, "--ladder"),
        (&["ladder", "-", "--rungs", "1", "--target", "1x"], 99, "--ladder"),
        (&["ladder", "-", "--target", "150"], 0, "--ladder"),
        (&["recovery", "-", "--push", "2x", "--lasting", "5s", "--replications", "1"], 99, "--recovery"),
        (&["sensitivity", "-", "--replications", "2"], 0, "--sensitivity"),
        (&["pareto", "-", "--over", "services.app.workers=1,4", "--replications", "2"], 0, "--pareto"),
        (&["capacity", "-"], 99, "--capacity"),
    ];
    for (arguments, code, schema) in asked {
        let run = |more: &[&str]| surgelab(&[arguments, more].concat()).write_stdin(QUEUE).output().unwrap();
        let output = run(&["--format", "json"]);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let results = serde_json::from_slice(&output.stdout).unwrap();
        let schema = serde_json::from_str(&stdout(&["schema", schema])).unwrap();
        assert_eq!(schema::violations(&schema, &results), Vec::<String>::new(), "{arguments:?}");
    }
    let text = |arguments: &[&str]| {
        let output = surgelab(arguments).write_stdin(QUEUE).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for (arguments, ..) in asked {
        let first = text(arguments);
        let words: Vec<&str> = first.lines().last().unwrap().split(' ').skip(1).collect();
        assert_eq!(text(&words), first);
    }
}

#[test]
fn what_a_study_cannot_be_asked_is_told_before_it_runs() {
    let told = |arguments: &[&str], code: i32| {
        let output = surgelab(arguments).write_stdin(QUEUE).assert().code(code).get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(told(&["sweep", "-"], 2).contains("--over"));
    assert!(told(&["sweep", "-", "--over", "services.app.workers="], 2).contains("empty value"));
    assert!(told(&["sweep", "-", "--over", "services.app.workers=1,2", "--resume"], 2).contains("--rows"));
    assert!(told(&["sweep", "-", "--over", "services.app.wokers=1"], 3).contains("did you mean `workers`?"));
    assert!(told(&["sweep", "-", "--over", "services.app.workers=1,0"], 3).contains("services.app.workers=0"));
    assert!(told(&["ladder", "-", "--target", "lots"], 2).contains("a multiple such as 2x"));
    assert!(told(&["ladder", "-", "--relief", "more"], 3).contains("unknown variant `more`"));
    assert!(told(&["recovery", "-", "--lasting", "5s"], 2).contains("--push"));
    assert!(
        told(&["sensitivity", "-", "--of", "services.app.wokers"], 3).contains("no number at `services.app.wokers`")
    );
    assert!(told(&["schema", "--sweep", "--ladder"], 2).contains("cannot be used with"));
}

#[test]
fn what_there_is_can_be_asked() {
    assert!(stdout(&["list"]).starts_with("codingame"));
    let all: serde_json::Value = serde_json::from_str(&stdout(&["list", "--json"])).unwrap();
    assert_eq!((all[0]["name"].as_str(), all.as_array().map(Vec::len)), (Some("codingame"), Some(SCENARIOS.len())));
    assert!(all[0]["variants"].as_array().unwrap().iter().all(|variant| variant["name"].is_string()));
    assert!(stdout(&["show", SHOP, "--set", "services.app.workers=7"]).contains("workers: 7"));
    assert!(stdout(&["fields", "services.*.workers"]).contains("services.*.workers"));
    assert!(stdout(&["fields", "--metrics", "--format", "markdown"]).contains("goodput"));
    let fields: serde_json::Value = serde_json::from_str(&stdout(&["fields", "--format", "json"])).unwrap();
    assert!(fields.as_array().unwrap().len() > 50);
    assert!(stdout(&["schema", "--scenario"]).contains("surgelab scenario"));
    assert!(stdout(&["napkin", SHOP]).contains("box.cpu"));
    assert!(stdout(&["completions", "bash"]).contains("surgelab"));
}

#[test]
fn quiet_means_no_words_beside_the_results() {
    let text = fs::read_to_string(SHOP).unwrap().replace("\"box\": (cores: 2)", "\"box\": (cores: 2), \"idle\": ()");
    let warned = surgelab(&["run", "-", "--horizon", "10s"]).write_stdin(text.clone()).output().unwrap();
    assert!(String::from_utf8(warned.stderr).unwrap().contains("warning"));
    surgelab(&["run", "-", "--horizon", "10s", "--quiet"]).write_stdin(text).assert().code(0).stderr("");
}

#[test]
fn the_readme_shows_a_scenario_that_loads() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(
        readme.contains(&fs::read_to_string(SHOP).unwrap()),
        "the README's scenario is tests/it/fixtures/television.ron"
    );
}

/// The README shows the default incident as it is told today. `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_readme_shows_what_the_default_incident_says() {
    let output = surgelab(&[]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("running the incident `codingame` here instead"), "{stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, rest) = text.split_once("\nResources").expect("the tables begin with the resources");
    let end = rest.rfind("\n\n").expect("the verdict is a paragraph of its own");
    let shown = format!("```text\n{head}\n[...]\n{}```", &rest[end + 1..]);

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (before, block) = readme.split_once("```text\n").expect("the README has a block of text");
    let (_, after) = block.split_once("```").expect("the block ends");
    let expected = format!("{before}{shown}{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(path, &expected).unwrap();
    }
    assert!(
        readme == expected || fs::read_to_string(path).unwrap() == expected,
        "the README tells another run:\n{shown}"
    );
}

/// What a file's ending stands for is known before anything is run.
#[test]
fn an_ending_that_stands_for_no_format_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let told = stderr(&["run", SHOP, "-o", path.to_str().unwrap()], 2);
    assert!(told.contains("no format is written to a file that ends in `.pdf`"), "{told}");
    for ending in [".txt", ".json", ".csv", ".md", ".xml", ".html", ".sarif"] {
        assert!(told.contains(ending), "{told}");
    }
    assert!(!path.exists());
    let asked = ["run", SHOP, "--horizon", "1min", "--quiet", "--format", "text", "-o", path.to_str().unwrap()];
    surgelab(&asked).assert().code(0);
    assert!(path.exists(), "with a format it may have any name");
}

#[test]
fn figures_are_explained_by_word() {
    let all = stdout(&["explain"]);
    for heading in ["Traffic", "Sessions", "Journey", "Queues", "Resources", "Objectives", "Timeline", "Metrics"] {
        assert!(all.lines().any(|line| line == heading), "{heading} is missing");
    }
    let recovered = stdout(&["explain", "recovered"]);
    assert!(recovered.contains("beginning of the first outage to the end of the last"), "{recovered}");
    assert!(!recovered.contains("Queues"), "{recovered}");
    let found: serde_json::Value =
        serde_json::from_str(&stdout(&["explain", "p(95)", "session", "--format", "json"])).unwrap();
    assert_eq!(found[0]["name"], "p(95) session");
    assert_eq!(found[0]["unit"], "s");
    assert!(stdout(&["explain", "drained", "--format", "markdown"]).starts_with("| place | name |"));
    let told = stderr(&["explain", "phlogiston"], 2);
    assert!(told.contains("no figure speaks of `phlogiston`"), "{told}");
}

#[test]
fn a_run_that_cannot_go_on_tells_how_far_it_came_and_fails() {
    let text = r#"(version: 1, title: "m", horizon: "20s", machines: { "a": (cores: 4) },
        services: {
            "app": (on: ["a"], links: { "db": () }, operations: { "page": [Call("db.query")] }),
            "db": (on: ["a"], operations: { "query": [Cpu("exp(5ms)")] }),
        },
        traffic: { "v": Open(rate: Constant("30/s"), call: "app.page") },
        runbook: [At("1s", Apply("x")), At("2s", Set("services.db.workers", 3))],
        variants: { "x": (set: { "services": { "app": (on: ["a"], operations: { "page": [Cpu("1ms")] }) } }) })"#;
    let alone = surgelab(&["run", "-"]).write_stdin(text).assert().code(1).get_output().clone();
    let told = String::from_utf8(alone.stdout).unwrap();
    assert!(told.contains("The run stopped at 0:01: `apply x` gave a wrong file"), "{told}");
    let several =
        surgelab(&["run", "-", "--replications", "2"]).write_stdin(text).assert().code(1).get_output().clone();
    let told = String::from_utf8(several.stdout).unwrap();
    assert!(told.contains("2 of 2 stopped before their end."), "{told}");
}
