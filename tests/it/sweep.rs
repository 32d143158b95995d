//! Sweep: points are runs like others, and what was written down is taken up again to the byte.

use crate::support::Draft;
use assert_cmd::Command;
use std::fs;
use surgelab::experiment::Experiment;
use surgelab::scenario::Edit;
use surgelab::study::{
    self, Answer, Axis, Choices, Executor, Listed, Partition, RunSweep, Study, StudySpec, Sweep, SweepPlan,
};

/// A queue whose p95 is late with one worker and in time with more.
fn queue() -> Draft {
    Draft::new(60.0)
        .warm_up(5.0)
        .station("app", 1, None, "exp(10ms)")
        .poisson(80.0, "app.serve")
        .objective("crowd", "p(95) < 60ms")
        .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(2ms)\")] }")
}

fn plan(axes: &[&str], zip: bool, replications: u32) -> SweepPlan {
    let axes = axes.iter().map(|text| Axis::parse(text).expect("it is an axis")).collect();
    SweepPlan { choices: Choices { axes, zip }, replications }
}

fn ask(plan: SweepPlan, executor: Executor) -> Result<Sweep, Vec<String>> {
    let compiled = Experiment::new("test", queue().text()).compile().expect("it is a scenario");
    match study::answer(StudySpec::Sweep(plan), &compiled, executor, &|_| {}) {
        Ok(Answer::Sweep(sweep)) => Ok(*sweep),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure
            .problems
            .iter()
            .map(|problem| format!("{} {}", problem.message, problem.help.as_deref().unwrap_or_default()))
            .collect()),
    }
}

#[test]
fn an_axis_is_the_crowd_as_the_other_choices_leave_it() {
    let compiled = |text: String| Experiment::new("test", text).compile().expect("it is a scenario");
    let text = queue().variant("half", "set: { \"traffic.crowd.rate\": Constant(\"40/s\") }").text();
    let spec = StudySpec::Sweep(plan(&["variant=file,half", "load=0.5,1,1.5"], false, 1));
    let Ok(Answer::Sweep(sweep)) = study::answer(spec, &compiled(text), Executor::Threads(2), &|_| {}) else {
        panic!("it is swept")
    };
    let offered = |values: [&str; 2]| {
        let row = sweep.rows.iter().find(|row| row.values == values).expect("it is a point");
        (row.mean("crowd", "goodput_per_s").expect("it has one"), row.held)
    };
    // Below what one worker can do, what is answered is what comes.
    for (values, rate) in
        [(["file", "0.5"], 40.0), (["half", "1"], 40.0), (["half", "0.5"], 20.0), (["half", "1.5"], 60.0)]
    {
        let (goodput, held) = offered(values);
        assert!((goodput / rate - 1.0).abs() < 0.1, "{values:?}: {goodput}");
        // Of M/M/1, ln 20 / (100 - rate): 50 ms at 40/s, 75 ms at 60/s.
        assert_eq!(held, u32::from(rate <= 40.0), "{values:?}");
    }
    assert_eq!(offered(["file", "1.5"]).1, 0);
    for wrong in ["load=0", "load=-1", "load=much", "load=inf", "load=NaN"] {
        assert!(Axis::parse(wrong).expect_err("no multiple").contains("load=0.5,1,2"), "{wrong}");
    }
}

#[test]
fn a_point_is_the_run_that_its_values_give() {
    let sweep = ask(plan(&["services.app.workers=1,2", "variant=file,quick"], false, 2), Executor::Threads(2)).unwrap();
    let values: Vec<String> = sweep.rows.iter().map(|row| row.values.join(" ")).collect();
    assert_eq!(values, ["1 file", "1 quick", "2 file", "2 quick"]);
    for row in &sweep.rows {
        let variant = (row.values[1] != "file").then(|| row.values[1].clone());
        for run in &row.runs {
            let edits = vec![Edit::set("services.app.workers", row.values[0].clone())];
            let alone = Experiment {
                variant: variant.clone(),
                edits,
                seed: Some(run.seed),
                ..Experiment::new("test", queue().text())
            };
            let compiled = alone.compile().expect("it is a scenario");
            let Ok(Answer::Run(results)) = study::answer(StudySpec::Run, &compiled, Executor::Inline, &|_| {}) else {
                panic!("it runs")
            };
            assert_eq!((&run.digest, &run.results_digest), (&results.digest, &results.results_digest));
            assert_eq!(row.digest, results.scenario.digest);
        }
    }
    assert_eq!(sweep.rows[0].held, 0, "one worker is late");
    assert!(sweep.rows[2].held == 2 && sweep.pass());
}

