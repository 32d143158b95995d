//! The verdict: what broke first, whom it hurt, and whether the objectives held. One or two sentences.

use crate::measure::ranking;
use crate::measure::results::{Results, StoryEvent, Traffic};
use crate::measure::story::StoryKind;
use crate::measure::subject::words;
use crate::number::sentence::list;
use crate::number::{clock, count, percent};

/// From this share on, requests without an outcome are no leftovers of the last second.
const UNANSWERED: f64 = 0.1;

/// One or two sentences, without a line break.
pub fn verdict(results: &Results) -> String {
    let mut sentences = vec![first_sentence(results)];
    sentences.extend(objectives_sentence(results));
    if let Some(stopped) = &results.stopped {
        sentences.insert(0, format!("The run stopped at {}: {}.", clock(stopped.at_s), stopped.reason));
    }
    sentences.join(" ")
}

fn first_sentence(results: &Results) -> String {
    // Something may have been full for a moment long before.
    let begun = ranking::worst(&results.story).first().map_or(0.0, |first| first.at_s);
    let counts = |e: &&StoryEvent| e.event == StoryKind::Saturated && e.at_s >= begun;
    let saturated: Vec<&StoryEvent> = results.story.iter().filter(counts).collect();
    let hurt = hurt(results);
    let Some(first) = saturated.first() else {
        let root = ranking::root(&results.story);
        // Who fails is no cause of it.
        let root = Some(root).filter(|root| root.first().is_some_and(|root| !results.traffic.contains_key(&root.name)));
        return match hurt {
            Some(hurt) => match root {
                Some(root) => format!("It comes down to {}: {hurt}.", words(&root)),
                None => format!("Nothing saturated, yet {hurt}."),
            },
            None => format!("Nothing saturated and nothing failed: {} requests succeeded.", count(succeeded(results))),
        };
    };
    let mut text = format!("{} broke first, at {}", first.subject, clock(first.at_s));
    if let Some(cause) = first.because.words() {
        text.push_str(&format!(", because of {cause}"));
    }
    let dragged: Vec<&str> = names(saturated.iter().filter(|e| e.because.contains(&first.subject)));
    if !dragged.is_empty() {
        text.push_str(&format!(", and took {} with it", list(&dragged)));
    }
    let next: Vec<&str> =
        names(saturated.iter().filter(|e| e.because.is_empty())).into_iter().filter(|s| first.subject != *s).collect();
    if !next.is_empty() {
        text.push_str(&format!("; then {} by {}", list(&next), if next.len() == 1 { "itself" } else { "themselves" }));
    }
    match hurt {
        Some(hurt) => format!("{text}: {hurt}."),
        None => format!("{text}; no request failed."),
    }
}

fn objectives_sentence(results: &Results) -> Option<String> {
    let (all, missed) = (results.objectives.len(), results.objectives.iter().filter(|o| !o.pass).count());
    match (all, missed) {
        (0, _) => None,
        (1, 0) => Some("The objective held.".into()),
        (1, _) => Some("The objective was missed.".into()),
        (all, 0) => Some(format!("All {all} objectives held.")),
        (all, missed) => Some(format!("{missed} of {all} objectives were missed.")),
    }
}

fn names<'a>(events: impl Iterator<Item = &'a &'a StoryEvent>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for event in events {
        if !names.contains(&event.subject.as_str()) {
            names.push(&event.subject);
        }
    }
    names
}

/// "38.3 % of visitors and 50.5 % of readers failed, 90 % of tabs have no answer yet": the two sources with most of
/// each.
fn hurt(results: &Results) -> Option<String> {
    let of = |count: fn(&Traffic) -> u64, share: fn(&Traffic) -> Option<f64>, least: f64| {
        let mut found: Vec<(&String, &Traffic, f64)> = results
            .traffic
            .iter()
            .filter(|(_, t)| count(t) > 0)
            .filter_map(|(name, t)| Some((name, t, share(t)?)))
            .filter(|(.., share)| *share >= least)
            .collect();
        found.sort_by_key(|(_, t, _)| std::cmp::Reverse(count(t)));
        found
            .iter()
            .take(2)
            .map(|(name, _, share)| format!("{} of {name}", percent(*share)))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let failed = of(Traffic::failures, Traffic::failed_share, 0.0);
    let unanswered =
        of(|t| t.in_flight, |t| (t.offered > 0).then(|| t.in_flight as f64 / t.offered as f64), UNANSWERED);
    let sentences = [(failed, "failed"), (unanswered, "had no answer at the end")];
    let told: Vec<String> =
        sentences.iter().filter(|(who, _)| !who.is_empty()).map(|(who, what)| format!("{who} {what}")).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn succeeded(results: &Results) -> u64 {
    results.traffic.values().map(|t| t.succeeded).sum()
}
