//! How often each link was called over the run.
//!
//! What was measured is how often each operation was called. Where more than one link leads to it, its callers share
//! that in proportion to how often they call it by their programs.

use crate::measure::results::Results;
use crate::model::{Caller, LinkId, Model, OperationId};
use std::collections::BTreeMap;

/// Calls per second by link.
pub(super) struct Rates(BTreeMap<LinkId, f64>);

impl Rates {
    pub fn new(results: &Results, model: &Model) -> Self {
        let offered = |operation: OperationId| {
            results.operations.get(&model.operations[operation].name).map_or(0.0, |o| o.traffic.offered_per_s)
        };
        // By source: calls of one run through all its programs.
        let mut journeys: BTreeMap<&str, f64> = BTreeMap::new();
        let source = |link: LinkId| match model.links[link].caller {
            Caller::Source(source) => Some(model.sources[source].name.as_str()),
            Caller::Service(_) => None,
        };
        for site in &model.sites {
            if let Some(name) = source(site.link) {
                *journeys.entry(name).or_default() += site.visits;
            }
        }
        let mut shares: BTreeMap<OperationId, Vec<(LinkId, f64)>> = BTreeMap::new();
        for site in model.sites.iter().filter(|site| !model.links[site.link].retired) {
            let weight = match (site.from, source(site.link)) {
                (Some(from), _) => offered(from) * site.visits,
                (None, Some(name)) => {
                    let requests = results.traffic.get(name).map_or(0.0, |traffic| traffic.offered_per_s);
                    requests * site.visits / journeys[name].max(f64::MIN_POSITIVE)
                }
                (None, None) => 0.0,
            };
            shares.entry(site.operation).or_default().push((site.link, weight));
        }
        let mut rates: BTreeMap<LinkId, f64> = BTreeMap::new();
        for (operation, links) in shares {
            let total: f64 = links.iter().map(|(_, weight)| weight).sum();
            for (link, weight) in &links {
                let share = if total > 0.0 { weight / total } else { 1.0 / links.len() as f64 };
                *rates.entry(*link).or_default() += offered(operation) * share;
            }
        }
        Self(rates)
    }

    /// Of a link; 0 where nobody called.
    pub fn of(&self, link: LinkId) -> f64 {
        self.0.get(&link).copied().unwrap_or(0.0)
    }
}
