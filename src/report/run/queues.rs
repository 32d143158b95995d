//! The table of lines in which somebody waited, the same wherever it is read.

use crate::measure::results::{Queue, Results};
use crate::number::{ABSENT, clock, count, percent, seconds};
use crate::report::or_absent;
use crate::report::page::{InLine, Table};
use indexmap::IndexMap;

/// Lines at most; the rest stands in the JSON.
const MOST: usize = 12;
/// Who is listed, and how the figures are to be read.
const MEANING: &str = "who waited in line for workers, threads, connections, places, locks or delivery; deepest: at \
                       any instant; oldest: by looks once a second; empty, drained: after the deepest moment";
/// Lines drawn over time at most, and how deep one has to have been for that.
const DRAWN: usize = 3;
const LONG: u64 = 10;

/// The deepest first, without those that had always gone when somebody looked.
pub(super) fn queues(results: &Results) -> Table {
    let seen = |queue: &&Queue| queue.left > 0 || results.series.waiting.contains_key(&queue.subject);
    let shown: Vec<&Queue> = results.queues.iter().filter(seen).take(MOST).collect();
    let hidden = results.queues.len() - shown.len();
    let mut table = Table::new(1, &["queue", "waited", "deepest", "at", "oldest", "empty at", "drained in", "left"])
        .headed("Queues", MEANING)
        .with(shown.into_iter().map(row));
    table.remark =
        (hidden > 0).then(|| format!("{hidden} more that were less deep or never seen at a look are not listed"));
    table
}

/// The deepest lines over time, without those that were never long.
pub(super) fn over_time(results: &Results) -> Vec<InLine> {
    let line = |queue: &Queue| {
        let of = |lines: &IndexMap<String, Vec<Option<f32>>>| lines.get(&queue.subject).cloned().unwrap_or_default();
        let (waiting, oldest_s) = (of(&results.series.waiting), of(&results.series.oldest_s));
        InLine { name: queue.subject.clone(), waiting, oldest_s }
    };
    let long = results.queues.iter().filter(|queue| queue.deepest >= LONG).take(DRAWN);
    long.map(line).filter(|line| !line.waiting.is_empty()).collect()
}

fn row(queue: &Queue) -> Vec<String> {
    vec![
        queue.subject.clone(),
        or_absent(queue.waited_share, percent),
        count(queue.deepest),
        clock(queue.deepest_at_s),
        or_absent(queue.oldest_s, seconds),
        match (queue.empty_at_s, queue.lost_at_s) {
            (Some(at), _) => clock(at),
            (None, Some(at)) => format!("lost {}", clock(at)),
            (None, None) => "never".to_owned(),
        },
        or_absent(queue.drain_s, seconds),
        if queue.left == 0 { ABSENT.to_owned() } else { count(queue.left) },
    ]
}
