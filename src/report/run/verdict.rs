//! The verdict: what broke first, whom it hurt, and whether the objectives held. One or two sentences.

use crate::measure::harm;
use crate::measure::results::{ObjectiveState, Results, Stopped, StoryEvent, Traffic};
use crate::measure::story::StoryKind;
use crate::measure::subject::Named;
use crate::number::sentence::{self, list};
use crate::number::{clock, count, percent};

/// From this share on, requests without an outcome are no leftovers of the last second.
const UNANSWERED: f64 = 0.1;

/// Fewer than this are still on their way by chance, unless they are all.
const SEVERAL: u64 = 5;

/// Where less comes down to something, the verdict leaves it to the tables.
const WORTH_A_SHARE: f64 = 0.05;

/// Where requests failed, fewer degraded ones than this are left to the tables.
const WORTH_TELLING: f64 = 0.01;

/// One or two sentences, without a line break.
pub fn verdict(results: &Results) -> String {
    let mut sentences = Vec::new();
    sentences.extend(results.stopped.as_ref().map(stopped_sentence));
    if results.stopped.as_ref().is_none_or(|stopped| stopped.at_s > 0.0) {
        sentences.push(first_sentence(results));
        sentences.extend(messages_sentence(results));
    }
    sentences.extend(objectives_sentence(results));
    sentences.join(" ")
}

/// The same of a run that goes on: what an objective comes to is known at the end, that it is missed may be sooner.
pub fn verdict_so_far(results: &Results) -> String {
    let missed = results.objectives.iter().filter(|o| o.state == ObjectiveState::Missed).count();
    let told = match (results.objectives.len(), missed) {
        (0, _) => String::new(),
        (1, 0) => " The objective holds so far.".to_owned(),
        (2, 0) => " Both objectives hold so far.".to_owned(),
        (all, 0) => format!(" All {all} objectives hold so far."),
        (1, _) => format!(" The objective is missed: {}.", missed_ones(results)),
        (all, 1) => format!(" 1 of {all} objectives is missed: {}.", missed_ones(results)),
        (all, missed) => format!(" {missed} of {all} objectives are missed: {}.", missed_ones(results)),
    };
    first_sentence(results).replace(NO_ANSWER, "have no answer yet") + &told
}

/// "81.3 % of the messages of jobs.pay were given up.": no request waits for them, and yet the work is not done.
fn messages_sentence(results: &Results) -> Option<String> {
    let lost = results.messages.iter().filter_map(|(name, traffic)| Some((name, traffic.failed_share()?)));
    let mut lost: Vec<_> = lost.filter(|(_, share)| *share >= WORTH_TELLING).collect();
    lost.sort_by(|a, b| b.1.total_cmp(&a.1));
    let others = match lost.len() {
        0 | 1 => String::new(),
        some => format!(", and of {} more", some - 1),
    };
    lost.first().map(|(name, share)| format!("{} of the messages of {name}{others} were given up.", percent(*share)))
}

/// Of those who wait when the run is over.
const NO_ANSWER: &str = "had no answer at the end";

fn stopped_sentence(stopped: &Stopped) -> String {
    let (at, reason) = (stopped.at_s, &stopped.reason);
    match at {
        ..=0.0 => format!("The run stopped in its warm-up: {reason}. Nothing was measured."),
        ..1.0 => format!("The run stopped after {}: {reason}.", sentence::seconds(at)),
        _ => format!("The run stopped at {}: {reason}.", clock(at)),
    }
}

