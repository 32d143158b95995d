//! The past and the present on one line: what was offered, what came of it, what happened; and the way to be anywhere
//! in it.

mod axis;
mod columns;
mod curves;
mod flags;
mod gain;
mod legend;
mod plot_area;
mod profile;

pub use flags::{Handle, Mark, go, look};

use super::format;
use super::widget::Inks;
use crate::host::{Lane, Phase};
use crate::lab::action::{Action, Subject};
use crate::lab::command::UiCommand;
use crate::lab::sides::beside;
use crate::lab::state::LabState;
use crate::layout;
use crate::number::clock;
use crate::scenario::Rule;
use columns::{Columns, round_up};
use curves::{COLUMN, Scale};
use egui::{EventFilter, Painter, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use plot_area::{PlotArea, Zoom};

/// Its height, pixels.
pub const HEIGHT: f32 = 168.0;
/// Its height when there is nothing but it and the canvas.
pub const THIN: f32 = 40.0;

const FLAGS: f32 = 22.0;
const MARKS: f32 = 18.0;
const AXIS: f32 = 18.0;

/// A seek that is on its way for so long gives way to where the pointer is by now, seconds.
const PATIENCE_S: f64 = 0.1;

/// The timeline.
#[derive(Debug, Default)]
pub struct TimelinePanel {
    /// Where the pointer drags the present to, while it does.
    scrub_s: Option<f64>,
    /// Where it was last asked to be.
    asked_s: Option<f64>,
    /// A handle of a profile that is dragged: which, and to what time and value.
    handle: Option<(usize, f64, f64)>,
    /// When that was, seconds on the wall.
    asked_at: f64,
    /// Which stretch of the run is shown.
    zoom: Zoom,
}

/// The source that is shown alone: the one that is picked.
fn source_of(state: &LabState) -> Option<usize> {
    match &state.picked {
        Some(Subject::Source(source) | Subject::Request(source, _)) => Some(source.index()),
        Some(_) | None => None,
    }
}

impl TimelinePanel {
    /// Draws it and hears it. `thin`: the line and the flags alone.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, thin: bool, actions: &mut Vec<Action>) {
        let whole = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(whole);
        let horizon_s = format::seconds_of(state.horizon());
        if horizon_s <= 0.0 || whole.width() < 40.0 || whole.height() < 12.0 {
            return;
        }
        let legend_width = if thin || whole.width() < 700.0 { 0.0 } else { legend::WIDTH };
        let right = if thin { 0.0 } else { axis::SCALE };
        let top = whole.top() + if thin { 16.0 } else { FLAGS + MARKS };
        let bottom = (whole.bottom() - if thin { 0.0 } else { AXIS }).max(top + 4.0);
        let plot = Rect::from_min_max(
            pos2(whole.left() + legend_width + 20.0, top),
            pos2((whole.right() - right - 8.0).max(whole.left() + legend_width + 36.0), bottom),
        );
        self.zoom.follow(format::seconds_of(state.frame.now), horizon_s);
        let place = self.zoom.area(plot, horizon_s);
        let inks = Inks::of(state);
        let source = source_of(state);
        let response = self.slider(ui, state, place, actions);
        self.zoom.hear(ui, &response, place);
        self.whole(ui, plot);

        let count = (plot.width() / COLUMN) as usize;
        let stretch = (place.from_s, place.span_s);
        let of = |lane: Lane| {
            let source = source.map(|source| state.source_in(lane, source).unwrap_or(usize::MAX));
            Columns::new(&state.timeline(lane).points, state.timeline(lane).every_s, stretch, count, source)
        };
        let columns = of(state.frame.lane);
        let other = state.branched.map(|_| of(beside(state.frame.lane)));
        let ordinary = other.iter().map(Columns::ordinary_peak).fold(columns.ordinary_peak(), f32::max);
        let peak = other.iter().map(Columns::peak).fold(columns.peak(), f32::max);
        let worst = other.iter().map(Columns::worst_p95).fold(columns.worst_p95(), f32::max);
        let scale = Scale { rate: round_up(ordinary), peak, p95_s: round_up(worst) };

        let painter = ui.painter().clone();
        if !thin {
            axis::draw(&painter, place, scale, &inks);
        }
        curves::draw(&painter.with_clip_rect(plot.intersect(ui.clip_rect())), plot, &columns, scale, &inks);
        if let Some(other) = &other {
            gain::draw(&painter.with_clip_rect(plot.intersect(ui.clip_rect())), plot, [&columns, other], scale, &inks);
        }
        if let Some(before) = &state.before {
            let before = Columns::new(&before.points, before.every_s, stretch, count, source);
            curves::ghost(&painter, plot, &before, scale, &inks);
        }
        veil(&painter, place, state, &inks);
        if !thin {
            let alone = source.map(|source| state.source_name(crate::model::SourceId::new(source)));
            gain::limit(ui, plot, state, alone, scale, &inks);
        }
        let shown_s = self.scrub_s.or_else(|| response.hover_pos().map(|pos| place.at_s(pos.x)));
        playhead(&painter, place, state, self.scrub_s, &inks, &response);
        if !thin {
            profile::ui(ui, place, state, &mut self.handle, actions);
        }
        self.rows(ui, place, whole, state, thin, actions);
        if legend_width > 0.0 {
            let rect = Rect::from_min_max(
                whole.left_top() + vec2(8.0, 4.0),
                pos2(whole.left() + legend_width, whole.bottom()),
            );
            legend::draw(ui, rect, state, source, &columns, shown_s);
        }
    }

    /// The way back from a stretch to the whole run.
    fn whole(&mut self, ui: &mut Ui, plot: Rect) {
        if !self.zoom.is_near() {
            return;
        }
        let rect = Rect::from_min_size(plot.left_top() + vec2(4.0, 2.0), vec2(72.0, 18.0));
        let button = ui.put(rect, egui::Button::new("Whole run").small());
        if button.on_hover_text("All of it on the timeline: a double click there does the same").clicked() {
            self.zoom.reset();
        }
    }

    /// Flags and marks.
    fn rows(&self, ui: &mut Ui, place: PlotArea, whole: Rect, state: &LabState, thin: bool, actions: &mut Vec<Action>) {
        let known = || state.told().iter().filter(|event| event.at_s >= 0.0);
        let band = |top: f32, height: f32| {
            Rect::from_min_max(pos2(place.plot.left(), top), pos2(place.plot.right(), top + height))
        };
        let id = ui.id().with("flags");
        let told = known().filter(|event| !event.event.is_runbook()).map(Mark::Told).collect();
        flags::row(ui, id, band(whole.top(), if thin { 16.0 } else { FLAGS }), told, place, state, actions);
        if thin {
            return;
        }
        let rules = rules(state);
        let by_clock = |at_s: f64| rules.iter().any(|(_, due_s, _)| (due_s - at_s).abs() < 1e-6);
        let acts = known().filter(|event| event.event.is_runbook() && !by_clock(event.at_s));
        let mut marks: Vec<Mark<'_>> = acts.map(Mark::Told).collect();
        marks.extend(rules.iter().map(|(place, at_s, text)| Mark::Rule(*at_s, text, Handle::Rule(*place))));
        let commands = state.commands.iter().filter(|command| {
            command.lane == state.frame.lane || command.time <= state.branched.unwrap_or(command.time)
        });
        marks.extend(commands.map(|command| {
            let handle = state.changes().place(command).map(Handle::Change);
            Mark::Asked(format::seconds_of(command.time), &command.text, handle)
        }));
        flags::row(ui, id.with("marks"), band(whole.top() + FLAGS, MARKS), marks, place, state, actions);
    }

    /// The whole of it is a slider whose value is the time.
    fn slider(&mut self, ui: &mut Ui, state: &LabState, place: PlotArea, actions: &mut Vec<Action>) -> Response {
        let touch = Rect::from_min_max(place.plot.min, pos2(place.plot.right(), place.plot.bottom() + AXIS))
            .expand2(vec2(4.0, 0.0));
        let response = ui.interact(touch, ui.id().with("time"), Sense::click_and_drag());
        let now_s = format::seconds_of(state.frame.now);
        response.widget_info(|| WidgetInfo::slider(true, now_s, "Time"));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_value(format!("{} of {}", clock(now_s), clock(place.horizon_s)));
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(place.horizon_s);
            node.set_numeric_value_step(state.stride().0 as f64 / 1e9);
            node.add_action(egui::accesskit::Action::Increment);
            node.add_action(egui::accesskit::Action::Decrement);
        });
        let pointer = response.interact_pointer_pos();
        if let Some(pos) = pointer.filter(|_| response.dragged() || response.clicked()) {
            self.scrub_s = Some(place.at_s(pos.x));
        }
        // The next seek is asked for when the last has arrived, or has had its time: what is near is shown meanwhile.
        // The place where the pointer let go is asked for always.
        let over = response.drag_stopped() || response.clicked();
        let wall = ui.input(|input| input.time);
        let free = state.frame.phase != Phase::Seeking && state.progress.is_none() || wall - self.asked_at > PATIENCE_S;
        if self.scrub_s.is_some() && !free {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PATIENCE_S));
        }
        if let Some(scrub_s) = self.scrub_s.filter(|scrub_s| (over || free) && self.asked_s != Some(*scrub_s)) {
            (self.asked_s, self.asked_at) = (Some(scrub_s), wall);
            actions.push(Action::Seek(format::time_of(scrub_s)));
        }
        if over || !(response.dragged() || response.is_pointer_button_down_on()) {
            self.scrub_s = None;
            self.asked_s = None;
        }
        keys(ui, state, &response, actions);
        response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal)
    }
}

