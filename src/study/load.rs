//! A load as edits: every source at a multiple of the crowd that the file expects.

use super::warm_up::{self, WarmUp};
use crate::experiment::Compiled;
use crate::measure::results::{ObjectiveResult, ObjectiveState, Results};
use crate::model::SourceKind;
use crate::scenario::metric::Metric;
use crate::scenario::objective::Objective;
use crate::scenario::{Edit, Traffic, show};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Requests of a short run, by the source with the fewest: enough to see which side of the limit it is on.
const ENOUGH: f64 = 20_000.0;
/// The most of a run at the limit, of the same source: more than these no percentile needs.
const PLENTY: f64 = 300_000.0;
/// Seconds of such a run at least, and per second of warm-up.
const SHORTEST_S: f64 = 60.0;
const WARM_UPS: f64 = 10.0;

/// How long runs last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As long as it takes to come near a limit.
    Short,
    /// As long as the file says: what fills up slowly is full in the end. Only a run of which far more would come than
    /// its objectives need is shorter.
    Long,
}

/// What a source is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadUnit {
    /// Requests begun per second.
    RequestsPerSecond,
    /// Sessions begun per second.
    SessionsPerSecond,
    /// People at once.
    Users,
}

impl LoadUnit {
    /// Its name: "requests/s".
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestsPerSecond => "requests/s",
            Self::SessionsPerSecond => "sessions/s",
            Self::Users => "users at once",
        }
    }

    /// A load in words: "212 requests/s".
    pub fn say(self, load: &str) -> String {
        format!("{load} {}", self.name())
    }
}

/// The crowd of the file.
#[derive(Clone, Debug)]
pub struct Crowd {
    pub sources: Vec<Expected>,
    /// It keeps the shape that it has over time; otherwise it is the same all the time.
    pub surge: bool,
    /// Whole seconds that every run lasts; none: as long as it takes for enough to come.
    length_s: Option<f64>,
    warm_up_s: f64,
    longest_s: f64,
    /// What was found to be cut, where no warm-up is given.
    warm_up: Option<WarmUp>,
    /// It is steady, and no warm-up is given.
    is_warm_up_wanted: bool,
}

/// One source of it.
#[derive(Clone, Debug)]
pub struct Expected {
    pub name: String,
    pub unit: LoadUnit,
    /// The most of it at one time, in its unit, once things are steady.
    pub peak: f64,
    /// The field of its profile, and the profile as in the file.
    path: String,
    profile: String,
    /// The profile's own highest value.
    level: f64,
}

impl Crowd {
    /// What the file expects. Without a surge a run may be shorter than the file says, unless the file says something
    /// that happens at a time: sessions, a runbook or objectives over windows keep its own length.
    pub fn of(compiled: &Compiled, surge: bool, as_long_as_the_file: bool) -> Self {
        let (scenario, model) = (&compiled.loaded.scenario, &compiled.model);
        let sources: Vec<Expected> = model
            .sources
            .iter()
            .filter_map(|source| {
                let (field, profile) = match scenario.traffic.get(&source.name)? {
                    Traffic::Open { rate, .. } => ("rate", show(rate)),
                    Traffic::Users { arrive, .. } => ("arrive", show(arrive)),
                    Traffic::Closed { population, .. } => ("population", show(population)),
                };
                let unit = match source.kind {
                    SourceKind::Open => LoadUnit::RequestsPerSecond,
                    SourceKind::Users => LoadUnit::SessionsPerSecond,
                    SourceKind::Closed => LoadUnit::Users,
                };
                let level = source.profile.peak();
                let path = format!("traffic.{}.{field}", source.name);
                Some(Expected { name: source.name.clone(), unit, peak: level * source.steady(), path, profile, level })
            })
            .collect();
        let timed = sources.iter().any(|source| source.unit != LoadUnit::RequestsPerSecond)
            || !scenario.runbook.is_empty()
            || model.objectives.iter().any(|objective| is_timed(&objective.expression));
        let longest_s = scenario.horizon.as_seconds();
        let whole = surge || as_long_as_the_file || timed;
        Self {
            sources,
            surge,
            length_s: whole.then_some(longest_s),
            warm_up_s: scenario.warm_up.as_seconds(),
            longest_s,
            warm_up: None,
            is_warm_up_wanted: !surge && scenario.runbook.is_empty() && warm_up::is_ungiven(compiled),
        }
    }

