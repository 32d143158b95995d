//! The table of stores, the same wherever it is read.

use crate::measure::results::Store;
use crate::number::{ABSENT, count, percent, sentence};
use crate::report::or_absent;
use crate::report::page::Table;

/// A row for each store that was used.
pub(super) fn stores(stores: &[Store]) -> Table {
    Table::new(
        1,
        &["store", "looks", "found", "entries", "of", "filled", "put", "evicted", "expired", "written", "lost"],
    )
    .headed("Stores", "all instances together")
    .with(stores.iter().filter(|store| used(store)).map(row))
}

fn used(store: &Store) -> bool {
    store.hits + store.misses + store.puts > 0
}

fn some(value: u64) -> String {
    if value == 0 { ABSENT.to_owned() } else { count(value) }
}

fn row(store: &Store) -> Vec<String> {
    vec![
        store.id.clone(),
        count(store.hits + store.misses),
        or_absent(store.hit_ratio, percent),
        sentence::figure(store.entries_mean),
        or_absent(store.capacity_all, sentence::figure),
        some(store.fills),
        some(store.puts),
        some(store.evicted),
        some(store.expired + store.invalidated),
        some(store.written_back),
        some(store.lost_dirty),
    ]
}
