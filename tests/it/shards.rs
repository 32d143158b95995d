//! One study on several machines: any number of shards, interrupted or not, gives the bytes of one process; files that
//! do not make up one study are refused with their names.

use crate::support::Draft;
use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A folder with a scenario in it, whose p95 is late with one worker.
struct Bench {
    folder: TempDir,
}

/// How a study is asked; six points each.
const SWEEP: [&str; 8] = [
    "sweep",
    "queue.ron",
    "--over",
    "services.app.workers=1,2,3",
    "--over",
    "variant=file,quick",
    "--replications",
    "2",
];
const REPLICATE: [&str; 4] = ["run", "queue.ron", "--replications", "6"];

impl Bench {
    fn new() -> Bench {
        let queue = Draft::new(30.0)
            .warm_up(5.0)
            .station("app", 1, None, "exp(10ms)")
            .poisson(80.0, "app.serve")
            .objective("crowd", "p(95) < 60ms")
            .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(2ms)\")] }");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("queue.ron"), queue.text()).unwrap();
        Bench { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn output(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_surgelab"));
        command.current_dir(self.folder.path()).args(words);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI_NODE_INDEX", "CI_NODE_TOTAL"] {
            command.env_remove(name);
        }
        command.output().unwrap()
    }

    /// Exit code, stdout.
    fn ask(&self, words: &[&str]) -> (i32, String) {
        let output = self.output(words);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap();
        assert!([0, 99].contains(&code), "{words:?}: {code}: {told}");
        (code, String::from_utf8(output.stdout).unwrap())
    }

    /// What it says on stderr when it ends with that code, and nothing on stdout.
    fn told(&self, words: &[&str], code: i32) -> String {
        let output = self.output(words);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(code), &b""[..]), "{words:?}: {told}");
        told
    }

    /// Runs a shard into a file of that name.
    fn shard(&self, study: &[&str], shard: &str, file: &str, more: &[&str]) -> String {
        let words = [study, &["--shard", shard, "--rows", file], more].concat();
        self.told(&words, 0)
    }

    /// Runs all shards; the names of their files.
    fn shards(&self, study: &[&str], kind: &str, of: u32) -> Vec<String> {
        (1..=of)
            .map(|shard| {
                let file = format!("{kind}-{of}-{shard}.jsonl");
                // Later ones first: whoever merges them does not mind.
                let shard = of + 1 - shard;
                self.shard(study, &format!("{kind}:{shard}/{of}"), &file, &["-j", "2"]);
                file
            })
            .collect()
    }

    fn merge(&self, files: &[String], more: &[&str]) -> (i32, String) {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        self.ask(&[&["merge"], &files[..], more].concat())
    }

    fn refused(&self, files: &[&str], says: &[&str]) {
        let told = self.told(&[&["merge"], files].concat(), 4);
        for said in says {
            assert!(told.contains(said), "`{said}` is not in:\n{told}");
        }
        assert!(told.lines().last().unwrap().starts_with("help: "), "{told}");
    }
}

fn cut(path: &Path, bytes: usize) {
    let content = fs::read(path).unwrap();
    fs::write(path, &content[..content.len() - bytes]).unwrap();
}

#[test]
fn any_number_of_shards_gives_the_bytes_of_one_process() {
    for study in [&SWEEP[..], &REPLICATE[..]] {
        let bench = Bench::new();
        let alone = bench.ask(study);
        assert_eq!(bench.ask(&[study, &["-j", "3"]].concat()), alone);
        for kind in ["slice", "hash"] {
            for of in [1, 2, 3, 7] {
                let files = bench.shards(study, kind, of);
                assert_eq!(bench.merge(&files, &[]), alone, "{kind} {of}");
            }
        }
        let files: Vec<String> = (1..=3).map(|shard| format!("hash-3-{shard}.jsonl")).collect();
        for format in ["json", "csv", "markdown", "junit", "html"] {
            let one = bench.ask(&[study, &["--format", format]].concat());
            assert_eq!(bench.merge(&files, &["--format", format]), one, "{format}");
        }
        let (code, printed) = bench.merge(&files, &["-o", "out.json"]);
        assert_eq!((code, printed.as_str()), (alone.0, ""));
        assert_eq!(
            fs::read_to_string(bench.path("out.json")).unwrap(),
            bench.ask(&[study, &["--format", "json"]].concat()).1
        );
    }
}