    /// Whether a warm-up is yet to be found.
    pub fn wants_warm_up(&self) -> bool {
        self.is_warm_up_wanted && self.warm_up.is_none()
    }

    /// What was found: it is put into every run from now on.
    pub fn settle(&mut self, found: WarmUp) {
        self.warm_up = Some(found);
    }

    /// What was found; none where it was not looked for.
    pub fn warm_up(&self) -> Option<WarmUp> {
        self.warm_up
    }

    /// Seconds that a run at this multiple lasts.
    pub fn length_s(&self, multiple: f64, length: Length) -> f64 {
        self.length_s.unwrap_or_else(|| {
            let fewest = self.sources.iter().map(|source| source.peak).filter(|peak| *peak > 0.0);
            let fewest = fewest.fold(f64::INFINITY, f64::min) * multiple;
            let shortest = SHORTEST_S.max(self.warm_up_s * WARM_UPS);
            let wanted = match length {
                Length::Short => ENOUGH,
                Length::Long => PLENTY,
            };
            (wanted / fewest).max(shortest).min(self.longest_s).ceil()
        })
    }

    /// Seconds that a run lasts as the file has it.
    pub fn longest_s(&self) -> f64 {
        self.longest_s
    }

    /// Short runs are shorter than long ones at this multiple.
    pub fn has_short(&self, multiple: f64) -> bool {
        self.length_s(multiple, Length::Short) < self.length_s(multiple, Length::Long)
    }

    /// What makes it so many times as large.
    pub fn edits(&self, multiple: f64, length: Length) -> Vec<Edit> {
        let mut edits: Vec<Edit> = self.sources.iter().map(|source| source.edit(multiple, self.surge)).collect();
        if self.length_s.is_none() {
            edits.push(Edit::set("horizon", format!("{}s", self.length_s(multiple, length))));
        }
        edits.extend(self.warm_up.into_iter().flat_map(WarmUp::edits));
        edits
    }

    /// What brings `push` times as many for so many seconds from the start on, and `multiple` times as many after that.
    pub fn pushed(&self, push: f64, seconds: f64, multiple: f64) -> Vec<Edit> {
        let edit = |source: &Expected| {
            let level = |multiple: f64| match source.unit {
                LoadUnit::Users => format!("{}", source.level * multiple),
                _ => format!("\"{}/s\"", source.level * multiple),
            };
            let (high, low) = (level(push), level(multiple));
            let value = format!("Stages(start: {high}, stages: [(\"{seconds}s\", {high}), (\"1s\", {low})])");
            Edit::set(source.path.clone(), value)
        };
        self.sources.iter().map(edit).collect()
    }
}

/// Whether every objective holds in a run at a load that is searched. Of a source or an operation that nobody came to,
/// as may be at a small part of the file's crowd, there is nothing to hold; but something must have been seen to.
pub fn holds(results: &Results) -> bool {
    let counts = |objective: &ObjectiveResult| objective.pass || objective.state != ObjectiveState::Unobserved;
    results.stopped.is_none()
        && results.objectives.iter().all(|objective| objective.pass || is_idle(objective, results))
        && results.objectives.iter().any(counts)
}

/// Nobody came to what the objective is about.
pub fn is_idle(objective: &ObjectiveResult, results: &Results) -> bool {
    let source = results.traffic.get(&objective.subject).map(|traffic| traffic.offered);
    let operation = || results.operations.get(&objective.subject).map(|operation| operation.traffic.offered);
    objective.state == ObjectiveState::Unobserved && source.or_else(operation) == Some(0)
}

/// Whether an objective looks at stretches of time.
fn is_timed(objective: &Objective) -> bool {
    objective.worst.is_some() || matches!(objective.metric, Metric::Down | Metric::Recovered)
}

impl Expected {
    fn edit(&self, multiple: f64, surge: bool) -> Edit {
        let value = match (surge, self.unit) {
            (true, _) => format!("Scale({multiple}, {})", self.profile),
            (false, LoadUnit::Users) => format!("Constant({})", self.level * multiple),
            (false, _) => format!("Constant(\"{}/s\")", self.level * multiple),
        };
        Edit::set(self.path.clone(), value)
    }
}
