//! A study beside the runs that are played: its points one after another, a portion at a time, so that nothing else
//! waits.
//!
//! The answer is that of the command line, to the byte. It is about the scenario from its start: what was wished of a
//! run is none of it.

use super::message::StudySpec;
use super::run::{Played, Run};
use crate::measure::{self, Options, results::Stopped};
use crate::model::Model;
use crate::napkin;
use crate::study::{Plan, Replicate, Replications};
use crate::units::Time;
use std::sync::Arc;

/// A study at work.
#[derive(Debug)]
pub struct BackgroundStudy {
    model: Arc<Model>,
    variant: Option<String>,
    study: Replicate,
    /// The point that is being run, and its seed.
    run: Option<(u64, Run)>,
    /// Points that are done, of so many.
    done: u32,
    of: u32,
}

impl BackgroundStudy {
    /// Of a model whose scenario has that seed.
    pub fn new(job: StudySpec, model: Arc<Model>, options: &Options) -> Self {
        let StudySpec::Replicate(replications) = job;
        let of = replications.max(1);
        let study = Replicate::new(Plan { seed: options.seed, replications: of });
        Self { model, variant: options.variant.clone(), study, run: None, done: 0, of }
    }

    /// How much of it is done, 0 to 1.
    pub fn share(&self) -> f32 {
        let length = (self.model.warm_up.0 + self.model.horizon.0).max(1) as f64;
        let gone = |run: &Run| (run.now().0 + self.model.warm_up.0) as f64 / length;
        let present = self.run.as_ref().map_or(0.0, |(_, run)| gone(run));
        ((f64::from(self.done) + present) / f64::from(self.of)) as f32
    }

    /// The answer, of the points that are done.
    pub fn answer(self) -> Option<Replications> {
        self.study.finish()
    }

    /// One portion; false once all points are done.
    pub fn work(&mut self) -> bool {
        let Some((seed, run)) = &mut self.run else {
            let next = self.study.next_points(1);
            self.run = next.first().map(|point| (point.seed, Run::new(Arc::clone(&self.model), point.seed)));
            return self.run.is_some();
        };
        match run.play(Time(self.model.horizon.0)) {
            Played::Going(_) => {}
            Played::There | Played::Stopped => {
                let stopped =
                    run.stopped.map(|stop| Stopped { reason: stop.name().into(), at_s: run.now().0 as f64 / 1e9 });
                let options = Options { seed: *seed, variant: self.variant.clone() };
                let mut results = measure::report(&run.listeners.recorder, &run.sim, &options, stopped);
                napkin::annotate(&self.model, &mut results);
                results.seal();
                self.study.give(&results);
                self.run = None;
                self.done += 1;
            }
        }
        true
    }
}
