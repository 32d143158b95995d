//! Everything about what is picked; with nothing picked, everything about the run.

mod overview;
mod part;

use crate::lab::action::Action;
use crate::lab::desk::Desk;
use crate::lab::theme::GRID;
use egui::Ui;

/// Its width, pixels.
pub const WIDTH: f32 = 344.0;

/// The inspector.
#[derive(Debug, Default)]
pub struct Inspector;

impl Inspector {
    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, desk: &Desk, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            overview::ui(ui, desk, actions);
            ui.add_space(2.0 * GRID);
        });
    }
}
