//! What runs in a pull request: the script with a curl that only remembers, and the files that call it.

use super::command::{PROGRAM, commit, git, put, repository};
use super::{SHOP, slower};
use serde_json::{Value, json};
use serde_yaml_ng as yaml;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Remembers its arguments, headers and bodies in `$FAKE`; answers with what stands there.
const CURL: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$*" >>"$FAKE/calls"
method=GET
while [ $# -gt 1 ]; do
  case $1 in
    -X) method=$2; shift ;;
    -H) case $2 in @*) cat "${2#@}" >>"$FAKE/headers" ;; esac; shift ;;
    -o) printf '#!/bin/sh\necho downloaded\n' >"$2"; exit ;;
    --data-binary) jq -r .body "${2#@}" >>"$FAKE/body"; shift ;;
  esac
  shift
done
printf '%s %s\n' "$method" "$1" >>"$FAKE/requests"
if [ -e "$FAKE/refuse" ] && [ "$method" != GET ]; then echo 'curl: (22) 403' >&2; exit 22; fi
[ "$method" = GET ] || { echo '{}'; exit; }
page=${1##*page=}
if [ -e "$FAKE/comments-$page" ]; then cat "$FAKE/comments-$page"; else echo '[]'; fi
"#;

/// A repository with a change on a branch, and a place where calls are remembered.
struct Review {
    repository: TempDir,
    fake: TempDir,
}

impl Review {
    /// On `main` the shop moved on meanwhile; on the branch it is as `text` says.
    fn of(text: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let (repository, fake) = (repository(), tempfile::tempdir().unwrap());
        let at = repository.path();
        git(at, &["checkout", "--quiet", "-b", "change"]);
        put(at, "scenarios/shop.ron", text);
        put(at, "scenarios/shop.layout.ron", "()");
        put(at, "README", "x");
        commit(at);
        git(at, &["checkout", "--quiet", "main"]);
        put(at, "scenarios/shop.ron", &SHOP.replace("cores: 2", "cores: 64"));
        commit(at);
        git(at, &["checkout", "--quiet", "change"]);
        let curl = fake.path().join("curl");
        fs::write(&curl, CURL).unwrap();
        fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).unwrap();
        Self { repository, fake }
    }

    /// bash with what a job has in its environment.
    fn bash(&self, script: &str, environment: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.fake.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.current_dir(self.repository.path()).args(["-eo", "pipefail", "-c", script]).env("PATH", path);
        for name in ["GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY", "ARGUMENTS", "FILES", "HEAD"] {
            command.env_remove(name);
        }
        command.env("FAKE", self.fake.path()).env("OUT", self.fake.path().join("out"));
        command.envs([("BASE", "main"), ("SURGELAB", PROGRAM), ("TOKEN", "secret")]);
        command.envs(environment.iter().copied()).output().expect("bash is installed")
    }

    fn github(&self, environment: &[(&str, &str)]) -> Output {
        let summary = self.fake.path().join("summary").display().to_string();
        let job = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_API_URL", "https://api.example.org"),
            ("PULL_REQUEST", "5"),
            ("GITHUB_STEP_SUMMARY", summary.as_str()),
        ];
        self.bash(&format!("'{ROOT}/deploy/pull-request'"), &[&job, environment].concat())
    }

    fn remembered(&self, name: &str) -> String {
        fs::read_to_string(self.fake.path().join(name)).unwrap_or_default()
    }
}

fn code(output: &Output, expected: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(expected), "{out}\n{err}");
    format!("{out}{err}")
}

const MARKER: &str = "<!-- surgelab diff: scenarios/shop.ron -->";

