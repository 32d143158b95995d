//! Rows of bars over one time axis: what was asked, what came of it, what was busy, and the marks of the story.

use super::table::fit;
use super::{heading, story};
use crate::measure::results::TrafficSeries;
use crate::number::{count, figure, length, percent, seconds};
use crate::report::chain::arrange;
use crate::report::page::{Busy, Chart, Curve, Heading, InLine, Tone};
use crate::report::render::Look;
use crate::report::render::spark::{bars, resample, tick, top};
use unicode_width::UnicodeWidthStr;

/// Sources and resources shown at most.
const MOST: usize = 5;
/// Columns of the figure behind a row.
const FIGURE: usize = 12;

/// All rows share the axis; offered, goodput and failed of a source share their scale too.
pub(super) fn timeline(chart: &Chart, look: Look) -> String {
    let mut sources: Vec<&Curve> = chart.curves.iter().filter(|curve| curve.offered > 0).collect();
    if sources.is_empty() || chart.horizon_s <= 0.0 {
        return String::new();
    }
    let hidden = sources.len().saturating_sub(MOST);
    if hidden > 0 {
        sources.sort_by_key(|curve| std::cmp::Reverse(curve.offered));
        sources.truncate(MOST);
    }
    let busy = &chart.busy[..chart.busy.len().min(MOST)];
    let labels = sources
        .iter()
        .map(|curve| curve.name.width() + 9)
        .chain(chart.lines.iter().map(|line| line.name.width() + 9))
        .chain(busy.iter().map(|row| row.name.width()))
        .max()
        .unwrap_or(0);
    let frame =
        Frame { look, label: labels.clamp(16, 28), columns: look.columns() - labels.clamp(16, 28) - 4 - FIGURE };

    let column = length(chart.horizon_s / frame.columns as f64);
    let mut out = heading(&Heading::new("Timeline", format!("a column is {column}; bars start at 0")), look);
    for curve in &sources {
        out.push_str(&frame.source(&curve.name, &curve.series));
    }
    for Busy { name, utilization } in busy {
        let values = resample(&utilization.iter().map(|u| u.map(f64::from)).collect::<Vec<_>>(), frame.columns);
        out.push_str(&frame.row(name, Tone::Hot, &bars(&values, 1.0), &percent(top(&values))));
    }
    for line in &chart.lines {
        out.push_str(&frame.line(line));
    }
    out.push_str(&frame.marks(chart));
    out.push_str(&frame.axis(chart.horizon_s));
    if hidden > 0 {
        out.push_str(&format!("  {hidden} more sources of less traffic are not drawn\n"));
    }
    out
}

/// Where the bars stand.
struct Frame {
    look: Look,
    label: usize,
    columns: usize,
}

impl Frame {
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
        let degraded = column(&series.degraded_per_s);
        if top(&degraded) > 0.0 {
            out.push_str(&self.row(&below("degraded"), Tone::Hot, &bars(&degraded, scale), &per_s(&degraded)));
        }
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

    fn line(&self, line: &InLine) -> String {
        let values = resample(&line.waiting.iter().map(|w| w.map(f64::from)).collect::<Vec<_>>(), self.columns);
        let most = line.waiting.iter().flatten().fold(0.0_f32, |most, w| most.max(*w));
        let name = fit(&line.name, self.label - 9);
        let label = format!("{name}{}  waiting", " ".repeat(self.label - 9 - name.width()));
        self.row(&label, Tone::Hot, &bars(&values, top(&values)), &format!("≤ {}", count(most as u64)))
    }

    /// The marks of the story; where two fall into a column the first stands.
    fn marks(&self, chart: &Chart) -> String {
        let (lines, _) = arrange(&chart.story, story::MOST);
        let mut row = vec![' '; self.columns];
        for line in lines.iter().rev() {
            let column = (line.event.at_s.max(0.0) / chart.horizon_s * self.columns as f64) as usize;
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
