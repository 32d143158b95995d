//! One measured run: warm-up, horizon, results.

use super::recorder::Recorder;
use super::results::{Results, Stopped};
use super::summary::report;
use crate::engine::{Advance, Simulation};
use crate::model::Model;
use crate::units::Time;
use std::sync::Arc;

/// Events between two looks at the progress.
const BUDGET: u64 = 2_000_000;

/// What a run is beside its model.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Root of every random draw.
    pub seed: u64,
    /// Name of the variant the model is of, for the results.
    pub variant: Option<String>,
}

/// Simulate and measure to the horizon. `progress` hears the share that is done, 0..=1. The napkin is left empty and
/// the results are not sealed.
pub fn record(model: Arc<Model>, options: &Options, progress: &mut dyn FnMut(f64)) -> Results {
    let mut sim = Simulation::new(model.clone(), options.seed);
    let mut recorder = Recorder::new(&model);
    let stopped = drive(&mut sim, &mut recorder, Time(model.horizon.0), progress);
    recorder.look(&sim);
    report(&recorder, &sim, options, stopped)
}

/// Advance to `until`, looking every second; a run that stops early says why.
pub fn drive(
    sim: &mut Simulation,
    recorder: &mut Recorder,
    until: Time,
    progress: &mut dyn FnMut(f64),
) -> Option<Stopped> {
    let from = sim.now();
    let share = |now: Time| (now.0 - from.0) as f64 / (until.0 - from.0).max(1) as f64;
    recorder.look(sim);
    // A budget may end in the middle of an instant: a look waits for the rest of it.
    let mut next = recorder.next_look(from).min(until);
    if from >= until {
        return None;
    }
    loop {
        match sim.advance(next, BUDGET, recorder) {
            Advance::Reached => {
                recorder.look(sim);
                if next == until {
                    progress(1.0);
                    return None;
                }
                next = recorder.next_look(next).min(until);
            }
            Advance::Budget => {}
            Advance::Stopped(stop) => {
                return Some(Stopped { reason: stop.name().into(), at_s: sim.now().0 as f64 / 1e9 });
            }
        }
        progress(share(sim.now()));
    }
}
