//! One fault is planted in a healthy system: the story must end at it.
//!
//! Only systems count whose twin without the fault is well (less than 0.1 % fail) and where more than 5 % of somebody's
//! requests fail with it. How many were discarded and what was missed is printed, by kind of fault.

mod faults;
mod system;

use faults::{Fault, KINDS};
use rayon::prelude::*;
use std::collections::BTreeMap;
use surgelab::measure::{Options, Results, record};
use system::{Planted, case};

/// What came of one case.
enum End {
    /// The system was not well without the fault, or the fault did not hurt.
    Discarded(&'static str),
    Named,
    Missed(String),
}

fn play(planted: &Planted, ill: bool) -> Results {
    let draft = if ill { &planted.ill } else { &planted.well };
    let model = crate::support::compile(&draft.text());
    record(model, &Options { seed: planted.seed, variant: None }, &mut |_| {})
}

/// The largest share of a source's requests that fail.
fn hurt(results: &Results) -> f64 {
    results.traffic.values().filter_map(|traffic| traffic.failed_share()).fold(0.0, f64::max)
}

/// Whom the story ends at: from whoever fails first along what each is because of.
fn root(results: &Results) -> Option<String> {
    let story = &results.story;
    let mut at = story.iter().position(|event| event.event.name() == "failing")?;
    for _ in 0..story.len() {
        let Some(cause) = story[at].because.first() else { break };
        match story.iter().position(|event| event.event.is_turn() && event.subject == *cause) {
            Some(next) => at = next,
            None => return Some(cause.as_str().into()),
        }
    }
    Some(story[at].subject.as_str().into())
}

fn told(results: &Results) -> String {
    let line = |event: &surgelab::measure::results::StoryEvent| {
        let because = event.because.words().map_or(String::new(), |cause| format!(" <- {cause}"));
        format!("\n    {:8.3} {} {}{because}: {}", event.at_s, event.event, event.subject, event.text)
    };
    results.story.iter().map(line).collect()
}

fn judge(planted: &Planted) -> End {
    if hurt(&play(planted, false)) >= 0.001 {
        return End::Discarded("not well");
    }
    let results = play(planted, true);
    if hurt(&results) <= 0.05 {
        return End::Discarded("not hurt");
    }
    match root(&results) {
        Some(root) if root == planted.root => End::Named,
        root => End::Missed(format!(
            "{:?} of seed {}: {} instead of {}{}",
            planted.kind,
            planted.seed,
            root.unwrap_or_else(|| "nobody".into()),
            planted.root,
            told(&results)
        )),
    }
}

/// Plays the cases of these seeds: at least `enough` must count, and of those 99 in 100 must be named.
fn all(seeds: std::ops::Range<u64>, enough: usize) {
    let ends: Vec<(Fault, End)> = seeds
        .into_par_iter()
        .map(|seed| {
            let planted = case(seed);
            (planted.kind, judge(&planted))
        })
        .collect();
    let mut by_kind: BTreeMap<Fault, [usize; 3]> = KINDS.into_iter().map(|kind| (kind, [0; 3])).collect();
    let mut missed = Vec::new();
    for (kind, end) in &ends {
        let row = by_kind.get_mut(kind).expect("every kind has a row");
        match end {
            End::Named => row[0] += 1,
            End::Discarded(why) => {
                println!("{kind:?} is {why}");
                row[1] += 1;
            }
            End::Missed(what) => {
                row[2] += 1;
                missed.push(what.as_str());
            }
        }
    }
    for (kind, [named, discarded, missed]) in &by_kind {
        println!("{kind:?}: {named} named, {missed} missed, {discarded} discarded");
    }
    let counted = ends.iter().filter(|(_, end)| !matches!(end, End::Discarded(_))).count();
    println!("{counted} count, {} missed, {} discarded", missed.len(), ends.len() - counted);
    assert!(counted >= enough, "only {counted} of {} count", ends.len());
    let kinds = by_kind.values().filter(|row| row[0] + row[2] > 0).count();
    assert!(kinds >= 8, "only {kinds} kinds of faults count");
    assert!(missed.len() * 100 <= counted, "{} of {counted} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
#[ignore = "the story does not hold this yet"]
fn the_planted_fault_is_named() {
    all(0..96, 60);
}

#[test]
#[ignore = "minutes: tests/run --slow"]
fn the_planted_fault_is_named_in_fresh_systems() {
    all(1_000_000..1_000_640, 400);
}
