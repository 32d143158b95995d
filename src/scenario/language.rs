//! The nouns of a scenario, one to one with the file.
use super::{amount::Amount, named::Named, text::RonText};
use crate::units::{Bandwidth, Bytes, Percent, Price, Rate, Span};
use serde::{Deserialize, Serialize};

/// A whole scenario file.
pub struct Scenario {
    /// Version of the language; 1 today.
    pub version: u32,
    /// What the scenario is called in lists and reports.
    pub title: String,
    /// What running it teaches, in one sentence. (default "")
    pub teaches: String,
    /// Where the story and its numbers come from. (default "")
    pub source: String,
    /// How long the measured run lasts, from time 0.
    pub horizon: Span,
    /// How long it runs before time 0, unmeasured: profiles hold their initial value and the runbook sleeps. (default 0)
    pub warm_up: Span,
    /// The seed of a run that is given none. (default 1)
    pub seed: u64,
    pub machines: Named<Machine>,
    pub services: Named<Service>,
    pub traffic: Named<Traffic>,
    pub runbook: Vec<Rule>,
    /// Subject (source, `svc.op`, resource or "cost") -> expressions such as "p(95) < 2s".
    pub objectives: Named<Vec<String>>,
    pub variants: Named<Variant>,
}

/// A group of equal machines.
pub struct Machine {
    /// default 1; range 0..=100_000
    pub count: u32,
    /// default 1; 1..=1024
    pub cores: u32,
    /// Work done by one core per second, relative to the reference core. default 1.0; > 0
    pub speed: f64,
    /// default 4GiB
    pub memory: Bytes,
    /// default 0
    pub swap: Bytes,
    /// Egress, shared by the transfers in progress. Absent: unlimited.
    pub network: Option<Bandwidth>,
    /// From the order for a new machine until its services start. default 0
    pub boot: Span,
    /// default 0
    pub price: Price,
}

/// A piece of software placed on machines: one instance per machine of the groups in `on`.
pub struct Service {
    /// default Server
    pub kind: Kind,
    /// Machine groups. Empty: runs nowhere (own infinite machine), as External and managed balancers do.
    pub on: Vec<String>,
    /// Requests served at once per instance; each holds its worker to the end. Absent: unlimited.
    pub workers: Option<u32>,
    /// Threads that can burn CPU at once per instance. Absent: unlimited.
    pub threads: Option<u32>,
    /// How ready tasks share the instance's threads. default Shared
    pub scheduling: Scheduling,
    /// Inbound connections per instance, idle ones too. Absent: unlimited (Database: 100).
    pub max_connections: Option<u32>,
    /// Sockets per instance, inbound and outbound together. Absent: unlimited.
    pub descriptors: Option<u32>,
    pub backlog: Backlog,
    pub memory: Memory,
    /// From a crash until it serves again, cold. Absent: it stays down until the runbook restarts it.
    pub restart: Option<Span>,
    /// Universal Scalability Law on the instance's CPU rate with n tasks ready. default none
    pub contention: Contention,
    pub links: Named<Link>,
    /// Operation name -> program.
    pub operations: Named<Vec<Step>>,
}

pub enum Kind {
    Server,
    /// Forwards every operation of `to` over the link of that name; burns `cpu` per forwarded call (default 0).
    Balancer { to: String, cpu: Amount },
    Database,
    /// A third party we do not run: no machine, no Cpu steps, no cost.
    External,
}

pub enum Scheduling { Shared, Fifo }

/// Where admitted calls wait for a worker.
pub struct Backlog {
    /// Absent: unlimited.
    pub limit: Option<u32>,
}

/// All default 0 / absent.
pub struct Memory {
    pub idle: Bytes,
    /// Per worker of the pool, busy or not (needs `workers`).
    pub per_worker: Bytes,
    pub per_connection: Bytes,
    /// While the request is in the instance (admitted or in backlog).
    pub per_request: Bytes,
    /// Lost for ever with each finished request, until restart.
    pub leak_per_request: Bytes,
    /// The process dies above this. Absent: only the machine limits.
    pub limit: Option<Bytes>,
}

/// rate factor 1/(1 + sigma (n-1) + kappa n (n-1))
pub struct Contention { pub sigma: f64, pub kappa: f64 }

/// How a service (its key is the callee's name) calls another.
pub struct Link {
    pub balance: Balance,
    pub health: Option<Health>,
    /// default FailOpen
    pub none_healthy: NoneHealthy,
    /// default PerCall
    pub connections: Connections,
    /// Longest wait for a kept connection; then PoolTimeout. Absent: for ever.
    pub pool_timeout: Option<Span>,
    /// A kept connection unused so long is closed. Absent: never.
    pub idle: Option<Span>,
    /// Cost of opening one connection.
    pub handshake: Handshake,
    /// One way, per message. default 0
    pub latency: Amount,
    /// From slot to reply. Absent: none.
    pub timeout: Option<Span>,
    /// Silence from a dead machine turns into Unreachable after this. default 30s
    pub connect_timeout: Span,
    /// default Never
    pub cancel: Cancel,
    pub retry: Retry,
}

