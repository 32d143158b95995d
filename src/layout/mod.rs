//! Where boxes and links go: the lab's canvas, the gallery and the HTML report share it.
//!
//! The crowd stands on the left, calls flow to the right, stores end up on the right. A machine is an island and
//! carries the instances that run on it; more than [`STACK`] machines of a group share one island. What runs on no
//! machine of ours stands alone. A place once given is kept: whatever is added goes where there is room, and moves
//! nothing. What a person placed stands in a file beside the scenario ([`Positions`]), never in the scenario itself.
//!
//! Units are pixels of the canvas at zoom 1; y grows downward.

mod arrange;
mod inventory;
mod flow;
mod order;
mod placing;
mod plans;
mod room;
mod seating;
mod shape;
mod sidecar;
mod current;
mod wires;

pub use current::Layout;
pub use shape::{CROWD, HEADER, PADDING, SEAT, STACK_HEADER};
pub use sidecar::Positions;

use crate::model::{GroupId, LinkId, ServiceId, SourceId};

/// Machines of a group that are shown one by one; more share an island.
pub const STACK: usize = 8;

/// Processes of a service on one machine that are shown one by one; more share a seat.
pub const PROCESSES: usize = 4;

/// Straight pieces that stand for a wire.
const PIECES: u8 = 24;

/// A point of the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Units to the right.
    pub x: f32,
    /// Units downward.
    pub y: f32,
}

/// A box of the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left edge.
    pub x: f32,
    /// Its upper edge.
    pub y: f32,
    /// Extent to the right.
    pub width: f32,
    /// Extent downward.
    pub height: f32,
}

/// What has a place of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// The people of a source.
    Source(SourceId),
    /// A machine, by its number in the group.
    Machine(GroupId, u32),
    /// All machines of a group that has many.
    Stack(GroupId),
    /// An instance that runs on no machine of ours, by its number in the service.
    Apart(ServiceId, u32),
}

/// What there is to be placed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Machines: group and number. Not those that are gone.
    pub machines: Vec<(GroupId, u32)>,
    /// Instances: service, number, and position of its machine in `machines`. Not those that are gone.
    pub instances: Vec<(ServiceId, u32, Option<u32>)>,
}

/// A place for an instance on an island.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seat {
    /// The service whose instance sits here.
    pub service: ServiceId,
    /// Which instance; none: all of them on a stack, or on a machine that has many.
    pub ordinal: Option<u32>,
    /// On which island.
    pub node: Node,
    /// What it covers of the canvas.
    pub rect: Rect,
}

/// A link between two boxes: it leaves on the right of the one and arrives on the left of the other, if it can.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wire {
    /// Which link.
    pub link: LinkId,
    /// Seat or source it leaves; position in [`Layout::seats`], or a source.
    pub from: WireEnd,
    /// Seat it arrives at.
    pub to: WireEnd,
    /// Where it leaves.
    pub start: Point,
    /// Where it arrives. Between them runs a cubic Bézier curve with level tangents: see [`Wire::curve`].
    pub end: Point,
    /// So far it goes straight on from `start` before it bends, and has gone straight when it comes to `end`: through
    /// the gaps of a column of boxes. To the right, both; 0 where it bends at once.
    pub straight: [f32; 2],
    /// From the curve's first point to its first inner one, level with it; to the right is positive.
    pub leave: f32,
    /// From the curve's last point to its second inner one, level with it; negative where it arrives from the left.
    pub arrive: f32,
    /// A point between its ends through which it runs, level: a gap between boxes, or where many run as one. Then it is
    /// two curves, each bent half-way, and goes straight at most before `end`.
    pub via: Option<Point>,
}

/// What is under a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hit {
    /// Position in [`Layout::seats`].
    Seat(usize),
    /// A box beside its seats.
    Node(Node),
    /// Position in [`Layout::wires`].
    Wire(usize),
}

/// An end of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WireEnd {
    /// A source's people.
    Source(SourceId),
    /// Position in [`Layout::seats`].
    Seat(u32),
}