#[test]
fn a_loss_is_commented_annotated_summed_up_and_fails() {
    let review = Review::of(&slower());
    let told = code(&review.github(&[]), 99);
    assert!(told.contains("::error file=scenarios/shop.ron,line=13,title=checkout::"), "{told}");
    let body = review.remembered("body");
    assert!(body.starts_with(MARKER) && body.contains("**Holds ") && body.contains(": rds.cpu "), "{body}");
    assert!(review.remembered("summary").starts_with(MARKER));
    let comments = "https://api.example.org/repos/a/b/issues/5/comments";
    assert_eq!(review.remembered("requests"), format!("GET {comments}?per_page=100&page=1\nPOST {comments}\n"));
    assert!(review.remembered("headers").contains("Authorization: Bearer secret"));
    assert!(!review.remembered("calls").contains("secret"), "arguments are seen by others on the machine");
    let log: Value = serde_json::from_str(&review.remembered("out/all.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(1), "{log}");
    assert!(review.remembered("out/1.xml").starts_with("<?xml") && !review.fake.path().join("out/2.md").exists());
}

#[test]
fn a_comment_is_updated_in_its_place() {
    let review = Review::of(&slower());
    let others: Vec<Value> = (0..100).map(|id| json!({"id": id, "body": "> <!-- surgelab diff: a -->"})).collect();
    let own = json!([{"id": 700, "body": "<!-- surgelab diff: scenarios/other.ron -->"},
        {"id": 701, "body": format!("{MARKER}\n# old")}]);
    put(review.fake.path(), "comments-1", &Value::from(others).to_string());
    put(review.fake.path(), "comments-2", &own.to_string());
    code(&review.github(&[]), 99);
    let requests = review.remembered("requests");
    let last = requests.lines().last().unwrap();
    assert_eq!(last, "PATCH https://api.example.org/repos/a/b/issues/comments/701", "{requests}");
    assert!(requests.contains("&page=2") && !requests.contains("POST"), "{requests}");
}

#[test]
fn gitlab_gets_a_note() {
    let review = Review::of(&slower());
    put(review.fake.path(), "comments-1", &json!([{"id": 9, "body": format!("{MARKER}\n")}]).to_string());
    let job = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", "https://gitlab.example.org/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "4"),
    ];
    let told = code(&review.bash(&format!("'{ROOT}/deploy/pull-request'"), &job), 99);
    assert!(!told.contains("::error"), "{told}");
    let notes = "https://gitlab.example.org/api/v4/projects/3/merge_requests/4/notes";
    assert_eq!(review.remembered("requests"), format!("GET {notes}?per_page=100&page=1\nPUT {notes}/9\n"));
    assert!(review.remembered("headers").contains("PRIVATE-TOKEN: secret"));
}

#[test]
fn what_may_not_be_commented_fails_only_for_what_is_lost() {
    let review = Review::of(&slower());
    put(review.fake.path(), "refuse", "");
    assert!(code(&review.github(&[]), 99).contains("no comment can be written"));
    let levels = "--level\ncapacity=warn\n--level\nvisitors p(95) < 250ms=warn\n";
    let told = code(&review.github(&[("ARGUMENTS", levels)]), 0);
    assert!(told.contains("::warning file=scenarios/shop.ron"), "{told}");
    let quiet = Review::of(&slower());
    code(&quiet.github(&[("COMMENT", "no"), ("TOKEN", "")]), 99);
    assert_eq!(quiet.remembered("requests"), "");
}

#[test]
fn only_scenarios_that_changed_since_the_branch_are_looked_at() {
    let review = Review::of(SHOP);
    let told = code(&review.github(&[]), 0);
    assert!(told.contains("no scenario changed since"), "{told}");
    let at = review.repository.path();
    put(at, "scenarios/new one.ron", SHOP);
    put(at, "other/shop.ron", &slower());
    commit(at);
    let told = code(&review.github(&[("FILES", ":(glob)scenarios/**/*.ron\n")]), 0);
    assert!(told.contains("scenarios/new\\ one.ron") && !told.contains("other/shop.ron"), "{told}");
    assert!(review.remembered("body").contains("Judged alone: keeps its objectives"));
    let told = code(&review.github(&[("BASE", "nowhere")]), 1);
    assert!(told.contains("have no common commit here"), "{told}");
}

#[test]
fn a_scenario_that_does_not_check_is_commented_and_fails() {
    let review = Review::of(&SHOP.replace("rds.query\"", "rds.qurey\""));
    let told = code(&review.github(&[]), 3);
    assert!(told.contains("did you mean `rds.query`"), "{told}");
    let body = review.remembered("body");
    assert!(body.starts_with(MARKER) && body.contains("**It cannot be compared.**"), "{body}");
    assert!(body.contains("    error: unknown operation `rds.qurey`"), "{body}");
}

fn parsed(file: &str) -> yaml::Value {
    let text = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn check_syntax(script: &str) {
    let output = Command::new("bash").args(["-n", "-c", script]).output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
}

fn text(value: &yaml::Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text"))
}

/// Scripts of the repository that a text calls.
fn called(script: &str) -> Vec<PathBuf> {
    let words = script.split(|c: char| c.is_whitespace() || "\"$()".contains(c));
    let inside = words.filter_map(|word| word.find("deploy/").map(|at| Path::new(ROOT).join(&word[at..])));
    inside.collect()
}

#[test]
fn the_action_calls_what_is_there_and_uses_every_input() {
    use std::os::unix::fs::PermissionsExt;
    let action = parsed("action.yml");
    assert_eq!(text(&action["runs"]["using"]), "composite");
    let steps = action["runs"]["steps"].as_sequence().expect("there are steps");
    let mut scripts = 0;
    for step in steps {
        let Some(run) = step.get("run") else {
            assert!(text(&step["uses"]).contains('@'), "{step:?}");
            continue;
        };
        assert_eq!(text(&step["shell"]), "bash");
        check_syntax(text(run));
        assert!(!text(run).contains("${{"), "what a pull request says is never part of a script: {run:?}");
        for script in called(text(run)) {
            scripts += 1;
            assert_eq!(fs::metadata(&script).expect("it is there").permissions().mode() & 0o111, 0o111, "{script:?}");
        }
    }
    assert_eq!(scripts, 2);
    let whole = fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
    for (name, input) in action["inputs"].as_mapping().expect("there are inputs") {
        assert!(whole.contains(&format!("inputs.{}", text(name))), "{name:?} is not used");
        assert!(!text(&input["description"]).is_empty() && input.get("default").is_some(), "{name:?}");
    }
}

/// The steps as they are written, with the program at hand.
#[test]
fn the_steps_of_the_action_do_what_they_say() {
    let review = Review::of(&slower());
    let action = parsed("action.yml");
    let step = |id: &str| {
        let steps = action["runs"]["steps"].as_sequence().unwrap();
        text(&steps.iter().find(|step| step["id"].as_str() == Some(id)).expect("it is there")["run"]).to_owned()
    };
    let at = |name: &str| review.fake.path().join(name).display().to_string();
    fs::create_dir(at("temporary")).unwrap();
    let (outputs, temporary) = (at("outputs"), at("temporary"));
    let job = [
        ("GITHUB_ACTION_PATH", ROOT),
        ("GITHUB_OUTPUT", outputs.as_str()),
        ("RUNNER_TEMP", temporary.as_str()),
        ("CARGO_TARGET_DIR", temporary.as_str()),
        ("BINARY", PROGRAM),
        ("COMMENT", "no"),
        ("FILES", ":(glob)**/*.ron"),
        ("GITHUB_ACTIONS", "true"),
    ];
    code(&review.bash(&step("source"), &job), 0);
    code(&review.bash(&step("get"), &job), 0);
    code(&review.bash(&step("compare"), &job), 99);
    let told = review.remembered("outputs");
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("hash=") && lines[0].len() == "hash=".len() + 16, "{told}");
    assert_eq!(lines[1], format!("path={PROGRAM}"));
    let folder = lines[2].strip_prefix("folder=").expect("it says where the files are");
    assert!(Path::new(folder).starts_with(&temporary) && Path::new(folder).join("1.md").is_file(), "{told}");
    assert!(lines[3].starts_with("category=surgelab-") && lines[3].len() == "category=surgelab-".len() + 8, "{told}");
    assert_eq!(lines[4..], [format!("sarif={folder}/all.sarif")]);
    let missing = review.bash(&step("get"), &[&job[..], &[("BINARY", "no-such-program")]].concat());
    assert!(code(&missing, 1).contains("there is no program no-such-program"));
}

#[test]
fn the_job_of_gitlab_calls_what_is_there() {
    let file = parsed("deploy/gitlab-ci.yml");
    let job = &file["surgelab-diff"];
    assert!(text(&job["rules"][0]["if"]).contains("merge_request_event"));
    assert_eq!(text(&job["variables"]["GIT_DEPTH"]), "0", "where it branched off is part of the history");
    let lines = |name: &str| {
        let lines = job[name].as_sequence().unwrap_or_else(|| panic!("{name} is a list"));
        lines.iter().map(|line| text(line).to_owned()).collect::<Vec<_>>().join("\n")
    };
    check_syntax(&lines("before_script"));
    check_syntax(&lines("script"));
    let scripts: Vec<PathBuf> = called(&lines("script"));
    assert!(scripts.len() == 2 && scripts.iter().all(|script| script.is_file()), "{scripts:?}");
    let script = fs::read_to_string(Path::new(ROOT).join("deploy/pull-request")).unwrap();
    for name in ["BASE", "FILES", "ARGUMENTS", "TOKEN", "OUT", "SURGELAB"] {
        assert!(lines("script").contains(&format!("{name}=")) && script.contains(&format!("{{{name}")), "{name}");
    }
    assert_eq!(text(&job["artifacts"]["reports"]["junit"]), ".surgelab/out/*.xml");
    assert_eq!(text(&job["artifacts"]["when"]), "always", "also of what fails");
}

#[test]
fn a_binary_is_taken_or_downloaded() {
    let review = Review::of(SHOP);
    let download = format!("\"$('{ROOT}/deploy/binary' https://example.org/surgelab bin)\"");
    assert_eq!(code(&review.bash(&download, &[]), 0), "downloaded\n");
    assert!(review.remembered("calls").contains("--location --retry 2 -o bin/surgelab https://example.org/surgelab"));
    let there = format!("'{ROOT}/deploy/binary' '{PROGRAM}'");
    assert_eq!(code(&review.bash(&there, &[]), 0), format!("{PROGRAM}\n"));
}

/// What people copy is YAML, and gives the action only what it takes.
#[test]
fn the_files_of_the_readme_fit() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let blocks: Vec<yaml::Value> = readme
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .filter(|block| block.contains("surgelab"))
        .map(|block| yaml::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}")))
        .collect();
    let [workflow, job] = blocks.as_slice() else { panic!("there are two files: {blocks:?}") };
    let steps = workflow["jobs"]["diff"]["steps"].as_sequence().expect("there are steps");
    assert_eq!(steps[0]["with"]["fetch-depth"].as_u64(), Some(0), "where it branched off is part of the history");
    let inputs = parsed("action.yml")["inputs"].clone();
    for (name, _) in steps[1]["with"].as_mapping().expect("it is given something") {
        assert!(inputs.get(name).is_some(), "the action has no input {name:?}");
    }
    let variables = parsed("deploy/gitlab-ci.yml")["variables"].clone();
    for (name, _) in job["variables"].as_mapping().expect("there are variables") {
        assert!(variables.get(name).is_some(), "the job has no variable {name:?}");
    }
    assert!(text(&job["include"][0]["file"]).ends_with("deploy/gitlab-ci.yml"));
}
