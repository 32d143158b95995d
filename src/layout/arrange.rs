//! A first arrangement of everything, with room for what is known to come.

use super::flow::{Block, Flow};
use super::order::{Columns, Extent};
use super::plans::Plans;
use super::shape::{CROWD, GRID, SEAT};
use super::{Census, Node, Point, Rect, STACK};
use crate::model::{Action, GroupId, Model, Scope, ServiceId, SourceId, Trigger};
use std::collections::{BTreeMap, BTreeSet};

/// Between machines of a group.
pub(super) const SIBLINGS: f32 = 24.0;
/// Between columns.
const ACROSS: (f32, f32) = (128.0, 320.0);
/// Width to height of a screen.
const ASPECT: f32 = 16.0 / 9.0;
/// Machines below each other; more stand in two columns.
const TALLEST: usize = 4;

/// Boxes, and room kept for machines that groups may yet get.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrangement {
    pub places: BTreeMap<Node, Rect>,
    pub spare: BTreeMap<GroupId, Vec<Rect>>,
}

/// What is placed as one, and how it looks.
struct Site {
    /// From its corner: a box for each of `nodes`, then the spare ones.
    boxes: Vec<Rect>,
    nodes: Vec<Node>,
    extent: Extent,
    /// Of what is there, and of all that may be.
    width: f32,
    reach: f32,
}

/// Machines a group has at most, as far as the runbook tells.
fn most(model: &Model, group: GroupId, present: usize) -> usize {
    let mut added = 0;
    let mut most = present;
    for rule in &model.rules {
        match (&rule.action, &rule.trigger) {
            (Action::AddMachines(of, count), _) if *of == group => added += *count as usize,
            (Action::Scale(Scope::Machines(of)), Trigger::Autoscale(scaler)) if *of == group => most = most.max(scaler.most as usize),
            _ => {}
        }
    }
    most.max(present + added)
}

/// Corners of so many equal boxes: below each other, and beside where there are many.
fn grid(count: usize, size: Point) -> Vec<Rect> {
    let rows = if count <= TALLEST { count.max(1) } else { count.div_ceil(2) };
    let place = |at: usize| Point { x: (at / rows) as f32 * (size.x + SIBLINGS), y: (at % rows) as f32 * (size.y + SIBLINGS) };
    (0..count).map(|at| Rect::at(place(at), size)).collect()
}

fn around(boxes: &[Rect]) -> Rect {
    boxes.iter().skip(1).fold(boxes.first().copied().unwrap_or_default(), |all, rect| all.union(rect))
}

impl Site {
    fn one(node: Node, size: Point) -> Self {
        let boxes = vec![Rect::at(Point::default(), size)];
        Self { boxes, nodes: vec![node], extent: Extent { height: size.y, port: size.y / 2.0 }, width: size.x, reach: size.x }
    }

    fn of_group(group: GroupId, ordinals: &[u32], most: usize, plans: Plans) -> Self {
        if ordinals.len() > STACK {
            let size = plans.stack.size();
            let mut site = Self::one(Node::Stack(group), size);
            site.extent.port = plans.stack.port(size.y);
            return site;
        }
        let plan = plans.island;
        let boxes = grid(most.clamp(ordinals.len(), STACK), plan.size());
        let (all, here) = (around(&boxes), around(&boxes[..ordinals.len().max(1)]));
        Self {
            nodes: ordinals.iter().map(|&ordinal| Node::Machine(group, ordinal)).collect(),
            extent: Extent { height: all.height, port: plan.port(here.height) },
            width: here.width,
            reach: all.width,
            boxes,
        }
    }
}

