//! One moment, told in many places: what the accessibility tree, the canvas, the inspector, the timeline, the flags and
//! the run's own results say of it is the same. Every scenario that comes along, at several times; first and again after
//! going back, in a branch, and while it runs.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use surgelab::catalog::{self, BuiltIn};
use surgelab::experiment::Experiment;
use surgelab::host::{Availability, HostOptions, InlinePort, Lane, Phase, TroubleKind};
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::Lab;
use surgelab::lab::view::View;
use surgelab::lab::{panels, tree};
use surgelab::layout::{Point, Rect};
use surgelab::measure::story::StoryKind;
use surgelab::model::{LinkId, ServiceId, SourceId};
use surgelab::number::{clock, count, figure, percent};
use surgelab::units::Time;

const SECOND: i64 = 1_000_000_000;
/// Instances, machines and links looked at one by one of each scenario at each time at most.
const LOOKED_AT: usize = 6;

/// A lab in a window so high that nothing of the inspector is hidden.
struct Desk {
    lab: Lab,
    context: egui::Context,
    seconds: f64,
    name: &'static str,
    /// Where what is told apart happened.
    apart: Vec<String>,
    /// What the keyboard is at.
    focus: Option<String>,
}

impl Desk {
    fn open(scenario: &BuiltIn) -> Self {
        let ticks = AtomicU64::new(0);
        let read = move || Duration::from_micros(20 * ticks.fetch_add(1, Ordering::Relaxed));
        let port = InlinePort::new(HostOptions::default(), Duration::from_millis(20), read);
        let mut lab = Lab::new(Box::new(port), View { still: true, ..View::default() });
        lab.open(Experiment::new(scenario.name, scenario.text));
        let context = egui::Context::default();
        context.enable_accesskit();
        panels::install_fonts(&context);
        let mut desk = Self { lab, context, seconds: 0.0, name: scenario.name, apart: Vec::new(), focus: None };
        desk.until("it is open", |lab| lab.state.opened.is_some());
        desk.lab.ask(Action::PlayOrPause);
        desk
    }

    #[track_caller]
    fn until(&mut self, what: &str, so: impl Fn(&Lab) -> bool) {
        for _ in 0..400_000 {
            self.lab.listen();
            assert!(!self.lab.state.dead, "{}: the host failed: {:?}", self.name, self.lab.state.notice);
            if so(&self.lab) {
                return;
            }
        }
        panic!("{}: it never came to be that {what}: {:?}", self.name, self.lab.state.frame.now);
    }

    /// It stands there, and all that is to be told of it was.
    #[track_caller]
    fn seek(&mut self, time: Time) {
        self.lab.ask(Action::Seek(time));
        self.settle(time);
    }

    #[track_caller]
    fn settle(&mut self, time: Time) {
        self.until(&format!("it is at {time:?}"), |lab| {
            let state = &lab.state;
            let lane = state.frame.lane as usize;
            let counted = state.results[lane].is_some() && state.counted[lane] == time;
            state.frame.now == time && state.frame.digest.is_some() && state.frame.phase != Phase::Seeking && counted
        });
        self.until("its past is told", |lab| {
            let past = lab.state.timeline(lab.state.frame.lane);
            past.points.len() as f64 * past.every_s + past.every_s > time.0 as f64 / 1e9
        });
    }

    /// What is told of the widgets, once they have settled.
    fn names(&mut self) -> Vec<String> {
        self.shown(vec![Vec::new(); 3])
    }

