//! Links as curves from seat to seat.

use super::shape::GRID;
use super::{Node, Point, Rect, Seat, Wire, WireEnd};
use crate::model::{Balance, Caller, LinkId, Model, ServiceId, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// Share of a side's height, in its middle, at which links come and go.
const USED: f32 = 0.5;
/// The least way across in which a wire bends from one height to another.
const TURN: f32 = 64.0;
/// How far out a wire bows that returns to the side it came from.
const BOW: f32 = 72.0;
/// Wires between callers and callees that are alike, from which on they run together.
const MANY: usize = 12;
/// From a box to a wire that goes around it.
const AROUND: f32 = 20.0;
/// Ways of bending, as shares of the way across at which the curve is still, and again, level: early, late, at once, at
/// last.
const BENDS: [(f32, f32); 6] = [(0.3, 0.8), (0.8, 0.3), (0.15, 0.9), (0.9, 0.15), (0.2, 0.5), (0.5, 0.2)];

/// A link, as far as it has a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tie {
    link: LinkId,
    caller: Caller,
    callee: ServiceId,
    /// It stays on the caller's machine, if there is somebody.
    beside: bool,
}

impl Tie {
    /// Those of a model that are not retired.
    pub fn all(model: &Model) -> Vec<Self> {
        let links = model.links.iter().enumerate().filter(|(_, link)| !link.retired);
        links
            .map(|(at, link)| Self {
                link: LinkId::new(at),
                caller: link.caller,
                callee: link.callee,
                beside: link.balance == Balance::SameMachine,
            })
            .collect()
    }
}

/// Which ends each link joins.
fn ends(ties: &[Tie], nodes: &[(Node, Rect)], seats: &[Seat]) -> Vec<(LinkId, WireEnd, WireEnd)> {
    let mut ends: Vec<(LinkId, WireEnd, WireEnd)> = Vec::new();
    let seats_of: BTreeMap<_, Vec<usize>> = seats.iter().enumerate().fold(BTreeMap::new(), |mut map, (at, seat)| {
        map.entry(seat.service).or_insert_with(Vec::new).push(at);
        map
    });
    let none = Vec::new();
    for tie in ties {
        let callees = seats_of.get(&tie.callee).unwrap_or(&none);
        let callers: Vec<WireEnd> = match tie.caller {
            Caller::Source(source) => nodes
                .iter()
                .filter(|(node, _)| *node == Node::Source(source))
                .map(|_| WireEnd::Source(source))
                .collect(),
            Caller::Service(service) => {
                seats_of.get(&service).unwrap_or(&none).iter().map(|&seat| WireEnd::Seat(seat as u32)).collect()
            }
        };
        for from in callers {
            let node = match from {
                WireEnd::Seat(seat) => Some(seats[seat as usize].node),
                WireEnd::Source(_) => None,
            };
            let beside = |callee: &usize| node == Some(seats[*callee].node);
            let stays = tie.beside && callees.iter().any(beside);
            ends.extend(
                callees
                    .iter()
                    .filter(|callee| !stays || beside(callee))
                    .map(|&to| (tie.link, from, WireEnd::Seat(to as u32))),
            );
        }
    }
    ends
}

/// A wire for each link, calling seat or source, and called seat.
pub(super) fn wires(ties: &[Tie], nodes: &[(Node, Rect)], seats: &[Seat]) -> Vec<Wire> {
    let ends = ends(ties, nodes, seats);
    let crowd: BTreeMap<SourceId, Rect> = nodes
        .iter()
        .filter_map(|(node, rect)| if let Node::Source(source) = node { Some((*source, *rect)) } else { None })
        .collect();
    let rect = |end: WireEnd| match end {
        WireEnd::Source(source) => crowd[&source],
        WireEnd::Seat(seat) => seats[seat as usize].rect,
    };
    let way = |from: WireEnd, to: WireEnd| Way::between(&rect(from), &rect(to), from == to);
    // Links share a side of a box in the order of the heights they go to.
    let mut sides: BTreeMap<(WireEnd, bool), BTreeMap<LinkId, (f32, u32)>> = BTreeMap::new();
    for &(link, from, to) in &ends {
        let way = way(from, to);
        let mut note = |end: WireEnd, right: bool, other: WireEnd| {
            let entry = sides.entry((end, right)).or_default().entry(link).or_default();
            *entry = (entry.0 + rect(other).center().y, entry.1 + 1);
        };
        note(from, way.leaves_right(), to);
        note(to, way.arrives_right(), from);
    }
    let port = |end: WireEnd, right: bool, link: LinkId| {
        let links = &sides[&(end, right)];
        let height = |(sum, count): (f32, u32)| sum / count as f32;
        let own = height(links[&link]);
        let above =
            links.iter().filter(|(other, sum)| height(**sum).total_cmp(&own).then(other.cmp(&&link)).is_lt()).count();
        let rect = rect(end);
        let share = (above as f32 + 1.0) / (links.len() as f32 + 1.0);
        let y = rect.y + rect.height * ((1.0 - USED) / 2.0 + USED * share);
        Point { x: if right { rect.x + rect.width } else { rect.x }, y }
    };
    let bundles = bundles(&ends, &rect);
    ends.into_iter()
        .map(|(link, from, to)| {
            let way = way(from, to);
            let (mut start, mut end) = (port(from, way.leaves_right(), link), port(to, way.arrives_right(), link));
            let via = bundles.get(&(from, to)).copied();
            if via.is_some() {
                start.y = rect(from).center().y;
            }
            if from == to {
                end.y += GRID;
            }
            let (leave, arrive) = way.bends(start, end);
            let home = |end: WireEnd| match end {
                WireEnd::Source(source) => Node::Source(source),
                WireEnd::Seat(seat) => seats[seat as usize].node,
            };
            let own = [home(from), home(to)];
            let others: Vec<Rect> =
                nodes.iter().filter(|(node, _)| !own.contains(node)).map(|(_, rect)| *rect).collect();
            let wire = Wire { link, from, to, start, end, straight: [0.0; 2], leave, arrive, via };
            let plain = Wire { via: None, ..wire }.dodging(&others);
            let together = via.map(|via| wire.together(via, &others));
            together.filter(|wire| wire.hidden(&others) <= plain.hidden(&others)).unwrap_or(plain)
        })
        .collect()
}

