//! Both runs on one canvas: A at the left of a bar, B at its right, at the same places and the same moment. The bar is
//! dragged, or moved with the arrow keys.

use super::action::Action;
use super::fonts;
use super::scene::{Camera, Picture, Scene, Sight, paint_labels};
use super::sides::beside;
use super::state::LabState;
use super::style::color;
use super::theme::palette;
use super::view::Comparison;
use crate::host::Lane;
use crate::layout::Point;
use crate::number::percent;
use egui::{Align2, CursorIcon, EventFilter, Id, Key, Modifiers, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Where the bar is met, pixels.
const GRIP: f32 = 12.0;
/// A press of an arrow key moves it by this share.
const STEP: f32 = 0.05;

/// The side that is not shown otherwise.
#[derive(Default)]
pub struct Split {
    scene: Scene,
    /// What its picture is of.
    look: Option<Look>,
    /// It is on the canvas, up to there or from there on.
    shown: bool,
}

/// All that its picture depends on beside the clock.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    heard: u64,
    center: Point,
    zoom: f32,
    size: Point,
    dark: bool,
    still: bool,
    moved: u64,
}

/// Where the bar stands, if both are on the canvas.
#[must_use]
pub fn bar(state: &LabState, canvas: Rect) -> Option<f32> {
    let both = state.view.comparison == Comparison::Split && state.branched.is_some();
    let known = state.other.frame.is_some() && state.other.compiled.is_some();
    (both && known).then(|| canvas.left() + canvas.width() * state.view.bar)
}

/// The part of the canvas that is a run's.
#[must_use]
pub fn part(state: &LabState, canvas: Rect, lane: Lane) -> Rect {
    match (bar(state, canvas), lane) {
        (None, _) => canvas,
        (Some(x), Lane::Trunk) => Rect::from_min_max(canvas.min, pos2(x, canvas.bottom())),
        (Some(x), Lane::Branch) => Rect::from_min_max(pos2(x, canvas.top()), canvas.max),
    }
}

impl Split {
    /// Composes the other side, paints its words, and hears the bar. `leader` is the scene of the run that is shown.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        canvas: Rect,
        state: &LabState,
        leader: &Scene,
        seconds: f64,
        actions: &mut Vec<Action>,
    ) {
        let (Some(x), Some(sight)) = (bar(state, canvas), sight(state, seconds)) else {
            (self.shown, self.look) = (false, None);
            return;
        };
        let view = &state.view;
        let look = Look {
            heard: state.heard,
            center: view.center,
            zoom: view.zoom,
            size: view.size,
            dark: view.dark,
            still: view.still,
            moved: state.moved,
        };
        if self.shown && self.scene.picture().settled && self.look.as_ref() == Some(&look) {
            self.scene.tick_beside(&sight, leader);
        } else {
            self.scene.compose_beside(&sight, leader);
            self.look = Some(look);
        }
        self.shown = true;
        let part = part(state, canvas, beside(state.frame.lane));
        let clip = part.intersect(ui.clip_rect());
        paint_labels(&ui.painter().with_clip_rect(clip), canvas.min, self.scene.picture());
        handle(ui, state, canvas, x, actions);
    }

    /// Its picture, and from where to where it is seen.
    #[must_use]
    pub fn picture(&self, state: &LabState, canvas: Rect) -> Option<(&Picture, Rect)> {
        let shown = self.shown && bar(state, canvas).is_some();
        shown.then(|| (self.scene.picture(), part(state, canvas, beside(state.frame.lane))))
    }
}

/// What the scene shows of the run that is not shown otherwise.
fn sight(state: &LabState, seconds: f64) -> Option<Sight<'_>> {
    let (frame, compiled) = (state.other.frame.as_ref()?, state.other.compiled.as_ref()?);
    Some(Sight {
        model: &compiled.model,
        frame,
        layout: &state.other.layout,
        palette: palette(state.view.dark),
        camera: Camera { center: state.view.center, zoom: state.view.zoom, size: state.view.size },
        still: state.view.still,
        legend: false,
        picked: None,
        hovered: None,
        happened: "",
        seconds,
    })
}

/// The bar: a slider whose value is its place.
fn handle(ui: &Ui, state: &LabState, canvas: Rect, x: f32, actions: &mut Vec<Action>) {
    let grip = Rect::from_center_size(pos2(x, canvas.center().y), vec2(GRIP, canvas.height()));
    let id = Id::new("bar between A and B");
    let response = ui.interact(grip, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
    let share = f64::from(state.view.bar);
    response.widget_info(|| WidgetInfo::slider(true, share, "Bar between A and B"));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_value(format!("A takes {}", percent(share)));
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.set_numeric_value_step(f64::from(STEP));
        node.add_action(egui::accesskit::Action::Increment);
        node.add_action(egui::accesskit::Action::Decrement);
    });
    if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        actions.push(Action::MoveBar((at.x - canvas.left()) / canvas.width().max(1.0)));
    }
    let mut steps = 0.0;
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(id, action)) as f32;
    steps += asked(egui::accesskit::Action::Increment) - asked(egui::accesskit::Action::Decrement);
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.input_mut(|input| {
            steps += input.count_and_consume_key(Modifiers::NONE, Key::ArrowRight) as f32;
            steps -= input.count_and_consume_key(Modifiers::NONE, Key::ArrowLeft) as f32;
        });
    }
    if steps != 0.0 {
        actions.push(Action::MoveBar(state.view.bar + STEP * steps));
    }
    paint(ui, state, canvas, x, response.has_focus() || response.hovered() || response.dragged());
}

fn paint(ui: &Ui, state: &LabState, canvas: Rect, x: f32, lit: bool) {
    let palette = palette(state.view.dark);
    let (ink, muted, surface) = (color(palette.text), color(palette.muted), color(palette.surface));
    let painter = ui.painter().with_clip_rect(canvas);
    painter.vline(x, canvas.y_range(), Stroke::new(if lit { 3.0 } else { 1.5 }, ink));
    let knob = Rect::from_center_size(pos2(x, canvas.center().y), vec2(8.0, 40.0));
    painter.rect(knob, 4.0, surface, Stroke::new(1.0, ink), egui::StrokeKind::Middle);
    for (lane, align, at) in
        [(Lane::Trunk, Align2::RIGHT_BOTTOM, x - 12.0), (Lane::Branch, Align2::LEFT_BOTTOM, x + 12.0)]
    {
        let shown = if state.frame.lane == lane { ink } else { muted };
        let galley = painter.layout_no_wrap(state.side_name(lane), fonts::name(), shown);
        let place = align.anchor_size(pos2(at, canvas.bottom() - 36.0), galley.size());
        painter.rect_filled(place.expand2(vec2(6.0, 3.0)), 6.0, surface.gamma_multiply(0.9));
        painter.galley(place.min, galley, shown);
    }
}
