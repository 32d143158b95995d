//! What a call costs a station: its mean, its variation and its shape.

use super::demand::{Demand, Loads, speed};
use crate::model::{Caller, Model, ServiceId};
use crate::scenario::{self, Step, amount::Expr};

/// What a call does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Work on a core, nothing else.
    Cpu,
    /// Time without a core, nothing else.
    Delay,
    /// Both in turn: what holds a worker.
    Held,
    /// One batch of disk operations.
    Disk,
    /// Several things, of which the CPU is one.
    Mixed,
}

/// The calls of a service, all its operations together.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    pub shape: Shape,
    /// Calls per second, all instances together.
    pub rate: f64,
    /// Mean seconds of a reference core, seconds of the delay, seconds (`Held`) or disk operations per call.
    pub mean: f64,
    /// Standard deviation over mean; 1 where it does not matter.
    pub cv: f64,
    /// Every call's is drawn from one exponential distribution.
    pub exponential: bool,
    /// For `Mixed`: why it is no single piece of work.
    pub why_mixed: String,
}

/// Mean and variance of independent things added.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }

    fn slowed(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, variance: self.variance * factor * factor }
    }

    /// One of several, by weight; their weights add up to 1.
    fn mixture(of: &[(f64, Self)]) -> Self {
        let sum = |figure: fn(&Self) -> f64| of.iter().map(|(weight, each)| weight * figure(each)).sum::<f64>();
        let mean = sum(|each| each.mean);
        let second = sum(|each| each.variance + each.mean * each.mean);
        Self { mean, variance: (second - mean * mean).max(0.0) }
    }
}

/// A call's pieces of work, added by kind.
#[derive(Clone, Copy, Debug, Default)]
struct Pieces {
    cpu: Moments,
    delay: Moments,
    disk: Moments,
    count: usize,
}

