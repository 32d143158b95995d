//! The bar at the top: what runs, time's controls, the two runs, how it looks.

use super::format;
use super::icon::Icon;
use super::widget::{self, Inks, SIGN};
use crate::catalog;
use crate::host::{Lane, Pace, Phase};
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::{LabState, SPEEDS};
use crate::lab::theme::{GRID, size};
use crate::layout::Point;
use crate::number::clock;
use egui::{Align, Layout, RichText, Ui, WidgetInfo, WidgetType};

/// The bar at the top.
#[derive(Debug, Default)]
pub struct Top;

/// Its height, pixels.
pub const HEIGHT: f32 = 48.0;

/// Below this width of the window names give way, then what has a key anyway.
const ROOMY: f32 = 1500.0;
const WIDE: f32 = 1180.0;
const MEDIUM: f32 = 1240.0;
const NARROW: f32 = 860.0;
/// Below this one the bar is for fingers: the scenario, whose menu holds the rest, play, the time.
const PHONE: f32 = 624.0;

impl Top {
    /// Draws it and hears it. True: the page of signs and keys is wanted, or no longer.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) -> bool {
        let room = ui.available_width();
        let mut help = false;
        if room < PHONE {
            phone(ui, state, room, actions);
            return false;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            help = widget::sign(
                ui,
                Icon::Question,
                "Signs and keys",
                "What colours and signs mean, and all keys\n?",
                true,
                None,
            )
            .clicked();
            looks(ui, state, room, actions);
            ui.add_space(GRID);
            if room > NARROW {
                share(ui, state, actions);
                ui.add_space(GRID);
            }
            runs(ui, state, room, actions);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                scenario_menu(ui, state, room, actions);
                variant_menu(ui, state, room, actions);
                ui.add_space(GRID);
                transport(ui, state, room, actions);
                ui.add_space(GRID);
                speed(ui, state, room, actions);
                ui.add_space(GRID);
                time(ui, state, room);
                if room > ROOMY {
                    ui.add_space(GRID);
                    here(ui, state, actions);
                }
            });
        });
        help
    }
}

/// The bar of a window that is held in a hand.
fn phone(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if state.branched.is_some() {
            widget::button(ui, state, UiCommand::OtherRun, Icon::Halves, actions);
        } else {
            widget::button(ui, state, UiCommand::Fit, Icon::Fit, actions);
        }
        widget::button(ui, state, UiCommand::Palette, Icon::Gear, actions);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            scenario_menu(ui, state, room, actions);
            let icon = if state.playing { Icon::Pause } else { Icon::Play };
            widget::button(ui, state, UiCommand::PlayOrPause, icon, actions);
            time(ui, state, room);
        });
    });
}

fn share(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let wanted = UiCommand::Share.actions(state, Point::default());
    let told = format!("{}\n{}", UiCommand::Share.tooltip(), UiCommand::Share.key_text());
    let button = ui.add_enabled(!wanted.is_empty(), egui::Button::new(UiCommand::Share.label(state)).small());
    if button.on_hover_text(told).clicked() {
        actions.extend(wanted);
    }
}

fn looks(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    widget::button(ui, state, UiCommand::Panels, Icon::Panels, actions);
    widget::button(ui, state, UiCommand::Theme, if state.view.dark { Icon::Sun } else { Icon::Moon }, actions);
    if room > NARROW {
        widget::button(ui, state, UiCommand::Motion, if state.view.still { Icon::Disc } else { Icon::Motion }, actions);
        widget::button(ui, state, UiCommand::Fit, Icon::Fit, actions);
    }
}

