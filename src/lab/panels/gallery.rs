//! The scenarios that come with the program, as cards: a picture, what running it teaches, its variants.

use super::icon::Icon;
use super::picture::{self, Card};
use super::widget::{self, Inks};
use crate::catalog::{self, BuiltIn};
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{GRID, RADIUS, size};
use egui::{
    Align, FontId, Frame, Key, Layout, Margin, Modal, Rect, RichText, Sense, Stroke, StrokeKind, TextureHandle, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};
use std::collections::BTreeMap;

const CARD: f32 = 280.0;
const PICTURE: f32 = 140.0;
const TEXT: f32 = 104.0;

/// The gallery.
#[derive(Default)]
pub struct Gallery {
    search: String,
    open: bool,
    cards: BTreeMap<&'static str, Card>,
    textures: BTreeMap<&'static str, Option<TextureHandle>>,
}

impl Gallery {
    /// Draws it where it is open, and hears it.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, actions: &mut Vec<Action>) {
        let opened = state.view.gallery && !self.open;
        self.open = state.view.gallery;
        if !self.open {
            return;
        }
        let window = ctx.content_rect();
        let columns = (((window.width() - 96.0) / (CARD + GRID)) as usize).clamp(1, 4);
        let width = columns as f32 * (CARD + GRID) + 8.0;
        let inks = Inks::of(state);
        let frame = Frame::new()
            .fill(inks.ground)
            .inner_margin(Margin::same(16))
            .corner_radius(RADIUS)
            .stroke(Stroke::new(1.0, inks.line));
        let modal = Modal::new(egui::Id::new("gallery"))
            .frame(frame)
            .backdrop_color(inks.ground.gamma_multiply(0.7))
            .show(ctx, |ui| {
                ui.set_width(width.min(window.width() - 32.0));
                let chosen = self.head(ui, state, opened, actions);
                let found = self.found();
                if chosen && let Some(first) = found.first() {
                    actions.push(Action::OpenBuiltIn(first.name, None));
                }
                let high = (window.height() - 160.0).max(80.0);
                let area =
                    egui::ScrollArea::vertical().min_scrolled_height(high).max_height(high).auto_shrink([false, true]);
                area.show(ui, |ui| {
                    ui.set_min_size(vec2(width.min(window.width() - 32.0) - 16.0, high));
                    if found.is_empty() {
                        widget::quiet(ui, "No match.");
                        if ui.button("Clear the search").clicked() {
                            self.search.clear();
                        }
                    }
                    for row in found.chunks(columns) {
                        ui.horizontal(|ui| row.iter().for_each(|built_in| self.card(ui, state, built_in, actions)));
                    }
                });
            });
        if modal.backdrop_response.clicked() {
            actions.push(Action::ShowGallery(false));
        }
    }

    /// The search, and a file of one's own. True: the first of those found shall run.
    fn head(&mut self, ui: &mut Ui, state: &LabState, opened: bool, actions: &mut Vec<Action>) -> bool {
        let mut chosen = false;
        ui.horizontal(|ui| {
            ui.label(RichText::new("Scenarios").font(FontId::new(size::HEADING, fonts::strong())));
            let search = egui::TextEdit::singleline(&mut self.search)
                .hint_text("Search: cache, retry, pool…")
                .desired_width(240.0);
            let response = ui.add(search);
            if opened {
                response.request_focus();
            }
            chosen = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widget::sign(ui, Icon::Close, "Close the scenarios", &UiCommand::Gallery.key_text(), true, None)
                    .clicked()
                {
                    actions.push(Action::ShowGallery(false));
                }
                if ui.button(UiCommand::Open.label(state)).on_hover_text("Or drop one onto the window").clicked() {
                    actions.push(Action::AskForFile);
                }
            });
        });
        recent(ui, state, actions);
        ui.add_space(GRID);
        chosen
    }

    /// Those that speak of what is searched.
    fn found(&mut self) -> Vec<&'static BuiltIn> {
        let wanted = self.search.trim().to_lowercase();
        let cards = &mut self.cards;
        let speaks = |built_in: &&BuiltIn| {
            let card = cards.entry(built_in.name).or_insert_with(|| Card::of(built_in));
            let told = format!("{} {} {}", built_in.name, card.title, card.teaches).to_lowercase();
            wanted.split_whitespace().all(|word| told.contains(word))
        };
        catalog::SCENARIOS.iter().filter(speaks).collect()
    }

    fn card(&mut self, ui: &mut Ui, state: &LabState, built_in: &'static BuiltIn, actions: &mut Vec<Action>) {
        let card = self.cards.entry(built_in.name).or_insert_with(|| Card::of(built_in));
        let inks = Inks::of(state);
        let here = state.opened.as_ref().is_some_and(|opened| opened.loaded.name == built_in.name);
        let (rect, response) = ui.allocate_exact_size(vec2(CARD, PICTURE + TEXT), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(WidgetType::Button, true, here, format!("{}: {}", card.title, card.teaches))
        });
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        if response.clicked() {
            actions.push(Action::OpenBuiltIn(built_in.name, None));
        }
        if !ui.is_rect_visible(rect) {
            return;
        }
        let lit = response.hovered() || response.has_focus();
        let edge = if response.has_focus() || here {
            Stroke::new(2.0, inks.text)
        } else {
            Stroke::new(1.0, if lit { inks.muted } else { inks.line })
        };
        ui.painter().rect(rect, RADIUS, inks.surface, edge, StrokeKind::Inside);
        let top = Rect::from_min_max(rect.min + vec2(2.0, 2.0), pos2(rect.right() - 2.0, rect.top() + PICTURE));
        let texture = self.textures.entry(built_in.name).or_insert_with(|| {
            let image = picture::picture(built_in.name).and_then(picture::decoded);
            image.map(|image| ui.ctx().load_texture(built_in.name, image, egui::TextureOptions::LINEAR))
        });
        match texture {
            Some(texture) => {
                let image = egui::Image::from_texture((texture.id(), texture.size_vec2())).corner_radius(8);
                image.paint_at(ui, top);
            }
            None => card.sketch.draw(ui, top),
        }
        let words = Rect::from_min_max(
            pos2(rect.left() + 12.0, rect.top() + PICTURE + 6.0),
            pos2(rect.right() - 12.0, rect.bottom() - 8.0),
        );
        widget::clipped(
            ui,
            Rect::from_min_size(words.min, vec2(words.width(), 20.0)),
            &card.title,
            fonts::name(),
            inks.text,
        );
        let mut job = egui::text::LayoutJob::simple(card.teaches.clone(), fonts::small(), inks.muted, words.width());
        job.wrap.max_rows = 3;
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(words.left(), words.top() + 22.0), galley, inks.muted);
        if !card.variants.is_empty() {
            let place = Rect::from_min_max(
                pos2(words.left() - 6.0, words.bottom() - 20.0),
                pos2(words.right(), words.bottom()),
            );
            let variants = card.variants.clone();
            let mut inner =
                ui.new_child(egui::UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center)));
            inner.spacing_mut().button_padding = vec2(6.0, 0.0);
            inner.spacing_mut().interact_size.y = 20.0;
            self::variants(&mut inner, built_in, &variants, actions);
        }
    }
}

