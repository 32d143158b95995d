//! What was done to a file, or to a run, said in the file: as a variant, as rules of the runbook.

use super::sound;
use std::sync::Arc;
use surgelab::catalog::{SCENARIOS, find};
use surgelab::engine::{Command, Silent, Simulation};
use surgelab::experiment::{Experiment, Intervention, LogEntry};
use surgelab::host::{Host, HostOptions, Lane, Request};
use surgelab::model::{Action, GroupId, ServiceId, SourceId, Target};
use surgelab::scenario::difference::{as_variant, difference};
use surgelab::scenario::edit::Edit;
use surgelab::scenario::{Scenario, load};
use surgelab::units::{Span, Time};

const SECOND: i64 = 1_000_000_000;

/// A run of an experiment: what is done at its times, by hand.
fn by_hand(experiment: &Experiment, until: Time) -> u64 {
    let base = experiment.base().unwrap();
    let compiled = experiment.compile().unwrap();
    let mut model = Arc::clone(&compiled.model);
    let mut sim = Simulation::new(Arc::clone(&model), compiled.seed);
    for entry in &experiment.log {
        let command =
            entry.intervention.command(experiment, &base, &model).unwrap_or_else(|failure| panic!("{failure:?}"));
        if let Command::Replace(next) = &command {
            model = Arc::clone(next);
        }
        sim.submit_at(entry.time, command);
    }
    sim.advance(until, u64::MAX, &mut Silent);
    sim.digest()
}

/// The experiment with its log written into the file.
#[track_caller]
fn replay(experiment: &Experiment) -> Experiment {
    let edits = experiment.as_replay().unwrap_or_else(|failure| panic!("{:#?}", failure.problems));
    let (written, splice) = experiment.base().unwrap().edited(&edits).unwrap();
    assert_eq!(splice.inverse().apply(&written.text).as_deref(), Some(experiment.text.as_str()));
    Experiment { text: written.text.to_string(), log: Vec::new(), ..experiment.clone() }
}

fn at(seconds: f64, intervention: Intervention) -> LogEntry {
    LogEntry { time: Time((seconds * 1e9) as i64), intervention }
}

fn acts() -> Vec<LogEntry> {
    let act = |seconds: f64, action: Action| at(seconds, Intervention::of(action));
    vec![
        act(1.5, Action::Crash(Target::Service(ServiceId::new(0), Some(0)))),
        act(2.000_000_001, Action::AddMachines(GroupId::new(0), 1)),
        act(
            3.0,
            Action::Slow { target: Target::Machine(GroupId::new(1), None), factor: 0.5, lasting: Span::seconds(2) },
        ),
        act(4.0, Action::ScaleTraffic(SourceId::new(0), 1.5)),
        act(5.0, Action::Set { path: "services.app.workers".into(), value: "40".into() }),
        act(6.0, Action::Flush { service: ServiceId::new(0), ordinal: Some(0), store: Some(0) }),
    ]
}

#[test]
fn what_was_done_by_hand_is_done_by_the_runbook() {
    let built_in = find("cache-stampede").unwrap();
    let start = Experiment::new(built_in.name, built_in.text);
    let edit = |edit: Edit| Intervention::Edit(vec![edit]);
    let shape = vec![
        at(7.0, edit(Edit::insert("machines.more", "(cores: 2)"))),
        at(8.0, edit(Edit::insert("services.second", "(on: [\"more\"], operations: { \"build\": [Cpu(\"200ms\")] })"))),
        at(9.0, edit(Edit::set("services.second.operations.build.0.work", "100ms"))),
        at(10.0, edit(Edit::insert("services.app.links.second", "()"))),
        at(
            10.5,
            edit(Edit::set(
                "services.app.operations.front",
                "[Cached(\"pages\", \"page\", [], [Call(\"second.build\")]), Cpu(\"exp(2ms)\")]",
            )),
        ),
        at(11.0, Intervention::ApplyVariant(Some("single flight".into()))),
        at(12.0, Intervention::ApplyVariant(None)),
        at(13.0, Intervention::Act(Action::Apply("kept longer".into()))),
    ];
    for (log, rules) in [(acts(), 6), (shape.clone(), 8), (acts().into_iter().chain(shape).collect(), 14)] {
        let experiment = Experiment { log, ..start.clone() };
        let written = replay(&experiment);
        assert_eq!(load("replay", &written.text).unwrap().scenario.runbook.len(), rules, "{}", written.text);
        for until in [Time(2 * SECOND), Time(9 * SECOND), Time(25 * SECOND)] {
            assert_eq!(by_hand(&written, until), by_hand(&experiment, until), "at {until:?}:\n{}", written.text);
        }
        let untouched = Experiment { log: Vec::new(), ..experiment.clone() };
        assert_ne!(by_hand(&untouched, Time(25 * SECOND)), by_hand(&experiment, Time(25 * SECOND)));
    }
}

