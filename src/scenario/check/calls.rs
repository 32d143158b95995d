//! Who calls whom: cycles, and what cannot be reached.
use super::{Checker, MANY};
use crate::scenario::{problem::Problem, traffic::Traffic};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// `(service, operation)`.
pub(super) type Operation<'a> = (&'a str, &'a str);

/// Circles that are told.
const MOST: usize = 100;

/// Who calls.
#[derive(Clone, Copy)]
pub(super) enum Caller<'a> {
    Operation(&'a str, &'a str),
    Source(&'a str),
}

/// Calls as they are found.
#[derive(Default)]
pub(super) struct Calls<'a> {
    /// Callees of each operation, with the place of the call.
    from: BTreeMap<Operation<'a>, Vec<(Operation<'a>, Range<usize>)>>,
    /// Callees of each source.
    sources: BTreeMap<&'a str, Vec<Operation<'a>>>,
    /// Operations that end in `Hold`.
    holding: Vec<(Operation<'a>, Range<usize>)>,
}

impl<'a> Calls<'a> {
    pub(super) fn call(&mut self, caller: Caller<'a>, service: &'a str, operation: &'a str, at: Range<usize>) {
        match caller {
            Caller::Operation(from, name) => {
                self.from.entry((from, name)).or_default().push(((service, operation), at))
            }
            Caller::Source(source) => self.sources.entry(source).or_default().push((service, operation)),
        }
    }

    /// A balancer hands an operation on.
    pub(super) fn forward(&mut self, balancer: &'a str, to: &'a str, operation: &'a str, at: Range<usize>) {
        self.call(Caller::Operation(balancer, operation), to, operation, at);
    }

    pub(super) fn holds(&mut self, service: &'a str, operation: &'a str, at: Range<usize>) {
        self.holding.push(((service, operation), at));
    }

    /// What is called by `callers`, directly or not.
    fn reached(&self, roots: impl IntoIterator<Item = Operation<'a>>) -> BTreeSet<Operation<'a>> {
        let mut open: Vec<Operation<'a>> = roots.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(operation) = open.pop() {
            if reached.insert(operation) {
                open.extend(self.from.get(&operation).into_iter().flatten().map(|(callee, _)| *callee));
            }
        }
        reached
    }

    /// What the crowd reaches.
    pub(super) fn used(&self) -> BTreeSet<Operation<'a>> {
        self.reached(self.sources.values().flatten().copied())
    }

    /// Direct callees of every service's operations.
    pub(super) fn callees_by_service(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut all: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        for ((from, _), callees) in &self.from {
            all.entry(from).or_default().extend(callees.iter().map(|((to, _), _)| *to));
        }
        all
    }

    /// Direct callees of an operation.
    pub(super) fn callees(&self, operation: Operation<'a>) -> impl Iterator<Item = Operation<'a>> {
        self.from.get(&operation).into_iter().flatten().map(|(callee, _)| *callee)
    }

    /// Direct callees of a source.
    pub(super) fn callees_of_source(&self, source: &str) -> &[Operation<'a>] {
        self.sources.get(source).map_or(&[], Vec::as_slice)
    }

    /// Ways round, a hundred at most: the call that closes each, and the operations on it.
    fn circles(&self) -> Vec<(Range<usize>, Vec<Operation<'a>>)> {
        let mut circles = Vec::new();
        let mut done: BTreeSet<Operation<'a>> = BTreeSet::new();
        for start in self.from.keys() {
            // Depth first without recursion: chains can be long. Each entry is an operation and its next callee.
            let mut path: Vec<(Operation<'a>, usize)> = vec![(*start, 0)];
            let mut on_path: BTreeSet<Operation<'a>> = BTreeSet::from([*start]);
            while let Some((operation, next)) = path.last_mut() {
                let callee = self
                    .from
                    .get(operation)
                    .filter(|_| !done.contains(operation))
                    .and_then(|callees| callees.get(*next));
                let Some((callee, at)) = callee else {
                    done.insert(*operation);
                    on_path.remove(operation);
                    path.pop();
                    continue;
                };
                *next += 1;
                if on_path.contains(callee) {
                    if circles.len() == MOST {
                        return circles;
                    }
                    let names =
                        path.iter().map(|(operation, _)| *operation).skip_while(|operation| operation != callee);
                    circles.push((at.clone(), names.chain([*callee]).collect()));
                } else if !done.contains(callee) {
                    on_path.insert(*callee);
                    path.push((*callee, 0));
                }
            }
        }
        circles
    }
}

impl<'a> Checker<'a> {
    /// Calls that come back to where they began, and `Hold` where no session ends.
    pub(super) fn cycles(&mut self) {
        for (at, circle) in self.calls.circles() {
            let names: Vec<String> =
                circle.iter().map(|(service, operation)| format!("{service}.{operation}")).collect();
            self.push(Problem::error(
                at,
                format!("`{}` calls itself in the end", names[0]),
                format!("a call without end: {}", names.join(" → ")),
            ));
        }
        let open = self
            .scenario
            .traffic
            .iter()
            .filter(|(_, traffic)| matches!(traffic, Traffic::Open { .. }))
            .map(|(name, _)| name.as_str());
        for source in open.filter(|_| !self.calls.holding.is_empty()).collect::<Vec<_>>() {
            if self.problems.len() > MANY {
                return;
            }
            let reached = self.calls.reached(self.calls.callees_of_source(source).iter().copied());
            let holding: Vec<_> =
                self.calls.holding.iter().filter(|(operation, _)| reached.contains(operation)).cloned().collect();
            for ((service, operation), at) in holding {
                let message =
                    format!("`{service}.{operation}` holds to the end of the session, and `{source}` has no sessions");
                self.push(Problem::error(at, message, "expected `HoldFor(..)`, or `Users` instead of `Open`"));
            }
        }
    }
}
