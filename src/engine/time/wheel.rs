//! What comes at any time, in order: a hierarchical timing wheel (Varghese and Lauck, SOSP 1987) before a small heap.
//!
//! Times are cut into slots of 2²⁰ ns. What falls into the slot that is served now, or before it, stands in a binary
//! heap; everything later hangs unsorted in the slot of the finest level at which it shares the higher digits of the
//! present slot, 256 slots a level. When the heap is empty, the first slot that holds anything is taken apart, into
//! finer slots or the heap. So an event is touched a few times however many wait, and the heap, which puts equal times
//! in their order, stays as small as what comes within a millisecond.

use super::agenda::Entry;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Bits of a time within the finest slot, and of each digit above it.
const FINE: u32 = 20;
const DIGIT: u32 = 8;
const SLOTS: usize = 1 << DIGIT;
/// Events that an emptied slot keeps room for at most.
const SPARE: usize = 64;
/// Digits of the rest of a time.
const LEVELS: usize = (u64::BITS - FINE).div_ceil(DIGIT) as usize;

/// Slots that share their higher digits.
#[derive(Clone, Debug)]
struct Level {
    /// A bit for each slot that holds something.
    occupied: [u64; SLOTS / 64],
    slots: Vec<Vec<Entry>>,
}

impl Level {
    /// The first slot that holds something.
    #[inline]
    fn first(&self) -> Option<usize> {
        let word = self.occupied.iter().position(|word| *word != 0)?;
        Some(word * 64 + self.occupied[word].trailing_zeros() as usize)
    }

    #[inline]
    fn hang(&mut self, slot: usize, entry: Entry) {
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.slots[slot].push(entry);
    }

    /// Empties a slot, and leaves it another one's memory.
    #[inline]
    fn empty(&mut self, slot: usize, spare: Vec<Entry>) -> Vec<Entry> {
        self.occupied[slot / 64] &= !(1 << (slot % 64));
        std::mem::replace(&mut self.slots[slot], spare)
    }
}

/// Events to come.
#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    /// Of the present slot and before.
    near: BinaryHeap<Reverse<Entry>>,
    /// Where the present slot begins.
    base: u64,
    levels: Vec<Level>,
    /// In the levels.
    far: usize,
    /// An empty slot's memory, for the next that is taken apart.
    spare: Vec<Entry>,
}

/// Times in the order of unsigned numbers.
#[inline(always)]
const fn key(time: Time) -> u64 {
    (time.0 as u64) ^ (1 << 63)
}

impl Wheel {
    pub(crate) fn new() -> Self {
        let level = Level { occupied: [0; SLOTS / 64], slots: vec![Vec::new(); SLOTS] };
        Self { near: BinaryHeap::new(), base: 0, levels: vec![level; LEVELS], far: 0, spare: Vec::new() }
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        let key = key(entry.time);
        if key >> FINE <= self.base >> FINE {
            self.near.push(Reverse(entry));
        } else {
            self.far += 1;
            self.hang(key, entry);
        }
    }

    /// Into the slot of the finest level whose higher digits are those of the present slot.
    #[inline]
    fn hang(&mut self, key: u64, entry: Entry) {
        let differs = u64::BITS - 1 - ((key ^ self.base) >> FINE).leading_zeros();
        let level = differs / DIGIT;
        let slot = (key >> (FINE + level * DIGIT)) as usize % SLOTS;
        self.levels[level as usize].hang(slot, entry);
    }

    /// The first event, if it is in the heap or comes no later than `limit`; what is later may be left where it is.
    #[inline]
    pub(crate) fn first(&mut self, limit: Time) -> Option<&Entry> {
        if self.near.is_empty() && self.far > 0 {
            self.turn(limit);
        }
        self.near.peek().map(|Reverse(entry)| entry)
    }

    /// Takes the event that `first` has shown.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Entry> {
        self.near.pop().map(|Reverse(entry)| entry)
    }

    /// Level, slot and beginning of the first slot that holds something.
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        let (level, slot) = self.levels.iter().enumerate().find_map(|(at, level)| Some((at, level.first()?)))?;
        let shift = FINE + level as u32 * DIGIT;
        let above = u64::MAX.checked_shl(shift + DIGIT).unwrap_or(0);
        Some((level, slot, self.base & above | (slot as u64) << shift))
    }

    /// Takes slots apart until the heap holds what comes first, as far as that may be due by `limit`.
    #[inline(never)]
    fn turn(&mut self, limit: Time) {
        while self.near.is_empty()
            && let Some((level, slot, begin)) = self.next_slot()
            && begin <= key(limit)
        {
            self.base = begin;
            let spare = std::mem::take(&mut self.spare);
            let mut entries = self.levels[level].empty(slot, spare);
            for entry in entries.drain(..) {
                let key = key(entry.time);
                if key >> FINE == begin >> FINE {
                    self.far -= 1;
                    self.near.push(Reverse(entry));
                } else {
                    self.hang(key, entry);
                }
            }
            // What a herd took is given back: else every slot would keep as much in the end.
            self.spare = if entries.capacity() <= SPARE { entries } else { Vec::new() };
        }
    }

    /// When the first event comes.
    pub(crate) fn next_time(&self) -> Option<Time> {
        if let Some(Reverse(entry)) = self.near.peek() {
            return Some(entry.time);
        }
        let (level, slot, _) = self.next_slot()?;
        self.levels[level].slots[slot].iter().map(|entry| entry.time).min()
    }

    /// Bytes it holds, about: slots have room for what comes as they grow.
    pub(crate) fn held(&self) -> usize {
        (self.near.capacity() + self.far * 3 / 2) * size_of::<Entry>() + LEVELS * SLOTS * size_of::<Vec<Entry>>()
    }

    /// Events in it.
    pub(crate) fn len(&self) -> usize {
        self.near.len() + self.far
    }

    /// All of them, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        let near = self.near.iter().map(|Reverse(entry)| entry);
        near.chain(self.levels.iter().flat_map(|level| &level.slots).flatten())
    }
}
