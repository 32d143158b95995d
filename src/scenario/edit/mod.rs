//! Edits: what a person, `--set`, a variant or the runbook changes of a scenario.
//!
//! A value is set, something is put in, taken out, renamed, moved or copied. An edit changes the text, not the values,
//! so that comments and layout of the rest stay as they are. It says what it did as a [`Splice`], whose inverse gives
//! the same bytes again; whether the result is a scenario is for the reader to say.

mod change;
mod document;
mod excerpt;
mod facts;
pub(in crate::scenario) mod group;
pub(in crate::scenario) mod mention;
pub(in crate::scenario) mod place;
mod remove;
mod rename;
mod set;
mod splice;
pub(in crate::scenario) mod walk;

use super::problem::Problem;
pub use document::Document;
pub use remove::Dependent;
pub(in crate::scenario) use remove::removal_of;
use serde::{Deserialize, Serialize};
pub use splice::Splice;
use std::fmt;

/// One change of a scenario's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// A field gets a value.
    Set {
        /// Which: `machines.web.count`.
        path: String,
        /// The value as in the file; a unit needs no quotes.
        value: String,
    },
    /// Something new: an entry of a map, an item of a list, a field that is not written.
    Insert {
        /// The path that it has afterwards: `services.cache`, `runbook.0`.
        path: String,
        /// The value as in the file; a unit needs no quotes.
        value: String,
        /// Its place among the entries of a map; none: the last. In a list the path says it.
        at: Option<usize>,
    },
    /// An entry, an item or a field goes, with the comments that belong to it.
    Remove {
        /// Which.
        path: String,
        /// What names it goes, too, as [`Document::dependents`] says; otherwise it stays, and the file may be wrong.
        dependents: bool,
    },
    /// A thing gets another name, wherever the file names it.
    Rename {
        /// An entry of a map, `services.app`, or the text that names a lock.
        path: String,
        /// Its name from now on.
        name: String,
    },
    /// An entry or an item goes to another place, in what holds it or in another of the same kind. Calls of an
    /// operation that goes to another service follow.
    Move {
        /// Which.
        path: String,
        /// The path that it has afterwards.
        to: String,
        /// Its place among the entries of a map afterwards; none: the last. In a list the path says it.
        at: Option<usize>,
    },
    /// The same again, right behind it. What the copy says of itself, it says of the copy.
    Duplicate {
        /// An entry or an item.
        path: String,
        /// The name of the copy; none: one that is free, as `app-2`.
        name: Option<String>,
    },
}

impl Edit {
    /// A field gets a value.
    #[must_use]
    pub fn set(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Set { path: path.into(), value: value.into() }
    }

    /// Something new, the last of its kind, or at the place in a list that the path says.
    #[must_use]
    pub fn insert(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Insert { path: path.into(), value: value.into(), at: None }
    }

    /// Something goes, and what names it stays.
    #[must_use]
    pub fn remove(path: impl Into<String>) -> Self {
        Self::Remove { path: path.into(), dependents: false }
    }

    /// Something goes with all that names it.
    #[must_use]
    pub fn remove_with_dependents(path: impl Into<String>) -> Self {
        Self::Remove { path: path.into(), dependents: true }
    }

    /// A thing gets another name.
    #[must_use]
    pub fn rename(path: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Rename { path: path.into(), name: name.into() }
    }

    /// The path it is about, before it is done.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Set { path, .. }
            | Self::Insert { path, .. }
            | Self::Remove { path, .. }
            | Self::Rename { path, .. }
            | Self::Move { path, .. }
            | Self::Duplicate { path, .. } => path,
        }
    }

    /// What it does, for the log of a run.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Set { path, value } => format!("set {path} = {value}"),
            Self::Insert { path, value, at: _ } => format!("add {path} = {value}"),
            Self::Remove { path, dependents: false } => format!("remove {path}"),
            Self::Remove { path, dependents: true } => format!("remove {path} and what names it"),
            Self::Rename { path, name } => format!("rename {path} to {name}"),
            Self::Move { path, to, at: None } => format!("move {path} to {to}"),
            Self::Move { path, to, at: Some(at) } => format!("move {path} to {to}, place {at}"),
            Self::Duplicate { path, name: None } => format!("duplicate {path}"),
            Self::Duplicate { path, name: Some(name) } => format!("duplicate {path} as {name}"),
        }
    }
}

/// What several do that belong together, for the log of a run.
#[must_use]
pub fn words(edits: &[Edit]) -> String {
    match edits {
        [] => "nothing".to_owned(),
        [one] => one.words(),
        [first, second] => format!("{} and {}", first.words(), second.words()),
        [first, others @ ..] => format!("{} and {} changes more", first.words(), others.len()),
    }
}

/// A `Set` as `--set` takes it, others in words.
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, value } => write!(f, "{path}={value}"),
            Self::Insert { .. }
            | Self::Remove { .. }
            | Self::Rename { .. }
            | Self::Move { .. }
            | Self::Duplicate { .. } => f.write_str(&self.words()),
        }
    }
}

/// Why an edit cannot be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditError {
    /// What is wrong.
    pub message: String,
    /// What was expected, or the nearest name.
    pub advice: String,
}

/// The text itself cannot be read.
impl From<Box<Problem>> for EditError {
    fn from(problem: Box<Problem>) -> Self {
        Self { message: problem.message, advice: problem.label }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        Self::general(error.message).help(error.advice)
    }
}
