//! What operators did of late.

use super::subject::Entity;
use crate::model::{Action, Scope, ServiceId, Target};
use crate::units::Time;

/// Acts are remembered for so long, nanoseconds.
const KEPT: i64 = 61 * 1_000_000_000;

/// Something was done, to an entity if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    pub at: Time,
    pub on: Option<Entity>,
}

/// Those of the last minute join those before.
pub fn remember(acts: &mut Vec<Act>, done: &[(Time, Action)], now: Time) {
    acts.retain(|act| now.0 - act.at.0 <= KEPT);
    acts.extend(done.iter().map(|(at, action)| Act { at: *at, on: acted_on(action) }));
}

/// Whether it empties stores of a service.
pub fn flushes(action: &Action, of: ServiceId) -> bool {
    matches!(action, Action::Flush { service, .. } if *service == of)
}

/// To what something is done; a change of the file may be of anything.
fn acted_on(action: &Action) -> Option<Entity> {
    match *action {
        Action::AddMachines(group, _)
        | Action::RemoveMachines(group, _)
        | Action::Resize { group, .. }
        | Action::Scale(Scope::Machines(group)) => Some(Entity::Group(group)),
        Action::Crash(target) | Action::Slow { target, .. } | Action::Restart { target, .. } => Some(match target {
            Target::Service(service, _) => Entity::Service(service),
            Target::Machine(group, _) => Entity::Group(group),
        }),
        Action::AddInstances(service, _)
        | Action::RemoveInstances(service, _)
        | Action::Scale(Scope::Instances(service))
        | Action::Reload(service, _)
        | Action::Deploy { service, .. }
        | Action::Flush { service, .. } => Some(Entity::Service(service)),
        Action::ScaleTraffic(source, _) => Some(Entity::Source(source)),
        Action::Set { .. } | Action::Apply(_) | Action::Partition { .. } => None,
    }
}
