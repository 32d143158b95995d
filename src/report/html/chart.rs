//! Inline SVG over time: a chart per source, and a heat row per resource that saturated.

use super::{escape, heading};
use crate::measure::results::{Results, TrafficSeries};
use crate::measure::story::StoryKind;
use crate::report::chain::arrange;
use crate::report::number::{figure, length, percent, seconds};
use crate::report::spark::{resample, tick, top};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 120.0;
const LEFT: f64 = 140.0;
const POINTS: usize = 240;

/// A chart per source: offered above, goodput and failures below on the same scale.
pub(super) fn timelines(results: &Results) -> String {
    let drawn: Vec<String> = results
        .series
        .traffic
        .iter()
        .filter(|(_, s)| !s.offered_per_s.is_empty())
        .map(|(name, s)| timeline(name, s, results))
        .collect();
    if drawn.is_empty() {
        String::new()
    } else {
        heading("Timeline", "requests per second by the moment they started") + &drawn.concat()
    }
}

fn timeline(name: &str, series: &TrafficSeries, results: &Results) -> String {
    let points = |values: &[f32]| {
        resample(&values.iter().map(|v| Some(f64::from(*v))).collect::<Vec<_>>(), POINTS.min(values.len().max(1)))
    };
    let (offered, goodput, failed) =
        (points(&series.offered_per_s), points(&series.goodput_per_s), points(&series.failed_per_s));
    let p95 = resample(&series.p95_s.iter().map(|v| v.map(f64::from)).collect::<Vec<_>>(), POINTS);
    let scale = top(&offered).max(top(&goodput)).max(top(&failed)).max(f64::MIN_POSITIVE);
    let mut svg = String::new();
    svg.push_str(&area(&offered, scale, "var(--served)", 0.18));
    svg.push_str(&area(&goodput, scale, "var(--good)", 0.0));
    svg.push_str(&area(&failed, scale, "var(--failed)", 0.25));
    svg.push_str(&marks(results));
    svg.push_str(&axis(results.horizon_s, HEIGHT));
    let worst = if top(&p95) > 0.0 { format!("<span>p95 up to {}</span>", seconds(top(&p95))) } else { String::new() };
    format!(
        "<figure><figcaption><b>{}</b><i class=\"offered\">offered, up to {}/s</i><i class=\"goodput\">goodput, up to {}/s</i>\
         <i class=\"lost\">failed, up to {}/s</i>{worst}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{} over time\">\n{svg}</svg></figure>\n",
        escape(name),
        figure(top(&offered)),
        figure(top(&goodput)),
        figure(top(&failed)),
        HEIGHT + 34.0,
        escape(name),
    )
}

/// A line with the area below it shaded; absent points count as 0.
fn area(values: &[Option<f64>], scale: f64, color: &str, shade: f64) -> String {
    let step = WIDTH / values.len().max(1) as f64;
    let mut line = String::new();
    for (i, value) in values.iter().enumerate() {
        let (x, y) = ((i as f64 + 0.5) * step, 14.0 + HEIGHT * (1.0 - value.unwrap_or(0.0) / scale));
        line.push_str(&format!("{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" }));
    }
    let base = 14.0 + HEIGHT;
    let fill = if shade > 0.0 {
        format!(
            "<path d=\"{line}L{:.1} {base:.1}L{:.1} {base:.1}Z\" fill=\"{color}\" fill-opacity=\"{shade}\"/>\n",
            WIDTH - step / 2.0,
            step / 2.0
        )
    } else {
        String::new()
    };
    format!("{fill}<path d=\"{line}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>\n")
}

/// The story's numbers as flags along the top.
fn marks(results: &Results) -> String {
    let (lines, _) = arrange(&results.story, super::MOST);
    let mut out = String::new();
    let mut free_from = f64::NEG_INFINITY;
    for line in lines {
        let Some(mark) = line.mark else { continue };
        let x = (line.event.at_s / results.horizon_s * WIDTH).clamp(7.0, WIDTH - 7.0);
        if x < free_from {
            continue;
        }
        free_from = x + 15.0;
        out.push_str(&format!(
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"14\" y2=\"{}\"/><circle cx=\"{x:.1}\" cy=\"7\" r=\"7\" fill=\"var(--text)\"/>\
             <text class=\"mark\" x=\"{x:.1}\" y=\"11\">{mark}<title>{}</title></text>\n",
            HEIGHT + 14.0,
            escape(&line.event.text)
        ));
    }
    out
}

fn axis(horizon_s: f64, height: f64) -> String {
    let base = 14.0 + height;
    let mut out = format!("<line class=\"axis\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{base}\" y2=\"{base}\"/>\n");
    let step = tick(horizon_s, 8);
    let mut at = 0.0;
    while at < horizon_s {
        let x = at / horizon_s * WIDTH;
        let text = if at == 0.0 { "0".to_owned() } else { length(at) };
        out.push_str(&format!(
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{base}\" y2=\"{}\"/><text x=\"{:.1}\" y=\"{}\">{text}</text>\n",
            base + 5.0,
            x + 3.0,
            base + 16.0
        ));
        at += step;
    }
    out
}

/// Utilization of everything that saturated, a row each, darker is busier.
pub(super) fn heat(results: &Results) -> String {
    let mut names: Vec<&str> = Vec::new();
    for event in results.story.iter().filter(|e| e.event == StoryKind::Saturated) {
        if results.series.utilization.contains_key(event.subject.as_str()) && !names.contains(&event.subject.as_str()) {
            names.push(&event.subject);
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let (row, columns) = (20.0, 160);
    let cell = (WIDTH - LEFT) / columns as f64;
    let mut svg = String::new();
    for (i, name) in names.iter().enumerate() {
        let y = i as f64 * row;
        svg.push_str(&format!("<text x=\"0\" y=\"{:.1}\">{}</text>\n", y + 14.0, escape(name)));
        let values: Vec<Option<f64>> = results.series.utilization[*name].iter().map(|v| v.map(f64::from)).collect();
        for (c, value) in resample(&values, columns).iter().enumerate() {
            let Some(busy) = value else { continue };
            let color = if *busy >= 0.95 { "var(--saturated)" } else { "var(--served)" };
            svg.push_str(&format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.2}\" height=\"{}\" fill=\"{color}\" fill-opacity=\"{:.2}\"><title>{} busy</title></rect>\n",
                LEFT + c as f64 * cell,
                y + 2.0,
                cell + 0.1,
                row - 4.0,
                busy.clamp(0.03, 1.0),
                percent(*busy)
            ));
        }
    }
    format!(
        "{}<figure><svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"utilization over time\">\n{svg}</svg></figure>\n",
        heading("Busy", "share in use over time, in the order it saturated; gaps are down"),
        names.len() as f64 * row + 4.0
    )
}
