//! Services: the software on the machines.
use super::{
    amount::{Amount, Dimension::Time},
    described::{choice, record},
    link::Link,
    named::Named,
    step::Step,
    store::Store,
};
use crate::units::{Bytes, Percent, Span};
use serde::{Deserialize, Serialize};

/// What a `Database` accepts when nothing is said, as PostgreSQL does (`max_connections`, its documentation ch. 20.3).
pub const DATABASE_CONNECTIONS: u32 = 100;

record! {
    /// A piece of software placed on machines.
    pub struct Service {
        /// The part whose fields are its defaults (`surgelab list --parts`). Absent: none.
        like: Option<String> as Part = None,
        /// What it is.
        kind: Kind = Kind::Server,
        /// Machine groups it runs on. Empty: nowhere of ours, as an `External` or a managed `Balancer`.
        on: Vec<String> as Refers(Machine) = Vec::new(),
        /// How many instances there are.
        instances: Instances = Instances::PerMachine(1),
        /// What an instance may take of its machine's cores.
        cpu: Cpu = Cpu::default(),
        /// Requests served at once per instance; each holds its worker to the end. Absent: unlimited.
        workers: Option<u32> [1.0..=10_000_000.0] = None,
        /// Threads of an instance that can burn CPU at once. Absent: unlimited.
        threads: Option<u32> [1.0..=1_000_000.0] = None,
        /// How ready tasks share the instance's threads.
        scheduling: Scheduling = Scheduling::Shared,
        /// Inbound connections per instance, idle ones too. Absent: unlimited (a `Database`: 100).
        max_connections: Option<u32> [1.0..=10_000_000.0] = None,
        /// Sockets per instance, inbound and outbound together. Absent: unlimited.
        descriptors: Option<u32> [1.0..=10_000_000.0] = None,
        /// Where admitted calls wait for a worker.
        backlog: Backlog = Backlog::default(),
        /// What a worker stays with.
        worker_holds: WorkerHolds = WorkerHolds::Request,
        /// A user's connection that is kept alive and unused so long is closed. 0s: after each reply.
        keep_alive: Span = Span::ZERO,
        /// How long a `Reload` takes no new connections; they are refused, or dropped by the backlog's `overflow`.
        reload: Span = Span::ZERO,
        /// Calls of low priority that are turned away at the door, as `Shed`, while most workers are busy.
        shed: Vec<Shed> = Vec::new(),
        /// An operation is given up this long after a worker began it: it fails `TimedOut`. Absent: never.
        deadline: Option<Span> = None,
        /// What an instance needs of its machine's memory.
        memory: Memory = Memory::default(),
        /// From a crash until it serves again, cold. Absent: it stays down until the runbook restarts it.
        restart: Option<Span> = None,
        /// How tasks that are ready together slow each other down.
        contention: Contention = Contention::default(),
        /// What each instance keeps in its own memory, by name.
        stores: Named<Store> as Defines(Store) = Named::default(),
        /// How it calls other services, by the name of the callee.
        links: Named<Link> as Refers(Service) = Named::default(),
        /// What it offers, by name: a program of steps.
        operations: Named<Vec<Step>> as Defines(Operation) = Named::default(),
    }
}

choice! {
    /// What a service is.
    pub enum Kind {
        /// Runs its operations on its machines.
        Server,
        /// Forwards every operation of another service over the link of that name.
        Balancer {
            /// The service behind it.
            to: String as Refers(Service),
            /// CPU per forwarded call.
            cpu: Amount [Time] = Amount::no_time(),
            /// Takes bodies and replies at its own pace and passes them on at its client's: a slow client holds the
            /// balancer alone. Otherwise it also holds the server behind.
            buffers: bool = false,
        },
        /// A broker: takes every operation of another service as a message, answers at once, and calls it behind the
        /// caller's back over the link of that name. What that link lets through at once is what the consumers take;
        /// the rest waits here; its timeout and retry redeliver.
        Queue {
            /// The consumers.
            to: String as Refers(Service),
            /// CPU per message.
            cpu: Amount [Time] = Amount::no_time(),
            /// Most messages that wait per instance; beyond them a message is refused. Absent: unlimited.
            depth: Option<u32> [1.0..=100_000_000.0] = None,
            /// Messages survive a crash of the broker and are delivered again.
            durable: bool = false,
        },
        /// A server with a connection limit; its instances may be shards and replicas.
        Database {
            /// Key that the sets of instances are the shards of. Absent: a set by request.
            shard_by: Option<String> as Refers(Key) = None,
            /// Of each set, in the order of the instances: the first is the primary, so many follow it.
            replicas: u32 [0.0..=100.0] = 0,
            /// From a write at the primary until a replica has it.
            lag: Amount [Time] = Amount::no_time(),
            /// CPU at a replica to apply a write.
            apply: Amount [Time] = Amount::no_time(),
            /// Operations that only read: replicas serve them, each time the one with the fewest calls in progress from
            /// its caller, whatever `balance` is.
            reads: Vec<String> as Refers(Operation) = Vec::new(),
        },
        /// Remembers what others ask it for, over `Cached`, `Put` and `Invalidate` (its operations are `get`, `set` and
        /// `delete`).
        Cache {
            /// What it remembers.
            store: Store = Store::default(),
        },
        /// A third party we do not run: no machine, no CPU, no cost.
        External,
    }
}

