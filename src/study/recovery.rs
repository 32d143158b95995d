//! Recovery: the load up and down again: above which it falls, and below which it comes back.
//!
//! Two searches a seed, over steady loads. Upwards nothing happens but the load; downwards the same load follows an
//! upset: what the runbook does, or a push far above what it holds. A run is well when nineteen of twenty requests are
//! answered in its last tenth, whatever happened before. Between the two limits it depends on what happened before
//! whether the system works: it is metastable there (Bronson et al., HotOS 2021), and load has to be shed down to the
//! lower one for it to come back.

use super::ended::{counted, ended};
use super::figures;
use super::load::{Crowd, Length, LoadUnit};
use super::search::{Found, Search};
use super::stats::Estimate;
use super::{Answer, Point, Study};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::results::{self, Results, ScenarioRef};
use crate::measure::story::StoryKind;
use crate::scenario::{Edit, Problem, Rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ratio of a bracket's ends at which a search ends.
const TOLERANCE: f64 = 1.01;
/// Ratio of the first two loads: of the first seed, and of the others, which begin where it ended.
const FIRST_STRIDE: f64 = 2.0;
const STRIDE: f64 = 1.03;
/// Share of the requests that is answered by what is well.
const WELL: f64 = 0.95;
/// Share of the run, at its end, that is judged.
const JUDGED: f64 = 0.1;
/// Seconds over which an outage is looked for.
const WINDOW_S: f64 = 10.0;
/// How far above the limit a push is, and how many seconds it lasts, where nobody says.
pub const PUSH: f64 = 1.5;
pub const PUSH_S: f64 = 60.0;
/// Runs that are expected of a search.
const RUNS: u32 = 9;

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryPlan {
    /// What upsets it; absent: the runbook, or where there is none the usual push.
    pub push: Option<Push>,
    /// Seeds, at least 1.
    pub replications: u32,
}

/// A load above what holds, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Push {
    /// Times the largest load that holds.
    pub times: f64,
    /// Seconds.
    pub lasting_s: f64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// Version of this contract.
    pub schema: u32,
    /// "recovery"
    pub study: String,
    /// What was run.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// Measured length of each run, seconds: what is not back by its last tenth is not back.
    pub horizon_s: f64,
    /// Seed of the first searches; the others follow by ones.
    pub seed: u64,
    /// What upsets it; absent: the scenario's runbook.
    pub push: Option<Push>,
    /// The runbook was to upset it, and did nothing in any run: whether it comes back was not tried.
    #[serde(default)]
    pub not_upset: bool,
    /// The largest load that holds as long as nothing happens, as a multiple of what the file expects. Absent: none was
    /// found with every seed.
    pub falls_above: Option<Estimate>,
    /// The largest load at which it comes back after the upset, likewise.
    pub back_below: Option<Estimate>,
    /// How far was searched where no limit was found.
    pub searched: Searched,
    /// The same by source, in its own unit.
    pub limits: Vec<RecoveryLimit>,
    /// Share of the largest load that holds which has to go before it comes back; absent where a limit is missing.
    pub shed_share: Option<f64>,
    /// Share of what the file expects that has to go; 0 where it comes back under all of it.
    pub shed_of_expected: Option<f64>,
    /// From the first second in which too few were answered to the last, at the largest load at which it came back.
    pub outage_s: Option<Estimate>,
    /// What saturates first in the smallest load under which it falls, else what goes down; absent: nothing.
    pub falls_by: Option<String>,
    /// Every run, by load.
    pub runs: Vec<RecoveryRun>,
    /// Why it was ended before its end; then nothing is concluded, and what is known stands here. Absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
}

/// Loads where a search ended without a limit, as multiples of what the file expects; of a study that was interrupted
/// what is known of all seeds that were tried: their limits lie above the first of each two and below the second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Searched {
    /// It holds at this, and nobody looked further.
    pub holds_at: Option<f64>,
    /// It does not hold even at this.
    pub fails_at: Option<f64>,
    /// It comes back even at this.
    pub back_at: Option<f64>,
    /// It does not come back even at this.
    pub lost_at: Option<f64>,
}

/// The limits of one source, all sources growing together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryLimit {
    /// Its name.
    pub source: String,
    /// What it is counted in.
    pub unit: LoadUnit,
    /// The most that the file expects at one time.
    pub expected: f64,
    /// The largest load that holds.
    pub falls_above: Option<f64>,
    /// Half the width of its 95 % interval; absent of one seed.
    #[serde(default)]
    pub falls_half_width: Option<f64>,
    /// The largest load at which it comes back.
    pub back_below: Option<f64>,
    /// Half the width of its 95 % interval; absent of one seed.
    #[serde(default)]
    pub back_half_width: Option<f64>,
}

