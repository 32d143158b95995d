//! Studies at their edges: runs that stop, upsets that upset nothing, rows that cannot be read again, exit codes.

use crate::support::Draft;
use assert_cmd::Command;
use std::fs;
use std::path::Path;
use std::process::Command as Process;
use surgelab::engine::Limits;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::study::{
    self, Answer, Axis, Branch, CapacityPlan, Choices, Executor, Push, RecoveryPlan, StudySpec, SweepPlan,
};

fn queue() -> Draft {
    Draft::new(60.0)
        .warm_up(5.0)
        .station("app", 1, None, "exp(10ms)")
        .poisson(60.0, "app.serve")
        .objective("crowd", "p(95) < 100ms")
}

fn compiled(draft: &Draft) -> Compiled {
    Experiment::new("test", draft.text()).compile().expect("it is a scenario")
}

fn ask(spec: StudySpec, compiled: &Compiled) -> Result<Answer, String> {
    let answer = study::answer(spec, compiled, Executor::Threads(2), &|_| {});
    answer.map_err(|failure| failure.problems[0].message.clone())
}

/// Runs end after so many events: what a load is beyond which they do.
#[test]
fn a_load_at_which_the_run_stops_does_not_hold_and_the_capacity_says_so() {
    let spec = StudySpec::Capacity(CapacityPlan { surge: false, whole: true });
    let whole = compiled(&queue().objective("app.serve", "failed < 1%"));
    let Ok(Answer::Capacity(free)) = ask(spec.clone(), &whole) else { panic!("it is found") };
    let limits = Limits { events: 5_000, ..Limits::DEFAULT };
    let Ok(Answer::Capacity(bound)) = ask(spec, &Compiled { limits, ..whole }) else { panic!("it is found") };
    let (free, holds) = (free.multiple.expect("there is one").mean, bound.multiple.expect("there is one").mean);
    assert!(holds < 0.9 * free, "{holds}, without a limit {free}");
    let missed = &bound.missed[0];
    assert_eq!((missed.subject.as_str(), missed.expression.as_str()), ("the run", "goes on to its end"));
    assert!(missed.observed_text.contains("events"), "{missed:?}");
}

#[test]
fn points_whose_runs_stop_hold_nothing_and_the_sweep_is_not_complete() {
    let limits = Limits { events: 5_000, ..Limits::DEFAULT };
    let choices = Choices {
        axes: vec![Axis::parse("traffic.crowd.rate=Constant(\"10/s\"),Constant(\"60/s\")").unwrap()],
        zip: false,
    };
    let spec = StudySpec::Sweep(SweepPlan { choices, replications: 2 });
    let answer = ask(spec, &Compiled { limits, ..compiled(&queue()) }).expect("it is swept");
    let Answer::Sweep(sweep) = &answer else { panic!("{answer:?}") };
    let rows: Vec<(u32, u32)> = sweep.rows.iter().map(|row| (row.held, row.stopped)).collect();
    assert_eq!(rows, [(2, 0), (0, 2)]);
    assert!(!answer.is_complete() && answer.pass(), "the first point keeps its objectives");
}

