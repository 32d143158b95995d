//! Pages as strings: a file a format. A renderer draws every block of the closed list, or says that its medium has no
//! place for it.

mod csv;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod paint;
mod sarif;
pub(super) mod spark;
mod text;

pub use json::json;
pub use markdown::markdown_table;
pub(super) use markdown::tables as tables_as_markdown;
pub use paint::{Look, Paint};
pub use text::wrap;
pub(super) use text::{draw as draw_table, tables as tables_as_text};

use super::page::Page;
use crate::plain;
use crate::study::Answer;

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// The answer itself.
    Json,
    /// The page's figures, one row each.
    Csv,
    /// For pull requests and notes.
    Markdown,
    /// The page's checks, for CI.
    Junit,
    /// A page that stands alone.
    Html,
    /// The page's failed checks, for code scanning.
    Sarif,
    /// The same, as annotations of a workflow of GitHub's.
    Github,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::Text,
        Format::Json,
        Format::Csv,
        Format::Markdown,
        Format::Junit,
        Format::Html,
        Format::Sarif,
        Format::Github,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Markdown => "markdown",
            Format::Junit => "junit",
            Format::Html => "html",
            Format::Sarif => "sarif",
            Format::Github => "github",
        }
    }

    /// Endings of the files that hold it; annotations are printed, not kept.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Format::Text => &["txt"],
            Format::Json => &["json"],
            Format::Csv => &["csv"],
            Format::Markdown => &["md"],
            Format::Junit => &["xml"],
            Format::Html => &["html", "htm"],
            Format::Sarif => &["sarif"],
            Format::Github => &[],
        }
    }

    /// Whether it shows what is drawn.
    pub fn has_pictures(self) -> bool {
        self == Format::Html
    }

    /// Whether it has every figure with every digit.
    pub fn has_figures(self) -> bool {
        self == Format::Csv
    }

    /// Whether it has what was to hold, for programs.
    pub fn has_checks(self) -> bool {
        matches!(self, Format::Junit | Format::Sarif | Format::Github)
    }

    /// The format that a file's ending stands for.
    pub fn by_ending(ending: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.endings().contains(&ending))
    }
}

/// A page in a format; `answer` is what it is the page of.
pub fn render(page: &Page, answer: &Answer, format: Format, look: Look) -> String {
    match format {
        Format::Text => text::text(&page.clone().shown(), look),
        Format::Json => json(answer),
        Format::Csv => csv::csv(page),
        Format::Markdown => plain::lines(&markdown::markdown(page)).into_owned(),
        Format::Junit => junit::junit(&page.clone().shown()),
        Format::Html => plain::lines(&html::html(page, &json(answer))).into_owned(),
        Format::Sarif => sarif::sarif(page),
        Format::Github => github::github(&page.clone().shown()),
    }
}
