//! A text that does not run, as far as it can be seen: its parts and who names whom, with what is wrong where it is.

use super::widget::Inks;
use crate::experiment::LoadFailure;
use crate::lab::fonts;
use crate::lab::theme::RADIUS;
use crate::scenario::Problem;
use crate::scenario::sketch::Sketch;
use egui::epaint::CubicBezierShape;
use egui::{Align2, Color32, Painter, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Parts drawn at most: more are a list.
const MOST: usize = 40;
const BOX: f32 = 40.0;
/// Lines of a problem at its part.
const LINES: usize = 3;

/// Draws it into a part of the canvas; false: there is nothing to draw, or too much.
pub fn ui(ui: &mut Ui, inks: &Inks, failure: &LoadFailure, area: Rect) -> bool {
    let Some(sketch) = Sketch::of(&failure.text).filter(|sketch| sketch.parts.len() <= MOST) else { return false };
    let columns = sketch.columns();
    let count = columns.iter().copied().max().unwrap_or(0) + 1;
    let wide = area.width() / count as f32;
    if wide < 96.0 {
        return false;
    }
    let mut rects = vec![Rect::NOTHING; sketch.parts.len()];
    for column in 0..count {
        let mine: Vec<usize> = (0..rects.len()).filter(|at| columns[*at] == column).collect();
        let high = area.height() / mine.len().max(1) as f32;
        for (row, at) in mine.into_iter().enumerate() {
            let corner = pos2(area.left() + column as f32 * wide, area.top() + (row as f32 + 0.5) * high - BOX);
            rects[at] = Rect::from_min_size(corner, vec2(wide.min(240.0) - 32.0, BOX));
        }
    }
    let of = |at: usize| -> Vec<&Problem> {
        let here = |problem: &&Problem| {
            let own = problem.source.is_none();
            own && problem.span.as_ref().is_some_and(|span| sketch.part_at(span.start) == Some(at))
        };
        failure.problems.iter().filter(here).collect()
    };
    let painter = ui.painter().clone();
    for (at, part) in sketch.parts.iter().enumerate() {
        for &to in &part.calls {
            wire(&painter, rects[at], rects[to], inks);
        }
    }
    for (at, part) in sketch.parts.iter().enumerate() {
        let problems = of(at);
        let response = ui.interact(rects[at], ui.id().with(("part", at)), Sense::hover());
        let kind = if part.source { "people" } else { "service" };
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let said = if told.is_empty() { "nothing wrong".to_owned() } else { told.join("; ") };
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}, {kind}: {said}", part.name)));
        boxed(&painter, rects[at], part, !problems.is_empty(), inks);
        if let Some(first) = problems.first() {
            let more = problems.len() - 1;
            sentence(&painter, rects[at], area, first, more, inks);
        }
    }
    true
}

fn wire(painter: &Painter, from: Rect, to: Rect, inks: &Inks) {
    let (start, end) = (from.right_center(), to.left_center());
    let reach = ((end.x - start.x).abs() * 0.5).max(24.0);
    let points = [start, start + vec2(reach, 0.0), end - vec2(reach, 0.0), end];
    let stroke = Stroke::new(1.5, inks.line);
    painter.add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
}

fn boxed(painter: &Painter, rect: Rect, part: &crate::scenario::sketch::SketchPart, wrong: bool, inks: &Inks) {
    painter.rect_filled(rect, RADIUS, inks.surface);
    if wrong {
        // Hatched: the second sign beside the colour.
        let stripes = painter.with_clip_rect(rect.shrink(1.0).intersect(painter.clip_rect()));
        let mut x = rect.left();
        while x < rect.right() + rect.height() {
            let line = [pos2(x - rect.height(), rect.bottom()), pos2(x, rect.top())];
            stripes.line_segment(line, Stroke::new(1.5, inks.failed.gamma_multiply(0.28)));
            x += 9.0;
        }
    }
    let ink = if wrong { inks.failed } else { inks.line };
    let stroke = Stroke::new(if wrong { 2.0 } else { 1.0 }, ink);
    painter.rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    let words = painter.with_clip_rect(rect.shrink(4.0).intersect(painter.clip_rect()));
    words.text(rect.left_center() + vec2(12.0, 0.0), Align2::LEFT_CENTER, &part.name, fonts::name(), inks.text);
    if !part.on.is_empty() {
        let on = format!("on {}", part.on.join(", "));
        words.text(rect.right_center() - vec2(10.0, 0.0), Align2::RIGHT_CENTER, on, fonts::small(), inks.muted);
    }
}

/// The first problem of a part, beneath it.
fn sentence(painter: &Painter, rect: Rect, area: Rect, problem: &Problem, more: usize, inks: &Inks) {
    let rest = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let text = format!("{}{rest}", problem.message);
    let mut job = egui::text::LayoutJob::simple(text, fonts::small(), inks.failed, rect.width().max(96.0));
    job.wrap.max_rows = LINES;
    let galley = painter.layout_job(job);
    let at = pos2(rect.left(), (rect.bottom() + 4.0).min(area.bottom() - galley.size().y));
    painter.galley(at, galley, inks.failed);
}
