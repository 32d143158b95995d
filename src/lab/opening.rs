//! What is run: a file, a built-in scenario, or what ran once more.

use super::action::Action;
use super::changes::Changes;
use super::command::UiCommand;
use super::past::Timeline;
use super::sides::{Pair, Side};
use super::state::{Effect, LabState, SPEEDS};
use super::view::{Comparison, View};
use crate::catalog;
use crate::experiment::{Compiled, Experiment};
use crate::host::{Frame, Lane, Pace, Request};
use crate::layout::{Layout, Positions};
use crate::model::Model;
use crate::share::{self, Comments, Shared};
use crate::units::Time;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an empty canvas is of.
pub(super) const BLANK: &str = r#"(
    version: 1,
    title: "New",
    horizon: "10min",

    machines: {},

    services: {},

    traffic: {},
)
"#;

/// A scenario is opened at the speed that shows it in about so long, seconds.
const SHOWN_IN_S: f64 = 100.0;

impl LabState {
    /// A file's text, with the places a person gave its boxes, or why it could not be read.
    pub fn read(&mut self, path: &Path, text: Result<String, String>, places: Option<String>) -> Vec<Effect> {
        match text {
            Ok(text) if share::is_link(&text) => self.open_link(&text),
            Ok(text) => {
                if let Some(effects) = self.read_rival(path, &text) {
                    return effects;
                }
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
        self.openings.push_back(Opening { file, places: positions, again: None });
        self.send(experiment)
    }

    /// Run what runs once more, with the changes that there are now.
    pub(super) fn open_again(&mut self, experiment: Experiment) -> Vec<Effect> {
        self.openings.push_back(Opening { again: Some(self.steered()), ..Opening::default() });
        self.send(experiment)
    }

    pub(super) fn send(&mut self, experiment: Experiment) -> Vec<Effect> {
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

    /// An empty canvas.
    pub(super) fn open_blank(&mut self) -> Vec<Effect> {
        self.open(None, Positions::default(), Experiment::new("new", BLANK))
    }

    pub(super) fn on_opened(&mut self, opened: Arc<Compiled>) -> Vec<Effect> {
        let Opening { file, places, again } = self.openings.pop_front().unwrap_or_default();
        if let Some(lane) = again {
            return self.on_opened_again(opened, lane);
        }
        let horizon_s = opened.model.horizon.as_seconds();
        let fitting = SPEEDS.iter().copied().find(|&speed| speed >= 1.0 && horizon_s / speed <= SHOWN_IN_S);
        let speed = fitting.filter(|speed| speed.is_finite()).unwrap_or(Pace::QUICKEST);
        let claim = self.claim.take();
        // Who opens what was shared sees what the sender saw.
        let playing = claim.as_ref().is_none_or(|claim| claim.experiment.moment.is_none());
        let view = View { follows: true, gallery: false, comparison: Comparison::Off, ..self.view.clone() };
        let same = self.file.is_some() && self.file == file;
        // An edited file: what has a place keeps it.
        let layout = if same { self.layout.follow(&opened.model) } else { Layout::new(&opened.model, &places) };
        *self = Self {
            running: Some(opened.clone()),
            coming: [Some(opened.clone()), None],
            changes: [Changes::of(&opened), Changes::default()],
            pair: Pair::at(&opened),
            opened: Some(opened),
            file,
            speed,
            playing,
            claim,
            notice: self.unopened.take(),
            layout,
            view,
            heard: self.heard,
            memory: std::mem::take(&mut self.memory),
            openings: std::mem::take(&mut self.openings),
            ..Self::default()
        };
        self.view.fit(self.layout.bounds());
        vec![Effect::Say(Request::Pace(self.pace()))]
    }

    /// The same with other changes: what is shown stays until there is something new.
    fn on_opened_again(&mut self, opened: Arc<Compiled>, lane: Lane) -> Vec<Effect> {
        let changes = std::mem::take(&mut self.changes[lane as usize]);
        self.coming = [Some(Arc::clone(&opened)), None];
        self.pair = Pair::at(&opened);
        self.opened = Some(opened);
        self.changes = [changes, Changes::default()];
        self.commands.clear();
        self.timelines.swap(0, self.frame.lane as usize);
        self.results.swap(0, self.frame.lane as usize);
        self.timelines[1] = Timeline::default();
        self.results[1] = None;
        (self.branched, self.compared, self.load_failure, self.dead) = (None, None, None, false);
        self.studies = std::mem::take(&mut self.studies).reopened();
        self.other = Side::default();
        self.frame.lane = Lane::Trunk;
        self.reopened = true;
        vec![Effect::Say(Request::Pace(self.pace()))]
    }

    /// What the frame is of is another model than before.
    pub(super) fn on_model(&mut self, running: Option<Arc<Compiled>>, frame: Frame) {
        let picked = self.picked.as_ref().map(|picked| self.name_of(picked));
        let reopened = std::mem::take(&mut self.reopened);
        let known = self.model().cloned();
        let crosses = self.pair.home.as_ref().map(Arc::as_ptr) != self.begun_of(frame.lane).map(Arc::as_ptr);
        let lane = frame.lane;
        self.frame = frame;
        self.running = running;
        if crosses {
            self.cross(lane);
            self.picked = picked.and_then(|name| self.resolve(&name));
            return;
        }
        let (true, Some(before), Some(model)) = (reopened, known, self.model().cloned()) else { return };
        self.layout = self.layout.follow(&model);
        self.picked = picked.and_then(|name| self.resolve(&name));
        if !goes_on(&before, &model) {
            // What was told is of other things.
            self.results = [None, None];
            self.timelines[0].story.clear();
        }
    }

    /// The file that runs says this now: where nothing was changed here it is read again, else the person is told.
    pub fn changed_on_disk(&mut self, text: &str) -> Vec<Effect> {
        let changes = &self.changes[Lane::Trunk as usize];
        let Some(file) = self.file.as_ref().filter(|_| changes.opened() != text && self.saved.as_deref() != Some(text))
        else {
            return Vec::new();
        };
        let name = file.display().to_string();
        if changes.done.is_empty() && self.branched.is_none() {
            self.notice = Some(format!("{name} was changed on disk and is read again."));
            return self.reload();
        }
        self.notice = Some(format!(
            "{name} was changed on disk. {} reads it again and gives up what you changed here; what you save goes beside it.",
            UiCommand::Reload.key_text()
        ));
        Vec::new()
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

/// Each thing of a model is the same in another.
fn goes_on(before: &Model, after: &Model) -> bool {
    let names = |model: &Model| {
        let services = model.services.iter().map(|service| service.name.clone()).collect::<Vec<_>>();
        let groups = model.groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>();
        let sources = model.sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>();
        let links = model.links.iter().map(|link| link.name.clone()).collect::<Vec<_>>();
        [services, groups, sources, links]
    };
    names(before).iter().zip(names(after)).all(|(before, after)| after.starts_with(before))
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

/// Asked of the host and not yet answered.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The file it comes from; none: it is built in, or nowhere yet.
    pub file: Option<PathBuf>,
    /// Where its boxes stand.
    pub places: Positions,
    /// It is the run that was shown as this, with other changes: how it is looked at stays.
    pub again: Option<Lane>,
}
