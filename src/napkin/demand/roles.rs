//! Which machines bear the primaries of a database and which its replicas: these are asked for different operations,
//! and a row of both is as busy as the busier of them.

use super::Demand;
use crate::model::{GroupId, Model, Placement, ServiceId};

/// What is worked off, per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worked {
    /// Seconds of a reference core, child processes included.
    pub cpu: f64,
    /// Bytes sent.
    pub bytes: f64,
    /// Bytes that users upload.
    pub uploaded: f64,
    /// Disk operations.
    pub disk: f64,
    /// Not per second but at once: operations in progress, and inbound connections.
    pub in_progress: f64,
    pub inbound: f64,
}

impl Worked {
    /// Workers busy with no waiting, as of the whole service.
    #[must_use]
    pub fn workers(&self, pins: bool) -> f64 {
        if pins { self.in_progress.max(self.inbound) } else { self.in_progress }
    }
}

/// Of what primaries and of what replicas are asked for, the share of each machine group; by its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Roles {
    primaries: Vec<f64>,
    replicas: Vec<f64>,
    /// How many of either are in each group, where no machine has two; and of all groups.
    apart: Vec<[f64; 2]>,
    all: [f64; 2],
}

impl Roles {
    /// None: every instance is asked for the same, or there is no replica.
    pub(super) fn of(model: &Model, id: ServiceId) -> Option<Roles> {
        let size = model.services[id].sets.filter(|sets| sets.replicas > 0)?.replicas as usize + 1;
        let places = places(model, id);
        let mut counts = vec![[0.0; 2]; model.groups.len()];
        for (place, group) in places.iter().enumerate() {
            counts[group.index()][usize::from(!place.is_multiple_of(size))] += 1.0;
        }
        let all = [0, 1].map(|role| counts.iter().map(|count| count[role]).sum::<f64>());
        let shares = |role: usize| counts.iter().map(|count| count[role] / all[role]).collect();
        let alone = |group: usize| {
            let machines = f64::from(model.groups[GroupId::new(group)].count);
            counts[group].iter().sum::<f64>() <= machines
        };
        let apart = (0..counts.len()).map(|group| if alone(group) { counts[group] } else { [0.0; 2] }).collect();
        let both = all.iter().all(|count| *count > 0.0);
        both.then(|| Roles { primaries: shares(0), replicas: shares(1), apart, all })
    }
}

/// What primaries and replicas are asked for, as if all were asked for as much as those of the busier role: it is they
/// who are asked too much first.
fn as_the_busier([primaries, replicas]: [f64; 2], asked: [f64; 2]) -> f64 {
    if primaries == 0.0 || replicas == 0.0 {
        return asked[0] + asked[1];
    }
    let all = primaries + replicas;
    (asked[0] * all / primaries).max(asked[1] * all / replicas)
}

impl Demand<'_> {
    /// Of what is asked of the primaries of a service and of what is asked of its replicas, the share that goes to a
    /// group. Where all are asked for the same, instances share it evenly.
    #[must_use]
    pub fn shares(&self, service: ServiceId, group: GroupId) -> [f64; 2] {
        match &self.roles[service.index()] {
            Some(roles) => [roles.primaries[group.index()], roles.replicas[group.index()]],
            None => [self.share(service, group); 2],
        }
    }

    /// Whether primaries and replicas of a service are asked for different things.
    #[must_use]
    pub fn has_roles(&self, service: ServiceId) -> bool {
        self.roles[service.index()].is_some()
    }

    /// What machines of a group are asked for by its primaries and by its replicas, as if all were as busy as those of
    /// the busier role, where each has its machine to itself.
    #[must_use]
    pub fn on_machines(&self, service: ServiceId, group: GroupId, asked: [f64; 2]) -> f64 {
        let alone = self.model.groups[group].services == [service];
        let apart = self.roles[service.index()].as_ref().filter(|_| alone).map(|roles| roles.apart[group.index()]);
        as_the_busier(apart.unwrap_or_default(), asked)
    }

    /// The same of its instances: of what all are asked for, and of it the replicas.
    #[must_use]
    pub fn on_instances(&self, service: ServiceId, [all, replicas]: [f64; 2]) -> f64 {
        let counts = self.roles[service.index()].as_ref().map(|roles| roles.all);
        as_the_busier(counts.unwrap_or_default(), [all - replicas, replicas])
    }
}

/// The groups of a service's instances, in the order in which these come: machine by machine, or where a number is
/// wanted, one on each before there are two, those with most memory first.
fn places(model: &Model, id: ServiceId) -> Vec<GroupId> {
    let service = &model.services[id];
    let groups = model.groups.ids().filter(|group| service.groups.contains(group));
    let mut machines: Vec<GroupId> =
        groups.flat_map(|group| std::iter::repeat_n(group, model.groups[group].count as usize)).collect();
    match service.placement {
        Placement::PerMachine(each) => {
            machines.into_iter().flat_map(|group| std::iter::repeat_n(group, each as usize)).collect()
        }
        Placement::Count(count) => {
            machines.sort_by_key(|group| std::cmp::Reverse(model.groups[*group].memory.0));
            machines.iter().copied().cycle().take(if machines.is_empty() { 0 } else { count as usize }).collect()
        }
    }
}
