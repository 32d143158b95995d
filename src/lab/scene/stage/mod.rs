//! Painting a picture, from the ground up: halos, islands, wires, seats, people, lights, and what is picked.

mod crowd;
mod header;
mod island;
mod legend;
mod light;
mod many;
mod seat;
mod wire;
mod work;

pub(super) use light::Scale;
#[cfg(test)]
pub(super) use {
    crowd::{MOST, figures},
    light::ON_A_WIRE,
    seat::{CELLS, PEOPLE},
    wire::{PIECES, thickness},
};

use super::Sight;
use super::blame::Blame;
use super::ease::{Ease, key};
use super::hit::{Hit, Target};
use super::hops::Hops;
use super::index::{Index, NONE, Pose};
use super::label::{Hold, Rank, Style};
use super::shape::{Shape, Tone, form};
use super::width::Face;
use crate::lab::action::Subject;
use crate::lab::theme::{DIMMED, Palette, Rgb, size};
use crate::layout::{Node, Point, Rect};
use crate::model::Kind;

/// How much of something is shown, by the width of its machine in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Name and worst resource.
    Speck,
    /// Services, their workers as a bar, how many wait.
    Small,
    /// Up to 64 cells, up to 20 people.
    Medium,
    /// Every worker, what it does, whom it waits for.
    Large,
}

impl Detail {
    /// For a machine so many pixels wide.
    pub fn of(width: f32) -> Self {
        match width {
            w if w < 48.0 => Self::Speck,
            w if w < 160.0 => Self::Small,
            w if w <= 400.0 => Self::Medium,
            _ => Self::Large,
        }
    }
}

/// Kinds of eased figures.
mod eased {
    pub const NODE: u8 = 1;
    pub const GAUGE: u8 = 2;
    pub const SEAT: u8 = 3;
    pub const WIRE: u8 = 4;
    pub const CROWD: u8 = 5;
    pub const MEMBER: u8 = 6;
}

/// What a picture is painted with.
pub(super) struct Stage<'a> {
    pub sight: &'a Sight<'a>,
    pub index: &'a mut Index,
    pub blame: &'a Blame,
    pub ease: &'a mut Ease,
    pub out: &'a mut super::Picture,
    /// On the picture's clock: when the frame came.
    pub born: f32,
    pub scale: &'a mut Scale,
    pub hops: &'a Hops,
    pub hits: &'a mut Vec<Hit>,
    /// The box of the root cause in the window.
    pub accused: Option<Rect>,
}

impl Stage<'_> {
    /// Everything that is seen, from the ground up.
    pub fn paint(&mut self) {
        self.settle();
        self.islands();
        self.wires();
        self.seats();
        self.crowds();
        self.lights();
        if let Some(rect) = self.accused {
            self.accuse(rect);
        }
        if self.sight.legend {
            self.legend();
        }
    }

    /// Where nodes are on their way to their places, and how bright.
    fn settle(&mut self) {
        self.index.standing.clear();
        for (at, (node, rect)) in self.index.nodes.iter().enumerate() {
            let of = code(*node);
            let x = self.ease.place(key(eased::NODE, of, 0), rect.x);
            let y = self.ease.place(key(eased::NODE, of, 1), rect.y);
            let lit = if self.lights_node(at) { 1.0 } else { self.dimmed() };
            let lit = self.ease.from(key(eased::NODE, of, 2), 0.0, lit, 0.01);
            self.index.standing.push(Pose { shift: Point { x: x - rect.x, y: y - rect.y }, lit });
        }
    }

    /// Whether a node is in the chain of blame, is picked or pointed at, or nothing is to blame.
    fn lights_node(&self, node: usize) -> bool {
        let sitting = || self.sight.layout.seats().iter().filter(|seat| seat.node == self.index.nodes[node].0);
        let in_chain = match self.index.nodes[node].0 {
            Node::Source(source) => self.blame.lights_source(source.index()),
            Node::Apart(service, _) => self.blame.lights_service(service.index()),
            Node::Machine(..) | Node::Stack(_) => {
                self.index.housed(node).iter().any(|machine| self.blame.is_machine(*machine))
                    || sitting().any(|seat| self.blame.lights_service(seat.service.index()))
            }
        };
        self.blame.culprit().is_empty() || in_chain
    }

    /// The node's box in the window.
    fn node_rect(&self, node: usize) -> Rect {
        let (rect, shift) = (self.index.nodes[node].1, self.index.standing[node].shift);
        self.sight.camera.rect(Rect { x: rect.x + shift.x, y: rect.y + shift.y, ..rect })
    }

    /// The seat's box in the window.
    fn seat_rect(&self, seat: usize) -> Rect {
        let (rect, home) = (self.sight.layout.seats()[seat].rect, self.index.homes[seat]);
        let shift = self.index.standing.get(home as usize).map_or(Point::default(), |standing| standing.shift);
        self.sight.camera.rect(Rect { x: rect.x + shift.x, y: rect.y + shift.y, ..rect })
    }

    /// How much of a node is shown: by the width of one column of its seats.
    fn detail(&self, node: usize) -> Detail {
        let (what, rect) = self.index.nodes[node];
        let zoom = self.sight.camera.zoom;
        match what {
            Node::Machine(..) | Node::Stack(_) => {
                let columns = ((rect.width - 24.0) / 216.0).round().max(1.0);
                Detail::of(rect.width * zoom / columns)
            }
            Node::Source(_) | Node::Apart(..) => Detail::of(240.0 * zoom),
        }
    }

    /// Remember what a part of the picture is of.
    fn hit(&mut self, rect: Rect, target: Target) {
        if target != Target::Gauge(NONE) {
            self.hits.push(Hit { rect, target });
        }
    }

    /// What is not in the chain of blame: dark on light it looks fainter than light on dark.
    fn dimmed(&self) -> f32 {
        if is_dark(self.sight.palette) { DIMMED } else { DIMMED + 0.2 }
    }

    /// How bright a mark of failure is: never dimmed, and there as soon as what it stands on.
    fn alarm(&self, lit: f32) -> f32 {
        (lit / self.dimmed()).min(1.0)
    }

    /// The colour of waiting for others: an alarm only where it leads to the culprit; in calm that is part of being
    /// served.
    fn wait_color(&self, in_chain: bool) -> Rgb {
        let alarm = in_chain && !self.blame.culprit().is_empty();
        if alarm { self.sight.palette.waiting } else { self.sight.palette.moving }
    }

    fn push(&mut self, shape: Shape) {
        self.out.shapes.push(shape);
    }

    /// A label in the theme's colours. Where its box is dimmed it is dimmed less, so that it can be read.
    fn say(&mut self, at: Point, hold: Hold, mut style: Style, most: f32, write: impl FnOnce(&mut String)) -> f32 {
        let [red, green, blue, alpha] = style.tone;
        let lit = f32::from(alpha) / 255.0;
        let least = self.sight.palette.legible([red, green, blue]);
        if lit < least {
            style.tone[3] = ((least * self.alarm(lit)).max(lit) * 255.0).round() as u8;
        }
        self.out.labels.ask(at, hold, style, most, write)
    }

    fn is_marked(&self, subject: &Subject) -> bool {
        self.sight.picked == Some(subject) || self.sight.hovered == Some(subject)
    }

    /// An outline around what is picked, a thinner one around what is pointed at.
    fn mark(&mut self, subject: &Subject, rect: Rect, radius: f32) {
        let (picked, hovered) = (self.sight.picked == Some(subject), self.sight.hovered == Some(subject));
        if picked || hovered {
            let (out, line, alpha) = if picked { (3.0, 2.0, 1.0) } else { (2.0, 1.0, 0.7) };
            let ink = tone(self.sight.palette.text, alpha);
            let shape = boxed(grown(rect, out), radius + out, [0; 4]).outlined(line, ink);
            self.push(shape);
        }
    }

    /// The soft glow around the root cause.
    fn halo(&mut self, rect: Rect, radius: f32, most: f32) {
        let reach = (rect.width.min(rect.height) * 0.4).clamp(14.0, most);
        let fill = tone(self.sight.palette.saturated, 0.42);
        let mut shape = boxed(rect, radius, fill);
        (shape.form, shape.size, shape.line) = (form::HALO, reach, radius);
        self.push(shape);
    }
}

