//! Two runs of different experiments side by side, and the design that a run has become.

use super::message::{Lane, Update};
use super::requests::{Base, Host, past};
use super::run_history::RunHistory;
use crate::experiment::{Compiled, Experiment, LoadFailure, LogEntry};
use std::sync::Arc;

impl Host {
    /// What a run is a run of.
    pub(super) fn base_of(&self, lane: usize) -> Option<&Base> {
        let own = if lane == Lane::Branch as usize { self.other.as_ref() } else { None };
        own.or(self.base.as_ref())
    }

    /// The branch is a run of another experiment, with the trunk's crowd, and goes where the trunk is.
    pub(super) fn compare(&mut self, other: Experiment) {
        let (Some(base), Some(trunk)) = (&self.base, self.lanes.first()) else { return };
        let present = trunk.now();
        let other = Experiment { seed: Some(base.compiled.seed), moment: Some(present), ..other };
        let other = match Base::of(other) {
            Ok(other) => other,
            Err(failure) => return self.fail_to_load(failure),
        };
        self.prune();
        let compiled = Arc::clone(&other.compiled);
        self.lanes.push(RunHistory::new(Arc::clone(&compiled.model), compiled.seed, self.options));
        self.steered = Lane::Branch;
        self.publisher.join();
        self.out.push(Update::Compared(compiled));
        self.first_do(past(&other.experiment.log, other.experiment.moment));
        self.other = Some(other);
    }

    /// The steered run's scenario with everything that was edited until now, from its start.
    pub(super) fn design(&self) -> Option<Result<Compiled, LoadFailure>> {
        let lane = self.steered as usize;
        let (base, run) = (self.base_of(lane)?, self.lanes.get(lane)?);
        let applied = run.run.sim.log().len().min(run.log.len());
        let done = run.log[..applied].iter().filter_map(|entry| {
            let intervention = entry.intervention.clone()?;
            Some(LogEntry { time: entry.time, intervention })
        });
        let done: Vec<LogEntry> = done.collect();
        let design = base.experiment.edited_by(&done);
        if design.variant == base.experiment.variant && design.edits == base.experiment.edits {
            return Some(Ok(Compiled::clone(&base.compiled)));
        }
        Some(Experiment { seed: Some(base.compiled.seed), ..design }.compile())
    }
}
