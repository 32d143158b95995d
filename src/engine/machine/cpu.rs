//! Something shared by those who use it at once: a machine's cores, its network, its disk.
//!
//! Each party (an instance, or the children spawned on the machine) offers min(threads, ready tasks) threads. While all
//! threads of the machine fit on its cores each runs at full speed, else each gets cores / threads. Where a party has a
//! weight, a cap for each of its threads or a limit for all of them, the cores are shared by weighted max–min fairness
//! (Bertsekas and Gallager, Data Networks, §6.5): nobody gets more unless those who get less per weight are satisfied.
//!
//! Inside a `Shared` party the rate is split over all ready tasks; a `Fifo` party serves its oldest tasks, one per
//! thread. Contention scales a party's rate by 1 / (1 + σ(n−1) + κn(n−1)) (Gunther's Universal Scalability Law).
//!
//! Shared rates are kept by virtual time: each party has the work `attained` by every task in service since it was last
//! idle, a task finishes when that reaches its tag, so a change of rate touches no task. The task that finishes is the
//! one the event was made for, never one found by comparing floats with a tolerance.
//!
//! A network is one "core" whose speed is the bandwidth in bytes per second; a disk one that serves in order.

use crate::engine::state::ids::ExecRef;
use crate::units::{Span, Time};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

#[derive(Clone, Copy, Debug)]
struct Task {
    /// `attained` at which it is done.
    tag: f64,
    sequence: u64,
    exec: ExecRef,
}
impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl Eq for Task {}
impl PartialOrd for Task {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Task {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.tag.total_cmp(&other.tag).then(self.sequence.cmp(&other.sequence))
    }
}

/// How a party's tasks share its threads, and how many those are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Discipline {
    pub fifo: bool,
    pub threads: u32,
    pub sigma: f64,
    pub kappa: f64,
    /// Of each thread, against those of other parties.
    pub weight: f64,
    /// Most work per second of one thread, below that of a core.
    pub cap: f64,
    /// Most cores of all threads together.
    pub limit: f64,
}

impl Discipline {
    /// As many threads as tasks, each like any other.
    pub(crate) const FREE: Self = Self {
        fifo: false,
        threads: u32::MAX,
        sigma: 0.0,
        kappa: 0.0,
        weight: 1.0,
        cap: f64::INFINITY,
        limit: f64::INFINITY,
    };

    /// One thing at a time, the oldest first.
    pub(crate) const IN_ORDER: Self = Self { fifo: true, threads: 1, ..Self::FREE };

    /// Shares like everybody else: no water has to be poured for it.
    fn is_plain(&self) -> bool {
        self.weight == 1.0 && self.cap == f64::INFINITY && self.limit == f64::INFINITY
    }
}

/// One that competes for the cores.
#[derive(Clone, Debug)]
struct Party {
    discipline: Discipline,
    /// Speed of this party alone (a runbook's slow-down).
    factor: f64,
    /// Tasks alive: in service and waiting.
    ready: u32,
    /// Alive tasks in service.
    served: u32,
    service: BinaryHeap<Reverse<Task>>,
    /// Fifo: those that wait for a thread, with their work.
    queue: VecDeque<(ExecRef, f64)>,
    /// Taken out before they were done, and still lying in `service` or `queue`; never at the head of either.
    gone: BTreeSet<(u32, u32)>,
    attained: f64,
    /// Work per second for each task in service.
    rate: f64,
    /// Cores it has been given.
    cores: f64,
    /// Its own cap or limit holds it, not the others.
    bound: bool,
}

impl Party {
    #[inline]
    fn threads(&self) -> u32 {
        self.ready.min(self.discipline.threads)
    }

    /// Still to be done.
    #[inline]
    fn is_alive(&self, exec: ExecRef) -> bool {
        self.gone.is_empty() || !self.gone.contains(&(exec.index, exec.generation))
    }

    /// Clears away what is gone from both heads, and everywhere once it is the greater part.
    #[inline]
    fn sweep(&mut self) {
        if !self.gone.is_empty() {
            self.sweep_gone();
        }
    }

