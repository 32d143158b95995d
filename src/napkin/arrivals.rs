//! Where a station's calls come from: all the way up to the sources, over callers that keep nobody waiting.
//!
//! Calls that a Poisson source makes at the instant it comes are a Poisson stream, in batches where it makes several at
//! once. Calls made later come from a network: behind stations of product form they may be taken as one (Baskett,
//! Chandy, Muntz & Palacios 1975), behind others they are no Poisson stream.

use super::demand::{Demand, Loads};
use super::work::Work;
use crate::model::{Amount, Caller, Cancel, Instr, Kind, LinkId, Model, OperationId, ServiceId, SourceId, SourceKind};
use crate::scenario::{self, Step, StepKind, Traffic, amount::Expr};
use std::collections::{BTreeMap, BTreeSet};

/// What a station's calls are like.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// They come through other stations of an open network, not straight from Poisson sources.
    pub network: bool,
    /// Mean and mean square of the number that come at once; (1, 1): one at a time.
    pub batch: (f64, f64),
    /// They are called over these links, the last hop and balancers in front of it.
    pub links: Vec<LinkId>,
    /// Stations that they come through.
    before: BTreeSet<ServiceId>,
}

impl Arrivals {
    /// How calls come to a service; Err: they are no stream that a formula knows.
    pub fn of(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<Self, String> {
        let links = ways(model, demand, id)?;
        let mut reading = Reading {
            model,
            demand,
            target: id,
            known: BTreeMap::new(),
            before: BTreeSet::new(),
            left: MOST_CALLS / model.services.len().max(1),
            depth: 0,
        };
        let (mut rate, mut mean, mut second, mut network) = (0.0, 0.0, 0.0, false);
        for (at, source) in model.sources.iter().enumerate().filter(|(_, source)| !source.retired) {
            let made = reading.source(SourceId::new(at));
            if reading.left == 0 {
                return Err("its callers are too many to follow".into());
            }
            if made.now == 0 && !made.later {
                continue;
            }
            if made.several {
                return Err(format!("{} calls it several times at once, but not at one instant", source.name));
            }
            network |= made.later;
            let (size, square) = batch(model, SourceId::new(at))?;
            if made.now > 1 && size != 1.0 {
                return Err(format!("{} comes in batches that multiply", source.name));
            }
            let now = f64::from(made.now.max(1));
            // Arrivals that bring calls: requests over requests per arrival.
            let arrivals = loads.starting[at] / size;
            rate += arrivals;
            mean += arrivals * size * now;
            second += arrivals * square * now * now;
        }
        if rate <= 0.0 {
            return Err("nobody comes".into());
        }
        let batch = if mean > rate * (1.0 + 1e-12) { (mean / rate, second / rate) } else { (1.0, 1.0) };
        if network && batch.0 > 1.0 {
            return Err("its calls come from a network, some of them several at once".into());
        }
        let before = if network { reading.before } else { BTreeSet::new() };
        Ok(Self { network, batch, links, before })
    }

    /// A station in front that makes of a Poisson stream another one, if there is one.
    pub fn disturbed_by(&self, model: &Model, work: &dyn Fn(ServiceId) -> Result<Work, String>) -> Option<String> {
        let station = self.before.iter().find(|id| !keeps_poisson(model, **id, work))?;
        Some(format!(
            "its calls leave {}, behind whose queue they are no Poisson stream",
            model.services[*station].name
        ))
    }
}

/// The links that calls come over, once all callers on the way keep nobody waiting and all sources are Poisson.
fn ways(model: &Model, demand: &Demand, id: ServiceId) -> Result<Vec<LinkId>, String> {
    let mut todo = vec![(id, true)];
    let mut seen = vec![false; model.services.len()];
    let mut direct = Vec::new();
    while let Some((id, passes)) = todo.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        for (at, link) in demand.links_to(id).iter().map(|id| (*id, &model.links[*id])) {
            if link.guarded {
                return Err("calls on their way to it are limited, repeated or lost".into());
            }
            if passes {
                direct.push(at);
            }
            match link.caller {
                Caller::Source(source) => poisson(model, source)?,
                Caller::Service(caller) => {
                    let spec = &model.services[caller];
                    if matches!(spec.kind, Kind::Queue { .. }) {
                        return Err(format!("its calls come through the broker {}", spec.name));
                    }
                    if link.keep > 0 {
                        return Err(format!("{} lets so many calls through at a time", spec.name));
                    }
                    if spec.workers < u32::MAX {
                        return Err(format!("its calls come from {}, not from a Poisson source", spec.name));
                    }
                    let forwards = |entry: u32| matches!(model.code[entry as usize].instr, Instr::Call(_));
                    let only_forwards = spec.kind == Kind::Balancer
                        && spec.operations.iter().all(|operation| forwards(model.operations[*operation].entry));
                    if !only_forwards && (spec.fifo || spec.threads < u32::MAX) {
                        return Err(format!("its calls come from {}, an event loop", spec.name));
                    }
                    todo.push((caller, passes && only_forwards));
                }
            }
        }
    }
    Ok(direct)
}

