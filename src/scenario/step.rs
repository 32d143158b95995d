//! Steps: what operations and journeys are made of.
use super::{
    amount::{
        Amount,
        Dimension::{Bytes as Data, Count as Whole, Time},
    },
    described::choice,
};
use crate::units::{Bytes, Percent};

choice! {
    /// One step of a program.
    pub enum Step or (Step::Delay(Amount::no_time())) {
        /// Work on a core, in seconds of the reference core.
        Cpu(work: Amount [Time]),
        /// Time passes; the worker is held.
        Delay(time: Amount [Time]),
        /// Bytes to the caller, through the machine's network and as fast as the caller takes them.
        Send(bytes: Amount [Data]),
        /// Bytes from the caller: through its machine's network, or from a user's home through the network of this
        /// machine.
        Receive(bytes: Amount [Data]),
        /// Operations of the machine's disk, one after another.
        Disk(count: Amount [Whole]),
        /// Call an operation, `"svc.op"`, over the link to its service, and wait for the reply.
        Call(operation: String as Call),
        /// Put a message into a `Queue`, `"queue.op"`: a call that is answered as soon as the broker has it.
        Enqueue(operation: String as Call),
        /// The body so many times, one after another; the count is drawn once.
        Repeat(count: Amount [Whole], body: Vec<Step>),
        /// All branches at once; goes on when all have succeeded.
        Parallel(branches: Vec<Vec<Step>>),
        /// All branches at once; goes on when so many have succeeded.
        Quorum(need: u32 [1.0..=10_000.0], branches: Vec<Vec<Step>>),
        /// Beside the program; nobody waits for it.
        Background(body: Vec<Step>),
        /// If the body fails, the fallback instead; the outcome counts as degraded.
        Try(body: Vec<Step>, fallback: Vec<Step>),
        /// One of the branches, by weight.
        Choose(branches: Vec<(f64, Vec<Step>)>),
        /// A child process, waited for: its CPU and its memory.
        Spawn(work: Amount [Time], memory: Bytes),
        /// Reply, and keep the connection to the end of the session.
        Hold,
        /// Reply, and keep the connection so long.
        HoldFor(time: Amount [Time]),
        /// Looks for the key in a store of the service, or in a linked `Cache`: the one body if it is there, else the
        /// other, after which it is put there.
        Cached(store: String as StoreOrCache, key: String as Refers(Key), hit: Vec<Step>, miss: Vec<Step>),
        /// Puts the key into a store, new or again.
        Put(store: String as StoreOrCache, key: String as Refers(Key)),
        /// Takes the key out of a store.
        Invalidate(store: String as StoreOrCache, key: String as Refers(Key)),
        /// The body alone: at an instance one after another for each value of the key, first come first served. `""`:
        /// for all.
        Lock(name: String as Refers(Lock), key: String as Refers(Key), body: Vec<Step>),
        /// Fail as `Error` with this probability.
        Fail(probability: Percent [0.0..=1.0]),
    }
}

/// What a step is to whoever walks programs: a piece of its own, or programs inside it and how they go together.
#[derive(Clone, Copy, Debug)]
pub enum StepKind<'s> {
    /// Nothing is inside.
    Leaf,
    /// The body so many times, one after another.
    Loop(&'s Amount, &'s [Step]),
    /// All branches at once; it goes on when so many have succeeded.
    Fork(usize, &'s [Vec<Step>]),
    /// Nobody waits for it.
    Beside(&'s [Step]),
    /// The body, once.
    Block(&'s [Step]),
    /// The first, and if it fails the second.
    Fallback(&'s [Step], &'s [Step]),
    /// One of them, by weight.
    Choice(&'s [(f64, Vec<Step>)]),
    /// One of the two: a look into a store that hits or misses.
    Look(&'s [Step], &'s [Step]),
}

impl Step {
    /// What it is.
    pub fn kind(&self) -> StepKind<'_> {
        match self {
            Self::Repeat(count, body) => StepKind::Loop(count, body),
            Self::Parallel(branches) => StepKind::Fork(branches.len(), branches),
            Self::Quorum(need, branches) => StepKind::Fork(*need as usize, branches),
            Self::Background(body) => StepKind::Beside(body),
            Self::Lock(_, _, body) => StepKind::Block(body),
            Self::Try(body, fallback) => StepKind::Fallback(body, fallback),
            Self::Choose(branches) => StepKind::Choice(branches),
            Self::Cached(_, _, hit, miss) => StepKind::Look(hit, miss),
            Self::Cpu(_)
            | Self::Delay(_)
            | Self::Send(_)
            | Self::Receive(_)
            | Self::Disk(_)
            | Self::Call(_)
            | Self::Enqueue(_)
            | Self::Spawn(..)
            | Self::Hold
            | Self::HoldFor(_)
            | Self::Put(..)
            | Self::Invalidate(..)
            | Self::Fail(_) => StepKind::Leaf,
        }
    }

    /// The programs inside it, in the order they are written: bodies, branches, fallbacks.
    pub fn bodies(&self) -> Vec<&[Self]> {
        match self.kind() {
            StepKind::Leaf => Vec::new(),
            StepKind::Loop(_, body) | StepKind::Beside(body) | StepKind::Block(body) => vec![body],
            StepKind::Fork(_, branches) => branches.iter().map(Vec::as_slice).collect(),
            StepKind::Fallback(first, second) | StepKind::Look(first, second) => vec![first, second],
            StepKind::Choice(branches) => branches.iter().map(|(_, branch)| branch.as_slice()).collect(),
        }
    }

    /// The operation it calls or enqueues to, "svc.op", if it does.
    pub fn callee(&self) -> Option<&str> {
        match self {
            Self::Call(operation) | Self::Enqueue(operation) => Some(operation),
            _ => None,
        }
    }
}

/// Every step of a program, those inside others after them.
pub fn walk<'s>(program: &'s [Step], visit: &mut impl FnMut(&'s Step)) {
    for step in program {
        visit(step);
        step.bodies().into_iter().for_each(|body| walk(body, visit));
    }
}