/// Rules of the file that act by the clock: their place there, when, and in words.
fn rules(state: &LabState) -> Vec<(usize, f64, String)> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let of_rule = |(place, rule): (usize, &Rule)| match rule {
        Rule::At(time, _) => {
            let text = opened.model.rules.iter().nth(place).map(|rule| rule.action.words(&opened.model));
            Some((place, time.as_seconds(), text.unwrap_or_default()))
        }
        _ => None,
    };
    opened.loaded.scenario.runbook.iter().enumerate().filter_map(of_rule).collect()
}

/// Arrows, Home and End while the keyboard is at the timeline, and what assistive technology asks.
fn keys(ui: &Ui, state: &LabState, response: &Response, actions: &mut Vec<Action>) {
    let ask = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    let middle = layout::Point::default();
    for _ in 0..ask(egui::accesskit::Action::Increment) {
        actions.extend(UiCommand::Forth.actions(state, middle));
    }
    for _ in 0..ask(egui::accesskit::Action::Decrement) {
        actions.extend(UiCommand::Back.actions(state, middle));
    }
    if !response.has_focus() {
        return;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let deeds = [
        UiCommand::FarBack,
        UiCommand::FarForth,
        UiCommand::Back,
        UiCommand::Forth,
        UiCommand::Rewind,
        UiCommand::ToTheKnown,
        UiCommand::PlayOrPause,
    ];
    for command in deeds {
        if ui.input_mut(|input| command.take_key(input)) {
            actions.extend(command.actions(state, middle));
        }
    }
}

/// What is known and not reached lies behind a veil.
fn veil(painter: &Painter, place: PlotArea, state: &LabState, inks: &Inks) {
    let (now, known) = (place.x(format::seconds_of(state.frame.now)), place.x(format::seconds_of(state.frame.known)));
    if known > now + 0.5 {
        let rect = Rect::from_min_max(pos2(now, place.plot.top()), pos2(known, place.plot.bottom()));
        painter.rect_filled(rect, 0.0, inks.surface.gamma_multiply(0.62));
    }
    if let Some(at) = state.branched {
        let x = place.x(format::seconds_of(at));
        painter.vline(x, place.plot.y_range(), Stroke::new(1.0, inks.moving));
        super::icon::paint(
            painter,
            super::icon::Icon::Branch,
            pos2(x + 8.0, place.plot.top() + 8.0),
            12.0,
            inks.moving,
        );
    }
}

fn playhead(
    painter: &Painter,
    place: PlotArea,
    state: &LabState,
    scrub_s: Option<f64>,
    inks: &Inks,
    response: &Response,
) {
    let rect = place.plot;
    if let Some(pos) = response.hover_pos() {
        painter.vline(pos.x.clamp(rect.left(), rect.right()), rect.y_range(), Stroke::new(1.0, inks.line));
    }
    let x = place.x(scrub_s.unwrap_or(format::seconds_of(state.frame.now)));
    let width = if response.has_focus() { 3.0 } else { 1.5 };
    painter.vline(x, (rect.top() - 4.0)..=(rect.bottom() + 2.0), Stroke::new(width, inks.text));
    let (top, side) = (rect.top() - 4.0, 5.0);
    painter.add(egui::Shape::convex_polygon(
        vec![pos2(x - side, top - side), pos2(x + side, top - side), pos2(x, top + 2.0)],
        inks.text,
        Stroke::NONE,
    ));
    if response.has_focus() {
        painter.rect_stroke(rect.expand(3.0), 4.0, Stroke::new(2.0, inks.text), egui::StrokeKind::Outside);
    }
}
