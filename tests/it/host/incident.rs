//! The default incident, whole: the same run from every checkpoint, soon there, within its memory.

use super::rig::{Rig, inline};
use std::time::{Duration, Instant};
use surgelab::host::{HostOptions, InlinePort, Lane, Pace, Request, Update};
use surgelab::units::Time;

const DIGEST: u64 = 0xedee_43b5_4692_793c;

#[test]
#[ignore = "a run of 25 million events, again from each of its checkpoints: minutes"]
fn the_default_incident_is_the_same_from_every_checkpoint() {
    let incident = surgelab::catalog::SCENARIOS[0];
    let options = HostOptions::default();
    let mut rig = inline(options, Duration::from_millis(8));
    rig.open(incident.text);
    rig.send(Request::Pace(Pace::Unbound));
    while !rig.others.iter().any(|out| matches!(out, Update::Done(_))) {
        rig.round();
        let bytes = rig.host().checkpoint_bytes();
        assert!(bytes <= options.memory_bytes, "{bytes} bytes of checkpoints");
    }
    assert_eq!(rig.play_out(Pace::Unbound), DIGEST);
    let times = rig.host().checkpoint_times(Lane::Trunk);
    println!(
        "{} checkpoints, {} MB: {:?}",
        times.len(),
        rig.host().checkpoint_bytes() >> 20,
        times.iter().map(|t| t.0 / 1_000_000_000).collect::<Vec<_>>()
    );
    for time in times {
        rig.send(Request::Pace(Pace::Paused));
        rig.send(Request::Seek(time));
        rig.until_at(time);
        assert_eq!(rig.play_out(Pace::Unbound), DIGEST, "from {time:?}");
    }
}

#[test]
#[ignore = "takes the time of the clock on the wall: alone on a machine"]
fn seeking_within_the_recent_quarter_takes_less_than_a_second() {
    let incident = surgelab::catalog::SCENARIOS[0];
    let begun = Instant::now();
    let port = InlinePort::new(HostOptions::default(), Duration::from_millis(8), move || begun.elapsed());
    let mut rig = Rig::new(port, Default::default());
    rig.open(incident.text);
    rig.play_out(Pace::Unbound);
    rig.send(Request::Pace(Pace::Paused));
    let horizon = rig.frame().now.0;
    let mut longest = Duration::ZERO;
    for share in [0.999, 0.75, 0.95, 0.8, 0.9, 0.77, 0.99, 0.85] {
        let goal = Time((horizon as f64 * share) as i64);
        let asked = Instant::now();
        rig.send(Request::Seek(goal));
        while rig.frame().now != goal || rig.frame().digest.is_none() {
            rig.round();
        }
        longest = longest.max(asked.elapsed());
        println!("{share}: {:?}", asked.elapsed());
    }
    assert!(longest < Duration::from_secs(1), "{longest:?}");
}
