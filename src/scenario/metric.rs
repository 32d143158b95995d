//! The one table of metrics that can be asked: of traffic, of services and their resources, of the bill.
//!
//! Objectives and conditions take names and bounds from it, the results name the figure that answers a metric, the
//! engine reads what conditions watch.

use crate::units::{Percent, Quantity, Rate, Span, parse_number, split_number};
use std::fmt;

/// What a metric is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A service: what serves, or a number that is read at this resource of its instances.
    Service(Option<Resource>),
    /// A source or an operation; in a condition a source.
    Traffic,
    /// A source whose crowd has sessions.
    Sessions,
    /// An operation of a `Queue`; in a condition the `Queue`, all its messages together.
    Messages,
    /// The subject `cost`.
    Cost,
    /// A resource such as `app.workers`.
    Resource,
}

impl Of {
    /// Behind "it is asked of".
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Service(_) => "a service",
            Self::Traffic => "a source or an operation",
            Self::Sessions => "a source with sessions: `Users` or `Closed`",
            Self::Messages => "an operation of a `Queue`",
            Self::Cost => "`cost`",
            Self::Resource => "a resource such as `app.workers`",
        }
    }
}

/// What a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Things per second.
    PerSecond,
    /// Time.
    Seconds,
    /// 1 is the whole.
    Share,
    /// The scenario's currency.
    Money,
    /// The unit of the resource: cores, workers, bytes, ...
    OfResource,
}

impl Unit {
    /// As in a column's title.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::PerSecond => "1/s",
            Self::Seconds => "s",
            Self::Share => "share",
            Self::Money => "money",
            Self::OfResource => "units",
        }
    }

    /// Reads a bound into base units; else what is wrong and what was expected.
    pub fn parse(self, text: &str) -> Result<f64, (String, String)> {
        let bare = |example: &str| {
            let (number, unit) = split_number(text);
            let number = parse_number(number).filter(|_| unit.is_empty());
            number.ok_or_else(|| (format!("`{text}` is not a number"), format!("a bare number such as `{example}`")))
        };
        let parsed = match self {
            Self::Seconds => Span::parse(text).map(Quantity::base),
            Self::Share => Percent::parse(text).map(Quantity::base),
            Self::PerSecond => Rate::parse(text).map(Quantity::base),
            Self::Money => return bare("5"),
            Self::Count | Self::OfResource => return bare("100"),
        };
        parsed.map_err(|error| (error.message, error.expected))
    }

    /// A bound as one would write it.
    #[must_use]
    pub fn print(self, bound: f64) -> String {
        match self {
            Self::Seconds => Span::from_base(bound).map_or_else(|| "never".to_owned(), |span| span.to_string()),
            Self::Share => Percent(bound).to_string(),
            Self::PerSecond => Rate(bound).to_string(),
            Self::Money | Self::Count | Self::OfResource => bound.to_string(),
        }
    }
}

/// Where a metric can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// In objectives.
    Objective,
    /// In conditions and by controllers.
    Condition,
    /// In both.
    Both,
}

impl Use {
    /// As a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Objective => "objectives",
            Self::Condition => "conditions",
            Self::Both => "objectives, conditions",
        }
    }
}

/// What the table says of a metric.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// As it is written; of percentiles an example.
    pub name: &'static str,
    /// What it is asked of.
    pub of: Of,
    /// What it and its bound count in.
    pub unit: Unit,
    /// Where it can be used.
    pub usable: Use,
    /// One sentence.
    pub meaning: &'static str,
}

macro_rules! metrics {
    ($(
        $metric:ident $(($payload:ty = $example:expr))?:
            $name:literal, $of:expr, $unit:ident, $usable:ident, $meaning:literal;
    )+) => {
        /// What can be asked.
        #[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum Metric {
            $(#[doc = $meaning] $metric $(($payload))?,)+
        }

        impl Metric {
            /// Every metric, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$metric $(($example))?),+];

            /// What the table says of it.
            #[must_use]
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$metric { .. } => Row {
                        name: $name,
                        of: $of,
                        unit: Unit::$unit,
                        usable: Use::$usable,
                        meaning: $meaning,
                    },)+
                }
            }
        }
    };
}