    /// A picture for each of these, with what happens to it; what is told of the last.
    fn shown(&mut self, events: Vec<Vec<egui::Event>>) -> Vec<String> {
        let mut told = Vec::new();
        for events in events {
            self.seconds += 0.1;
            let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1600.0, 6_000.0));
            let input =
                egui::RawInput { screen_rect: Some(screen), time: Some(self.seconds), events, ..Default::default() };
            let (lab, seconds) = (&mut self.lab, self.seconds);
            let output = self.context.run_ui(input, |ui| lab.show(ui, seconds));
            let update = output.platform_output.accesskit_update.expect("the tree is made");
            let nodes = tree::json(&update);
            let texts = nodes.as_array().expect("a list").iter();
            let focused = texts.clone().find(|node| node["focused"] == true);
            self.focus = focused.and_then(|node| node["label"].as_str().map(str::to_owned));
            told = texts
                .flat_map(|node| ["label", "value"].map(|key| node[key].as_str().map(str::to_owned)))
                .flatten()
                .collect();
        }
        told
    }

    /// The same with this picked.
    fn picked(&mut self, subject: Option<Subject>) -> Vec<String> {
        self.lab.ask(Action::Pick(subject));
        self.names()
    }

    /// Words that the canvas shows within a box.
    fn drawn(&self, place: Rect) -> Vec<String> {
        let view = &self.lab.state.view;
        let a = view.to_window(Point { x: place.x, y: place.y });
        let b = view.to_window(Point { x: place.x + place.width, y: place.y + place.height });
        let inside = |rect: &Rect| {
            let middle = rect.center();
            (a.x - 1.0..b.x + 1.0).contains(&middle.x) && (a.y - 1.0..b.y + 30.0).contains(&middle.y)
        };
        let labels = self.lab.picture().0.labels.iter();
        labels.filter(|(label, _)| inside(&label.rect)).map(|(_, text)| text.to_owned()).collect()
    }

    /// Two that should say the same.
    fn same(&mut self, what: &str, one: &str, other: &str) {
        if one != other {
            let at = clock(self.lab.state.frame.now.0 as f64 / 1e9);
            let told = format!("{} at {at}, {what}: {one} | {other}", self.name);
            println!("{told}");
            self.apart.push(told);
        }
    }

    fn holds(&mut self, what: &str, so: bool) {
        self.same(what, if so { "so" } else { "not so" }, "so");
    }

    /// All the places that tell of the present agree.
    fn agree(&mut self) {
        self.agree_on_the_whole();
        let (frame, services) = (self.lab.state.frame.clone(), self.lab.state.model().expect("a model").services.len());
        for at in 0..frame.sources.len() {
            self.agree_on_a_crowd(SourceId::new(at));
        }
        for at in 0..services.min(LOOKED_AT) {
            self.agree_on_a_service(ServiceId::new(at));
        }
        let there = |of: Availability| of != Availability::Removed;
        let instances = frame.instances.iter().enumerate().filter(|(_, at)| there(at.availability));
        let instances: Vec<u32> = instances.map(|(at, _)| at as u32).take(LOOKED_AT).collect();
        instances.into_iter().for_each(|at| self.agree_on_an_instance(at));
        let machines = frame.machines.iter().enumerate().filter(|(_, at)| there(at.availability));
        let machines: Vec<u32> = machines.map(|(at, _)| at as u32).take(LOOKED_AT).collect();
        machines.into_iter().for_each(|at| self.agree_on_a_machine(at));
        let links: BTreeSet<LinkId> = frame.flows.iter().map(|flow| flow.link).collect();
        links.into_iter().take(LOOKED_AT).for_each(|link| self.agree_on_a_link(link));
        self.lab.ask(Action::Pick(None));
    }

    fn agree_on_the_whole(&mut self) {
        let names = self.picked(None);
        let state = &self.lab.state;
        let (frame, results) = (state.frame.clone(), state.figures().expect("they were told").clone());
        let told = state.told().to_vec();
        let has = |part: &str| names.iter().any(|name| name.contains(part));
        let troubles = frame.troubles.clone();
        self.same("events", &results.engine.events.to_string(), &frame.events.to_string());
        let full: Vec<&str> =
            frame.resources.iter().zip(&frame.gauges).filter(|(_, g)| g.saturated).map(|(r, _)| &*r.subject).collect();
        self.holds("nothing is called unsaturated while something is", !(has("Nothing saturated") && !full.is_empty()));
        for subject in &full {
            let of_it = |t: &surgelab::host::Trouble| t.subject == **subject && t.kind == TroubleKind::Saturated;
            self.holds(&format!("{subject} is full and broken"), troubles.iter().any(of_it));
        }
        for trouble in &troubles {
            let since_s = self.lab.state.since(trouble);
            let line = format!("{}: ", trouble.subject);
            let since = format!("since {}", clock(since_s));
            let lines: Vec<&String> =
                names.iter().filter(|name| name.starts_with(&line) && name.contains(&since)).collect();
            self.holds(&format!("{} is listed as broken since {}", trouble.subject, clock(since_s)), !lines.is_empty());
            if trouble.kind != TroubleKind::Saturated || trouble.calm.is_some() {
                continue;
            }
            // What the story says it began with is what it is said to last since.
            let event = told.iter().rev().find(|e| {
                e.subject == trouble.subject && e.event == StoryKind::Saturated && e.at_s <= frame.now.0 as f64 / 1e9
            });
            if let Some(event) = event {
                self.same(&format!("{} saturated since", trouble.subject), &clock(event.at_s), &clock(since_s));
            }
        }
        for objective in results.objectives.iter().filter(|_| has("Objectives")) {
            let line = format!("{} {}: {}, ", objective.subject, objective.expression, objective.observed_text);
            let word = names.iter().find_map(|name| name.strip_prefix(&line)).unwrap_or("–").to_owned();
            let over = frame.phase == Phase::Done;
            let right = match word.as_str() {
                "holds" => over && objective.pass,
                "pending: holds so far" => !over && objective.pass,
                "missed" => !objective.pass,
                "no data yet" => true,
                _ => false,
            };
            self.holds(&format!("objective {line}{word}"), right);
        }
        let now_s = frame.now.0 as f64 / 1e9;
        self.holds(
            "no sentence is of a time that is not known",
            told.iter().all(|e| e.at_s <= frame.known.0 as f64 / 1e9 + 1e-6),
        );
        self.holds(
            "the story so far is that of the results",
            results.story.iter().all(|e| told.contains(e) && e.at_s <= now_s + 1e-6),
        );
    }

    fn agree_on_a_crowd(&mut self, source: SourceId) {
        let names = self.picked(Some(Subject::Source(source)));
        let state = &self.lab.state;
        let (now, crowd) = (state.frame.now, state.frame.sources[source.index()]);
        let (described, name) = (state.describe(&Subject::Source(source)), state.source_name(source).to_owned());
        let whole = now.0 % SECOND == 0 && now.0 > 0;
        let every_second = whole && state.timeline(state.frame.lane).every_s == 1.0;
        let counted = state.figures().and_then(|results| results.traffic.get(&name)).map(|traffic| traffic.in_flight);
        let drawn = state.place_of(&Subject::Source(source)).map(|place| self.drawn(place)).unwrap_or_default();
        let offered = format!("{}/s", figure(f64::from(crowd.offered_per_s)));
        let rows: BTreeSet<String> = names
            .iter()
            .filter_map(|name| name.strip_prefix("offered: "))
            .filter(|v| v.ends_with("/s"))
            .map(str::to_owned)
            .collect();
        if every_second {
            // The inspector's and the timeline's.
            self.same(&format!("{name}, offered"), &rows.into_iter().collect::<Vec<_>>().join(" and "), &offered);
        }
        self.holds(
            &format!("{name}: {described} says {offered}"),
            described.contains(&format!("{} requests a second", figure(f64::from(crowd.offered_per_s)))),
        );
        let in_flight = value(&names, "in flight");
        self.same(&format!("{name}, in flight"), &in_flight, &count(crowd.in_flight));
        self.holds(&format!("{described} says {in_flight}"), described.contains(&format!("{in_flight} in flight")));
        if let Some(counted) = counted {
            self.same(&format!("{name}, in flight by the results"), &count(counted), &in_flight);
        }
        let ended = crowd.succeeded_per_s + crowd.failed_per_s;
        let failing = if ended > 0.01 { crowd.failed_per_s / ended } else { 0.0 };
        let said = drawn.iter().find_map(|text| text.strip_suffix(" % fail")?.parse::<f32>().ok());
        if let Some(said) = said {
            self.holds(&format!("{name}: {said} % fail, of {failing}"), (said / 100.0 - failing).abs() < 0.011);
        }
        if let Some(rate) = drawn.iter().find_map(|text| rate_of(text)) {
            let off = (rate - crowd.offered_per_s).abs() / crowd.offered_per_s.max(1.0);
            self.holds(&format!("{name}: {rate}/s drawn, {offered} told"), off < 0.006);
        }
    }

    fn agree_on_a_service(&mut self, service: ServiceId) {
        let names = self.picked(Some(Subject::Service(service)));
        let state = &self.lab.state;
        let mine =
            state.frame.instances.iter().filter(|i| i.service == service && i.availability != Availability::Removed);
        let (served, waits, door) = mine.fold((0_u64, 0_u64, 0_u64), |(a, b, c), i| {
            (a + u64::from(i.busy.served), b + u64::from(i.busy.waits), c + u64::from(i.waiting))
        });
        let name = state.service_name(service).to_owned();
        if state.model().is_some_and(|model| model.services[service].retired) {
            return;
        }
        self.same(&format!("{name}, served"), &value(&names, "busy, served"), &count(served));
        self.same(&format!("{name}, waits"), &value(&names, "busy, waiting for others"), &count(waits));
        self.same(&format!("{name}, at the door"), &value(&names, "waiting for a worker"), &count(door));
    }

    fn agree_on_an_instance(&mut self, at: u32) {
        let subject = Subject::Instance(at);
        let names = self.picked(Some(subject.clone()));
        let state = &self.lab.state;
        let (name, described) = (state.instance_name(at), state.describe(&subject));
        let instance = state.frame.instances[at as usize];
        let busy = value(&names, "busy");
        let part = busy
            .strip_suffix(" (no limit)")
            .map_or_else(|| format!("{busy} workers busy"), |busy| format!("{busy} busy"));
        let queued = state.queued(instance.service);
        let seat = state.layout.seat(instance.service, instance.ordinal);
        let alone = seat.is_some_and(|seat| state.layout.seats()[seat].ordinal.is_some());
        let drawn = seat.map(|seat| self.drawn(state.layout.seats()[seat].rect)).unwrap_or_default();
        if instance.workers < u32::MAX || queued.is_none() {
            self.holds(&format!("{name}: {described} says {part}"), described.contains(&part));
        }
        if let Some(queued) = queued {
            self.holds(
                &format!("{described} says {queued} queued"),
                described.contains(&format!("{} queued", count(queued))),
            );
            self.same(&format!("{name}, queued"), &value(&names, "queued"), &count(queued));
            let shown = drawn.iter().find_map(|text| text.strip_suffix(" queued").map(str::to_owned));
            if let Some(shown) = shown {
                self.holds(&format!("{name}: {shown} queued drawn, {queued} told"), near(&shown, queued as f32));
            }
        }
        let pair = |text: &String| {
            text.split_once('/').and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)))
        };
        if let Some((used, workers)) = drawn.iter().find_map(pair).filter(|_| alone) {
            let used = format!("{} of {}", count(u64::from(used)), count(u64::from(workers)));
            self.same(&format!("{name}, drawn and told"), &used, &busy);
        }
        // What its calls wait for are no more than those that wait.
        let begin = names.iter().position(|name| name == "Its calls wait for").map_or(names.len(), |at| at + 1);
        let calls = names[begin..].iter().map_while(|name| {
            name.split_once(": ")?.1.split_once(" calls, the oldest")?.0.replace(',', "").parse::<u64>().ok()
        });
        let calls: u64 = calls.sum();
        self.holds(
            &format!("{name}: {calls} calls wait for others, of {}", instance.busy.waits),
            calls <= u64::from(instance.busy.waits) + 2,
        );
        let taken = u64::from(instance.busy.served) + u64::from(instance.busy.waits);
        self.holds(&format!("{name}: {taken} of {} at work", instance.workers), taken <= u64::from(instance.workers));
        let own = state_gauges(&self.lab, |resource| resource.instance == Some(at));
        for (resource, saturated) in own {
            let told = names.iter().find(|name| name.starts_with(&format!("{resource}: ")) && name.contains(" in use"));
            let told = told.is_some_and(|name| name.contains("in use, saturated"));
            self.holds(&format!("{resource} is saturated ({saturated}) wherever it is told"), told == saturated);
        }
    }

    fn agree_on_a_machine(&mut self, at: u32) {
        let subject = Subject::Machine(at);
        let names = self.picked(Some(subject.clone()));
        let state = &self.lab.state;
        let (name, described) = (state.machine_name(at), state.describe(&subject));
        let machine = state.frame.machines[at as usize];
        let cpu = value(&names, "CPU");
        let drawn = state.place_of(&subject).map(|place| self.drawn(place)).unwrap_or_default();
        self.same(&format!("{name}, CPU"), &cpu, &percent(f64::from(machine.cpu)));
        self.holds(&format!("{name}: {described} says {cpu}"), described.contains(&format!("CPU {cpu}")));
        if machine.availability == Availability::Up {
            let gauge = names.iter().find_map(|n| {
                n.strip_prefix(&format!("{name}.cpu: "))?.split_once(" in use").map(|(share, _)| share.to_owned())
            });
            self.same(&format!("{name}, CPU by its gauge"), &gauge.unwrap_or_default(), &cpu);
        }
        let shares = drawn.iter().filter_map(|text| text.strip_suffix(" %")?.parse::<f32>().ok());
        let known = [Some(machine.cpu), machine.memory, machine.disk, machine.network];
        let known: Vec<f32> = known.into_iter().flatten().collect();
        for share in shares {
            let there = known.iter().any(|known| (known * 100.0 - share).abs() < 1.01);
            self.holds(
                &format!("{name}: {share} % is drawn, of {known:?}"),
                there || drawn.iter().any(|text| text.contains('×')),
            );
        }
    }

    fn agree_on_a_link(&mut self, link: LinkId) {
        let subject = Subject::Link(link);
        let names = self.picked(Some(subject.clone()));
        let described = self.lab.state.describe(&subject);
        let sent = value(&names, "sent");
        let rate = sent.strip_suffix("/s").unwrap_or("–").to_owned();
        self.holds(&format!("{described} says {sent}"), described.contains(&format!(": {rate} calls a second")));
        let in_flight = value(&names, "in flight");
        self.holds(&format!("{described} says {in_flight}"), described.contains(&format!("{in_flight} in flight")));
    }
}

