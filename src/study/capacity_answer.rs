//! The answer: the limit in the units of those who come, and what is just above it.

use super::capacity::{FindCapacity, Seeker};
use super::effort::Spent;
use super::ended::{counted, ended};
use super::load::{Length, LoadUnit, is_idle};
use super::search::Search;
use super::stats::Estimate;
use super::warm_up::{self, WarmUp};
use crate::engine::ResourceKind;
use crate::measure::results::{self, Results, ScenarioRef};
use crate::measure::story::StoryKind;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest load that keeps the objectives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// Version of this contract.
    pub schema: u32,
    /// "capacity"
    pub study: String,
    /// What was run.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// Seed of the first search; the others follow by ones.
    pub seed: u64,
    /// The crowd keeps its shape over time; otherwise it is the same all the time.
    pub surge: bool,
    /// Measured length of the runs at the limit, seconds; of a study that was interrupted before them, of those it had.
    pub horizon_s: f64,
    /// The same as the file has it: a run of which far more would come than its objectives need is shorter.
    #[serde(default)]
    pub file_horizon_s: f64,
    /// Runs of the first seed by which it came near its limit; they are shorter. Absent: all are as long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<ShortRuns>,
    /// The warm-up that was found; absent where the file gives one, and where things happen at a time: nothing is cut
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// What it is measured against: a load is a multiple of the most that the file expects at one time. Absent where no
    /// limit was found: `holds_at` or `fails_at` says how far was searched.
    pub multiple: Option<Estimate>,
    /// The largest multiple at which every objective held, of all seeds that found no limit above it. Of a study that
    /// was interrupted: the limit of every seed that was tried lies above it.
    pub holds_at: Option<f64>,
    /// The smallest multiple at which one did not; of a study that was interrupted the limits lie below it.
    pub fails_at: Option<f64>,
    /// The same by source, in its own unit.
    pub limits: Vec<Limit>,
    /// What binds: what saturated first in the smallest load that did not hold, or was busiest there; by seeds.
    /// Of seeds with which no load held there is none.
    pub binding: Vec<Binding>,
    /// Objectives that did not hold there, by seeds.
    pub missed: Vec<Missed>,
    /// What an hour costs in the largest load that held, mean over the seeds; absent where none held.
    #[serde(default)]
    pub cost_per_hour: Option<f64>,
    /// Each search.
    pub searches: Vec<SeedLimit>,
    /// Seeds that held at a load above one at which they did not: there the limit is no single load.
    pub uneven: u32,
    /// Runs in all.
    pub runs: u32,
    /// What they took.
    #[serde(default)]
    pub spent: Spent,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// Runs that come near a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShortRuns {
    /// How many.
    pub runs: u32,
    /// Measured length of each near the limit, seconds.
    pub horizon_s: f64,
}

/// The limit of one source, all sources growing together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    /// Its name.
    pub source: String,
    /// What it is counted in.
    pub unit: LoadUnit,
    /// The most that the file expects at one time.
    pub expected: f64,
    /// The largest that holds; absent where no limit was found.
    pub holds: Option<f64>,
    /// Half the width of its 95 % interval.
    pub half_width: Option<f64>,
}

/// What binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// "rds.cpu"
    pub subject: String,
    /// Whether it saturated; otherwise it was the busiest.
    pub saturated: bool,
    /// Its mean utilization there, over those seeds.
    pub utilization_mean: f64,
    /// In so many searches.
    pub seeds: u32,
}

/// An objective that did not hold just above the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Missed {
    /// What it is about.
    pub subject: String,
    /// As in the file.
    pub expression: String,
    /// What was observed in the first of the seeds, in words.
    pub observed_text: String,
    /// In so many searches.
    pub seeds: u32,
}

/// One seed's search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedLimit {
    /// Its seed.
    pub seed: u64,
    /// The largest multiple at which every objective held; absent: none did.
    pub holds_at: Option<f64>,
    /// The smallest at which one did not; absent: all did.
    pub fails_at: Option<f64>,
    /// Runs it took.
    pub runs: u32,
}

/// What is kept of a run.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub multiple: f64,
    /// What saturated first, else what was busiest.
    binding: Option<Bound>,
    /// What an hour of it costs.
    cost_per_hour: f64,
    /// What a run as the scenario is tells of its warm-up.
    pub warm_up: Option<WarmUp>,
    /// Objectives that did not hold: subject, expression, what was observed.
    missed: Vec<(String, String, String)>,
}

