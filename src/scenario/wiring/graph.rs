//! Who calls whom, operation by operation, as a scenario says it.

use crate::scenario::root::Scenario;
use crate::scenario::service::{Kind, Service};
use crate::scenario::step::{Step, walk};
use crate::scenario::store::CACHE_OPERATIONS;
use crate::scenario::traffic::Traffic;
use std::collections::{BTreeMap, BTreeSet};

/// `(service, operation)`.
pub(in crate::scenario) type Operation<'a> = (&'a str, &'a str);

/// Operations and whom they call.
pub(in crate::scenario) struct Graph<'a> {
    scenario: &'a Scenario,
    callees: BTreeMap<Operation<'a>, BTreeSet<Operation<'a>>>,
    /// Operations that end in `Hold`.
    holding: BTreeSet<Operation<'a>>,
}

/// The cache that a step asks if the service has no such store, and what for.
fn asked(step: &Step) -> Option<Operation<'_>> {
    match step {
        Step::Cached(store, ..) => Some((store, "get")),
        Step::Put(store, _) => Some((store, "set")),
        Step::Invalidate(store, _) => Some((store, "delete")),
        _ => None,
    }
}

impl<'a> Graph<'a> {
    pub(in crate::scenario) fn of(scenario: &'a Scenario) -> Self {
        let mut graph = Self { scenario, callees: BTreeMap::new(), holding: BTreeSet::new() };
        for (name, service) in &scenario.services {
            match &service.kind {
                Kind::Balancer { to, .. } | Kind::Queue { to, .. } => {
                    for operation in graph.offers(name) {
                        graph.callees.entry((name, operation)).or_default().insert((to, operation));
                    }
                }
                Kind::Server | Kind::Database { .. } | Kind::Cache { .. } | Kind::External => {
                    graph.programs(name, service)
                }
            }
        }
        graph
    }

    fn programs(&mut self, name: &'a str, service: &'a Service) {
        let written = |to: &'a str| to.split_once('.');
        let own = service.stores.values().filter_map(|store| store.write_back.as_ref());
        let kept: Vec<Operation<'a>> = own.filter_map(|write_back| written(&write_back.to)).collect();
        for (operation, program) in &service.operations {
            let callees = self.callees.entry((name, operation)).or_default();
            callees.extend(kept.iter().copied());
            walk(program, &mut |step| {
                callees.extend(step.callee().and_then(written));
                callees.extend(asked(step).filter(|(store, _)| !service.stores.contains(store)));
                if matches!(step, Step::Hold) {
                    self.holding.insert((name, operation.as_str()));
                }
            });
        }
        if let Kind::Cache { store } = &service.kind
            && let Some(to) = store.write_back.as_ref().and_then(|write_back| written(&write_back.to))
        {
            self.callees.entry((name, "set")).or_default().insert(to);
        }
    }

    /// Of what it is.
    pub(in crate::scenario) fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// What a service offers: a balancer and a queue what the service behind them does.
    pub(in crate::scenario) fn offers(&self, service: &str) -> Vec<&'a str> {
        let mut next = self.scenario.services.get(service);
        for _ in 0..=self.scenario.services.len() {
            match next.map(|service| (&service.kind, service)) {
                Some((Kind::Balancer { to, .. } | Kind::Queue { to, .. }, _)) => next = self.scenario.services.get(to),
                Some((Kind::Cache { .. }, _)) => return CACHE_OPERATIONS.to_vec(),
                Some((Kind::Server | Kind::Database { .. } | Kind::External, service)) => {
                    return service.operations.names().collect();
                }
                None => break,
            }
        }
        Vec::new()
    }

    /// The calls that lead from one operation to another, both included; none: it never gets there.
    pub(in crate::scenario) fn way(
        &self,
        from: Operation<'a>,
        to: impl Fn(Operation<'a>) -> bool,
    ) -> Option<Vec<Operation<'a>>> {
        let mut came: BTreeMap<Operation<'a>, Operation<'a>> = BTreeMap::new();
        let mut open = vec![from];
        let mut seen = BTreeSet::from([from]);
        while let Some(here) = open.pop() {
            if to(here) {
                let mut way = vec![here];
                while let Some(before) = way.last().and_then(|last| came.get(last)) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            for callee in self.callees.get(&here).into_iter().flatten().rev() {
                if seen.insert(*callee) {
                    came.insert(*callee, here);
                    open.push(*callee);
                }
            }
        }
        None
    }

    /// A source without sessions that comes to an operation.
    pub(in crate::scenario) fn open_source_of(&self, operation: Operation<'_>) -> Option<&'a str> {
        let comes = |(name, traffic): (&'a String, &'a Traffic)| match traffic {
            Traffic::Open { call, .. } => {
                self.way(call.split_once('.')?, |here| here == operation).map(|_| name.as_str())
            }
            Traffic::Users { .. } | Traffic::Closed { .. } => None,
        };
        self.scenario.traffic.iter().find_map(comes)
    }

    /// An operation that this one leads to, or itself, which holds to the end of a session.
    pub(in crate::scenario) fn holds(&self, from: Operation<'a>) -> Option<Operation<'a>> {
        self.way(from, |here| self.holding.contains(&here))?.last().copied()
    }
}