/// The resources that this picks, and whether they are saturated.
fn state_gauges(lab: &Lab, mine: impl Fn(&surgelab::host::Resource) -> bool) -> Vec<(String, bool)> {
    let frame = &lab.state.frame;
    let pairs = frame.resources.iter().zip(&frame.gauges).filter(|(resource, _)| mine(resource));
    pairs.map(|(resource, gauge)| (resource.name.clone(), gauge.saturated)).collect()
}

/// What stands behind a name in the inspector.
fn value(names: &[String], row: &str) -> String {
    let found = names.iter().find_map(|name| name.strip_prefix(row)?.strip_prefix(": "));
    found.unwrap_or("–").to_owned()
}

/// "12.3k" as a number.
fn number(text: &str) -> Option<f32> {
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'k') => (&text[..at], 1e3),
        (at, 'M') => (&text[..at], 1e6),
        (at, 'G') => (&text[..at], 1e9),
        _ => (text, 1.0),
    };
    digits.parse::<f32>().ok().map(|value| value * unit)
}

/// The rate in "825 here · 143/s" or "143/s".
fn rate_of(text: &str) -> Option<f32> {
    number(text.strip_suffix("/s")?.rsplit(" · ").next()?)
}

fn near(shown: &str, told: f32) -> bool {
    number(shown).is_some_and(|shown| (shown - told).abs() <= told * 0.006)
}

