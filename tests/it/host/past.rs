//! Going back, going on, wishing otherwise, branching.

use super::plays::{headless, site};
use super::rig::{Rig, inline};
use crate::support::{compile, finish};
use std::time::Duration;
use surgelab::engine::{Command, Logged, Silent, Simulation};
use surgelab::host::{HostOptions, Lane, Pace, Phase, Port, Request, Stride, Update};
use surgelab::model::{Action, GroupId, ServiceId, SourceId, Target};
use surgelab::units::{Span, Time};

const S: i64 = 1_000_000_000;

/// A checkpoint every few thousand events.
fn dense() -> HostOptions {
    HostOptions { checkpoint_events: 2_000, ..HostOptions::default() }
}

fn act(action: Action) -> Request {
    Request::Act(Command::Act(action))
}

/// The digest at `until` of a run from the start with these commands.
fn replayed(text: &str, log: &[(Time, Action)], until: Time) -> u64 {
    let seed = surgelab::scenario::load("proof", text).unwrap().scenario.seed;
    let mut sim = Simulation::new(compile(text), seed);
    for (time, action) in log {
        sim.submit_at(*time, Command::Act(action.clone()));
    }
    sim.advance(until, u64::MAX, &mut Silent);
    sim.digest()
}

fn wishes<P: Port>(rig: &Rig<P>, lane: Lane) -> Vec<(Time, u32, String)> {
    let told = rig.others.iter().filter_map(|out| match out {
        Update::Logged(entry) if entry.lane == lane => Some((entry.time, entry.seq, entry.text.clone())),
        _ => None,
    });
    told.collect()
}

fn crash() -> Action {
    Action::Crash(Target::Service(ServiceId::new(0), Some(1)))
}

#[test]
fn seeking_then_playing_gives_the_same_run_from_every_checkpoint() {
    let text = site();
    let (digest, results) = headless(&text);
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&text);
    assert_eq!(rig.play_out(Pace::Unbound), digest);
    let timeline = rig.points[0].clone();
    let times = rig.host().checkpoint_times(Lane::Trunk);
    assert!(times.len() > 10, "{} checkpoints", times.len());
    for time in times {
        rig.send(Request::Pace(Pace::Paused));
        rig.send(Request::Seek(time));
        rig.until_at(time);
        assert_eq!(rig.frame().digest, Some(replayed(&text, &[], time)), "at {time:?}");
        assert_eq!(
            (rig.frame().known, rig.frame().phase),
            (Time(60 * S), if time == Time(60 * S) { Phase::Done } else { Phase::Running })
        );
        rig.others.clear();
        rig.reports.clear();
        assert_eq!(rig.play_out(Pace::Unbound), digest, "from {time:?}");
        rig.until("the report is there", |rig| {
            rig.reports.last().is_some_and(|report| report.1.results_digest == results.results_digest)
        });
        assert_eq!(rig.points[0].len(), timeline.len());
    }
}

#[test]
fn a_step_is_one_event_or_a_span() {
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Seek(Time(10 * S)));
    rig.until_at(Time(10 * S));
    let mut events = rig.frame().events;
    for _ in 0..20 {
        let frames = rig.frames.len();
        rig.send(Request::Step(Stride::Event));
        rig.until("a frame shows the step", |rig| rig.frames.len() > frames && rig.frame().digest.is_some());
        let frame = rig.frame();
        assert!(frame.events > events && frame.events < events + 10, "{} events after {events}", frame.events);
        events = frame.events;
    }
    let there = rig.frame().now;
    rig.send(Request::Step(Stride::Span(Span(S / 4))));
    rig.until_at(Time(there.0 + S / 4));
}

#[test]
fn wishes_are_logged_and_replay() {
    let text = site();
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Seek(Time(10 * S)));
    rig.send(act(crash()));
    rig.send(act(Action::AddMachines(GroupId::new(1), 2)));
    rig.send(Request::Seek(Time(20 * S)));
    rig.send(act(Action::ScaleTraffic(SourceId::new(0), 0.5)));
    let digest = rig.play_out(Pace::Times(500.0));
    let log: Vec<(Time, Action)> = vec![
        (Time(10 * S + 1), crash()),
        (Time(10 * S + 2), Action::AddMachines(GroupId::new(1), 2)),
        (Time(20 * S + 1), Action::ScaleTraffic(SourceId::new(0), 0.5)),
    ];
    assert_eq!(digest, replayed(&text, &log, Time(60 * S)));
    assert_ne!(digest, headless(&text).0);
    let told = wishes(&rig, Lane::Trunk);
    assert_eq!(
        told.iter().map(|entry| entry.0).collect::<Vec<_>>(),
        log.iter().map(|entry| entry.0).collect::<Vec<_>>()
    );
    assert_eq!(
        told.iter().map(|entry| entry.2.as_str()).collect::<Vec<_>>(),
        ["app/1 crashes", "add 2 × web", "crowd × 0.5"]
    );
    // Back before the second command, and on again: it comes again, and is not told again.
    for back in [Time(10 * S + 1), Time(5 * S), Time(15 * S)] {
        rig.send(Request::Pace(Pace::Paused));
        rig.send(Request::Seek(back));
        rig.until_at(back);
        rig.others.clear();
        assert_eq!(rig.play_out(Pace::Unbound), digest, "from {back:?}");
        assert_eq!(wishes(&rig, Lane::Trunk), []);
    }
}

