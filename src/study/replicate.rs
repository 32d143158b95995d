//! Replications: the same model with other seeds, and what can be said of all of them.
//!
//! Replication i has seed `plan.seed + i`, so that each can be run alone. A run's results are reduced to its main
//! figures as they are given: memory does not grow with the length of a run.
//!
//! Where no warm-up is given and the crowd is the same all the time, the first few are pilots (`warm_up`): if they were
//! not steady from the start, all are run again with what they lack, and otherwise they count.

use super::ended::ended;
use super::figures::{self, Measured};
use super::stats::{Estimate, Share};
use super::warm_up::{self, PILOTS, WarmUp};
use super::{Answer, Listed, Partition, Point, Study};
use crate::experiment::Compiled;
use crate::measure::results::{self, ObjectiveState, Results, ScenarioRef};
use crate::scenario::Edit;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How many subjects have their utilization estimated.
const TOP: usize = 8;

/// What to replicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Seed of the first replication.
    pub seed: u64,
    /// How many, at least 1.
    pub replications: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replications {
    /// Version of this contract: 2.
    pub schema: u32,
    /// "replicate"
    pub study: String,
    /// What was run.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// Measured length of each in seconds.
    pub horizon_s: f64,
    /// The warm-up that was found; absent where the file gives one, and where the crowd changes: nothing is cut there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// Seed of the first; the others follow by ones.
    pub seed: u64,
    /// How many were run.
    pub replications: u32,
    /// In how many at least one objective did not pass, or the run stopped early.
    pub failed: u32,
    /// The same as a share of all runs there could be, with its 95 % interval.
    #[serde(default)]
    pub failed_share: Share,
    /// In how many the goodput of some source collapsed, with the 95 % interval of that share.
    #[serde(default)]
    pub collapsed: Share,
    /// Of those that failed, the ones that stopped early.
    #[serde(default)]
    pub stopped: u32,
    /// Each objective and in how many replications it was missed.
    pub objectives: Vec<MissedObjective>,
    /// What saturated first, else went down first, by in how many replications it did; "nothing" where nothing did.
    pub first_broken: Vec<FirstBroken>,
    /// Goodput, failed and degraded share, completed sessions and p95 of each source, utilization of what was busiest:
    /// resources of a kind and owner together.
    pub figures: Vec<Figure>,
    /// Each replication.
    pub runs: Vec<Replication>,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// An objective over all replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MissedObjective {
    /// What it is about.
    pub subject: String,
    /// As in the file.
    pub expression: String,
    /// Replications that missed it.
    pub missed: u32,
    /// Replications in which there was nothing to observe.
    pub unobserved: u32,
    /// It passed in all of them: held, or it is `optional` and there was nothing to observe.
    pub pass: bool,
}

/// What broke first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirstBroken {
    /// "rds.cpu"
    pub subject: String,
    /// Replications in which it saturated before everything else.
    pub replications: u32,
    /// When, in seconds; absent for "nothing".
    pub at_s: Option<Estimate>,
}

/// A main figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// Source, operation of a queue, what the story calls a resource and its like ("app.workers"), or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share" (where there was any), "completed_share" (of sessions),
    /// "latency_p95_s", "messages_given_up_share" (where there was any), "utilization_mean"; of cost "total"
    pub metric: String,
    /// Mean, 95 % interval, range; absent when no replication had it.
    pub estimate: Option<Estimate>,
}

/// One replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replication {
    /// Run it alone with this.
    pub seed: u64,
    /// Hash of its event stream and final engine state.
    pub digest: String,
    /// Hash of its results.
    pub results_digest: String,
    /// Whether every objective held and it reached its horizon.
    pub pass: bool,
}

impl Replications {
    /// Every objective held and every run reached its horizon.
    pub fn pass(&self) -> bool {
        self.failed == 0
    }
}

impl Replication {
    pub(super) fn of(results: &Results) -> Self {
        Self {
            seed: results.seed,
            digest: results.digest.clone(),
            results_digest: results.results_digest.clone(),
            pass: results.pass(),
        }
    }
}

