//! A small curve over the whole run: a figure, its past, and where the present is.

use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// What a chart shows.
pub struct Curve<'a> {
    /// What it is.
    pub name: &'a str,
    /// A value for each `every_s`; NaN where there is none.
    pub values: Vec<f32>,
    /// Seconds a value stands for.
    pub every_s: f64,
    /// The value at the top; none: the most there is.
    pub top: Option<f32>,
    /// From here up it is drawn as saturated.
    pub full: Option<f32>,
    /// A value in words.
    pub say: &'a dyn Fn(f64) -> String,
}

const HEIGHT: f32 = 64.0;

/// Draws it; a click leads to that time.
pub fn ui(ui: &mut Ui, state: &LabState, curve: &Curve<'_>, actions: &mut Vec<Action>) {
    let horizon_s = format::seconds_of(state.horizon());
    if curve.values.is_empty() || curve.every_s <= 0.0 || horizon_s <= 0.0 {
        return;
    }
    let inks = Inks::of(state);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let plot = Rect::from_min_max(pos2(rect.left(), rect.top() + 18.0), pos2(rect.right(), rect.bottom() - 4.0));
    let now_s = format::seconds_of(state.frame.now);
    let at_s = |x: f32| f64::from((x - plot.left()) / plot.width().max(1.0)).clamp(0.0, 1.0) * horizon_s;
    let shown_s = response.hover_pos().map_or(now_s, |pos| at_s(pos.x));
    let index = ((shown_s / curve.every_s).max(0.0) as usize).min(curve.values.len() - 1);
    let value = f64::from(curve.values[index]);
    let said = if value.is_finite() { (curve.say)(value) } else { "–".to_owned() };
    response.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Button,
            true,
            format!("{} over time, {said} at {}", curve.name, crate::number::clock(shown_s)),
        )
    });
    widget::focus_ring(ui, &response, rect.expand(3.0));
    let names = Rect::from_min_max(rect.min, pos2(rect.right() - 72.0, plot.top()));
    widget::clipped(ui, names, curve.name, fonts::small(), inks.muted);
    ui.painter().text(pos2(rect.right(), names.center().y), Align2::RIGHT_CENTER, said, fonts::small(), inks.text);
    let most = curve.values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f32::max);
    let top = curve.top.unwrap_or(most).max(f32::MIN_POSITIVE);
    draw(ui, plot, curve, top, horizon_s, &inks);
    let x = plot.left() + plot.width() * (shown_s / horizon_s).clamp(0.0, 1.0) as f32;
    ui.painter().vline(x, plot.y_range(), Stroke::new(1.0, inks.text));
    ui.painter().hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, inks.line));
    if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        actions.push(Action::Seek(format::time_of(at_s(pos.x))));
    }
}

/// The worst value of each pixel, joined.
fn draw(ui: &Ui, plot: Rect, curve: &Curve<'_>, top: f32, horizon_s: f64, inks: &Inks) {
    let painter = ui.painter().with_clip_rect(plot.expand(1.0).intersect(ui.clip_rect()));
    let per_pixel = horizon_s / curve.every_s / f64::from(plot.width().max(1.0));
    let y = |value: f32| plot.bottom() - (value / top).clamp(0.0, 1.0) * plot.height();
    let mut run: Vec<Pos2> = Vec::new();
    let flush = |run: &mut Vec<Pos2>| {
        if run.len() > 1 {
            painter.add(Shape::line(std::mem::take(run), Stroke::new(1.5, inks.moving)));
        }
        run.clear();
    };
    let mut column = 0;
    loop {
        let first = (f64::from(column) * per_pixel) as usize;
        if first >= curve.values.len() || column as f32 > plot.width() {
            break;
        }
        let end = ((f64::from(column + 1) * per_pixel) as usize).clamp(first + 1, curve.values.len());
        let worst = curve.values[first..end].iter().copied().fold(f32::NAN, f32::max);
        let x = plot.left() + column as f32;
        if worst.is_finite() {
            if curve.full.is_some_and(|full| worst >= full) {
                let ink: Color32 = inks.saturated.gamma_multiply(0.55);
                painter.vline(x + 0.5, y(worst)..=plot.bottom(), Stroke::new(1.0, ink));
            }
            run.push(pos2(x, y(worst)));
        } else {
            flush(&mut run);
        }
        column += 1;
    }
    flush(&mut run);
}