fn first_sentence(results: &Results) -> String {
    let story = &results.story;
    let roots = harm::roots(results);
    let Some(main) = roots.first() else {
        return match (hurt(results, &|_| true), first_turn(story)) {
            (Some(hurt), Some(turn)) => format!("{}: {hurt}.", broke_first(results, turn)),
            (Some(hurt), None) => format!("Nothing saturated, yet {hurt}."),
            (None, Some(turn)) => format!("No request failed, though {}.", worst_of(&story[turn])),
            (None, None) => {
                format!("Nothing saturated and nothing failed: {} requests succeeded.", count(succeeded(results)))
            }
        };
    };
    // The sources that lost most because of it, and the others.
    let most_of =
        |name: &str| roots.iter().rev().max_by_key(|root| root.lost_of(name)).filter(|root| root.lost_of(name) > 0);
    let its = |name: &str| most_of(name).is_none_or(|root| root == main);
    let (own, other) = (hurt(results, &its), hurt(results, &|name| !its(name)));
    let began = match (main.event, &main.subject) {
        (Some(at), root) if is_of(story.get(at), root.as_ref()) => broke_first(results, at) + ": ",
        (at, Some(subject)) => {
            let act = at.and_then(|at| act_on(story, story.get(at)?));
            format!("It comes down to {subject}{}: ", act.unwrap_or_default())
        }
        (_, None) if story.iter().any(|event| event.event == StoryKind::Saturated) => {
            "What it comes down to is not in the story: ".to_owned()
        }
        (_, None) => "Nothing saturated, yet ".to_owned(),
    };
    let text = match (own, other) {
        (Some(own), Some(other)) => {
            let names = results.traffic.keys().filter(|name| !its(name));
            let mut whom: Vec<_> = names.filter_map(|name| most_of(name)?.subject.as_ref()).collect();
            whom.dedup();
            let because = match whom.as_slice() {
                [one] => format!(" because of {one}"),
                _ => String::new(),
            };
            format!("{began}{own}. Besides, {other}{because}.")
        }
        (Some(hurt), None) | (None, Some(hurt)) => format!("{began}{hurt}."),
        (None, None) => format!("{began}no request failed."),
    };
    text + &shares(&roots) + &syndromes(story)
}

/// " Of what was lost, 50 % comes down to rds.cpu, 23 % to app, 12 % to tiny.cpu.": where it is not nearly all of one.
fn shares(roots: &[harm::Root]) -> String {
    let all: u64 = roots.iter().map(|root| root.lost).sum();
    let share = |root: &harm::Root| root.lost as f64 / all.max(1) as f64;
    let told: Vec<_> = roots.iter().filter(|root| share(root) >= WORTH_A_SHARE).take(4).collect();
    let [first, others @ ..] = told.as_slice() else { return String::new() };
    if others.is_empty() {
        return String::new();
    }
    let name = |root: &harm::Root| root.subject.as_ref().map_or("nobody in the story".to_owned(), ToString::to_string);
    let others = others.iter().map(|root| format!(", {} to {}", percent(share(root)), name(root)));
    let others: String = others.collect();
    format!(" Of what was lost, {} comes down to {}{others}.", percent(share(first)), name(first))
}

/// How it went on, where that has a name.
fn syndromes(story: &[StoryEvent]) -> String {
    let is = |kind: StoryKind| story.iter().any(|event| event.event == kind);
    let named = match (is(StoryKind::RetryStorm), is(StoryKind::Metastable)) {
        (true, true) => " It became a retry storm that did not end with its cause (metastable).",
        (true, false) => " It became a retry storm.",
        (false, true) => " It did not come back once its cause was over (metastable).",
        (false, false) => "",
    };
    let others = [
        (StoryKind::Deadlock, " It ended in a deadlock."),
        (StoryKind::Stampede, " It was a cache stampede."),
        (StoryKind::Herd, " It was a thundering herd."),
    ];
    others.into_iter().filter(|(kind, _)| is(*kind)).fold(named.to_owned(), |text, (_, more)| text + more)
}

/// It tells of a root itself, and is nothing that a crowd felt.
fn is_of(event: Option<&StoryEvent>, root: Option<&Named>) -> bool {
    event.is_some_and(|event| !event.event.is_harm() && root.is_none_or(|root| event.subject == *root))
}

/// " (db runs at 0.1 of its speed for 10s)": what operators did that brought it on.
fn act_on(story: &[StoryEvent], event: &StoryEvent) -> Option<String> {
    let act = event.causes.iter().map(|cause| &story[*cause]).find(|cause| cause.event == StoryKind::Rule)?;
    Some(format!(" ({})", act.text))
}

