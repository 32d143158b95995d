//! Whether it was bad luck: the same system with other seeds, in how many of them it fails and what breaks first.

use super::part;
use crate::lab::action::Action;
use crate::lab::panels::widget;
use crate::lab::state::{LabState, SEEDS, Study};
use crate::number::{clock, percent};
use crate::report::verdict;
use crate::study::{Answer, FirstBroken, Replications, StudySpec};
use egui::{ProgressBar, Ui, WidgetInfo, WidgetType};

/// Draws it and hears it.
pub fn ui(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    widget::heading(ui, "Other seeds");
    match &state.study {
        None => {
            let tooltip =
                "Plays the scenario from its start with ten seeds, beside this run and without what you did to it";
            if ui.button(format!("Try {SEEDS} seeds")).on_hover_text(tooltip).clicked() {
                actions.push(Action::Study(StudySpec::Replicate(SEEDS)));
            }
        }
        Some(Study::Working(share)) => {
            ui.horizontal(|ui| {
                let bar = ui.add(ProgressBar::new(*share).desired_width(ui.available_width() - 80.0).show_percentage());
                let told = format!("{} of {SEEDS} seeds are played", percent(f64::from(*share)));
                bar.widget_info(|| WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &told));
                if ui.button("Stop").on_hover_text("Stop").clicked() {
                    actions.push(Action::Cancel);
                }
            });
        }
        Some(Study::Answered(answer)) => {
            match &**answer {
                Answer::Run(results) => _ = ui.label(verdict(results)),
                Answer::Replications(answer) => told(ui, state, answer, actions),
                // They are asked on the command line.
                _ => {}
            }
            if ui.button("Close").clicked() {
                actions.push(Action::Cancel);
            }
        }
    }
}

fn told(ui: &mut Ui, state: &LabState, answer: &Replications, actions: &mut Vec<Action>) {
    let of = answer.replications;
    let seeds = format!("seeds {} to {}", answer.seed, answer.seed + u64::from(of) - 1);
    let failed = match answer.failed {
        0 => format!("None of {of} runs missed an objective ({seeds})."),
        failed if failed == of => format!("All {of} runs missed an objective ({seeds})."),
        failed => format!("{failed} of {of} runs missed an objective ({seeds})."),
    };
    ui.label(failed);
    for FirstBroken { subject, replications, at_s } in &answer.first_broken {
        let text = match at_s {
            Some(at) if at.max > at.min => format!("first in {replications}, {} to {}", clock(at.min), clock(at.max)),
            Some(at) => format!("first in {replications}, {}", clock(at.mean)),
            None => format!("in {replications}"),
        };
        part::leading(ui, state, subject, &text, actions);
    }
    for objective in answer.objectives.iter().filter(|objective| objective.missed > 0) {
        widget::row(
            ui,
            &format!("{} {}", objective.subject, objective.expression),
            &format!("missed in {}", objective.missed),
        );
    }
}
