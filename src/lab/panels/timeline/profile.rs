//! How many come over time, as the file plans it: a line of its own on the timeline of a crowd that is picked, with
//! handles that are dragged.

use super::PlotArea;
use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::panels::widget::Inks;
use crate::lab::state::LabState;
use crate::model::SourceId;
use crate::number::{clock, figure};
use crate::scenario::form::{Control, Forms};
use crate::scenario::{Edit, Level, Profile, Traffic};
use crate::units::{Span, Time};
use egui::{Align2, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// A handle, and where it is met, pixels.
const DOT: f32 = 4.5;
const REACH: f32 = 16.0;
/// Room above the highest value, as a share of it.
const ROOM: f64 = 0.25;
/// Points of the line.
const POINTS: usize = 240;

/// Something of a profile that is dragged.
#[derive(Clone, Debug, PartialEq)]
pub struct Handle {
    /// Where it stands, seconds from the start.
    pub at_s: f64,
    /// The value there, in base units.
    pub value: f64,
    /// What it is called.
    pub name: String,
    /// Dragged to the side: the time that changes, within the profile, and when that time counts from.
    pub time: Option<(String, f64)>,
    /// Dragged up and down: the value that changes, within the profile.
    pub level: Option<String>,
    /// The next time, which counts from this handle: its place, and when it ends, which stays.
    pub next: Option<(String, f64)>,
}

impl Handle {
    /// The same of a profile within another, so much later; `part`: which of several.
    fn within(self, path: &str, later_s: f64, part: Option<usize>) -> Self {
        let inner = |field: String| format!("{path}.{field}");
        let timed = |(field, from_s): (String, f64)| (inner(field), from_s + later_s);
        Self {
            at_s: self.at_s + later_s,
            value: self.value,
            name: part.map_or(self.name.clone(), |part| format!("{} of part {part}", self.name)),
            time: self.time.map(timed),
            level: self.level.map(inner),
            next: self.next.map(timed),
        }
    }
}

/// The plan of the crowd that is picked, drawn with its handles, and heard. `dragged`: which of them is, and to where.
pub fn ui(
    ui: &mut Ui,
    place: PlotArea,
    state: &LabState,
    dragged: &mut Option<(usize, f64, f64)>,
    actions: &mut Vec<Action>,
) {
    let (Some(Subject::Source(source)), Some(design)) = (&state.picked, state.draft()) else { return };
    let name = state.source_name(*source);
    let Some(traffic) = design.scenario.traffic.get(name) else { return };
    let (path, handles, unit) = match traffic {
        Traffic::Open { rate, .. } => ("rate", handles(rate), "/s"),
        Traffic::Users { arrive, .. } => ("arrive", handles(arrive), " sessions/s"),
        Traffic::Closed { population, .. } => ("population", handles(population), " people"),
    };
    let path = format!("traffic.{name}.{path}");
    let line = plan(state, *source);
    let most = line.iter().map(|(_, value)| *value).fold(handles.iter().map(|h| h.value).fold(0.0, f64::max), f64::max);
    let top = (most * (1.0 + ROOM)).max(1e-9);
    let plot = place.plot;
    let y = |value: f64| plot.bottom() - (value / top).clamp(0.0, 1.0) as f32 * plot.height();
    let value_at = |y: f32| f64::from((plot.bottom() - y) / plot.height().max(1.0)).max(0.0) * top;
    let inks = Inks::of(state);
    let shown = line.iter().filter(|(at_s, _)| place.shows(*at_s));
    let points: Vec<Pos2> = shown.map(|(at_s, value)| pos2(place.x(*at_s), y(*value))).collect();
    ui.painter().add(Shape::line(points, Stroke::new(2.0, inks.text.gamma_multiply(0.7))));
    // A part of a sum stands on what the others come to.
    let total = |at_s: f64| {
        let profile = state.model().and_then(|model| model.sources.get(*source)).map(|source| &source.profile);
        profile.map_or(0.0, |profile| profile.value(Time((at_s * 1e9) as i64)))
    };
    for (index, handle) in handles.iter().enumerate() {
        let others = if handle.name.contains(" of part ") { (total(handle.at_s) - handle.value).max(0.0) } else { 0.0 };
        let moved = dragged.filter(|(which, ..)| *which == index);
        let (at_s, value) = moved.map_or((handle.at_s, handle.value), |(_, at_s, value)| (at_s, value));
        if !place.shows(at_s) {
            continue;
        }
        let spot = pos2(place.x(at_s), y(value + others));
        let area = Rect::from_center_size(spot, vec2(REACH, REACH));
        let response = ui.interact(area, ui.id().with(("profile", index)), Sense::drag());
        let told = format!("{name}, {}: {}{unit} at {}", handle.name, figure(value), clock(at_s));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, told.as_str()));
        let live = response.hovered() || response.dragged() || response.has_focus();
        let ink = if live { inks.moving } else { inks.text };
        ui.painter().circle(spot, if live { DOT * 1.3 } else { DOT }, inks.surface, Stroke::new(2.0, ink));
        if live {
            let words = format!("{}{unit} at {}", figure(value), clock(at_s));
            let side = if spot.x > plot.center().x { Align2::RIGHT_BOTTOM } else { Align2::LEFT_BOTTOM };
            ui.painter().text(spot + vec2(0.0, -8.0), side, words, fonts::name(), inks.text);
        }
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let at_s = if handle.time.is_some() { place.at_s(pointer.x).round() } else { handle.at_s };
            let from_s = handle.time.as_ref().map_or(0.0, |(_, from_s)| *from_s);
            let level = (value_at(pointer.y) - others).max(0.0);
            let value = if handle.level.is_some() { level } else { handle.value };
            *dragged = Some((index, at_s.max(from_s), value));
        }
        if response.drag_stopped()
            && let Some((_, at_s, value)) = dragged.take()
        {
            let edits = edits(&Forms::new(design), &path, handle, at_s, value);
            if !edits.is_empty() {
                actions.push(Action::Change(edits));
            }
        }
        response.on_hover_cursor(egui::CursorIcon::Grab);
    }
}