/// What is the same for every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    scenario: ScenarioRef,
    variant: Option<String>,
    horizon_s: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUp>,
    /// Subject and expression.
    objectives: Vec<(String, String)>,
}

impl Head {
    fn of(results: &Results) -> Head {
        Head {
            scenario: results.scenario.clone(),
            variant: results.variant.clone(),
            horizon_s: results.horizon_s,
            warm_up: None,
            objectives: results.objectives.iter().map(|o| (o.subject.clone(), o.expression.clone())).collect(),
        }
    }
}

/// What is kept of a run.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    run: Replication,
    stopped: bool,
    collapsed: bool,
    /// What came of each objective, and whether that passes.
    objectives: Vec<(ObjectiveState, bool)>,
    first: Option<(String, f64)>,
    traffic: Vec<Measured>,
    /// Mean utilization by subject.
    utilization: IndexMap<String, f64>,
}

impl Row {
    fn of(results: &Results) -> Row {
        Row {
            stopped: results.stopped.is_some(),
            collapsed: figures::collapses(results),
            run: Replication::of(results),
            objectives: results.objectives.iter().map(|o| (o.state, o.pass)).collect(),
            first: figures::first_broken(results),
            traffic: figures::traffic(results),
            utilization: (results.groups.iter())
                .filter(|group| group.all.kind != crate::engine::ResourceKind::Instances)
                .map(|group| (group.all.id.clone(), group.all.utilization_mean))
                .collect(),
        }
    }
}

/// A run as it is written down.
#[derive(Serialize, Deserialize)]
struct Line<H, R> {
    /// Its position, from 0.
    point: u32,
    head: H,
    row: R,
}

/// The study in progress.
#[derive(Debug)]
pub struct Replicate {
    plan: Plan,
    /// Replications that are run here, in order, and how many of them were asked for.
    wanted: Vec<u32>,
    asked: usize,
    head: Option<Head>,
    rows: Vec<Option<Row>>,
    /// Those that were done and not told yet.
    done: VecDeque<u32>,
    /// Runs that tell how long it takes to become steady; none: that is known, or nobody wants to know.
    pilots: Option<Pilots>,
}

/// Runs with the first seeds, as the scenario is.
#[derive(Debug, Default)]
struct Pilots {
    asked: u32,
    rows: Vec<Row>,
    /// How many are in flight over time; none of a run that stopped.
    paths: Vec<Option<Vec<f64>>>,
    every_s: f64,
}

impl Replicate {
    /// Nothing run yet; the warm-up is found where an experiment wants one.
    pub(super) fn of(plan: Plan, compiled: &Compiled) -> Replicate {
        Replicate { pilots: warm_up::is_wanted(compiled).then(Pilots::default), ..Self::new(plan) }
    }

    /// Nothing run yet; the runs are as the scenario says.
    pub fn new(plan: Plan) -> Replicate {
        let plan = Plan { replications: plan.replications.max(1), ..plan };
        Replicate {
            plan,
            wanted: (0..plan.replications).collect(),
            asked: 0,
            head: None,
            rows: (0..plan.replications).map(|_| None).collect(),
            done: VecDeque::new(),
            pilots: None,
        }
    }

    /// Pilots that are to be run; none where nothing else is.
    fn piloting(&self) -> u32 {
        let some = self.pilots.is_some() && !self.wanted.is_empty();
        if some { PILOTS.min(self.plan.replications) } else { 0 }
    }

    /// All pilots were given: what they say of the warm-up. Where it is nothing they are replications like others.
    fn settle(&mut self, pilots: Pilots) {
        let paths: Option<Vec<Vec<f64>>> = pilots.paths.into_iter().collect();
        let count = pilots.rows.len() as u32;
        let found = paths.map_or(WarmUp { cut_s: None, pilots: count }, |paths| WarmUp::of(&paths, pilots.every_s));
        if let Some(head) = &mut self.head {
            head.warm_up = Some(found);
        }
        if found.edits().is_empty() {
            for (at, row) in pilots.rows.into_iter().enumerate().filter(|(at, _)| self.wanted.contains(&(*at as u32))) {
                self.rows[at] = Some(row);
                self.done.push_back(at as u32);
            }
            self.wanted.retain(|at| *at >= count);
        }
    }

