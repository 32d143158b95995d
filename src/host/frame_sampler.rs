//! Looks at a run and makes frames of it: machines, instances, sources, gauges, flows.
//!
//! Rates and means are taken between two readings: the present, and one that is at least a simulated second old (or as
//! old as there is). Readings are made when somebody looks, so a run that nobody looks at pays nothing.

use super::edge_counts::{Ends, Pair};
use super::execution_sample::{Sample, Sampled};
use super::frame::{Availability, End, Fate, Flow, Frame, Gauge, Hop, Instance, Machine, Resource, Source};
use super::run::Run;
use super::totals::{CallEvent, InstanceTotals, SourceTotals};
use crate::engine::{InstanceId, MachineId, Outcome, ResourceKind, Simulation, Start, Traffic};
use crate::model::{Amount, AmountId, Caller, LinkId, Model, SourceId};
use crate::units::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
/// Readings are at least so far apart.
const APART: i64 = SECOND / 8;
/// Seconds of the one who looks for which a trouble that is over is still shown.
const HELD_S: f64 = 0.5;
/// Flows shown at most; of more, those with the most on them.
const FLOWS: usize = 1_500;

/// All totals at a moment.
#[derive(Clone, Debug)]
struct Reading {
    at: Time,
    /// Unit-seconds in use, by resource.
    busy: Vec<f64>,
    sources: Vec<SourceTotals>,
    doors: Vec<InstanceTotals>,
    edge_counts: Vec<Ends>,
    outstanding: BTreeMap<Edge, u32>,
}

/// Link, who calls and who is called.
type Edge = (LinkId, End, End);

impl Reading {
    fn of(run: &Run) -> Self {
        let live = &run.listeners.totals;
        Self {
            at: run.now(),
            busy: run.sim.resources().map(|view| view.busy_seconds).collect(),
            sources: live.sources.clone(),
            doors: live.doors.clone(),
            edge_counts: live.edge_counts.rows().map(|(_, ends)| *ends).collect(),
            outstanding: outstanding(&run.sim),
        }
    }
}

fn outstanding(sim: &Simulation) -> BTreeMap<Edge, u32> {
    let mut edges = BTreeMap::new();
    for Traffic { link, from, to, outstanding } in sim.outstanding() {
        let edge = edge(sim.model(), link, from, Some(to));
        *edges.entry(edge).or_insert(0) += outstanding;
    }
    edges
}

/// What somebody who looks at one run remembers of it.
#[derive(Clone, Debug, Default)]
pub struct FrameSampler {
    readings: VecDeque<Reading>,
    resources: Arc<[Resource]>,
    sample: Sample,
}

impl FrameSampler {
    /// The run went elsewhere, or another way: what was read is not its past.
    pub fn forget(&mut self) {
        self.readings.clear();
        self.resources = Arc::default();
    }

    /// Reads the totals, to be compared with later ones.
    pub fn note(&mut self, run: &Run) {
        if self.readings.back().is_none_or(|last| run.now().0 - last.at.0 >= APART) {
            self.readings.push_back(Reading::of(run));
            while self.readings.get(1).is_some_and(|second| run.now().0 - second.at.0 >= SECOND) {
                self.readings.pop_front();
            }
        }
    }

    /// Everything of a frame that is in the run itself, but for the hops.
    pub fn look(&mut self, run: &Run, focus: &[u32], frame: &mut Frame) {
        let sim = &run.sim;
        let model = sim.model();
        let now = Reading::of(run);
        let old = self.readings.iter().rev().find(|reading| now.at.0 - reading.at.0 >= SECOND);
        let old = old.or(self.readings.front()).unwrap_or(&now);
        let window = Window { old, new: &now, seconds: (now.at.0 - old.at.0) as f64 / 1e9 };
        let sampled = self.sample.take(sim, focus);
        frame.gauges = gauges(run, &window);
        if self.resources.len() != frame.gauges.len() {
            self.resources = resources(run);
        }
        frame.resources = Arc::clone(&self.resources);
        let starts: BTreeMap<Start, Time> = if asleep(sim) { sim.starts().collect() } else { BTreeMap::new() };
        frame.machines = machines(run, &window, &starts);
        frame.instances = instances(run, &window, &starts, &sampled);
        frame.pending = model
            .services
            .ids()
            .map(|service| (service, sim.pending(service)))
            .filter(|(_, pending)| *pending > 0)
            .collect();
        frame.sources = (0..model.sources.len()).map(|source| window.source(sim, source)).collect();
        frame.flows = flows(run, &window);
        frame.troubles = run.listeners.recorder.troubles(model);
        // What is over is seen no longer; but where time flies it is not to flicker.
        let held = (frame.achieved * HELD_S * 1e9) as i64;
        frame.troubles.retain(|trouble| trouble.calm.is_none_or(|calm| run.now().0 - calm.0 < held));
        frame.impacts = run.listeners.recorder.impacts().to_vec();
        frame.culprit = run.listeners.recorder.culprit(&frame.troubles);
        frame.lights = sampled.lights;
        frame.sampling = sampled.each;
        frame.work = sampled.work;
        self.note(run);
    }
}

