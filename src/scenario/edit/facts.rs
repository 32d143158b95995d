//! What there is by name in a file, as far as the meaning of other texts depends on it.

use super::mention::{Name, head};
use super::set::variant_of;
use crate::scenario::described::{Names, Thing};
use crate::scenario::parts;
use crate::scenario::syntax::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Names of a file and its variants; what the file itself says comes first.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Machines, services and sources.
    things: BTreeMap<String, Thing>,
    /// Balancers and queues, and whom they hand on to.
    forwards: BTreeMap<String, String>,
    /// Services that need no machine.
    managed: BTreeSet<String>,
    /// (service, store)
    stores: BTreeSet<(String, String)>,
    /// Paths that a variant's chain sets, by the variant.
    set: BTreeMap<String, BTreeSet<String>>,
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.unwrapped().value {
        Value::Text { text, .. } => Some(text),
        _ => None,
    }
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match node.map(|node| &node.unwrapped().value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|(key, value)| Some((text_of(key)?, value)))
}

impl Facts {
    pub(super) fn of(tree: &Node) -> Self {
        let mut facts = Self::default();
        let sections = [("machines", Thing::Machine), ("services", Thing::Service), ("traffic", Thing::Source)];
        for (section, thing) in sections {
            for (name, node) in entries(tree.child(section)) {
                facts.add(thing, name, Some(node));
            }
        }
        for (_, variant) in entries(tree.child("variants")) {
            for (path, node) in entries(variant.child("set")) {
                let keys: Vec<&str> = path.split('.').map(str::trim).collect();
                match keys.as_slice() {
                    [section, name] => {
                        let known = sections.iter().find(|known| known.0 == *section);
                        known.iter().for_each(|(_, thing)| facts.add(*thing, name, Some(node)));
                    }
                    ["services", service, "stores", store] => {
                        facts.stores.insert(((*service).to_owned(), (*store).to_owned()));
                    }
                    ["services", service, "stores"] => facts.add_stores(service, Some(node)),
                    _ => {}
                }
            }
        }
        facts.patches(tree);
        facts
    }

    fn add(&mut self, thing: Thing, name: &str, node: Option<&Node>) {
        if self.things.contains_key(name) {
            return;
        }
        self.things.insert(name.to_owned(), thing);
        if thing != Thing::Service {
            return;
        }
        let part = node.and_then(|node| parts::find(text_of(node.child("like")?)?)).map(|part| part.node());
        let own = node.and_then(|node| node.child("kind"));
        let kind = own.or_else(|| part?.child("kind"));
        let word = kind.and_then(|kind| variant_of(kind.unwrapped())).unwrap_or("Server");
        if !matches!(word, "Server" | "Database") {
            self.managed.insert(name.to_owned());
        }
        if let Some(Value::Record { name: Some(word), .. }) = kind.map(|kind| &kind.value)
            && (word.text == "Balancer" || word.text == "Queue")
            && let Some(to) = kind.and_then(|kind| text_of(kind.child("to")?))
        {
            self.forwards.insert(name.to_owned(), to.to_owned());
        }
        self.add_stores(name, node.and_then(|node| node.child("stores")));
        self.add_stores(name, part.and_then(|part| part.child("stores")));
    }

    fn add_stores(&mut self, service: &str, stores: Option<&Node>) {
        self.stores.extend(entries(stores).map(|(store, _)| (service.to_owned(), store.to_owned())));
    }

    /// What each variant sets, with those it builds on.
    fn patches(&mut self, tree: &Node) {
        let variants: BTreeMap<&str, &Node> = entries(tree.child("variants")).collect();
        for name in variants.keys() {
            let (mut next, mut seen, mut set) = (Some(*name), BTreeSet::new(), BTreeSet::new());
            while let Some(name) = next.filter(|name| seen.insert(*name)) {
                let Some(variant) = variants.get(name) else { break };
                for (path, _) in entries(variant.child("set")) {
                    set.insert(path.split('.').map(str::trim).collect::<Vec<_>>().join("."));
                }
                next = variant.child("from").and_then(text_of);
            }
            self.set.insert((*name).to_owned(), set);
        }
    }