/// "db.workers was full, at 0:00"
fn worst_of(event: &StoryEvent) -> String {
    match event.event {
        StoryKind::Down => format!("{}, at {}", event.text, clock(event.at_s)),
        StoryKind::Saturated => format!("{} was full at {}", event.subject, clock(event.at_s)),
        kind => format!("{} {} at {}", event.subject, broke(kind, false), clock(event.at_s)),
    }
}

/// Who broke, when, because of whom or of what was done, and whom that took with it.
fn broke_first(results: &Results, main: usize) -> String {
    let (story, event) = (&results.story, &results.story[main]);
    let first = first_turn(story) == Some(main);
    let when = if first { "" } else { "When most was lost, " };
    let mut text = match event.event {
        StoryKind::Down => format!("{when}{}, at {}", event.text, clock(event.at_s)),
        kind => format!("{when}{} {}, at {}", event.subject, broke(kind, first), clock(event.at_s)),
    };
    if let Some(cause) = event.because.words() {
        text.push_str(&format!(", because of {cause}"));
    }
    if let Some(act) = act_on(story, event).filter(|_| event.event == StoryKind::Saturated) {
        text.push_str(&act);
    }
    let saturated = |at: &usize| *at > main && story[*at].event == StoryKind::Saturated;
    let dragged = (0..story.len()).filter(saturated).filter(|at| harm::comes_down_to(story, *at, &event.subject));
    let dragged = names(dragged.map(|at| &story[at]).filter(|other| other.subject != event.subject));
    if !dragged.is_empty() {
        text.push_str(&format!(", and took {} with it", list(&dragged)));
    }
    text
}

/// The first of the story that took a turn for the worse, whoever feels it apart.
fn first_turn(story: &[StoryEvent]) -> Option<usize> {
    let turn = |event: &StoryEvent| event.event.is_turn() && !event.event.is_harm() && !event.event.is_syndrome();
    story.iter().position(|event| turn(event) && event.event != StoryKind::Stopped)
}

/// What it did.
fn broke(event: StoryKind, first: bool) -> &'static str {
    match (event, first) {
        (StoryKind::Emptied, true) => "was emptied first",
        (StoryKind::Emptied, false) => "was emptied",
        (StoryKind::Opened, _) => "opened",
        (StoryKind::Throttled, _) => "held calls back",
        (StoryKind::Refusing | StoryKind::Retransmitting, _) => "turned calls away",
        (_, true) => "broke first",
        (_, false) => "broke",
    }
}

fn objectives_sentence(results: &Results) -> Option<String> {
    let with = |state: ObjectiveState, pass: bool| {
        results.objectives.iter().filter(|o| o.state == state && o.pass == pass).count()
    };
    let all = results.objectives.len();
    let missed = with(ObjectiveState::Missed, false);
    let (unobserved, optional) = (with(ObjectiveState::Unobserved, false), with(ObjectiveState::Unobserved, true));
    let told = match (all, missed, unobserved) {
        (0, ..) => return None,
        (1, 0, 0) if optional == 1 => return Some("The objective is optional and had nothing to observe.".into()),
        (1, 0, 0) => "The objective held".into(),
        (1, 0, _) => "The objective had nothing to observe".into(),
        (1, ..) => format!("The objective was missed: {}", missed_ones(results)),
        (all, 0, 0) if optional > 0 => format!("{} of {all} objectives held", all - optional),
        (2, 0, 0) => "Both objectives held".into(),
        (all, 0, 0) => format!("All {all} objectives held"),
        (all, 0, none) => format!("{none} of {all} objectives had nothing to observe"),
        (all, 1, 0) => format!("1 of {all} objectives was missed: {}", missed_ones(results)),
        (all, missed, 0) => format!("{missed} of {all} objectives were missed: {}", missed_ones(results)),
        (all, missed, none) => format!("{missed} of {all} objectives were missed, {none} had nothing to observe"),
    };
    let optional = match optional {
        0 => String::new(),
        n => format!(", {n} optional had nothing to observe"),
    };
    Some(format!("{told}{optional}."))
}