/// What does not depend on what comes later.
fn of_the_present(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| is_of_the_inspector(name)).cloned().collect()
}

/// Flags, marks and buttons know of what is later.
fn is_of_the_inspector(name: &str) -> bool {
    name.contains(": ") && !name.contains("; ") && !name.starts_with("Legend")
}

fn moments(scenario: &BuiltIn, horizon: Time) -> [Time; 3] {
    let file = include_str!("../../assets/gallery/moments");
    let of_it = file.lines().find_map(|line| line.strip_prefix(scenario.name)?.strip_prefix(' ')?.strip_suffix('s'));
    let moment: i64 = of_it.expect("each has its moment").parse().expect("whole seconds");
    let moment = moment.min(horizon.0 / SECOND - 1);
    [Time((moment / 3).max(1) * SECOND), Time(moment * SECOND), Time((moment + 20).min(horizon.0 / SECOND) * SECOND)]
}

fn one_moment_is_one(scenario: &BuiltIn) -> Vec<String> {
    let mut desk = Desk::open(scenario);
    let horizon = Time(desk.lab.state.model().expect("it is open").horizon.0);
    let times = moments(scenario, horizon);
    let mut first = Vec::new();
    for time in times {
        desk.seek(time);
        desk.agree();
        first.push(desk.picked(None));
    }
    // Again, now that more is known.
    for (time, first) in times.iter().zip(&first).rev() {
        desk.seek(*time);
        let again = desk.picked(None);
        let (first, again) = (of_the_present(first), of_the_present(&again));
        let lost: Vec<&String> = first.iter().filter(|name| !again.contains(name)).collect();
        desk.same("told when it was first there and not again", &format!("{lost:?}"), "[]");
        desk.agree();
    }
    flags_lead_to_where_they_are_seen(&mut desk, times[2]);
    desk.seek(times[1]);
    let trunk = of_the_present(&first[1]);
    desk.lab.ask(Action::Branch(times[1]));
    desk.until("there is a branch", |lab| lab.state.frame.lane == Lane::Branch);
    desk.settle(times[1]);
    desk.agree();
    let branch = of_the_present(&desk.picked(None));
    let lost: Vec<&String> = trunk.iter().filter(|name| !branch.contains(name)).collect();
    desk.same("told of A and not of B where they are one", &format!("{lost:?}"), "[]");
    desk.lab.ask(Action::Prune);
    desk.seek(times[0]);
    while_it_runs(&mut desk, times[1]);
    desk.apart
}

