//! The canvas under the hand: pointer, wheel and keys become actions, every box has a name for those who cannot see it.
//!
//! What is drawn there is the scene's; this is what it answers to.

use super::action::{Action, Subject};
use super::hand::Hand;
use super::scene::{Camera, Scene, Sight, paint_labels};
use super::split;
use super::state::LabState;
use super::theme::palette;
use crate::layout::{Node, Point, Rect, Seat, WireEnd};
use crate::model::ServiceId;
use std::collections::BTreeSet;

/// A notch of the wheel zooms by this factor.
const NOTCH: f32 = 1.2;
/// Where a wire is met, pixels.
const WIRE: f32 = 16.0;

/// The canvas on the window.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// What it covers.
    pub rect: egui::Rect,
}

impl Area {
    /// A box of the canvas on the window.
    #[must_use]
    pub fn on_screen(self, state: &LabState, area: Rect) -> egui::Rect {
        let (a, b) = (
            state.view.to_window(Point { x: area.x, y: area.y }),
            state.view.to_window(Point { x: area.x + area.width, y: area.y + area.height }),
        );
        egui::Rect::from_min_max(self.rect.min + egui::vec2(a.x, a.y), self.rect.min + egui::vec2(b.x, b.y))
    }

    /// The point of the canvas under one of the window.
    #[must_use]
    pub fn to_canvas(self, state: &LabState, at: egui::Pos2) -> Point {
        state.view.to_canvas(Point { x: at.x - self.rect.min.x, y: at.y - self.rect.min.y })
    }
}

/// What the pointer is at.
#[derive(Default)]
pub struct Canvas {
    /// What lies under it.
    hover: Option<Subject>,
    /// The box it drags, and from which of its points.
    dragged: Option<(Node, Point)>,
    /// What else is carried.
    hand: Hand,
    /// What the present picture is of.
    look: Option<PictureKey>,
}

/// All that a picture depends on beside the clock.
#[derive(Clone, Debug, PartialEq)]
struct PictureKey {
    /// Frames heard so far: each brings another picture.
    heard: u64,
    running: usize,
    center: Point,
    zoom: f32,
    size: Point,
    dark: bool,
    still: bool,
    moved: u64,
    picked: Option<Subject>,
    hover: Option<Subject>,
}

impl PictureKey {
    fn of(state: &LabState, hover: Option<Subject>) -> Self {
        let view = &state.view;
        let running = state.running.as_ref().map_or(0, |running| std::sync::Arc::as_ptr(running) as usize);
        let (center, zoom, size, dark, still) = (view.center, view.zoom, view.size, view.dark, view.still);
        Self {
            heard: state.heard,
            running,
            center,
            zoom,
            size,
            dark,
            still,
            moved: state.moved,
            picked: state.picked.clone(),
            hover,
        }
    }
}

