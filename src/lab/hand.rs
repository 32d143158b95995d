//! What is carried over the canvas: a service to other machines, a part from the list, a wire from one box to another.
//! Where it may be let go lights up; why it may not stands beside the pointer.

use super::action::Action;
use super::canvas::Area;
use super::panels::Inks;
use super::state::LabState;
use super::theme::size;
use crate::layout::{Hit, Node, Rect, WireEnd};
use crate::model::{GroupId, ServiceId, SourceId};
use crate::scenario::form::Template;
use crate::scenario::wiring::{self, Ground};
use egui::{Align2, Color32, FontId, Painter, Pos2, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

/// The dot that a wire is drawn from, and where it is met, pixels.
const DOT: f32 = 5.0;
const REACH: f32 = 20.0;
/// A box that is smaller on the window has none.
const LEAST: f32 = 28.0;

/// What is carried.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Hand {
    /// Nothing.
    #[default]
    Empty,
    /// A service, and the machines it is taken from.
    Service(ServiceId, GroupId),
    /// A wire: who calls, and whom it may.
    Wire(WireFrom, Vec<(String, Result<(), String>)>),
}

/// Who a wire is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFrom {
    /// A crowd.
    Source(SourceId),
    /// A service.
    Service(ServiceId),
}

impl Hand {
    /// A service is taken up.
    pub fn take(&mut self, service: ServiceId, node: Node) {
        if let Node::Machine(group, _) | Node::Stack(group) = node {
            *self = Self::Service(service, group);
        }
    }

    /// Dots to draw wires from, what is carried, and what is let go.
    pub fn ui(&mut self, ui: &mut Ui, area: Area, state: &LabState, actions: &mut Vec<Action>) {
        let ink = &Inks::of(state);
        if *self == Self::Empty {
            self.dots(ui, area, state, ink);
        }
        let pointer = ui.input(|input| input.pointer.latest_pos()).filter(|at| area.rect.contains(*at));
        let released = ui.input(|input| input.pointer.any_released());
        if ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            *self = Self::Empty;
        }
        if let Some(at) = pointer {
            part(ui, area, state, (at, released), ink, actions);
        }
        match std::mem::take(self) {
            Self::Empty => {}
            Self::Service(service, group) => {
                let from = state.group_name(group).to_owned();
                let name = state.service_name(service).to_owned();
                let Some(at) = pointer else {
                    *self = if released { Self::Empty } else { Self::Service(service, group) };
                    return;
                };
                let ground = match state.ground(area.to_canvas(state, at)) {
                    Ground::Wire(..) => Ground::Free,
                    ground => ground,
                };
                let stays = ground == Ground::Machines(from.clone());
                let words = match &ground {
                    _ if stays => format!("{name} stays on {from}"),
                    Ground::Machines(group) => format!("{name} on {group}"),
                    Ground::Free | Ground::Wire(..) => format!("{name} on machines of its own"),
                };
                lit(ui.painter(), area, state, &ground, ink);
                told(ui.painter(), at, &words, ink.text, ink);
                if !released {
                    *self = Self::Service(service, group);
                } else if !stays {
                    let at = Some(area.to_canvas(state, at));
                    actions.push(Action::Carry { service: name, from, ground, at });
                }
            }
            Self::Wire(from, targets) => {
                let name = from.name(state);
                let target = pointer.and_then(|at| service_under(area, state, at));
                let legal = target.as_ref().and_then(|to| targets.iter().find(|(name, _)| name == to));
                wire(ui.painter(), area, state, (from, pointer), &targets, ink);
                if let (Some(at), Some((to, legal))) = (pointer, legal) {
                    let (words, color) = match legal {
                        Ok(()) => (format!("{name} calls {to}"), ink.text),
                        Err(why) => (why.clone(), ink.failed),
                    };
                    told(ui.painter(), at, &words, color, ink);
                }
                if !released {
                    *self = Self::Wire(from, targets);
                } else if let Some((to, Ok(()))) = legal {
                    actions.push(Action::Wire(name, Some(to.clone())));
                }
            }
        }
    }

    /// A dot at the right edge of the box under the pointer, to draw a wire from.
    fn dots(&mut self, ui: &mut Ui, area: Area, state: &LabState, ink: &Inks) {
        let Some(pointer) = ui.input(|input| input.pointer.hover_pos()) else { return };
        let boxes = state.layout.seats().iter().filter(|seat| seat.ordinal.is_none_or(|ordinal| ordinal == 0));
        let services = boxes.map(|seat| (WireFrom::Service(seat.service), seat.rect));
        let sources = state.layout.nodes().filter_map(|(node, rect)| match node {
            Node::Source(source) => Some((WireFrom::Source(source), rect)),
            Node::Machine(..) | Node::Stack(_) | Node::Apart(..) => None,
        });
        for (from, rect) in services.chain(sources) {
            let shown = area.on_screen(state, rect);
            let dot = pos2(shown.right(), shown.center().y);
            let near = shown.expand2(vec2(REACH, 4.0)).contains(pointer);
            if !near || shown.width() < LEAST || !area.rect.contains(dot) {
                continue;
            }
            let name = from.name(state);
            let spot = egui::Rect::from_center_size(dot, vec2(REACH, REACH));
            let response = ui.interact(spot, ui.id().with(("wire from", name.as_str())), Sense::drag());
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::WidgetType::Button, true, format!("Draw a wire from {name}"))
            });
            let radius = if response.hovered() { DOT * 1.4 } else { DOT };
            ui.painter().circle(dot, radius, ink.surface, Stroke::new(2.0, ink.moving));
            if response.drag_started()
                && let Some(design) = state.draft()
            {
                *self = Self::Wire(from, wiring::targets(design, &name));
            }
            response.on_hover_cursor(egui::CursorIcon::Crosshair);
        }
    }
}

