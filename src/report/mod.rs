//! What a run or a study yielded, told: results in, a string out.
//!
//! Pure functions: nothing here prints, reads a clock or asks the environment, so equal results give equal bytes. The
//! machine formats (`json`, `csv`, `junit`) carry every digit; those for people (`text`, `markdown`, `html`) three.
//! What a format has no place for is left out of it, never out of `json`.

pub(crate) mod chain;
mod csv;
mod groups;
mod html;
mod json;
mod junit;
mod markdown;
pub(crate) mod number;
mod paint;
mod part;
mod replications;
mod spark;
mod stores;
mod table;
mod text;
pub(crate) mod theory;
mod verdict;

pub use csv::csv;
pub use html::html;
pub use json::{json, replications_schema, results_schema};
pub use junit::{junit, junit_replications};
pub use markdown::{markdown, napkin_markdown, table as markdown_table};
pub use number::count;
pub use paint::{Paint, Tone};
pub use part::part_text;
pub use replications::{csv_replications, html_replications, markdown_replications, text_replications};
pub use table::{Cell, Table, toned, wrap};
pub use text::{napkin_text, text};
pub use verdict::verdict;

/// How a report for a terminal looks.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions<'a> {
    /// The command that reproduces it; its last line.
    pub command: &'a str,
    /// What running the scenario teaches; may be empty.
    pub teaches: &'a str,
    /// With colour.
    pub color: bool,
    /// Columns of the terminal; 60 to 100 are used.
    pub width: usize,
}

impl TextOptions<'_> {
    fn columns(&self) -> usize {
        self.width.clamp(60, 100)
    }

    fn paint(&self) -> Paint {
        Paint { color: self.color }
    }
}

/// What was run, in one line: the variant, how long, the seed, how many events, the digest.
fn facts(results: &crate::measure::results::Results) -> String {
    let variant = results.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    format!(
        "{variant}{} simulated · seed {} · {} events · digest {}",
        number::length(results.horizon_s),
        results.seed,
        number::figure(results.engine.events as f64),
        results.digest
    )
}
