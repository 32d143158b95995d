//! Two runs of different experiments in step, and questions about the design that a run has become.

use super::plays::{headless, site};
use super::rig::{Rig, inline};
use assert_cmd::Command as Program;
use std::sync::Arc;
use std::time::Duration;
use surgelab::engine::Command;
use surgelab::experiment::{Compiled, Experiment, Intervention, LogEntry};
use surgelab::host::{HostOptions, Lane, Pace, Phase, Port, Request, Update};
use surgelab::measure;
use surgelab::model::{Action, SourceId};
use surgelab::report;
use surgelab::scenario::Edit;
use surgelab::study::{
    self, Answer, CapacityPlan, Executor, LadderPlan, Push, RecoveryPlan, SensitivityPlan, StudySpec,
};
use surgelab::units::Time;

const S: i64 = 1_000_000_000;

/// Another system for the same crowd: two more kinds of things, in another order.
fn rival() -> String {
    let cache = "\"cache\": (on: [\"data\"], workers: 16, operations: { \"get\": [Cpu(\"1ms\")] }), \"db\":";
    let text = site().replacen("\"db\": (on:", &format!("{cache} (on:"), 1);
    assert!(text.contains("cache"), "it was put in: {text}");
    text.replace("workers: 8", "workers: 24")
}

fn compare<P: Port>(rig: &mut Rig<P>, other: Experiment) {
    rig.send(Request::Compare(Box::new(other)));
    rig.until("there is another run", |rig| rig.others.iter().any(|out| matches!(out, Update::Compared(_))));
}

/// Both runs are over; what each yielded.
fn ends<P: Port>(rig: &mut Rig<P>) -> [Arc<measure::Results>; 2] {
    rig.send(Request::Pace(Pace::Unbound));
    rig.until("both are at their ends", |rig| {
        let over = |lane| rig.others.iter().any(|out| matches!(out, Update::Done(of) if *of == lane));
        over(Lane::Trunk) && over(Lane::Branch)
    });
    let sealed = |rig: &Rig<P>, lane| {
        let last = rig.reports.iter().rev().find(|(of, _)| *of == lane).map(|(_, results)| Arc::clone(results));
        last.filter(|results| !results.results_digest.is_empty())
    };
    rig.until("both are told", |rig| [Lane::Trunk, Lane::Branch].iter().all(|lane| sealed(rig, *lane).is_some()));
    [Lane::Trunk, Lane::Branch].map(|lane| sealed(rig, lane).expect("it is told"))
}

#[test]
fn runs_of_two_experiments_in_step_are_their_headless_runs() {
    let (text, other) = (site(), rival());
    let mut expected = [headless(&text), headless(&other)];
    for pace in [Pace::Unbound, Pace::Times(20.0)] {
        let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
        rig.open(&text);
        rig.send(Request::Seek(Time(20 * S)));
        rig.until_at(Time(20 * S));
        // Whatever seed the other has, the same crowd comes.
        compare(&mut rig, Experiment { seed: Some(77), ..Experiment::new("rival", other.as_str()) });
        rig.until("it has caught up", |rig| {
            rig.frames.last().is_some_and(|frame| frame.lane == Lane::Branch && frame.phase != Phase::Seeking)
        });
        rig.until_at(Time(20 * S));
        assert_eq!(rig.frame().other.as_ref().map(|other| other.now), Some(Time(20 * S)), "at the same moment");
        rig.send(Request::Pace(pace));
        rig.until("they go on", |rig| rig.frame().now > Time(25 * S));
        let apart = rig.frame().other.as_ref().map(|other| (other.now.0 - rig.frame().now.0).abs());
        assert!(apart.is_some_and(|apart| apart <= S), "in step: {apart:?}");
        for (results, (digest, known)) in ends(&mut rig).iter().zip(&mut expected) {
            assert_eq!(results.digest, format!("{digest:016x}"), "{pace:?}");
            assert_eq!(results.traffic.keys().collect::<Vec<_>>(), known.traffic.keys().collect::<Vec<_>>());
            let figures = |results: &measure::Results| serde_json::to_string(&results.traffic).expect("plain data");
            assert!(figures(results) == figures(known), "{pace:?}");
        }
        let [a, b] = rig.points.clone();
        let offered = |points: &[surgelab::host::Point]| {
            points.iter().map(|point| point.sources[0].offered_per_s).collect::<Vec<_>>()
        };
        assert_eq!(offered(&a), offered(&b), "the same crowd came to both");
    }
}

