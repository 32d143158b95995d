//! Studies whose next points follow from results, shared by a journal: any number of processes tell the same, each run
//! is made once, and who was killed is replaced.

use crate::support::Draft;
use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, Output, Stdio};
use std::time::{Duration, Instant};
use surgelab::experiment::Experiment;
use surgelab::study::journal::{Journal, RunKey};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_surgelab");
const CAPACITY: [&str; 2] = ["capacity", "queue.ron"];
const STUDIES: [&[&str]; 6] = [
    &CAPACITY,
    &["compare", "queue.ron", "--replications", "4"],
    &["ladder", "queue.ron", "--rungs", "2"],
    &["recovery", "queue.ron", "--push", "2x", "--lasting", "5s", "--replications", "2"],
    &["sensitivity", "queue.ron", "--of", "services.app", "--replications", "2"],
    &["pareto", "queue.ron", "--over", "services.app.workers=1,2", "--replications", "3"],
];

/// A folder with a scenario in it, and the journals of its studies.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new(seconds: f64) -> Bench {
        let queue = Draft::new(seconds)
            .warm_up(2.0)
            .station("app", 1, None, "exp(10ms)")
            .poisson(80.0, "app.serve")
            .objective("crowd", "p(95) < 60ms")
            .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(2ms)\")] }");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("queue.ron"), queue.text()).unwrap();
        Bench { folder }
    }

    fn output(&self, words: &[&str]) -> Output {
        Command::new(PROGRAM).current_dir(self.folder.path()).args(words).output().unwrap()
    }

    /// Exit code, stdout, stderr.
    fn ask(&self, words: &[&str]) -> (i32, String, String) {
        told(self.output(words))
    }

    /// The same of a process that goes on meanwhile.
    fn begin(&self, words: &[&str]) -> std::process::Child {
        let mut process = Process::new(PROGRAM);
        process.current_dir(self.folder.path()).args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        process.spawn().unwrap()
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files of a journal, in the order of their names.
    fn files(&self, name: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.journal(name)).map(|entries| entries.map(|entry| entry.unwrap().path()));
        let mut files: Vec<PathBuf> = entries.map(Iterator::collect).unwrap_or_default();
        files.sort();
        files
    }

    /// How often each run was made.
    fn made(&self, name: &str) -> BTreeMap<String, u32> {
        let mut made = BTreeMap::new();
        for file in self.files(name) {
            for line in fs::read_to_string(file).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
                if let Some(done) = line.get("done") {
                    *made.entry(done["run"].to_string()).or_default() += 1;
                }
            }
        }
        made
    }
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn with<'a>(study: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [study, more].concat()
}

#[test]
fn two_processes_tell_what_one_tells_and_make_each_run_once() {
    let bench = Bench::new(20.0);
    for study in STUDIES {
        let (code, alone, complaint) = bench.ask(study);
        assert!([0, 99].contains(&code), "{study:?}: {complaint}");
        let words = with(study, &["--journal", study[0], "-j", "1"]);
        let both = [bench.begin(&words), bench.begin(&words)];
        for process in both {
            let (its, stdout, stderr) = told(process.wait_with_output().unwrap());
            assert_eq!((its, &stdout), (code, &alone), "{study:?}: {stderr}");
        }
        let made = bench.made(study[0]);
        assert!(!made.is_empty() && made.values().all(|times| *times == 1), "{study:?}: {made:?}");
        // Whoever comes later makes nothing, with any number of threads.
        let (its, stdout, stderr) = bench.ask(&with(study, &["--journal", study[0], "-j", "3"]));
        assert_eq!((its, &stdout), (code, &alone));
        assert!(stderr.contains(": 0 of "), "{stderr}");
        assert_eq!(bench.made(study[0]), made);
    }
}

#[test]
fn a_journal_serves_every_study_of_its_scenario() {
    let bench = Bench::new(20.0);
    let (_, alone, _) = bench.ask(STUDIES[2]);
    bench.ask(&with(&CAPACITY, &["--journal", "j"]));
    let known = bench.made("j").len();
    let (_, stdout, stderr) = bench.ask(&with(STUDIES[2], &["--journal", "j", "--format", "text"]));
    assert_eq!(stdout, alone);
    let all = bench.made("j");
    assert!(all.values().all(|times| *times == 1), "the first rung was known: {all:?}");
    let made = all.len() - known;
    assert!(stderr.contains(&format!("j: {made} of ")), "{stderr}");
}

