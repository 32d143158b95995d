//! Warm-up by MSER-5: found where none is given and the crowd is the same all the time, told, and nowhere else.

use crate::support::Draft;
use assert_cmd::Command;
use std::fs;
use std::path::Path;
use surgelab::experiment::Experiment;
use surgelab::study::{
    self, Answer, Axis, Capacity, CapacityPlan, Choices, ComparePlan, Executor, Replications, SensitivityPlan,
    StudySpec, SweepPlan,
};

/// M/M/1 at 95 %, which takes a quarter of a minute to fill up by a factor of e.
fn queue() -> Draft {
    Draft::new(60.0).station("app", 1, None, "exp(10ms)").poisson(95.0, "app.serve")
}

/// A file that says nothing of a warm-up.
fn silent(draft: &Draft) -> String {
    let text = draft.text();
    let silent = text.replacen("    warm_up: \"0s\",\n", "", 1);
    assert_ne!(text, silent);
    silent
}

fn answer(text: &str, spec: StudySpec, executor: Executor) -> Answer {
    let compiled = Experiment::new("test", text).compile().expect("it is a scenario");
    study::answer(spec, &compiled, executor, &|_| {}).expect("it runs")
}

fn replicated(text: &str, replications: u32) -> Replications {
    match answer(text, StudySpec::Replicate(replications), Executor::Threads(2)) {
        Answer::Replications(answer) => *answer,
        other => panic!("{other:?}"),
    }
}

fn capacity(text: &str, surge: bool) -> Capacity {
    let plan = CapacityPlan { surge, whole: false };
    match answer(text, StudySpec::Capacity(plan), Executor::Threads(2)) {
        Answer::Capacity(answer) => *answer,
        other => panic!("{other:?}"),
    }
}

fn p95(answer: &Replications) -> f64 {
    let figure = answer.figures.iter().find(|figure| figure.metric == "latency_p95_s");
    figure.and_then(|figure| figure.estimate).expect("it is measured").mean
}

/// A run as short as that has a p95 below the exact one, however it begins: it is held to runs that begin full.
#[test]
fn a_queue_that_starts_empty_is_measured_once_it_has_filled_up() {
    let (cut, uncut) = (replicated(&silent(&queue()), 300), replicated(&queue().text(), 300));
    let found = cut.warm_up.expect("it was looked for");
    let cut_s = found.cut_s.expect("it settles");
    assert!(found.pilots == 40 && (5.0..30.0).contains(&cut_s), "{found:?}");
    assert_eq!(uncut.warm_up, None, "the file says that there is none");
    let full = p95(&replicated(&queue().warm_up(120.0).text(), 300));
    let (with, without) = (p95(&cut) / full - 1.0, p95(&uncut) / full - 1.0);
    assert!(without < -0.04, "it starts empty: {without}");
    assert!(with.abs() < 0.7 * without.abs(), "{with} instead of {without} after {cut_s} s");
}

#[test]
fn a_warm_up_that_is_found_is_what_is_put_into_each_run() {
    let answer = replicated(&silent(&queue()), 40);
    let cut_s = answer.warm_up.and_then(|found| found.cut_s).expect("it was found");
    assert!(cut_s > 0.0);
    let alone = replicated(&queue().warm_up(cut_s).text(), 40);
    assert_eq!(answer.runs.len(), 40);
    let digests = |answer: &Replications| answer.runs.iter().map(|run| run.digest.clone()).collect::<Vec<_>>();
    assert_eq!(digests(&answer), digests(&alone));
}

#[test]
fn what_is_steady_from_the_start_costs_no_run_and_what_happens_at_a_time_is_left_alone() {
    let calm = Draft::new(60.0).station("app", 1, None, "1ms").poisson(50.0, "app.serve");
    let (silently, said) = (replicated(&silent(&calm), 4), replicated(&calm.text(), 4));
    assert_eq!(silently.warm_up.map(|found| (found.cut_s, found.pilots)), Some((Some(0.0), 4)));
    assert_eq!(silently.runs, said.runs);
    let surge = Draft::new(60.0).station("app", 1, None, "exp(10ms)").source(
        "crowd",
        "Open(rate: Stages(start: \"20/s\", stages: [(\"20s\", \"20/s\"), (\"5s\", \"100/s\")]), call: \"app.serve\")",
    );
    let upset = queue().rule("At(\"20s\", Crash(\"app\"))");
    for draft in [surge, upset] {
        let (silently, said) = (replicated(&silent(&draft), 3), replicated(&draft.text(), 3));
        assert_eq!((silently.warm_up, &silently.runs), (None, &said.runs));
    }
    let growing = Draft::new(120.0).station("app", 1, None, "exp(10ms)").poisson(130.0, "app.serve");
    let growing = replicated(&silent(&growing), 3);
    assert_eq!(growing.warm_up.map(|found| found.cut_s), Some(None), "what grows for ever never settles");
}

