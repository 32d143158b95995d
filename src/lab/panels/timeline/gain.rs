//! What lies between the goodput of two runs, hatched; and how much the design can take, as a line.

use super::columns::Columns;
use super::curves::{COLUMN, Scale};
use crate::lab::fonts;
use crate::lab::panels::marks;
use crate::lab::panels::widget::Inks;
use crate::lab::state::LabState;
use crate::lab::studies::marks as limits_of;
use egui::{Align2, Color32, Painter, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2};

/// Pixels between two lines of the hatch.
const STEP: f32 = 6.0;

/// The goodput of the other run as a line, and between the two what the run that is shown gained (as what succeeded) or
/// lost (as what failed).
pub fn draw(painter: &Painter, rect: Rect, [shown, other]: [&Columns; 2], scale: Scale, inks: &Inks) {
    let y = |rate: f32| rect.bottom() - (rate / scale.rate).clamp(0.0, 1.0) * rect.height();
    for (column, (mine, its)) in shown.goodput.iter().zip(&other.goodput).enumerate() {
        let x = rect.left() + (column as f32 + 0.5) * COLUMN;
        let (top, bottom) = (y(mine.max(*its)), y(mine.min(*its)));
        if bottom - top < 1.0 {
            continue;
        }
        let ink = if mine > its { inks.succeeded } else { inks.failed };
        hatch(painter, x, top, bottom, ink);
    }
    let line = other.goodput.iter().enumerate();
    let line = line.map(|(column, rate)| pos2(rect.left() + (column as f32 + 0.5) * COLUMN, y(*rate))).collect();
    painter.add(Shape::line(line, Stroke::new(1.5, inks.moving)));
}

/// A column of slanted lines: of each the piece that crosses it.
fn hatch(painter: &Painter, x: f32, top: f32, bottom: f32, ink: Color32) {
    let stroke = Stroke::new(1.0, ink);
    let half = COLUMN / 2.0;
    let mut y = ((top + x) / STEP).ceil() * STEP - x;
    while y < bottom {
        painter.line_segment([pos2(x - half, y + half), pos2(x + half, y - half)], stroke);
        y += STEP;
    }
}

/// What an answer says the design can take, as a line at that rate: of the source that is shown alone, or of all
/// together. Only of what is counted in requests.
pub fn limit(ui: &Ui, rect: Rect, state: &LabState, source: Option<&str>, scale: Scale, inks: &Inks) {
    let Some((rate, said)) = rate(state, source) else { return };
    let painter = ui.painter();
    let share = (rate as f32) / scale.rate;
    let over = share > 1.0;
    let y = rect.bottom() - share.clamp(0.0, 1.0) * rect.height();
    let line = [pos2(rect.left(), y), pos2(rect.right(), y)];
    painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, inks.saturated), 8.0, 4.0));
    let text = if over { format!("{said}, above what is shown") } else { said };
    let told = text.clone();
    let galley = painter.layout_no_wrap(text, fonts::small(), inks.text);
    let below = y + galley.size().y + 4.0 < rect.bottom() && y - galley.size().y < rect.top();
    let align = if below { Align2::LEFT_TOP } else { Align2::LEFT_BOTTOM };
    let place = align.anchor_size(pos2(rect.left() + 6.0, y), galley.size());
    painter.rect_filled(place.expand(2.0), 4.0, inks.surface.gamma_multiply(0.85));
    painter.galley(place.min, galley, inks.text);
    let response = ui.interact(place, ui.id().with("limit"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Limit: {told}")));
}

/// That rate and how it is said.
#[must_use]
pub fn rate(state: &LabState, source: Option<&str>) -> Option<(f64, String)> {
    let found = marks::limits(state)?;
    let first: Vec<_> = limits_of(&found.answer).into_iter().filter(|mark| mark.rung == 1).collect();
    if first.iter().any(|mark| !mark.is_rate) || state.is_stale(found) {
        return None;
    }
    let mine: Vec<_> = first.iter().filter(|mark| source.is_none_or(|source| source == mark.source)).collect();
    // All together are told of only where each of them has its limit.
    let all = state.model()?.sources.iter().filter(|source| !source.retired).count();
    if mine.is_empty() || source.is_none() && mine.len() != all {
        return None;
    }
    let rate: f64 = mine.iter().map(|mark| mark.value).sum();
    let binds = mine[0].binds.as_ref().map_or(String::new(), |binds| format!(", breaks at {binds}"));
    Some((rate, format!("holds {}/s{binds}", crate::number::figure(rate))))
}
