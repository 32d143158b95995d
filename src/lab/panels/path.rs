//! Where the system has no dialog for files: a line to type a path into, with what is there to choose from.

use super::widget::{self, Inks};
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::state::LabState;
use egui::{Key, Modal, RichText};
use std::fs;
use std::path::{Path, PathBuf};

/// Names offered.
const OFFERED: usize = 10;
/// Entries of a folder that are looked at.
const LOOKED_AT: usize = 2_000;

/// The dialog.
#[derive(Debug, Default)]
pub struct PathDialog {
    open: bool,
    typed: String,
    /// What was typed when the offers were made.
    offered_for: Option<String>,
    offers: Vec<String>,
}

impl PathDialog {
    /// Draws it where a path is asked for, and hears it.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, actions: &mut Vec<Action>) {
        let opened = state.asking_for_path && !self.open;
        self.open = state.asking_for_path;
        if !self.open {
            return;
        }
        let inks = Inks::of(state);
        let frame = widget::dialog(&inks);
        let modal = Modal::new(egui::Id::new("path"))
            .frame(frame)
            .backdrop_color(inks.ground.gamma_multiply(0.6))
            .show(ctx, |ui| {
                ui.set_width((ctx.content_rect().width() - 96.0).clamp(120.0, 560.0));
                let title = ui.label(RichText::new("Open a scenario file").font(fonts::name()));
                let edit = egui::TextEdit::singleline(&mut self.typed)
                    .hint_text("path/to/scenario.ron")
                    .desired_width(f32::INFINITY);
                let response = ui.add(edit).labelled_by(title.id);
                if opened {
                    response.request_focus();
                }
                self.look();
                let path = PathBuf::from(self.typed.trim());
                let known = path.is_file();
                if !self.typed.trim().is_empty() && !known && self.offers.is_empty() {
                    ui.label(RichText::new(wrong(&path)).color(inks.failed));
                }
                let mut taken = None;
                for offer in &self.offers {
                    if ui.add(egui::Button::selectable(false, offer.as_str()).truncate()).clicked() {
                        taken = Some(offer.clone());
                    }
                }
                if let Some(taken) = taken {
                    self.typed = taken;
                    response.request_focus();
                }
                let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                ui.horizontal(|ui| {
                    if (ui.add_enabled(known, egui::Button::new("Open")).clicked() || entered) && known {
                        actions.push(Action::OpenFile(path.clone(), None));
                    }
                    if ui.button("Cancel").clicked() {
                        actions.push(Action::Dismiss);
                    }
                    widget::quiet(ui, "Or drop a file onto the window.");
                });
            });
        if modal.backdrop_response.clicked() {
            actions.push(Action::Dismiss);
        }
    }

    /// What the folder that is typed has, of that beginning; looked up when the text changes.
    fn look(&mut self) {
        if self.offered_for.as_deref() == Some(self.typed.as_str()) {
            return;
        }
        self.offered_for = Some(self.typed.clone());
        self.offers = offers(self.typed.trim_start());
    }
}

fn wrong(path: &Path) -> String {
    if path.is_dir() {
        format!("{} is a folder without scenario files.", path.display())
    } else {
        format!("There is no {}.", path.display())
    }
}

/// Folders and `.ron` files that begin with what is typed, folders first.
fn offers(typed: &str) -> Vec<String> {
    let (folder, beginning) = match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    let Ok(entries) = fs::read_dir(if folder.is_empty() { "." } else { folder }) else { return Vec::new() };
    let mut found: Vec<(bool, String)> = Vec::new();
    for entry in entries.take(LOOKED_AT).flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_folder = entry.path().is_dir();
        let hidden = name.starts_with('.') && !beginning.starts_with('.');
        if name.starts_with(beginning) && name != beginning && !hidden && (is_folder || name.ends_with(".ron")) {
            found.push((!is_folder, format!("{folder}{name}{}", if is_folder { "/" } else { "" })));
        }
    }
    found.sort_unstable();
    found.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}
