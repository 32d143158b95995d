//! Everything that has a name, found by a few of its letters: commands with their keys, questions, variants, what can
//! be compared, scenarios, and the boxes of the canvas.

use super::widget::Inks;
use crate::catalog;
use crate::lab::action::{Action, Rival, Subject};
use crate::lab::command::{AGAINST, UiCommand};
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::studies::Question;
use crate::lab::theme::{RADIUS, size};
use crate::layout::Point;
use crate::model::{GroupId, LinkId, ServiceId, SourceId};
use egui::{Align2, Frame, Key, Margin, Modal, Modifiers, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType};
use egui::{pos2, vec2};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Lines that are shown at once.
const SHOWN: usize = 12;
const ROW: f32 = 28.0;

/// What a line does.
#[derive(Clone, Debug)]
enum Item {
    Command(UiCommand),
    Ask(Question),
    Against(Rival),
    Variant(Option<String>),
    Open(&'static str),
    GoTo(Subject),
}

/// A line.
#[derive(Clone, Debug)]
struct Entry {
    /// What it is called.
    name: String,
    /// What else is read there: a key, what it is.
    beside: String,
    item: Item,
}

/// The list of everything.
#[derive(Default)]
pub struct Palette {
    typed: String,
    open: bool,
    /// All there is, as it was when the list was opened.
    entries: Vec<Entry>,
    /// Those that fit what is typed, the best first; and what they were found for.
    found: Vec<usize>,
    found_for: Option<String>,
    chosen: usize,
}

impl Palette {
    /// Draws it where it is open, and hears it.
    pub fn ui(&mut self, ctx: &egui::Context, state: &LabState, actions: &mut Vec<Action>) {
        let Some(begun) = &state.view.palette else {
            self.open = false;
            return;
        };
        let opened = !std::mem::replace(&mut self.open, true);
        if opened {
            *self = Self { typed: begun.clone(), open: true, entries: entries(state), ..Self::default() };
        }
        self.find();
        let inks = Inks::of(state);
        let frame = Frame::new()
            .fill(inks.surface)
            .inner_margin(Margin::same(12))
            .corner_radius(RADIUS)
            .stroke(Stroke::new(1.0, inks.line));
        let area = Modal::default_area(egui::Id::new("palette")).anchor(Align2::CENTER_TOP, vec2(0.0, 72.0));
        let modal = Modal::new(egui::Id::new("palette")).area(area).frame(frame);
        let modal = modal.backdrop_color(inks.ground.gamma_multiply(0.5)).show(ctx, |ui| {
            ui.set_width((ctx.content_rect().width() - 64.0).clamp(160.0, 560.0));
            self.inside(ui, state, opened, actions);
        });
        if modal.backdrop_response.clicked() {
            actions.push(Action::ShowPalette(None));
        }
    }

    fn inside(&mut self, ui: &mut Ui, state: &LabState, opened: bool, actions: &mut Vec<Action>) {
        let (steps, entered, left) = ui.input_mut(|input| {
            let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as isize;
            let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as isize;
            let entered = input.consume_key(Modifiers::NONE, Key::Enter);
            (down - up, entered, input.consume_key(Modifiers::NONE, Key::Escape))
        });
        let last = self.found.len().saturating_sub(1) as isize;
        self.chosen = (self.chosen as isize + steps).clamp(0, last.max(0)) as usize;
        let field = egui::TextEdit::singleline(&mut self.typed)
            .hint_text("A command, a variant, a scenario, a box…")
            .desired_width(f32::INFINITY);
        let response = ui.add(field);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Find a command"));
        if opened {
            response.request_focus();
            if let Some(mut edit) = egui::TextEdit::load_state(ui.ctx(), response.id) {
                let end = egui::text::CCursor::new(self.typed.chars().count());
                edit.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
                edit.store(ui.ctx(), response.id);
            }
        }
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        if self.found.is_empty() {
            ui.label(RichText::new("No match.").size(size::SMALL).weak());
        }
        let first = (self.chosen + 1).saturating_sub(SHOWN);
        let mut taken = if entered { self.found.get(self.chosen).copied() } else { None };
        for (place, index) in self.found.iter().copied().enumerate().skip(first).take(SHOWN) {
            let row = row(ui, state, &self.entries[index], place == self.chosen);
            if place == self.chosen {
                let row = row.id.accesskit_id();
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_active_descendant(row));
            }
            if row.clicked() {
                taken = Some(index);
            }
        }
        if self.found.len() > first + SHOWN {
            let more = format!("and {} more", self.found.len() - first - SHOWN);
            ui.label(RichText::new(more).size(size::SMALL).weak());
        }
        if let Some(index) = taken {
            actions.push(Action::ShowPalette(None));
            actions.extend(wanted(&self.entries[index].item, state));
        } else if left {
            actions.push(Action::ShowPalette(None));
        }
    }

