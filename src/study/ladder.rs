//! Ladder: the capacity, what binds there relieved, the capacity again: what breaks first, second, third, at what load.
//!
//! Each rung is a whole capacity search on the scenario with everything so far put in, beginning where the rung below
//! ended, with the same seeds. Relief is twice as much of what binds (`relief`), or the variants that were given, one
//! upon the other. It ends where the target is held, where as many rungs were climbed as asked, or with the reason why
//! there is no next one.

use super::capacity::FindCapacity;
use super::capacity_answer::{Binding, Bound, Capacity, Limit, Missed, bound};
use super::effort::Spent;
use super::ended::{counted, ended};
use super::load::{Crowd, LoadUnit};
use super::relief::{Change, doubled};
use super::stats::Estimate;
use super::{Answer, CapacityPlan, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use crate::scenario::{Edit, Problem, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A limit that grew by less is not said to have grown: it is the precision of two searches.
const GAIN: f64 = 1.02;

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LadderPlan {
    /// How each capacity is asked.
    pub capacity: CapacityPlan,
    /// The load that is to hold in the end; absent: none.
    pub target: Option<Target>,
    /// Most rungs, at least 1.
    pub rungs: u32,
    /// Names of variants that relieve, in order; empty: twice as much of what binds.
    pub relief: Vec<String>,
}

/// A load that is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Target {
    /// So many times what the file expects.
    Multiple(f64),
    /// In the unit of the only source.
    Load(f64),
}

/// As it is typed.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Multiple(multiple) => write!(f, "{multiple}x"),
            Self::Load(load) => write!(f, "{load}"),
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ladder {
    /// Version of this contract.
    pub schema: u32,
    /// "ladder"
    pub study: String,
    /// What was run, without relief.
    pub scenario: ScenarioRef,
    /// Name of the variant that the ladder stands on.
    pub variant: Option<String>,
    /// Seed of the first search of each rung; the others follow by ones.
    pub seed: u64,
    /// The crowd keeps its shape over time; otherwise it is the same all the time.
    pub surge: bool,
    /// What was to be held, as a multiple of what the file expects; absent: nothing in particular.
    pub target: Option<f64>,
    /// From the ground up: the first is the file as it is.
    pub rungs: Vec<Rung>,
    /// Why there is no further one.
    pub end: LadderEnd,
    /// What stood in the way, where there is more to say; else empty.
    pub end_text: String,
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

/// A capacity on the way up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    /// What was done to get here; absent: this is the file.
    pub relief: Option<Relief>,
    /// The largest load that holds, as a multiple of what the file expects; absent where there is no limit.
    pub multiple: Option<Estimate>,
    /// The largest multiple at which every objective held, and the smallest at which one did not, of all seeds.
    pub holds_at: Option<f64>,
    pub fails_at: Option<f64>,
    /// The same by source, in its own unit.
    pub limits: Vec<Limit>,
    /// The limit over that of the rung below; absent for the first and without limits.
    pub gain: Option<f64>,
    /// It is no higher than the rung below.
    pub unchanged: bool,
    /// What binds, by seeds.
    pub binding: Vec<Binding>,
    /// Objectives that did not hold just above, by seeds.
    pub missed: Vec<Missed>,
    /// What an hour costs at the limit.
    pub cost_per_hour: Option<f64>,
    /// Runs it took.
    pub runs: u32,
}

/// What was done about what bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relief {
    /// What bound.
    pub subject: Option<String>,
    /// The variant that was put in; absent: twice as much of it.
    pub variant: Option<String>,
    /// The fields that were changed.
    pub changes: Vec<Change>,
}

/// Why a ladder ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LadderEnd {
    /// The target holds.
    TargetReached,
    /// As many rungs as were asked for.
    RungsClimbed,
    /// Every objective held however far the load was raised.
    NothingBinds,
    /// An objective failed however far the load was lowered, or some seeds have a limit and others none.
    NoLimit,
    /// What binds is not a number that could be doubled.
    NothingToRelieve,
    /// Twice as much of it changed nothing.
    ChangedNothing,
    /// All the variants that were given are put in.
    ReliefUsedUp,
    /// It was interrupted before the next one was known.
    GivenUp,
}

impl Ladder {
    /// The target holds, if there is one; else some load does.
    pub fn pass(&self) -> bool {
        match self.target {
            Some(_) => self.end == LadderEnd::TargetReached,
            None => self.rungs.first().is_some_and(|rung| rung.multiple.is_some() || rung.holds_at.is_some()),
        }
    }
}

/// A variant that is to relieve: what it changes beyond those before it.
#[derive(Debug)]
struct Step {
    variant: String,
    edits: Vec<Edit>,
}

