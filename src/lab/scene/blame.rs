//! Where who is to blame is seen: the culprit of the moment gets a halo, and the chain from the crowds that suffer to
//! it stays lit while the rest dims. Lit are what is in trouble because of it, what those crowds call on the way to it,
//! and the links between those.

use crate::engine::ResourceKind;
use crate::host::{Availability, Frame, Instance, Resource, Trouble};
use crate::lab::blame::roots;
use crate::measure::subject::{Entity, Named, Subject as Told};
use crate::model::{Caller, LinkId, Model, ServiceId, SourceId};
use std::sync::Arc;

/// What is to blame now, and what suffers from it.
#[derive(Debug, Default)]
pub struct Blame {
    /// The root: "rds.cpu", "app", "visitors"; several are so together, none where nothing is wrong.
    culprit: Vec<Named>,
    /// It is seen at these machines.
    machines: Vec<u32>,
    /// And at these instances.
    instances: Vec<u32>,
    /// By service: in the chain.
    services: Vec<bool>,
    /// By source: in the chain.
    sources: Vec<bool>,
    /// By link: in the chain.
    links: Vec<bool>,
    /// What this was made of.
    of: Seen,
}

/// What a blame is made of.
#[derive(Debug, Default)]
struct Seen {
    troubles: Vec<Trouble>,
    resources: Option<Arc<[Resource]>>,
    /// Who was full, then who was dead.
    states: Vec<bool>,
    /// Who suffers.
    sources: Vec<SourceId>,
}

impl Blame {
    /// The root causes; none where nothing is wrong.
    #[must_use]
    pub fn culprit(&self) -> &[Named] {
        &self.culprit
    }

    /// Whether the culprit is seen at that machine itself (its cores, its disk), not only at what runs on it.
    #[must_use]
    pub fn is_machine(&self, machine: u32) -> bool {
        self.machines.contains(&machine)
    }

    /// At how many machines.
    pub(super) fn machines(&self) -> usize {
        self.machines.len()
    }

    /// Whether the culprit is seen at that instance.
    #[must_use]
    pub fn is_instance(&self, instance: u32) -> bool {
        self.instances.contains(&instance)
    }

    /// Whether the culprit is named there: at one of the machines it is seen at.
    pub(super) fn speaks_at_machine(&self, machine: u32) -> bool {
        self.machines.first() == Some(&machine)
    }

    /// Whether the culprit is named there: at one of the instances, where no machine is to blame.
    pub(super) fn speaks_at(&self, instance: u32) -> bool {
        self.machines.is_empty() && self.instances.first() == Some(&instance)
    }

    /// Whether that service is in the chain, or there is none.
    #[must_use]
    pub fn lights_service(&self, service: usize) -> bool {
        self.culprit.is_empty() || self.services.get(service).copied().unwrap_or(false)
    }

    /// Whether that source is in the chain, or there is none.
    #[must_use]
    pub fn lights_source(&self, source: usize) -> bool {
        self.culprit.is_empty() || self.sources.get(source).copied().unwrap_or(false)
    }

    /// Whether callers wait over that link for what is to blame.
    #[must_use]
    pub fn lights_link(&self, link: LinkId) -> bool {
        !self.culprit.is_empty() && self.links.get(link.index()).copied().unwrap_or(false)
    }

    /// Made anew where the troubles are others.
    pub(super) fn look(&mut self, model: &Model, frame: &Frame) {
        let state = || frame.gauges.iter().map(|gauge| gauge.saturated).chain(frame.instances.iter().map(is_dead));
        let same = self.culprit == *frame.culprit
            && self.of.troubles == frame.troubles
            && self.of.resources.as_ref().is_some_and(|of| Arc::ptr_eq(of, &frame.resources))
            && self.of.sources.iter().copied().eq(suffer(frame));
        if !same || !self.of.states.iter().copied().eq(state()) {
            self.of = Seen {
                troubles: frame.troubles.clone(),
                resources: Some(frame.resources.clone()),
                states: state().collect(),
                sources: suffer(frame).collect(),
            };
            self.culprit = frame.culprit.to_vec();
            self.place(model, frame);
        }
    }

