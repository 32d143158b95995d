//! The answer of a diff: what is lost and what is won, with how sure that is.
//!
//! That an objective is lost is said where Fisher's exact test leaves less than one chance in two hundred that head
//! keeps it as often as base; that the capacity fell, where the whole 95 % interval of the change, seed by seed, lies
//! below the margin. So a comparison with itself is no loss, and one with other random numbers hardly ever.

use super::capacity_answer::{Binding, SeedLimit};
use super::diff::DiffTerms;
use super::diff_levels::Level;
use super::diff_side::{DiffSide, SideRun};
use super::load::LoadUnit;
use super::stats::{Estimate, fisher_fewer};
use super::{Capacity, Limit};
use crate::measure::results;
use crate::scenario::{FieldDifference, differences};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Chance below which a difference of counts is none.
const CHANCE: f64 = 0.005;
/// Relative difference of a crowd's proportions that rounding may leave.
const ROUNDING: f64 = 1e-9;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// Version of this contract.
    pub schema: u32,
    /// "diff"
    pub study: String,
    /// The program that compared them.
    pub version: String,
    /// What it was; absent: head is judged alone.
    pub base: Option<DiffSide>,
    /// Why there is no base, in words.
    pub alone: Option<String>,
    /// What it is.
    pub head: DiffSide,
    /// A share of the base's limit: within it a capacity is the same.
    pub margin: f64,
    /// Each objective of head in file order, then those that only base has.
    pub objectives: Vec<ObjectiveDiff>,
    /// The largest loads that keep the objectives; absent where nobody looked at both.
    pub capacity: Option<CapacityDiff>,
    /// Main figures of head, with those of base beside them.
    pub figures: Vec<FigureDiff>,
    /// Fields that head says otherwise than base.
    pub fields: Vec<FieldDifference>,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// Which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It is lost, or smaller.
    Worse,
    /// No difference that could be told from chance.
    Same,
    /// It is kept, or larger.
    Better,
    /// What there is does not decide it.
    Unknown,
}

/// An objective before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveDiff {
    /// What it is about.
    pub subject: String,
    /// As in the file.
    pub expression: String,
    /// How much it weighs.
    pub level: Level,
    /// What came of it in base; absent: base does not ask it.
    pub base: Option<KeptIn>,
    /// In head; absent: head does not ask it.
    pub head: Option<KeptIn>,
    /// Of what was observed, head minus base, run by run.
    pub difference: Option<Estimate>,
    /// Whether it was lost.
    pub turn: Turn,
}

/// In how many runs an objective was kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeptIn {
    /// Runs that kept it.
    pub kept: u32,
    /// Of so many.
    pub of: u32,
    /// What was observed, in its unit; absent where no run observed a number.
    pub observed: Option<Estimate>,
}

/// The capacity before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityDiff {
    /// How much it weighs.
    pub level: Level,
    /// By source of head.
    pub limits: Vec<LimitDiff>,
    /// What binds just above the limit in most searches of base.
    pub base_binding: Option<Binding>,
    /// In those of head.
    pub head_binding: Option<Binding>,
    /// Base and head bring the same sources in the same proportions, so that their limits are of one crowd.
    pub same_crowd: bool,
    /// Whether it fell.
    pub turn: Turn,
}

/// The limit of a source before and after, all sources growing together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitDiff {
    /// Its name.
    pub source: String,
    /// What it is counted in.
    pub unit: LoadUnit,
    /// The largest load of base; absent where no limit was found.
    pub base: Option<f64>,
    /// The largest of head.
    pub head: Option<f64>,
    /// As a share of the base's, seed by seed.
    pub change: Option<Estimate>,
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureDiff {
    /// Source, operation of a queue or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share", "completed_share", "latency_p95_s",
    /// "messages_given_up_share", "total"
    pub metric: String,
    /// Over the runs of base; absent where none had it.
    pub base: Option<Estimate>,
    /// Over those of head.
    pub head: Option<Estimate>,
    /// Head minus base, run by run.
    pub difference: Option<Estimate>,
}

/// What became of the searches of a capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every seed has a limit.
    Limited,
    /// Nothing binds as far as was searched.
    Unlimited,
    /// No load holds.
    Never,
    /// Some seeds have a limit and some have none.
    Uneven,
}

impl Turn {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Turn::Worse => "worse",
            Turn::Same => "same",
            Turn::Better => "better",
            Turn::Unknown => "unknown",
        }
    }
}