#[test]
fn going_back_and_steering_change_neither_run() {
    let (text, other) = (site(), rival());
    let expected = [headless(&text).0, headless(&other).0];
    let mut rig = inline(HostOptions { checkpoint_events: 2_000, ..HostOptions::default() }, Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Seek(Time(30 * S)));
    rig.until_at(Time(30 * S));
    compare(&mut rig, Experiment::new("rival", other.as_str()));
    for (time, lane) in [(45, Lane::Branch), (12, Lane::Trunk), (33, Lane::Branch)] {
        rig.send(Request::Seek(Time(time * S)));
        rig.send(Request::Steer(lane));
        rig.until("it is there", |rig| {
            let frame = rig.frame();
            frame.lane == lane && frame.now == Time(time * S) && frame.phase != Phase::Seeking
        });
    }
    let digests = ends(&mut rig).map(|results| results.digest.clone());
    assert_eq!(digests, expected.map(|digest| format!("{digest:016x}")));
    rig.send(Request::Prune);
    rig.until("one is left", |rig| rig.others.iter().any(|out| matches!(out, Update::Pruned)));
    rig.until("the trunk is shown", |rig| rig.frame().lane == Lane::Trunk && rig.frame().other.is_none());
}

#[test]
fn what_was_done_to_the_other_is_done_to_it_again() {
    let surge = Intervention::Act(Action::ScaleTraffic(SourceId::new(0), 1.5));
    let log = vec![LogEntry { time: Time(9 * S), intervention: surge }];
    let other = Experiment { log: log.clone(), ..Experiment::new("rival", rival()) };
    let mut alone = inline(HostOptions::default(), Duration::from_millis(8));
    alone.send(Request::Open(Box::new(other.clone())));
    let expected = alone.play_out(Pace::Unbound);
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Seek(Time(20 * S)));
    rig.until_at(Time(20 * S));
    compare(&mut rig, other);
    let [a, b] = ends(&mut rig);
    assert_eq!(b.digest, format!("{expected:016x}"));
    assert_eq!(a.digest, format!("{:016x}", headless(&site()).0));
    assert_eq!(rig.host().experiment(Lane::Branch).expect("all of it can be said").log, log);
}

#[test]
fn a_rival_that_does_not_run_changes_nothing() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Compare(Box::new(Experiment::new("rival", site().replace("workers", "wokers")))));
    rig.until("it is told", |rig| rig.others.iter().any(|out| matches!(out, Update::LoadFailure(_))));
    assert_eq!(rig.play_out(Pace::Unbound), headless(&site()).0);
    assert!(rig.frame().other.is_none());
}

#[test]
fn whoever_looks_at_both_is_shown_both() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Seek(Time(40 * S)));
    rig.until_at(Time(40 * S));
    compare(&mut rig, Experiment::new("rival", rival()));
    rig.until("it has caught up", |rig| rig.frame().lane == Lane::Branch && rig.frame().digest.is_some());
    assert!(rig.frame().other.as_ref().is_some_and(|other| other.look.is_none()), "nobody asked");
    rig.send(Request::ShowBoth(true));
    rig.until("both are shown", |rig| rig.frame().other.as_ref().is_some_and(|other| other.look.is_some()));
    let frame = rig.frame().clone();
    let look = frame.other.and_then(|other| other.look).expect("it is shown");
    assert_eq!((look.lane, look.now, look.other.is_none()), (Lane::Trunk, Time(40 * S), true));
    assert_eq!((frame.instances.len(), look.instances.len()), (4, 3));
    // It is the look that the other gives when it is steered.
    rig.send(Request::ShowBoth(false));
    rig.send(Request::Steer(Lane::Trunk));
    rig.until("the trunk is shown", |rig| rig.frame().lane == Lane::Trunk);
    let same = rig.frame();
    assert_eq!((&same.machines, &same.instances, &same.sources), (&look.machines, &look.instances, &look.sources));
    assert_eq!((&same.gauges, same.lights.len(), same.digest), (&look.gauges, look.lights.len(), look.digest));
}

fn answer<P: Port>(rig: &Rig<P>) -> Option<Arc<Answer>> {
    rig.others.iter().rev().find_map(|out| match out {
        Update::Studied(answer) => Some(Arc::clone(answer)),
        _ => None,
    })
}

fn design<P: Port>(rig: &Rig<P>) -> Arc<Compiled> {
    let begun = rig.others.iter().rev().find_map(|out| match out {
        Update::StudyBegun(of) => Some(Arc::clone(of)),
        _ => None,
    });
    begun.expect("one has begun")
}

