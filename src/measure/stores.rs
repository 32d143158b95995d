//! Stores: how often what was asked for was there.

use super::results::{StaleReads, Store};
use crate::engine::{Counts, Reads, StoreView};
use crate::model::Model;

/// Every store that is in the scenario or was used, since time 0.
pub(super) fn stores(model: &Model, before: &[StoreView], after: &[StoreView], seconds: f64) -> Vec<Store> {
    let mut rows: Vec<((u32, u32), Store)> = Vec::new();
    for (at, &now) in after.iter().enumerate() {
        let service = &model.services[now.service];
        let spec = &service.stores[now.place as usize];
        let place = (now.service.number(), now.place);
        let row = match rows.iter().position(|(known, _)| *known == place) {
            Some(row) => row,
            None => {
                rows.push((place, empty(&service.name, &spec.name, spec.capacity)));
                rows.len() - 1
            }
        };
        let none = StoreView { entry_seconds: 0.0, capacity_seconds: Some(0.0), counts: Counts::default(), ..now };
        let old = before.get(at).copied().unwrap_or(none);
        add(&mut rows[row].1, &old, &now, seconds);
    }
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter()
        .map(|(_, mut row)| {
            let looks = row.hits + row.misses;
            row.hit_ratio = (looks > 0).then(|| (row.hits + row.shared) as f64 / looks as f64);
            row
        })
        .collect()
}

fn empty(service: &str, name: &str, capacity: u32) -> Store {
    Store {
        id: if name.is_empty() { service.to_owned() } else { format!("{service}.{name}") },
        service: service.to_owned(),
        capacity: (capacity != u32::MAX).then_some(capacity),
        capacity_all: Some(0.0),
        entries_mean: 0.0,
        hits: 0,
        misses: 0,
        shared: 0,
        hit_ratio: None,
        fills: 0,
        puts: 0,
        evicted: 0,
        expired: 0,
        invalidated: 0,
        written_back: 0,
        lost_dirty: 0,
    }
}

fn add(row: &mut Store, old: &StoreView, new: &StoreView, seconds: f64) {
    row.entries_mean += (new.entry_seconds - old.entry_seconds) / seconds.max(1e-9);
    let room = new.capacity_seconds.zip(old.capacity_seconds).map(|(new, old)| new - old);
    row.capacity_all = row.capacity_all.zip(room).map(|(all, room)| all + room / seconds.max(1e-9));
    row.hits += new.counts.hits - old.counts.hits;
    row.misses += new.counts.misses - old.counts.misses;
    row.shared += new.counts.shared - old.counts.shared;
    row.fills += new.counts.fills - old.counts.fills;
    row.puts += new.counts.puts - old.counts.puts;
    row.evicted += new.counts.evicted - old.counts.evicted;
    row.expired += new.counts.expired - old.counts.expired;
    row.written_back += new.counts.written_back - old.counts.written_back;
    row.lost_dirty += new.counts.lost_dirty - old.counts.lost_dirty;
    row.invalidated += new.counts.invalidated - old.counts.invalidated;
}

/// Reads of replicas since time 0; absent without any.
pub(super) fn stale(before: Reads, now: Reads) -> Option<StaleReads> {
    let replicas = now.replicas - before.replicas;
    (replicas > 0).then(|| StaleReads { replicas, stale: now.stale - before.stale })
}
