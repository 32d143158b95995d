//! Whatever comes in, the host goes on; what grows is bounded; a thread is as good as no thread.

use super::plays::{headless, site};
use super::rig::{Clock, Rig, inline};
use crate::support::Draft;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use surgelab::engine::Command;
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, Lane, Pace, Phase, Port, Request, Stride, ThreadPort, Update};
use surgelab::model::{Action, GroupId, LinkId, ServiceId, SourceId};
use surgelab::units::{Span, Time};

const S: i64 = 1_000_000_000;

fn faults<P: Port>(rig: &Rig<P>) -> Vec<String> {
    let told = rig.others.iter().filter_map(|out| match out {
        Update::LoadFailure(load_failure) => Some(load_failure.name.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn what_does_not_run_leaves_the_run_alone() {
    let text = site();
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    for message in [
        Request::Seek(Time(0)),
        Request::Prune,
        Request::Step(Stride::Event),
        Request::ApplyVariant(None),
        Request::Steer(Lane::Branch),
        Request::Credit,
    ] {
        rig.send(message);
    }
    rig.send(Request::Branch { at: Time(0) });
    rig.round();
    rig.open("(version: 1, title: \"half");
    rig.round();
    assert_eq!(faults(&rig).len(), 1);
    rig.open(&text);
    rig.send(Request::Seek(Time(10 * S)));
    rig.until_at(Time(10 * S));
    rig.others.clear();
    rig.open("nonsense");
    rig.send(Request::ApplyVariant(Some("no such variant".into())));
    let open = Experiment { variant: Some("no such variant".into()), ..Experiment::new("proof", &text) };
    rig.send(Request::Open(Box::new(open)));
    rig.send(Request::Act(Command::Act(Action::Set { path: "services.app.workers".into(), value: "many".into() })));
    rig.send(Request::Act(Command::Act(Action::Set { path: "no.such.path".into(), value: "1".into() })));
    // Of another system: as if it had been opened a moment ago. Each is told.
    rig.send(Request::Act(Command::Act(Action::AddMachines(GroupId::new(77), 1))));
    rig.send(Request::Act(Command::Act(Action::Reload(ServiceId::new(77), None))));
    rig.send(Request::Act(Command::Act(Action::ScaleTraffic(SourceId::new(0), f64::NAN))));
    rig.send(Request::Focus(vec![5, 77]));
    rig.send(Request::Steer(Lane::Branch));
    rig.send(Request::Pace(Pace::Times(-1.0)));
    rig.send(Request::Pace(Pace::Times(f64::NAN)));
    rig.send(Request::Seek(Time(i64::MIN)));
    rig.send(Request::Seek(Time(i64::MAX)));
    rig.until_at(Time(60 * S));
    assert_eq!(faults(&rig).len(), 8, "{:?}", faults(&rig));
    assert_eq!(rig.frame().digest, Some(headless(&text).0));
    assert!(rig.others.iter().all(|out| !matches!(out, Update::Logged(_))));
}

#[test]
fn a_limit_is_told_and_can_be_left() {
    // Each change is sound alone, both together are not.
    let text = Draft::new(60.0)
        .station("app", 1, None, "1s")
        .poisson_with(1.0, "app.serve", "retry: ()")
        .rule("At(\"20s\", Set(\"traffic.crowd.retry.times\", 2))")
        .rule("At(\"30s\", Set(\"traffic.crowd.retry.forever\", true))")
        .text();
    let mut rig = inline(HostOptions { checkpoint_events: 4, ..HostOptions::default() }, Duration::from_millis(8));
    rig.open(&text);
    let stopped = |rig: &Rig<_>| rig.others.iter().filter(|out| matches!(out, Update::Stopped(Lane::Trunk, _))).count();
    for again in 1..=2 {
        rig.play_out(Pace::Unbound);
        assert_eq!((rig.frame().phase, rig.frame().now), (Phase::Stopped, Time(30 * S)));
        assert_eq!(stopped(&rig), again);
        rig.until("the report says so", |rig| rig.reports.last().is_some_and(|report| report.1.stopped.is_some()));
        rig.send(Request::Pace(Pace::Paused));
        rig.send(Request::Seek(Time(15 * S)));
        rig.until_at(Time(15 * S));
        assert_eq!(rig.frame().phase, Phase::Running);
    }
    rig.send(Request::ApplyVariant(None));
    rig.send(Request::Seek(Time(90 * S)));
    rig.until_at(Time(30 * S));
    assert_eq!(stopped(&rig), 3, "the same system ends the same way");
}

#[test]
fn checkpoints_keep_their_budget_over_a_whole_run() {
    let text = site();
    let (digest, _) = headless(&text);
    let mut weights = Vec::new();
    for memory_bytes in [usize::MAX, 3 << 20, 0] {
        let options = HostOptions { memory_bytes, checkpoint_events: 500, ..HostOptions::default() };
        let mut rig = inline(options, Duration::from_millis(2));
        rig.open(&text);
        rig.send(Request::Pace(Pace::Times(300.0)));
        let mut most = 0;
        while !rig.others.iter().any(|out| matches!(out, Update::Done(_))) {
            rig.round();
            rig.clock.wait(Duration::from_millis(3));
            most = most.max(rig.host().checkpoint_bytes());
        }
        weights.push(most);
        let times = rig.host().checkpoint_times(Lane::Trunk);
        assert_eq!(times.first(), Some(&Time(-5 * S)), "the start is kept");
        if memory_bytes == 3 << 20 {
            assert!(most <= memory_bytes, "{most} bytes");
            let late = times.iter().filter(|time| time.0 > 45 * S).count();
            assert!(times.len() > 4 && late * 3 > times.len(), "what is recent is denser: {times:?}");
        }
        rig.send(Request::Pace(Pace::Paused));
        rig.send(Request::Seek(Time(33 * S)));
        rig.until_at(Time(33 * S));
        assert_eq!(rig.play_out(Pace::Unbound), digest);
    }
    assert!(weights[0] > 12 << 20 && weights[2] < 1 << 20, "{weights:?}");
}

#[test]
fn a_thread_plays_the_same_run_and_sleeps_while_it_stands() {
    let text = site();
    let (digest, results) = headless(&text);
    let (wake, woken) = channel();
    let port = ThreadPort::new(HostOptions::default(), move || _ = wake.send(())).unwrap();
    let mut rig = Rig::new(port, Clock::default());
    rig.open(&text);
    rig.send(Request::Pace(Pace::Unbound));
    let begun = Instant::now();
    while rig.reports.last().is_none_or(|report| report.1.results_digest != results.results_digest) {
        let _ = woken.recv_timeout(Duration::from_secs(5));
        rig.round();
        assert!(begun.elapsed() < Duration::from_secs(60), "it plays");
    }
    while rig.frame().digest.is_none() {
        let _ = woken.recv_timeout(Duration::from_secs(5));
        rig.round();
        assert!(begun.elapsed() < Duration::from_secs(60), "it shows where it stands");
    }
    assert_eq!(rig.frame().digest, Some(digest));
    while woken.try_recv().is_ok() {}
    rig.round();
    assert!(woken.recv_timeout(Duration::from_millis(300)).is_err(), "nothing to tell while it stands");
}

#[test]
fn everybody_is_somewhere() {
    // Conservation: what frames count is what the engine counts.
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    let mut offered = 0.0;
    for second in 1..=60 {
        rig.send(Request::Seek(Time(second * S)));
        rig.until_at(Time(second * S));
        let frame = rig.frame();
        let source = frame.sources[0];
        let before = if second == 1 { 0.0 } else { offered };
        offered = before + f64::from(source.offered_per_s);
        for instance in frame.instances.iter().filter(|instance| instance.workers < u32::MAX) {
            assert!(instance.busy.served + instance.busy.waits <= instance.workers, "{instance:?}");
        }
        let link = |link: LinkId| frame.flows.iter().filter(move |flow| flow.link == link);
        let sent: f32 = link(LinkId::new(0)).map(|flow| flow.sent_per_s).sum();
        let ended: f32 = link(LinkId::new(0))
            .map(|f| f.succeeded_per_s + f.refused_per_s + f.timed_out_per_s + f.broken_per_s)
            .sum();
        assert!(sent >= 0.0 && ended >= 0.0);
    }
    rig.send(Request::Step(Stride::Span(Span(S))));
    let points = &rig.points[0];
    let told: f64 = points.iter().map(|point| f64::from(point.sources[0].offered_per_s)).sum();
    assert!((told - offered).abs() < 1.0, "the timeline and the frames agree: {told} and {offered}");
    let ends: f64 = points
        .iter()
        .map(|point| point.sources[0])
        .map(|s| f64::from(s.succeeded_per_s) + s.failed_per_s.iter().map(|f| f64::from(*f)).sum::<f64>())
        .sum();
    let report = rig.reports.last().map(|report| report.1.clone()).expect("there is a report");
    assert!(
        ends <= told && told - ends < 200.0,
        "{told} offered, {ends} ended, {} in flight",
        report.traffic["crowd"].in_flight
    );
}

#[test]
fn a_host_that_failed_says_so_and_runs_what_is_opened_next() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    // Whoever is woken fails, on the host's own thread.
    let mut port = ThreadPort::new(HostOptions::default(), move || {
        assert!(count.fetch_add(1, Ordering::Relaxed) != 0, "planted");
    })
    .unwrap();
    let text = include_str!("../../../scenarios/sinkhole.ron");
    let until = |wanted: &dyn Fn(&Update) -> bool, port: &mut ThreadPort| {
        for _ in 0..3_000 {
            if port.receive().iter().any(wanted) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it was never told");
    };
    port.send(Request::Open(Box::new(Experiment::new("sinkhole", text))));
    until(&|told| matches!(told, Update::Died(text) if text.contains("planted")), &mut port);
    port.send(Request::Open(Box::new(Experiment::new("sinkhole", text))));
    until(&|told| matches!(told, Update::Opened(_)), &mut port);
}