impl Canvas {
    /// One turn in the rectangle that the panels left.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        rect: egui::Rect,
        state: &LabState,
        scene: &mut Scene,
        seconds: f64,
        actions: &mut Vec<Action>,
    ) {
        let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt("canvas"));
        inside.set_clip_rect(rect);
        let ui = &mut inside;
        let ground = ui.interact(rect, ui.id().with("ground"), egui::Sense::click_and_drag());
        ground.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, "The system"));
        ui.ctx().accesskit_node_builder(ground.id, |node| node.set_role(egui::accesskit::Role::Canvas));
        let pixel = |at: egui::Pos2| Point { x: at.x - rect.min.x, y: at.y - rect.min.y };
        // Where both runs are on the canvas, the part of the one that is shown answers.
        let own = split::part(state, rect, state.frame.lane);
        ui.set_clip_rect(own);
        let mut hover = None;
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| own.contains(*at));
        let at_hand = pointer.and_then(|at| hit(scene, state, pixel(at), seconds));
        // A gauge, or one of many on a seat, lies on its box and is the more exact answer.
        let exact = at_hand.filter(|subject| matches!(subject, Subject::Resource(_) | Subject::Instance(_)));
        self.boxes(ui, rect, state, exact.as_ref(), &mut hover, actions);
        if let Some(at) = ground.hover_pos().filter(|at| own.contains(*at)) {
            hover = hover.or_else(|| hit(scene, state, pixel(at), seconds));
        }
        if ground.clicked()
            && let Some(at) = ground.interact_pointer_pos()
        {
            actions.push(match own.contains(at) {
                true => Action::Pick(hit(scene, state, pixel(at), seconds)),
                false => state.other_side(),
            });
        }
        if ground.double_clicked() {
            actions.push(if state.view.panels { Action::ShowParts(true) } else { Action::Fit });
        }
        if ground.dragged() {
            let by = ground.drag_delta();
            actions.push(Action::Pan(Point { x: by.x, y: by.y }));
        }
        if ui.rect_contains_pointer(rect)
            && let Some(at) = ui.input(|input| input.pointer.hover_pos())
        {
            let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = pinch * NOTCH.powf(wheel / 50.0);
            if (factor - 1.0).abs() > 1e-3 {
                actions.push(Action::Zoom(factor, pixel(at)));
            }
        }
        if let Some(subject) = &hover {
            told(ui, state, subject);
        }
        self.hover = hover;
        let happened = state.happened();
        if let Some(sight) = sight(state, self.hover.as_ref(), &happened, seconds) {
            let look = PictureKey::of(state, self.hover.clone());
            if scene.picture().settled && self.look.as_ref() == Some(&look) {
                scene.tick(&sight);
            } else {
                scene.compose(&sight);
                self.look = Some(look);
            }
            paint_labels(ui.painter(), rect.min, scene.picture());
        }
        self.hand.ui(ui, Area { rect }, state, actions);
    }

    /// An interactive, named area for each island and each seat: for the pointer, the keyboard and screen readers
    /// alike.
    fn boxes(
        &mut self,
        ui: &mut egui::Ui,
        rect: egui::Rect,
        state: &LabState,
        exact: Option<&Subject>,
        hover: &mut Option<Subject>,
        actions: &mut Vec<Action>,
    ) {
        let on_screen = |area: Rect| Area { rect }.on_screen(state, area);
        for (node, area) in state.layout.nodes() {
            let area = on_screen(area);
            if !area.intersects(rect) {
                continue;
            }
            let Some(subject) = of_node(state, node) else { continue };
            let response = named(ui, area, ui.id().with(node), egui::Sense::click_and_drag(), state, &subject);
            let seat = state.layout.seats().iter().position(|seat| seat.node == node);
            walk(ui, state, &response, Spot { node, seat, rect: state.layout.rect(node).unwrap_or_default() });
            if response.drag_started()
                && let (Some(pointer), Some(corner)) = (response.interact_pointer_pos(), state.layout.rect(node))
            {
                let grip = state.view.to_canvas(Point { x: pointer.x - rect.min.x, y: pointer.y - rect.min.y });
                self.dragged = Some((node, Point { x: grip.x - corner.x, y: grip.y - corner.y }));
            }
            if let Some((dragged, grip)) = self.dragged
                && dragged == node
                && let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged())
            {
                let at = state.view.to_canvas(Point { x: pointer.x - rect.min.x, y: pointer.y - rect.min.y });
                actions.push(Action::Move(node, Point { x: at.x - grip.x, y: at.y - grip.y }));
            }
            if response.drag_stopped() && self.dragged.take().is_some() {
                actions.push(Action::Keep);
            }
            answer(&response, exact.unwrap_or(&subject).clone(), hover, actions);
        }
        for (at, seat) in state.layout.seats().iter().enumerate() {
            let area = on_screen(seat.rect);
            if !area.intersects(rect) || matches!(seat.node, Node::Apart(..)) {
                continue;
            }
            let subject = match seat.ordinal.and_then(|ordinal| instance_of(state, seat.service, ordinal)) {
                Some(instance) => Subject::Instance(instance),
                None => Subject::Service(seat.service),
            };
            let id = seat_id(ui, seat);
            let response = named(ui, area, id, egui::Sense::click_and_drag(), state, &subject);
            if response.drag_started() {
                self.hand.take(seat.service, seat.node);
            }
            walk(ui, state, &response, Spot { node: seat.node, seat: Some(at), rect: seat.rect });
            answer(&response, exact.unwrap_or(&subject).clone(), hover, actions);
        }
        links(ui, rect, state, hover, actions);
    }
}

