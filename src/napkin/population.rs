//! Asymptotic bounds of a population that comes again and again (Denning & Buzen 1978; Lazowska et al. 1984, ch. 5).
//!
//! With N users, a think time Z, a demand D in all and D_max at the busiest resource: throughput X ≤ min(N / (D + Z),
//! 1 / D_max) and response time R ≥ max(D, N D_max − Z). The two bounds meet at N* = (D + Z) / D_max.

use super::demand::{Crowd, Demand};
use super::resource::{self, Kind};
use crate::measure::results::NapkinPopulation;
use crate::model::{Model, SourceId, SourceKind};
use crate::scenario::{Step, StepKind, Traffic};

/// The bounds of every `Closed` source, and how many requests a journey makes.
pub fn all(model: &Model, demand: &Demand) -> Vec<(NapkinPopulation, f64)> {
    let closed =
        model.sources.iter().enumerate().filter(|(_, source)| source.kind == SourceKind::Closed && !source.retired);
    closed.filter_map(|(at, _)| bounds(model, demand, at)).collect()
}

fn bounds(model: &Model, demand: &Demand, at: usize) -> Option<(NapkinPopulation, f64)> {
    let source = &model.sources[SourceId::new(at)];
    let mut alone = vec![0.0; model.sources.len()];
    alone[at] = 1.0;
    let loads = demand.of(&Crowd::steady(alone));
    let cycle = loads.sessions[at];
    if cycle <= 0.0 {
        return None;
    }
    let journey = &demand.journeys(&loads)[at];
    let busy: f64 = journey.calls.iter().map(|asked| asked.visits * asked.lasting).sum();
    let requests: f64 = journey.calls.iter().map(|asked| asked.visits).sum();
    let think = (cycle - busy).max(0.0);
    let served = |kind: Kind| match kind {
        Kind::Cpu(_) | Kind::Quota(_) | Kind::Threads(_) | Kind::Workers(_) | Kind::Pool(_) | Kind::Slots(_) => true,
        Kind::Network(_) | Kind::Ingress(_) | Kind::Disk(_) | Kind::Lock(..) => true,
        Kind::MachineMemory(_) | Kind::Connections(_) | Kind::Descriptors(_) | Kind::Memory(_) => false,
        Kind::RateLimit(_) => false,
    };
    let (bottleneck, most) = (resource::all(model, demand).iter())
        .filter(|resource| served(resource.kind))
        .map(|resource| (resource.name.clone(), resource.load(model, demand, &loads) * cycle))
        .fold(
            (None, 0.0),
            |best: (Option<String>, f64), (name, seconds)| if seconds > best.1 { (Some(name), seconds) } else { best },
        );
    let population = source.profile.initial();
    let most_per_s = (most > 0.0).then(|| 1.0 / most);
    let light = population / cycle;
    let row = NapkinPopulation {
        source: source.name.clone(),
        population,
        changes: source.profile.points.iter().any(|(_, value)| (value - population).abs() > 0.01 * population.abs()),
        think_s: think,
        demand_s: cycle - think,
        bottleneck,
        knee: (most > 0.0).then(|| cycle / most),
        throughput_most_per_s: most_per_s,
        throughput_bound_per_s: most_per_s.map_or(light, |most| most.min(light)),
        response_bound_s: (population * most - think).max(cycle - think),
        throughput_per_s: None,
        response_s: None,
        holds: None,
        why_not: obstacle(model, demand, at),
    };
    Some((row, requests))
}

/// Why the bounds do not speak of this source.
fn obstacle(model: &Model, demand: &Demand, at: usize) -> Option<String> {
    let source = &model.sources[SourceId::new(at)];
    if demand.depends_on_load() {
        return Some("work depends on the load".into());
    }
    let Some(Traffic::Closed { journey, .. }) = model.scenario.traffic.get(&source.name) else { return None };
    (!straight(journey)).then(|| "its journey does several things at once".into())
}

/// One thing after another.
fn straight(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step.kind() {
        StepKind::Loop(_, body) | StepKind::Block(body) | StepKind::Fallback(body, _) => straight(body),
        StepKind::Choice(branches) => branches.iter().all(|(_, body)| straight(body)),
        StepKind::Look(hit, miss) => straight(hit) && straight(miss),
        StepKind::Fork(..) | StepKind::Beside(_) => false,
        StepKind::Leaf => true,
    })
}
