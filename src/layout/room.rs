//! Where there is room: the free place nearest to a wanted place.

use super::shape::snap;
use super::{Point, Rect};

/// Between what stands on the canvas, at least.
pub(super) const MARGIN: f32 = 40.0;

/// The corner nearest to `wanted` at which a box of that size keeps this margin to everything taken. Sideways is
/// further than up and down: a column is left last.
pub(super) fn nearest(wanted: Point, size: Point, taken: &[Rect], margin: f32) -> Point {
    let wanted = snap(wanted);
    let free = |corner: Point| {
        let here = Rect::at(corner, size);
        !taken.iter().any(|other| here.overlaps(&other.grown(margin)))
    };
    if free(wanted) {
        return wanted;
    }
    // The best place touches something on each axis, or lies level with the wanted place.
    let (mut across, mut down) = (vec![wanted.x], vec![wanted.y]);
    for other in taken.iter().map(|rect| rect.grown(margin)) {
        across.extend([other.x - size.x, other.x + other.width]);
        down.extend([other.y - size.y, other.y + other.height]);
    }
    let outward = |values: &mut Vec<f32>, from: f32| {
        values.sort_by(|a, b| (a - from).abs().total_cmp(&(b - from).abs()).then(a.total_cmp(b)));
        values.dedup();
    };
    outward(&mut across, wanted.x);
    outward(&mut down, wanted.y);
    let mut best: Option<(f32, Point)> = None;
    for &x in &across {
        let aside = 2.0 * (x - wanted.x).abs();
        if best.is_some_and(|(cost, _)| aside >= cost) {
            break;
        }
        for &y in &down {
            let cost = aside + (y - wanted.y).abs();
            if best.is_some_and(|(least, _)| cost >= least) {
                break;
            }
            if free(Point { x, y }) {
                best = Some((cost, Point { x, y }));
            }
        }
    }
    // Beyond the last of all there is always room; the search has met that edge.
    best.map_or(wanted, |(_, corner)| corner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_room_keeps_its_distance() {
        let size = Point { x: 80.0, y: 80.0 };
        let taken =
            [Rect { x: 0.0, y: 0.0, width: 80.0, height: 80.0 }, Rect { x: 0.0, y: 120.0, width: 80.0, height: 80.0 }];
        let corner = nearest(Point { x: 0.0, y: 8.0 }, size, &taken, MARGIN);
        assert_eq!(corner, Point { x: 0.0, y: -120.0 });
        assert_eq!(nearest(Point { x: 400.0, y: 3.0 }, size, &taken, MARGIN), Point { x: 400.0, y: 0.0 });
    }
}
