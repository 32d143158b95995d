//! Which model runs: the host says so whenever it changes, and what was done to a run is an experiment that gives it
//! again.

use super::plays::site;
use super::rig::{Rig, inline};
use std::sync::Arc;
use std::time::Duration;
use surgelab::engine::Command;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::host::{HostOptions, Lane, Pace, Port, Request, Update};
use surgelab::model::{Action, Model, ServiceId, SourceId, Target};
use surgelab::scenario::Edit;
use surgelab::units::Time;

const S: i64 = 1_000_000_000;

fn told<P: Port>(rig: &Rig<P>, lane: Lane) -> Vec<Arc<Compiled>> {
    let compiled = rig.others.iter().filter_map(|out| match out {
        Update::Compiled(of, compiled) if *of == lane => Some(Arc::clone(compiled)),
        _ => None,
    });
    compiled.collect()
}

fn workers(model: &Model) -> u32 {
    model.services[ServiceId::new(0)].workers
}

fn seek<P: Port>(rig: &mut Rig<P>, time: Time) {
    rig.send(Request::Seek(time));
    rig.until_at(time);
}

fn varied() -> String {
    site().replace("variants: {", "variants: { \"wide\": (set: { \"services.app.workers\": 64 }),")
}

#[test]
fn whenever_another_model_runs_it_is_told() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    seek(&mut rig, Time(10 * S));
    let opened = rig.others.iter().find_map(|out| if let Update::Opened(opened) = out { Some(opened) } else { None });
    let opened = Arc::clone(opened.expect("it was opened"));
    assert!(told(&rig, Lane::Trunk).iter().all(|compiled| Arc::ptr_eq(compiled, &opened)));
    assert_eq!(told(&rig, Lane::Trunk).len(), 1);

    rig.send(Request::Edit(vec![Edit::set("services.app.workers", "3")]));
    rig.until_at(Time(10 * S + 1));
    let edited = told(&rig, Lane::Trunk)[1].clone();
    assert_eq!((workers(&opened.model), workers(&edited.model)), (8, 3));
    assert!(edited.loaded.text.contains("workers: 3") && edited.loaded.name == "proof");
    let logged = rig.others.iter().filter_map(|out| if let Update::Logged(logged) = out { Some(logged) } else { None });
    assert_eq!(logged.map(|logged| logged.text.as_str()).collect::<Vec<_>>(), ["set services.app.workers = 3"]);

    for (times, time) in [(3, 5 * S), (4, 15 * S)] {
        seek(&mut rig, Time(time));
        let told = told(&rig, Lane::Trunk);
        assert_eq!(told.len(), times);
        assert!(Arc::ptr_eq(&told[times - 1].model, if time < 10 * S { &opened.model } else { &edited.model }));
    }
    seek(&mut rig, Time(16 * S));
    assert_eq!(told(&rig, Lane::Trunk).len(), 4, "nothing changed");

    rig.send(Request::Branch { at: Time(12 * S) });
    rig.until("there is a branch", |rig| rig.others.iter().any(|out| matches!(out, Update::Branched(_))));
    rig.until("its model is told", |rig| told(rig, Lane::Branch).len() == 1);
    assert!(Arc::ptr_eq(&told(&rig, Lane::Branch)[0].model, &edited.model));
    rig.send(Request::ApplyVariant(None));
    rig.until("the branch is another", |rig| told(rig, Lane::Branch).len() == 2);
    assert_eq!(workers(&told(&rig, Lane::Branch)[1].model), 8);
    // On the way there it may have been what it was before the edit.
    assert!(Arc::ptr_eq(&told(&rig, Lane::Trunk).last().expect("it was told").model, &edited.model));
    rig.send(Request::Branch { at: Time(6 * S) });
    rig.until("it is the next branch's turn", |rig| told(rig, Lane::Branch).len() == 3);
    assert!(Arc::ptr_eq(&told(&rig, Lane::Branch)[2].model, &opened.model));
}

#[test]
fn a_model_is_told_before_what_is_told_of_it() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&varied());
    seek(&mut rig, Time(10 * S));
    rig.send(Request::ApplyVariant(Some("wide".into())));
    rig.send(Request::Pace(Pace::Unbound));
    let mut present = None;
    for _ in 0..200_000 {
        for out in rig.port.receive() {
            match out {
                Update::Compiled(_, compiled) => present = Some(compiled),
                Update::Frame(frame) => {
                    rig.port.send(Request::Credit);
                    let workers = if frame.now >= Time(10 * S + 1) { 64 } else { 8 };
                    assert!(
                        present
                            .as_ref()
                            .is_none_or(|present| present.model.services[ServiceId::new(0)].workers == workers)
                    );
                }
                Update::Done(_) => {
                    let present = present.expect("it was told");
                    assert_eq!(present.variant.as_deref(), Some("wide"));
                    return;
                }
                _ => {}
            }
        }
    }
    panic!("it never ended");
}

#[test]
fn what_was_done_to_a_run_is_an_experiment_that_gives_the_run() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    let experiment = Experiment {
        edits: vec![Edit::set("services.db.workers", "5")],
        seed: Some(11),
        ..Experiment::new("proof", varied())
    };
    rig.send(Request::Open(Box::new(experiment)));
    seek(&mut rig, Time(7 * S));
    rig.send(Request::Edit(vec![Edit::set("services.app.workers", "3")]));
    rig.send(Request::Act(Command::Act(Action::ScaleTraffic(SourceId::new(0), 1.5))));
    rig.until_at(Time(7 * S + 2));
    seek(&mut rig, Time(22 * S));
    rig.send(Request::ApplyVariant(Some("wide".into())));
    rig.send(Request::Act(Command::Act(Action::Crash(Target::Service(ServiceId::new(0), Some(1))))));
    seek(&mut rig, Time(40 * S));
    let digest = rig.frame().digest;
    let record = rig.host().experiment(Lane::Trunk).expect("all of it can be said");
    assert_eq!((record.log.len(), record.moment, record.seed), (4, Some(Time(40 * S)), Some(11)));

    let json = serde_json::to_string(&record).unwrap();
    let mut again = inline(HostOptions::default(), Duration::from_millis(3));
    again.send(Request::Open(Box::new(serde_json::from_str(&json).unwrap())));
    again.until_at(Time(40 * S));
    assert_eq!(again.frame().digest, digest);
    assert_eq!(again.host().experiment(Lane::Trunk), Some(record));
    let model = told(&again, Lane::Trunk).last().expect("it was told").model.clone();
    assert_eq!(
        (workers(&model), model.services[ServiceId::new(1)].workers),
        (64, 5),
        "the experiment's own edits stay"
    );
}