/// The first sentences of what was full: their flags lead to a moment at which it is.
fn flags_lead_to_where_they_are_seen(desk: &mut Desk, until: Time) {
    let told = desk.lab.state.told().to_vec();
    let full = told.iter().filter(|event| event.event == StoryKind::Saturated && event.found_s <= until.0 as f64 / 1e9);
    for event in full.take(3) {
        let mark = panels::Mark::Told(event);
        // What was over before it could be told is seen nowhere.
        let ended = |e: &&surgelab::measure::results::StoryEvent| {
            e.subject == event.subject
                && e.event == StoryKind::Recovered
                && (event.at_s..mark.seen_s()).contains(&e.at_s)
        };
        if told.iter().find(ended).is_some() || mark.seen_s() > until.0 as f64 / 1e9 {
            continue;
        }
        let Some(Action::Seek(at)) = panels::go(&desk.lab.state, mark).into_iter().next() else {
            panic!("a flag leads to a time");
        };
        desk.seek(at);
        let troubles = &desk.lab.state.frame.troubles;
        let seen = troubles.iter().any(|t| t.subject == event.subject && t.kind == TroubleKind::Saturated);
        desk.holds(&format!("the flag of {} ({}) leads to where it is seen", event.subject, event.text), seen);
    }
}

/// While time passes every picture is of one moment, and figures that are of another say of which.
fn while_it_runs(desk: &mut Desk, until: Time) {
    // So fast that figures fall behind, and not to the end.
    desk.lab.ask(Action::Speed(120.0));
    desk.lab.ask(Action::PlayOrPause);
    for _ in 0..12 {
        let heard = desk.lab.state.heard;
        for _ in 0..2_000 {
            desk.lab.listen();
            if desk.lab.state.heard > heard || desk.lab.state.frame.now >= until {
                break;
            }
        }
        let names = desk.picked(None);
        let state = &desk.lab.state;
        let (now, counted) = (state.frame.now, state.counted[0]);
        let told = counted.0.abs_diff(now.0) <= SECOND as u64
            || state.results[0].as_ref().is_none_or(|r| r.traffic.values().all(|t| t.offered == 0))
            || !state.frame.troubles.is_empty() && state.results[0].as_ref().is_some_and(|r| r.story.is_empty())
            || names.iter().any(|name| name.starts_with(&format!("By {}: ", clock(counted.0 as f64 / 1e9))));
        let line = format!("figures of {} at {} say so", clock(counted.0 as f64 / 1e9), clock(now.0 as f64 / 1e9));
        desk.holds(&line, told);
        let nothing = names.iter().any(|name| name.contains("Nothing saturated")) && counted == now;
        let full = desk.lab.state.frame.gauges.iter().any(|gauge| gauge.saturated);
        desk.holds("nothing is called unsaturated while something is", !(nothing && full));
    }
    if desk.lab.state.playing {
        desk.lab.ask(Action::PlayOrPause);
    }
    desk.until("it stands", |lab| lab.state.frame.digest.is_some());
}

