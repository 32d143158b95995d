//! What a frame shows of many: a stable sample, honest counts, bounded size.

use super::rig::{Rig, inline};
use crate::support::Draft;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use surgelab::host::{CELLS, Doing, End, Fate, Frame, Hop, HostOptions, LIGHTS, Pace, Port, Request, Spot, Stride};
use surgelab::units::Time;

const S: i64 = 1_000_000_000;

/// Bytes of a frame, written without gaps.
pub fn bytes(frame: &Frame) -> usize {
    let points = frame.history.points.iter().chain(frame.other.iter().flat_map(|other| &other.history.points));
    let points: usize = points.map(|point| point.sources.len() * 13 * 4 + point.subjects.len() * 4).sum();
    let troubles: usize =
        frame.troubles.iter().map(|t| t.subject.len() + t.because.words().map_or(0, |words| words.len()) + 16).sum();
    let cells: usize = frame.work.iter().map(|work| 8 + work.cells.len() * 14).sum();
    128 + frame.machines.len() * 33
        + frame.instances.len() * 54
        + frame.pending.len() * 8
        + frame.sources.len() * 24
        + frame.flows.len() * 38
        + frame.gauges.len() * 21
        + frame.lights.len() * 42
        + frame.hops.len() * 23
        + points
        + troubles
        + cells
}

fn crowd(per_second: u32) -> String {
    Draft::new(120.0)
        .service("app", "workers: 300, backlog: (limit: 100000), operations: { \"serve\": [Delay(\"1s\")] }")
        .service("far", "operations: { \"serve\": [Delay(\"10s\")] }")
        .source("near", "Open(rate: Constant(\"310/s\"), call: \"app.serve\", access: (latency: \"2s\"))")
        .source(
            "many",
            &format!("Open(rate: Constant(\"{per_second}/s\"), call: \"far.serve\", access: (latency: \"1s\"))"),
        )
        .text()
}

fn at<P: Port>(rig: &mut Rig<P>, time: Time) -> Frame {
    rig.send(Request::Seek(time));
    rig.until_at(time);
    rig.frame().clone()
}

#[test]
fn few_are_all_shown_and_move_as_they_do() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&crowd(20));
    rig.send(Request::Focus(vec![0]));
    let first = at(&mut rig, Time(30 * S));
    let later = at(&mut rig, Time(30 * S + S / 4));
    assert!((first.sampling - 1.0).abs() < 1e-9);
    let ways = |frame: &Frame| -> BTreeMap<u64, (f32, f32, bool)> {
        let way = |light: &surgelab::host::Light| match light.spot {
            Spot::Way { share, lasts_s, back, .. } => Some((light.id, (share, lasts_s, back))),
            _ => None,
        };
        frame.lights.iter().filter_map(way).collect()
    };
    let (first_ways, later_ways) = (ways(&first), ways(&later));
    assert!(first_ways.len() > 500, "{} are on their way", first_ways.len());
    let mut moved = 0;
    for (id, (share, lasts, back)) in &first_ways {
        assert!(*lasts == 2.0 || *lasts == 1.0, "{lasts}");
        let there = f64::from(*share) * f64::from(*lasts);
        if there + 0.25 < f64::from(*lasts) {
            let (now, _, still) = later_ways[id];
            assert_eq!(still, *back);
            assert!((f64::from(now) * f64::from(*lasts) - there - 0.25).abs() < 1e-4, "{share} then {now}");
            moved += 1;
        }
    }
    assert!(moved > 300);
    let waiting =
        first.lights.iter().filter(|light| light.spot == Spot::Backlog(0) && light.doing == Doing::Waiting).count();
    assert_eq!(waiting, first.instances[0].waiting as usize);
    assert_eq!(first.instances[0].busy.served, 300);
    assert_eq!(first.work.len(), 1);
    assert_eq!(first.work[0].cells.len(), CELLS.min(300));
    assert!(first.work[0].cells.is_sorted_by(|a, b| a.age_s >= b.age_s), "oldest first");
    assert!(first.work[0].cells.iter().all(|cell| cell.age_s >= 2.0), "the way here counts as well");
    // At a source's door: offered is what it says.
    let flow: f32 = first.flows.iter().map(|flow| flow.sent_per_s).sum();
    assert!((flow - 330.0).abs() < 60.0, "{flow}");
}

#[test]
fn many_are_a_stable_sample() {
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&crowd(1_200));
    let mut last: Option<Frame> = None;
    for step in 0..30 {
        let frame = at(&mut rig, Time(40 * S + step * S / 10));
        let shown = frame.lights.len();
        assert!((LIGHTS / 4..=LIGHTS).contains(&shown), "{shown} lights");
        let in_flight: u64 = frame.sources.iter().map(|source| source.in_flight).sum();
        assert!(in_flight > 10_000);
        let told = shown as f64 * frame.sampling;
        assert!((told / in_flight as f64 - 1.0).abs() < 0.02, "{told} of {in_flight}");
        assert!(bytes(&frame) <= 256 << 10, "{} bytes", bytes(&frame));
        if let Some(last) = &last
            && (last.sampling - frame.sampling).abs() < 0.3
        {
            let ids: BTreeSet<u64> = frame.lights.iter().map(|light| light.id).collect();
            let stayed = last.lights.iter().filter(|light| ids.contains(&light.id)).count();
            // A twelfth of a second of twelve seconds' lives has ended.
            assert!(stayed * 100 > last.lights.len() * 95, "{stayed} of {} stayed", last.lights.len());
        }
        last = Some(frame);
    }
}

