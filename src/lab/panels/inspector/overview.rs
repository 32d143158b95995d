//! With nothing picked: what is so, in a sentence; what happened and because of what; whether it is good enough; what
//! theory had said.

use super::{part, questions};
use crate::host::{Phase, Trouble};
use crate::lab::action::Action;
use crate::lab::changes::Change;
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::icon::{self, Icon};
use crate::lab::panels::timeline::{Mark, go, look};
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::{GRID, size};
use crate::layout::Point;
use crate::measure::Results;
use crate::measure::results::ObjectiveState;
use crate::measure::story::StoryKind;
use crate::measure::subject::{Named, words};
use crate::model::SourceId;
use crate::number::sentence::list;
use crate::number::{ABSENT, clock, count, figure, percent, seconds};
use crate::report::{
    chain::{self, Line},
    theory, verdict, verdict_so_far,
};
use egui::{Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};
use std::sync::Arc;

/// Figures that are so much older than the picture say so, nanoseconds.
const LATE: i64 = 1_000_000_000;
/// Lines of the story at most.
const LINES: usize = 60;

/// Draws it and hears it.
pub fn ui(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let Some(running) = &state.running else {
        if state.is_opening() {
            ui.label(RichText::new("Opening…").size(size::HEADING));
            return;
        }
        ui.label(RichText::new("Nothing is open.").size(size::HEADING));
        widget::quiet(ui, "Choose a scenario, or drop a file here.");
        return;
    };
    let counted = state.counted[state.frame.lane as usize];
    let known =
        |results: &&Arc<Results>| counted.0 > LATE || results.traffic.values().any(|traffic| traffic.offered > 0);
    let Some(results) = state.figures().filter(known) else {
        ui.label(
            RichText::new(running.loaded.scenario.title.as_str())
                .font(egui::FontId::new(size::HEADING, fonts::strong())),
        );
        widget::quiet(ui, running.loaded.scenario.teaches.as_str());
        widget::quiet(ui, "The first figures come with the first second of the run.");
        return;
    };
    if let Some(now) = now(state) {
        ui.label(RichText::new(now).font(egui::FontId::new(size::BODY, fonts::strong())));
        ui.add_space(GRID / 2.0);
    }
    // What is wrong now may not be told yet.
    if state.frame.troubles.is_empty() || !results.story.is_empty() {
        ui.label(RichText::new(so_far(state, results)).size(size::BODY));
    }
    changes(ui, state, actions);
    troubles(ui, state, actions);
    story(ui, state, actions);
    objectives(ui, state, results);
    questions::ui(ui, state, actions);
    traffic(ui, state, results, actions);
    napkin(ui, state, results, actions);
    warnings(ui, state, results);
    widget::heading(ui, "About");
    if !running.loaded.scenario.teaches.is_empty() {
        widget::quiet(ui, running.loaded.scenario.teaches.as_str());
    }
    if !running.loaded.scenario.source.is_empty() {
        widget::quiet(ui, running.loaded.scenario.source.as_str());
    }
    let digest = state.frame.digest.map_or(String::new(), |digest| format!(" · digest {digest:016x}"));
    widget::quiet(ui, format!("seed {} · {} events{digest}", running.seed, count(state.frame.events)));
}

/// What a person changed, the way back, and a file of it.
fn changes(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let changes = state.changes();
    if changes.done.is_empty() && changes.undone.is_empty() {
        return;
    }
    widget::heading(ui, "Your changes");
    for (place, told) in changes.done.iter().enumerate() {
        let when = match &told.change {
            Change::Then(entry) => clock(format::seconds_of(entry.time)),
            Change::Start(_) | Change::Text(_) => "start".to_owned(),
        };
        ui.horizontal_top(|ui| {
            let gone = ui.add(egui::Button::new("✕").small().frame_when_inactive(false));
            let words = format!("Take back: {}", told.text);
            gone.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, words.as_str()));
            if gone.on_hover_text("Take this one back; the others stay").clicked() {
                actions.push(Action::Revise(place, None));
            }
            widget::quiet(ui, format!("{when} {}", told.text));
        });
    }
    ui.horizontal(|ui| {
        for command in [UiCommand::Undo, UiCommand::Redo, UiCommand::Save] {
            let wanted = command.actions(state, Point::default());
            let button = ui.add_enabled(!wanted.is_empty(), egui::Button::new(command.label(state)).small());
            if button.on_hover_text(format!("{}\n{}", command.tooltip(), command.key_text())).clicked() {
                actions.extend(wanted);
            }
        }
    });
}