/// What calls did over ways that take no time, since this was asked last.
pub fn hops(run: &mut Run) -> Vec<Hop> {
    let Some(steps) = &mut run.listeners.totals.steps else { return Vec::new() };
    let model = run.sim.model();
    let hop = |step: CallEvent| {
        let link = model.sites[step.site].link;
        let spec = &model.links[link];
        let none = |amount: AmountId| matches!(model.amounts[amount], Amount::Constant { value: 0.0, .. });
        let at_once = none(spec.latency) && (!spec.handshake || none(spec.handshake_latency));
        let [from, to] = step.ends;
        let fate = match step.ended {
            None => Fate::Arrived,
            Some(Outcome::Succeeded { .. }) => Fate::of(None),
            Some(Outcome::Failed(reason)) => Fate::of(Some(reason)),
        };
        let (link, from, to) = edge(model, link, from, to);
        (at_once && to != End::Nowhere).then_some(Hop { link, from, to, fate })
    };
    steps.drain(..).filter_map(hop).collect()
}

/// The ends of a call over a link, by the instances at them.
fn edge(model: &Model, link: LinkId, from: Option<InstanceId>, to: Option<InstanceId>) -> Edge {
    let end = |instance: Option<InstanceId>| instance.map_or(End::Nowhere, |instance| End::Instance(instance.number()));
    let from = match model.links[link].caller {
        Caller::Source(source) => End::Source(source),
        Caller::Service(_) => end(from),
    };
    (link, from, end(to))
}

/// Something is down or boots.
fn asleep(sim: &Simulation) -> bool {
    sim.machines().any(|machine| !machine.up) || sim.instances().any(|instance| !instance.up)
}

/// Two readings and the seconds between them.
struct Window<'a> {
    old: &'a Reading,
    new: &'a Reading,
    seconds: f64,
}

impl Window<'_> {
    fn rate(&self, new: u64, old: u64) -> f32 {
        if self.seconds > 0.0 { (new.saturating_sub(old) as f64 / self.seconds) as f32 } else { 0.0 }
    }

    /// Mean in use of a resource, or what is in use now if no time has passed.
    fn level(&self, resource: usize, now: f64) -> f64 {
        let new = self.new.busy.get(resource).copied().unwrap_or(0.0);
        // A resource that was not there had nothing in use.
        let old = self.old.busy.get(resource).copied().unwrap_or(0.0);
        if self.seconds > 0.0 { (new - old) / self.seconds } else { now }
    }

    fn source(&self, sim: &Simulation, source: usize) -> Source {
        let view = sim.source(SourceId::new(source));
        let old = self.old.sources.get(source).copied().unwrap_or_default();
        let new = self.new.sources.get(source).copied().unwrap_or_default();
        Source {
            sessions: view.sessions,
            in_flight: view.in_flight,
            offered_per_s: self.rate(new.offered, old.offered),
            succeeded_per_s: self.rate(new.succeeded, old.succeeded),
            failed_per_s: self.rate(new.failed.iter().sum(), old.failed.iter().sum()),
        }
    }
}

fn gauges(run: &Run, window: &Window) -> Vec<Gauge> {
    let gauge = |(index, view): (usize, crate::engine::ResourceView)| Gauge {
        capacity: view.capacity as f32,
        level: window.level(index, view.level) as f32,
        waiting: view.waiting,
        refused: view.refused,
        saturated: run.listeners.recorder.saturated(index),
    };
    run.sim.resources().enumerate().map(gauge).collect()
}

fn resources(run: &Run) -> Arc<[Resource]> {
    let mut subjects = BTreeMap::new();
    for (id, members) in run.listeners.recorder.subjects() {
        subjects.extend(members.iter().map(|&member| (member, id)));
    }
    let resource = |(index, view): (usize, crate::engine::ResourceView)| Resource {
        name: view.name.to_owned(),
        subject: subjects.get(&index).copied().unwrap_or(view.name).to_owned(),
        kind: view.kind,
        service: view.service,
        instance: view.instance.map(InstanceId::number),
        machine: view.machine.map(MachineId::number),
        link: view.link,
    };
    run.sim.resources().enumerate().map(resource).collect()
}

