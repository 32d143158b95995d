//! All the lab knows: the last frame, the figures so far, the past as a timeline, where everything stands, what is
//! picked.
//!
//! It hears the host (`hear`) and does what a person asks (`act`); what it cannot do itself it asks for by an
//! [`Effect`]. It holds no simulation, reads no clock and no file.

use super::action::{Action, Rival, Subject};
use super::building::{Landing, Wiring};
use super::changes::{Changes, Told};
use super::memory::Memory;
use super::opening::{Opening, beside};
use super::past::Timeline;
use super::sides::{Pair, Side, inventory};
use super::studies::Studies;
use super::surge::Surge;
use super::view::View;
use crate::experiment::{Compiled, LoadFailure, LogEntry};
use crate::host::{Frame, Lane, LoggedCommand, Pace, Phase, Request, Update};
use crate::layout::{Inventory, Layout};
use crate::measure::Results;
use crate::model::Model;
use crate::share::Shared;
use crate::units::Time;
use std::collections::VecDeque;
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
    /// Write this text there: in the place of that one where it is still what stands there, else beside what is there;
    /// the answer is [`LabState::saved`].
    Save(PathBuf, String, Option<String>),
    /// Keep a picture of the window there, or beside what is there, with this link in it; the answer is
    /// [`LabState::saved`].
    Picture(PathBuf, Option<String>),
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
    /// The time up to which each of these counts.
    pub counted: [Time; 2],
    /// The past, by run.
    pub timelines: [Timeline; 2],
    /// Where the branch leaves the trunk, if there is one.
    pub branched: Option<Time>,
    /// The past as it was before the last change, until the run with it has come as far as where it is looked at.
    pub before: Option<Timeline>,
    /// What was asked of the runs, in order.
    pub commands: Vec<LoggedCommand>,
    /// What a person changed of each run.
    pub(super) changes: [Changes; 2],
    /// On the way from a time to a time.
    pub progress: Option<(Time, Time)>,
    /// What was asked beside the run.
    pub studies: Studies,
    /// What B is a run of, where that is another experiment than A's.
    pub compared: Option<Arc<Compiled>>,
    /// The run that is not shown, as far as it is looked at.
    pub other: Side,
    /// What else there is to know of the two.
    pub(super) pair: Pair,
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
    /// The person is asked how what was changed shall be saved.
    pub saving: bool,
    /// What is remembered from one window to the next.
    pub memory: Memory,
    /// What had been changed when it was written to a file last.
    pub(super) written: Vec<Told>,
    /// What was written over the file that was opened.
    pub(super) saved: Option<String>,
    /// A surge that is held.
    pub surge: Option<Surge>,
    /// A wire that is being made.
    pub wiring: Option<Wiring>,
    /// Where what was put in last shall stand.
    pub(super) landing: Option<Landing>,
    pub(super) coming: [Option<Arc<Compiled>>; 2],
    pub(super) inventory: Inventory,
    /// The same run was opened again, and nothing of it was seen yet.
    pub(super) reopened: bool,
    /// Asked of the host and not yet answered.
    pub(super) openings: VecDeque<Opening>,
    /// What was shared and is open, until it is known whether it is the same run.
    pub(super) claim: Option<Box<Shared>>,
    /// Why what was to be opened first was not: told once something else is open.
    pub(super) unopened: Option<String>,
    /// A link is made as soon as the run stands.
    pub(super) sharing: bool,
    /// To be opened with, once a file is read.
    pub(super) variant: Option<String>,
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

    /// Something was asked for and is not there yet.
    #[must_use]
    pub fn is_opening(&self) -> bool {
        !self.openings.is_empty()
    }

    /// Nothing moves, and nothing is awaited.
    #[must_use]
    pub fn rests(&self) -> bool {
        let stands = matches!(self.frame.phase, Phase::Done | Phase::Stopped)
            || self.frame.pace == Pace::Paused && !self.playing;
        stands
            && self.frame.phase != Phase::Seeking
            && self.progress.is_none()
            && self.openings.is_empty()
            && self.view.goal.is_none()
    }

    /// What is shown is of before the last change: nothing of it was seen yet.
    #[must_use]
    pub fn awaits_change(&self) -> bool {
        self.reopened || !self.openings.is_empty() || self.pair.comes_next()
    }

    /// Something the host told.
    pub fn hear(&mut self, told: Update) -> Vec<Effect> {
        match told {
            Update::Opened(opened) => return self.on_opened(opened),
            // The inspector and the layout show the model as it was opened.
            // The frame that is shown is of what was before.
            Update::Compiled(lane, compiled) => self.coming[lane as usize] = Some(compiled),
            Update::LoadFailure(load_failure) => {
                // What was wrong is what was to be opened, or B.
                if self.pair.changes.is_some() {
                    self.shelve();
                } else {
                    self.openings.pop_front();
                }
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
            Update::Report(lane, now, results) => {
                self.timelines[lane as usize].tell(&results, now);
                self.counted[lane as usize] = now;
                self.results[lane as usize] = Some(results);
            }
            Update::Logged(command) => {
                // A command in the past gives up those that came after it.
                self.commands.retain(|known| known.lane != command.lane || known.seq < command.seq);
                let its = self.commands.iter().filter(|known| known.lane == command.lane);
                let before: Vec<LogEntry> = its.filter_map(LoggedCommand::entry).collect();
                self.changes[command.lane as usize].hear(&command, &before);
                self.commands.push(command);
            }
            Update::Withdrawn(lane, place) => {
                self.commands.retain(|known| known.lane != lane || known.seq < place);
            }
            Update::Progress { at, goal } => self.progress = Some((at, goal)),
            told @ (Update::StudyBegun(_)
            | Update::StudyProgress { .. }
            | Update::StudyFailed(_)
            | Update::Studied(_)) => self.studies.hear(told),
            Update::Compared(compiled) => return self.on_compared(compiled),
            Update::Branched(at) => {
                self.changes[Lane::Branch as usize] = self.changes[Lane::Trunk as usize].branched(at);
                self.on_branch(Some(at));
            }
            Update::Pruned => self.on_branch(None),
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
        self.openings.clear();
        self.progress = None;
        // Nothing moves any more, and nothing looks as if it did.
        (self.frame.pace, self.frame.achieved) = (Pace::Paused, 0.0);
        self.notice = Some(why);
    }

    fn on_frame(&mut self, mut frame: Frame) {
        self.heard += 1;
        self.pair.seen();
        self.timelines[frame.lane as usize].take(std::mem::take(&mut frame.history));
        if let Some(other) = &mut frame.other {
            self.timelines[other.lane as usize].take(std::mem::take(&mut other.history));
        }
        let look = frame.other.as_mut().map(|other| (other.lane, other.look.take()));
        if frame.phase != Phase::Seeking {
            self.progress = None;
            if !self.reopened {
                self.before = None;
            }
        }
        let inventory = inventory(&frame);
        let coming = &self.coming[frame.lane as usize];
        let same = coming.as_ref().map(Arc::as_ptr) == self.running.as_ref().map(Arc::as_ptr);
        if same {
            self.frame = frame;
        } else {
            self.on_model(coming.clone(), frame);
        }
        self.settle(same, inventory);
        if let Some((lane, look)) = look {
            self.on_look(lane, look);
        }
    }

    /// Everything there is gets its place.
    fn settle(&mut self, same: bool, inventory: Inventory) {
        if same && inventory == self.inventory {
            return;
        }
        if let Some(running) = &self.running {
            self.layout.update(&running.model, &inventory);
            self.inventory = inventory;
            self.land();
            if self.view.follows {
                self.view.glide(self.layout.bounds());
            }
        }
    }

    pub(super) fn pace(&self) -> Pace {
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
            Action::Prune => return self.discard(),
            Action::KeepB => return self.keep(),
            Action::Steer(lane) => return say(Request::Steer(lane)),
            Action::Command(command) => return say(Request::Act(command)),
            Action::Surge(held, at_s) => return self.hold_surge(held, at_s),
            Action::ApplyVariant(variant) => return say(Request::ApplyVariant(variant)),
            Action::Ask(question) => return self.ask(question),
            Action::Cancel => return self.cancel(),
            Action::ShowAnswer(question) => self.studies.shown = question,
            Action::Export(question) => return self.export(question),
            Action::CompareWith(rival) => return self.compare_with(rival),
            Action::Compare(comparison) => return self.show_comparison(comparison),
            Action::MoveBar(share) => self.view.bar = share.clamp(0.02, 0.98),
            Action::Flip(held) => return self.flip(held),
            Action::Pick(subject) => {
                self.studies.shown = self.studies.shown.filter(|_| subject.is_none());
                self.picked = subject;
            }
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
            Action::ShowPalette(typed) => self.view.palette = typed,
            Action::FindField => self.view.finding += 1,
            Action::AskForFile => return self.ask_for_file(false),
            Action::OpenFile(path, variant) => {
                self.asking_for_path = false;
                if std::mem::take(&mut self.pair.asks) && self.opened.is_some() {
                    return self.act(Action::CompareWith(Rival::File(path)));
                }
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
            Action::Edit(edits) => return self.edit_from_now(edits),
            Action::EditFromStart(edits) => return self.edit_from_start(edits),
            Action::Change(edits) => return self.change(edits),
            Action::SwitchHere => self.view.here = !self.view.here,
            Action::Add(template, ground, at) => return self.add(&template, &ground, at),
            Action::Carry { service, from, ground, at } => return self.carry(&service, &from, &ground, at),
            Action::Paste(text) => return self.paste(&text),
            Action::Wire(from, to) => return self.wire(from, to),
            Action::ShowParts(shown) => self.view.parts = shown,
            Action::New => return self.open_blank(),
            Action::Revise(place, time) => return self.revise(place, time),
            Action::Undo if self.can_undo() => return self.undo(),
            Action::Redo if self.can_redo() => return self.redo(),
            Action::Undo | Action::Redo => {}
            Action::Save => return self.save(),
            Action::AskToSave(asked) => self.saving = asked,
            Action::SaveText(path, text, over) => {
                self.saving = false;
                if over.is_some() {
                    self.saved = Some(text.clone());
                }
                return vec![Effect::Save(path, text, over)];
            }
            Action::Rewrite(text) => return self.rewrite(text),
            Action::ShowText(shown) => self.view.text = shown,
            Action::Share => return self.share(),
            Action::Picture => return self.picture(),
            Action::OpenLink(link) => return self.open_link(&link),
            Action::Reload => return self.reload(),
            Action::Dismiss => {
                self.load_failure = None;
                self.notice = None;
                self.asking_for_path = false;
                self.wiring = None;
                self.saving = false;
                self.pair.asks = false;
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
