//! Conditions of the runbook: `app.workers > 90%`. Names are resolved by the model.
use super::text::TextError;
use crate::units::{Percent, Quantity, Rate, parse_number, split_number};
use std::{fmt, ops::Range};

/// A comparison of a metric, taken as its mean over the rule's window.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// A service, a machine group or a source.
    pub subject: String,
    /// What of it is read.
    pub metric: Metric,
    /// True: above the threshold; false: below.
    pub above: bool,
    /// In base units: a share, a number, per second.
    pub threshold: f64,
}

/// What controllers can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// `svc.workers`: busy share, mean over instances that are up.
    Workers,
    /// `svc.cpu`, `group.cpu`: used share of the cores.
    Cpu,
    /// `svc.disk`, `group.disk`: busy share of the disks.
    Disk,
    /// `svc.backlog`: mean number waiting per instance.
    Backlog,
    /// `svc.queue`: messages that wait in a `Queue`, all its instances together.
    Queue,
    /// `svc.connections`: mean number per instance.
    Connections,
    /// `svc.memory`: share of its limit, or of the machine.
    Memory,
    /// `svc.up`: instances that serve.
    Up,
    /// `source.failed`: share of the requests that ended.
    Failed,
    /// `source.rate`: offered per second.
    Rate,
}

/// What a metric is read of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A service.
    Service,
    /// A service or a machine group.
    ServiceOrGroup,
    /// A source of traffic.
    Source,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 10] = [
        Self::Workers,
        Self::Cpu,
        Self::Disk,
        Self::Backlog,
        Self::Queue,
        Self::Connections,
        Self::Memory,
        Self::Up,
        Self::Failed,
        Self::Rate,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Cpu => "cpu",
            Self::Disk => "disk",
            Self::Backlog => "backlog",
            Self::Queue => "queue",
            Self::Connections => "connections",
            Self::Memory => "memory",
            Self::Up => "up",
            Self::Failed => "failed",
            Self::Rate => "rate",
        }
    }

    /// What it is read of.
    pub fn of(self) -> Of {
        match self {
            Self::Workers | Self::Backlog | Self::Queue | Self::Connections | Self::Memory | Self::Up => Of::Service,
            Self::Cpu | Self::Disk => Of::ServiceOrGroup,
            Self::Failed | Self::Rate => Of::Source,
        }
    }

    /// A threshold in base units.
    fn threshold(self, text: &str) -> Result<f64, (String, String)> {
        let parsed = match self {
            Self::Workers | Self::Cpu | Self::Disk | Self::Memory | Self::Failed => {
                Percent::parse(text).map(Quantity::base)
            }
            Self::Rate => Rate::parse(text).map(Quantity::base),
            Self::Backlog | Self::Queue | Self::Connections | Self::Up => {
                let (number, unit) = split_number(text);
                return parse_number(number)
                    .filter(|_| unit.is_empty())
                    .ok_or_else(|| (format!("`{text}` is not a number"), "a bare number such as `100`".to_owned()));
            }
        };
        parsed.map_err(|error| (error.message, error.expected))
    }
}

impl Condition {
    /// Reads `subject.metric > threshold`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let fail = |at: Range<usize>, message: String, expected: String| Err(TextError { at, message, expected });
        let whole = 0..text.len();
        let Some(split) = text.find(['<', '>']) else {
            return fail(
                whole,
                "a condition compares something".to_owned(),
                "a comparison such as `app.workers > 90%`".to_owned(),
            );
        };
        let left = text[..split].trim_end();
        let lead = left.len() - left.trim_start().len();
        let left = left.trim_start();
        let Some((subject, metric)) = left.rsplit_once('.') else {
            return fail(
                lead..lead + left.len(),
                format!("`{left}` has no metric"),
                "a name and a metric, such as `app.workers`".to_owned(),
            );
        };
        let Some(metric) = Metric::ALL.into_iter().find(|known| known.name() == metric) else {
            let from = lead + subject.len() + 1;
            let names = Metric::ALL.map(Metric::name);
            let near = super::nearest::nearest(metric, names)
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return fail(
                from..from + metric.len(),
                format!("unknown metric `{metric}`"),
                format!("one of {}{near}", super::nearest::list(names)),
            );
        };
        let above = text[split..].starts_with('>');
        let value = &text[split + 1..];
        let (skipped, value) = value.strip_prefix('=').map_or((0, value), |rest| (1, rest));
        let from = split + 1 + skipped + (value.len() - value.trim_start().len());
        let value = value.trim();
        match metric.threshold(value) {
            Ok(threshold) => Ok(Self { subject: subject.to_owned(), metric, above, threshold }),
            Err((message, expected)) => fail(from..from + value.len(), message, expected),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.above { '>' } else { '<' };
        write!(out, "{}.{} {sign} ", self.subject, self.metric.name())?;
        match self.metric {
            Metric::Workers | Metric::Cpu | Metric::Disk | Metric::Memory | Metric::Failed => {
                write!(out, "{}", Percent(self.threshold))
            }
            Metric::Rate => write!(out, "{}", Rate(self.threshold)),
            Metric::Backlog | Metric::Queue | Metric::Connections | Metric::Up => write!(out, "{}", self.threshold),
        }
    }
}
