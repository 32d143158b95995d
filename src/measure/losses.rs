//! What crowds lost, and because of whom: every ten seconds all that failed or was degraded in them is laid at the
//! door of who made it so then, by the place of the journey and the reason.

use super::counters::SiteCount;
use super::culprits::{When, culprit_at, replaced};
use super::harm;
use super::moment::Moment;
use super::resources::WINDOW;
use super::results::StoryEvent;
use super::story::StoryKind;
use super::subject::Named;
use super::traffic::REASONS;
use super::wait_graph::{Question, ask};
use crate::model::{Caller, Model, ServiceId, SiteId, SourceId};
use crate::units::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Nanoseconds of a span at most.
const EVERY: i64 = WINDOW as i64 * 1_000_000_000;

/// Requests that failed or were degraded at one place of a source's journey because of one subject, without a pause;
/// by when they ended, in steps of ten seconds at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    pub source: String,
    /// What was asked for: "elb.page"
    pub operation: String,
    /// In seconds.
    pub from_s: f64,
    pub to_s: f64,
    pub failed: u64,
    /// Answered by a fallback.
    pub degraded: u64,
    /// Who made them fail, or whom a fallback stood in for: full, down, emptied, out of reach. Absent where nobody was.
    #[schemars(with = "Option<String>")]
    pub because: Option<Named>,
    /// Where the causes of that end, in the story. Absent where nobody is to blame.
    #[schemars(with = "Option<String>")]
    pub root: Option<Named>,
    /// Position in the story, from 0, of what was told of whom it was because of.
    pub event: Option<usize>,
}

/// What fails now was on its way so long before at least, nanoseconds.
const BEFORE: i64 = 2_000_000_000;
/// Spans of a run at most; in a longer one what goes on is one span.
const MOST: usize = 1 << 15;

/// What was lost at one place because of one subject in one span.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    span: [Time; 2],
    pub source: SourceId,
    site: SiteId,
    pub because: Option<Named>,
    /// Whom that waited for, as far as it was asked.
    pub behind: Option<Named>,
    pub failed: u64,
    pub degraded: u64,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    rows: Vec<Row>,
    /// Until when it is known; and when something last was done or went down or up.
    known: Time,
    changed: Time,
    down: BTreeSet<ServiceId>,
}

impl Losses {
    /// Look at the second that just passed: spans are those in which something was lost, and end after ten seconds,
    /// and where something was done, went down or came up.
    pub fn look(&mut self, look: &Moment, down: &BTreeSet<ServiceId>) {
        let (before, now) = (look.second.old.at, look.now());
        if now <= Time(0) {
            return;
        }
        if *down != self.down || look.acts.any_in([before, now]) {
            let known = std::mem::replace(&mut self.down, down.clone());
            self.ask(look, before, &known);
            self.changed = before;
        }
        if !look.model.sites.ids().any(|site| has_lost(&look.second.site(site.index()))) {
            self.ask(look, before, down);
            self.known = now;
        } else if now.0 - self.known.0 >= EVERY || look.last {
            self.ask(look, now, down);
        }
    }

    /// Because of whom what was lost since the last time was so.
    fn ask(&mut self, look: &Moment, until: Time, down: &BTreeSet<ServiceId>) {
        if self.known >= until {
            return;
        }
        let span = [std::mem::replace(&mut self.known, until), until];
        self.rows(look, span, down).into_iter().for_each(|row| self.add(row));
    }

    /// When what ended in a span was on its way: not before something was last done.
    pub fn when(&self, span: [Time; 2]) -> When {
        let lately = if self.changed < span[1] { self.changed } else { span[0] };
        When { ended: span, asked: [lately.max(Time(span[0].0 - BEFORE)), span[1]] }
    }

    /// What was lost in a span, by place and cause.
    pub fn rows(&self, look: &Moment, span: [Time; 2], down: &BTreeSet<ServiceId>) -> Vec<Row> {
        let (window, when) = (look.around(span), self.when(span));
        let mut rows = Vec::new();
        for site in look.model.sites.ids() {
            let Caller::Source(source) = look.model.links[look.model.sites[site].link].caller else { continue };
            let count = window.site(site.index());
            for (reason, failed) in REASONS.into_iter().zip(count.lost).filter(|(_, failed)| *failed > 0) {
                let because = culprit_at(look, site, reason, when, down);
                let behind = because.as_ref().and_then(|because| behind(look, because, when, down));
                rows.push(Row { span, source, site, because, behind, failed, degraded: 0 });
            }
            if count.degraded > 0 {
                let because = replaced(look, source, when, down);
                rows.push(Row { span, source, site, because, behind: None, failed: 0, degraded: count.degraded });
            }
        }
        rows
    }

    /// In a run of weeks what goes on is one.
    fn add(&mut self, new: Row) {
        let same = |row: &&mut Row| {
            (row.source, row.site, &row.because, &row.behind) == (new.source, new.site, &new.because, &new.behind)
        };
        let many = self.rows.len() > MOST;
        let again = |row: &&mut Row| same(row) && (many || row.span == new.span);
        match self.rows.iter_mut().rev().take_while(|row| row.span[1] >= new.span[0]).find(again) {
            Some(row) => {
                row.span[1] = new.span[1];
                row.failed += new.failed;
                row.degraded += new.degraded;
            }
            None => self.rows.push(new),
        }
    }

