//! Versions of the language: an older file is brought to the current one step by step, in its text.
//!
//! Each step turns version n into n + 1 and keeps comments. The chain is the only place that knows older versions.
use super::{
    problem::Problem,
    syntax::{self, Value},
};

/// The version that is read and written.
pub const CURRENT: u32 = 1;

/// From version n (its place in the list, plus 1) to the next.
type Step = fn(&str) -> Result<String, Box<Problem>>;
const STEPS: &[Step] = &[];

/// The text in the current version. A text that has no readable version is left to the reader to complain about.
pub fn to_current(text: &str) -> Result<String, Box<Problem>> {
    let mut text = text.to_owned();
    loop {
        let tree = syntax::parse(&text)?;
        let Some(node) = tree.child("version") else { return Ok(text) };
        let Value::Number(version) = &node.value else { return Ok(text) };
        let Ok(version) = version.parse::<u32>() else { return Ok(text) };
        if version == CURRENT {
            return Ok(text);
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
        text = step(&text)?;
    }
}