#[test]
#[ignore = "every scenario that comes along, whole: a minute"]
fn frames_of_the_built_in_scenarios_are_small() {
    for known in surgelab::catalog::SCENARIOS {
        let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
        rig.open(known.text);
        rig.send(Request::Pace(Pace::Unbound));
        rig.until("it is at its end", |rig| {
            rig.frames.last().is_some_and(|frame| frame.digest.is_some() && frame.now > Time(0))
        });
        let most = rig.frames.iter().map(bytes).max().unwrap();
        assert!(most <= 256 << 10, "{}: {most} bytes", known.name);
    }
}

#[test]
fn calls_that_take_no_time_on_their_way_are_told_where_time_is_slow() {
    let text = Draft::new(60.0)
        .service("db", "workers: 1, backlog: (limit: 1), operations: { \"query\": [Delay(\"10ms\")] }")
        .service("app", "links: { \"db\": () }, operations: { \"page\": [Try([Call(\"db.query\")], [])] }")
        .source("near", "Open(rate: Constant(\"300/s\"), call: \"app.page\")")
        .source("far", "Open(rate: Constant(\"300/s\"), call: \"app.page\", access: (latency: \"1ms\"))")
        .text();
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&text);
    at(&mut rig, Time(10 * S));
    assert!(rig.frames.iter().all(|frame| frame.hops.is_empty()), "not on the way to a time");
    rig.frames.clear();
    rig.send(Request::Pace(Pace::Times(1.0)));
    rig.until("half a second has passed", |rig| rig.frames.last().is_some_and(|frame| frame.now.0 > 10 * S + S / 2));
    assert!(rig.frames.iter().all(|frame| frame.hops.is_empty()), "not where time is quick");
    rig.send(Request::Pace(Pace::Times(0.02)));
    rig.until("time is slow", |rig| rig.frames.last().is_some_and(|frame| frame.pace == Pace::Times(0.02)));
    let begun = rig.frame().now;
    rig.frames.clear();
    rig.until("50 ms have passed", |rig| rig.frames.last().is_some_and(|frame| frame.now.0 > begun.0 + S / 20));
    let passed = (rig.frame().now.0 - begun.0) as f64 / 1e9;
    let hops: Vec<Hop> = rig.frames.iter().flat_map(|frame| frame.hops.iter().copied()).collect();
    let count = |from: fn(&End) -> bool, fate: Fate| {
        hops.iter().filter(|hop| from(&hop.from) && hop.fate == fate).count() as f64
    };
    let crowd: fn(&End) -> bool = |end| matches!(end, End::Source(_));
    let service: fn(&End) -> bool = |end| matches!(end, End::Instance(_));
    let near = |seen: f64, expected: f64| (seen - expected).abs() < 4.0 * expected.sqrt() + 2.0;
    assert!(
        near(count(crowd, Fate::Arrived), 300.0 * passed),
        "half of the calls take a millisecond to come: {hops:?}"
    );
    assert!(hops.iter().all(|hop| hop.from != End::Source(surgelab::model::SourceId::new(1))), "those are lights");
    let calls = count(service, Fate::Refused) + count(service, Fate::Arrived);
    assert!(near(calls, 600.0 * passed), "{calls} calls of the database in {passed} s");
    assert!(near(count(service, Fate::Answered), 100.0 * passed), "{hops:?}");
    // And step by step.
    rig.send(Request::Step(Stride::Event));
    rig.until("it stands", |rig| rig.frame().pace == Pace::Paused && rig.frame().digest.is_some());
    rig.frames.clear();
    for _ in 0..200 {
        let frames = rig.frames.len();
        rig.send(Request::Step(Stride::Event));
        rig.until("a frame shows the step", |rig| rig.frames.len() > frames && rig.frame().digest.is_some());
    }
    assert!(rig.frames.iter().filter(|frame| !frame.hops.is_empty()).count() > 20);
    assert!(rig.frames.iter().all(|frame| frame.hops.len() < 8), "each tells of its own step only");
}

#[test]
fn what_is_over_is_no_longer_wrong_now() {
    let text = Draft::new(120.0)
        .machine("data", "cores: 1")
        .service("db", "on: [\"data\"], workers: 50, backlog: (limit: 100), operations: { \"query\": [Cpu(\"exp(10ms)\")] }")
        .source(
            "crowd",
            "Open(rate: Stages(start: \"150/s\", stages: [(\"60s\", \"150/s\"), (\"0s\", \"5/s\"), (\"60s\", \"5/s\")]), call: \"db.query\")",
        )
        .text();
    let mut rig = inline(HostOptions::default(), Duration::from_millis(8));
    rig.open(&text);
    let wrong = |frame: &Frame| frame.troubles.iter().map(|trouble| trouble.subject.clone()).collect::<Vec<_>>();
    let drowned = wrong(&at(&mut rig, Time(58 * S)));
    assert!(
        ["db.cpu", "db.workers", "db", "crowd"].iter().all(|subject| drowned.iter().any(|wrong| wrong == subject)),
        "{drowned:?}"
    );
    assert_eq!(wrong(&at(&mut rig, Time(75 * S))), Vec::<&str>::new(), "the crowd has gone");
    rig.until("the report is of now", |rig| rig.reports.last().is_some_and(|report| !report.1.story.is_empty()));
    let told = rig.reports.last().expect("one is there").1.story.iter().any(|event| event.event.name() == "recovered");
    assert!(!told, "the story waits to see whether it comes back");
}
