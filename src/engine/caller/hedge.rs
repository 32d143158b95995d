//! Several attempts of one call in progress: who is still awaited, and what becomes of the others.
//!
//! A caller knows its newest attempt (`child`), each attempt the one before it (`sibling`). `pending` counts the
//! attempts in progress beside one, `need` those launched beside the first. One that has failed leaves the chain and
//! forgets its caller; when one is answered the caller's ticket moves on and none of the others is heard.

use crate::engine::observation::{Observer, Outcome};
use crate::engine::state::ids::{ExecRef, InstanceId};
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::scenario::Reason;

impl<O: Observer> Context<'_, O> {
    /// An attempt is late: another one beside it, if there may be more.
    pub(crate) fn on_hedge(&mut self, attempt: u32) {
        if !self.listens(attempt) {
            return;
        }
        let caller = self.world.execs[attempt].parent.index;
        let most = self.link_of(attempt).guards.hedge.map_or(0, |hedge| hedge.most);
        let newest = self.world.execs[caller].child == self.world.execs.reference(attempt);
        if newest && self.world.execs[caller].need < most {
            let state = &mut self.world.execs[caller];
            state.need += 1;
            state.pending += 1;
            let hedge = state.need;
            self.launch_hedge(caller, hedge);
        }
    }

    /// The caller gives up this attempt, which failed; true when it was the last one in progress.
    #[inline(always)]
    pub(crate) fn part(&mut self, caller: u32, attempt: u32) -> bool {
        if self.world.execs[caller].pending > 0 {
            self.part_from_chain(caller, attempt);
            return false;
        }
        self.world.execs[caller].ticket = self.world.execs[caller].ticket.wrapping_add(1);
        true
    }

    #[cold]
    fn part_from_chain(&mut self, caller: u32, attempt: u32) {
        let this = self.world.execs.reference(attempt);
        let (older, started) = (self.world.execs[attempt].sibling, self.world.execs[attempt].started);
        self.world.execs[caller].pending -= 1;
        self.world.execs[attempt].parent = ExecRef::NOBODY;
        if self.world.execs[caller].child != this {
            let mut at = self.world.execs[caller].child.index;
            while self.world.execs[at].sibling != this {
                at = self.world.execs[at].sibling.index;
            }
            self.world.execs[at].sibling = older;
            return;
        }
        // The next hedge was to come after this one: now it comes after the one before.
        self.world.execs[caller].child = older;
        if let Some(hedge) = self.link_of(attempt).guards.hedge
            && self.world.execs[caller].need < hedge.most
        {
            let due = (started + self.model.lanes[hedge.after]).max(self.world.now);
            self.world.agenda.once(due, Event::Hedge(older));
        }
    }

    /// The caller has its answer: nobody waits for its other attempts.
    #[inline(always)]
    pub(crate) fn settle(&mut self, caller: u32, winner: u32) {
        let state = &mut self.world.execs[caller];
        state.ticket = state.ticket.wrapping_add(1);
        if state.pending > 0 {
            state.pending = 0;
            let newest = std::mem::replace(&mut state.child, ExecRef::NOBODY);
            self.abandon(newest, caller, winner);
        }
    }

    /// Leaves a chain of attempts alone, but for one.
    pub(crate) fn abandon(&mut self, newest: ExecRef, caller: u32, but: u32) {
        let mut at = newest;
        while self.world.execs.alive(at) && self.world.execs[at.index].parent.index == caller {
            let older = self.world.execs[at.index].sibling;
            if at.index != but {
                self.tell_attempt_ended(at.index, Outcome::Failed(Reason::Abandoned));
                self.leave_alone(at.index);
            }
            at = older;
        }
    }

    /// Where the other attempts of the same call are.
    pub(crate) fn tried_beside(&self, attempt: u32) -> Vec<Option<InstanceId>> {
        let caller = self.world.execs[attempt].parent;
        let mut tried = Vec::new();
        if self.world.execs.alive(caller) && self.world.execs[caller.index].pending > 0 {
            let mut at = self.world.execs[caller.index].child;
            while self.world.execs.alive(at) {
                if at.index != attempt {
                    tried.push(self.world.execs[at.index].instance);
                }
                at = self.world.execs[at.index].sibling;
            }
        }
        tried
    }
}
