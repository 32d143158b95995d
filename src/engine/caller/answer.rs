//! How an attempt ends for its caller: an answer travels back and is taken, or the caller gives up.
//!
//! An answer that nobody listens to any longer gives back what its attempt took at the caller's end, and that is all.

use crate::engine::caller::call::{Call, NO_TIME, purpose};
use crate::engine::observation::{Observation, Observer, Outcome};
use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::{Occupancy, State};
use crate::engine::state::world::Context;
use crate::scenario::Reason;

impl<'m, O: Observer> Context<'m, O> {
    /// The callee has answered (or the network did for it): the reply travels back, if anybody listens.
    pub(crate) fn reply(&mut self, attempt: u32, outcome: Outcome) {
        if !self.listens(attempt) {
            self.release_slot(attempt);
            self.world.execs.remove(attempt);
            return;
        }
        let call = self.call_of(attempt);
        if (call.link.guarded || !self.world.partitions.is_empty())
            && self.vanishes(attempt, crate::engine::caller::resilience::REPLY)
        {
            return self.lose(attempt);
        }
        let now = self.world.now;
        let state = &mut self.world.execs[attempt];
        state.outcome = outcome;
        state.state = State::Replying;
        state.since = now;
        if call.link.latency == NO_TIME {
            self.hand_in(attempt, outcome, call);
        } else {
            self.deliver_after(attempt, purpose::REPLY, call.link.latency);
        }
    }

    /// Whether the caller still waits for this attempt.
    #[inline]
    pub(crate) fn listens(&self, attempt: u32) -> bool {
        let execs = &self.world.execs;
        let state = &execs[attempt];
        let caller = execs.slots.get(state.parent.index as usize);
        caller.is_some_and(|caller| {
            caller.generation == state.parent.generation
                && caller.ticket == state.parent_ticket
                && caller.state != State::Free
        })
    }

    /// The reply reaches the caller.
    pub(crate) fn deliver(&mut self, attempt: u32) {
        if !self.listens(attempt) {
            if self.world.execs[attempt].occupancy == Occupancy::Holding {
                self.release_hold(attempt);
            } else {
                self.release_slot(attempt);
                self.world.execs.remove(attempt);
            }
            return;
        }
        self.hand_in(attempt, self.world.execs[attempt].outcome, self.call_of(attempt));
    }

    /// The caller, who listens, has its reply.
    #[inline(always)]
    fn hand_in(&mut self, attempt: u32, outcome: Outcome, call: Call<'m>) {
        let state = &self.world.execs[attempt];
        let (caller, claims, hit) = (state.parent.index, state.claims, state.hit);
        let held = state.occupancy == Occupancy::Holding;
        self.tell_attempt_ended(attempt, outcome);
        if call.link.guarded {
            self.learn(attempt, outcome, true);
        }
        self.take_over(attempt, caller, outcome);
        let over = match outcome {
            Outcome::Succeeded { .. } => {
                self.settle(caller, attempt);
                true
            }
            Outcome::Failed(_) => self.part(caller, attempt),
        };
        if claims > 0 {
            self.hand_over(attempt, caller);
        }
        let state = &mut self.world.execs[caller];
        state.hit = hit;
        if held {
            // An operation must hold as long as its callee does; a client's session keeps the list itself.
            if state.operation.is_some() {
                state.holds = true;
            }
            self.forget(attempt);
        } else {
            self.release_slot(attempt);
            self.world.execs.remove(attempt);
        }
        if !over {
            return;
        }
        match outcome {
            Outcome::Succeeded { degraded } => {
                let state = &mut self.world.execs[caller];
                if state.operation.is_some() {
                    state.degraded |= degraded;
                } else {
                    self.end_request(caller, outcome);
                    if self.world.execs[caller].single {
                        return self.finish(caller, outcome);
                    }
                }
                self.world.execs[caller].pc += 1;
                self.resume(caller);
            }
            Outcome::Failed(reason) => self.attempt_failed(caller, reason),
        }
    }

    /// The caller learns how an attempt ended.
    #[inline(always)]
    fn attempt_ended(&mut self, attempt: u32, outcome: Outcome) {
        self.tell_attempt_ended(attempt, outcome);
        if self.link_of(attempt).guarded {
            self.learn(attempt, outcome, true);
        }
    }

    #[inline(always)]
    pub(crate) fn tell_attempt_ended(&mut self, attempt: u32, outcome: Outcome) {
        if O::LISTENS {
            let state = &self.world.execs[attempt];
            let ended = Observation::AttemptEnded {
                site: state.site(),
                started: state.started,
                outcome,
                exec: ExecRef { index: attempt, generation: state.generation },
                instance: state.instance,
                from: self.world.clients[state.client()].instance,
                source: state.source,
                number: state.number,
            };
            self.observer.observe(self.world.now, &ended);
        }
    }

    /// An attempt that never left fails at once.
    pub(crate) fn fail_early(&mut self, attempt: u32, reason: Reason) {
        if self.link_of(attempt).guarded {
            self.learn(attempt, Outcome::Failed(reason), false);
        }
        self.drop_early(attempt, reason);
    }

    /// The same, where its link end did not let it go.
    pub(crate) fn drop_early(&mut self, attempt: u32, reason: Reason) {
        let caller = self.world.execs[attempt].parent.index;
        self.tell_attempt_ended(attempt, Outcome::Failed(reason));
        let over = self.part(caller, attempt);
        self.forget(attempt);
        self.world.execs.remove(attempt);
        if over {
            self.attempt_failed(caller, reason);
        }
    }

    /// Takes an attempt out of its link end's count of calls.
    #[inline]
    pub(crate) fn forget(&mut self, attempt: u32) {
        let state = &mut self.world.execs[attempt];
        if !std::mem::take(&mut state.counted) {
            return;
        }
        let client = state.client();
        let call = ExecRef { index: attempt, generation: state.generation };
        let end = &mut self.world.clients[client];
        end.calls -= 1;
        if let Some(guard) = &mut end.guard {
            guard.release(call);
        }
        if end.messages.is_some() {
            self.world.note_pool(client);
        }
    }

    /// The caller gives up on an attempt.
    pub(crate) fn on_timeout(&mut self, attempt: u32) {
        if !self.listens(attempt) {
            return;
        }
        let caller = self.world.execs[attempt].parent.index;
        self.attempt_ended(attempt, Outcome::Failed(Reason::TimedOut));
        let over = self.part(caller, attempt);
        self.leave_alone(attempt);
        if over {
            self.attempt_failed(caller, Reason::TimedOut);
        }
    }
}
