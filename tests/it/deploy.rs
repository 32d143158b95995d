//! The files of `deploy/` do what they say: their shell lines are run as the engine would run them, a shard each, and
//! merged; the answer is that of one process.

use crate::support::Draft;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");
/// What the manifests sweep.
const OVER: [&str; 4] = ["--over", "services.app.workers=10,20,50", "--over", "machines.box.cores=2,4,8"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

/// Every input of the action stands in the README, with what it is where nobody says otherwise.
#[test]
fn the_readme_tells_every_input_of_the_action() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let (action, readme) = (read("action.yml"), read("README.md"));
    let inputs = action.lines().skip_while(|line| *line != "inputs:").skip(1);
    let inputs = inputs.take_while(|line| line.starts_with("  "));
    let names: Vec<&str> =
        inputs.filter(|line| !line.starts_with("   ")).map(|line| line.trim().trim_end_matches(':')).collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("the README has no row for the input `{name}`"));
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        let said =
            action.split(&format!("\n  {name}:\n")).nth(1).and_then(|rest| rest.split("default: ").nth(1)).unwrap();
        let default = said.lines().next().unwrap().trim().trim_matches('"');
        let is_plain = !default.is_empty() && !default.contains("${{");
        assert!(!is_plain || cells[2].contains(default), "{row}: the default is {default}");
    }
}

/// The lines of a manifest's block `- |`, without their indentation.
fn script(manifest: &str) -> String {
    let lines: Vec<&str> = manifest.lines().skip_while(|line| line.trim() != "- |").skip(1).collect();
    let margin = lines[0].len() - lines[0].trim_start().len();
    let inside = |line: &&&str| line.len() - line.trim_start().len() >= margin;
    lines.iter().take_while(inside).map(|line| format!("{}\n", &line[margin..])).collect()
}

/// The value of a plain field of a manifest, wherever it stands.
fn field<'m>(manifest: &'m str, name: &str) -> &'m str {
    let named = |line: &'m str| line.trim().strip_prefix(name)?.strip_prefix(": ");
    manifest.lines().find_map(named).unwrap()
}

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let queue = Draft::new(10.0)
            .station("app", 1, None, "exp(10ms)")
            .poisson(80.0, "app.serve")
            .objective("crowd", "p(95) < 60ms");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("scenario.ron"), queue.text()).unwrap();
        Place { folder }
    }

    /// With the program in the path, as in a container or on a node.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let mut path = OsString::from(Path::new(PROGRAM).parent().unwrap());
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command.current_dir(self.folder.path()).env("PATH", path);
        command
    }

    fn alone(&self) -> (Option<i32>, Vec<u8>) {
        said(self.command(PROGRAM).args(["sweep", "scenario.ron"]).args(OVER).output().unwrap())
    }
}

/// Exit code and stdout.
fn said(output: Output) -> (Option<i32>, Vec<u8>) {
    assert!(output.status.code().is_some_and(|code| [0, 99].contains(&code)), "{output:?}");
    (output.status.code(), output.stdout)
}

#[test]
fn the_manifests_of_kubernetes_make_the_answer_of_one_process() {
    let (place, sweep) = (Place::new(), text("sweep.job.yaml"));
    let shards: u32 = field(&sweep, "completions").parse().unwrap();
    assert_eq!(field(&sweep, "completionMode"), "Indexed");
    assert!(sweep.contains(&format!("{{ name: SHARDS, value: \"{shards}\" }}")), "SHARDS is `completions`");
    for index in 0..shards {
        let mut pod = place.command("sh");
        pod.args(["-euc", &script(&sweep)]).env("SHARDS", shards.to_string()).env("FOLDER", ".");
        pod.env("SCENARIO", "scenario.ron").env("JOB_COMPLETION_INDEX", index.to_string());
        assert_eq!(said(pod.output().unwrap()), (Some(0), Vec::new()));
    }
    let mut pod = place.command("sh");
    pod.args(["-uc", &script(&text("merge.job.yaml"))]).env("FOLDER", ".");
    assert_eq!(said(pod.output().unwrap()), place.alone());
    assert!(fs::read_to_string(place.folder.path().join("answer.html")).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn the_script_for_slurm_makes_the_answer_of_one_process() {
    let place = Place::new();
    let task = |variables: &[(&str, &str)]| {
        let mut task = place.command("bash");
        task.arg(file("sweep.sbatch")).arg("scenario.ron").args(OVER).envs(variables.iter().copied());
        assert_eq!(said(task.output().unwrap()), (Some(0), Vec::new()));
    };
    for id in ["1", "2", "3"] {
        let array = [("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_MAX", "3")];
        task(&[&array[..], &[("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_STEP", "1")]].concat());
    }
    // A task that is submitted alone again is told how many there are.
    let file = place.folder.path().join("shards/shard-2.jsonl");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    task(&[
        ("SHARDS", "3"),
        ("SLURM_ARRAY_TASK_ID", "2"),
        ("SLURM_ARRAY_TASK_COUNT", "1"),
        ("SLURM_CPUS_PER_TASK", "2"),
    ]);
    assert_eq!(fs::read(&file).unwrap(), whole);
    let shards = ["1", "2", "3"].map(|id| format!("shards/shard-{id}.jsonl"));
    assert_eq!(said(place.command(PROGRAM).arg("merge").args(shards).output().unwrap()), place.alone());
}

#[test]
fn the_image_is_headless_and_nobody_is_root_in_it() {
    let image = text("Dockerfile");
    let version = env!("CARGO_PKG_VERSION");
    let manifests = [text("sweep.job.yaml"), text("merge.job.yaml")];
    assert!(manifests.iter().all(|manifest| field(manifest, "image") == format!("surgelab:{version}")));
    assert!(manifests.iter().all(|manifest| field(manifest, "runAsNonRoot") == "true"));
    let user = image.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    let [user, group] = user.split(':').map(|id| id.parse::<u32>().unwrap()).collect::<Vec<_>>()[..] else { panic!() };
    assert!(user > 0 && group > 0);
    assert!(manifests.iter().all(|manifest| field(manifest, "runAsUser") == user.to_string()));
    assert!(image.contains("--locked --no-default-features --features cli"));
    let stages: Vec<&str> = image.lines().filter(|line| line.starts_with("FROM ")).collect();
    assert_eq!(stages.len(), 2, "what builds it is not in it");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(stages[0].starts_with(&format!("FROM rust:{rust}-")), "{stages:?}");
}
