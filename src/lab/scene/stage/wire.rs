//! Links: as wide as the root of what goes over them; lit where callers wait for what is to blame.

use super::super::figure::figure;
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, Tone, form};
use super::{Detail, Stage, boxed, eased, key, mix, small, tone};
use crate::lab::action::Subject;
use crate::layout::{Point, Rect, Wire, WireEnd};
use std::collections::BTreeMap;

/// A caller that is a source, in a number of its own.
const SOURCE: u32 = 1 << 31;

/// Straight pieces of a wire at most, and how long one is, pixels.
pub(in super::super) const PIECES: u8 = 48;
const PIECE: f32 = 20.0;

/// A wire in the window: see `layout::Wire`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve(Wire);

impl Curve {
    /// Something on this way.
    pub fn shape(&self) -> Shape {
        let Wire { start, end, leave, arrive, straight, via, .. } = self.0;
        let (lean, straight) = via.map_or(([leave, arrive], straight), |via| ([0.0, straight[1]], [via.x, via.y]));
        Shape { from: [start.x, start.y], to: [end.x, end.y], lean, straight, ..Shape::default() }
    }

    /// The flag of what is on this way.
    pub const fn flag(&self) -> u32 {
        if self.0.via.is_some() { form::VIA } else { 0 }
    }

    /// A point of it.
    pub fn at(&self, share: f32) -> Point {
        self.0.at(share)
    }

    /// Whether any of it is in a window of that size.
    pub fn is_seen(&self, size: Point) -> bool {
        let Wire { start, end, .. } = self.0;
        let inner = self.0.curves().into_iter().flatten().chain([start, end]);
        let (mut low, mut high) = (start, start);
        for point in inner {
            (low.x, low.y) = (low.x.min(point.x), low.y.min(point.y));
            (high.x, high.y) = (high.x.max(point.x), high.y.max(point.y));
        }
        low.x < size.x + 16.0 && high.x > -16.0 && low.y < size.y + 16.0 && high.y > -16.0
    }
}

/// What runs over a piece of the canvas's wires: over a wire, or over one half of several that run together there.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The wire it is drawn for.
    owner: usize,
    sent: f32,
    chain: bool,
    marked: bool,
}

/// One half of wires that run together: which half, whose, and where they meet.
type Together = (bool, u32, u32, [u32; 2]);

/// The halves of a wire that others may share: up to where all meet, by its caller; from there on, by its link and whom
/// it calls.
fn halves(wire: &Wire) -> Option<[Together; 2]> {
    let via = wire.via?;
    let code = |end: WireEnd| match end {
        WireEnd::Source(source) => SOURCE | source.number(),
        WireEnd::Seat(seat) => seat,
    };
    let at = [via.x.to_bits(), via.y.to_bits()];
    Some([(false, code(wire.from), 0, at), (true, code(wire.to), wire.link.number(), at)])
}

