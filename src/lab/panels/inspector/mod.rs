//! Everything about what is picked; with nothing picked, everything about the run.

mod chart;
mod evidence;
mod fields;
mod gauges;
mod luck;
mod overview;
mod pages;
mod part;
mod request;
mod spent;
mod wishes;

use super::icon::Icon;
use super::widget;
use crate::host::Opened;
use crate::lab::action::{Action, Subject};
use crate::lab::deed::Deed;
use crate::lab::desk::Desk;
use crate::lab::fonts;
use crate::lab::theme::{self, GRID};
use egui::{Align, FontId, Layout, RichText, Ui};
use std::sync::Arc;

/// Its width, pixels.
pub const WIDTH: f32 = 344.0;

/// The inspector.
#[derive(Debug, Default)]
pub struct Inspector {
    /// What it showed last: another begins at its top.
    shown: Option<Subject>,
    /// Which scenario that was of, and what its file says; made once.
    stated: Option<(Arc<Opened>, fields::Stated)>,
}

impl Inspector {
    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, desk: &Desk, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        if let Some(subject) = &desk.picked {
            heading(ui, desk, subject, actions);
            if ui.available_height() > 260.0 && wishes::has(desk, subject) {
                let frame = egui::Frame::new().inner_margin(egui::Margin { left: 0, right: 0, top: 0, bottom: 12 });
                egui::Panel::bottom("wishes").frame(frame).show(ui, |ui| wishes::ui(ui, desk, subject, actions));
            }
        }
        let mut area = egui::ScrollArea::vertical().id_salt("inspector").auto_shrink(false);
        if self.shown != desk.picked {
            self.shown.clone_from(&desk.picked);
            self.stated = None;
            area = area.vertical_scroll_offset(0.0);
        }
        self.read(desk);
        let stated = self.stated.as_ref().map_or(&[][..], |(_, stated)| stated);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID / 2.0;
            match &desk.picked {
                Some(subject) => {
                    pages::ui(ui, desk, subject, actions);
                    stated.iter().for_each(|(path, values)| fields::ui(ui, desk, path, values));
                }
                None => overview::ui(ui, desk, actions),
            }
            ui.add_space(2.0 * GRID);
        });
    }
}

impl Inspector {
    /// Looks up what the file says, where that is not known.
    fn read(&mut self, desk: &Desk) {
        let (Some(opened), Some(subject)) = (&desk.opened, &desk.picked) else {
            self.stated = None;
            return;
        };
        let fresh = self.stated.as_ref().is_some_and(|(of, stated)| Arc::ptr_eq(of, opened) && !stated.is_empty());
        if !fresh {
            self.stated = Some((opened.clone(), fields::stated(desk, subject)));
        }
    }
}

/// What is picked, and the way back to the whole.
fn heading(ui: &mut Ui, desk: &Desk, subject: &Subject, actions: &mut Vec<Action>) {
    let size = egui::vec2(ui.available_width(), widget::SIGN);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let more = format!("Back to the whole run\n{}", Deed::Dismiss.key_text());
        if widget::sign(ui, Icon::Close, "Close", &more, true, None).clicked() {
            actions.push(Action::Pick(None));
        }
        if widget::sign(ui, Icon::Fit, "Reveal", "Put it in the middle of the canvas", true, None).clicked() {
            actions.push(Action::Reveal(subject.clone()));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let name = RichText::new(desk.name_of(subject)).font(FontId::new(theme::size::HEADING, fonts::strong()));
            ui.add(egui::Label::new(name).truncate());
            ui.label(RichText::new(Desk::kind_of(subject)).size(theme::size::SMALL).weak());
        });
    });
}
