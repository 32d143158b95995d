//! A look at executions: who is where, what it does and how far on its way it is; and what callers have at whom.
//!
//! Where a way's latency is drawn, the draw is repeated: it is keyed, so that the answer is the engine's own.

use crate::engine::caller::call::purpose;
use crate::engine::random::rng::{Stream, derive};
use crate::engine::random::sampler::draw;
use crate::engine::simulation::Simulation;
use crate::engine::state::ids::{ExecRef, InstanceId, MachineId};
use crate::engine::state::request::{Exec, Occupancy, Role, State};
use crate::engine::time::event::Event;
use crate::model::{Amount, AmountId, Instr, LinkId, OperationId, SourceId};
use crate::units::Time;

/// What an execution is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    /// On its way, there or back.
    Moves,
    /// At a CPU, a disk or a network, or passing time.
    Served,
    /// Waiting for somebody or something.
    Waits,
    /// Holding a connection and nothing else.
    Holds,
}

/// Where an execution is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Whereabouts {
    /// Between two ends of a link.
    Way {
        /// The link.
        link: LinkId,
        /// The calling instance; none: the source.
        from: Option<InstanceId>,
        /// The instance that is called.
        to: InstanceId,
        /// Share of the way that is done, 0 to 1.
        share: f32,
        /// The whole of it, seconds.
        lasts_s: f32,
        /// It is the reply.
        back: bool,
    },
    /// In the backlog of an instance.
    Backlog(InstanceId),
    /// In work at an instance.
    Inside(InstanceId),
    /// Before the kept connections or places of a link, at the calling instance (none: the source).
    Pool(Option<InstanceId>, LinkId),
    /// With its source, before the next attempt.
    Source,
}

/// One execution.
#[derive(Clone, Copy, Debug)]
pub struct ExecutionView {
    /// The same as long as it lives.
    pub id: ExecRef,
    /// Whose request it works for.
    pub source: SourceId,
    /// What it runs; none for a source's own.
    pub operation: Option<OperationId>,
    /// What it is about.
    pub state: ExecutionState,
    /// Where it is.
    pub at: Whereabouts,
    /// Its caller has not given it up.
    pub heard: bool,
    /// It has a worker.
    pub works: bool,
    /// The link over which it waits for an answer.
    pub calls: Option<LinkId>,
    /// When it began.
    pub started: Time,
}

/// Something that is not up and will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// A process.
    Instance(InstanceId),
    /// A machine.
    Machine(MachineId),
}

/// What one end of a link has at one instance now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The link.
    pub link: LinkId,
    /// The calling instance; none: the source.
    pub from: Option<InstanceId>,
    /// The instance that is called.
    pub to: InstanceId,
    /// Attempts that left and were not answered or given up.
    pub outstanding: u32,
}