/// The study in progress.
#[derive(Debug)]
pub struct ClimbLadder {
    plan: LadderPlan,
    base: Compiled,
    target: Option<f64>,
    steps: Vec<Step>,
    /// What was put in on the way.
    edits: Vec<Edit>,
    relief: Option<Relief>,
    /// The rung that is being searched, and its scenario.
    present: Box<FindCapacity>,
    compiled: Compiled,
    rungs: Vec<Rung>,
    spent: Spent,
    end: Option<(LadderEnd, String)>,
}

impl ClimbLadder {
    /// Nothing run yet, and all relief that was given checked.
    ///
    /// # Errors
    /// There is no capacity to be found, relief that does not fit, or a target that cannot be meant.
    pub fn new(plan: LadderPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        let present = FindCapacity::new(plan.capacity, compiled)?;
        let target =
            target(plan.target, &present.crowd).map_err(|problem| LoadFailure::of(&compiled.loaded, vec![*problem]))?;
        Ok(Self {
            target,
            steps: steps(&plan, compiled)?,
            edits: Vec::new(),
            relief: None,
            present: Box::new(present),
            compiled: compiled.clone(),
            base: compiled.clone(),
            rungs: Vec::new(),
            spent: Spent::default(),
            end: None,
            plan,
        })
    }

    /// The present rung is known: it is put down, and the next one is begun or the ladder ends.
    fn conclude(&mut self) {
        let capacity = Capacity::of(&self.present, None);
        self.spent = [self.spent, capacity.spent].into_iter().sum();
        let below = self.rungs.last().and_then(|rung| rung.multiple);
        let gain = below.zip(capacity.multiple).map(|(below, now)| now.mean / below.mean);
        let unchanged = gain.is_some_and(|gain| gain < GAIN);
        let holds = capacity.multiple.map(|multiple| multiple.mean).or(capacity.holds_at);
        self.rungs.push(Rung {
            relief: self.relief.take(),
            multiple: capacity.multiple,
            holds_at: capacity.holds_at,
            fails_at: capacity.fails_at,
            limits: capacity.limits,
            gain,
            unchanged,
            binding: capacity.binding,
            missed: capacity.missed,
            cost_per_hour: capacity.cost_per_hour.filter(|cost| *cost > 0.0),
            runs: capacity.runs,
        });
        let end = |end| Some((end, String::new()));
        self.end = match (capacity.multiple, capacity.fails_at) {
            _ if self.target.is_some_and(|target| holds.is_some_and(|holds| holds >= target)) => {
                end(LadderEnd::TargetReached)
            }
            (None, None) => end(LadderEnd::NothingBinds),
            (None, Some(_)) => end(LadderEnd::NoLimit),
            (Some(_), _) if unchanged && self.plan.relief.is_empty() => end(LadderEnd::ChangedNothing),
            (Some(_), _) if self.steps.is_empty() && !self.plan.relief.is_empty() => end(LadderEnd::ReliefUsedUp),
            (Some(_), _) if self.rungs.len() >= self.plan.rungs.max(1) as usize => end(LadderEnd::RungsClimbed),
            (Some(multiple), _) => self.climb(multiple.mean).err(),
        };
    }

    /// Puts the next relief in, and begins the search above it.
    fn climb(&mut self, from: f64) -> Result<(), (LadderEnd, String)> {
        let bound = bound(&self.present).cloned();
        let (relief, edits) = self.relieve(bound.as_ref())?;
        self.edits.extend(edits);
        let cannot = |failure: LoadFailure| {
            let why = failure.problems.into_iter().next().map_or_else(String::new, |problem| problem.message);
            (LadderEnd::NothingToRelieve, why)
        };
        self.compiled = relieved(&self.base, &self.edits).map_err(cannot)?;
        *self.present = FindCapacity::near(self.plan.capacity, &self.compiled, from).map_err(cannot)?;
        self.relief = Some(relief);
        Ok(())
    }

    fn relieve(&mut self, bound: Option<&Bound>) -> Result<(Relief, Vec<Edit>), (LadderEnd, String)> {
        let subject = bound.map(|bound| bound.subject.clone());
        if !self.plan.relief.is_empty() {
            // That one is left was seen to before.
            let Step { variant, edits } = self.steps.remove(0);
            return Ok((Relief { subject, variant: Some(variant), changes: Vec::new() }, edits));
        }
        let changes = bound.and_then(|bound| doubled(bound, &self.compiled));
        let Some(changes) = changes else { return Err((LadderEnd::NothingToRelieve, String::new())) };
        let edits = changes.iter().map(Change::edit).collect();
        Ok((Relief { subject, variant: None, changes }, edits))
    }
}

/// The scenario of the ground with relief put in.
fn relieved(base: &Compiled, edits: &[Edit]) -> Result<Compiled, LoadFailure> {
    Compiled::new(base.changed(None, edits)?, base.variant.clone(), Some(base.seed))
}

