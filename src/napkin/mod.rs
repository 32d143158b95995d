//! What theory says without simulating: which resource the crowd's demand passes first, and at what load.
//!
//! By the utilization law, offered load ρ = demand / capacity. Demand is counted as if nothing in front held it back,
//! except where full doors (workers, pools, limits, cores) keep a resource from ever being full: its row says what they
//! let through, and what comes without them, for relieving them moves the failure there. Workers, pools, connections
//! and memory follow from Little's law with no waiting: lower bounds once something queues. Where a resource breaks is
//! told as a load, and as a multiple of the highest that the file reaches; what does not change is not multiplied where
//! others do.
//!
//! It does not know retries, leaks, contention, the runbook or the horizon.

mod admitted;
mod analysis;
mod arrivals;
mod check;
mod crowd;
mod demand;
pub mod formulas;
mod holders;
mod observed;
mod population;
mod resource;
mod station;
mod theory;
mod work;

use crate::measure::results::{NapkinPopulation, NapkinRow, NapkinStation};
use crate::model::Model;
use analysis::Analysis;
pub use analysis::breaks_in_words;
pub use check::{check, warnings};
pub use observed::annotate;
use resource::Resource;
use serde::Serialize;

/// Every bounded resource that the crowd uses, in the order in which demand passes it with every door open: first those
/// that the file's load does pass, then those that less of a multiple of it would.
#[must_use]
pub fn napkin(model: &Model) -> Vec<NapkinRow> {
    rows(&Analysis::of(model)).into_iter().map(|(row, _)| row).collect()
}

/// The rows, each with what it is of.
fn rows<'a>(analysis: &'a Analysis) -> Vec<(NapkinRow, &'a Resource)> {
    let (base, mut moments) = (analysis.admitted_at_base(), analysis.moments());
    let mut rows: Vec<((NapkinRow, Option<f64>), &Resource)> = Vec::new();
    for resource in &analysis.resources {
        rows.extend(analysis.row(resource, &base, &mut moments).map(|row| (row, resource)));
    }
    let order = |multiple: Option<f64>| multiple.unwrap_or(f64::INFINITY);
    rows.sort_by(|((a, left), _), ((b, right), _)| {
        let passed = |row: &NapkinRow| order(row.passed_at_s);
        passed(a).total_cmp(&passed(b)).then(order(*left).total_cmp(&order(*right))).then(b.peak.total_cmp(&a.peak))
    });
    rows.into_iter().map(|((row, _), resource)| (row, resource)).collect()
}

/// All that theory says of a model.
#[derive(Clone, Debug, Serialize)]
pub struct Theory {
    /// Demand against capacity, in the order in which demand passes it.
    pub resources: Vec<NapkinRow>,
    /// Each service as a station.
    pub stations: Vec<NapkinStation>,
    /// Each closed source.
    pub populations: Vec<NapkinPopulation>,
}

/// All that theory says of a model, with nothing simulated.
#[must_use]
pub fn theory(model: &Model) -> Theory {
    let analysis = Analysis::of(model);
    Theory {
        resources: rows(&analysis).into_iter().map(|(row, _)| row).collect(),
        stations: theory::stations(model, &analysis.demand, &analysis.base),
        populations: population::all(model, &analysis.demand).into_iter().map(|(row, _)| row).collect(),
    }
}

#[cfg(test)]
mod tests;
