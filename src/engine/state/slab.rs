//! The slab of executions: a place is used again with another generation. It grows by half, as far as memory goes.

use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::{Exec, Role, State, blank};
use crate::model::SourceId;
use crate::units::Time;

/// All executions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slab {
    pub(crate) slots: Vec<Exec>,
    pub(crate) free: Vec<u32>,
    /// Places there may be; beyond them the run is at its end.
    most: u64,
    pub(crate) full: bool,
    /// Bytes there may be, and the place from which on there is no room for more.
    memory: u64,
    last: usize,
    pub(crate) heavy: bool,
}

impl Slab {
    /// None, of so many that there may be.
    pub(crate) fn within(most: u64, memory: u64) -> Self {
        Self { most, memory, last: usize::MAX, ..Self::default() }
    }

    /// Those, with the limits of these.
    pub(crate) fn like(&self, slots: Vec<Exec>, free: Vec<u32>) -> Self {
        let Self { most, full, memory, heavy, .. } = *self;
        Self { slots, free, most, full, memory, last: usize::MAX, heavy }
    }

    /// A fresh execution with everything unset; the caller fills it in.
    #[inline]
    pub(crate) fn insert(&mut self, role: Role, source: SourceId, key: u64, now: Time) -> u32 {
        let ExecRef { index, generation } = self.reserve();
        self[index] = blank(generation, role, source, key, now);
        index
    }

    /// A place for an execution that is put there next, and which of those that used it it will be.
    #[inline(always)]
    pub(crate) fn reserve(&mut self) -> ExecRef {
        match self.free.pop() {
            Some(index) => self.reference(index),
            None => self.grow(),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> ExecRef {
        let places = self.slots.len();
        self.full |= places as u64 >= self.most;
        self.heavy |= places >= self.last;
        if places == self.slots.capacity() {
            self.make_room(places);
        }
        self.slots.push(blank(0, Role::Root, SourceId::new(0), 0, Time(0)));
        ExecRef { index: self.slots.len() as u32 - 1, generation: 0 }
    }

    /// More places. Where the next time would take more than all memory, these are the last: some are kept for what a
    /// step still needs.
    fn make_room(&mut self, places: usize) {
        /// Places kept, at most.
        const KEPT: usize = 4096;
        self.slots.reserve_exact((places / 2).max(64));
        let capacity = self.slots.capacity();
        // What there is stands beside what takes its place until it is moved.
        let next = (2 * capacity + capacity / 2) * size_of::<Exec>();
        if next as u64 > self.memory {
            self.last = capacity - KEPT.min(capacity / 8);
        }
    }

    /// Whether a limit of it was met.
    #[inline(always)]
    pub(crate) fn over(&self) -> bool {
        self.full | self.heavy
    }

    #[inline]
    pub(crate) fn remove(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        debug_assert!(slot.state != State::Free, "an execution ends once");
        slot.generation = slot.generation.wrapping_add(1);
        slot.state = State::Free;
        self.free.push(index);
    }

    #[inline]
    pub(crate) fn alive(&self, exec: ExecRef) -> bool {
        self.slots
            .get(exec.index as usize)
            .is_some_and(|slot| slot.generation == exec.generation && slot.state != State::Free)
    }

    /// Whether it is alive and in this state.
    #[inline]
    pub(crate) fn is_in(&self, exec: ExecRef, state: State) -> bool {
        let slot = self.slots.get(exec.index as usize);
        slot.is_some_and(|slot| slot.generation == exec.generation && slot.state == state)
    }

    #[inline]
    pub(crate) fn reference(&self, index: u32) -> ExecRef {
        ExecRef { index, generation: self.slots[index as usize].generation }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Bytes of a packed copy, about.
    pub(crate) fn footprint(&self) -> usize {
        /// What an execution takes there.
        const PACKED: usize = 72;
        self.len() * PACKED + self.slots.len() * 2 + size_of_val(&*self.free)
    }

    /// Bytes it holds.
    pub(crate) fn held(&self) -> usize {
        self.slots.capacity() * size_of::<Exec>() + self.free.capacity() * size_of::<u32>()
    }

    /// Places there are, free ones too.
    pub(crate) fn places(&self) -> u32 {
        self.slots.len() as u32
    }

    /// Those that exist, by place.
    pub(crate) fn indices(&self) -> impl Iterator<Item = u32> + '_ {
        self.slots.iter().enumerate().filter(|(_, exec)| exec.state != State::Free).map(|(index, _)| index as u32)
    }
}

impl std::ops::Index<u32> for Slab {
    type Output = Exec;
    #[inline]
    fn index(&self, index: u32) -> &Exec {
        &self.slots[index as usize]
    }
}
impl std::ops::IndexMut<u32> for Slab {
    #[inline]
    fn index_mut(&mut self, index: u32) -> &mut Exec {
        &mut self.slots[index as usize]
    }
}