/// What a person had before them last: files, and what is in no file.
fn recent(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let memory = &state.memory;
    let unsaved = memory.unsaved.as_ref().filter(|_| state.nothing_to_lose());
    if memory.recent.is_empty() && unsaved.is_none() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        widget::quiet(ui, "Recent");
        if let Some(link) = unsaved
            && ui.button("What was changed last").on_hover_text("It is in no file yet").clicked()
        {
            actions.push(Action::OpenLink(link.clone()));
        }
        for file in &memory.recent {
            let name = file.file_name().map_or_else(|| file.to_string_lossy(), |name| name.to_string_lossy());
            let button = ui.add(egui::Button::new(name.as_ref()).frame_when_inactive(false));
            if button.on_hover_text(file.display().to_string()).clicked() {
                actions.push(Action::OpenFile(file.clone(), None));
            }
        }
    });
}

/// The variants of a scenario, to run it with one at once.
fn variants(ui: &mut Ui, built_in: &'static BuiltIn, variants: &[String], actions: &mut Vec<Action>) {
    let many = if variants.len() == 1 { "1 variant".to_owned() } else { format!("{} variants", variants.len()) };
    let button = egui::Button::new(RichText::new(many.as_str()).size(size::SMALL)).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(280.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for variant in variants {
                if ui.add(egui::Button::selectable(false, variant.as_str())).clicked() {
                    actions.push(Action::OpenBuiltIn(built_in.name, Some(variant.clone())));
                    ui.close();
                }
            }
        });
    });
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("{}: {many}", built_in.name)));
}