impl Diff {
    /// Compares head with base, or judges it alone.
    #[must_use]
    pub fn between(base: Option<DiffSide>, alone: Option<String>, head: DiffSide, terms: &DiffTerms) -> Self {
        let texts = base.as_ref().and_then(|base| base.text.as_ref()).zip(head.text.as_ref());
        let mut diff = Self {
            schema: results::SCHEMA,
            study: "diff".into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            objectives: objectives(base.as_ref(), &head, terms),
            capacity: capacity(base.as_ref(), &head, terms),
            figures: figures(base.as_ref(), &head),
            fields: texts.map_or_else(Vec::new, |(base, head)| differences(base, head)),
            margin: terms.margin,
            alone,
            base,
            head,
            interrupted: None,
            results_digest: String::new(),
        };
        diff.results_digest = results::digest_of(&diff);
        diff
    }

    /// What an interruption leaves of it, if there was one: runs, and nothing that is lost or won.
    #[must_use]
    pub(super) fn interrupted(mut self, why: Option<String>) -> Self {
        if why.is_some() {
            self.objectives.iter_mut().for_each(|objective| objective.turn = Turn::Unknown);
            (self.capacity, self.interrupted) = (None, why);
            self.results_digest.clear();
            self.results_digest = results::digest_of(&self);
        }
        self
    }

    /// Nothing is lost that weighs as an error, and every run of head reached its horizon.
    #[must_use]
    pub fn pass(&self) -> bool {
        self.is_complete()
            && self.lost().all(|objective| objective.level != Level::Error)
            && self.capacity.as_ref().is_none_or(|capacity| !capacity.is_lost() || capacity.level != Level::Error)
    }

    /// Every run of head reached its horizon.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.head.runs.iter().all(|run| run.stopped.is_none())
    }

    /// Objectives that are lost and looked at.
    pub fn lost(&self) -> impl Iterator<Item = &ObjectiveDiff> {
        self.objectives.iter().filter(|objective| objective.is_lost())
    }

    /// Base and head mean the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.scenario.digest == self.head.scenario.digest)
    }
}

impl ObjectiveDiff {
    /// It is lost, and looked at.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.turn == Turn::Worse && self.level != Level::Off
    }
}

impl CapacityDiff {
    /// It fell, and is looked at.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.turn == Turn::Worse && self.level != Level::Off
    }
}

impl Reach {
    /// Of these searches.
    #[must_use]
    pub fn of(capacity: &Capacity) -> Self {
        let all = |is: fn(&SeedLimit) -> bool| capacity.searches.iter().all(is);
        match () {
            () if all(|search| search.limit().is_some()) => Self::Limited,
            () if all(|search| search.fails_at.is_none()) => Self::Unlimited,
            () if all(|search| search.holds_at.is_none()) => Self::Never,
            () => Self::Uneven,
        }
    }
}

/// Subject and expression of an objective.
type Objective<'a> = (&'a str, &'a str);

/// Names that are the same in both, and where exactly one is left on each side those two: it was renamed.
fn paired<'a, K: PartialEq + Copy>(
    base: &'a [K],
    head: &'a [K],
    alike: impl Fn(K, K) -> bool,
) -> Vec<(Option<K>, Option<K>)> {
    let mut pairs: Vec<(Option<K>, Option<K>)> =
        head.iter().map(|name| (base.contains(name).then_some(*name), Some(*name))).collect();
    let mut gone: Vec<K> = base.iter().filter(|name| !head.contains(name)).copied().collect();
    for at in 0..pairs.len() {
        let (None, Some(new)) = pairs[at] else { continue };
        let news = pairs.iter().filter(|pair| pair.0.is_none() && pair.1.is_some_and(|other| alike(other, new)));
        let olds: Vec<usize> = (0..gone.len()).filter(|index| alike(gone[*index], new)).collect();
        if let (1, [only]) = (news.count(), olds.as_slice()) {
            pairs[at].0 = Some(gone.remove(*only));
        }
    }
    pairs.extend(gone.into_iter().map(|name| (Some(name), None)));
    pairs
}