#[test]
fn the_capacity_of_a_steady_crowd_is_measured_once_it_is_full() {
    let draft = Draft::new(900.0)
        .station("app", 1, None, "exp(10ms)")
        .poisson(90.0, "app.serve")
        .objective("crowd", "p(95) < 600ms");
    let found = capacity(&silent(&draft), false);
    assert!(found.warm_up.is_some_and(|found| found.pilots == 1), "{:?}", found.warm_up);
    let exact = 100.0 - 20f64.ln() / 0.6;
    let limit = &found.limits[0];
    let (holds, half) = (limit.holds.expect("there is one"), limit.half_width.expect("of several seeds"));
    assert!((holds - exact).abs() < 2.0 * half, "{holds} ± {half}, not {exact}");
    assert_eq!(capacity(&draft.text(), false).warm_up, None, "it is given");
    assert_eq!(capacity(&silent(&draft), true).warm_up, None, "a surge begins when it begins");
    let plan = StudySpec::Capacity(CapacityPlan { surge: false, whole: false });
    let text = |executor| serde_json::to_string(&answer(&silent(&draft), plan.clone(), executor)).unwrap();
    assert_eq!(text(Executor::Inline), text(Executor::Threads(3)));
}

fn told(answer: &Answer) -> String {
    let page = surgelab::report::page(answer, &surgelab::report::Context::default());
    let look = surgelab::report::Look { color: false, width: 300 };
    surgelab::report::render(&page, answer, surgelab::report::Format::Text, look)
}

/// Pairs and points have to be measured over one time, which no cut of one of them gives: nothing is cut, and that is
/// said; of a sensitivity both of a pair are cut alike.
#[test]
fn designs_count_from_the_start_and_say_so_and_a_sensitivity_is_cut_like_a_capacity() {
    let said = "counted from the start";
    let calm = || queue().variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(9ms)\")] }");
    let compare = || StudySpec::Compare(ComparePlan { variants: Vec::new(), replications: 2 });
    let sweep = |axis: &str| {
        let choices = Choices { axes: vec![Axis::parse(axis).expect("an axis")], zip: false };
        StudySpec::Sweep(SweepPlan { choices, replications: 1 })
    };
    for spec in [compare(), sweep("services.app.workers=1,2")] {
        let silently = told(&answer(&silent(&calm()), spec.clone(), Executor::Inline));
        assert!(silently.contains(said), "{silently}");
        let given = told(&answer(&calm().text(), spec, Executor::Inline));
        assert!(!given.contains(said), "the file says that there is no warm-up: {given}");
    }
    let upset = calm().rule("At(\"20s\", Crash(\"app\"))");
    assert!(!told(&answer(&silent(&upset), compare(), Executor::Inline)).contains(said), "it begins when it begins");
    assert!(!told(&answer(&silent(&calm()), sweep("warm_up=5s,10s"), Executor::Inline)).contains(said));
    let draft = Draft::new(300.0)
        .station("app", 1, None, "exp(10ms)")
        .poisson(90.0, "app.serve")
        .objective("crowd", "p(95) < 600ms");
    let plan = SensitivityPlan {
        capacity: CapacityPlan { surge: false, whole: false },
        of: vec!["services.app.operations".to_owned()],
        replications: 2,
    };
    let moved = |text: &str| match answer(text, StudySpec::Sensitivity(plan.clone()), Executor::Threads(2)) {
        Answer::Sensitivity(answer) => *answer,
        other => panic!("{other:?}"),
    };
    let found = moved(&silent(&draft));
    assert!(found.warm_up.is_some_and(|found| found.pilots == 1), "{:?}", found.warm_up);
    assert!(told(&Answer::Sensitivity(Box::new(found))).contains("(MSER-5)"));
    assert_eq!(moved(&draft.text()).warm_up, None, "it is given");
}

fn surgelab(file: &Path, rows: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_surgelab"));
    command.arg("run").arg(file).args(["--replications", "40"]).arg("--rows").arg(rows).args(more);
    command
}

#[test]
fn the_answer_is_the_same_of_any_number_of_threads_of_shards_and_taken_up() {
    let calm = Draft::new(60.0).station("app", 1, None, "1ms").poisson(50.0, "app.serve");
    for text in [silent(&queue()), silent(&calm)] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let file = path("queue.ron");
        fs::write(&file, &text).unwrap();
        let json = ["--format", "json"];
        let run = |rows: &Path, more: &[&str]| {
            let asked: Vec<&str> = json.iter().chain(more).copied().collect();
            surgelab(&file, rows, &asked).assert().success().get_output().stdout.clone()
        };
        let rows = path("rows.jsonl");
        let whole = run(&rows, &["-j", "1"]);
        assert!(String::from_utf8_lossy(&whole).contains("\"pilots\": 40"), "it is looked for");
        assert_eq!(run(&path("others.jsonl"), &["-j", "3"]), whole);
        let written = fs::read_to_string(&rows).unwrap();
        assert_eq!(written.lines().count(), 41, "what it is of, and a line a run");
        let some: String = written.lines().take(4).map(|line| format!("{line}\n")).collect();
        fs::write(&rows, some).unwrap();
        assert_eq!(run(&rows, &["--resume"]), whole);
        let shards = [path("1.jsonl"), path("2.jsonl")];
        for (shard, rows) in ["1/2", "2/2"].iter().zip(&shards) {
            surgelab(&file, rows, &["--shard", shard]).assert().success();
        }
        let mut merge = Command::new(env!("CARGO_BIN_EXE_surgelab"));
        merge.arg("merge").args(&shards).args(json);
        assert_eq!(merge.assert().success().get_output().stdout, whole);
    }
}
