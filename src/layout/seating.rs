//! Who sits where on an island.
//!
//! A cell once taken is kept while its owner is there; who comes takes the first that is free. An island on which more
//! sit than it was made for grows where there is room below it, and else its seats get less high: it never pushes.

use super::current::Layout;
use super::room::MARGIN;
use super::shape::Plan;
use super::{Inventory, Node, PROCESSES, Rect, Seat};
use crate::model::{Model, ServiceId};
use std::collections::{BTreeMap, BTreeSet};

/// In place of an instance's number: all of them.
const TOGETHER: u32 = u32::MAX;

impl Layout {
    /// What an island is made for.
    pub(super) fn plan(&self, node: Node) -> Plan {
        let plans = |group| self.plans.get(&group).copied();
        let made = match node {
            Node::Machine(group, _) => plans(group).map(|plans| plans.island),
            Node::Stack(group) => plans(group).map(|plans| plans.stack),
            Node::Source(_) | Node::Apart(..) => None,
        };
        self.grown.get(&node).copied().or(made).unwrap_or(Plan::island(1))
    }

    /// A seat for every instance.
    pub(super) fn seat_all(&mut self, model: &Model, inventory: &Inventory) {
        let mut sitting: BTreeMap<Node, Vec<(ServiceId, u32)>> = BTreeMap::new();
        for &(service, ordinal, machine) in &inventory.instances {
            let node = match machine {
                Some(at) => {
                    let (group, ordinal) = inventory.machines[at as usize];
                    self.node_of(group, ordinal)
                }
                None => Node::Apart(service, ordinal),
            };
            sitting.entry(node).or_default().push((service, ordinal));
        }
        self.seats.clear();
        self.seat_of.clear();
        for at in 0..self.nodes.len() {
            let (node, rect) = self.nodes[at];
            let Some(here) = sitting.get_mut(&node) else { continue };
            match node {
                Node::Source(_) => {}
                Node::Apart(service, ordinal) => self.sit(service, Some(ordinal), node, rect, here),
                Node::Machine(group, _) | Node::Stack(group) => {
                    let order = &model.groups[group].services;
                    let rank =
                        |service: ServiceId| order.iter().position(|other| *other == service).unwrap_or(order.len());
                    here.sort_by_key(|&(service, ordinal)| (rank(service), service, ordinal));
                    self.seat_island(at, here);
                }
            }
        }
    }

    fn seat_island(&mut self, at: usize, here: &[(ServiceId, u32)]) {
        let node = self.nodes[at].0;
        let stack = matches!(node, Node::Stack(_));
        let mut cells = self.cells.remove(&node).unwrap_or_default();
        // On a stack a service has one seat, whoever of it is there; so have equal processes on a machine, once they
        // are many.
        let many: BTreeSet<ServiceId> = here
            .iter()
            .map(|instance| instance.0)
            .filter(|service| {
                let count = here.iter().filter(|other| other.0 == *service).count();
                stack || count > PROCESSES || cells.contains(&(*service, TOGETHER))
            })
            .collect();
        let owner = |at: &(ServiceId, u32)| if many.contains(&at.0) { (at.0, TOGETHER) } else { *at };
        let owners: BTreeSet<(ServiceId, u32)> = here.iter().map(owner).collect();
        for instance in here.iter().map(owner) {
            if !cells.contains(&instance) {
                let free = |cell: &(ServiceId, u32)| !owners.contains(cell);
                // A successor sits where one of its own sat, if it can.
                let same = cells.iter().position(|cell| free(cell) && cell.0 == instance.0);
                match same.or_else(|| cells.iter().position(free)) {
                    Some(cell) => cells[cell] = instance,
                    None => cells.push(instance),
                }
            }
        }
        let count = cells.len() as u32;
        let plan = self.grow(at, count);
        let rect = self.nodes[at].1;
        for (cell, instance) in cells.iter().enumerate().filter(|(_, instance)| owners.contains(instance)) {
            let place = plan.seat(rect, cell as u32, count);
            let mine: Vec<(ServiceId, u32)> = here.iter().filter(|other| owner(other) == *instance).copied().collect();
            self.sit(instance.0, (instance.1 != TOGETHER).then_some(instance.1), node, place, &mine);
        }
        self.cells.insert(node, cells);
    }

    fn sit(&mut self, service: ServiceId, ordinal: Option<u32>, node: Node, rect: Rect, who: &[(ServiceId, u32)]) {
        self.seat_of.extend(who.iter().map(|&instance| (instance, self.seats.len())));
        self.seats.push(Seat { service, ordinal, node, rect });
    }

    /// Make an island larger for so many, if nothing is in the way.
    fn grow(&mut self, at: usize, count: u32) -> Plan {
        let (node, rect) = self.nodes[at];
        let plan = self.plan(node);
        if count <= plan.cells {
            return plan;
        }
        let wanted = Plan { cells: count, ..plan };
        let grown = Rect::at(rect.corner(), wanted.size());
        let away = self.places.iter().filter(|(other, _)| **other != node).map(|(_, rect)| rect);
        let blocked = away.chain(self.spare.values().flatten()).any(|other| grown.overlaps(&other.grown(MARGIN / 2.0)));
        if blocked {
            return plan;
        }
        self.nodes[at].1 = grown;
        self.places.insert(node, grown);
        self.grown.insert(node, wanted);
        wanted
    }
}