#[test]
fn a_push_of_once_or_less_is_refused() {
    for times in [1.0, 0.5, f64::NAN] {
        let push = Some(Push { times, lasting_s: 5.0 });
        let told = ask(StudySpec::Recovery(RecoveryPlan { push, replications: 1 }), &compiled(&queue())).unwrap_err();
        assert!(told.contains("upsets nothing"), "{told}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), &queue());
    let output = surgelab(&["recovery", &file, "--push", "1x"]).assert().code(3).get_output().clone();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("a push of 1 times what it holds upsets nothing") && told.contains("--push 2x"), "{told}");
    surgelab(&["recovery", &file, "--push", "0x"]).assert().code(2);
}

/// It goes down for good a second before the end: of the last tenth nearly all were answered, so it counts as well, and
/// how long the outage lasts nobody saw.
#[test]
fn an_outage_that_reaches_the_end_has_no_length() {
    let draft = Draft::new(300.0)
        .service("app", "workers: 4, restart: \"1h\", operations: { \"serve\": [Delay(\"exp(10ms)\")] }")
        .poisson_with(100.0, "app.serve", "patience: \"1s\"")
        .rule("At(\"298.9s\", Crash(\"app\"))");
    let spec = StudySpec::Recovery(RecoveryPlan { push: None, replications: 1 });
    let Ok(Answer::Recovery(found)) = ask(spec, &compiled(&draft)) else { panic!("it is found") };
    let down: Vec<_> = found.runs.iter().filter(|run| run.branch == Branch::Down).collect();
    assert!(down.iter().any(|run| run.well), "{down:?}");
    assert!(down.iter().all(|run| run.outage_s.is_none()) && found.outage_s.is_none(), "{down:?}");
}

fn surgelab(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_surgelab"));
    command.args(arguments);
    command
}

fn written(folder: &Path, draft: &Draft) -> String {
    let file = folder.join("queue.ron");
    fs::write(&file, draft.text()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn rows_go_into_plain_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), &queue());
    let pipe = folder.path().join("pipe");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    for place in ["/dev/null", pipe.to_str().unwrap(), folder.path().to_str().unwrap()] {
        for study in [&["run", "--replications", "2"][..], &["sweep", "--over", "services.app.workers=1,2"]] {
            for resume in [&[][..], &["--resume"]] {
                let arguments = [study, &[&file, "--rows", place], resume].concat();
                let output = surgelab(&arguments).timeout(std::time::Duration::from_secs(60)).output().unwrap();
                let told = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
                assert!(told.contains("is no plain file") && output.stdout.is_empty(), "{told}");
            }
        }
    }
}

fn code(draft: &Draft, arguments: &[&str]) -> i32 {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), draft);
    let arguments: Vec<&str> = arguments.iter().map(|word| if *word == "FILE" { &*file } else { *word }).collect();
    surgelab(&arguments).output().unwrap().status.code().expect("it ends by itself")
}

#[test]
fn what_holds_exits_with_0() {
    let two = queue().variant("two", "set: { \"services.app.workers\": 2 }");
    assert_eq!(code(&queue(), &["capacity", "FILE"]), 0);
    assert_eq!(code(&two, &["compare", "FILE", "--replications", "2"]), 0);
    assert_eq!(code(&queue(), &["run", "FILE", "--replications", "2"]), 0);
}

#[test]
fn what_stops_before_its_end_exits_with_1() {
    assert_eq!(code(&queue(), &["run", "FILE", "--limit", "events=500", "--replications", "2"]), 1);
    let sweep = ["sweep", "FILE", "--over", "services.app.workers=1,2", "--limit", "events=500"];
    assert_eq!(code(&queue(), &sweep), 1);
}

#[test]
fn what_makes_no_sense_exits_with_2() {
    assert_eq!(code(&queue(), &["capacity", "FILE", "--jobs", "0"]), 2);
    assert_eq!(code(&queue(), &["capacity", "no-such-scenario"]), 2);
}

#[test]
fn what_cannot_be_asked_of_the_file_exits_with_3() {
    let aimless = Draft::new(60.0).station("app", 1, None, "1ms").poisson(5.0, "app.serve");
    assert_eq!(code(&aimless, &["capacity", "FILE"]), 3);
    assert_eq!(code(&queue(), &["compare", "FILE"]), 3, "there are no variants");
}

#[test]
fn rows_of_different_studies_exit_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), &queue());
    let rows = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, other) = (rows("1.jsonl"), rows("2.jsonl"));
    for (shard, rows, seed) in [("1/2", &one, "1"), ("2/2", &other, "9")] {
        surgelab(&["run", &file, "--replications", "2", "--shard", shard, "--rows", rows, "--seed", seed])
            .assert()
            .code(0);
    }
    surgelab(&["merge", &one, &other]).assert().code(4);
}

#[test]
fn what_misses_its_objectives_exits_with_99() {
    let late = queue().objective("app.serve", "p(95) < 1ms").variant("two", "set: { \"services.app.workers\": 2 }");
    assert_eq!(code(&late, &["capacity", "FILE"]), 99);
    assert_eq!(code(&late, &["compare", "FILE", "--replications", "2"]), 99);
    assert_eq!(code(&late, &["run", "FILE", "--replications", "2"]), 99);
}
