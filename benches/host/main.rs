//! What it costs to be looked at: the default incident behind a host on a thread, as fast as can be and at 30 frames a
//! second, beside the same run without a host. Where the system tells it, the time is that of the thread on a
//! processor.
//!
//! `cargo bench --no-default-features --features cli --bench host`. The two take turns; each figure is the best of its
//! runs.

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, Pace, Port, Request, ThreadPort, Update};
use surgelab::measure::{Options, Recording};
use surgelab::model::Model;
use surgelab::{catalog, scenario};

const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let incident = catalog::SCENARIOS[0];
    let (mut headless, mut hosted) = (Duration::MAX, Duration::MAX);
    for round in 1..=ROUNDS {
        let Some((events, alone)) = headless_run(incident.file, incident.text) else { return ExitCode::FAILURE };
        let Some((shown, frames, behind)) = hosted_run(incident.file, incident.text) else { return ExitCode::FAILURE };
        if events != shown {
            eprintln!("the host's run had {shown} events, the headless one {events}");
            return ExitCode::FAILURE;
        }
        println!("{round}: headless {alone:.2?}, hosted {behind:.2?}, {frames} frames");
        (headless, hosted) = (headless.min(alone), hosted.min(behind));
    }
    let ratio = headless.as_secs_f64() / hosted.as_secs_f64();
    println!("{}: behind a host it keeps {:.0} % of its rate", incident.name, 100.0 * ratio);
    ExitCode::SUCCESS
}

/// Time that this process's thread of that name (none: this thread) has been on a processor; Linux tells it.
fn on_processor(name: Option<&str>) -> Option<Duration> {
    let folder = match name {
        None => std::path::PathBuf::from("/proc/thread-self"),
        Some(name) => {
            let threads = fs::read_dir("/proc/self/task").ok()?;
            let named =
                |path: &std::path::PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name);
            threads.filter_map(|entry| Some(entry.ok()?.path())).find(named)?
        }
    };
    let told = fs::read_to_string(folder.join("schedstat")).ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Events, and how long they took.
fn headless_run(name: &str, text: &str) -> Option<(u64, Duration)> {
    let loaded = scenario::load(name, text).ok()?;
    let model = Arc::new(Model::compile(&loaded).ok()?);
    let (begun, busy) = (Instant::now(), on_processor(None));
    let mut recording = Recording::new(&model, Options { seed: loaded.scenario.seed, ..Options::default() });
    while recording.advance(u64::MAX) {}
    let took = on_processor(None).zip(busy).map(|(now, then)| now.saturating_sub(then));
    Some((recording.simulation().events(), took.unwrap_or(begun.elapsed())))
}

/// Events, frames, and how long it took until the host said that it was done.
fn hosted_run(name: &str, text: &str) -> Option<(u64, usize, Duration)> {
    let (wake, woken) = channel();
    let mut port = ThreadPort::new(HostOptions::default(), move || _ = wake.send(())).ok()?;
    port.send(Request::Open(Box::new(Experiment::new(name, text))));
    let (mut begun, mut busy, mut done, mut frames) = (Instant::now(), None, None, 0);
    loop {
        let _ = woken.recv_timeout(Duration::from_secs(1));
        for out in port.receive() {
            match out {
                Update::Opened(_) => {
                    (begun, busy) = (Instant::now(), on_processor(Some("host")));
                    port.send(Request::Pace(Pace::Unbound));
                }
                Update::Frame(frame) => {
                    frames += 1;
                    port.send(Request::Credit);
                    if let (Some(took), Some(_)) = (done, frame.digest) {
                        return Some((frame.events, frames, took));
                    }
                }
                Update::Done(_) => {
                    let took = on_processor(Some("host")).zip(busy).map(|(now, then)| now.saturating_sub(then));
                    done = Some(took.unwrap_or(begun.elapsed()));
                }
                Update::Died(text) => {
                    eprintln!("the host died: {text}");
                    return None;
                }
                Update::LoadFailure(_) | Update::Stopped(..) => return None,
                Update::Report(..)
                | Update::Compiled(..)
                | Update::Logged(_)
                | Update::Progress { .. }
                | Update::Branched(_)
                | Update::Withdrawn(..)
                | Update::Pruned
                | Update::StudyProgress { .. }
                | Update::StudyBegun(_)
                | Update::StudyFailed(_)
                | Update::Compared(_)
                | Update::Studied(_) => {}
            }
        }
    }
}
