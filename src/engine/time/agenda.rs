//! The event queue: one order (time, sequence) over three kinds of storage.
//!
//! * **Lanes**: events a constant span ahead (timeouts, latencies, fixed delays) come due in the order they were made,
//!   so each distinct span is a FIFO ring and only its head competes. A timeout that never fires costs a push, and is
//!   dropped when its ring is compacted or its turn comes.
//! * **Slots**: things with one next moment each (a machine's CPU, a source, a lane's head) sit in an indexed heap and
//!   are moved in place.
//! * **Once**: the random rest, in a timing wheel.

use crate::engine::time::event::Event;
use crate::engine::time::wheel::Wheel;
use crate::ids::Table;
use crate::model::LaneId;
use crate::units::{Span, Time};
use std::collections::VecDeque;

/// Position in the indexed heap's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

/// An event with its time, and its place among those of that time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) time: Time,
    sequence: u64,
    event: Event,
}

impl Entry {
    #[inline]
    const fn rank(&self) -> (Time, u64) {
        (self.time, self.sequence)
    }
}
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.sequence).cmp(&(other.time, other.sequence))
    }
}

#[derive(Clone, Debug)]
struct Lane {
    span: Span,
    slot: Slot,
    ring: VecDeque<Entry>,
    /// Compact when the ring has grown to this.
    watermark: usize,
}

#[derive(Clone, Copy, Debug)]
enum Holder {
    Lane(LaneId),
    Event(Event),
}

/// Everything that will happen, in order.
#[derive(Clone, Debug)]
pub(crate) struct Agenda {
    sequence: u64,
    once: Wheel,
    lanes: Table<LaneId, Lane>,
    slots: SlotHeap,
    holders: Vec<Holder>,
}

const SMALLEST_WATERMARK: usize = 64;

impl Agenda {
    pub(crate) fn new() -> Self {
        Self { sequence: 0, once: Wheel::new(), lanes: Table::new(), slots: SlotHeap::default(), holders: Vec::new() }
    }

    /// A slot for a thing with one next moment.
    pub(crate) fn slot(&mut self, event: Event) -> Slot {
        self.holders.push(Holder::Event(event));
        self.slots.grow()
    }

    /// Makes lanes for `spans`, in their order, beyond those there are.
    pub(crate) fn extend_lanes(&mut self, spans: &[Span]) {
        for &span in &spans[self.lanes.len()..] {
            self.holders.push(Holder::Lane(self.lanes.next_id()));
            let slot = self.slots.grow();
            self.lanes.push(Lane { span, slot, ring: VecDeque::new(), watermark: SMALLEST_WATERMARK });
        }
    }

    #[inline]
    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// `event` comes at `time`.
    #[inline]
    pub(crate) fn once(&mut self, time: Time, event: Event) {
        let sequence = self.next_sequence();
        self.once.push(Entry { time, sequence, event });
    }

    /// `event` comes one span of `lane` from `now`. `alive` tells whether a waiting event still matters.
    #[inline]
    pub(crate) fn after(&mut self, now: Time, lane: LaneId, event: Event, alive: impl Fn(Event) -> bool) {
        let sequence = self.next_sequence();
        let lane = &mut self.lanes[lane];
        let entry = Entry { time: now + lane.span, sequence, event };
        if lane.ring.is_empty() {
            self.slots.set(lane.slot, entry.time, sequence);
        } else if lane.ring.len() >= lane.watermark {
            lane.ring.retain(|entry| alive(entry.event));
            lane.watermark = SMALLEST_WATERMARK.max(lane.ring.len() * 2);
            let (time, sequence) = lane.ring.front().map_or(entry.rank(), Entry::rank);
            self.slots.set(lane.slot, time, sequence);
        }
        lane.ring.push_back(entry);
    }

    /// The slot's thing happens at `time` (and not when it was to happen before).
    #[inline]
    pub(crate) fn set(&mut self, slot: Slot, time: Time) {
        let sequence = self.next_sequence();
        self.slots.set(slot, time, sequence);
    }

    /// The slot's thing does not happen.
    #[inline]
    pub(crate) fn clear(&mut self, slot: Slot) {
        self.slots.remove(slot);
    }