/// On the way up or on the way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// Nothing happens but the load.
    Up,
    /// The load after the upset.
    Down,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryRun {
    /// Its branch.
    pub branch: Branch,
    /// Its load.
    pub multiple: f64,
    /// Its seed.
    pub seed: u64,
    /// Share of the requests offered in its last tenth that were answered there.
    pub answered: f64,
    /// It was well in the end.
    pub well: bool,
    /// Seconds from the first in which too few were answered to the last; absent: none, or there was no last one.
    pub outage_s: Option<f64>,
}

impl Recovery {
    /// It comes back under all that the file expects.
    pub fn pass(&self) -> bool {
        match self.back_below {
            Some(back) => back.mean - back.half_width.unwrap_or(0.0) >= 1.0,
            None if self.not_upset => false,
            None => self.searched.lost_at.is_none() && self.searched.back_at.is_some_and(|back| back >= 1.0),
        }
    }

    /// There are loads at which it works or not, depending on what happened before.
    pub fn is_metastable(&self) -> bool {
        let edge = |of: Option<Estimate>, sign: f64| of.map(|of| of.mean + sign * of.half_width.unwrap_or(0.0));
        match (edge(self.falls_above, -1.0), edge(self.back_below, 1.0)) {
            (Some(falls), Some(back)) => falls > back * TOLERANCE,
            _ => self.searched.lost_at.is_some() && self.falls_above.is_some(),
        }
    }
}

/// A seed at its searches.
#[derive(Debug)]
struct Walk {
    seed: u64,
    up: Search,
    down: Option<Search>,
    /// It waits for what it asked.
    asked: Option<(Branch, f64)>,
}

/// The study in progress.
#[derive(Debug)]
pub struct FindRecovery {
    compiled: Compiled,
    crowd: Crowd,
    push: Option<Push>,
    replications: u32,
    walks: Vec<Walk>,
    runs: Vec<RecoveryRun>,
    /// The runbook did something on the way down.
    acted: bool,
    /// What broke first in the smallest load under which it fell.
    fell: Option<(f64, u64, Option<String>)>,
}

impl FindRecovery {
    /// Nothing run yet.
    ///
    /// # Errors
    /// Nobody comes, or the push is none.
    pub fn new(plan: RecoveryPlan, compiled: &Compiled) -> Result<Self, LoadFailure> {
        let fail = |problem| Err(LoadFailure::of(&compiled.loaded, vec![problem]));
        let crowd = Crowd::of(compiled, false, true);
        if crowd.sources.iter().all(|source| source.peak <= 0.0) {
            let problem = Problem::general("nobody comes, so there is no load to raise and lower");
            return fail(problem.help("give a source of `traffic` a rate above 0"));
        }
        // What a run ends before upsets nothing.
        let own = plan.push.is_none() && compiled.loaded.scenario.runbook.iter().any(|rule| may_act(rule, compiled));
        let push = (!own).then(|| plan.push.unwrap_or(Push { times: PUSH, lasting_s: PUSH_S }));
        if let Some(push) = push.filter(|push| push.times.is_nan() || push.times <= 1.0) {
            let message = format!("a push of {} times what it holds upsets nothing", push.times);
            return fail(Problem::general(message).help("more than once as much: --push 2x"));
        }
        let horizon_s = compiled.model.horizon.as_seconds();
        if let Some(push) = push.filter(|push| push.lasting_s > horizon_s / 2.0) {
            let message =
                format!("a push of {} s leaves too little of a run of {horizon_s} s to come back in", push.lasting_s);
            return fail(
                Problem::general(message)
                    .help("let the run last longer, or the push shorter: --horizon 30min, --push 2x --lasting 5s"),
            );
        }
        let first =
            Walk { seed: compiled.seed, up: Search::new(1.0, FIRST_STRIDE, TOLERANCE), down: None, asked: None };
        Ok(Self {
            compiled: compiled.clone(),
            crowd,
            push,
            replications: plan.replications.max(1),
            walks: vec![first],
            runs: Vec::new(),
            acted: false,
            fell: None,
        })
    }

    /// Begins what the searches that ended make possible: the way down, and after the first seed the others.
    fn go_on(&mut self) {
        let first = self.walks.first().map(|walk| (end(&walk.up), walk.down.as_ref().and_then(end)));
        let stride = |walk: usize| if walk == 0 { FIRST_STRIDE } else { STRIDE };
        for (index, walk) in self.walks.iter_mut().enumerate() {
            if walk.down.is_none()
                && let Some(limit) = end(&walk.up)
            {
                let guess = first.and_then(|(_, down)| down).filter(|_| index > 0).unwrap_or(limit);
                walk.down = Some(Search::new(guess, stride(index), TOLERANCE));
            }
        }
        if let (1, Some((Some(up), Some(_)))) = (self.walks.len(), first) {
            self.walks.extend((1..u64::from(self.replications)).map(|index| Walk {
                seed: self.compiled.seed.wrapping_add(index),
                up: Search::new(up, STRIDE, TOLERANCE),
                down: None,
                asked: None,
            }));
        }
    }

