//! Who calls whom, callees first, and how many of each there are.

use crate::model::{LinkId, Model, OperationId, Placement, ServiceId};

/// Live links by callee.
pub(super) fn inbound(model: &Model) -> Vec<Vec<LinkId>> {
    let mut inbound = vec![Vec::new(); model.services.len()];
    for (at, link) in model.links.iter().enumerate().filter(|(_, link)| !link.retired) {
        inbound[link.callee.index()].push(LinkId::new(at));
    }
    inbound
}

/// Operations in post-order of the call graph.
pub(super) fn callees_first(model: &Model) -> Vec<OperationId> {
    let mut callees = vec![Vec::new(); model.operations.len()];
    for site in &model.sites {
        if let Some(from) = site.from {
            callees[from.index()].push(site.operation);
        }
    }
    let mut order = Vec::with_capacity(callees.len());
    let mut seen = vec![false; callees.len()];
    for start in 0..callees.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            match callees[at].get(*next) {
                Some(callee) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[callee.index()], true) {
                        path.push((callee.index(), 0));
                    }
                }
                None => {
                    order.push(OperationId::new(at));
                    path.pop();
                }
            }
        }
    }
    order
}

/// Machines of all groups that a service runs on.
pub(super) fn machines_of(model: &Model, service: ServiceId) -> f64 {
    model.services[service].groups.iter().map(|group| f64::from(model.groups[*group].count)).sum()
}

/// Instances of a service on so many machines.
pub(super) fn instances(model: &Model, service: ServiceId, machines: f64) -> f64 {
    match model.services[service].placement {
        _ if model.services[service].groups.is_empty() => 1.0,
        Placement::PerMachine(each) => f64::from(each) * machines,
        Placement::Count(count) => f64::from(count),
    }
}
