//! What is special at some doors: shedding, dropping what is late, silence instead of a refusal, deadlines.
//!
//! A plain door never comes here: one flag of the service says so. Times that few executions need stand beside them.

use super::event::Event;
use super::machine::Life;
use super::observation::{Activity, Limit, Observation, Observer, Outcome};
use super::request::{ExecRef, Place, Role, State};
use super::world::{Turn, nanos};
use crate::model::door::Drop;
use crate::model::{AmountId, OperationId};
use crate::scenario::Reason;
use crate::units::Time;

const SECOND: i64 = 1_000_000_000;
const PATIENCE: u64 = 0x7061_7469_656e;
/// The highest priority: checks go before everybody.
const FIRST: u8 = 9;

/// A time for some executions, by their place in the slab.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<(u32, Time)>);

impl Times {
    /// Bytes of a copy.
    pub(super) fn weight(&self) -> usize {
        self.0.len() * size_of::<(u32, Time)>()
    }

    pub(super) fn set(&mut self, exec: ExecRef, time: Time) {
        let at = exec.index as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, (u32::MAX, Time(i64::MAX)));
        }
        self.0[at] = (exec.generation, time);
    }

    pub(super) fn get(&self, exec: ExecRef) -> Option<Time> {
        self.0.get(exec.index as usize).filter(|(generation, _)| *generation == exec.generation).map(|(_, time)| *time)
    }
}

