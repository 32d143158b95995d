//! A and B beside each other where the inspector is: what B comes to, figure by figure, and what differs between them.

use super::icon::Icon;
use super::widget::{self, Inks};
use crate::host::Lane;
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::compare::{Row, differing};
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{GRID, size};
use crate::lab::view::Comparison;
use crate::layout::Point;
use egui::{Align, FontFamily, FontId, Grid, Layout, RichText, Ui, vec2};

/// The panel.
#[derive(Default)]
pub struct BesidePanel {
    /// What differs, made once for two texts.
    differing: Option<([usize; 2], Vec<String>, usize)>,
}

impl BesidePanel {
    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        heading(ui, state, actions);
        let area = egui::ScrollArea::vertical().id_salt("beside").auto_shrink(false);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID / 2.0;
            for lane in [Lane::Trunk, Lane::Branch] {
                widget::quiet(ui, state.side_name(lane));
            }
            match state.beside() {
                Some(beside) => {
                    let text = RichText::new(beside.verdict.as_str());
                    ui.add(egui::Label::new(text.font(FontId::new(size::BODY, fonts::strong()))).wrap());
                    table(ui, state, &beside.rows);
                }
                None => _ = widget::quiet(ui, "The first figures of both come with the next second of the run."),
            }
            self.what_differs(ui, state);
            widget::quiet(ui, "Both meet the same crowd at the same time: who comes when, and what each asks for.");
            ui.add_space(2.0 * GRID);
        });
    }

    fn what_differs(&mut self, ui: &mut Ui, state: &LabState) {
        let Some([a, b]) = state.both() else { return };
        let key = [a, b].map(|compiled| compiled.loaded.text.as_ptr() as usize);
        if self.differing.as_ref().is_none_or(|(of, ..)| *of != key) {
            let (lines, more) = differing(a, b);
            self.differing = Some((key, lines, more));
        }
        let Some((_, lines, more)) = &self.differing else { return };
        widget::heading(ui, "What differs");
        let acts: Vec<String> = of_b(state);
        for line in lines.iter().chain(&acts) {
            let text = RichText::new(line.as_str()).font(FontId::new(size::SMALL, FontFamily::Monospace));
            ui.add(egui::Label::new(text).wrap());
        }
        if *more > 0 {
            widget::quiet(ui, format!("and {more} more fields"));
        }
        if lines.is_empty() && acts.is_empty() {
            widget::quiet(ui, "Nothing yet: what you change now is changed in B.");
        }
    }
}

/// What was done by hand to one of them and not to the other.
fn of_b(state: &LabState) -> Vec<String> {
    let Some(left) = state.branched else { return Vec::new() };
    let own = state.commands.iter().filter(|command| command.time >= left);
    let told = own.map(|command| {
        let letter = if command.lane == Lane::Trunk { "A" } else { "B" };
        let at = crate::number::clock(super::format::seconds_of(command.time).max(0.0));
        format!("{letter} {at} {}", command.text)
    });
    told.collect()
}

fn heading(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let size = vec2(ui.available_width(), widget::SIGN);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let more = format!("One run alone\n{}", UiCommand::Compare.key_text());
        if widget::sign(ui, Icon::Close, "Close", &more, true, None).clicked() {
            actions.push(Action::Compare(Comparison::Off));
        }
        let split = state.view.comparison == Comparison::Split;
        let told = "Both on the canvas: A at the left of a bar, B at its right";
        if ui.selectable_label(split, "Split").on_hover_text(told).clicked() {
            actions.push(Action::Compare(if split { Comparison::Table } else { Comparison::Split }));
        }
        if ui.small_button("Against…").on_hover_text("A variant, a scenario or a file as B").clicked() {
            actions.extend(UiCommand::CompareWith.actions(state, Point::default()));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let name = RichText::new("A and B").font(FontId::new(size::HEADING, fonts::strong()));
            ui.add(egui::Label::new(name).truncate());
        });
    });
}

/// A row a figure; the better is strong.
fn table(ui: &mut Ui, state: &LabState, rows: &[Row]) {
    let inks = Inks::of(state);
    let area = egui::ScrollArea::horizontal().id_salt("figures of both").auto_shrink([false, true]);
    area.show(ui, |ui| {
        Grid::new("figures of both").num_columns(4).spacing(vec2(1.5 * GRID, 4.0)).show(ui, |ui| {
            for title in ["", "A", "B", "B − A"] {
                ui.label(RichText::new(title).size(size::SMALL).color(inks.muted));
            }
            ui.end_row();
            for row in rows {
                let name = egui::Label::new(RichText::new(row.name).size(size::SMALL).color(inks.muted));
                ui.scope(|ui| {
                    ui.set_max_width(104.0);
                    ui.add(name.wrap());
                });
                for (lane, value) in [Lane::Trunk, Lane::Branch].into_iter().zip(&row.values) {
                    let better = row.better == Some(lane);
                    let font = if better { FontId::new(size::SMALL, fonts::strong()) } else { fonts::small() };
                    let response = ui.label(RichText::new(value.as_str()).font(font).color(inks.text));
                    let letter = if lane == Lane::Trunk { "A" } else { "B" };
                    let mark = if better { ", better" } else { "" };
                    let told = format!("{} of {letter}: {value}{mark}", row.name);
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, &told));
                }
                ui.label(RichText::new(row.difference.as_str()).size(size::SMALL).color(inks.text));
                ui.end_row();
            }
        });
        ui.add_space(GRID);
    });
}