fn machines(run: &Run, window: &Window, starts: &BTreeMap<Start, Time>) -> Vec<Machine> {
    let mut machines: Vec<Machine> = run
        .sim
        .machines()
        .enumerate()
        .map(|(index, view)| {
            let start = starts.get(&Start::Machine(MachineId::new(index))).copied();
            let availability = match (view.up, view.removed_at) {
                (_, Some(_)) => Availability::Removed,
                (true, None) if view.draining => Availability::Draining,
                (true, None) => Availability::Up,
                (false, None) if view.booting || start.is_some() => Availability::Booting { until: start },
                (false, None) => Availability::Down,
            };
            Machine {
                group: view.group,
                ordinal: view.ordinal,
                availability,
                cpu: 0.0,
                memory: None,
                disk: None,
                network: None,
            }
        })
        .collect();
    for (index, view) in run.sim.resources().enumerate() {
        let (Some(machine), None) = (view.machine, view.instance) else { continue };
        let machine = &mut machines[machine.index()];
        let share = if view.capacity > 0.0 {
            (window.level(index, view.level) / view.capacity).clamp(0.0, 1.0) as f32
        } else {
            0.0
        };
        match view.kind {
            ResourceKind::Cpu => machine.cpu = share,
            ResourceKind::Memory => machine.memory = Some(share),
            ResourceKind::Disk => machine.disk = Some(share),
            ResourceKind::Network => machine.network = Some(share),
            ResourceKind::Quota
            | ResourceKind::Instances
            | ResourceKind::Threads
            | ResourceKind::Workers
            | ResourceKind::Connections
            | ResourceKind::KeepAlive
            | ResourceKind::Descriptors
            | ResourceKind::Queue
            | ResourceKind::Lock
            | ResourceKind::Pool
            | ResourceKind::Slots
            | ResourceKind::Ingress => {}
        }
    }
    machines
}

fn instances(run: &Run, window: &Window, starts: &BTreeMap<Start, Time>, sampled: &Sampled) -> Vec<Instance> {
    let model = run.sim.model();
    let instance = |(index, view): (usize, crate::engine::InstanceView)| {
        let machine = view.machine.and_then(|machine| starts.get(&Start::Machine(machine)));
        let start = starts.get(&Start::Instance(InstanceId::new(index))).or(machine).copied();
        let availability = match view {
            _ if view.removed => Availability::Removed,
            _ if view.draining => Availability::Draining,
            _ if view.up => Availability::Up,
            _ if view.booting || start.is_some() => Availability::Booting { until: start },
            _ => Availability::Down,
        };
        let old = window.old.doors.get(index).copied().unwrap_or_default();
        let new = window.new.doors.get(index).copied().unwrap_or_default();
        Instance {
            service: view.service,
            ordinal: view.ordinal,
            machine: view.machine.map(MachineId::number),
            availability,
            workers: view.workers,
            busy: sampled.busy_at(index, view.busy, model.services[view.service].pins),
            waiting: view.waiting,
            connections: view.connections,
            taken_per_s: window.rate(new.taken, old.taken),
            refused_per_s: window.rate(new.refused, old.refused),
        }
    };
    run.sim.instances().enumerate().map(instance).collect()
}

fn flows(run: &Run, window: &Window) -> Vec<Flow> {
    let model = run.sim.model();
    let mut ends: BTreeMap<Edge, Ends> = BTreeMap::new();
    for (row, (pair, new)) in run.listeners.totals.edge_counts.rows().enumerate() {
        let since = new.since(&window.old.edge_counts.get(row).copied().unwrap_or_default());
        let Pair { site, from, to } = *pair;
        if since.all() > 0 {
            let edge = edge(model, model.sites[site].link, from, to);
            let sum = ends.entry(edge).or_default();
            sum.succeeded += since.succeeded;
            sum.refused += since.refused;
            sum.timed_out += since.timed_out;
            sum.broken += since.broken;
        }
    }
    for edge in window.new.outstanding.keys() {
        ends.entry(*edge).or_default();
    }
    let flow = |(&(link, from, to), ends): (&Edge, &Ends)| {
        let at = |reading: &Reading| reading.outstanding.get(&(link, from, to)).copied().unwrap_or(0);
        let (now, before) = (at(window.new), at(window.old));
        // What never chose an instance did not leave.
        let sent = if to == End::Nowhere { 0 } else { (ends.all() + u64::from(now)).saturating_sub(u64::from(before)) };
        Flow {
            link,
            from,
            to,
            sent_per_s: window.rate(sent, 0),
            succeeded_per_s: window.rate(ends.succeeded, 0),
            refused_per_s: window.rate(ends.refused, 0),
            timed_out_per_s: window.rate(ends.timed_out, 0),
            broken_per_s: window.rate(ends.broken, 0),
            in_flight: now,
        }
    };
    let mut flows: Vec<Flow> = ends.iter().map(flow).collect();
    if flows.len() > FLOWS {
        let most = |flow: &Flow| flow.sent_per_s + flow.refused_per_s + flow.in_flight as f32;
        flows.sort_by(|a, b| most(b).total_cmp(&most(a)));
        flows.truncate(FLOWS);
        flows.sort_by_key(|flow| (flow.link, flow.from, flow.to));
    }
    flows
}