impl Work {
    /// Of the operations that are called; Err with nothing to say where none is.
    pub fn of(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<Self, String> {
        let service = &model.services[id];
        let Some(spec) = model.scenario.services.get(&service.name) else { return Err(String::new()) };
        let used: Vec<_> = (service.operations.iter())
            .map(|operation| (loads.operations[operation.index()], *operation))
            .filter(|(rate, operation)| *rate > 0.0 && !model.operations[*operation].retired)
            .collect();
        let rate: f64 = used.iter().map(|(rate, _)| rate).sum();
        if used.is_empty() {
            return Err(String::new());
        }
        let (mut all, mut exprs, mut mixed) = (Vec::new(), Vec::new(), None);
        for (each, operation) in &used {
            let full = &model.operations[*operation].name;
            let local =
                full.strip_prefix(service.name.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
            let steps = spec.operations.get(local).map_or(&[][..], Vec::as_slice);
            match (pieces(steps), beyond(steps)) {
                (Ok((pieces, first)), _) => {
                    all.push((each / rate, pieces));
                    exprs.push(first);
                }
                (Err(_), Some(why)) => return Err(why.into()),
                (Err(why), None) => mixed = Some(why),
            }
        }
        let greeting = greeting(model, demand, loads, id)?;
        if let Some(why_mixed) = mixed {
            return Self::mixed(demand, loads, id, rate, why_mixed);
        }
        let of = |part: fn(&Pieces) -> Moments| {
            Moments::mixture(&all.iter().map(|(share, pieces)| (*share, part(pieces))).collect::<Vec<_>>())
        };
        let there = |part: fn(&Pieces) -> Moments| all.iter().any(|(_, pieces)| part(pieces).mean > 0.0);
        let computes = there(|pieces| pieces.cpu) || greeting.mean > 0.0;
        let shape = match (computes, there(|pieces| pieces.delay), there(|pieces| pieces.disk)) {
            (false, false, false) => return Err("it does no work".into()),
            (true, false, false) => Shape::Cpu,
            (false, true, false) => Shape::Delay,
            (true, true, false) => Shape::Held,
            (false, false, true) if all.iter().all(|(_, pieces)| pieces.count == 1) => Shape::Disk,
            _ => return Self::mixed(demand, loads, id, rate, "its operations are of different kinds".into()),
        };
        let pace = 1.0 / speed(model, id);
        let total = match shape {
            Shape::Cpu => of(|pieces| pieces.cpu).and(greeting),
            Shape::Delay => of(|pieces| pieces.delay),
            Shape::Disk => of(|pieces| pieces.disk),
            Shape::Held | Shape::Mixed => {
                let each = |(share, pieces): &(f64, Pieces)| (*share, pieces.cpu.slowed(pace).and(pieces.delay));
                Moments::mixture(&all.iter().map(each).collect::<Vec<_>>()).and(greeting.slowed(pace))
            }
        };
        let single = all.iter().all(|(_, pieces)| pieces.count == 1) && greeting == Moments::default();
        let alike = exprs.windows(2).all(|pair| pair[0] == pair[1]);
        let exponential = single && alike && matches!(exprs[0], Expr::Exponential { .. });
        let cv = libm::sqrt(total.variance) / total.mean;
        Ok(Self { shape, rate, mean: total.mean, cv, exponential, why_mixed: String::new() })
    }

    /// Only the CPU counts; what else a call does keeps nobody waiting there.
    pub fn mixed(demand: &Demand, loads: &Loads, id: ServiceId, rate: f64, why_mixed: String) -> Result<Self, String> {
        if demand.has_gauges_of(id) {
            return Err("its work depends on its load".into());
        }
        let cpu = loads.services[id.index()].cpu;
        if loads.services[id.index()].spawned > 0.0 {
            return Err("its children share its cores".into());
        }
        if cpu <= 0.0 {
            return Err(why_mixed);
        }
        Ok(Self { shape: Shape::Mixed, rate, mean: cpu / rate, cv: 1.0, exponential: false, why_mixed })
    }
}

/// CPU of opening a connection, which a worker does before the call itself.
fn greeting(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<Moments, String> {
    let links = demand.links_to(id).iter().map(|id| (&model.links[*id], &loads.calls[id.index()]));
    let links: Vec<_> = links.filter(|(_, rate)| **rate > 0.0).collect();
    if links.iter().all(|(link, _)| !link.handshake) {
        return Ok(Moments::default());
    }
    let all: f64 = links.iter().map(|(_, rate)| **rate).sum();
    let mut parts = Vec::new();
    for (link, rate) in links {
        let callee = match link.caller {
            Caller::Service(caller) => {
                let links = model.scenario.services.get(&model.services[caller].name).map(|service| &service.links);
                links.and_then(|links| links.get(&model.services[id].name)).map(|link| &link.handshake.callee)
            }
            Caller::Source(source) => {
                let traffic = model.scenario.traffic.get(&model.sources[source].name);
                traffic.map(|traffic| &traffic.access().way(&model.services[id].name).handshake.callee)
            }
        };
        let moments = match callee {
            Some(amount) if link.handshake && !amount.is_zero() => {
                if link.keep > 0 || link.keep_alive {
                    return Err("only some of its calls open a connection".into());
                }
                moments(amount.expr())?
            }
            Some(_) | None => Moments::default(),
        };
        parts.push((rate / all, moments));
    }
    Ok(Moments::mixture(&parts))
}

fn moments(expr: &Expr) -> Result<Moments, String> {
    let variance = expr.variance().ok_or("its work depends on its load, or varies without bound")?;
    Ok(Moments { mean: expr.mean(&|_| 0.0), variance })
}

/// A step that no formula of ours knows.
fn beyond(steps: &[Step]) -> Option<&'static str> {
    steps.iter().find_map(|step| match step {
        Step::Cached(..) | Step::Put(..) | Step::Invalidate(..) => Some("what it does depends on what its stores hold"),
        Step::Disk(_) => Some("its disk sets the pace of its calls"),
        _ => step.bodies().into_iter().find_map(beyond),
    })
}

/// The pieces of a program that only works, one after the other, and its first.
fn pieces(steps: &[Step]) -> Result<(Pieces, &Expr), String> {
    let mut callee = None;
    scenario::walk(steps, &mut |step| callee = callee.or(step.callee()));
    if let Some(callee) = callee {
        return Err(format!("it waits for {callee}"));
    }
    let mut all = Pieces::default();
    let mut first = None;
    for step in steps {
        let (amount, part) = match step {
            Step::Cpu(amount) => (amount, &mut all.cpu),
            Step::Delay(amount) => (amount, &mut all.delay),
            Step::Disk(count) => (count, &mut all.disk),
            _ => return Err("it does more than work and wait".into()),
        };
        *part = part.and(moments(amount.expr())?);
        all.count += 1;
        first = first.or(Some(amount.expr()));
    }
    first.map(|first| (all, first)).ok_or_else(|| "it does no work".into())
}