choice! {
    /// How many instances of a service there are.
    #[derive(Copy)]
    pub enum Instances {
        /// So many on every machine of the groups in `on`.
        PerMachine(count: u32 [1.0..=1000.0]),
        /// So many in all, each on the machine with room that has the fewest of them. Room is memory (the service's
        /// limit, or what it uses idle) and, where it is limited, CPU. What finds no room is pending until there is
        /// some.
        Count(count: u32 [0.0..=100_000.0]),
    }
}

record! {
    /// What an instance may take of its machine's cores. Children it spawns are not bound by it.
    pub struct Cpu {
        /// Of each of its threads, where threads compete for the cores.
        weight: f64 [0.001..=10_000.0] = 1.0,
        /// Most cores of all its threads together; above it they are throttled. Absent: what the machine has.
        limit: Option<f64> [0.001..=1024.0] = None,
    }
}

choice! {
    /// How the ready tasks of an instance share its threads.
    pub enum Scheduling {
        /// All of them at once, each slower.
        Shared,
        /// The oldest first, one per thread: an event loop.
        Fifo,
    }
}

record! {
    /// Where admitted calls wait for a worker.
    pub struct Backlog {
        /// Places to wait per instance; beyond them see `overflow`. Absent: unlimited.
        limit: Option<u32> [0.0..=100_000_000.0] = None,
        /// Who is served next.
        order: Order = Order::Fifo,
        /// What is dropped, as `Shed`, instead of being served late.
        drop: Drop = Drop::Never,
        /// What becomes of a call that finds no connection or no place to wait.
        overflow: Overflow = Overflow::Refuse,
    }
}

choice! {
    /// Who is served next.
    #[derive(Copy, Serialize, Deserialize)]
    pub enum Order {
        /// Who came first.
        Fifo,
        /// Who came last: in an overload some are served in time instead of none.
        Lifo,
        /// The highest `priority` of the traffic, then who came first. Nobody is interrupted.
        Priority,
    }
}

choice! {
    /// What is dropped from a backlog when its turn comes (or when its place is needed).
    #[derive(Copy, Serialize, Deserialize)]
    pub enum Drop {
        /// Nothing is dropped.
        Never,
        /// What has waited longer than this.
        Older {
            /// Longest wait.
            than: Span,
        },
        /// Controlled delay (Nichols and Jacobson, ACM Queue 2012; RFC 8289): while every wait of an `interval` was
        /// above `target`, more and more.
        CoDel {
            /// A wait that may last.
            target: Span = Span(5_000_000),
            /// How long waits may be longer before one is dropped.
            interval: Span = Span(100_000_000),
        },
    }
}

choice! {
    /// What becomes of a call that finds no connection or no place to wait.
    #[derive(Copy)]
    pub enum Overflow {
        /// It is refused at once.
        Refuse,
        /// Nothing answers; the caller's system tries again after 1 s, 2 s, 4 s and so on, as TCP does, until the
        /// caller's `timeout` or `connect_timeout`.
        Drop,
    }
}

choice! {
    /// What a worker stays with.
    #[derive(Copy)]
    pub enum WorkerHolds {
        /// A request, to the end of its operation.
        Request,
        /// A connection, until it closes: one that is kept open and idle holds its worker (Apache prefork). A proxy in
        /// front that does not keep its connections frees the worker after each reply.
        Connection,
    }
}

record! {
    /// Calls turned away at the door.
    pub struct Shed {
        /// While more than this share of the workers is busy.
        above: Percent [0.0..=1.0],
        /// Calls of traffic with a `priority` below this.
        below: u32 [1.0..=9.0] = 1,
    }
}

record! {
    /// What an instance needs of memory.
    pub struct Memory {
        /// With nothing to do.
        idle: Bytes = Bytes(0),
        /// Per worker of the pool, busy or not (needs `workers`).
        per_worker: Bytes = Bytes(0),
        /// Per inbound connection.
        per_connection: Bytes = Bytes(0),
        /// While a request is in the instance, served or waiting.
        per_request: Bytes = Bytes(0),
        /// Lost with each finished request, until a restart.
        leak_per_request: Bytes = Bytes(0),
        /// The process dies above this. Absent: only the machine limits.
        limit: Option<Bytes> = None,
    }
}

record! {
    /// Universal Scalability Law: with n tasks ready the rate is multiplied by 1/(1 + sigma (n-1) + kappa n (n-1)).
    pub struct Contention {
        /// Contention: the part that is serial.
        sigma: f64 [0.0..=1000.0] = 0.0,
        /// Coherence: the cost of agreeing, per pair.
        kappa: f64 [0.0..=1000.0] = 0.0,
    }
}