fn poisson(model: &Model, source: SourceId) -> Result<(), String> {
    let source = &model.sources[source];
    if !source.bursts.is_empty() || model.amounts[source.gaps] != Amount::Exponential(1.0) {
        return Err(format!("{} does not come at random", source.name));
    }
    match source.kind {
        SourceKind::Users if source.invites.is_some() => Err(format!("{} bring others", source.name)),
        SourceKind::Closed => Err(format!("the users of {} come back", source.name)),
        SourceKind::Open | SourceKind::Users => Ok(()),
    }
}

/// Mean and mean square of the requests of one arrival.
fn batch(model: &Model, source: SourceId) -> Result<(f64, f64), String> {
    let name = &model.sources[source].name;
    let Some(Traffic::Open { batch, .. }) = model.scenario.traffic.get(name) else { return Ok((1.0, 1.0)) };
    let expr = batch.expr();
    let whole = match expr {
        Expr::Constant(value) => value.fract() == 0.0,
        Expr::Geometric { .. } => true,
        Expr::Empirical(points) => points.iter().all(|(value, _)| value.fract() == 0.0 && *value >= 1.0),
        _ => false,
    };
    match expr.variance().filter(|_| whole) {
        Some(variance) => {
            let mean = expr.mean(&|_| 0.0);
            Ok((mean, variance + mean * mean))
        }
        None => Err(format!("{name} comes in batches that are rounded")),
    }
}

/// Whether a Poisson stream that goes through a service leaves it as one.
fn keeps_poisson(model: &Model, id: ServiceId, work: &dyn Fn(ServiceId) -> Result<Work, String>) -> bool {
    let service = &model.services[id];
    let spec = model.scenario.services.get(&service.name);
    let queues = |step: &Step| matches!(step, Step::Disk(_) | Step::Lock(..));
    let mut waits = false;
    for steps in spec.iter().flat_map(|spec| spec.operations.values()) {
        scenario::walk(steps, &mut |step| waits |= queues(step));
    }
    let pooled = service.links.iter().any(|link| model.links[*link].keep > 0 || model.links[*link].guarded);
    if waits || pooled || service.pins || service.sigma != 0.0 || service.kappa != 0.0 {
        return false;
    }
    if service.workers == u32::MAX {
        return !service.fifo && service.threads == u32::MAX;
    }
    let room = service.backlog == u32::MAX;
    room && work(id).is_ok_and(|work| work.exponential)
}

/// What one run of a program calls of the target, directly or not.
#[derive(Clone, Debug, Default)]
struct Made {
    /// At the instant it begins.
    now: u32,
    /// Afterwards.
    later: bool,
    /// Several overlap, and do not begin together.
    several: bool,
    /// Time passes.
    lasts: bool,
    /// Services that it comes to.
    visits: BTreeSet<ServiceId>,
}

impl Made {
    fn any(&self) -> bool {
        self.now > 0 || self.later
    }
}

/// Calls that are followed for all stations of a model together.
const MOST_CALLS: usize = 10_000_000;
/// Calls in each other that are followed.
const DEEPEST: u32 = 100;

