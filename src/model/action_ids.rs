//! Whether an action is about what there is: whoever did not get its ids from this model asks before it uses them.

use super::{Action, GroupId, Model, Scope, ServiceId, Side, SourceId, Target};

impl Action {
    /// Whether everything that it names is in the model, and its factor is one that a file may have.
    #[must_use]
    pub fn fits(&self, model: &Model) -> bool {
        let group = |id: GroupId| id.index() < model.groups.len();
        let service = |id: ServiceId| id.index() < model.services.len();
        let source = |id: SourceId| id.index() < model.sources.len();
        let target = |target: &Target| match target {
            Target::Service(id, _) => service(*id),
            Target::Machine(id, _) => group(*id),
        };
        let side = |side: &Side| match side {
            Side::Source(id) => source(*id),
            Side::Service(id) => service(*id),
            Side::Group(id) => group(*id),
        };
        match self {
            Self::AddMachines(id, _) | Self::RemoveMachines(id, _) | Self::Resize { group: id, .. } => group(*id),
            Self::AddInstances(id, _)
            | Self::RemoveInstances(id, _)
            | Self::Reload(id, _)
            | Self::Deploy { service: id, .. } => service(*id),
            Self::Crash(of) | Self::Restart { target: of, .. } => target(of),
            Self::Slow { target: of, factor, .. } => target(of) && (0.0..=1e3).contains(factor),
            Self::Set { .. } => true,
            Self::Apply(variant) => model.scenario.variants.get(variant).is_some(),
            Self::ScaleTraffic(id, factor) => source(*id) && (0.0..=1e9).contains(factor),
            Self::Partition { from, to, .. } => side(from) && side(to),
            Self::Flush { service: id, store, .. } => {
                service(*id) && store.is_none_or(|store| (store as usize) < model.services[*id].stores.len())
            }
            Self::Scale(Scope::Machines(id)) => group(*id),
            Self::Scale(Scope::Instances(id)) => service(*id),
        }
    }
}
