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
    /// The smallest one that makes a text another.
    #[must_use]
    pub fn between(before: &str, after: &str) -> Self {
        let same = |one: &mut dyn Iterator<Item = (u8, u8)>| one.take_while(|(one, other)| one == other).count();
        let mut start = same(&mut before.bytes().zip(after.bytes()));
        while !(before.is_char_boundary(start) && after.is_char_boundary(start)) {
            start -= 1;
        }
        let (old, new) = (&before[start..], &after[start..]);
        let mut end = same(&mut old.bytes().rev().zip(new.bytes().rev()));
        while !(old.is_char_boundary(old.len() - end) && new.is_char_boundary(new.len() - end)) {
            end -= 1;
        }
        Self { at: start, old: old[..old.len() - end].to_owned(), new: new[..new.len() - end].to_owned() }
    }

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
