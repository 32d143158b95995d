//! Traffic and use over time on a page: small, without a playhead, for the run may be another than the one that is
//! shown.

use crate::lab::fonts;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::number::{clock, figure, percent};
use crate::report::page::{Busy, Chart};
use egui::{Align2, Color32, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

const HEIGHT: f32 = 56.0;
const ROW: f32 = 16.0;

/// Offered, succeeded and failed of each source.
pub fn traffic(ui: &mut Ui, state: &LabState, chart: &Chart) {
    let inks = Inks::of(state);
    widget::heading(ui, "Traffic over time");
    for curve in &chart.curves {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
        let series = &curve.series;
        let all = [&series.offered_per_s, &series.goodput_per_s, &series.failed_per_s];
        let most = all.iter().flat_map(|values| values.iter().copied()).fold(0.0_f32, f32::max);
        let told =
            format!("{}: {} requests, at most {}/s", curve.name, figure(curve.offered as f64), figure(most.into()));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &told));
        let plot = Rect::from_min_max(rect.min + vec2(0.0, ROW), rect.max);
        widget::clipped(ui, Rect::from_min_size(rect.min, vec2(rect.width(), ROW)), &told, fonts::small(), inks.muted);
        for (values, ink) in all.into_iter().zip([inks.muted, inks.succeeded, inks.failed]) {
            line(ui.painter(), plot, values, most, ink);
        }
        ui.painter().hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, inks.line));
    }
    widget::quiet(ui, format!("0:00 to {}; grey: offered", clock(chart.horizon_s)));
    heat(ui, state, &chart.busy);
}

fn line(painter: &Painter, plot: Rect, values: &[f32], most: f32, ink: Color32) {
    if values.len() < 2 || most <= 0.0 {
        return;
    }
    let columns = (plot.width() as usize).clamp(2, values.len());
    let point = |column: usize| {
        let first = column * values.len() / columns;
        let last = ((column + 1) * values.len() / columns).max(first + 1);
        let value = values[first..last].iter().copied().fold(0.0, f32::max);
        let x = plot.left() + plot.width() * column as f32 / (columns - 1) as f32;
        pos2(x, plot.bottom() - (value / most).clamp(0.0, 1.0) * plot.height())
    };
    let points: Vec<Pos2> = (0..columns).map(point).collect();
    painter.add(Shape::line(points, Stroke::new(1.0, ink)));
}

/// What was in use over time, a strip each: the fuller, the darker; from 95 % on as saturated.
pub fn heat(ui: &mut Ui, state: &LabState, rows: &[Busy]) {
    if rows.is_empty() {
        return;
    }
    let inks = Inks::of(state);
    widget::heading(ui, "Use over time");
    for row in rows {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        let most = row.utilization.iter().flatten().copied().fold(0.0_f32, f32::max);
        let told = format!("{}: at most {} in use", row.name, percent(f64::from(most)));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &told));
        let names = Rect::from_min_size(rect.min, vec2(rect.width() * 0.35, ROW));
        widget::clipped(ui, names, &row.name, fonts::small(), inks.muted);
        let strip = Rect::from_min_max(pos2(names.right() + 8.0, rect.top() + 3.0), rect.max - vec2(52.0, 3.0));
        let count = row.utilization.len().max(1);
        let columns = (strip.width().max(1.0) as usize).min(count);
        for column in 0..columns {
            let cells = &row.utilization[column * count / columns..((column + 1) * count / columns).min(count)];
            let Some(used) = cells.iter().flatten().copied().reduce(f32::max) else { continue };
            let ink = if used >= 0.95 { inks.saturated } else { inks.moving.gamma_multiply(used.clamp(0.05, 1.0)) };
            let (left, width) = (strip.left() + strip.width() * column as f32 / columns as f32, strip.width());
            let cell = Rect::from_min_size(pos2(left, strip.top()), vec2(width / columns as f32, strip.height()));
            ui.painter().rect_filled(cell, 0.0, ink);
        }
        let end = pos2(rect.right(), rect.center().y);
        ui.painter().text(end, Align2::RIGHT_CENTER, percent(f64::from(most)), fonts::small(), inks.text);
    }
}
