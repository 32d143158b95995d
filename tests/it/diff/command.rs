//! `surgelab diff` as a person or a script meets it.

use super::{SHOP, side, slower, terms};
use crate::cli::schema::violations;
use assert_cmd::Command;
use std::fs;
use std::path::Path;
use std::process::Command as Process;
use surgelab::report;
use surgelab::study::{Answer, Diff};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");

/// git in a folder, whatever its user has configured.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Process::new("git");
    command.current_dir(folder).args(arguments);
    command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")]);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.org");
    }
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A repository whose branch `main` has the shop.
pub fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "--quiet", "--initial-branch", "main"]);
    put(at, "scenarios/shop.ron", SHOP);
    commit(at);
    folder
}

pub fn put(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
}

fn surgelab(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(arguments);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// stdout of what exits so.
fn stdout(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = surgelab(folder, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// stderr of what exits so and says nothing else.
fn stderr(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = surgelab(folder, arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(output.stdout.is_empty(), "a failure says nothing on stdout");
    stderr
}

const BASE: &str = "main:scenarios/shop.ron";
const HEAD: &str = "scenarios/shop.ron";

#[test]
fn a_file_is_compared_with_a_revision_in_several_forms_of_one_run() {
    let repository = repository();
    let at = repository.path();
    put(at, HEAD, &slower());
    let forms = ["-o", "markdown=comment", "-o", "a.xml", "-o", "a.sarif", "-o", "a.json", "-o", "github=-"];
    let told = stdout(at, &[&["diff", BASE, HEAD], &forms[..]].concat(), 99);
    assert!(told.starts_with("::error file=scenarios/shop.ron,line=13,title=checkout::capacity: expected "), "{told}");
    let read = |file: &str| fs::read_to_string(at.join(file)).unwrap();
    assert!(read("comment").starts_with("<!-- surgelab diff: scenarios/shop.ron -->\n"), "{}", read("comment"));
    assert!(read("a.xml").starts_with("<?xml") && read("a.sarif").contains("\"startLine\": 13"));
    let results = serde_json::from_str(&read("a.json")).unwrap();
    let schema = serde_json::from_str(&stdout(at, &["schema", "--diff"], 0)).unwrap();
    assert_eq!(violations(&schema, &results), Vec::<String>::new());
    // What is committed is compared likewise, and the last line asks again.
    git(at, &["tag", "before"]);
    commit(at);
    let text = stdout(at, &["diff", "before:scenarios/shop.ron", "HEAD:scenarios/shop.ron"], 99);
    let words: Vec<&str> = text.lines().last().unwrap().split(' ').skip(1).collect();
    assert_eq!(stdout(at, &words, 99), text);
    let same = stdout(at, &["diff", "HEAD:scenarios/shop.ron", HEAD], 0);
    assert!(same.contains("✔ Nothing that is simulated changed"), "{same}");
    assert!(stdout(at, &["run", "before:scenarios/shop.ron", "--horizon", "1min"], 0).contains("checkout"));
}

#[test]
fn what_git_cannot_give_is_told() {
    let repository = repository();
    let at = repository.path();
    let told = |base: &str, code: i32| stderr(at, &["diff", base, HEAD], code);
    assert!(told("nowhere:scenarios/shop.ron", 2).contains("git knows no revision `nowhere`"));
    assert!(told("--all:scenarios/shop.ron", 2).contains("unexpected argument"), "an option is no revision");
    assert!(told("main:scenarios", 2).contains("`scenarios` is no file at `main`"));
    for outside in ["main:../gone.ron", "main:./../gone.ron", "main:/gone.ron", "main:gone/", "main:a/../../gone.ron"] {
        assert!(told(outside, 2).contains("can be no file of this repository"), "{outside}");
    }
    assert!(told("gone.ron", 2).contains("there is no file `gone.ron`"));
    let gone = stderr(at, &["diff", BASE, "main:gone.ron"], 2);
    assert!(gone.contains("there is no file `gone.ron` at `main`") && gone.contains("git ls-tree"), "{gone}");
    let output = surgelab(at, &["diff", BASE, HEAD]).env("PATH", "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("git, which is not installed"), "{said}");
    // It is asked for its size before it is read.
    put(at, "large.ron", &"/".repeat((16 << 20) + 1));
    commit(at);
    assert!(told("HEAD:large.ron", 1).contains("it has more than 16 MiB"));
    let elsewhere = tempfile::tempdir().unwrap();
    put(elsewhere.path(), "shop.ron", SHOP);
    let output = surgelab(elsewhere.path(), &["diff", "main:shop.ron", "shop.ron"])
        .env("GIT_CEILING_DIRECTORIES", elsewhere.path().parent().unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("git finds no repository here"), "{said}");
}

#[test]
fn without_a_base_head_is_judged_alone_and_the_reason_is_told() {
    let repository = repository();
    let at = repository.path();
    put(at, "scenarios/new.ron", SHOP);
    let new = stdout(at, &["diff", "main:scenarios/new.ron", "scenarios/new.ron"], 0);
    assert!(new.contains("there is nothing to compare with: there is no main:scenarios/new.ron"), "{new}");
    assert!(new.contains("✔ Judged alone: keeps its objectives; holds 10"), "{new}");
    put(at, "scenarios/late.ron", &SHOP.replace("250ms", "10ms"));
    let late = stdout(at, &["diff", "main:scenarios/late.ron", "scenarios/late.ron", "--level", "capacity=off"], 99);
    assert!(late.contains("✘ Judged alone: misses visitors p(95) < 10ms (kept in 0 of 8 runs)"), "{late}");
    put(at, "broken.ron", &SHOP.replace("rds.query", "rds.qurey"));
    let broken = stdout(at, &["diff", "broken.ron", HEAD], 0);
    assert!(broken.contains("broken.ron does not check: unknown operation `rds.qurey`"), "{broken}");
    let head = stderr(at, &["diff", HEAD, "broken.ron"], 3);
    assert!(head.contains("broken.ron:12:") && head.contains("did you mean `rds.query`"), "{head}");
    put(
        at,
        "varied.ron",
        &SHOP.replace("\n)\n", "\n    variants: { \"more\": (set: { \"services.app.workers\": 70 }) },\n)\n"),
    );
    let varied = stdout(at, &["diff", HEAD, "varied.ron", "--variant", "more"], 0);
    assert!(varied.contains("has no variant `more`") && varied.contains("Judged alone"), "{varied}");
}

#[test]
fn what_was_saved_is_compared_and_what_was_changed_is_not() {
    let repository = repository();
    let at = repository.path();
    stdout(at, &["diff", HEAD, HEAD, "-o", "base.json"], 0);
    put(at, "slow.ron", &slower());
    let fresh = stdout(at, &["diff", HEAD, "slow.ron", "--format", "csv"], 99);
    assert_eq!(stdout(at, &["diff", "base.json", "slow.ron", "--format", "csv"], 99), fresh);
    stdout(at, &["diff", HEAD, "slow.ron", "-o", "slow.json"], 99);
    assert_eq!(stdout(at, &["diff", "base.json", "slow.json", "--format", "csv"], 99), fresh, "both were saved");
    assert!(stderr(at, &["diff", HEAD, "slow.json"], 2).contains("give two saved answers"));
    stdout(at, &["capacity", HEAD, "-o", "capacity.json"], 0);
    let by_limit = stdout(at, &["diff", "capacity.json", "slow.ron"], 99);
    assert!(by_limit.contains("one of them has no runs, so no objective is compared"), "{by_limit}");
    stdout(at, &["run", HEAD, "-o", "run.json"], 0);
    for sides in [["run.json", "slow.ron"], ["base.json", "run.json"]] {
        let by_run = stderr(at, &["diff", sides[0], sides[1]], 2);
        assert!(by_run.contains("run.json is one run") && by_run.contains("-o base.json"), "{by_run}");
    }
    let text = fs::read_to_string(at.join("base.json")).unwrap();
    let changed = |name: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        put(at, name, &text.replace(from, to));
        stderr(at, &["diff", name, HEAD], 2)
    };
    assert!(changed("a.json", "\"kept\": 8", "\"kept\": 7").contains("was changed after it was saved"));
    assert!(changed("b.json", "\"head\":", "\"tail\":").contains("no answer that this program can read"));
    let other = text.replace("\"schema\": 2", "\"schema\": 3").replace("\"head\":", "\"tail\":");
    put(at, "c.json", &other);
    assert!(stderr(at, &["diff", "c.json", HEAD], 2).contains("its schema is 3, not 2"));
    put(at, "d.json", "{\"a\": ");
    assert!(stderr(at, &["diff", "d.json", HEAD], 2).contains("is no saved answer"));
    stdout(at, &["run", HEAD, "--replications", "2", "-o", "e.json"], 0);
    assert!(stderr(at, &["diff", "e.json", HEAD], 2).contains("an answer of `run --replications`"));
}

#[test]
fn an_answer_of_another_version_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = side(SHOP, 1);
    old.version = Some("0.0.7".to_owned());
    let answer = Answer::Diff(Box::new(Diff::between(None, None, old, &terms())));
    put(folder.path(), "old.json", &report::json(&answer));
    put(folder.path(), "shop.ron", SHOP);
    let told = stdout(folder.path(), &["diff", "old.json", "shop.ron", "--replications", "5"], 0);
    assert!(told.contains("base was saved by surgelab 0.0.7, and this is "), "{told}");
}

#[test]
fn levels_and_margins_are_read_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "shop.ron", SHOP);
    put(at, "slow.ron", &slower());
    let told = |options: &[&str]| stderr(at, &[&["diff", "shop.ron", "slow.ron"], options].concat(), 2);
    let unknown = told(&["--level", "visitors p(95) < 25ms=warn"]);
    assert!(unknown.contains("did you mean `visitors p(95) < 250ms`?"), "{unknown}");
    assert!(told(&["--level", "visitors=loud"]).contains("off, warn or error"));
    assert!(told(&["--margin", "lots"]).contains("lots") && told(&["--margin", "100%"]).contains("from 0% to 99%"));
    assert!(told(&["--replications", "4"]).contains("5"));
    let warned = stdout(at, &["diff", "shop.ron", "slow.ron", "--level", "capacity=warn"], 0);
    assert!(warned.contains("✔ Holds") && warned.contains("--level capacity=warn"), "{warned}");
    stdout(at, &["diff", "shop.ron", "slow.ron", "--margin", "20%"], 0);
    let off = stdout(at, &["diff", "shop.ron", "slow.ron", "--level", "capacity=off"], 0);
    assert!(!off.contains("requests/s"), "nobody looked for the limit: {off}");
}

#[test]
fn every_study_takes_several_files_and_knows_before_it_runs_which_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "shop.ron", SHOP);
    let asked = ["run", "shop.ron", "--horizon", "1min", "-o", "a.json", "-o", "markdown=b", "-o", "-"];
    assert!(stdout(at, &asked, 0).starts_with("checkout"));
    assert!(fs::read_to_string(at.join("a.json")).unwrap().starts_with('{'));
    assert!(fs::read_to_string(at.join("b")).unwrap().starts_with("# checkout"));
    // A week of it would take longer than anybody waits.
    let week = ["diff", "shop.ron", "shop.ron", "--horizon", "7d", "-o", "a.md"];
    for (more, code, said) in [
        (&["-o", "no/such/folder.md"][..], 1, "cannot write no/such/folder.md"),
        (&["-o", "."], 1, "cannot write ."),
        (&["-o", "a.md"], 2, "two formats would be written to a.md"),
        (&["-o", "a.pdf"], 2, "no format is written to a file that ends in `.pdf`"),
        (&["-o", "sarif="], 2, "expected a file"),
    ] {
        let told = stderr(at, &[&week, more].concat(), code);
        assert!(told.contains(said), "{told}");
    }
    assert!(!at.join("a.md").exists() && fs::read_dir(at).unwrap().count() == 3, "nothing stays behind");
}
