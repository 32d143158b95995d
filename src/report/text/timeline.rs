//! Rows of bars over one time axis: what was asked, what came of it, what was busy, and the marks of the story.

use super::heading;
use crate::measure::results::{Results, Traffic, TrafficSeries};
use crate::measure::story::StoryKind;
use crate::report::TextOptions;
use crate::report::chain::arrange;
use crate::report::number::{figure, length, percent, seconds};
use crate::report::paint::Tone;
use crate::report::spark::{bars, resample, tick, top};
use crate::report::table::fit;
use unicode_width::UnicodeWidthStr;

/// Sources and resources shown at most.
const MOST: usize = 5;
/// Columns of the figure behind a row.
const FIGURE: usize = 12;

/// All rows share the axis; offered, goodput and failed of a source share their scale too.
pub(super) fn timeline(results: &Results, look: TextOptions) -> String {
    let series = &results.series;
    let mut sources: Vec<(&String, &Traffic)> =
        results.traffic.iter().filter(|(name, t)| t.offered > 0 && series.traffic.contains_key(*name)).collect();
    if sources.is_empty() || results.horizon_s <= 0.0 {
        return String::new();
    }
    let hidden = sources.len().saturating_sub(MOST);
    if hidden > 0 {
        sources.sort_by_key(|s| std::cmp::Reverse(s.1.offered));
        sources.truncate(MOST);
    }
    let busy = busy(results);
    let labels = sources
        .iter()
        .map(|(name, _)| name.width() + 9)
        .chain(busy.iter().map(|(name, _)| name.width()))
        .max()
        .unwrap_or(0);
    let frame =
        Frame { look, label: labels.clamp(16, 28), columns: look.columns() - labels.clamp(16, 28) - 4 - FIGURE };

    let mut out = heading(
        look,
        "Timeline",
        &format!("a column is {}; bars start at 0", length(results.horizon_s / frame.columns as f64)),
    );
    for (name, _) in &sources {
        out.push_str(&frame.source(name, &series.traffic[*name]));
    }
    for (name, utilization) in &busy {
        let values = resample(&utilization.iter().map(|u| u.map(f64::from)).collect::<Vec<_>>(), frame.columns);
        out.push_str(&frame.row(name, Tone::Hot, &bars(&values, 1.0), &percent(top(&values))));
    }
    out.push_str(&frame.marks(results));
    out.push_str(&frame.axis(results.horizon_s));
    if hidden > 0 {
        out.push_str(&format!("  {hidden} more sources of less traffic are not drawn\n"));
    }
    out
}

/// Utilization of what saturated, in the order it did.
fn busy(results: &Results) -> Vec<(&str, &Vec<Option<f32>>)> {
    let mut rows: Vec<(&str, &Vec<Option<f32>>)> = Vec::new();
    for event in results.story.iter().filter(|e| e.event == StoryKind::Saturated) {
        if let Some(utilization) = results.series.utilization.get(event.subject.as_str())
            && rows.len() < MOST
            && rows.iter().all(|(name, _)| event.subject != *name)
        {
            rows.push((&event.subject, utilization));
        }
    }
    rows
}

/// Where the bars stand.
struct Frame<'a> {
    look: TextOptions<'a>,
    label: usize,
    columns: usize,
}

impl Frame<'_> {
    fn row(&self, label: &str, tone: Tone, drawn: &str, figure: &str) -> String {
        let label = fit(label, self.label);
        let pad = " ".repeat(self.label - label.width());
        let paint = self.look.paint();
        let line = format!("  {}{pad}  {}", paint.paint(Tone::Muted, &label), paint.paint(tone, drawn));
        let gap = " ".repeat(self.columns.saturating_sub(drawn.width()));
        format!("{}\n", format!("{line}{gap} {}", paint.paint(Tone::Muted, figure)).trim_end())
    }

    fn source(&self, name: &str, series: &TrafficSeries) -> String {
        let column =
            |points: &[f32]| resample(&points.iter().map(|p| Some(f64::from(*p))).collect::<Vec<_>>(), self.columns);
        let (offered, goodput, failed) =
            (column(&series.offered_per_s), column(&series.goodput_per_s), column(&series.failed_per_s));
        let p95 = resample(&series.p95_s.iter().map(|p| p.map(f64::from)).collect::<Vec<_>>(), self.columns);
        let scale = top(&offered).max(top(&goodput)).max(top(&failed));
        let name = fit(name, self.label - 9);
        let first = format!("{name}{}  offered", " ".repeat(self.label - 9 - name.width()));
        let below = |what: &str| format!("{what:>width$}", width = self.label);
        let per_s = |values: &[Option<f64>]| format!("≤ {}/s", figure(top(values)));
        let mut out = self.row(&first, Tone::Asked, &bars(&offered, scale), &per_s(&offered));
        out.push_str(&self.row(&below("goodput"), Tone::Good, &bars(&goodput, scale), &per_s(&goodput)));
        if top(&failed) > 0.0 {
            out.push_str(&self.row(&below("failed"), Tone::Bad, &bars(&failed, scale), &per_s(&failed)));
        }
        if top(&p95) > 0.0 {
            out.push_str(&self.row(
                &below("p95"),
                Tone::Plain,
                &bars(&p95, top(&p95)),
                &format!("≤ {}", seconds(top(&p95))),
            ));
        }
        out
    }

    /// The marks of the story; where two fall into a column the first stands.
    fn marks(&self, results: &Results) -> String {
        let (lines, _) = arrange(&results.story, super::story::MOST);
        let mut row = vec![' '; self.columns];
        for line in lines.iter().rev() {
            let column = (line.event.at_s.max(0.0) / results.horizon_s * self.columns as f64) as usize;
            if let (Some(mark), Some(place)) = (line.mark, row.get_mut(column.min(self.columns - 1))) {
                *place = mark;
            }
        }
        if row.iter().all(|c| *c == ' ') {
            String::new()
        } else {
            self.row("story", Tone::Strong, &row.into_iter().collect::<String>(), "")
        }
    }

    fn axis(&self, horizon_s: f64) -> String {
        let step = tick(horizon_s, (self.columns / 10).max(1));
        let mut row = String::new();
        let mut at = 0.0;
        while at < horizon_s {
            let column = (at / horizon_s * self.columns as f64).round() as usize;
            let text = format!("╵{}", if at == 0.0 { "0".to_owned() } else { length(at) });
            if column >= row.width() && column + text.width() <= self.columns {
                row.push_str(&" ".repeat(column - row.width()));
                row.push_str(&text);
            }
            at += step;
        }
        self.row("", Tone::Muted, &row, "")
    }
}
