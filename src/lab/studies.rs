//! What is asked of the design beside its run: a question, its progress, its answer, and the answer before it.
//!
//! An answer is of a design: the scenario with its variant and edits, from its start. Where the design that is shown is
//! another by now, the answer is out of date; asked again, the two are told beside each other.

use super::state::{Effect, LabState};
use crate::experiment::{Compiled, Experiment};
use crate::host::{Lane, Request, Update};
use crate::number::{figure, sentence};
use crate::plain;
use crate::report::{self, Context, Format, Look, Source};
use crate::scenario::Edit;
use crate::study::{Answer, CapacityPlan, LadderPlan, LoadUnit, RecoveryPlan, SensitivityPlan, StudySpec};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Seeds that are tried beside a run.
pub const SEEDS: u32 = 10;
/// Rungs of a ladder, seeds of a recovery and of a sensitivity, as on the command line.
const RUNGS: u32 = 4;
const RECOVERIES: u32 = 3;
const SENSITIVITIES: u32 = 4;

/// A question that can be asked beside a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// How much it can take, and what is in the way of more.
    Limit,
    /// What breaks first, second, third.
    Ladder,
    /// In how many of other seeds it fails.
    Seeds,
    /// Below which load it comes back.
    Recovery,
    /// Which number moves the limit most.
    Sensitivity,
}

impl Question {
    /// All of them, in the order they are listed for people.
    pub const ALL: [Self; 5] = [Self::Limit, Self::Ladder, Self::Seeds, Self::Recovery, Self::Sensitivity];

    /// Its name, which is that of its button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Limit => "Find the limit",
            Self::Ladder => "What breaks next",
            Self::Seeds => "Other seeds",
            Self::Recovery => "Does it recover",
            Self::Sensitivity => "What moves the limit",
        }
    }

    /// What it finds out, for those who hesitate.
    #[must_use]
    pub const fn tooltip(self) -> &'static str {
        match self {
            Self::Limit => "The largest load that keeps the objectives, and what saturates just above it",
            Self::Ladder => "What breaks first; with twice as much of that, what breaks second, and so on",
            Self::Seeds => "Ten runs from the start, each with its own seed: in how many it fails",
            Self::Recovery => "After a surge: above which load it falls, and below which it comes back",
            Self::Sensitivity => "Which of the assumed numbers moves the limit most",
        }
    }

    /// As the host is asked, and as the command line asks without options.
    #[must_use]
    pub fn spec(self) -> StudySpec {
        let capacity = CapacityPlan::default();
        match self {
            Self::Limit => StudySpec::Capacity(capacity),
            Self::Ladder => StudySpec::Ladder(LadderPlan { capacity, target: None, rungs: RUNGS, relief: Vec::new() }),
            Self::Seeds => StudySpec::Replicate(SEEDS),
            Self::Recovery => StudySpec::Recovery(RecoveryPlan { push: None, replications: RECOVERIES }),
            Self::Sensitivity => {
                StudySpec::Sensitivity(SensitivityPlan { capacity, of: Vec::new(), replications: SENSITIVITIES })
            }
        }
    }

    /// The command that asks it, and its options.
    const fn command(self) -> (&'static str, &'static str) {
        match self {
            Self::Limit => ("capacity", ""),
            Self::Ladder => ("ladder", ""),
            Self::Seeds => ("run", " --replications 10"),
            Self::Recovery => ("recovery", ""),
            Self::Sensitivity => ("sensitivity", ""),
        }
    }
}

/// A question at work.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which.
    pub question: Question,
    /// So much of it is done, 0 to 1.
    pub share: f32,
    /// How long it takes yet, where that can be told.
    pub left: Option<Duration>,
    /// Of what, once the host has begun.
    pub of: Option<Arc<Compiled>>,
}

/// An answer, and of what.
#[derive(Clone, Debug)]
pub struct Found {
    /// To which question.
    pub question: Question,
    /// The answer.
    pub answer: Arc<Answer>,
    /// Of this design.
    pub of: Arc<Compiled>,
}

/// All that was asked.
#[derive(Clone, Debug, Default)]
pub struct Studies {
    /// What is at work.
    pub asked: Option<Asked>,
    /// The latest answer to each question.
    pub found: BTreeMap<Question, Found>,
    /// The one before it, where that was of another design.
    pub before: BTreeMap<Question, Found>,
    /// What has no answer, and why.
    pub failed: Option<(Question, String)>,
    /// Whose page is shown where the inspector is.
    pub shown: Option<Question>,
}