    /// When the next event comes (it may turn out void).
    #[inline]
    pub(crate) fn next_time(&self) -> Option<Time> {
        let once = self.once.next_time();
        let slot = self.slots.first().map(|(rank, _)| rank.0);
        match (once, slot) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Takes the next event if it comes no later than `until`. Whoever handles a slot's event must `set` or `clear` the
    /// slot. Void events are skipped silently.
    #[inline]
    pub(crate) fn pop(&mut self, until: Time, alive: impl Fn(Event) -> bool) -> Option<(Time, Event)> {
        loop {
            let slot = self.slots.first();
            let limit = slot.map_or(until, |((time, _), _)| time.min(until));
            let once = self.once.first(limit).map(Entry::rank);
            let take_once = match (once, slot) {
                (None, None) => return None,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(a), Some((b, _))) => a < b,
            };
            if take_once {
                if once.is_some_and(|(time, _)| time > until) {
                    return None;
                }
                let entry = self.once.take().expect("it was shown");
                if alive(entry.event) {
                    return Some((entry.time, entry.event));
                }
                continue;
            }
            let ((time, _), slot) = slot.expect("one of the two is there");
            if time > until {
                return None;
            }
            match self.holders[slot.0 as usize] {
                // Its next moment is set, or cleared, before the next `pop`: no need to take it out in between.
                Holder::Event(event) => return Some((time, event)),
                Holder::Lane(lane) => {
                    let lane = &mut self.lanes[lane];
                    let head = lane.ring.pop_front().expect("a lane in the heap has a head");
                    while lane.ring.front().is_some_and(|entry| !alive(entry.event)) {
                        lane.ring.pop_front();
                    }
                    match lane.ring.front() {
                        Some(entry) => self.slots.set(slot, entry.time, entry.sequence),
                        None => self.slots.remove(slot),
                    }
                    if alive(head.event) {
                        return Some((head.time, head.event));
                    }
                }
            }
        }
    }

    /// Bytes it holds.
    pub(crate) fn held(&self) -> usize {
        self.once.held()
            + self.lanes.iter().map(|lane| size_of::<Lane>() + lane.ring.capacity() * size_of::<Entry>()).sum::<usize>()
            + self.holders.capacity() * (size_of::<Holder>() + 32)
    }

    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        self.stored() * size_of::<Entry>()
            + self.lanes.len() * size_of::<Lane>()
            + self.holders.len() * (size_of::<Holder>() + 32)
    }

    /// What waits among the random rest, in no order.
    pub(crate) fn scattered(&self) -> impl Iterator<Item = (Time, Event)> + '_ {
        self.once.iter().map(|entry| (entry.time, entry.event))
    }

    /// Events stored, void ones included: what bounds the memory.
    pub(crate) fn stored(&self) -> usize {
        self.once.len() + self.lanes.iter().map(|lane| lane.ring.len()).sum::<usize>()
    }
}

const ABSENT: u32 = u32::MAX;

/// A binary heap of slots with their positions, so that a rank can change in place.
#[derive(Clone, Debug, Default)]
struct SlotHeap {
    heap: Vec<((Time, u64), Slot)>,
    position: Vec<u32>,
}

impl SlotHeap {
    fn grow(&mut self) -> Slot {
        self.position.push(ABSENT);
        Slot(self.position.len() as u32 - 1)
    }

    #[inline]
    fn first(&self) -> Option<((Time, u64), Slot)> {
        self.heap.first().copied()
    }

    #[inline]
    fn set(&mut self, slot: Slot, time: Time, sequence: u64) {
        let at = self.position[slot.0 as usize];
        let rank = (time, sequence);
        if at == ABSENT {
            self.heap.push((rank, slot));
            self.up(self.heap.len() - 1);
        } else {
            let at = at as usize;
            let earlier = rank < self.heap[at].0;
            self.heap[at].0 = rank;
            if earlier { self.up(at) } else { self.down(at) }
        }
    }