/// Where the calls of many equal callers to many others run together: each caller's go to one point, and from there to
/// whom they call. By caller and callee.
fn bundles(
    ends: &[(LinkId, WireEnd, WireEnd)],
    rect: &impl Fn(WireEnd) -> Rect,
) -> BTreeMap<(WireEnd, WireEnd), Point> {
    // Callers of one service call the same: who is called tells them from others.
    let mut called: BTreeMap<WireEnd, BTreeSet<WireEnd>> = BTreeMap::new();
    for (_, from, to) in ends {
        let onward = matches!(Way::between(&rect(*from), &rect(*to), from == to), Way::Onward);
        if onward && matches!(from, WireEnd::Seat(_)) {
            called.entry(*from).or_default().insert(*to);
        }
    }
    let mut alike: BTreeMap<&BTreeSet<WireEnd>, Vec<WireEnd>> = BTreeMap::new();
    for (from, to) in &called {
        alike.entry(to).or_default().push(*from);
    }
    let mut bundles = BTreeMap::new();
    for (to, from) in
        alike.into_iter().filter(|(to, from)| from.len() > 1 && to.len() > 1 && from.len() * to.len() >= MANY)
    {
        let right = from.iter().map(|end| rect(*end)).map(|rect| rect.x + rect.width).fold(f32::MIN, f32::max);
        let left = to.iter().map(|end| rect(*end).x).fold(f32::MAX, f32::min);
        let middle = from.iter().map(|end| rect(*end).center().y).sum::<f32>() / from.len() as f32;
        if left - right >= 2.0 * TURN {
            let via = Point { x: right + (left - right) * 0.4, y: middle };
            bundles.extend(from.iter().flat_map(|from| to.iter().map(move |to| ((*from, *to), via))));
        }
    }
    bundles
}

/// The curve between the middles of two boxes' sides, of no link in particular.
pub(super) fn wire(from: &Rect, to: &Rect) -> Wire {
    let way = Way::between(from, to, false);
    let side =
        |rect: &Rect, right: bool| Point { x: if right { rect.x + rect.width } else { rect.x }, y: rect.center().y };
    let (start, end) = (side(from, way.leaves_right()), side(to, way.arrives_right()));
    let (leave, arrive) = way.bends(start, end);
    Wire {
        link: LinkId::new(0),
        from: WireEnd::Seat(0),
        to: WireEnd::Seat(0),
        start,
        end,
        straight: [0.0; 2],
        leave,
        arrive,
        via: None,
    }
}

/// How a wire goes about.
#[derive(Clone, Copy)]
enum Way {
    /// To the right, as calls should.
    Onward,
    /// To the left.
    Back,
    /// To what stands above, below or is the same: out on the right and in on the right.
    Around,
}

impl Way {
    fn between(from: &Rect, to: &Rect, same: bool) -> Self {
        if same {
            Self::Around
        } else if from.x + from.width <= to.x {
            Self::Onward
        } else if to.x + to.width <= from.x {
            Self::Back
        } else {
            Self::Around
        }
    }

    fn leaves_right(self) -> bool {
        !matches!(self, Self::Back)
    }

    fn arrives_right(self) -> bool {
        !matches!(self, Self::Onward)
    }