impl Studies {
    /// What was said of studies.
    pub(super) fn hear(&mut self, told: Update) {
        match told {
            Update::StudyBegun(of) => {
                if let Some(asked) = &mut self.asked {
                    asked.of = Some(of);
                }
            }
            Update::StudyProgress { share, left } => {
                // One that was given up may still be told of.
                if let Some(asked) = &mut self.asked {
                    (asked.share, asked.left) = (share, left);
                }
            }
            Update::Studied(answer) => {
                let Some(Asked { question, of: Some(of), .. }) = self.asked.take() else { return };
                if let Some(last) = self.found.insert(question, Found { question, answer, of: Arc::clone(&of) })
                    && !same_design(&last.of, &of)
                {
                    self.before.insert(question, last);
                }
            }
            Update::StudyFailed(failure) => {
                let Some(asked) = self.asked.take() else { return };
                let first = failure.problems.first();
                let why = first.map_or_else(|| "it has no answer".to_owned(), |problem| problem.message.clone());
                self.failed = Some((asked.question, why));
            }
            _ => {}
        }
    }

    /// The same run is opened again: the host has given up what was at work.
    pub(super) fn reopened(mut self) -> Self {
        self.asked = None;
        self
    }
}

/// Whether two designs are the same text with the same put in.
fn same_design(one: &Compiled, other: &Compiled) -> bool {
    one.base.text == other.base.text && one.variant == other.variant && one.edits == other.edits
}

impl LabState {
    /// What the run that is shown began with.
    #[must_use]
    pub fn begun(&self) -> Option<&Arc<Compiled>> {
        let other = if self.frame.lane == Lane::Branch { self.compared.as_ref() } else { None };
        other.or(self.opened.as_ref())
    }

    /// The design that is shown: the scenario with its variant and all edits until now, from its start.
    #[must_use]
    pub fn design(&self) -> Option<Experiment> {
        let begun = self.begun()?;
        let (name, text, seed) = (begun.base.name.clone(), begun.base.text.to_string(), Some(begun.seed));
        Some(Experiment { name, text, seed, ..self.put_in(begun) })
    }

    /// The variant and the edits of that.
    fn put_in(&self, begun: &Compiled) -> Experiment {
        let now = self.frame.now;
        let log: Vec<_> = self.changes().log().into_iter().filter(|entry| entry.time <= now).collect();
        let (variant, edits) = (begun.variant.clone(), self.changes().edits());
        Experiment { variant, edits, ..Experiment::default() }.edited_by(&log)
    }

    /// The answer is of another design than the one that is shown.
    #[must_use]
    pub fn is_stale(&self, found: &Found) -> bool {
        self.begun().is_none_or(|begun| {
            let design = self.put_in(begun);
            begun.base.text != found.of.base.text
                || design.variant != found.of.variant
                || design.edits != found.of.edits
        })
    }

    pub(super) fn ask(&mut self, question: Question) -> Vec<Effect> {
        self.studies.asked = Some(Asked { question, share: 0.0, left: None, of: None });
        self.studies.failed = None;
        self.studies.shown = Some(question);
        vec![Effect::Say(Request::Study(question.spec()))]
    }

    /// The study is given up; with nothing at work, what is shown is put away.
    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        if self.studies.asked.take().is_none() {
            self.studies.shown = None;
            return Vec::new();
        }
        if self.studies.shown.is_some_and(|shown| !self.studies.found.contains_key(&shown)) {
            self.studies.shown = None;
        }
        vec![Effect::Say(Request::Cancel)]
    }

    /// The page of an answer as a file of its own beside the scenario: the answer's, or that of the run as it is known.
    pub(super) fn export(&mut self, question: Option<Question>) -> Vec<Effect> {
        let asked = question.and_then(|question| self.studies.found.get(&question));
        let (answer, of, kind, command) = match (question, asked) {
            (Some(question), Some(found)) => {
                let (answer, of) = (Arc::clone(&found.answer), Arc::clone(&found.of));
                (answer, of, question.command().0, command(question, &found.of))
            }
            (Some(_), None) => return Vec::new(),
            (None, _) => {
                let (Some(results), Some(of)) = (self.figures(), &self.running) else { return Vec::new() };
                let answer = Answer::Run(Box::new((**results).clone()));
                let mut command = command_of("run", "", of);
                if !self.changes().log().is_empty() {
                    command += " (without what was done to it by hand: save that first)";
                }
                (Arc::new(answer), Arc::clone(of), "run", command)
            }
        };
        let loaded = &of.base;
        let context = Context {
            command: &command,
            teaches: &of.loaded.scenario.teaches,
            model: Some(&of.model),
            source: Some(Source { file: &loaded.name, loaded }),
        };
        let page = report::page(&answer, &context);
        let html = report::render(&page, &answer, Format::Html, Look { color: false, width: 100 });
        vec![Effect::Save(beside(&loaded.name, kind), html, None)]
    }
}

