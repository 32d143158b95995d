//! Traffic, the runbook and objectives, compiled.

use super::{AmountId, Condition, GroupId, Pc, Profile, ServiceId, SourceId, Watched};
use crate::scenario::{Edit, Problem, objective};
use crate::units::{Bytes, Span};
use serde::{Deserialize, Serialize};

/// A source of requests or sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub retired: bool,
    pub kind: SourceKind,
    /// Rate per second (Open, Users) or population (Closed).
    pub profile: Profile,
    /// Gaps between arrivals relative to the mean gap.
    pub gaps: AmountId,
    /// Requests per arrival; None: one.
    pub batch: Option<AmountId>,
    /// Factors of the rate in turn, each for an exponential time of this mean in seconds.
    pub bursts: Vec<(f64, f64)>,
    pub invites: Option<Invites>,
    /// Requests (Users: sessions) that come per unit of the profile, on average: batches, bursts and invitations of
    /// invitations. Infinite when invitations alone keep it growing.
    pub multiple: f64,
    /// Open: one Call then Return. Users, Closed: the journey then Return.
    pub entry: Pc,
    /// After a failed call of the journey: true = the session ends.
    pub leave: bool,
    /// Rank of its calls, 9 the highest.
    pub priority: u8,
    /// Hash of the name.
    pub key: u64,
}

impl Source {
    /// What comes per unit of the profile in a steady state; growth without end has none and counts as its first
    /// comers.
    #[must_use]
    pub fn steady(&self) -> f64 {
        if self.multiple.is_finite() { self.multiple } else { 1.0 }
    }
}

/// Sessions that sessions bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invites {
    /// Mean number of each.
    pub each: f64,
    /// From the end of the one to the start of the other, seconds.
    pub after: AmountId,
}

/// How a source asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceKind {
    /// Requests that come by themselves.
    Open,
    /// Sessions that arrive.
    Users,
    /// A population that begins again.
    Closed,
}

/// Instances or machines an action is about; None: all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Service(ServiceId, Option<u32>),
    Machine(GroupId, Option<u32>),
}

/// One side of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    Source(SourceId),
    Service(ServiceId),
    Group(GroupId),
}

/// A controller of the number of machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    pub watched: Watched,
    /// In base units of its metric.
    pub target: f64,
    pub every: Span,
    /// At least `every`.
    pub window: Span,
    pub cooldown: Span,
    pub least: u32,
    pub most: u32,
}

/// What the runbook does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    AddMachines(GroupId, u32),
    RemoveMachines(GroupId, u32),
    /// Of a service with a count.
    AddInstances(ServiceId, u32),
    RemoveInstances(ServiceId, u32),
    Resize {
        group: GroupId,
        cores: Option<u32>,
        memory: Option<Bytes>,
        takes: Span,
        /// Down for this last part of `takes`.
        outage: Span,
    },
    Crash(Target),
    Slow {
        target: Target,
        factor: f64,
        lasting: Span,
    },
    Restart {
        target: Target,
        /// Each instance so long after the one before.
        stagger: Span,
    },
    Reload(ServiceId, Option<u32>),
    /// (path, RON text) applied to the model's own text.
    Set {
        path: String,
        value: String,
    },
    /// A variant of the model's own text, put in as it stands.
    Apply(String),
    ScaleTraffic(SourceId, f64),
    /// One after another, so many at once.
    Deploy {
        service: ServiceId,
        ordinal: Option<u32>,
        at_once: u32,
        takes: Span,
        /// Longest wait for what an instance still has; None: as long as it takes.
        drain: Option<Span>,
    },
    /// Nothing passes between them, either way.
    Partition {
        from: Side,
        to: Side,
        lasting: Span,
    },
    /// All stores of the instances, or the one at this place of the service's list.
    Flush {
        service: ServiceId,
        ordinal: Option<u32>,
        store: Option<u32>,
    },
    /// What the rule's controller changes.
    Scale(Scope),
}

/// A change of the model that an action asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Of the text.
    Edit(Edit),
    /// A variant of the text.
    Apply(String),
}

impl Change {
    /// Why it could not be made, in a line.
    #[must_use]
    pub fn failure(&self, problems: &[Problem]) -> String {
        let what = match self {
            Self::Edit(edit) => edit.words(),
            Self::Apply(variant) => format!("apply {variant}"),
        };
        let why = problems.first().map_or_else(String::new, |problem| match problem.label.as_str() {
            "" => format!(": {}", problem.message),
            label => format!(": {} ({label})", problem.message),
        });
        format!("`{what}` gave a wrong file at that time{why}")
    }
}

/// What a controller has more or fewer of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    Machines(GroupId),
    /// Of a service with a count.
    Instances(ServiceId),
}

/// When the runbook acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Trigger {
    At(Span),
    When { condition: Condition, window: Span, lasting: Span, after: Span, repeat: bool },
    Autoscale(Scaler),
}

/// A rule of the runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// A later model no longer has it.
    pub retired: bool,
    pub trigger: Trigger,
    pub action: Action,
    /// One line for the story.
    pub text: String,
}

impl Rule {
    /// It does the same for the same reason.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.trigger, &self.action, &self.text) == (&other.trigger, &other.action, &other.text)
    }

    /// It does the same for the same reason, in texts that name things otherwise.
    #[must_use]
    pub fn is_renamed(&self, other: &Self) -> bool {
        let texts = matches!(
            (&self.action, &other.action),
            (Action::Set { .. }, Action::Set { .. }) | (Action::Apply(_), Action::Apply(_))
        );
        self.trigger == other.trigger && (texts || self.action == other.action)
    }
}

/// A pass/fail expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Objective {
    /// A source, an operation, a resource or `cost`.
    pub subject: String,
    pub expression: objective::Objective,
    /// As written.
    pub text: String,
}
