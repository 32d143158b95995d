//! Where the time of a call went: what it waited for and who served it, as bars and in milliseconds.

use crate::lab::fonts;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::measure::results::Operation;
use crate::number::{count, percent, seconds};
use egui::{Align2, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Pieces named; the rest is one.
const NAMED: usize = 6;

/// One piece: what, seconds, and whether it was spent waiting.
type Piece<'a> = (&'a str, f64, bool);

/// An operation: its figures, and its time in pieces.
pub fn ui(ui: &mut Ui, state: &LabState, name: &str, operation: &Operation) {
    let inks = Inks::of(state);
    let traffic = &operation.traffic;
    let failed = traffic.failed_share().map_or(String::new(), |share| format!(", {} failed", percent(share)));
    let p95 = traffic.latency_s.map_or(String::new(), |latency| format!(", p95 {}", seconds(latency.p95)));
    widget::row(ui, name, &format!("{} calls{failed}{p95}", count(traffic.offered)));
    let mut pieces: Vec<Piece<'_>> = operation.waiting_s.iter().map(|(what, s)| (what.as_str(), *s, true)).collect();
    pieces.extend(operation.service_s.iter().map(|(what, s)| (what.as_str(), *s, false)));
    pieces.retain(|(_, spent, _)| *spent > 0.0);
    pieces.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total: f64 = pieces.iter().map(|(_, spent, _)| spent).sum();
    if total <= 0.0 {
        return;
    }
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 12.0), Sense::hover());
    response.widget_info(|| {
        let said: Vec<String> = pieces
            .iter()
            .take(NAMED)
            .map(|(what, spent, waited)| format!("{} {what} {}", verb(*waited), seconds(*spent)))
            .collect();
        WidgetInfo::labeled(WidgetType::Label, true, format!("{name}, mean time of a call: {}", said.join(", ")))
    });
    let mut x = rect.left();
    for (_, spent, waited) in &pieces {
        let width = (spent / total) as f32 * rect.width();
        let piece = Rect::from_min_size(pos2(x, rect.top()), vec2((width - 1.0).max(0.5), rect.height()));
        ui.painter().rect_filled(piece, 2.0, if *waited { inks.waiting } else { inks.moving });
        if *waited && !state.view.dark {
            ui.painter().rect_stroke(piece, 2.0, Stroke::new(1.0, inks.text), egui::StrokeKind::Inside);
        }
        x += width;
    }
    for (what, spent, waited) in pieces.iter().take(NAMED) {
        let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
        let swatch = Rect::from_center_size(pos2(line.left() + 6.0, line.center().y), vec2(8.0, 8.0));
        ui.painter().rect_filled(swatch, 2.0, if *waited { inks.waiting } else { inks.moving });
        let names = Rect::from_min_max(pos2(line.left() + 18.0, line.top()), pos2(line.right() - 110.0, line.bottom()));
        widget::clipped(ui, names, &format!("{} {what}", verb(*waited)), fonts::small(), inks.text);
        let value = format!("{}  {}", seconds(*spent), percent(spent / total));
        ui.painter().text(line.right_center(), Align2::RIGHT_CENTER, value, fonts::small(), inks.muted);
    }
    if pieces.len() > NAMED {
        let rest: f64 = pieces[NAMED..].iter().map(|(_, spent, _)| spent).sum();
        widget::quiet(ui, format!("      and {} in {} more", seconds(rest), pieces.len() - NAMED));
    }
}

const fn verb(waited: bool) -> &'static str {
    if waited { "waits for" } else { "served by" }
}
