//! Keys and stores at work: what a request is about, and what of it an instance remembers.
//!
//! A key is drawn anew wherever it is asked for, always the same for one request: nothing is kept. The entries of a
//! store count in its instance's memory; whatever changes their number goes through `touch`, which settles it.

use crate::engine::data::lock::ANSWERING;
use crate::engine::data::store::{Counts, Store, Writer};
use crate::engine::observation::{Observer, Skipped};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::simulation::Simulation;
use crate::engine::state::ids::{InstanceId, InstanceLockId, StoreId};
use crate::engine::state::request::{Occupancy, Role};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, World};
use crate::engine::time::event::Event;
use crate::model::store::{Law, WriteBack};
use crate::model::{Access, KeyId, Model, ServiceId, Verb, hash};
use crate::units::Time;
use rand::RngExt;

const KEYS: u64 = 0x6b65_7973_0000;

/// What a look into a store led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    Found,
    Missed,
    /// Another gets it already.
    Waits,
}

/// Why an entry is put into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// After a miss.
    Fill,
    /// By `Put`.
    Put,
}

/// A store of an instance.
#[derive(Clone, Copy, Debug)]
pub struct StoreView {
    /// The instance it is in.
    pub instance: InstanceId,
    /// Whose it is.
    pub service: ServiceId,
    /// Its place among that service's stores.
    pub place: u32,
    /// Entries now.
    pub entries: u32,
    /// ∫ entries dt, entry-seconds since the run began.
    pub entry_seconds: f64,
    /// ∫ capacity dt, entry-seconds, while its instance was there, up or down; none: it was without a limit.
    pub capacity_seconds: Option<f64>,
    /// What happened in it.
    pub counts: Counts,
}

impl Simulation {
    /// Every store there ever was, in the order in which they came.
    pub fn stores(&self) -> impl Iterator<Item = StoreView> + '_ {
        let world = self.world();
        world.stores.iter().map(|store| StoreView {
            instance: store.instance,
            service: world.instances[store.instance].service,
            place: store.place,
            entries: store.len(),
            entry_seconds: store.area(world.now) as f64 * 1e-9,
            capacity_seconds: store.room(world.now).map(|room| room as f64 * 1e-9),
            counts: store.counts,
        })
    }
}

impl World {
    /// The stores of an instance that has none or not all of its service's.
    pub(crate) fn add_stores(&mut self, m: &Model, instance: InstanceId) {
        let state = &self.instances[instance];
        let (service, ordinal) = (&m.services[state.service], state.ordinal);
        for place in state.stores.len()..service.stores.len() {
            let spec = &service.stores[place];
            let name = format!("{}/{ordinal}.{}", service.first_name, spec.first_name);
            let key = derive(self.seed, hash::hash(name.as_bytes()));
            let index = self.stores.push(Store::new(spec, instance, place as u32, key, self.now));
            self.store_slots.push(self.agenda.slot(Event::StoreDue { store: index }));
            self.instances[instance].stores.push(index);
        }
    }

    /// A process ends: what its stores held is gone, and its memory with it. An instance that leaves for good takes the
    /// stores along.
    pub(crate) fn lose_stores(&mut self, instance: InstanceId) {
        self.catch_up(instance, matches!(self.instances[instance].availability, Availability::Removed));
        for place in 0..self.instances[instance].stores.len() {
            let store = self.instances[instance].stores[place];
            match self.instances[instance].availability {
                Availability::Removed => self.stores[store].leave(self.now),
                _ => _ = self.stores[store].clear(self.now),
            }
            self.agenda.clear(self.store_slots[store]);
        }
    }
}

