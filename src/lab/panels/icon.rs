//! Signs, painted: the fonts have none.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};
use std::f32::consts::{PI, TAU};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Play,
    Pause,
    Rewind,
    ToEnd,
    Step,
    StepFar,
    Slower,
    Faster,
    Branch,
    Prune,
    Sun,
    Moon,
    Fit,
    Panels,
    Motion,
    Close,
    Check,
    Cross,
    Ring,
    Diamond,
    Hatch,
    Quarter,
    Gear,
    Down,
    Up,
    Stop,
    Flag,
    Hand,
    Question,
    Pending,
    Disc,
    Halves,
}

/// Paints a sign into a square of `size` pixels about a point.
pub fn paint(painter: &Painter, icon: Icon, center: Pos2, size: f32, ink: Color32) {
    let r = size / 2.0;
    let at = |x: f32, y: f32| pos2(center.x + x * r, center.y + y * r);
    let thin = Stroke::new((size / 11.0).max(1.2), ink);
    let fill = |points: Vec<Pos2>| {
        painter.add(Shape::convex_polygon(points, ink, Stroke::NONE));
    };
    let line = |points: Vec<Pos2>| {
        painter.add(Shape::line(points, thin));
    };
    let bar = |x: f32| {
        painter.rect_filled(Rect::from_min_max(at(x - 0.14, -0.8), at(x + 0.14, 0.8)), 1.0, ink);
    };
    let right = |x: f32, reach: f32| fill(vec![at(x, -0.75), at(x + reach, 0.0), at(x, 0.75)]);
    match icon {
        Icon::Play => right(-0.55, 1.3),
        Icon::Pause => {
            bar(-0.4);
            bar(0.4);
        }
        Icon::Rewind => {
            bar(-0.7);
            fill(vec![at(0.7, -0.75), at(-0.45, 0.0), at(0.7, 0.75)]);
        }
        Icon::ToEnd => {
            bar(0.7);
            right(-0.7, 1.15);
        }
        Icon::Step => {
            bar(-0.6);
            right(-0.25, 1.0);
        }
        Icon::StepFar => {
            bar(-0.85);
            bar(-0.4);
            right(-0.1, 0.95);
        }
        Icon::Slower => line(vec![at(0.35, -0.7), at(-0.4, 0.0), at(0.35, 0.7)]),
        Icon::Faster => line(vec![at(-0.35, -0.7), at(0.4, 0.0), at(-0.35, 0.7)]),
        Icon::Halves => {
            let whole = Rect::from_min_max(at(-0.9, -0.75), at(0.9, 0.75));
            painter.rect_stroke(whole, 2.0, thin, egui::StrokeKind::Middle);
            painter.rect_filled(Rect::from_min_max(at(0.0, -0.75), at(0.9, 0.75)), 1.0, ink);
        }
        Icon::Branch => {
            line(vec![at(-0.55, 0.9), at(-0.55, -0.9)]);
            line(curve(at(-0.55, 0.55), at(0.55, -0.4)));
            painter.circle_filled(at(-0.55, -0.75), r * 0.24, ink);
            painter.circle_filled(at(0.55, -0.5), r * 0.24, ink);
        }
        Icon::Prune => {
            line(vec![at(-0.55, 0.9), at(-0.55, -0.9)]);
            line(vec![at(0.1, -0.6), at(0.75, 0.05)]);
            line(vec![at(0.75, -0.6), at(0.1, 0.05)]);
        }
        Icon::Sun => {
            painter.circle_stroke(center, r * 0.42, thin);
            for step in 0..8 {
                let ray = Vec2::angled(TAU * step as f32 / 8.0) * r;
                painter.line_segment([center + ray * 0.66, center + ray * 0.95], thin);
            }
        }
        Icon::Moon => {
            // A circle of 0.8 and one of 0.65 about (0.4, 0) meet at these angles.
            let mut moon = arc(center, r * 0.8, 0.94, TAU - 0.94);
            moon.extend(arc(at(0.4, 0.0), r * 0.65, TAU - 1.46, 1.46));
            painter.add(Shape::closed_line(moon, thin));
        }
        Icon::Fit => {
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                line(vec![at(0.8 * x, 0.3 * y), at(0.8 * x, 0.8 * y), at(0.3 * x, 0.8 * y)]);
            }
        }
        Icon::Panels => {
            painter.rect_stroke(
                Rect::from_min_max(at(-0.9, -0.75), at(0.9, 0.75)),
                2.0,
                thin,
                egui::StrokeKind::Middle,
            );
            line(vec![at(0.3, -0.75), at(0.3, 0.3)]);
            line(vec![at(-0.9, 0.3), at(0.9, 0.3)]);
        }
        Icon::Motion => {
            for (y, from) in [(-0.5, -0.9), (0.0, -0.4), (0.5, -0.9)] {
                line(vec![at(from, y), at(0.35, y)]);
            }
            painter.circle_filled(at(0.65, 0.0), r * 0.26, ink);
        }
        Icon::Close | Icon::Cross => {
            line(vec![at(-0.6, -0.6), at(0.6, 0.6)]);
            line(vec![at(-0.6, 0.6), at(0.6, -0.6)]);
        }
        Icon::Check => line(vec![at(-0.7, 0.05), at(-0.2, 0.55), at(0.7, -0.55)]),
        Icon::Ring => {
            painter.circle_stroke(center, r * 0.62, thin);
        }
        Icon::Disc => {
            painter.circle_filled(center, r * 0.68, ink);
        }
        Icon::Diamond => {
            painter.add(Shape::closed_line(vec![at(0.0, -0.8), at(0.8, 0.0), at(0.0, 0.8), at(-0.8, 0.0)], thin));
        }
        Icon::Hatch => hatch(painter, Rect::from_min_max(at(-0.8, -0.8), at(0.8, 0.8)), ink),
        Icon::Quarter => {
            painter.circle_stroke(center, r * 0.72, thin);
            let mut slice = vec![center];
            slice.extend(arc(center, r * 0.72, -0.5 * PI, 0.0));
            fill(slice);
        }
        Icon::Gear => {
            painter.circle_stroke(center, r * 0.5, thin);
            for step in 0..6 {
                let tooth = Vec2::angled(TAU * step as f32 / 6.0) * r;
                painter.line_segment([center + tooth * 0.55, center + tooth * 0.9], Stroke::new(thin.width * 1.5, ink));
            }
        }
        Icon::Down => {
            painter.rect_stroke(
                Rect::from_min_max(at(-0.75, -0.75), at(0.75, 0.75)),
                1.0,
                thin,
                egui::StrokeKind::Middle,
            );
            line(vec![at(0.15, -0.75), at(-0.2, -0.1), at(0.2, 0.1), at(-0.1, 0.75)]);
        }
        Icon::Up => fill(vec![at(-0.7, 0.55), at(0.0, -0.65), at(0.7, 0.55)]),
        Icon::Stop => {
            painter.rect_filled(Rect::from_min_max(at(-0.6, -0.6), at(0.6, 0.6)), 1.0, ink);
        }
        Icon::Flag => {
            line(vec![at(-0.5, 0.9), at(-0.5, -0.85)]);
            fill(vec![at(-0.5, -0.85), at(0.75, -0.4), at(-0.5, 0.05)]);
        }
        Icon::Hand => {
            painter.circle_filled(at(0.0, -0.45), r * 0.34, ink);
            line(arc(at(0.0, 0.85), r * 0.75, PI, TAU));
        }
        Icon::Question => {
            line(arc(at(0.0, -0.38), r * 0.42, PI, 2.5 * PI));
            line(vec![at(0.0, 0.04), at(0.0, 0.35)]);
            painter.circle_filled(at(0.0, 0.75), thin.width * 0.8, ink);
        }
        Icon::Pending => {
            painter.extend(Shape::dashed_line(
                &[at(-0.7, -0.7), at(0.7, -0.7), at(0.7, 0.7), at(-0.7, 0.7), at(-0.7, -0.7)],
                thin,
                r * 0.4,
                r * 0.3,
            ));
        }
    }
}

/// A filled square with slanted lines left free: full, and somebody waits.
fn hatch(painter: &Painter, rect: Rect, ink: Color32) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let (step, stroke) = (rect.height() / 3.0, Stroke::new(rect.height() / 6.0, ink));
    for i in -3..6 {
        let x = rect.left() + i as f32 * step;
        painter.line_segment([pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())], stroke);
    }
    painter.rect_stroke(rect, 0.0, Stroke::new(1.0, ink), egui::StrokeKind::Inside);
}

fn arc(center: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    let steps = 14;
    (0..=steps).map(|i| center + Vec2::angled(from + (to - from) * i as f32 / steps as f32) * radius).collect()
}

fn curve(from: Pos2, to: Pos2) -> Vec<Pos2> {
    let steps = 10;
    let at = |share: f32| from + vec2((to.x - from.x) * share * share, (to.y - from.y) * share);
    (0..=steps).map(|i| at(i as f32 / steps as f32)).collect()
}
