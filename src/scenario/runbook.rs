//! The runbook: what operators and controllers do over time.
use super::{noun::choice, text::RonText};
use crate::units::{Bytes, Span};

choice! {
    /// A rule of the runbook.
    pub enum Rule {
        /// At a time.
        At(time: Span, action: Action),
        /// When something is so: a person or a controller that reacts late.
        When {
            /// A comparison such as `"app.workers > 90%"`.
            condition: String,
            /// The metric is its mean over this long.
            window: Span = Span::seconds(10),
            /// It must have held so long.
            lasting: Span = Span::ZERO,
            /// From then until the action.
            after: Span = Span::ZERO,
            /// What is done.
            then: Action,
            /// Again whenever it comes true; otherwise once.
            repeat: bool = false,
        },
    }
}

choice! {
    /// Something an operator does.
    pub enum Action {
        /// Order machines for a group; they serve after its `boot`.
        AddMachines(group: String, count: u32 [1.0..=100_000.0]),
        /// Take machines from a group, the newest first.
        RemoveMachines(group: String, count: u32 [1.0..=100_000.0]),
        /// Change all machines of a group; what runs on it is down for the last `outage` of `takes`.
        Resize {
            /// The group.
            machine: String,
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
        Crash(target: String),
        /// Change the CPU speed of a service, an instance, a group or a machine for a while.
        Slow {
            /// Which.
            target: String,
            /// Speed is multiplied by this.
            factor: f64 [0.0..=1000.0],
            /// For how long.
            lasting: Span,
        },
        /// Restart processes.
        Restart {
            /// Which.
            target: String,
            /// Each instance so long after the one before.
            stagger: Span = Span::ZERO,
        },
        /// Change a field of the scenario: its path and the new value.
        Set(path: String, value: RonText),
        /// Multiply a source's profile from now on: "stop the ads".
        ScaleTraffic(source: String, factor: f64 [0.0..=1e9]),
    }
}
