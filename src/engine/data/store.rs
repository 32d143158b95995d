//! A store of one instance: real keys, and who has to make room.
//!
//! Entries stand in a slab, found by an open table (linear probing; a hole is closed by moving back what stood behind
//! it) and linked twice: in the order in which they make room, and in the order in which they expire. Both orders are
//! kept by appending, so every operation is O(1). Expiry is lazy: whoever touches the store first forgets what is due,
//! and the integral of the entries is put right for the time since.

use crate::engine::random::rng::{Stream, derive, mix};
use crate::engine::state::ids::InstanceId;
use crate::ids::{Table, ids};
use crate::model::{self, SourceId, store::Evict};
use crate::units::Time;

/// What happened in a store since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Looks that found the key.
    pub hits: u64,
    /// Looks that did not.
    pub misses: u64,
    /// Of the misses, those answered by what another was getting already.
    pub shared: u64,
    /// Entries put there after a miss.
    pub fills: u64,
    /// Entries put there, or again, by `Put`.
    pub puts: u64,
    /// Entries that made room for others.
    pub evicted: u64,
    /// Entries whose time was over.
    pub expired: u64,
    /// Entries taken out.
    pub invalidated: u64,
    /// Entries that were given to be written elsewhere.
    pub written_back: u64,
    /// Entries that were lost before that.
    pub lost_dirty: u64,
}

/// In whose name an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    pub source: SourceId,
    pub user: u32,
    pub number: u64,
}

ids! {
    /// A place among the entries of a store.
    EntryId
}

/// Orders an entry stands in.
const ROOM: usize = 0;
const DUE: usize = 1;
const DIRTY: usize = 2;

#[derive(Clone, Copy, Debug)]
struct Links {
    previous: Option<EntryId>,
    next: Option<EntryId>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: u64,
    due: i64,
    links: [Links; 3],
    free: bool,
}

#[derive(Clone, Copy, Debug)]
struct List {
    head: Option<EntryId>,
    tail: Option<EntryId>,
}

/// The entries of one store in one instance.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub instance: InstanceId,
    /// Place among the stores of the service.
    pub place: u32,
    pub counts: Counts,
    /// Bytes of an entry, as the instance's memory has them.
    pub entry: u64,
    capacity: u32,
    evict: Evict,
    ttl: i64,
    sliding: bool,
    /// Identity of its random draws, and how many there were.
    key: u64,
    draws: u64,
    len: u32,
    entries: Table<EntryId, Entry>,
    free: Vec<EntryId>,
    table: Vec<Option<EntryId>>,
    lists: [List; 3],
    /// Entries that were put are written elsewhere: by whom, for each place; and those that leave now.
    writes: bool,
    writers: Vec<Writer>,
    pub leaving: Vec<Writer>,
    /// ∫ entries dt, and until when.
    area: u128,
    since: Time,
    /// ∫ capacity dt, and until when; none once it was without a limit.
    room: Option<u128>,
    room_since: Time,
    /// Its instance is gone for good.
    gone: bool,
}

impl Store {
    pub(crate) fn new(spec: &model::Store, instance: InstanceId, place: u32, key: u64, now: Time) -> Self {
        let empty = List { head: None, tail: None };
        Self {
            instance,
            place,
            counts: Counts::default(),
            entry: spec.entry,
            capacity: spec.capacity,
            evict: spec.evict,
            ttl: spec.ttl,
            sliding: spec.sliding,
            key,
            draws: 0,
            len: 0,
            entries: Table::new(),
            free: Vec::new(),
            table: vec![None; 16],
            lists: [empty; 3],
            writes: spec.write_back.is_some(),
            writers: Vec::new(),
            leaving: Vec::new(),
            area: 0,
            since: now,
            room: Some(0),
            room_since: now,
            gone: false,
        }
    }

