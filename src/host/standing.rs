//! What a run has come to at a moment, for those who only ask.

use super::message::{Request, Update};
use super::requests::{Host, HostOptions};
use crate::experiment::{Experiment, LoadFailure};
use crate::units::Time;
use std::cell::Cell;
use std::time::Duration;

/// Digest of an experiment's run when it stands at its moment (none: at its end), with all that is done to it.
///
/// # Errors
/// Why it does not run, or what of its log cannot be done.
pub fn digest_at(experiment: &Experiment) -> Result<u64, LoadFailure> {
    let ticks = Cell::new(Duration::ZERO);
    let clock = || {
        ticks.set(ticks.get() + Duration::from_millis(1));
        ticks.get()
    };
    let mut host = Host::new(HostOptions { memory_bytes: 0, checkpoint_events: u64::MAX, ..HostOptions::default() });
    let moment = experiment.moment.unwrap_or(Time(i64::MAX));
    host.receive(Request::Open(Box::new(Experiment { moment: Some(moment), ..experiment.clone() })));
    loop {
        host.turn(&clock, Duration::from_millis(8));
        for told in host.take_updates() {
            if let Update::LoadFailure(failure) = told {
                return Err(LoadFailure::clone(&failure));
            }
        }
        if host.inbox.is_empty() && host.task.is_none() {
            let lane = host.lanes.first();
            return Ok(lane.map_or(0, |lane| lane.run.sim.digest()));
        }
    }
}