impl<O: Observer> Context<'_, O> {
    /// What the request of an execution is about, by this key: one number for each thing there is.
    pub(crate) fn key_of(&self, exec: u32, key: KeyId) -> u64 {
        let key = &self.model.keys[key];
        let state = &self.world.execs[exec];
        let source = &self.model.sources[state.source];
        let stream = || Stream::new(derive(derive(self.world.seed ^ source.key ^ KEYS, state.number), key.key));
        let value = match &key.law {
            Law::User => derive(source.key, u64::from(state.user)),
            Law::Uniform(n) => u64::from(stream().below(*n)),
            Law::Zipf(law) => {
                let mut stream = stream();
                u64::from(law.draw(|| stream.random::<f64>()))
            }
        };
        derive(key.key, value)
    }

    /// Looks for the request's key in a store of its instance.
    pub(crate) fn look_up(&mut self, exec: u32, access: Access, depth: u8) -> Lookup {
        let id = self.key_of(exec, access.key);
        let instance = self.world.execs[exec].instance();
        let store = self.world.instances[instance].stores[access.store as usize];
        if self.touch(store, |store, now| store.look(id, now)) {
            return Lookup::Found;
        }
        let Some(lock) = self.flights_of(instance, access.store) else { return Lookup::Missed };
        let own = self.world.execs.reference(exec);
        if self.holds_lock(own, lock, id) || self.acquire(exec, lock, id, depth) {
            Lookup::Missed
        } else {
            Lookup::Waits
        }
    }

    /// Puts the request's key into a store of its instance.
    pub(crate) fn store_entry(&mut self, exec: u32, access: Access, writing: Writing) {
        let id = self.key_of(exec, access.key);
        self.write(exec, access.store, id, writing);
    }

    /// Takes the request's key out of a store of its instance.
    pub(crate) fn drop_entry(&mut self, exec: u32, access: Access) {
        let id = self.key_of(exec, access.key);
        let store = self.world.instances[self.world.execs[exec].instance()].stores[access.store as usize];
        self.touch(store, |store, now| store.invalidate(id, now));
    }

    /// A `Cache` does what it is called for; true: the call stands in line for another's fill.
    pub(crate) fn serve_store(&mut self, exec: u32) -> bool {
        let state = &self.world.execs[exec];
        let (instance, parent) = (state.instance(), state.parent);
        let Some(about) = state.site.and_then(|site| self.model.sites[site].about) else { return false };
        let id = self.key_of(exec, about.key);
        let store = self.world.instances[instance].stores[0];
        match about.verb {
            Verb::Get => {
                let hit = self.touch(store, |store, now| store.look(id, now));
                self.world.execs[exec].hit = hit;
                if hit || !self.listens(exec) {
                    return false;
                }
                let Some(lock) = self.flights_of(instance, 0) else { return false };
                !self.holds_lock(parent, lock, id) && !self.acquire(exec, lock, id, ANSWERING)
            }
            Verb::Fill => {
                self.write(exec, 0, id, Writing::Fill);
                false
            }
            Verb::Put => {
                self.write(exec, 0, id, Writing::Put);
                false
            }
            Verb::Drop => {
                self.touch(store, |store, now| store.invalidate(id, now));
                false
            }
        }
    }

    /// An entry comes, and with it the answer for those who wait for it.
    fn write(&mut self, exec: u32, place: u16, id: u64, writing: Writing) {
        let state = &self.world.execs[exec];
        let instance = state.instance();
        let writer = Writer { source: state.source, user: state.user, number: state.number };
        let store = self.world.instances[instance].stores[place as usize];
        self.touch(store, |store, now| match writing {
            Writing::Fill => store.fill(id, now),
            Writing::Put => store.put(id, now, writer),
        });
        if let Some(lock) = self.flights_of(instance, place) {
            let answered = self.fulfil(lock, id);
            self.world.stores[store].counts.shared += u64::from(answered);
        }
    }

    /// Where those wait who lack an entry of a store, if they do.
    fn flights_of(&self, instance: InstanceId, store: u16) -> Option<InstanceLockId> {
        let spec = &self.model.services[self.world.instances[instance].service].stores[store as usize];
        spec.single_flight.then(|| self.world.instances[instance].locks[spec.flights as usize])
    }

    /// Does something with a store; the instance's memory follows the number of entries.
    fn touch<R>(&mut self, store: StoreId, act: impl FnOnce(&mut Store, Time) -> R) -> R {
        let now = self.world.now;
        let state = &mut self.world.stores[store];
        let before = state.len();
        let result = act(state, now);
        let (after, entry, instance) = (state.len(), state.entry, state.instance);
        if after > before {
            self.grow(instance, entry * u64::from(after - before));
        } else {
            self.shrink(instance, entry * u64::from(before - after));
        }
        if let Some(write_back) = self.write_back(store) {
            self.write_out(store, write_back);
        }
        result
    }

    /// Empties the stores of instances, or one of each.
    pub(crate) fn flush(&mut self, service: ServiceId, ordinal: Option<u32>, only: Option<u32>) -> Result<(), Skipped> {
        let instances = self.instances_of(service, ordinal);
        if instances.is_empty() {
            return Err(Skipped::NoSuchInstance);
        }
        let mut lost = 0;
        for instance in instances {
            for place in 0..self.world.instances[instance].stores.len() {
                if only.is_none_or(|only| only as usize == place) {
                    let store = self.world.instances[instance].stores[place];
                    lost += self.touch(store, Store::clear);
                }
            }
        }
        if lost > 0 { Ok(()) } else { Err(Skipped::NothingToDo) }
    }

    fn write_back(&self, store: StoreId) -> Option<WriteBack> {
        let state = &self.world.stores[store];
        self.model.services[self.world.instances[state.instance].service].stores[state.place as usize].write_back
    }

    /// Calls for the entries that leave, beside everything; and sets the time of the next that will.
    fn write_out(&mut self, store: StoreId, write_back: WriteBack) {
        let now = self.world.now;
        let instance = self.world.stores[store].instance;
        for writer in std::mem::take(&mut self.world.stores[store].leaving) {
            let state = &self.world.stores[store];
            let key = derive(
                state.key(),
                state.counts.written_back.wrapping_add(u64::from(writer.user) << 32) ^ writer.number,
            );
            let fiber = self.world.execs.insert(Role::Fiber, writer.source, key, now);
            let followed = O::LISTENS && self.observer.follows(writer.source, writer.number);
            let state = &mut self.world.execs[fiber];
            state.operation = Some(write_back.operation);
            state.instance = Some(instance);
            state.user = writer.user;
            state.number = writer.number;
            state.followed = followed;
            state.pc = write_back.entry;
            state.occupancy = Occupancy::Working;
            self.world.instances[instance].residents += 1;
            self.resume(fiber);
        }
        let state = &self.world.stores[store];
        let checkpoint = if write_back.every == i64::MAX {
            i64::MAX
        } else {
            (now.0.div_euclid(write_back.every) + 1) * write_back.every
        };
        let next = state.next_due().unwrap_or(i64::MAX).min(checkpoint);
        let slot = self.world.store_slots[store];
        if state.dirty() && next != i64::MAX {
            self.world.agenda.set(slot, Time(next.max(now.0)))
        } else {
            self.world.agenda.clear(slot)
        }
    }

    /// An entry expires that has to be written, or a checkpoint is due.
    pub(crate) fn on_store_due(&mut self, store: StoreId) {
        let now = self.world.now;
        let checkpoint = self.write_back(store).is_some_and(|write_back| now.0.rem_euclid(write_back.every) == 0);
        self.touch(store, |store, now| {
            store.purge(now);
            if checkpoint {
                store.checkpoint();
            }
        });
    }

    /// An instance leaves in good order: what was put into its stores is written first.
    pub(crate) fn write_everything(&mut self, instance: InstanceId) {
        for place in 0..self.world.instances[instance].stores.len() {
            let store = self.world.instances[instance].stores[place];
            if self.world.stores[store].dirty() {
                self.touch(store, |store, _| store.checkpoint());
            }
        }
    }

    /// A changed model: new stores are there, others have new rules.
    pub(crate) fn replace_stores(&mut self) {
        for instance in self.world.instances.ids() {
            self.world.add_stores(self.model, instance);
            for place in 0..self.world.instances[instance].stores.len() {
                let store = self.world.instances[instance].stores[place];
                let spec = &self.model.services[self.world.instances[instance].service].stores[place];
                let old = &self.world.stores[store];
                let held = u64::from(old.len()) * old.entry;
                let now = self.world.now;
                let state = &mut self.world.stores[store];
                state.set(spec, now);
                let holds = u64::from(state.len()) * state.entry;
                if holds > held {
                    self.grow(instance, holds - held);
                } else {
                    self.shrink(instance, held - holds);
                }
                if let Some(write_back) = self.write_back(store) {
                    self.write_out(store, write_back);
                }
            }
        }
    }
}
