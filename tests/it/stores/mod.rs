//! Keys and stores: what theory says of caches, and what becomes of entries when things go wrong.

mod claims;
mod far;
mod replacement;
mod sets;
mod written;
mod wrong;

use crate::support::run::loaded;
use surgelab::measure::results::{Results, Store};
use surgelab::study::{RunOptions, run};

/// One whole run with its results.
#[track_caller]
fn results(text: &str) -> Results {
    run(&loaded(text), &RunOptions::default(), &mut |_| {}).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The only store of the results.
#[track_caller]
fn only(results: &Results) -> &Store {
    assert_eq!(results.stores.len(), 1, "{:?}", results.stores);
    &results.stores[0]
}

#[track_caller]
fn within(what: &str, found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "{what}: {found} instead of {expected}");
}
