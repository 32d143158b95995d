//! The desktop window. Bevy and egui live here and nowhere else.
//!
//! The lab itself (a running scene, a timeline, an inspector) is coming. Until then the window plays the default incident
//! through the headless engine on a thread of its own and shows the report that the command line prints, so that what it
//! shows is true. It changes no simulation.

mod window;

use crate::catalog;
use crate::report::{self, Look};
use crate::scenario::{self, render};
use crate::study::{self, RunOptions};

pub use window::NoDisplay;

/// Opens the window and stays until it is closed.
///
/// # Errors
/// [`NoDisplay`] where there can be no window.
pub fn open() -> Result<(), NoDisplay> {
    window::open(default_report)
}

/// The default incident, played and told.
fn default_report() -> String {
    let incident = catalog::SCENARIOS[0];
    let told = |problems: &[scenario::Problem]| render(problems, incident.file, incident.text, false);
    let loaded = match scenario::load(incident.file, incident.text) {
        Ok(loaded) => loaded,
        Err(problems) => return told(&problems),
    };
    match study::run(&loaded, &RunOptions::default(), &mut |_| {}) {
        Ok(results) => {
            let command = format!("surgelab run {}", incident.name);
            report::text(&results, Look { command: &command, teaches: &loaded.scenario.teaches, color: false, width: 100 })
        }
        Err(problems) => told(&problems),
    }
}