fn style(size: f32, face: Face, tone: Tone, rank: Rank) -> Style {
    Style { size, face, tone, rank }
}

/// A caption, a figure: small.
fn small(tone: Tone, rank: Rank) -> Style {
    style(size::SMALL, Face::Regular, tone, rank)
}

/// A colour with an opacity.
fn tone(color: Rgb, alpha: f32) -> Tone {
    [color[0], color[1], color[2], (alpha.clamp(0.0, 1.0) * 255.0).round() as u8]
}

/// Words about waiting: yellow is not read on white.
fn waiting_text(palette: &Palette) -> Rgb {
    if is_dark(palette) { palette.waiting } else { mix(palette.waiting, palette.text, 0.62) }
}

/// Words about failures: lighter than the colour itself on dark.
fn failed_text(palette: &Palette) -> Rgb {
    if is_dark(palette) { mix(palette.failed, palette.text, 0.35) } else { palette.failed }
}

fn is_dark(palette: &Palette) -> bool {
    palette.ground[1] < palette.text[1]
}

/// Between two colours.
fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let part = |i: usize| (f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * share) as u8;
    [part(0), part(1), part(2)]
}

fn grown(rect: Rect, by: f32) -> Rect {
    Rect { x: rect.x - by, y: rect.y - by, width: rect.width + 2.0 * by, height: rect.height + 2.0 * by }
}

fn boxed(rect: Rect, radius: f32, fill: Tone) -> Shape {
    Shape::boxed(rect.center(), Point { x: rect.width * 0.5, y: rect.height * 0.5 }, radius, fill)
}

/// A number that is a node's own, as long as the scenario runs.
fn code(node: Node) -> u32 {
    match node {
        Node::Source(source) => source.number(),
        Node::Machine(group, ordinal) => 1 << 30 | group.number() << 16 | ordinal & 0xFFFF,
        Node::Stack(group) => 2 << 30 | group.number(),
        Node::Apart(service, ordinal) => 3 << 30 | service.number() << 16 | ordinal & 0xFFFF,
    }
}

/// The drawn form of a kind.
fn icon(kind: Kind) -> u32 {
    match kind {
        Kind::Server => form::SERVER,
        Kind::Balancer => form::BALANCER,
        Kind::Queue { .. } => form::QUEUE,
        Kind::Database => form::DATABASE,
        Kind::Cache => form::CACHE,
        Kind::External => form::EXTERNAL,
    }
}

/// An index that may be none.
fn some(index: u32) -> Option<usize> {
    (index != NONE).then_some(index as usize)
}