    #[cold]
    fn sweep_gone(&mut self) {
        if self.gone.len() > 32 && 2 * self.gone.len() > self.service.len() + self.queue.len() {
            return self.sweep_all();
        }
        while let Some(Reverse(task)) = self.service.peek()
            && self.gone.remove(&(task.exec.index, task.exec.generation))
        {
            self.service.pop();
        }
        while let Some((exec, _)) = self.queue.front()
            && self.gone.remove(&(exec.index, exec.generation))
        {
            self.queue.pop_front();
        }
    }

    fn sweep_all(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        self.service.retain(|Reverse(task)| !gone.contains(&(task.exec.index, task.exec.generation)));
        self.queue.retain(|(exec, _)| !gone.contains(&(exec.index, exec.generation)));
    }
}

/// The cores of one machine (or its network).
#[derive(Clone, Debug)]
pub(crate) struct Processor {
    pub(crate) cores: u32,
    /// Share of the cores that may be used, normally 1.
    portion: f64,
    /// Work per second of one core, slow-downs and swapping included.
    speed: f64,
    parties: Vec<Party>,
    /// Parties with a weight, cap or limit.
    special: u32,
    /// Cores in use, and threads that want to run beyond them.
    used: f64,
    short: f64,
    /// Threads that want to run.
    threads: u32,
    updated: Time,
    sequence: u64,
    /// The party whose first task finishes next.
    next: Option<u32>,
}

const NANOS: f64 = 1e9;