    /// Where the culprit and its chain are.
    fn place(&mut self, model: &Model, frame: &Frame) {
        self.machines.clear();
        self.instances.clear();
        for (lit, count) in [
            (&mut self.services, model.services.len()),
            (&mut self.sources, model.sources.len()),
            (&mut self.links, model.links.len()),
        ] {
            lit.clear();
            lit.resize(count, false);
        }
        if self.culprit.is_empty() {
            return;
        }
        let culprit = self.culprit.clone();
        let roots = roots(&frame.troubles);
        let felt =
            || frame.troubles.iter().zip(&roots).filter(|(_, root)| **root == culprit).map(|(trouble, _)| trouble);
        culprit.iter().for_each(|root| self.seat(root, frame));
        if self.machines.is_empty() && self.instances.is_empty() {
            // What is to blame has no place of its own (the callers' own lines, somebody else's service): it is shown
            // where it was first felt.
            let mut in_order: Vec<&Trouble> = felt().collect();
            in_order.sort_by_key(|trouble| trouble.since);
            for trouble in in_order {
                if self.machines.is_empty() && self.instances.is_empty() {
                    self.seat(&trouble.subject, frame);
                }
            }
        }
        culprit.iter().for_each(|root| self.light(root, frame));
        felt().for_each(|trouble| self.light(&trouble.subject, frame));
        self.light_the_way(model, frame);
        for (at, link) in model.links.iter().enumerate() {
            let caller = match link.caller {
                Caller::Service(service) => self.services[service.index()],
                Caller::Source(source) => self.sources[source.index()],
            };
            self.links[at] = caller && self.services[link.callee.index()];
        }
    }

    /// Mark the crowds that suffer, and what they call on the way to what is lit.
    fn light_the_way(&mut self, model: &Model, frame: &Frame) {
        let mut called = vec![false; model.services.len()];
        let mut leads = self.services.clone();
        for source in suffer(frame) {
            if let Some(lit) = self.sources.get_mut(source.index()) {
                *lit = true;
            }
        }
        // As long as there is a step to add: no way is longer than there are services.
        for _ in 0..model.services.len() {
            let before = (called.clone(), leads.clone());
            for link in model.links.iter() {
                let callee = link.callee.index();
                match link.caller {
                    Caller::Source(source) => called[callee] |= self.sources[source.index()],
                    Caller::Service(caller) => {
                        called[callee] |= called[caller.index()];
                        leads[caller.index()] |= leads[callee];
                    }
                }
            }
            if before == (called.clone(), leads.clone()) {
                break;
            }
        }
        let on_the_way = called.iter().zip(&leads).map(|(called, leads)| *called && *leads);
        self.services.iter_mut().zip(on_the_way).for_each(|(lit, on_the_way)| *lit |= on_the_way);
    }

    /// At which machines or instances the culprit is seen: of its members those that are full or dead, or all.
    fn seat(&mut self, culprit: &Named, frame: &Frame) {
        let full = |at: &usize| frame.gauges.get(*at).is_some_and(|gauge| gauge.saturated);
        let members: Vec<usize> =
            (0..frame.resources.len()).filter(|at| *culprit == *frame.resources[*at].subject).collect();
        let some_full = members.iter().any(full);
        for at in members.into_iter().filter(|at| !some_full || full(at)) {
            match &frame.resources[at] {
                Resource { instance: Some(instance), .. } => self.instances.push(*instance),
                Resource { machine: Some(machine), .. } => self.machines.push(*machine),
                _ => {}
            }
        }
        if !self.machines.is_empty() || !self.instances.is_empty() {
            return;
        }
        let of = |at: &u32| &frame.instances[*at as usize];
        let service = seen_at(culprit);
        let its = |at: &u32| Some(of(at).service) == service && of(at).availability != Availability::Removed;
        let its: Vec<u32> = (0..frame.instances.len() as u32).filter(its).collect();
        let dead = |at: &u32| is_dead(of(at));
        let some_dead = its.iter().any(dead);
        self.instances.extend(its.into_iter().filter(|at| !some_dead || dead(at)));
        self.instances.dedup();
    }

