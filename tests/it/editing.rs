//! The editor's ground, without an editor: what edits do to a file, what a control needs to know of a field, who may
//! call whom.

mod additions;
mod excerpt;
mod forms;
mod names;
mod replays;
mod structure;
mod wires;

use surgelab::scenario::edit::{Document, Edit, EditError};
use surgelab::scenario::{Loaded, load, render};

/// The text after some edits; undone, it is the text before, byte for byte.
#[track_caller]
fn edited(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut document = Document::new(text);
    let splice = document.edit_all(edits)?;
    let after = document.text().to_owned();
    document.splice(&splice.inverse()).unwrap();
    assert_eq!(document.text(), text, "{edits:?} is undone");
    Ok(after)
}

/// A scenario of these lines, which is sound.
#[track_caller]
fn sound(text: &str) -> Loaded {
    load("test", text).unwrap_or_else(|problems| panic!("{}\n{text}", render(&problems, "test", text, false)))
}
