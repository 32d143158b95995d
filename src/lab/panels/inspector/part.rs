//! Pieces of the inspector that several of its pages share.

use crate::host::TroubleKind;
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use egui::{Align2, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// A trouble's kind in a sentence.
#[must_use]
pub const fn trouble_words(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Saturated => "saturated",
        TroubleKind::Refusing => "refusing calls",
        TroubleKind::Failing => "failing",
        TroubleKind::Down => "down",
    }
}

/// A name that leads to what it names, and something about it on the right.
pub fn leading(ui: &mut Ui, state: &LabState, name: &str, text: &str, actions: &mut Vec<Action>) -> Response {
    let inks = Inks::of(state);
    let subject = state.resolve(name);
    let room = ui.available_width();
    let sense = if subject.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(room, 22.0), sense);
    let kind = if subject.is_some() { WidgetType::Button } else { WidgetType::Label };
    response.widget_info(|| WidgetInfo::labeled(kind, true, format!("{name}: {text}")));
    if ui.is_rect_visible(rect) {
        let wide = rect.expand2(vec2(4.0, 0.0));
        if subject.is_some() && (response.hovered() || response.has_focus()) {
            ui.painter().rect_filled(wide, 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
        }
        widget::focus_ring(ui, &response, wide);
        let galley = ui.painter().layout_no_wrap(text.to_owned(), fonts::small(), inks.muted);
        let left = (rect.right() - galley.size().x).max(rect.left() + room * 0.25);
        let names = Rect::from_min_max(rect.min, pos2(left - 8.0, rect.bottom()));
        widget::clipped(ui, names, name, fonts::body(), inks.text);
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        if galley.size().x <= rect.right() - left + 0.5 {
            painter.text(rect.right_center(), Align2::RIGHT_CENTER, text, fonts::small(), inks.muted);
        } else {
            widget::clipped(ui, Rect::from_min_max(pos2(left, rect.top()), rect.max), text, fonts::small(), inks.muted);
        }
    }
    if response.clicked()
        && let Some(subject) = subject
    {
        actions.push(Action::Pick(Some(subject.clone())));
        actions.push(Action::Reveal(subject));
    }
    response
}
