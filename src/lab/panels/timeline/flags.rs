//! What happened, as flags above the curves, and what operators did, as marks below them. Those that would lie on one
//! another share a place.

use super::PlotArea;
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::icon::{self, Icon};
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::measure::results::StoryEvent;
use crate::measure::story::StoryKind;
use crate::number::clock;
use crate::scenario::Edit;
use crate::units::Span;
use egui::{Align2, Color32, Id, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Flags nearer than this share a place, pixels.
const NEAR: f32 = 26.0;
/// Whether something is saturated a mean of so many seconds decides.
const MEAN_S: f64 = 10.0;
/// Sentences told when the pointer rests on a flag.
const TOLD: usize = 8;

/// One thing on the flag row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark<'a> {
    /// A sentence of the story.
    Told(&'a StoryEvent),
    /// What a person asked for: when, in words, and what is moved with it.
    Asked(f64, &'a str, Option<Handle>),
    /// A rule of the file that acts by the clock: when, in words, and what is moved with it.
    Rule(f64, &'a str, Handle),
}

/// What a mark can be moved by, or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle {
    /// A change, by its place among them.
    Change(usize),
    /// A rule of the runbook, by its place there.
    Rule(usize),
}

impl Handle {
    /// What happens at another time.
    fn moved(self, to_s: f64) -> Action {
        match self {
            Self::Change(place) => Action::Revise(place, Some(format::time_of(to_s))),
            Self::Rule(place) => {
                let time = Span(format::time_of(to_s).0).to_string();
                Action::EditFromStart(vec![Edit::set(format!("runbook.{place}.time"), time)])
            }
        }
    }

    /// What does not happen.
    fn deleted(self) -> Action {
        match self {
            Self::Change(place) => Action::Revise(place, None),
            Self::Rule(place) => Action::EditFromStart(vec![Edit::remove(format!("runbook.{place}"))]),
        }
    }
}

impl Mark<'_> {
    /// When, seconds.
    #[must_use]
    pub fn at_s(&self) -> f64 {
        match self {
            Self::Told(event) => event.at_s,
            Self::Asked(at_s, ..) | Self::Rule(at_s, ..) => *at_s,
        }
    }

    /// When it can be seen, seconds: what a mean decides is known later than it began.
    #[must_use]
    pub fn seen_s(&self) -> f64 {
        match self {
            // Told as the cause of something else it may not be seen yet.
            Self::Told(event) if event.event == StoryKind::Saturated => event.found_s.max(event.at_s + MEAN_S),
            Self::Told(event) => event.found_s.max(event.at_s),
            Self::Asked(at_s, ..) | Self::Rule(at_s, ..) => *at_s,
        }
    }

    /// In words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Told(event) => &event.text,
            Self::Asked(_, text, _) | Self::Rule(_, text, _) => text,
        }
    }

    /// What it is moved by.
    fn handle(&self) -> Option<Handle> {
        match self {
            Self::Told(_) => None,
            Self::Asked(_, _, handle) => *handle,
            Self::Rule(_, _, handle) => Some(*handle),
        }
    }

    /// The less, the more it matters.
    fn rank(&self) -> u8 {
        match self {
            Self::Asked(..) | Self::Rule(..) => 0,
            Self::Told(event) => match event.event {
                StoryKind::Saturated if event.because.is_empty() => 0,
                StoryKind::Stopped
                | StoryKind::RetryStorm
                | StoryKind::Metastable
                | StoryKind::Stampede
                | StoryKind::Deadlock
                | StoryKind::Herd => 1,
                StoryKind::Saturated => 2,
                StoryKind::Down | StoryKind::Emptied => 3,
                StoryKind::Failing | StoryKind::Degraded => 4,
                StoryKind::Refusing | StoryKind::Throttled | StoryKind::Retransmitting | StoryKind::Unhealthy => 5,
                StoryKind::Opened => 6,
                StoryKind::Pending => 7,
                StoryKind::Recovered
                | StoryKind::Closed
                | StoryKind::Healthy
                | StoryKind::Evicting
                | StoryKind::Up
                | StoryKind::Rule
                | StoryKind::Skipped => 8,
            },
        }
    }
}

