//! What theory says without simulating: which resource the crowd's demand passes first, and at what load.
//!
//! By the utilization law, offered load ρ = demand / capacity, counted as if nothing in front throttled it: a
//! simulation shows fewer failures behind a saturated tier, but relieving that tier moves the failure to the next row
//! of this table. Workers, pools, connections and memory follow from Little's law with no waiting: lower bounds once
//! something queues. Multiples are of the crowd that surges; steady background traffic is not multiplied.
//!
//! It does not know retries, leaks, contention, the runbook or the horizon.

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
use crate::units::Time;
use crowd::Levels;
use demand::{Crowd, Demand, Loads};
pub use observed::annotate;
use resource::{Kind, Resource};
use serde::Serialize;

/// A multiple that is as good as never.
const NEVER: f64 = 1e6;
const HALVINGS: u32 = 60;

/// Every bounded resource that the crowd uses, in the order in which it saturates.
#[must_use]
pub fn napkin(model: &Model) -> Vec<NapkinRow> {
    let analysis = Analysis::of(model);
    let moments: Vec<(Time, Crowd, Loads)> = analysis
        .levels
        .over_time(&analysis.base.sessions)
        .into_iter()
        .map(|(time, crowd)| (time, crowd.clone(), analysis.demand.of(&crowd)))
        .collect();
    let mut rows: Vec<NapkinRow> = (resource::all(model, &analysis.demand).iter())
        .filter_map(|resource| {
            let base = analysis.load(resource, &analysis.base);
            let peak = moments.iter().map(|(_, _, loads)| analysis.load(resource, loads)).fold(base, f64::max);
            (peak > 0.0).then(|| NapkinRow {
                resource: resource.name.clone(),
                capacity: resource.capacity,
                base: finite(base),
                peak: finite(peak),
                saturates_at: analysis.saturates_at(resource),
                passed_at_s: analysis.passed_at(resource, &moments),
                observed: None,
                note: analysis.note(resource),
            })
        })
        .collect();
    let order = |multiple: Option<f64>| multiple.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| {
        let passed = |row: &NapkinRow| order(row.passed_at_s);
        order(a.saturates_at)
            .total_cmp(&order(b.saturates_at))
            .then(passed(a).total_cmp(&passed(b)))
            .then(b.peak.total_cmp(&a.peak))
    });
    rows
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
        resources: napkin(model),
        stations: theory::stations(model, &analysis.demand, &analysis.base),
        populations: population::all(model, &analysis.demand).into_iter().map(|(row, _)| row).collect(),
    }
}

/// What is overloaded before anybody surges: legal, and surely not meant.
#[must_use]
pub fn warnings(model: &Model) -> Vec<String> {
    let analysis = Analysis::of(model);
    (resource::all(model, &analysis.demand).iter())
        .filter_map(|resource| {
            let base = analysis.load(resource, &analysis.base);
            (base > 1.0).then(|| {
                format!(
                    "`{}` is overloaded at the base load already: offered load {base:.2}, capacity 1",
                    resource.name
                )
            })
        })
        .collect()
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

/// A load that runs away is as much as a number can be: results hold finite numbers.
fn finite(load: f64) -> f64 {
    if load.is_finite() { load } else { f64::MAX }
}

/// One model on one napkin.
struct Analysis<'a> {
    model: &'a Model,
    demand: Demand<'a>,
    levels: Levels<'a>,
    /// At the crowd's initial level.
    base: Loads,
}

impl<'a> Analysis<'a> {
    fn of(model: &'a Model) -> Self {
        let (demand, levels) = (Demand::new(model), Levels::of(model));
        let base = demand.of(&levels.times(1.0));
        Self { model, demand, levels, base }
    }

    fn load(&self, resource: &Resource, loads: &Loads) -> f64 {
        resource.load(self.model, &self.demand, loads)
    }

    fn load_at(&self, resource: &Resource, multiple: f64) -> f64 {
        self.load(resource, &self.demand.of(&self.levels.times(multiple)))
    }

    /// The multiple of the crowd at which ρ = 1.
    fn saturates_at(&self, resource: &Resource) -> Option<f64> {
        let none = self.load_at(resource, 0.0);
        if none >= 1.0 {
            return Some(0.0);
        }
        if !self.demand.depends_on_load() {
            let multiple = (1.0 - none) / (self.load(resource, &self.base) - none);
            return (multiple > 0.0 && multiple < NEVER).then_some(multiple);
        }
        let (mut low, mut high) = (0.0, 1.0);
        while self.load_at(resource, high) < 1.0 {
            (low, high) = (high, high * 2.0);
            if high > NEVER {
                return None;
            }
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.load_at(resource, middle) < 1.0 { low = middle } else { high = middle }
        }
        Some(high)
    }

    /// When demand first reaches capacity, seconds.
    fn passed_at(&self, resource: &Resource, moments: &[(Time, Crowd, Loads)]) -> Option<f64> {
        let first = moments.iter().position(|(_, _, loads)| self.load(resource, loads) >= 1.0)?;
        let (after, full, _) = &moments[first];
        let Some((before, less, _)) = first.checked_sub(1).map(|at| &moments[at]) else {
            return Some(after.as_seconds());
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS / 2 {
            let middle = f64::midpoint(low, high);
            let loads = self.demand.of(&crowd::between(less, full, middle));
            if self.load(resource, &loads) < 1.0 { low = middle } else { high = middle }
        }
        Some(before.as_seconds() + high * crowd::seconds(*before, *after))
    }

    fn note(&self, resource: &Resource) -> String {
        let mut notes = Vec::new();
        let served = match resource.kind {
            Kind::Cpu(_) | Kind::Quota(_) | Kind::Threads(_) | Kind::Workers(_) => true,
            Kind::Network(_)
            | Kind::Ingress(_)
            | Kind::Disk(_)
            | Kind::MachineMemory(_)
            | Kind::Connections(_)
            | Kind::Descriptors(_)
            | Kind::Memory(_)
            | Kind::Pool(_)
            | Kind::Slots(_) => false,
        };
        if let Some(service) = resource.service(self.model) {
            notes.extend(self.demand.cache_notes(service, &self.base).into_iter().filter(|_| served));
            if served {
                notes.push(station::note(self.model, &self.demand, &self.base, service));
            } else if self.base.services[service.index()].held > 0.0 {
                notes.push(format!(
                    "{:.0} connections held by sessions at the base load",
                    self.base.services[service.index()].held
                ));
            }
        } else if let Kind::Cpu(group) = resource.kind {
            let of = &self.model.groups[group].services;
            notes.push(format!(
                "shared by {}",
                of.iter().map(|id| self.model.services[*id].name.as_str()).collect::<Vec<_>>().join(", ")
            ));
        }
        if let Kind::Cpu(group) = resource.kind
            && self.model.groups[group].burst.is_some()
        {
            notes.push(format!("what is earned; {} cores while credits last", self.model.groups[group].cores));
        }
        if self.demand.depends_on_load() && self.load_at(resource, 2.0) > 2.001 * self.load(resource, &self.base) {
            notes.push("grows faster than the load".to_owned());
        }
        notes.retain(|note| !note.is_empty());
        notes.join("; ")
    }
}

#[cfg(test)]
mod tests;