/// The target as a multiple of what the file expects.
fn target(target: Option<Target>, crowd: &Crowd) -> Result<Option<f64>, Box<Problem>> {
    match (target, crowd.sources.as_slice()) {
        (None, _) => Ok(None),
        (Some(Target::Multiple(multiple)), _) => Ok(Some(multiple)),
        (Some(Target::Load(load)), [source]) => Ok(Some(load / source.peak)),
        (Some(Target::Load(_)), sources) => {
            let names = nearest::list(sources.iter().map(|source| source.name.as_str()));
            let problem = Problem::general(format!("a target in requests is of one source, and there are {names}"));
            Err(Box::new(problem.help("give it as a multiple of what the file expects, such as --target 2x")))
        }
    }
}

/// The variants that were given, each with what it adds; all of them fit, one upon the other, and keep the crowd.
fn steps(plan: &LadderPlan, compiled: &Compiled) -> Result<Vec<Step>, LoadFailure> {
    let fail = |problem: Problem| Err(LoadFailure::of(&compiled.loaded, vec![problem]));
    let variants = &compiled.base.scenario.variants;
    let mut known: Vec<String> = compiled.variant.iter().flat_map(|name| chain(compiled, name)).collect();
    let (mut steps, mut edits) = (Vec::new(), Vec::new());
    let ground = sources(compiled);
    for name in &plan.relief {
        if variants.get(name).is_none() {
            let near = nearest::nearest(name, variants.names());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let problem = Problem::general(format!("unknown variant `{name}`"));
            return fail(problem.help(format!("{near}there is {}", nearest::list(variants.names()))));
        }
        let fresh: Vec<String> = chain(compiled, name).into_iter().filter(|one| !known.contains(one)).collect();
        let added: Vec<Edit> = fresh.iter().filter_map(|one| variants.get(one)).flat_map(|v| v.edits()).collect();
        if added.is_empty() {
            let problem = Problem::general(format!("the relief `{name}` is put in already, by what comes before it"));
            return fail(problem.help("name each step once, the first to be taken first"));
        }
        known.extend(fresh);
        edits.extend(added.iter().cloned());
        if sources(&relieved(compiled, &edits)?) != ground {
            let problem =
                Problem::general(format!("the relief `{name}` changes the crowd, so that loads cannot be compared"));
            return fail(problem.help("relief changes machines and services; the load is what the ladder raises"));
        }
        steps.push(Step { variant: name.clone(), edits: added });
    }
    Ok(steps)
}

/// A variant and those it builds on, the first to apply first.
fn chain(compiled: &Compiled, name: &str) -> Vec<String> {
    let variants = &compiled.base.scenario.variants;
    let mut chain = vec![name.to_owned()];
    let from = |name: &str| variants.get(name).and_then(|variant| variant.from.clone());
    while let Some(next) = from(&chain[chain.len() - 1]).filter(|next| !chain.contains(next)) {
        chain.push(next);
    }
    chain.reverse();
    chain
}

/// What comes: source, unit, most at one time.
fn sources(compiled: &Compiled) -> Vec<(String, LoadUnit, f64)> {
    let crowd = Crowd::of(compiled, false, false);
    crowd.sources.into_iter().map(|source| (source.name, source.unit, source.peak)).collect()
}

impl Study for ClimbLadder {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        while self.end.is_none() {
            let points = self.present.next_points(most);
            if points.is_empty() && !self.present.is_waiting() {
                self.conclude();
                continue;
            }
            let with_relief = |point: Point| Point { edits: [&self.edits[..], &point.edits].concat(), ..point };
            return points.into_iter().map(with_relief).collect();
        }
        Vec::new()
    }

    fn give(&mut self, point: &Point, results: Results) {
        self.present.give(point, results);
    }

    fn length(&self) -> u32 {
        let known: u32 = self.rungs.iter().map(|rung| rung.runs).sum();
        let to_come = self.plan.rungs.saturating_sub(self.rungs.len() as u32 + 1);
        known + if self.end.is_none() { self.present.length() * (1 + to_come) } else { 1 }
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        // A rung in the middle of which it was given up counts for nothing.
        let given_up = || (LadderEnd::GivenUp, String::new());
        let (end, end_text) = self.end.or_else(|| cut.as_ref().map(|_| given_up()))?;
        if self.rungs.is_empty() {
            return None;
        }
        let model = &self.base.model;
        let mut answer = Ladder {
            schema: results::SCHEMA,
            study: "ladder".into(),
            scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
            variant: self.base.variant.clone(),
            seed: self.base.seed,
            surge: self.plan.capacity.surge,
            target: self.target,
            runs: self.rungs.iter().map(|rung| rung.runs).sum(),
            spent: self.spent,
            interrupted: ended(cut, &counted(self.rungs.len() as u32, "rung")),
            rungs: self.rungs,
            end,
            end_text,
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Ladder(Box::new(answer)))
    }
}
