//! Doors: how services take calls in, and what they refuse.
use super::{At, Checker};
use crate::scenario::{
    link::{Deadline, Link},
    service::{Drop, Order, Overflow, Service, WorkerHolds},
};
use crate::units::Span;

impl<'a> Checker<'a> {
    pub(super) fn door(&mut self, service: &'a Service, at: At<'_>) {
        let backlog = at.child("backlog");
        if service.workers.is_none() {
            let given = [
                ("order", service.backlog.order != Order::Fifo),
                ("drop", service.backlog.drop != Drop::Never),
                ("overflow", service.backlog.overflow != Overflow::Refuse && service.max_connections.is_none()),
            ];
            for (field, _) in given.into_iter().filter(|(_, given)| *given) {
                self.warn(
                    backlog.child(field),
                    format!("`{field}` without `workers`"),
                    "nobody waits: every call is served at once",
                );
            }
            if !service.shed.is_empty() {
                self.error(
                    at.child("shed"),
                    "`shed` without `workers`",
                    "expected `workers`, of which a share can be busy",
                );
            }
        }
        self.connections_of_users(service, at);
        match service.backlog.drop {
            Drop::Never => {}
            Drop::Older { than } => {
                self.not_zero(Some(than), backlog.child("drop").child("than"), "whoever waits at all is dropped")
            }
            Drop::CoDel { target, interval } => {
                self.not_zero(Some(interval), backlog.child("drop").child("interval"), "an interval of 0s");
                if target >= interval {
                    self.warn(
                        backlog.child("drop").child("target"),
                        format!("a target of {target} in an interval of {interval}"),
                        "expected a target well below it (5 % to 10 %)",
                    );
                }
            }
        }
        self.not_zero(service.deadline, at.child("deadline"), "a deadline of 0s fails every operation");
        for (index, rule) in service.shed.iter().enumerate() {
            let place = at.child("shed").item(index);
            if rule.above.0 >= 1.0 {
                self.error(
                    place.child("above"),
                    "more than 100 % of the workers are never busy",
                    "expected less than 100 %",
                );
            }
        }
        let ranked = self.scenario.traffic.iter().any(|(_, traffic)| traffic.priority() > 0);
        if !ranked {
            if service.backlog.order == Order::Priority {
                self.warn(backlog.child("order"), "nobody has a `priority`", "all wait alike; give some traffic one");
            }
            if !service.shed.is_empty() {
                self.warn(at.child("shed"), "nobody has a `priority`", "all are shed alike; give some traffic one");
            }
        }
    }

    fn connections_of_users(&mut self, service: &'a Service, at: At<'_>) {
        if service.worker_holds == WorkerHolds::Connection && service.workers.is_none() {
            self.error(
                at.child("worker_holds"),
                "`worker_holds` without `workers`",
                "expected `workers`, each for one connection",
            );
        }
        let kept = self.scenario.traffic.iter().any(|(_, traffic)| {
            let access = traffic.access();
            access.keep_alive || access.to.iter().any(|(_, way)| way.keep_alive)
        });
        if service.keep_alive > Span::ZERO && !kept {
            self.warn(
                at.child("keep_alive"),
                "no user keeps connections alive",
                "it acts on traffic with `access: (keep_alive: true)`",
            );
        }
    }

    /// What is reloaded must be a service that takes time for it.
    pub(super) fn reload(&mut self, target: &str, at: At<'_>) {
        let name = target.split_once('/').map_or(target, |(name, _)| name);
        match self.scenario.services.get(name) {
            None if self.scenario.machines.contains(name) => {
                self.error(
                    at,
                    format!("`{name}` is a machine"),
                    "expected a service, or an instance of one: a machine has nothing to reload",
                );
            }
            Some(service) if service.reload == Span::ZERO => {
                self.error(
                    at,
                    format!("`{name}` reloads in no time"),
                    format!("expected `reload` of `{name}` above 0s"),
                );
            }
            None | Some(_) => self.target(target, at),
        }
    }

    /// Traffic whose rank nobody asks for.
    pub(super) fn ranks(&mut self, root: At<'_>) {
        let asked = self
            .scenario
            .services
            .iter()
            .any(|(_, service)| service.backlog.order == Order::Priority || !service.shed.is_empty());
        for (name, traffic) in &self.scenario.traffic {
            if traffic.priority() > 0 && !asked {
                self.warn(
                    root.child("traffic").child(name).child("priority"),
                    "a `priority` nobody asks for",
                    "it acts on a `backlog` with `order: Priority` and on `shed`",
                );
            }
        }
    }

    /// Deadlines passed on by links that were never told one.
    pub(super) fn passed_deadline(&mut self, link: &Link, at: At<'_>) {
        if link.deadline != Deadline::Pass || link.timeout.is_some() {
            return;
        }
        let told = *self.deadlines.get_or_insert_with(|| {
            self.scenario.traffic.iter().any(|(_, traffic)| traffic.access().deadline == Deadline::Pass)
                || self.scenario.services.iter().any(|(_, service)| {
                    service.links.iter().any(|(_, link)| link.deadline == Deadline::Pass && link.timeout.is_some())
                })
        });
        if !told {
            self.warn(
                at.child("deadline"),
                "a deadline that nobody has",
                "it needs a `timeout` here, or a patient caller that passes one on",
            );
        }
    }
}
