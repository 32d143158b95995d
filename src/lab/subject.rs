//! What is picked, by the names the story uses, and back.

use super::action::Subject;
use super::state::LabState;
use crate::host::{Instance, Machine};
use crate::layout::{Node, Rect};
use crate::measure::results::StoryEvent;
use crate::measure::subject::{Entity, Named, Subject as Told};
use crate::model::{Caller, GroupId, LinkId, OperationId, ServiceId, SourceId};

/// Instances whose work is told in full at most.
const FOCUS: usize = 256;

impl LabState {
    /// What happened to the run that is shown, as far as it is known.
    #[must_use]
    pub fn told(&self) -> &[StoryEvent] {
        let story = &self.timeline(self.frame.lane).story;
        let known_s = self.frame.known.max(self.frame.now).0 as f64 / 1e9 + 1e-6;
        let known = story.iter().position(|event| event.at_s > known_s).unwrap_or(story.len());
        &story[..known]
    }

    /// What a name in a table means: "rds.cpu", "visitors", "app", "app/0", "push.subscribe".
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<Subject> {
        let model = self.model()?;
        if self.is_resource(name) {
            return Some(Subject::Resource(name.to_owned()));
        }
        if let Some(index) = model.sources.iter().position(|source| source.name == name) {
            return Some(Subject::Source(SourceId::new(index)));
        }
        if let Some(index) = model.services.iter().position(|service| service.name == name) {
            return Some(Subject::Service(ServiceId::new(index)));
        }
        if let Some(index) = model.groups.iter().position(|group| group.name == name) {
            return Some(Subject::Group(GroupId::new(index)));
        }
        if let Some(index) = model.links.iter().position(|link| link.name == name) {
            return Some(Subject::Link(LinkId::new(index)));
        }
        if let Some(index) = (0..self.frame.instances.len() as u32).find(|index| self.instance_name(*index) == name) {
            return Some(Subject::Instance(index));
        }
        if let Some(index) = (0..self.frame.machines.len() as u32).find(|index| self.machine_name(*index) == name) {
            return Some(Subject::Machine(index));
        }
        let operation = model.operations.iter().find(|operation| operation.name == name);
        operation.map(|operation| Subject::Service(operation.service))
    }

    /// Where the first of these is seen that is seen anywhere.
    #[must_use]
    pub fn subject_of(&self, told: &[Named]) -> Option<Subject> {
        told.iter().find_map(|named| self.place(named))
    }

    fn place(&self, named: &Named) -> Option<Subject> {
        let entity = |entity: Entity| match entity {
            Entity::Source(source) => Subject::Source(source),
            Entity::Service(service) => Subject::Service(service),
            Entity::Group(group) => Subject::Group(group),
        };
        match named.what {
            Told::Entity(whole) => Some(entity(whole)),
            Told::Member(Entity::Service(service), ordinal) => {
                let is = |at: &Instance| at.service == service && at.ordinal == ordinal;
                self.frame.instances.iter().position(is).map(|index| Subject::Instance(index as u32))
            }
            Told::Member(Entity::Group(group), ordinal) => {
                let is = |at: &Machine| at.group == group && at.ordinal == ordinal;
                self.frame.machines.iter().position(is).map(|index| Subject::Machine(index as u32))
            }
            Told::Resource { measured: true, .. } => Some(Subject::Resource(named.name.clone())),
            Told::Resource { owner, measured: false } => Some(entity(owner)),
            Told::Guard(_, link) => Some(Subject::Link(link)),
            Told::Member(Entity::Source(_), _)
            | Told::Run
            | Told::SlowReaders(_)
            | Told::SlowSenders(_)
            | Told::OpenSessions
            | Told::IdleConnections
            | Told::NetworkTo(_)
            | Told::RetriesTo(_)
            | Told::Change
            | Told::Unknown => None,
        }
    }

    /// Whether something of that name can saturate.
    fn is_resource(&self, name: &str) -> bool {
        self.frame.resources.iter().any(|resource| resource.subject == name || resource.name == name)
            || self.figures().is_some_and(|results| {
                results.resources.iter().any(|resource| resource.subject == name || resource.id == name)
            })
    }

    /// Its name, as the story has it.
    #[must_use]
    pub fn name_of(&self, subject: &Subject) -> String {
        match subject {
            Subject::Source(source) => self.source_name(*source).to_owned(),
            Subject::Service(service) => self.service_name(*service).to_owned(),
            Subject::Instance(index) => self.instance_name(*index),
            Subject::Machine(index) => self.machine_name(*index),
            Subject::Group(group) => self.group_name(*group).to_owned(),
            Subject::Link(link) => self.link_name(*link).to_owned(),
            Subject::Resource(name) => name.clone(),
            Subject::Request(source, number) => format!("{} #{number}", self.source_name(*source)),
        }
    }

