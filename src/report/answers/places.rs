//! Where in its file stands what was to hold.

use crate::report::Source;
use crate::report::page::{Check, Place};

/// The line of the field that a check is about, else of its objective; none where the file has neither.
pub(super) fn place(check: &Check, source: &Source) -> Option<Place> {
    let loaded = source.loaded;
    let span = match &check.field {
        Some(field) => loaded.place(&field.split('.').collect::<Vec<_>>()),
        None => {
            let known = loaded.scenario.objectives.get(&check.subject)?;
            let index = known.iter().position(|expression| *expression == check.expression)?;
            loaded.place(&["objectives", &check.subject, &index.to_string()])
        }
    }?;
    let line = loaded.text.get(..span.start)?.matches('\n').count() + 1;
    Some(Place { file: source.file.to_owned(), line })
}
