//! What a person changed: undone and done again, and saved as a file that does it by itself.
//!
//! A change is of the experiment, at a time of the run or from its start. Undoing one plays the run again without it,
//! from just before it up to where the playhead stands; whoever plays is the host. Of two runs each has its own.

use super::opening::edited;
use super::state::{Effect, LabState};
use crate::experiment::Compiled;
use crate::experiment::{Experiment, LogEntry};
use crate::host::{Lane, LoggedCommand, Request};
use crate::scenario::difference::as_variant;
use crate::scenario::edit::{Document, words};
use crate::scenario::{self, Edit, Problem};
use crate::units::Time;
use std::sync::Arc;

/// Something a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// At a time of the run: an act, an edit, a variant.
    Then(LogEntry),
    /// The scenario was edited from the start.
    Start(Vec<Edit>),
    /// The text of the scenario was written anew; earlier edits are in it.
    Text(String),
}

/// A change and how it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What.
    pub change: Change,
    /// In words.
    pub text: String,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In the order in which they were made.
    pub done: Vec<Told>,
    /// The last that was undone at the end.
    pub undone: Vec<Told>,
    /// What was opened: its name and its text.
    base: (String, Arc<str>),
    /// Edits that the experiment came with.
    before: Vec<Edit>,
    /// What a second run shares with the first.
    shared: Vec<LogEntry>,
}

impl Changes {
    /// Of what was just opened.
    #[must_use]
    pub fn of(opened: &Compiled) -> Self {
        let base = (opened.base.name.clone(), Arc::clone(&opened.base.text));
        Self { base, before: opened.edits.clone(), ..Self::default() }
    }

    /// Of a second run that leaves this one at that time.
    #[must_use]
    pub fn branched(&self, at: Time) -> Self {
        let shared = self.log().into_iter().filter(|entry| entry.time <= at).collect();
        let base = (self.base.0.clone(), self.text());
        Self { base, before: self.edits(), shared, ..Self::default() }
    }

    /// What these are where another, that came of it, takes its place.
    pub(super) fn continued(&self, other: &Self) -> Self {
        let stays = |told: &&Told| match &told.change {
            Change::Then(entry) => other.shared.contains(entry),
            Change::Start(_) | Change::Text(_) => true,
        };
        let done = self.done.iter().filter(stays).chain(&other.done).cloned().collect();
        Self { done, undone: other.undone.clone(), ..self.clone() }
    }

    /// A command took effect, after `before` in the run's log. One that was known is a run played again.
    pub(super) fn hear(&mut self, command: &LoggedCommand, before: &[LogEntry]) {
        let Some(entry) = command.entry() else { return };
        let like_it = |log: &[LogEntry]| log.iter().filter(|known| **known == entry).count();
        if like_it(&self.log()) > like_it(before) {
            return;
        }
        // It gave up what had been done later, at its own instant too.
        let stays = |known: &LogEntry| known.time < entry.time || known.time == entry.time && before.contains(known);
        self.done.retain(|told| !matches!(&told.change, Change::Then(known) if !stays(known)));
        self.undone.clear();
        self.done.push(Told { change: Change::Then(entry), text: command.text.clone() });
    }

    /// Where a command stands among the changes; none: it came with the run.
    #[must_use]
    pub fn place(&self, command: &LoggedCommand) -> Option<usize> {
        let intervention = command.intervention.as_ref()?;
        self.done.iter().position(|told| {
            matches!(&told.change, Change::Then(entry)
                if entry.time == command.time && entry.intervention == *intervention)
        })
    }

