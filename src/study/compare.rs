//! Comparison: variants of a scenario with the same crowd.
//!
//! Every variant is run with the same seeds, and its draws are those of the file wherever both make them. So each seed
//! gives a pair, and the difference of the pairs has a far narrower interval than the two means have.
//!
//! Nothing is cut where no warm-up is given, and the page says so: both of a pair have to be measured over the same
//! time, so that one cut would have to do for all designs. How long one takes to fill up is no other's, one that is too
//! small never settles, and the figures of a variant would depend on which others it is asked with.

use super::ended::ended;
use super::figures::{self, Kept, Measured};
use super::stats::Estimate;
use super::warm_up;
use super::{Answer, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use crate::scenario::{Problem, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparePlan {
    /// Names of the variants; empty: all of the file's.
    pub variants: Vec<String>,
    /// Seeds, at least 2: one pair has no interval.
    pub replications: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version of this contract.
    pub schema: u32,
    /// "compare"
    pub study: String,
    /// What was run, without its variants.
    pub scenario: ScenarioRef,
    /// Measured length of a run of the base in seconds.
    pub horizon_s: f64,
    /// The crowd is the same all the time and the file gives no warm-up: figures count from the start, filling up
    /// included.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_start: bool,
    /// Seed of the first; the others follow by ones.
    pub seed: u64,
    /// Pairs of runs of each variant.
    pub replications: u32,
    /// Objectives of the file; where there are none, a run is held that reached its horizon.
    pub objectives: u32,
    /// What the variants are compared with: the file as it was asked for.
    pub base: Candidate,
    /// Each variant, in the order of the file.
    pub variants: Vec<Candidate>,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// One of the designs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Its name; absent: the file itself.
    pub variant: Option<String>,
    /// In how many runs every objective held and the horizon was reached.
    pub held: u32,
    /// What saturated first in most runs, else what went down first; absent: nothing did.
    pub first_broken: Option<String>,
    /// Its main figures, each beside the base's.
    pub figures: Vec<Compared>,
}

/// A figure, and how far it is from the base's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// Source, operation of a queue or "cost".
    pub subject: String,
    /// "goodput_per_s", "failed_share", "degraded_share", "completed_share", "latency_p95_s",
    /// "messages_given_up_share", "total"
    pub metric: String,
    /// Over all runs; absent where none had it.
    pub value: Option<Estimate>,
    /// Minus the base's with the same seed; absent where no pair had both, and at the base itself.
    pub difference: Option<Estimate>,
}

impl Comparison {
    /// Some design keeps every objective in every run.
    pub fn pass(&self) -> bool {
        self.designs().any(|design| design.held == self.replications)
    }

    /// The base, then the variants.
    pub fn designs(&self) -> impl Iterator<Item = &Candidate> {
        std::iter::once(&self.base).chain(&self.variants)
    }
}

impl Compared {
    /// The interval of the difference is on one side of nothing.
    pub fn differs(&self) -> bool {
        self.difference.is_some_and(|difference| difference.is_off_zero())
    }
}

/// The study in progress: designs in order, each with its seeds in order.
#[derive(Debug)]
pub struct Compare {
    designs: Vec<Option<String>>,
    replications: u32,
    seed: u64,
    objectives: u32,
    scenario: ScenarioRef,
    horizon_s: f64,
    from_start: bool,
    asked: usize,
    rows: Vec<Kept>,
}

impl Compare {
    /// Nothing run yet.
    ///
    /// # Errors
    /// There is nothing to compare, or no variant of that name.
    pub fn new(plan: &ComparePlan, compiled: &Compiled) -> Result<Compare, LoadFailure> {
        let known: Vec<&str> = compiled.loaded.scenario.variants.names().collect();
        let fail = |problem: Problem| Err(LoadFailure::of(&compiled.loaded, vec![problem]));
        if let Some(name) = plan.variants.iter().find(|name| !known.contains(&name.as_str())) {
            let near = nearest::nearest(name, known.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let problem = Problem::general(format!("unknown variant `{name}`"));
            return fail(problem.help(format!("{near}there is {}", nearest::list(known.iter().copied()))));
        }
        if known.is_empty() {
            let problem = Problem::general("there are no variants to compare");
            return fail(problem.help("add one, such as `variants: {\"bigger\": (set: {\"machines.web.count\": 4})}`"));
        }
        let present = compiled.variant.as_deref();
        let wanted = |name: &&str| match plan.variants.as_slice() {
            [] => present != Some(*name),
            asked => asked.iter().any(|asked| asked == *name),
        };
        let mut designs = vec![compiled.variant.clone()];
        designs.extend(known.iter().copied().filter(wanted).map(|name| Some(name.to_owned())));
        Ok(Compare {
            designs,
            replications: plan.replications.max(2),
            seed: compiled.seed,
            objectives: compiled.model.objectives.len() as u32,
            scenario: ScenarioRef {
                title: compiled.model.scenario.title.clone(),
                digest: format!("{:016x}", compiled.model.digest),
            },
            horizon_s: compiled.model.horizon.as_seconds(),
            from_start: warm_up::is_wanted(compiled),
            asked: 0,
            rows: Vec::new(),
        })
    }

    fn of(&self, design: usize) -> &[Kept] {
        let each = self.replications as usize;
        self.rows.get(design * each..(design + 1) * each).unwrap_or_default()
    }

    fn candidate(&self, design: usize) -> Candidate {
        let (rows, base) = (self.of(design), self.of(0));
        let figures = rows.first().map_or(&[][..], |row| &row.figures);
        Candidate {
            variant: self.designs[design].clone(),
            held: rows.iter().filter(|row| row.run.pass).count() as u32,
            first_broken: figures::most_often(rows.iter().map(|row| &row.first)),
            figures: figures.iter().map(|figure| compared(figure, rows, (design > 0).then_some(base))).collect(),
        }
    }
}

fn compared(figure: &Measured, rows: &[Kept], base: Option<&[Kept]>) -> Compared {
    let value = |row: &Kept| row.value(&figure.subject, &figure.metric);
    let values: Vec<f64> = rows.iter().filter_map(value).collect();
    let pairs = base.unwrap_or_default().iter().zip(rows);
    Compared {
        subject: figure.subject.clone(),
        metric: figure.metric.to_string(),
        value: Estimate::of(&values),
        difference: Estimate::of_pairs(pairs.map(|(base, row)| (value(base), value(row)))),
    }
}

impl Study for Compare {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        let all = self.designs.len() * self.replications as usize;
        let take = most.max(1).min(all - self.asked);
        let point = |index: usize| {
            let seed = self.seed.wrapping_add((index % self.replications as usize) as u64);
            Point { variant: self.designs[index / self.replications as usize].clone(), ..Point::new(Vec::new(), seed) }
        };
        let points = (self.asked..self.asked + take).map(point).collect();
        self.asked += take;
        points
    }

    fn give(&mut self, _point: &Point, results: Results) {
        self.rows.push(Kept::of(&results));
    }

    fn length(&self) -> u32 {
        self.designs.len() as u32 * self.replications
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        // Of a design some runs of which are missing nothing can be said beside the others.
        let done = self.rows.len() / self.replications as usize;
        if done == 0 {
            return None;
        }
        let mut answer = Comparison {
            schema: results::SCHEMA,
            study: "compare".into(),
            scenario: self.scenario.clone(),
            horizon_s: self.horizon_s,
            from_start: self.from_start,
            seed: self.seed,
            replications: self.replications,
            objectives: self.objectives,
            base: self.candidate(0),
            variants: (1..done).map(|design| self.candidate(design)).collect(),
            interrupted: ended(cut, &format!("{done} of {} designs", self.designs.len())),
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        Some(Answer::Comparison(Box::new(answer)))
    }
}
