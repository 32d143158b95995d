//! Keys, the stores of services, and the steps that use them.

use super::Compiler;
use super::programs::CodeContext;
use crate::model::store::{About, Access, Key, Law, Lock, Store, Verb, WriteBack, Zipf};
use crate::model::{Caller, Instr, KeyId, LockId, NO_PC, OperationId, ServiceId, hash};
use crate::scenario::{self, Step, walk};

impl Compiler<'_> {
    pub(super) fn keys(&mut self) {
        for (name, spec) in &self.scenario.keys {
            let law = match *spec {
                scenario::Key::Zipf { n, s } => Law::Zipf(Zipf::new(n, s)),
                scenario::Key::Uniform { n } => Law::Uniform(n),
                scenario::Key::User => Law::User,
            };
            let key = Key { name: name.clone(), law, key: hash::hash(name.as_bytes()) };
            let at = self.known.keys.put(name.clone(), &mut self.m.keys, || key.clone());
            self.m.keys[at] = Key { key: self.m.keys[at].key, ..key };
        }
    }

    pub(super) fn key_id(&self, name: &str) -> Option<KeyId> {
        self.known.keys.get(name)
    }

    /// The stores of a service; those it had keep their places.
    pub(super) fn stores(&mut self, service: ServiceId, spec: &scenario::Service) {
        for store in &mut self.m.services[service].stores {
            store.retired = true;
        }
        for (name, store) in &spec.stores {
            self.store(service, name, store);
        }
        if let scenario::Kind::Cache { store } = &spec.kind {
            self.store(service, "", store);
        }
    }

    fn store(&mut self, service: ServiceId, name: &str, spec: &scenario::Store) {
        let known = self.m.services[service].stores.iter().position(|known| known.name == name);
        let mut flights = known.map_or(u16::MAX, |at| self.m.services[service].stores[at].flights);
        if spec.single_flight && flights == u16::MAX {
            flights = self.lock_place(
                service,
                if name.is_empty() { "fill".to_owned() } else { format!("fill({name})") },
                true,
            );
        }
        let store = Store {
            name: name.to_owned(),
            first_name: name.to_owned(),
            retired: false,
            capacity: spec.capacity.unwrap_or(u32::MAX),
            entry: spec.entry.0,
            evict: spec.evict,
            ttl: spec.ttl.map_or(i64::MAX, |span| span.0),
            sliding: spec.sliding,
            single_flight: spec.single_flight,
            flights,
            write_back: None,
        };
        let stores = &mut self.m.services[service].stores;
        match stores.iter_mut().find(|known| known.name == *name) {
            Some(known) => *known = Store { first_name: std::mem::take(&mut known.first_name), ..store },
            None => stores.push(store),
        }
    }

    /// The place of a lock among those of its service.
    fn lock_place(&mut self, service: ServiceId, name: String, keyed: bool) -> u16 {
        let known = self.known.locks.entry(service).or_default();
        if let Some((id, at)) = known.get(&name) {
            self.m.locks[*id].keyed |= keyed;
            return *at;
        }
        let (id, at) = (LockId::new(self.m.locks.len()), self.m.services[service].locks.len() as u16);
        known.insert(name.clone(), (id, at));
        self.m.locks.push(Lock { name, keyed, takers: Vec::new() });
        self.m.services[service].locks.push(id);
        at
    }

    /// The body within a lock.
    pub(super) fn lock(&mut self, name: &str, key: &str, body: &[Step], place: CodeContext) {
        let Caller::Service(service) = place.caller else { return };
        let key = self.key_id(key);
        let lock = self.lock_place(service, format!("lock({name})"), key.is_some());
        let id = self.m.services[service].locks[usize::from(lock)];
        let takers = &mut self.m.locks[id].takers;
        if let Some(operation) = place.operation.filter(|operation| !takers.contains(operation)) {
            takers.push(operation);
        }
        self.emit(Instr::Acquire { lock, key, depth: place.depth }, place);
        self.steps(body, CodeContext { depth: place.depth + 1, ..place });
        self.emit(Instr::Release { depth: place.depth }, place);
    }

    /// Whether the code from there on makes claims.
    pub(super) fn claims(&self, from: usize) -> bool {
        let claims =
            |instr: &Instr| matches!(instr, Instr::Acquire { .. } | Instr::Lookup { .. } | Instr::IfHit { .. });
        self.m.code[from..].iter().any(|step| claims(&step.instr))
    }

    /// A store of the service whose program this is, with the key.
    fn access(&self, place: CodeContext, store: &str, key: &str) -> Option<Access> {
        let Caller::Service(service) = place.caller else { return None };
        let stores = &self.m.services[service].stores;
        let at = stores.iter().position(|known| known.name == store && !known.retired)?;
        Some(Access { store: at as u16, key: self.key_id(key)? })
    }

    /// Look; the one body, or the other and then fill.
    pub(super) fn cached(&mut self, (store, key): (&str, &str), hit: &[Step], miss: &[Step], place: CodeContext) {
        let depth = place.depth;
        let found = CodeContext { key: hash::derive(place.key, 0), counted: true, ..place };
        let missed = CodeContext { key: hash::derive(place.key, 1), depth: depth + 1, ..found };
        let Some(access) = self.access(place, store, key) else {
            return self.cached_elsewhere((store, key), hit, miss, place);
        };
        let look = self.emit(Instr::Lookup { access, depth, miss: NO_PC }, place);
        self.steps(hit, found);
        let over = self.emit(Instr::Jump(NO_PC), place);
        self.m.code[look].instr = Instr::Lookup { access, depth, miss: self.here() };
        self.steps(miss, missed);
        self.emit(Instr::Fill { access, depth }, place);
        self.m.code[over].instr = Instr::Jump(self.here());
    }

    /// The same with a `Cache`: a call that fails has found nothing, and nobody minds a failed `set`.
    fn cached_elsewhere(&mut self, (cache, key): (&str, &str), hit: &[Step], miss: &[Step], place: CodeContext) {
        let depth = place.depth;
        let part = |part: u64| CodeContext { key: hash::derive(place.key, part), ..place };
        let Some(get) = self.ask_cache(cache, key, Verb::Get, part(2)) else { return };
        let branch = self.emit(Instr::IfHit { depth, miss: NO_PC }, place);
        self.steps(hit, CodeContext { counted: true, ..part(0) });
        let over = self.emit(Instr::Jump(NO_PC), place);
        self.m.code[branch].instr = Instr::IfHit { depth, miss: self.here() };
        self.m.code[get].handler = self.here();
        self.steps(miss, CodeContext { counted: true, depth: depth + 1, ..part(1) });
        if let Some(set) = self.ask_cache(cache, key, Verb::Fill, CodeContext { counted: true, ..part(3) }) {
            self.m.code[set].handler = self.here();
        }
        self.emit(Instr::Release { depth }, place);
        self.m.code[over].instr = Instr::Jump(self.here());
    }

    fn ask_cache(&mut self, cache: &str, key: &str, verb: Verb, place: CodeContext) -> Option<usize> {
        let operation = match verb {
            Verb::Get => "get",
            Verb::Fill | Verb::Put => "set",
            Verb::Drop => "delete",
        };
        let about = About { key: self.key_id(key)?, verb };
        self.call_about(&format!("{cache}.{operation}"), Some(about), place)
    }

    pub(super) fn put(&mut self, store: &str, key: &str, place: CodeContext) {
        match self.access(place, store, key) {
            Some(access) => self.emit(Instr::Put(access), place),
            None => self.ask_cache(store, key, Verb::Put, place).unwrap_or_default(),
        };
    }

    pub(super) fn invalidate(&mut self, store: &str, key: &str, place: CodeContext) {
        match self.access(place, store, key) {
            Some(access) => self.emit(Instr::Invalidate(access), place),
            None => self.ask_cache(store, key, Verb::Drop, place).unwrap_or_default(),
        };
    }

    /// The programs that write what was put into stores elsewhere: one call.
    pub(super) fn write_backs(&mut self) {
        for service in self.m.services.ids() {
            let Some(spec) = self.scenario.services.get(&self.m.services[service].name) else { continue };
            let mut stores: Vec<(&str, &scenario::Store)> =
                spec.stores.iter().map(|(name, store)| (name.as_str(), store)).collect();
            if let scenario::Kind::Cache { store } = &spec.kind {
                stores.push(("", store));
            }
            for (name, store) in stores {
                let Some(write_back) = &store.write_back else { continue };
                let caller = Caller::Service(service);
                let Some(operation) = self.who_puts(service, spec, name) else { continue };
                let start = self.begin();
                let known = self.m.services[service].stores.iter().find(|known| known.name == name);
                let first = known.map_or(name, |known| known.first_name.as_str());
                let key = hash::derive(self.m.operations[operation].key, hash::hash(first.as_bytes()));
                let place = CodeContext {
                    caller,
                    operation: Some(operation),
                    key,
                    handler: NO_PC,
                    visits: 0.0,
                    background: true,
                    loops: 0,
                    depth: 0,
                    counted: true,
                };
                self.call_about(&write_back.to, None, place);
                self.emit(Instr::Return, place);
                let entry = self.end(start);
                let every = write_back.every.map_or(i64::MAX, |span| span.0);
                if let Some(known) = self.m.services[service].stores.iter_mut().find(|known| known.name == name) {
                    known.write_back = Some(WriteBack { entry, operation, every });
                }
            }
        }
    }

    /// An operation that puts entries into a store of its service.
    fn who_puts(&self, service: ServiceId, spec: &scenario::Service, store: &str) -> Option<OperationId> {
        let owner = &self.m.services[service].name;
        let local = match &spec.kind {
            scenario::Kind::Cache { .. } => "set",
            _ => spec.operations.iter().find(|(_, steps)| steps.iter().any(|step| puts(step, store)))?.0.as_str(),
        };
        self.operation_id(&format!("{owner}.{local}"))
    }
}

/// Whether a step puts entries into a store.
fn puts(step: &Step, store: &str) -> bool {
    let mut found = false;
    walk(std::slice::from_ref(step), &mut |step| found |= matches!(step, Step::Put(name, _) if name == store));
    found
}
