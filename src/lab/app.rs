//! The lab as one thing that turns: hear the host, show, take what the person does, act. No Bevy here, no window.

use super::action::Action;
use super::canvas::Canvas;
use super::keys::pressed;
use super::panels::{Panels, style};
use super::scene::{Picture, Scene};
use super::split::{self, Split};
use super::state::{Effect, LabState};
use super::view::View;
use crate::experiment::Experiment;
use crate::host::{Pace, Port, Request};
use crate::layout::{Point, Positions};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What only the world around the lab can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformRequest {
    /// Ask the person for a file.
    AskForFile,
    /// Read a file and the places beside it.
    Read(PathBuf),
    /// Write a text, whole or not at all.
    Write(PathBuf, String),
    /// Write a text to a file: in the place of that one where it is what stands there, else to a file that is not there
    /// yet, of that name or one like it.
    Save(PathBuf, String, Option<String>),
    /// Keep a picture of the window in a file of that name or one like it, with this link in it.
    Picture(PathBuf, Option<String>),
    /// Give the person this link.
    Share(String),
}

/// All of the lab but its window.
pub struct Lab {
    /// What it knows.
    pub state: LabState,
    port: Box<dyn Port + Send>,
    panels: Panels,
    canvas: Canvas,
    scene: Scene,
    split: Split,
    actions: Vec<Action>,
    platform_requests: Vec<PlatformRequest>,
    area: egui::Rect,
    last: Option<f64>,
    styled: Option<bool>,
    /// Instances whose work the host tells in full.
    focus: Vec<u32>,
    /// How often it has failed itself.
    failures: u32,
}

/// After so many failures of the lab itself it begins with nothing.
const FAILURES: u32 = 3;

impl Lab {
    /// A lab at a host.
    #[must_use]
    pub fn new(port: Box<dyn Port + Send>, view: View) -> Self {
        Self {
            state: LabState::new(view),
            port,
            panels: Panels::default(),
            canvas: Canvas::default(),
            scene: Scene::default(),
            split: Split::default(),
            actions: Vec::new(),
            platform_requests: Vec::new(),
            area: egui::Rect::ZERO,
            last: None,
            styled: None,
            focus: Vec::new(),
            failures: 0,
        }
    }

    /// Do this as if a person had asked.
    pub fn ask(&mut self, action: Action) {
        let effects = self.state.act(action);
        self.perform(effects);
    }

    /// Run what is of no file.
    pub fn open(&mut self, experiment: Experiment) {
        let effects = self.state.open(None, Positions::default(), experiment);
        self.perform(effects);
    }

    /// A file was read, or not.
    pub fn read(&mut self, path: &Path, text: Result<String, String>, places: Option<String>) {
        let effects = self.state.read(path, text, places);
        self.perform(effects);
    }

    /// The file that runs says this now.
    pub fn changed_on_disk(&mut self, text: &str) {
        let effects = self.state.changed_on_disk(text);
        self.perform(effects);
    }

    /// Hear what the host has told since. An inline host works meanwhile.
    pub fn listen(&mut self) {
        self.guarded(|lab| {
            for told in lab.port.receive() {
                let effects = lab.state.hear(told);
                lab.perform(effects);
            }
        });
    }

    /// Does something of the lab; where that fails, what was on the window is given up and the person is told.
    fn guarded(&mut self, work: impl FnOnce(&mut Self)) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) else { return };
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        self.failures += 1;
        if self.failures > FAILURES {
            // What is shown fails again and again: begin with nothing.
            self.state = LabState::new(View { gallery: true, ..self.state.view.clone() });
        }
        (self.panels, self.canvas, self.scene) = (Panels::default(), Canvas::default(), Scene::default());
        self.split = Split::default();
        self.actions.clear();
        self.state.picked = None;
        // What fails may be the way to the host.
        let _ = catch_unwind(AssertUnwindSafe(|| self.port.send(Request::Pace(Pace::Paused))));
        self.state.died(text.unwrap_or_else(|| "it gave no reason".to_owned()));
    }

    /// One picture (of a context that knows the lab's fonts, see `panels::install_fonts`): `ui` covers the window,
    /// `seconds` is the time on the wall, rising.
    pub fn show(&mut self, ui: &mut egui::Ui, seconds: f64) {
        self.guarded(|lab| lab.paint(ui, seconds));
    }

    fn paint(&mut self, ui: &mut egui::Ui, seconds: f64) {
        if self.styled != Some(self.state.view.dark) {
            style(ui.ctx(), self.state.view.dark);
            self.styled = Some(self.state.view.dark);
        }
        let passed = self.last.map_or(0.0, |last| (seconds - last).clamp(0.0, 0.25));
        self.last = Some(seconds);
        self.state.view.pass(passed as f32);
        self.panels.light_is = self.scene.picture().light_is;
        // What is read first is told first: the canvas, where the panels left room for it last.
        let known = self.area;
        if known.is_positive() {
            self.canvas.ui(ui, known, &self.state, &mut self.scene, seconds, &mut self.actions);
        }
        self.area = self.panels.ui(ui, &self.state, &mut self.actions);
        self.state.view.resize(Point { x: self.area.width(), y: self.area.height() }, self.state.layout.bounds());
        if !known.is_positive() {
            self.canvas.ui(ui, self.area, &self.state, &mut self.scene, seconds, &mut self.actions);
        }
        if known != self.area {
            ui.ctx().request_repaint();
        }
        let middle = Point { x: self.area.width() / 2.0, y: self.area.height() / 2.0 };
        self.actions.extend(pressed(ui.ctx(), &self.state, middle));
        self.split.ui(ui, self.area, &self.state, &self.scene, seconds, &mut self.actions);
        let focus = self.state.focus();
        if focus != self.focus {
            self.focus.clone_from(&focus);
            self.perform(vec![Effect::Say(Request::Focus(focus))]);
        }
        for action in std::mem::take(&mut self.actions) {
            self.ask(action);
        }
    }

    /// What the canvas shows, and where in the window it is.
    #[must_use]
    pub fn picture(&self) -> (&Picture, egui::Rect) {
        (self.scene.picture(), self.area)
    }

    /// Where both runs are on the canvas: the picture of the other one, and the parts of the window where this one and
    /// that one are seen.
    #[must_use]
    pub fn other_picture(&self) -> Option<(&Picture, [egui::Rect; 2])> {
        let (picture, its) = self.split.picture(&self.state, self.area)?;
        Some((picture, [split::part(&self.state, self.area, self.state.frame.lane), its]))
    }

    /// What is to be done outside.
    pub fn platform_requests(&mut self) -> Vec<PlatformRequest> {
        std::mem::take(&mut self.platform_requests)
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Say(message) => self.port.send(message),
                Effect::AskForFile => self.platform_requests.push(PlatformRequest::AskForFile),
                Effect::Read(path) => self.platform_requests.push(PlatformRequest::Read(path)),
                Effect::Write(path, text) => self.platform_requests.push(PlatformRequest::Write(path, text)),
                Effect::Save(path, text, over) => {
                    self.platform_requests.push(PlatformRequest::Save(path, text, over));
                }
                Effect::Picture(path, link) => {
                    self.platform_requests.push(PlatformRequest::Picture(path, link));
                }
                Effect::Share(link) => self.platform_requests.push(PlatformRequest::Share(link)),
            }
        }
    }
}
