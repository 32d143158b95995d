//! Where in its file stands what was to hold.

use crate::report::Source;
use crate::report::page::{Check, Place};
use crate::scenario::Places;

/// A file that was read once for all that is looked for in it.
pub(super) struct Lines<'a> {
    source: &'a Source<'a>,
    places: Places,
    /// Where each line but the first begins.
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(source: &'a Source<'a>) -> Self {
        let begins = source.loaded.text.match_indices('\n').map(|(end, _)| end + 1).collect();
        Self { source, places: source.loaded.places(), begins }
    }

    /// The line of the field that a check is about, else of its objective; none where the file has neither.
    pub(super) fn place(&self, check: &Check) -> Option<Place> {
        let span = match &check.field {
            Some(field) => self.places.of(&field.split('.').collect::<Vec<_>>()),
            None => {
                let known = self.source.loaded.scenario.objectives.get(&check.subject)?;
                let index = known.iter().position(|expression| *expression == check.expression)?;
                self.places.of(&["objectives", &check.subject, &index.to_string()])
            }
        }?;
        let line = self.begins.partition_point(|begin| *begin <= span.start) + 1;
        Some(Place { file: self.source.file.to_owned(), line })
    }
}