pub enum Balance { RoundRobin, Random, LeastConnections, LeastOf(u32) /* power of d choices */, FirstOfLeast /* ties to first index */ }
// LeastConnections and LeastOf break ties at random.

pub struct Health { pub every: Span, /* default 2 */ pub fall: u32, /* default 2 */ pub rise: u32, /* default = every */ pub timeout: Option<Span> }
pub enum NoneHealthy { FailOpen, Refuse }
pub enum Connections { PerCall, Keep(u32) /* per caller instance */ }
/// defaults 0: extra latency of opening, CPU at the caller, CPU at the callee
pub struct Handshake { pub latency: Amount, pub caller: Amount, pub callee: Amount }
pub enum Cancel { Never, Queued, All }

/// When a failed call is tried again; the one record for users and links.
pub struct Retry {
    /// Further attempts after the first. default 0
    pub times: u32,
    /// default false
    pub forever: bool,
    /// Wait before the first retry. default 0
    pub after: Amount,
    /// Each further wait is this many times the last. default 1
    pub factor: f64,
    /// Longest wait. Absent: none
    pub cap: Option<Span>,
    /// Share of the wait that is drawn uniformly: wait * uniform(1 - jitter, 1). default 0%
    pub jitter: Percent,
    /// default empty = every failure
    pub on: Vec<Reason>,
    pub budget: Option<Budget>,
}
/// Earned per first attempt and spent per retry, per caller instance and link.
pub struct Budget { pub earn: Percent, /* default 10: tokens at start and at most */ pub burst: f64 }

/// Why a call failed (closed list).
pub enum Reason { Refused, TimedOut, Shed, CircuitOpen, RateLimited, PoolTimeout, Crashed, Unreachable, Error, Abandoned }

pub enum Step {
    Cpu(Amount), Delay(Amount), Send(Amount), Call(String),
    Repeat(Amount, Vec<Step>), Parallel(Vec<Vec<Step>>), Quorum(u32, Vec<Vec<Step>>), Background(Vec<Step>),
    Try(Vec<Step>, Vec<Step>), Choose(Vec<(f64, Vec<Step>)>),
    Spawn(Amount, Bytes), Hold, HoldFor(Amount), Fail(Percent),
}

/// One source of requests. The source is also the caller: `access` is its link.
pub enum Traffic {
    Open { rate: Profile<Rate>, call: String, patience: Option<Span>, retry: Retry, access: Access },
    Users { arrive: Profile<Rate>, journey: Vec<Step>, patience: Option<Span>, retry: Retry, then: Then, access: Access },
    Closed { population: Profile<Count>, journey: Vec<Step>, patience: Option<Span>, retry: Retry, then: Then, access: Access },
}
/// How the crowd reaches services: as in Link. defaults RoundRobin, 0, Never
pub struct Access { pub balance: Balance, pub latency: Amount, pub cancel: Cancel, pub connect_timeout: Span }
/// After a journey step's call failed for good. default Leave
pub enum Then { Leave, Continue }

/// A bare number of things.
pub struct Count(pub f64);

pub enum Profile<V> {
    Constant(V),
    /// linear from `from` to `to`, starting at `at`, over `over`
    Ramp { from: V, to: V, at: Span, over: Span },
    /// k6 stages from `start`: (duration, target) each reached linearly
    Stages { start: V, stages: Vec<(Span, V)> },
    /// base, then linear to peak from `at` over `rise`, then decays towards base with `half_life`
    Flash { base: V, peak: V, at: Span, rise: Span, half_life: Span },
    /// from * 2^(t/every), until `until` (absent: horizon)
    Doubling { from: V, every: Span, until: Option<Span> },
    Sum(Vec<Profile<V>>),
    Scale(f64, Box<Profile<V>>),
}

pub enum Rule {
    At(Span, Action),
    When { condition: String, /* default 10s */ window: Span, /* default 0 */ lasting: Span, /* default 0 */ after: Span, then: Action, /* default false: once */ repeat: bool },
}

pub enum Action {
    AddMachines(String, u32),
    RemoveMachines(String, u32),
    /// All machines of the group. The services on it are down for the last `outage` of `takes`.
    Resize { machine: String, cores: Option<u32>, memory: Option<Bytes>, takes: Span, outage: Span },
    /// "app" all instances, "app/1" one; "web" or "web/0" machines
    Crash(String),
    /// CPU speed times `factor` for `lasting` (a service, an instance, a group or a machine)
    Slow { target: String, factor: f64, lasting: Span },
    /// process restart, each instance `stagger` after the one before
    Restart { target: String, stagger: Span },
    Set(String, RonText),
    /// multiply a source's profile from now on ("stop the ads")
    ScaleTraffic(String, f64),
}

pub struct Variant { /* default "" */ pub teaches: String, pub from: Option<String>, pub set: Named<RonText> }
