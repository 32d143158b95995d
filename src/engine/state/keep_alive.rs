//! The connections of users that stay open, and whose they are.

use crate::engine::state::ids::{ExecRef, InstanceId, VisitorId};
use crate::ids::Table;
use crate::units::Time;

/// A user's connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    pub generation: u32,
    pub instance: InstanceId,
    /// Whose it is; nobody's once an open source's request is over.
    pub session: ExecRef,
    pub use_: Use,
    /// It has a worker of its own.
    pub pinned: bool,
    pub timer: bool,
    /// The next of the same session.
    pub next: Option<VisitorId>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    Free,
    /// Nothing to do since then.
    Rests(Time),
    /// A call is on it.
    Carries(ExecRef),
}

/// All of them, and the first of each session, by the session's place in the slab.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeepAlive {
    pub slots: Table<VisitorId, Visitor>,
    pub free: Vec<VisitorId>,
    pub first: Vec<Option<VisitorId>>,
}

impl KeepAlive {
    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        self.slots.len() * size_of::<Visitor>() + (self.free.len() + self.first.len()) * size_of::<u32>()
    }

    pub(crate) fn of_session(&self, session: ExecRef) -> Option<VisitorId> {
        let first = self.first.get(session.index as usize).copied().flatten();
        first.filter(|&first| self.slots[first].session == session)
    }

    pub(crate) fn insert(&mut self, instance: InstanceId, session: ExecRef) -> VisitorId {
        let entry = Visitor {
            generation: 0,
            instance,
            session,
            use_: Use::Free,
            pinned: false,
            timer: false,
            next: self.of_session(session),
        };
        let at = match self.free.pop() {
            Some(at) => {
                let generation = self.slots[at].generation;
                self.slots[at] = Visitor { generation, ..entry };
                at
            }
            None => self.slots.push(entry),
        };
        if session != ExecRef::NOBODY {
            let place = session.index as usize;
            if place >= self.first.len() {
                self.first.resize(place + 1, None);
            }
            self.first[place] = Some(at);
        }
        at
    }

    /// Forgets an entry.
    pub(crate) fn remove(&mut self, at: VisitorId) {
        let Visitor { session, next, .. } = self.slots[at];
        if session != ExecRef::NOBODY {
            let mut before = None;
            let mut here = self.of_session(session);
            while let Some(other) = here.filter(|&other| other != at) {
                before = Some(other);
                here = self.slots[other].next;
            }
            match before {
                Some(before) if here.is_some() => self.slots[before].next = next,
                None if here.is_some() => self.first[session.index as usize] = next,
                Some(_) | None => {}
            }
        }
        let slot = &mut self.slots[at];
        slot.generation = slot.generation.wrapping_add(1);
        slot.use_ = Use::Free;
        self.free.push(at);
    }

    pub(crate) fn find(&self, session: ExecRef, is: impl Fn(&Visitor) -> bool) -> Option<VisitorId> {
        let mut here = self.of_session(session);
        while let Some(at) = here {
            if is(&self.slots[at]) {
                return Some(at);
            }
            here = self.slots[at].next;
        }
        None
    }

    /// A process has died, and all its connections with it.
    pub(crate) fn forget(&mut self, instance: InstanceId) {
        for at in self.slots.ids() {
            let slot = &self.slots[at];
            if slot.instance == instance && !matches!(slot.use_, Use::Free) {
                self.remove(at);
            }
        }
    }
}
