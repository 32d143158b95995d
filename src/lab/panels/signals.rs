//! What the colours and signs mean: a line at the foot of the canvas, and a page with all keys beside it.

use super::icon::{self, Icon};
use super::widget::{self, Inks};
use crate::host::Pace;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{RADIUS, size};
use crate::number::count;
use egui::{
    Align2, Color32, FontId, Frame, Key, Margin, Modal, Modifiers, Rect, RichText, Sense, Stroke, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};

/// A state: its sign, its colour, and what it means.
fn states(inks: &Inks) -> [(Icon, Color32, &'static str); 7] {
    [
        (Icon::Disc, inks.moving, "moving, served"),
        (Icon::Quarter, inks.waiting, "waiting"),
        (Icon::Hatch, inks.saturated, "saturated"),
        (Icon::Cross, inks.failed, "refused"),
        (Icon::Ring, inks.failed, "timed out"),
        (Icon::Diamond, inks.failed, "broken, cancelled"),
        (Icon::Disc, inks.succeeded, "succeeded"),
    ]
}

/// How many requests a light stands for.
#[must_use]
fn lights(state: &LabState, light_is: Option<f64>) -> String {
    let each = light_is.unwrap_or(state.frame.sampling).max(1.0);
    match (each < 1.05, state.speed <= Pace::MICROSCOPE) {
        (true, true) => "1 light = 1 request, where it is".to_owned(),
        (true, false) => "1 light = 1 request".to_owned(),
        (false, _) => format!("1 light = {} requests", count(round(each))),
    }
}

/// To two digits: what a light stands for is no measure.
fn round(each: f64) -> u64 {
    let step = 10_f64.powf((each.log10().floor() - 1.0).max(0.0));
    ((each / step).round() * step) as u64
}

/// The states that the present picture shows.
fn seen(state: &LabState) -> Vec<&'static str> {
    let frame = &state.frame;
    let any = |of: fn(&crate::host::Flow) -> f32| frame.flows.iter().any(|flow| of(flow) > 0.0);
    let waits = frame.instances.iter().any(|instance| instance.waiting > 0 || instance.busy.waits > 0);
    let all = [
        ("moving, served", true),
        ("waiting", waits),
        ("saturated", frame.gauges.iter().any(|gauge| gauge.saturated)),
        ("refused", any(|flow| flow.refused_per_s)),
        ("timed out", any(|flow| flow.timed_out_per_s)),
        ("broken, cancelled", any(|flow| flow.broken_per_s)),
        ("succeeded", any(|flow| flow.succeeded_per_s)),
    ];
    all.into_iter().filter(|(_, seen)| *seen).map(|(word, _)| word).collect()
}

/// A narrower canvas has no room for the whole legend, pixels.
const FEW: f32 = 800.0;

/// The line at the foot of the canvas.
pub fn foot(ui: &mut Ui, state: &LabState, canvas: Rect, light_is: Option<f64>) {
    if canvas.width() < 480.0 || canvas.height() < 160.0 || state.opened.is_none() {
        return;
    }
    let inks = Inks::of(state);
    let mut x = canvas.left() + 16.0;
    let y = canvas.bottom() - 16.0;
    let painter = ui.painter().with_clip_rect(canvas);
    let mut said = Vec::new();
    // Where there is no room for all, those that are seen now.
    let seen = seen(state);
    let few = canvas.width() < FEW;
    for (sign, ink, meaning) in states(&inks).into_iter().filter(|(.., word)| !few || seen.contains(word)) {
        let galley = painter.layout_no_wrap(meaning.to_owned(), fonts::small(), inks.muted);
        let width = galley.size().x + 32.0;
        if x + width > canvas.right() - 180.0 {
            break;
        }
        icon::paint(&painter, sign, pos2(x + 6.0, y), 10.0, ink);
        painter.galley(pos2(x + 16.0, y - galley.size().y / 2.0), galley, inks.muted);
        said.push(meaning);
        x += width;
    }
    let lights = lights(state, light_is);
    painter.text(pos2(canvas.right() - 16.0, y), Align2::RIGHT_CENTER, &lights, fonts::small(), inks.muted);
    let rect = Rect::from_min_max(pos2(canvas.left(), y - 10.0), pos2(canvas.right(), y + 10.0));
    let response = ui.interact(rect, ui.id().with("signals"), Sense::empty());
    response
        .widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Legend: {}; {lights}", said.join(", "))));
}

/// The page of signs and keys.
#[derive(Debug, Default)]
pub struct Help {
    open: bool,
}

impl Help {
    /// Opens or closes it.
    pub const fn switch(&mut self) {
        self.open = !self.open;
    }

    /// Draws it where it is open, and hears its key.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, light_is: Option<f64>) {
        if !ctx.text_edit_focused()
            && ctx.input_mut(|input| {
                input.consume_key(Modifiers::NONE, Key::Questionmark)
                    || input.consume_key(Modifiers::SHIFT, Key::Questionmark)
            })
        {
            self.switch();
        }
        if self.open && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.open = false;
        }
        if !self.open {
            return;
        }
        let inks = Inks::of(state);
        let window = ctx.content_rect();
        let frame = Frame::new()
            .fill(inks.surface)
            .inner_margin(Margin::same(24))
            .corner_radius(RADIUS)
            .stroke(Stroke::new(1.0, inks.line));
        let modal = Modal::new(egui::Id::new("help"))
            .frame(frame)
            .backdrop_color(inks.ground.gamma_multiply(0.6))
            .show(ctx, |ui| {
                ui.set_width((window.width() - 96.0).clamp(160.0, 440.0));
                ui.horizontal(|ui| {
                    ui.label(RichText::new("Signs and keys").font(FontId::new(size::HEADING, fonts::strong())));
                    if widget::sign(ui, Icon::Close, "Close", "", true, None).clicked() {
                        self.open = false;
                    }
                });
                let high = (window.height() - 160.0).max(60.0);
                egui::ScrollArea::vertical().min_scrolled_height(high).max_height(high).show(ui, |ui| {
                    signs(ui, &inks, &lights(state, light_is));
                    let mut group = "";
                    for command in UiCommand::ALL {
                        if group != command.group() {
                            group = command.group();
                            widget::heading(ui, group);
                        }
                        widget::row(ui, command.label(state), &command.key_text()).on_hover_text(command.tooltip());
                    }
                    widget::row(ui, "Signs and keys", "?");
                    widget::row(ui, "From one thing to the next", "Tab, then Enter");
                    widget::row(ui, "On the canvas along the links", "← → ↑ ↓");
                });
            });
        if modal.backdrop_response.clicked() {
            self.open = false;
        }
    }
}

fn signs(ui: &mut Ui, inks: &Inks, lights: &str) {
    ui.horizontal_wrapped(|ui| {
        for (sign, ink, meaning) in states(inks) {
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            icon::paint(ui.painter(), sign, rect.center(), 12.0, ink);
            ui.label(RichText::new(meaning).size(size::SMALL));
            ui.add_space(8.0);
        }
        ui.label(RichText::new(lights).size(size::SMALL).weak());
    });
    widget::quiet(
        ui,
        "Colour is state and nothing else. A machine is an island; a dashed outline boots; a crack is down; the halo is the root cause.",
    );
    ui.add_space(8.0);
}