/// Reads programs for what they call of one service.
struct Reading<'a> {
    model: &'a Model,
    demand: &'a Demand<'a>,
    target: ServiceId,
    known: BTreeMap<OperationId, Made>,
    /// Services that calls come through on their way to the target.
    before: BTreeSet<ServiceId>,
    /// Calls that may still be followed; with none left nothing that was read holds.
    left: usize,
    depth: u32,
}

impl Reading<'_> {
    fn source(&mut self, id: SourceId) -> Made {
        match self.model.scenario.traffic.get(&self.model.sources[id].name) {
            Some(Traffic::Open { call, .. }) => self.call(call, false),
            Some(Traffic::Users { journey, .. } | Traffic::Closed { journey, .. }) => self.steps(journey),
            None => Made::default(),
        }
    }

    fn call(&mut self, name: &str, queued: bool) -> Made {
        let Some(id) = self.demand.operation(name) else { return Made::default() };
        if self.depth == DEEPEST {
            self.left = 0;
        }
        if self.left == 0 {
            return Made::default();
        }
        let service = self.model.operations[id].service;
        let mut made = match self.known.get(&id) {
            Some(known) => known.clone(),
            None => {
                // An operation that calls itself in a circle is followed once.
                self.known.insert(id, Made::default());
                self.depth += 1;
                let made = self.operation(id, service);
                self.depth -= 1;
                self.known.insert(id, made.clone());
                made
            }
        };
        if service == self.target {
            made.several |= made.any();
            made.now += 1;
        }
        made.visits.insert(service);
        self.left = self.left.saturating_sub(1 + made.visits.len());
        made.lasts = !queued;
        made
    }

    fn operation(&mut self, id: OperationId, service: ServiceId) -> Made {
        let model = self.model;
        let name = &model.services[service].name;
        let Some(spec) = model.scenario.services.get(name) else { return Made::default() };
        let local = model.operations[id].name[name.len()..].trim_start_matches('.');
        match &spec.kind {
            scenario::Kind::Balancer { to, cpu, .. } => {
                let mut made = self.call(&format!("{to}.{local}"), false);
                if !cpu.is_zero() && made.any() {
                    (made.later, made.now) = (true, 0);
                    self.before.insert(service);
                }
                made
            }
            scenario::Kind::Queue { to, .. } => self.call(&format!("{to}.{local}"), true),
            scenario::Kind::Server
            | scenario::Kind::Database { .. }
            | scenario::Kind::Cache { .. }
            | scenario::Kind::External => {
                let made = spec.operations.get(local).map_or_else(Made::default, |steps| self.steps(steps));
                if made.later {
                    self.before.insert(service);
                }
                made
            }
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Made {
        let mut all = Made::default();
        // Calls of a step in the background may still be in progress.
        let mut beside = false;
        for step in steps {
            let made = self.step(step);
            if made.any() {
                self.before.extend(all.visits.iter().filter(|_| all.lasts).copied());
                all.several |= made.several || (beside && (all.lasts || made.later));
                if all.lasts {
                    all.later = true;
                } else {
                    all.now += made.now;
                    all.later |= made.later;
                }
                beside |= matches!(step.kind(), StepKind::Beside(_));
            }
            all.lasts |= made.lasts;
            all.visits.extend(made.visits);
        }
        all
    }

    fn step(&mut self, step: &Step) -> Made {
        match step.kind() {
            StepKind::Leaf => match (step, step.callee()) {
                (_, Some(name)) => self.call(name, matches!(step, Step::Enqueue(_))),
                (Step::Fail(_) | Step::Hold, None) => Made::default(),
                (Step::Put(store, _), None) => self.call(&format!("{store}.set"), false),
                (Step::Invalidate(store, _), None) => self.call(&format!("{store}.delete"), false),
                _ => Made { lasts: true, ..Made::default() },
            },
            StepKind::Loop(count, body) => {
                let once = count.constant() == Some(1.0);
                let mut made = self.steps(body);
                if made.any() && !once {
                    self.before.extend(made.visits.iter().copied());
                    made.later = true;
                }
                made
            }
            StepKind::Fork(_, branches) => {
                let branches = branches.iter().map(|branch| self.steps(branch)).collect::<Vec<_>>();
                let calling = branches.iter().filter(|branch| branch.any()).count();
                let together = branches.iter().all(|branch| !branch.later);
                let mut all = branches.into_iter().fold(Made::default(), beside);
                all.several |= calling > 1 && !together;
                all
            }
            StepKind::Beside(body) => Made { lasts: false, ..self.steps(body) },
            StepKind::Block(body) => self.steps(body),
            StepKind::Fallback(first, second) => {
                let (first, second) = (self.steps(first), self.steps(second));
                either(first, Made { later: second.any(), now: 0, ..second })
            }
            StepKind::Choice(branches) => {
                let branches: Vec<Made> = branches.iter().map(|(_, branch)| self.steps(branch)).collect();
                branches.into_iter().reduce(either).unwrap_or_default()
            }
            StepKind::Look(hit, miss) => {
                let (hit, miss) = (self.steps(hit), self.steps(miss));
                Made { lasts: true, ..either(hit, miss) }
            }
        }
    }
}

/// Two programs at once.
fn beside(mut all: Made, one: Made) -> Made {
    all.now += one.now;
    all.later |= one.later;
    all.several |= one.several;
    all.lasts |= one.lasts;
    all.visits.extend(one.visits);
    all
}

/// One of two programs: a Poisson stream thinned is one, a batch of one of two sizes is not known.
fn either(first: Made, second: Made) -> Made {
    let several = first.now.max(second.now) > 1 && first.now != second.now;
    let now = first.now.max(second.now);
    let all = beside(first, second);
    Made { now, several: all.several || several, ..all }
}

/// What callers of a station do about what they wait for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Patience {
    /// They wait; or the station works on when they do not.
    None,
    /// Each takes its call back after an exponential time of this mean; from a worker, too, if so said.
    Exponential { mean: f64, all: bool },
    /// They take it back after other times, of at least this many seconds.
    Other { least: f64 },
}

