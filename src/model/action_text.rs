//! Actions in words: one line for the story and for the log of commands.

use super::{Action, GroupId, Model, Scope, ServiceId, Side, SourceId, Target};

impl Action {
    /// "add 2 × web", with the names of the model.
    #[must_use]
    pub fn words(&self, model: &Model) -> String {
        let group = |id: GroupId| model.groups[id].name.as_str();
        let service = |id: ServiceId| model.services[id].name.as_str();
        let source = |id: SourceId| model.sources[id].name.as_str();
        let one = |name: &str, ordinal: Option<u32>| {
            ordinal.map_or_else(|| name.to_owned(), |ordinal| format!("{name}/{ordinal}"))
        };
        let target = |target: &Target| match *target {
            Target::Service(id, ordinal) => one(service(id), ordinal),
            Target::Machine(id, ordinal) => one(group(id), ordinal),
        };
        let side = |side: &Side| match *side {
            Side::Source(id) => source(id).to_owned(),
            Side::Service(id) => service(id).to_owned(),
            Side::Group(id) => group(id).to_owned(),
        };
        match self {
            Self::AddMachines(id, count) => format!("add {count} × {}", group(*id)),
            Self::RemoveMachines(id, count) => format!("remove {count} × {}", group(*id)),
            Self::AddInstances(id, count) => format!("add {count} × {}", service(*id)),
            Self::RemoveInstances(id, count) => format!("remove {count} × {}", service(*id)),
            Self::Resize { group: id, cores, memory: _, takes, outage } => {
                let size = cores.map_or_else(String::new, |cores| format!(" to {cores} cores"));
                format!("resize {}{size} (takes {takes}, outage {outage})", group(*id))
            }
            Self::Crash(of) => format!("{} crashes", target(of)),
            Self::Slow { target: of, factor, lasting } => {
                format!("{} runs at {factor} of its speed for {lasting}", target(of))
            }
            Self::Restart { target: of, stagger: _ } => format!("restart {}", target(of)),
            Self::Reload(id, ordinal) => format!("reload {}", one(service(*id), *ordinal)),
            Self::Set { path, value } => format!("set {path} = {value}"),
            Self::Apply(variant) => format!("the system becomes \"{variant}\""),
            Self::ScaleTraffic(id, factor) => format!("{} × {factor}", source(*id)),
            Self::Deploy { service: id, ordinal, at_once, takes, drain: _ } => {
                format!("deploy {}, {at_once} at once (each takes {takes})", one(service(*id), *ordinal))
            }
            Self::Partition { from, to, lasting } => {
                format!("nothing passes between {} and {} for {lasting}", side(from), side(to))
            }
            Self::Flush { service: id, ordinal, store } => {
                let store = store
                    .map_or_else(String::new, |store| format!(".{}", model.services[*id].stores[store as usize].name));
                format!("flush {}{store}", one(service(*id), *ordinal))
            }
            Self::Scale(Scope::Machines(id)) => format!("more or fewer {}", group(*id)),
            Self::Scale(Scope::Instances(id)) => format!("more or fewer {}", service(*id)),
        }
    }
}
