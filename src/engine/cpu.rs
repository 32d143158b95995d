//! A machine's cores, shared: max–min fairness over threads, processor sharing or FIFO loops inside an instance.
//!
//! Each party (an instance, or the children spawned on the machine) offers min(threads, ready tasks) threads. While all
//! threads of the machine fit on its cores each runs at full speed, else each gets cores / threads. Inside a `Shared`
//! party the rate is split over all ready tasks; a `Fifo` party serves its oldest tasks, one per thread. Contention scales
//! a party's rate by 1 / (1 + σ(n−1) + κn(n−1)) (Gunther's Universal Scalability Law).
//!
//! Shared rates are kept by virtual time: each party has the work `attained` by every task in service since it was last
//! idle, a task finishes when that reaches its tag, so a change of rate touches no task. The task that finishes is the one
//! the event was made for, never one found by comparing floats with a tolerance.
//!
//! The same mechanism serves a network: one "core" whose speed is the bandwidth in bytes per second.

use super::request::ExecRef;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

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
pub(super) struct Discipline {
    pub fifo: bool,
    pub threads: u32,
    pub sigma: f64,
    pub kappa: f64,
}

impl Discipline {
    /// As many threads as tasks.
    pub(super) const FREE: Self = Self { fifo: false, threads: u32::MAX, sigma: 0.0, kappa: 0.0 };
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
    attained: f64,
    /// Work per second for each task in service.
    rate: f64,
}

impl Party {
    #[inline]
    fn threads(&self) -> u32 {
        self.ready.min(self.discipline.threads)
    }
}

/// The cores of one machine (or its network).
#[derive(Clone, Debug)]
pub(super) struct Processor {
    pub(super) cores: u32,
    /// Work per second of one core, slow-downs and swapping included.
    speed: f64,
    parties: Vec<Party>,
    /// Threads that want to run.
    threads: u32,
    updated: Time,
    sequence: u64,
    /// The party whose first task finishes next.
    next: Option<u32>,
}

const NANOS: f64 = 1e9;

impl Processor {
    pub(super) fn new(now: Time, cores: u32, speed: f64) -> Self {
        Self { cores, speed, parties: Vec::new(), threads: 0, updated: now, sequence: 0, next: None }
    }

    pub(super) fn add_party(&mut self, discipline: Discipline) -> u32 {
        self.parties.push(Party {
            discipline,
            factor: 1.0,
            ready: 0,
            served: 0,
            service: BinaryHeap::new(),
            queue: VecDeque::new(),
            attained: 0.0,
            rate: 0.0,
        });
        self.parties.len() as u32 - 1
    }

    /// Cores in use and tasks that are ready beyond them.
    #[inline]
    pub(super) fn load(&self) -> (u32, u32) {
        let busy = self.threads.min(self.cores);
        let mut ready = 0;
        for party in &self.parties {
            ready += party.ready;
        }
        (busy, ready - busy)
    }