    /// Edits of the scenario, those it came with first.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        let rewritten = self.done.iter().rposition(|told| matches!(told.change, Change::Text(_)));
        let before = if rewritten.is_some() { &[][..] } else { &self.before[..] };
        let own = self.done[rewritten.map_or(0, |place| place + 1)..].iter().filter_map(|told| match &told.change {
            Change::Start(edits) => Some(edits.clone()),
            Change::Then(_) | Change::Text(_) => None,
        });
        before.iter().cloned().chain(own.flatten()).collect()
    }

    /// The text that the edits are made to.
    #[must_use]
    pub fn text(&self) -> Arc<str> {
        let written = self.done.iter().rev().find_map(|told| match &told.change {
            Change::Text(text) => Some(text.as_str().into()),
            Change::Start(_) | Change::Then(_) => None,
        });
        written.unwrap_or_else(|| Arc::clone(&self.base.1))
    }

    /// The text with the edits: what the file would say.
    #[must_use]
    pub fn stated(&self) -> String {
        let mut document = Document::new(&*self.text());
        // Edits that could not be done were never made.
        let _ = document.edit_all(&self.edits());
        document.text().to_owned()
    }

    /// The name of what was opened.
    pub(super) fn opened_as(&self) -> &str {
        &self.base.0
    }

    /// The text as it was opened.
    #[must_use]
    pub fn opened(&self) -> &str {
        &self.base.1
    }

    /// What is done to the run, in the order of time.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        let own = self.done.iter().filter_map(|told| match &told.change {
            Change::Then(entry) => Some(entry.clone()),
            Change::Start(_) | Change::Text(_) => None,
        });
        let mut log: Vec<LogEntry> = self.shared.iter().cloned().chain(own).collect();
        log.sort_by_key(|entry| entry.time);
        log
    }
}

impl LabState {
    /// Whether this can be changed: what is wrong with it otherwise, in a sentence.
    #[must_use]
    pub fn objection(&self, edits: &[Edit]) -> Option<String> {
        let problems = self.draft()?.edited(edits).err()?;
        let first = problems.first()?;
        let Problem { message, help, .. } = first;
        Some(help.as_ref().map_or_else(|| message.clone(), |help| format!("{message}: {help}")))
    }

