//! Sensitivity: which assumed number moves the capacity most, and so is to be measured first.
//!
//! Each number is taken a quarter lower and a quarter higher, one at a time, and the capacity is searched again with
//! the same seeds: each seed gives a pair, so that what chance does to both is no difference. A search begins at the
//! bracket of the scenario as it is; a number that moves nothing costs two runs a seed and side. Runs are short
//! (`load`): what their length does to the limit it does to both of a pair. Of a change the interval of the pairs is
//! told, and no narrower than what a search resolves.
//!
//! Where no warm-up is given, the largest load that held with the first seed tells how long it takes to fill up
//! (`warm_up`), as for a capacity, and all runs are cut alike: both of a pair are measured over the same time.

use super::effort::Spent;
use super::ended::ended;
use super::load::{Crowd, Length, LoadUnit, holds};
use super::search::{Found, Search};
use super::stats::Estimate;
use super::warm_up::{self, WarmUp};
use super::{Answer, CapacityPlan, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use crate::scenario::{Edit, FileNumber, Problem, file_numbers, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ratio of a bracket's ends at which a search ends.
const TOLERANCE: f64 = 1.01;
const FIRST_STRIDE: f64 = 2.0;
/// Ratio of the first two loads of other seeds.
const STRIDE: f64 = 1.03;
/// What multiplying leaves of nothing.
const NOTHING: f64 = 1e-9;
/// How far numbers are moved.
const BY: f64 = 0.25;
/// Runs that are expected of the first search, of the other seeds', and of each of a changed number.
const FIRST_RUNS: u32 = 10;
const RUNS: u32 = 4;
/// The load itself is what a capacity is counted in: moving it moves nothing. Neither do prices.
const LOAD: [&str; 3] = ["rate", "arrive", "population"];

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SensitivityPlan {
    /// How each capacity is asked.
    pub capacity: CapacityPlan,
    /// Paths of numbers, or of what holds them; empty: every number that is assumed.
    pub of: Vec<String>,
    /// Seeds, at least 2.
    pub replications: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensitivity {
    /// Version of this contract.
    pub schema: u32,
    /// "sensitivity"
    pub study: String,
    /// What was run, as it is.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// The crowd keeps its shape over time; otherwise it is the same all the time.
    pub surge: bool,
    /// Seed of the first search; the others follow by ones.
    pub seed: u64,
    /// Seeds.
    pub replications: u32,
    /// Measured length of the runs at the limit, seconds.
    #[serde(default)]
    pub horizon_s: f64,
    /// The warm-up that was found; absent where the file gives one, and where things happen at a time: nothing is cut
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// How far each number was moved, as a share of it.
    pub by: f64,
    /// The largest load that keeps the objectives, as a multiple of what the file expects; absent where some seed has
    /// no limit: then no number was moved.
    pub multiple: Option<Estimate>,
    /// The same by source, in its own unit.
    pub limits: Vec<SensitivityLimit>,
    /// Each number, the one that moves the limit most first.
    pub numbers: Vec<Moved>,
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

/// The limit of one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SensitivityLimit {
    /// Its name.
    pub source: String,
    /// What it is counted in.
    pub unit: LoadUnit,
    /// The largest load that holds.
    pub holds: f64,
}

/// A number that was moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// Where it stands: "services.app.operations.page.0.0".
    pub path: String,
    /// As it is.
    pub value: String,
    /// Who says that it is assumed; absent: it was asked for.
    pub assumed: Option<String>,
    /// A quarter lower; absent where that is no scenario.
    pub lower: Option<Side>,
    /// A quarter higher, likewise.
    pub higher: Option<Side>,
    /// The larger change of the limit of the two, as a share of it.
    pub effect: f64,
}

/// What came of a number moved one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// What it was moved to.
    pub value: String,
    /// The limit over that with the same seed of the scenario as it is, minus 1; absent where some seed has no limit.
    pub change: Option<Estimate>,
    /// Half the width of the 95 % interval of that change: of the pairs, and no less than what a search resolves.
    #[serde(default)]
    pub half_width: Option<f64>,
    /// The interval is on one side of nothing, or there is no limit any more.
    #[serde(default)]
    pub differs: bool,
    /// Seeds without a limit: every load holds.
    pub unlimited: u32,
    /// Seeds with which no load holds.
    pub hopeless: u32,
}

impl Sensitivity {
    /// There is a limit that numbers can move.
    pub fn pass(&self) -> bool {
        self.multiple.is_some()
    }
}

impl Side {
    fn effect(&self) -> f64 {
        match self.change {
            Some(change) => change.mean.abs(),
            // Beyond all that can be measured.
            None if self.unlimited + self.hopeless > 0 => f64::MAX,
            None => 0.0,
        }
    }

    /// The change of the limit by seed, where all have one, and how many have none.
    fn of(value: String, change: Option<Estimate>, unlimited: u32, hopeless: u32) -> Self {
        let half_width = change.map(|change| change.half_width.unwrap_or(0.0).max(TOLERANCE - 1.0));
        let beyond = change.zip(half_width).map(|(change, half)| change.mean.abs() > half);
        let differs = beyond.unwrap_or(unlimited + hopeless > 0);
        Self { value, change, half_width, differs, unlimited, hopeless }
    }
}

/// A number with what it is moved to, where that is a scenario.
#[derive(Debug)]
struct Candidate {
    number: FileNumber,
    sides: [Option<String>; 2],
}

/// A seed's search, of the scenario as it is or with a number moved.
#[derive(Debug)]
struct Trial {
    /// The number and the side; absent: as it is.
    of: Option<(usize, usize)>,
    seed: u64,
    search: Search,
    asked: Option<Point>,
    runs: u32,
}

/// The study in progress.
#[derive(Debug)]
pub struct MeasureSensitivity {
    compiled: Compiled,
    plan: SensitivityPlan,
    crowd: Crowd,
    candidates: Vec<Candidate>,
    trials: Vec<Trial>,
    /// Trials before this one have ended.
    from: usize,
    begun: bool,
    spent: Spent,
    /// The largest load that held with the first seed as it is, and what it tells of the warm-up.
    pilot: Option<(f64, Option<WarmUp>)>,
}

impl MeasureSensitivity {
    /// Nothing run yet, and every change checked.
    ///
    /// # Errors
    /// There are no objectives, nobody comes, or there is no number to move.
    pub fn new(plan: SensitivityPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        // What a capacity needs is needed here.
        drop(super::capacity::FindCapacity::new(plan.capacity, compiled)?);
        let numbers = chosen(&plan, compiled).map_err(|problem| LoadFailure::of(&compiled.loaded, vec![*problem]))?;
        let candidates: Vec<Candidate> = numbers.into_iter().filter_map(|number| candidate(number, compiled)).collect();
        if candidates.is_empty() {
            let problem = Problem::general("none of the numbers can be moved by a quarter");
            let problem = problem.help("name others: --of services.app.workers");
            return Err(LoadFailure::of(&compiled.loaded, vec![problem]));
        }
        let plan = SensitivityPlan { replications: plan.replications.max(2), ..plan };
        let crowd = Crowd::of(compiled, plan.capacity.surge, plan.capacity.whole);
        let first = Trial::new(None, compiled.seed, Search::new(1.0, FIRST_STRIDE, TOLERANCE));
        let (compiled, trials, spent) = (compiled.clone(), vec![first], Spent::default());
        Ok(Self { compiled, plan, crowd, candidates, trials, from: 0, begun: false, spent, pilot: None })
    }

    /// The bracket of a seed, of the scenario as it is.
    fn bracket(&self, seed: u64) -> Option<(f64, f64)> {
        let trial = self.trials.iter().find(|trial| trial.of.is_none() && trial.seed == seed)?;
        match trial.search.found()? {
            Found::Between(low, high) => Some((low, high)),
            Found::Above(_) | Found::Below(_) => None,
        }
    }

    /// The warm-up, once the first seed has a limit and where one is wanted; whether it searches again with it.
    fn settle(&mut self) -> bool {
        let [first] = self.trials.as_mut_slice() else { return false };
        let Some(limit) = first.search.limit().filter(|_| self.crowd.wants_warm_up()) else { return false };
        let found = self.pilot.and_then(|(_, warm_up)| warm_up).unwrap_or(WarmUp { cut_s: None, pilots: 1 });
        self.crowd.settle(found);
        let cut = !found.edits().is_empty();
        if cut {
            first.search = Search::new(limit, STRIDE, TOLERANCE);
        }
        cut
    }

    /// More searches, once those before them ended.
    fn go_on(&mut self) {
        if self.settle() {
            return;
        }
        let all = self.plan.replications as usize;
        if self.trials.len() == 1
            && let Some((low, _)) = self.bracket(self.compiled.seed)
        {
            let seed = |index: u32| self.compiled.seed.wrapping_add(u64::from(index));
            let others = (1..self.plan.replications).map(seed).collect::<Vec<_>>();
            self.trials
                .extend(others.into_iter().map(|seed| Trial::new(None, seed, Search::new(low, STRIDE, TOLERANCE))));
        }
        let ended = self.trials.len() == all && self.trials.iter().all(|trial| trial.search.found().is_some());
        if self.begun || !ended {
            return;
        }
        self.begun = true;
        let bracket = |trial: &Trial| self.bracket(trial.seed).map(|(low, high)| (trial.seed, low, high / low));
        let brackets: Vec<(u64, f64, f64)> = self.trials.iter().filter_map(bracket).collect();
        if brackets.len() < all {
            return;
        }
        for (index, candidate) in self.candidates.iter().enumerate() {
            for side in (0..2).filter(|side| candidate.sides[*side].is_some()) {
                // What moves nothing holds at the lower end and not at the upper one.
                let trial = |&(seed, low, ratio): &(u64, f64, f64)| {
                    Trial::new(Some((index, side)), seed, Search::new(low, ratio, TOLERANCE))
                };
                self.trials.extend(brackets.iter().map(trial));
            }
        }
    }

    fn edits(&self, trial: &Trial, multiple: f64) -> Vec<Edit> {
        let moved = trial.of.and_then(|(index, side)| {
            let candidate = &self.candidates[index];
            Some(Edit::set(candidate.number.path.clone(), candidate.sides[side].clone()?))
        });
        moved.into_iter().chain(self.crowd.edits(multiple, Length::Short)).collect()
    }

    fn side(&self, index: usize, side: usize) -> Option<Side> {
        let value = self.candidates[index].sides[side].clone()?;
        let trials = || self.trials.iter().filter(|trial| trial.of == Some((index, side)));
        let all = self.plan.replications as usize;
        if trials().filter(|trial| trial.search.found().is_some()).count() < all {
            return None;
        }
        let ratio = |trial: &Trial| {
            let (low, high) = self.bracket(trial.seed)?;
            let change = trial.search.limit()? / (low * high).sqrt() - 1.0;
            Some(if change.abs() < NOTHING { 0.0 } else { change })
        };
        let changes: Vec<f64> = trials().filter_map(ratio).collect();
        let so = |is: fn(Found) -> bool| trials().filter(|trial| trial.search.found().is_some_and(is)).count() as u32;
        let change = Estimate::of(&changes).filter(|_| changes.len() == all);
        let unlimited = so(|found| matches!(found, Found::Above(_)));
        Some(Side::of(value, change, unlimited, so(|found| matches!(found, Found::Below(_)))))
    }
}

impl Trial {
    fn new(of: Option<(usize, usize)>, seed: u64, search: Search) -> Self {
        Self { of, seed, search, asked: None, runs: 0 }
    }
}

/// The numbers that are asked for, or all that are assumed.
fn chosen(plan: &SensitivityPlan, compiled: &Compiled) -> Result<Vec<FileNumber>, Box<Problem>> {
    let part = |number: &FileNumber| {
        let field = number.path.split('.').nth(2).unwrap_or_default();
        field != "price" && !(number.path.starts_with("traffic.") && LOAD.contains(&field))
    };
    let all: Vec<FileNumber> = file_numbers(&compiled.loaded).into_iter().filter(part).collect();
    if plan.of.is_empty() {
        let assumed: Vec<FileNumber> = all.into_iter().filter(|number| number.assumed.is_some()).collect();
        if assumed.is_empty() {
            let problem = Problem::general("no number of the scenario is marked as assumed");
            let help = "say so in a comment above it, `// assumed`, or name numbers: --of services.app.workers";
            return Err(Box::new(problem.help(help)));
        }
        return Ok(assumed);
    }
    let mut found: Vec<FileNumber> = Vec::new();
    for path in &plan.of {
        let inside = |number: &&FileNumber| {
            number.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let mine: Vec<FileNumber> = all.iter().filter(inside).cloned().collect();
        if mine.is_empty() {
            let near = nearest::nearest(path, all.iter().map(|number| number.path.as_str()));
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let problem = Problem::general(format!("there is no number at `{path}`"));
            let places = nearest::list(all.iter().map(|number| number.path.as_str()));
            let help = format!("{near}numbers that are written in the file stand at {places}");
            return Err(Box::new(problem.help(help)));
        }
        found.extend(mine.into_iter().filter(|number| !found.contains(number)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// What a number is moved to; none where neither way is a scenario.
fn candidate(number: FileNumber, compiled: &Compiled) -> Option<Candidate> {
    let fits = |value: &String| {
        let edits = [Edit::set(number.path.clone(), value.clone())];
        let changed = compiled.changed(None, &edits).ok();
        changed.is_some_and(|loaded| Compiled::new(loaded, None, None).is_ok())
    };
    let side = |factor: f64| scaled(&number.value, factor).into_iter().find(fits);
    let sides = [side(1.0 - BY), side(1.0 + BY)];
    sides.iter().any(Option::is_some).then_some(Candidate { number, sides })
}

/// How a value that is so many times as large could be written: the first that is a scenario is meant.
fn scaled(value: &str, factor: f64) -> Vec<String> {
    let digits = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let plain = number.replace('_', "").parse::<f64>().ok();
    match (plain, unit.trim()) {
        (Some(0.0), _) => Vec::new(),
        (Some(number), "") => {
            // A whole number of things is moved by one at least.
            let whole = if factor > 1.0 {
                (number * factor).round().max(number + 1.0)
            } else {
                (number * factor).round().min(number - 1.0)
            };
            vec![format!("{}", trimmed(number * factor)), format!("{whole}")]
        }
        (Some(number), unit) if unit.chars().all(|c| c.is_alphabetic() || "/%µ".contains(c)) => {
            vec![format!("{}{unit}", trimmed(number * factor))]
        }
        // An amount: all of it.
        _ => vec![format!("{factor}*({value})")],
    }
}

/// Without what adding floats leaves behind.
fn trimmed(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

impl Study for MeasureSensitivity {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        self.go_on();
        let mut points = Vec::new();
        while self.trials.get(self.from).is_some_and(|trial| trial.search.found().is_some()) {
            self.from += 1;
        }
        for index in self.from..self.trials.len() {
            if points.len() == most.max(1) {
                break;
            }
            let trial = &self.trials[index];
            let Some(multiple) = trial.search.next().filter(|_| trial.asked.is_none()) else { continue };
            let point = Point::searched(self.edits(trial, multiple), trial.seed);
            points.push(point.clone());
            self.trials[index].asked = Some(point);
        }
        points
    }

    fn give(&mut self, point: &Point, results: Results) {
        let asked = |trial: &&mut Trial| trial.asked.as_ref() == Some(point);
        let Some(trial) = self.trials[self.from..].iter_mut().find(asked) else { return };
        trial.asked = None;
        trial.runs += 1;
        self.spent.add(&results);
        if let Some(multiple) = trial.search.next() {
            let held = holds(&results);
            trial.search.learn(multiple, held);
            let larger = self.pilot.is_none_or(|(known, _)| known < multiple);
            if held && larger && trial.of.is_none() && trial.seed == self.compiled.seed {
                let path = warm_up::in_flight(&results);
                self.pilot = Some((multiple, path.map(|path| WarmUp::of(&[path], results.series.every_s))));
            }
        }
    }

    fn length(&self) -> u32 {
        let known: u32 = self.trials.iter().map(|trial| trial.runs).sum();
        let left = self.trials[self.from..].iter().filter(|trial| trial.search.found().is_none()).count() as u32;
        let sides = self.candidates.iter().flat_map(|candidate| &candidate.sides).flatten().count() as u32;
        let to_come = if self.begun { 0 } else { FIRST_RUNS + RUNS * self.plan.replications * sides };
        (known + RUNS * left + to_come).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        let base: Vec<f64> =
            self.trials.iter().filter(|trial| trial.of.is_none()).filter_map(|t| t.search.limit()).collect();
        let multiple = Estimate::of(&base).filter(|_| base.len() == self.plan.replications as usize);
        if self.trials.iter().all(|trial| trial.runs == 0) {
            return None;
        }
        let number = |(index, candidate): (usize, &Candidate)| {
            let [lower, higher] = [0, 1].map(|side| self.side(index, side));
            let effect = [&lower, &higher].into_iter().flatten().map(Side::effect).fold(0.0, f64::max);
            let FileNumber { path, value, assumed } = candidate.number.clone();
            Moved { path, value, assumed, lower, higher, effect }
        };
        // A number of which one side is missing is not known.
        let is_known = |(index, candidate): &(usize, &Candidate)| {
            (0..2).all(|side| candidate.sides[side].is_none() || self.side(*index, side).is_some())
        };
        let known = self.candidates.iter().enumerate().filter(|_| multiple.is_some()).filter(is_known);
        let mut numbers: Vec<Moved> = known.map(number).collect();
        numbers.sort_by(|a, b| b.effect.total_cmp(&a.effect));
        let model = &self.compiled.model;
        let limits = self.crowd.sources.iter().filter_map(|source| {
            let holds = multiple?.mean * source.peak;
            Some(SensitivityLimit { source: source.name.clone(), unit: source.unit, holds })
        });
        let mut answer = Sensitivity {
            schema: results::SCHEMA,
            study: "sensitivity".into(),
            scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
            variant: self.compiled.variant.clone(),
            surge: self.plan.capacity.surge,
            seed: self.compiled.seed,
            replications: self.plan.replications,
            horizon_s: self.crowd.length_s(multiple.map_or(1.0, |multiple| multiple.mean), Length::Short),
            warm_up: self.crowd.warm_up(),
            by: BY,
            limits: limits.collect(),
            multiple,
            interrupted: ended(cut, &format!("{} of {} numbers", numbers.len(), self.candidates.len())),
            numbers,
            runs: self.trials.iter().map(|trial| trial.runs).sum(),
            spent: self.spent,
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Sensitivity(Box::new(answer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_scaled_as_it_is_written() {
        assert_eq!(scaled("8ms", 1.25), ["10ms"]);
        assert_eq!(scaled("4", 1.25), ["5", "5"]);
        assert_eq!(scaled("2", 0.75), ["1.5", "1"], "where half a thing is no scenario, one less");
        assert_eq!(scaled("10%", 1.25), ["12.5%"]);
        assert_eq!(scaled("exp(8ms)", 0.75), ["0.75*(exp(8ms))"]);
        assert_eq!(scaled("1s + 10us*connections", 1.25), ["1.25*(1s + 10us*connections)"]);
        assert!(scaled("0s", 1.25).is_empty());
    }
}