    /// Threads in use and tasks beyond them, of one party.
    #[inline]
    pub(super) fn party_load(&self, party: u32) -> (u32, u32) {
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
    pub(super) fn start(&mut self, now: Time, party: u32, exec: ExecRef, work: f64) {
        self.settle(now);
        self.sequence += 1;
        let sequence = self.sequence;
        let party = &mut self.parties[party as usize];
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
    pub(super) fn finish(&mut self, now: Time) -> Option<ExecRef> {
        self.settle(now);
        let party = self.next.take()?;
        let Reverse(task) = self.parties[party as usize].service.pop()?;
        self.leave(party, true);
        Some(task.exec)
    }

    /// Takes a task out before it is done.
    pub(super) fn cancel(&mut self, now: Time, party: u32, exec: ExecRef) {
        self.settle(now);
        let of = &mut self.parties[party as usize];
        let in_service = of.service.len();
        of.service.retain(|Reverse(task)| task.exec != exec);
        let was_served = of.service.len() < in_service;
        if !was_served {
            of.queue.retain(|(waiting, _)| *waiting != exec);
        }
        self.leave(party, was_served);
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
        self.threads -= before - party.threads();
        if party.ready == 0 {
            party.attained = 0.0;
        }
    }

    /// Changes the machine's cores or their speed.
    pub(super) fn set_capacity(&mut self, now: Time, cores: u32, speed: f64) {
        self.settle(now);
        self.cores = cores;
        self.speed = speed;
    }

    pub(super) fn set_factor(&mut self, now: Time, party: u32, factor: f64) {
        self.settle(now);
        self.parties[party as usize].factor = factor;
    }

    /// New thread count and contention; what is in service stays there. A party keeps its kind of sharing for life.
    pub(super) fn set_discipline(&mut self, now: Time, party: u32, discipline: Discipline) {
        self.settle(now);
        self.sequence += 1;
        let mut sequence = self.sequence;
        let party = &mut self.parties[party as usize];
        let before = party.threads();
        party.discipline = Discipline { fifo: party.discipline.fifo, ..discipline };
        while party.discipline.fifo && party.served < party.discipline.threads {
            let Some((exec, work)) = party.queue.pop_front() else {
                break;
            };
            party.served += 1;
            party.service.push(Reverse(Task { tag: party.attained + work, sequence, exec }));
            sequence += 1;
        }
        self.threads = self.threads - before + party.threads();
        self.sequence = sequence;
    }

    /// Sets the rates after a change and says when the next task finishes.
    pub(super) fn predict(&mut self) -> Option<Time> {
        let share = if self.threads <= self.cores { self.speed } else { self.speed * f64::from(self.cores) / f64::from(self.threads) };
        let mut soonest = f64::INFINITY;
        self.next = None;
        for (index, party) in self.parties.iter_mut().enumerate() {
            if party.served == 0 {
                continue;
            }
            let discipline = &party.discipline;
            let mut rate = share * party.factor;
            if discipline.sigma != 0.0 || discipline.kappa != 0.0 {
                let n = f64::from(party.ready);
                rate /= 1.0 + discipline.sigma * (n - 1.0) + discipline.kappa * n * (n - 1.0);
            }
            let threads = party.ready.min(discipline.threads);
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
        (nanos < 3e18).then(|| Time(self.updated.0 + nanos as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(index: u32) -> ExecRef {
        ExecRef { index, generation: 0 }
    }

    /// Runs the processor to the end; (who, when in ms).
    fn drain(processor: &mut Processor) -> Vec<(u32, i64)> {
        let mut done = Vec::new();
        while let Some(time) = processor.predict() {
            let exec = processor.finish(time).expect("predicted");
            done.push((exec.index, (time.0 + 500_000) / 1_000_000));
        }
        done
    }

    #[test]
    fn tasks_share_the_cores_evenly() {
        let mut processor = Processor::new(Time(0), 1, 1.0);
        let party = processor.add_party(Discipline::FREE);
        processor.start(Time(0), party, exec(0), 1.0);
        processor.start(Time(0), party, exec(1), 2.0);
        assert_eq!(drain(&mut processor), [(0, 2000), (1, 3000)]);
    }

    #[test]
    fn a_thread_uses_one_core_at_most() {
        let mut processor = Processor::new(Time(0), 4, 1.0);
        let party = processor.add_party(Discipline::FREE);
        processor.start(Time(0), party, exec(0), 1.0);
        assert_eq!(drain(&mut processor), [(0, 1000)]);
    }

    #[test]
    fn an_event_loop_serves_the_oldest_and_leaves_cores_idle() {
        let mut processor = Processor::new(Time(0), 4, 1.0);
        let party = processor.add_party(Discipline { fifo: true, threads: 1, ..Discipline::FREE });
        processor.start(Time(0), party, exec(0), 1.0);
        processor.start(Time(0), party, exec(1), 1.0);
        processor.predict();
        assert_eq!(processor.load(), (1, 1));
        assert_eq!(drain(&mut processor), [(0, 1000), (1, 2000)]);
    }

    #[test]
    fn co_located_work_slows_by_its_threads() {
        let mut processor = Processor::new(Time(0), 1, 1.0);
        let crowd = processor.add_party(Discipline::FREE);
        let small = processor.add_party(Discipline::FREE);
        for index in 0..9 {
            processor.start(Time(0), crowd, exec(index), 100.0);
        }
        processor.start(Time(0), small, exec(99), 0.1);
        let time = processor.predict().expect("work");
        assert_eq!(processor.finish(time), Some(exec(99)));
        assert_eq!(time, Time(1_000_000_000));
    }

    #[test]
    fn a_cancelled_task_gives_its_share_back() {
        let mut processor = Processor::new(Time(0), 1, 1.0);
        let party = processor.add_party(Discipline::FREE);
        processor.start(Time(0), party, exec(0), 1.0);
        processor.start(Time(0), party, exec(1), 1.0);
        processor.predict();
        processor.cancel(Time(1_000_000_000), party, exec(0));
        assert_eq!(drain(&mut processor), [(1, 1500)]);
    }

    #[test]
    fn contention_slows_the_party_by_the_law() {
        let mut processor = Processor::new(Time(0), 2, 1.0);
        let party = processor.add_party(Discipline { sigma: 0.5, ..Discipline::FREE });
        processor.start(Time(0), party, exec(0), 1.0);
        processor.start(Time(0), party, exec(1), 1.0);
        assert_eq!(drain(&mut processor)[0].1, 1500);
    }
}