    /// What a person changed of the run that is shown.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes[self.steered() as usize]
    }

    /// The run that commands go to: the one that is shown, unless its last picture still stands and another comes.
    pub(super) fn steered(&self) -> Lane {
        match self.branched {
            _ if self.pair.comes_next() => Lane::Branch,
            Some(_) => self.frame.lane,
            None => Lane::Trunk,
        }
    }

    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes[self.steered() as usize]
    }

    /// There is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.opened.is_some() && !self.changes().done.is_empty()
    }

    /// Something that was undone can be done again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.opened.is_some() && !self.changes().undone.is_empty()
    }

    pub(super) fn undo(&mut self) -> Vec<Effect> {
        let changes = self.changes_mut();
        let Some(last) = changes.done.pop() else { return Vec::new() };
        changes.undone.push(last.clone());
        if self.has_no_edit_left() {
            return self.discard();
        }
        self.rerun(&last.change, self.frame.now)
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        let changes = self.changes_mut();
        let Some(last) = changes.undone.pop() else { return Vec::new() };
        if let Some(effects) = self.first_edit(&last) {
            return effects;
        }
        self.changes_mut().done.push(last.clone());
        self.rerun(&last.change, self.frame.now)
    }

    /// What was done at that place among the changes is not done; none: it is done then.
    pub(super) fn revise(&mut self, place: usize, time: Option<Time>) -> Vec<Effect> {
        let now = self.frame.now;
        let changes = self.changes_mut();
        let Some(told) = changes.done.get_mut(place) else { return Vec::new() };
        let before = told.change.clone();
        match (&mut told.change, time) {
            (Change::Then(entry), Some(time)) => entry.time = time,
            (Change::Then(_) | Change::Start(_) | Change::Text(_), _) => _ = changes.done.remove(place),
        }
        changes.undone.clear();
        self.rerun(&before, now)
    }

    /// The scenario says this from its start.
    pub(super) fn edit_from_start(&mut self, edits: Vec<Edit>) -> Vec<Effect> {
        let told = Told { text: words(&edits), change: Change::Start(edits) };
        self.changes_mut().undone.clear();
        if let Some(effects) = self.first_edit(&told) {
            return effects;
        }
        self.changes_mut().done.push(told.clone());
        self.rerun(&told.change, self.frame.now)
    }

    /// The text of the scenario is this; typing on is the same change.
    pub(super) fn rewrite(&mut self, text: String) -> Vec<Effect> {
        let told = Told { change: Change::Text(text), text: "edit the text".to_owned() };
        self.changes_mut().undone.clear();
        if let Some(effects) = self.first_edit(&told) {
            return effects;
        }
        let done = &mut self.changes_mut().done;
        match done.last_mut() {
            Some(last) if matches!(last.change, Change::Text(_)) => last.clone_from(&told),
            Some(_) | None => done.push(told.clone()),
        }
        self.rerun(&told.change, self.frame.now)
    }

    /// The run once more with its changes, but for those after that time, which are given up.
    pub(super) fn restart(&mut self, moment: Time) -> Vec<Effect> {
        self.changes_mut().done.retain(|told| !matches!(&told.change, Change::Then(entry) if entry.time > moment));
        self.reopen(moment)
    }

    /// The run with its changes, up to that time, where one of them was put in or taken out; how it is looked at stays.
    fn rerun(&mut self, changed: &Change, moment: Time) -> Vec<Effect> {
        self.before = Some(self.timeline(self.frame.lane).clone());
        match changed {
            Change::Then(_) => vec![Effect::Say(Request::Revise { log: self.changes().log(), moment })],
            Change::Start(_) | Change::Text(_) => self.reopen(moment),
        }
    }

    fn reopen(&mut self, moment: Time) -> Vec<Effect> {
        let Some(experiment) = self.experiment() else { return Vec::new() };
        if self.steered() == Lane::Branch && !self.dead {
            return self.again_as_rival(experiment);
        }
        self.open_again(Experiment { moment: Some(moment), ..experiment })
    }

    /// What is shown, as one record: the file with all that was done.
    #[must_use]
    pub fn experiment(&self) -> Option<Experiment> {
        Some(self.changes().experiment(self.begun_of(self.steered())?))
    }

    /// A new file, beside the one that was opened, that does by itself what was done: edits from the start in their
    /// places, everything else as rules of the runbook.
    pub(super) fn save(&mut self) -> Vec<Effect> {
        let Some(experiment) = self.experiment() else { return Vec::new() };
        match written(&experiment) {
            Ok(text) => vec![Effect::Save(edited(self.file.as_deref(), &experiment.name), text, None)],
            Err(problems) => {
                self.notice = Some(format!("It cannot be saved: {}", first(&problems)));
                Vec::new()
            }
        }
    }

    /// The text of a file that does by itself what was done, from the start and later.
    ///
    /// # Errors
    /// What no file can do.
    pub fn replay_text(&self) -> Result<String, String> {
        let experiment = self.experiment().ok_or("nothing runs")?;
        written(&experiment).map_err(|problems| first(&problems))
    }

    /// The text that was opened, with what runs now as a variant of that name.
    ///
    /// # Errors
    /// Nothing differs, the name cannot be, or a variant has no words for it.
    pub fn variant_text(&self, name: &str, teaches: &str) -> Result<String, String> {
        let running = self.running.as_ref().ok_or("nothing runs")?;
        let (called, text) = &self.changes().base;
        let base = scenario::load(called, text).map_err(|problems| first(&problems))?;
        let edit = as_variant(&base, &running.loaded, name, teaches)?;
        let (after, _) = base.edited(&[edit]).map_err(|problems| first(&problems))?;
        Ok(after.text.to_string())
    }

    /// It was saved there, or not.
    pub fn saved(&mut self, saved: Result<std::path::PathBuf, String>) {
        let variant = self.opened.as_ref().and_then(|opened| opened.variant.clone());
        let with = variant.map_or_else(String::new, |variant| format!(" --variant '{variant}'"));
        self.notice = Some(match saved {
            Ok(path) if path.extension().is_some_and(|ending| ending == "html") => {
                format!("The report is in {}.", path.display())
            }
            Ok(path) if path.extension().is_some_and(|ending| ending == "png") => {
                format!(
                    "The picture is in {}; opened by surgelab lab, or dropped on it, it is this run.",
                    path.display()
                )
            }
            Ok(path) => {
                self.is_written();
                format!("Saved. The same run: surgelab run {}{with} --seed {}", path.display(), self.seed())
            }
            Err(why) => format!("It cannot be saved: {why}"),
        });
    }

    fn seed(&self) -> u64 {
        self.opened.as_ref().map_or(1, |opened| opened.seed)
    }
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, |problem| problem.message.clone())
}

/// The text of the file that does by itself what an experiment does to it.
fn written(experiment: &Experiment) -> Result<String, Vec<Problem>> {
    let base = experiment.base().map_err(|failure| failure.problems)?;
    let (stated, _) = base.edited(&experiment.edits)?;
    let stated = Experiment { text: stated.text.to_string(), edits: Vec::new(), moment: None, ..experiment.clone() };
    let rules = stated.as_replay().map_err(|failure| failure.problems)?;
    let base = stated.base().map_err(|failure| failure.problems)?;
    Ok(base.edited(&rules)?.0.text.to_string())
}