/// An area at the middle of the first wire of each link.
fn links(ui: &egui::Ui, rect: egui::Rect, state: &LabState, hover: &mut Option<Subject>, actions: &mut Vec<Action>) {
    let mut known = BTreeSet::new();
    for wire in state.layout.wires() {
        let middle = state.view.to_window(wire.at(0.5));
        let at = rect.min + egui::vec2(middle.x, middle.y);
        if !rect.contains(at) || !known.insert(wire.link.number()) {
            continue;
        }
        let subject = Subject::Link(wire.link);
        let id = ui.id().with(("link", wire.link.number()));
        let area = egui::Rect::from_center_size(at, egui::Vec2::splat(WIRE));
        let response = named(ui, area, id, egui::Sense::click(), state, &subject);
        answer(&response, subject, hover, actions);
    }
}

/// What is pointed at, in words beside the pointer: of several things that lie on each other the one on top.
fn told(ui: &egui::Ui, state: &LabState, subject: &Subject) {
    if ui.input(|input| input.pointer.any_down()) || egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    let layer = egui::LayerId::new(egui::Order::Tooltip, ui.id().with("told"));
    egui::Tooltip::always_open(ui.ctx().clone(), layer, ui.id().with("told"), egui::PopupAnchor::Pointer)
        .show(|ui| ui.label(state.describe(subject)));
}

/// What the scene shows of the state.
fn sight<'a>(state: &'a LabState, hovered: Option<&'a Subject>, happened: &'a str, seconds: f64) -> Option<Sight<'a>> {
    Some(Sight {
        happened,
        model: state.model()?,
        frame: &state.frame,
        layout: &state.layout,
        palette: palette(state.view.dark),
        camera: Camera { center: state.view.center, zoom: state.view.zoom, size: state.view.size },
        still: state.view.still,
        legend: !state.view.panels,
        picked: state.picked.as_ref(),
        hovered,
        seconds,
    })
}

fn hit(scene: &Scene, state: &LabState, pixel: Point, seconds: f64) -> Option<Subject> {
    scene.hit(&sight(state, None, "", seconds)?, pixel)
}

fn named(
    ui: &egui::Ui,
    area: egui::Rect,
    id: egui::Id,
    sense: egui::Sense,
    state: &LabState,
    subject: &Subject,
) -> egui::Response {
    let response = ui.interact(area, id, sense);
    response.widget_info(|| {
        let picked = state.picked.as_ref() == Some(subject);
        egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, picked, state.describe(subject))
    });
    response
}

/// Where the keyboard is on the canvas.
#[derive(Clone, Copy)]
struct Spot {
    node: Node,
    /// A seat, or the first of a box.
    seat: Option<usize>,
    rect: Rect,
}

fn seat_id(ui: &egui::Ui, seat: &Seat) -> egui::Id {
    ui.id().with((seat.node, seat.service.number(), seat.ordinal))
}

