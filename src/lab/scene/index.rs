//! What belongs to what in one picture: seats of instances, islands of machines, gauges, traffic by wire.
//!
//! Made anew for every picture in memory that is kept; nothing here looks at more than what there is, once.

use super::Sight;
use crate::engine::ResourceKind;
use crate::host::{End, Instance, Resource};
use crate::layout::{Node, Point, Rect, Wire, WireEnd};
use crate::model::{LinkId, ServiceId};
use std::sync::Arc;

/// None, as an index.
pub(super) const NONE: u32 = u32::MAX;
/// An end that is a source, in a wire's key.
const SOURCE: u32 = 1 << 31;

/// Where a node stands in this picture, and how bright.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pose {
    /// From its place, in units of the canvas.
    pub shift: Point,
    /// 0 to 1.
    pub lit: f32,
}

/// Traffic over one wire.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Traffic {
    pub sent: f32,
    pub refused: f32,
    pub timed_out: f32,
    pub broken: f32,
    pub in_flight: u32,
}

/// Gauges of a machine, by their place among the resources.
#[derive(Clone, Copy, Debug)]
pub(super) struct MachineGauges {
    pub cpu: u32,
    pub memory: u32,
    pub disk: u32,
    pub network: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What has a place, and where.
    pub nodes: Vec<(Node, Rect)>,
    /// By instance: its seat.
    pub seats: Vec<u32>,
    /// By machine: its node.
    pub islands: Vec<u32>,
    /// By source: its node.
    pub crowds: Vec<u32>,
    /// By seat: its node.
    pub homes: Vec<u32>,
    /// By seat: the instances on it stand in `sitting` from here on; one more at the end.
    starts: Vec<u32>,
    sitting: Vec<u32>,
    /// By node: the machines of it stand in `housed` from here on; one more at the end.
    floors: Vec<u32>,
    housed: Vec<u32>,
    /// By machine.
    pub gauges: Vec<MachineGauges>,
    /// By instance: its workers among the resources.
    pub workers: Vec<u32>,
    /// By instance: something of its own is saturated.
    pub full: Vec<bool>,
    /// By service: messages that wait in its queue.
    pub messages: Vec<u32>,
    /// By wire.
    pub traffic: Vec<Traffic>,
    /// By node: where it is on its way, and how bright.
    pub standing: Vec<Pose>,
    by_seat: Vec<((u32, u32), u32)>,
    by_wire: Vec<((u32, u32, u32), u32)>,
    of: Option<Arc<[Resource]>>,
}

impl Index {
    /// Instances on a seat.
    pub fn sitting(&self, seat: usize) -> &[u32] {
        &self.sitting[self.starts[seat] as usize..self.starts[seat + 1] as usize]
    }

    /// Seats that were looked at.
    pub fn seat_count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Seats of a service.
    pub fn of_service(&self, service: ServiceId) -> usize {
        let from = self.by_seat.partition_point(|entry| entry.0 < (service.number(), 0));
        self.by_seat[from..].iter().take_while(|entry| entry.0.0 == service.number()).count()
    }

    /// Machines of a node.
    pub fn housed(&self, node: usize) -> &[u32] {
        &self.housed[self.floors[node] as usize..self.floors[node + 1] as usize]
    }

    /// The wire between two ends.
    pub fn wire(&self, link: LinkId, from: End, to: End) -> Option<usize> {
        let key = (link.number(), self.end(from)?, self.end(to)?);
        self.by_wire.binary_search_by_key(&key, |entry| entry.0).ok().map(|at| self.by_wire[at].1 as usize)
    }

    fn end(&self, end: End) -> Option<u32> {
        match end {
            End::Source(source) => Some(SOURCE | source.number()),
            End::Instance(instance) => self.seats.get(instance as usize).copied().filter(|seat| *seat != NONE),
            End::Nowhere => None,
        }
    }

    /// Looks at everything once.
    pub fn look(&mut self, sight: &Sight) {
        self.nodes.clear();
        self.nodes.extend(sight.layout.nodes());
        self.settle_nodes(sight);
        self.settle_seats(sight);
        self.settle_gauges(sight);
        self.settle_wires(sight);
    }

    fn settle_nodes(&mut self, sight: &Sight) {
        fill(&mut self.crowds, sight.frame.sources.len(), NONE);
        fill(&mut self.islands, sight.frame.machines.len(), NONE);
        self.by_seat.clear();
        for (at, (node, _)) in self.nodes.iter().enumerate() {
            match node {
                Node::Source(source) => set(&mut self.crowds, source.index(), at),
                Node::Machine(group, ordinal) => self.by_seat.push(((group.number(), *ordinal), at as u32)),
                Node::Stack(group) => self.by_seat.push(((group.number(), NONE), at as u32)),
                Node::Apart(..) => {}
            }
        }
        self.by_seat.sort_unstable();
        for (at, machine) in sight.frame.machines.iter().enumerate() {
            if let Some(node) = either(&self.by_seat, machine.group.number(), machine.ordinal) {
                self.islands[at] = node;
            }
        }
        group(&self.islands, self.nodes.len(), &mut self.floors, &mut self.housed);
    }

