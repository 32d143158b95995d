//! One moment, told in many places: what the accessibility tree, the canvas, the inspector, the timeline, the flags
//! and the run's own results say of it is the same. Every scenario that comes along, at several times; first and again
//! after going back, in a branch, and while it runs.

use crate::screen::{SECOND, Screen};
use std::collections::BTreeSet;
use surgelab::catalog::{self, BuiltIn};
use surgelab::host::{Availability, Lane, Phase, TroubleKind};
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::Lab;
use surgelab::lab::panels;
use surgelab::measure::story::StoryKind;
use surgelab::model::{LinkId, ServiceId, SourceId};
use surgelab::number::{clock, count, figure, percent};
use surgelab::units::Time;

/// Instances, machines and links looked at one by one of each scenario at each time at most.
const LOOKED_AT: usize = 6;

impl Screen {
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
        self.holds("nothing is called unsaturated while something is", !has("Nothing saturated") || full.is_empty());
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
    let mut screen = Screen::open(scenario);
    let horizon = Time(screen.lab.state.model().expect("it is open").horizon.0);
    let times = moments(scenario, horizon);
    let mut first = Vec::new();
    for time in times {
        screen.seek(time);
        screen.agree();
        first.push(screen.picked(None));
    }
    // Again, now that more is known.
    for (time, first) in times.iter().zip(&first).rev() {
        screen.seek(*time);
        let again = screen.picked(None);
        let (first, again) = (of_the_present(first), of_the_present(&again));
        let lost: Vec<&String> = first.iter().filter(|name| !again.contains(name)).collect();
        screen.same("told when it was first there and not again", &format!("{lost:?}"), "[]");
        screen.agree();
    }
    flags_lead_to_where_they_are_seen(&mut screen, times[2]);
    screen.seek(times[1]);
    let trunk = of_the_present(&first[1]);
    screen.lab.ask(Action::Branch(times[1]));
    screen.until("there is a branch", |lab| lab.state.frame.lane == Lane::Branch);
    screen.settle(times[1]);
    screen.agree();
    let branch = of_the_present(&screen.picked(None));
    let lost: Vec<&String> = trunk.iter().filter(|name| !branch.contains(name)).collect();
    screen.same("told of A and not of B where they are one", &format!("{lost:?}"), "[]");
    screen.lab.ask(Action::Prune);
    screen.seek(times[0]);
    while_it_runs(&mut screen, times[1]);
    screen.apart
}

/// The first sentences of what was full: their flags lead to a moment at which it is.
fn flags_lead_to_where_they_are_seen(screen: &mut Screen, until: Time) {
    let told = screen.lab.state.told().to_vec();
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
        let Some(Action::Seek(at)) = panels::go(&screen.lab.state, mark).into_iter().next() else {
            panic!("a flag leads to a time");
        };
        screen.seek(at);
        let troubles = &screen.lab.state.frame.troubles;
        let seen = troubles.iter().any(|t| t.subject == event.subject && t.kind == TroubleKind::Saturated);
        screen.holds(&format!("the flag of {} ({}) leads to where it is seen", event.subject, event.text), seen);
    }
}

/// While time passes every picture is of one moment, and figures that are of another say of which.
fn while_it_runs(screen: &mut Screen, until: Time) {
    // So fast that figures fall behind, and not to the end.
    screen.lab.ask(Action::Speed(120.0));
    screen.lab.ask(Action::PlayOrPause);
    for _ in 0..12 {
        let heard = screen.lab.state.heard;
        for _ in 0..2_000 {
            screen.lab.listen();
            if screen.lab.state.heard > heard || screen.lab.state.frame.now >= until {
                break;
            }
        }
        let names = screen.picked(None);
        let state = &screen.lab.state;
        let (now, counted) = (state.frame.now, state.counted[0]);
        let told = counted.0.abs_diff(now.0) <= SECOND as u64
            || state.results[0].as_ref().is_none_or(|r| r.traffic.values().all(|t| t.offered == 0))
            || !state.frame.troubles.is_empty() && state.results[0].as_ref().is_some_and(|r| r.story.is_empty())
            || names.iter().any(|name| name.starts_with(&format!("By {}: ", clock(counted.0 as f64 / 1e9))));
        let line = format!("figures of {} at {} say so", clock(counted.0 as f64 / 1e9), clock(now.0 as f64 / 1e9));
        screen.holds(&line, told);
        let nothing = names.iter().any(|name| name.contains("Nothing saturated")) && counted == now;
        let full = screen.lab.state.frame.gauges.iter().any(|gauge| gauge.saturated);
        screen.holds("nothing is called unsaturated while something is", !(nothing && full));
    }
    if screen.lab.state.playing {
        screen.lab.ask(Action::PlayOrPause);
    }
    screen.until("it stands", |lab| lab.state.frame.digest.is_some());
}

macro_rules! each { ($($name:ident $first:literal)*) => { $(
    #[test]
    fn $name() {
        let mine = catalog::SCENARIOS.iter().skip($first).step_by(6);
        let apart: Vec<String> = mine.flat_map(one_moment_is_one).collect();
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
