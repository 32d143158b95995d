//! Everything around the canvas: the bar at the top, the timeline at the bottom, the inspector at the right, and what
//! lies over them for a while.
//!
//! Panels read the [`LabState`] and emit [`Action`]s; they change nothing themselves and know nothing of Bevy. What
//! they remember is only where the pointer drags, what is typed, and the like.

mod answer;
mod beside;
mod gallery;
mod icon;
mod inspector;
mod marks;
mod notices;
mod palette;
mod path;
mod picture;
mod problems;
mod signals;
mod sketch;
mod timeline;
mod top;
mod parts;
mod saving;
mod text;
mod widget;
mod wiring;
mod caption;
mod format;

pub use crate::lab::fonts::install as install_fonts;
pub use crate::lab::style::apply as style;
pub use picture::picture;
pub use timeline::{Mark, go};

use super::action::Action;
use super::state::LabState;
use super::view::Comparison;
use egui::{Frame, Margin, Panel, Rect, Stroke, Ui};
pub use widget::Inks;

/// In smaller windows than this, pixels, what is picked stands on a sheet above the timeline, and what is touched is as
/// large as a finger.
const ROOM: f32 = 640.0;
/// A finger, pixels.
const FINGER: f32 = 44.0;
/// Nor for the whole timeline.
const HIGH: f32 = 420.0;

/// All panels.
#[derive(Default)]
pub struct Panels {
    /// Requests that a light on the canvas stands for; none: as many as the frame says.
    pub light_is: Option<f64>,
    top: top::Top,
    timeline: timeline::TimelinePanel,
    inspector: inspector::Inspector,
    answer: answer::AnswerPanel,
    beside: beside::BesidePanel,
    gallery: gallery::Gallery,
    palette: palette::Palette,
    path: path::PathDialog,
    parts: parts::Parts,
    text: text::TextPanel,
    saving: saving::SaveDialog,
    wiring: wiring::WiringDialog,
    help: signals::Help,
}

impl Panels {
    /// Draws all of them into the window that `ui` covers, and hears them. What is left for the canvas is returned.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) -> Rect {
        let window = ui.available_rect_before_wrap();
        if window.width() < ROOM {
            ui.spacing_mut().interact_size = egui::Vec2::splat(FINGER);
        }
        let inks = Inks::of(state);
        let frame = |margin: Margin| Frame::new().fill(inks.surface).inner_margin(margin).stroke(Stroke::NONE);
        let thin = !state.view.panels || window.height() < HIGH;
        let roomy = (window.height() / 900.0).clamp(1.0, 1.4);
        let height = if thin { timeline::THIN } else { (timeline::HEIGHT * roomy).round() };
        let above = if state.view.panels { top::HEIGHT } else { 0.0 };
        // In the order they are read: what is picked, the timeline, the bar.
        let mut middle = window;
        (middle.min.y, middle.max.y) = (window.top() + above, (window.bottom() - height).max(window.top() + above));
        let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(middle).id_salt("middle"));
        if state.view.panels {
            self.beside(&mut inside, window, state, actions);
        } else {
            self.text.close();
            self.parts.close();
        }
        let canvas = inside.available_rect_before_wrap();
        let bottom = Panel::bottom(if thin { "thin timeline" } else { "timeline" })
            .exact_size(height)
            .frame(frame(Margin::same(0)));
        bottom.show(ui, |ui| self.timeline.ui(ui, state, thin, actions));
        if state.view.panels {
            let top = Panel::top("top").exact_size(top::HEIGHT).frame(frame(Margin::symmetric(8, 0)));
            let asked = top.show(ui, |ui| self.top.ui(ui, state, actions)).inner;
            if asked {
                self.help.switch();
            }
        }
        if state.view.panels {
            signals::foot(ui, state, canvas, self.light_is);
            caption::ui(ui, state, canvas, actions);
            marks::ui(ui, state, canvas, actions);
        }
        notices::ui(ui, state, canvas, actions);
        problems::ui(ui.ctx(), state, canvas, actions);
        self.gallery.ui(ui.ctx(), state, actions);
        self.path.ui(ui.ctx(), state, actions);
        self.wiring.ui(ui.ctx(), state, actions);
        self.saving.ui(ui.ctx(), state, actions);
        self.palette.ui(ui.ctx(), state, actions);
        self.help.ui(ui.ctx(), state, self.light_is);
        canvas
    }

    /// What stands beside the canvas in a window of that size, or below it where the window is narrow.
    fn beside(&mut self, inside: &mut Ui, window: Rect, state: &LabState, actions: &mut Vec<Action>) {
        let inks = Inks::of(state);
        let frame = |margin: Margin| Frame::new().fill(inks.surface).inner_margin(margin).stroke(Stroke::NONE);
        if window.width() < ROOM {
            self.text.close();
            self.parts.close();
            if state.picked.is_some() || state.studies.shown.is_some() || state.branched.is_some() {
                let (usual, most) = (inside.available_height() * 0.45, inside.available_height() * 0.8);
                let sheet =
                    Panel::bottom("sheet").resizable(true).default_size(usual).size_range(FINGER.min(most)..=most);
                sheet
                    .frame(frame(Margin { left: 12, right: 8, top: 8, bottom: 0 }))
                    .show(inside, |ui| self.side(ui, state, actions));
            }
            return;
        }
        let narrow = (window.width() * 0.32).clamp(280.0, inspector::WIDTH);
        let right = Panel::right("inspector").resizable(true).default_size(narrow).size_range(240.0..=560.0);
        right
            .frame(frame(Margin { left: 16, right: 8, top: 12, bottom: 0 }))
            .show(inside, |ui| self.side(ui, state, actions));
        if state.view.text {
            let left = Panel::left("text").resizable(true).default_size(text::WIDTH).size_range(240.0..=900.0);
            left.frame(frame(Margin { left: 12, right: 8, top: 8, bottom: 0 }))
                .show(inside, |ui| self.text.ui(ui, state, actions));
        } else {
            self.text.close();
        }
        if state.view.parts {
            let left = Panel::left("parts").resizable(true).default_size(parts::WIDTH).size_range(180.0..=360.0);
            left.frame(frame(Margin { left: 12, right: 8, top: 12, bottom: 0 }))
                .show(inside, |ui| self.parts.ui(ui, state, actions));
        } else {
            self.parts.close();
        }
    }

    /// What stands at the right: an answer, both runs beside each other, or the inspector.
    fn side(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
        let beside = state.branched.is_some() && state.view.comparison != Comparison::Off;
        match state.studies.shown {
            Some(question) => self.answer.ui(ui, state, question, actions),
            None if beside && state.picked.is_none() => self.beside.ui(ui, state, actions),
            None => self.inspector.ui(ui, state, actions),
        }
    }
}
