//! What is legal and surely not meant.
use super::{At, Checker, calls::Operation};
use crate::scenario::{
    amount::Amount,
    service::{Kind, Service},
    step::{Step, StepKind},
    traffic::Traffic,
};
use crate::units::{Quantity, Span};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Checker<'a> {
    pub(super) fn warnings(&mut self, root: At<'_>) {
        let from = self.problems.len();
        self.unused(root);
        self.unused_stores(root);
        self.unused = self.problems.split_off(from);
        let mut fastest = Fastest { checker: self, known: BTreeMap::new() };
        let late = fastest.too_short(root);
        for (at, time, what, answer) in late {
            self.warn(
                at,
                format!("{what} of {time} is shorter than the fastest answer"),
                format!("the fastest answer takes {answer}"),
            );
        }
        self.waits(root);
        self.again(root);
        self.sums(root);
        self.controllers(root.child("runbook"));
        self.warm_up(root);
        self.ranks(root);
        for (name, traffic) in &self.scenario.traffic {
            let at = root.child("traffic").child(name).child("patience");
            let (Traffic::Users { patience: Some(_), .. } | Traffic::Closed { patience: Some(_), .. }) = traffic else {
                continue;
            };
            if self.calls.callees_of_source(name).is_empty() {
                self.warn(at, "a patience that is never tried", format!("`{name}` calls nobody"));
            }
        }
    }

    /// Services, operations, links and machines that nothing comes to.
    fn unused(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        if scenario.traffic.is_empty() {
            self.warn(root.child("traffic"), "no traffic, so nothing happens", "expected at least one source");
            return;
        }
        let (used, calls) = (self.calls.used(), self.calls.callees_by_service());
        let services = root.child("services");
        for (name, service) in &scenario.services {
            let at = services.child(name);
            let offered: Vec<&str> = self.offers(name).into_iter().flat_map(|offered| offered.names()).collect();
            if !offered.iter().any(|operation| used.contains(&(name, operation))) {
                self.warn(
                    services.name(name),
                    format!("nobody calls `{name}`"),
                    "no journey and no operation that is used comes here",
                );
                continue;
            }
            for operation in service.operations.names().filter(|operation| !used.contains(&(name, operation))) {
                self.warn(
                    at.child("operations").name(operation),
                    format!("nobody calls `{name}.{operation}`"),
                    "no journey and no operation that is used comes here",
                );
            }
            let callees = calls.get(name.as_str());
            let unused = |link: &&str| !callees.is_some_and(|callees| callees.contains(link));
            for link in service.links.names().filter(unused) {
                self.warn(
                    at.child("links").name(link),
                    format!("`{name}` never calls `{link}`"),
                    "the link is never used",
                );
            }
        }
        // A group of none is kept for a variant or the runbook.
        let homes: BTreeSet<&String> = scenario.services.values().flat_map(|service| &service.on).collect();
        for (group, _) in scenario.machines.iter().filter(|(_, machine)| machine.count > 0) {
            if !homes.contains(group) {
                self.warn(
                    root.child("machines").name(group),
                    format!("nothing runs on `{group}`"),
                    "no service has it in `on`",
                );
            }
        }
    }

    /// At time 0 sessions should come and go evenly, which takes about one session's length.
    fn warm_up(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for (name, traffic) in &scenario.traffic {
            let Traffic::Users { journey, .. } = traffic else { continue };
            let length = Span::from_base(pauses(journey)).unwrap_or_default();
            if length > scenario.warm_up && length >= Span::seconds(1) {
                let length = Span::seconds(length.0 / 1_000_000_000);
                self.warn(
                    if root.has("warm_up") { root.child("warm_up") } else { root.child("traffic").name(name) },
                    format!("a warm-up of {} is shorter than a session of `{name}`", scenario.warm_up),
                    format!("its pauses alone take {length} on average"),
                );
            }
        }
    }
}

/// The mean time that a journey pauses by itself, in seconds.
fn pauses(journey: &[Step]) -> f64 {
    let mean = |amount: &Amount| amount.expr().mean(&|_| 0.0);
    journey
        .iter()
        .map(|step| match (step.kind(), step) {
            (StepKind::Leaf, Step::Delay(amount)) => mean(amount),
            (StepKind::Leaf, _) | (StepKind::Beside(_), _) => 0.0,
            (StepKind::Loop(count, body), _) => mean(count) * pauses(body),
            (StepKind::Fork(_, branches), _) => branches.iter().map(|branch| pauses(branch)).fold(0.0, f64::max),
            (StepKind::Block(body) | StepKind::Fallback(body, _), _) => pauses(body),
            (StepKind::Choice(branches), _) => {
                let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
                branches.iter().map(|(weight, body)| weight / total * pauses(body)).sum()
            }
            (StepKind::Look(hit, miss), _) => pauses(hit).min(pauses(miss)),
        })
        .sum()
}

/// A timeout that cannot be kept: its place and length, what it is, the fastest answer.
type Late<'t> = (At<'t>, Span, &'static str, Span);

/// The least time that operations take, from the constants in them.
struct Fastest<'c, 'a> {
    checker: &'c Checker<'a>,
    known: BTreeMap<Operation<'a>, f64>,
}

