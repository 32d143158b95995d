//! Double entry for a run: whatever begins must end once, whoever takes a place must give it back.

use std::collections::{BTreeMap, HashMap, HashSet};
use surgelab::engine::{Activity, ExecRef, InstanceId, Limit, Observation, Observer, Outcome, Simulation};
use surgelab::model::{OperationId, SiteId, SourceId};
use surgelab::scenario::Reason;
use surgelab::units::Time;

/// What one source, site, operation or instance began and ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub begun: u64,
    pub succeeded: u64,
    pub failed: BTreeMap<String, u64>,
    pub rejected: u64,
}

impl Account {
    /// succeeded + Σ failed.
    pub fn ended(&self) -> u64 {
        self.succeeded + self.failed.values().sum::<u64>()
    }

    /// Begun and not ended.
    pub fn open(&self) -> u64 {
        self.begun - self.ended()
    }

    fn close(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Succeeded { .. } => self.succeeded += 1,
            Outcome::Failed(reason) => *self.failed.entry(format!("{reason:?}")).or_default() += 1,
        }
    }
}

/// Books of a whole run from its beginning. Breaches are noted with their time, the first ones only.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub sources: BTreeMap<SourceId, Account>,
    pub sessions: BTreeMap<SourceId, (u64, u64)>,
    pub sites: BTreeMap<SiteId, Account>,
    pub operations: BTreeMap<OperationId, Account>,
    pub instances: BTreeMap<InstanceId, Account>,
    pub refusals: BTreeMap<(Option<InstanceId>, String), u64>,
    /// Messages by operation of their broker.
    pub messages: BTreeMap<OperationId, Account>,
    pub breaches: Vec<String>,
    requests: HashSet<(SourceId, u64)>,
    admitted: HashMap<ExecRef, (OperationId, InstanceId)>,
    attempts: HashMap<ExecRef, SiteId>,
    doing: HashMap<ExecRef, Activity>,
}

impl Ledger {
    /// Books that begin with what a fresh simulation already holds: the members of closed populations.
    pub fn of(sim: &Simulation) -> Self {
        let sources = sim.model().sources.ids();
        Self { sessions: sources.map(|id| (id, (u64::from(sim.source(id).sessions), 0))).collect(), ..Self::default() }
    }

    fn breach(&mut self, now: Time, what: String) {
        if self.breaches.len() < 10 {
            self.breaches.push(format!("at {} s: {what}", now.0 as f64 * 1e-9));
        }
    }

    /// The books against the simulation's own counters, at any time.
    pub fn audit(&mut self, sim: &Simulation) {
        let now = sim.now();
        for at in 0..sim.model().sources.len() as u32 {
            let source = SourceId::new(at as usize);
            let view = sim.source(source);
            let account = self.sources.get(&source).cloned().unwrap_or_default();
            if view.in_flight != account.open() {
                self.breach(now, format!("source {at}: {} in flight, by the books {}", view.in_flight, account.open()));
            }
            let (begun, ended) = self.sessions.get(&source).copied().unwrap_or_default();
            if u64::from(view.sessions) != begun - ended {
                self.breach(now, format!("source {at}: {} sessions, by the books {}", view.sessions, begun - ended));
            }
        }
        if self.requests.len() as u64 != self.sources.values().map(Account::open).sum::<u64>() {
            self.breach(
                now,
                format!(
                    "{} requests open, by the books {}",
                    self.requests.len(),
                    self.sources.values().map(Account::open).sum::<u64>()
                ),
            );
        }
    }

    /// After the crowd has gone home and everything had time to end.
    pub fn audit_empty(&mut self, sim: &Simulation) {
        use surgelab::engine::ResourceKind;
        self.audit(sim);
        let now = sim.now();
        let open = |accounts: Vec<(String, u64)>| {
            accounts
                .into_iter()
                .filter(|(_, n)| *n > 0)
                .map(|(name, n)| format!("{name}: {n} never ended"))
                .collect::<Vec<_>>()
        };
        let model = sim.model();
        let mut left = open(
            self.sources.iter().map(|(id, a)| (format!("source {}", model.sources[*id].name), a.open())).collect(),
        );
        left.extend(open(
            self.sites
                .iter()
                .map(|(id, a)| {
                    (format!("site {} of {}", id.number(), model.links[model.sites[*id].link].name), a.open())
                })
                .collect(),
        ));
        left.extend(open(
            self.operations
                .iter()
                .map(|(id, a)| (format!("operation {}", model.operations[*id].name), a.open()))
                .collect(),
        ));
        left.extend(open(
            self.instances.iter().map(|(id, a)| (format!("instance {}", sim.instance_name(*id)), a.open())).collect(),
        ));
        left.extend(open(
            self.sessions
                .iter()
                .map(|(id, (b, e))| (format!("sessions of {}", model.sources[*id].name), b - e))
                .collect(),
        ));
        left.extend(open(
            self.messages
                .iter()
                .map(|(id, a)| (format!("messages to {}", model.operations[*id].name), a.open()))
                .collect(),
        ));
        for (exec, doing) in self.doing.iter().take(3) {
            left.push(format!("{exec:?} still in {doing:?}"));
        }
        for resource in sim.resources() {
            // Idle memory stays, and instances do where they are; every other place must be free again.
            let stays = matches!(resource.kind, ResourceKind::Memory | ResourceKind::Instances);
            let waits = resource.waiting != 0 && resource.kind != ResourceKind::Instances;
            if (!stays && resource.level != 0.0) || waits {
                left.push(format!("{}: level {}, {} waiting", resource.name, resource.level, resource.waiting));
            }
        }
        for (index, instance) in sim.instances().enumerate() {
            if instance.in_flight != 0 || instance.connections != 0 {
                left.push(format!(
                    "{}: {} in flight, {} connections",
                    sim.instance_name(InstanceId::new(index)),
                    instance.in_flight,
                    instance.connections
                ));
            }
        }
        for line in left {
            self.breach(now, line);
        }
    }
}

