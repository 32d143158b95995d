//! What calls what, as a graph of blocks: a crowd, the machines of a group together, or what runs on no machine.
//!
//! Sugiyama's method in its first two steps: calls that close a cycle are left aside, and a block stands in the column
//! after the last of its callers, so that calls flow to the right.

use super::Inventory;
use crate::model::{Caller, GroupId, Kind, Model, ServiceId, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// What is placed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Block {
    Source(SourceId),
    Group(GroupId),
    Apart(ServiceId),
}

/// Blocks, who calls whom among them, and each one's column.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    pub blocks: Vec<Block>,
    /// Caller, callee, links between them; no block calls itself here.
    pub edges: Vec<(usize, usize, u32)>,
    /// 0: leftmost.
    pub column: Vec<usize>,
}

/// Blocks whose instances a service has: by the inventory, or where the model wants them.
pub(super) fn homes(model: &Model, inventory: &Inventory) -> BTreeMap<ServiceId, BTreeSet<Block>> {
    let mut homes: BTreeMap<ServiceId, BTreeSet<Block>> = BTreeMap::new();
    for &(service, _, machine) in &inventory.instances {
        let block = match machine {
            Some(at) => Block::Group(inventory.machines[at as usize].0),
            None => Block::Apart(service),
        };
        homes.entry(service).or_default().insert(block);
    }
    for (at, service) in model.services.iter().enumerate().filter(|(_, service)| !service.retired) {
        let homes = homes.entry(ServiceId::new(at)).or_default();
        homes.extend(service.groups.iter().map(|&group| Block::Group(group)));
    }
    homes
}

impl Flow {
    /// Of these blocks.
    pub fn new(model: &Model, inventory: &Inventory, blocks: Vec<Block>) -> Self {
        let index: BTreeMap<Block, usize> = blocks.iter().enumerate().map(|(at, &block)| (block, at)).collect();
        let homes = homes(model, inventory);
        let none = BTreeSet::new();
        let mut edges: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for link in model.links.iter().filter(|link| !link.retired) {
            let callers = match link.caller {
                Caller::Source(source) => BTreeSet::from([Block::Source(source)]),
                Caller::Service(service) => homes.get(&service).unwrap_or(&none).clone(),
            };
            for from in callers.iter().filter_map(|block| index.get(block)) {
                for to in homes.get(&link.callee).unwrap_or(&none).iter().filter_map(|block| index.get(block)) {
                    if from != to {
                        *edges.entry((*from, *to)).or_default() += 1;
                    }
                }
            }
        }
        let mut flow = Self {
            column: vec![0; blocks.len()],
            edges: edges.into_iter().map(|((from, to), links)| (from, to, links)).collect(),
            blocks,
        };
        flow.place_columns(&stores(model, inventory));
        flow
    }

    /// Edges without those that close a cycle, found depth first from the crowd in file order.
    fn forward(&self) -> Vec<(usize, usize)> {
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            Not,
            Open,
            Closed,
        }
        let mut seen = vec![Seen::Not; self.blocks.len()];
        let mut forward = Vec::new();
        let called: BTreeSet<usize> = self.edges.iter().map(|&(_, to, _)| to).collect();
        let (heads, rest): (Vec<usize>, Vec<usize>) = (0..self.blocks.len()).partition(|at| !called.contains(at));
        for root in heads.into_iter().chain(rest) {
            if seen[root] != Seen::Not {
                continue;
            }
            seen[root] = Seen::Open;
            let mut path = vec![(root, 0)];
            while let Some((from, next)) = path.pop() {
                let Some(&(_, to, _)) = self.edges.iter().filter(|&&(caller, _, _)| caller == from).nth(next) else {
                    seen[from] = Seen::Closed;
                    continue;
                };
                path.push((from, next + 1));
                if seen[to] != Seen::Open {
                    forward.push((from, to));
                }
                if seen[to] == Seen::Not {
                    seen[to] = Seen::Open;
                    path.push((to, 0));
                }
            }
        }
        forward
    }

    fn place_columns(&mut self, stores: &BTreeSet<Block>) {
        let forward = self.forward();
        let crowd = |at: usize| matches!(self.blocks[at], Block::Source(_));
        let least = |at: usize| usize::from(!crowd(at));
        let mut column: Vec<usize> = (0..self.blocks.len()).map(least).collect();
        // Longest paths: at most as many rounds as there are blocks, for there are no cycles.
        for _ in 0..self.blocks.len() {
            for &(from, to) in &forward {
                column[to] = column[to].max(column[from] + 1);
            }
        }
        // Whoever calls more than it is called goes to those it calls, as far as that is to the right.
        for _ in 0..self.blocks.len() {
            for at in (0..self.blocks.len()).filter(|&at| !crowd(at)) {
                let (mut inward, mut outward, mut room) = (0, 0, usize::MAX);
                for &(from, to) in &forward {
                    inward += usize::from(to == at);
                    if from == at {
                        outward += 1;
                        room = room.min(column[to] - 1);
                    }
                }
                if outward > inward && room > column[at] {
                    column[at] = room;
                }
            }
        }
        // A store that would stand among those that call further goes one to the right of them.
        let last = column.iter().copied().max().unwrap_or(0);
        for at in (0..self.blocks.len()).filter(|&at| stores.contains(&self.blocks[at])) {
            let calls_nobody = !forward.iter().any(|&(from, _)| from == at);
            let among_callers = forward.iter().any(|&(from, _)| column[from] == column[at]);
            if calls_nobody && among_callers && column[at] < last {
                column[at] += 1;
            }
        }
        // No column stays empty.
        let used: BTreeSet<usize> = column.iter().copied().collect();
        let rank: BTreeMap<usize, usize> = used.into_iter().enumerate().map(|(rank, column)| (column, rank)).collect();
        self.column = column.iter().map(|column| rank[column]).collect();
    }
}

/// Blocks that hold nothing but databases, caches and third parties.
fn stores(model: &Model, inventory: &Inventory) -> BTreeSet<Block> {
    let (mut stores, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (service, blocks) in homes(model, inventory) {
        match model.services[service].kind {
            Kind::Database | Kind::Cache | Kind::External => stores.extend(blocks),
            Kind::Server | Kind::Balancer | Kind::Queue { .. } => others.extend(blocks),
        }
    }
    stores.difference(&others).copied().collect()
}
