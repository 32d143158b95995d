//! What a study found, told: an answer becomes a page, a page becomes a string.
//!
//! [`page()`] makes the one page of an answer: `run/` that of a run, `answers/` those of the other studies. `render/`
//! makes text, Markdown, HTML, CSV and JUnit of any page, and JSON of the answer itself. Nothing here prints, reads a
//! clock or asks the environment, so equal answers give equal bytes. The formats for programs carry every digit; those
//! for people three.

mod answers;
pub(crate) mod chain;
mod amount;
mod explain;
mod napkin;
pub mod page;
mod part;
mod render;
mod run;
mod shown;

pub use amount::amount_text;
pub use answers::{page, page_for};
pub use explain::{Definition, column, definitions, search};
pub use napkin::{napkin_markdown, napkin_text};
pub use part::part_text;
pub use render::{Format, Look, Paint, json, markdown_table, render, wrap};
pub use run::{theory, verdict, verdict_so_far};

use crate::model::Model;
use crate::number::ABSENT;
use crate::scenario::Loaded;

/// What a page says beside its answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The command that makes it again.
    pub command: &'a str,
    /// What running the scenario teaches; may be empty.
    pub teaches: &'a str,
    /// Of what was run; with it, there is a picture of the system.
    pub model: Option<&'a Model>,
    /// The scenario as it stands in its file; with it, what did not hold has a line.
    pub source: Option<Source<'a>>,
}

/// A scenario and its file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Path of the file.
    pub file: &'a str,
    /// With nothing put in.
    pub loaded: &'a Loaded,
}

/// A value in words, or the sign of its absence.
fn or_absent(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or(ABSENT.to_owned(), say)
}

/// A figure for programs: so that it reads back exactly; whole numbers without a point. What has no end is a word, what
/// is no number is absent.
fn digits(value: f64) -> String {
    match value {
        value if value.is_nan() => String::new(),
        f64::INFINITY => "infinite".to_owned(),
        f64::NEG_INFINITY => "-infinite".to_owned(),
        value => format!("{value}"),
    }
}

/// What the checks of a scenario are called.
fn suite(title: &str, variant: Option<&str>) -> String {
    variant.map_or_else(|| title.to_owned(), |variant| format!("{title} [{variant}]"))
}
