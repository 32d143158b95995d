//! Inline SVG over time: a chart per source, and a heat row per resource that saturated.

use super::{MOST, heading};
use crate::measure::results::StoryEvent;
use crate::number::{count, figure, length, percent, seconds};
use crate::report::chain::arrange;
use crate::report::page::{Busy, Chart, Curve, Heading, InLine};
use crate::report::render::spark::{peaks, resample, tick, top, wide};
use maud::{Markup, html};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 120.0;
/// Above the curves, for the marks of the story.
const TOP: f64 = 14.0;
const LEFT: f64 = 140.0;
const POINTS: usize = 240;
/// Height of a row of heat, and its cells.
const ROW: f64 = 20.0;
const CELLS: usize = 160;

/// A chart per source: offered above, goodput and failures below on the same scale.
pub(super) fn chart(chart: &Chart) -> Markup {
    let curves: Vec<&Curve> = chart.curves.iter().filter(|curve| !curve.series.offered_per_s.is_empty()).collect();
    html! {
        @if !curves.is_empty() {
            (heading(&Heading::new("Timeline", meaning(chart))))
            @for curve in curves { (timeline(curve, chart)) }
            @for line in &chart.lines { (waiting(line, chart)) }
        }
    }
}

/// What stands where, and what the figures are.
fn meaning(chart: &Chart) -> String {
    format!(
        "requests per second: offered by the moment they began, goodput, degraded, failed and p95 by the moment they \
         ended; up to: the most in any {}",
        length(chart.every_s)
    )
}

fn timeline(curve: &Curve, chart: &Chart) -> Markup {
    let series = &curve.series;
    let points = |values: &[f32]| values.iter().map(|v| Some(f64::from(*v))).collect::<Vec<_>>();
    let (offered, goodput, failed) =
        (points(&series.offered_per_s), points(&series.goodput_per_s), points(&series.failed_per_s));
    let (degraded, p95) = (points(&series.degraded_per_s), wide(&series.p95_s));
    let drawn = |points: &[Option<f64>]| resample(points, POINTS.min(points.len().max(1)));
    let highest = [&offered, &goodput, &failed].map(|points| top(&drawn(points)));
    let scale = highest.into_iter().fold(f64::MIN_POSITIVE, f64::max);
    html! {
        figure {
            figcaption {
                b { (curve.name) }
                i.offered { "offered, up to " (figure(top(&offered))) "/s" }
                i.goodput { "goodput, up to " (figure(top(&goodput))) "/s" }
                @if top(&degraded) > 0.0 { i.degraded { "degraded, up to " (figure(top(&degraded))) "/s" } }
                i.lost { "failed, up to " (figure(top(&failed))) "/s" }
                @if top(&p95) > 0.0 { span { "p95 up to " (seconds(top(&p95))) } }
            } "\n"
            svg viewBox=(format_args!("0 0 {WIDTH} {}", HEIGHT + 34.0)) role="img"
                aria-label=(format_args!("{} over time", curve.name)) { "\n"
                (area(&drawn(&offered), scale, "var(--served)", 0.18))
                (area(&drawn(&goodput), scale, "var(--good)", 0.0))
                @if top(&degraded) > 0.0 { (area(&drawn(&degraded), scale, "var(--waiting)", 0.0)) }
                (area(&drawn(&failed), scale, "var(--failed)", 0.25))
                (marks(&chart.story, chart.horizon_s))
                (axis(chart.horizon_s))
            }
        } "\n"
    }
}

/// Who waited in a line: how many, and how long the oldest had, each on its own scale.
fn waiting(line: &InLine, chart: &Chart) -> Markup {
    let points = |values: &[Option<f32>]| peaks(&wide(values), POINTS.min(values.len().max(1)));
    let (depth, age) = (points(&line.waiting), points(&line.oldest_s));
    html! {
        figure {
            figcaption {
                b { (line.name) }
                i.degraded { "waiting, looked at once per second, up to " (count(top(&depth) as u64)) }
                @if top(&age) > 0.0 { i.lost { "the oldest since up to " (seconds(top(&age))) } }
            } "\n"
            svg viewBox=(format_args!("0 0 {WIDTH} {}", HEIGHT + 34.0)) role="img"
                aria-label=(format_args!("waiting for {} over time", line.name)) { "\n"
                (area(&depth, top(&depth).max(f64::MIN_POSITIVE), "var(--waiting)", 0.25))
                (area(&age, top(&age).max(f64::MIN_POSITIVE), "var(--failed)", 0.0))
                (marks(&chart.story, chart.horizon_s))
                (axis(chart.horizon_s))
            }
        } "\n"
    }
}

