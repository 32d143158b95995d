//! Programs: what an operation or a journey does, as flat code.
use super::{Access, AmountId, KeyId, Model, SiteId};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A position in `Model::code`.
pub type Pc = u32;
/// No position: the failure leaves the program.
pub const NO_PC: Pc = u32::MAX;

/// One step with what the engine needs beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeEntry {
    pub instr: Instr,
    /// Where a failure of this step continues (the fallback of the innermost `Try`), or `NO_PC`.
    pub handler: Pc,
    /// Identity of this step's random draws: a hash of its owner's name and its path in the program.
    pub key: u64,
}

/// An instruction. Branches of `Fork` and bodies of `Background` end with `Return`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Instr {
    /// Seconds of work on a reference core.
    Cpu(AmountId),
    /// Let so many seconds pass; a worker is held, no CPU is used.
    Delay(AmountId),
    /// Bytes to the caller.
    Send(AmountId),
    /// Bytes from the caller.
    Receive(AmountId),
    /// A buffering balancer: the bytes it has taken of the reply, to its own caller.
    PassOn,
    /// Disk operations.
    Disk(AmountId),
    /// A child process, waited for: seconds of CPU, bytes of memory.
    Spawn {
        cpu: AmountId,
        memory: u64,
    },
    Call(SiteId),
    /// Draw the count (rounded to nearest whole); 0 jumps to `end`. `counter` is the nesting depth, 0..=3.
    Repeat {
        counter: u8,
        count: AmountId,
        end: Pc,
    },
    /// End of a loop body: count down, jump to `start` while any are left.
    Next {
        counter: u8,
        start: Pc,
    },
    /// Run `count` branches from `Model::branches[first..]`, go on when `need` succeeded (need = count: a failure fails
    /// the fork at once).
    Fork {
        first: u32,
        count: u32,
        need: u32,
    },
    /// Start the body beside this program (it begins at the next pc), go on at `next`.
    Background {
        next: Pc,
    },
    /// As `Background`, for a message that a broker has accepted; fails Refused when it has no room.
    Enqueue {
        next: Pc,
    },
    /// Draw u, take the first of `Model::choices[first..first+count]` with u < cumulative.
    Choose {
        first: u32,
        count: u32,
    },
    Jump(Pc),
    /// Reply; keep connection and descriptors (not the worker) to the end of the session.
    Hold,
    /// Reply; keep them for so many seconds.
    HoldFor(AmountId),
    /// Look for the key in a store of this instance; without it jump to `miss`. `depth`: of the claim to fill it.
    Lookup {
        access: Access,
        depth: u8,
        miss: Pc,
    },
    /// What was missed is there now: put it into the store, unless another did, and give up the claim.
    Fill {
        access: Access,
        depth: u8,
    },
    /// The call before this asked a `Cache`: without the key there jump to `miss`.
    IfHit {
        depth: u8,
        miss: Pc,
    },
    /// Do with the store of this `Cache` what the call is about.
    Serve,
    /// A read begins at a database with replicas.
    Read,
    /// A write is done there: the replicas of this set follow.
    Replicate,
    /// This replica has a write.
    Applied,
    /// Take a lock of this instance, by its place there.
    Acquire {
        lock: u16,
        key: Option<KeyId>,
        depth: u8,
    },
    /// Give up all claims at this depth and deeper.
    Release {
        depth: u8,
    },
    /// Put it into the store, new or again.
    Put(Access),
    /// Take it out of the store.
    Invalidate(Access),
    /// Fail with Error with this probability.
    Fail(f64),
    /// The program ends well. A fallback that was run marks the execution `degraded` (see `Degrade`).
    Return,
    /// First instruction of every fallback.
    Degrade,
}

impl Instr {
    /// The amount that is drawn for it.
    pub fn amount(&self) -> Option<AmountId> {
        match *self {
            Instr::Cpu(amount)
            | Instr::Delay(amount)
            | Instr::Send(amount)
            | Instr::Receive(amount)
            | Instr::Disk(amount)
            | Instr::Spawn { cpu: amount, .. }
            | Instr::Repeat { count: amount, .. }
            | Instr::HoldFor(amount) => Some(amount),
            Instr::PassOn
            | Instr::Call(_)
            | Instr::Next { .. }
            | Instr::Fork { .. }
            | Instr::Background { .. }
            | Instr::Enqueue { .. }
            | Instr::Choose { .. }
            | Instr::Jump(_)
            | Instr::Hold
            | Instr::Lookup { .. }
            | Instr::Fill { .. }
            | Instr::IfHit { .. }
            | Instr::Serve
            | Instr::Read
            | Instr::Replicate
            | Instr::Applied
            | Instr::Acquire { .. }
            | Instr::Release { .. }
            | Instr::Put(_)
            | Instr::Invalidate(_)
            | Instr::Fail(_)
            | Instr::Return
            | Instr::Degrade => None,
        }
    }
}

/// What a program takes of the model's tables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Program {
    pub code: Range<usize>,
    pub sites: Range<usize>,
    pub branches: Range<usize>,
    pub choices: Range<usize>,
}

impl Model {
    /// Every position that a program may go on at after this one: the next, where a jump leads, entries of branches and
    /// bodies, the fallback of a failure. What it starts beside itself counts, too.
    pub fn successors(&self, pc: Pc, visit: &mut impl FnMut(Pc)) {
        let step = &self.code[pc as usize];
        match step.instr {
            Instr::Repeat { end: to, .. }
            | Instr::Next { start: to, .. }
            | Instr::Background { next: to }
            | Instr::Enqueue { next: to }
            | Instr::Lookup { miss: to, .. }
            | Instr::IfHit { miss: to, .. } => [pc + 1, to].into_iter().for_each(&mut *visit),
            Instr::Fork { first, count, .. } => {
                visit(pc + 1);
                self.branches[first as usize..(first + count) as usize].iter().copied().for_each(&mut *visit);
            }
            Instr::Choose { first, count } => {
                self.choices[first as usize..(first + count) as usize]
                    .iter()
                    .map(|choice| choice.1)
                    .for_each(&mut *visit);
            }
            Instr::Jump(to) => visit(to),
            Instr::Return => {}
            Instr::Cpu(_)
            | Instr::Delay(_)
            | Instr::Send(_)
            | Instr::Receive(_)
            | Instr::PassOn
            | Instr::Disk(_)
            | Instr::Spawn { .. }
            | Instr::Call(_)
            | Instr::Hold
            | Instr::HoldFor(_)
            | Instr::Fill { .. }
            | Instr::Serve
            | Instr::Read
            | Instr::Replicate
            | Instr::Applied
            | Instr::Acquire { .. }
            | Instr::Release { .. }
            | Instr::Put(_)
            | Instr::Invalidate(_)
            | Instr::Fail(_)
            | Instr::Degrade => visit(pc + 1),
        }
        if step.handler != NO_PC {
            visit(step.handler);
        }
    }
}