impl Patience {
    pub fn of(model: &Model, links: &[LinkId]) -> Self {
        let mut found = None;
        for link in links.iter().map(|id| &model.links[*id]).filter(|link| link.cancel != Cancel::Never) {
            let drawn = match (link.patience, link.timeout) {
                (Some(amount), _) => match &model.amounts[amount] {
                    Amount::Exponential(mean) => Self::Exponential { mean: *mean, all: link.cancel == Cancel::All },
                    _ => Self::Other { least: 0.0 },
                },
                (None, Some(lane)) => Self::Other { least: model.lanes[lane].as_seconds() },
                (None, None) => Self::None,
            };
            found = match found {
                None => Some(drawn),
                Some(known) if known == drawn => Some(known),
                Some(_) => Some(Self::Other { least: 0.0 }),
            };
        }
        let mixed = links.iter().any(|id| model.links[*id].cancel == Cancel::Never);
        match found {
            Some(Self::Exponential { .. }) if mixed => Self::Other { least: 0.0 },
            found => found.unwrap_or(Self::None),
        }
    }
}

/// What callers of a station do when they are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retries {
    /// They give up.
    None,
    /// Each tries again until it succeeds, after an exponential time of this mean.
    Forever { pause: f64 },
    /// They try again in another way.
    Other,
}

impl Retries {
    pub fn of(model: &Model, links: &[LinkId]) -> Self {
        let one = |id: &LinkId| {
            let retry = &model.links[*id].retry;
            let steady = retry.factor == 1.0 && retry.jitter == 0.0 && retry.cap.is_infinite();
            match (&model.amounts[retry.after], retry.times) {
                (_, 0) => Self::None,
                (Amount::Exponential(pause), u32::MAX) if steady && retry.budget.is_none() => {
                    Self::Forever { pause: *pause }
                }
                _ => Self::Other,
            }
        };
        let mut all = links.iter().map(one);
        let first = all.next().unwrap_or(Self::None);
        if all.all(|other| other == first) { first } else { Self::Other }
    }
}