/// Sixteen equal processes on two machines: two seats, and none of the sixteen is hidden.
#[test]
fn of_many_on_a_seat_the_worst_is_named_and_each_is_found() {
    let mut desk = Desk::open(catalog::find("avocado").expect("it comes along"));
    desk.seek(Time(60 * SECOND));
    let state = &mut desk.lab.state;
    let Some(Subject::Instance(worst)) = state.resolve("talk/3") else { panic!("there is a fourth") };
    let talk = state.frame.instances[worst as usize].service;
    state.frame.instances.iter_mut().filter(|at| at.service == talk).for_each(|at| at.waiting = 1);
    state.frame.instances[worst as usize].waiting = 12;
    state.heard += 1;
    desk.names();
    let seats: Vec<Rect> =
        desk.lab.state.layout.seats().iter().filter(|seat| seat.service == talk).map(|seat| seat.rect).collect();
    assert_eq!(seats.len(), 2, "a seat on each machine");
    let described = desk.lab.state.describe(&Subject::Service(talk));
    assert!(described.contains("16 instances") && described.contains("worst talk/3 with 12 waiting"), "{described}");
    // Near enough each has its tile, and a click on it picks it.
    let view = &mut desk.lab.state.view;
    (view.center, view.zoom, view.follows) = (seats[0].center(), 2.5, false);
    desk.names();
    let words = desk.drawn(seats[0]);
    for part in ["talk ×8", "19 waiting, most at talk/3", "talk/0", "talk/7"] {
        assert!(words.iter().any(|word| word == part), "{part}: {words:?}");
    }
    let labels = desk.lab.picture().0.labels.iter();
    let tile = labels.filter(|(_, text)| *text == "talk/3").map(|(label, _)| label.rect.center()).last();
    let (tile, area) = (tile.expect("it has a tile"), desk.lab.picture().1);
    let pos = area.min + egui::vec2(tile.x, tile.y);
    let button = |pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    desk.shown(vec![vec![egui::Event::PointerMoved(pos)], vec![button(true)], vec![button(false)], Vec::new()]);
    assert_eq!(desk.lab.state.picked, Some(Subject::Instance(worst)));
    // Who clicked has a pointer: the space bar is the run's.
    let key = egui::Event::Key {
        key: egui::Key::Space,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    };
    desk.shown(vec![vec![key]]);
    assert!(desk.lab.state.playing, "the space bar lets time pass");
}