/// Everything of a census, as if nothing had a place yet.
pub(super) fn arrange(model: &Model, census: &Census, plans: &BTreeMap<GroupId, Plans>) -> Arrangement {
    let mut sites: Vec<(Block, Site)> = Vec::new();
    for (at, _) in model.sources.iter().enumerate().filter(|(_, source)| !source.retired) {
        let source = SourceId(at as u32);
        sites.push((Block::Source(source), Site::one(Node::Source(source), Point { x: CROWD, y: CROWD })));
    }
    for at in 0..model.groups.len() {
        let group = GroupId(at as u32);
        let mut ordinals: Vec<u32> = census.machines.iter().filter(|machine| machine.0 == group).map(|machine| machine.1).collect();
        ordinals.sort_unstable();
        let most = most(model, group, ordinals.len());
        let used = !ordinals.is_empty() || !model.groups[at].services.is_empty();
        if most > 0 && used {
            sites.push((Block::Group(group), Site::of_group(group, &ordinals, most, plans[&group])));
        }
    }
    let apart: BTreeSet<(ServiceId, u32)> =
        census.instances.iter().filter(|instance| instance.2.is_none()).map(|&(service, ordinal, _)| (service, ordinal)).collect();
    for (service, ordinal) in apart {
        match sites.iter_mut().find(|(block, _)| *block == Block::Apart(service)) {
            // More than one of them: below each other, as machines are.
            Some((_, site)) => {
                site.nodes.push(Node::Apart(service, ordinal));
                site.boxes = grid(site.nodes.len(), SEAT);
                let all = around(&site.boxes);
                (site.extent, site.width, site.reach) = (Extent { height: all.height, port: all.height / 2.0 }, all.width, all.width);
            }
            None => sites.push((Block::Apart(service), Site::one(Node::Apart(service, ordinal), SEAT))),
        }
    }
    let flow = Flow::new(model, census, sites.iter().map(|(block, _)| *block).collect());
    let extents: Vec<Extent> = sites.iter().map(|(_, site)| site.extent).collect();
    let mut columns = Columns::new(&flow, &extents);
    columns.order();
    let tops = columns.heights(sites.len());
    let lefts = lefts(&flow, &sites, &tops);
    let mut arrangement = Arrangement::default();
    for (at, (block, site)) in sites.iter().enumerate() {
        let moved = |rect: &Rect| Rect { x: rect.x + lefts[at], y: rect.y + tops[at], ..*rect };
        arrangement.places.extend(site.nodes.iter().copied().zip(site.boxes.iter().map(moved)));
        if let Block::Group(group) = block {
            arrangement.spare.insert(*group, site.boxes.iter().skip(site.nodes.len()).map(moved).collect());
        }
    }
    arrangement
}

/// Left edge of each block: boxes stand in the middle of their column, columns as far apart as fills a screen.
fn lefts(flow: &Flow, sites: &[(Block, Site)], tops: &[f32]) -> Vec<f32> {
    let count = flow.column.iter().copied().max().map_or(0, |last| last + 1);
    let (mut wide, mut reach) = (vec![0.0_f32; count], vec![0.0_f32; count]);
    for (at, (_, site)) in sites.iter().enumerate() {
        let column = flow.column[at];
        wide[column] = wide[column].max(site.width);
    }
    let inset = |at: usize| ((wide[flow.column[at]] - sites[at].1.width) / 2.0 / GRID).floor() * GRID;
    for (at, (_, site)) in sites.iter().enumerate() {
        let column = flow.column[at];
        reach[column] = reach[column].max(inset(at) + site.reach);
    }
    let lowest = tops.iter().zip(sites).map(|(top, (_, site))| top + site.extent.height).fold(0.0, f32::max);
    let height = lowest - tops.iter().copied().fold(0.0, f32::min);
    let gaps = count.saturating_sub(1).max(1) as f32;
    let across = ((height * ASPECT - reach.iter().sum::<f32>()) / gaps / GRID).round() * GRID;
    let across = across.clamp(ACROSS.0, ACROSS.1);
    let mut left = vec![0.0; count];
    for column in 1..count {
        left[column] = left[column - 1] + reach[column - 1] + across;
    }
    (0..sites.len()).map(|at| left[flow.column[at]] + inset(at)).collect()
}
