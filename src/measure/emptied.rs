//! Stores that lost most of what they had at once: flushed, restarted, or expired together.

use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use crate::engine::StoreView;
use crate::model::{Model, ServiceId};
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeMap;

/// Seconds after which an emptied store explains nothing any more, nanoseconds.
const RECENT: i64 = 60 * 1_000_000_000;

/// Fetches are counted for so long, nanoseconds.
const SOON: i64 = 10 * 1_000_000_000;

/// A store of a service, all instances together, when it was emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When; where nobody did it, the second it was in began then.
    pub at: Time,
    pub service: ServiceId,
    /// Its place among the service's stores.
    pub place: u32,
    /// Entries before and after.
    pub entries: [u64; 2],
    /// Whether they went because their time was over.
    pub expired: bool,
    /// What is put there anew expires so long after that, nanoseconds, all of it about at once; none: it does not.
    pub echo: Option<i64>,
    /// Misses since then less those that others' fetches answered, for some seconds or until the next loss.
    pub fetches: i64,
    last: bool,
}

impl Loss {
    /// What happened to them.
    pub fn verb(&self) -> &'static str {
        if self.expired { "expired" } else { "were lost" }
    }
}

/// Counts of a store at a look.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    entries: u64,
    expired: u64,
    evicted: u64,
    /// Put there, after a miss or not, and those that went one by one.
    came: u64,
    went: u64,
    /// Misses less those that others' fetches answered.
    fetches: i64,
}

/// All stores.
#[derive(Clone, Debug, Default)]
pub struct Emptied {
    /// At the last look.
    known: BTreeMap<(ServiceId, u32), Row>,
    losses: Vec<Loss>,
    /// Stores that made entries go for others: since when, where it began after time 0, and how many they hold.
    full: BTreeMap<(ServiceId, u32), (Option<Time>, u64)>,
}

impl Emptied {
    /// Look at the second from `then` to now; `done`: when somebody last did something to a service in it.
    pub fn look(
        &mut self,
        stores: impl Iterator<Item = StoreView>,
        [then, now]: [Time; 2],
        done: impl Fn(ServiceId) -> Option<Time>,
        ttl: impl Fn(ServiceId, u32) -> Option<i64>,
    ) {
        let mut seen: BTreeMap<(ServiceId, u32), Row> = BTreeMap::new();
        for store in stores {
            let row = seen.entry((store.service, store.place)).or_default();
            row.entries += u64::from(store.entries);
            row.expired += store.counts.expired;
            row.evicted += store.counts.evicted;
            row.came += store.counts.fills + store.counts.puts;
            row.went += store.counts.evicted + store.counts.expired + store.counts.invalidated;
            row.fetches += store.counts.misses as i64 - store.counts.shared as i64;
        }
        for (&(service, place), row) in &seen {
            let Some(old) = self.known.get(&(service, place)) else { continue };
            for loss in self.losses.iter_mut().filter(|loss| (loss.service, loss.place) == (service, place)) {
                if loss.last && now.0 - loss.at.0 <= SOON {
                    loss.fetches += row.fetches - old.fetches;
                }
            }
            if row.evicted > old.evicted && now.0 > 0 {
                let first = then.0 >= 0 && old.evicted == 0;
                self.full.entry((service, place)).or_insert((first.then_some(then), row.entries));
            }
            let (before, expired, acted) = (old.entries, row.expired - old.expired, done(service));
            // What was put there since somebody emptied it was not left.
            let entries = match acted {
                Some(_) => {
                    let lost = (before + row.came - old.came).saturating_sub(row.went - old.went + row.entries);
                    row.entries.min(before.saturating_sub(lost))
                }
                None => row.entries,
            };
            // What expired and was put there again within the second was gone, too.
            if before > 0 && (2 * entries < before || 2 * expired >= before) {
                let entries = [before, entries.min(before.saturating_sub(expired))];
                let expired = 2 * expired >= before;
                let at = acted.unwrap_or(then);
                let before = self.losses.iter_mut().filter(|loss| (loss.service, loss.place) == (service, place));
                before.for_each(|loss| loss.last = false);
                self.losses.push(Loss {
                    at,
                    service,
                    place,
                    entries,
                    expired,
                    echo: ttl(service, place),
                    fetches: row.fetches - old.fetches,
                    last: true,
                });
            }
        }
        self.losses.retain(|loss| now.0 - loss.at.0 <= RECENT.saturating_add(loss.echo.unwrap_or(0)));
        self.known = seen;
    }

    /// The last loss before a time among stores of these services, or one of what was put there after which expires
    /// by then.
    pub fn before(&self, time: Time, of: impl Fn(ServiceId) -> bool) -> Option<Loss> {
        let recent = |age: i64| (0..=RECENT).contains(&age);
        let explains = |loss: &Loss| {
            let age = time.0 - loss.at.0;
            recent(age) || loss.echo.is_some_and(|ttl| recent(age - ttl))
        };
        let earlier = |loss: &&Loss| explains(loss) && of(loss.service);
        self.losses.iter().filter(earlier).max_by_key(|loss| (loss.at, loss.entries[0])).copied()
    }

    /// The losses of the minute before a time.
    pub fn recent(&self, now: Time) -> impl Iterator<Item = &Loss> {
        self.losses.iter().filter(move |loss| now.0 - loss.at.0 <= RECENT)
    }

    /// Tell of stores that began to make entries go for others.
    pub fn tell_full(&mut self, model: &Model, story: &mut Story) {
        for (&(service, place), (since, entries)) in &mut self.full {
            let Some(at) = since.take() else { continue };
            let subject = store(model, service, place);
            let text =
                format!("{subject} is full at {} entries: old ones go for new ones", sentence::count(*entries as f64));
            story.add(Entry { at, kind: StoryKind::Evicting, subject, because: Causes::default(), text });
        }
    }

    /// The last loss of the store of this name.
    pub fn named(&self, model: &Model, name: &str) -> Option<Loss> {
        self.losses.iter().rev().find(|loss| subject(model, loss) == *name).copied()
    }
}

/// A store by the name of its loss.
pub fn subject(model: &Model, loss: &Loss) -> Named {
    store(model, loss.service, loss.place)
}

/// `app.items`; a `Cache` goes by its own name.
pub fn store(model: &Model, id: ServiceId, place: u32) -> Named {
    let service = &model.services[id];
    match service.stores.get(place as usize).map(|store| store.name.as_str()) {
        Some(store) if !store.is_empty() => {
            let owner = Entity::Service(id);
            Named::new(Subject::Resource { owner, measured: false }, format!("{}.{store}", service.name))
        }
        Some(_) | None => Named::service(id, service.name.as_str()),
    }
}
