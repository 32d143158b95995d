//! The table of stores, in words: the same for the terminal, Markdown and the page.

use super::number::{ABSENT, count, figure, percent};
use crate::measure::results::Store;

/// Its columns.
pub(super) const HEAD: [&str; 11] =
    ["store", "looks", "found", "entries", "of", "filled", "put", "evicted", "expired", "written", "lost"];

/// A row for each store that was used.
pub(super) fn rows(stores: &[Store]) -> Vec<Vec<String>> {
    stores.iter().filter(|store| used(store)).map(row).collect()
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
        store.hit_ratio.map_or(ABSENT.to_owned(), percent),
        figure(store.entries_mean),
        store.capacity.map_or(ABSENT.to_owned(), |most| count(u64::from(most))),
        some(store.fills),
        some(store.puts),
        some(store.evicted),
        some(store.expired + store.invalidated),
        some(store.written_back),
        some(store.lost_dirty),
    ]
}