    /// Mark what a subject names as part of the chain.
    fn light(&mut self, subject: &Named, frame: &Frame) {
        let lit = match (subject.what, seen_at(subject)) {
            (_, Some(service)) => self.services.get_mut(service.index()),
            (Told::Entity(Entity::Source(source)), None) => self.sources.get_mut(source.index()),
            (_, None) => None,
        };
        if let Some(lit) = lit {
            *lit = true;
        }
        for resource in frame.resources.iter().filter(|resource| *subject == *resource.subject) {
            let mut mark = |service: usize| {
                if let Some(lit) = self.services.get_mut(service) {
                    *lit = true;
                }
            };
            let its_machine = matches!(
                resource.kind,
                ResourceKind::Cpu
                    | ResourceKind::Disk
                    | ResourceKind::Network
                    | ResourceKind::Ingress
                    | ResourceKind::Memory
            );
            match (resource.service, resource.machine) {
                (Some(service), _) => mark(service.index()),
                // Who shares the machine shares its fate.
                (None, Some(machine)) if its_machine => {
                    frame
                        .instances
                        .iter()
                        .filter(|at| at.machine == Some(machine))
                        .for_each(|at| mark(at.service.index()));
                }
                (None, _) => {}
            }
        }
    }
}

/// The service at which it is seen, if it is one, a part of one, what guards its calls or what lies before it.
fn seen_at(subject: &Named) -> Option<ServiceId> {
    match subject.what {
        Told::Entity(Entity::Service(service))
        | Told::Member(Entity::Service(service), _)
        | Told::Resource { owner: Entity::Service(service), .. }
        | Told::Guard(Entity::Service(service), _)
        | Told::SlowReaders(service)
        | Told::SlowSenders(service)
        | Told::NetworkTo(service)
        | Told::RetriesTo(service) => Some(service),
        Told::Entity(Entity::Source(_) | Entity::Group(_))
        | Told::Member(Entity::Source(_) | Entity::Group(_), _)
        | Told::Resource { owner: Entity::Source(_) | Entity::Group(_), .. }
        | Told::Guard(Entity::Source(_) | Entity::Group(_), _)
        | Told::Run
        | Told::OpenSessions
        | Told::IdleConnections
        | Told::Change
        | Told::Unknown => None,
    }
}

/// The crowds that lose most because of the culprit, in the order of their loss.
fn suffer(frame: &Frame) -> impl Iterator<Item = SourceId> {
    let of_it = frame.impacts.iter().filter(|impact| impact.cause == frame.culprit);
    of_it.flat_map(|impact| impact.who.iter().map(|(source, _)| *source))
}

/// It does not serve, and should.
pub(super) fn is_dead(instance: &Instance) -> bool {
    matches!(instance.availability, Availability::Down | Availability::Booting { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::TroubleKind;
    use crate::lab::scene::fixture::named;
    use crate::units::Time;

    fn trouble(model: &Model, subject: &str, since: i64, because: &str) -> Trouble {
        Trouble {
            subject: named(model, subject),
            kind: TroubleKind::Saturated,
            since: Time(since),
            because: Some(named(model, because)).into(),
            calm: None,
        }
    }

    #[test]
    fn a_culprit_without_a_place_is_shown_where_it_is_felt() {
        let mut stand = crate::lab::scene::fixture::Stand::new();
        stand.frame.troubles = vec![
            trouble(&stand.model, "visitors", 9, "app.workers"),
            trouble(&stand.model, "app.workers", 5, "the callers"),
        ];
        stand.frame.culprit = vec![named(&stand.model, "the callers")].into();
        stand.settled();
        let blame = stand.scene.blame();
        assert_eq!(blame.culprit(), ["the callers"]);
        let apps = (0..stand.frame.instances.len() as u32).filter(|at| blame.is_instance(*at)).count();
        assert_eq!(apps, 2);
    }

    #[test]
    fn of_a_service_the_dead_are_to_blame() {
        let mut stand = crate::lab::scene::fixture::Stand::new();
        let app = stand.model.services.iter().position(|service| service.name == "app").expect("there is an app");
        let its: Vec<u32> = (0..stand.frame.instances.len() as u32)
            .filter(|at| stand.frame.instances[*at as usize].service.index() == app)
            .collect();
        stand.frame.troubles = vec![trouble(&stand.model, "visitors", 9, "app")];
        stand.frame.culprit = vec![named(&stand.model, "app")].into();
        stand.settled();
        assert!(its.iter().all(|at| stand.scene.blame().is_instance(*at)), "all of it, as long as all serve");
        stand.frame.instances[its[1] as usize].availability = Availability::Down;
        stand.settled();
        let to_blame: Vec<u32> = its.iter().copied().filter(|at| stand.scene.blame().is_instance(*at)).collect();
        assert_eq!(to_blame, [its[1]]);
    }
}
