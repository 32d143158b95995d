//! How the lab looks and what of the canvas is seen. Nothing of it touches a run.

use super::theme::CHANGE_S;
use crate::layout::{Point, Rect};

/// What is seen of the canvas, and how.
#[derive(Clone, Debug)]
pub struct View {
    /// The window's middle, on the canvas.
    pub center: Point,
    /// Pixels for a unit of the canvas.
    pub zoom: f32,
    /// Extent of the window onto the canvas, pixels.
    pub size: Point,
    /// Where it glides to: middle and zoom.
    pub goal: Option<(Point, f32)>,
    /// What was seen before something was brought into sight: middle and zoom, and whether it was everything.
    pub before: Option<(Point, f32, bool)>,
    /// It shows everything, whatever comes.
    pub follows: bool,
    /// Dark, or light.
    pub dark: bool,
    /// Panels are there.
    pub panels: bool,
    /// Only what must move does.
    pub still: bool,
    /// The scenarios that come along are shown.
    pub gallery: bool,
    /// The text of the scenario is shown.
    pub text: bool,
    /// What may be put in is shown.
    pub parts: bool,
    /// Edits hold from now on, not from the start.
    pub here: bool,
    /// The list of all commands is open, and was opened with this typed.
    pub palette: Option<String>,
    /// How often a field was to be found by its words.
    pub finding: u32,
    /// How A and B are shown beside each other.
    pub comparison: Comparison,
    /// Where the bar between them stands, as a share of the canvas.
    pub bar: f32,
}

/// How A and B are shown beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// One of them alone.
    #[default]
    Off,
    /// Their figures in a table where the inspector is.
    Table,
    /// That, and both on the canvas, A at the left of a bar and B at its right.
    Split,
}

/// Zoom at least, at most, and where everything is fitted in.
const LEAST: f32 = 0.05;
const MOST: f32 = 6.0;
const FITTED: f32 = 1.5;
/// Zoom at which every label is there.
const READ: f32 = 0.8;
/// A box so wide is seen in full detail, pixels.
const NEAR: f32 = 340.0;
/// Free pixels around what is fitted in: beside it, and above and below, where the caption and the legend are.
const MARGIN: f32 = 48.0;
const ABOVE: f32 = 72.0;
const BELOW: f32 = 40.0;

impl Default for View {
    fn default() -> Self {
        Self {
            center: Point::default(),
            zoom: 1.0,
            size: Point { x: 1280.0, y: 800.0 },
            goal: None,
            before: None,
            follows: true,
            dark: true,
            panels: true,
            still: false,
            gallery: false,
            text: false,
            parts: false,
            here: false,
            palette: None,
            finding: 0,
            comparison: Comparison::Off,
            bar: 0.5,
        }
    }
}

impl View {
    /// A point of the canvas in pixels from the window's upper left corner.
    #[must_use]
    pub fn to_window(&self, point: Point) -> Point {
        Point {
            x: (point.x - self.center.x) * self.zoom + self.size.x / 2.0,
            y: (point.y - self.center.y) * self.zoom + self.size.y / 2.0,
        }
    }

    /// The point of the canvas under a pixel of the window.
    #[must_use]
    pub fn to_canvas(&self, pixel: Point) -> Point {
        Point {
            x: (pixel.x - self.size.x / 2.0) / self.zoom + self.center.x,
            y: (pixel.y - self.size.y / 2.0) / self.zoom + self.center.y,
        }
    }

    /// A box is in sight and so large that all that is in it is told of.
    #[must_use]
    pub fn is_near(&self, rect: Rect) -> bool {
        let corner = self.to_window(Point { x: rect.x, y: rect.y });
        let (wide, high) = (rect.width * self.zoom, rect.height * self.zoom);
        wide > NEAR
            && corner.x < self.size.x
            && corner.y < self.size.y
            && corner.x + wide > 0.0
            && corner.y + high > 0.0
    }

    fn fitting(&self, bounds: Rect) -> (Point, f32) {
        let free = |size: f32, around: f32| (size - around).max(size * 0.5);
        let (above, below) = if self.panels { (ABOVE, BELOW) } else { (MARGIN, MARGIN) };
        let (wide, high) = (free(self.size.x, 2.0 * MARGIN), free(self.size.y, above + below));
        let zoom = (wide / bounds.width.max(1.0)).min(high / bounds.height.max(1.0)).clamp(LEAST, FITTED);
        let middle = bounds.center();
        (Point { y: middle.y - (above - below) / 2.0 / zoom, ..middle }, zoom)
    }

    /// See all of this at once.
    pub fn fit(&mut self, bounds: Rect) {
        (self.center, self.zoom) = self.fitting(bounds);
        self.goal = None;
    }

    /// The same, by and by.
    pub fn glide(&mut self, bounds: Rect) {
        let goal = self.fitting(bounds);
        if self.still {
            (self.center, self.zoom) = goal;
            self.goal = None;
        } else {
            self.goal = Some(goal);
        }
    }

    /// The window has this size, pixels.
    pub fn resize(&mut self, size: Point, bounds: Rect) {
        let changed = (self.size.x - size.x).abs() > 0.5 || (self.size.y - size.y).abs() > 0.5;
        self.size = size;
        if changed && self.follows {
            self.fit(bounds);
        }
    }

