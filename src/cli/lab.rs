//! `surgelab`, `surgelab lab` and `surgelab shot`: what only a build with the lab can do, asked for from here.

use super::args::{RunArgs, ScenarioArgs, ShotArgs, Theme};
use super::failure::Failure;
use super::output::{Target, Terminal};
use super::run;
use super::source::{experiment, load, read};
use crate::catalog;
use crate::experiment::Experiment;
use crate::scenario::render;
use crate::shot::Shot;
use std::process::ExitCode;

/// The lab's two doors. The command line knows no more of it.
#[derive(Clone, Copy)]
pub struct Lab {
    /// Opens its window on a scenario (none: the default incident) with a variant, or says why that cannot be.
    pub open: fn(Option<String>, Option<String>) -> Result<(), String>,
    /// Draws a picture, as PNG, or says why that cannot be.
    pub shot: fn(&Shot) -> Result<Vec<u8>, String>,
}

/// The lab where there is one, else the same scenario in the terminal.
pub fn open(
    lab: Lab,
    scenario: Option<String>,
    variant: Option<String>,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    if let Some(name) = &scenario {
        // What is not there is told before a window opens; what is wrong with it the lab shows.
        read(name)?;
    }
    match (lab.open)(scenario.clone(), variant.clone()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => {
            let first = catalog::SCENARIOS[0].name;
            let name = scenario.unwrap_or_else(|| first.to_owned());
            let what = if name == first { format!("the incident `{name}`") } else { name.clone() };
            terminal.note(&format!("{why}; running {what} here instead (`surgelab --help` tells the rest)"));
            let plain = RunArgs::of(&name);
            run::run(&RunArgs { scenario: ScenarioArgs { variant, ..plain.scenario.clone() }, ..plain }, terminal)
        }
    }
}

/// Draw a moment of a run.
pub fn shot(lab: Lab, args: &ShotArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let experiment = experiment(&args.scenario, None)?;
    let loaded = load(&experiment)?;
    terminal.warn(|color| render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let wanted = Shot {
        experiment: Experiment { moment: args.at.or(experiment.moment), ..experiment },
        size: args.size,
        dark: args.theme == Theme::Dark,
        panels: args.panels,
    };
    let target = Target::open(&args.output)?;
    let png = (lab.shot)(&wanted).map_err(|why| Failure::Lab { message: why })?;
    target.write(&png, terminal)?;
    Ok(ExitCode::SUCCESS)
}
