//! What lies over the canvas for a while: a word for the person, how far a seek is, and what a file that hovers may do.

use super::format;
use super::icon::Icon;
use super::widget::{self, Inks};
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{RADIUS, size};
use crate::number::clock;
use egui::{Align2, Area, Frame, Margin, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Draws them, and hears them.
pub fn ui(ui: &mut Ui, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    progress(ui, state, canvas);
    let inks = Inks::of(state);
    let ctx = ui.ctx().clone();
    if let Some(notice) = &state.notice {
        let frame = Frame::new()
            .fill(inks.surface)
            .inner_margin(Margin::symmetric(16, 8))
            .corner_radius(RADIUS)
            .stroke(Stroke::new(1.0, inks.muted));
        let area = Area::new(egui::Id::new("notice")).order(egui::Order::Foreground).pivot(Align2::CENTER_TOP);
        area.fixed_pos(pos2(canvas.center().x, canvas.top() + 16.0)).show(&ctx, |ui| {
            frame.show(ui, |ui| {
                ui.set_max_width((canvas.width() - 64.0).clamp(80.0, 640.0));
                ui.horizontal(|ui| {
                    ui.add(egui::Label::new(RichText::new(notice).size(size::BODY)).wrap());
                    if widget::sign(
                        ui,
                        Icon::Close,
                        UiCommand::Dismiss.label(state),
                        &UiCommand::Dismiss.key_text(),
                        true,
                        None,
                    )
                    .clicked()
                    {
                        actions.push(Action::Dismiss);
                    }
                });
            });
        });
    }
    if ctx.input(|input| !input.raw.hovered_files.is_empty()) {
        let painter = ctx.layer_painter(egui::LayerId::new(egui::Order::Tooltip, egui::Id::new("drop")));
        painter.rect_filled(canvas, 0.0, inks.ground.gamma_multiply(0.8));
        painter.rect_stroke(canvas.shrink(16.0), RADIUS, Stroke::new(2.0, inks.moving), egui::StrokeKind::Inside);
        painter.text(
            canvas.center(),
            Align2::CENTER_CENTER,
            "Drop the scenario to run it",
            egui::FontId::new(size::HEADING, fonts::strong()),
            inks.text,
        );
    }
}

/// A strip along the upper edge of the canvas.
fn progress(ui: &mut Ui, state: &LabState, canvas: Rect) {
    let Some((at, goal)) = state.progress else { return };
    let inks = Inks::of(state);
    let (at_s, goal_s) = (format::seconds_of(at), format::seconds_of(goal));
    let share = if goal_s > 0.0 { (at_s / goal_s).clamp(0.0, 1.0) } else { 1.0 };
    let strip = Rect::from_min_size(canvas.min, vec2(canvas.width(), 3.0));
    let response = ui.interact(strip, ui.id().with("progress"), Sense::hover());
    let text = format!("On the way to {}: {}", clock(goal_s), clock(at_s));
    response.widget_info(|| WidgetInfo {
        value: Some(share),
        ..WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &text)
    });
    ui.painter().rect_filled(strip, 0.0, inks.line);
    ui.painter().rect_filled(Rect::from_min_size(strip.min, vec2(strip.width() * share as f32, 3.0)), 0.0, inks.moving);
    let galley = ui.painter().layout_no_wrap(text, fonts::small(), inks.text);
    let back = Rect::from_min_size(strip.left_bottom() + vec2(12.0, 8.0), galley.size() + vec2(16.0, 8.0));
    ui.painter().rect_filled(back, 6.0, inks.surface);
    ui.painter().galley(back.min + vec2(8.0, 4.0), galley, inks.text);
}