/// Arrows lead along wires: right to whom it calls, left to who calls it, up and down to what stands nearest there.
fn walk(ui: &egui::Ui, state: &LabState, response: &egui::Response, from: Spot) {
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    let middle = from.rect.center();
    let to = if pressed(egui::Key::ArrowRight) {
        along(state, from, true)
    } else if pressed(egui::Key::ArrowLeft) {
        along(state, from, false)
    } else if pressed(egui::Key::ArrowDown) {
        beside(state, |point| point.y > middle.y + 1.0, middle)
    } else if pressed(egui::Key::ArrowUp) {
        beside(state, |point| point.y < middle.y - 1.0, middle)
    } else {
        None
    };
    let Some(to) = to else { return };
    let id = match to {
        WireEnd::Source(source) => ui.id().with(Node::Source(source)),
        WireEnd::Seat(seat) => {
            let seat = &state.layout.seats()[seat as usize];
            if matches!(seat.node, Node::Apart(..)) { ui.id().with(seat.node) } else { seat_id(ui, seat) }
        }
    };
    ui.memory_mut(|memory| memory.request_focus(id));
}

/// The other end of one of its wires: of several the one nearest in height.
fn along(state: &LabState, from: Spot, onward: bool) -> Option<WireEnd> {
    let own = |end: WireEnd| match (end, from.node) {
        (WireEnd::Source(source), Node::Source(node)) => source == node,
        (WireEnd::Seat(seat), _) => from.seat == Some(seat as usize),
        (WireEnd::Source(_), _) => false,
    };
    let ends = state.layout.wires().iter().filter_map(|wire| {
        let (near, far) = if onward { (wire.from, wire.to) } else { (wire.to, wire.from) };
        (own(near) && near != far).then_some(far)
    });
    let off = |end: &WireEnd| (middle_of(state, *end).y - from.rect.center().y).abs();
    ends.min_by(|a, b| off(a).total_cmp(&off(b)))
}

/// The nearest end of a wire in a direction.
fn beside(state: &LabState, there: impl Fn(Point) -> bool, from: Point) -> Option<WireEnd> {
    let ends = state.layout.wires().iter().flat_map(|wire| [wire.from, wire.to]);
    let far = |end: &WireEnd| {
        let middle = middle_of(state, *end);
        2.0 * (middle.x - from.x).abs() + (middle.y - from.y).abs()
    };
    ends.filter(|end| there(middle_of(state, *end))).min_by(|a, b| far(a).total_cmp(&far(b)))
}

fn middle_of(state: &LabState, end: WireEnd) -> Point {
    match end {
        WireEnd::Source(source) => state.layout.rect(Node::Source(source)).unwrap_or_default().center(),
        WireEnd::Seat(seat) => state.layout.seats()[seat as usize].rect.center(),
    }
}

fn answer(response: &egui::Response, subject: Subject, hover: &mut Option<Subject>, actions: &mut Vec<Action>) {
    if response.hovered() {
        *hover = Some(subject.clone());
    }
    if response.clicked() {
        actions.push(Action::Pick(Some(subject.clone())));
    }
    if response.clicked() && response.interact_pointer_pos().is_some() {
        // The space bar stays with the run: who clicks has a pointer.
        response.surrender_focus();
    }
    if response.double_clicked() {
        actions.push(Action::Reveal(subject.clone()));
    }
}

/// What is picked by clicking a box.
fn of_node(state: &LabState, node: Node) -> Option<Subject> {
    Some(match node {
        Node::Source(source) => Subject::Source(source),
        Node::Stack(group) => Subject::Group(group),
        Node::Machine(group, ordinal) => {
            let same = |machine: &crate::host::Machine| machine.group == group && machine.ordinal == ordinal;
            Subject::Machine(state.frame.machines.iter().position(same)? as u32)
        }
        Node::Apart(service, ordinal) => Subject::Instance(instance_of(state, service, ordinal)?),
    })
}

fn instance_of(state: &LabState, service: ServiceId, ordinal: u32) -> Option<u32> {
    let same = |instance: &crate::host::Instance| instance.service == service && instance.ordinal == ordinal;
    state.frame.instances.iter().position(same).map(|index| index as u32)
}