impl WireFrom {
    fn name(self, state: &LabState) -> String {
        match self {
            Self::Source(source) => state.source_name(source).to_owned(),
            Self::Service(service) => state.service_name(service).to_owned(),
        }
    }

    fn end(self, state: &LabState) -> Option<WireEnd> {
        match self {
            Self::Source(source) => Some(WireEnd::Source(source)),
            Self::Service(service) => {
                state.layout.seats().iter().position(|seat| seat.service == service).map(|at| WireEnd::Seat(at as u32))
            }
        }
    }

    fn rect(self, state: &LabState) -> Option<Rect> {
        match self.end(state)? {
            WireEnd::Source(source) => state.layout.rect(Node::Source(source)),
            WireEnd::Seat(seat) => state.layout.seats().get(seat as usize).map(|seat| seat.rect),
        }
    }
}

/// A part from the list, over the canvas.
fn part(ui: &Ui, area: Area, state: &LabState, (at, released): (Pos2, bool), ink: &Inks, actions: &mut Vec<Action>) {
    let Some(template) = egui::DragAndDrop::payload::<Template>(ui.ctx()) else { return };
    let place = area.to_canvas(state, at);
    let ground = state.ground(place);
    if released {
        egui::DragAndDrop::clear_payload(ui.ctx());
        actions.push(Action::Add(Template::clone(&template), ground, Some(place)));
        return;
    }
    let words = match &ground {
        Ground::Free => template.name.clone(),
        Ground::Machines(group) => format!("{} on {group}", template.name),
        Ground::Wire(from, to) => format!("{} between {from} and {to}", template.name),
    };
    lit(ui.painter(), area, state, &ground, ink);
    told(ui.painter(), at, &words, ink.text, ink);
}

fn service_under(area: Area, state: &LabState, at: Pos2) -> Option<String> {
    let service = match state.layout.at(area.to_canvas(state, at))? {
        Hit::Seat(seat) => state.layout.seats()[seat].service,
        Hit::Node(Node::Apart(service, _)) => service,
        Hit::Node(node) => {
            // An island with one service stands for it.
            let mut on = state.layout.seats().iter().filter(|seat| seat.node == node).map(|seat| seat.service);
            let first = on.next()?;
            on.all(|other| other == first).then_some(first)?
        }
        Hit::Wire(_) => return None,
    };
    Some(state.service_name(service).to_owned())
}

/// The machines that something would be put on.
fn lit(painter: &Painter, area: Area, state: &LabState, ground: &Ground, ink: &Inks) {
    let Ground::Machines(name) = ground else { return };
    for (node, rect) in state.layout.nodes() {
        if let Node::Machine(group, _) | Node::Stack(group) = node
            && state.group_name(group) == name
        {
            let shown = area.on_screen(state, rect);
            painter.rect_stroke(shown.expand(2.0), 10.0, Stroke::new(2.5, ink.moving), StrokeKind::Outside);
        }
    }
}

/// A wire on its way, and whom it may reach.
fn wire(
    painter: &Painter,
    area: Area,
    state: &LabState,
    (from, pointer): (WireFrom, Option<Pos2>),
    targets: &[(String, Result<(), String>)],
    ink: &Inks,
) {
    for seat in state.layout.seats() {
        let name = state.service_name(seat.service);
        let Some((_, legal)) = targets.iter().find(|(target, _)| target == name) else { continue };
        let shown = area.on_screen(state, seat.rect);
        match legal {
            Ok(()) => {
                painter.rect_stroke(shown.expand(2.0), 8.0, Stroke::new(2.5, ink.moving), StrokeKind::Outside);
            }
            Err(_) => {
                painter.rect_filled(shown, 8.0, ink.surface.gamma_multiply(0.6));
            }
        }
    }
    let (Some(rect), Some(to)) = (from.rect(state), pointer) else { return };
    let shown = area.on_screen(state, rect);
    let start = pos2(shown.right(), shown.center().y);
    let reach = ((to.x - start.x).abs() / 2.0).max(24.0);
    let points = [start, start + vec2(reach, 0.0), to - vec2(reach, 0.0), to];
    let curve = egui::epaint::CubicBezierShape::from_points_stroke(
        points,
        false,
        Color32::TRANSPARENT,
        Stroke::new(2.5, ink.moving),
    );
    painter.add(curve);
    painter.circle_filled(to, DOT, ink.moving);
}

/// What would come of letting go, beside the pointer.
fn told(painter: &Painter, at: Pos2, words: &str, ink: Color32, inks: &Inks) {
    let galley = painter.layout(words.to_owned(), FontId::proportional(size::BODY), ink, 320.0);
    let rect = Align2::LEFT_TOP.anchor_size(at + vec2(16.0, 12.0), galley.size());
    painter.rect(rect.expand(6.0), 6.0, inks.surface, Stroke::new(1.0, inks.muted), StrokeKind::Outside);
    painter.galley(rect.min, galley, ink);
}