    #[inline]
    fn remove(&mut self, slot: Slot) {
        let at = self.position[slot.0 as usize];
        if at == ABSENT {
            return;
        }
        self.position[slot.0 as usize] = ABSENT;
        let at = at as usize;
        let last = self.heap.pop().expect("a slot with a position is in the heap");
        if at < self.heap.len() {
            let earlier = last.0 < self.heap[at].0;
            self.heap[at] = last;
            self.position[last.1.0 as usize] = at as u32;
            if earlier { self.up(at) } else { self.down(at) }
        }
    }

    fn up(&mut self, mut at: usize) {
        let item = self.heap[at];
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.heap[parent].0 <= item.0 {
                break;
            }
            self.heap[at] = self.heap[parent];
            self.position[self.heap[at].1.0 as usize] = at as u32;
            at = parent;
        }
        self.heap[at] = item;
        self.position[item.1.0 as usize] = at as u32;
    }

    fn down(&mut self, mut at: usize) {
        let item = self.heap[at];
        let len = self.heap.len();
        loop {
            let mut child = 2 * at + 1;
            if child >= len {
                break;
            }
            if child + 1 < len && self.heap[child + 1].0 < self.heap[child].0 {
                child += 1;
            }
            if item.0 <= self.heap[child].0 {
                break;
            }
            self.heap[at] = self.heap[child];
            self.position[self.heap[at].1.0 as usize] = at as u32;
            at = child;
        }
        self.heap[at] = item;
        self.position[item.1.0 as usize] = at as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::state::ids::MachineId;
    use crate::model::RuleId;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const LANES: [Span; 4] = [Span(0), Span(50), Span(7), Span(1_000)];
    const SLOTS: u32 = 6;

    /// What is done to an agenda.
    #[derive(Clone, Debug)]
    enum Act {
        Once {
            ahead: i64,
        },
        /// So many at once: a ring is compacted from 64 on.
        After {
            lane: usize,
            many: u32,
        },
        Set {
            slot: u32,
            ahead: i64,
        },
        Clear {
            slot: u32,
        },
        /// Of the events made so far, those with this remainder are void.
        Void {
            of: usize,
            rest: usize,
        },
        /// Takes so many up to so far ahead; a slot's event sets its slot anew so far ahead, or clears it.
        Pop {
            many: u32,
            ahead: i64,
            again: Option<i64>,
        },
    }

    /// How far ahead: near, or of any magnitude.
    fn ahead() -> impl Strategy<Value = i64> {
        prop_oneof![2 => 0..100i64, 1 => (0..1_000_000_000i64, 0..32u32).prop_map(|(span, shift)| span << shift >> 8)]
    }

    fn act() -> impl Strategy<Value = Act> {
        let (lane, slot) = (0..LANES.len(), 0..SLOTS);
        prop_oneof![
            3 => ahead().prop_map(|ahead| Act::Once { ahead }),
            3 => (lane, prop_oneof![1..4u32, 60..90u32]).prop_map(|(lane, many)| Act::After { lane, many }),
            3 => (slot.clone(), ahead()).prop_map(|(slot, ahead)| Act::Set { slot, ahead }),
            1 => slot.prop_map(|slot| Act::Clear { slot }),
            1 => (2..5usize, 0..5usize).prop_map(|(of, rest)| Act::Void { of, rest }),
            4 => (1..40u32, prop_oneof![0..60i64, ahead(), Just(i64::MAX / 2)], proptest::option::of(ahead()))
                .prop_map(|(many, ahead, again)| Act::Pop { many, ahead, again }),
        ]
    }

    /// The same as a list that is sorted whenever something is taken from it.
    #[derive(Default)]
    struct Reference {
        sequence: u64,
        waiting: Vec<(Time, u64, Event)>,
        void: BTreeSet<RuleId>,
    }

    impl Reference {
        fn push(&mut self, time: Time, event: Event) {
            self.sequence += 1;
            self.waiting.push((time, self.sequence, event));
        }

        fn drop_event(&mut self, event: Event) {
            self.waiting.retain(|(_, _, other)| *other != event);
        }

        fn alive(&self, event: Event) -> bool {
            !matches!(event, Event::RuleCheck { rule, .. } if self.void.contains(&rule))
        }

        fn next_time(&self) -> Option<Time> {
            let alive = self.waiting.iter().filter(|(_, _, event)| self.alive(*event));
            alive.map(|(time, _, _)| *time).min()
        }

        fn pop(&mut self, until: Time) -> Option<(Time, Event)> {
            let waiting = std::mem::take(&mut self.waiting);
            self.waiting = waiting.into_iter().filter(|(_, _, event)| self.alive(*event)).collect();
            self.waiting.sort_by_key(|(time, sequence, _)| (*time, *sequence));
            let (time, _, event) = *self.waiting.first().filter(|(time, _, _)| *time <= until)?;
            self.waiting.remove(0);
            Some((time, event))
        }
    }

    proptest! {
        #[test]
        fn events_come_as_from_a_sorted_list(acts in proptest::collection::vec(act(), 1..80)) {
            let (mut agenda, mut reference) = (Agenda::new(), Reference::default());
            agenda.extend_lanes(&LANES);
            let own = |slot: u32| Event::CpuDone { machine: MachineId::new(slot as usize) };
            let event_of = |made: usize| Event::RuleCheck { rule: RuleId::new(made), epoch: 0 };
            let slots: Vec<Slot> = (0..SLOTS).map(|slot| agenda.slot(own(slot))).collect();
            let (mut now, mut made) = (Time(0), 0);
            for act in acts {
                match act {
                    Act::Once { ahead } => {
                        let (time, event) = (Time(now.0 + ahead), event_of(made));
                        made += 1;
                        agenda.once(time, event);
                        reference.push(time, event);
                    }
                    Act::After { lane, many } => {
                        for _ in 0..many {
                            let event = event_of(made);
                            made += 1;
                            agenda.after(now, LaneId::new(lane), event, |event| reference.alive(event));
                            reference.push(Time(now.0 + LANES[lane].0), event);
                        }
                    }
                    Act::Set { slot, ahead } => {
                        let time = Time(now.0 + ahead);
                        agenda.set(slots[slot as usize], time);
                        reference.drop_event(own(slot));
                        reference.push(time, own(slot));
                    }
                    Act::Clear { slot } => {
                        agenda.clear(slots[slot as usize]);
                        reference.drop_event(own(slot));
                    }
                    Act::Void { of, rest } => {
                        reference.void.extend((0..made).filter(|rule| rule % of == rest).map(RuleId::new));
                    },
                    Act::Pop { many, ahead, again } => {
                        let until = Time(now.0.saturating_add(ahead));
                        for _ in 0..many {
                            let found = agenda.pop(until, |event| reference.alive(event));
                            prop_assert_eq!(found, reference.pop(until));
                            let Some((time, event)) = found else { break };
                            prop_assert!(time >= now);
                            now = time;
                            if let Event::CpuDone { machine } = event {
                                match again {
                                    Some(ahead) => {
                                        agenda.set(slots[machine.index()], Time(now.0 + ahead));
                                        reference.push(Time(now.0 + ahead), event);
                                    }
                                    None => agenda.clear(slots[machine.index()]),
                                }
                            }
                        }
                    }
                }
                // What may turn out void comes no later than what does not.
                let next = reference.next_time();
                prop_assert!(next.is_none_or(|next| agenda.next_time().is_some_and(|time| time <= next)));
            }
            while let Some((time, event)) = reference.pop(Time(i64::MAX)) {
                let found = agenda.pop(Time(i64::MAX), |event| reference.alive(event));
                prop_assert_eq!(found, Some((time, event)));
                if let Event::CpuDone { machine } = event {
                    agenda.clear(slots[machine.index()]);
                }
            }
            prop_assert_eq!(agenda.pop(Time(i64::MAX), |event| reference.alive(event)), None);
            prop_assert_eq!(agenda.stored(), 0);
        }
    }

    #[test]
    fn a_lane_of_dead_timeouts_stays_small() {
        let mut agenda = Agenda::new();
        agenda.extend_lanes(&[Span(1_000_000)]);
        for now in 0..100_000 {
            let event = Event::RuleCheck { rule: RuleId::new(now), epoch: 0 };
            agenda.after(Time(now as i64), LaneId::new(0), event, |other| other == event);
        }
        assert!(agenda.stored() <= 2 * SMALLEST_WATERMARK, "{} stored", agenda.stored());
    }
}
