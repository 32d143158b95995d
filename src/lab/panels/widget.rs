//! The few widgets all panels share: signs with a name, figures in slots of one width, headings, rows.

use super::icon::{self, Icon};
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::style::color;
use crate::lab::theme::{self, size};
use crate::layout;
use egui::{
    Align2, Color32, FontId, Pos2, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType,
    vec2,
};

/// The palette as egui has it.
#[derive(Clone, Copy, Debug)]
pub struct Inks {
    pub ground: Color32,
    pub surface: Color32,
    pub line: Color32,
    pub text: Color32,
    pub muted: Color32,
    pub moving: Color32,
    pub waiting: Color32,
    pub saturated: Color32,
    pub failed: Color32,
    pub succeeded: Color32,
}

impl Inks {
    /// Those of the theme that is shown.
    #[must_use]
    pub const fn of(state: &LabState) -> Self {
        let palette = theme::palette(state.view.dark);
        Self {
            ground: color(palette.ground),
            surface: color(palette.surface),
            line: color(palette.line),
            text: color(palette.text),
            muted: color(palette.muted),
            moving: color(palette.moving),
            waiting: color(palette.waiting),
            saturated: color(palette.saturated),
            failed: color(palette.failed),
            succeeded: color(palette.succeeded),
        }
    }
}

/// Side of a button that is a sign, pixels.
pub const SIGN: f32 = 28.0;

/// A button that is a sign: `name` is what it is called, `more` what its tooltip adds.
pub fn sign(ui: &mut Ui, icon: Icon, name: &str, more: &str, enabled: bool, selected: Option<bool>) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let size = ui.spacing().interact_size.y.max(SIGN);
    let (rect, response) = ui.allocate_exact_size(vec2(size, size), sense);
    response.widget_info(|| match selected {
        Some(selected) => WidgetInfo::selected(WidgetType::Button, enabled, selected, name),
        None => WidgetInfo::labeled(WidgetType::Button, enabled, name),
    });
    if ui.is_rect_visible(rect) {
        let visuals = ui.style().interact(&response);
        let (ink, back) = if enabled {
            (visuals.fg_stroke.color, visuals.weak_bg_fill)
        } else {
            (ui.visuals().weak_text_color(), Color32::TRANSPARENT)
        };
        let ink = if enabled { ink } else { ink.gamma_multiply(0.5) };
        if response.hovered() || response.has_focus() || selected == Some(true) {
            let back = if selected == Some(true) { ui.visuals().selection.bg_fill } else { back };
            ui.painter().rect_filled(rect, 6.0, back);
        }
        focus_ring(ui, &response, rect);
        icon::paint(ui.painter(), icon, rect.center(), 14.0, ink);
    }
    let response = if more.is_empty() { response } else { explained(response, name, more) };
    response.on_hover_cursor(if enabled { egui::CursorIcon::PointingHand } else { egui::CursorIcon::Default })
}

/// The middle of the canvas's window.
fn middle(state: &LabState) -> layout::Point {
    layout::Point { x: state.view.size.x / 2.0, y: state.view.size.y / 2.0 }
}

/// The button of a command.
pub fn button(ui: &mut Ui, state: &LabState, command: UiCommand, icon: Icon, actions: &mut Vec<Action>) -> Response {
    let wanted = command.actions(state, middle(state));
    let more = format!("{}\n{}", command.tooltip(), command.key_text());
    let response = sign(ui, icon, command.label(state), &more, !wanted.is_empty(), None);
    if response.clicked() {
        actions.extend(wanted);
    }
    response
}

/// A line of a menu that does a command.
pub fn entry(ui: &mut Ui, state: &LabState, command: UiCommand, actions: &mut Vec<Action>) {
    let wanted = command.actions(state, middle(state));
    let line = egui::Button::new(command.label(state)).shortcut_text(command.key_text()).frame_when_inactive(false);
    if ui.add_enabled(!wanted.is_empty(), line).on_hover_text(command.tooltip()).clicked() {
        actions.extend(wanted);
        ui.close();
    }
}

fn explained(response: Response, name: &str, more: &str) -> Response {
    response.on_hover_ui(|ui| {
        ui.label(RichText::new(name).font(fonts::name()));
        ui.label(RichText::new(more).size(size::SMALL).weak());
    })
}

/// What a question stands in, over everything else.
pub fn dialog(inks: &Inks) -> egui::Frame {
    let frame = egui::Frame::new().fill(inks.surface).inner_margin(egui::Margin::same(16));
    frame.corner_radius(theme::RADIUS).stroke(Stroke::new(1.0, inks.line))
}

/// Around what the keyboard is at.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 6.0, Stroke::new(2.0, ui.visuals().text_color()), StrokeKind::Inside);
    }
}

/// A text in a slot of that width, at its right end: figures that change move nothing.
pub fn slot(ui: &mut Ui, width: f32, text: &str, font: FontId, ink: Color32) -> Response {
    let height = font.size + 6.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    ui.painter().with_clip_rect(rect.expand(1.0).intersect(ui.clip_rect())).text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        text,
        font,
        ink,
    );
    response
}

/// What is read second.
pub fn quiet(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.add(egui::Label::new(RichText::new(text).size(size::SMALL).weak()).wrap())
}

/// The heading of a part of a panel.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(theme::GRID);
    ui.label(RichText::new(text).font(FontId::new(size::SMALL, fonts::strong())).weak());
}

/// A name on the left, what is so on the right.
pub fn row(ui: &mut Ui, name: &str, value: &str) -> Response {
    let room = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(room, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{name}: {value}")));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let ink = ui.visuals().text_color();
    let galley = ui.painter().layout_no_wrap(value.to_owned(), fonts::body(), ink);
    let left = (rect.right() - galley.size().x).max(rect.left() + room * 0.3);
    let names = Rect::from_min_max(rect.min, Pos2::new(left - theme::GRID, rect.bottom()));
    clipped(ui, names, name, fonts::body(), ui.visuals().weak_text_color());
    if left + galley.size().x <= rect.right() + 0.5 {
        ui.painter().galley(Pos2::new(left, rect.center().y - galley.size().y / 2.0), galley, ink);
        return response;
    }
    clipped(ui, Rect::from_min_max(Pos2::new(left, rect.top()), rect.max), value, fonts::body(), ink);
    response.on_hover_text(value)
}

/// A text on one line within a box; what does not fit becomes an ellipsis.
pub fn clipped(ui: &Ui, rect: Rect, text: &str, font: FontId, ink: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width().max(0.0));
    let galley = ui.painter().layout_job(job);
    let at = Pos2::new(rect.left(), rect.center().y - galley.size().y / 2.0);
    ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())).galley(at, galley, ink);
}