/// A resource that binds, of all its members.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound {
    pub subject: String,
    pub saturated: bool,
    pub utilization_mean: f64,
    /// Absent for what is no resource by itself.
    pub kind: Option<ResourceKind>,
    pub service: Option<String>,
    pub machine: Option<String>,
}

impl Bound {
    fn of(subject: &str, saturated: bool, utilization_mean: f64, results: &Results) -> Self {
        let group = results.groups.iter().find(|group| group.all.id == subject);
        Self {
            subject: subject.to_owned(),
            saturated,
            utilization_mean,
            kind: group.map(|group| group.all.kind),
            service: group.and_then(|group| group.all.service.clone()),
            machine: group.and_then(|group| group.all.machine.clone()),
        }
    }
}

impl Probe {
    pub fn of(multiple: f64, results: &Results) -> Self {
        let busy = |subject: &str| {
            let mine = results.resources.iter().filter(|resource| resource.subject == subject);
            mine.map(|resource| resource.utilization_mean).fold(0.0, f64::max)
        };
        let first = results.story.iter().find(|event| event.event == StoryKind::Saturated);
        let saturated = first.map(|event| Bound::of(&event.subject.name, true, busy(&event.subject.name), results));
        let busiest = || {
            let can_bind =
                |kind| !matches!(kind, ResourceKind::Instances | ResourceKind::Memory | ResourceKind::KeepAlive);
            let resources = results.resources.iter().filter(|resource| can_bind(resource.kind));
            let most = resources.max_by(|a, b| a.utilization_mean.total_cmp(&b.utilization_mean))?;
            Some(Bound::of(&most.subject, false, most.utilization_mean, results))
        };
        let objectives = results.objectives.iter().filter(|objective| !objective.pass && !is_idle(objective, results));
        let took_s = results.decided_at_s.unwrap_or(results.horizon_s);
        let missed = match &results.stopped {
            // Of a run that does not go on no objective says anything.
            Some(stopped) => vec![("the run".to_owned(), "goes on to its end".to_owned(), stopped.reason.clone())],
            None => objectives.map(|o| (o.subject.clone(), o.expression.clone(), o.observed_text.clone())).collect(),
        };
        Self {
            multiple,
            binding: saturated.or_else(busiest),
            cost_per_hour: results.cost.total / took_s * 3_600.0,
            warm_up: warm_up::in_flight(results).map(|path| WarmUp::of(&[path], results.series.every_s)),
            missed,
        }
    }
}

impl Capacity {
    /// It holds what the file expects: the whole interval of the limit lies at 1 or above.
    pub fn pass(&self) -> bool {
        match &self.multiple {
            Some(multiple) => multiple.mean - multiple.half_width.unwrap_or(0.0) >= 1.0,
            None => self.fails_at.is_none_or(|fails| fails > 1.0) && self.holds_at.is_some_and(|holds| holds >= 1.0),
        }
    }