/// What is lost at this moment, because of whom, and who loses it.
fn now(state: &LabState) -> Option<String> {
    let frame = &state.frame;
    if frame.culprit.is_empty() {
        return None;
    }
    let culprit = words(&frame.culprit);
    let Some(impact) = frame.impacts.iter().find(|impact| impact.cause == frame.culprit) else {
        return Some(format!("Now others wait for {culprit}; no request fails."));
    };
    let whose = |(source, per_s): &(SourceId, f64)| format!("{} {}", state.source_name(*source), format::per_s(*per_s));
    let who: Vec<String> = impact.who.iter().take(3).map(whose).collect();
    let all = figure(impact.per_s);
    Some(format!("Now {all} requests/s fail, come late or are degraded because of {culprit}: {}.", list(&who)))
}

/// The verdict; of a run that goes on what is decided by the time that is counted, where that is not the present.
fn so_far(state: &LabState, results: &Results) -> String {
    let over = matches!(state.frame.phase, Phase::Done | Phase::Stopped);
    let counted = state.counted[state.frame.lane as usize];
    let late = (state.frame.now.0 - counted.0).abs() > LATE;
    let when = if late { format!("By {}: ", clock(format::seconds_of(counted))) } else { String::new() };
    when + &if over { verdict(results) } else { verdict_so_far(results) }
}

/// What is wrong now: what is its own cause first, under it what follows.
fn troubles(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let troubles = state.troubles();
    if troubles.is_empty() {
        return;
    }
    widget::heading(ui, "Broken now");
    for (depth, trouble) in troubles {
        wrong(ui, state, trouble, depth, actions);
    }
}

fn wrong(ui: &mut Ui, state: &LabState, trouble: &Trouble, depth: usize, actions: &mut Vec<Action>) {
    let said = part::trouble_words(trouble.kind);
    let because = trouble.because.words().map_or(String::new(), |because| format!(", because of {because}"));
    let text = format!("{}: {said} since {}{because}", trouble.subject, clock(state.since(trouble)));
    let culprit: &[Named] =
        if trouble.because.is_empty() { std::slice::from_ref(&trouble.subject) } else { &trouble.because };
    if sentence(ui, state, trouble.kind.told_as(), None, &text, depth, false).clicked()
        && let Some(subject) = state.subject_of(culprit)
    {
        actions.push(Action::Pick(Some(subject.clone())));
        actions.push(Action::Reveal(subject));
    }
}

/// What happened, each under what caused it.
fn story(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let story = state.told();
    if story.is_empty() {
        return;
    }
    widget::heading(ui, "Story");
    let now_s = format::seconds_of(state.frame.now);
    let (lines, left_out) = chain::arrange(story, LINES);
    let (past, later): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.event.at_s <= now_s);
    let first_later = past.len();
    for (at, line) in past.into_iter().chain(later).enumerate() {
        if at == first_later {
            widget::heading(ui, "Later in this run, as simulated before");
        }
        let again = if line.more > 0 { format!(" ({})", line.repeats()) } else { String::new() };
        let Line { depth, event, .. } = line;
        let text = format!("{}{again}", event.text);
        if sentence(ui, state, event.event, Some(event.at_s), &text, depth, event.at_s > now_s).clicked() {
            actions.extend(go(state, Mark::Told(event)));
        }
    }
    if left_out > 0 {
        widget::quiet(ui, format!("and {left_out} more"));
    }
}

/// A sentence that leads somewhere, as deep as its causes are many.
pub fn sentence(
    ui: &mut Ui,
    state: &LabState,
    event: StoryKind,
    at_s: Option<f64>,
    text: &str,
    depth: usize,
    ahead: bool,
) -> egui::Response {
    let inks = Inks::of(state);
    let indent = depth as f32 * 12.0;
    let room = ui.available_width();
    let ink = if ahead { inks.muted } else { inks.text };
    let mut job = egui::text::LayoutJob::default();
    job.wrap.max_width = (room - indent - 24.0).max(40.0);
    if let Some(at_s) = at_s {
        job.append(&clock(at_s), 0.0, egui::TextFormat::simple(fonts::name(), ink));
        job.append(" ", 0.0, egui::TextFormat::simple(fonts::body(), ink));
    }
    job.append(text, 0.0, egui::TextFormat::simple(fonts::body(), ink));
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(vec2(room, galley.size().y + 6.0), Sense::click());
    response.widget_info(|| {
        let when = at_s.map_or(String::new(), |at_s| format!("{} ", clock(at_s)));
        WidgetInfo::labeled(WidgetType::Button, true, format!("{when}{text}"))
    });
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.expand2(vec2(4.0, 0.0)), 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
        }
        widget::focus_ring(ui, &response, rect.expand2(vec2(4.0, 0.0)));
        let (sign, sign_ink) = look(event, &inks);
        let sign_ink = if ahead { sign_ink.gamma_multiply(0.45) } else { sign_ink };
        icon::paint(ui.painter(), sign, pos2(rect.left() + indent + 8.0, rect.top() + 12.0), 12.0, sign_ink);
        ui.painter().galley(pos2(rect.left() + indent + 22.0, rect.top() + 3.0), galley, ink);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