#[test]
fn fields_may_go_together_and_the_bytes_are_the_same_with_any_number_of_threads() {
    let plan = || {
        plan(
            &[
                "services.app.workers=1,2,3",
                "traffic.crowd.rate=Constant(\"50/s\"),Constant(\"60/s\"),Constant(\"70/s\")",
            ],
            true,
            2,
        )
    };
    let sweep = ask(plan(), Executor::Inline).unwrap();
    assert_eq!(sweep.rows.len(), 3);
    assert_eq!(sweep.rows[1].values, ["2", "Constant(\"60/s\")"]);
    let text = |sweep: &Sweep| serde_json::to_string(sweep).unwrap();
    let one = text(&sweep);
    assert_eq!(text(&ask(plan(), Executor::Threads(3)).unwrap()), one);
    let back: Answer = serde_json::from_str(&one).unwrap();
    assert!(matches!(&back, Answer::Sweep(sweep) if text(sweep) == one));
}

#[test]
fn what_cannot_be_swept_is_told_before_anything_runs() {
    let told = |axes: &[&str], zip| ask(plan(axes, zip, 2), Executor::Inline).unwrap_err().join("\n");
    let unknown = told(&["services.app.wokers=1,2"], false);
    assert!(unknown.contains("unknown field `wokers`") && unknown.contains("did you mean `workers`"), "{unknown}");
    assert_eq!(unknown.matches("wokers").count(), 3, "one problem of both points: {unknown}");
    let invalid = told(&["services.app.workers=1,0"], false);
    assert!(invalid.contains("services.app.workers=0: "), "{invalid}");
    assert!(told(&["variant=file,quik"], false).contains("variant=quik: unknown variant `quik`"));
    assert!(
        told(&["machines.box.cores=1,2", "machines.box.cores=3"], false)
            .contains("`machines.box.cores` is an axis twice")
    );
    assert!(told(&["machines.box.cores=1,2", "services.app.workers=3"], true).contains("as many values each"));
    let many: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    let axes = ["machines.box.count", "services.app.workers", "machines.box.cores"]
        .map(|path| format!("{path}={}", many.join(",")));
    let absurd = told(&axes.each_ref().map(String::as_str), false);
    assert!(absurd.contains("make 64000000 designs") && absurd.contains("at most 100000"), "{absurd}");
}

#[test]
fn rows_that_were_done_are_not_run_again() {
    let compiled = Experiment::new("test", queue().text()).compile().expect("it is a scenario");
    let plan = plan(&["services.app.workers=1,2,3,4"], false, 2);
    let whole = ask(plan.clone(), Executor::Inline).unwrap();
    let mut taken_up = RunSweep::new(&plan, &compiled).unwrap();
    for row in whole.rows.iter().filter(|row| row.point % 2 == 1) {
        assert_eq!(taken_up.take_up(&serde_json::to_string(row).unwrap()), Ok(row.point));
    }
    assert_eq!(taken_up.select(Partition::WHOLE), 2);
    assert_eq!(taken_up.length(), 4);
    study::drive(&mut taken_up, &compiled, Executor::Threads(2), &|_| {}, &mut |_| true).unwrap();
    let Some(Answer::Sweep(answer)) = Box::new(taken_up).finish(None) else { panic!("it is a sweep") };
    assert_eq!(serde_json::to_string(&answer).unwrap(), serde_json::to_string(&whole).unwrap());
    let other = Experiment { seed: Some(9), ..Experiment::new("test", queue().text()) }.compile().unwrap();
    let row = serde_json::to_string(&whole.rows[0]).unwrap();
    let told = RunSweep::new(&plan, &other).unwrap().take_up(&row).unwrap_err();
    assert!(told.contains("was run with other seeds"), "{told}");
}

