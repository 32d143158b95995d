//! A request piece by piece, and a list of those that were kept.

use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::measure::results::{Span, Trace};
use crate::model::SourceId;
use crate::number::{clock, seconds};
use egui::{Align2, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

const ROW: f32 = 18.0;
/// Pieces drawn at most.
const PIECES: usize = 120;

/// A kept request, from its start to its final answer.
pub fn ui(ui: &mut Ui, state: &LabState, source: SourceId, number: u64, actions: &mut Vec<Action>) {
    let name = state.source_name(source);
    let traces = state.figures().map_or(&[][..], |results| &results.traces);
    let Some(trace) = traces.iter().find(|trace| trace.source == name && trace.number == number) else {
        widget::quiet(
            ui,
            "Only the slowest requests and some typical ones are kept, and this is none of them any longer.",
        );
        return;
    };
    widget::row(ui, "outcome", format::reason(&trace.outcome));
    widget::row(ui, "latency", &seconds(trace.latency_s));
    widget::row(ui, "began", &clock(trace.started_s));
    if ui.link("Go to its beginning").clicked() {
        actions.push(Action::Seek(format::time_of(trace.started_s)));
    }
    widget::heading(ui, "Step by step");
    let length = trace.spans.iter().map(|span| span.to_s).fold(trace.latency_s, f64::max).max(f64::MIN_POSITIVE);
    for span in trace.spans.iter().take(PIECES) {
        piece(ui, state, span, length);
    }
    if trace.spans.len() > PIECES {
        widget::quiet(ui, format!("and {} more pieces", trace.spans.len() - PIECES));
    }
}

fn piece(ui: &mut Ui, state: &LabState, span: &Span, length: f64) {
    let inks = Inks::of(state);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let took = seconds(span.to_s - span.from_s);
    response.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Label,
            true,
            format!("{} {}: {took} from {}", span.name, span.what, seconds(span.from_s)),
        )
    });
    if ui.is_rect_visible(rect) {
        let names = rect.width() * 0.46;
        let indent = span.depth.min(8) as f32 * 8.0;
        let left =
            Rect::from_min_max(pos2(rect.left() + indent, rect.top()), pos2(rect.left() + names - 4.0, rect.bottom()));
        widget::clipped(ui, left, &format!("{} {}", span.name, span.what), fonts::small(), inks.text);
        let (from, room) = (rect.left() + names, rect.width() - names);
        let x = |at_s: f64| from + (at_s / length).clamp(0.0, 1.0) as f32 * room;
        let bar = Rect::from_min_max(
            pos2(x(span.from_s), rect.top() + 4.0),
            pos2(x(span.to_s).max(x(span.from_s) + 1.5), rect.bottom() - 4.0),
        );
        ui.painter().hline(from..=rect.right(), rect.bottom(), Stroke::new(1.0, inks.line.gamma_multiply(0.5)));
        if span.what.starts_with("call") {
            ui.painter().rect_stroke(bar, 2.0, Stroke::new(1.0, inks.muted), egui::StrokeKind::Inside);
        } else {
            ui.painter().rect_filled(bar, 2.0, if span.waits { inks.waiting } else { inks.moving });
        }
    }
    response.on_hover_text(format!(
        "{} {}\n{took}, from {} to {}",
        span.name,
        span.what,
        seconds(span.from_s),
        seconds(span.to_s)
    ));
}

/// The slowest requests that were kept, of a source or of all; a click shows one.
pub fn list(ui: &mut Ui, state: &LabState, source: Option<&str>, actions: &mut Vec<Action>) {
    let Some(results) = state.figures() else { return };
    let mut traces: Vec<&Trace> =
        results.traces.iter().filter(|trace| source.is_none_or(|name| trace.source == name)).collect();
    if traces.is_empty() {
        return;
    }
    traces.sort_by(|a, b| b.latency_s.total_cmp(&a.latency_s));
    widget::heading(ui, "Requests, the slowest first");
    for trace in traces.into_iter().take(12) {
        let inks = Inks::of(state);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
        let text = format!(
            "{} #{} at {}: {}",
            trace.source,
            trace.number,
            clock(trace.started_s),
            format::reason(&trace.outcome)
        );
        response.widget_info(|| {
            WidgetInfo::labeled(WidgetType::Button, true, format!("{text}, {}", seconds(trace.latency_s)))
        });
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.expand2(vec2(4.0, 0.0)), 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
        }
        widget::focus_ring(ui, &response, rect.expand2(vec2(4.0, 0.0)));
        widget::clipped(
            ui,
            Rect::from_min_max(rect.min, pos2(rect.right() - 64.0, rect.bottom())),
            &text,
            fonts::small(),
            inks.text,
        );
        ui.painter().text(
            rect.right_center(),
            Align2::RIGHT_CENTER,
            seconds(trace.latency_s),
            fonts::small(),
            inks.muted,
        );
        let index = state.model().and_then(|model| model.sources.iter().position(|source| source.name == trace.source));
        if response.clicked()
            && let Some(index) = index
        {
            actions.push(Action::Pick(Some(Subject::Request(SourceId::new(index), trace.number))));
        }
    }
    ui.label(
        RichText::new("a request's pieces: what waits is told apart from what is served").size(size::SMALL).weak(),
    );
}
