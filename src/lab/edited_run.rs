//! The first edit makes B: the run as it is stays as A beside the one with the edits, so that both can be compared.
//! Without an edit there is no B. What nobody has seen run yet is edited itself.

use super::changes::{Change, Changes, Told};
use super::opening::{BLANK, Opening};
use super::state::{Effect, LabState};
use crate::experiment::{Compiled, Experiment, Intervention};
use crate::host::{Lane, Phase, Request};
use crate::scenario::Edit;
use crate::units::Time;

/// The first figures of a run come with its first second: before that nothing was seen of it.
const SEEN: Time = Time(1_000_000_000);

impl Change {
    /// It is of the design: what is done to a run, like a surge or a death, is not.
    const fn is_edit(&self) -> bool {
        match self {
            Self::Start(_) | Self::Text(_) => true,
            Self::Then(entry) => matches!(entry.intervention, Intervention::Edit(_)),
        }
    }
}

impl Changes {
    /// The record of what was opened with all of this.
    pub(super) fn experiment(&self, opened: &Compiled) -> Experiment {
        Experiment {
            variant: opened.variant.clone(),
            edits: self.edits(),
            seed: Some(opened.seed),
            log: self.log(),
            ..Experiment::new(self.opened_as().to_owned(), self.text().to_string())
        }
    }
}

impl LabState {
    /// An edit makes a second run: there is none yet, and something was seen of the first.
    fn makes_b(&self) -> bool {
        let alone = self.branched.is_none() && !self.dead && !self.awaits_change();
        // What begins blank is built, not changed.
        let designed = self.opened.as_ref().is_some_and(|opened| *opened.base.text != *BLANK);
        alone && designed && self.frame.known.max(self.frame.now) >= SEEN
    }

    /// A change makes B where it is an edit and the first; else it is left to whoever asks.
    pub(super) fn first_edit(&mut self, told: &Told) -> Option<Vec<Effect>> {
        let opened = self.opened.clone().filter(|_| told.change.is_edit() && self.makes_b())?;
        let trunk = &mut self.changes[Lane::Trunk as usize];
        let mut changes = trunk.branched(Time(i64::MAX));
        changes.undone = std::mem::take(&mut trunk.undone);
        changes.done.push(told.clone());
        let experiment = changes.experiment(&opened);
        self.changes[Lane::Branch as usize] = changes.clone();
        (self.pair.changes, self.pair.edited) = (Some(changes), true);
        Some(vec![Effect::Say(Request::Compare(Box::new(experiment)))])
    }

    /// An edit from the present on: the first is one of a B that leaves A now.
    pub(super) fn edit_from_now(&mut self, edits: Vec<Edit>) -> Vec<Effect> {
        let edit = Effect::Say(Request::Edit(edits));
        if !self.makes_b() || matches!(self.frame.phase, Phase::Done | Phase::Stopped) {
            return vec![edit];
        }
        self.pair.edited = true;
        vec![Effect::Say(Request::Branch { at: self.frame.now }), edit]
    }

    /// B was made by an edit, and none is left.
    pub(super) fn has_no_edit_left(&self) -> bool {
        self.pair.edited && self.steered() == Lane::Branch && self.changes().done.is_empty()
    }

    /// B is given up; what made it can be done again.
    pub(super) fn discard(&mut self) -> Vec<Effect> {
        self.shelve();
        vec![Effect::Say(Request::Prune)]
    }

    /// The edits that made B are as if undone in A: B will be another, or none.
    pub(super) fn shelve(&mut self) {
        if std::mem::take(&mut self.pair.edited) {
            let [trunk, branch] = &mut self.changes;
            branch.undone.extend(branch.done.drain(..).rev());
            trunk.undone = std::mem::take(&mut branch.undone);
        }
        self.pair.changes = None;
    }

    /// B comes of A, and can take its place: another scenario is opened, not kept.
    #[must_use]
    pub fn can_keep(&self) -> bool {
        self.branched.is_some() && !self.awaits_change() && (self.compared.is_none() || self.pair.edited)
    }

    /// B takes A's place, at the present; what was changed of it can be undone there.
    pub(super) fn keep(&mut self) -> Vec<Effect> {
        let Some(opened) = self.opened.clone().filter(|_| self.can_keep()) else { return Vec::new() };
        let [trunk, branch] = &mut self.changes;
        let experiment = Experiment { moment: Some(self.frame.now), ..branch.experiment(&opened) };
        *branch = trunk.continued(branch);
        self.openings.push_back(Opening { again: Some(Lane::Branch), ..Opening::default() });
        self.send(experiment)
    }
}
