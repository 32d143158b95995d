//! A replay of a built-in incident, and what is read from it.
use rayon::prelude::*;
use surgelab::catalog;
use surgelab::measure::Results;
use surgelab::measure::results::{NapkinRow, Resource, StoryEvent};
use surgelab::model::Model;
use surgelab::scenario::{self, Edit, Loaded};
use surgelab::study::{self, RunOptions};

/// The incident of that name, with a variant and further changes.
pub fn replay(name: &str, variant: Option<&str>, sets: &[(&str, &str)]) -> Loaded {
    let built_in = catalog::find(name).expect("the incident is built in");
    let loaded = scenario::load(built_in.file, built_in.text)
        .unwrap_or_else(|problems| panic!("{}", scenario::render(&problems, built_in.file, built_in.text, false)));
    let edits: Vec<Edit> = sets.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    loaded.with(variant, &edits).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn run(loaded: &Loaded, seed: u64) -> Results {
    study::run(loaded, &RunOptions { seed: Some(seed), variant: None }, &mut |_| {}).expect("it runs")
}

/// One run for each of the seeds from 1.
pub fn runs(loaded: &Loaded, seeds: u64) -> Vec<Results> {
    (1..=seeds).into_par_iter().map(|seed| run(loaded, seed)).collect()
}

/// What the napkin says of the first moment, or of a horizon that is given, without any simulation.
pub fn napkin(name: &str, variant: Option<&str>, sets: &[(&str, &str)]) -> Vec<NapkinRow> {
    let replay = replay(name, variant, &[&[("horizon", "1s"), ("warm_up", "0s")], sets].concat());
    surgelab::napkin::napkin(&Model::compile(&replay).expect("it is small"))
}

pub fn row<'a>(rows: &'a [NapkinRow], resource: &str) -> &'a NapkinRow {
    rows.iter()
        .find(|row| row.resource == resource)
        .unwrap_or_else(|| panic!("no {resource} among {:?}", rows.iter().map(|row| &row.resource).collect::<Vec<_>>()))
}

/// The multiple of the first load at which a resource saturates.
pub fn multiple(rows: &[NapkinRow], resource: &str) -> f64 {
    row(rows, resource).saturates_at.expect("it saturates at some load")
}

#[track_caller]
pub fn within_15_percent(observed: f64, expected: f64, what: &str) {
    assert!((observed / expected - 1.0).abs() <= 0.15, "{what}: {observed:.3} instead of {expected}");
}

pub fn saturation<'a>(results: &'a Results, subject: &str) -> Option<&'a StoryEvent> {
    results.story.iter().find(|event| event.event.name() == "saturated" && event.subject == subject)
}

#[track_caller]
pub fn saturated_at(results: &Results, subject: &str) -> f64 {
    saturation(results, subject)
        .unwrap_or_else(|| panic!("{subject} never saturates, seed {}: {}", results.seed, told(results)))
        .at_s
}

/// The first thing that saturates.
#[track_caller]
pub fn first_saturated(results: &Results) -> &StoryEvent {
    results
        .story
        .iter()
        .find(|event| event.event.name() == "saturated")
        .unwrap_or_else(|| panic!("nothing saturates: {}", told(results)))
}

pub fn told(results: &Results) -> String {
    results
        .story
        .iter()
        .map(|event| format!("\n{:8.1} {} {}: {}", event.at_s, event.event, event.subject, event.text))
        .collect()
}

pub fn resource<'a>(results: &'a Results, id: &str) -> &'a Resource {
    results.resources.iter().find(|resource| resource.id == id).unwrap_or_else(|| {
        panic!("no {id} among {:?}", results.resources.iter().map(|resource| &resource.id).collect::<Vec<_>>())
    })
}

/// Mean of a subject's utilization over the seconds given.
pub fn utilization(results: &Results, subject: &str, from_s: f64, to_s: f64) -> f64 {
    let points = &results.series.utilization[subject];
    let at = |seconds: f64| ((seconds / results.series.every_s) as usize).min(points.len());
    let inside: Vec<f32> = points[at(from_s)..at(to_s)].iter().filter_map(|point| *point).collect();
    inside.iter().map(|point| f64::from(*point)).sum::<f64>() / inside.len() as f64
}

/// Goodput of a source over the seconds given, per second.
pub fn goodput(results: &Results, source: &str, from_s: f64, to_s: f64) -> f64 {
    let points = &results.series.traffic[source].goodput_per_s;
    let at = |seconds: f64| ((seconds / results.series.every_s) as usize).min(points.len());
    let inside = &points[at(from_s)..at(to_s)];
    inside.iter().map(|point| f64::from(*point)).sum::<f64>() / inside.len() as f64
}
