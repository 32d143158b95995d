//! The story is true in every sentence: when something was, because of what, and what it is called.

mod causes;
mod chance;
mod ends;
mod events;
mod harm;
mod syndromes;
mod times;

use crate::support::Draft;
use surgelab::measure::results::StoryEvent;
use surgelab::measure::{Options, Results, record};

/// A run of a scenario.
fn play(draft: &Draft) -> Results {
    record(crate::support::compile(&draft.text()), &Options { seed: 0, ..Options::default() }, &mut |_| {})
}

fn told(results: &Results) -> String {
    let line = |event: &StoryEvent| {
        let because = event.because.words().map_or(String::new(), |cause| format!(" <- {cause}"));
        format!("\n{:9.4} {} {}{because}: {}", event.at_s, event.event, event.subject, event.text)
    };
    results.story.iter().map(line).collect()
}

/// The first sentence of that kind about a subject.
#[track_caller]
fn find<'a>(results: &'a Results, kind: &str, subject: &str) -> &'a StoryEvent {
    let found = results.story.iter().find(|event| event.event.name() == kind && event.subject == subject);
    found.unwrap_or_else(|| panic!("no {kind} {subject}{}", told(results)))
}

fn has(results: &Results, kind: &str) -> bool {
    results.story.iter().any(|event| event.event.name() == kind)
}

#[track_caller]
fn near(observed: f64, expected: f64, within: f64, results: &Results) {
    assert!((observed - expected).abs() <= within, "{observed} instead of {expected}{}", told(results));
}
