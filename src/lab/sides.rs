//! Two runs side by side: what is known of the one that is not shown, where its boxes stand, and which is shown.
//!
//! Two runs that share a past share their layout, too. Runs of different experiments have layouts of their own, in
//! which what has the same name has the same place.

use super::action::{Action, Rival};
use super::changes::Changes;
use super::past::Timeline;
use super::state::{Effect, LabState};
use super::view::Comparison;
use crate::catalog;
use crate::experiment::{Compiled, Experiment};
use crate::host::{Availability, Frame, Lane, Request};
use crate::layout::{Inventory, Layout};
use crate::units::Time;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The run that is not shown.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// How it stands; none: nobody looks at both.
    pub frame: Option<Frame>,
    /// What that is of.
    pub compiled: Option<Arc<Compiled>>,
    /// Where its boxes stand.
    pub layout: Layout,
    /// What its run began with.
    home: Option<Arc<Compiled>>,
    /// What its layout was brought up to date with.
    made: Option<Made>,
    /// How many boxes had been moved by hand then.
    moved: u64,
}

/// What else there is to know of two runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    /// Which was shown before a key was held that shows the other.
    flipped: Option<Lane>,
    /// The file that a person is asked for is to be compared with what runs.
    pub asks: bool,
    /// The file that is read for that.
    file: Option<PathBuf>,
    /// What the run that is shown began with, as the layout has it.
    pub home: Option<Arc<Compiled>>,
    /// B is played, or played again, and what a person changed of it stays.
    pub changes: Option<Changes>,
    /// B was made by an edit: without one there is no B.
    pub edited: bool,
    /// B was made, and no picture of it has come yet.
    unseen: bool,
}

impl Pair {
    /// Of a run that was just opened.
    pub fn at(opened: &Arc<Compiled>) -> Self {
        Self { home: Some(Arc::clone(opened)), ..Self::default() }
    }

    /// The next picture is one of B.
    pub const fn comes_next(&self) -> bool {
        self.unseen || self.changes.is_some()
    }

    /// A picture has come.
    pub const fn seen(&mut self) {
        self.unseen = false;
    }
}

/// What the layout of the other run depends on.
#[derive(Clone, Debug, PartialEq)]
struct Made {
    model: usize,
    there: Inventory,
    shown: Inventory,
}

fn address(compiled: Option<&Arc<Compiled>>) -> usize {
    compiled.map_or(0, |compiled| Arc::as_ptr(compiled) as usize)
}

/// The other of two.
#[must_use]
pub const fn beside(lane: Lane) -> Lane {
    match lane {
        Lane::Trunk => Lane::Branch,
        Lane::Branch => Lane::Trunk,
    }
}

impl LabState {
    /// What a run began with.
    #[must_use]
    pub fn begun_of(&self, lane: Lane) -> Option<&Arc<Compiled>> {
        let other = if lane == Lane::Branch { self.compared.as_ref() } else { None };
        other.or(self.opened.as_ref())
    }

    /// The other run is shown while a key is held.
    #[must_use]
    pub const fn is_flipped(&self) -> bool {
        self.pair.flipped.is_some()
    }

    /// There is a second run now from that time on, or none any more.
    pub(super) fn on_branch(&mut self, at: Option<Time>) {
        self.branched = at;
        self.pair.unseen = at.is_some();
        self.compared = None;
        self.pair.flipped = None;
        self.other.frame = None;
        if at.is_none() && self.pair.changes.is_none() {
            self.view.comparison = Comparison::Off;
            self.pair.edited = false;
        }
        self.commands.retain(|command| command.lane == Lane::Trunk);
        self.timelines[Lane::Branch as usize] = Timeline::default();
        self.results[Lane::Branch as usize] = None;
    }

    /// A person is asked for a file, to run it or to compare it with what runs.
    pub(super) fn ask_for_file(&mut self, rival: bool) -> Vec<Effect> {
        self.pair.asks = rival;
        vec![Effect::AskForFile]
    }

    /// There is a second run now that shares nothing with the first.
    pub(super) fn on_compared(&mut self, compiled: Arc<Compiled>) -> Vec<Effect> {
        let shown = self.view.comparison;
        self.on_branch(Some(Time(-compiled.model.warm_up.0)));
        let known = self.pair.changes.take();
        let other = known.is_none();
        self.changes[Lane::Branch as usize] = known.unwrap_or_else(|| Changes::of(&compiled));
        self.compared = Some(compiled);
        if !other {
            // Who edits goes on editing.
            return vec![Effect::Say(Request::ShowBoth(shown == Comparison::Split))];
        }
        self.show_comparison(if shown == Comparison::Off { Comparison::Table } else { shown })
    }

