//! What can be asked of the design beside its run, and what was found, a line each; the whole answer is a page of its
//! own.

use crate::lab::action::Action;
use crate::lab::panels::widget;
use crate::lab::state::LabState;
use crate::lab::studies::{Asked, Found, Question, change, marks};
use crate::lab::theme::size;
use crate::number::sentence::list;
use crate::number::{length, percent};
use crate::study::Answer;
use egui::{ProgressBar, RichText, Ui, WidgetInfo, WidgetType};

/// Draws it and hears it.
pub fn ui(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    widget::heading(ui, "Questions");
    ui.horizontal_wrapped(|ui| {
        for question in Question::ALL {
            let button = ui.add_enabled(state.studies.asked.is_none(), egui::Button::new(question.label()).small());
            if button.on_hover_text(question.tooltip()).clicked() {
                actions.push(Action::Ask(question));
            }
        }
    });
    if let Some(asked) = &state.studies.asked {
        progress(ui, asked, actions);
    }
    for found in state.studies.found.values() {
        line(ui, state, found, actions);
    }
}

/// How far it is, how long it takes yet, and the way to end it.
pub fn progress(ui: &mut Ui, asked: &Asked, actions: &mut Vec<Action>) {
    let Asked { question, share, left, .. } = asked;
    let left = left.map_or(String::new(), |left| format!(", about {} left", length(left.as_secs_f64().ceil())));
    ui.horizontal(|ui| {
        let bar = ProgressBar::new(*share).desired_width((ui.available_width() - 64.0).max(40.0));
        let bar = ui.add(bar.show_percentage());
        let told = format!("{}: {} done{left}", question.label(), percent(f64::from(*share)));
        bar.widget_info(|| WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &told));
        if ui.button("Stop").on_hover_text("Give the question up").clicked() {
            actions.push(Action::Cancel);
        }
    });
    if !left.is_empty() {
        widget::quiet(ui, left.trim_start_matches(", "));
    }
}

/// An answer in a line that opens its page.
fn line(ui: &mut Ui, state: &LabState, found: &Found, actions: &mut Vec<Action>) {
    let stale = if state.is_stale(found) { " (of another design)" } else { "" };
    let text = format!("{}: {}{stale}", found.question.label(), short(&found.answer));
    let button = egui::Button::selectable(false, RichText::new(text).size(size::SMALL)).wrap();
    if ui.add(button).on_hover_text("The whole answer").clicked() {
        actions.push(Action::ShowAnswer(Some(found.question)));
    }
    let before = state.studies.before.get(&found.question);
    if let Some(change) = before.and_then(|before| change(&before.answer, &found.answer)) {
        widget::quiet(ui, change);
    }
}

/// An answer in a few words.
fn short(answer: &Answer) -> String {
    let marks = marks(answer);
    match answer {
        Answer::Replications(answer) => format!("{} of {} runs fail", answer.failed, answer.replications),
        Answer::Recovery(answer) => match (&answer.falls_above, &answer.back_below) {
            (Some(falls), Some(back)) => format!(
                "falls above {}, comes back below {} times what the file expects",
                crate::number::figure(falls.mean),
                crate::number::figure(back.mean)
            ),
            _ => "see its page".to_owned(),
        },
        Answer::Sensitivity(answer) => answer
            .numbers
            .first()
            .map_or_else(|| "no number moves it".to_owned(), |moved| format!("{} moves it most", moved.path)),
        _ if marks.is_empty() => "no limit found".to_owned(),
        _ => {
            let said = marks.iter().map(|mark| {
                let binds = mark.binds.as_ref().map_or(String::new(), |binds| format!(" ({binds})"));
                format!("{} of {}{binds}", mark.load, mark.source)
            });
            list(&said.collect::<Vec<_>>())
        }
    }
}