/// Near enough every call in work says its operation and whom it waits for.
#[test]
fn at_the_largest_zoom_a_call_says_what_it_does_and_for_whom_it_waits() {
    let mut desk = Desk::open(catalog::find("codingame").expect("it comes along"));
    desk.seek(Time(330 * SECOND));
    let state = &mut desk.lab.state;
    let Some(Subject::Instance(app)) = state.resolve("app/0") else { panic!("there is one") };
    let instance = state.frame.instances[app as usize];
    let seat = state.layout.seat(instance.service, instance.ordinal).expect("it has a seat");
    let place = state.layout.seats()[seat].rect;
    (state.view.center, state.view.zoom, state.view.follows) = (place.center(), 6.0, false);
    desk.names();
    desk.until("its work is told", |lab| lab.state.frame.work.iter().any(|work| work.instance == app));
    desk.names();
    let words = desk.drawn(place);
    assert!(words.iter().any(|word| word == "page › rds"), "{words:?}");
}

/// The canvas is read first, then what is picked, the timeline, the bar; arrows go along wires.
#[test]
fn the_keyboard_walks_from_people_to_what_they_call() {
    let mut desk = Desk::open(catalog::find("codingame").expect("it comes along"));
    desk.seek(Time(60 * SECOND));
    let names = desk.names();
    let place =
        |part: &str| names.iter().position(|name| name.contains(part)).unwrap_or_else(|| panic!("{part}: {names:#?}"));
    let order = [place("visitors, people"), place("Traffic"), place("goodput: "), place("Scenario: ")];
    assert!(order.is_sorted(), "{order:?}");
    let press = |key| {
        let (physical_key, modifiers) = (None, egui::Modifiers::NONE);
        let event = |pressed| egui::Event::Key { key, physical_key, pressed, repeat: false, modifiers };
        vec![event(true), event(false)]
    };
    let focused = |desk: &mut Desk, key| {
        desk.shown(vec![press(key), Vec::new()]);
        desk.focus.clone().unwrap_or_default()
    };
    // The ground of the canvas comes first.
    let mut at = String::new();
    for _ in 0..8 {
        at = focused(&mut desk, egui::Key::Tab);
        if at.starts_with("visitors, people") {
            break;
        }
    }
    assert!(at.starts_with("visitors, people"), "{at}");
    let elb = focused(&mut desk, egui::Key::ArrowRight);
    assert!(elb.starts_with("elb/0, balancer"), "{elb}");
    let app = focused(&mut desk, egui::Key::ArrowRight);
    assert!(app.starts_with("app/"), "{app}");
    let rds = focused(&mut desk, egui::Key::ArrowRight);
    assert!(rds.starts_with("rds/0"), "{rds}");
    let back = focused(&mut desk, egui::Key::ArrowLeft);
    assert!(back.starts_with("app/"), "{back}");
    let time = desk.lab.state.frame.now;
    assert_eq!(time, Time(60 * SECOND), "arrows on the canvas move no time");
}