fn objectives(base: Option<&DiffSide>, head: &DiffSide, terms: &DiffTerms) -> Vec<ObjectiveDiff> {
    let before: Vec<Objective> = base.iter().flat_map(|base| base.objectives()).collect();
    let after: Vec<Objective> = head.objectives().collect();
    let runs_before = base.map_or(&[][..], |base| &base.runs);
    // A base without runs says nothing of objectives.
    let alone = runs_before.is_empty();
    let compared = |(old, new): (Option<Objective>, Option<Objective>)| {
        let (subject, expression) = new.or(old)?;
        let was = old.and_then(|name| KeptIn::of(runs_before, name));
        let is = new.and_then(|name| KeptIn::of(&head.runs, name));
        let observed = |run: &SideRun, name: Option<Objective>| {
            name.and_then(|(subject, expression)| run.objective(subject, expression)?.observed)
        };
        let pairs = runs_before.iter().zip(&head.runs).map(|(one, other)| (observed(one, old), observed(other, new)));
        Some(ObjectiveDiff {
            subject: subject.to_owned(),
            expression: expression.to_owned(),
            level: terms.levels.of(subject, expression),
            difference: Estimate::of_pairs(pairs),
            turn: turn_of(was.as_ref(), is.as_ref(), alone && base.is_some()),
            base: was,
            head: is,
        })
    };
    let pairs = paired(&before, &after, |one, other| one.1 == other.1);
    pairs.into_iter().filter_map(compared).collect()
}

/// A head without a base is measured against one that always kept the objective.
fn turn_of(base: Option<&KeptIn>, head: Option<&KeptIn>, unknown: bool) -> Turn {
    let Some(head) = head.filter(|_| !unknown) else { return if unknown { Turn::Unknown } else { Turn::Same } };
    let base = base.map_or((head.of, head.of), |base| (base.kept, base.of));
    let head = (head.kept, head.of);
    let all = |(kept, of): (u32, u32)| kept == of;
    let none = |(kept, _): (u32, u32)| kept == 0;
    match () {
        () if fisher_fewer(base, head) <= CHANCE => Turn::Worse,
        () if fisher_fewer(head, base) <= CHANCE => Turn::Better,
        () if (all(base) && none(head)) || (none(base) && all(head)) => Turn::Unknown,
        () => Turn::Same,
    }
}

impl KeptIn {
    fn of(runs: &[SideRun], (subject, expression): Objective) -> Option<Self> {
        let came: Vec<_> = runs.iter().filter_map(|run| run.objective(subject, expression)).collect();
        let observed: Vec<f64> = came.iter().filter_map(|objective| objective.observed).collect();
        (!came.is_empty()).then(|| Self {
            kept: came.iter().filter(|objective| objective.pass).count() as u32,
            of: came.len() as u32,
            observed: Estimate::of(&observed),
        })
    }
}

fn capacity(base: Option<&DiffSide>, head: &DiffSide, terms: &DiffTerms) -> Option<CapacityDiff> {
    let after = head.capacity.as_ref()?;
    let before = base.and_then(|base| base.capacity.as_ref());
    let name = |limit: &'_ Limit| limit.source.clone();
    let names = |capacity: &Capacity| capacity.limits.iter().map(name).collect::<Vec<_>>();
    let (old, new) = (before.map(names).unwrap_or_default(), names(after));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let pairs = paired(&old, &new, |_, _| true);
    let find = |capacity: Option<&'_ Capacity>, name: Option<&str>| {
        capacity?.limits.iter().find(|limit| Some(limit.source.as_str()) == name).cloned()
    };
    let limits: Vec<(Option<Limit>, Limit)> =
        pairs.iter().filter_map(|(old, new)| Some((find(before, *old), find(Some(after), *new)?))).collect();
    let same_crowd = before.is_none() || (limits.len() == pairs.len() && is_one_crowd(&limits));
    let compared = |(old, new): &(Option<Limit>, Limit)| {
        let change = before.zip(old.as_ref().filter(|old| old.unit == new.unit)).and_then(|(before, old)| {
            let pairs = before.searches.iter().zip(&after.searches);
            let share = |(one, other): (&SeedLimit, &SeedLimit)| {
                Some(other.limit()? * new.expected / (one.limit()? * old.expected) - 1.0)
            };
            Estimate::of(&pairs.filter_map(share).collect::<Vec<f64>>())
        });
        let held = old.as_ref().and_then(|old| old.holds);
        LimitDiff { source: new.source.clone(), unit: new.unit, base: held, head: new.holds, change }
    };
    let limits: Vec<LimitDiff> = limits.iter().map(compared).collect();
    let turn = before.map_or(Turn::Same, |before| {
        if same_crowd {
            turn_of_capacity(Reach::of(before), Reach::of(after), &limits, terms.margin)
        } else {
            Turn::Unknown
        }
    });
    Some(CapacityDiff {
        level: terms.levels.of_capacity(),
        limits,
        base_binding: before.and_then(binding),
        head_binding: binding(after),
        same_crowd,
        turn,
    })
}

