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
use crate::units::Time;
use egui::{Align2, Area, Frame, Margin, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Draws them, and hears them.
pub fn ui(ui: &mut Ui, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    progress(ui, state, canvas);
    let inks = Inks::of(state);
    let ctx = ui.ctx().clone();
    if state.dead {
        failure(ui, state, canvas, actions);
    } else if let Some(notice) = &state.notice {
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

/// The simulation failed: its last picture is grey, and there is a way on.
fn failure(ui: &Ui, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    let inks = Inks::of(state);
    ui.painter().rect_filled(canvas, 0.0, inks.ground.gamma_multiply(0.6));
    let at = state.frame.now;
    let why = state.notice.as_deref().unwrap_or_default();
    let frame = Frame::new()
        .fill(inks.surface)
        .inner_margin(Margin::symmetric(24, 16))
        .corner_radius(RADIUS)
        .stroke(Stroke::new(1.0, inks.failed));
    let area = Area::new(egui::Id::new("failure")).order(egui::Order::Foreground).pivot(Align2::CENTER_CENTER);
    area.fixed_pos(canvas.center()).show(ui.ctx(), |ui| {
        frame.show(ui, |ui| {
            ui.set_max_width((canvas.width() - 64.0).clamp(80.0, 560.0));
            let when = clock(format::seconds_of(at));
            ui.label(RichText::new(format!("surgelab has a bug: this run stopped at {when}.")).size(size::HEADING));
            widget::quiet(ui, format::shortened(why, 400));
            ui.add_space(8.0);
            ui.horizontal_wrapped(|ui| {
                // What failed would fail again at its time: a little before it stands still.
                let before = Time((at.0 - 1_000_000_000).max(0));
                let there = format!("Restart at {}", clock(format::seconds_of(before)));
                if state.opened.is_some() && ui.button(there).on_hover_text("With all that was done to it").clicked() {
                    actions.push(Action::Restart(before));
                }
                if state.opened.is_some() && ui.button("Restart from 0:00").clicked() {
                    actions.push(Action::Restart(Time(0)));
                }
                if ui.button("Another scenario").clicked() {
                    actions.push(Action::ShowGallery(true));
                }
                if ui.button("Copy the report").on_hover_text("For whoever mends it").clicked() {
                    ui.ctx().copy_text(report(state, why));
                }
            });
        });
    });
}

/// What somebody needs who looks for the fault.
fn report(state: &LabState, why: &str) -> String {
    let mut text = format!("surgelab {} failed: {why}\n", env!("CARGO_PKG_VERSION"));
    if let Some(opened) = &state.opened {
        let variant = opened.variant.as_deref().map_or(String::new(), |variant| format!(", variant {variant}"));
        let at = format::seconds_of(state.frame.now);
        text += &format!("{}{variant}, seed {}, at {at} s\n", opened.loaded.name, opened.seed);
        for command in &state.commands {
            text += &format!("{} s: {}\n", format::seconds_of(command.time), command.text);
        }
        text += &opened.loaded.text;
    }
    text
}

/// A strip along the upper edge of the canvas.
fn progress(ui: &mut Ui, state: &LabState, canvas: Rect) {
    let Some((at, goal)) = state.progress else { return };
    let inks = Inks::of(state);
    let (at_s, goal_s) = (format::seconds_of(at).max(0.0), format::seconds_of(goal));
    let share = if goal_s > 0.0 { (at_s / goal_s).clamp(0.0, 1.0) } else { 1.0 };
    let strip = Rect::from_min_size(canvas.min, vec2(canvas.width(), 3.0));
    let response = ui.interact(strip, ui.id().with("progress"), Sense::hover());
    let text = format!("Simulating up to {}: at {}", clock(goal_s), clock(at_s));
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
