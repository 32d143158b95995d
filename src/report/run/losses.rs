//! The table of what was lost: how much of it comes down to whom. The same wherever it is read.

use crate::measure::harm::{Root, roots};
use crate::measure::results::Results;
use crate::number::{ABSENT, clock, count, percent};
use crate::report::page::{Cell, Table};

/// Rows at most.
const MOST: usize = 8;
/// Sources named in a row at most.
const NAMED: usize = 3;

/// A row for each subject that something comes down to; nothing where all comes down to one, which the verdict says.
pub(super) fn losses(results: &Results) -> Table {
    let roots = roots(results);
    let all: u64 = roots.iter().map(|root| root.lost).sum();
    let row = |root: &Root| -> Vec<Cell> {
        let of_it = || results.losses.iter().filter(|loss| loss.root == root.subject);
        let from = of_it().map(|loss| loss.from_s).fold(f64::INFINITY, f64::min);
        let until = of_it().map(|loss| loss.to_s).fold(0.0, f64::max);
        let whose = root.who.iter().take(NAMED).map(|(who, lost)| format!("{} {who}", count(*lost)));
        vec![
            root.subject.as_ref().map_or(ABSENT, |subject| subject.as_str()).into(),
            percent(root.lost as f64 / all as f64).into(),
            count(root.lost).into(),
            clock(from).into(),
            clock(until).into(),
            whose.collect::<Vec<_>>().join(", ").into(),
        ]
    };
    let shown = if roots.len() > 1 { roots.len().min(MOST) } else { 0 };
    Table::new(1, &["comes down to", "share", "lost", "from", "until", "whose"])
        .last_words()
        .headed("Losses", "requests that failed or were degraded, every ten seconds by where the causes of that ended")
        .with(roots.iter().take(shown).map(row))
}