impl Simulation {
    /// Places for executions: those that exist have an index below.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.world().execs.places()
    }

    /// The execution at a place. None: there is none, or it is of no interest in itself: a health check, a session that
    /// thinks, a client that waits for the answer to its call.
    #[must_use]
    pub fn execution(&self, index: u32) -> Option<ExecutionView> {
        let exec = &self.world().execs[index];
        let (state, at) = match exec.role {
            _ if exec.state == State::Free => return None,
            Role::Probe => return None,
            Role::Root | Role::ClientFiber | Role::ClientBranch => match exec.state {
                State::Backoff => (ExecutionState::Waits, Whereabouts::Source),
                _ => return None,
            },
            // Whoever only waits for its call holds nothing: the call is to be seen.
            Role::Fiber | Role::Branch if matches!(exec.state, State::Calling | State::Joining) => return None,
            Role::Fiber | Role::Branch => (execution_state(exec.state), Whereabouts::Inside(exec.instance())),
            Role::Attempt => self.attempt(exec),
        };
        let calls = match self.model().code.get(exec.pc as usize).map(|step| &step.instr) {
            Some(Instr::Call(site)) if exec.state == State::Calling => Some(self.model().sites[*site].link),
            Some(_) | None => None,
        };
        let execs = &self.world().execs;
        let heard = exec.role != Role::Attempt
            || execs.alive(exec.parent) && execs[exec.parent.index].ticket == exec.parent_ticket;
        Some(ExecutionView {
            id: execs.reference(index),
            source: exec.source,
            operation: exec.operation,
            state,
            at,
            heard,
            works: exec.role == Role::Attempt && exec.occupancy == Occupancy::Working,
            calls,
            started: exec.started,
        })
    }

    fn attempt(&self, exec: &Exec) -> (ExecutionState, Whereabouts) {
        let model = self.model();
        let link = model.sites[exec.site()].link;
        let from = self.world().clients[exec.client()].instance;
        let way = |share: f32, lasts_s: f32, back: bool| Whereabouts::Way {
            link,
            from,
            to: exec.instance(),
            share,
            lasts_s,
            back,
        };
        match exec.state {
            State::Pool | State::Granted => (ExecutionState::Waits, Whereabouts::Pool(from, link)),
            State::Handshake => (ExecutionState::Served, way(0.0, 0.0, false)),
            State::Transit => {
                let spec = &model.links[link];
                let opening = if spec.handshake && exec.fresh {
                    self.drawn(exec, purpose::HANDSHAKE + 1, spec.handshake_latency)
                } else {
                    0.0
                };
                let lasts = self.drawn(exec, purpose::LATENCY, spec.latency) + opening;
                (ExecutionState::Moves, way(self.share(exec, lasts), lasts as f32, false))
            }
            State::Replying => {
                let lasts = self.drawn(exec, purpose::REPLY, model.links[link].latency);
                (ExecutionState::Moves, way(self.share(exec, lasts), lasts as f32, true))
            }
            // At the callee's door, and nobody opens.
            State::Retransmit | State::Silent => (ExecutionState::Waits, way(1.0, 0.0, false)),
            State::Backlog => (ExecutionState::Waits, Whereabouts::Backlog(exec.instance())),
            state => (execution_state(state), Whereabouts::Inside(exec.instance())),
        }
    }

    /// A latency as it was drawn for this execution; gauges read 0.
    fn drawn(&self, exec: &Exec, purpose: u64, amount: AmountId) -> f64 {
        match &self.model().amounts[amount] {
            Amount::Constant { value, .. } => *value,
            amount => draw(amount, &mut Stream::new(derive(exec.key ^ purpose, u64::from(exec.round))), &|_| 0.0),
        }
    }

    fn share(&self, exec: &Exec, lasts: f64) -> f32 {
        let gone = (self.now().0 - exec.since.0) as f64 / 1e9;
        if lasts > 0.0 { (gone / lasts).clamp(0.0, 1.0) as f32 } else { 1.0 }
    }

    /// Who has attempts at whom now, by link ends in the order they were made.
    pub fn outstanding(&self) -> impl Iterator<Item = Traffic> + '_ {
        self.world().clients.iter().flat_map(|client| {
            let busy = client.targets.iter().filter(|target| target.outstanding > 0);
            busy.map(|target| Traffic {
                link: client.link,
                from: client.instance,
                to: target.instance,
                outstanding: target.outstanding,
            })
        })
    }

    /// Processes and machines that are to start, and when, in no order.
    pub fn starts(&self) -> impl Iterator<Item = (Start, Time)> + '_ {
        let world = self.world();
        world.agenda.scattered().filter_map(|(time, event)| match event {
            Event::InstanceStart { instance, epoch } if world.instances[instance].epoch == epoch => {
                Some((Start::Instance(instance), time))
            }
            Event::MachineStart { machine } => Some((Start::Machine(machine), time)),
            _ => None,
        })
    }
}

/// What somebody at an instance is about.
fn execution_state(state: State) -> ExecutionState {
    match state {
        State::Running | State::Greeting | State::Cpu | State::Device | State::Spawned | State::Delay => {
            ExecutionState::Served
        }
        State::Calling
        | State::Backoff
        | State::Locked
        | State::Joining
        | State::Pool
        | State::Granted
        | State::Backlog => ExecutionState::Waits,
        State::Held => ExecutionState::Holds,
        State::Handshake | State::Transit | State::Replying => ExecutionState::Moves,
        State::Silent | State::Retransmit | State::Free => ExecutionState::Waits,
    }
}