impl Processor {
    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        let tasks =
            |party: &Party| party.service.len() * size_of::<Task>() + party.queue.len() * 16 + party.gone.len() * 16;
        self.parties.iter().map(|party| size_of::<Party>() + tasks(party)).sum()
    }

    pub(crate) fn new(now: Time, cores: u32, speed: f64) -> Self {
        Self {
            cores,
            portion: 1.0,
            speed,
            parties: Vec::new(),
            special: 0,
            used: 0.0,
            short: 0.0,
            threads: 0,
            updated: now,
            sequence: 0,
            next: None,
        }
    }

    pub(crate) fn add_party(&mut self, discipline: Discipline) -> u32 {
        self.special += u32::from(!discipline.is_plain());
        self.parties.push(Party {
            discipline,
            factor: 1.0,
            ready: 0,
            served: 0,
            service: BinaryHeap::new(),
            queue: VecDeque::new(),
            gone: BTreeSet::new(),
            attained: 0.0,
            rate: 0.0,
            cores: 0.0,
            bound: false,
        });
        self.parties.len() as u32 - 1
    }

    /// Its speed is no limit.
    pub(crate) fn is_endless(&self) -> bool {
        self.speed == f64::INFINITY
    }

    /// Parties so far.
    pub(crate) fn parties(&self) -> u32 {
        self.parties.len() as u32
    }

    /// Cores in use and threads that wait for one, as of the last prediction. A task that waits for a thread of its own
    /// party does not wait for a core.
    #[inline]
    pub(crate) fn load(&self) -> (f64, u32) {
        (self.used, whole(self.short))
    }

    /// The same where nobody has threads of its own (a disk serves in order): all that are not served wait.
    pub(crate) fn load_in_line(&self) -> (f64, u32) {
        (self.used, whole(self.short) + self.present() - self.threads)
    }

    /// Tasks that are here, of all parties.
    pub(crate) fn present(&self) -> u32 {
        self.parties.iter().map(|party| party.ready).sum()
    }

    /// Tasks of one party.
    pub(crate) fn party_present(&self, party: u32) -> u32 {
        self.parties[party as usize].ready
    }

    /// Cores one party uses, and its tasks that its own limit keeps waiting.
    pub(crate) fn quota(&self, party: u32) -> (f64, u32) {
        let party = &self.parties[party as usize];
        if party.ready == 0 {
            return (0.0, 0);
        }
        (party.cores, if party.bound { whole(f64::from(party.threads()) - party.cores) } else { 0 })
    }

    /// Threads in use and tasks beyond them, of one party.
    #[inline]
    pub(crate) fn party_load(&self, party: u32) -> (u32, u32) {
        let party = &self.parties[party as usize];
        (party.threads(), party.ready - party.threads())
    }

    /// Brings every party's attained work up to `now`.
    #[inline]
    fn settle(&mut self, now: Time) {
        if now > self.updated {
            let seconds = (now.0 - self.updated.0) as f64 / NANOS;
            for party in &mut self.parties {
                if party.served > 0 {
                    party.attained += party.rate * seconds;
                }
            }
            self.updated = now;
        }
    }

    /// Adds a task with its work (core-seconds, or bytes).
    pub(crate) fn start(&mut self, now: Time, party: u32, exec: ExecRef, work: f64) {
        self.settle(now);
        self.sequence += 1;
        let sequence = self.sequence;
        let party = &mut self.parties[party as usize];
        if !party.is_alive(exec) {
            party.sweep_all();
        }
        let before = party.threads();
        party.ready += 1;
        let served = !party.discipline.fifo || party.served < party.discipline.threads;
        if served {
            party.served += 1;
            party.service.push(Reverse(Task { tag: party.attained + work, sequence, exec }));
        } else {
            party.queue.push_back((exec, work));
        }
        self.threads += party.threads() - before;
    }

    /// The task that the completion event was made for is done.
    pub(crate) fn finish(&mut self, now: Time) -> Option<ExecRef> {
        self.settle(now);
        let party = self.next.take()?;
        let Reverse(task) = self.parties[party as usize].service.pop()?;
        self.leave(party, true);
        Some(task.exec)
    }

    /// Takes a task out before it is done.
    pub(crate) fn cancel(&mut self, now: Time, party: u32, exec: ExecRef) {
        self.settle(now);
        let of = &mut self.parties[party as usize];
        // A `Shared` party has all its tasks in service; of a loop few are, and the rest waits.
        let was_served = !of.discipline.fifo || of.service.iter().any(|Reverse(task)| task.exec == exec);
        of.gone.insert((exec.index, exec.generation));
        of.sweep();
        self.leave(party, was_served);
    }

    /// Takes a task out wherever it is; false if it is not here.
    pub(crate) fn cancel_anywhere(&mut self, now: Time, exec: ExecRef) -> bool {
        let here = |party: &Party| {
            let is_here = |task: ExecRef| task == exec && party.is_alive(exec);
            party.service.iter().any(|Reverse(task)| is_here(task.exec))
                || party.queue.iter().any(|(waiting, _)| is_here(*waiting))
        };
        let Some(party) = self.parties.iter().position(here) else { return false };
        self.cancel(now, party as u32, exec);
        true
    }

    fn leave(&mut self, party: u32, was_served: bool) {
        self.sequence += 1;
        let sequence = self.sequence;
        let party = &mut self.parties[party as usize];
        let before = party.threads();
        party.ready -= 1;
        if was_served {
            party.served -= 1;
            if let Some((exec, work)) = party.queue.pop_front() {
                party.served += 1;
                party.service.push(Reverse(Task { tag: party.attained + work, sequence, exec }));
            }
        }
        party.sweep();
        self.threads -= before - party.threads();
        if party.ready == 0 {
            party.attained = 0.0;
        }
    }

    /// Changes the machine's cores or their speed.
    pub(crate) fn set_capacity(&mut self, now: Time, cores: u32, speed: f64) {
        self.settle(now);
        self.cores = cores;
        self.speed = speed;
    }

    /// Cores that may be used.
    pub(crate) fn capacity(&self) -> f64 {
        f64::from(self.cores) * self.portion
    }

    /// Changes the share of the cores that may be used.
    pub(crate) fn set_portion(&mut self, now: Time, portion: f64) {
        self.settle(now);
        self.portion = portion;
    }

    pub(crate) fn set_factor(&mut self, now: Time, party: u32, factor: f64) {
        self.settle(now);
        self.parties[party as usize].factor = factor;
    }

    /// New thread count and contention; what is in service stays there. While there is any, its kind of
    /// sharing stays.
    pub(crate) fn set_discipline(&mut self, now: Time, party: u32, discipline: Discipline) {
        self.settle(now);
        self.sequence += 1;
        let mut sequence = self.sequence;
        let party = &mut self.parties[party as usize];
        let before = party.threads();
        self.special -= u32::from(!party.discipline.is_plain());
        self.special += u32::from(!discipline.is_plain());
        let fifo = if party.ready == 0 { discipline.fifo } else { party.discipline.fifo };
        party.discipline = Discipline { fifo, ..discipline };
        while party.discipline.fifo && party.served < party.discipline.threads {
            let Some((exec, work)) = party.queue.pop_front() else {
                break;
            };
            party.served += 1;
            party.service.push(Reverse(Task { tag: party.attained + work, sequence, exec }));
            sequence += 1;
            party.sweep();
        }
        self.threads = self.threads - before + party.threads();
        self.sequence = sequence;
    }

    /// Sets the rates after a change and says when the next task finishes.
    pub(crate) fn predict(&mut self) -> Option<Time> {
        let room = f64::from(self.cores) * self.portion;
        let threads = f64::from(self.threads);
        // The same rate for every thread, or what `water_fill` has given each party.
        let even = if self.special == 0 {
            self.used = threads.min(room);
            self.short = threads - self.used;
            Some(if threads <= room { self.speed } else { self.speed * room / threads })
        } else {
            self.water_fill(room);
            None
        };
        let mut soonest = f64::INFINITY;
        self.next = None;
        for (index, party) in self.parties.iter_mut().enumerate() {
            if party.served == 0 {
                continue;
            }
            let discipline = &party.discipline;
            let threads = party.ready.min(discipline.threads);
            let share = even.unwrap_or(party.rate);
            let mut rate = share * party.factor;
            if discipline.sigma != 0.0 || discipline.kappa != 0.0 {
                let n = f64::from(party.ready);
                rate /= 1.0 + discipline.sigma * (n - 1.0) + discipline.kappa * n * (n - 1.0);
            }
            if threads < party.served {
                rate = rate * f64::from(threads) / f64::from(party.served);
            }
            party.rate = rate;
            if let Some(Reverse(task)) = party.service.peek() {
                let seconds = (task.tag - party.attained).max(0.0) / rate;
                if seconds < soonest {
                    soonest = seconds;
                    self.next = Some(index as u32);
                }
            }
        }
        let nanos = libm::ceil(soonest * NANOS);
        // Beyond nine centuries (or at speed zero) nothing finishes.
        (nanos < 3e18).then(|| self.updated + Span(nanos as i64))
    }

    /// Weighted max–min fairness by progressive filling: who is bound below the water's level is set apart, and what is
    /// left is poured over the others. Leaves each party's rate per thread, its cores and whether it is bound.
    fn water_fill(&mut self, room: f64) {
        let speed = self.speed;
        let mut left = room * speed;
        let mut weight = 0.0;
        for party in &mut self.parties {
            party.bound = false;
            weight += f64::from(party.threads()) * party.discipline.weight;
        }
        let mut level = left / weight;
        loop {
            let mut settled = true;
            for party in &mut self.parties {
                let threads = f64::from(party.threads());
                let own = threads * party.discipline.weight;
                let most = (threads * party.discipline.cap.min(speed)).min(party.discipline.limit * speed);
                if !party.bound && threads > 0.0 && most <= own * level {
                    party.bound = true;
                    party.rate = most / threads;
                    left -= most;
                    weight -= own;
                    settled = false;
                }
            }
            if settled {
                break;
            }
            level = left.max(0.0) / weight;
        }
        (self.used, self.short) = (0.0, 0.0);
        for party in &mut self.parties {
            let threads = f64::from(party.threads());
            if threads == 0.0 {
                continue;
            }
            if !party.bound {
                party.rate = party.discipline.weight * level;
                self.short += threads * (1.0 - party.rate / party.discipline.cap.min(speed));
            }
            party.cores = if speed > 0.0 && speed.is_finite() { threads * party.rate / speed } else { 0.0 };
            self.used += party.cores;
        }
    }
}

/// Tasks kept waiting, where a part of one counts as one.
#[inline]
fn whole(tasks: f64) -> u32 {
    let full = tasks as u32;
    full + u32::from(tasks - f64::from(full) > 1e-6)
}

#[cfg(test)]
mod tests;
