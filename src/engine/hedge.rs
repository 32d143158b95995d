//! Several attempts of one call in progress: who is still awaited, and what becomes of the others.
//!
//! A caller knows its newest attempt (`child`), each attempt the one before it (`sibling`). `pending` counts the
//! attempts in progress beside one, `need` those launched beside the first. One that has failed leaves the chain and
//! forgets its caller; when one is answered the caller's ticket moves on and none of the others is heard.

use super::event::Event;
use super::observation::{Observer, Outcome};
use super::request::ExecRef;
use super::world::Turn;
use crate::scenario::Reason;
use crate::units::Time;

impl<O: Observer> Turn<'_, O> {
    /// An attempt is late: another one beside it, if there may be more.
    pub(super) fn on_hedge(&mut self, attempt: u32) {
        if !self.listens(attempt) {
            return;
        }
        let caller = self.w.execs[attempt].parent.index;
        let most = self.link_of(attempt).guards.hedge.map_or(0, |hedge| hedge.most);
        let newest = self.w.execs[caller].child == self.w.execs.reference(attempt);
        if newest && self.w.execs[caller].need < most {
            let state = &mut self.w.execs[caller];
            state.need += 1;
            state.pending += 1;
            let hedge = state.need;
            self.launch(caller, hedge);
        }
    }

    /// The caller gives up this attempt, which failed; true when it was the last one in progress.
    #[inline(always)]
    pub(super) fn part(&mut self, caller: u32, attempt: u32) -> bool {
        if self.w.execs[caller].pending > 0 {
            self.part_from_chain(caller, attempt);
            return false;
        }
        self.w.execs[caller].ticket = self.w.execs[caller].ticket.wrapping_add(1);
        true
    }

    #[cold]
    fn part_from_chain(&mut self, caller: u32, attempt: u32) {
        let this = self.w.execs.reference(attempt);
        let (older, started) = (self.w.execs[attempt].sibling, self.w.execs[attempt].started);
        self.w.execs[caller].pending -= 1;
        self.w.execs[attempt].parent = ExecRef::NOBODY;
        if self.w.execs[caller].child != this {
            let mut at = self.w.execs[caller].child.index;
            while self.w.execs[at].sibling != this {
                at = self.w.execs[at].sibling.index;
            }
            self.w.execs[at].sibling = older;
            return;
        }
        // The next hedge was to come after this one: now it comes after the one before.
        self.w.execs[caller].child = older;
        if let Some(hedge) = self.link_of(attempt).guards.hedge
            && self.w.execs[caller].need < hedge.most
        {
            let due = Time((started.0 + self.m.lanes[hedge.after.index()].0).max(self.w.now.0));
            self.w.agenda.once(due, Event::Hedge(older));
        }
    }

    /// The caller has its answer: nobody waits for its other attempts.
    #[inline(always)]
    pub(super) fn settle(&mut self, caller: u32, winner: u32) {
        let state = &mut self.w.execs[caller];
        state.ticket = state.ticket.wrapping_add(1);
        if state.pending > 0 {
            state.pending = 0;
            let newest = std::mem::replace(&mut state.child, ExecRef::NOBODY);
            self.abandon(newest, caller, winner);
        }
    }

    /// Leaves a chain of attempts alone, but for one.
    pub(super) fn abandon(&mut self, newest: ExecRef, caller: u32, but: u32) {
        let mut at = newest;
        while self.w.execs.alive(at) && self.w.execs[at.index].parent.index == caller {
            let older = self.w.execs[at.index].sibling;
            if at.index != but {
                self.tell_attempt_ended(at.index, Outcome::Failed(Reason::Abandoned));
                self.leave_alone(at.index);
            }
            at = older;
        }
    }

    /// Instances at which other attempts of the same call are.
    pub(super) fn tried_beside(&self, attempt: u32) -> Vec<u32> {
        let caller = self.w.execs[attempt].parent;
        let mut tried = Vec::new();
        if self.w.execs.alive(caller) && self.w.execs[caller.index].pending > 0 {
            let mut at = self.w.execs[caller.index].child;
            while self.w.execs.alive(at) {
                if at.index != attempt {
                    tried.push(self.w.execs[at.index].instance);
                }
                at = self.w.execs[at.index].sibling;
            }
        }
        tried
    }
}