/// The profile that runs, from 0 to the horizon.
fn plan(state: &LabState, source: SourceId) -> Vec<(f64, f64)> {
    let Some(source) = state.model().and_then(|model| model.sources.get(source)) else { return Vec::new() };
    let horizon = state.horizon().0;
    let even = (0..=POINTS).map(|point| horizon / POINTS as i64 * point as i64);
    let corners = source.profile.points.iter().map(|(time, _)| time.0).filter(|time| (0..=horizon).contains(time));
    let mut times: Vec<i64> = even.chain(corners.take(POINTS)).collect();
    times.sort_unstable();
    times.iter().map(|time| (*time as f64 / 1e9, source.profile.value(Time(*time)))).collect()
}

/// What can be dragged of a profile.
#[must_use]
pub fn handles<V: Level>(profile: &Profile<V>) -> Vec<Handle> {
    let handle = |name: &str, at_s: f64, value: f64| Handle {
        at_s,
        value,
        name: name.to_owned(),
        time: None,
        level: None,
        next: None,
    };
    let level = |path: &str| Some(path.to_owned());
    let time = |path: &str, from_s: f64| Some((path.to_owned(), from_s));
    match profile {
        Profile::Constant(value) => vec![Handle { level: level("value"), ..handle("value", 0.0, value.level()) }],
        Profile::Ramp { from, to, at, over } => {
            let at_s = at.as_seconds();
            let end_s = at_s + over.as_seconds();
            vec![
                Handle { time: time("at", 0.0), level: level("from"), ..handle("from", at_s, from.level()) },
                Handle { time: time("over", at_s), level: level("to"), ..handle("to", end_s, to.level()) },
            ]
        }
        Profile::Stages { start, stages } => {
            let mut found = vec![Handle { level: level("start"), ..handle("start", 0.0, start.level()) }];
            let mut from_s = 0.0;
            for (place, (length, target)) in stages.iter().enumerate() {
                let at_s = from_s + length.as_seconds();
                let next = stages
                    .get(place + 1)
                    .map(|(length, _)| (format!("stages.{}.0", place + 1), at_s + length.as_seconds()));
                found.push(Handle {
                    time: time(&format!("stages.{place}.0"), from_s),
                    level: level(&format!("stages.{place}.1")),
                    next,
                    ..handle(&format!("stage {}", place + 1), at_s, target.level())
                });
                from_s = at_s;
            }
            found
        }
        Profile::Flash { base, peak, at, rise, half_life } => {
            let (at_s, top_s) = (at.as_seconds(), at.as_seconds() + rise.as_seconds());
            let half_s = top_s + half_life.as_seconds();
            let half = (base.level() + peak.level()) / 2.0;
            vec![
                Handle { level: level("base"), ..handle("base", 0.0, base.level()) },
                Handle { time: time("at", 0.0), ..handle("start", at_s, base.level()) },
                Handle { time: time("rise", at_s), level: level("peak"), ..handle("peak", top_s, peak.level()) },
                Handle { time: time("half_life", top_s), ..handle("half-life", half_s, half) },
            ]
        }
        Profile::Doubling { from, every, until: _ } => vec![
            Handle { level: level("from"), ..handle("from", 0.0, from.level()) },
            Handle { time: time("every", 0.0), ..handle("doubled", every.as_seconds(), 2.0 * from.level()) },
        ],
        Profile::Daily { low, high, peak, period } => {
            let low_s = (peak.as_seconds() + period.as_seconds() / 2.0) % period.as_seconds().max(1e-9);
            vec![
                Handle { level: level("low"), ..handle("low", low_s, low.level()) },
                Handle {
                    time: time("peak", 0.0),
                    level: level("high"),
                    ..handle("high", peak.as_seconds(), high.level())
                },
            ]
        }
        // A table has no numbers of its own, a factor is of all that is in it: they are typed.
        Profile::Shift(by, of) => {
            let by_s = by.as_seconds();
            handles(of).into_iter().map(|handle| handle.within("of", by_s, None)).collect()
        }
        Profile::Sum(parts) => {
            let of_part = |(place, part): (usize, &Profile<V>)| {
                let within = format!("parts.{place}");
                let all = handles(part).into_iter().map(move |handle| handle.within(&within, 0.0, Some(place + 1)));
                all.collect::<Vec<_>>()
            };
            parts.iter().enumerate().flat_map(of_part).collect()
        }
        Profile::Trace(_) | Profile::Scale(..) => Vec::new(),
    }
}