/// A line with the area below it shaded; absent points count as 0.
fn area(values: &[Option<f64>], scale: f64, color: &str, shade: f64) -> Markup {
    let step = WIDTH / values.len().max(1) as f64;
    let mut line = String::new();
    for (i, value) in values.iter().enumerate() {
        let (x, y) = ((i as f64 + 0.5) * step, TOP + HEIGHT * (1.0 - value.unwrap_or(0.0) / scale));
        line.push_str(&format!("{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" }));
    }
    let base = TOP + HEIGHT;
    let (last, first) = (WIDTH - step / 2.0, step / 2.0);
    html! {
        @if shade > 0.0 {
            path d=(format_args!("{line}L{last:.1} {base:.1}L{first:.1} {base:.1}Z")) fill=(color)
                fill-opacity=(shade) {} "\n"
        }
        path d=(line) fill="none" stroke=(color) stroke-width="1.5" {} "\n"
    }
}

/// The story's numbers as flags along the top; where two would overlap the first stands.
fn marks(story: &[StoryEvent], horizon_s: f64) -> Markup {
    let (lines, _) = arrange(story, MOST);
    let mut free_from = f64::NEG_INFINITY;
    let flags = lines.iter().filter_map(|line| {
        let mark = line.mark?;
        let x = (line.event.at_s / horizon_s * WIDTH).clamp(7.0, WIDTH - 7.0);
        let free = x >= free_from;
        if free {
            free_from = x + 15.0;
        }
        free.then_some((mark, format!("{x:.1}"), &line.event.text))
    });
    html! {
        @for (mark, x, text) in flags {
            line.axis x1=(x) x2=(x) y1=(TOP) y2=(HEIGHT + TOP) {}
            circle cx=(x) cy="7" r="7" fill="var(--text)" {}
            text.mark x=(x) y="11" { (mark) title { (text) } } "\n"
        }
    }
}

fn axis(horizon_s: f64) -> Markup {
    let base = TOP + HEIGHT;
    let step = tick(horizon_s, 8);
    let ticks = std::iter::successors(Some(0.0), |at| Some(at + step)).take_while(|at| *at < horizon_s);
    html! {
        line.axis x1="0" x2=(WIDTH) y1=(base) y2=(base) {} "\n"
        @for at in ticks {
            @let x = at / horizon_s * WIDTH;
            line.axis x1=(format_args!("{x:.1}")) x2=(format_args!("{x:.1}")) y1=(base) y2=(base + 5.0) {}
            text x=(format_args!("{:.1}", x + 3.0)) y=(base + 16.0) {
                @if at == 0.0 { "0" } @else { (length(at)) }
            } "\n"
        }
    }
}

/// Utilization of everything that saturated, a row each, darker is busier.
pub(super) fn heat(rows: &[Busy]) -> Markup {
    html! {
        (heading(&Heading::new("Busy", "share in use over time, in the order it saturated; gaps: it was down")))
        figure {
            svg viewBox=(format_args!("0 0 {WIDTH} {}", rows.len() as f64 * ROW + 4.0)) role="img"
                aria-label="utilization over time" { "\n"
                @for (at, row) in rows.iter().enumerate() { (heat_row(row, at as f64 * ROW)) }
            }
        } "\n"
    }
}

fn heat_row(row: &Busy, y: f64) -> Markup {
    let cell = (WIDTH - LEFT) / CELLS as f64;
    let values: Vec<Option<f64>> = row.utilization.iter().map(|v| v.map(f64::from)).collect();
    let there = resample(&values, CELLS).into_iter().enumerate().filter_map(|(c, busy)| Some((c, busy?)));
    html! {
        text x="0" y=(format_args!("{:.1}", y + 14.0)) { (row.name) } "\n"
        @for (c, busy) in there {
            @let color = if busy >= 0.95 { "var(--saturated)" } else { "var(--served)" };
            rect x=(format_args!("{:.1}", LEFT + c as f64 * cell)) y=(format_args!("{:.1}", y + 2.0))
                width=(format_args!("{:.2}", cell + 0.1)) height=(ROW - 4.0) fill=(color)
                fill-opacity=(format_args!("{:.2}", busy.clamp(0.03, 1.0))) {
                title { (percent(busy)) " busy" }
            } "\n"
        }
    }
}