#[test]
fn a_wish_in_the_past_gives_up_what_was_known_beyond_it() {
    let text = site();
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Seek(Time(30 * S)));
    rig.send(act(crash()));
    rig.play_out(Pace::Unbound);
    rig.send(Request::Pace(Pace::Paused));
    rig.send(Request::Seek(Time(12 * S)));
    rig.until_at(Time(12 * S));
    assert_eq!(rig.frame().known, Time(60 * S));
    rig.others.clear();
    rig.send(act(Action::ScaleTraffic(SourceId::new(0), 0.25)));
    rig.until("it took effect", |rig| !wishes(rig, Lane::Trunk).is_empty());
    rig.until_at(Time(12 * S + 1));
    assert_eq!(rig.frame().known, Time(12 * S + 1));
    assert_eq!(wishes(&rig, Lane::Trunk), [(Time(12 * S + 1), 0, "crowd × 0.25".to_owned())]);
    assert!(rig.host().checkpoint_times(Lane::Trunk).iter().all(|time| *time <= Time(12 * S + 1)));
    let digest = rig.play_out(Pace::Unbound);
    assert_eq!(
        digest,
        replayed(&text, &[(Time(12 * S + 1), Action::ScaleTraffic(SourceId::new(0), 0.25))], Time(60 * S))
    );
    let offered = |second: usize| rig.points[0][second].sources[0].offered_per_s;
    assert!(offered(10) > 2.0 * offered(20), "the timeline is the new one: {} then {}", offered(10), offered(20));
}

#[test]
fn a_branch_shares_the_past_and_runs_in_step() {
    let text = site();
    let (digest, _) = headless(&text);
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Seek(Time(5 * S)));
    rig.send(act(crash()));
    rig.send(Request::Seek(Time(40 * S)));
    rig.until_at(Time(40 * S));
    rig.send(Request::Branch { at: Time(25 * S) });
    rig.until("there is a branch", |rig| {
        rig.others.iter().any(|out| matches!(out, Update::Branched(at) if *at == Time(25 * S)))
    });
    rig.until_at(Time(25 * S));
    let frame = rig.frame();
    assert_eq!((frame.lane, frame.known), (Lane::Branch, Time(25 * S)));
    assert_eq!(frame.other.as_ref().map(|other| (other.lane, other.now)), Some((Lane::Trunk, Time(25 * S))));
    assert_eq!(wishes(&rig, Lane::Branch).len(), 1, "it has the trunk's past");
    rig.until("its timeline is there", |rig| rig.points[1].len() == 25);
    assert_eq!(rig.points[1], rig.points[0][..25]);
    rig.send(act(Action::ScaleTraffic(SourceId::new(0), 0.5)));
    rig.send(Request::Pace(Pace::Times(20.0)));
    rig.frames.clear();
    rig.until("it is beyond 50 s", |rig| rig.frames.last().is_some_and(|frame| frame.now > Time(50 * S)));
    for frame in &rig.frames {
        let other = frame.other.as_ref().expect("two runs").now;
        assert!((frame.now.0 - other.0).abs() <= S, "{:?} and {other:?} are apart", frame.now);
    }
    rig.others.clear();
    rig.send(Request::Pace(Pace::Unbound));
    rig.until("both are done", |rig| rig.others.iter().filter(|out| matches!(out, Update::Done(_))).count() == 2);
    rig.until_at(Time(60 * S));
    let first = (Time(5 * S + 1), crash());
    let branch = replayed(
        &text,
        &[first.clone(), (Time(25 * S + 1), Action::ScaleTraffic(SourceId::new(0), 0.5))],
        Time(60 * S),
    );
    let trunk = replayed(&text, &[first], Time(60 * S));
    assert_eq!(rig.frame().digest, Some(branch));
    rig.send(Request::Steer(Lane::Trunk));
    rig.until("the trunk is shown", |rig| rig.frame().lane == Lane::Trunk);
    assert_eq!(rig.frame().digest, Some(trunk));
    assert!(trunk != branch && trunk != digest);
    // Both go back before the branch: they are the same there.
    rig.send(Request::Pace(Pace::Paused));
    rig.send(Request::Seek(Time(20 * S)));
    rig.until_at(Time(20 * S));
    let here = rig.frame().digest;
    rig.send(Request::Steer(Lane::Branch));
    rig.until("the branch is shown", |rig| rig.frame().lane == Lane::Branch && rig.frame().digest.is_some());
    assert_eq!(rig.frame().digest, here);
    rig.send(Request::Prune);
    rig.until("it is gone", |rig| rig.others.iter().any(|out| matches!(out, Update::Pruned)));
    rig.until("the trunk is shown", |rig| rig.frame().lane == Lane::Trunk && rig.frame().other.is_none());
}

#[test]
fn a_log_replays_through_the_engine_alone() {
    let text = site();
    let mut rig = inline(dense(), Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Seek(Time(7 * S)));
    rig.send(Request::ApplyVariant(None));
    rig.send(act(Action::Set { path: "services.app.workers".into(), value: "3".into() }));
    let digest = rig.play_out(Pace::Unbound);
    let model = compile(&text);
    let seed = surgelab::scenario::load("proof", &text).unwrap().scenario.seed;
    let mut sim = Simulation::new(model.clone(), seed);
    let loaded = surgelab::scenario::load("proof", &text).unwrap();
    let same = std::sync::Arc::new(model.compile_after(&loaded).unwrap());
    let set = Action::Set { path: "services.app.workers".into(), value: "3".into() };
    let log = [
        Logged { time: Time(7 * S + 1), command: Command::Replace(same) },
        Logged { time: Time(7 * S + 2), command: Command::Act(set) },
    ];
    for logged in log {
        sim.submit_at(logged.time, logged.command);
    }
    finish(&mut sim, &mut Silent);
    assert_eq!(digest, sim.digest());
}
