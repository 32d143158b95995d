//! All the lab knows: the last frame, the figures so far, the past as a timeline, where everything stands, what is
//! picked.
//!
//! It hears the host (`hear`) and does what a person asks (`act`); what it cannot do itself it asks for by an
//! [`Effect`]. It holds no simulation, reads no clock and no file.

use super::action::{Action, Subject};
use super::changes::Changes;
use super::opening::{Again, beside};
use super::past::Timeline;
use super::view::View;
use crate::experiment::{Compiled, LoadFailure};
use crate::host::{Availability, Frame, Lane, LoggedCommand, Pace, Phase, Request, Update};
use crate::layout::{Inventory, Layout, Positions};
use crate::measure::Results;
use crate::model::Model;
use crate::share::Shared;
use crate::study::Answer;
use crate::units::Time;
use std::path::PathBuf;
use std::sync::Arc;

/// Speeds to go through with `Faster` and `Slower`, simulated seconds per second.
pub const SPEEDS: [f64; 19] = [
    Pace::SLOWEST,
    0.001,
    0.002,
    0.005,
    0.01,
    Pace::MICROSCOPE,
    0.1,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    900.0,
    Pace::QUICKEST,
    f64::INFINITY,
];

/// A scenario is opened at the speed that shows it in about so long, seconds.
const SHOWN_IN_S: f64 = 100.0;

/// What the state asks of the world around it.
#[derive(Debug)]
pub enum Effect {
    /// Tell the host.
    Say(Request),
    /// Ask the person for a file; the answer is an [`Action::OpenFile`].
    AskForFile,
    /// Read this file and what lies beside it; the answer is [`LabState::read`].
    Read(PathBuf),
    /// Write this text there, whole or not at all.
    Write(PathBuf, String),
    /// Write this text there, or beside it where something is there already; the answer is [`LabState::saved`].
    Save(PathBuf, String),
    /// Give the person this link; the answer is [`LabState::was_shared`].
    Share(String),
}

/// What is on the state.
#[derive(Default)]
pub struct LabState {
    /// The scenario that runs.
    pub opened: Option<Arc<Compiled>>,
    /// What the frame is of: what was opened, or what its run has become by then.
    pub running: Option<Arc<Compiled>>,
    /// The file it came from; none: it is built in.
    pub file: Option<PathBuf>,
    /// A text that does not run; the run goes on beside it.
    pub load_failure: Option<Arc<LoadFailure>>,
    /// A word for the person, until it is put away.
    pub notice: Option<String>,
    /// How the run stands.
    pub frame: Frame,
    /// Figures so far, by run.
    pub results: [Option<Arc<Results>>; 2],
    /// The past, by run.
    pub timelines: [Timeline; 2],
    /// Where the branch leaves the trunk, if there is one.
    pub branched: Option<Time>,
    /// What was asked of the runs, in order.
    pub commands: Vec<LoggedCommand>,
    /// What a person changed of the run that was opened.
    pub changes: Changes,
    /// On the way from a time to a time.
    pub progress: Option<(Time, Time)>,
    /// What was asked beside the run.
    pub study: Option<Study>,
    /// What is shown in full.
    pub picked: Option<Subject>,
    /// Speed to play at, simulated seconds per second; infinite: as fast as can be.
    pub speed: f64,
    /// Time shall pass.
    pub playing: bool,
    /// Where everything stands.
    pub layout: Layout,
    /// How it looks.
    pub view: View,
    /// The person is asked for a path: there is no dialog of the system's.
    pub asking_for_path: bool,
    /// The host has failed: what is shown is its last picture, and the notice says why.
    pub dead: bool,
    /// Frames heard.
    pub heard: u64,
    /// Boxes moved by a person.
    pub moved: u64,
    /// What the next frame of each run will be of.
    coming: [Option<Arc<Compiled>>; 2],
    inventory: Inventory,
    /// Asked of the host and not yet answered: the file, and its places.
    pub(super) asked: Option<(Option<PathBuf>, Positions)>,
    /// What stays where the same run is played again.
    pub(super) again: Option<Box<Again>>,
    /// What was shared and is open, until it is known whether it is the same run.
    pub(super) claim: Option<Box<Shared>>,
    /// Why what was to be opened first was not: told once something else is open.
    pub(super) unopened: Option<String>,
    /// A link is made as soon as the run stands.
    pub(super) sharing: bool,
    /// To be opened with, once a file is read.
    pub(super) variant: Option<String>,
}

