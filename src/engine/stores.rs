//! Keys and stores at work: what a request is about, and what of it an instance remembers.
//!
//! A key is drawn anew wherever it is asked for, always the same for one request: nothing is kept. The entries of a store
//! count in its instance's memory; whatever changes their number goes through `touch`, which settles it.

use super::observation::{Observer, Skipped};
use super::rng::{Stream, derive};
use super::simulation::Simulation;
use super::store::{Counts, Store};
use super::world::{Turn, World};
use crate::model::store::Law;
use crate::model::{Access, KeyId, Model, ServiceId, hash};
use crate::units::Time;

const KEYS: u64 = 0x6b65_7973_0000;

/// Why an entry is put into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// After a miss.
    Fill,
    /// By `Put`.
    Put,
}

/// A store of an instance.
#[derive(Clone, Copy, Debug)]
pub struct StoreView {
    /// The instance it is in.
    pub instance: u32,
    /// Whose it is.
    pub service: ServiceId,
    /// Its place among that service's stores.
    pub place: u32,
    /// Entries now.
    pub entries: u32,
    /// ∫ entries dt, entry-seconds since the run began.
    pub entry_seconds: f64,
    /// What happened in it.
    pub counts: Counts,
}

impl Simulation {
    /// Every store there ever was, in the order in which they came.
    pub fn stores(&self) -> impl Iterator<Item = StoreView> + '_ {
        let world = self.world();
        world.stores.iter().map(|store| StoreView {
            instance: store.instance,
            service: ServiceId(world.instances[store.instance as usize].service),
            place: store.place,
            entries: store.len(),
            entry_seconds: store.area(world.now) as f64 * 1e-9,
            counts: store.counts,
        })
    }
}

impl World {
    /// The stores of an instance that has none or not all of its service's.
    pub(super) fn add_stores(&mut self, m: &Model, instance: u32) {
        let state = &self.instances[instance as usize];
        let (service, ordinal) = (&m.services[state.service as usize], state.ordinal);
        for place in state.stores.len()..service.stores.len() {
            let spec = &service.stores[place];
            let name = format!("{}/{ordinal}.{}", service.name, spec.name);
            let key = derive(self.seed, hash::hash(name.as_bytes()));
            self.stores.push(Store::new(spec, instance, place as u32, key, self.now));
            let index = self.stores.len() as u32 - 1;
            self.instances[instance as usize].stores.push(index);
        }
    }

    /// A process ends: what its stores held is gone, and its memory with it.
    pub(super) fn lose_stores(&mut self, instance: u32) {
        for place in 0..self.instances[instance as usize].stores.len() {
            let store = self.instances[instance as usize].stores[place];
            self.stores[store as usize].clear(self.now);
        }
    }
}

impl<O: Observer> Turn<'_, O> {
    /// What the request of an execution is about, by this key: one number for each thing there is.
    pub(super) fn key_of(&self, exec: u32, key: KeyId) -> u64 {
        let key = &self.m.keys[key.index()];
        let state = &self.w.execs[exec];
        let source = &self.m.sources[state.source as usize];
        let stream = || Stream::new(derive(derive(self.w.seed ^ source.key ^ KEYS, state.number), key.key));
        let value = match &key.law {
            Law::User => hash::combine(source.key, u64::from(state.user)),
            Law::Uniform(n) => u64::from(stream().below(*n)),
            Law::Zipf(law) => {
                let mut stream = stream();
                u64::from(law.draw(|| stream.unit()))
            }
        };
        hash::combine(key.key, value)
    }

    /// Looks for the request's key in a store of its instance.
    pub(super) fn look_up(&mut self, exec: u32, access: Access) -> bool {
        let id = self.key_of(exec, access.key);
        let store = self.store_of(exec, access);
        self.touch(store, |store, now| store.look(id, now))
    }

    /// Puts the request's key into a store of its instance.
    pub(super) fn store_entry(&mut self, exec: u32, access: Access, writing: Writing) {
        let id = self.key_of(exec, access.key);
        let store = self.store_of(exec, access);
        self.touch(store, |store, now| match writing {
            Writing::Fill => store.fill(id, now),
            Writing::Put => store.put(id, now),
        });
    }

    /// Takes the request's key out of a store of its instance.
    pub(super) fn drop_entry(&mut self, exec: u32, access: Access) {
        let id = self.key_of(exec, access.key);
        let store = self.store_of(exec, access);
        self.touch(store, |store, now| store.invalidate(id, now));
    }

    fn store_of(&self, exec: u32, access: Access) -> u32 {
        self.w.instances[self.w.execs[exec].instance as usize].stores[access.store as usize]
    }

    /// Does something with a store; the instance's memory follows the number of entries.
    fn touch<R>(&mut self, store: u32, act: impl FnOnce(&mut Store, Time) -> R) -> R {
        let now = self.w.now;
        let state = &mut self.w.stores[store as usize];
        let before = state.len();
        let result = act(state, now);
        let (after, entry, instance) = (state.len(), state.entry, state.instance);
        if after > before {
            self.grow(instance, entry * u64::from(after - before));
        } else {
            self.shrink(instance, entry * u64::from(before - after));
        }
        result
    }

    /// Empties the stores of instances, or one of each.
    pub(super) fn flush(&mut self, service: ServiceId, ordinal: Option<u32>, only: Option<u32>) -> Result<(), Skipped> {
        let instances = self.instances_of(service, ordinal);
        if instances.is_empty() {
            return Err(Skipped::NoSuchInstance);
        }
        let mut lost = 0;
        for instance in instances {
            for place in 0..self.w.instances[instance as usize].stores.len() {
                if only.is_none_or(|only| only as usize == place) {
                    let store = self.w.instances[instance as usize].stores[place];
                    lost += self.touch(store, Store::clear);
                }
            }
        }
        if lost > 0 { Ok(()) } else { Err(Skipped::NothingToDo) }
    }

    /// A changed model: new stores are there, others have new rules.
    pub(super) fn replace_stores(&mut self) {
        for instance in 0..self.w.instances.len() as u32 {
            self.w.add_stores(self.m, instance);
            for place in 0..self.w.instances[instance as usize].stores.len() {
                let store = self.w.instances[instance as usize].stores[place];
                let spec = &self.m.services[self.w.instances[instance as usize].service as usize].stores[place];
                let old = &self.w.stores[store as usize];
                let held = u64::from(old.len()) * old.entry;
                let now = self.w.now;
                let state = &mut self.w.stores[store as usize];
                state.set(spec, now);
                let holds = u64::from(state.len()) * state.entry;
                if holds > held {
                    self.grow(instance, holds - held);
                } else {
                    self.shrink(instance, held - holds);
                }
            }
        }
    }
}
