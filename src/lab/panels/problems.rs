//! What is wrong with a text that does not run, line by line, while what ran goes on.

use super::sketch;
use super::widget::{self, Inks};
use crate::experiment::LoadFailure;
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{RADIUS, size};
use crate::scenario::Problem;
use egui::{Align, Area, Frame, Layout, Margin, Rect, RichText, Stroke, Ui, WidgetInfo, WidgetType, vec2};
use std::ops::Range;

/// Characters of a line that are shown around its fault.
const SHOWN: usize = 96;
/// How wide the list is beside a picture, pixels.
const LIST: f32 = 440.0;
/// Problems shown in full.
const MOST: usize = 40;

/// Draws them over the canvas, and hears the buttons.
pub fn ui(ctx: &egui::Context, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    let Some(load_failure) = &state.load_failure else { return };
    let inks = Inks::of(state);
    // It has the canvas for itself: what runs is another thing.
    ctx.layer_painter(egui::LayerId::new(egui::Order::Middle, egui::Id::new("behind problems"))).rect_filled(
        canvas,
        0.0,
        inks.ground,
    );
    // What can be seen of it stands on the left, what is wrong where it is; the list on the right.
    let beside = Rect::from_min_max(
        canvas.left_top() + vec2(24.0, 24.0),
        egui::pos2(canvas.right() - LIST - 32.0, canvas.bottom() - 24.0),
    );
    let drawn = canvas.width() > 2.0 * LIST && {
        let area = Area::new(egui::Id::new("sketch")).order(egui::Order::Middle).fixed_pos(beside.left_top());
        area.constrain(false)
            .show(ctx, |ui| {
                ui.set_min_size(beside.size());
                sketch::ui(ui, &inks, load_failure, beside)
            })
            .inner
    };
    let width = if drawn { LIST } else { (canvas.width() - 32.0).clamp(120.0, 760.0) };
    let left = if drawn { canvas.right() - LIST - 16.0 } else { canvas.left() + 16.0 };
    let frame = Frame::new()
        .fill(inks.surface)
        .inner_margin(Margin::same(16))
        .corner_radius(RADIUS)
        .stroke(Stroke::new(1.0, inks.failed));
    let area = Area::new(egui::Id::new("problems"))
        .order(egui::Order::Foreground)
        .fixed_pos(egui::pos2(left, canvas.top() + 16.0));
    area.constrain(false).show(ctx, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(width - 32.0);
            head(ui, state, load_failure, actions);
            let high = (canvas.height() - 140.0).max(60.0);
            let area = egui::ScrollArea::vertical().id_salt("problems").min_scrolled_height(high).max_height(high);
            area.show(ui, |ui| {
                for problem in load_failure.problems.iter().take(MOST) {
                    self::problem(ui, &inks, load_failure, problem);
                }
                if load_failure.problems.len() > MOST {
                    widget::quiet(ui, format!("and {} more", load_failure.problems.len() - MOST));
                }
            });
        });
    });
}

fn head(ui: &mut Ui, state: &LabState, load_failure: &LoadFailure, actions: &mut Vec<Action>) {
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        let count = load_failure.problems.len();
        let what = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
        let goes_on = if state.opened.is_some() { " The previous scenario keeps running." } else { "" };
        ui.add(
            egui::Label::new(RichText::new(format!("{} does not run: {what}.", load_failure.name)).font(fonts::name()))
                .wrap(),
        );
        ui.horizontal(|ui| {
            for command in [UiCommand::Reload, UiCommand::Dismiss] {
                let button = egui::Button::new(command.label(state)).shortcut_text(command.key_text());
                let response = ui.add(button);
                response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, command.label(state)));
                if response.on_hover_text(command.tooltip()).clicked() {
                    actions.push(if command == UiCommand::Reload { Action::Reload } else { Action::Dismiss });
                }
            }
            widget::quiet(ui, goes_on);
        });
    });
}

fn problem(ui: &mut Ui, inks: &Inks, load_failure: &LoadFailure, problem: &Problem) {
    ui.add_space(8.0);
    ui.add(egui::Label::new(RichText::new(&problem.message).color(inks.text)).wrap());
    let (name, text) = match &problem.source {
        Some((name, text)) => (name.as_str(), &**text),
        None => (load_failure.name.as_str(), load_failure.text.as_str()),
    };
    if let Some(span) = &problem.span {
        place(ui, inks, name, text, span, &problem.label);
    }
    if let Some((span, label)) = &problem.also {
        place(ui, inks, name, text, span, label);
    }
    if let Some(help) = &problem.help {
        ui.add(egui::Label::new(RichText::new(format!("→ {help}")).color(inks.moving)).wrap());
    }
}

/// The line with what is wrong marked beneath, and what was expected there.
fn place(ui: &mut Ui, inks: &Inks, name: &str, text: &str, span: &Range<usize>, label: &str) {
    let Marked { line, column, shown, caret } = Marked::of(text, span);
    widget::quiet(ui, format!("{name}:{line}:{column}"));
    let mono = |text: String, ink| RichText::new(text).monospace().size(size::SMALL).color(ink);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add(egui::Label::new(mono(shown, inks.text)).extend());
    ui.add(egui::Label::new(mono(format!("{caret} {label}"), inks.failed)).extend());
    ui.spacing_mut().item_spacing.y = 8.0;
}

/// A line of a text with a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Marked {
    /// From 1.
    line: usize,
    /// From 1.
    column: usize,
    /// The line, or what is around the place.
    shown: String,
    /// Blanks, then carets under the place.
    caret: String,
}

impl Marked {
    fn of(text: &str, span: &Range<usize>) -> Self {
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (from, to) = (floor(span.start), floor(span.end.max(span.start)));
        let start = text[..from].rfind('\n').map_or(0, |end| end + 1);
        let end = text[from..].find('\n').map_or(text.len(), |end| from + end);
        let before = text[start..from].chars().count();
        let marked = text[from..to.min(end)].chars().count().max(1);
        // Of a long line the part that holds the place.
        let skip = before.saturating_sub(SHOWN / 2);
        let clean = |c: char| if c.is_control() { ' ' } else { c };
        let shown: String = text[start..end].chars().skip(skip).take(SHOWN).map(clean).collect();
        let carets = marked.min(SHOWN.saturating_sub(before - skip)).max(1);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: before + 1,
            shown,
            caret: " ".repeat(before - skip) + &"^".repeat(carets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_its_line() {
        let text = "(\n  a: 1,\n  bb: \"x\",\n)";
        let at = text.find("bb").expect("it is there");
        let marked = Marked::of(text, &(at..at + 2));
        assert_eq!((marked.line, marked.column), (3, 3));
        assert_eq!((marked.shown.as_str(), marked.caret.as_str()), ("  bb: \"x\",", "  ^^"));
    }

    #[test]
    fn no_place_is_too_odd() {
        let long = "é".repeat(500);
        for (text, span) in [
            ("", 0..0),
            ("a", 5..9),
            ("é", 1..2),
            (long.as_str(), 700..999),
            ("a\nb", 1..3),
            ("x", Range { start: 1, end: 0 }),
        ] {
            let marked = Marked::of(text, &span);
            assert!(marked.caret.contains('^') && marked.shown.chars().count() <= SHOWN, "{text} {span:?}: {marked:?}");
        }
    }
}
