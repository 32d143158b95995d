//! Markdown for pull requests and notes: the verdict first, then what bears it out.

use super::chain::arrange;
use super::groups::groups;
use super::number::{ABSENT, clock, count, figure, length, percent, seconds};
use super::theory as words;
use super::verdict::verdict;
use crate::measure::results::{NapkinRow, Results};
use crate::napkin::Theory;

/// Rows of the story at most.
const MOST: usize = 24;

/// A page of GitHub's Markdown that ends with `command`.
pub fn markdown(results: &Results, command: &str) -> String {
    let variant = results.variant.as_ref().map_or(String::new(), |v| format!(" — {}", escape(v)));
    let mut out = format!("# {}{variant}\n\n**{}**\n\n", escape(&results.scenario.title), escape(&verdict(results)));
    out.push_str(&objectives(results));
    out.push_str(&story(results));
    out.push_str(&resources(results));
    out.push_str(&stores(results));
    out.push_str(&traffic(results));
    out.push_str(&theory(results));
    for warning in &results.warnings {
        out.push_str(&format!("> Warning: {}\n\n", escape(warning)));
    }
    out.push_str(&format!(
        "{} simulated, seed {}, digest `{}`.\n\n",
        length(results.horizon_s),
        results.seed,
        results.digest
    ));
    out.push_str(&format!("```sh\n{command}\n```\n"));
    out
}

/// Text that Markdown shows as it is, in a table too.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// The napkin as tables.
pub fn napkin_markdown(theory: &Theory) -> String {
    let cells = |row: &NapkinRow| {
        let breaks = or_absent(row.saturates_at, |x| format!("{}×", figure(x)));
        vec![
            row.resource.clone(),
            figure(row.base),
            figure(row.peak),
            breaks,
            or_absent(row.passed_at_s, clock),
            row.note.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = theory.resources.iter().map(cells).collect();
    table(&["Resource", "ρ at base", "ρ at peak", "Breaks at", "Demand passes", "Note"], &rows)
        + &table(&words::STATIONS, &words::stations(&theory.stations))
        + &table(&words::POPULATIONS, &words::populations(&theory.populations))
}

/// Demand, stations and populations beside the simulation.
fn theory(results: &Results) -> String {
    let cells = |row: &NapkinRow| {
        let breaks = or_absent(row.saturates_at, |x| format!("{}×", figure(x)));
        vec![
            row.resource.clone(),
            figure(row.base),
            figure(row.peak),
            breaks,
            or_absent(row.observed, percent),
            row.note.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = results.napkin.iter().map(cells).collect();
    table(&["Napkin", "ρ at base", "ρ at peak", "Breaks at", "Simulated", "Note"], &rows)
        + &table(&words::STATIONS, &words::stations(&results.stations))
        + &table(&words::POPULATIONS, &words::populations(&results.populations))
}

/// A table of words.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    aligned(head, head.len(), rows)
}

/// A table whose columns after the first `left` stand right.
pub(super) fn aligned(head: &[&str], left: usize, rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rule = (0..head.len()).map(|c| if c < left { "---" } else { "---:" }).collect::<Vec<_>>().join(" | ");
    let mut out = format!("| {} |\n| {rule} |\n", head.join(" | "));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.iter().map(|cell| escape(cell)).collect::<Vec<_>>().join(" | ")));
    }
    out.push('\n');
    out
}

fn or_absent(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or(ABSENT.to_owned(), say)
}

fn objectives(results: &Results) -> String {
    let rows: Vec<Vec<String>> = results
        .objectives
        .iter()
        .map(|o| {
            vec![
                if o.pass { "✔" } else { "✘" }.into(),
                o.subject.clone(),
                o.expression.clone(),
                o.observed_text.clone(),
            ]
        })
        .collect();
    table(&["", "Subject", "Objective", "Observed"], &rows)
}

fn story(results: &Results) -> String {
    let (lines, left_out) = arrange(&results.story, MOST);
    if lines.is_empty() {
        return String::new();
    }
    let mut out = String::from("## Story\n\n");
    for line in lines {
        let more = if line.more > 0 {
            format!(" ({} more until {})", line.more, clock(line.last_at_s))
        } else {
            String::new()
        };
        let because = line.event.because.words().map_or(String::new(), |because| format!(" ← {}", escape(&because)));
        out.push_str(&format!("- {} {}{more}{because}\n", clock(line.event.at_s), escape(&line.event.text)));
    }
    if left_out > 0 {
        out.push_str(&format!("- and {left_out} more kinds of event\n"));
    }
    out.push('\n');
    out
}

fn resources(results: &Results) -> String {
    let rows: Vec<Vec<String>> = groups(&results.resources)
        .iter()
        .filter(|g| g.saturated_at().is_some())
        .map(|g| {
            vec![
                g.label(),
                or_absent(g.largest(|r| r.offered_load), figure),
                percent(g.mean(|r| r.utilization_mean)),
                figure(g.sum(|r| r.waiting_mean)),
                count(g.members.iter().map(|r| r.refused).sum()),
                or_absent(g.saturated_at(), clock),
                length(g.largest(|r| Some(r.saturated_for_s)).unwrap_or(0.0)),
            ]
        })
        .collect();
    let table = aligned(&["Resource", "ρ", "Busy", "Waiting", "Refused", "Saturated", "For"], 1, &rows);
    if table.is_empty() { table } else { format!("## Saturated\n\n{table}") }
}

fn stores(results: &Results) -> String {
    let table = aligned(&super::stores::HEAD, 1, &super::stores::rows(&results.stores));
    if table.is_empty() { table } else { format!("## Stores\n\n{table}") }
}

fn traffic(results: &Results) -> String {
    let sources = results.traffic.iter();
    let operations = results.operations.iter().map(|(name, o)| (name, &o.traffic));
    let rows: Vec<Vec<String>> = sources
        .chain(operations)
        .map(|(name, t)| {
            let latency = t.latency_s.as_ref();
            vec![
                name.clone(),
                count(t.offered),
                format!("{}/s", figure(t.goodput_per_s)),
                or_absent(t.failed_share(), percent),
                or_absent(latency.map(|l| l.p50), seconds),
                or_absent(latency.map(|l| l.p95), seconds),
                or_absent(latency.map(|l| l.p99), seconds),
            ]
        })
        .collect();
    format!("## Traffic\n\n{}", aligned(&["Traffic", "Offered", "Goodput", "Failed", "p50", "p95", "p99"], 1, &rows))
}
