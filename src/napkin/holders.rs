//! What makes holds longer: workers and places are held while their calls wait for something else.

use super::analysis::Analysis;
use super::resource::{Kind, Resource};
use crate::model::{Caller, ServiceId};

impl Analysis<'_> {
    /// Of all that the holders of workers or places wait for, what is fullest at the highest load, if it is fuller than
    /// these are.
    pub fn held_by(&self, resource: &Resource) -> Option<String> {
        let (first, own) = match resource.kind {
            Kind::Workers(service) => (service, Some(service)),
            Kind::Pool(link) | Kind::Slots(link) => (self.model.links[link].callee, None),
            _ => return None,
        };
        let reached = self.reached(first);
        let works = |service: ServiceId| reached[service.index()];
        let waits = |one: &&Resource| match one.kind {
            Kind::Cpu(group) | Kind::Network(group) | Kind::Disk(group) => {
                self.model.groups[group].services.iter().any(|service| works(*service))
            }
            Kind::Quota(service) | Kind::Threads(service) => works(service),
            Kind::Lock(service, _) => works(service),
            Kind::Workers(service) => works(service) && own != Some(service),
            // Who hands a message to a broker does not wait for its delivery.
            Kind::Pool(link) | Kind::Slots(link) => match self.model.links[link].caller {
                Caller::Service(caller) => works(caller) && !self.model.links[link].queue,
                Caller::Source(_) => false,
            },
            Kind::Ingress(_)
            | Kind::MachineMemory(_)
            | Kind::Connections(_)
            | Kind::Descriptors(_)
            | Kind::RateLimit(_)
            | Kind::Memory(_) => false,
        };
        let load = |one: &Resource| self.at_highest(one);
        let fullest = self.resources.iter().filter(waits).max_by(|a, b| load(a).total_cmp(&load(b)))?;
        (load(fullest) > load(resource)).then(|| fullest.name.clone())
    }

    /// A service and those that its calls wait for, by position.
    fn reached(&self, first: ServiceId) -> Vec<bool> {
        let mut reached = vec![false; self.model.services.len()];
        let mut todo = vec![first];
        while let Some(service) = todo.pop() {
            if std::mem::replace(&mut reached[service.index()], true) {
                continue;
            }
            let links = self.model.services[service].links.iter().map(|link| &self.model.links[*link]);
            todo.extend(links.filter(|link| !link.retired && !link.queue).map(|link| link.callee));
        }
        reached
    }
}
