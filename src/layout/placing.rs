//! Who gets which place: what a person chose, then what was had before, then room near those it has to do with.

use super::arrange::SIBLINGS;
use super::current::Layout;
use super::flow::{Block, Flow};
use super::plans::Plans;
use super::room::{MARGIN, nearest};
use super::shape::{CROWD, SEAT};
use super::sidecar::Names;
use super::wires::{Tie, wires};
use super::{Inventory, Node, Point, Rect, STACK};
use crate::model::{GroupId, Model, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// From a box to what is put to its right or left.
const ASIDE: f32 = 144.0;

impl Layout {
    /// What the model is, and which groups are shown as stacks.
    pub(super) fn learn(&mut self, model: &Model, inventory: &Inventory) {
        let names = Names::new(model);
        self.forget_others(&names);
        self.names.take(names);
        self.ties = Tie::all(model);
        let mut counts: BTreeMap<GroupId, usize> = BTreeMap::new();
        for (group, _) in &inventory.machines {
            *counts.entry(*group).or_default() += 1;
        }
        self.stacked.extend(counts.iter().filter(|(_, count)| **count > STACK).map(|(group, _)| *group));
        for group in model.groups.ids() {
            self.plans.entry(group).or_insert_with(|| Plans::of_group(model, inventory, group));
        }
    }

    /// In another run of two, or after another change, an id may stand for something else: what the first one had is
    /// not the second one's.
    fn forget_others(&mut self, names: &Names) {
        let differs = |old: &[String], new: &[String], at: usize| {
            old.get(at).zip(new.get(at)).is_some_and(|(old, new)| old != new)
        };
        let known = &self.names;
        let group = |id: GroupId| differs(&known.groups, &names.groups, id.index());
        let other = |node: &Node| match *node {
            Node::Machine(id, _) | Node::Stack(id) => group(id),
            Node::Apart(id, _) => differs(&known.services, &names.services, id.index()),
            Node::Source(id) => differs(&known.sources, &names.sources, id.index()),
        };
        self.places.retain(|node, _| !other(node));
        self.grown.retain(|node, _| !other(node));
        self.cells.retain(|node, _| !other(node));
        self.spare.retain(|id, _| !group(*id));
        self.plans.retain(|id, _| !group(*id));
        self.stacked.retain(|id| !group(*id));
    }

    /// A place that a person gave to a group by its name moves all of the group's places alike.
    pub(super) fn heed_groups(&mut self) {
        for (at, name) in self.names.groups.iter().enumerate() {
            let group = GroupId::new(at);
            let own = |node: &Node| matches!(node, Node::Machine(of, _) if *of == group);
            let first = self.places.iter().find(|(node, _)| own(node)).map(|(_, rect)| *rect);
            let (Some(to), Some(first)) = (self.kept.of_group(name), first) else { continue };
            let (dx, dy) = (to.x - first.x, to.y - first.y);
            let places = self.places.iter_mut().filter(|(node, _)| own(node)).map(|(_, rect)| rect);
            for rect in places.chain(self.spare.get_mut(&group).into_iter().flatten()) {
                (rect.x, rect.y) = (rect.x + dx, rect.y + dy);
            }
        }
    }

    /// Everything that is there gets its place, its seats and its wires.
    pub(super) fn stand(&mut self, model: &Model, inventory: &Inventory) {
        let present = self.present(model, inventory);
        let mut standing: BTreeMap<Node, Rect> = BTreeMap::new();
        let mut without: Vec<Node> = Vec::new();
        let (chosen, others): (Vec<Node>, Vec<Node>) = present.iter().partition(|node| self.chosen(**node).is_some());
        for node in chosen.into_iter().chain(others) {
            let size = self.size(node);
            let old = self.places.get(&node).copied();
            let rect = match (old, self.chosen(node)) {
                (Some(rect), None) => Some(rect),
                (_, Some(corner)) => {
                    Some(Rect::at(corner, old.map_or(size, |rect| Point { x: rect.width, y: rect.height })))
                }
                (None, None) => None,
            };
            match rect.filter(|rect| !standing.values().any(|other| rect.overlaps(other))) {
                Some(rect) => _ = standing.insert(node, rect),
                None => without.push(node),
            }
        }
        let mut flow = None;
        for node in without {
            let flow = flow.get_or_insert_with(|| {
                Flow::new(
                    model,
                    inventory,
                    present.iter().map(|node| block(*node)).collect::<BTreeSet<_>>().into_iter().collect(),
                )
            });
            let rect = self.find_room(node, flow, &standing);
            standing.insert(node, rect);
        }
        self.places.extend(standing.iter().map(|(&node, &rect)| (node, rect)));
        self.nodes = standing.into_iter().collect();
        self.seat_all(model, inventory);
        self.wires = wires(&self.ties, &self.nodes, &self.seats);
    }

    /// What is there, in order.
    fn present(&self, model: &Model, inventory: &Inventory) -> BTreeSet<Node> {
        let sources = model.sources.iter().enumerate().filter(|(_, source)| !source.retired);
        let mut present: BTreeSet<Node> = sources.map(|(at, _)| Node::Source(SourceId::new(at))).collect();
        present.extend(inventory.machines.iter().map(|&(group, ordinal)| self.node_of(group, ordinal)));
        present.extend(
            inventory
                .instances
                .iter()
                .filter(|i| i.2.is_none())
                .map(|&(service, ordinal, _)| Node::Apart(service, ordinal)),
        );
        present
    }

    /// The place a person chose for a box; for a stack by its group's name, for a machine by its own.
    fn chosen(&self, node: Node) -> Option<Point> {
        self.kept.of(node, &self.names)
    }

    fn size(&self, node: Node) -> Point {
        match node {
            Node::Source(_) => Point { x: CROWD, y: CROWD },
            Node::Apart(..) => SEAT,
            Node::Machine(..) | Node::Stack(_) => self.plan(node).size(),
        }
    }

    /// Room for a box that has none: kept for its group, left by one that is away, near its like, or near those it
    /// calls and is called by.
    fn find_room(&self, node: Node, flow: &Flow, standing: &BTreeMap<Node, Rect>) -> Rect {
        let size = self.size(node);
        let fits = |rect: &Rect| !standing.values().any(|other| Rect::at(rect.corner(), size).overlaps(other));
        let own = |other: &Node| block(*other) == block(node);
        if let Node::Machine(group, _) | Node::Stack(group) = node {
            let spare = self.spare.get(&group).into_iter().flatten();
            let left = self
                .places
                .iter()
                .filter(|(other, _)| own(other) && !standing.contains_key(other))
                .map(|(_, rect)| rect);
            // A stack comes where the first of its machines stood.
            let kept = if matches!(node, Node::Stack(_)) {
                left.chain(spare).find(|rect| fits(rect))
            } else {
                spare.chain(left).find(|rect| fits(rect))
            };
            if let Some(rect) = kept {
                return Rect::at(rect.corner(), size);
            }
        }
        let had = self.places.get(&node).map(Rect::corner);
        let wanted = had
            .or_else(|| beneath_siblings(standing, &own))
            .unwrap_or_else(|| self.beside_neighbours(node, size, flow, standing));
        let mut taken: Vec<Rect> = standing.values().copied().collect();
        taken.extend(
            self.places.iter().filter(|(other, _)| !own(other) && !standing.contains_key(other)).map(|(_, rect)| *rect),
        );
        taken.extend(
            self.spare.iter().filter(|(group, _)| Block::Group(**group) != block(node)).flat_map(|(_, rects)| rects),
        );
        Rect::at(nearest(wanted, size, &taken, MARGIN), size)
    }

    /// To the right of whoever calls it, else to the left of whom it calls, level with both.
    fn beside_neighbours(&self, node: Node, size: Point, flow: &Flow, standing: &BTreeMap<Node, Rect>) -> Point {
        let mut around: BTreeMap<Block, Rect> = BTreeMap::new();
        for (other, rect) in standing {
            around.entry(block(*other)).and_modify(|all| *all = all.union(rect)).or_insert(*rect);
        }
        let own = block(node);
        let (mut callers, mut callees) = (Vec::new(), Vec::new());
        for &(from, to, _) in &flow.edges {
            let (from, to) = (flow.blocks[from], flow.blocks[to]);
            if to == own {
                callers.extend(around.get(&from));
            } else if from == own {
                callees.extend(around.get(&to));
            }
        }
        let all: Vec<&Rect> = callers.iter().chain(&callees).copied().collect();
        let canvas = around.values().copied().reduce(|all, rect| all.union(&rect)).unwrap_or_default();
        let level =
            |list: &[&Rect]| list.iter().map(|rect| rect.center().y).sum::<f32>() / list.len() as f32 - size.y / 2.0;
        let crowd = around
            .iter()
            .filter(|(block, _)| matches!(block, Block::Source(_)))
            .map(|(_, rect)| rect.x)
            .reduce(f32::min);
        let right = callers.iter().map(|rect| rect.x + rect.width).reduce(f32::max);
        let left = callees.iter().map(|rect| rect.x).reduce(f32::min);
        let x = match (node, crowd, right, left) {
            (Node::Source(_), Some(crowd), _, _) => crowd,
            (_, _, Some(right), _) => right + ASIDE,
            (_, _, None, Some(left)) => left - ASIDE - size.x,
            (_, _, None, None) => canvas.x,
        };
        Point { x, y: if all.is_empty() { canvas.y + canvas.height + MARGIN } else { level(&all) } }
    }
}

/// Below the lowest of the same block.
fn beneath_siblings(standing: &BTreeMap<Node, Rect>, own: &impl Fn(&Node) -> bool) -> Option<Point> {
    let lowest =
        standing.iter().filter(|(other, _)| own(other)).map(|(_, rect)| rect).max_by(|a, b| a.y.total_cmp(&b.y))?;
    Some(Point { x: lowest.x, y: lowest.y + lowest.height + SIBLINGS })
}

/// What a box is part of.
fn block(node: Node) -> Block {
    match node {
        Node::Source(source) => Block::Source(source),
        Node::Machine(group, _) | Node::Stack(group) => Block::Group(group),
        Node::Apart(service, _) => Block::Apart(service),
    }
}