    /// Because of whom most of what failed of a source in a span did so, and its share.
    pub fn most(&self, source: SourceId, [from, until]: [Time; 2]) -> Option<(Named, f64)> {
        let mut of: BTreeMap<&str, (u64, &Named)> = BTreeMap::new();
        let within = |row: &&Row| row.source == source && row.span[1] > from && row.span[0] < until;
        let rows = || self.rows.iter().filter(within);
        for (row, because) in rows().filter_map(|row| Some((row, row.because.as_ref()?))) {
            of.entry(because.name.as_str()).or_insert((0, because)).0 += row.failed;
        }
        let all: u64 = rows().map(|row| row.failed).sum();
        let (failed, because) = of.into_values().max_by_key(|(failed, _)| *failed)?;
        (all > 0).then(|| (because.clone(), failed as f64 / all as f64))
    }

    /// All of it, with what the story tells of whom it was because of; the sentences are told what was lost because of
    /// them.
    pub fn report(&self, model: &Model, story: &mut [StoryEvent]) -> Vec<Loss> {
        let losses = self.losses(model, story);
        for loss in &losses {
            let mut causes: BTreeSet<usize> = BTreeSet::new();
            let mut todo: Vec<usize> = loss.event.into_iter().collect();
            while let Some(at) = todo.pop() {
                if causes.insert(at) {
                    todo.extend(story[at].causes.iter().filter(|cause| **cause < at));
                }
            }
            let felt = |at: &usize| story[*at].event.is_harm() && story[*at].subject == loss.source.as_str();
            causes.extend((0..story.len()).rev().filter(felt).find(|at| story[*at].at_s <= loss.to_s));
            causes.into_iter().for_each(|at| story[at].lost += loss.failed + loss.degraded);
        }
        losses
    }

    fn losses(&self, model: &Model, story: &[StoryEvent]) -> Vec<Loss> {
        let mut losses: Vec<Loss> = Vec::new();
        for new in self.rows.iter().map(|row| loss(model, story, row)) {
            let lately = losses.iter_mut().rev().take_while(|loss| loss.to_s >= new.from_s);
            let same = |loss: &&mut Loss| {
                (&loss.source, &loss.operation, loss.event) == (&new.source, &new.operation, new.event)
                    && (&loss.because, &loss.root) == (&new.because, &new.root)
            };
            match lately.into_iter().find(same) {
                Some(loss) => {
                    loss.to_s = new.to_s;
                    loss.failed += new.failed;
                    loss.degraded += new.degraded;
                }
                None => losses.push(new),
            }
        }
        losses
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.rows.len() * (size_of::<Row>() + 32)
    }
}

fn has_lost(count: &SiteCount) -> bool {
    count.degraded > 0 || count.lost.iter().any(|lost| *lost > 0)
}

/// Whom what is full waits for.
fn behind(look: &Moment, full: &Named, when: When, down: &BTreeSet<ServiceId>) -> Option<Named> {
    let subject = &look.resources.subjects[look.resources.subject(full)?];
    let root = ask(Question::Held(subject), &look.evidence(when.asked, down)).roots.into_iter().next();
    root.map(|(root, _)| root).filter(|root| root != full)
}

fn loss(model: &Model, story: &[StoryEvent], row: &Row) -> Loss {
    let [from_s, to_s] = row.span.map(Time::as_seconds);
    let source = model.sources[row.source].name.as_str();
    let because = row.because.as_ref().or_else(|| as_told(story, source, [from_s, to_s]));
    let event = because.and_then(|because| told(story, because, [from_s, to_s]));
    let root = event.map(|event| harm::root(story, event).clone());
    Loss {
        source: source.to_owned(),
        operation: model.operations[model.sites[row.site].operation].name.clone(),
        from_s,
        to_s,
        failed: row.failed,
        degraded: row.degraded,
        root: root.or_else(|| row.behind.clone()).or_else(|| because.cloned()),
        because: because.cloned(),
        event,
    }
}

/// Because of whom a crowd is told to fail in a span.
fn as_told<'a>(story: &'a [StoryEvent], source: &str, [from, to]: [f64; 2]) -> Option<&'a Named> {
    let felt = |event: &&StoryEvent| event.subject == source && event.at_s <= to;
    let last = story.iter().rev().filter(felt).find(|event| event.event.is_harm() || event.at_s < from)?;
    last.because.first().filter(|_| last.event.is_harm())
}

/// The sentence about a subject that was so in a span: its last turn before, if it had not recovered, or its first
/// in it.
fn told(story: &[StoryEvent], subject: &Named, [from, to]: [f64; 2]) -> Option<usize> {
    let well = |event: &StoryEvent| matches!(event.event, StoryKind::Recovered | StoryKind::Closed | StoryKind::Up);
    let turn = |event: &StoryEvent| event.event.is_turn() && !event.event.is_syndrome();
    // Of a service of which nothing is told: what of it was full.
    let itself = story.iter().any(|event| event.subject == *subject && turn(event));
    let part = |event: &StoryEvent| {
        let kind = matches!(event.event, StoryKind::Saturated | StoryKind::Recovered);
        !itself && kind && event.subject.what.is_part_of(&subject.what)
    };
    let its = |event: &StoryEvent| event.subject == *subject || part(event);
    let of_it = |at: &usize| its(&story[*at]) && (well(&story[*at]) || turn(&story[*at]));
    let soon = from + EVERY as f64 * 1e-9;
    let before = (0..story.len()).rev().filter(of_it).find(|at| story[*at].at_s <= soon.min(to));
    let still = before.filter(|at| turn(&story[*at]) || story[*at].at_s > from);
    // What recovered in the span was so before.
    let still = still.map(|at| (0..=at).rev().filter(of_it).find(|at| turn(&story[*at])).unwrap_or(at));
    let within = |at: &usize| story[*at].at_s > soon && story[*at].at_s <= to && turn(&story[*at]);
    still.or_else(|| (0..story.len()).filter(of_it).find(within))
}
