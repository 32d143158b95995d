//! The lab: a running scenario on a canvas, its timeline below and what is picked beside it.
//!
//! [`Desk`] is all the lab knows; [`action::Action`] is all that can be asked of it. Panels (`panels/`) and the scene
//! (`scene/`) read the one and emit the other, and know nothing of Bevy; what does (feature `lab`) only carries input to
//! them and their picture to the screen. A simulation changes only through the host, by `Command`.

pub mod action;
pub mod deed;
pub mod desk;
pub mod fonts;
pub mod panels;
pub mod scene;
pub mod style;
mod subject;
pub mod theme;
pub mod tree;
pub mod view;
#[cfg(feature = "lab")]
mod window;

#[cfg(feature = "lab")]
pub use window::NoDisplay;

#[cfg(feature = "lab")]
use crate::{catalog, report, report::Look, scenario, scenario::render, study, study::RunOptions};

/// Opens the window and stays until it is closed.
///
/// # Errors
/// [`NoDisplay`] where there can be no window.
#[cfg(feature = "lab")]
pub fn open() -> Result<(), NoDisplay> {
    window::open(default_report)
}

/// The default incident, played and told.
#[cfg(feature = "lab")]
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
