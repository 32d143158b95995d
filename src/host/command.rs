//! Commands: whether one is about what there is, and what it is called.

use super::run_history::Entry;
use crate::model::{Action, Model, Scope, Side, Target};

/// Whether everything the action names is in the model.
pub fn fits(action: &Action, model: &Model) -> bool {
    let group = |id: crate::model::GroupId| id.index() < model.groups.len();
    let service = |id: crate::model::ServiceId| id.index() < model.services.len();
    let source = |id: crate::model::SourceId| id.index() < model.sources.len();
    let target = |target: &Target| match target {
        Target::Service(id, _) => service(*id),
        Target::Machine(id, _) => group(*id),
    };
    let side = |side: &Side| match side {
        Side::Source(id) => source(*id),
        Side::Service(id) => service(*id),
        Side::Group(id) => group(*id),
    };
    match action {
        Action::AddMachines(id, _) | Action::RemoveMachines(id, _) | Action::Resize { group: id, .. } => group(*id),
        Action::AddInstances(id, _)
        | Action::RemoveInstances(id, _)
        | Action::Reload(id, _)
        | Action::Deploy { service: id, .. } => service(*id),
        Action::Crash(of) | Action::Slow { target: of, .. } | Action::Restart { target: of, .. } => target(of),
        Action::Set { .. } => true,
        Action::Apply(variant) => model.scenario.variants.get(variant).is_some(),
        Action::ScaleTraffic(id, factor) => source(*id) && factor.is_finite() && *factor >= 0.0,
        Action::Partition { from, to, .. } => side(from) && side(to),
        Action::Flush { service: id, store, .. } => {
            service(*id) && store.is_none_or(|store| (store as usize) < model.services[*id].stores.len())
        }
        Action::Scale(Scope::Machines(id)) => group(*id),
        Action::Scale(Scope::Instances(id)) => service(*id),
    }
}

/// A command in words.
pub fn words(entry: &Entry, model: &Model) -> String {
    entry.intervention.as_ref().map_or_else(|| "the system changes".to_owned(), |done| done.words(model))
}