    /// Bring a box into sight, large enough to be read; what is in sight and large enough stays where it is.
    pub fn reveal(&mut self, rect: Rect) {
        let zoom = self.zoom.clamp(READ, 2.0);
        let corner = self.to_window(Point { x: rect.x, y: rect.y });
        let (right, bottom) = (corner.x + rect.width * zoom, corner.y + rect.height * zoom);
        let inside = corner.x >= 0.0 && corner.y >= 0.0 && right <= self.size.x && bottom <= self.size.y;
        if inside && zoom <= self.zoom && self.goal.is_none() {
            return;
        }
        self.before.get_or_insert((self.center, self.zoom, self.follows));
        self.follows = false;
        self.go((rect.center(), zoom));
    }

    /// Back to what was seen before, if something was brought into sight. Returns whether it was.
    pub fn back(&mut self) -> bool {
        let Some((center, zoom, follows)) = self.before.take() else { return false };
        self.follows = follows;
        self.go((center, zoom));
        true
    }

    fn go(&mut self, goal: (Point, f32)) {
        if self.still {
            (self.center, self.zoom) = goal;
        } else {
            self.goal = Some(goal);
        }
    }

    /// Zoom by a factor; what is under this pixel stays there.
    pub fn zoom_about(&mut self, factor: f32, pixel: Point) {
        let fixed = self.to_canvas(pixel);
        self.zoom = (self.zoom * factor).clamp(LEAST, MOST);
        let moved = self.to_canvas(pixel);
        self.center = Point { x: self.center.x + fixed.x - moved.x, y: self.center.y + fixed.y - moved.y };
        self.follows = false;
        self.before = None;
        self.goal = None;
    }

    /// Move the canvas by so many pixels.
    pub fn pan(&mut self, by: Point) {
        self.center = Point { x: self.center.x - by.x / self.zoom, y: self.center.y - by.y / self.zoom };
        self.follows = false;
        self.goal = None;
    }

    /// So many seconds have passed.
    pub fn pass(&mut self, seconds: f32) {
        let Some((center, zoom)) = self.goal else { return };
        let share = 1.0 - (-4.0 * seconds / CHANGE_S).exp();
        let towards = |from: f32, to: f32| from + (to - from) * share;
        self.center = Point { x: towards(self.center.x, center.x), y: towards(self.center.y, center.y) };
        self.zoom = towards(self.zoom, zoom);
        let near = |from: f32, to: f32, by: f32| (from - to).abs() < by;
        if near(self.center.x, center.x, 0.5)
            && near(self.center.y, center.y, 0.5)
            && near(self.zoom, zoom, zoom * 1e-3)
        {
            (self.center, self.zoom) = (center, zoom);
            self.goal = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let mut view = View { center: Point { x: 100.0, y: -50.0 }, zoom: 0.7, ..View::default() };
        let pixel = Point { x: 300.0, y: 700.0 };
        let before = view.to_canvas(pixel);
        view.zoom_about(1.7, pixel);
        let after = view.to_window(before);
        assert!((after.x - pixel.x).abs() < 1e-2 && (after.y - pixel.y).abs() < 1e-2, "{after:?}");
        assert!(!view.follows);
    }

    #[test]
    fn everything_fits_with_a_margin() {
        let mut view = View::default();
        view.fit(Rect { x: -100.0, y: 0.0, width: 3000.0, height: 500.0 });
        let left = view.to_window(Point { x: -100.0, y: 0.0 }).x;
        let right = view.to_window(Point { x: 2900.0, y: 0.0 }).x;
        assert!((left - MARGIN).abs() < 1.0 && (right - (1280.0 - MARGIN)).abs() < 1.0, "{left} {right}");
    }

    #[test]
    fn a_glide_arrives_and_ends() {
        let mut view = View::default();
        view.glide(Rect { x: 0.0, y: 0.0, width: 400.0, height: 300.0 });
        for _ in 0..60 {
            view.pass(1.0 / 60.0);
        }
        let up = (ABOVE - BELOW) / 2.0 / view.zoom;
        assert_eq!((view.goal, view.center), (None, Point { x: 200.0, y: 150.0 - up }));
    }

    #[test]
    fn what_was_brought_into_sight_can_be_left_again() {
        let mut view = View { still: true, ..View::default() };
        view.fit(Rect { x: 0.0, y: 0.0, width: 3_000.0, height: 600.0 });
        let all = (view.center, view.zoom);
        view.reveal(Rect { x: 2_700.0, y: 100.0, width: 240.0, height: 160.0 });
        assert!(view.zoom >= READ && !view.follows);
        view.reveal(Rect { x: 10.0, y: 100.0, width: 240.0, height: 160.0 });
        assert!(view.back() && view.follows && !view.back(), "once, to where it began");
        assert_eq!((view.center, view.zoom), all);
    }

    #[test]
    fn what_is_in_sight_stays_where_it_is() {
        let mut view = View { still: true, ..View::default() };
        view.fit(Rect { x: 0.0, y: 0.0, width: 1_000.0, height: 500.0 });
        let before = (view.center, view.zoom);
        view.reveal(Rect { x: 700.0, y: 100.0, width: 240.0, height: 160.0 });
        assert_eq!((view.center, view.zoom, view.before), (before.0, before.1, None));
    }
}