    fn settle_seats(&mut self, sight: &Sight) {
        fill(&mut self.seats, sight.frame.instances.len(), NONE);
        fill(&mut self.homes, sight.layout.seats().len(), NONE);
        self.by_seat.clear();
        for (at, seat) in sight.layout.seats().iter().enumerate() {
            self.by_seat.push(((seat.service.number(), seat.ordinal.unwrap_or(NONE)), at as u32));
        }
        self.by_seat.sort_unstable();
        let at = |instance: &Instance| -> Option<u32> {
            let service = instance.service.number();
            // A service may sit on several stacks: its seat there has the same name, and is told by its node.
            let found = either(&self.by_seat, service, instance.ordinal)?;
            let seat = &sight.layout.seats()[found as usize];
            let home = instance.machine.and_then(|machine| self.islands.get(machine as usize)).copied().unwrap_or(NONE);
            let own = |other: &u32| {
                self.nodes
                    .get(home as usize)
                    .is_some_and(|(node, _)| *node == sight.layout.seats()[*other as usize].node)
            };
            if seat.ordinal.is_some() || own(&found) {
                return Some(found);
            }
            let from = self.by_seat.partition_point(|entry| entry.0 < (service, NONE));
            let others =
                self.by_seat[from..].iter().take_while(|entry| entry.0 == (service, NONE)).map(|entry| entry.1);
            others.into_iter().find(own).or(Some(found))
        };
        for (i, instance) in sight.frame.instances.iter().enumerate() {
            if let Some(seat) = at(instance) {
                self.seats[i] = seat;
            }
        }
        let mut nodes: Vec<(Node, u32)> = Vec::with_capacity(self.nodes.len());
        nodes.extend(self.nodes.iter().enumerate().map(|(at, (node, _))| (*node, at as u32)));
        nodes.sort_unstable();
        for (home, seat) in self.homes.iter_mut().zip(sight.layout.seats()) {
            if let Ok(found) = nodes.binary_search_by_key(&seat.node, |entry| entry.0) {
                *home = nodes[found].1;
            }
        }
        group(&self.seats, sight.layout.seats().len(), &mut self.starts, &mut self.sitting);
    }

    fn settle_gauges(&mut self, sight: &Sight) {
        let (frame, count) = (sight.frame, sight.frame.instances.len());
        let same = self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, &frame.resources));
        if !same || self.gauges.len() != frame.machines.len() || self.workers.len() != count {
            self.of = Some(frame.resources.clone());
            fill(
                &mut self.gauges,
                frame.machines.len(),
                MachineGauges { cpu: NONE, memory: NONE, disk: NONE, network: NONE },
            );
            fill(&mut self.workers, count, NONE);
            for (at, resource) in frame.resources.iter().enumerate() {
                match (resource.instance, resource.machine) {
                    (Some(instance), _) if resource.kind == ResourceKind::Workers => {
                        set(&mut self.workers, instance as usize, at)
                    }
                    (None, Some(machine)) => {
                        let Some(gauges) = self.gauges.get_mut(machine as usize) else { continue };
                        match resource.kind {
                            ResourceKind::Cpu => gauges.cpu = at as u32,
                            ResourceKind::Memory => gauges.memory = at as u32,
                            ResourceKind::Disk => gauges.disk = at as u32,
                            ResourceKind::Network => gauges.network = at as u32,
                            _ => {}
                        }
                    }
                    _ => {}
                }
            }
        }
        self.messages = frame.messages(sight.model);
        fill(&mut self.full, count, false);
        for (gauge, resource) in frame.gauges.iter().zip(frame.resources.iter()).filter(|(gauge, _)| gauge.saturated) {
            debug_assert!(gauge.saturated);
            if let Some(full) = resource.instance.and_then(|instance| self.full.get_mut(instance as usize)) {
                *full = true;
            }
        }
    }

    fn settle_wires(&mut self, sight: &Sight) {
        fill(&mut self.traffic, sight.layout.wires().len(), Traffic::default());
        self.by_wire.clear();
        for (at, wire) in sight.layout.wires().iter().enumerate() {
            let Wire { link, from, to, .. } = wire;
            let code = |end: &WireEnd| match end {
                WireEnd::Source(source) => SOURCE | source.number(),
                WireEnd::Seat(seat) => *seat,
            };
            self.by_wire.push(((link.number(), code(from), code(to)), at as u32));
        }
        self.by_wire.sort_unstable();
        for flow in &sight.frame.flows {
            let Some(at) = self.wire(flow.link, flow.from, flow.to) else { continue };
            let sum = &mut self.traffic[at];
            sum.sent += flow.sent_per_s;
            sum.refused += flow.refused_per_s;
            sum.timed_out += flow.timed_out_per_s;
            sum.broken += flow.broken_per_s;
            sum.in_flight += flow.in_flight;
        }
    }
}

/// The same memory with so many of that value.
fn fill<T: Clone>(values: &mut Vec<T>, count: usize, value: T) {
    values.clear();
    values.resize(count, value);
}

fn set(values: &mut [u32], at: usize, value: usize) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value as u32;
    }
}

/// What stands under a number of its own, or with all others.
fn either(sorted: &[((u32, u32), u32)], owner: u32, ordinal: u32) -> Option<u32> {
    let find = |key: (u32, u32)| {
        let at = sorted.partition_point(|entry| entry.0 < key);
        sorted.get(at).filter(|entry| entry.0 == key).map(|entry| entry.1)
    };
    find((owner, ordinal)).or_else(|| find((owner, NONE)))
}

/// Members of each of `count` groups, one after another; `starts` has one more.
fn group(of: &[u32], count: usize, starts: &mut Vec<u32>, members: &mut Vec<u32>) {
    fill(starts, count + 2, 0);
    for &to in of.iter().filter(|to| (**to as usize) < count) {
        starts[to as usize + 2] += 1;
    }
    for i in 2..starts.len() {
        starts[i] += starts[i - 1];
    }
    fill(members, of.len(), NONE);
    for (member, &to) in of.iter().enumerate().filter(|(_, to)| (**to as usize) < count) {
        let place = &mut starts[to as usize + 1];
        members[*place as usize] = member as u32;
        *place += 1;
    }
    starts.truncate(count + 1);
}
