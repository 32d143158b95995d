//! Playing, pausing, frames, reports and the timeline.

use super::rig::{Rig, inline};
use crate::support::{Draft, compile};
use std::time::Duration;
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, Pace, Phase, Request, Update};
use surgelab::measure::{self, Options, Recording};
use surgelab::report;
use surgelab::study::{self, Executor, StudySpec};
use surgelab::units::Time;

const S: i64 = 1_000_000_000;

/// A minute of a site that drowns at half time and loses an instance.
pub fn site() -> String {
    Draft::new(60.0)
        .warm_up(5.0)
        .machine("web", "count: 2, cores: 1")
        .machine("data", "cores: 1")
        .service("app", "on: [\"web\"], workers: 8, backlog: (limit: 16), restart: \"3s\", links: { \"db\": (latency: \"exp(0.5ms)\", timeout: \"400ms\", retry: (times: 1)) }, operations: { \"page\": [Cpu(\"exp(4ms)\"), Call(\"db.query\")] }")
        .service("db", "on: [\"data\"], workers: 4, operations: { \"query\": [Cpu(\"exp(8ms)\")] }")
        .source("crowd", "Open(rate: Stages(start: \"60/s\", stages: [(\"30s\", \"60/s\"), (\"5s\", \"300/s\"), (\"25s\", \"300/s\")]), call: \"app.page\", patience: \"2s\")")
        .rule("At(\"20s\", Crash(\"app/0\"))")
        .text()
}

/// Digest and results of the same run without a host.
pub fn headless(text: &str) -> (u64, measure::Results) {
    let model = compile(text);
    let seed = surgelab::scenario::load("proof", text).unwrap().scenario.seed;
    let mut recording = Recording::new(&model, Options { seed, ..Options::default() });
    while recording.advance(u64::MAX) {}
    let digest = recording.simulation().digest();
    let mut results = recording.results();
    surgelab::napkin::annotate(&model, &mut results);
    results.seal();
    (digest, results)
}

#[test]
fn the_run_is_the_headless_run_at_any_pace_and_frame_rate() {
    let text = site();
    let (digest, results) = headless(&text);
    for pace in [Pace::Unbound, Pace::Times(3_600.0), Pace::Times(7.3), Pace::Times(60.0)] {
        for (every, budget) in [(33, 8), (5, 1), (200, 40)] {
            let options = HostOptions { frame_every: Duration::from_millis(every), ..HostOptions::default() };
            let mut rig = inline(options, Duration::from_millis(budget));
            rig.open(&text);
            assert_eq!(rig.play_out(pace), digest, "{pace:?} {every} ms {budget} ms");
            let frame = rig.frame();
            assert_eq!((frame.phase, frame.now, frame.achieved), (Phase::Done, Time(60 * S), 0.0));
            assert_eq!(frame.events, results.engine.events);
            assert_eq!(rig.points[0].len(), 60);
            rig.until("the report is there", |rig| {
                rig.reports.last().is_some_and(|report| report.1.results_digest == results.results_digest)
            });
        }
    }
}

#[test]
fn slow_motion_passes_time_as_it_says() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Pace(Pace::Times(Pace::SLOWEST)));
    rig.until("a frame has come", |rig| !rig.frames.is_empty());
    let (wall, there) = (rig.clock.read(), rig.frame().now);
    rig.until("two seconds have passed", |rig| rig.clock.read() > wall + Duration::from_secs(2));
    let passed = rig.frame().now.0 - there.0;
    assert!((900_000..=1_100_000).contains(&passed), "1 ms in 2 s, not {passed} ns");
    assert!((rig.frame().achieved / Pace::SLOWEST - 1.0).abs() < 0.1, "{}", rig.frame().achieved);
}

#[test]
fn frames_wait_for_their_credit_and_for_their_time() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.credits = false;
    rig.open(&site());
    rig.send(Request::Pace(Pace::Times(1.0)));
    for _ in 0..500 {
        rig.round();
        rig.clock.wait(Duration::from_millis(3));
    }
    assert_eq!(rig.frames.len(), 1, "one is outstanding");
    rig.credits = true;
    rig.send(Request::Credit);
    let begun = rig.clock.read();
    rig.frames.clear();
    rig.until("a second has passed", |rig| rig.clock.read() > begun + Duration::from_secs(1));
    assert!((25..=31).contains(&rig.frames.len()), "{} frames in a second", rig.frames.len());
    assert!(rig.frames.iter().all(|frame| frame.digest.is_none()), "it runs");
    rig.send(Request::Pace(Pace::Paused));
    rig.until("it stands", |rig| rig.frame().digest.is_some());
    let count = rig.frames.len();
    for _ in 0..100 {
        rig.round();
        rig.clock.wait(Duration::from_millis(50));
    }
    assert_eq!(rig.frames.len(), count, "nothing changes while it stands");
}

