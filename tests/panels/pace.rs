//! How soon something is seen of where one wants to be.

use std::time::{Duration, Instant};
use surgelab::catalog;
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, InlinePort, Pace, Phase, Port, Request, Update};
use surgelab::units::Time;

const SECOND: i64 = 1_000_000_000;
/// A drag is followed after so many turns of the host: 150 ms of its work, whatever else the machine does. With nothing
/// else to do it takes a third of it.
const FOLLOWED: u32 = 18;

/// Frames told until so many turns are over.
fn frames(port: &mut impl Port) -> Vec<(Time, Phase)> {
    let mut told = Vec::new();
    for update in port.receive() {
        if let Update::Frame(frame) = update {
            told.push((frame.now, frame.phase));
            port.send(Request::Credit);
        }
    }
    told
}

#[test]
fn a_drag_of_the_playhead_is_followed_before_it_has_arrived() {
    let scenario = catalog::find("codingame").expect("it comes along");
    let began = Instant::now();
    let mut port = InlinePort::new(HostOptions::default(), Duration::from_millis(8), move || began.elapsed());
    port.send(Request::Open(Box::new(Experiment::new(scenario.name, scenario.text))));
    port.send(Request::Pace(Pace::Paused));
    let far = Time(14 * 60 * SECOND);
    port.send(Request::Seek(far));
    while !frames(&mut port).iter().any(|(now, phase)| *now == far && *phase != Phase::Seeking) {}
    let (mut slowest, mut most) = (Duration::ZERO, 0);
    for minutes in [2, 11, 5, 9, 3, 13] {
        let goal = Time(minutes * 60 * SECOND + 17 * SECOND);
        // A frame that was due before is not what is waited for.
        frames(&mut port);
        let asked = Instant::now();
        port.send(Request::Seek(goal));
        let (mut last, mut turns) = (Vec::new(), 0);
        while last.is_empty() {
            last = frames(&mut port);
            turns += 1;
        }
        most = most.max(turns);
        slowest = slowest.max(asked.elapsed());
        let (now, _) = last[last.len() - 1];
        assert!(now <= goal, "{now:?} is beyond {goal:?}");
        // Let go at once, as a drag does: the next place supersedes this one.
    }
    println!("the slowest of six seeks showed something after {slowest:?}, {most} turns");
    assert!(most <= FOLLOWED, "{most} turns, {slowest:?}");
}