    /// What is put in for the warm-up that was found.
    fn edits(&self) -> Vec<Edit> {
        self.head.as_ref().and_then(|head| head.warm_up).map_or_else(Vec::new, WarmUp::edits)
    }

    fn seed(&self, replication: u32) -> u64 {
        self.plan.seed.wrapping_add(u64::from(replication))
    }
}

impl Listed for Replicate {
    fn points(&self) -> u32 {
        self.plan.replications
    }

    fn name(&self, point: u32) -> String {
        format!("seed {}", self.seed(point))
    }

    fn take_up(&mut self, row: &str) -> Result<u32, String> {
        let read = serde_json::from_str(row);
        let Line { point, head, row }: Line<Head, Row> =
            read.map_err(|error| format!("it is no row of replications: {error}"))?;
        if point >= self.plan.replications {
            return Err(format!("it has a replication {point}, and there are {}", self.plan.replications));
        }
        if row.run.seed != self.seed(point) {
            return Err(format!("its replication {point} has seed {}, not {}", row.run.seed, self.seed(point)));
        }
        if *self.head.get_or_insert_with(|| head.clone()) != head {
            return Err(format!("its replication {point} is of another scenario than the others"));
        }
        self.rows[point as usize] = Some(row);
        // The rows say what came of the pilots.
        self.pilots = None;
        Ok(point)
    }

    fn select(&mut self, partition: Partition) -> usize {
        let mine = |at: &u32| self.rows[*at as usize].is_none() && partition.has(*at, &self.name(*at));
        self.wanted = (0..self.plan.replications).filter(mine).collect();
        self.wanted.len()
    }

    fn just_done(&mut self) -> Option<String> {
        let point = self.done.pop_front()?;
        let (head, row) = (self.head.as_ref()?, self.rows[point as usize].as_ref()?);
        Some(serde_json::to_string(&Line { point, head, row }).expect("a row is plain data with finite numbers"))
    }
}

impl Study for Replicate {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        let most = most.max(1);
        let (piloting, first) = (self.piloting(), self.plan.seed);
        if let Some(pilots) = self.pilots.as_mut().filter(|_| piloting > 0) {
            let until = piloting.min(pilots.asked.saturating_add(u32::try_from(most).unwrap_or(u32::MAX)));
            let seeds = pilots.asked..until;
            pilots.asked = until;
            let point = |index: u32| Point::new(Vec::new(), first.wrapping_add(u64::from(index)));
            return seeds.map(point).collect();
        }
        let edits = self.edits();
        let take = most.min(self.wanted.len() - self.asked);
        let mine = &self.wanted[self.asked..self.asked + take];
        let points = mine.iter().map(|index| Point::new(edits.clone(), self.seed(*index))).collect();
        self.asked += take;
        points
    }

    fn give(&mut self, point: &Point, results: Results) {
        self.head.get_or_insert_with(|| Head::of(&results));
        let piloting = self.piloting() as usize;
        if let Some(mut pilots) = self.pilots.take() {
            pilots.every_s = results.series.every_s;
            pilots.paths.push(warm_up::in_flight(&results));
            pilots.rows.push(Row::of(&results));
            if pilots.rows.len() < piloting {
                self.pilots = Some(pilots);
            } else {
                self.settle(pilots);
            }
            return;
        }
        let at = point.seed.wrapping_sub(self.plan.seed);
        self.rows[at as usize] = Some(Row::of(&results));
        self.done.push_back(at as u32);
    }

    fn length(&self) -> u32 {
        u32::try_from(self.wanted.len()).unwrap_or(u32::MAX).saturating_add(self.piloting()).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        let Head { scenario, variant, horizon_s, warm_up, objectives } = self.head?;
        // Of what ended among its pilots they are all there is.
        let pilots = self.pilots.into_iter().flat_map(|pilots| pilots.rows);
        let rows: &Vec<Row> = &self.rows.into_iter().flatten().chain(pilots).collect();
        let came = |i: usize| rows.iter().filter_map(move |row| row.objectives.get(i));
        let with = |i: usize, state| whole(came(i).filter(|objective| objective.0 == state).count());
        let (failed, all) = (whole(rows.iter().filter(|r| !r.run.pass).count()), whole(rows.len()));
        let mut answer = Replications {
            schema: results::SCHEMA,
            study: "replicate".into(),
            scenario,
            variant,
            horizon_s,
            warm_up,
            seed: self.plan.seed,
            replications: all,
            failed,
            failed_share: Share::of(failed, all),
            collapsed: Share::of(whole(rows.iter().filter(|r| r.collapsed).count()), all),
            stopped: whole(rows.iter().filter(|r| r.stopped).count()),
            objectives: objectives
                .into_iter()
                .enumerate()
                .map(|(i, (subject, expression))| MissedObjective {
                    subject,
                    expression,
                    missed: with(i, ObjectiveState::Missed),
                    unobserved: with(i, ObjectiveState::Unobserved),
                    pass: came(i).all(|objective| objective.1),
                })
                .collect(),
            first_broken: first_broken(rows),
            figures: traffic_figures(rows).into_iter().chain(utilization_figures(rows)).collect(),
            runs: rows.iter().map(|r| r.run.clone()).collect(),
            interrupted: ended(cut, &format!("{all} of {} runs", self.plan.replications)),
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Replications(Box::new(answer)))
    }
}

