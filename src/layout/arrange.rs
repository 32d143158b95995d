//! A first arrangement of everything, with room for what is known to come.

use super::flow::{Block, Flow};
use super::order::{Columns, Extent};
use super::plans::Plans;
use super::shape::{CROWD, GRID, Plan, SEAT};
use super::wires::wire;
use super::{Inventory, Node, Point, Rect, STACK};
use crate::model::{Action, GroupId, Model, Scope, ServiceId, SourceId, Trigger};
use std::collections::{BTreeMap, BTreeSet};

/// Between machines of a group.
pub(super) const SIBLINGS: f32 = 32.0;
/// Between columns.
const ACROSS: (f32, f32) = (128.0, 320.0);
/// Width to height of a screen.
const ASPECT: f32 = 16.0 / 9.0;
/// Machines below each other; more stand in two columns.
const TALLEST: usize = 4;
/// Room for machines that may come is kept below and above each other up to so many.
const TALLEST_FILE: usize = 6;

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
    for rule in model.rules.iter().filter(|rule| !rule.retired) {
        match (&rule.action, &rule.trigger) {
            (Action::AddMachines(of, count), _) if *of == group => added += *count as usize,
            (Action::Scale(Scope::Machines(of)), Trigger::Autoscale(scaler)) if *of == group => {
                most = most.max(scaler.most as usize)
            }
            _ => {}
        }
    }
    most.max(present + added)
}

/// Corners of so many equal boxes: below each other, and beside where there are many. Those beside stand lower, so that
/// calls reach them between those before them.
fn grid(count: usize, size: Point, port: f32) -> Vec<Rect> {
    let rows = if count <= TALLEST { count.max(1) } else { count.div_ceil(2) };
    let lower = ((size.y + SIBLINGS / 2.0 - port) / GRID).round() * GRID;
    let place = |at: usize| {
        let beside = (at / rows) as f32;
        Point { x: beside * (size.x + SIBLINGS), y: (at % rows) as f32 * (size.y + SIBLINGS) + beside * lower }
    };
    (0..count).map(|at| Rect::at(place(at), size)).collect()
}

/// Boxes of a group: first those that are there, then room for more: by turns below and above a single file, else
/// beside it.
fn places(here: usize, most: usize, plan: Plan) -> Vec<Rect> {
    let size = plan.size();
    let (more, step) = (most - here, size.y + SIBLINGS);
    if here > TALLEST || most > TALLEST_FILE {
        return grid(most, size, plan.port(size.y));
    }
    let above = if here == 0 { 0 } else { more / 2 };
    let row = |at: usize| match (at.checked_sub(here), here) {
        (None, _) | (_, 0) => above + at,
        (Some(extra), _) if extra % 2 == 0 => above + here + extra / 2,
        (Some(extra), _) => above - 1 - extra / 2,
    };
    (0..most).map(|at| Rect::at(Point { x: 0.0, y: row(at) as f32 * step }, size)).collect()
}

fn around(boxes: &[Rect]) -> Rect {
    boxes.iter().skip(1).fold(boxes.first().copied().unwrap_or_default(), |all, rect| all.union(rect))
}

impl Site {
    fn one(node: Node, size: Point) -> Self {
        let boxes = vec![Rect::at(Point::default(), size)];
        Self {
            boxes,
            nodes: vec![node],
            extent: Extent { height: size.y, port: size.y / 2.0 },
            width: size.x,
            reach: size.x,
        }
    }

    fn of_group(group: GroupId, ordinals: &[u32], most: usize, plans: Plans) -> Self {
        if ordinals.len() > STACK {
            let size = plans.stack.size();
            let mut site = Self::one(Node::Stack(group), size);
            site.extent.port = plans.stack.port(size.y);
            return site;
        }
        let plan = plans.island;
        let boxes = places(ordinals.len(), most.clamp(ordinals.len(), STACK), plan);
        let (all, here) = (around(&boxes), around(&boxes[..ordinals.len().max(1)]));
        Self {
            nodes: ordinals.iter().map(|&ordinal| Node::Machine(group, ordinal)).collect(),
            extent: Extent { height: all.height, port: here.y + plan.port(here.height) },
            width: here.width,
            reach: all.width,
            boxes,
        }
    }
}

