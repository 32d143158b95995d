//! Parts: `like` puts them under a service, every number of them has a source, and each behaves as it is known to.
mod balancers;
mod files;
mod like;
mod servers;
mod stores;
mod third_parties;
mod workers;

use crate::support::{Draft, run::loaded};
use surgelab::measure::{Results, results::Resource};
use surgelab::study::{RunOptions, run};

/// What a run of a draft yields.
struct Seen(Results);

#[track_caller]
fn seen(draft: &Draft) -> Seen {
    Seen(run(&loaded(&draft.text()), &RunOptions::default(), &mut |_| {}).expect("it runs"))
}

impl Seen {
    #[track_caller]
    fn resource(&self, id: &str) -> &Resource {
        let ids = || self.0.resources.iter().map(|resource| resource.id.as_str()).collect::<Vec<_>>();
        self.0
            .resources
            .iter()
            .find(|resource| resource.id == id)
            .unwrap_or_else(|| panic!("no {id} among {:?}", ids()))
    }

    /// Mean share in use.
    #[track_caller]
    fn busy(&self, id: &str) -> f64 {
        self.resource(id).utilization_mean
    }

    /// Successes per second of the source `crowd`.
    fn goodput(&self) -> f64 {
        self.0.traffic["crowd"].goodput_per_s
    }

    /// Failures of a source for one reason.
    fn failed(&self, source: &str, reason: &str) -> u64 {
        self.0.traffic[source].failed.get(reason).copied().unwrap_or(0)
    }

    /// Latency of the successes of a source.
    fn latency(&self, source: &str) -> surgelab::measure::results::Latency {
        self.0.traffic[source].latency_s.expect("some succeeded")
    }
}

#[track_caller]
fn about(observed: f64, expected: f64, what: &str) {
    assert!((observed / expected - 1.0).abs() < 0.1, "{what}: {observed:.3} instead of {expected}");
}