    /// Looks up what fits, where what is typed is another than before.
    fn find(&mut self) {
        if self.found_for.as_deref() == Some(self.typed.as_str()) {
            return;
        }
        self.found_for = Some(self.typed.clone());
        self.chosen = 0;
        self.found = matches(&self.entries, &self.typed);
    }
}

/// Positions of the entries that fit, the best first; of equals in their order.
fn matches(entries: &[Entry], typed: &str) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..entries.len()).collect();
    }
    let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
    let mut found: Vec<(u32, usize)> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        // A name that fits is worth more than a line that does.
        let named = score(&entry.name).map(|score| score * 2);
        let whole = || score(&format!("{} {}", entry.name, entry.beside));
        found.extend(named.or_else(whole).map(|score| (score, index)));
    }
    found.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    found.into_iter().map(|(_, index)| index).collect()
}

fn row(ui: &mut Ui, state: &LabState, entry: &Entry, chosen: bool) -> egui::Response {
    let inks = Inks::of(state);
    let possible = !wanted(&entry.item, state).is_empty();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| {
        let told =
            if entry.beside.is_empty() { entry.name.clone() } else { format!("{}, {}", entry.name, entry.beside) };
        WidgetInfo::selected(WidgetType::SelectableLabel, possible, chosen, told)
    });
    if chosen {
        ui.painter().rect_filled(rect, 6.0, ui.visuals().selection.bg_fill);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
    }
    let ink = if possible { inks.text } else { inks.muted };
    let beside = ui.painter().layout_no_wrap(short(&entry.beside), fonts::small(), inks.muted);
    let left = rect.right() - 8.0 - beside.size().x;
    let names = Rect::from_min_max(rect.min + vec2(8.0, 0.0), pos2(left - 8.0, rect.bottom()));
    super::widget::clipped(ui, names, &entry.name, fonts::body(), ink);
    ui.painter().galley(pos2(left, rect.center().y - beside.size().y / 2.0), beside, inks.muted);
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

fn short(text: &str) -> String {
    super::format::shortened(text, 48)
}

/// What a line asks for, as things stand; nothing where it makes no sense.
fn wanted(item: &Item, state: &LabState) -> Vec<Action> {
    let middle = Point { x: state.view.size.x / 2.0, y: state.view.size.y / 2.0 };
    match item {
        Item::Command(command) => command.actions(state, middle),
        Item::Ask(_) if state.opened.is_none() || state.studies.asked.is_some() => Vec::new(),
        Item::Ask(question) => vec![Action::Ask(*question)],
        Item::Against(rival) => vec![Action::CompareWith(rival.clone())],
        Item::Variant(variant) => vec![Action::OpenVariant(variant.clone())],
        Item::Open(name) => vec![Action::OpenBuiltIn(name, None)],
        Item::GoTo(subject) => vec![Action::Pick(Some(subject.clone())), Action::Reveal(subject.clone())],
    }
}

