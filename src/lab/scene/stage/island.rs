//! Machines: islands with a header, what runs on them is on them.

use super::super::blame::is_dead;
use super::super::figure::{count, countdown};
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::super::width::{Face, width};
use super::{Detail, Stage, boxed, grown, key, mix, small, some, style, tone};
use crate::host::{Availability, Instance, Machine};
use crate::lab::action::Subject;
use crate::lab::theme::{GRID, RADIUS, size};
use crate::layout::{Node, Point, Rect};
use crate::measure::subject::{Entity, Subject as Told, words};

/// The share of a machine that is used most, and whether that is full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Worst {
    pub share: f32,
    pub full: bool,
}

/// How far the glow of a culprit reaches above it, to the eye, pixels.
const GLOW: f32 = 26.0;

impl Stage<'_> {
    /// All islands that are in sight.
    pub(super) fn islands(&mut self) {
        for node in 0..self.index.nodes.len() {
            if !matches!(self.index.nodes[node].0, Node::Machine(..) | Node::Stack(_)) {
                continue;
            }
            let rect = self.node_rect(node);
            if self.sight.camera.sees(rect, 96.0) {
                self.island(node, rect);
            }
        }
    }

    fn island(&mut self, node: usize, rect: Rect) {
        let palette = self.sight.palette;
        let lit = self.index.standing[node].lit;
        let detail = self.detail(node);
        let radius = RADIUS.min(rect.height * 0.15);
        let culprit = self.index.housed(node).iter().any(|machine| self.blame.is_machine(*machine));
        let first = self.index.housed(node).first().copied();
        let availability =
            first.map_or(Availability::Up, |machine| self.sight.frame.machines[machine as usize].availability);
        let stack = matches!(self.index.nodes[node].0, Node::Stack(_));
        if culprit {
            // Where several are to blame together, their glows do not run into one.
            self.halo(rect, radius, if self.blame.machines() > 1 { 20.0 } else { 56.0 });
        }
        let (line, ink) = if culprit { (2.0, palette.saturated) } else { (1.0, palette.line) };
        if stack {
            // Two more edges behind: there are many.
            for step in [2.0, 1.0] {
                let behind = Rect { x: rect.x + 4.0 * step, y: rect.y - 4.0 * step, ..rect };
                self.push(boxed(behind, radius, tone(palette.surface, lit)).outlined(1.0, tone(palette.line, lit)));
            }
        }
        let mut shape = boxed(rect, radius, tone(palette.surface, lit)).outlined(line, tone(ink, lit));
        if !stack {
            match availability {
                Availability::Booting { .. } => {
                    shape = Shape { ink: tone(palette.muted, lit), ..shape }.with(form::DASHED)
                }
                Availability::Down => shape.ink = tone(palette.failed, lit),
                Availability::Up | Availability::Draining | Availability::Removed => {}
            }
        }
        self.push(shape);
        if detail == Detail::Speck {
            self.speck(node, rect, lit);
        } else {
            self.header(node, rect, detail, lit);
        }
        if !stack && availability == Availability::Down {
            let half = Point { x: rect.width * 0.22, y: rect.height * 0.46 };
            let crack = Shape {
                line: 1.5,
                form: form::CRACK,
                ..Shape::boxed(rect.center(), half, 0.0, tone(palette.failed, self.alarm(lit)))
            };
            self.push(crack);
        }
        if let Some(machine) = first.filter(|_| !stack) {
            self.mark(&Subject::Machine(machine), rect, radius);
        }
        if let Node::Stack(group) = self.index.nodes[node].0 {
            self.mark(&Subject::Group(group), rect, radius);
        }
        if self.index.housed(node).iter().any(|machine| self.blame.speaks_at_machine(*machine)) {
            self.accused = Some(rect);
        }
    }

    /// What is to blame, in words above it; on a plate of their own where they lie on something.
    pub(super) fn accuse(&mut self, rect: Rect) {
        let culprit = self.blame.culprit();
        if culprit.is_empty() {
            return;
        }
        let frame = self.sight.frame;
        let waiting: u64 = frame
            .resources
            .iter()
            .zip(&frame.gauges)
            .filter(|(resource, _)| culprit.iter().any(|root| *root == *resource.subject))
            .map(|(_, gauge)| u64::from(gauge.waiting))
            .sum();
        let its = |instance: &&Instance| {
            culprit.iter().any(|root| root.what == Told::Entity(Entity::Service(instance.service)))
        };
        let dead = frame.instances.iter().filter(its).filter(|instance| is_dead(instance)).count();
        let mut more = self.sight.happened.to_owned();
        for (number, word) in [(waiting, " waiting"), (dead as u64, " not up")] {
            if number > 0 {
                more.push_str(if more.is_empty() { "" } else { " · " });
                count(&mut more, number);
                more.push_str(word);
            }
        }
        let ink = tone(self.sight.palette.saturated, 1.0);
        let name = words(culprit).to_string();
        let (high, low) = (style(size::HEADING, Face::Strong, ink, Rank::Culprit), small(ink, Rank::Culprit));
        let (named, told) = (width(&name, high.face, high.size), width(&more, low.face, low.size));
        let wide = named + if more.is_empty() { 0.0 } else { told + 8.0 };
        let left = rect.x.min(self.sight.camera.size.x - 12.0 - wide).max(12.0);
        let (place, clear) = self.place_for(rect, left, wide);
        let before = self.out.labels.len();
        self.say(place, Hold::Left, high, f32::INFINITY, |text| text.push_str(&name));
        let size = self.sight.camera.size;
        let Some(words) = self.out.labels.shown_from(before, size) else { return };
        let beside = Point { x: words.x + words.width + 8.0, y: words.y + words.height * 0.5 + 2.0 };
        self.say(beside, Hold::Left, low, f32::INFINITY, |text| text.push_str(&more));
        if !clear {
            let plate = Rect { x: words.x - 6.0, y: words.y - 1.0, width: wide + 12.0, height: words.height + 2.0 };
            self.push(boxed(plate, 6.0, tone(self.sight.palette.ground, 0.95)));
        }
    }

    /// Where so many pixels of words about a box stand: above its glow, else nearest to there on no box; whether that
    /// is so.
    fn place_for(&self, rect: Rect, left: f32, wide: f32) -> (Point, bool) {
        let above = Point { x: left, y: rect.y - GLOW - 8.0 };
        let window = self.sight.camera.size;
        let nodes: Vec<Rect> = (0..self.index.nodes.len()).map(|node| self.node_rect(node)).collect();
        let free = |at: &Point| {
            let words = Rect { x: at.x, y: at.y - 11.0, width: wide, height: 22.0 };
            let inside = at.x >= 12.0 && at.x + wide <= window.x - 12.0 && at.y > 16.0 && at.y < window.y - 32.0;
            inside && !nodes.iter().any(|node| node.overlaps(&words))
        };
        if free(&above) {
            return (above, true);
        }
        // Below its glow, or aside.
        let below = rect.y + rect.height + GLOW + 8.0;
        let mut places: Vec<Point> = Vec::new();
        for step in -12..=12_i8 {
            let x = left + f32::from(step) * 24.0;
            places.extend((0..6_u8).map(|up| Point { x, y: above.y - f32::from(up) * 14.0 }));
            places.extend((0..6_u8).map(|down| Point { x, y: below + f32::from(down) * 14.0 }));
        }
        let off = |at: &Point| 1.5 * (at.x - left).abs() + (at.y - above.y).abs();
        let nearest = places.into_iter().filter(free).min_by(|a, b| off(a).total_cmp(&off(b)));
        nearest.map_or((Point { x: left, y: rect.y - 20.0 }, false), |at| (at, true))
    }

    /// A machine of a few pixels: its box is the bar of its worst resource, its name stands below.
    fn speck(&mut self, node: usize, rect: Rect, lit: f32) {
        let worst = self.worst(node);
        let share = self.ease.share(key(super::eased::GAUGE, super::code(self.index.nodes[node].0), 9), worst.share);
        let inner = grown(rect, -2.0);
        self.level(inner, share, worst.full, lit, form::LEVEL);
        let muted = tone(self.sight.palette.muted, lit);
        let at = Point { x: rect.center().x, y: rect.y + rect.height + 10.0 };
        self.island_name(node, at, Hold::Middle, style(size::SMALL, Face::Regular, muted, Rank::Island), 160.0);
    }

    /// The worst of everything its machines have.
    pub(super) fn worst(&self, node: usize) -> Worst {
        let mut worst = Worst::default();
        for &at in self.index.housed(node) {
            let machine = &self.sight.frame.machines[at as usize];
            let gauges = self.index.gauges[at as usize];
            let all = [
                (Some(machine.cpu), gauges.cpu),
                (machine.memory, gauges.memory),
                (machine.disk, gauges.disk),
                (machine.network, gauges.network),
            ];
            for (share, gauge) in all {
                let full = self.full(gauge);
                let share = share.unwrap_or(0.0);
                if (full, share) > (worst.full, worst.share) {
                    worst = Worst { share, full };
                }
            }
        }
        worst
    }

    /// Whether a gauge is saturated, or is the culprit's and full.
    pub(super) fn full(&self, gauge: u32) -> bool {
        let Some(at) = some(gauge) else { return false };
        let frame = self.sight.frame;
        let of_culprit = |name: &str| self.blame.culprit().iter().any(|root| *root == *name);
        let (Some(gauge), Some(resource)) = (frame.gauges.get(at), frame.resources.get(at)) else { return false };
        let on_it = |(at, instance): (usize, &Instance)| {
            instance.machine.is_some() && instance.machine == resource.machine && self.blame.is_instance(at as u32)
        };
        let of_it = || of_culprit(&resource.subject) || frame.instances.iter().enumerate().any(on_it);
        gauge.saturated || gauge.capacity > 0.0 && gauge.level >= 0.95 * gauge.capacity && of_it()
    }

    /// A bar: neutral as long as nobody has to wait, hatched when it is full.
    pub(super) fn level(&mut self, rect: Rect, share: f32, full: bool, lit: f32, flag: u32) {
        let palette = self.sight.palette;
        let radius = (rect.width.min(rect.height) * 0.5).min(3.0);
        self.push(boxed(rect, radius, tone(mix(palette.line, palette.ground, 0.25), lit)));
        if full {
            let bar =
                boxed(rect, radius, tone(palette.saturated, lit)).filled(flag, share.max(0.04)).with(form::HATCHED);
            self.push(Shape { ink: tone(palette.ground, lit * 0.45), ..bar });
        } else if share > 0.004 {
            self.push(
                boxed(rect, radius, tone(mix(palette.muted, palette.surface, 0.15), lit)).filled(flag, share.max(0.02)),
            );
        }
    }

    /// What a machine or a stack is called.
    pub(super) fn island_name(&mut self, node: usize, at: Point, hold: Hold, style: super::Style, most: f32) -> f32 {
        let groups = &self.sight.model.groups;
        match self.index.nodes[node].0 {
            Node::Machine(group, ordinal) => {
                let Some(group) = groups.get(group) else { return 0.0 };
                let one = group.count <= 1 && ordinal == 0;
                self.say(at, hold, style, most, |text| {
                    text.push_str(&group.name);
                    if !one {
                        text.push('/');
                        count(text, u64::from(ordinal));
                    }
                })
            }
            Node::Stack(group) => {
                let Some(group) = groups.get(group) else { return 0.0 };
                let many = self.index.housed(node).len() as u64;
                self.say(at, hold, style, most, |text| {
                    text.push_str(&group.name);
                    text.push_str("  ×");
                    count(text, many);
                })
            }
            Node::Source(_) | Node::Apart(..) => 0.0,
        }
    }

    /// The ring that tells how long until it serves. Returns the room it took on the left of `at`.
    pub(super) fn countdown(
        &mut self,
        at: Point,
        until: Option<crate::units::Time>,
        whole_s: f64,
        lit: f32,
        rank: Rank,
    ) -> f32 {
        let palette = self.sight.palette;
        let left_s = until.map(|until| (until.0 - self.sight.frame.now.0).max(0) as f64 / 1e9);
        let share = left_s.map_or(0.25, |left| (left / whole_s.max(left).max(1e-9)) as f32);
        let radius = 7.0;
        let middle = Point { x: at.x - radius, y: at.y };
        let ring = Shape::glyph(form::RING, middle, radius, tone(palette.text, lit));
        self.push(Shape { share: share.min(0.999), line: 2.0, ink: tone(palette.muted, lit), ..ring });
        let Some(left_s) = left_s else { return 2.0 * radius };
        let style = style(size::SMALL, Face::Regular, tone(palette.text, lit), rank);
        let before = Point { x: at.x - 2.0 * radius - 6.0, y: at.y };
        2.0 * radius + 6.0 + self.say(before, Hold::Right, style, 64.0, |text| countdown(text, left_s)) + GRID
    }

    /// A machine's own state, if it has one machine.
    pub(super) fn only_machine(&self, node: usize) -> Option<(u32, Machine)> {
        match self.index.housed(node) {
            [one] => Some((*one, self.sight.frame.machines[*one as usize])),
            _ => None,
        }
    }
}
