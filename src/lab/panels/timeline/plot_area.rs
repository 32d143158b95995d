//! Which stretch of the run the timeline shows, and where a time is on it: the whole run, or what was zoomed to.

use egui::{Rect, Response, Ui};

/// At least so long a stretch is shown, seconds.
const LEAST_S: f64 = 1.0;
/// How much nearer a pixel of the wheel brings it.
const NEARER: f64 = 0.004;
/// A present that leaves the stretch stands at this share of the next.
const AHEAD: f64 = 0.1;

/// What is where on the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlotArea {
    pub plot: Rect,
    /// The run ends there.
    pub horizon_s: f64,
    /// The stretch begins there.
    pub from_s: f64,
    /// And is so long.
    pub span_s: f64,
}

impl PlotArea {
    /// The pixel of a time; of one beyond the stretch that of its end.
    pub fn x(&self, at_s: f64) -> f32 {
        self.plot.left() + ((at_s - self.from_s) / self.span_s).clamp(0.0, 1.0) as f32 * self.plot.width()
    }

    /// The time of a pixel.
    pub fn at_s(&self, x: f32) -> f64 {
        let share = f64::from(((x - self.plot.left()) / self.plot.width().max(1.0)).clamp(0.0, 1.0));
        self.from_s + share * self.span_s
    }

    /// A time is in the stretch.
    pub fn shows(&self, at_s: f64) -> bool {
        (self.from_s..=self.from_s + self.span_s).contains(&at_s)
    }
}

/// The stretch that was zoomed to: from when, and how long, seconds; none: the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Zoom {
    stretch: Option<(f64, f64)>,
    /// Where the present was last.
    now_s: f64,
}

impl Zoom {
    /// The stretch of a run that ends there, on that rectangle.
    pub fn area(self, plot: Rect, horizon_s: f64) -> PlotArea {
        let (from_s, span_s) = self.stretch.filter(|(from_s, _)| *from_s < horizon_s).unwrap_or((0.0, horizon_s));
        PlotArea { plot, horizon_s, from_s, span_s: span_s.min(horizon_s - from_s) }
    }

    /// Something less than the whole run is shown.
    pub const fn is_near(self) -> bool {
        self.stretch.is_some()
    }

    /// The whole run again.
    pub const fn reset(&mut self) {
        self.stretch = None;
    }

    /// The wheel over it zooms about the pointer, sideways it moves; a double click shows the whole run.
    pub fn hear(&mut self, ui: &Ui, response: &Response, area: PlotArea) {
        if response.double_clicked() {
            return self.reset();
        }
        let Some(pointer) = response.hover_pos() else { return };
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        let factor = f64::from(pinch) * libm::exp(f64::from(wheel.y) * NEARER);
        if (factor - 1.0).abs() < 1e-9 && wheel.x.abs() < 1e-3 {
            return;
        }
        let about = area.at_s(pointer.x);
        let share = (about - area.from_s) / area.span_s;
        let span_s = (area.span_s / factor).clamp(LEAST_S.min(area.horizon_s), area.horizon_s);
        let moved = f64::from(wheel.x / area.plot.width().max(1.0)) * span_s;
        self.show(about - share * span_s - moved, span_s, area.horizon_s);
    }

    /// The present has moved: where it left the stretch, that follows.
    pub fn follow(&mut self, now_s: f64, horizon_s: f64) {
        let moved = std::mem::replace(&mut self.now_s, now_s) != now_s;
        let Some((from_s, span_s)) = self.stretch.filter(|_| moved) else { return };
        if !(from_s..=from_s + span_s).contains(&now_s) {
            self.show(now_s - AHEAD * span_s, span_s, horizon_s);
        }
    }

    fn show(&mut self, from_s: f64, span_s: f64, horizon_s: f64) {
        let from_s = from_s.clamp(0.0, (horizon_s - span_s).max(0.0));
        self.stretch = (span_s < horizon_s * 0.999).then_some((from_s, span_s));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn a_time_has_its_pixel_in_the_stretch() {
        let plot = Rect::from_min_size(pos2(100.0, 0.0), vec2(200.0, 50.0));
        let mut zoom = Zoom::default();
        let whole = zoom.area(plot, 1_000.0);
        assert_eq!((whole.x(500.0), whole.at_s(200.0), whole.shows(0.0)), (200.0, 500.0, true));
        zoom.show(400.0, 200.0, 1_000.0);
        let near = zoom.area(plot, 1_000.0);
        assert_eq!((near.x(500.0), near.at_s(100.0), near.at_s(300.0)), (200.0, 400.0, 600.0));
        assert!(near.shows(400.0) && !near.shows(399.0));
        assert_eq!(near.x(0.0), 100.0, "what is beyond stands at the end");
    }

    #[test]
    fn the_stretch_follows_the_present_and_stays_within_the_run() {
        let plot = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let mut zoom = Zoom::default();
        zoom.show(-50.0, 100.0, 1_000.0);
        assert_eq!(zoom.area(plot, 1_000.0).from_s, 0.0);
        zoom.follow(100.0, 1_000.0);
        assert_eq!(zoom.area(plot, 1_000.0).from_s, 0.0, "it is still seen");
        zoom.follow(300.0, 1_000.0);
        assert_eq!(zoom.area(plot, 1_000.0).from_s, 290.0);
        zoom.follow(1_000.0, 1_000.0);
        assert_eq!(zoom.area(plot, 1_000.0).from_s, 900.0);
        assert_eq!(zoom.area(plot, 10.0).span_s, 10.0, "of another run all is shown");
        zoom.show(0.0, 1_000.0, 1_000.0);
        assert!(!zoom.is_near(), "all of it is the whole run");
    }
}