/// Everything that has a name.
fn entries(state: &LabState) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let own = |command: &UiCommand| !matches!(command, UiCommand::Palette | UiCommand::Dismiss | UiCommand::Limit);
    for command in UiCommand::ALL.into_iter().filter(own) {
        let (name, beside) = (command.label(state).to_owned(), command.key_text());
        entries.push(Entry { name, beside, item: Item::Command(command) });
    }
    for question in Question::ALL {
        let beside = if question == Question::Limit { UiCommand::Limit.key_text() } else { "question".to_owned() };
        entries.push(Entry { name: question.label().to_owned(), beside, item: Item::Ask(question) });
    }
    if let Some(opened) = &state.opened {
        let variants = || {
            let named = opened.loaded.scenario.variants.names().map(|name| Some(name.to_owned()));
            std::iter::once(None).chain(named)
        };
        let called = |variant: &Option<String>| variant.clone().unwrap_or_else(|| "no variant".to_owned());
        for variant in variants() {
            let name = format!("{AGAINST}{}", called(&variant));
            entries.push(Entry { name, beside: "variant".into(), item: Item::Against(Rival::Variant(variant)) });
        }
        let file =
            Entry {
                name: format!("{AGAINST}a file…"), beside: "file".into(), item: Item::Against(Rival::AskForFile)
            };
        entries.push(file);
        for variant in variants().filter(|_| !opened.loaded.scenario.variants.is_empty()) {
            let name = format!("Run {} from the start", called(&variant));
            entries.push(Entry { name, beside: "variant".into(), item: Item::Variant(variant) });
        }
    }
    boxes(state, &mut entries);
    for scenario in catalog::SCENARIOS {
        let beside = "scenario".to_owned();
        entries.push(Entry { name: format!("Open {}", scenario.name), beside, item: Item::Open(scenario.name) });
    }
    if state.opened.is_some() {
        for scenario in catalog::SCENARIOS {
            let name = format!("{AGAINST}{}", scenario.name);
            let item = Item::Against(Rival::BuiltIn(scenario.name));
            entries.push(Entry { name, beside: "scenario".into(), item });
        }
    }
    entries
}

/// What stands on the canvas.
fn boxes(state: &LabState, entries: &mut Vec<Entry>) {
    let Some(model) = state.model() else { return };
    let services = model.services.ids().filter(|id: &ServiceId| !model.services[*id].retired).map(Subject::Service);
    let groups = model.groups.ids().filter(|id: &GroupId| !model.groups[*id].retired).map(Subject::Group);
    let sources = model.sources.ids().filter(|id: &SourceId| !model.sources[*id].retired).map(Subject::Source);
    let links = model.links.ids().filter(|id: &LinkId| !model.links[*id].retired).map(Subject::Link);
    for subject in sources.chain(services).chain(groups).chain(links) {
        let (name, beside) = (format!("Go to {}", state.name_of(&subject)), LabState::kind_of(&subject).to_owned());
        entries.push(Entry { name, beside, item: Item::GoTo(subject) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_a_name_and_the_best_comes_first() {
        let entry = |name: &str, beside: &str| Entry {
            name: name.to_owned(),
            beside: beside.to_owned(),
            item: Item::Command(UiCommand::Fit),
        };
        let entries = [
            entry("Go to db", "service"),
            entry("Compare with a file…", "file"),
            entry("Find the limit", "L"),
            entry("Go to db/0>disk", "link"),
        ];
        let found = |typed: &str| matches(&entries, typed);
        assert_eq!(found("")[..], [0, 1, 2, 3]);
        assert_eq!(found("ftl")[..], [2]);
        assert_eq!(found("go db")[0], 0, "{:?}", found("go db"));
        assert_eq!(found("COMPARE")[..], [1]);
        assert_eq!(found("service")[..], [0], "what stands beside it counts as well");
        assert!(found("zzz").is_empty());
    }
}
