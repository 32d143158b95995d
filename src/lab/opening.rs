//! What is run: a file, a built-in scenario, or what ran once more.

use super::action::{Action, Subject};
use super::changes::Changes;
use super::state::{Effect, LabState};
use super::view::View;
use crate::catalog;
use crate::experiment::Experiment;
use crate::host::Request;
use crate::layout::Positions;
use crate::share::{self, Comments, Shared};
use crate::units::Time;
use std::path::{Path, PathBuf};

impl LabState {
    /// A file's text, with the places a person gave its boxes, or why it could not be read.
    pub fn read(&mut self, path: &Path, text: Result<String, String>, places: Option<String>) -> Vec<Effect> {
        match text {
            Ok(text) if share::is_link(&text) => self.open_link(&text),
            Ok(text) => {
                let positions = places.map(|places| Positions::parse(&places)).transpose();
                let positions = positions.unwrap_or_else(|why| {
                    self.notice = Some(format!(
                        "The places of the boxes could not be read, so everything stands by itself: {why}"
                    ));
                    None
                });
                let variant = self.variant.take();
                let experiment = Experiment { variant, ..Experiment::new(path.display().to_string(), text) };
                self.open(Some(path.to_owned()), positions.unwrap_or_default(), experiment)
            }
            Err(why) => {
                self.notice = Some(format!("{} cannot be read: {why}", path.display()));
                Vec::new()
            }
        }
    }

    /// Run this.
    pub fn open(&mut self, file: Option<PathBuf>, positions: Positions, experiment: Experiment) -> Vec<Effect> {
        self.asked = Some((file, positions));
        self.load_failure = None;
        // The warm-up is nothing to look at.
        let moment = experiment.moment.or(Some(Time(0)));
        vec![Effect::Say(Request::Open(Box::new(Experiment { moment, ..experiment })))]
    }

    pub(super) fn open_built_in(&mut self, name: &str, variant: Option<String>) -> Vec<Effect> {
        match catalog::find(name) {
            Some(found) => {
                let experiment = Experiment { variant, ..Experiment::new(found.name, found.text) };
                self.open(None, Positions::default(), experiment)
            }
            None => {
                self.notice = Some(format!("There is no scenario `{name}`."));
                Vec::new()
            }
        }
    }

    pub(super) fn reload(&mut self) -> Vec<Effect> {
        if let Some(load_failure) = &self.load_failure
            && catalog::find(&load_failure.name).is_none()
        {
            return self.act(Action::OpenFile(PathBuf::from(&load_failure.name), None));
        }
        match (&self.file, &self.opened) {
            (Some(file), _) => self.act(Action::OpenFile(file.clone(), None)),
            (None, Some(opened)) => {
                let (name, variant) = (opened.loaded.name.clone(), opened.variant.clone());
                self.open_built_in(&name, variant)
            }
            (None, None) => Vec::new(),
        }
    }
}

/// What is asked for first: a built-in's name, a link or a file, with a variant, at a moment.
#[must_use]
pub fn first(name: &str, variant: Option<String>, moment: Option<Time>) -> Vec<Action> {
    let default = Action::OpenBuiltIn(catalog::SCENARIOS[0].name, None);
    match (catalog::find(name), moment) {
        (Some(found), None) => vec![Action::OpenBuiltIn(found.name, variant)],
        (Some(found), moment) => {
            let experiment = Experiment { variant, moment, ..Experiment::new(found.name, found.text) };
            let link = Shared::new(experiment, None).link(Comments::Kept);
            vec![link.map_or(default, Action::OpenLink)]
        }
        // Below what turns out to be wrong something runs.
        (None, _) if share::is_link(name) => {
            let sound = Shared::read(name).is_ok();
            let opened = Action::OpenLink(name.to_owned());
            if sound { vec![opened] } else { vec![default, opened] }
        }
        (None, _) => vec![default, Action::OpenFile(name.into(), variant)],
    }
}

/// The file in which the places of a scenario's boxes are kept.
#[must_use]
pub fn beside(file: &Path) -> PathBuf {
    file.with_extension("layout.ron")
}

/// Where a changed copy of a file, or of a built-in scenario, is kept.
#[must_use]
pub fn edited(file: Option<&Path>, name: &str) -> PathBuf {
    match file {
        Some(file) => {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            file.with_file_name(format!("{stem}-edited.ron"))
        }
        None => PathBuf::from(format!("{name}-edited.ron")),
    }
}

/// What stays as it is where the same run is played again.
#[derive(Clone, Debug)]
pub struct Again {
    /// What was done to it.
    pub changes: Changes,
    /// Time shall pass.
    pub playing: bool,
    /// So fast.
    pub speed: f64,
    /// What is shown in full.
    pub picked: Option<Subject>,
    /// How it looks.
    pub view: View,
}