/// Seeds that are tried beside a run.
pub const SEEDS: u32 = 10;

/// A study beside the run.
#[derive(Clone, Debug)]
pub enum Study {
    /// So much is done, 0 to 1.
    Working(f32),
    /// Its answer.
    Answered(Arc<Answer>),
}

impl LabState {
    /// An empty state.
    #[must_use]
    pub fn new(view: View) -> Self {
        Self { speed: 1.0, view, ..Self::default() }
    }

    /// Figures so far of the run that is shown.
    #[must_use]
    pub fn figures(&self) -> Option<&Arc<Results>> {
        self.results[self.frame.lane as usize].as_ref()
    }

    /// The past of a run.
    #[must_use]
    pub fn timeline(&self, lane: Lane) -> &Timeline {
        &self.timelines[lane as usize]
    }

    /// The model of what the frame is of.
    #[must_use]
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.running.as_ref().map(|running| &running.model)
    }

    /// Nothing moves, and nothing is awaited.
    #[must_use]
    pub fn rests(&self) -> bool {
        let stands = matches!(self.frame.phase, Phase::Done | Phase::Stopped)
            || self.frame.pace == Pace::Paused && !self.playing;
        stands
            && self.frame.phase != Phase::Seeking
            && self.progress.is_none()
            && self.asked.is_none()
            && self.view.goal.is_none()
    }

    /// Something the host told.
    pub fn hear(&mut self, told: Update) -> Vec<Effect> {
        match told {
            Update::Opened(opened) => return self.on_opened(opened),
            // The inspector and the layout show the model as it was opened.
            // The frame that is shown is of what was before.
            Update::Compiled(lane, compiled) => self.coming[lane as usize] = Some(compiled),
            Update::LoadFailure(load_failure) => {
                self.asked = None;
                self.again = None;
                self.claim = None;
                self.load_failure = Some(load_failure);
                self.view.gallery = false;
            }
            Update::Frame(frame) => {
                self.on_frame(*frame);
                let mut effects = vec![Effect::Say(Request::Credit)];
                effects.extend(self.on_standing());
                return effects;
            }
            Update::Report(lane, results) => {
                let now = match &self.frame.other {
                    Some(other) if other.lane == lane => other.now,
                    Some(_) | None => self.frame.now,
                };
                self.timelines[lane as usize].tell(&results, now);
                self.results[lane as usize] = Some(results);
            }
            Update::Logged(command) => {
                // A command in the past gives up those that came after it.
                self.commands.retain(|known| known.lane != command.lane || known.seq < command.seq);
                if command.lane == Lane::Trunk {
                    self.changes.hear(&command);
                }
                self.commands.push(command);
            }
            Update::Progress { at, goal } => self.progress = Some((at, goal)),
            Update::StudyProgress(share) => {
                // One that was given up may still be told of.
                if let Some(Study::Working(done)) = &mut self.study {
                    *done = share;
                }
            }
            Update::Studied(answer) => self.study = self.study.take().map(|_| Study::Answered(answer)),
            Update::Branched(at) => {
                self.branched = Some(at);
                self.commands.retain(|command| command.lane == Lane::Trunk);
                self.timelines[Lane::Branch as usize] = Timeline::default();
                self.results[Lane::Branch as usize] = None;
            }
            Update::Pruned => {
                self.branched = None;
                self.commands.retain(|command| command.lane == Lane::Trunk);
                self.timelines[Lane::Branch as usize] = Timeline::default();
                self.results[Lane::Branch as usize] = None;
            }
            Update::Done(_) => self.playing = false,
            Update::Stopped(lane, reason) => {
                self.playing = false;
                let which = if lane == Lane::Branch { "The branch" } else { "The run" };
                self.notice = Some(format!("{which} stopped: {reason}."));
            }
            Update::Died(text) => self.died(text),
        }
        Vec::new()
    }

    /// The host, or the lab itself, failed: what is shown stands, and the person is told why.
    pub fn died(&mut self, why: String) {
        self.dead = true;
        self.playing = false;
        self.asked = None;
        self.progress = None;
        // Nothing moves any more, and nothing looks as if it did.
        (self.frame.pace, self.frame.achieved) = (Pace::Paused, 0.0);
        self.notice = Some(why);
    }

    fn on_opened(&mut self, opened: Arc<Compiled>) -> Vec<Effect> {
        let (file, positions) = self.asked.take().unwrap_or_default();
        let horizon_s = opened.model.horizon.as_seconds();
        let fitting = SPEEDS.iter().copied().find(|&speed| speed >= 1.0 && horizon_s / speed <= SHOWN_IN_S);
        let speed = fitting.filter(|speed| speed.is_finite()).unwrap_or(Pace::QUICKEST);
        let view = View { follows: true, gallery: false, ..self.view.clone() };
        let same = self.file.is_some() && self.file == file;
        // An edited file: what has a place keeps it.
        let layout = if same { self.layout.follow(&opened.model) } else { Layout::new(&opened.model, &positions) };
        let (again, claim) = (self.again.take(), self.claim.take());
        // Who opens what was shared sees what the sender saw.
        let playing = claim.as_ref().is_none_or(|claim| claim.experiment.moment.is_none());
        *self = Self {
            running: Some(opened.clone()),
            coming: [Some(opened.clone()), None],
            changes: Changes::of(opened.edits.clone()),
            opened: Some(opened),
            file,
            speed,
            playing,
            claim,
            notice: self.unopened.take(),
            layout,
            view,
            heard: self.heard,
            ..Self::default()
        };
        self.view.fit(self.layout.bounds());
        if let Some(Again { changes, playing, speed, picked, view }) = again.map(|again| *again) {
            (self.changes, self.playing, self.speed) = (changes, playing, speed);
            (self.picked, self.view) = (picked, view);
        }
        vec![Effect::Say(Request::Pace(self.pace()))]
    }

    fn on_frame(&mut self, mut frame: Frame) {
        self.heard += 1;
        self.timelines[frame.lane as usize].take(std::mem::take(&mut frame.history));
        if let Some(other) = &mut frame.other {
            self.timelines[other.lane as usize].take(std::mem::take(&mut other.history));
        }
        if frame.phase != Phase::Seeking {
            self.progress = None;
        }
        let inventory = inventory(&frame);
        let coming = &self.coming[frame.lane as usize];
        let same = coming.as_ref().map(Arc::as_ptr) == self.running.as_ref().map(Arc::as_ptr);
        self.frame = frame;
        if same && inventory == self.inventory {
            return;
        }
        self.running = coming.clone();
        if let Some(running) = &self.running {
            self.layout.update(&running.model, &inventory);
            self.inventory = inventory;
            if self.view.follows {
                self.view.glide(self.layout.bounds());
            }
        }
    }

    fn pace(&self) -> Pace {
        if !self.playing {
            Pace::Paused
        } else if self.speed.is_finite() {
            Pace::Times(self.speed)
        } else {
            Pace::Unbound
        }
    }

    /// What a person asks.
    pub fn act(&mut self, action: Action) -> Vec<Effect> {
        let say = |message| vec![Effect::Say(message)];
        match action {
            Action::PlayOrPause => {
                self.playing = !self.playing;
                let pace = Effect::Say(Request::Pace(self.pace()));
                if self.playing && self.frame.phase == Phase::Done {
                    return vec![Effect::Say(Request::Seek(Time(0))), pace];
                }
                return vec![pace];
            }
            Action::Speed(speed) => return self.play_at(speed),
            Action::Faster => {
                return self.play_at(SPEEDS.into_iter().find(|&s| s > self.speed * 1.001).unwrap_or(f64::INFINITY));
            }
            Action::Slower => {
                return self
                    .play_at(SPEEDS.into_iter().rev().find(|&s| s < self.speed * 0.999).unwrap_or(Pace::SLOWEST));
            }
            Action::Step(stride) => {
                self.playing = false;
                return say(Request::Step(stride));
            }
            Action::Seek(time) => return say(Request::Seek(time)),
            Action::Branch(at) => return say(Request::Branch { at }),
            Action::Prune => return say(Request::Prune),
            Action::Steer(lane) => return say(Request::Steer(lane)),
            Action::Command(command) => return say(Request::Act(command)),
            Action::ApplyVariant(variant) => return say(Request::ApplyVariant(variant)),
            Action::Study(job) => {
                self.study = Some(Study::Working(0.0));
                return say(Request::Study(job));
            }
            Action::Cancel => {
                self.study = None;
                return say(Request::Cancel);
            }
            Action::Pick(subject) => self.picked = subject,
            Action::Reveal(subject) => {
                if let Some(rect) = self.place_of(&subject) {
                    self.view.reveal(rect);
                }
                self.picked = Some(subject);
            }
            Action::Back => _ = self.view.back(),
            Action::Fit => {
                self.view.before = None;
                self.view.follows = true;
                self.view.glide(self.layout.bounds());
            }
            Action::Zoom(factor, about) => self.view.zoom_about(factor, about),
            Action::Pan(by) => self.view.pan(by),
            Action::Move(node, to) => {
                self.layout.move_node(node, to);
                self.moved += 1;
            }
            Action::Keep => {
                if let Some(file) = &self.file {
                    return vec![Effect::Write(beside(file), self.layout.positions().to_ron())];
                }
            }
            Action::SwitchTheme => self.view.dark = !self.view.dark,
            Action::SwitchPanels => {
                self.view.panels = !self.view.panels;
                self.view.follows = true;
            }
            Action::SwitchMotion => self.view.still = !self.view.still,
            Action::ShowGallery(shown) => self.view.gallery = shown,
            Action::AskForFile => return vec![Effect::AskForFile],
            Action::OpenFile(path, variant) => {
                self.asking_for_path = false;
                let same = self.file.as_ref() == Some(&path);
                let present = self.opened.as_ref().filter(|_| same).and_then(|opened| opened.variant.clone());
                self.variant = variant.or(present);
                return vec![Effect::Read(path)];
            }
            Action::OpenVariant(variant) => {
                return match (self.file.clone(), self.opened.as_ref().map(|opened| opened.loaded.name.clone())) {
                    (Some(file), _) => {
                        self.variant = variant;
                        vec![Effect::Read(file)]
                    }
                    (None, Some(name)) => self.open_built_in(&name, variant),
                    (None, None) => Vec::new(),
                };
            }
            Action::OpenBuiltIn(name, variant) => return self.open_built_in(name, variant),
            Action::Restart(moment) => return self.restart(moment),
            Action::Edit(edit) => return say(Request::Edit(edit)),
            Action::EditFromStart(edit) => return self.edit_from_start(edit),
            Action::Undo if self.can_undo() => return self.undo(),
            Action::Redo if self.can_redo() => return self.redo(),
            Action::Undo | Action::Redo => {}
            Action::Save => return self.save(),
            Action::Share => return self.share(),
            Action::OpenLink(link) => return self.open_link(&link),
            Action::Reload => return self.reload(),
            Action::Dismiss => {
                self.load_failure = None;
                self.notice = None;
                self.asking_for_path = false;
            }
        }
        Vec::new()
    }

    fn play_at(&mut self, speed: f64) -> Vec<Effect> {
        self.speed = if speed.is_nan() { 1.0 } else { speed.max(Pace::SLOWEST) };
        if self.speed > Pace::QUICKEST {
            self.speed = f64::INFINITY;
        }
        if self.playing { vec![Effect::Say(Request::Pace(self.pace()))] } else { Vec::new() }
    }
}

/// What of a frame needs a place.
fn inventory(frame: &Frame) -> Inventory {
    let mut inventory = Inventory::default();
    let mut places = vec![None; frame.machines.len()];
    for (index, machine) in
        frame.machines.iter().enumerate().filter(|(_, machine)| machine.availability != Availability::Removed)
    {
        places[index] = Some(inventory.machines.len() as u32);
        inventory.machines.push((machine.group, machine.ordinal));
    }
    for instance in frame.instances.iter().filter(|instance| instance.availability != Availability::Removed) {
        let machine = instance.machine.and_then(|machine| places.get(machine as usize).copied().flatten());
        inventory.instances.push((instance.service, instance.ordinal, machine));
    }
    inventory
}
