//! Keys and stores: that what a step names is there, and that what is there is named.
use super::{At, Checker, calls::Caller, programs::Owner};
use crate::scenario::{
    named::Named,
    service::{Kind, Service},
    step::Step,
    store::{CACHE_OPERATIONS, Store},
};
use crate::units::Span;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a `Cache` offers, whatever it says they cost.
pub(super) static CACHE: LazyLock<Named<Vec<Step>>> =
    LazyLock::new(|| CACHE_OPERATIONS.iter().map(|name| ((*name).to_owned(), Vec::new())).collect());

/// Names of keys and stores that steps use.
#[derive(Default)]
pub(super) struct Used<'a> {
    keys: BTreeSet<&'a str>,
    /// (service, store)
    stores: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Checker<'a> {
    /// The names of keys are names.
    pub(super) fn key_names(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for key in scenario.keys.names() {
            self.name(key, root.child("keys").name(key));
        }
    }

    /// A key that something is drawn by, cached under or locked with.
    pub(super) fn key(&mut self, key: &'a str, at: At<'_>) {
        if self.scenario.keys.contains(key) {
            self.used.keys.insert(key);
        } else {
            self.unknown(at, "key", key, self.scenario.keys.names());
        }
    }

    /// A step that uses a store.
    pub(super) fn uses_store(&mut self, owner: Owner<'a>, (store, key): (&'a str, &'a str), verb: &'a str, at: At<'_>) {
        self.key(key, at.item(1));
        match owner {
            Owner::Journey { .. } => {
                self.error(at, "a store in a journey", "a user has no store of ours: use it in an operation");
            }
            Owner::Operation { service, operation, of } => {
                let caches = |name: &str| {
                    matches!(self.scenario.services.get(name), Some(Service { kind: Kind::Cache { .. }, .. }))
                };
                let linked = of.links.contains(store) && caches(store);
                match (of.stores.contains(store), linked) {
                    (true, true) => {
                        let place = at.item(0);
                        self.error(
                            place,
                            format!("`{store}` is a store and a linked `Cache`"),
                            "expected another name for one of them",
                        );
                    }
                    (true, false) => {
                        self.used.stores.insert((service, store));
                    }
                    (false, true) => {
                        let caller = Caller::Operation(service, operation);
                        self.calls.call(caller, store, verb, at.span());
                        if verb == "get" {
                            self.calls.call(caller, store, "set", at.span());
                        }
                    }
                    (false, false) if caches(store) => {
                        let help = format!("add `\"{store}\": ()` to the `links` of `{service}`");
                        let problem = self.error(
                            at.item(0),
                            format!("`{service}` uses `{store}` without a link"),
                            "it is a `Cache`",
                        );
                        problem.help = Some(help);
                    }
                    (false, false) if self.scenario.services.contains(store) => {
                        let problem = self.error(
                            at.item(0),
                            format!("`{store}` is no store and no `Cache`"),
                            "expected a store of this service or a linked `Cache`",
                        );
                        problem.help =
                            Some(format!("if `{store}` remembers what it is asked, give it `kind: Cache()`"));
                    }
                    (false, false) => {
                        let mut known: Vec<&str> = of.stores.names().collect();
                        known.extend(of.links.names().filter(|link| caches(link)));
                        self.unknown(at.item(0), "store", store, known);
                    }
                }
            }
        }
    }

    /// What a `Cache` is and is not.
    pub(super) fn cache(&mut self, name: &'a str, service: &'a Service, store: &'a Store, at: At<'_>) {
        self.store(store, at.child("kind").child("store"));
        self.write_back((name, "set"), service, store, at.child("kind").child("store"));
        for operation in service.operations.names().filter(|operation| !CACHE.contains(operation)) {
            let place = at.child("operations").name(operation);
            self.error(
                place,
                format!("`{name}` is a `Cache` and has `{operation}`"),
                "it offers `get`, `set` and `delete`",
            );
        }
        if !service.stores.is_empty() {
            self.error(
                at.child("stores"),
                format!("`{name}` is a `Cache` and has `stores`"),
                "its store is in its `kind`",
            );
        }
    }

    pub(super) fn stores(&mut self, owner: &'a str, service: &'a Service, at: At<'_>) {
        for (name, store) in &service.stores {
            let place = at.child("stores").child(name);
            self.name(name, at.child("stores").name(name));
            self.store(store, place);
            // The writes are made in the name of an operation; which one matters to nobody here.
            for operation in service.operations.names() {
                self.write_back((owner, operation), service, store, place);
            }
        }
    }

    /// Where a store's entries are written.
    fn write_back(&mut self, (caller, from): (&'a str, &'a str), service: &'a Service, store: &'a Store, at: At<'_>) {
        let Some(write_back) = &store.write_back else { return };
        let at = at.child("write_back");
        self.not_zero(write_back.every, at.child("every"), "checkpoints every 0s");
        let Some((callee, operation)) = self.operation(&write_back.to, at.child("to")) else { return };
        self.calls.call(Caller::Operation(caller, from), callee, operation, at.span());
        if !service.links.contains(callee) {
            let help = format!("add `\"{callee}\": ()` to the `links` of `{caller}`");
            let problem = self.error(
                at.child("to"),
                format!("`{caller}` writes to `{callee}` without a link"),
                "it calls it for each entry",
            );
            problem.help = Some(help);
        }
    }

    fn store(&mut self, store: &Store, at: At<'_>) {
        self.not_zero(store.ttl, at.child("ttl"), "an entry that lives 0s is never found");
        if store.sliding && store.ttl.is_none() {
            self.warn(at.child("sliding"), "`sliding` without `ttl`", "entries live for ever as it is");
        }
        if store.ttl.is_some_and(|ttl| ttl > Span::ZERO && ttl.0 < 1_000) {
            self.warn(at.child("ttl"), "a store that forgets within a microsecond", "nothing is ever found in it");
        }
    }

    /// Keys and stores that nothing uses.
    pub(super) fn unused_stores(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for key in scenario.keys.names().filter(|key| !self.used.keys.contains(*key)).collect::<Vec<_>>() {
            self.warn(
                root.child("keys").name(key),
                format!("nothing asks for the key `{key}`"),
                "no step and no link names it",
            );
        }
        for (name, service) in &scenario.services {
            for store in service.stores.names() {
                if !self.used.stores.contains(&(name.as_str(), store)) {
                    let at = root.child("services").child(name).child("stores").name(store);
                    self.warn(at, format!("nothing uses the store `{store}`"), "expected a step such as `Cached`");
                }
            }
        }
    }
}
