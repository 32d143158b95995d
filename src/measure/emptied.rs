//! Stores that lost most of what they had at once: flushed, restarted, or expired together.

use super::subject::{Entity, Named, Subject};
use crate::engine::StoreView;
use crate::model::{Model, ServiceId};
use crate::units::Time;
use std::collections::BTreeMap;

/// Seconds after which an emptied store explains nothing any more, nanoseconds.
const RECENT: i64 = 60 * 1_000_000_000;

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
}

/// All stores.
#[derive(Clone, Debug, Default)]
pub struct Emptied {
    /// Entries and those that had expired, at the last look.
    known: BTreeMap<(ServiceId, u32), [u64; 2]>,
    losses: Vec<Loss>,
}

impl Emptied {
    /// Look at the second from `then` to now; `done`: when somebody last did something to a service in it.
    pub fn look(
        &mut self,
        stores: impl Iterator<Item = StoreView>,
        [then, now]: [Time; 2],
        done: impl Fn(ServiceId) -> Option<Time>,
    ) {
        let mut seen: BTreeMap<(ServiceId, u32), [u64; 2]> = BTreeMap::new();
        for store in stores {
            let row = seen.entry((store.service, store.place)).or_default();
            row[0] += u64::from(store.entries);
            row[1] += store.counts.expired;
        }
        for (&(service, place), &[entries, expired]) in &seen {
            let Some(&[before, gone]) = self.known.get(&(service, place)) else { continue };
            let expired = expired - gone;
            // What expired and was put there again within the second was gone, too.
            if before > 0 && (2 * entries < before || 2 * expired >= before) {
                let entries = [before, entries.min(before.saturating_sub(expired))];
                let expired = 2 * expired >= before;
                self.losses.push(Loss { at: done(service).unwrap_or(then), service, place, entries, expired });
            }
        }
        self.losses.retain(|loss| now.0 - loss.at.0 <= RECENT);
        self.known = seen;
    }

    /// The last loss before a time among stores of these services.
    pub fn before(&self, time: Time, of: impl Fn(ServiceId) -> bool) -> Option<Loss> {
        let earlier = |loss: &&Loss| loss.at <= time && of(loss.service);
        self.losses.iter().filter(earlier).max_by_key(|loss| (loss.at, loss.entries[0])).copied()
    }

    /// The last loss of the store of this name.
    pub fn named(&self, model: &Model, name: &str) -> Option<Loss> {
        self.losses.iter().rev().find(|loss| subject(model, loss) == *name).copied()
    }
}

/// `app.items`; a `Cache` goes by its own name.
pub fn subject(model: &Model, loss: &Loss) -> Named {
    let service = &model.services[loss.service];
    match service.stores.get(loss.place as usize).map(|store| store.name.as_str()) {
        Some(store) if !store.is_empty() => {
            let owner = Entity::Service(loss.service);
            Named::new(Subject::Resource { owner, measured: false }, format!("{}.{store}", service.name))
        }
        Some(_) | None => Named::service(loss.service, service.name.as_str()),
    }
}
