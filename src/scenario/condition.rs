//! Conditions of the runbook: `app.backlog > 100`, `app.workers.waiting > 50`. `app.workers > 90%` stands for
//! `app.workers.utilization > 90%`. Names are resolved by the model.
use super::metric::{Metric, Of, Resource};
use super::text::TextError;
use std::{fmt, ops::Range};

/// A comparison of a metric, taken as its mean over the rule's window.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// A service, a machine group or a source.
    pub subject: String,
    /// Which resource of it, for a metric of a resource.
    pub resource: Option<Resource>,
    /// What of it is read.
    pub metric: Metric,
    /// True: above the threshold; false: below.
    pub above: bool,
    /// In base units: a share, a number, per second.
    pub threshold: f64,
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
        let (subject, resource, metric) = match watched(left) {
            Ok(watched) => watched,
            Err(error) => {
                let at = lead + error.at.start..lead + error.at.end;
                return Err(TextError { at, ..error });
            }
        };
        let above = text[split..].starts_with('>');
        let value = &text[split + 1..];
        let (skipped, value) = value.strip_prefix('=').map_or((0, value), |rest| (1, rest));
        let from = split + 1 + skipped + (value.len() - value.trim_start().len());
        let value = value.trim();
        match metric.row().unit.parse(value) {
            Ok(threshold) => Ok(Self { subject: subject.to_owned(), resource, metric, above, threshold }),
            Err((message, expected)) => fail(from..from + value.len(), message, expected),
        }
    }
}

/// Reads `app.backlog`, `app.workers.waiting` or `app.workers`: whom, which resource, what of it.
fn watched(text: &str) -> Result<(&str, Option<Resource>, Metric), TextError> {
    let Some((subject, name)) = text.rsplit_once('.') else {
        return Err(TextError {
            at: 0..text.len(),
            message: format!("`{text}` has no metric"),
            expected: "a name and a metric, such as `app.workers`".to_owned(),
        });
    };
    if let Some(resource) = Resource::named(name) {
        return Ok((subject, Some(resource), Metric::Utilization));
    }
    let Some(metric) = Metric::of_conditions().find(|known| known.name() == name) else {
        let resources = Resource::NAMED.map(Resource::name);
        let names: Vec<&str> = resources.into_iter().chain(Metric::of_conditions().map(Metric::name)).collect();
        let near = super::nearest::nearest(name, names.iter().copied())
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        return Err(TextError {
            at: subject.len() + 1..text.len(),
            message: format!("unknown metric `{name}`"),
            expected: format!("one of {}{near}", super::nearest::list(names)),
        });
    };
    if metric.row().of != Of::Resource {
        return Ok((subject, None, metric));
    }
    let (owner, resource) = subject.rsplit_once('.').unwrap_or((subject, ""));
    match Resource::named(resource) {
        Some(resource) => Ok((owner, Some(resource), metric)),
        None => Err(TextError {
            at: 0..subject.len(),
            message: format!("`{subject}` is no resource"),
            expected: format!("a name and one of {}", super::nearest::list(Resource::NAMED.map(Resource::name))),
        }),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.subject)?;
        if let Some(resource) = self.resource {
            write!(out, ".{}", resource.name())?;
        }
        if self.resource.is_none() || self.metric != Metric::Utilization {
            write!(out, ".{}", self.metric)?;
        }
        let sign = if self.above { '>' } else { '<' };
        write!(out, " {sign} {}", self.metric.row().unit.print(self.threshold))
    }
}