/// `scenarios/shop.ron` → `scenarios/shop-capacity.html`
fn beside(name: &str, kind: &str) -> PathBuf {
    let path = PathBuf::from(name);
    let stem = path.file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    path.with_file_name(format!("{stem}-{kind}.html"))
}

/// What to type to get the answer again.
#[must_use]
pub fn command(question: Question, of: &Compiled) -> String {
    let (name, options) = question.command();
    command_of(name, options, of)
}

fn command_of(name: &str, options: &str, of: &Compiled) -> String {
    let mut words = format!("surgelab {name} {}", plain::shell_word(&of.base.name));
    if let Some(variant) = &of.variant {
        words += &format!(" --variant {}", plain::shell_word(variant));
    }
    for edit in &of.edits {
        match edit {
            Edit::Set { path, value } => {
                words += &format!(" --set {}", plain::shell_word(&format!("{path}={value}")));
            }
            // The command line sets values only.
            other => return format!("{words} (not on the command line: {}; save the change first)", other.words()),
        }
    }
    words + options + &format!(" --seed {}", of.seed)
}

/// The limit of a source, and what is in the way of more.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// "212/s", "2.4k users"
    pub load: String,
    /// Its source's name.
    pub source: String,
    /// The same in its unit.
    pub value: f64,
    /// It is counted in requests per second.
    pub is_rate: bool,
    /// What saturates, or is busiest, just above it.
    pub binds: Option<String>,
    /// Which of several: 1 breaks first.
    pub rung: usize,
}

/// What an answer says of limits, in the order in which they break.
#[must_use]
pub fn marks(answer: &Answer) -> Vec<Mark> {
    let load = |unit: LoadUnit, holds: f64| match unit {
        LoadUnit::RequestsPerSecond => format!("{}/s", figure(holds)),
        LoadUnit::SessionsPerSecond => format!("{} sessions/s", figure(holds)),
        LoadUnit::Users => format!("{} users", figure(holds)),
    };
    let mark = |limit: &crate::study::Limit, binds: Option<String>, rung: usize| {
        let holds = limit.holds?;
        let is_rate = limit.unit == LoadUnit::RequestsPerSecond;
        Some(Mark { load: load(limit.unit, holds), source: limit.source.clone(), value: holds, is_rate, binds, rung })
    };
    match answer {
        Answer::Capacity(capacity) => {
            let binds = capacity.binding.first().map(|binding| binding.subject.clone());
            capacity.limits.iter().filter_map(|limit| mark(limit, binds.clone(), 1)).collect()
        }
        Answer::Ladder(ladder) => {
            let climbed = ladder.rungs.iter().filter(|rung| !rung.unchanged && rung.multiple.is_some());
            let marks = climbed.enumerate().filter_map(|(at, rung)| {
                let binds = rung.binding.first().map(|binding| binding.subject.clone());
                mark(rung.limits.first()?, binds, at + 1)
            });
            marks.collect()
        }
        _ => Vec::new(),
    }
}

/// How an answer differs from the one before: "340/s → 910/s of visitors: 2.7 times as much; app.workers is in the way
/// now, not rds.cpu".
#[must_use]
pub fn change(before: &Answer, now: &Answer) -> Option<String> {
    match (before, now) {
        (Answer::Capacity(_), Answer::Capacity(_)) | (Answer::Ladder(_), Answer::Ladder(_)) => {}
        (Answer::Replications(before), Answer::Replications(now)) => {
            let said = |answer: &crate::study::Replications| format!("{} of {}", answer.failed, answer.replications);
            return Some(format!("Failed runs: {} → {}.", said(before), said(now)));
        }
        _ => return None,
    }
    let (before, now) = (marks(before), marks(now));
    let (first, last) = match (before.first(), now.first()) {
        (Some(first), Some(last)) => (first, last),
        (None, Some(last)) => return Some(format!("No limit → {} of {}.", last.load, last.source)),
        (Some(first), None) => return Some(format!("{} of {} → no limit.", first.load, first.source)),
        (None, None) => return None,
    };
    let times = match first.value {
        old if old > 0.0 => format!(", {} times as much", sentence::factor(last.value / old)),
        _ => String::new(),
    };
    let binds = match (&first.binds, &last.binds) {
        (Some(old), Some(new)) if old != new => format!("; {new} is in the way now, not {old}"),
        (_, Some(new)) => format!("; {new} is in the way as before"),
        _ => String::new(),
    };
    Some(format!("{} → {} of {}{times}{binds}.", first.load, last.load, last.source))
}