/// What binds in most searches: what saturates in some and is busiest in others is one.
fn binding(capacity: &Capacity) -> Option<Binding> {
    let mut found: Vec<Binding> = Vec::new();
    for row in &capacity.binding {
        let Some(known) = found.iter_mut().find(|known| known.subject == row.subject) else {
            found.push(row.clone());
            continue;
        };
        let (one, other) = (f64::from(known.seeds), f64::from(row.seeds));
        known.utilization_mean = (known.utilization_mean * one + row.utilization_mean * other) / (one + other);
        known.saturated |= row.saturated;
        known.seeds += row.seeds;
    }
    found.into_iter().rev().max_by_key(|binding| binding.seeds)
}

/// All sources grew or shrank by one factor, if at all.
fn is_one_crowd(limits: &[(Option<Limit>, Limit)]) -> bool {
    let factor = |(old, new): &(Option<Limit>, Limit)| {
        let old = old.as_ref().filter(|old| old.unit == new.unit && old.expected > 0.0)?;
        Some(new.expected / old.expected)
    };
    let factors: Vec<Option<f64>> = limits.iter().map(factor).collect();
    let Some(Some(first)) = factors.first().copied() else { return false };
    factors.iter().all(|factor| factor.is_some_and(|factor| (factor / first - 1.0).abs() <= ROUNDING))
}

fn turn_of_capacity(base: Reach, head: Reach, limits: &[LimitDiff], margin: f64) -> Turn {
    let rank = |reach: Reach| match reach {
        Reach::Never => Some(0),
        Reach::Limited => Some(1),
        Reach::Unlimited => Some(2),
        Reach::Uneven => None,
    };
    match (rank(base), rank(head)) {
        (Some(1), Some(1)) => {
            let changes: Vec<&Estimate> = limits.iter().filter_map(|limit| limit.change.as_ref()).collect();
            match () {
                () if changes.iter().any(|change| change.half_width.is_none()) => Turn::Unknown,
                () if changes.iter().any(|change| change.high() < -margin) => Turn::Worse,
                () if changes.iter().any(|change| change.low() > margin) => Turn::Better,
                () => Turn::Same,
            }
        }
        (Some(before), Some(after)) if after < before => Turn::Worse,
        (Some(before), Some(after)) if after > before => Turn::Better,
        (Some(_), Some(_)) => Turn::Same,
        _ => Turn::Unknown,
    }
}

fn figures(base: Option<&DiffSide>, head: &DiffSide) -> Vec<FigureDiff> {
    let subjects = |runs: &[SideRun]| {
        let mut found: Vec<String> = Vec::new();
        for figure in runs.iter().take(1).flat_map(|run| &run.figures) {
            if !found.contains(&figure.subject) {
                found.push(figure.subject.clone());
            }
        }
        found
    };
    let runs_before = base.map_or(&[][..], |base| &base.runs);
    let (old, new) = (subjects(runs_before), subjects(&head.runs));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let pairs = paired(&old, &new, |_, _| true);
    let known = head.runs.first().map_or(&[][..], |run| &run.figures);
    let compared = |figure: &super::diff_side::SideFigure| {
        let was = pairs.iter().find(|(_, new)| *new == Some(&figure.subject)).and_then(|(old, _)| *old);
        let before = |run: &SideRun| was.and_then(|subject| run.value(subject, &figure.metric));
        let after = |run: &SideRun| run.value(&figure.subject, &figure.metric);
        let all = |runs: &[SideRun], of: &dyn Fn(&SideRun) -> Option<f64>| {
            Estimate::of(&runs.iter().filter_map(of).collect::<Vec<f64>>())
        };
        FigureDiff {
            subject: figure.subject.clone(),
            metric: figure.metric.clone(),
            base: all(runs_before, &before),
            head: all(&head.runs, &after),
            difference: Estimate::of_pairs(
                runs_before.iter().zip(&head.runs).map(|(one, other)| (before(one), after(other))),
            ),
        }
    };
    known.iter().map(compared).collect()
}
