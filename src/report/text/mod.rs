//! The report of a run for a terminal: the timeline, the story, the tables, and at the end the verdict and the command.

mod story;
mod tables;
pub use tables::napkin_text;
pub(super) use tables::reasons;
mod timeline;

use super::TextOptions;
use super::number::{count, figure};
use super::paint::Tone;
use super::table::wrap;
use super::verdict::verdict;
use crate::measure::results::Results;

/// A report of at most 100 columns that ends with the command that reproduces it.
pub fn text(results: &Results, look: TextOptions) -> String {
    let sections = [
        title(results, look),
        timeline::timeline(results, look),
        story::story(results, look),
        tables::resources(results, look),
        tables::stores(results, look),
        tables::traffic(results, look),
        tables::napkin(results, look),
        tables::theory(results, look),
        tables::objectives(results, look),
        closing(results, look),
    ];
    sections.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A heading with what it means beside it.
fn heading(look: TextOptions, name: &str, meaning: &str) -> String {
    format!("{}  {}\n", look.paint().paint(Tone::Strong, name), look.paint().paint(Tone::Muted, meaning))
}

fn title(results: &Results, look: TextOptions) -> String {
    let (paint, width) = (look.paint(), look.columns());
    let mut out = format!("{}\n", paint.paint(Tone::Strong, &wrap(&results.scenario.title, width, 0)));
    if !look.teaches.is_empty() {
        out.push_str(&format!("{}\n", wrap(look.teaches, width, 0)));
    }
    let facts = super::facts(results);
    out.push_str(&format!("{}\n", paint.paint(Tone::Muted, &wrap(&facts, width, 0))));
    out
}

fn closing(results: &Results, look: TextOptions) -> String {
    let (paint, width) = (look.paint(), look.columns());
    let mut out = String::new();
    if results.cost.total > 0.0 {
        let per = results
            .cost
            .per_thousand_succeeded
            .map_or(String::new(), |c| format!(", {} per thousand requests that succeeded", figure(c)));
        out.push_str(&format!(
            "{}{}{per}\n",
            heading(look, "Cost", "").trim_end(),
            format_args!("  {}", figure(results.cost.total))
        ));
    }
    for warning in &results.warnings {
        out.push_str(&format!("{} {}\n", paint.paint(Tone::Hot, "warning:"), wrap(warning, width - 9, 9)));
    }
    let total: u64 = results.traffic.values().map(|t| t.in_flight).sum();
    if total > 0 {
        out.push_str(&format!(
            "{}\n",
            paint.paint(
                Tone::Muted,
                &format!("{} requests were still in flight at the end and count as neither.", count(total))
            )
        ));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let broke = results.objectives.iter().any(|o| !o.pass) || results.stopped.is_some();
    let tone = if broke { Tone::Bad } else { Tone::Good };
    let sign = if broke { "✘" } else { "✔" };
    out.push_str(&format!(
        "{} {}\n",
        paint.paint(tone, sign),
        paint.paint(Tone::Strong, &wrap(&verdict(results), width - 2, 2))
    ));
    out.push_str(&format!("{}\n", look.command));
    out
}