impl<O: Observer> Turn<'_, O> {
    /// Whether a special door takes a call in, and room is made for it; one that is shed has been answered.
    pub(super) fn passes(&mut self, attempt: u32) -> bool {
        let instance = self.w.execs[attempt].instance;
        let service = self.w.instances[instance as usize].service as usize;
        let door = &self.m.services[service].door;
        let probe = self.w.execs[attempt].role == Role::Probe;
        let source = self.w.execs[attempt].source as usize;
        let class = if probe { FIRST } else { self.m.sources[source].priority };
        self.w.execs[attempt].class = class;
        let state = &self.w.instances[instance as usize];
        let (busy, workers) = (f64::from(state.busy), f64::from(state.workers));
        if !probe && door.shed.iter().any(|&(above, below)| class < below && busy > above * workers) {
            self.refuse(attempt, Limit::Shed);
            return false;
        }
        if let Drop::Older { than } = door.drop {
            loop {
                let state = &self.w.instances[instance as usize];
                let full = state.busy >= state.workers && state.backlog.len >= state.backlog_limit;
                let Some(oldest) = state.backlog.oldest().filter(|_| full) else { break };
                if self.w.now.0 - self.came(oldest).0 <= than.0 {
                    break;
                }
                self.drop_waiting(oldest, Reason::Shed);
            }
        }
        true
    }

    /// Notes when a call enters the backlog of a special door.
    pub(super) fn note_wait(&mut self, attempt: u32) {
        let reference = self.w.execs.reference(attempt);
        self.w.queued.set(reference, self.w.now);
    }

    fn came(&self, attempt: u32) -> Time {
        self.w.queued.get(self.w.execs.reference(attempt)).unwrap_or(self.w.now)
    }

    /// Whether the call whose turn it is is dropped instead: why.
    pub(super) fn too_late(&mut self, instance: u32, next: u32) -> Option<Reason> {
        if self.m.passes_deadlines && self.expired(next) {
            return Some(Reason::TimedOut);
        }
        let door = &self.m.services[self.w.instances[instance as usize].service as usize].door;
        if door.drop == Drop::Never || self.w.execs[next].role == Role::Probe {
            return None;
        }
        let since = self.came(next);
        let now = self.w.now;
        self.w.instances[instance as usize].backlog.drops(door.drop, now, since).then_some(Reason::Shed)
    }

    /// Ends a call that waits in a backlog.
    pub(super) fn drop_waiting(&mut self, attempt: u32, reason: Reason) {
        if self.w.execs[attempt].role == Role::Probe {
            self.leave_instance(attempt);
            return self.end_probe(attempt, false);
        }
        let (operation, instance) = (OperationId(self.w.execs[attempt].operation), self.w.execs[attempt].instance);
        let exec = self.w.execs.reference(attempt);
        self.tell(|| Observation::Dropped { operation, instance, exec });
        self.end_attempt(attempt, Outcome::Failed(reason));
    }

    /// No room: a refusal, or silence.
    pub(super) fn turn_away(&mut self, attempt: u32, by: Limit) {
        let instance = self.w.execs[attempt].instance;
        if !self.service(instance).door.silent {
            return self.refuse(attempt, by);
        }
        let operation = OperationId(self.w.execs[attempt].operation);
        let exec = self.w.execs.reference(attempt);
        self.tell(|| Observation::Rejected { operation, instance, by, exec });
        if self.w.execs[attempt].place == Place::Holding {
            self.w.execs[attempt].place = Place::Outside;
            let pool = self.w.execs[attempt].kept && !self.link_of(attempt).keep_alive;
            if !pool {
                self.w.execs[attempt].fresh = true;
                self.disconnect(instance);
            }
        }
        self.retransmit(attempt);
    }

    /// The caller's system hears nothing and sends again, after 1 s, 2 s, 4 s and so on from the time before, until it
    /// gives up connecting. `pending` counts the times.
    fn retransmit(&mut self, attempt: u32) {
        let link_id = self.m.sites[self.w.execs[attempt].site as usize].link;
        let longest = self.m.lanes[self.m.links[link_id.index()].connect_timeout.index()].0;
        let pause = SECOND << self.w.execs[attempt].pending.min(32);
        let passed = pause - SECOND;
        let exec = self.w.execs.reference(attempt);
        if passed + pause >= longest {
            self.w.execs[attempt].state = State::Silent;
            let last = (longest - passed).max(0);
            self.w.agenda.once(Time(self.w.now.0 + last), Event::Deliver(exec));
        } else {
            let state = &mut self.w.execs[attempt];
            state.pending += 1;
            state.state = State::Retransmit;
            let callee = &mut self.w.instances[state.instance as usize];
            // It comes again, and is waited for.
            callee.coming += u32::from(callee.life == Life::Draining);
            self.w.agenda.once(Time(self.w.now.0 + pause), Event::Wake(exec));
        }
        let parent = self.w.execs[attempt].parent;
        if self.listens(attempt) {
            self.does(parent.index, Some(Activity::Retransmit(link_id)));
        }
    }

    /// It is sent once more.
    pub(super) fn arrive_again(&mut self, attempt: u32) {
        let link = self.m.sites[self.w.execs[attempt].site as usize].link;
        let parent = self.w.execs[attempt].parent;
        if self.listens(attempt) {
            self.does(parent.index, Some(Activity::Call(link)));
        }
        self.arrive(attempt);
    }

    /// A patience that is drawn, and what the callee is told.
    pub(super) fn wait_while_patient(&mut self, attempt: u32, patience: Option<AmountId>, pass: bool) {
        let span = patience.map(|amount| nanos(self.draw(attempt, PATIENCE, amount)));
        if let Some(span) = span {
            let exec = self.w.execs.reference(attempt);
            self.w.agenda.once(Time(self.w.now.0.saturating_add(span)), Event::Timeout(exec));
        }
        if pass {
            self.pass_deadline(attempt, span);
        }
    }

    /// Tells an attempt that leaves now until when its caller waits: its own timeout or what the caller was told.
    pub(super) fn pass_deadline(&mut self, attempt: u32, timeout: Option<i64>) {
        let parent = self.w.execs[attempt].parent;
        let own = timeout.map(|span| Time(self.w.now.0.saturating_add(span)));
        let told = self.w.due.get(parent);
        if let Some(due) = own.into_iter().chain(told).min() {
            let exec = self.w.execs.reference(attempt);
            self.w.due.set(exec, due);
        }
    }

    /// A branch must be ready when its fork must.
    pub(super) fn share_deadline(&mut self, from: u32, to: u32) {
        if let Some(due) = self.w.due.get(self.w.execs.reference(from)) {
            let exec = self.w.execs.reference(to);
            self.w.due.set(exec, due);
        }
    }

    /// Whether whoever asked for it no longer waits, as far as it was told.
    #[inline]
    pub(super) fn expired(&self, exec: u32) -> bool {
        self.w.due.get(self.w.execs.reference(exec)).is_some_and(|due| due <= self.w.now)
    }

    /// A worker has been at an operation for as long as the service allows: it is given up, with all it waits for.
    pub(super) fn on_deadline(&mut self, exec: u32) {
        if self.w.execs[exec].place != Place::Working {
            return;
        }
        self.let_go(exec);
        self.interrupt(exec);
        self.end_attempt(exec, Outcome::Failed(Reason::TimedOut));
    }
}
