//! What the keys that were pressed ask for, and how far a key goes in time.

use super::action::Action;
use super::command::UiCommand;
use super::state::LabState;
use crate::layout::Point;
use crate::units::{Span, Time};
use egui::Key;

/// What the keys that were pressed ask for. Letters are left to a text that is being typed, and what a focused widget
/// takes for itself is its own.
pub fn pressed(ctx: &egui::Context, state: &LabState, middle: Point) -> Vec<Action> {
    if ctx.text_edit_focused() {
        return Vec::new();
    }
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let menu = egui::Popup::is_any_open(ctx);
    let mut actions = Vec::new();
    for command in UiCommand::ALL {
        let own =
            matches!(command.key().logical_key, Key::Space | Key::ArrowLeft | Key::ArrowRight | Key::Home | Key::End);
        if (own && focused) || (menu && command != UiCommand::PlayOrPause) {
            continue;
        }
        let hit = ctx.input_mut(|input| command.take_key(input));
        if hit && command == UiCommand::Surge {
            actions.push(Action::Surge(true, ctx.input(|input| input.time)));
            continue;
        }
        if hit && command == UiCommand::OtherRun {
            actions.extend(state.branched.map(|_| Action::Flip(true)));
        } else if hit {
            actions.extend(command.actions(state, middle));
        }
    }
    if state.is_flipped() && !ctx.input(|input| input.key_down(UiCommand::OtherRun.key().logical_key)) {
        actions.push(Action::Flip(false));
    }
    let clipboard = ctx.input(|input| {
        let own = |event: &&egui::Event| matches!(event, egui::Event::Copy | egui::Event::Paste(_));
        input.events.iter().find(own).cloned()
    });
    match clipboard {
        Some(egui::Event::Paste(text)) => actions.push(Action::Paste(text)),
        Some(_) => state.copied().into_iter().for_each(|text| ctx.copy_text(text)),
        None => {}
    }
    let surges = ctx.input(|input| input.key_down(UiCommand::Surge.key().logical_key));
    if state.surge.is_some() && (surges || !ctx.input(|input| input.pointer.any_down())) {
        ctx.request_repaint();
        actions.push(Action::Surge(surges, ctx.input(|input| input.time)));
    }
    actions
}

impl LabState {
    /// Where the run ends; 0 with none.
    #[must_use]
    pub fn horizon(&self) -> Time {
        self.model().map_or(Time(0), |model| Time(model.horizon.0))
    }

    /// A small jump in time: a whole number of seconds, about a two-hundredth of the horizon.
    #[must_use]
    pub fn stride(&self) -> Span {
        let rough = self.horizon().0 as f64 / 1e9 / 200.0;
        let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0];
        let seconds = steps.into_iter().find(|step| *step >= rough).unwrap_or(3_600.0);
        Span((seconds * 1e9) as i64)
    }

    /// So many strides from here, onto a whole stride, within the horizon.
    #[must_use]
    pub fn hop(&self, strides: i64) -> Vec<Action> {
        let stride = self.stride().0;
        let from = self.frame.now.0;
        let whole = if strides < 0 { (from + stride - 1).div_euclid(stride) } else { from.div_euclid(stride) };
        let to = ((whole + strides) * stride).clamp(0, self.horizon().0.max(0));
        if self.opened.is_some() && to != from { vec![Action::Seek(Time(to))] } else { Vec::new() }
    }
}