/// A key that is pressed and let go within one picture counts with the modifiers it had.
#[test]
fn a_short_press_keeps_its_modifiers() {
    let mut desk = Desk::open(catalog::find("sinkhole").expect("it comes along"));
    desk.seek(Time(20 * SECOND));
    desk.names();
    let event = |pressed, modifiers| egui::Event::Key {
        key: egui::Key::S,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    };
    // By the end of the picture Shift is up again.
    desk.shown(vec![vec![event(true, egui::Modifiers::SHIFT), event(false, egui::Modifiers::NONE)]]);
    desk.until("ten seconds have passed", |lab| lab.state.frame.now == Time(30 * SECOND));
}

macro_rules! each { ($($name:ident $first:literal)*) => { $(
    #[test]
    fn $name() {
        let apart: Vec<String> = catalog::SCENARIOS.iter().skip($first).step_by(6).flat_map(one_moment_is_one).collect();
        assert!(apart.is_empty(), "{} times:\n{}", apart.len(), apart.join("\n"));
    }
)* } }
each! {
    what_is_told_of_a_moment_agrees_1 0
    what_is_told_of_a_moment_agrees_2 1
    what_is_told_of_a_moment_agrees_3 2
    what_is_told_of_a_moment_agrees_4 3
    what_is_told_of_a_moment_agrees_5 4
    what_is_told_of_a_moment_agrees_6 5
}