#[test]
fn a_shard_that_was_interrupted_goes_on_to_the_same_bytes() {
    for study in [&SWEEP[..], &REPLICATE[..]] {
        let bench = Bench::new();
        let alone = bench.ask(study);
        let files = bench.shards(study, "slice", 2);
        let written = fs::read(bench.path(&files[0])).unwrap();
        // In the middle of the last line, at its end, in the middle of the head, at nothing.
        for left in [written.len() - 7, written.len() - 1, 40, 0] {
            fs::write(bench.path(&files[0]), &written[..left]).unwrap();
            let told = bench.shard(study, "slice:2/2", &files[0], &["--resume"]);
            assert!(told.contains("shard slice:2/2: 3 of 6 points, "), "{told}");
            assert_eq!(fs::read(bench.path(&files[0])).unwrap(), written);
        }
        let told = bench.shard(study, "2/2", &files[0], &["--resume"]);
        assert!(told.contains("3 of 6 points, 0 of them run now"), "{told}");
        assert_eq!(bench.merge(&files, &[]), alone);
        // The rows of one process are those of one shard.
        assert_eq!(bench.ask(&[study, &["--rows", "all.jsonl"]].concat()), alone);
        cut(&bench.path("all.jsonl"), 20);
        assert_eq!(bench.ask(&[study, &["--rows", "all.jsonl", "--resume"]].concat()), alone);
        assert_eq!(bench.merge(&["all.jsonl".into()], &[]), alone);
    }
}

#[test]
fn merging_needs_the_files_and_nothing_else() {
    let bench = Bench::new();
    let alone = bench.ask(&SWEEP);
    let files = bench.shards(&SWEEP, "slice", 2);
    fs::remove_file(bench.path("queue.ron")).unwrap();
    assert_eq!(bench.merge(&files, &[]), alone);
}

#[test]
fn the_verdict_is_of_whoever_merges() {
    let bench = Bench::new();
    let late = ["sweep", "queue.ron", "--over", "services.app.workers=1", "--replications", "2"];
    assert_eq!(bench.ask(&late).0, 99);
    let files = bench.shards(&late, "slice", 2);
    assert_eq!(bench.merge(&files, &[]).0, 99);
}

#[test]
fn files_that_miss_overlap_or_are_torn_are_named_with_their_points() {
    let bench = Bench::new();
    bench.shards(&SWEEP, "slice", 3);
    let [c, b, a] = ["slice-3-1.jsonl", "slice-3-2.jsonl", "slice-3-3.jsonl"];
    bench.refused(
        &[a, c],
        &["there is no file of shard slice:2/3, which has 2 points: 1 (services.app.workers=1 variant=quick), 4 (services"],
    );
    bench.refused(&[a, b, c, a], &["slice-3-3.jsonl and slice-3-3.jsonl overlap: both have 2 points: 0 (services"]);
    bench.shard(&SWEEP, "1/2", "half.jsonl", &[]);
    bench.refused(&[a, b, c, "half.jsonl"], &["half.jsonl overlap: both have", "point 0 (", "point 4 ("]);
    cut(&bench.path(b), 9);
    bench.refused(
        &[a, b, c],
        &[
            "slice-3-2.jsonl is torn: it ends in the middle of line 3",
            "slice-3-2.jsonl (slice:2/3) does not have point 4 (",
        ],
    );
    let text = fs::read_to_string(bench.path(a)).unwrap();
    fs::write(bench.path(a), text.replacen("slice:1/3", "slice:2/3", 1)).unwrap();
    bench.refused(&[a, c], &["slice-3-3.jsonl is shard slice:2/3, and has of others 2 points: 0 (", ", 3 ("]);
    fs::write(bench.path(a), text.replace("\"point\":3", "\"point\":5")).unwrap();
    bench.refused(&[a, c], &["slice-3-3.jsonl:3: its point 5 (", "is another scenario than now"]);
    fs::write(bench.path(a), "{}\n").unwrap();
    bench.refused(&[a, c], &["slice-3-3.jsonl is no file of rows"]);
    fs::write(bench.path(a), [0xff, 0xfe, b'\n']).unwrap();
    bench.refused(&[a, c], &["slice-3-3.jsonl is no text"]);
    assert!(bench.told(&["merge", "gone.jsonl"], 1).contains("cannot read gone.jsonl"));
}

