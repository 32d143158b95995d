//! `surgelab explain`: what the figures of reports mean.

use super::args::TableFormat;
use super::failure::Failure;
use super::output::Terminal;
use crate::report::page::Tone;
use crate::report::{self, Definition, Paint, wrap};
use serde_json::json;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

/// Those that match all words, or all of them.
pub fn explain(words: &[String], format: TableFormat, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let found = report::search(words);
    if found.is_empty() {
        return Err(Failure::Usage {
            message: format!("no figure speaks of `{}`", words.join(" ")),
            help: "`surgelab explain` lists all; fields of scenarios are in `surgelab fields`".to_owned(),
        });
    }
    let text = match format {
        TableFormat::Json => {
            let object = |d: &Definition| json!({ "place": d.place, "name": d.name, "key": d.key, "unit": d.unit, "meaning": d.meaning });
            report::json(&serde_json::Value::Array(found.iter().map(object).collect()))
        }
        TableFormat::Markdown => {
            let row = |d: &Definition| vec![d.place.into(), d.name.clone(), d.unit.into(), d.meaning.clone()];
            report::markdown_table(&["place", "name", "unit", "meaning"], &found.iter().map(row).collect::<Vec<_>>())
        }
        TableFormat::Text => in_text(&found, Paint { color: terminal.color(false) }, terminal.prose()),
    };
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Under the headings of a report, a figure two lines.
fn in_text(found: &[Definition], paint: Paint, width: usize) -> String {
    let mut out = String::new();
    let mut place = "";
    for definition in found {
        if definition.place != place {
            let gap = if place.is_empty() { "" } else { "\n" };
            place = definition.place;
            out.push_str(&format!("{gap}{}\n", paint.paint(Tone::Strong, place)));
        }
        let facts = [definition.unit, &definition.key].into_iter().filter(|fact| !fact.is_empty());
        let taken = definition.name.width() + 4;
        let facts = wrap(&facts.collect::<Vec<_>>().join(" · "), width.saturating_sub(taken), 0);
        let facts = paint.paint(Tone::Muted, &facts.replace('\n', &format!("\n{}", " ".repeat(taken))));
        out.push_str(&format!("  {}  {facts}\n", definition.name));
        out.push_str(&format!("    {}\n", wrap(&definition.meaning, width - 4, 4)));
    }
    out
}
