//! What is run, as one record: the text, what is put into it before the start, the seed, and what is done to it
//! meanwhile.
//!
//! The command line, the host, the lab, pictures and studies are all given an [`Experiment`]; compiling it gives a
//! [`Compiled`], which is what a run begins with. An experiment says everything a run depends on, so that the same one
//! gives the same run wherever it is played.

mod intervention;
mod replay;

use crate::engine::Limits;
use crate::measure::{Halt, Options};
use crate::model::Model;
use crate::scenario::{self, Edit, Loaded, Problem};
use crate::units::Time;
pub use intervention::{Intervention, LogEntry};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What it is called in messages: a file's path or a built-in's name.
    pub name: String,
    /// The scenario itself, as it was written.
    pub text: String,
    /// The variant of it that is put in first.
    pub variant: Option<String>,
    /// Edits that are put in after that.
    pub edits: Vec<Edit>,
    /// Root of every random draw; none: the scenario's own.
    pub seed: Option<u64>,
    /// What is done to the run, in the order of time.
    pub log: Vec<LogEntry>,
    /// When it is looked at; none: at its beginning.
    pub moment: Option<Time>,
}

/// An experiment that can be run, or what became of one on the way.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The variant that was put in last.
    pub variant: Option<String>,
    /// Root of every random draw.
    pub seed: u64,
    /// What was read, variant and edits put in; it has the experiment's name.
    pub loaded: Arc<Loaded>,
    /// The same with nothing put in: what other variants are put into.
    pub base: Arc<Loaded>,
    /// What was put in after the variant, and is after any other.
    pub edits: Vec<Edit>,
    /// What is simulated.
    pub model: Arc<Model>,
    /// What each of its runs may take.
    pub limits: Limits,
    /// Ends them before their time.
    pub halt: Halt,
}

/// Why something does not run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadFailure {
    /// What it is called.
    pub name: String,
    /// What the problems are about.
    pub text: String,
    /// All of them.
    pub problems: Vec<Problem>,
}

impl Experiment {
    /// A text as it stands.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), ..Self::default() }
    }

    /// The scenario of the text, with nothing put in.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn base(&self) -> Result<Loaded, LoadFailure> {
        scenario::load(&self.name, &self.text).map_err(|problems| LoadFailure {
            name: self.name.clone(),
            text: self.text.clone(),
            problems,
        })
    }

    /// That scenario with this experiment's edits and a variant, be it its own or another, put in.
    ///
    /// # Errors
    /// What cannot be put in, or what is wrong with the file that this gives.
    pub fn load(&self, base: &Loaded, variant: Option<&str>) -> Result<Loaded, LoadFailure> {
        base.with(variant, &self.edits).map_err(|problems| LoadFailure::of(base, problems))
    }

    /// The same with what a log edits put in from its start: the last variant that was applied, and the edits made
    /// since. What else was done is left out.
    #[must_use]
    pub fn edited_by(&self, log: &[LogEntry]) -> Self {
        let (mut variant, mut edits) = (self.variant.clone(), self.edits.clone());
        for entry in log {
            match &entry.intervention {
                Intervention::ApplyVariant(other) => {
                    variant.clone_from(other);
                    edits.clone_from(&self.edits);
                }
                Intervention::Edit(more) => edits.extend(more.iter().cloned()),
                Intervention::Act(_) => {}
            }
        }
        Self { variant, edits, log: Vec::new(), moment: None, ..self.clone() }
    }

    /// What its run begins with; the log is for whoever plays it.
    ///
    /// # Errors
    /// Why it does not run.
    pub fn compile(&self) -> Result<Compiled, LoadFailure> {
        let base = self.base()?;
        let loaded = self.load(&base, self.variant.as_deref())?;
        Ok(Compiled::new(loaded, self.variant.clone(), self.seed)?.made_of(base, self.edits.clone()))
    }
}

impl Compiled {
    /// A scenario with what was put into it; without a seed its own.
    ///
    /// # Errors
    /// The scenario is larger than what can be run.
    pub fn new(loaded: Loaded, variant: Option<String>, seed: Option<u64>) -> Result<Self, LoadFailure> {
        let model = Model::compile(&loaded).map_err(|problems| LoadFailure::of(&loaded, problems))?;
        let seed = seed.unwrap_or(loaded.scenario.seed);
        let loaded = Arc::new(loaded);
        let (base, model) = (Arc::clone(&loaded), Arc::new(model));
        let (limits, halt) = (Limits::DEFAULT, Halt::default());
        Ok(Self { variant, seed, base, loaded, edits: Vec::new(), model, limits, halt })
    }

    /// The same, and what it was made of.
    #[must_use]
    pub fn made_of(self, base: Loaded, edits: Vec<Edit>) -> Self {
        Self { base: Arc::new(base), edits, ..self }
    }

    /// The scenario with another variant than its own, or its own, and after that and its edits more of them.
    ///
    /// # Errors
    /// What cannot be put in, or what is wrong with the file that this gives.
    pub fn changed(&self, variant: Option<&str>, edits: &[Edit]) -> Result<Loaded, LoadFailure> {
        let changed = match variant.filter(|variant| self.variant.as_deref() != Some(variant)) {
            Some(variant) => self.base.with(Some(variant), &[&self.edits[..], edits].concat()),
            None => self.loaded.with(None, edits),
        };
        changed.map_err(|problems| LoadFailure::of(&self.loaded, problems))
    }

    /// What its run has become: another model, of the variant that was put in last.
    #[must_use]
    pub fn after(&self, model: &Arc<Model>, variant: Option<String>) -> Self {
        let loaded = model.loaded(&self.loaded.name);
        Self { variant, loaded: Arc::new(loaded), model: Arc::clone(model), ..self.clone() }
    }

    /// What results of it are labelled with.
    #[must_use]
    pub fn options(&self) -> Options {
        let (variant, halt) = (self.variant.clone(), self.halt.clone());
        Options { seed: self.seed, variant, limits: self.limits, halt, until_decided: false }
    }
}

impl LoadFailure {
    /// Problems of a scenario that was read.
    #[must_use]
    pub fn of(loaded: &Loaded, problems: Vec<Problem>) -> Self {
        Self { name: loaded.name.clone(), text: loaded.text.to_string(), problems }
    }
}
