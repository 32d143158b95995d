//! Who waits for a worker of an instance, in the order of the service, and who has waited too long.

use crate::engine::state::request::Queue;
use crate::engine::state::slab::Slab;
use crate::model::admission::{Drop, Order};
use crate::units::{Span, Time};

/// Priorities there are.
const CLASSES: usize = 10;

/// Where admitted calls wait.
#[derive(Clone, Debug)]
pub(crate) struct Backlog {
    /// Calls in it.
    pub(crate) len: u32,
    order: Order,
    /// Everybody, except by priority.
    all: Queue,
    /// By priority; empty for other orders.
    classes: Vec<Queue>,
    codel: CoDel,
}

impl Backlog {
    pub(crate) fn new(order: Order) -> Self {
        let classes = if order == Order::Priority { vec![Queue::EMPTY; CLASSES] } else { Vec::new() };
        Self { len: 0, order, all: Queue::EMPTY, classes, codel: CoDel::default() }
    }

    #[inline]
    pub(crate) fn push(&mut self, slab: &mut Slab, index: u32) {
        self.len += 1;
        if self.order == Order::Priority {
            self.classes[slab[index].class as usize].push(slab, index);
        } else {
            self.all.push(slab, index);
        }
    }

    /// Who is served next.
    #[inline]
    pub(crate) fn next(&self) -> Option<u32> {
        match self.order {
            Order::Fifo => self.all.first(),
            Order::Lifo => self.all.last(),
            Order::Priority => self.classes.iter().rev().find_map(Queue::first),
        }
    }

    /// Who has waited longest of those that are served last: its place is the first to be needed.
    pub(crate) fn oldest(&self) -> Option<u32> {
        match self.order {
            Order::Fifo | Order::Lifo => self.all.first(),
            Order::Priority => self.classes.iter().find_map(Queue::first),
        }
    }

    /// The first of every line it is made of: who has waited longest is among them.
    pub(crate) fn fronts(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(&self.all).chain(&self.classes).filter_map(Queue::first)
    }

    #[inline]
    pub(crate) fn remove(&mut self, slab: &mut Slab, index: u32) {
        self.len -= 1;
        if self.order == Order::Priority {
            self.classes[slab[index].class as usize].remove(slab, index);
        } else {
            self.all.remove(slab, index);
        }
    }

    /// Another order for those who wait: by priority, and as they came.
    pub(crate) fn reorder(&mut self, slab: &mut Slab, order: Order) {
        if order == self.order {
            return;
        }
        let mut waiting = Vec::with_capacity(self.len as usize);
        while let Some(index) = self.next_in_line() {
            self.remove(slab, index);
            waiting.push(index);
        }
        let codel = std::mem::take(&mut self.codel);
        *self = Self { codel, ..Self::new(order) };
        for index in waiting {
            self.push(slab, index);
        }
    }

    fn next_in_line(&self) -> Option<u32> {
        self.all.first().or_else(|| self.classes.iter().rev().find_map(Queue::first))
    }

    /// Whether the call whose turn it is, which came at `since`, is dropped instead.
    pub(crate) fn drops(&mut self, drop: Drop, now: Time, since: Time) -> bool {
        match drop {
            Drop::Never => false,
            Drop::Older { than } => now.0 - since.0 > than.0,
            Drop::CoDel { target, interval } => self.codel.drops(target, interval, now, since, self.len == 1),
        }
    }
}

/// Controlled delay (Nichols and Jacobson, "Controlling queue delay", ACM Queue 10(5), 2012; in the form of their RFC
/// 8289): once every wait of an interval was above the target, one is dropped, and the next ever sooner (interval /
/// √count) until a wait is short again.
#[derive(Clone, Copy, Debug, Default)]
struct CoDel {
    /// When waits will have been too long for an interval.
    due: Option<Time>,
    dropping: bool,
    next: Time,
    count: u32,
    /// What it was when dropping began.
    first: u32,
}

impl CoDel {
    /// `last`: nobody waits behind it.
    fn drops(&mut self, target: Span, interval: Span, now: Time, since: Time, last: bool) -> bool {
        if now.0 - since.0 < target.0 || last {
            self.due = None;
            self.dropping = false;
            return false;
        }
        let due = *self.due.get_or_insert(now + interval);
        if now < due {
            self.dropping = false;
            return false;
        }
        if self.dropping {
            if now < self.next {
                return false;
            }
            self.count += 1;
            self.next = self.after(self.next, interval);
            return true;
        }
        self.dropping = true;
        // The pace that was right a moment ago still is.
        let gained = self.count.saturating_sub(self.first);
        let recently = now.0 - self.next.0 < interval.0.saturating_mul(16);
        self.count = if recently && gained > 1 { gained } else { 1 };
        self.first = self.count;
        self.next = self.after(now, interval);
        true
    }

    fn after(&self, time: Time, interval: Span) -> Time {
        time + Span((interval.0 as f64 / libm::sqrt(f64::from(self.count))) as i64)
    }
}
