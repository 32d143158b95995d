//! Objectives: a subject that is there, and an expression that can be asked of it.
use super::{At, Checker};
use crate::scenario::{metric::Of, objective::Objective, problem::Problem, service::Kind, traffic::Traffic};

/// What a service's resource can be.
const OF_SERVICE: [&str; 6] = ["workers", "cpu", "threads", "connections", "descriptors", "memory"];
/// What a machine's resource can be.
const OF_MACHINE: [&str; 3] = ["cpu", "memory", "network"];

/// What a subject names.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Names {
    traffic: bool,
    sessions: bool,
    messages: bool,
    resource: bool,
    cost: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn objectives(&mut self, objectives: At<'_>) {
        let scenario = self.scenario;
        for (subject, expressions) in &scenario.objectives {
            let key = objectives.name(subject);
            let names = Names {
                traffic: self.is_traffic(subject),
                sessions: self.has_sessions(subject),
                messages: self.is_traffic(subject) && self.is_of_queue(subject),
                resource: self.is_resource(subject),
                cost: subject == "cost",
            };
            if !(names.traffic || names.resource || names.cost) {
                let known = if self.helps() { self.subjects() } else { Vec::new() };
                self.unknown(key, "subject", subject, known.iter().map(String::as_str));
            }
            if names.cost && !names.traffic && self.has_no_price() {
                self.warn(key, "a bill without prices", "no machine has a `price`: there is nothing to observe");
            }
            let list = objectives.child(subject);
            if expressions.is_empty() {
                self.error(list, "no objective", "expected an expression such as \"p(95) < 2s\"");
            }
            for (index, text) in expressions.iter().enumerate() {
                self.objective(subject, names, text, list.item(index));
            }
        }
    }

    fn objective(&mut self, subject: &str, names: Names, text: &str, at: At<'_>) {
        let objective = match Objective::parse(text) {
            Ok(objective) => objective,
            Err(error) => {
                self.push(Problem::error(at.within(&error.at), error.message, format!("expected {}", error.expected)));
                return;
            }
        };
        let of = objective.metric.row().of;
        let fits = match of {
            Of::Traffic => names.traffic,
            Of::Sessions => names.sessions,
            Of::Messages => names.messages,
            Of::Cost => names.cost,
            Of::Resource => names.resource,
            // Only conditions watch a service.
            Of::Service(_) => false,
        };
        let known = names.traffic || names.resource || names.cost;
        if known && !fits {
            let instead = match (of, self.scenario.traffic.contains(subject)) {
                (Of::Sessions, true) => format!("; `{subject}` is `Open`: its requests are no sessions"),
                _ => String::new(),
            };
            self.error(
                at,
                format!("`{}` cannot be asked of `{subject}`", objective.metric),
                format!("it is asked of {}{instead}", of.phrase()),
            );
        }
    }

    /// No machine has a price, and no variant gives it one.
    fn has_no_price(&self) -> bool {
        let priced = self.scenario.machines.values().any(|machine| machine.price.0 > 0.0);
        let given = |path: &str| path.starts_with("machines");
        !priced && !self.scenario.variants.values().any(|variant| variant.set.names().any(given))
    }

    fn is_traffic(&self, subject: &str) -> bool {
        let operation =
            || subject.split_once('.').and_then(|(service, operation)| Some(self.offers(service)?.contains(operation)));
        self.scenario.traffic.contains(subject) || operation().unwrap_or(false)
    }

    fn has_sessions(&self, subject: &str) -> bool {
        self.scenario.traffic.get(subject).is_some_and(|source| !matches!(source, Traffic::Open { .. }))
    }

    fn is_of_queue(&self, subject: &str) -> bool {
        let service = subject.split_once('.').and_then(|(service, _)| self.scenario.services.get(service));
        service.is_some_and(|service| matches!(service.kind, Kind::Queue { .. }))
    }

    /// `app.workers`, `app/0.workers`, `web.cpu`, `app.pool(rds)`.
    fn is_resource(&self, subject: &str) -> bool {
        let Some((owner, kind)) = subject.split_once('.') else { return false };
        let name = match owner.split_once('/') {
            Some((name, number)) if number.parse::<u32>().is_ok() => name,
            Some(_) => return false,
            None => owner,
        };
        if let Some(service) = self.scenario.services.get(name) {
            let pool = kind
                .strip_prefix("pool(")
                .or_else(|| kind.strip_prefix("slots("))
                .and_then(|rest| rest.strip_suffix(')'));
            return OF_SERVICE.contains(&kind) || pool.is_some_and(|link| service.links.contains(link));
        }
        self.scenario.machines.contains(name) && OF_MACHINE.contains(&kind)
    }

    /// Every subject there is, for the nearest name.
    fn subjects(&self) -> Vec<String> {
        let scenario = self.scenario;
        let mut subjects: Vec<String> = scenario.traffic.names().map(str::to_owned).collect();
        for service in scenario.services.names() {
            let operations = self.offers(service).into_iter().flat_map(|offered| offered.names());
            subjects.extend(operations.map(|operation| format!("{service}.{operation}")));
        }
        for service in scenario.services.names() {
            subjects.extend(OF_SERVICE.iter().map(|kind| format!("{service}.{kind}")));
        }
        for machine in scenario.machines.names() {
            subjects.extend(OF_MACHINE.iter().map(|kind| format!("{machine}.{kind}")));
        }
        subjects.push("cost".to_owned());
        subjects
    }
}
