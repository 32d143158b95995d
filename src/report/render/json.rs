//! JSON: what is serialised is its own contract.

use crate::plain;
use serde::Serialize;

/// Indented, with a line break at the end.
pub fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("what is told is plain data with finite numbers");
    text.push('\n');
    plain::json(&text).into_owned()
}