/// "visitors p(95) < 2s and readers failed < 1%"
fn missed_ones(results: &Results) -> String {
    let missed = results.objectives.iter().filter(|o| o.state == ObjectiveState::Missed);
    list(&missed.map(|o| format!("{} {}", o.subject, o.expression)).collect::<Vec<_>>())
}

fn names<'a>(events: impl Iterator<Item = &'a StoryEvent>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for event in events {
        if !names.contains(&event.subject.as_str()) {
            names.push(&event.subject);
        }
    }
    names
}

/// "12 % of visitors gave up (3 % of their requests failed), 50.5 % of the requests of readers failed, 90 % of those of
/// tabs had no answer at the end": the two sources with most of each. People are named where people are counted.
fn hurt(results: &Results, of: &dyn Fn(&str) -> bool) -> Option<String> {
    let worst_of = |what: &dyn Fn(&Traffic) -> Option<(u64, f64)>, say: &dyn Fn(&str, &Traffic, f64) -> String| {
        worst(results, of, what, say)
    };
    let gave_up = worst_of(&gave_up, &|name, traffic, share| {
        let requests = traffic
            .failed_share()
            .map_or(String::new(), |failed| format!(" ({} of their requests failed)", percent(failed)));
        format!("{} of {name} gave up{requests}", percent(share))
    });
    let requests = |name: &str, _: &Traffic, share: f64| format!("{} of the requests of {name}", percent(share));
    let failed = |traffic: &Traffic| {
        let alone = gave_up_share(traffic).is_none_or(|share| share == 0.0);
        Some((traffic.failures(), traffic.failed_share()?)).filter(|(n, _)| alone && *n > 0)
    };
    let lost = results.traffic.values().any(|traffic| traffic.failures() > 0);
    let degraded = |traffic: &Traffic| {
        let least = if lost { WORTH_TELLING } else { 0.0 };
        Some((traffic.degraded, traffic.degraded_share()?)).filter(|(n, share)| *n > 0 && *share >= least)
    };
    let unanswered = |traffic: &Traffic| {
        let share = (traffic.offered > 0).then(|| traffic.in_flight as f64 / traffic.offered as f64)?;
        let several = traffic.in_flight >= SEVERAL || traffic.in_flight == traffic.offered;
        (share >= UNANSWERED && several).then_some((traffic.in_flight, share))
    };
    let mut told = gave_up;
    for (who, what) in [
        (worst_of(&failed, &requests), "failed"),
        (worst_of(&degraded, &requests), "were degraded"),
        (worst_of(&unanswered, &requests), NO_ANSWER),
    ] {
        if !who.is_empty() {
            told.push(format!("{} {what}", who.join(" and ")));
        }
    }
    (!told.is_empty()).then(|| told.join(", "))
}

fn gave_up_share(traffic: &Traffic) -> Option<f64> {
    traffic.sessions.as_ref()?.gave_up_share
}

/// How many gave up, and what share that is of those that are over.
fn gave_up(traffic: &Traffic) -> Option<(u64, f64)> {
    let left = traffic.sessions.as_ref()?.left();
    Some((left, gave_up_share(traffic)?)).filter(|(n, _)| *n > 0)
}

/// The two sources with the most of something, in words.
fn worst(
    results: &Results,
    whose: &dyn Fn(&str) -> bool,
    of: impl Fn(&Traffic) -> Option<(u64, f64)>,
    say: impl Fn(&str, &Traffic, f64) -> String,
) -> Vec<String> {
    let mut found: Vec<(&String, &Traffic, (u64, f64))> = results
        .traffic
        .iter()
        .filter(|(name, _)| whose(name))
        .filter_map(|(name, traffic)| Some((name, traffic, of(traffic)?)))
        .collect();
    found.sort_by_key(|(.., (n, _))| std::cmp::Reverse(*n));
    found.iter().take(2).map(|(name, traffic, (_, share))| say(name, traffic, *share)).collect()
}

fn succeeded(results: &Results) -> u64 {
    results.traffic.values().map(|t| t.succeeded).sum()
}
