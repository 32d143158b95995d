//! What is to be seen of a layout: wires that cross, wires behind boxes.

use surgelab::layout::{Layout, Node, Point, Wire, WireEnd};

const PIECES: u8 = 32;

fn points(wire: &Wire) -> Vec<Point> {
    (0..=PIECES).map(|piece| wire.at(f32::from(piece) / f32::from(PIECES))).collect()
}

/// On which side of a line a point lies.
fn side(from: Point, to: Point, point: Point) -> bool {
    (to.x - from.x) * (point.y - from.y) > (to.y - from.y) * (point.x - from.x)
}

fn meet(a: &[Point], b: &[Point]) -> bool {
    side(a[0], a[1], b[0]) != side(a[0], a[1], b[1]) && side(b[0], b[1], a[0]) != side(b[0], b[1], a[1])
}

/// Pairs of wires that cross and have no end in common.
pub fn crossings(layout: &Layout) -> usize {
    let wires: Vec<(&Wire, Vec<Point>)> = layout.wires().iter().map(|wire| (wire, points(wire))).collect();
    let mut count = 0;
    for (at, (one, first)) in wires.iter().enumerate() {
        for (two, second) in &wires[at + 1..] {
            let apart = one.from != two.from && one.to != two.to;
            count += usize::from(apart && first.windows(2).any(|a| second.windows(2).any(|b| meet(a, b))));
        }
    }
    count
}

/// Wires that run behind boxes which are neither end's.
pub fn behind(layout: &Layout) -> usize {
    let home = |end: WireEnd| match end {
        WireEnd::Source(source) => Node::Source(source),
        WireEnd::Seat(seat) => layout.seats()[seat as usize].node,
    };
    let hidden = |wire: &&Wire| {
        let own = [home(wire.from), home(wire.to)];
        layout
            .nodes()
            .filter(|(node, _)| !own.contains(node))
            .any(|(_, rect)| points(wire).iter().any(|point| rect.contains(*point)))
    };
    layout.wires().iter().filter(hidden).count()
}