/// The sign and the colour of a kind of event.
#[must_use]
pub fn look(event: StoryKind, inks: &Inks) -> (Icon, Color32) {
    match event {
        StoryKind::Saturated => (Icon::Hatch, inks.saturated),
        StoryKind::Refusing | StoryKind::Throttled | StoryKind::Retransmitting | StoryKind::Unhealthy => {
            (Icon::Cross, inks.failed)
        }
        StoryKind::Failing
        | StoryKind::Degraded
        | StoryKind::RetryStorm
        | StoryKind::Metastable
        | StoryKind::Stampede
        | StoryKind::Deadlock
        | StoryKind::Herd => (Icon::Ring, inks.failed),
        StoryKind::Opened => (Icon::Diamond, inks.failed),
        StoryKind::Pending => (Icon::Pending, inks.waiting),
        StoryKind::Down | StoryKind::Emptied => (Icon::Down, inks.text),
        StoryKind::Up => (Icon::Up, inks.muted),
        StoryKind::Recovered | StoryKind::Closed | StoryKind::Healthy => (Icon::Check, inks.muted),
        StoryKind::Rule | StoryKind::Evicting | StoryKind::Skipped => (Icon::Gear, inks.muted),
        StoryKind::Stopped => (Icon::Stop, inks.text),
    }
}

/// Those at one place, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster<'a> {
    /// Pixels from the left.
    pub x: f32,
    /// All of them.
    pub marks: Vec<Mark<'a>>,
}

impl<'a> Cluster<'a> {
    /// Marks by place: `at` tells the pixel of a time.
    #[must_use]
    pub fn gather(mut marks: Vec<Mark<'a>>, at: impl Fn(f64) -> f32) -> Vec<Self> {
        marks.sort_by(|a, b| a.at_s().total_cmp(&b.at_s()));
        let mut clusters: Vec<Self> = Vec::new();
        for mark in marks {
            let x = at(mark.at_s());
            match clusters.last_mut().filter(|last| x - last.x < NEAR) {
                Some(last) => last.marks.push(mark),
                None => clusters.push(Self { x, marks: vec![mark] }),
            }
        }
        clusters
    }

    /// The one that matters most; of equals the first.
    #[must_use]
    pub fn lead(&self) -> Mark<'a> {
        let lead = self.marks.iter().min_by_key(|mark| mark.rank());
        *lead.expect("a cluster begins with a mark")
    }

    /// All of it in words.
    #[must_use]
    pub fn name(&self) -> String {
        let sentences = self.marks.iter().take(TOLD).map(|mark| format!("{} {}", clock(mark.at_s()), mark.text()));
        sentences.collect::<Vec<_>>().join("; ")
    }
}

/// A row of them; `row` is where they stand, `known_until` the last pixel that the run has reached.
pub fn row(
    ui: &mut Ui,
    id: Id,
    row: Rect,
    marks: Vec<Mark<'_>>,
    place: PlotArea,
    state: &LabState,
    actions: &mut Vec<Action>,
) {
    let at = |at_s: f64| place.x(at_s);
    let marks: Vec<Mark<'_>> = marks.into_iter().filter(|mark| place.shows(mark.at_s())).collect();
    let inks = Inks::of(state);
    let now_s = format::seconds_of(state.frame.now);
    for (index, cluster) in Cluster::gather(marks, at).iter().enumerate() {
        let lead = cluster.lead();
        let many = cluster.marks.len();
        let width = if many > 9 {
            32.0
        } else if many > 1 {
            24.0
        } else {
            16.0
        };
        let rect = Rect::from_min_size(pos2(cluster.x - 8.0, row.top()), vec2(width, row.height()));
        let handle = lead.handle();
        let sense = if handle.is_some() { Sense::click_and_drag() } else { Sense::click() };
        let response = ui.interact(rect, id.with(index), sense);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, cluster.name()));
        let (icon, ink) = match lead {
            Mark::Told(event) => look(event.event, &inks),
            Mark::Asked(..) => (Icon::Hand, inks.text),
            Mark::Rule(..) => (Icon::Gear, inks.muted),
        };
        let ahead = lead.at_s() > now_s;
        let ink = if ahead { ink.gamma_multiply(0.45) } else { ink };
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 4.0, ui.visuals().widgets.hovered.weak_bg_fill);
        }
        widget::focus_ring(ui, &response, rect);
        icon::paint(ui.painter(), icon, pos2(cluster.x, row.center().y), 13.0, ink);
        if many > 1 {
            let text = if many > 99 { "99+".to_owned() } else { many.to_string() };
            ui.painter().text(
                pos2(cluster.x + 8.0, row.center().y),
                Align2::LEFT_CENTER,
                text,
                fonts::small(),
                inks.muted,
            );
        }
        if let Some(handle) = handle {
            carried(ui, &response, (place, row), (lead, handle), &inks, actions);
        }
        let cursor = if handle.is_some() { egui::CursorIcon::Grab } else { egui::CursorIcon::PointingHand };
        let response = response.on_hover_cursor(cursor).on_hover_ui(|ui| told(ui, cluster, handle));
        if response.clicked() {
            actions.extend(go(state, lead));
        }
    }
}

