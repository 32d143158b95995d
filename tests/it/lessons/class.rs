//! What every lesson's test needs: the scenario by name, runs over several seeds, and words to find things in them.
use rayon::prelude::*;
use surgelab::catalog;
use surgelab::measure::Results;
use surgelab::measure::results::{NapkinRow, Resource, StoryEvent};
use surgelab::scenario::{self, Edit, Loaded};
use surgelab::study::{self, RunOptions};

/// Seeds each lesson is held to.
pub const SEEDS: u64 = 3;

/// The scenario of that name in one of its variants, with values put at paths.
pub fn lesson(name: &str, variant: Option<&str>, sets: &[(&str, &str)]) -> Loaded {
    let built_in = catalog::find(name).unwrap_or_else(|| panic!("no lesson {name}"));
    let loaded = scenario::load(built_in.file, built_in.text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let edits: Vec<Edit> = sets.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    loaded.with(variant, &edits).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// One run for every seed.
pub fn runs(loaded: &Loaded) -> Vec<Results> {
    (1..=SEEDS).into_par_iter().map(|seed| run(loaded, seed)).collect()
}

/// As the file has it, in one of its variants, once for every seed.
pub fn taught(name: &str, variant: Option<&str>) -> Vec<Results> {
    runs(&lesson(name, variant, &[]))
}

fn run(loaded: &Loaded, seed: u64) -> Results {
    study::run(loaded, &RunOptions { seed: Some(seed), variant: None }, &mut |_| {}).expect("it runs")
}

/// What the napkin says, without any simulation worth its name.
pub fn napkin(name: &str, variant: Option<&str>, sets: &[(&str, &str)]) -> Vec<NapkinRow> {
    run(&lesson(name, variant, &[sets, &[("horizon", "1s"), ("warm_up", "0s")]].concat()), 1).napkin
}

/// The row of a resource on the napkin.
#[track_caller]
pub fn row<'a>(rows: &'a [NapkinRow], resource: &str) -> &'a NapkinRow {
    rows.iter()
        .find(|row| row.resource == resource)
        .unwrap_or_else(|| panic!("no {resource} among {:?}", rows.iter().map(|row| &row.resource).collect::<Vec<_>>()))
}

/// Within so many percent of what was computed beforehand.
#[track_caller]
pub fn near(observed: f64, expected: f64, percent: f64, what: &str) {
    assert!((observed / expected - 1.0).abs() * 100.0 <= percent, "{what}: {observed:.4} instead of {expected:.4}");
}

/// The story, for messages.
pub fn told(results: &Results) -> String {
    let events = results.story.iter();
    let lines = events.map(|e| {
        format!("\n{:8.1} {} {}: {} (because {:?})", e.at_s, e.event.name(), e.subject, e.text, e.because.words())
    });
    format!("seed {}{}", results.seed, lines.collect::<String>())
}

/// The first sentence of that kind about a subject.
pub fn event<'a>(results: &'a Results, event: &str, subject: &str) -> Option<&'a StoryEvent> {
    results.story.iter().find(|e| e.event.name() == event && e.subject == subject)
}

/// When a subject saturated.
#[track_caller]
pub fn saturated_at(results: &Results, subject: &str) -> f64 {
    event(results, "saturated", subject).unwrap_or_else(|| panic!("{subject} never saturates: {}", told(results))).at_s
}

/// What the saturation of a subject is blamed on; None: itself.
#[track_caller]
pub fn blamed(results: &Results, subject: &str) -> Option<String> {
    event(results, "saturated", subject)
        .unwrap_or_else(|| panic!("{subject} never saturates: {}", told(results)))
        .because
        .words()
}

/// Subjects that saturated, in order.
pub fn saturations(results: &Results) -> Vec<&str> {
    results.story.iter().filter(|e| e.event.name() == "saturated").map(|e| e.subject.as_str()).collect()
}

/// A resource by its id, such as `db/0.cpu`.
#[track_caller]
pub fn resource<'a>(results: &'a Results, id: &str) -> &'a Resource {
    results.resources.iter().find(|resource| resource.id == id).unwrap_or_else(|| {
        panic!("no {id} among {:?}", results.resources.iter().map(|resource| &resource.id).collect::<Vec<_>>())
    })
}

/// Per second, from one second to another: what a source got answered.
pub fn goodput(results: &Results, source: &str, from_s: f64, to_s: f64) -> f64 {
    mean(&results.series.traffic[source].goodput_per_s, results.series.every_s, from_s, to_s)
}

/// Share of the requests begun from one second to another that failed.
pub fn failed(results: &Results, source: &str, from_s: f64, to_s: f64) -> f64 {
    let series = &results.series.traffic[source];
    let failed = mean(&series.failed_per_s, results.series.every_s, from_s, to_s);
    failed / (failed + goodput(results, source, from_s, to_s))
}

/// Mean utilization of a subject from one second to another.
pub fn utilization(results: &Results, subject: &str, from_s: f64, to_s: f64) -> f64 {
    let known: Vec<f32> = results.series.utilization[subject].iter().map(|point| point.unwrap_or(f32::NAN)).collect();
    mean(&known, results.series.every_s, from_s, to_s)
}

fn mean(points: &[f32], every_s: f64, from_s: f64, to_s: f64) -> f64 {
    let at = |seconds: f64| ((seconds / every_s) as usize).min(points.len());
    let inside = &points[at(from_s)..at(to_s)];
    inside.iter().filter(|point| !point.is_nan()).map(|point| f64::from(*point)).sum::<f64>() / inside.len() as f64
}

/// Objectives that were missed.
pub fn missed(results: &Results) -> Vec<String> {
    let missed = results.objectives.iter().filter(|objective| !objective.pass);
    missed
        .map(|objective| format!("{} {}: {}", objective.subject, objective.expression, objective.observed_text))
        .collect()
}

/// The file as it stands misses one of its objectives, and so do these variants; the fixes keep them all.
#[track_caller]
pub fn fixed_by(name: &str, fixes: &[&str], not_by: &[&str]) {
    for variant in not_by.iter().map(|variant| Some(*variant)).chain([None]) {
        for results in taught(name, variant) {
            assert!(!missed(&results).is_empty(), "{name} {variant:?} misses nothing: {}", told(&results));
        }
    }
    for fix in fixes {
        for results in taught(name, Some(fix)) {
            assert!(missed(&results).is_empty(), "{name} {fix:?} misses {:?}: {}", missed(&results), told(&results));
        }
    }
}
