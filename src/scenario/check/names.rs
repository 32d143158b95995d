//! Names, times and sizes of the whole.
use super::{At, Checker};
use crate::scenario::migrate::CURRENT;
use crate::scenario::named::is_name;
use crate::scenario::traffic::Traffic;
use crate::units::Span;
use std::collections::BTreeMap;

/// Longest run and warm-up.
const LONGEST: Span = Span::seconds(366 * 86_400);
/// Most machines, all groups together.
const MACHINES: u64 = 100_000;
/// Most instances, all services together.
const INSTANCES: u64 = 200_000;
/// Most operations, all services together.
const OPERATIONS: u64 = 100_000;
/// Most objectives, all subjects together.
const OBJECTIVES: usize = 2_000;
/// Most points of the straight pieces that profiles are cut into, all sources together.
const POINTS: u64 = 4_000_000;
/// Most entries of one kind: services, sources, machine groups, objectives, operations or links of a service, paths
/// that a variant sets.
const ENTRIES: usize = 2_000;
/// Most variants, and most rules: each may be a scenario of its own to check.
pub const PATCHES: usize = 200;

impl<'a> Checker<'a> {
    pub(super) fn names(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        self.times(root);
        let mut seen: BTreeMap<&str, (&str, At<'_>)> = BTreeMap::new();
        let groups = scenario.machines.names().map(|name| (name, "machines"));
        let services = scenario.services.names().map(|name| (name, "services"));
        let sources = scenario.traffic.names().map(|name| (name, "traffic"));
        for (name, kind) in groups.chain(services).chain(sources) {
            let at = root.child(kind).name(name);
            self.name(name, at);
            if name == "cost" {
                self.error(at, "`cost` is the name of what a run costs", "expected another name");
            }
            // Targets, conditions and objectives name machines, services and sources alike.
            if let Some((other, first)) = seen.insert(name, (kind, at)) {
                let first = (first.span(), format!("one of the {other} here"));
                self.error(at, format!("`{name}` names two things"), "expected a name of its own").also = Some(first);
            }
        }
        for (name, service) in &scenario.services {
            for operation in service.operations.names() {
                self.name(operation, root.child("services").child(name).child("operations").name(operation));
            }
        }
    }

    /// Something may be called so.
    pub(super) fn name(&mut self, name: &str, at: At<'_>) {
        if !is_name(name) {
            self.error(
                at,
                format!("`{}` cannot be a name", name.escape_debug()),
                "expected letters, digits, `_` and `-`, at most 64",
            );
        }
    }

    fn times(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        if scenario.version != CURRENT {
            // Whatever way a number is written that the reader takes for a version.
            let what = format!("unknown version {} of the language", scenario.version);
            self.error(root.child("version"), what, format!("expected {CURRENT}"));
        }
        for (field, time) in [("horizon", scenario.horizon), ("warm_up", scenario.warm_up)] {
            if time > LONGEST {
                self.error(root.child(field), format!("`{field}` is {time}"), format!("expected at most {LONGEST}"));
            }
        }
        if scenario.horizon == Span::ZERO {
            self.error(
                root.child("horizon"),
                "`horizon` is 0s, so nothing is measured",
                "expected a time above 0, such as \"1h\"",
            );
        }
    }

    /// Whether the file is of a size that the other checks can go through; says so if not.
    pub(super) fn sizes(&mut self, root: At<'_>) -> bool {
        let scenario = self.scenario;
        let mut lists = vec![
            (root.child("keys"), "keys", scenario.keys.len(), ENTRIES),
            (root.child("machines"), "machines", scenario.machines.len(), ENTRIES),
            (root.child("services"), "services", scenario.services.len(), ENTRIES),
            (root.child("traffic"), "traffic", scenario.traffic.len(), ENTRIES),
            (root.child("objectives"), "objectives", scenario.objectives.len(), ENTRIES),
            (root.child("runbook"), "runbook", scenario.runbook.len(), PATCHES),
            (root.child("variants"), "variants", scenario.variants.len(), PATCHES),
        ];
        if scenario.services.len() <= ENTRIES {
            for (name, service) in &scenario.services {
                let at = root.child("services").child(name);
                lists.push((at.child("operations"), "operations", service.operations.len(), ENTRIES));
                lists.push((at.child("stores"), "stores", service.stores.len(), ENTRIES));
                lists.push((at.child("links"), "links", service.links.len(), ENTRIES));
            }
        }
        if scenario.variants.len() <= PATCHES {
            for (name, variant) in &scenario.variants {
                let at = root.child("variants").child(name).child("set");
                lists.push((at, "set", variant.set.len(), ENTRIES));
            }
        }
        for (at, what, count, most) in lists {
            if count > most {
                self.error(at, format!("`{what}` has {count} entries"), format!("expected at most {most}"));
            }
        }
        let machines: u64 = scenario.machines.values().map(|machine| u64::from(machine.count)).sum();
        if machines > MACHINES {
            self.error(
                root.child("machines"),
                format!("{machines} machines in all"),
                format!("expected at most {MACHINES}"),
            );
        }
        let instances: u64 = scenario.services.names().map(|name| u64::from(self.count(name))).sum();
        if instances > INSTANCES {
            self.error(
                root.child("services"),
                format!("{instances} instances in all"),
                format!("expected at most {INSTANCES}"),
            );
        }
        let objectives: usize = scenario.objectives.values().map(Vec::len).sum();
        if objectives > OBJECTIVES {
            self.error(
                root.child("objectives"),
                format!("{objectives} objectives in all"),
                format!("expected at most {OBJECTIVES}"),
            );
        }
        self.points(root.child("traffic"));
        if self.problems.is_empty() {
            let offered = |name: &str| self.offers(name).map_or(0, |operations| operations.len() as u64);
            let operations: u64 = scenario.services.names().map(offered).sum();
            if operations > OPERATIONS {
                self.error(
                    root.child("services"),
                    format!("{operations} operations in all, with those that balancers and queues pass on"),
                    format!("expected at most {OPERATIONS}"),
                );
            }
        }
        self.problems.is_empty()
    }

    /// Profiles are cut into straight pieces before anything is run: no more of them than a run can begin with.
    fn points(&mut self, traffic: At<'_>) {
        let scenario = self.scenario;
        let mut all = 0_u64;
        for (name, source) in &scenario.traffic {
            let (field, points) = match source {
                Traffic::Open { rate, .. } => ("rate", rate.points(scenario.horizon)),
                Traffic::Users { arrive, .. } => ("arrive", arrive.points(scenario.horizon)),
                Traffic::Closed { population, .. } => ("population", population.points(scenario.horizon)),
            };
            all = all.saturating_add(points);
            if all > POINTS {
                self.error(
                    traffic.child(name).child(field),
                    format!("profiles of more than {POINTS} points in all"),
                    format!("this one has {points}; expected longer periods, or fewer profiles"),
                );
                return;
            }
        }
    }
}
