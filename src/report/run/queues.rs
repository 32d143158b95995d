//! The table of lines in which somebody waited, the same wherever it is read.

use crate::measure::results::{Queue, Results};
use crate::number::{ABSENT, clock, count, percent, seconds};
use crate::report::or_absent;
use crate::report::page::Table;

/// Lines at most; the rest stands in the JSON.
const MOST: usize = 12;

/// The deepest first.
pub(super) fn queues(results: &Results) -> Table {
    let hidden = results.queues.len().saturating_sub(MOST);
    let mut table = Table::new(1, &["queue", "waited", "deepest", "at", "oldest", "empty at", "drained in", "left"])
        .headed("Queues", "who waited in line; empty and drained: after the deepest moment")
        .with(results.queues.iter().take(MOST).map(row));
    table.remark = (hidden > 0).then(|| format!("{hidden} more were less deep and are not listed"));
    table
}

fn row(queue: &Queue) -> Vec<String> {
    vec![
        queue.subject.clone(),
        or_absent(queue.waited_share, percent),
        count(queue.deepest),
        clock(queue.deepest_at_s),
        seconds(queue.oldest_s),
        queue.empty_at_s.map_or_else(|| "never".to_owned(), clock),
        or_absent(queue.drain_s, seconds),
        if queue.left == 0 { ABSENT.to_owned() } else { count(queue.left) },
    ]
}