/// A | B, and the way to have a B.
fn runs(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    if let Some(at) = state.branched {
        if room > NARROW {
            widget::button(ui, state, UiCommand::Prune, Icon::Prune, actions);
        }
        let left = match &state.compared {
            Some(_) => "B is a run of its own from the start.".to_owned(),
            None => format!("B left A at {}.", clock(format::seconds_of(at))),
        };
        if state.can_keep() && room > MEDIUM {
            widget::button(ui, state, UiCommand::KeepB, Icon::Check, actions);
        }
        widget::button(ui, state, UiCommand::Compare, Icon::Halves, actions);
        for lane in [Lane::Branch, Lane::Trunk] {
            let name = state.side_name(lane);
            let letter = if lane == Lane::Trunk { "A" } else { "B" };
            let short = if room > MEDIUM {
                format::shortened(&name, if room > ROOMY { 18 } else { 12 })
            } else {
                letter.into()
            };
            let shown = state.frame.lane == lane;
            let response = ui.selectable_label(shown, short);
            response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, shown, &name));
            let left = format!("{name}\n{left}\n{} {}", UiCommand::OtherRun.tooltip(), UiCommand::OtherRun.key_text());
            if response.on_hover_text(left).clicked() && state.frame.lane != lane {
                actions.push(Action::Steer(lane));
            }
        }
    } else if room > WIDE {
        widget::button(ui, state, UiCommand::CompareWith, Icon::Halves, actions);
        let wanted = UiCommand::Branch.actions(state, Point::default());
        let button = ui.add_enabled(!wanted.is_empty(), egui::Button::new(UiCommand::Branch.label(state)).small());
        let told = format!("{}\n{}", UiCommand::Branch.tooltip(), UiCommand::Branch.key_text());
        if button.on_hover_text(told).clicked() {
            actions.extend(wanted);
        }
    } else if room > NARROW {
        widget::button(ui, state, UiCommand::Branch, Icon::Branch, actions);
    }
}

fn scenario_menu(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    let title = state.opened.as_ref().map_or("No scenario", |opened| opened.loaded.scenario.title.as_str());
    // About what the rest of the bar leaves, at 8 pixels a letter.
    let rest = if room > WIDE { 1080.0 } else { 780.0 };
    let most = (((room - rest) / 8.0).max(0.0) as usize).clamp(12, 64);
    let button =
        egui::Button::new(RichText::new(format::shortened(title, most)).font(fonts::name())).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(320.0);
        widget::entry(ui, state, UiCommand::Gallery, actions);
        widget::entry(ui, state, UiCommand::New, actions);
        widget::entry(ui, state, UiCommand::Open, actions);
        widget::entry(ui, state, UiCommand::Reload, actions);
        widget::entry(ui, state, UiCommand::Save, actions);
        widget::entry(ui, state, UiCommand::Text, actions);
        widget::entry(ui, state, UiCommand::Share, actions);
        widget::entry(ui, state, UiCommand::Picture, actions);
        ui.separator();
        egui::ScrollArea::vertical().min_scrolled_height(480.0).max_height(480.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for scenario in catalog::SCENARIOS {
                let here = state
                    .opened
                    .as_ref()
                    .is_some_and(|opened| opened.loaded.name == scenario.name || opened.loaded.name == scenario.file);
                if ui.add(egui::Button::selectable(here, scenario.name)).clicked() {
                    actions.push(Action::OpenBuiltIn(scenario.name, None));
                    ui.close();
                }
            }
        });
    });
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("Scenario: {title}")));
    if !egui::Popup::is_any_open(ui.ctx()) {
        response.on_hover_text(title);
    }
}

fn variant_menu(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    let Some(running) = &state.running else { return };
    let variants = &running.loaded.scenario.variants;
    if variants.is_empty() {
        return;
    }
    let now = running.variant.as_deref();
    let shown = now.unwrap_or("no variant");
    let most = if room > WIDE { 24 } else { 12 };
    let button = egui::Button::new(RichText::new(format::shortened(shown, most)).weak()).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_width(380.0);
        // That there is more below is seen.
        ui.style_mut().spacing.scroll = egui::style::ScrollStyle::solid();
        egui::ScrollArea::vertical().max_height(520.0).show(ui, |ui| {
            let all = std::iter::once((None, "The file as it stands."))
                .chain(variants.iter().map(|(name, variant)| (Some(name.as_str()), variant.teaches.as_str())));
            for (name, teaches) in all {
                variant(ui, name, teaches, now, actions);
            }
        });
    });
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("Variant: {shown}")));
}

