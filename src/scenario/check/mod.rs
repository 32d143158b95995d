//! What a file may say in right syntax and still be wrong: names, references, programs, sizes, patches.
//!
//! The checks walk the values and the syntax tree side by side, so that every problem has a place. They only report;
//! nothing is mended, and a check that cannot tell (because a name is unknown, say) stays silent.

mod again;
mod calls;
mod controllers;
mod admission;
mod resilience;
mod machines;
mod names;
mod objectives;
mod patches;
mod place;
mod programs;
mod room;
mod runbook;
mod services;
mod stores;
mod traffic;
mod waits;
mod warnings;

use super::{
    edit::Document, named::Named, nearest, problem::Problem, root::Scenario, service::Kind, step::Step, syntax::Node,
};
use calls::Calls;
pub(super) use names::PATCHES;
use place::At;
pub(super) use place::place;
use stores::Used;

/// With more problems than this, nobody reads on: they are told without the nearest name.
const MANY: usize = 200;
/// Letters that are compared, each of a name with each of those it may be, to find the nearest names. Beyond that
/// problems are told without them.
const COMPARED: usize = 100_000_000;
/// Longer names are compared with none.
const LONGEST: usize = 256;

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Variants and patches of the runbook, too.
    Whole,
    /// Patches of the runbook, too; variants are patches of the file as it was, not of this one.
    Patched,
    /// Whether patches of the runbook can be put in, too; what they give is not read.
    Named,
    /// Only what the text says as it stands.
    AsItStands,
}

/// Every problem of a scenario, in no particular order.
pub(super) fn check(scenario: &Scenario, tree: &Node, document: &Document, depth: Depth) -> Vec<Problem> {
    let mut checker = Checker {
        scenario,
        problems: Vec::new(),
        calls: Calls::default(),
        used: Used::default(),
        unused: Vec::new(),
        read: 0,
        compared: 0,
        deadlines: None,
    };
    let root = At::root(tree, document.text());
    if !checker.sizes(root) {
        return checker.problems;
    }
    checker.names(root);
    checker.machines(root);
    checker.services(root.child("services"));
    checker.traffic(root);
    checker.key_names(root);
    checker.cycles();
    checker.runbook(root.child("runbook"));
    checker.objectives(root.child("objectives"));
    checker.variants(root.child("variants"));
    if !checker.problems.iter().any(Problem::is_error) {
        checker.warnings(root);
        match depth {
            Depth::Whole => {
                checker.variant_patches(root, document);
                checker.runbook_patches(root, document, true);
            }
            Depth::Patched => checker.runbook_patches(root, document, true),
            Depth::Named => checker.runbook_patches(root, document, false),
            Depth::AsItStands => {}
        }
    }
    checker.problems.append(&mut checker.unused);
    checker.problems
}

/// What is checked, and what was found.
struct Checker<'a> {
    scenario: &'a Scenario,
    problems: Vec<Problem>,
    /// Who calls whom, as far as the names are known.
    calls: Calls<'a>,
    /// Keys and stores that are used.
    used: Used<'a>,
    /// Warnings of what nobody uses; what a variant or the runbook comes to use is taken out again.
    unused: Vec<Problem>,
    /// Bytes of patched files that were read.
    read: usize,
    /// Letters that were compared to find the nearest names.
    compared: usize,
    /// Whether anybody sets a deadline that may be passed on; none: not looked for yet.
    deadlines: Option<bool>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, at: At<'_>, message: impl Into<String>, expected: impl Into<String>) -> &mut Problem {
        self.push(Problem::error(at.span(), message, expected))
    }

    fn warn(&mut self, at: At<'_>, message: impl Into<String>, label: impl Into<String>) -> &mut Problem {
        self.push(Problem::warning(at.span(), message, label))
    }

    fn push(&mut self, problem: Problem) -> &mut Problem {
        self.problems.push(problem);
        self.problems.last_mut().expect("a problem was just pushed")
    }

    /// Says that `name` is not one of `known`, with the nearest that is.
    fn unknown<'n>(&mut self, at: At<'_>, what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) {
        if !self.helps() {
            self.error(at, format!("unknown {what} `{name}`"), "");
            return;
        }
        let known: Vec<&str> = known.into_iter().collect();
        let there = if known.is_empty() {
            format!("there is no {what}")
        } else {
            format!("there is {}", nearest::list(known.iter().copied()))
        };
        let label = match self.nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`? {there}"),
            None => there,
        };
        self.error(at, format!("unknown {what} `{name}`"), label);
    }

    /// Whether names that there are still go with problems: those who make a list of them ask first.
    fn helps(&self) -> bool {
        self.problems.len() <= MANY && self.compared <= COMPARED
    }

    /// The nearest of the names that there are, while it takes no longer than that is worth.
    fn nearest<'n>(&mut self, name: &str, known: &[&'n str]) -> Option<&'n str> {
        let letters: usize = known.iter().map(|known| known.len().min(LONGEST)).sum();
        self.compared = self.compared.saturating_add(letters.saturating_mul(name.len().min(LONGEST)));
        if self.compared <= COMPARED { nearest::nearest(name, known.iter().copied()) } else { None }
    }

    /// The operations that a service offers: a balancer offers those of the service behind it.
    fn offers(&self, service: &str) -> Option<&'a Named<Vec<Step>>> {
        let mut service = self.scenario.services.get(service)?;
        // A ring of balancers ends the walk without an answer; it is reported as a cycle of `to`.
        for _ in 0..self.scenario.services.len() {
            match &service.kind {
                Kind::Balancer { to, .. } | Kind::Queue { to, .. } => service = self.scenario.services.get(to)?,
                Kind::Cache { .. } => return Some(&stores::CACHE),
                Kind::Server | Kind::Database { .. } | Kind::External => return Some(&service.operations),
            }
        }
        None
    }

    /// A `"svc.op"` that is called at `at`; None, and a problem, if there is no such thing.
    fn operation(&mut self, name: &'a str, at: At<'_>) -> Option<(&'a str, &'a str)> {
        let scenario = self.scenario;
        let Some((service, operation)) = name.split_once('.') else {
            if !self.helps() {
                self.unknown(at, "operation", name, []);
                return None;
            }
            let all: Vec<String> = scenario
                .services
                .names()
                .flat_map(|service| {
                    self.offers(service)
                        .into_iter()
                        .flat_map(move |offered| offered.names().map(move |operation| format!("{service}.{operation}")))
                })
                .collect();
            self.unknown(at, "operation", name, all.iter().map(String::as_str));
            return None;
        };
        if !scenario.services.contains(service) {
            self.unknown(at, "service", service, scenario.services.names());
            return None;
        }
        if matches!(scenario.services.get(service)?.kind, Kind::Cache { .. }) {
            self.error(
                at,
                format!("`{service}` is a `Cache`"),
                "expected `Cached`, `Put` or `Invalidate`, which say what about",
            );
            return None;
        }
        let offered = self.offers(service)?;
        if offered.contains(operation) {
            return Some((service, operation));
        }
        let label = if self.helps() {
            let known: Vec<&str> = offered.names().collect();
            let near = self.nearest(operation, &known);
            let near = near.map(|near| format!("; did you mean `{service}.{near}`?")).unwrap_or_default();
            format!("`{service}` offers {}{near}", nearest::list(known))
        } else {
            String::new()
        };
        self.error(at, format!("unknown operation `{name}`"), label);
        None
    }
}