    fn edits(&self, walk: &Walk, branch: Branch, multiple: f64) -> Vec<Edit> {
        match (branch, self.push) {
            (Branch::Up, Some(_)) | (Branch::Down, None) => self.crowd.edits(multiple, Length::Long),
            (Branch::Up, None) => [self.crowd.edits(multiple, Length::Long), vec![Edit::set("runbook", "[]")]].concat(),
            (Branch::Down, Some(push)) => {
                let holds = end(&walk.up).unwrap_or(1.0);
                self.crowd.pushed(push.times * holds.max(multiple), push.lasting_s, multiple)
            }
        }
    }
}

/// Whether a rule can do anything before the end of a run.
fn may_act(rule: &Rule, compiled: &Compiled) -> bool {
    match rule {
        Rule::At(time, _) => time.0 < compiled.model.horizon.0,
        Rule::When { .. } | Rule::Autoscale { .. } => true,
    }
}

/// Where a search ended: at its limit, or as far as it looked.
fn end(search: &Search) -> Option<f64> {
    match search.found()? {
        Found::Between(..) => search.limit(),
        Found::Above(load) | Found::Below(load) => Some(load),
    }
}

/// What was offered and answered of all sources together, over so many of the last points.
fn answered(results: &Results, from: usize, to: usize) -> Option<f64> {
    let sum = |of: fn(&results::TrafficSeries) -> &Vec<f32>| -> f64 {
        let all = results.series.traffic.values().flat_map(|series| of(series).get(from..to).unwrap_or_default());
        all.map(|value| f64::from(*value)).sum()
    };
    let offered = sum(|series| &series.offered_per_s);
    (offered > 0.0).then(|| sum(|series| &series.goodput_per_s) / offered)
}

/// The run reduced to what tells whether it is well.
fn reduced(branch: Branch, multiple: f64, results: &Results) -> RecoveryRun {
    let points = results.series.traffic.values().map(|series| series.offered_per_s.len()).max().unwrap_or(0);
    let every_s = results.series.every_s.max(f64::MIN_POSITIVE);
    let judged = ((points as f64 * JUDGED).ceil() as usize).clamp(1, points.max(1));
    let answered_last = answered(results, points.saturating_sub(judged), points).unwrap_or(1.0);
    let well = results.stopped.is_none() && answered_last >= WELL;
    let window = ((WINDOW_S / every_s).ceil() as usize).max(1);
    let bad = |at: &usize| answered(results, *at, (at + window).min(points)).is_some_and(|share| share < WELL);
    let mut outage = (0..points).step_by(window).filter(bad);
    let outage_s = outage.next().and_then(|first| {
        let last = outage.next_back().unwrap_or(first);
        // What is well in the end and not in its last seconds has no outage that is over.
        let over = !well || last + window < points;
        over.then(|| (last + window - first) as f64 * every_s)
    });
    RecoveryRun {
        branch,
        multiple,
        seed: results.seed,
        answered: answered_last.min(1.0),
        well,
        outage_s: outage_s.filter(|_| well),
    }
}

impl Study for FindRecovery {
    fn next_points(&mut self, most: usize) -> Vec<Point> {
        self.go_on();
        let mut points = Vec::new();
        for index in 0..self.walks.len() {
            let walk = &self.walks[index];
            if points.len() == most.max(1) || walk.asked.is_some() {
                continue;
            }
            let up = walk.up.next().map(|multiple| (Branch::Up, multiple));
            let down = || walk.down.as_ref()?.next().map(|multiple| (Branch::Down, multiple));
            let Some((branch, multiple)) = up.or_else(down) else { continue };
            points.push(Point::new(self.edits(walk, branch, multiple), walk.seed));
            self.walks[index].asked = Some((branch, multiple));
        }
        points
    }

    fn give(&mut self, point: &Point, results: Results) {
        let Some(walk) = self.walks.iter_mut().find(|walk| walk.seed == point.seed) else { return };
        let Some((branch, multiple)) = walk.asked.take() else { return };
        let run = reduced(branch, multiple, &results);
        self.acted |= branch == Branch::Down && results.story.iter().any(|event| event.event == StoryKind::Rule);
        match (branch, &mut walk.down) {
            (Branch::Down, Some(down)) => down.learn(multiple, run.well),
            _ => walk.up.learn(multiple, run.well),
        }
        // Of seeds that fell at one load the first: whoever is given first is no matter.
        let lowest = self.fell.as_ref().is_none_or(|(known, seed, _)| (multiple, point.seed) < (*known, *seed));
        if branch == Branch::Up && !run.well && lowest {
            let first = figures::first_broken(&results).map(|(subject, _)| subject);
            self.fell = Some((multiple, point.seed, first));
        }
        self.runs.push(run);
    }