fn objectives(ui: &mut Ui, state: &LabState, results: &Results) {
    if results.objectives.is_empty() {
        return;
    }
    let inks = Inks::of(state);
    widget::heading(ui, "Objectives");
    let over = matches!(state.frame.phase, Phase::Done | Phase::Stopped);
    for objective in &results.objectives {
        let told = match objective.state {
            ObjectiveState::Held if over => "holds",
            ObjectiveState::Held => "pending: holds so far",
            ObjectiveState::Missed => "missed",
            ObjectiveState::Unobserved => "no data yet",
        };
        let row =
            widget::row(ui, &format!("      {} {}", objective.subject, objective.expression), &objective.observed_text);
        row.widget_info(|| {
            WidgetInfo::labeled(
                WidgetType::Label,
                true,
                format!("{} {}: {}, {told}", objective.subject, objective.expression, objective.observed_text),
            )
        });
        let sign = match objective.state {
            ObjectiveState::Held if over => Some((Icon::Check, inks.succeeded)),
            ObjectiveState::Held => Some((Icon::Pending, inks.muted)),
            ObjectiveState::Missed => Some((Icon::Cross, inks.failed)),
            ObjectiveState::Unobserved => None,
        };
        if let Some((sign, ink)) = sign {
            icon::paint(ui.painter(), sign, pos2(row.rect.left() + 8.0, row.rect.center().y), 12.0, ink);
        }
        row.on_hover_text(told);
    }
    if results.cost.total > 0.0 {
        let per =
            results.cost.per_thousand_succeeded.map_or(String::new(), |cost| format!(", {} per 1,000", figure(cost)));
        widget::row(ui, "cost so far", &format!("{}{per}", figure(results.cost.total)));
    }
}

fn traffic(ui: &mut Ui, state: &LabState, results: &Results, actions: &mut Vec<Action>) {
    widget::heading(ui, "Traffic");
    for (name, traffic) in &results.traffic {
        let failed = traffic.failed_share().map_or(ABSENT.to_owned(), percent);
        let p95 = traffic.latency_s.map_or(ABSENT.to_owned(), |latency| seconds(latency.p95));
        let degraded = match traffic.degraded_share() {
            Some(share) if share > 0.0 => format!(", {} degraded", percent(share)),
            _ => String::new(),
        };
        let text = format!("{failed} of {} failed{degraded}, p95 {p95}", figure(traffic.offered as f64));
        part::leading(ui, state, name, &text, actions);
    }
}

/// What theory says beside what was simulated.
fn napkin(ui: &mut Ui, state: &LabState, results: &Results, actions: &mut Vec<Action>) {
    if results.napkin.is_empty() && results.stations.is_empty() && results.populations.is_empty() {
        return;
    }
    widget::heading(ui, "Napkin: base → peak load | simulated use");
    let mut rows: Vec<_> = results.napkin.iter().collect();
    rows.sort_by(|a, b| b.peak.total_cmp(&a.peak));
    for row in rows {
        let passed = row.passed_at_s.map_or(String::new(), |at_s| format!(", full at {}", clock(at_s)));
        let peak = if row.peak > row.base * 1.001 { format!(" → {}", percent(row.peak)) } else { String::new() };
        let observed = row.observed.map_or(ABSENT.to_owned(), percent);
        let text = format!("{}{peak}{passed} | {observed}", percent(row.base));
        let response = part::leading(ui, state, &row.resource, &text, actions);
        response.on_hover_text(format!(
            "Predicted load at the start {}, at the peak {}{passed}; in use in the simulation {observed}. {}",
            percent(row.base),
            percent(row.peak),
            row.note
        ));
    }
    for cells in theory::stations(&results.stations).iter().chain(&theory::populations(&results.populations)) {
        widget::quiet(ui, cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" · "));
    }
    if let Some(others) = theory::no_formula(&results.stations) {
        widget::quiet(ui, others);
    }
}

fn warnings(ui: &mut Ui, state: &LabState, results: &Results) {
    if results.warnings.is_empty() {
        return;
    }
    let inks = Inks::of(state);
    widget::heading(ui, "Warnings");
    for warning in &results.warnings {
        let response = widget::quiet(ui, format!("       {warning}"));
        let at = Rect::from_min_size(response.rect.min, vec2(16.0, 16.0)).center();
        icon::paint(ui.painter(), Icon::Flag, at, 11.0, inks.muted);
    }
    ui.add_space(GRID);
}