/// What is kept of a point is what its row says in numbers, however long its names and values are.
#[test]
fn a_point_that_is_done_takes_little_room() {
    const POINTS: usize = 600;
    let compiled = Experiment::new("test", queue().text()).compile().expect("it is a scenario");
    let values: Vec<String> = (1..=POINTS).map(|workers| workers.to_string()).collect();
    let axis = format!("services.app.workers={}", values.join(","));
    let mut sweep = RunSweep::new(&plan(&[&axis], false, 1), &compiled).expect("it can be swept");
    let empty = sweep.kept_bytes();
    assert!(empty / POINTS <= 128, "{empty} bytes of {POINTS} points before anything is done");
    let Ok(Answer::Run(results)) = study::answer(StudySpec::Run, &compiled, Executor::Inline, &|_| {}) else {
        panic!("it is a run")
    };
    let mut kept = Vec::new();
    while let Some(point) = sweep.next_points(1).pop() {
        sweep.give(&point, (*results).clone());
        assert!(sweep.just_done().is_some_and(|row| row.contains("latency_p95_s")), "a row is written as it is done");
        kept.push(sweep.kept_bytes());
    }
    assert_eq!(kept.len(), POINTS);
    let each: Vec<usize> = kept.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(each.iter().all(|bytes| *bytes <= 400), "{:?} bytes a point", each.iter().max());
    let Some(Answer::Sweep(answer)) = Box::new(sweep).finish(None) else { panic!("it is a sweep") };
    assert_eq!(answer.rows.len(), POINTS);
    assert_eq!((answer.rows[41].values.as_slice(), answer.rows[41].figures.len()), (&["42".to_owned()][..], 5));
    let whole = Answer::Sweep(answer);
    let rows = |format| {
        let page = surgelab::report::page_for(&whole, &surgelab::report::Context::default(), Some(format));
        (page.figures.rows.len(), page.checks.checks.len())
    };
    assert_eq!(rows(surgelab::report::Format::Text), (0, 0), "what only programs read is made for them");
    assert_eq!(rows(surgelab::report::Format::Csv), (5 * POINTS, 0));
    assert_eq!(rows(surgelab::report::Format::Junit), (0, POINTS));
}

/// As somebody meets it who was interrupted in the middle of a line.
#[test]
fn a_file_of_rows_is_taken_up_to_the_byte_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, rows) = (folder.path().join("queue.ron"), folder.path().join("rows.jsonl"));
    fs::write(&file, queue().text()).unwrap();
    let sweep = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_surgelab"));
        command.arg("sweep").arg(&file).args(["--over", "services.app.workers=1,2,3", "--replications", "2"]);
        command.args(["--format", "json", "--rows"]).arg(&rows).args(more);
        command
    };
    let whole = sweep(&["-j", "2"]).assert().code(0).get_output().stdout.clone();
    let written = fs::read_to_string(&rows).unwrap();
    assert_eq!(written.lines().count(), 4, "what was swept, and a line a point");
    let told = sweep(&[]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8(told).unwrap().contains("is there already"));
    let cut = written.len() - written.lines().last().unwrap().len() / 2;
    fs::write(&rows, &written[..cut]).unwrap();
    let resumed = sweep(&["--resume", "-j", "1"]).assert().code(0).get_output().stdout.clone();
    assert!(resumed == whole && fs::read_to_string(&rows).unwrap() == written);
    fs::write(&file, queue().poisson(81.0, "app.serve").text().replacen("80/s", "79/s", 1)).unwrap();
    let told = sweep(&["--resume"]).assert().code(3).get_output().stderr.clone();
    assert!(!told.is_empty(), "a source twice is no scenario");
    fs::write(&file, queue().text().replace("80/s", "79/s")).unwrap();
    let told = sweep(&["--resume"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8(told).unwrap().contains("cannot be taken up: it is of a scenario with digest"));
    assert_eq!(fs::read_to_string(&rows).unwrap(), written, "it stays as it was");
}

#[test]
fn what_is_no_axis_is_refused() {
    for (text, why) in [
        ("seed=1,2", "no axis"),
        ("services.app.workers=5,7,5", "has the value 5 twice"),
        ("variant=file,file", "twice"),
    ] {
        let wrong = Axis::parse(text).expect_err(text);
        assert!(wrong.contains(why), "{wrong}");
    }
}
