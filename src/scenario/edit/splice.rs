//! The smallest thing that can happen to a text, and its undoing.

use serde::{Deserialize, Serialize};

/// A piece of a text that becomes another. Whatever an edit does is one of these, and the other way round it is the
/// undoing; it fits only the text it was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    /// The first byte of the piece.
    pub at: usize,
    /// The piece as it stands there.
    pub old: String,
    /// What stands there afterwards.
    pub new: String,
}

impl Splice {
    /// What undoes it.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { at: self.at, old: self.new.clone(), new: self.old.clone() }
    }

    /// The text afterwards; None where the piece does not stand in it.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let behind = text.get(self.at..)?.strip_prefix(self.old.as_str())?;
        Some([&text[..self.at], &self.new, behind].concat())
    }
}
