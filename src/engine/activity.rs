//! What executions do, told whenever that changes: in few words, and in full to those who want to know of each.

use crate::engine::observation::{Activity, ActivityCode, Observation, Observer};
use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::Role;
use crate::engine::state::world::Context;
use crate::units::Time;

impl<O: Observer> Context<'_, O> {
    /// Tells what an execution does from now on.
    #[inline(always)]
    pub(crate) fn set_activity(&mut self, exec: u32, activity: Option<Activity>) {
        if O::LISTENS {
            self.tell_activity(exec, activity.map_or(ActivityCode::NOTHING, ActivityCode::of));
        }
    }

    fn tell_activity(&mut self, exec: u32, to: ActivityCode) {
        let now = self.world.now;
        let state = &mut self.world.execs[exec];
        let from = state.activity;
        if from == to {
            return;
        }
        let since = state.since;
        state.activity = to;
        state.since = now;
        let apart = state.followed | (state.role == Role::Fiber) | to.is_retransmit();
        self.observer.moves(now, (state.operation, state.source), [from, to]);
        if O::HEARS_MOVES || apart {
            self.tell_moved(exec, from, since);
        }
    }

    /// The same in full.
    #[inline(never)]
    fn tell_moved(&mut self, exec: u32, from: ActivityCode, since: Time) {
        let state = &self.world.execs[exec];
        let moved = Observation::Moved {
            exec: ExecRef { index: exec, generation: state.generation },
            operation: state.operation,
            source: state.source,
            number: state.number,
            instance: state.instance,
            from: from.activity(),
            to: state.activity.activity(),
            since,
            aside: state.role == Role::Fiber,
            followed: state.followed,
        };
        self.observer.observe(self.world.now, &moved);
    }
}