impl Stage<'_> {
    pub(super) fn wires(&mut self) {
        let mut together: BTreeMap<Together, Run> = BTreeMap::new();
        for at in 0..self.sight.layout.wires().len() {
            let Some(halves) = halves(&self.sight.layout.wires()[at]) else { continue };
            let own = self.run_of(at);
            for half in halves {
                let run = together.entry(half).or_insert(Run { sent: 0.0, ..own });
                run.sent += own.sent;
                run.chain |= own.chain;
                run.marked |= own.marked;
            }
        }
        for at in 0..self.sight.layout.wires().len() {
            let curve = self.curve(at);
            if curve.is_seen(self.sight.camera.size) {
                self.wire(at, curve, &together);
            }
        }
        self.rates();
    }

    fn run_of(&self, at: usize) -> Run {
        let Wire { link, .. } = self.sight.layout.wires()[at];
        let traffic = self.index.traffic[at];
        let chain = self.blame.lights_link(link) && (traffic.in_flight > 0 || traffic.sent > 0.0);
        Run { owner: at, sent: traffic.sent, chain, marked: self.is_marked(&Subject::Link(link)) }
    }

    /// A wire in the window, as its boxes are on their way: its ends and how it bends between them.
    pub(super) fn curve(&self, at: usize) -> Curve {
        let wire = &self.sight.layout.wires()[at];
        let camera = &self.sight.camera;
        let shift = |end: WireEnd| {
            let node = match end {
                WireEnd::Source(source) => self.index.crowds.get(source.index()).copied(),
                WireEnd::Seat(seat) => self.index.homes.get(seat as usize).copied(),
            };
            node.and_then(|node| self.index.standing.get(node as usize)).map_or(Point::default(), |pose| pose.shift)
        };
        let (first, last) = (shift(wire.from), shift(wire.to));
        let moved = |point: Point, by: Point| camera.to_screen(Point { x: point.x + by.x, y: point.y + by.y });
        let (start, end) = (moved(wire.start, first), moved(wire.end, last));
        let mean = Point { x: (first.x + last.x) / 2.0, y: (first.y + last.y) / 2.0 };
        // While boxes are on their way to their places, the ends may be closer than they will be.
        let drawn = (end.x - start.x).max(0.0) / (wire.end.x - wire.start.x).abs().max(1.0);
        Curve(Wire {
            start,
            end,
            straight: wire.straight.map(|run| run * drawn),
            leave: wire.leave * camera.zoom,
            arrive: wire.arrive * camera.zoom,
            via: wire.via.map(|via| moved(via, mean)),
            ..*wire
        })
    }

    fn wire(&mut self, at: usize, curve: Curve, together: &BTreeMap<Together, Run>) {
        let Wire { link, .. } = self.sight.layout.wires()[at];
        let of = link.number() << 16 | at as u32 & 0xFFFF;
        let Some(halves) = halves(&self.sight.layout.wires()[at]) else {
            let (width, color) = self.strand((of, 0), curve, [0.0, 1.0], self.run_of(at));
            return self.arrow(curve, width, color);
        };
        let middle = curve.0.via.map_or(0.5, |via| curve.0.share_of(via));
        for (half, shares) in halves.into_iter().zip([[0.0, middle], [middle, 1.0]]) {
            let Some(run) = together.get(&half).copied().filter(|run| run.owner == at) else { continue };
            let (width, color) = self.strand((of, if half.0 { 4 } else { 0 }), curve, shares, run);
            if half.0 {
                self.arrow(curve, width, color);
            }
        }
    }

    /// A piece of a wire, between two shares of its way. Returns how wide it is and its colour.
    fn strand(&mut self, (of, part): (u32, u8), curve: Curve, [from, to]: [f32; 2], run: Run) -> (f32, Tone) {
        let palette = self.sight.palette;
        let goal = thickness(run.sent, self.sight.camera.zoom);
        let width = self.ease.from(key(eased::WIRE, of, part), 0.0, goal, 0.02);
        let lit = if self.blame.culprit().is_empty() || run.chain || run.marked { 1.0 } else { self.dimmed() };
        let lit = self.ease.from(key(eased::WIRE, of, part + 1), 0.0, lit, 0.01);
        let warm = self.ease.share(key(eased::WIRE, of, part + 2), if run.chain { 1.0 } else { 0.0 });
        let calm = mix(palette.line, palette.muted, if run.marked { 0.9 } else { 0.3 });
        let color = tone(mix(calm, palette.waiting, warm * 0.5), lit);
        let width = if run.marked { width + 1.0 } else { width };
        let ends = Shape { size: width, fill: color, form: form::RIBBON | curve.flag(), ..curve.shape() };
        let Curve(Wire { start, end, leave, .. }) = curve;
        let across = (end.x - start.x).abs() + (end.y - start.y).abs() + leave.abs();
        let pieces = ((across / PIECE) as u8).clamp(8, PIECES);
        let shares: Vec<f32> =
            curve.0.shares(pieces, 1).filter(|share| (from - 1e-4..=to + 1e-4).contains(share)).collect();
        self.out.shapes.extend(shares.windows(2).map(|pair| Shape { share: pair[0], speed: pair[1], ..ends }));
        (width, color)
    }

    fn arrow(&mut self, curve: Curve, width: f32, color: Tone) {
        let Curve(Wire { end, arrive, .. }) = curve;
        let size = 3.0 + width * 0.5;
        let (back, flag) = if arrive > 0.0 { (-size, form::LEFTWARD) } else { (size, 0) };
        self.push(Shape::glyph(form::ARROW | flag, Point { x: end.x - back, y: end.y }, size, color));
    }

    /// What goes over a link that is picked or pointed at: once, in the middle of its first wire that is seen.
    fn rates(&mut self) {
        if self.detail_of_wires() < Detail::Small {
            return;
        }
        let wires = self.sight.layout.wires();
        let marked = |at: &usize| self.is_marked(&Subject::Link(wires[*at].link));
        let Some(first) = (0..wires.len()).find(marked) else { return };
        let same = |at: &usize| wires[*at].link == wires[first].link;
        let sent: f32 = (0..wires.len()).filter(same).map(|at| self.index.traffic[at].sent).sum();
        let curve = self.curve(first);
        let middle = curve.at(if curve.flag() == 0 { 0.5 } else { 0.75 });
        let palette = self.sight.palette;
        let style = small(tone(palette.text, 1.0), Rank::Picked);
        let before = self.out.labels.len();
        self.say(Point { y: middle.y - 16.0, ..middle }, Hold::Middle, style, 160.0, |text| {
            figure(text, sent);
            text.push_str("/s");
        });
        // On a plate: it stands on its own wire.
        if let Some(words) = self.out.labels.shown_from(before, self.sight.camera.size) {
            let plate =
                Rect { x: words.x - 5.0, y: words.y - 1.0, width: words.width + 10.0, height: words.height + 2.0 };
            let plate = boxed(plate, 6.0, tone(palette.ground, 0.92)).outlined(1.0, tone(palette.line, 1.0));
            self.push(plate);
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
