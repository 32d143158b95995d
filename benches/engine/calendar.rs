//! The loops' event queue: one std `BinaryHeap` for everything, ordered by (time, sequence).
use std::cmp::Ordering;
use std::collections::BinaryHeap;

struct Entry<E> {
    time: i64,
    sequence: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    /// Reversed: the heap's greatest is the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.sequence).cmp(&(self.time, self.sequence))
    }
}

/// What will happen, earliest first.
pub struct Calendar<E> {
    heap: BinaryHeap<Entry<E>>,
    /// Events ever scheduled.
    sequence: u64,
    /// Events taken out.
    pub events: u64,
}

impl<E> Calendar<E> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), sequence: 0, events: 0 }
    }

    pub fn schedule(&mut self, time: i64, event: E) {
        self.sequence += 1;
        self.heap.push(Entry { time, sequence: self.sequence, event });
    }

    pub fn next(&mut self) -> Option<(i64, E)> {
        let entry = self.heap.pop()?;
        self.events += 1;
        Some((entry.time, entry.event))
    }
}
