//! Commands: what they are called.

use super::run_history::Entry;
use crate::model::Model;

/// A command in words.
pub fn words(entry: &Entry, model: &Model) -> String {
    entry.intervention.as_ref().map_or_else(|| "the system changes".to_owned(), |done| done.words(model))
}
