//! How what was changed is saved: as a file that does by itself what was done, or as a variant of the file that was
//! opened; with what that changes of the text beside it.

use super::widget::{self, Inks};
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::opening::edited;
use crate::lab::state::LabState;
use crate::lab::theme::size;
use egui::{Modal, RichText, ScrollArea, Ui};
use similar::{ChangeTag, TextDiff};
use std::path::PathBuf;

/// Lines around a change.
const AROUND: usize = 2;

/// The question.
#[derive(Debug, Default)]
pub struct SaveDialog {
    open: bool,
    as_variant: bool,
    name: String,
    path: String,
    /// What would be saved, of what was asked.
    made: Option<((bool, String), Result<String, String>)>,
}

impl SaveDialog {
    /// Draws it where it is asked for, and hears it.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, actions: &mut Vec<Action>) {
        let opened = state.saving && !self.open;
        self.open = state.saving;
        if !self.open {
            return;
        }
        if opened {
            self.made = None;
            self.name = "mine".to_owned();
            self.path = self.place(state).display().to_string();
        }
        let inks = Inks::of(state);
        let frame = widget::dialog(&inks);
        let modal = Modal::new(egui::Id::new("save"))
            .frame(frame)
            .backdrop_color(inks.ground.gamma_multiply(0.6))
            .show(ctx, |ui| {
                ui.set_width((ctx.content_rect().width() - 96.0).clamp(160.0, 720.0));
                ui.label(RichText::new("Save what was changed").font(fonts::name()));
                self.kind(ui, state);
                let text = self.text(state);
                match &text {
                    Ok(text) => diff(ui, state.changes().opened(), text, &inks, ctx.content_rect().height() - 320.0),
                    Err(why) => {
                        ui.add(
                            egui::Label::new(RichText::new(format!("It cannot be saved: {why}.")).color(inks.failed))
                                .wrap(),
                        );
                    }
                }
                ui.horizontal(|ui| {
                    let label = ui.label("File");
                    ui.add(egui::TextEdit::singleline(&mut self.path).desired_width(f32::INFINITY))
                        .labelled_by(label.id);
                });
                ui.horizontal(|ui| {
                    let possible = text.is_ok() && !self.path.trim().is_empty();
                    let save = ui.add_enabled(possible, egui::Button::new("Save"));
                    if opened {
                        save.request_focus();
                    }
                    if save.clicked()
                        && let Ok(text) = text
                    {
                        let path = PathBuf::from(self.path.trim());
                        // The file that was opened may be written over, if nobody else wrote it meanwhile.
                        let over = (state.file.as_ref() == Some(&path)).then(|| state.changes().opened().to_owned());
                        actions.push(Action::SaveText(path, text, over));
                    }
                    if ui.button("Cancel").clicked() {
                        actions.push(Action::AskToSave(false));
                    }
                    widget::quiet(ui, "A file that is there already is kept; the new one gets a number.");
                });
            });
        if modal.backdrop_response.clicked() {
            actions.push(Action::AskToSave(false));
        }
    }

    fn kind(&mut self, ui: &mut Ui, state: &LabState) {
        let before = self.as_variant;
        ui.horizontal(|ui| {
            ui.radio_value(&mut self.as_variant, false, "As a replay")
                .on_hover_text("Edits in their places; acts and later edits as rules of the runbook, at their times");
            ui.radio_value(&mut self.as_variant, true, "As a variant")
                .on_hover_text("The file as it was, with what runs now as a named variant of it");
            if self.as_variant {
                let label = ui.label("named");
                ui.add(egui::TextEdit::singleline(&mut self.name).desired_width(180.0)).labelled_by(label.id);
            }
        });
        if before != self.as_variant {
            self.path = self.place(state).display().to_string();
        }
    }

    /// A variant goes into the file itself, a replay beside it.
    fn place(&self, state: &LabState) -> PathBuf {
        match &state.file {
            Some(file) if self.as_variant => file.clone(),
            file => edited(file.as_deref(), state.opened.as_ref().map_or("scenario", |opened| &opened.base.name)),
        }
    }

    /// What would be saved.
    fn text(&mut self, state: &LabState) -> Result<String, String> {
        let asked = (self.as_variant, self.name.clone());
        if let Some((of, text)) = &self.made
            && *of == asked
        {
            return text.clone();
        }
        let text = if self.as_variant { state.variant_text(&self.name, "") } else { state.replay_text() };
        self.made = Some((asked, text.clone()));
        text
    }
}

/// What differs, line by line.
fn diff(ui: &mut Ui, before: &str, after: &str, inks: &Inks, height: f32) {
    let diff = TextDiff::from_lines(before, after);
    ScrollArea::both().id_salt("differences").max_height(height.max(80.0)).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, group) in diff.grouped_ops(AROUND).iter().enumerate() {
            if place > 0 {
                widget::quiet(ui, "⋯");
            }
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (sign, ink) = match change.tag() {
                    ChangeTag::Delete => ("−", inks.failed),
                    ChangeTag::Insert => ("+", inks.succeeded),
                    ChangeTag::Equal => (" ", inks.muted),
                };
                let line = format!("{sign} {}", change.value().trim_end());
                let text = RichText::new(line).monospace().size(size::SMALL).color(ink);
                ui.add(egui::Label::new(text).extend());
            }
        }
    });
}
