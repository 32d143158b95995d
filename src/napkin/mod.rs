//! What theory says without simulating: which resource the crowd's demand passes first, and at what load.
//!
//! By the utilization law, offered load ρ = demand / capacity, the demand being what full doors in front (workers,
//! pools, limits, cores) let through; the row of a resource that they hold back says what comes without them, for
//! relieving them moves the failure there. Workers, pools, connections and memory follow from Little's law with no
//! waiting: lower bounds once something queues. Where a resource breaks is told as a load, and as a multiple of the
//! highest that the file reaches; sources that do not change are not multiplied where others do.
//!
//! It does not know retries, leaks, contention, the runbook or the horizon.

mod admitted;
mod analysis;
mod arrivals;
mod crowd;
mod demand;
pub mod formulas;
mod observed;
mod population;
mod resource;
mod station;
mod theory;
mod work;

use crate::measure::results::{NapkinPopulation, NapkinRow, NapkinStation};
use crate::model::Model;
use crate::scenario::{Loaded, Problem, Severity};
use admitted::FULL;
use analysis::Analysis;
pub use analysis::breaks_in_words;
pub use observed::annotate;
use serde::Serialize;

/// Every bounded resource that the crowd uses, in the order in which it saturates with every door open.
#[must_use]
pub fn napkin(model: &Model) -> Vec<NapkinRow> {
    rows(&Analysis::of(model))
}

fn rows(analysis: &Analysis) -> Vec<NapkinRow> {
    let (base, mut moments) = (analysis.admitted_at_base(), analysis.moments());
    let rows = analysis.resources.iter().filter_map(|resource| analysis.row(resource, &base, &mut moments));
    let mut rows: Vec<(NapkinRow, Option<f64>)> = rows.collect();
    let order = |multiple: Option<f64>| multiple.unwrap_or(f64::INFINITY);
    rows.sort_by(|(a, left), (b, right)| {
        let passed = |row: &NapkinRow| order(row.passed_at_s);
        order(*left).total_cmp(&order(*right)).then(passed(a).total_cmp(&passed(b))).then(b.peak.total_cmp(&a.peak))
    });
    rows.into_iter().map(|(row, _)| row).collect()
}

/// All that theory says of a model.
#[derive(Clone, Debug, Serialize)]
pub struct Theory {
    /// Demand against capacity, in the order in which resources saturate.
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
        resources: rows(&analysis),
        stations: theory::stations(model, &analysis.demand, &analysis.base),
        populations: population::all(model, &analysis.demand).into_iter().map(|(row, _)| row).collect(),
    }
}

/// What is overloaded before anybody surges: legal, and surely not meant.
#[must_use]
pub fn warnings(model: &Model) -> Vec<String> {
    overloaded(&Analysis::of(model)).into_iter().map(|(_, message)| message).collect()
}

/// Names of what is overloaded at the base load, with a sentence.
fn overloaded(analysis: &Analysis) -> Vec<(String, String)> {
    let admitted = analysis.admitted_at_base();
    let rows = analysis.resources.iter().filter_map(|resource| {
        let base = admitted.load(analysis.model, &analysis.demand, resource);
        (base > 1.0 / FULL).then(|| {
            let name = resource.name.clone();
            let message =
                format!("`{name}` is overloaded at the base load already: offered load {base:.2}, capacity 1");
            (name, message)
        })
    });
    rows.collect()
}

/// The warnings of a scenario that was read: those of its file, and overload at the base load.
///
/// # Errors
/// What keeps it from being compiled.
pub fn check(loaded: &Loaded) -> Result<Vec<Problem>, Vec<Problem>> {
    let overload = warnings(&Model::compile(loaded)?);
    let warning = |message| Problem { severity: Severity::Warning, ..Problem::general(message) };
    Ok(loaded.warnings.iter().cloned().chain(overload.into_iter().map(warning)).collect())
}

#[cfg(test)]
mod tests;