/// What puts a handle there.
#[must_use]
pub fn edits(forms: &Forms<'_>, path: &str, handle: &Handle, at_s: f64, value: f64) -> Vec<Edit> {
    let span = |seconds: f64| Span((seconds.max(0.0) * 1e9).round() as i64).to_string();
    let mut edits = Vec::new();
    if let Some((time, from_s)) = handle.time.as_ref().filter(|_| (at_s - handle.at_s).abs() >= 0.5) {
        edits.push(Edit::set(format!("{path}.{time}"), span(at_s - from_s)));
        if let Some((next, end_s)) = &handle.next {
            edits.push(Edit::set(format!("{path}.{next}"), span(end_s - at_s)));
        }
    }
    if let Some(level) = handle.level.as_ref().filter(|_| (value - handle.value).abs() > handle.value.abs() * 1e-3)
        && let Ok(form) = forms.at(&format!("{path}.{level}"))
        && let Control::Number(number) = &form.control
    {
        edits.push(form.set(&number.written(rounded(value))));
    }
    edits
}

/// To three digits: a hand is no finer.
fn rounded(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let unit = 10f64.powf(value.log10().floor() - 2.0);
    (value / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Loaded, load};

    fn with(rate: &str) -> Loaded {
        let text = format!(
            "(version: 1, title: \"T\", horizon: \"10min\", machines: {{ \"m\": () }},
            services: {{ \"s\": (on: [\"m\"], operations: {{ \"run\": [Cpu(\"1ms\")] }}) }},
            traffic: {{ \"crowd\": Open(rate: {rate}, call: \"s.run\") }})"
        );
        load("test", &text).unwrap_or_else(|problems| panic!("{rate}: {}", problems[0].message))
    }

    fn of(loaded: &Loaded) -> Vec<Handle> {
        match loaded.scenario.traffic.get("crowd") {
            Some(Traffic::Open { rate, .. }) => handles(rate),
            other => panic!("{other:?}"),
        }
    }

    /// Every handle of every kind of profile goes where it is dragged, and no other moves against that.
    #[test]
    fn a_handle_is_where_it_was_let_go() {
        for rate in [
            "Constant(\"10/s\")",
            "Ramp(from: \"10/s\", to: \"40/s\", at: \"1min\", over: \"2min\")",
            "Stages(start: \"10/s\", stages: [(\"1min\", \"20/s\"), (\"2min\", \"50/s\"), (\"1min\", \"5/s\")])",
            "Flash(base: \"10/s\", peak: \"90/s\", at: \"1min\", rise: \"30s\", half_life: \"1min\")",
            "Doubling(from: \"2/s\", every: \"2min\")",
            "Daily(low: \"2/s\", high: \"20/s\", peak: \"3min\", period: \"8min\")",
            "Shift(\"1min\", Ramp(from: \"10/s\", to: \"40/s\", at: \"1min\", over: \"2min\"))",
            "Sum([Constant(\"3/s\"), Flash(base: \"10/s\", peak: \"90/s\", at: \"1min\", rise: \"30s\", half_life: \"1min\")])",
        ] {
            let before = with(rate);
            let known = of(&before);
            assert!(!known.is_empty(), "{rate}");
            for (place, handle) in known.iter().enumerate() {
                let to_s = if handle.time.is_some() { handle.at_s + 7.0 } else { handle.at_s };
                let to = if handle.level.is_some() { handle.value * 1.5 } else { handle.value };
                let edits = edits(&Forms::new(&before), "traffic.crowd.rate", handle, to_s, to);
                let (after, _) =
                    before.edited(&edits).unwrap_or_else(|why| panic!("{rate}: {edits:?}: {}", why[0].message));
                let now = of(&after);
                assert!((now[place].at_s - to_s).abs() < 1e-6, "{rate}: {} at {}", handle.name, now[place].at_s);
                assert!((now[place].value - to).abs() <= to * 5e-3, "{rate}: {} is {}", handle.name, now[place].value);
                if handle.next.is_some() {
                    assert_eq!(now[place + 1].at_s, known[place + 1].at_s, "what comes next stays");
                }
            }
        }
    }

    #[test]
    fn what_was_not_moved_is_not_edited() {
        let loaded = with("Flash(base: \"10/s\", peak: \"90/s\", at: \"1min\", rise: \"30s\", half_life: \"1min\")");
        for handle in of(&loaded) {
            let (at_s, value) = (handle.at_s, handle.value);
            assert!(edits(&Forms::new(&loaded), "traffic.crowd.rate", &handle, at_s, value).is_empty());
        }
    }
}