/// A curve between two points with level tangents, bent half-way.
fn swing(from: Point, to: Point) -> [Point; 4] {
    let reach = (to.x - from.x) / 2.0;
    [from, Point { x: from.x + reach, ..from }, Point { x: to.x - reach, ..to }, to]
}

/// The point at a share of a cubic Bézier curve.
fn along([a, b, c, d]: [Point; 4], share: f32) -> Point {
    let back = 1.0 - share;
    let weights = [back * back * back, 3.0 * back * back * share, 3.0 * back * share * share, share * share * share];
    let mix = |a: f32, b: f32, c: f32, d: f32| weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d;
    Point { x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y) }
}

impl Wire {
    /// Its curves, each by its four points; straight pieces lead from `start` to the first and from the last to `end`.
    #[must_use]
    pub fn curves(&self) -> Vec<[Point; 4]> {
        if let Some(via) = self.via {
            return vec![swing(self.start, via), swing(via, self.curve()[3])];
        }
        vec![self.curve()]
    }

    fn curve(&self) -> [Point; 4] {
        let level = |point: Point, by: f32| Point { x: point.x + by, y: point.y };
        let (first, last) = (level(self.start, self.straight[0]), level(self.end, -self.straight[1]));
        [first, level(first, self.leave), level(last, self.arrive), last]
    }

    /// Points of it, from end to end, close enough for straight pieces between them to look like it.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        self.shares(PIECES, PIECES / 4).map(|share| self.at(share))
    }

    /// Shares of the way from 0 to 1 that cut the curve into so many pieces, and the straight pieces, where there are
    /// any.
    pub fn shares(&self, curve: u8, straight: u8) -> impl Iterator<Item = f32> + use<> {
        let [first, last] = self.bends();
        let cut = |from: f32, to: f32, pieces: u8| {
            let pieces = if from < to { pieces } else { 0 };
            (0..pieces).map(move |piece| from + (to - from) * f32::from(piece) / f32::from(pieces))
        };
        // Of two curves each is cut so.
        let middle = self.via.map_or(last, |via| self.share_of(via));
        let second = if self.via.is_some() { cut(middle, last, curve) } else { cut(last, last, 0) };
        cut(0.0, first, straight)
            .chain(cut(first, middle, curve))
            .chain(second)
            .chain(cut(last, 1.0, straight))
            .chain([1.0])
    }

    /// The share of the way at which it runs through a point between its ends: as much as of the way across.
    #[must_use]
    pub fn share_of(&self, via: Point) -> f32 {
        ((via.x - self.start.x) / (self.end.x - self.start.x).max(1.0)).clamp(0.05, 0.95)
    }

    /// The shares of the way at which the curve begins and ends: straight pieces take their part of the way across.
    fn bends(&self) -> [f32; 2] {
        let across = (self.end.x - self.start.x).abs().max(f32::MIN_POSITIVE);
        [self.straight[0] / across, 1.0 - self.straight[1] / across]
    }

    /// The point at a share of the way, 0 to 1.
    #[must_use]
    pub fn at(&self, share: f32) -> Point {
        let ([first, last], across) = (self.bends(), self.end.x - self.start.x);
        if share < first {
            return Point { x: self.start.x + across * share, y: self.start.y };
        }
        if share > last {
            return Point { x: self.end.x - across * (1.0 - share), y: self.end.y };
        }
        if let Some(via) = self.via {
            let half = self.share_of(via);
            return if share < half {
                along(swing(self.start, via), share / half)
            } else {
                along(swing(via, self.curve()[3]), (share - half) / (last - half).max(f32::MIN_POSITIVE))
            };
        }
        along(self.curve(), (share - first) / (last - first))
    }
}

impl Rect {
    /// The middle.
    #[must_use]
    pub fn center(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    /// Whether the point is inside.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        (self.x..=self.x + self.width).contains(&point.x) && (self.y..=self.y + self.height).contains(&point.y)
    }

    /// Whether the two share an area.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}
