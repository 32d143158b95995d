//! What a call costs a station: its mean, its variation and its shape.

use super::demand::{Demand, Loads};
use crate::model::{Model, ServiceId};
use crate::scenario::{Step, amount::Expr};

/// What a call does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One piece of work on a core.
    Cpu,
    /// One stretch of time without a core.
    Delay,
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
    /// Mean seconds of a reference core, seconds of the delay or disk operations per call.
    pub mean: f64,
    /// Standard deviation over mean; 1 where it does not matter.
    pub cv: f64,
    /// Every call's is drawn from one exponential distribution.
    pub exponential: bool,
    /// For `Mixed`: why it is no single piece of work.
    pub why_mixed: String,
}

impl Work {
    /// Of the operations that are called; Err with nothing to say where none is.
    pub fn of(model: &Model, loads: &Loads, id: ServiceId) -> Result<Self, String> {
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
        let mut pieces = Vec::new();
        let mut mixed = None;
        for (each, operation) in &used {
            let full = &model.operations[*operation].name;
            let local =
                full.strip_prefix(service.name.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
            let steps = spec.operations.get(local).map_or(&[][..], Vec::as_slice);
            match (single(steps), beyond(steps)) {
                (Ok((shape, expr)), _) => pieces.push((*each, shape, expr)),
                (Err(_), Some(why)) => return Err(why.into()),
                (Err(why), None) => mixed = Some(why),
            }
        }
        if pieces.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            mixed = Some("its operations are of different kinds".to_owned());
        }
        if let Some(why_mixed) = mixed {
            return Self::mixed(model, loads, id, rate, why_mixed);
        }
        let (mut mean, mut second) = (0.0, 0.0);
        for (each, _, expr) in &pieces {
            let own = expr.mean(&|_| 0.0);
            let Some(variance) = variance(expr) else {
                return Err("its work depends on its load, or varies without bound".into());
            };
            mean += each / rate * own;
            second += each / rate * (variance + own * own);
        }
        if mean <= 0.0 {
            return Err("it does no work".into());
        }
        let first = pieces[0].2;
        let exponential = matches!(first, Expr::Exponential { .. }) && pieces.iter().all(|(_, _, expr)| *expr == first);
        let cv = libm::sqrt((second - mean * mean).max(0.0)) / mean;
        Ok(Self { shape: pieces[0].1, rate, mean, cv, exponential, why_mixed: String::new() })
    }

    /// Only the CPU counts; what else a call does keeps nobody waiting there.
    fn mixed(model: &Model, loads: &Loads, id: ServiceId, rate: f64, why_mixed: String) -> Result<Self, String> {
        if Demand::new(model).has_gauges() {
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

/// A step that no formula of ours knows.
fn beyond(steps: &[Step]) -> Option<&'static str> {
    steps.iter().find_map(|step| match step {
        Step::Cached(..) | Step::Put(..) | Step::Invalidate(..) => Some("what it does depends on what its stores hold"),
        Step::Disk(_) => Some("its disk sets the pace of its calls"),
        _ => step.bodies().into_iter().find_map(beyond),
    })
}

/// The one piece of a program.
fn single(steps: &[Step]) -> Result<(Shape, &Expr), String> {
    if let Some(callee) = steps.iter().find_map(Step::callee) {
        return Err(format!("it waits for {callee}"));
    }
    match steps {
        [Step::Cpu(amount)] => Ok((Shape::Cpu, amount.expr())),
        [Step::Delay(amount)] => Ok((Shape::Delay, amount.expr())),
        [Step::Disk(count)] => Ok((Shape::Disk, count.expr())),
        _ => Err("it does more than one piece of work".into()),
    }
}

/// The variance of an amount; None where it is infinite or depends on the load.
fn variance(expr: &Expr) -> Option<f64> {
    let square = |x: f64| x * x;
    match expr {
        Expr::Constant(_) => Some(0.0),
        Expr::Exponential { mean } => Some(square(*mean)),
        Expr::LogNormal { mean, cv } | Expr::Gamma { mean, cv } | Expr::HyperExponential { mean, cv } => {
            Some(square(mean * cv))
        }
        Expr::Erlang { k, mean } => Some(square(*mean) / f64::from(*k)),
        Expr::Pareto { mean, shape } => (*shape > 2.0).then(|| square(*mean) / (shape * (shape - 2.0))),
        Expr::Uniform { low, high } => Some(square(high - low) / 12.0),
        Expr::Geometric { mean } => Some(mean * (mean - 1.0)),
        Expr::Empirical(points) => {
            let total: f64 = points.iter().map(|(_, weight)| weight).sum();
            let mean = expr.mean(&|_| 0.0);
            Some(points.iter().map(|(value, weight)| weight / total * square(value - mean)).sum())
        }
        Expr::Sum(parts) => parts.iter().map(variance).sum(),
        // Independent factors: E[X²] is the product of theirs.
        Expr::Product(parts) => {
            let (second, mean) = parts.iter().try_fold((1.0, 1.0), |(second, product), part| {
                let mean = part.mean(&|_| 0.0);
                Some((second * (variance(part)? + square(mean)), product * mean))
            })?;
            Some(second - square(mean))
        }
        Expr::Gauge(_) => None,
    }
}
