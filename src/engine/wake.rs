//! What an execution waited for is over: its work at a CPU, a time, a reply on its way.

use crate::engine::observation::{Observer, Outcome};
use crate::engine::state::ids::MachineId;
use crate::engine::state::request::{At, State};
use crate::engine::state::world::Context;
use crate::scenario::Reason;

impl<O: Observer> Context<'_, O> {
    pub(crate) fn on_cpu_done(&mut self, machine: MachineId) {
        let now = self.world.now;
        let done = self.world.machines[machine].cpu.finish(now);
        self.world.touch_machine(machine);
        if let Some(exec) = done {
            self.worked(exec.index);
        }
    }

    /// An execution's CPU work is done.
    fn worked(&mut self, exec: u32) {
        match self.world.execs[exec].state.at() {
            At::CallerCpu => self.leave_at_last(exec),
            At::ChildCpu => {
                self.end_child(exec);
                self.resume(exec);
            }
            At::Cpu => self.go_on(exec),
            _ => {}
        }
    }

    pub(crate) fn on_wake(&mut self, exec: u32) {
        match self.world.execs[exec].state {
            State::Delay => self.go_on(exec),
            State::Transit => self.arrived(exec),
            State::Retransmit => self.arrive_again(exec),
            State::Backoff => self.attempt(exec),
            State::Held => self.wake_held(exec),
            // CPU of a service that runs nowhere is plain time.
            State::Cpu | State::Greeting | State::Handshake | State::Spawned => self.worked(exec),
            // So is a transfer that no machine of ours takes part in.
            State::Device => self.go_on(exec),
            // What it waited for was taken from it before its end.
            _ => {}
        }
    }

    /// A reply arrives, or nothing ever will.
    pub(crate) fn on_deliver(&mut self, exec: u32) {
        match self.world.execs[exec].state {
            State::Replying => self.deliver(exec),
            State::Held => self.hear_of_hold(exec),
            State::Silent => self.reply_unreachable(exec),
            _ => {}
        }
    }

    /// Runs on at once: nothing else happens at this event.
    #[inline]
    fn go_on(&mut self, exec: u32) {
        self.world.execs[exec].state = State::Running;
        self.run(exec);
    }

    fn reply_unreachable(&mut self, exec: u32) {
        self.world.execs[exec].outcome = Outcome::Failed(Reason::Unreachable);
        self.world.execs[exec].state = State::Replying;
        self.deliver(exec);
    }
}
