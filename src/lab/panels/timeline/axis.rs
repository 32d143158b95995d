//! Times below, rates and latencies at the right.

use super::PlotArea;
use super::curves::Scale;
use crate::lab::fonts;
use crate::lab::panels::widget::Inks;
use crate::number::{clock, figure, seconds};
use egui::{Align2, Painter, Stroke, pos2};

/// Width of the figures at the right, pixels.
pub const SCALE: f32 = 88.0;

/// Steps between times, seconds.
const STEPS: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0,
    86_400.0,
];

/// The step that leaves room between two times.
fn step(horizon_s: f64, width: f32) -> f64 {
    let least = horizon_s * 84.0 / f64::from(width.max(1.0));
    STEPS.into_iter().find(|step| *step >= least).unwrap_or_else(|| (least / 86_400.0).ceil() * 86_400.0)
}

/// Draws both scales.
pub fn draw(painter: &Painter, place: PlotArea, scale: Scale, inks: &Inks) {
    let rect = place.plot;
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, inks.line));
    let step = step(place.span_s, rect.width());
    let first = (place.from_s / step).ceil();
    let count = ((place.from_s + place.span_s) / step - first).max(0.0) as usize;
    for index in 0..=count {
        let at_s = (first + index as f64) * step;
        let x = place.x(at_s);
        painter.vline(x, rect.bottom()..=(rect.bottom() + 4.0), Stroke::new(1.0, inks.line));
        let begins = x < rect.left() + 16.0;
        let align = if begins { Align2::LEFT_TOP } else { Align2::CENTER_TOP };
        if x < rect.right() - 16.0 || begins {
            painter.text(pos2(x, rect.bottom() + 4.0), align, clock(at_s), fonts::small(), inks.muted);
        }
    }
    painter.hline(rect.x_range(), rect.top(), Stroke::new(1.0, inks.line.gamma_multiply(0.6)));
    let right = rect.right() + 8.0;
    let label =
        |y: f32, align: Align2, text: String, ink| painter.text(pos2(right, y), align, text, fonts::small(), ink);
    label(rect.top() - 2.0, Align2::LEFT_TOP, format!("{}/s", figure(f64::from(scale.rate))), inks.muted);
    if scale.peak > scale.rate * 1.01 {
        label(rect.top() + 30.0, Align2::LEFT_TOP, format!("peak {}", figure(f64::from(scale.peak))), inks.muted);
    }
    label(rect.top() + 14.0, Align2::LEFT_TOP, format!("p95 {}", seconds(f64::from(scale.p95_s))), inks.text);
    label(rect.bottom() + 2.0, Align2::LEFT_BOTTOM, "0".to_owned(), inks.muted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_distance() {
        for (horizon_s, width, expected) in
            [(5_400.0, 1_000.0, 600.0), (60.0, 1_000.0, 10.0), (8.0 * 3_600.0, 300.0, 14_400.0)]
        {
            assert_eq!(step(horizon_s, width), expected, "{horizon_s} s on {width} px");
        }
    }
}
