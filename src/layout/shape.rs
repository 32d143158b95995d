//! How big a box is, and where on it the seats are.

use super::{Point, Rect};

/// Everything stands on multiples of this.
pub(super) const GRID: f32 = 8.0;
/// Height of a machine's box above its seats: room for its name and gauges.
pub const HEADER: f32 = 56.0;
/// The same of a stack: room for its name and the spread of its gauges.
pub const STACK_HEADER: f32 = 96.0;
/// Extent of an instance, and of what runs on no machine.
pub const SEAT: Point = Point { x: 208.0, y: 96.0 };
/// Between seats.
pub(super) const BETWEEN_SEATS: f32 = 8.0;
/// From the seats to the edge of their box.
pub const PADDING: f32 = 16.0;
/// Width and height of a source.
pub const CROWD: f32 = 160.0;
/// Seats below each other; more stand beside.
const TALLEST: u32 = 4;

/// What an island offers, whoever sits there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    /// Above the seats.
    pub header: f32,
    /// Seats it was made for.
    pub cells: u32,
}

impl Plan {
    /// An island for so many.
    pub fn island(cells: u32) -> Self {
        Self { header: HEADER, cells: cells.max(1) }
    }

    /// A stack of so many services.
    pub fn stack(services: u32) -> Self {
        Self { header: STACK_HEADER, cells: services.max(1) }
    }

    fn columns(cells: u32) -> u32 {
        cells.div_ceil(TALLEST).clamp(1, 3)
    }

    /// Its extent.
    pub fn size(self) -> Point {
        let columns = Self::columns(self.cells);
        let rows = self.cells.div_ceil(columns);
        let length = |count: u32, each: f32| count as f32 * (each + BETWEEN_SEATS) - BETWEEN_SEATS;
        Point { x: 2.0 * PADDING + length(columns, SEAT.x), y: self.header + length(rows, SEAT.y) + PADDING }
    }

    /// Height at which calls come and go, where islands of this plan fill such a height.
    pub fn port(self, height: f32) -> f32 {
        self.header + (height - self.header - PADDING) / 2.0
    }

    /// The seat at a cell of an island that stands there. Where more came than it was made for, seats are less high.
    pub fn seat(self, island: Rect, cell: u32, cells: u32) -> Rect {
        let columns = Self::columns(self.cells);
        let rows = cells.max(self.cells).div_ceil(columns);
        let step = (island.height - self.header - PADDING + BETWEEN_SEATS) / rows as f32;
        Rect {
            x: island.x + PADDING + (cell / rows) as f32 * (SEAT.x + BETWEEN_SEATS),
            y: island.y + self.header + (cell % rows) as f32 * step,
            width: SEAT.x,
            height: step - BETWEEN_SEATS.min(step * 0.25),
        }
    }
}

/// The nearest point of the grid.
pub(super) fn snap(point: Point) -> Point {
    Point { x: (point.x / GRID).round() * GRID, y: (point.y / GRID).round() * GRID }
}

impl Rect {
    /// A box of that size with its corner there.
    pub(super) fn at(corner: Point, size: Point) -> Self {
        Self { x: corner.x, y: corner.y, width: size.x, height: size.y }
    }

    /// Its upper left.
    pub(super) fn corner(&self) -> Point {
        Point { x: self.x, y: self.y }
    }

    /// With so much around it.
    pub(super) fn grown(&self, by: f32) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }

    /// The smallest around both.
    pub(super) fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: bottom - y }
    }
}
