//! Versions of the language: an older file is brought to the current one step by step, in its text.
//!
//! Each step turns version n into n + 1 and keeps comments. The chain is the only place that knows older versions.
use super::{edit::Document, problem::Problem, syntax::Value};

/// The version that is read and written.
pub const CURRENT: u32 = 1;

/// From version n (its place in the list, plus 1) to the next.
type Step = fn(&str) -> Result<String, Box<Problem>>;
const STEPS: &[Step] = &[];

/// A number that the reader takes for a whole one, such as `-0.0`.
fn whole(number: &str) -> Option<u32> {
    let exact = number.parse::<u32>().ok();
    exact.or_else(|| number.parse::<f64>().ok().filter(|number| number.fract() == 0.0).map(|number| number as u32))
}

/// The text in the current version. A text that has no readable version is left to the reader to complain about.
pub fn to_current(mut document: Document) -> Result<Document, Box<Problem>> {
    loop {
        let Some(node) = document.tree()?.child("version") else { return Ok(document) };
        let Value::Number(version) = &node.value else { return Ok(document) };
        let Some(version) = whole(version) else { return Ok(document) };
        if version == CURRENT {
            return Ok(document);
        }
        let Some(step) = (version as usize).checked_sub(1).and_then(|index| STEPS.get(index)) else {
            let problem = Problem::error(
                node.span.clone(),
                format!("unknown version {version} of the language"),
                format!("expected {CURRENT}"),
            );
            return Err(Box::new(if version > CURRENT {
                problem.help("the file was made for a newer surgelab")
            } else {
                problem
            }));
        };
        document = Document::new(step(document.text())?);
    }
}
