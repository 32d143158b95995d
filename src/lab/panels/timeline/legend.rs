//! What the curves are, and what they are at the present or under the pointer.

use super::columns::{Columns, Sum};
use super::curves;
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::widget::{Inks, clipped};
use crate::lab::state::LabState;
use crate::measure::REASONS;
use crate::number::{ABSENT, clock, seconds};
use egui::{Align2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Its width, pixels.
pub const WIDTH: f32 = 184.0;

const ROW: f32 = 17.0;

/// Draws it; `at_s` is the time that is asked about, the present without.
pub fn draw(ui: &mut Ui, rect: Rect, state: &LabState, source: Option<usize>, columns: &Columns, at_s: Option<f64>) {
    let inks = Inks::of(state);
    let timeline = state.timeline(state.frame.lane);
    let asked_s = at_s.unwrap_or(format::seconds_of(state.frame.now));
    // Of the present the stretch that ended last. What is not known yet is not told as what was before.
    let place = if timeline.every_s > 0.0 { (asked_s / timeline.every_s + 1e-9).floor() } else { -1.0 };
    let place = if at_s.is_some() { place } else { place - 1.0 };
    let point = if place < 0.0 { None } else { timeline.points.get(place as usize) };
    let sum = point.map(|point| Sum::of(point, source));
    let who = match source {
        Some(index) => state.source_name(crate::model::SourceId::new(index)).to_owned(),
        None => "everyone".to_owned(),
    };
    let mut y = rect.top();
    let mut line = |ui: &mut Ui, name: &str, value: String, paint: &dyn Fn(&egui::Painter, Rect)| {
        if y + ROW > rect.bottom() + 2.0 {
            return;
        }
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), ROW));
        let response = ui.interact(row, ui.id().with(("legend", name)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{name}: {value}")));
        paint(ui.painter(), Rect::from_min_size(row.left_top() + vec2(0.0, 4.0), vec2(16.0, 9.0)));
        clipped(
            ui,
            Rect::from_min_max(row.min + vec2(24.0, 0.0), pos2(row.right() - 56.0, row.bottom())),
            name,
            fonts::small(),
            inks.muted,
        );
        ui.painter().text(row.right_center(), Align2::RIGHT_CENTER, value, fonts::small(), inks.text);
        y += ROW;
    };
    let told = |rate: Option<f32>| rate.map_or(ABSENT.to_owned(), |rate| format::per_s(f64::from(rate)));
    line(ui, &who, clock(asked_s.max(0.0)), &|_, _| {});
    line(ui, "offered", told(sum.map(|sum| sum.offered)), &|painter, rect| {
        painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.5, inks.muted));
    });
    line(ui, "goodput", told(sum.map(|sum| sum.goodput)), &|painter, rect| {
        painter.rect_filled(rect, 0.0, inks.succeeded.gamma_multiply(0.42));
        painter.hline(rect.x_range(), rect.top(), Stroke::new(1.0, inks.succeeded));
    });
    let p95 = match sum.map(|sum| f64::from(sum.p95)) {
        Some(p95) if p95.is_finite() => seconds(p95),
        Some(f64::INFINITY) => "over 5 % fail".to_owned(),
        Some(_) | None => ABSENT.to_owned(),
    };
    line(ui, if source.is_none() { "slowest p95" } else { "p95" }, p95, &|painter, rect| {
        let points = [rect.left_center(), rect.right_center()];
        painter.extend(Shape::dashed_line(&points, Stroke::new(1.0, inks.text), 4.0, 2.0));
    });
    let there = columns.reasons();
    for (index, reason) in REASONS.into_iter().enumerate().filter(|(index, _)| there[*index]) {
        line(ui, reason.words(), told(sum.map(|sum| sum.failed[index])), &|painter, rect| {
            curves::swatch(painter, rect, reason, &inks)
        });
    }
    if state.branched.is_some() {
        let name = if state.frame.lane == crate::host::Lane::Trunk { "goodput of B" } else { "goodput of A" };
        line(ui, name, String::new(), &|painter, rect| {
            painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.5, inks.moving));
        });
    }
}