fn whole(n: usize) -> u32 {
    u32::try_from(n).expect("a plan counts its replications in 32 bits")
}

fn first_broken(rows: &[Row]) -> Vec<FirstBroken> {
    let mut by_subject: IndexMap<&str, Vec<Option<f64>>> = IndexMap::new();
    for row in rows {
        let (subject, at) = row.first.as_ref().map_or(("nothing", None), |(subject, at)| (subject.as_str(), Some(*at)));
        by_subject.entry(subject).or_default().push(at);
    }
    let mut list: Vec<FirstBroken> = by_subject
        .into_iter()
        .map(|(subject, at)| FirstBroken {
            subject: subject.into(),
            replications: whole(at.len()),
            at_s: Estimate::of(&at.into_iter().flatten().collect::<Vec<_>>()),
        })
        .collect();
    list.sort_by_key(|f| std::cmp::Reverse(f.replications));
    list
}

fn traffic_figures(rows: &[Row]) -> Vec<Figure> {
    let known = rows.first().map_or(&[][..], |row| &row.traffic);
    let estimate = |known: &Measured| {
        let same = |figure: &&Measured| (&figure.subject, &figure.metric) == (&known.subject, &known.metric);
        let values: Vec<f64> = rows.iter().filter_map(|row| row.traffic.iter().find(same)?.value).collect();
        Estimate::of(&values)
    };
    let figure = |known: &Measured| Figure {
        subject: known.subject.clone(),
        metric: known.metric.to_string(),
        estimate: estimate(known),
    };
    let figures = known.iter().map(figure);
    figures.filter(|figure| figures::is_news(&figure.metric, figure.estimate.as_ref())).collect()
}

/// The busiest by the mean over all replications; ties in the order of the results.
fn utilization_figures(rows: &[Row]) -> Vec<Figure> {
    let mut by_subject: IndexMap<&str, Vec<f64>> = IndexMap::new();
    for row in rows {
        for (subject, utilization) in &row.utilization {
            by_subject.entry(subject).or_default().push(*utilization);
        }
    }
    let mut estimates: Vec<(&str, Estimate)> =
        by_subject.into_iter().filter_map(|(id, values)| Some((id, Estimate::of(&values)?))).collect();
    estimates.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
    estimates
        .into_iter()
        .take(TOP)
        .map(|(id, estimate)| Figure {
            subject: id.into(),
            metric: "utilization_mean".into(),
            estimate: Some(estimate),
        })
        .collect()
}
