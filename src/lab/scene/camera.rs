//! Where the canvas lies in its part of the window. Pixels count from the upper left of that part.

use crate::layout::{Point, Rect};

/// A look at the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What its middle shows.
    pub center: Point,
    /// Pixels for a unit of the canvas.
    pub zoom: f32,
    /// Its extent, pixels.
    pub size: Point,
}

impl Camera {
    /// Where a point of the canvas is in the window.
    #[must_use]
    pub fn to_screen(&self, point: Point) -> Point {
        Point {
            x: (point.x - self.center.x) * self.zoom + self.size.x * 0.5,
            y: (point.y - self.center.y) * self.zoom + self.size.y * 0.5,
        }
    }

    /// What point of the canvas is there in the window.
    #[must_use]
    pub fn to_canvas(&self, point: Point) -> Point {
        Point {
            x: (point.x - self.size.x * 0.5) / self.zoom + self.center.x,
            y: (point.y - self.size.y * 0.5) / self.zoom + self.center.y,
        }
    }

    /// A box of the canvas in the window.
    #[must_use]
    pub fn rect(&self, rect: Rect) -> Rect {
        let corner = self.to_screen(Point { x: rect.x, y: rect.y });
        Rect { x: corner.x, y: corner.y, width: rect.width * self.zoom, height: rect.height * self.zoom }
    }

    /// Whether any of a box of the window, with so much around it, is in sight.
    #[must_use]
    pub fn sees(&self, rect: Rect, around: f32) -> bool {
        rect.x < self.size.x + around
            && rect.y < self.size.y + around
            && rect.x + rect.width > -around
            && rect.y + rect.height > -around
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_the_window_is_a_point_of_the_canvas() {
        let camera = Camera { center: Point { x: 300.0, y: -40.0 }, zoom: 0.7, size: Point { x: 1280.0, y: 800.0 } };
        let there = camera.to_screen(camera.to_canvas(Point { x: 200.0, y: 640.0 }));
        assert!((there.x - 200.0).abs() < 0.01 && (there.y - 640.0).abs() < 0.01);
        assert_eq!(camera.to_screen(camera.center), Point { x: 640.0, y: 400.0 });
        let rect = camera.rect(Rect { x: 300.0, y: -40.0, width: 100.0, height: 50.0 });
        assert_eq!((rect.width, rect.height), (70.0, 35.0));
        assert!(
            camera.sees(rect, 0.0)
                && !camera.sees(Rect { x: 1_281.0, ..rect }, 0.0)
                && camera.sees(Rect { x: 1_281.0, ..rect }, 8.0)
        );
    }
}
