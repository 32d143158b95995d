//! Links: as wide as the root of what goes over them; lit where callers wait for what is to blame.

use super::super::figure::figure;
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::{Detail, Stage, eased, key, mix, small, tone};
use crate::lab::action::Subject;
use crate::layout::{Point, Wire, WireEnd};

/// Straight pieces of a wire at most, and how long one is, pixels.
pub(in super::super) const PIECES: u8 = 48;
const PIECE: f32 = 20.0;

/// A wire in the window: see `layout::Wire`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve(Wire);

impl Curve {
    /// Something on this way.
    pub fn shape(&self) -> Shape {
        let Wire { start, end, leave, arrive, straight, .. } = self.0;
        Shape { from: [start.x, start.y], to: [end.x, end.y], lean: [leave, arrive], straight, ..Shape::default() }
    }

    /// A point of it.
    pub fn at(&self, share: f32) -> Point {
        self.0.at(share)
    }

    /// Whether any of it is in a window of that size.
    pub fn is_seen(&self, size: Point) -> bool {
        let Wire { start, end, .. } = self.0;
        let xs = self.0.curve().map(|point| point.x).into_iter().chain([start.x, end.x]);
        let (left, right) = xs.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, r), x| (l.min(x), r.max(x)));
        let (top, bottom) = (start.y.min(end.y), start.y.max(end.y));
        left < size.x + 16.0 && right > -16.0 && top < size.y + 16.0 && bottom > -16.0
    }
}

impl Stage<'_> {
    pub(super) fn wires(&mut self) {
        for at in 0..self.sight.layout.wires().len() {
            let curve = self.curve(at);
            if curve.is_seen(self.sight.camera.size) {
                self.wire(at, curve);
            }
        }
    }

    /// A wire in the window, as its boxes are on their way: its ends and how it bends between them.
    pub(super) fn curve(&self, at: usize) -> Curve {
        let wire = &self.sight.layout.wires()[at];
        let camera = &self.sight.camera;
        let moved = |end: WireEnd, point: Point| {
            let node = match end {
                WireEnd::Source(source) => self.index.crowds.get(source.index()).copied(),
                WireEnd::Seat(seat) => self.index.homes.get(seat as usize).copied(),
            };
            let shift = node
                .and_then(|node| self.index.standing.get(node as usize))
                .map_or(Point::default(), |standing| standing.shift);
            camera.to_screen(Point { x: point.x + shift.x, y: point.y + shift.y })
        };
        let (start, end) = (moved(wire.from, wire.start), moved(wire.to, wire.end));
        // While boxes are on their way to their places, the ends may be closer than they will be.
        let drawn = (end.x - start.x).max(0.0) / (wire.end.x - wire.start.x).abs().max(1.0);
        Curve(Wire {
            start,
            end,
            straight: wire.straight.map(|run| run * drawn),
            leave: wire.leave * camera.zoom,
            arrive: wire.arrive * camera.zoom,
            ..*wire
        })
    }

    fn wire(&mut self, at: usize, curve: Curve) {
        let palette = self.sight.palette;
        let Wire { link, .. } = self.sight.layout.wires()[at];
        let traffic = self.index.traffic[at];
        let of = link.number() << 16 | at as u32 & 0xFFFF;
        let width = self.ease.from(key(eased::WIRE, of, 0), 0.0, thickness(traffic.sent, self.sight.camera.zoom), 0.02);
        let chain = self.blame.lights_link(link) && (traffic.in_flight > 0 || traffic.sent > 0.0);
        let marked = self.is_marked(&Subject::Link(link));
        let lit = if self.blame.culprit().is_empty() || chain || marked { 1.0 } else { self.dimmed() };
        let lit = self.ease.from(key(eased::WIRE, of, 1), 0.0, lit, 0.01);
        let warm = self.ease.share(key(eased::WIRE, of, 2), if chain { 1.0 } else { 0.0 });
        let calm = mix(palette.line, palette.muted, if marked { 0.9 } else { 0.3 });
        let color = tone(mix(calm, palette.waiting, warm * 0.5), lit);
        let width = if marked { width + 1.0 } else { width };
        let ends = Shape { size: width, fill: color, form: form::RIBBON, ..curve.shape() };
        let Curve(Wire { start, end, leave, arrive, .. }) = curve;
        let across = (end.x - start.x).abs() + (end.y - start.y).abs() + leave.abs();
        let pieces = ((across / PIECE) as u8).clamp(8, PIECES);
        let shares: Vec<f32> = curve.0.shares(pieces, 1).collect();
        self.out.shapes.extend(shares.windows(2).map(|pair| Shape { share: pair[0], speed: pair[1], ..ends }));
        let size = 3.0 + width * 0.5;
        let (back, flag) = if arrive > 0.0 { (-size, form::LEFTWARD) } else { (size, 0) };
        self.push(Shape::glyph(form::ARROW | flag, Point { x: end.x - back, y: end.y }, size, color));
        if marked && self.detail_of_wires() >= Detail::Small {
            let middle = curve.at(0.5);
            let style = small(tone(palette.text, 1.0), Rank::Picked);
            self.say(Point { y: middle.y - 10.0 - width * 0.5, ..middle }, Hold::Middle, style, 160.0, |text| {
                figure(text, traffic.sent);
                text.push_str("/s");
            });
        }
    }

    fn detail_of_wires(&self) -> Detail {
        Detail::of(240.0 * self.sight.camera.zoom)
    }
}

/// Pixels across for so many calls a second.
pub(in super::super) fn thickness(per_s: f32, zoom: f32) -> f32 {
    let near = zoom.clamp(0.1, 1.5).sqrt();
    (1.0 + 0.42 * per_s.max(0.0).sqrt()).min(12.0) * near
}
