//! Which services are stations of textbook queueing theory, and what it says of them.

use super::formulas;
use super::resource::speed;
use crate::model::demand::{Demand, Loads};
use crate::model::{Amount, Balance, Caller, Instr, Kind, Model, ServiceId, SourceKind};
use crate::scenario::{Step, amount::Expr};
use crate::units::Span;

/// The formula's answer at these loads, or why none applies.
pub fn note(model: &Model, demand: &Demand, loads: &Loads, service: ServiceId) -> String {
    match station(model, demand, loads, service) {
        Ok(answer) => answer,
        Err(why) if why.is_empty() => why,
        Err(why) => format!("no formula: {why}"),
    }
}

fn station(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<String, String> {
    let service = &model.services[id.index()];
    if matches!(service.kind, Kind::External | Kind::Balancer | Kind::Queue { .. }) {
        return Err(String::new());
    }
    let (mean, cv) = work(model, id)?;
    arrivals(model, id)?;
    let [group] = service.groups.as_slice() else { return Err("it runs on several machine groups".into()) };
    let group = &model.groups[group.index()];
    if group.services.len() > 1 {
        return Err("it shares its machines".into());
    }
    if service.weight != 1.0 || service.cpu_limit.is_finite() || group.burst.is_some() {
        return Err("its cores are not all its own".into());
    }
    if service.sigma != 0.0 || service.kappa != 0.0 {
        return Err("its tasks slow each other down".into());
    }
    let instances = demand.instances(id);
    if instances > 1.0 && !model.links.iter().filter(|link| link.callee == id && !link.retired).all(|link| link.balance == Balance::Random)
    {
        return Err("its calls are dealt out, not random".into());
    }
    let rate = service.operations.iter().map(|operation| loads.operations[operation.index()]).sum::<f64>() / instances;
    let time = mean / speed(model, id);
    let exponential = (cv - 1.0).abs() < 1e-12;
    let servers = service.workers.min(service.threads);
    let at_base = |name: &str, latency: Option<f64>| match latency {
        Some(seconds) => Ok(format!("{name}: mean latency {} at the base load", Span((seconds * 1e9) as i64))),
        None => Ok(format!("{name}: no steady state at the base load")),
    };
    if servers <= group.cores {
        // Every busy one has a core of its own: a queue in front of so many servers.
        let one_at_a_time = service.workers <= service.threads || service.fifo;
        let places = if service.workers <= service.threads { service.backlog.saturating_add(servers) } else { u32::MAX };
        return match (one_at_a_time, places, servers) {
            (true, u32::MAX, 1) if !exponential => at_base("M/G/1", formulas::mg1_waiting(rate, time, cv).map(|waiting| waiting + time)),
            (false, u32::MAX, 1) => at_base("M/G/1-PS", formulas::mg1_ps_latency(rate, time)),
            (_, u32::MAX, _) if exponential => {
                at_base(&format!("M/M/{servers}"), formulas::mmc_waiting(rate, time, servers).map(|waiting| waiting + time))
            }
            (true, _, _) if exponential && places <= MOST_PLACES => {
                let answer = formulas::mmck(rate, time, servers, places);
                let refused = answer.refused * 100.0;
                at_base(&format!("M/M/{servers}/{places} ({refused:.2}% refused)"), Some(answer.waiting + time))
            }
            (true | false, _, _) => Err(format!("{servers} servers need exponential work (its cv is {cv:.2})")),
        };
    }
    if service.workers < u32::MAX || service.threads < u32::MAX {
        return Err(format!("{servers} at once share {} cores", group.cores));
    }
    if service.fifo {
        return Err("an event loop with any number of threads is no station".into());
    }
    match group.cores {
        1 => at_base("M/G/1-PS", formulas::mg1_ps_latency(rate, time)),
        cores if exponential => at_base(&format!("M/M/{cores}-PS"), formulas::mmc_waiting(rate, time, cores).map(|waiting| waiting + time)),
        cores => Err(format!("{cores} shared cores need exponential work (its cv is {cv:.2})")),
    }
}

/// Beyond so many places summing up the states takes longer than the answer is worth.
const MOST_PLACES: u32 = 1_000_000;

/// Mean and cv of a service whose operations (one that is used) are one piece of work each.
fn work(model: &Model, id: ServiceId) -> Result<(f64, f64), String> {
    let service = &model.services[id.index()];
    let Some(spec) = model.scenario.services.get(&service.name) else { return Err(String::new()) };
    let mut operations = spec.operations.values();
    let (Some(steps), None) = (operations.next(), operations.next()) else { return Err("it has several operations".into()) };
    if let Some(callee) =
        steps.iter().find_map(|step| if let Step::Call(callee) | Step::Enqueue(callee) = step { Some(callee) } else { None })
    {
        return Err(format!("it waits for {callee}"));
    }
    let [Step::Cpu(amount)] = steps.as_slice() else { return Err("it does more than one piece of work".into()) };
    let mean = amount.expr().mean(&|_| 0.0);
    match variance(amount.expr()) {
        Some(variance) if mean > 0.0 => Ok((mean, libm::sqrt(variance) / mean)),
        Some(_) => Err("it does no work".into()),
        None => Err("its work depends on its load, or varies without bound".into()),
    }
}

/// The variance of an amount; None where it is infinite or depends on the load.
fn variance(expr: &Expr) -> Option<f64> {
    let square = |x: f64| x * x;
    match expr {
        Expr::Constant(_) => Some(0.0),
        Expr::Exponential { mean } => Some(square(*mean)),
        Expr::LogNormal { mean, cv } | Expr::Gamma { mean, cv } | Expr::HyperExponential { mean, cv } => Some(square(mean * cv)),
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

/// Poisson arrivals: from open sources, directly or through balancers that only pass them on.
fn arrivals(model: &Model, id: ServiceId) -> Result<(), String> {
    let mut todo = vec![id];
    let mut seen = vec![false; model.services.len()];
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        for link in model.links.iter().filter(|link| link.callee == id && !link.retired) {
            match link.caller {
                Caller::Source(source) if model.sources[source.index()].kind == SourceKind::Open => {
                    let source = &model.sources[source.index()];
                    if source.batch.is_some() {
                        return Err(format!("{} comes in batches", source.name));
                    }
                    if !source.bursts.is_empty() || model.amounts[source.gaps.0 as usize] != Amount::Exponential(1.0) {
                        return Err(format!("{} does not come at random", source.name));
                    }
                }
                Caller::Source(source) => return Err(format!("the users of {} come back", model.sources[source.index()].name)),
                Caller::Service(caller) => {
                    let caller_spec = &model.services[caller.index()];
                    let passes = |entry: u32| matches!(model.code[entry as usize].instr, Instr::Call(_));
                    let only_passes = caller_spec.operations.iter().all(|operation| passes(model.operations[operation.index()].entry));
                    if caller_spec.kind != Kind::Balancer || !only_passes {
                        return Err(format!("its calls come from {}, not from a Poisson source", caller_spec.name));
                    }
                    todo.push(caller);
                }
            }
        }
    }
    Ok(())
}