impl<'a> Fastest<'_, 'a> {
    fn too_short<'t>(&mut self, root: At<'t>) -> Vec<Late<'t>> {
        let scenario = self.checker.scenario;
        let mut late = Vec::new();
        for (name, service) in &scenario.services {
            let offered: Vec<&'a str> =
                self.checker.offers(name).into_iter().flat_map(|offered| offered.names()).collect();
            let mut called: BTreeMap<&str, BTreeSet<Operation<'a>>> = BTreeMap::new();
            for callee in offered.iter().flat_map(|operation| self.checker.calls.callees((name, operation))) {
                called.entry(callee.0).or_default().insert(callee);
            }
            for (to, link) in &service.links {
                let Some(timeout) = link.timeout else { continue };
                let callees = called.get(to.as_str()).into_iter().flatten().copied();
                let answer = self.slowest_of_the_fastest(callees) + 2.0 * link.latency.expr().least();
                if answer > timeout.as_seconds() {
                    late.push((
                        root.child("services").child(name).child("links").child(to).child("timeout"),
                        timeout,
                        "a timeout",
                        span(answer),
                    ));
                }
            }
        }
        for (name, traffic) in &scenario.traffic {
            let (Traffic::Open { patience, access, .. }
            | Traffic::Users { patience, access, .. }
            | Traffic::Closed { patience, access, .. }) = traffic;
            let Some(patience) = patience.as_ref().and_then(|patience| patience.constant().and_then(Span::from_base))
            else {
                continue;
            };
            let callees = self.checker.calls.callees_of_source(name).to_vec();
            let answer = callees
                .iter()
                .map(|callee| self.operation(*callee, 0) + 2.0 * access.way(callee.0).latency.expr().least())
                .fold(0.0, f64::max);
            if answer > patience.as_seconds() {
                late.push((root.child("traffic").child(name).child("patience"), patience, "a patience", span(answer)));
            }
        }
        late
    }

    fn slowest_of_the_fastest(&mut self, operations: impl Iterator<Item = Operation<'a>>) -> f64 {
        operations.map(|operation| self.operation(operation, 0)).fold(0.0, f64::max)
    }

    fn operation(&mut self, operation: Operation<'a>, depth: u32) -> f64 {
        /// Longer chains of calls count as instant from here: this is only a warning.
        const CHAIN: u32 = 64;
        if let Some(known) = self.known.get(&operation) {
            return *known;
        }
        let (name, called) = operation;
        let Some(service) = self.checker.scenario.services.get(name).filter(|_| depth < CHAIN) else { return 0.0 };
        let time = match &service.kind {
            Kind::Balancer { to, .. } => {
                let hop = service.links.get(to).map_or(0.0, |link| 2.0 * link.latency.expr().least());
                hop + self.operation((to, called), depth + 1)
            }
            // It answers before the work is done.
            Kind::Queue { cpu, .. } => cpu.expr().least() / self.speed(service),
            Kind::Server | Kind::Database { .. } | Kind::Cache { .. } | Kind::External => {
                service.operations.get(called).map_or(0.0, |program| self.program(service, program, depth))
            }
        };
        self.known.insert(operation, time);
        time
    }

    fn program(&mut self, service: &'a Service, program: &'a [Step], depth: u32) -> f64 {
        program.iter().map(|step| self.step(service, step, depth)).sum()
    }

    fn step(&mut self, service: &'a Service, step: &'a Step, depth: u32) -> f64 {
        match step.kind() {
            StepKind::Leaf => self.leaf(service, step, depth),
            StepKind::Loop(count, body) => count.expr().least().round() * self.program(service, body, depth),
            StepKind::Fork(need, branches) => {
                let mut times: Vec<f64> = branches.iter().map(|branch| self.program(service, branch, depth)).collect();
                times.sort_by(f64::total_cmp);
                need.checked_sub(1).and_then(|last| times.get(last)).copied().unwrap_or(0.0)
            }
            StepKind::Block(body) => self.program(service, body, depth),
            StepKind::Fallback(one, other) | StepKind::Look(one, other) => {
                self.program(service, one, depth).min(self.program(service, other, depth))
            }
            StepKind::Choice(branches) => {
                branches.iter().map(|(_, body)| self.program(service, body, depth)).fold(f64::INFINITY, f64::min)
            }
            StepKind::Beside(_) => 0.0,
        }
    }

    fn leaf(&mut self, service: &'a Service, step: &'a Step, depth: u32) -> f64 {
        match (step, step.callee().and_then(|callee| callee.split_once('.'))) {
            (_, Some((to, operation))) => {
                let hop = service.links.get(to).map_or(0.0, |link| 2.0 * link.latency.expr().least());
                hop + self.operation((to, operation), depth + 1)
            }
            (Step::Cpu(work) | Step::Spawn(work, _), None) => work.expr().least() / self.speed(service),
            (Step::Delay(amount), None) => amount.expr().least(),
            _ => 0.0,
        }
    }

    /// The fastest core the service may run on.
    fn speed(&self, service: &Service) -> f64 {
        service
            .on
            .iter()
            .filter_map(|group| self.checker.scenario.machines.get(group))
            .map(|machine| machine.speed)
            .fold(f64::MIN_POSITIVE, f64::max)
    }
}

fn span(seconds: f64) -> Span {
    Span::from_base(seconds).unwrap_or(Span(i64::MAX))
}