    /// How far the inner points lie from the ends; to the right is positive.
    fn bends(self, start: Point, end: Point) -> (f32, f32) {
        let reach = (end.x - start.x).abs() * 0.5;
        match self {
            Self::Onward => (reach, -reach),
            Self::Back => (-reach, reach),
            Self::Around => {
                let bow = start.x.max(end.x) + BOW;
                (bow - start.x, bow - end.x)
            }
        }
    }
}

impl Wire {
    /// As it is, or bent earlier or later so that less of it runs behind these boxes.
    pub(super) fn bent(self, others: &[Rect]) -> Self {
        let across = self.end.x - self.start.x;
        self.least_hidden(
            others,
            BENDS.iter().map(|(leave, arrive)| Self { leave: leave * across, arrive: -arrive * across, ..self }),
        )
    }

    /// The same; where that is not enough, straight through the gaps of a column.
    pub(super) fn dodging(self, others: &[Rect]) -> Self {
        let across = self.end.x - self.start.x;
        // Bent before the first of the boxes between, or behind the last.
        let (top, bottom) = (self.start.y.min(self.end.y) - GRID, self.start.y.max(self.end.y) + GRID);
        let level = |rect: &&Rect| rect.y < bottom && rect.y + rect.height > top;
        let between =
            others.iter().filter(level).filter(|rect| rect.x > self.start.x && rect.x + rect.width < self.end.x);
        let after = between.clone().map(|rect| self.end.x - rect.x + GRID).fold(0.0, f32::max);
        let before = between.map(|rect| rect.x + rect.width + GRID - self.start.x).fold(0.0, f32::max);
        let straight =
            [[0.0, after], [before, 0.0]].into_iter().filter(|[before, after]| before + after + TURN <= across);
        let straight = straight.map(|[before, after]| {
            let reach = (across - before - after) * 0.5;
            Self { straight: [before, after], leave: reach, arrive: -reach, ..self }
        });
        let best = self.bent(others).least_hidden(others, straight);
        if best.hidden(others) == 0 || best.leave * best.arrive >= 0.0 || across < 2.0 * TURN {
            return best;
        }
        // Around what is in the way: above or below one of the boxes between.
        let between = others.iter().filter(|rect| rect.x > self.start.x && rect.x + rect.width < self.end.x);
        let around = between.flat_map(|rect| {
            let x = rect.center().x;
            [rect.y - AROUND, rect.y + rect.height + AROUND].map(|y| Point { x, y })
        });
        let mut ways: Vec<Point> = around.collect();
        let off = |via: &Point| (via.y - self.start.y).abs() + (via.y - self.end.y).abs();
        ways.sort_by(|a, b| off(a).total_cmp(&off(b)));
        best.least_hidden(others, ways.into_iter().map(|via| Self { via: Some(via), straight: [0.0; 2], ..self }))
    }

    /// Through where others run too, and from there to its end; straight through the gaps of a column, if it has to.
    fn together(self, via: Point, others: &[Rect]) -> Self {
        let between = others.iter().filter(|rect| rect.x > via.x && rect.x + rect.width < self.end.x);
        let after = between.map(|rect| self.end.x - rect.x + GRID).fold(0.0, f32::max);
        let ways = [[0.0, 0.0], [0.0, after]].into_iter().filter(|[_, after]| via.x + after + TURN <= self.end.x);
        let ways = ways.map(|straight| Self { via: Some(via), straight, ..self });
        ways.min_by_key(|wire| wire.hidden(others)).unwrap_or(self)
    }

    /// Itself or one of the others: the first of those of which the least runs behind boxes.
    fn least_hidden(self, boxes: &[Rect], others: impl Iterator<Item = Self>) -> Self {
        // What bows out to one side has no other way.
        if self.leave * self.arrive >= 0.0 {
            return self;
        }
        let (mut least, mut best) = (self.hidden(boxes), self);
        for other in others {
            if least == 0 {
                break;
            }
            let hidden = other.hidden(boxes);
            if hidden < least {
                (least, best) = (hidden, other);
            }
        }
        best
    }

    /// How many of a few of its points lie on or near these boxes.
    pub(super) fn hidden(&self, others: &[Rect]) -> usize {
        let ends = [self.start, self.end];
        self.points()
            .filter(|point| !ends.contains(point))
            .filter(|point| others.iter().any(|rect| rect.grown(GRID).contains(*point)))
            .count()
    }

    /// From a point to the nearest of a few points of the curve's pieces.
    pub fn distance(&self, point: Point) -> f32 {
        let points: Vec<Point> = self.points().collect();
        points.windows(2).map(|pair| away(point, pair[0], pair[1])).fold(f32::INFINITY, f32::min)
    }
}

/// From a point to a straight piece.
fn away(point: Point, from: Point, to: Point) -> f32 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx * dx + dy * dy;
    let share =
        if length > 0.0 { (((point.x - from.x) * dx + (point.y - from.y) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (point.x - from.x - share * dx, point.y - from.y - share * dy);
    (x * x + y * y).sqrt()
}
