//! What an answer says of limits, beside the boxes that are in the way: "breaks 1st at 212/s".

use super::widget::Inks;
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::studies::{Found, Mark, Question, marks};
use crate::layout::Point;
use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Draws them and hears them.
pub fn ui(ui: &mut Ui, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    let Some(found) = limits(state) else { return };
    let inks = Inks::of(state);
    let stale = state.is_stale(found);
    let mut taken: Vec<Rect> = Vec::new();
    for mark in marks(&found.answer) {
        let Some(subject) = mark.binds.as_deref().and_then(|binds| state.resolve(binds)) else { continue };
        let Some(place) = state.place_of(&subject) else { continue };
        let text = said(&mark, stale);
        let galley =
            ui.painter().layout_no_wrap(text.clone(), fonts::small(), if stale { inks.muted } else { inks.text });
        let below = state.view.to_window(Point { x: place.x + place.width / 2.0, y: place.y + place.height });
        let size = galley.size() + vec2(12.0, 6.0);
        let mut rect = Align2::CENTER_TOP.anchor_size(canvas.min + vec2(below.x, below.y + 4.0), size);
        while taken.iter().any(|other| other.intersects(rect)) {
            rect = rect.translate(vec2(0.0, size.y + 2.0));
        }
        if !canvas.shrink(4.0).contains_rect(rect) {
            continue;
        }
        taken.push(rect);
        let response = ui.interact(rect, ui.id().with(("mark", mark.rung, &mark.source)), Sense::click());
        response.widget_info(|| {
            let binds = mark.binds.as_deref().unwrap_or_default();
            WidgetInfo::labeled(WidgetType::Button, true, format!("{binds} {text}"))
        });
        let edge = if stale { inks.line } else { inks.saturated };
        ui.painter().rect(rect, 6.0, inks.surface, Stroke::new(1.0, edge), StrokeKind::Inside);
        ui.painter().galley(pos2(rect.left() + 6.0, rect.top() + 3.0), galley, inks.text);
        if response.on_hover_text("The whole answer").clicked() {
            actions.push(Action::ShowAnswer(Some(found.question)));
        }
    }
}

/// The answer whose limits are shown: the ladder's, or that of the limit alone; one that is shown comes first.
#[must_use]
pub fn limits(state: &LabState) -> Option<&Found> {
    let found = |question: Question| state.studies.found.get(&question);
    let shown = state.studies.shown.filter(|shown| matches!(shown, Question::Limit | Question::Ladder));
    let fresh = |found: &&Found| !state.is_stale(found);
    shown
        .and_then(found)
        .or_else(|| found(Question::Ladder).filter(fresh))
        .or_else(|| found(Question::Limit).filter(fresh))
        .or_else(|| found(Question::Limit))
        .or_else(|| found(Question::Ladder))
}

/// "breaks 1st at 212/s"
fn said(mark: &Mark, stale: bool) -> String {
    let place = match mark.rung {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        more => format!("{more}th"),
    };
    let was = if stale { "broke" } else { "breaks" };
    format!("{was} {place} at {}", mark.load)
}
