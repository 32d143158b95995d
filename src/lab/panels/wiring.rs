//! Whom something shall call, and which of its operations: asked where there is a choice, or where a wire is made by
//! keys.

use super::widget::{self, Inks};
use crate::lab::action::Action;
use crate::lab::building::Wiring;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::scenario::wiring::{Offer, targets};
use egui::{Modal, RichText, ScrollArea, Ui};

/// The question.
#[derive(Debug, Default)]
pub struct WiringDialog {
    open: bool,
}

impl WiringDialog {
    /// Draws it where something is asked, and hears it.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, actions: &mut Vec<Action>) {
        let opened = state.wiring.is_some() && !self.open;
        self.open = state.wiring.is_some();
        let Some(wiring) = &state.wiring else { return };
        let inks = Inks::of(state);
        let frame = widget::dialog(&inks);
        let modal = Modal::new(egui::Id::new("wiring"))
            .frame(frame)
            .backdrop_color(inks.ground.gamma_multiply(0.4))
            .show(ctx, |ui| {
                ui.set_width((ctx.content_rect().width() - 96.0).clamp(160.0, 420.0));
                match wiring {
                    Wiring::From(from) => whom(ui, state, from, opened, actions),
                    Wiring::Among(from, to, offers) => which(ui, (from, to), offers, opened, actions),
                }
                if ui.button("Cancel").clicked() {
                    actions.push(Action::Dismiss);
                }
            });
        if modal.backdrop_response.clicked() {
            actions.push(Action::Dismiss);
        }
    }
}

/// Every service, and why some cannot be called.
fn whom(ui: &mut Ui, state: &LabState, from: &str, opened: bool, actions: &mut Vec<Action>) {
    ui.label(RichText::new(format!("Whom shall {from} call?")).font(fonts::name()));
    let Some(design) = state.draft() else { return };
    let mut first = opened;
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        for (to, legal) in targets(design, from) {
            match legal {
                Ok(()) => {
                    let button = ui.add(egui::Button::selectable(false, to.as_str()));
                    if std::mem::take(&mut first) {
                        button.request_focus();
                    }
                    if button.clicked() {
                        actions.push(Action::Wire(from.to_owned(), Some(to)));
                    }
                }
                Err(why) => _ = widget::quiet(ui, format!("{to}: {why}")),
            }
        }
    });
}

/// Every way from one to another.
fn which(ui: &mut Ui, (from, to): (&str, &str), offers: &[Offer], opened: bool, actions: &mut Vec<Action>) {
    ui.label(RichText::new(format!("{from} calls {to}: where, and for what?")).font(fonts::name()));
    let mut first = opened;
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        for offer in offers {
            let place = offer.from.rsplit('.').next().unwrap_or(from);
            let words = match place {
                "journey" | "call" => format!("{from} asks {}", offer.operation),
                operation => format!("{from}.{operation} asks {}", offer.operation),
            };
            match &offer.edits {
                Ok(edits) => {
                    let button = ui.add(egui::Button::selectable(false, words));
                    if std::mem::take(&mut first) {
                        button.request_focus();
                    }
                    if button.clicked() {
                        actions.push(Action::Change(edits.clone()));
                        actions.push(Action::Dismiss);
                    }
                }
                Err(why) => _ = widget::quiet(ui, format!("{words}: {why}")),
            }
        }
    });
}
