//! The layout as it stands: who has which place, and what is there now.

use super::arrange::arrange;
use super::plans::Plans;
use super::room::nearest;
use super::shape::Plan;
use super::sidecar::Names;
use super::wires::{Tie, wires};
use super::{Hit, Inventory, Node, Point, Positions, Rect, Seat, Wire};
use crate::model::{GroupId, Model, ServiceId, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// Between boxes that a person puts beside each other.
const ELBOW: f32 = 8.0;
/// From a wire, at most, to still point at it.
const NEAR: f32 = 6.0;

/// Where everything stands.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub(super) names: Names,
    pub(super) ties: Vec<Tie>,
    /// What a person placed.
    pub(super) kept: Positions,
    pub(super) plans: BTreeMap<GroupId, Plans>,
    /// Islands that grew beyond their group's plan.
    pub(super) grown: BTreeMap<Node, Plan>,
    /// Groups that have, or had, too many machines to show each.
    pub(super) stacked: BTreeSet<GroupId>,
    /// Every place ever given; its owner may be away.
    pub(super) places: BTreeMap<Node, Rect>,
    /// Room kept for machines that a group may get.
    pub(super) spare: BTreeMap<GroupId, Vec<Rect>>,
    /// Who sits or sat at each cell of an island.
    pub(super) cells: BTreeMap<Node, Vec<(ServiceId, u32)>>,
    pub(super) nodes: Vec<(Node, Rect)>,
    pub(super) seats: Vec<Seat>,
    pub(super) seat_of: BTreeMap<(ServiceId, u32), usize>,
    pub(super) wires: Vec<Wire>,
}

impl Layout {
    /// The system at its start.
    #[must_use]
    pub fn new(model: &Model, kept: &Positions) -> Self {
        let inventory = Inventory::of_model(model);
        let mut layout = Self { kept: kept.clone(), ..Self::default() };
        layout.learn(model, &inventory);
        let arrangement = arrange(model, &inventory, &layout.plans);
        (layout.places, layout.spare) = (arrangement.places, arrangement.spare);
        layout.heed_groups();
        layout.stand(model, &inventory);
        layout
    }

    /// The system of an edited file at its start: what has the same name keeps its place.
    #[must_use]
    pub fn follow(&self, model: &Model) -> Self {
        let inventory = Inventory::of_model(model);
        let names = Names::new(model);
        let mut layout = Self { kept: self.kept.clone(), ..Self::default() };
        let same = |old: &[String], new: &[String], at: usize| {
            let name = old.get(at)?;
            new.iter().position(|other| other == name)
        };
        let group = |old: GroupId| same(&self.names.groups, &names.groups, old.index()).map(GroupId::new);
        let node = |old: Node| {
            Some(match old {
                Node::Source(source) => {
                    Node::Source(SourceId::new(same(&self.names.sources, &names.sources, source.index())?))
                }
                Node::Machine(of, ordinal) => Node::Machine(group(of)?, ordinal),
                Node::Stack(of) => Node::Stack(group(of)?),
                Node::Apart(service, ordinal) => {
                    Node::Apart(ServiceId::new(same(&self.names.services, &names.services, service.index())?), ordinal)
                }
            })
        };
        layout.places = self.places.iter().filter_map(|(&old, &rect)| Some((node(old)?, rect))).collect();
        layout.grown = self.grown.iter().filter_map(|(&old, &plan)| Some((node(old)?, plan))).collect();
        layout.spare = self.spare.iter().filter_map(|(&old, rects)| Some((group(old)?, rects.clone()))).collect();
        layout.plans = self.plans.iter().filter_map(|(&old, &plans)| Some((group(old)?, plans))).collect();
        layout.learn(model, &inventory);
        layout.stand(model, &inventory);
        layout
    }

    /// Machines and instances have come or gone, or the system was replaced by one compiled after it. What has a place
    /// keeps it, also while it is away.
    pub fn update(&mut self, model: &Model, inventory: &Inventory) {
        self.learn(model, inventory);
        self.stand(model, inventory);
    }

    /// Boxes that are there, in order.
    #[must_use]
    pub fn boxes(&self) -> &[(Node, Rect)] {
        &self.nodes
    }

    /// Boxes that are there, in order.
    pub fn nodes(&self) -> impl Iterator<Item = (Node, Rect)> {
        self.nodes.iter().copied()
    }

    /// A box, if it is there.
    #[must_use]
    pub fn rect(&self, node: Node) -> Option<Rect> {
        let at = self.nodes.binary_search_by(|(other, _)| other.cmp(&node)).ok()?;
        Some(self.nodes[at].1)
    }

    /// The box of a machine, which may be its group's stack.
    #[must_use]
    pub fn node_of(&self, group: GroupId, ordinal: u32) -> Node {
        if self.stacked.contains(&group) { Node::Stack(group) } else { Node::Machine(group, ordinal) }
    }

    /// Places of instances that are there, box by box.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// Position in [`Layout::seats`] of an instance; those on a stack share theirs.
    #[must_use]
    pub fn seat(&self, service: ServiceId, ordinal: u32) -> Option<usize> {
        self.seat_of.get(&(service, ordinal)).copied()
    }

    /// One for each link, calling seat or source, and called seat.
    #[must_use]
    pub fn wires(&self) -> &[Wire] {
        &self.wires
    }

    /// Around everything that is there.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        self.nodes.iter().map(|(_, rect)| *rect).reduce(|all, rect| all.union(&rect)).unwrap_or_default()
    }

    /// What is under a point: a seat before its box, a box before a wire.
    #[must_use]
    pub fn at(&self, point: Point) -> Option<Hit> {
        if let Some(seat) = self.seats.iter().position(|seat| seat.rect.contains(point)) {
            return Some(Hit::Seat(seat));
        }
        if let Some((node, _)) = self.nodes.iter().find(|(_, rect)| rect.contains(point)) {
            return Some(Hit::Node(*node));
        }
        let near = self.wires.iter().map(|wire| wire.distance(point)).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        near.filter(|(_, distance)| *distance <= NEAR).map(|(wire, _)| Hit::Wire(wire))
    }

    /// A person puts a box there, by its upper left corner; where another stands, as near as can be.
    pub fn move_node(&mut self, node: Node, to: Point) {
        let Some(old) = self.rect(node) else { return };
        let others: Vec<Rect> = self.nodes.iter().filter(|(other, _)| *other != node).map(|(_, rect)| *rect).collect();
        let corner = nearest(to, Point { x: old.width, y: old.height }, &others, ELBOW);
        let rect = Rect { x: corner.x, y: corner.y, ..old };
        self.kept.set(node, &self.names, corner);
        self.places.insert(node, rect);
        for (_, there) in self.nodes.iter_mut().filter(|(other, _)| *other == node) {
            *there = rect;
        }
        let (dx, dy) = (rect.x - old.x, rect.y - old.y);
        for seat in self.seats.iter_mut().filter(|seat| seat.node == node) {
            (seat.rect.x, seat.rect.y) = (seat.rect.x + dx, seat.rect.y + dy);
        }
        self.wires = wires(&self.ties, &self.nodes, &self.seats);
    }

    /// What a person placed, by name.
    #[must_use]
    pub fn positions(&self) -> Positions {
        self.kept.clone()
    }
}