#[test]
fn what_a_killed_process_began_is_made_by_another() {
    let bench = Bench::new(20.0);
    let (code, alone, _) = bench.ask(&CAPACITY);
    bench.ask(&with(&CAPACITY, &["--journal", "whole", "-j", "1"]));
    let text = fs::read_to_string(&bench.files("whole")[0]).unwrap();
    let done: Vec<usize> = text.match_indices("{\"done\"").map(|(at, _)| at).collect();
    // As it stands when somebody dies: with a claim and nothing else, in the middle of a result, after a result.
    for (index, cut) in [done[3], done[5] + 200, done[8] - 1, 10, 0].into_iter().enumerate() {
        let name = format!("cut-{index}");
        fs::create_dir(bench.journal(&name)).unwrap();
        fs::write(bench.journal(&name).join("000001.jsonl"), &text[..cut]).unwrap();
        let words = with(&CAPACITY, &["--journal", &name, "--patience", "300ms"]);
        let (its, stdout, stderr) = bench.ask(&words);
        assert_eq!((its, &stdout), (code, &alone), "{stderr}");
        let torn = cut > 0 && !text[..cut].ends_with('\n');
        assert_eq!(stderr.contains("000001.jsonl ends in the middle of line "), torn, "{cut}: {stderr}");
    }
}

#[test]
fn a_process_that_is_killed_and_started_again_changes_no_byte() {
    let bench = Bench::new(600.0);
    let (code, alone, _) = bench.ask(&CAPACITY);
    let words = with(&CAPACITY, &["--journal", "j", "-j", "1", "--patience", "2s"]);
    let (mut victim, other) = (bench.begin(&words), bench.begin(&words));
    let since = Instant::now();
    while bench.made("j").len() < 3 && since.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(10));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    let again = bench.begin(&words);
    for process in [other, again] {
        let (its, stdout, stderr) = told(process.wait_with_output().unwrap());
        assert_eq!((its, &stdout), (code, &alone), "{stderr}");
    }
    assert_eq!(bench.files("j").len(), 3, "a file a process");
}

#[test]
fn what_is_no_journal_of_this_version_is_named() {
    let bench = Bench::new(20.0);
    let (code, alone, _) = bench.ask(&CAPACITY);
    let words = with(&CAPACITY, &["--journal", "j"]);
    bench.ask(&words);
    let file = bench.files("j").remove(0);
    let text = fs::read_to_string(&file).unwrap();
    let own = format!("\"surgelab\":\"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(&file, text.replacen(&own, "\"surgelab\":\"0.0.7\"", 1)).unwrap();
    let (its, stdout, stderr) = bench.ask(&words);
    assert_eq!((its, stdout), (code, alone));
    assert!(stderr.contains("000001.jsonl is of surgelab 0.0.7") && !stderr.contains(": 0 of "), "{stderr}");
    fs::write(&file, format!("{text}what is this\n")).unwrap();
    let line = text.lines().count() + 1;
    let (its, stdout, stderr) = bench.ask(&words);
    assert_eq!((its, stdout.as_str()), (4, ""));
    assert!(stderr.contains(&format!("000001.jsonl:{line} is no line of a journal")), "{stderr}");
    let (its, _, stderr) = bench.ask(&with(&CAPACITY, &["--journal", "queue.ron"]));
    assert_eq!(its, 1, "{stderr}");
    assert!(stderr.contains("queue.ron"), "{stderr}");
    assert_eq!(bench.ask(&with(&CAPACITY, &["--patience", "1s"])).0, 2);
}

#[test]
fn of_those_who_claim_a_run_at_once_one_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let model =
        Experiment::new("queue", Draft::new(20.0).station("app", 1, None, "1ms").text()).compile().unwrap().model;
    let run = |seed: u64| RunKey::new(&model, None, seed);
    let runs = 24;
    let patience = Duration::from_secs(60);
    let journals: Vec<Journal> = (0..4).map(|_| Journal::open(folder.path(), patience).unwrap()).collect();
    let won: Vec<u64> = std::thread::scope(|scope| {
        let claim = |mut journal: Journal| {
            move || {
                let free = |seed: &u64| {
                    journal.refresh().unwrap();
                    !journal.is_taken(&run(*seed)) && journal.claim(&run(*seed)).unwrap()
                };
                (0..runs).filter(free).collect::<Vec<u64>>()
            }
        };
        let threads: Vec<_> = journals.into_iter().map(|journal| scope.spawn(claim(journal))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = won.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..runs).collect::<Vec<u64>>(), "each once: {won:?}");
}

#[test]
fn nobody_waits_for_who_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let model =
        Experiment::new("queue", Draft::new(20.0).station("app", 1, None, "1ms").text()).compile().unwrap().model;
    let run = RunKey::new(&model, None, 1);
    let patience = Duration::from_millis(400);
    let mut gone = Journal::open(folder.path(), patience).unwrap();
    assert!(gone.claim(&run).unwrap());
    let mut here = Journal::open(folder.path(), patience).unwrap();
    assert!(here.is_taken(&run));
    std::thread::sleep(patience / 2);
    gone.stay().unwrap();
    here.refresh().unwrap();
    std::thread::sleep(patience * 3 / 4);
    assert!(here.is_taken(&run), "it gave a sign of life");
    std::thread::sleep(patience / 2);
    here.refresh().unwrap();
    assert!(!here.is_taken(&run) && here.claim(&run).unwrap());
}