impl Observer for Ledger {
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::SessionStarted { source, .. } => self.sessions.entry(source).or_default().0 += 1,
            Observation::SessionEnded { source, .. } => {
                let (begun, ended) = self.sessions.entry(source).or_default();
                *ended += 1;
                if *ended > *begun {
                    self.breach(now, format!("more sessions of source {} ended than began", source.number()));
                }
            }
            Observation::RequestStarted { source, number, .. } => {
                self.sources.entry(source).or_default().begun += 1;
                if !self.requests.insert((source, number)) {
                    self.breach(now, format!("request {number} of source {} began twice", source.number()));
                }
            }
            Observation::RequestEnded { source, number, started, outcome, .. } => {
                if !self.requests.remove(&(source, number)) {
                    self.breach(
                        now,
                        format!("request {number} of source {} ended without beginning, or twice", source.number()),
                    );
                } else {
                    self.sources.entry(source).or_default().close(outcome);
                }
                if started > now {
                    self.breach(now, format!("request {number} of source {} ended before it began", source.number()));
                }
            }
            Observation::AttemptStarted { site, exec, .. } => {
                self.sites.entry(site).or_default().begun += 1;
                if self.attempts.insert(exec, site).is_some() {
                    self.breach(now, format!("attempt {exec:?} began twice"));
                }
            }
            Observation::AttemptEnded { site, exec, outcome, started, .. } => {
                if self.attempts.remove(&exec) != Some(site) {
                    self.breach(now, format!("attempt {exec:?} ended without beginning, or twice ({outcome:?})"));
                } else {
                    self.sites.entry(site).or_default().close(outcome);
                }
                if started > now {
                    self.breach(now, format!("attempt {exec:?} ended before it began"));
                }
            }
            Observation::Admitted { operation, instance, exec, .. } => {
                self.operations.entry(operation).or_default().begun += 1;
                self.instances.entry(instance).or_default().begun += 1;
                if self.admitted.insert(exec, (operation, instance)).is_some() {
                    self.breach(now, format!("{exec:?} was admitted twice"));
                }
            }
            // A broker turns away what it has admitted: the execution goes on and fails.
            Observation::Rejected { instance, by: by @ Limit::Depth, .. } => {
                *self.refusals.entry((instance, format!("{by:?}"))).or_default() += 1;
            }
            Observation::Rejected { operation, instance, by, exec } => {
                if self.admitted.contains_key(&exec) {
                    self.breach(now, format!("{exec:?} was rejected after its admission"));
                }
                self.operations.entry(operation).or_default().rejected += 1;
                if let Some(instance) = instance {
                    self.instances.entry(instance).or_default().rejected += 1;
                }
                *self.refusals.entry((instance, format!("{by:?}"))).or_default() += 1;
            }
            Observation::Finished { operation, instance, exec, outcome, .. } => {
                if self.admitted.remove(&exec) != Some((operation, instance)) {
                    self.breach(now, format!("{exec:?} finished without admission, or twice ({outcome:?})"));
                } else {
                    self.operations.entry(operation).or_default().close(outcome);
                    self.instances.entry(instance).or_default().close(outcome);
                }
            }
            Observation::Moved { exec, from, to, since, .. } => {
                let was = self.doing.remove(&exec);
                if was != from {
                    self.breach(now, format!("{exec:?} left {from:?}, but it was in {was:?}"));
                }
                if since > now {
                    self.breach(now, format!("{exec:?} entered {from:?} in the future"));
                }
                if let Some(to) = to {
                    self.doing.insert(exec, to);
                }
            }
            Observation::Work { amount, .. } => {
                if !(amount >= 0.0 && amount.is_finite()) {
                    self.breach(now, format!("work of {amount}"));
                }
            }
            Observation::MessageAccepted { operation } => self.messages.entry(operation).or_default().begun += 1,
            Observation::MessageEnded { operation, outcome, .. } => {
                self.messages.entry(operation).or_default().close(outcome)
            }
            Observation::MessageLost { operation, .. } => {
                self.messages.entry(operation).or_default().close(Outcome::Failed(Reason::Crashed));
            }
            Observation::Dropped { operation, instance, exec } => {
                if self.admitted.get(&exec) != Some(&(operation, instance)) {
                    self.breach(now, format!("{exec:?} was dropped from a backlog it was not in"));
                }
            }
            Observation::InstanceDown { .. }
            | Observation::InstanceUp { .. }
            | Observation::MachineDown { .. }
            | Observation::MachineUp { .. }
            | Observation::HealthChanged { .. }
            | Observation::BreakerChanged { .. }
            | Observation::RuleFired { .. }
            | Observation::RuleSkipped { .. }
            | Observation::Scaled { .. }
            | Observation::Deployed { .. }
            | Observation::CommandApplied { .. }
            | Observation::TopologyChanged => {}
        }
    }
}