    /// The run that is shown is of another experiment than the one before: its boxes stand where they stood, or where
    /// those of the same name do.
    pub(super) fn cross(&mut self, lane: Lane) {
        let home = self.begun_of(lane).cloned();
        if address(home.as_ref()) == address(self.pair.home.as_ref()) {
            return;
        }
        let left = self.pair.home.take();
        self.pair.home.clone_from(&home);
        let Some(model) = self.model().cloned() else { return };
        if left.is_none() {
            return;
        }
        let layout = match self.is_known(home.as_ref()) {
            true => std::mem::take(&mut self.other.layout),
            false => self.layout.follow(&model),
        };
        let before = std::mem::replace(&mut self.layout, layout);
        if address(left.as_ref()) == address(self.begun_of(beside(lane))) {
            (self.other.layout, self.other.home, self.other.moved) = (before, left, self.moved);
        }
        self.other.made = None;
    }

    /// The layout of the other run is of that, as everything was placed by hand.
    fn is_known(&self, home: Option<&Arc<Compiled>>) -> bool {
        let its = address(self.other.home.as_ref()) == address(home);
        its && self.other.moved == self.moved && !self.other.layout.boxes().is_empty()
    }

    /// A look at the run that is not shown.
    pub(super) fn on_look(&mut self, lane: Lane, look: Option<Box<Frame>>) {
        let Some(look) = look else {
            self.other.frame = None;
            return;
        };
        let compiled = self.coming[lane as usize].clone();
        let Some(model) = compiled.as_ref().map(|compiled| Arc::clone(&compiled.model)) else { return };
        let home = self.begun_of(lane).cloned();
        let made = Made { model: address(compiled.as_ref()), there: inventory(&look), shown: self.inventory.clone() };
        if self.other.made.as_ref() != Some(&made) || self.other.moved != self.moved {
            let shares = address(home.as_ref()) == address(self.pair.home.as_ref());
            if shares {
                self.other.layout = self.layout.clone();
            } else if !self.is_known(home.as_ref()) {
                self.other.layout = self.layout.follow(&model);
            }
            self.other.layout.update(&model, &made.there);
            (self.other.made, self.other.moved) = (Some(made), self.moved);
        }
        (self.other.frame, self.other.compiled, self.other.home) = (Some(*look), compiled, home);
    }

    /// How both are shown; the host tells of both where both are on the canvas.
    pub(super) fn show_comparison(&mut self, comparison: Comparison) -> Vec<Effect> {
        self.view.comparison = comparison;
        if comparison != Comparison::Off {
            self.studies.shown = None;
            self.picked = None;
        }
        vec![Effect::Say(Request::ShowBoth(comparison == Comparison::Split))]
    }

    /// Shows the other run for as long as a key is held.
    pub(super) fn flip(&mut self, held: bool) -> Vec<Effect> {
        let lane = match (held, self.pair.flipped) {
            (true, None) if self.branched.is_some() => {
                self.pair.flipped = Some(self.frame.lane);
                beside(self.frame.lane)
            }
            (false, Some(before)) => {
                self.pair.flipped = None;
                before
            }
            _ => return Vec::new(),
        };
        vec![Effect::Say(Request::Steer(lane))]
    }

    /// A second run beside the one that was opened.
    pub(super) fn compare_with(&mut self, rival: Rival) -> Vec<Effect> {
        let Some(opened) = self.opened.clone() else { return Vec::new() };
        self.shelve();
        let experiment = match rival {
            Rival::Variant(variant) => Experiment {
                variant,
                edits: opened.edits.clone(),
                ..Experiment::new(opened.base.name.clone(), opened.base.text.to_string())
            },
            Rival::BuiltIn(name) => match catalog::find(name) {
                Some(found) => Experiment::new(found.name, found.text),
                None => return Vec::new(),
            },
            Rival::AskForFile => return self.ask_for_file(true),
            Rival::File(path) => {
                self.pair.file = Some(path.clone());
                return vec![Effect::Read(path)];
            }
        };
        vec![Effect::Say(Request::Compare(Box::new(experiment)))]
    }

    /// Whether that file was to be compared with what runs; its text is taken then.
    pub(super) fn read_rival(&mut self, path: &Path, text: &str) -> Option<Vec<Effect>> {
        let wanted = self.pair.file.take_if(|wanted: &mut PathBuf| wanted == path)?;
        let experiment = Experiment::new(wanted.display().to_string(), text);
        Some(vec![Effect::Say(Request::Compare(Box::new(experiment)))])
    }

    /// The run that is shown again from its start with its changes, where that is B: A goes on.
    pub(super) fn again_as_rival(&mut self, experiment: Experiment) -> Vec<Effect> {
        self.pair.changes = Some(self.changes().clone());
        vec![Effect::Say(Request::Compare(Box::new(experiment)))]
    }

    /// A source of the run that is shown, in a run, by its name.
    #[must_use]
    pub fn source_in(&self, lane: Lane, source: usize) -> Option<usize> {
        if lane == self.frame.lane {
            return Some(source);
        }
        let name = &self.model()?.sources.get(crate::model::SourceId::new(source))?.name;
        let other = self.coming[lane as usize].as_ref().or(self.begun_of(lane))?;
        other.model.sources.iter().position(|other| other.name == *name)
    }

    /// What is done where both are on the canvas and the other side is clicked.
    #[must_use]
    pub fn other_side(&self) -> Action {
        Action::Steer(beside(self.frame.lane))
    }
}

/// What of a frame needs a place.
pub(super) fn inventory(frame: &Frame) -> Inventory {
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
