//! The runbook: what operators and controllers do over time.
use super::{
    described::{choice, show},
    text::RonText,
};
use crate::units::{Bytes, Span};

choice! {
    /// A rule of the runbook.
    pub enum Rule {
        /// At a time.
        At(time: Span, action: Action),
        /// When something is so: a person or a controller that reacts late.
        When {
            /// A comparison such as `"app.workers > 90%"`.
            condition: String as Condition,
            /// The metric is its mean over this long.
            window: Span = Span::seconds(10),
            /// It must have held so long: a window that holds counts from its beginning.
            lasting: Span = Span::ZERO,
            /// From then until the action.
            after: Span = Span::ZERO,
            /// What is done.
            then: Action,
            /// Again each time that it has held `lasting` anew (without `lasting`: once a window while it is true),
            /// otherwise once.
            repeat: bool = false,
        },
        /// A controller that keeps a metric at its target by the number of machines, or of instances of a service with
        /// `instances: Count(..)`: ceil(number × metric / target). Those that do not serve yet count as idle ones.
        Autoscale {
            /// The machine group or the service.
            of: String as Scaled,
            /// What it watches, such as `"app.cpu"`; of numbers for all together (`jobs.queue`, `users.rate`) the
            /// target is what each machine or instance should have.
            metric: String as Watched,
            /// What it should be: `"60%"`, `"100"`, `"50/s"`.
            target: String as Expression,
            /// How often it looks.
            every: Span,
            /// The metric is its mean over this long. Absent: `every`.
            window: Option<Span> = None,
            /// After it has changed something it changes nothing for so long.
            cooldown: Span = Span::ZERO,
            /// Fewest of them.
            least: u32 [0.0..=100_000.0] = 1,
            /// Most of them.
            most: u32 [1.0..=100_000.0],
        },
    }
}

choice! {
    /// Something an operator does.
    pub enum Action {
        /// Order machines for a group; they serve after its `boot`.
        AddMachines(group: String as Refers(Machine), count: u32 [1.0..=100_000.0]),
        /// Take machines from a group: dead ones first, then the newest.
        RemoveMachines(group: String as Refers(Machine), count: u32 [1.0..=100_000.0]),
        /// More instances of a service with `instances: Count(..)`; what finds no room is pending.
        AddInstances(service: String as Refers(Service), count: u32 [1.0..=100_000.0]),
        /// Fewer instances of such a service: pending ones first, then those that are down, then the newest.
        RemoveInstances(service: String as Refers(Service), count: u32 [1.0..=100_000.0]),
        /// Change all machines of a group; what runs on it is down for the last `outage` of `takes`.
        Resize {
            /// The group.
            machine: String as Refers(Machine),
            /// Cores afterwards. Absent: as before.
            cores: Option<u32> [1.0..=1024.0] = None,
            /// Memory afterwards. Absent: as before.
            memory: Option<Bytes> = None,
            /// How long it takes.
            takes: Span = Span::ZERO,
            /// How long of that nothing runs.
            outage: Span = Span::ZERO,
        },
        /// Kill: `"app"` all instances, `"app/1"` one; `"web"` or `"web/0"` machines.
        Crash(target: String as Target),
        /// Change the CPU speed of a service, an instance, a group or a machine for a while.
        Slow {
            /// A service, an instance, a machine group or a machine.
            target: String as Target,
            /// Speed is multiplied by this.
            factor: f64 [0.0..=1000.0],
            /// For how long.
            lasting: Span,
        },
        /// Restart processes.
        Restart {
            /// A service or an instance, a machine group or a machine.
            target: String as Target,
            /// Each instance so long after the one before.
            stagger: Span = Span::ZERO,
        },
        /// A new version: instances leave their callers, finish what they have, and come back as new processes.
        Deploy {
            /// A service, or an instance.
            target: String as Target,
            /// How many at once.
            at_once: u32 [1.0..=100_000.0] = 1,
            /// From the end of the old process until the new one serves.
            takes: Span = Span::ZERO,
            /// Longest wait for what an instance still has; then it fails. Absent: as long as it takes.
            drain: Option<Span> = None,
        },
        /// Put a service on other machine groups: it starts there and drains where it was.
        Move {
            /// Name of the service.
            service: String as Refers(Service),
            /// Where it runs from now on.
            to: Vec<String> as Refers(Machine),
        },
        /// Between two services, sources or machine groups nothing passes, either way.
        Partition {
            /// One side.
            from: String as Side,
            /// The other.
            to: String as Side,
            /// For how long.
            lasting: Span,
        },
        /// Empty the stores of a service, an instance (`"app/0"`), or one of them (`"app.items"`).
        Flush(target: String as Contents),
        /// A service, or one instance of it, reads its configuration anew: no new connections for as long as its
        /// `reload` says; the process and the connections it has go on.
        Reload(target: String as Target),
        /// Change a field of the system: its path and the new value.
        Set(path: String as Path, value: RonText),
        /// The system becomes a variant of the file: its patch is put into what runs. Connections, caches and queues
        /// stay, what it removes drains, what it adds starts. Title, horizon, warm-up, seed and objectives are of the
        /// run: they stay, too.
        Apply(variant: String as Refers(Variant)),
        /// Multiply a source's profile from now on: "stop the ads".
        ScaleTraffic(source: String as Refers(Source), factor: f64 [0.0..=1e9]),
    }
}

impl Rule {
    /// As it is written, on one line.
    #[must_use]
    pub fn one_line(&self) -> String {
        show(self)
    }
}

/// The path and the value with which a `Move` is the same as a `Set`: what is elsewhere drains, what is new starts.
pub fn moved(service: &str, to: &[String]) -> (String, String) {
    let groups: Vec<String> = to.iter().map(|group| format!("{group:?}")).collect();
    (format!("services.{service}.on"), format!("[{}]", groups.join(", ")))
}