    /// Of what is known. Cut before its end it concludes nothing: where each search stands is all it says.
    pub(super) fn of(study: &FindCapacity, cut: Option<String>) -> Self {
        let limits = study.limits();
        let is_cut = cut.is_some();
        let known = Search::envelope(study.seekers.iter().map(Seeker::bounds));
        let all = limits.len() == study.seekers.len() && !is_cut;
        let multiple = Estimate::of(&limits).filter(|_| all);
        let edge = |best: fn(f64, f64) -> f64, of: fn(&Seeker) -> Option<f64>| {
            study.seekers.iter().filter_map(of).reduce(best)
        };
        let fails = study.seekers.iter().filter(|_| !is_cut);
        let fails: Vec<&Probe> = fails.filter_map(|seeker| seeker.fails.as_ref()).collect();
        // Where no load holds nothing binds at any: whatever is wrong there is not the load.
        let edges = study.seekers.iter().filter(|seeker| seeker.holds.is_some() && !is_cut);
        let edges: Vec<&Probe> = edges.filter_map(|seeker| seeker.fails.as_ref()).collect();
        let holds: Vec<f64> =
            study.seekers.iter().filter_map(|seeker| Some(seeker.holds.as_ref()?.cost_per_hour)).collect();
        let limit = |source: &super::load::Expected| Limit {
            source: source.name.clone(),
            unit: source.unit,
            expected: source.peak,
            holds: multiple.map(|multiple| multiple.mean * source.peak),
            half_width: multiple.and_then(|multiple| Some(multiple.half_width? * source.peak)),
        };
        let mut answer = Self {
            schema: results::SCHEMA,
            study: "capacity".into(),
            scenario: study.scenario.clone(),
            variant: study.variant.clone(),
            seed: study.seed,
            surge: study.crowd.surge,
            horizon_s: horizon_s(study, multiple.map(|multiple| multiple.mean)),
            file_horizon_s: study.crowd.longest_s(),
            near: study.near.map(|(runs, horizon_s)| ShortRuns { runs, horizon_s }),
            warm_up: study.crowd.warm_up(),
            holds_at: if is_cut { known.0 } else { edge(f64::max, |seeker| Some(seeker.holds.as_ref()?.multiple)) },
            fails_at: if is_cut { known.1 } else { edge(f64::min, |seeker| Some(seeker.fails.as_ref()?.multiple)) },
            limits: study.crowd.sources.iter().map(limit).collect(),
            binding: binding(&edges),
            missed: missed(&fails),
            cost_per_hour: Estimate::of(&holds).filter(|_| !is_cut).map(|cost| cost.mean),
            searches: study.seekers.iter().map(SeedLimit::of).collect(),
            uneven: study.seekers.iter().filter(|seeker| seeker.search.is_uneven()).count() as u32,
            runs: study.seekers.iter().map(|seeker| seeker.runs).sum(),
            spent: study.seekers.iter().map(|seeker| seeker.spent).sum(),
            interrupted: ended(cut, &counted(study.seekers.iter().map(|seeker| seeker.runs).sum(), "run")),
            multiple,
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        answer
    }
}

/// Seconds that a run at the limit lasts, or where there is none one of the searches' last.
fn horizon_s(study: &FindCapacity, limit: Option<f64>) -> f64 {
    let seeker = study.seekers.last();
    let known = || seeker.and_then(|seeker| Some(seeker.holds.as_ref().or(seeker.fails.as_ref())?.multiple));
    let length = seeker.map_or(Length::Long, |seeker| seeker.length);
    study.crowd.length_s(limit.or_else(known).unwrap_or(1.0), length)
}

impl SeedLimit {
    /// The load in the middle of what it found, as a multiple, if it found both sides.
    pub fn limit(&self) -> Option<f64> {
        Some((self.holds_at? * self.fails_at?).sqrt())
    }

    fn of(seeker: &Seeker) -> Self {
        let (holds_at, fails_at) = seeker.bounds();
        Self { seed: seeker.seed, holds_at, fails_at, runs: seeker.runs }
    }
}

fn binding(fails: &[&Probe]) -> Vec<Binding> {
    let mut found: IndexMap<(&str, bool), (f64, u32)> = IndexMap::new();
    for bound in fails.iter().filter_map(|probe| probe.binding.as_ref()) {
        let (sum, seeds) = found.entry((&bound.subject, bound.saturated)).or_default();
        *sum += bound.utilization_mean;
        *seeds += 1;
    }
    let row = |((subject, saturated), (sum, seeds)): ((&str, bool), (f64, u32))| Binding {
        subject: subject.to_owned(),
        saturated,
        utilization_mean: sum / f64::from(seeds),
        seeds,
    };
    let mut rows: Vec<Binding> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.seeds));
    rows
}

/// What binds in most seeds, with what it is.
pub(super) fn bound(study: &FindCapacity) -> Option<&Bound> {
    let fails: Vec<&Probe> = study.seekers.iter().filter_map(|seeker| seeker.fails.as_ref()).collect();
    let first = binding(&fails).into_iter().next()?;
    fails.iter().filter_map(|probe| probe.binding.as_ref()).find(|bound| bound.subject == first.subject)
}

fn missed(fails: &[&Probe]) -> Vec<Missed> {
    let mut found: IndexMap<(&str, &str), (&str, u32)> = IndexMap::new();
    for (subject, expression, observed) in fails.iter().flat_map(|probe| &probe.missed) {
        found.entry((subject, expression)).or_insert((observed, 0)).1 += 1;
    }
    let row = |((subject, expression), (observed, seeds)): ((&str, &str), (&str, u32))| Missed {
        subject: subject.to_owned(),
        expression: expression.to_owned(),
        observed_text: observed.to_owned(),
        seeds,
    };
    let mut rows: Vec<Missed> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.seeds));
    rows
}
