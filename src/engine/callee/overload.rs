//! What is special at some doors: shedding, dropping what is late, silence instead of a refusal, deadlines.
//!
//! A plain door never comes here: one flag of the service says so. Times that few executions need stand beside them.

use crate::engine::observation::{Activity, Limit, Observation, Observer, Outcome};
use crate::engine::state::ids::InstanceId;
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::AmountId;
use crate::model::admission::Drop;
use crate::scenario::Reason;
use crate::units::{Span, Time};

const SECOND: i64 = 1_000_000_000;
const PATIENCE: u64 = 0x7061_7469_656e;
/// The highest priority: checks go before everybody.
const FIRST: u8 = 9;

impl<O: Observer> Context<'_, O> {
    /// Whether a special door takes a call in, and room is made for it; one that is shed has been answered.
    pub(crate) fn passes(&mut self, attempt: u32) -> bool {
        let instance = self.world.execs[attempt].instance();
        let service = self.world.instances[instance].service;
        let door = &self.model.services[service].door;
        let probe = self.world.execs[attempt].role == Role::Probe;
        let source = self.world.execs[attempt].source;
        let class = if probe { FIRST } else { self.model.sources[source].priority };
        self.world.execs[attempt].class = class;
        let state = &self.world.instances[instance];
        let (busy, workers) = (f64::from(state.busy), f64::from(state.workers));
        if !probe && door.shed.iter().any(|&(above, below)| class < below && busy > above * workers) {
            self.refuse(attempt, Limit::Shed);
            return false;
        }
        if let Drop::Older { than } = door.drop {
            loop {
                let state = &self.world.instances[instance];
                let full = state.busy >= state.workers && state.backlog.len >= state.backlog_limit;
                let Some(oldest) = state.backlog.oldest().filter(|_| full) else { break };
                if self.world.now.0 - self.came(oldest).0 <= than.0 {
                    break;
                }
                self.drop_waiting(oldest, Reason::Shed);
            }
        }
        true
    }

    /// Notes when a call enters the backlog of a special door.
    pub(crate) fn note_wait(&mut self, attempt: u32) {
        let reference = self.world.execs.reference(attempt);
        self.world.queued.set(reference, self.world.now);
    }

    fn came(&self, attempt: u32) -> Time {
        self.world.queued.get(self.world.execs.reference(attempt)).unwrap_or(self.world.now)
    }

    /// Whether the call whose turn it is is dropped instead: why.
    pub(crate) fn too_late(&mut self, instance: InstanceId, next: u32) -> Option<Reason> {
        if self.model.passes_deadlines && self.expired(next) {
            return Some(Reason::TimedOut);
        }
        let door = &self.model.services[self.world.instances[instance].service].door;
        if door.drop == Drop::Never || self.world.execs[next].role == Role::Probe {
            return None;
        }
        let since = self.came(next);
        let now = self.world.now;
        self.world.instances[instance].backlog.drops(door.drop, now, since).then_some(Reason::Shed)
    }

    /// Ends a call that waits in a backlog.
    pub(crate) fn drop_waiting(&mut self, attempt: u32, reason: Reason) {
        if self.world.execs[attempt].role == Role::Probe {
            self.leave_instance(attempt);
            return self.end_probe(attempt, false);
        }
        let (operation, instance) = (self.world.execs[attempt].operation(), self.world.execs[attempt].instance());
        let exec = self.world.execs.reference(attempt);
        self.emit(|| Observation::Dropped { operation, instance, exec });
        self.end_attempt(attempt, Outcome::Failed(reason));
    }

    /// No room: a refusal, or silence.
    pub(crate) fn turn_away(&mut self, attempt: u32, by: Limit) {
        let instance = self.world.execs[attempt].instance();
        if !self.service(instance).door.silent {
            return self.refuse(attempt, by);
        }
        let operation = self.world.execs[attempt].operation();
        let exec = self.world.execs.reference(attempt);
        self.emit(|| Observation::Rejected { operation, instance: Some(instance), by, exec });
        if self.world.execs[attempt].occupancy == Occupancy::Holding {
            self.world.execs[attempt].occupancy = Occupancy::Outside;
            let pool = self.world.execs[attempt].kept && !self.link_of(attempt).keep_alive;
            if !pool {
                self.world.execs[attempt].fresh = true;
                self.disconnect(instance);
            }
        }
        self.retransmit(attempt);
    }

    /// The caller's system hears nothing and sends again, after 1 s, 2 s, 4 s and so on from the time before, until it
    /// gives up connecting. `pending` counts the times.
    fn retransmit(&mut self, attempt: u32) {
        let link_id = self.model.sites[self.world.execs[attempt].site()].link;
        let longest = self.model.lanes[self.model.links[link_id].connect_timeout].0;
        let pause = SECOND << self.world.execs[attempt].pending.min(32);
        let passed = pause - SECOND;
        let exec = self.world.execs.reference(attempt);
        if passed + pause >= longest {
            self.world.execs[attempt].state = State::Silent;
            let last = (longest - passed).max(0);
            self.world.agenda.once(self.world.now + Span(last), Event::Deliver(exec));
        } else {
            let state = &mut self.world.execs[attempt];
            state.pending += 1;
            state.state = State::Retransmit;
            let callee = &mut self.world.instances[state.instance()];
            // It comes again, and is waited for.
            callee.coming += u32::from(callee.availability == Availability::Draining);
            self.world.agenda.once(self.world.now + Span(pause), Event::Wake(exec));
        }
        let parent = self.world.execs[attempt].parent;
        if self.listens(attempt) {
            self.set_activity(parent.index, Some(Activity::Retransmit(link_id)));
        }
    }

    /// It is sent once more.
    pub(crate) fn arrive_again(&mut self, attempt: u32) {
        let link = self.model.sites[self.world.execs[attempt].site()].link;
        let parent = self.world.execs[attempt].parent;
        if self.listens(attempt) {
            self.set_activity(parent.index, Some(Activity::Call(link)));
        }
        self.arrived(attempt);
    }

    /// A patience that is drawn, and what the callee is told.
    pub(crate) fn wait_while_patient(&mut self, attempt: u32, patience: Option<AmountId>, pass: bool) {
        let span = patience.map(|amount| nanos(self.draw(attempt, PATIENCE, amount)));
        if let Some(span) = span {
            let exec = self.world.execs.reference(attempt);
            self.world.agenda.once(self.world.now + Span(span), Event::Timeout(exec));
        }
        if pass {
            self.pass_deadline(attempt, span);
        }
    }

    /// Tells an attempt that leaves now until when its caller waits: its own timeout or what the caller was told.
    pub(crate) fn pass_deadline(&mut self, attempt: u32, timeout: Option<i64>) {
        let parent = self.world.execs[attempt].parent;
        let own = timeout.map(|span| self.world.now + Span(span));
        let told = self.world.due.get(parent);
        if let Some(due) = own.into_iter().chain(told).min() {
            let exec = self.world.execs.reference(attempt);
            self.world.due.set(exec, due);
        }
    }

    /// A branch must be ready when its fork must.
    pub(crate) fn share_deadline(&mut self, from: u32, to: u32) {
        if let Some(due) = self.world.due.get(self.world.execs.reference(from)) {
            let exec = self.world.execs.reference(to);
            self.world.due.set(exec, due);
        }
    }

    /// Whether whoever asked for it no longer waits, as far as it was told.
    #[inline]
    pub(crate) fn expired(&self, exec: u32) -> bool {
        self.world.due.get(self.world.execs.reference(exec)).is_some_and(|due| due <= self.world.now)
    }

    /// A worker has been at an operation for as long as the service allows: it is given up, with all it waits for.
    pub(crate) fn on_deadline(&mut self, exec: u32) {
        if self.world.execs[exec].occupancy != Occupancy::Working {
            return;
        }
        self.cancel_children(exec);
        self.interrupt(exec);
        self.end_attempt(exec, Outcome::Failed(Reason::TimedOut));
    }
}
