//! Which machines bear the primaries of a database and which its replicas: these are asked for different operations.

use super::Demand;
use crate::model::{GroupId, Model, Placement, ServiceId};

/// Of what primaries and of what replicas are asked for, the share of each machine group; by its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Roles {
    primaries: Vec<f64>,
    replicas: Vec<f64>,
}

impl Roles {
    /// None: every instance is asked for the same, or there is no replica.
    pub(super) fn of(model: &Model, id: ServiceId) -> Option<Roles> {
        let size = model.services[id].sets.filter(|sets| sets.replicas > 0)?.replicas as usize + 1;
        let places = places(model, id);
        let shares = |replicas: bool| {
            let mut shares = vec![0.0; model.groups.len()];
            let of = places.iter().enumerate().filter(|(place, _)| place.is_multiple_of(size) != replicas);
            of.for_each(|(_, group)| shares[group.index()] += 1.0);
            let all: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|share| *share /= all);
            (all > 0.0).then_some(shares)
        };
        Some(Roles { primaries: shares(false)?, replicas: shares(true)? })
    }
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
