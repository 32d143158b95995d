//! Keys and stores: that what a step names is there, and that what is there is named.
use super::{At, Checker, programs::Owner};
use crate::scenario::{service::Service, store::Store};
use crate::units::Span;
use std::collections::BTreeSet;

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
    pub(super) fn uses_store(&mut self, owner: Owner<'a>, (store, key): (&'a str, &'a str), at: At<'_>) {
        self.key(key, at.item(1));
        match owner {
            Owner::Journey { .. } => {
                self.error(at, "a store in a journey", "a user has no store of ours: use it in an operation");
            }
            Owner::Operation { service, of, .. } => {
                if of.stores.contains(store) {
                    self.used.stores.insert((service, store));
                } else {
                    let known: Vec<&str> = of.stores.names().collect();
                    self.unknown(at.item(0), &format!("store of `{service}`,"), store, known);
                }
            }
        }
    }

    pub(super) fn stores(&mut self, service: &Service, at: At<'_>) {
        for (name, store) in &service.stores {
            self.name(name, at.child("stores").name(name));
            self.store(store, at.child("stores").child(name));
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
            self.warn(root.child("keys").name(key), format!("nothing asks for the key `{key}`"), "no step and no link names it");
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
