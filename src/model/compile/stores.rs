//! Keys, the stores of services, and the steps that use them.

use super::Compiler;
use super::programs::Place;
use crate::model::store::{Access, Key, Law, Store, Zipf};
use crate::model::{Caller, Instr, KeyId, NO_PC, ServiceId, hash};
use crate::scenario::{self, Named, Step};

impl Compiler<'_> {
    pub(super) fn keys(&mut self) {
        for (name, spec) in &self.scenario.keys {
            let law = match *spec {
                scenario::Key::Zipf { n, s } => Law::Zipf(Zipf::new(n, s)),
                scenario::Key::Uniform { n } => Law::Uniform(n),
                scenario::Key::User => Law::User,
            };
            let key = Key { name: name.clone(), law, key: hash::hash(name.as_bytes()) };
            let at = super::place(&mut self.m.keys, |known| known.name == *name, || key.clone());
            self.m.keys[at] = key;
        }
    }

    pub(super) fn key_id(&self, name: &str) -> Option<KeyId> {
        self.m.keys.iter().position(|key| key.name == name).map(|at| KeyId(at as u32))
    }

    /// The stores of a service; those it had keep their places.
    pub(super) fn stores(&mut self, service: usize, specs: &Named<scenario::Store>) {
        for store in &mut self.m.services[service].stores {
            store.retired = true;
        }
        for (name, spec) in specs {
            let store = Store {
                name: name.clone(),
                retired: false,
                capacity: spec.capacity.unwrap_or(u32::MAX),
                entry: spec.entry.0,
                evict: spec.evict,
                ttl: spec.ttl.map_or(i64::MAX, |span| span.0),
                sliding: spec.sliding,
            };
            let stores = &mut self.m.services[service].stores;
            let at = super::place(stores, |known| known.name == *name, || store.clone());
            stores[at] = store;
        }
    }

    /// A store of the service whose program this is, with the key.
    fn access(&self, place: Place, store: &str, key: &str) -> Option<Access> {
        let Caller::Service(ServiceId(service)) = place.caller else { return None };
        let stores = &self.m.services[service as usize].stores;
        let at = stores.iter().position(|known| known.name == store && !known.retired)?;
        Some(Access { store: at as u16, key: self.key_id(key)? })
    }

    /// Look; the one body, or the other and then fill.
    pub(super) fn cached(&mut self, (store, key): (&str, &str), hit: &[Step], miss: &[Step], place: Place) {
        let Some(access) = self.access(place, store, key) else { return };
        let look = self.emit(Instr::Lookup { access, miss: NO_PC }, place);
        self.steps(hit, Place { key: hash::combine(place.key, 0), ..place });
        let over = self.emit(Instr::Jump(NO_PC), place);
        self.m.code[look].instr = Instr::Lookup { access, miss: self.here() };
        self.steps(miss, Place { key: hash::combine(place.key, 1), ..place });
        self.emit(Instr::Fill(access), place);
        self.m.code[over].instr = Instr::Jump(self.here());
    }

    pub(super) fn put(&mut self, store: &str, key: &str, place: Place) {
        if let Some(access) = self.access(place, store, key) {
            self.emit(Instr::Put(access), place);
        }
    }

    pub(super) fn invalidate(&mut self, store: &str, key: &str, place: Place) {
        if let Some(access) = self.access(place, store, key) {
            self.emit(Instr::Invalidate(access), place);
        }
    }
}
