//! Databases of several instances: sets of a primary and its replicas, one set a shard.

use super::Compiler;
use super::programs::CodeContext;
use crate::model::{AmountId, Caller, Instr, NO_PC, Replication, hash};
use crate::scenario::{self, Kind};

impl Compiler<'_> {
    /// How the instances of a database form sets; None where each stands for itself.
    pub(super) fn sets(&mut self) {
        for service in self.m.services.ids() {
            let Some(spec) = self.scenario.services.get(&self.m.services[service].name) else { continue };
            self.m.services[service].sets = None;
            let Kind::Database { shard_by, replicas, lag, apply, .. } = &spec.kind else { continue };
            if shard_by.is_none() && *replicas == 0 {
                continue;
            }
            let here = Some(service);
            let (lag, apply) = (self.amount(lag, here), self.amount(apply, here));
            let key = hash::hash(self.m.services[service].first_name.as_bytes());
            let place = CodeContext {
                caller: Caller::Service(service),
                operation: None,
                key,
                handler: NO_PC,
                visits: 0.0,
                background: true,
                loops: 0,
                depth: 0,
                counted: false,
            };
            let start = self.begin();
            self.emit(Instr::Delay(lag), place);
            if apply != AmountId::new(0) {
                self.emit(Instr::Cpu(apply), CodeContext { key: hash::derive(key, 1), ..place });
            }
            self.emit(Instr::Applied, place);
            self.emit(Instr::Return, place);
            let replay = self.end(start);
            let shard_by = shard_by.as_ref().and_then(|key| self.key_id(key));
            self.m.services[service].sets = Some(Replication { shard_by, replicas: *replicas, replay });
        }
        for link in &mut self.m.links {
            link.in_sets = self.m.services[link.callee].sets.is_some();
        }
    }

    /// Whether an operation only reads, and so may be served by a replica; None where there are none.
    pub(super) fn only_reads(spec: &scenario::Service, operation: &str) -> Option<bool> {
        match &spec.kind {
            Kind::Database { replicas, reads, .. } if *replicas > 0 => Some(reads.iter().any(|read| read == operation)),
            Kind::Database { .. }
            | Kind::Server
            | Kind::Balancer { .. }
            | Kind::Queue { .. }
            | Kind::Cache { .. }
            | Kind::External => None,
        }
    }
}