/// A variant: from its start, or from now on.
fn variant(ui: &mut Ui, name: Option<&str>, teaches: &str, now: Option<&str>, actions: &mut Vec<Action>) {
    let called = name.unwrap_or("no variant");
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let switch = ui.small_button("from now on");
            switch.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{called}: from now on")));
            if switch.on_hover_text("The system that runs becomes this one; the crowd stays").clicked() {
                actions.push(Action::ApplyVariant(name.map(str::to_owned)));
                ui.close();
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let open = ui.add(egui::Button::selectable(name == now, called).truncate());
                if open.on_hover_text("Run it from the start").clicked() {
                    actions.push(Action::OpenVariant(name.map(str::to_owned)));
                    ui.close();
                }
            });
        });
    });
    if !teaches.is_empty() {
        // A menu would stretch its words to the edges.
        ui.with_layout(Layout::top_down(Align::Min), |ui| widget::quiet(ui, teaches));
    }
}

/// Since when an edit holds.
fn here(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let wanted = UiCommand::Here.actions(state, Point::default());
    let label = RichText::new(UiCommand::Here.label(state)).size(size::SMALL);
    let button = ui.add_enabled(!wanted.is_empty(), egui::Button::selectable(state.view.here, label));
    let told = format!("{}\n{}", UiCommand::Here.tooltip(), UiCommand::Here.key_text());
    if button.on_hover_text(told).clicked() {
        actions.extend(wanted);
    }
}

fn transport(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    if room > NARROW {
        widget::button(ui, state, UiCommand::Rewind, Icon::Rewind, actions);
    }
    widget::button(ui, state, UiCommand::PlayOrPause, if state.playing { Icon::Pause } else { Icon::Play }, actions);
    if room > NARROW {
        widget::button(ui, state, UiCommand::StepEvent, Icon::Step, actions);
        widget::button(ui, state, UiCommand::StepSecond, Icon::StepFar, actions);
    }
    if room > WIDE {
        widget::button(ui, state, UiCommand::StepTen, Icon::ToEnd, actions);
    }
}

fn speed(ui: &mut Ui, state: &LabState, room: f32, actions: &mut Vec<Action>) {
    if room > NARROW {
        widget::button(ui, state, UiCommand::Slower, Icon::Slower, actions);
    }
    let asked = format::speed(state.speed);
    let button =
        egui::Button::new(RichText::new(asked.as_str())).frame_when_inactive(false).min_size(egui::vec2(64.0, SIGN));
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(220.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().min_scrolled_height(560.0).max_height(560.0).show(ui, |ui| {
            for step in SPEEDS.into_iter().rev() {
                let more = if step <= Pace::MICROSCOPE { "real requests on their way" } else { "" };
                let named = if step.is_finite() { format::speed(step) } else { "maximum".to_owned() };
                let same = step.to_bits() == state.speed.to_bits();
                if ui
                    .add(egui::Button::selectable(same, named).right_text(RichText::new(more).size(size::SMALL).weak()))
                    .clicked()
                {
                    actions.push(Action::Speed(step));
                    ui.close();
                }
            }
        });
    });
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("Speed asked: {asked}")));
    if room > NARROW {
        widget::button(ui, state, UiCommand::Faster, Icon::Faster, actions);
    }
    if room > WIDE {
        let achieved = format::achieved(state.frame.achieved);
        let response = widget::slot(ui, 56.0, &achieved, fonts::small(), Inks::of(state).muted);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Speed achieved: {achieved}")));
        response.on_hover_text("How fast time really passes");
    }
}

/// "12:40 of 1:30:00", and what it is at.
fn time(ui: &mut Ui, state: &LabState, room: f32) {
    let inks = Inks::of(state);
    if state.opened.is_none() {
        return;
    }
    let slow = state.speed <= 1.0;
    let now = format::present(state.frame.now, slow);
    let end = clock(format::seconds_of(state.horizon()));
    let (width, ink) = (if slow { 124.0 } else { 64.0 }, if state.frame.now.0 < 0 { inks.muted } else { inks.text });
    let response = widget::slot(ui, width, &now, fonts::name(), ink);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Time: {now} of {end}")));
    if room < PHONE {
        return;
    }
    ui.add_space(GRID / 2.0);
    ui.label(RichText::new(format!("of {end}")).weak());
    let state = match state.frame.phase {
        _ if state.dead => "· failed",
        Phase::Running if state.frame.now.0 < 0 => "· warming up",
        Phase::Running => "",
        Phase::Seeking => "· seeking",
        Phase::Done => "· finished",
        Phase::Stopped => "· stopped",
    };
    if !state.is_empty() {
        ui.add_space(GRID / 2.0);
        ui.label(RichText::new(state).weak());
    }
}
