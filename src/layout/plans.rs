//! How large the islands of each group are made: for those that sit there, and those that are known to come.

use super::shape::Plan;
use super::{Inventory, PROCESSES};
use crate::model::{Action, GroupId, Model, Placement, Scope, ServiceId, Trigger};
use std::collections::{BTreeMap, BTreeSet};

/// Seats of an island at most that are made before anybody sits there.
const MOST: u32 = 8;

/// The two faces of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plans {
    /// Machine by machine.
    pub island: Plan,
    /// All together.
    pub stack: Plan,
}

/// Instances of a service with a count, as far as the runbook tells.
fn most(model: &Model, service: ServiceId, count: u32) -> u32 {
    let rules = model.rules.iter().filter(|rule| !rule.retired);
    rules.fold(count, |most, rule| match (&rule.action, &rule.trigger) {
        (Action::AddInstances(of, more), _) if *of == service => most.saturating_add(*more),
        (Action::Scale(Scope::Instances(of)), Trigger::Autoscale(scaler)) if *of == service => most.max(scaler.most),
        _ => most,
    })
}

/// Seats of so many processes of a service on one machine.
fn seats(processes: u32) -> u32 {
    if processes as usize > PROCESSES { 1 } else { processes }
}

impl Plans {
    /// Those of a group.
    pub fn of_group(model: &Model, inventory: &Inventory, group: GroupId) -> Self {
        let mut seated: BTreeMap<u32, BTreeMap<ServiceId, u32>> = BTreeMap::new();
        let mut services: BTreeSet<ServiceId> = BTreeSet::new();
        for &(service, _, machine) in &inventory.instances {
            if let Some(at) = machine.filter(|&at| inventory.machines[at as usize].0 == group) {
                *seated.entry(at).or_default().entry(service).or_default() += 1;
                services.insert(service);
            }
        }
        let machines = inventory.machines.iter().filter(|machine| machine.0 == group).count().max(1) as u32;
        let mut wanted: u32 = 0;
        for (at, service) in
            model.services.iter().enumerate().filter(|(_, service)| !service.retired && service.groups.contains(&group))
        {
            let id = ServiceId::new(at);
            services.insert(id);
            // What has a count goes where there is room: an even share of it is a fair guess.
            let share = match service.placement {
                Placement::PerMachine(each) => each,
                Placement::Count(count) => most(model, id, count).div_ceil(machines.max(service.groups.len() as u32)),
            };
            wanted = wanted.saturating_add(seats(share));
        }
        let on_one = |services: &BTreeMap<ServiceId, u32>| services.values().map(|count| seats(*count)).sum();
        let seated: u32 = seated.values().map(on_one).max().unwrap_or(0);
        Self { island: Plan::island(seated.max(wanted.min(MOST))), stack: Plan::stack(services.len() as u32) }
    }
}