/// What a place on the row stands for, sentence by sentence.
fn told(ui: &mut Ui, cluster: &Cluster<'_>, handle: Option<Handle>) {
    for mark in cluster.marks.iter().take(TOLD) {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(clock(mark.at_s())).font(fonts::name()));
            ui.label(mark.text());
        });
    }
    if cluster.marks.len() > TOLD {
        ui.weak(format!("and {} more", cluster.marks.len() - TOLD));
    }
    if handle.is_some() {
        ui.weak("Drag it to another time; Delete takes it back");
    }
}

/// A mark that is dragged to another time, or deleted.
fn carried(
    ui: &mut Ui,
    response: &egui::Response,
    (place, row): (PlotArea, Rect),
    (mark, handle): (Mark<'_>, Handle),
    inks: &Inks,
    actions: &mut Vec<Action>,
) {
    response.context_menu(|ui| {
        ui.weak(format!("{} {}", clock(mark.at_s()), mark.text()));
        if ui.button("Delete").clicked() {
            actions.push(handle.deleted());
            ui.close();
        }
    });
    let wanted = response.has_focus() || response.hovered();
    if wanted && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Delete)) {
        actions.push(handle.deleted());
    }
    let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged() || response.drag_stopped())
    else {
        return;
    };
    // To whole seconds: nobody points at a nanosecond.
    let to_s = place.at_s(pointer.x).round();
    let x = place.x(to_s);
    ui.painter().vline(x, row.top()..=place.plot.bottom(), egui::Stroke::new(1.5, inks.text));
    let words = clock(to_s);
    ui.painter().text(pos2(x + 6.0, row.center().y), Align2::LEFT_CENTER, words, fonts::name(), inks.text);
    if response.drag_stopped() {
        actions.push(handle.moved(to_s));
    }
}

/// Be where it is seen, and see whose fault it was.
#[must_use]
pub fn go(state: &LabState, mark: Mark<'_>) -> Vec<Action> {
    let known_s = format::seconds_of(state.frame.known.max(state.frame.now));
    let at_s = if known_s > mark.at_s() { mark.seen_s().min(known_s) } else { mark.seen_s() };
    let mut actions = vec![Action::Seek(format::time_of(at_s))];
    if let Mark::Told(event) = mark {
        let culprit =
            state.subject_of(&event.because).or_else(|| state.subject_of(std::slice::from_ref(&event.subject)));
        if let Some(subject) = culprit {
            actions.push(Action::Pick(Some(subject.clone())));
            actions.push(Action::Reveal(subject));
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::subject::Named;

    fn event(at_s: f64, event: StoryKind, because: Option<&str>) -> StoryEvent {
        StoryEvent {
            at_s,
            event,
            subject: "x".into(),
            because: because.map(Named::from).into(),
            causes: Vec::new(),
            lost: 0,
            text: format!("{} at {at_s}", event.name()),
            found_s: at_s,
        }
    }

    #[test]
    fn near_ones_share_a_place_and_the_root_leads() {
        let story = [
            event(10.0, StoryKind::Refusing, Some("rds.cpu")),
            event(12.0, StoryKind::Saturated, None),
            event(100.0, StoryKind::Recovered, None),
        ];
        let clusters = Cluster::gather(story.iter().map(Mark::Told).collect(), |at_s| at_s as f32);
        assert_eq!(clusters.iter().map(|c| c.marks.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(clusters[0].lead(), Mark::Told(&story[1]));
        assert_eq!(clusters[0].name(), "0:10 refusing at 10; 0:12 saturated at 12");
    }
}