    /// What kind of thing it is.
    #[must_use]
    pub const fn kind_of(subject: &Subject) -> &'static str {
        match subject {
            Subject::Source(_) => "source",
            Subject::Service(_) => "service",
            Subject::Instance(_) => "instance",
            Subject::Machine(_) => "machine",
            Subject::Group(_) => "machine group",
            Subject::Link(_) => "link",
            Subject::Resource(_) => "resource",
            Subject::Request(..) => "request",
        }
    }

    /// "visitors"; empty where there is none.
    #[must_use]
    pub fn source_name(&self, source: SourceId) -> &str {
        self.model().and_then(|model| model.sources.get(source)).map_or("", |source| &source.name)
    }

    /// "app"
    #[must_use]
    pub fn service_name(&self, service: ServiceId) -> &str {
        self.model().and_then(|model| model.services.get(service)).map_or("", |service| &service.name)
    }

    /// "web"
    #[must_use]
    pub fn group_name(&self, group: GroupId) -> &str {
        self.model().and_then(|model| model.groups.get(group)).map_or("", |group| &group.name)
    }

    /// Who calls over a link, and who is called.
    #[must_use]
    pub fn link_ends(&self, link: LinkId) -> Option<(&str, &str)> {
        let model = self.model()?;
        let link = model.links.get(link)?;
        let caller = match link.caller {
            Caller::Service(service) => &model.services[service].name,
            Caller::Source(source) => &model.sources[source].name,
        };
        Some((caller, &model.services[link.callee].name))
    }

    /// "app>rds"
    #[must_use]
    pub fn link_name(&self, link: LinkId) -> &str {
        self.model().and_then(|model| model.links.get(link)).map_or("", |link| &link.name)
    }

    /// "rds.query"
    #[must_use]
    pub fn operation_name(&self, operation: OperationId) -> &str {
        self.model().and_then(|model| model.operations.get(operation)).map_or("", |operation| &operation.name)
    }

    /// "app/0"
    #[must_use]
    pub fn instance_name(&self, index: u32) -> String {
        let instance = self.frame.instances.get(index as usize);
        instance
            .map_or(String::new(), |instance| format!("{}/{}", self.service_name(instance.service), instance.ordinal))
    }

    /// "web/1"
    #[must_use]
    pub fn machine_name(&self, index: u32) -> String {
        let machine = self.frame.machines.get(index as usize);
        machine.map_or(String::new(), |machine| format!("{}/{}", self.group_name(machine.group), machine.ordinal))
    }

    /// The instances whose work is wanted in full: those that are picked, and those that are seen so near that every
    /// worker is told of.
    #[must_use]
    pub fn focus(&self) -> Vec<u32> {
        let picked = |(index, instance): (usize, &Instance)| match &self.picked {
            Some(Subject::Instance(picked)) => *picked as usize == index,
            Some(Subject::Service(service)) => instance.service == *service,
            Some(_) | None => false,
        };
        let near = |instance: &Instance| {
            let seat = self.layout.seat(instance.service, instance.ordinal);
            seat.is_some_and(|seat| self.view.is_near(self.layout.seats()[seat].rect))
        };
        let wanted = |of: &(usize, &Instance)| picked(*of) || near(of.1);
        let all = self.frame.instances.iter().enumerate();
        all.filter(wanted).map(|(index, _)| index as u32).take(FOCUS).collect()
    }

    /// The box of what can be picked.
    #[must_use]
    pub fn place_of(&self, subject: &Subject) -> Option<Rect> {
        let node_of_machine = |index: u32| {
            let machine = self.frame.machines.get(index as usize)?;
            self.layout.rect(self.layout.node_of(machine.group, machine.ordinal))
        };
        let seat_of = |index: u32| {
            let instance = self.frame.instances.get(index as usize)?;
            let seat = self.layout.seat(instance.service, instance.ordinal)?;
            Some(self.layout.seats()[seat].rect)
        };
        match subject {
            Subject::Source(source) => self.layout.rect(Node::Source(*source)),
            Subject::Service(service) => {
                self.layout.seats().iter().find(|seat| seat.service == *service).map(|seat| seat.rect)
            }
            Subject::Instance(instance) => seat_of(*instance),
            Subject::Machine(machine) => node_of_machine(*machine),
            Subject::Group(group) => {
                let first = self.frame.machines.iter().position(|machine| machine.group == *group)?;
                node_of_machine(first as u32)
            }
            Subject::Link(link) => self.layout.wires().iter().find(|wire| wire.link == *link).map(|wire| {
                let middle = wire.at(0.5);
                Rect { x: middle.x, y: middle.y, width: 0.0, height: 0.0 }
            }),
            Subject::Resource(subject) => {
                let resource = self.frame.resources.iter().find(|resource| resource.subject == *subject)?;
                resource.instance.and_then(seat_of).or_else(|| resource.machine.and_then(node_of_machine))
            }
            Subject::Request(source, _) => self.layout.rect(Node::Source(*source)),
        }
    }
}
