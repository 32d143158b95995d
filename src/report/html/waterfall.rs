//! Sampled requests as waterfalls: who did what, when, one bar a span.

use super::{escape, heading};
use crate::measure::results::{Results, Trace};
use crate::report::number::{clock, seconds};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 260.0;
const ROW: f64 = 16.0;
/// Requests and spans drawn at most; the JSON below the page has all of them.
const MOST_TRACES: usize = 8;
const MOST_SPANS: usize = 60;

/// The slowest and some typical requests.
pub(super) fn traces(results: &Results) -> String {
    if results.traces.is_empty() {
        return String::new();
    }
    let drawn: String = results.traces.iter().take(MOST_TRACES).map(waterfall).collect();
    heading("Requests", "the slowest and some typical ones, piece by piece") + &drawn
}

fn waterfall(trace: &Trace) -> String {
    let shown = &trace.spans[..trace.spans.len().min(MOST_SPANS)];
    let length = shown.iter().map(|s| s.to_s).fold(trace.latency_s, f64::max).max(f64::MIN_POSITIVE);
    let mut svg = String::new();
    for (i, span) in shown.iter().enumerate() {
        let y = i as f64 * ROW;
        let x = |at: f64| LEFT + at / length * (WIDTH - LEFT);
        svg.push_str(&format!(
            "<text x=\"{}\" y=\"{:.1}\">{} {}</text><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{}\" rx=\"2\" fill=\"{}\"><title>{}</title></rect>\n",
            span.depth.min(12) * 12,
            y + 12.0,
            escape(&span.name),
            escape(&span.what),
            x(span.from_s),
            y + 3.0,
            (x(span.to_s) - x(span.from_s)).max(1.0),
            ROW - 6.0,
            if waits(&span.what) { "var(--waiting)" } else { "var(--served)" },
            seconds(span.to_s - span.from_s)
        ));
    }
    let more = if trace.spans.len() > shown.len() {
        format!("<p class=\"muted\">{} more spans</p>\n", trace.spans.len() - shown.len())
    } else {
        String::new()
    };
    format!(
        "<details><summary>{} {} at {}: {} in {}</summary>\n<svg viewBox=\"0 0 {WIDTH} {}\">\n{svg}</svg>{more}</details>\n",
        escape(&trace.source),
        trace.number,
        clock(trace.started_s),
        escape(&trace.outcome),
        seconds(trace.latency_s),
        shown.len() as f64 * ROW + 4.0
    )
}

/// Whether a span is time spent waiting rather than being served.
fn waits(what: &str) -> bool {
    ["backlog", "pool", "slots", "backoff", "join", "wait"].iter().any(|w| what.starts_with(w))
}
