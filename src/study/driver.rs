//! Studies driven: their points run one after another or side by side, and given back in order.

use super::workers::{Given, work_off};
use super::{Answer, Executor, Point, Study, StudySpec};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::{Options, Recording, Results};
use crate::model::Model;
use crate::napkin;
use crate::scenario::{Loaded, Problem};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What a study is beside its scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Root of every random draw; absent: the scenario's own.
    pub seed: Option<u64>,
    /// The variant the scenario was patched with, for the results.
    pub variant: Option<String>,
}

/// One run from a scenario to its results. `progress` hears the share done, 0 to 1. Errors: a limit of the model is
/// passed.
pub fn run(loaded: &Loaded, options: &RunOptions, progress: &mut dyn FnMut(f64)) -> Result<Results, Vec<Problem>> {
    let compiled = Compiled::new(loaded.clone(), options.variant.clone(), options.seed);
    let compiled = compiled.map_err(|failure| failure.problems)?;
    Ok(play(Recording::new(&compiled.model, compiled.options()), progress))
}

/// The answer of a study about an experiment, its points run on the executor. `progress` hears the share done, 0 to 1.
/// Errors: a point's edits do not fit the scenario.
pub fn answer(
    study: StudySpec,
    compiled: &Compiled,
    executor: Executor,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Answer, LoadFailure> {
    let mut study = study.begin(compiled)?;
    let cut = drive(&mut *study, compiled, executor, progress, &mut |_| true)?;
    study.finish(cut).ok_or_else(|| no_answer(compiled))
}

/// Why a study that was ended early has no answer.
pub fn no_answer(compiled: &Compiled) -> LoadFailure {
    let reason = compiled.halt.reason().unwrap_or_else(|| "no run was done".to_owned());
    LoadFailure::of(&compiled.loaded, vec![Problem::general(format!("there is no answer: {reason}"))])
}

/// Runs a study to its end. `given` hears of it whenever it was given what a point yielded, in the order of the points;
/// false ends it there. A halt ends it, too: runs that it cut short are left out where there are others. Says why it
/// was ended before its end, if it was. Errors: a point's edits do not fit the scenario.
pub fn drive<S: Study + ?Sized>(
    study: &mut S,
    compiled: &Compiled,
    executor: Executor,
    progress: &(dyn Fn(f64) + Sync),
    given: Given<'_, S>,
) -> Result<Option<String>, LoadFailure> {
    // Runs that are done, with the shares of those that go on, and how many there are in all.
    let told = Mutex::new((0.0, f64::from(study.length())));
    let run = |point: &Point| {
        let mut mine = 0.0;
        let mut tell = |share: f64| {
            // A poisoned lock means another thread panicked; that panic is the news, not this figure.
            if let Ok(mut told) = told.lock() {
                told.0 += share - mine;
                mine = share;
                progress((told.0 / told.1).min(1.0));
            }
        };
        begin(compiled, point).map(|recording| play(recording, &mut tell))
    };
    let cut = AtomicBool::new(false);
    let give = |study: &mut S, point: &Point, results: Results| {
        let reason = results.stopped.as_ref().map(|stopped| &stopped.reason);
        if reason.is_some() && reason == compiled.halt.reason().as_ref() && study.length() > 1 {
            return cut.store(true, Ordering::Relaxed);
        }
        study.give(point, results);
        if let Ok(mut told) = told.lock() {
            told.1 = f64::from(study.length());
        }
    };
    let mut heard = |study: &mut S| !cut.load(Ordering::Relaxed) && given(study) && compiled.halt.reason().is_none();
    let whole = work_off(executor.width(), study, &mut heard, give, run)?;
    // What was left out is missing, however much of the study there is.
    let whole = whole && !cut.into_inner();
    Ok(if whole { None } else { Some(compiled.halt.reason().unwrap_or_else(|| "ended".to_owned())) })
}

/// A point at its beginning.
fn begin(compiled: &Compiled, point: &Point) -> Result<Recording, LoadFailure> {
    let (model, options) = prepare(compiled, point)?;
    Ok(Recording::new(&model, options))
}

/// What a point is a run of.
pub(super) fn prepare(compiled: &Compiled, point: &Point) -> Result<(Arc<Model>, Options), LoadFailure> {
    let own = point.variant.is_none() || point.variant == compiled.variant;
    let variant = if own { compiled.variant.clone() } else { point.variant.clone() };
    let (seed, limits, halt) = (point.seed, compiled.limits, compiled.halt.clone());
    let options = Options { seed, variant, limits, halt, until_decided: point.until_decided };
    if own && point.edits.is_empty() {
        return Ok((Arc::clone(&compiled.model), options));
    }
    let changed = compiled.changed(point.variant.as_deref(), &point.edits)?;
    Ok((Compiled::new(changed, None, None)?.model, options))
}

/// What a run yielded, with what theory says beside it, sealed.
pub(super) fn conclude(recording: Recording) -> Results {
    let model = Arc::clone(recording.model());
    let mut results = recording.results();
    napkin::annotate(&model, &mut results);
    results.seal();
    results
}

fn play(mut recording: Recording, progress: &mut dyn FnMut(f64)) -> Results {
    recording.play(progress);
    conclude(recording)
}

/// A study on the caller's thread, a portion at a time, so that nothing else waits.
#[derive(Debug)]
pub struct Portions {
    compiled: Compiled,
    study: Box<dyn Study>,
    /// The point that is being run.
    present: Option<(Point, Recording)>,
    /// Points that were given.
    done: u32,
}

impl Portions {
    /// About an experiment, at the beginning.
    ///
    /// # Errors
    /// The experiment has nothing that the study could ask of.
    pub fn new(study: StudySpec, compiled: Compiled) -> Result<Portions, LoadFailure> {
        Ok(Portions { study: study.begin(&compiled)?, compiled, present: None, done: 0 })
    }

    /// How much of it is done, 0 to 1.
    pub fn share(&self) -> f64 {
        let present = self.present.as_ref().map_or(0.0, |(_, recording)| recording.share());
        ((f64::from(self.done) + present) / f64::from(self.study.length())).min(1.0)
    }

    /// A portion of so many events at most; false once all points are done. Errors: a point's edits do not fit the
    /// scenario.
    pub fn advance(&mut self, events: u64) -> Result<bool, LoadFailure> {
        match self.present.take() {
            None => {
                let Some(point) = self.study.next_points(1).pop() else { return Ok(false) };
                let recording = begin(&self.compiled, &point)?;
                self.present = Some((point, recording));
            }
            Some((point, mut recording)) => {
                if recording.advance(events) {
                    self.present = Some((point, recording));
                } else {
                    self.study.give(&point, conclude(recording));
                    self.done += 1;
                }
            }
        }
        Ok(true)
    }

    /// The answer, of the points that are done; none of none.
    pub fn finish(self) -> Option<Answer> {
        self.study.finish(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::scenario::Edit;

    /// Doubles the crowd until it has seen `wanted` runs: what it asks next depends on what it was given.
    #[derive(Debug)]
    struct Doubling {
        wanted: usize,
        rate: u32,
        waiting: bool,
        offered: Vec<f64>,
        last: Option<Results>,
    }

    impl Study for Doubling {
        fn next_points(&mut self, _most: usize) -> Vec<Point> {
            if self.waiting || self.offered.len() == self.wanted {
                return Vec::new();
            }
            self.waiting = true;
            let rate = format!("Open(rate: Constant(\"{}/s\"), call: \"app.page\")", self.rate);
            vec![Point::new(vec![Edit::set("traffic.crowd", rate)], 1)]
        }

        fn give(&mut self, _point: &Point, results: Results) {
            self.waiting = false;
            self.rate *= 2;
            self.offered.push(results.traffic["crowd"].offered_per_s);
            self.last = Some(results);
        }

        fn length(&self) -> u32 {
            3
        }

        fn finish(self: Box<Self>, _cut: Option<String>) -> Option<Answer> {
            assert!(self.offered.windows(2).all(|pair| pair[1] > 1.5 * pair[0]), "{:?}", self.offered);
            self.last.map(|results| Answer::Run(Box::new(results)))
        }
    }

    const SHOP: &str = include_str!("../../tests/it/fixtures/television.ron");

    #[test]
    fn a_study_may_ask_by_what_it_was_told_and_change_the_scenario() {
        let text = r#"(version: 1, title: "a", horizon: "5s", machines: {"box": (cores: 2)},
            services: {"app": (on: ["box"], operations: {"page": [Cpu("1ms")]})},
            traffic: {"crowd": Open(rate: Constant("1/s"), call: "app.page")})"#;
        let compiled = Experiment::new("a", text).compile().expect("it compiles");
        let study = Box::new(Doubling { wanted: 3, rate: 50, waiting: false, offered: Vec::new(), last: None });
        let mut portions = Portions { study, compiled, present: None, done: 0 };
        while portions.advance(64).expect("the edits fit") {}
        let Some(Answer::Run(last)) = portions.finish() else { panic!("three runs were given") };
        assert!((last.traffic["crowd"].offered_per_s / 200.0 - 1.0).abs() < 0.2);
    }

    #[test]
    fn edits_that_do_not_fit_end_the_study() {
        let compiled = Experiment::new("shop", SHOP).compile().expect("it compiles");
        let point = Point::new(vec![Edit::set("services.app.wokers", "5")], 1);
        assert!(begin(&compiled, &point).is_err());
    }

    #[test]
    fn portions_and_threads_give_the_same_answer() {
        let edits = vec![Edit::set("horizon", "20s")];
        let compiled = Experiment { edits, ..Experiment::new("shop", SHOP) }.compile().expect("it compiles");
        for spec in [StudySpec::Run, StudySpec::Replicate(3)] {
            let expected = answer(spec.clone(), &compiled, Executor::Threads(2), &|_| {}).expect("it runs");
            let mut portions = Portions::new(spec, compiled.clone()).expect("it can be asked");
            let mut last = 0.0;
            while portions.advance(1_000).expect("there are no edits") {
                assert!((last..=1.0).contains(&portions.share()));
                last = portions.share();
            }
            let given = portions.finish().expect("it ran");
            assert_eq!(serde_json::to_string(&given).ok(), serde_json::to_string(&expected).ok());
        }
    }
}
