//! Texts in the file that have a grammar of their own, or wait for their place.
use std::ops::Range;

/// What is wrong with a text of its own grammar: an amount, an objective, a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// Bytes of that text it is about.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub expected: String,
}

/// The RON text of one value, as written: what a variant or the runbook puts at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RonText(pub String);

impl RonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
