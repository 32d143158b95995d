//! Rows of bars over one time axis: what was asked, what came of it, what was busy, and the marks of the story.
//!
//! A bar of a rate or a share is its mean over the column, one of a percentile or of who waited the most in it; the
//! figure behind a row is the most of any point of the series, which may be more than the highest bar.

use super::table::broken;
use super::{heading, story};
use crate::measure::results::TrafficSeries;
use crate::number::{count, figure, length, percent, seconds};
use crate::report::chain::arrange;
use crate::report::page::{Busy, Chart, Curve, Heading, InLine, Tone};
use crate::report::render::Look;
use crate::report::render::spark::{bars, peaks, resample, tick, top, wide};
use unicode_width::UnicodeWidthStr;

/// Sources and resources shown at most.
const MOST: usize = 5;
/// Columns of the figure behind a row.
const FIGURE: usize = 13;

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
    let meaning = format!(
        "a column is {column}, bars start at 0; offered: requests as they began, all else as they ended; ≤: the most in \
         any {}",
        length(chart.every_s)
    );
    let mut out = heading(&Heading::new("Timeline", meaning), look);
    for curve in &sources {
        out.push_str(&frame.source(&curve.name, &curve.series));
    }
    for Busy { name, utilization } in busy {
        let points = wide(utilization);
        let values = resample(&points, frame.columns);
        out.push_str(&frame.row(name, Tone::Hot, &bars(&values, 1.0), &at_most(&percent(top(&points)))));
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

/// "≤ 38.1 %"; what is a bound already stays one.
fn at_most(said: &str) -> String {
    if said.starts_with('>') { said.to_owned() } else { format!("≤ {said}") }
}

/// Where the bars stand.
struct Frame {
    look: Look,
    label: usize,
    columns: usize,
}

impl Frame {
    fn row(&self, label: &str, tone: Tone, drawn: &str, figure: &str) -> String {
        let paint = self.look.paint();
        let mut lines: Vec<String> = label.lines().flat_map(|line| broken(line, self.label)).collect();
        let label = lines.pop().unwrap_or_default();
        let above: String = lines.iter().map(|line| format!("  {}\n", paint.paint(Tone::Muted, line))).collect();
        let pad = " ".repeat(self.label - label.width());
        let line = format!("  {}{pad}  {}", paint.paint(Tone::Muted, &label), paint.paint(tone, drawn));
        let gap = " ".repeat(self.columns.saturating_sub(drawn.width()));
        format!("{above}{}\n", format!("{line}{gap} {}", paint.paint(Tone::Muted, figure)).trim_end())
    }

    /// A name at the left of its room and what is told of it at the right; a longer name has lines of its own.
    fn label(&self, name: &str, what: &str) -> String {
        let room = self.label.saturating_sub(what.width() + 2);
        let mut lines = broken(name, room.max(1));
        let last = lines.pop().unwrap_or_default();
        lines.push(format!("{last}{}{what}", " ".repeat(self.label.saturating_sub(last.width() + what.width()))));
        lines.join("\n")
    }

    fn source(&self, name: &str, series: &TrafficSeries) -> String {
        let points = |points: &[f32]| points.iter().map(|p| Some(f64::from(*p))).collect::<Vec<_>>();
        let below = |what: &str| format!("{what:>width$}", width = self.label);
        let (offered, goodput) = (points(&series.offered_per_s), points(&series.goodput_per_s));
        let (degraded, failed) = (points(&series.degraded_per_s), points(&series.failed_per_s));
        let column = |points: &[Option<f64>]| resample(points, self.columns);
        let scale = [&offered, &goodput, &failed].map(|points| top(&column(points))).into_iter().fold(0.0, f64::max);
        let rate = |label: &str, tone: Tone, points: &[Option<f64>]| {
            let drawn = bars(&column(points), scale);
            self.row(label, tone, &drawn, &format!("≤ {}/s", figure(top(points))))
        };
        let mut out = rate(&self.label(name, "offered"), Tone::Asked, &offered);
        out.push_str(&rate(&below("goodput"), Tone::Good, &goodput));
        if top(&degraded) > 0.0 {
            out.push_str(&rate(&below("degraded"), Tone::Hot, &degraded));
        }
        if top(&failed) > 0.0 {
            out.push_str(&rate(&below("failed"), Tone::Bad, &failed));
        }
        let p95 = wide(&series.p95_s);
        let most = top(&p95);
        if most > 0.0 {
            let drawn = bars(&peaks(&p95, self.columns), most);
            out.push_str(&self.row(&below("p95"), Tone::Plain, &drawn, &format!("≤ {}", seconds(most))));
        }
        out
    }

    fn line(&self, line: &InLine) -> String {
        let points = wide(&line.waiting);
        let most = top(&points);
        let drawn = bars(&peaks(&points, self.columns), most);
        self.row(&self.label(&line.name, "waiting"), Tone::Hot, &drawn, &format!("≤ {}", count(most as u64)))
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
