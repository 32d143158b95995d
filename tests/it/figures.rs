//! The figures of resources and windows: each by its definition, on the smallest example of what went wrong once, and
//! over random scenarios.

mod asked;
mod limits;
mod offered;
mod random;
mod scope;
mod windows;

use crate::support::{Draft, compile};
use surgelab::measure::results::{Resource, ResourceGroup};
use surgelab::measure::{Options, Results, record};

fn results_of(text: &str) -> Results {
    record(compile(text), &Options { seed: 1, ..Options::default() }, &mut |_| {})
}

fn results(draft: &Draft) -> Results {
    results_of(&draft.text())
}

fn group<'a>(results: &'a Results, id: &str) -> &'a ResourceGroup {
    results.groups.iter().find(|group| group.all.id == id).unwrap_or_else(|| panic!("no {id}"))
}

fn resource<'a>(results: &'a Results, id: &str) -> &'a Resource {
    results.resources.iter().find(|resource| resource.id == id).unwrap_or_else(|| panic!("no {id}"))
}