/// The same through a host: what a person does is logged, saved and played again.
#[test]
fn a_session_is_saved_and_played_again() {
    let built_in = find("cache-stampede").unwrap();
    let mut host = Host::new(HostOptions::default());
    let clock = std::cell::Cell::new(std::time::Duration::ZERO);
    let tick = || {
        clock.set(clock.get() + std::time::Duration::from_micros(50));
        clock.get()
    };
    let play = |requests: Vec<Request>, host: &mut Host| {
        requests.into_iter().for_each(|request| host.receive(request));
        while host.turn(&tick, std::time::Duration::from_millis(8)) == surgelab::host::Next::Now {}
    };
    let requests = vec![
        Request::Open(Box::new(Experiment::new(built_in.name, built_in.text))),
        Request::Seek(Time(3 * SECOND)),
        Request::Edit(vec![Edit::set("services.app.workers", "30")]),
        Request::Seek(Time(5 * SECOND)),
        Request::Act(Command::Act(Action::Crash(Target::Service(ServiceId::new(1), None)))),
        Request::Seek(Time(6 * SECOND)),
        Request::ApplyVariant(Some("single flight".into())),
        Request::Seek(Time(20 * SECOND)),
    ];
    play(requests, &mut host);
    let experiment = host.experiment(Lane::Trunk).unwrap();
    assert_eq!(experiment.log.len(), 3);
    let written = replay(&experiment);
    assert_eq!(by_hand(&written, Time(20 * SECOND)), by_hand(&experiment, Time(20 * SECOND)));
}

#[test]
fn what_a_runbook_cannot_do_is_said() {
    let built_in = find("cache-stampede").unwrap();
    let start = Experiment::new(built_in.name, built_in.text);
    let crash = Intervention::Act(Action::Crash(Target::Service(ServiceId::new(0), None)));
    let rule = Intervention::Edit(vec![Edit::insert("runbook.0", "At(\"1min\", Crash(\"app\"))")]);
    let name = Intervention::Edit(vec![Edit::rename("services.app", "site")]);
    let wrong = [
        (crash.clone(), -1.0, "sleeps before time 0"),
        (rule, 1.0, "changes the runbook"),
        (name, 1.0, "gives no names"),
    ];
    for (intervention, seconds, why) in wrong {
        let experiment = Experiment { log: vec![at(seconds, intervention)], ..start.clone() };
        let problems = experiment.as_replay().unwrap_err().problems;
        assert!(problems[0].message.contains(why), "{problems:?}");
    }
    // A variant that has its own runbook takes ours away.
    let built_in = find("codingame").unwrap();
    let start = Experiment { variant: Some("no runbook".into()), ..Experiment::new(built_in.name, built_in.text) };
    let problems = Experiment { log: vec![at(1.0, crash)], ..start }.as_replay().unwrap_err().problems;
    assert!(problems[0].message.contains("another runbook"), "{problems:?}");
}

#[test]
fn edits_become_a_variant() {
    let built_in = find("black-friday").unwrap();
    let base = load(built_in.name, built_in.text).unwrap();
    let edits = [
        Edit::set("services.shop.workers", "70"),
        Edit::set("services.bank.operations.charge.0", "Delay(\"1s\")"),
        Edit::insert("machines.more", "(cores: 2)"),
        Edit::remove("services.shop.shed"),
        Edit::remove("runbook.1"),
        Edit::set("services.shop.links.sql.timeout", "None"),
        Edit::remove("services.door.links.shop.retry.budget"),
    ];
    let (edited, _) = base.edited(&edits).unwrap();
    let variant = as_variant(&base, &edited, "by hand", "What was tried.").unwrap();
    let (written, splice) = base.edited(&[variant]).unwrap();
    assert_eq!(splice.inverse().apply(&written.text).as_deref(), Some(built_in.text));
    insta::assert_snapshot!(splice.new);
    let plain = |scenario: &Scenario| Scenario { variants: surgelab::scenario::Named::default(), ..scenario.clone() };
    let applied = written.with(Some("by hand"), &[]).unwrap();
    assert_eq!(plain(&applied.scenario), plain(&edited.scenario));
    assert!(as_variant(&base, &base, "x", "").unwrap_err().contains("nothing differs"));
    assert!(as_variant(&base, &edited, "a.b", "").unwrap_err().contains("cannot be the name"));
    assert!(as_variant(&base, &edited, "without the CDN", "").is_err());
}

/// Every variant of every scenario is found again from what it gives.
#[test]
fn every_variant_is_found_again() {
    let mut count = 0;
    for built_in in SCENARIOS {
        let base = load(built_in.name, built_in.text).unwrap();
        for name in base.scenario.variants.names() {
            let with = base.with(Some(name), &[]).unwrap();
            let sets = difference(&base, &with).unwrap_or_else(|why| panic!("{}: {name}: {why}", built_in.name));
            assert!(!sets.is_empty(), "{}: {name}", built_in.name);
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
    let like = sound(
        r#"(version: 1, title: "a", horizon: "1s", machines: { "b": () }, services: { "w": (like: "apache-prefork", on: ["b"], workers: 7, operations: { "x": [Cpu("1ms")] }) })"#,
    );
    let (other, _) = like.edited(&[Edit::remove("services.w.workers")]).unwrap();
    let sets = difference(&like, &other).unwrap();
    assert!(sets.len() == 1 && sets[0].path() == "services.w", "{sets:?}");
}