    /// Whether a variant puts a whole new list, or what holds it, in the place of this one.
    pub(super) fn is_replaced(&self, variant: Option<&str>, list: &str) -> bool {
        let Some(set) = variant.and_then(|variant| self.set.get(variant)) else { return false };
        let ends = list.match_indices('.').map(|(at, _)| at).chain([list.len()]);
        ends.into_iter().any(|end| set.contains(&list[..end]))
    }

    /// Whether it may run on no machine of ours.
    pub(super) fn is_managed(&self, service: Option<&str>) -> bool {
        service.is_some_and(|service| self.managed.contains(service))
    }

    /// The service whose operations another offers.
    fn owner(&self, service: &str) -> String {
        let mut owner = service;
        for _ in 0..=self.forwards.len() {
            match self.forwards.get(owner) {
                Some(next) => owner = next,
                None => break,
            }
        }
        owner.to_owned()
    }

    /// A thing of that kind; `service`: whose, for those that a service has.
    pub(super) fn thing(&self, thing: Thing, service: Option<&str>, name: &str) -> Option<Name> {
        let (name, of) = (name.to_owned(), || service.map(str::to_owned));
        Some(match thing {
            Thing::Key => Name::Key(name),
            Thing::Machine => Name::Machine(name),
            Thing::Service => Name::Service(name),
            Thing::Source => Name::Source(name),
            Thing::Variant => Name::Variant(name),
            Thing::Operation => Name::Operation(of()?, name),
            Thing::Store => Name::Store(of()?, name),
            Thing::Lock => Name::Lock(of()?, name),
        })
    }

    /// A store of the service, else a cache.
    pub(super) fn store(&self, service: Option<&str>, name: &str) -> Name {
        let own = service.map(|service| (service.to_owned(), name.to_owned()));
        match own.filter(|own| self.stores.contains(own)) {
            Some((service, store)) => Name::Store(service, store),
            None => Name::Service(name.to_owned()),
        }
    }

    fn named(&self, name: &str) -> Option<Name> {
        self.thing(*self.things.get(name)?, None, name)
    }

    /// The names in a text of one of the small languages.
    pub(super) fn inside(&self, names: Names, text: &str) -> Vec<(Range<usize>, Name)> {
        let first = head(text);
        let name = &text[first.clone()];
        let behind = first.end + 1..text.len();
        let rest = text.get(behind.clone()).unwrap_or_default();
        let then = |sign: char| text[first.end..].starts_with(sign);
        let mut found = Vec::new();
        match names {
            Names::Call => {
                found.push((first.clone(), Name::Service(name.to_owned())));
                if then('.') {
                    found.push((behind, Name::Operation(self.owner(name), rest.to_owned())));
                }
            }
            Names::Contents => {
                found.extend(self.named(name).map(|name| (first.clone(), name)));
                if let Some(point) = text[first.end..].find('.').map(|at| first.end + at + 1) {
                    found.push((point..text.len(), Name::Store(name.to_owned(), text[point..].to_owned())));
                }
            }
            Names::Subject if text != "cost" => {
                let Some(thing) = self.named(name) else { return found };
                found.push((first.clone(), thing));
                let pool = ["pool(", "slots("].iter().find_map(|word| text.find(word).map(|at| at + word.len()));
                if let Some((from, end)) = pool.and_then(|from| Some((from, from + text[from..].find(')')?))) {
                    found.push((from..end, Name::Service(text[from..end].to_owned())));
                } else if then('.') && self.things.get(name) == Some(&Thing::Service) {
                    found.push((behind, Name::Operation(self.owner(name), rest.to_owned())));
                }
            }
            Names::Target | Names::Side | Names::Scaled | Names::Condition | Names::Watched => {
                found.extend(self.named(name).map(|name| (first, name)));
            }
            Names::Defines(_)
            | Names::Refers(_)
            | Names::StoreOrCache
            | Names::Subject
            | Names::Path
            | Names::Part
            | Names::Expression
            | Names::Prose => {}
        }
        found
    }
}