metrics! {
    Backlog: "backlog", Of::Service(Some(Resource::Workers)), Count, Condition,
        "Mean number waiting for a worker, per instance that is up.";
    Queue: "queue", Of::Service(Some(Resource::Queue)), Count, Condition,
        "Messages that wait in a `Queue`, all its instances together.";
    Connections: "connections", Of::Service(Some(Resource::Connections)), Count, Condition,
        "Mean number of inbound connections, per instance that is up.";
    Up: "up", Of::Service(None), Count, Condition,
        "Instances that serve.";
    Percentile(f64 = 95.0): "p(95)", Of::Traffic, Seconds, Objective,
        "The latency that this share of those that ended did not exceed, above 0 and below 100. A failure counts as \
         endless, so that failing fast improves nothing; the percentiles in tables are of those that succeeded. What \
         is still in flight at the end counts for nothing, unless nothing ended at all: then it is never.";
    Average: "avg", Of::Traffic, Seconds, Objective,
        "Mean latency of those that succeeded, from the intended start to the final outcome.";
    Median: "med", Of::Traffic, Seconds, Objective,
        "As `p(50)`: a failure counts as endless.";
    Maximum: "max", Of::Traffic, Seconds, Objective,
        "Longest latency; a failure counts as endless.";
    Failed: "failed", Of::Traffic, Share, Both,
        "Failed / (succeeded + failed): of those that ended. Requests of a source, calls of an operation; people are \
         counted by `sessions completed`.";
    Degraded: "degraded", Of::Traffic, Share, Objective,
        "Degraded / (succeeded + failed): of those that ended, those answered by the fallback of a `Try`, here or below. \
         They count as succeeded.";
    Rate: "rate", Of::Traffic, PerSecond, Both,
        "Offered / seconds looked at (the horizon, or the window of a condition): what began, whatever came of it.";
    Goodput: "goodput", Of::Traffic, PerSecond, Both,
        "Ended well per second of the time looked at, whenever they began (the horizon, or the window of a condition); \
         degraded ones included.";
    Down: "down", Of::Traffic, Seconds, Objective,
        "Total length of the outages. One is where, over some 10 s, half or more of those that ended had failed; it \
         lasts from the start of the first that failed until the start of the next that succeeded, as far as failures \
         prevail. What has no answer and is older than the slowest success counts as failed.";
    Recovered: "recovered", Of::Traffic, Seconds, Objective,
        "From the beginning of the first outage to the end of the last (see `down`); 0 s without one, never where the \
         last has no end. Written `recovered within 10min`. How long queues took to drain after that is said apart.";
    Completed: "sessions completed", Of::Sessions, Share, Objective,
        "Completed / (completed + gave up): of the sessions that are over, those that got to the end of their journey.";
    GaveUp: "sessions gave up", Of::Sessions, Share, Objective,
        "Gave up / (completed + gave up): of the sessions that are over, those that left before the end of their journey.";
    SessionPercentile(f64 = 95.0): "p(95) session", Of::Sessions, Seconds, Objective,
        "The time from arrival to the end of the journey, rests included, that this share of the sessions that are over \
         did not exceed. One that gave up counts as endless.";
    SessionAverage: "avg session", Of::Sessions, Seconds, Objective,
        "Mean time from arrival to the end of the journey, rests included, of those that completed.";
    SessionMedian: "med session", Of::Sessions, Seconds, Objective,
        "As `p(50) session`: one that gave up counts as endless.";
    SessionMaximum: "max session", Of::Sessions, Seconds, Objective,
        "Longest session; one that gave up counts as endless.";
    MessagesGivenUp: "messages given up", Of::Messages, Share, Both,
        "Given up / (consumed + given up): of the messages that are over, those whose last attempt failed, or that were \
         lost with their queue. The calls that put them there had succeeded.";
    MessagePercentile(f64 = 95.0): "p(95) message", Of::Messages, Seconds, Objective,
        "The time from acceptance to the end of the work that this share of the messages that are over did not exceed. \
         One that was given up counts as endless.";
    Total: "total", Of::Cost, Money, Objective,
        "Machine hours times their price, from the order of a machine to its removal, for the whole horizon.";
    PerThousand: "per_thousand", Of::Cost, Money, Objective,
        "Total x 1,000 / requests of all sources that succeeded.";
    Utilization: "utilization", Of::Resource, Share, Both,
        "Share of the capacity in use, mean over the time it was up; of the machines of a service, while they host it.";
    Waiting: "waiting", Of::Resource, Count, Both,
        "Mean number waiting for it; of several of a kind, for all together.";
}

impl Metric {
    /// As it is written; of percentiles an example.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// It can be asked of the worst window.
    #[must_use]
    pub const fn has_windows(self) -> bool {
        matches!(
            self,
            Self::Percentile(_)
                | Self::Average
                | Self::Median
                | Self::Maximum
                | Self::Failed
                | Self::Degraded
                | Self::Rate
                | Self::Goodput
        )
    }

    /// What objectives can ask.
    pub fn of_objectives() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|metric| metric.row().usable != Use::Condition)
    }

    /// What conditions can watch.
    pub fn of_conditions() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|metric| metric.row().usable != Use::Objective)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(q) => write!(out, "p({q})"),
            Self::SessionPercentile(q) => write!(out, "p({q}) session"),
            Self::MessagePercentile(q) => write!(out, "p({q}) message"),
            other => out.write_str(other.name()),
        }
    }
}

/// A resource that conditions read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Resource {
    /// Workers of a service's instances; who waits is their backlog.
    Workers,
    /// Cores of the machines that host the service at the time, or of a machine group.
    Cpu,
    /// Disks of the machines that host the service at the time, or of a machine group.
    Disk,
    /// Memory of a service's instances: of their limit, or of the machine.
    Memory,
    /// Cores that a service's instances may use each (`cpu: (limit: ...)`), whatever the machine has.
    Quota,
    /// Messages of a `Queue`.
    Queue,
    /// Inbound connections of a service's instances.
    Connections,
}

impl Resource {
    /// Those a condition can name; of the others it asks by metrics of the service.
    pub const NAMED: [Self; 5] = [Self::Workers, Self::Cpu, Self::Quota, Self::Disk, Self::Memory];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Cpu => "cpu",
            Self::Disk => "disk",
            Self::Memory => "memory",
            Self::Quota => "quota",
            Self::Queue => "queue",
            Self::Connections => "connections",
        }
    }

    /// Machines have it: also those of a group, without a service.
    #[must_use]
    pub const fn of_machines(self) -> bool {
        matches!(self, Self::Cpu | Self::Disk)
    }

    /// The one that a condition means by this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|known| known.name() == name)
    }
}
