//! What a person changed: undone and done again, and saved as a file that does it by itself.
//!
//! A change is of the experiment, at a time of the run or from its start. Undoing one plays the run again without it,
//! up to where the playhead stands; whoever plays is the host.

use super::opening::edited;
use super::state::{Effect, LabState};
use crate::experiment::{Experiment, LogEntry};
use crate::host::LoggedCommand;
use crate::scenario::{Edit, Problem};
use crate::units::Time;

/// Something a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// At a time of the run: an act, an edit, a variant.
    Then(LogEntry),
    /// The scenario was edited from the start.
    Start(Edit),
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
    /// Edits that the experiment came with.
    before: Vec<Edit>,
}

impl Changes {
    /// Of an experiment that came with these edits.
    #[must_use]
    pub fn of(before: Vec<Edit>) -> Self {
        Self { before, ..Self::default() }
    }

    /// A command took effect. One that was known is a run played again.
    pub(super) fn hear(&mut self, command: &LoggedCommand) {
        let Some(intervention) = command.intervention.clone() else { return };
        let change = Change::Then(LogEntry { time: command.time, intervention });
        if self.done.iter().any(|told| told.change == change) {
            return;
        }
        // It gave up what had been done later.
        self.done.retain(|told| !matches!(&told.change, Change::Then(entry) if entry.time > command.time));
        self.undone.clear();
        self.done.push(Told { change, text: command.text.clone() });
    }

    /// Edits of the scenario, those it came with first.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        let own = self.done.iter().filter_map(|told| match &told.change {
            Change::Start(edit) => Some(edit.clone()),
            Change::Then(_) => None,
        });
        self.before.iter().cloned().chain(own).collect()
    }

    /// What is done to the run, in the order of time.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        let own = self.done.iter().filter_map(|told| match &told.change {
            Change::Then(entry) => Some(entry.clone()),
            Change::Start(_) => None,
        });
        let mut log: Vec<LogEntry> = own.collect();
        log.sort_by_key(|entry| entry.time);
        log
    }
}

impl LabState {
    /// Whether a value can be put there: what is wrong with it otherwise, in a sentence.
    #[must_use]
    pub fn objection(&self, edit: &Edit) -> Option<String> {
        let running = self.running.as_ref()?;
        let problems = running.loaded.edited(std::slice::from_ref(edit)).err()?;
        let first = problems.first()?;
        let Problem { message, help, .. } = first;
        Some(help.as_ref().map_or_else(|| message.clone(), |help| format!("{message}: {help}")))
    }

    /// There is something to undo. Of two runs each has its own past.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.opened.is_some() && self.branched.is_none() && !self.changes.done.is_empty()
    }

    /// Something that was undone can be done again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.opened.is_some() && self.branched.is_none() && !self.changes.undone.is_empty()
    }

    pub(super) fn undo(&mut self) -> Vec<Effect> {
        let Some(last) = self.changes.done.pop() else { return Vec::new() };
        self.changes.undone.push(last);
        self.rerun(self.frame.now)
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        let Some(last) = self.changes.undone.pop() else { return Vec::new() };
        self.changes.done.push(last);
        self.rerun(self.frame.now)
    }

    /// The scenario says this from its start.
    pub(super) fn edit_from_start(&mut self, edit: Edit) -> Vec<Effect> {
        let text = edit.words();
        self.changes.undone.clear();
        self.changes.done.push(Told { change: Change::Start(edit), text });
        self.rerun(self.frame.now)
    }

    /// The run once more with its changes, but for those after that time, which are given up.
    pub(super) fn restart(&mut self, moment: Time) -> Vec<Effect> {
        self.changes.done.retain(|told| !matches!(&told.change, Change::Then(entry) if entry.time > moment));
        self.rerun(moment)
    }

    /// The run once more with its changes, up to that time; how it is looked at stays.
    fn rerun(&mut self, moment: Time) -> Vec<Effect> {
        let Some(experiment) = self.experiment() else { return Vec::new() };
        self.again = Some(Box::new(super::opening::Again {
            changes: self.changes.clone(),
            playing: self.playing,
            speed: self.speed,
            picked: self.picked.clone(),
            view: self.view.clone(),
        }));
        let positions = self.layout.positions();
        self.open(self.file.clone(), positions, Experiment { moment: Some(moment), ..experiment })
    }

    /// What is shown, as one record: the file with all that was done.
    pub(super) fn experiment(&self) -> Option<Experiment> {
        let opened = self.opened.as_ref()?;
        let base = &opened.base;
        Some(Experiment {
            variant: opened.variant.clone(),
            edits: self.changes.edits(),
            seed: Some(opened.seed),
            log: self.changes.log(),
            ..Experiment::new(base.name.clone(), base.text.to_string())
        })
    }

    /// A new file, beside the one that was opened, that does by itself what was done: edits from the start in their
    /// places, everything else as rules of the runbook.
    pub(super) fn save(&mut self) -> Vec<Effect> {
        let Some(experiment) = self.experiment() else { return Vec::new() };
        match written(&experiment) {
            Ok(text) => vec![Effect::Save(edited(self.file.as_deref(), &experiment.name), text)],
            Err(problems) => {
                let why = problems.first().map_or_else(String::new, |problem| problem.message.clone());
                self.notice = Some(format!("It cannot be saved: {why}"));
                Vec::new()
            }
        }
    }

    /// It was saved there, or not.
    pub fn saved(&mut self, saved: Result<std::path::PathBuf, String>) {
        let variant = self.opened.as_ref().and_then(|opened| opened.variant.clone());
        let with = variant.map_or_else(String::new, |variant| format!(" --variant '{variant}'"));
        self.notice = Some(match saved {
            Ok(path) => {
                format!("Saved. The same run: surgelab run {}{with} --seed {}", path.display(), self.seed())
            }
            Err(why) => format!("It cannot be saved: {why}"),
        });
    }

    fn seed(&self) -> u64 {
        self.opened.as_ref().map_or(1, |opened| opened.seed)
    }
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
