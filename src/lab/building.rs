//! Building by hand: parts are put in, wired, put elsewhere, copied and taken out. Each is edits of the scenario that
//! belong together, from the start or from here on.

use super::action::{Action, Subject};
use super::state::{Effect, LabState};
use crate::layout::{Hit, Node, Point};
use crate::scenario::edit::{Dependent, Document};
use crate::scenario::form::Template;
use crate::scenario::wiring::{self, Ground, Offer};
use crate::scenario::{Edit, Loaded};
use std::sync::Arc;

/// What is being wired by keys or asked back about.
#[derive(Clone, Debug, PartialEq)]
pub enum Wiring {
    /// Who calls; whom is asked.
    From(String),
    /// Several ways from one to another.
    Among(String, String, Vec<Offer>),
}

/// What was put in and is not yet on the canvas: its path, and where it shall stand.
pub type Landing = (String, Point);

impl LabState {
    /// What edits are made to: from here on the scenario that runs, else the one that it began with.
    #[must_use]
    pub fn draft(&self) -> Option<&Arc<Loaded>> {
        let compiled = if self.view.here { self.running.as_ref() } else { self.begun() };
        compiled.map(|compiled| &compiled.loaded)
    }

    /// Edits that belong together, from the start or from here on; where they cannot be, why is told.
    pub(super) fn change(&mut self, edits: Vec<Edit>) -> Vec<Effect> {
        let Some(design) = self.draft() else { return Vec::new() };
        if let Err(problems) = design.edited(&edits) {
            let why = problems.first().map_or_else(String::new, |problem| problem.message.clone());
            self.notice = Some(format!("Nothing was changed: {why}."));
            return Vec::new();
        }
        self.act(if self.view.here { Action::Edit(edits) } else { Action::EditFromStart(edits) })
    }

    /// Something from the list of parts is put onto that ground.
    pub(super) fn add(&mut self, template: &Template, ground: &Ground, at: Option<Point>) -> Vec<Effect> {
        let Some(design) = self.draft() else { return Vec::new() };
        match wiring::added(design, template, ground) {
            Ok((edits, path)) => {
                self.landing = at.filter(|_| *ground == Ground::Free).map(|at| (path, at));
                self.change(edits)
            }
            Err(why) => self.refused(&why),
        }
    }

    /// A service goes from one group of machines onto that ground.
    pub(super) fn carry(&mut self, service: &str, from: &str, ground: &Ground, at: Option<Point>) -> Vec<Effect> {
        let Some(design) = self.draft() else { return Vec::new() };
        match wiring::carried(design, service, from, ground) {
            Ok(edits) => {
                self.landing = at.filter(|_| *ground == Ground::Free).map(|at| (format!("services.{service}"), at));
                self.change(edits)
            }
            Err(why) => self.refused(&why),
        }
    }

    /// One calls another; where there are several ways, the person is asked.
    pub(super) fn wire(&mut self, from: String, to: Option<String>) -> Vec<Effect> {
        let (Some(design), Some(to)) = (self.draft(), &to) else {
            self.wiring = Some(Wiring::From(from));
            return Vec::new();
        };
        match wiring::offers(design, &from, to) {
            Ok(offers) => {
                let mut legal = offers.iter().filter_map(|offer| offer.edits.as_ref().ok());
                match (legal.next(), legal.next()) {
                    (Some(edits), None) => {
                        self.wiring = None;
                        let edits = edits.clone();
                        self.change(edits)
                    }
                    (Some(_), Some(_)) => {
                        self.wiring = Some(Wiring::Among(from, to.clone(), offers));
                        Vec::new()
                    }
                    (None, _) => {
                        let why = offers.into_iter().find_map(|offer| offer.edits.err());
                        self.refused(&why.unwrap_or_else(|| format!("`{to}` has nothing to call")))
                    }
                }
            }
            Err(why) => self.refused(&why),
        }
    }

    /// What is picked as a text that can be put into any scenario; a machine comes with all that stands on no other.
    #[must_use]
    pub fn copied(&self) -> Option<String> {
        let path = self.picked_path().filter(|_| !matches!(self.picked, Some(Subject::Link(_))))?;
        let design = self.draft()?;
        let mut paths = vec![path];
        if let Some(group) = paths[0].strip_prefix("machines.") {
            let on = |service: &crate::scenario::Service| {
                service.on.iter().all(|name| name == group) && !service.on.is_empty()
            };
            let there = design.scenario.services.iter().filter(|(_, service)| on(service));
            let there: Vec<String> = there.map(|(name, _)| format!("services.{name}")).collect();
            paths.extend(there);
        }
        Document::new(&*design.text).excerpt(&paths)
    }

