//! Sampled requests as waterfalls: who did what, when, one bar a span.

use crate::measure::results::{Example, Span, Trace};
use crate::number::{clock, seconds};
use crate::report::page::{Block, Heading};
use maud::{Markup, html};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 260.0;
const ROW: f64 = 16.0;
/// Spans of a request drawn at most; the JSON below the page has all of them.
const MOST_SPANS: usize = 60;

/// Of each source some of the slowest, typical, degraded and, of each way to fail, failed requests; those that went the
/// same way are drawn once.
pub(super) fn traces(traces: &[Trace]) -> Block {
    let apart = apart(traces);
    let shown: Vec<&(&Trace, usize)> = (apart.iter().enumerate())
        .filter(|&(at, (trace, _))| {
            let alike = |other: &&(&Trace, usize)| is_alike(other.0, trace);
            apart[..at].iter().filter(alike).count() < most(trace.example)
        })
        .map(|(_, way)| way)
        .collect();
    let more = apart.len() - shown.len();
    let drawing = html! {
        @for (trace, others) in shown { (waterfall(trace, *others)) }
        @if more > 0 { p.muted { (more) " more stand in the JSON" } "\n" }
    };
    let meaning = "of those that were followed (at first all, later one in 16), by source: the slowest and some typical \
                   that succeeded, degraded ones, and one for each way to fail";
    Block::Picture(Heading::new("Requests", meaning), drawing)
}

/// Ways drawn of each kind of example, of a source.
fn most(example: Example) -> usize {
    match example {
        Example::Slowest | Example::Typical => 2,
        Example::Degraded | Example::Failed => 1,
    }
}

/// Of one source, and examples of the same.
fn is_alike(one: &Trace, other: &Trace) -> bool {
    let way = |trace: &Trace| if trace.example == Example::Failed { trace.outcome.clone() } else { String::new() };
    (&one.source, one.example, way(one)) == (&other.source, other.example, way(other))
}

/// Each way that requests went, with how many others went it: of the same source to the same outcome, the same pieces
/// at the same times to a part in a thousand of the whole.
fn apart(traces: &[Trace]) -> Vec<(&Trace, usize)> {
    let mut ways: Vec<(&Trace, usize)> = Vec::new();
    for trace in traces {
        match ways.iter_mut().find(|(known, _)| same_way(known, trace)) {
            Some((_, others)) => *others += 1,
            None => ways.push((trace, 0)),
        }
    }
    ways
}

fn same_way(one: &Trace, other: &Trace) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-3 * one.latency_s;
    let piece = |(a, b): (&Span, &Span)| {
        (a.depth, &a.name, &a.what) == (b.depth, &b.name, &b.what) && near(a.from_s, b.from_s) && near(a.to_s, b.to_s)
    };
    (&one.source, &one.outcome, one.spans.len()) == (&other.source, &other.outcome, other.spans.len())
        && near(one.latency_s, other.latency_s)
        && one.spans.iter().zip(&other.spans).all(piece)
}

fn waterfall(trace: &Trace, others: usize) -> Markup {
    let shown = &trace.spans[..trace.spans.len().min(MOST_SPANS)];
    let length = shown.iter().map(|s| s.to_s).fold(trace.latency_s, f64::max).max(f64::MIN_POSITIVE);
    let more = trace.spans.len() - shown.len();
    html! {
        details {
            summary {
                (trace.example.name()) ": " (trace.source) " " (trace.number) " at " (clock(trace.started_s)) ", "
                (trace.outcome) " in " (seconds(trace.latency_s))
                @if others > 0 { span.muted { ", and " (others) " more like it" } }
            } "\n"
            svg viewBox=(format_args!("0 0 {WIDTH} {}", shown.len() as f64 * ROW + 4.0)) { "\n"
                @for (row, span) in shown.iter().enumerate() { (bar(span, row as f64 * ROW, length)) }
            }
            @if more > 0 { p.muted { (more) " more spans" } "\n" }
        } "\n"
    }
}

/// A span of a request that takes `length` seconds, `y` below the top.
fn bar(span: &Span, y: f64, length: f64) -> Markup {
    let x = |at: f64| LEFT + at / length * (WIDTH - LEFT);
    html! {
        text x=(span.depth.min(12) * 12) y=(format_args!("{:.1}", y + 12.0)) { (span.name) " " (span.what) }
        rect x=(format_args!("{:.1}", x(span.from_s))) y=(format_args!("{:.1}", y + 3.0))
            width=(format_args!("{:.1}", (x(span.to_s) - x(span.from_s)).max(1.0))) height=(ROW - 6.0) rx="2"
            fill=(if span.waits { "var(--waiting)" } else { "var(--served)" }) {
            title { (seconds(span.to_s - span.from_s)) }
        } "\n"
    }
}