/// A site whose limit is soon found.
fn small() -> String {
    let text = "(version: 1, title: \"a small site\", horizon: \"40s\", machines: {\"box\": (cores: 1)},
        // What is in the way.
        services: {\"app\": (on: [\"box\"], workers: 6, backlog: (limit: 4), operations: {\"page\": [Cpu(\"exp(20ms)\")]})},
        traffic: {\"crowd\": Open(rate: Constant(\"20/s\"), call: \"app.page\", patience: \"2s\")},
        objectives: {\"crowd\": [\"failed < 2%\"]})";
    text.to_owned()
}

#[test]
fn every_question_beside_a_run_has_the_answer_of_the_command_line() {
    let text = small();
    let capacity = CapacityPlan::default();
    let specs = [
        StudySpec::Capacity(capacity),
        StudySpec::Ladder(LadderPlan { capacity, target: None, rungs: 2, relief: Vec::new() }),
        StudySpec::Recovery(RecoveryPlan { push: Some(Push { times: 2.0, lasting_s: 5.0 }), replications: 1 }),
        StudySpec::Sensitivity(SensitivityPlan { capacity, of: vec!["services.app.workers".into()], replications: 2 }),
    ];
    let compiled = Experiment::new("proof", text.as_str()).compile().expect("it compiles");
    for spec in specs {
        let expected = study::answer(spec.clone(), &compiled, Executor::Threads(2), &|_| {}).expect("it has one");
        let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
        rig.open(&text);
        rig.send(Request::Pace(Pace::Times(0.5)));
        rig.send(Request::Study(spec.clone()));
        rig.until("it is answered", |rig| answer(rig).is_some());
        assert!(report::json(&answer(&rig).expect("it is")) == report::json(&expected), "{spec:?}");
        let told = rig.others.iter().filter_map(|out| match out {
            Update::StudyProgress { share, left } => Some((*share, *left)),
            _ => None,
        });
        let (shares, left): (Vec<f32>, Vec<Option<Duration>>) = told.unzip();
        assert!(shares.is_sorted(), "{shares:?}");
        assert!(left.iter().flatten().all(|left| *left < Duration::from_secs(3_600)), "{left:?}");
    }
}

#[test]
fn a_question_is_about_the_design_as_it_was_edited_and_not_about_what_was_done_to_the_run() {
    let text = small();
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    let experiment = Experiment { seed: Some(5), ..Experiment::new("proof", text.as_str()) };
    rig.send(Request::Open(Box::new(experiment)));
    rig.send(Request::Seek(Time(7 * S)));
    rig.send(Request::Act(Command::Act(Action::ScaleTraffic(SourceId::new(0), 3.0))));
    rig.send(Request::Edit(vec![Edit::set("machines.box.cores", "2")]));
    rig.send(Request::Seek(Time(9 * S)));
    rig.until_at(Time(9 * S));
    rig.send(Request::Study(StudySpec::Capacity(CapacityPlan::default())));
    rig.until("it is answered", |rig| answer(rig).is_some());
    let design = design(&rig);
    assert_eq!((design.edits.len(), design.seed), (1, 5));

    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("proof");
    std::fs::write(&file, &text).expect("it is written");
    let mut program = Program::new(env!("CARGO_BIN_EXE_surgelab"));
    program.current_dir(folder.path());
    program.args(["capacity", "proof", "--set", "machines.box.cores=2", "--seed", "5", "--format", "json"]);
    let printed = program.output().expect("it runs").stdout;
    let printed = String::from_utf8(printed).expect("it is text");
    assert_eq!(report::json(&answer(&rig).expect("it is")).trim_end(), printed.trim_end());
    // Before the edit it is the scenario as it stands.
    rig.others.clear();
    rig.send(Request::Seek(Time(3 * S)));
    rig.until_at(Time(3 * S));
    rig.send(Request::Study(StudySpec::Run));
    rig.until("it is answered", |rig| answer(rig).is_some());
    assert!(self::design(&rig).edits.is_empty());
}

#[test]
fn a_question_that_has_no_answer_says_why() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Study(StudySpec::Capacity(CapacityPlan::default())));
    rig.until("it is told", |rig| rig.others.iter().any(|out| matches!(out, Update::StudyFailed(_))));
    let why = rig.others.iter().find_map(|out| match out {
        Update::StudyFailed(failure) => failure.problems.first().map(|problem| problem.message.clone()),
        _ => None,
    });
    assert_eq!(why.as_deref(), Some("there are no objectives, so every load keeps them"));
    assert!(rig.others.iter().all(|out| !matches!(out, Update::LoadFailure(_))), "what runs is sound");
}