#[test]
fn files_of_another_study_or_version_are_named() {
    let bench = Bench::new();
    bench.shard(&SWEEP, "1/2", "a", &[]);
    let other = |file: &str, change: &[&str], says: &str| {
        let words = [&SWEEP[..], change].concat();
        bench.shard(&words, "2/2", file, &[]);
        bench.refused(&["a", file], &[&format!("{file} is of another study than a: {says}")]);
    };
    other("seed", &["--seed", "9"], "it is of seed 9, and this is 1");
    other("longer", &["--horizon", "31s"], "it is of a scenario with digest");
    other(
        "axis",
        &["--over", "machines.box.cores=1"],
        "it is of services.app.workers=1,2,3 variant=file,quick machines",
    );
    let mut more = SWEEP;
    more[7] = "3";
    bench.shard(&more, "2/2", "more", &[]);
    bench.refused(&["a", "more"], &["more is of another study than a: it is of replications: 3, and this is 2"]);
    bench.shard(&REPLICATE, "2/2", "replications", &[]);
    bench.refused(&["a", "replications"], &["replications is of another study than a", "surgelab run queue.ron"]);
    let text = fs::read_to_string(bench.path("a")).unwrap();
    let own = format!("\"surgelab\":\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&own), "{text}");
    fs::write(bench.path("old"), text.replacen(&own, "\"surgelab\":\"0.0.7\"", 1)).unwrap();
    bench.refused(&["a", "old"], &["old was made by surgelab 0.0.7", "and this is surgelab "]);
    fs::write(bench.path("broken"), text.replacen("exp(10ms)", "oops", 1)).unwrap();
    bench.refused(&["broken"], &["in their first line: "]);
    let forged = text.replacen("exp(10ms)", "exp(11ms)", 1);
    assert_ne!(forged, text);
    fs::write(bench.path("forged"), forged).unwrap();
    bench.refused(&["forged"], &["forged: its first line contradicts itself"]);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_runs() {
    let bench = Bench::new();
    let told = |more: &[&str]| bench.told(&[&SWEEP[..], more].concat(), 2);
    assert!(told(&["--shard", "4/3", "--rows", "a"]).contains("there is no shard 4 of 3"));
    assert!(told(&["--shard", "count:1/3", "--rows", "a"]).contains("is no shard: expected K/N"));
    assert!(told(&["--shard", "1/3"]).contains("--rows"));
    assert!(told(&["--shard", "1/3", "--rows", "a", "--format", "json"]).contains("cannot be used with"));
    assert!(told(&["--shard", "1/3", "--rows", "a", "-o", "a.json"]).contains("cannot be used with"));
    assert!(told(&["--shard", "auto", "--rows", "a"]).contains("this is no array job"));
    assert!(bench.told(&["run", "queue.ron", "--rows", "a"], 2).contains("--replications"));
    assert!(!bench.path("a").exists());
    bench.shard(&SWEEP, "1/3", "a", &[]);
    assert!(told(&["--shard", "1/3", "--rows", "a"]).contains("a is there already"));
    let other = told(&["--shard", "2/3", "--rows", "a", "--resume"]);
    assert!(other.contains("it is of shard slice:1/3, and this is slice:2/3"), "{other}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_surgelab"));
    command.current_dir(bench.folder.path()).args(SWEEP).args(["--shard", "auto", "--rows", "b"]);
    let output = command.env("CI_NODE_INDEX", "2").env("CI_NODE_TOTAL", "3").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("shard slice:2/3: 2 of 6 points"), "{output:?}");
}
