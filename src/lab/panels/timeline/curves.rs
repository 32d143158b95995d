//! The curves: goodput filled, failures stacked on it by reason, offered as a quiet line, p95 as a thin broken one on
//! its own scale.

use super::columns::Columns;
use crate::lab::panels::widget::Inks;
use crate::measure::REASONS;
use crate::scenario::Reason;
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// Pixels of a column.
pub const COLUMN: f32 = 2.0;

/// What tells two reasons apart besides their shade: of so many columns so many are filled.
const PATTERNS: usize = 3;

/// How failures of a reason are drawn: how much of the colour, and the pattern.
#[must_use]
pub const fn shade(reason: Reason) -> (f32, usize) {
    match reason {
        // Turned away.
        Reason::Refused => (1.0, 0),
        Reason::Shed => (0.8, 0),
        Reason::CircuitOpen => (0.65, 0),
        Reason::RateLimited => (0.5, 0),
        Reason::PoolTimeout => (0.9, 2),
        // Too late.
        Reason::TimedOut => (1.0, 1),
        Reason::Abandoned => (0.6, 1),
        // Broken.
        Reason::Crashed => (1.0, 2),
        Reason::Unreachable => (0.75, 2),
        Reason::Error => (0.55, 2),
    }
}

/// Whether a column of a pattern is filled.
const fn filled(pattern: usize, column: usize) -> bool {
    match pattern % PATTERNS {
        0 => true,
        1 => column % 4 < 2,
        _ => column.is_multiple_of(3),
    }
}

/// A swatch of a reason for the legend.
pub fn swatch(painter: &Painter, rect: Rect, reason: Reason, inks: &Inks) {
    let (strength, pattern) = shade(reason);
    let ink = inks.failed.gamma_multiply(strength);
    painter.rect_filled(rect, 0.0, ink.gamma_multiply(0.35));
    let columns = (rect.width() / COLUMN) as usize;
    for column in (0..columns).filter(|column| filled(pattern, *column)) {
        let left = rect.left() + column as f32 * COLUMN;
        painter.rect_filled(Rect::from_min_max(pos2(left, rect.top()), pos2(left + COLUMN, rect.bottom())), 0.0, ink);
    }
}

/// The rates that fill the height of the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Requests per second at the top.
    pub rate: f32,
    /// Requests per second at the highest; beyond the top it is cut.
    pub peak: f32,
    /// Seconds of p95 at the top.
    pub p95_s: f32,
}

/// Draws a run into a box.
pub fn draw(painter: &Painter, rect: Rect, columns: &Columns, scale: Scale, inks: &Inks) {
    if columns.is_empty() {
        return;
    }
    let y = |rate: f32| rect.bottom() - (rate / scale.rate).clamp(0.0, 1.0) * rect.height();
    let x = |column: usize| rect.left() + column as f32 * COLUMN;
    let mut mesh = Mesh::default();
    let mut tops = columns.goodput.clone();
    let good = inks.succeeded.gamma_multiply(0.42);
    for (column, rate) in tops.iter().enumerate() {
        quad(&mut mesh, x(column), y(*rate), rect.bottom(), good);
    }
    let there = columns.reasons();
    for (index, reason) in REASONS.into_iter().enumerate().filter(|(index, _)| there[*index]) {
        let (strength, pattern) = shade(reason);
        let ink = inks.failed.gamma_multiply(strength);
        for (column, top) in tops.iter_mut().enumerate() {
            let rate = columns.failed[column][index];
            if rate <= 0.0 {
                continue;
            }
            let bottom = y(*top);
            *top += rate;
            let ink = if filled(pattern, column) { ink } else { ink.gamma_multiply(0.35) };
            quad(&mut mesh, x(column), y(*top).min(bottom - 0.5), bottom, ink);
        }
    }
    painter.add(Shape::mesh(mesh));
    let line = |values: &[f32]| {
        values.iter().enumerate().map(|(column, rate)| pos2(x(column) + COLUMN / 2.0, y(*rate))).collect::<Vec<Pos2>>()
    };
    painter.add(Shape::line(line(&columns.goodput), Stroke::new(1.0, inks.succeeded)));
    painter.add(Shape::line(line(&columns.offered), Stroke::new(1.0, inks.muted)));
    latency(painter, rect, columns, scale, inks.text);
}

/// p95 as a thin line of dashes, apart from that of the offered, at the top where more than 5 % fail; nothing where
/// nothing ended.
fn latency(painter: &Painter, rect: Rect, columns: &Columns, scale: Scale, ink: Color32) {
    let at = |column: usize, p95: f32| {
        let y = rect.bottom() - 1.0 - (p95 / scale.p95_s).clamp(0.0, 1.0) * (rect.height() - 2.0);
        pos2(rect.left() + (column as f32 + 0.5) * COLUMN, y)
    };
    let mut run: Vec<Pos2> = Vec::new();
    for (column, p95) in columns.p95.iter().enumerate() {
        if !p95.is_nan() {
            run.push(at(column, *p95));
        } else if !run.is_empty() {
            piece(painter, std::mem::take(&mut run), ink);
        }
    }
    piece(painter, run, ink);
}

fn piece(painter: &Painter, mut run: Vec<Pos2>, ink: Color32) {
    if let [only] = run[..] {
        run.push(only + vec2(COLUMN, 0.0));
    }
    if run.len() > 1 {
        painter.extend(Shape::dashed_line(&run, Stroke::new(1.0, ink), 4.0, 2.0));
    }
}

fn quad(mesh: &mut Mesh, left: f32, top: f32, bottom: f32, ink: Color32) {
    let first = mesh.vertices.len() as u32;
    for (x, y) in [(left, top), (left + COLUMN, top), (left + COLUMN, bottom), (left, bottom)] {
        mesh.vertices.push(Vertex { pos: pos2(x, y), uv: WHITE_UV, color: ink });
    }
    mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
}