/// Everything of a inventory, as if nothing had a place yet.
pub(super) fn arrange(model: &Model, inventory: &Inventory, plans: &BTreeMap<GroupId, Plans>) -> Arrangement {
    let mut sites: Vec<(Block, Site)> = Vec::new();
    for (at, _) in model.sources.iter().enumerate().filter(|(_, source)| !source.retired) {
        let source = SourceId::new(at);
        sites.push((Block::Source(source), Site::one(Node::Source(source), Point { x: CROWD, y: CROWD })));
    }
    for group in model.groups.ids() {
        let mut ordinals: Vec<u32> =
            inventory.machines.iter().filter(|machine| machine.0 == group).map(|machine| machine.1).collect();
        ordinals.sort_unstable();
        let most = most(model, group, ordinals.len());
        let used = !ordinals.is_empty() || !model.groups[group].services.is_empty();
        if most > 0 && used {
            sites.push((Block::Group(group), Site::of_group(group, &ordinals, most, plans[&group])));
        }
    }
    let apart: BTreeSet<(ServiceId, u32)> = inventory
        .instances
        .iter()
        .filter(|instance| instance.2.is_none())
        .map(|&(service, ordinal, _)| (service, ordinal))
        .collect();
    for (service, ordinal) in apart {
        match sites.iter_mut().find(|(block, _)| *block == Block::Apart(service)) {
            // More than one of them: below each other, as machines are.
            Some((_, site)) => {
                site.nodes.push(Node::Apart(service, ordinal));
                site.boxes = grid(site.nodes.len(), SEAT, SEAT.y / 2.0);
                let all = around(&site.boxes);
                (site.extent, site.width, site.reach) =
                    (Extent { height: all.height, port: all.height / 2.0 }, all.width, all.width);
            }
            None => sites.push((Block::Apart(service), Site::one(Node::Apart(service, ordinal), SEAT))),
        }
    }
    let flow = Flow::new(model, inventory, sites.iter().map(|(block, _)| *block).collect());
    let extents: Vec<Extent> = sites.iter().map(|(_, site)| site.extent).collect();
    let mut columns = Columns::new(&flow, &extents);
    columns.order();
    columns.polish(sites.len(), |tops, crossings| price(&flow, &sites, tops, crossings));
    let mut tops = columns.heights(sites.len());
    // The middle of the crowd is the middle of the canvas: what is added elsewhere does not shift all.
    let crowd: Vec<f32> = (0..sites.len())
        .filter(|&at| flow.column[at] == 0)
        .map(|at| tops[at] + sites[at].1.extent.height / 2.0)
        .collect();
    let middle = (crowd.iter().sum::<f32>() / crowd.len().max(1) as f32 / GRID).round() * GRID;
    tops.iter_mut().for_each(|top| *top -= middle);
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

/// What is wrong with a picture: calls that run behind boxes, calls that cross, long ways up and down.
fn price(flow: &Flow, sites: &[(Block, Site)], tops: &[f32], crossings: usize) -> f32 {
    // For each point of a few.
    const BEHIND: f32 = 1_000.0;
    const CROSSED: f32 = 2_000.0;
    let lefts = lefts(flow, sites, tops);
    let placed = |at: usize| {
        let here = sites[at].1.boxes.iter().take(sites[at].1.nodes.len());
        here.map(|rect| Rect { x: rect.x + lefts[at], y: rect.y + tops[at], ..*rect }).collect::<Vec<Rect>>()
    };
    let boxes: Vec<Vec<Rect>> = (0..sites.len()).map(placed).collect();
    let mut price = CROSSED * crossings as f32;
    for &(from, to, _) in &flow.edges {
        // The first and the last of a group speak for all.
        let ends = |at: usize| {
            boxes[at]
                .first()
                .into_iter()
                .chain(boxes[at].last().filter(|_| boxes[at].len() > 1))
                .copied()
                .collect::<Vec<Rect>>()
        };
        for (a, b) in ends(from).into_iter().flat_map(|a| ends(to).into_iter().map(move |b| (a, b))) {
            let others =
                boxes.iter().enumerate().filter(|(at, _)| *at != from && *at != to).flat_map(|(_, boxes)| boxes);
            let others: Vec<Rect> = others.copied().collect();
            let wire = wire(&a, &b).bent(&others);
            price += (wire.end.y - wire.start.y).abs() + BEHIND * wire.hidden(&others) as f32;
        }
    }
    price
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