    /// Bytes its entries hold.
    pub(crate) fn held(&self) -> usize {
        self.entries.len() * 3 / 2 * size_of::<Entry>()
            + (self.free.capacity() + self.table.capacity()) * size_of::<u32>()
            + (self.writers.capacity() + self.leaving.capacity()) * size_of::<Writer>()
    }

    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        size_of::<Self>()
            + self.entries.len() * size_of::<Entry>()
            + (self.free.len() + self.table.len()) * size_of::<u32>()
            + (self.writers.len() + self.leaving.len()) * size_of::<Writer>()
    }

    /// Identity of its random draws.
    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// ∫ entries dt in entry-nanoseconds, since the run began.
    pub(crate) fn area(&self, now: Time) -> u128 {
        let mut late = 0;
        let mut first = self.lists[DUE].head;
        // What is due and not yet forgotten does not count.
        while let Some(entry) = first.map(|at| &self.entries[at]).filter(|entry| entry.due <= now.0) {
            late += (now.0 - entry.due.max(self.since.0)) as u128;
            first = entry.links[DUE].next;
        }
        self.area + u128::from(self.len) * (now.0 - self.since.0).max(0) as u128 - late
    }

    /// ∫ capacity dt in entry-nanoseconds, since the run began, while its instance was there; none: at a time it was
    /// without a limit.
    pub(crate) fn room(&self, now: Time) -> Option<u128> {
        let (room, span) = (self.room?, (now.0 - self.room_since.0) as u128);
        match self.capacity {
            _ if self.gone => Some(room),
            u32::MAX => None,
            capacity => Some(room + u128::from(capacity) * span),
        }
    }

    /// Its instance leaves for good, and it with all it holds.
    pub(crate) fn leave(&mut self, now: Time) {
        self.clear(now);
        (self.room, self.gone) = (self.room(now), true);
        (self.entries, self.free, self.table) = (Table::new(), Vec::new(), vec![None; 16]);
    }

    /// New rules for what is there; what is too much goes.
    pub(crate) fn set(&mut self, spec: &model::Store, now: Time) {
        self.purge(now);
        (self.room, self.room_since) = (self.room(now), now);
        (self.capacity, self.evict, self.ttl, self.sliding) = (spec.capacity, spec.evict, spec.ttl, spec.sliding);
        self.entry = spec.entry;
        self.writes = spec.write_back.is_some();
        while self.len > self.capacity {
            self.make_room();
        }
        if spec.retired {
            self.clear(now);
        }
    }

    /// Looks for a key.
    pub(crate) fn look(&mut self, id: u64, now: Time) -> bool {
        self.purge(now);
        let Some(at) = self.find(id).filter(|&at| self.entries[at].due > now.0) else {
            self.counts.misses += 1;
            return false;
        };
        self.counts.hits += 1;
        if self.evict == Evict::Lru {
            self.move_last(ROOM, at);
        }
        if self.sliding {
            self.renew(at, now);
        }
        true
    }

    /// Puts a key there, unless it is there: concurrent fills do not prolong its life (as memcached's `add`).
    pub(crate) fn fill(&mut self, id: u64, now: Time) {
        self.purge(now);
        if self.find(id).is_none() {
            self.counts.fills += 1;
            self.insert(id, now);
        }
    }

    /// Puts a key there, new or again; where such are written elsewhere, in whose name.
    pub(crate) fn put(&mut self, id: u64, now: Time, writer: Writer) {
        self.purge(now);
        self.counts.puts += 1;
        match self.find(id) {
            Some(at) => {
                if self.evict == Evict::Lru {
                    self.move_last(ROOM, at);
                }
                self.renew(at, now);
            }
            None => self.insert(id, now),
        }
        if self.writes
            && let Some(at) = self.find(id)
        {
            self.writers.resize(self.entries.len(), writer);
            self.writers[at.index()] = writer;
            if !self.in_list(DIRTY, at) {
                self.append(DIRTY, at);
            }
        }
    }

    /// Whether something waits to be written elsewhere.
    pub(crate) fn dirty(&self) -> bool {
        self.lists[DIRTY].head.is_some()
    }

    /// When the next entry is forgotten.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.lists[DUE].head.map(|first| self.entries[first].due)
    }

    /// Gives everything that was put to be written elsewhere.
    pub(crate) fn checkpoint(&mut self) {
        while let Some(first) = self.lists[DIRTY].head {
            self.give_out(first);
        }
    }

    fn give_out(&mut self, at: EntryId) {
        self.unlink(DIRTY, at);
        self.counts.written_back += 1;
        self.leaving.push(self.writers[at.index()]);
    }

    /// Takes a key out.
    pub(crate) fn invalidate(&mut self, id: u64, now: Time) {
        self.purge(now);
        if let Some(at) = self.find(id) {
            self.counts.invalidated += 1;
            // What is taken out on purpose needs no writing.
            if self.in_list(DIRTY, at) {
                self.unlink(DIRTY, at);
            }
            self.remove(at);
        }
    }

    /// Forgets everything; says how many entries there were.
    pub(crate) fn clear(&mut self, now: Time) -> u32 {
        self.purge(now);
        let lost = self.len;
        while let Some(first) = self.lists[DIRTY].head {
            self.unlink(DIRTY, first);
            self.counts.lost_dirty += 1;
        }
        self.len = 0;
        self.entries.clear();
        self.free.clear();
        self.table.iter_mut().for_each(|slot| *slot = None);
        self.lists = [List { head: None, tail: None }; 3];
        lost
    }

    /// Forgets what is due.
    pub(crate) fn purge(&mut self, now: Time) {
        self.area += u128::from(self.len) * (now.0 - self.since.0).max(0) as u128;
        let since = std::mem::replace(&mut self.since, now);
        while let Some(at) = self.lists[DUE].head
            && self.entries[at].due <= now.0
        {
            self.area -= (now.0 - self.entries[at].due.max(since.0)) as u128;
            self.counts.expired += 1;
            self.remove(at);
        }
    }

    fn insert(&mut self, id: u64, now: Time) {
        while self.len >= self.capacity {
            self.make_room();
        }
        let links = [Links { previous: None, next: None }; 3];
        let entry = Entry { id, due: now.0.saturating_add(self.ttl), links, free: false };
        let at = match self.free.pop() {
            Some(at) => {
                self.entries[at] = entry;
                at
            }
            None => self.entries.push(entry),
        };
        self.len += 1;
        self.append(ROOM, at);
        if self.ttl != i64::MAX {
            self.append(DUE, at);
        }
        if (self.len as usize) * 2 > self.table.len() {
            self.table = vec![None; self.table.len() * 2];
            for at in self.entries.ids() {
                if !self.entries[at].free {
                    self.seat(at);
                }
            }
        } else {
            self.seat(at);
        }
    }

    fn make_room(&mut self) {
        self.counts.evicted += 1;
        let at = match self.evict {
            Evict::Lru | Evict::Fifo => self.lists[ROOM].head.expect("a full store has entries"),
            Evict::Random => loop {
                let mut stream = Stream::new(derive(self.key, self.draws));
                self.draws += 1;
                let at = EntryId::new(stream.below(self.entries.len() as u32) as usize);
                if !self.entries[at].free {
                    break at;
                }
            },
        };
        self.remove(at);
    }

    fn remove(&mut self, at: EntryId) {
        if self.in_list(DIRTY, at) {
            self.give_out(at);
        }
        self.unseat(at);
        self.unlink(ROOM, at);
        if self.in_list(DUE, at) {
            self.unlink(DUE, at);
        }
        self.entries[at].free = true;
        self.free.push(at);
        self.len -= 1;
    }

    fn renew(&mut self, at: EntryId, now: Time) {
        self.entries[at].due = now.0.saturating_add(self.ttl);
        if self.in_list(DUE, at) {
            self.unlink(DUE, at);
        }
        if self.ttl != i64::MAX {
            self.append(DUE, at);
        }
    }

    // The table.

    fn home(&self, id: u64) -> usize {
        mix(id) as usize & (self.table.len() - 1)
    }

    fn find(&self, id: u64) -> Option<EntryId> {
        let mut place = self.home(id);
        loop {
            let at = self.table[place]?;
            if self.entries[at].id == id {
                return Some(at);
            }
            place = (place + 1) & (self.table.len() - 1);
        }
    }

    fn seat(&mut self, at: EntryId) {
        let mut place = self.home(self.entries[at].id);
        while self.table[place].is_some() {
            place = (place + 1) & (self.table.len() - 1);
        }
        self.table[place] = Some(at);
    }

    fn unseat(&mut self, at: EntryId) {
        let last = self.table.len() - 1;
        let mut hole = self.home(self.entries[at].id);
        while self.table[hole] != Some(at) {
            hole = (hole + 1) & last;
        }
        let mut place = hole;
        loop {
            place = (place + 1) & last;
            let Some(other) = self.table[place] else { break };
            let home = self.home(self.entries[other].id);
            // It may move into the hole unless its home lies behind the hole.
            if place.wrapping_sub(home) & last >= place.wrapping_sub(hole) & last {
                self.table[hole] = Some(other);
                hole = place;
            }
        }
        self.table[hole] = None;
    }

    // The orders.

    fn in_list(&self, list: usize, at: EntryId) -> bool {
        self.lists[list].head == Some(at) || self.entries[at].links[list].previous.is_some()
    }

    fn move_last(&mut self, list: usize, at: EntryId) {
        if self.lists[list].tail != Some(at) {
            self.unlink(list, at);
            self.append(list, at);
        }
    }

    fn append(&mut self, list: usize, at: EntryId) {
        let tail = self.lists[list].tail;
        self.entries[at].links[list] = Links { previous: tail, next: None };
        match tail {
            None => self.lists[list].head = Some(at),
            Some(tail) => self.entries[tail].links[list].next = Some(at),
        }
        self.lists[list].tail = Some(at);
    }

    fn unlink(&mut self, list: usize, at: EntryId) {
        let Links { previous, next } = self.entries[at].links[list];
        match previous {
            None => self.lists[list].head = next,
            Some(previous) => self.entries[previous].links[list].next = next,
        }
        match next {
            None => self.lists[list].tail = previous,
            Some(next) => self.entries[next].links[list].previous = previous,
        }
        self.entries[at].links[list] = Links { previous: None, next: None };
    }
}