#[test]
fn a_frame_shows_the_system_as_it_is() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&site());
    rig.send(Request::Seek(Time(50 * S)));
    rig.until_at(Time(50 * S));
    let frame = rig.frame().clone();
    assert_eq!((frame.machines.len(), frame.instances.len(), frame.sources.len()), (4, 3, 1));
    assert_eq!(frame.gauges.len(), frame.resources.len());
    let source = frame.sources[0];
    assert!((source.offered_per_s / 300.0 - 1.0).abs() < 0.25, "{source:?}");
    assert!(source.failed_per_s > 10.0 && source.succeeded_per_s > 50.0, "{source:?}");
    assert!(frame.machines.iter().any(|machine| machine.cpu > 0.9), "{:?}", frame.machines);
    let full = frame.gauges.iter().zip(frame.resources.iter()).filter(|(gauge, _)| gauge.saturated);
    assert!(full.map(|(_, resource)| resource.subject.as_str()).any(|subject| subject == "db.cpu"), "db.cpu is full");
    assert!(frame.troubles.iter().any(|trouble| trouble.subject == "db.cpu"), "{:?}", frame.troubles);
    let sent: f32 = frame
        .flows
        .iter()
        .filter(|flow| flow.link.number() == frame.flows[0].link.number())
        .map(|flow| flow.sent_per_s)
        .sum();
    assert!(sent > 100.0, "{:?}", frame.flows);
    let in_flight: u32 = frame.flows.iter().map(|flow| flow.in_flight).sum();
    assert!(in_flight > 0);
    let app: Vec<_> = frame.instances.iter().filter(|instance| instance.workers == 8).collect();
    assert!(app.iter().all(|instance| instance.busy.served + instance.busy.waits <= 8), "{app:?}");
    assert!(app.iter().any(|instance| instance.waiting > 0 && instance.refused_per_s > 0.0), "{app:?}");
    assert!(!frame.lights.is_empty() && (frame.sampling - 1.0).abs() < 1e-9);
    let waiting = frame.instances.iter().map(|instance| instance.waiting as usize).sum::<usize>();
    let lights = frame.lights.iter().filter(|light| matches!(light.spot, surgelab::host::Spot::Backlog(_))).count();
    assert_eq!(lights, waiting, "everybody in a backlog is shown");
}

#[test]
fn a_study_beside_the_run_has_the_answer_of_the_command_line_and_leaves_the_run_alone() {
    let text = site();
    let (digest, _) = headless(&text);
    let compiled = Experiment::new("proof", text.as_str()).compile().unwrap();
    let expected = study::answer(StudySpec::Replicate(3), &compiled, Executor::Threads(2), &|_| {}).unwrap();
    let expected = report::json(&expected);
    let answer = |rig: &Rig<_>| {
        rig.others.iter().find_map(|out| match out {
            Update::Studied(answer) => Some(answer.clone()),
            _ => None,
        })
    };
    for pace in [Pace::Unbound, Pace::Times(30.0), Pace::Paused] {
        let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
        rig.send(Request::Study(StudySpec::Replicate(3)));
        rig.open(&text);
        rig.send(Request::Study(StudySpec::Replicate(3)));
        rig.send(Request::Pace(pace));
        rig.until("it is answered", |rig| answer(rig).is_some());
        assert!(report::json(&*answer(&rig).expect("it is")) == expected, "{pace:?}");
        let shares: Vec<f32> = rig
            .others
            .iter()
            .filter_map(|out| if let Update::StudyProgress { share, .. } = out { Some(*share) } else { None })
            .collect();
        assert!(shares.is_sorted() && shares.iter().all(|share| (0.0..=1.0).contains(share)), "{shares:?}");
        assert_eq!(rig.play_out(Pace::Unbound), digest, "{pace:?}");
    }
    // Given up, it is not answered; nor does it outlive its scenario.
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&text);
    rig.send(Request::Study(StudySpec::Replicate(100)));
    rig.until("it is at work", |rig| rig.others.iter().any(|out| matches!(out, Update::StudyProgress { .. })));
    rig.send(Request::Cancel);
    rig.play_out(Pace::Unbound);
    rig.send(Request::Study(StudySpec::Replicate(1)));
    rig.open(&text);
    rig.play_out(Pace::Unbound);
    assert!(answer(&rig).is_none());
}
