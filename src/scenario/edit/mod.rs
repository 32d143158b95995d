//! Edits: what a person, `--set`, a variant or the runbook changes of a scenario.
//!
//! An edit changes the text, not the values, so that comments and layout of the rest stay as they are. It says what it
//! did as a [`Splice`], whose inverse gives the same bytes again; whether the result is a scenario is for the reader to
//! say.

mod document;
mod set;
mod splice;

use super::problem::Problem;
pub use document::Document;
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
}

impl Edit {
    /// A field gets a value.
    #[must_use]
    pub fn set(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Set { path: path.into(), value: value.into() }
    }

    /// What it does, for the log of a run.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Set { path, value } => format!("set {path} = {value}"),
        }
    }
}

/// As `--set` takes it.
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, value } => write!(f, "{path}={value}"),
        }
    }
}

/// Why an edit cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
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