    /// What was copied, here or in another window, is put in.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        let Some(design) = self.draft() else { return Vec::new() };
        match Document::new(&*design.text).insertions(text) {
            Ok(edits) => self.change(edits),
            Err(error) => self.refused(&error.message),
        }
    }

    fn refused(&mut self, why: &str) -> Vec<Effect> {
        self.wiring = None;
        self.notice = Some(format!("Nothing was changed: {why}."));
        Vec::new()
    }

    /// What was put in stands where it was dropped, once it is there.
    pub(super) fn land(&mut self) {
        let Some((path, at)) = &self.landing else { return };
        let Some(node) = self.node_at(path) else { return };
        let half = self.layout.rect(node).map_or((0.0, 0.0), |rect| (rect.width / 2.0, rect.height / 2.0));
        self.layout.move_node(node, Point { x: at.x - half.0, y: at.y - half.1 });
        self.moved += 1;
        self.landing = None;
    }

    fn node_at(&self, path: &str) -> Option<Node> {
        let (section, name) = path.split_once('.')?;
        match (section, self.resolve(name)?) {
            ("services", Subject::Service(service)) => {
                self.layout.seats().iter().find(|seat| seat.service == service).map(|seat| seat.node)
            }
            ("machines", Subject::Group(group)) => Some(self.layout.node_of(group, 0)),
            ("traffic", Subject::Source(source)) => Some(Node::Source(source)),
            _ => None,
        }
    }

    /// What something would be put onto that is dropped there.
    #[must_use]
    pub fn ground(&self, at: Point) -> Ground {
        let machines = |node: Node| match node {
            Node::Machine(group, _) | Node::Stack(group) => Ground::Machines(self.group_name(group).to_owned()),
            Node::Source(_) | Node::Apart(..) => Ground::Free,
        };
        match self.layout.at(at) {
            Some(Hit::Seat(seat)) => machines(self.layout.seats()[seat].node),
            Some(Hit::Node(node)) => machines(node),
            Some(Hit::Wire(wire)) => {
                let link = self.layout.wires()[wire].link;
                match self.link_ends(link) {
                    Some((from, to)) => Ground::Wire(from.to_owned(), to.to_owned()),
                    None => Ground::Free,
                }
            }
            None => Ground::Free,
        }
    }

    /// The name of the service or source that is picked, or one of whose instances is.
    #[must_use]
    pub fn picked_caller(&self) -> Option<String> {
        match self.picked.as_ref()? {
            Subject::Source(source) => Some(self.source_name(*source).to_owned()),
            Subject::Service(service) => Some(self.service_name(*service).to_owned()),
            Subject::Instance(index) => {
                let instance = self.frame.instances.get(*index as usize)?;
                Some(self.service_name(instance.service).to_owned())
            }
            Subject::Machine(_)
            | Subject::Group(_)
            | Subject::Link(_)
            | Subject::Resource(_)
            | Subject::Request(..) => None,
        }
    }

    /// Where the file says of what is picked: "services.app".
    #[must_use]
    pub fn picked_path(&self) -> Option<String> {
        match self.picked.as_ref()? {
            Subject::Source(source) => Some(format!("traffic.{}", self.source_name(*source))),
            Subject::Service(_) | Subject::Instance(_) => self.picked_caller().map(|name| format!("services.{name}")),
            Subject::Group(group) => Some(format!("machines.{}", self.group_name(*group))),
            Subject::Machine(index) => {
                let machine = self.frame.machines.get(*index as usize)?;
                Some(format!("machines.{}", self.group_name(machine.group)))
            }
            Subject::Link(link) => {
                let (caller, callee) = self.link_ends(*link)?;
                let is_service = self.draft()?.scenario.services.contains(caller);
                is_service.then(|| format!("services.{caller}.links.{callee}"))
            }
            Subject::Resource(_) | Subject::Request(..) => None,
        }
    }

    /// What takes away what is picked, and what else would go.
    #[must_use]
    pub fn removal(&self) -> Option<(Vec<Edit>, Vec<Dependent>)> {
        let design = self.draft()?;
        if let Some(Subject::Link(link)) = &self.picked {
            let (caller, callee) = self.link_ends(*link)?;
            return Some((wiring::unwired(design, caller, callee).ok()?, Vec::new()));
        }
        let path = self.picked_path()?;
        let dependents = Document::new(&*design.text).dependents(&path).ok()?;
        Some((vec![Edit::remove_with_dependents(path)], dependents))
    }
}
