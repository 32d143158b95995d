//! The napkin beside what a run showed.

use super::analysis::Analysis;
use super::resource::{Kind, Resource, waits_for};
use crate::engine::ResourceKind;
use crate::measure::results::{self, Results};
use crate::model::Model;

/// Puts the napkin into a run's results: its rows with the utilization that was measured, and its warnings.
pub fn annotate(model: &Model, results: &mut Results) {
    let analysis = Analysis::of(model);
    let rows = super::rows(&analysis).into_iter().map(|(mut row, resource)| {
        row.observed = utilization(model, resource, &results.resources);
        row
    });
    results.napkin = rows.collect();
    (results.stations, results.populations) = super::theory::compared(model, &analysis.demand, &analysis.base, results);
    results.warnings.extend(super::check::overloaded(&analysis).into_iter().map(|(_, message)| message));
}

/// Mean over the resource's machines or instances, weighted with what each has.
fn utilization(model: &Model, resource: &Resource, measured: &[results::Resource]) -> Option<f64> {
    let (mut capacity, mut used) = (0.0, 0.0);
    for one in measured.iter().filter(|one| is_part(model, resource.kind, one)) {
        capacity += one.capacity_s;
        used += one.busy_s;
    }
    (capacity > 0.0).then(|| used / capacity)
}

fn is_part(model: &Model, kind: Kind, one: &results::Resource) -> bool {
    let group = |id: crate::model::GroupId, what: ResourceKind| {
        one.kind == what && one.service.is_none() && one.machine.as_ref() == Some(&model.groups[id].name)
    };
    let service = |id: crate::model::ServiceId, what: ResourceKind| {
        one.kind == what && one.service.as_ref() == Some(&model.services[id].name)
    };
    match kind {
        Kind::Cpu(id) => group(id, ResourceKind::Cpu),
        Kind::Network(id) => group(id, ResourceKind::Network),
        Kind::Ingress(id) => group(id, ResourceKind::Ingress),
        Kind::Disk(id) => group(id, ResourceKind::Disk),
        Kind::MachineMemory(id) => group(id, ResourceKind::Memory),
        Kind::Quota(id) => service(id, ResourceKind::Quota),
        Kind::Threads(id) => service(id, ResourceKind::Threads),
        Kind::Workers(id) => service(id, ResourceKind::Workers),
        Kind::Connections(id) => service(id, ResourceKind::Connections),
        Kind::Descriptors(id) => service(id, ResourceKind::Descriptors),
        Kind::Memory(id) => service(id, ResourceKind::Memory),
        Kind::Lock(id, lock) => {
            service(id, ResourceKind::Lock) && one.id.ends_with(&format!(".{}", model.locks[lock].name))
        }
        Kind::RateLimit(_) => false,
        Kind::Pool(id) | Kind::Slots(id) => {
            let what = if matches!(kind, Kind::Slots(_)) { ResourceKind::Slots } else { ResourceKind::Pool };
            let link = &model.links[id];
            let crate::model::Caller::Service(caller) = link.caller else { return false };
            let (what, row) = waits_for(model, id, what);
            service(caller, what) && one.id.ends_with(&format!(".{row}"))
        }
    }
}