    fn length(&self) -> u32 {
        let known = self.runs.len() as u32;
        let left = |walk: &Walk| match (walk.up.found(), walk.down.as_ref().and_then(Search::found)) {
            (None, _) => 2,
            (Some(_), None) => 1,
            (Some(_), Some(_)) => 0,
        };
        let searches: u32 = self.walks.iter().map(left).sum();
        let others = 2 * (self.replications - self.walks.len() as u32);
        (known + RUNS * searches + RUNS / 2 * others).max(1)
    }

    fn finish(self: Box<Self>, cut: Option<String>) -> Option<Answer> {
        if self.runs.is_empty() {
            return None;
        }
        Some(Answer::Recovery(Box::new(self.answer(cut))))
    }
}

impl FindRecovery {
    /// How far each way was searched, where that is all there is to say.
    fn searched(&self, is_cut: bool, not_upset: bool) -> Searched {
        let ups = || self.walks.iter().map(|walk| &walk.up);
        let downs = || self.walks.iter().filter_map(|walk| walk.down.as_ref()).filter(|_| !not_upset);
        if is_cut {
            let (holds_at, fails_at) = Search::envelope(ups().map(Search::bounds));
            let (back_at, lost_at) = Search::envelope(downs().map(Search::bounds));
            return Searched { holds_at, fails_at, back_at, lost_at };
        }
        let above = |search: &Search| if let Found::Above(load) = search.found()? { Some(load) } else { None };
        let below = |search: &Search| if let Found::Below(load) = search.found()? { Some(load) } else { None };
        Searched {
            holds_at: ups().filter_map(above).reduce(f64::max),
            fails_at: ups().filter_map(below).reduce(f64::min),
            back_at: downs().filter_map(above).reduce(f64::max),
            lost_at: downs().filter_map(below).reduce(f64::min),
        }
    }

    fn answer(self, cut: Option<String>) -> Recovery {
        let of = |search: fn(&Walk) -> Option<&Search>| {
            let limits: Vec<f64> = self.walks.iter().filter_map(|walk| search(walk)?.limit()).collect();
            Estimate::of(&limits).filter(|_| limits.len() == self.replications as usize && cut.is_none())
        };
        let not_upset = cut.is_none() && self.push.is_none() && !self.acted;
        let searched = self.searched(cut.is_some(), not_upset);
        let (falls_above, back_below) = (of(|walk| Some(&walk.up)), of(|walk| walk.down.as_ref()));
        let back_below = back_below.filter(|_| !not_upset);
        let outage = |walk: &Walk| {
            let back = |run: &&RecoveryRun| run.branch == Branch::Down && run.seed == walk.seed && run.well;
            self.runs.iter().filter(back).max_by(|a, b| a.multiple.total_cmp(&b.multiple))?.outage_s
        };
        let told = cut.is_none() && !not_upset;
        let outages: Vec<f64> = self.walks.iter().filter(|_| told).filter_map(outage).collect();
        let limit = |source: &super::load::Expected| RecoveryLimit {
            source: source.name.clone(),
            unit: source.unit,
            expected: source.peak,
            falls_above: falls_above.map(|multiple| multiple.mean * source.peak),
            falls_half_width: falls_above.and_then(|multiple| Some(multiple.half_width? * source.peak)),
            back_below: back_below.map(|multiple| multiple.mean * source.peak),
            back_half_width: back_below.and_then(|multiple| Some(multiple.half_width? * source.peak)),
        };
        let mut runs = self.runs.clone();
        runs.sort_by(|a, b| {
            (a.branch as u8, a.seed).cmp(&(b.branch as u8, b.seed)).then(a.multiple.total_cmp(&b.multiple))
        });
        let model = &self.compiled.model;
        let mut answer = Recovery {
            schema: results::SCHEMA,
            study: "recovery".into(),
            scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
            variant: self.compiled.variant.clone(),
            horizon_s: model.horizon.as_seconds(),
            seed: self.compiled.seed,
            push: self.push,
            not_upset,
            limits: self.crowd.sources.iter().map(limit).collect(),
            shed_share: falls_above.zip(back_below).map(|(falls, back)| (1.0 - back.mean / falls.mean).max(0.0)),
            shed_of_expected: back_below.map(|back| (1.0 - back.mean).max(0.0)),
            falls_above,
            back_below,
            searched,
            outage_s: Estimate::of(&outages),
            falls_by: self.fell.filter(|_| cut.is_none()).and_then(|(_, _, first)| first),
            interrupted: ended(cut, &counted(runs.len() as u32, "run")),
            runs,
            results_digest: String::new(),
        };
        answer.results_digest = results::digest_of(&answer);
        answer
    }
}
