//! What is done to a run while it goes on, in words that outlive it: a command of the engine holds a compiled model, an
//! intervention says what that was compiled from.

use super::{Experiment, LoadFailure};
use crate::engine::Command;
use crate::model::{Action, Change, Model};
use crate::scenario::{self, Edit, Loaded, Problem};
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is said of an act whose ids mean nothing in the model that runs.
const NOT_THERE: &str = "an act names a machine, service, source, store or variant that is not there, or no factor";

/// Something somebody does to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Intervention {
    /// An action of the runbook, by hand. Machines, services and sources are named by their ids in the model that runs.
    Act(Action),
    /// The experiment's scenario with this variant, or with none, takes the place of the system that runs.
    ApplyVariant(Option<String>),
    /// The scenario that runs is edited: all of them at once.
    Edit(Vec<Edit>),
}

/// An intervention and its instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Before the events of this instant.
    pub time: Time,
    /// What is done.
    pub intervention: Intervention,
}

impl Intervention {
    /// An action by hand. A `Set` is the edit that it stands for.
    #[must_use]
    pub fn of(action: Action) -> Self {
        match action {
            Action::Set { path, value } => Self::Edit(vec![Edit::Set { path, value }]),
            other => Self::Act(other),
        }
    }

    /// Whether the system is read and compiled anew for it.
    #[must_use]
    pub fn is_a_change(&self) -> bool {
        match self {
            Self::Act(action) => matches!(action, Action::Apply(_) | Action::Set { .. }),
            Self::ApplyVariant(_) | Self::Edit(_) => true,
        }
    }

    /// The command for a run that has this model; what changes the system is compiled here, and nowhere else. `base` is
    /// the experiment's scenario with nothing put in.
    ///
    /// # Errors
    /// What cannot be put in, what is wrong with the file that this gives, or an act about what is not there.
    pub fn command(&self, experiment: &Experiment, base: &Loaded, model: &Model) -> Result<Command, LoadFailure> {
        if let Self::Act(action) = self
            && !action.fits(model)
        {
            let problem = Problem::general(NOT_THERE).help("it was made for another system, or is damaged");
            return Err(LoadFailure::of(base, vec![problem]));
        }
        let compiled = match self {
            Self::Act(Action::Apply(variant)) => {
                let model = model.changed(&Change::Apply(variant.clone()));
                model.map_err(|problems| LoadFailure { name: variant.clone(), ..LoadFailure::of(base, problems) })?
            }
            Self::Act(action) => return Ok(Command::Act(action.clone())),
            Self::ApplyVariant(variant) => {
                let name = variant
                    .as_ref()
                    .map_or_else(|| base.name.clone(), |variant| format!("{} with {variant}", base.name));
                let loaded = base.with(variant.as_deref(), &experiment.edits);
                let model = loaded.and_then(|loaded| model.compile_after(&loaded));
                model.map_err(|problems| LoadFailure { name, ..LoadFailure::of(base, problems) })?
            }
            Self::Edit(edits) => model.edited(edits).map_err(|problems| {
                let name = match &edits[..] {
                    [Edit::Set { path, value }] => format!("{path} = {value}"),
                    edits => scenario::edit::words(edits),
                };
                LoadFailure { name, text: model.text.to_string(), problems }
            })?,
        };
        Ok(Command::Replace(Arc::new(compiled)))
    }

    /// What it is called in the log of a run with this model.
    #[must_use]
    pub fn words(&self, model: &Model) -> String {
        match self {
            Self::Act(action) => action.words(model),
            Self::ApplyVariant(_) => "the system changes".to_owned(),
            Self::Edit(edits) => scenario::edit::words(edits),
        }
    }
}
