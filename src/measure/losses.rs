//! What crowds lost, and because of whom: every ten seconds all that failed or was degraded in them is laid at the
//! door of who made it so then, by the place of the journey and the reason.

use super::culprits::{When, culprit_at, replaced};
use super::harm;
use super::moment::Moment;
use super::resources::WINDOW;
use super::results::StoryEvent;
use super::story::StoryKind;
use super::subject::Named;
use super::traffic::REASONS;
use crate::model::{Caller, Model, ServiceId, SiteId, SourceId};
use crate::units::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Nanoseconds of one look.
const EVERY: i64 = WINDOW as i64 * 1_000_000_000;

/// Requests that failed or were degraded at one place of a source's journey because of one subject, without a pause;
/// by when they ended, in steps of ten seconds.
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

/// What was lost at one place because of one subject, without a pause.
#[derive(Clone, Debug)]
struct Row {
    span: [Time; 2],
    source: SourceId,
    site: SiteId,
    because: Option<Named>,
    failed: u64,
    degraded: u64,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    rows: Vec<Row>,
    /// Until when it is known.
    known: Time,
}

impl Losses {
    /// Look at the last ten seconds, once they are over.
    pub fn look(&mut self, look: &Moment, down: &BTreeSet<ServiceId>) {
        let now = look.now();
        if now <= Time(0) || (now.0 - self.known.0 < EVERY && !look.last) {
            return;
        }
        let span = [self.known, now];
        let window = look.around(span);
        let when = When { ended: span, asked: [Time(span[0].0 - EVERY), now] };
        for site in look.model.sites.ids() {
            let Caller::Source(source) = look.model.links[look.model.sites[site].link].caller else { continue };
            let count = window.site(site.index());
            for (reason, failed) in REASONS.into_iter().zip(count.lost).filter(|(_, failed)| *failed > 0) {
                let because = culprit_at(look, site, reason, when, down);
                self.add(Row { span, source, site, because, failed, degraded: 0 });
            }
            if count.degraded > 0 {
                let because = replaced(look, source, when, down);
                self.add(Row { span, source, site, because, failed: 0, degraded: count.degraded });
            }
        }
        self.known = now;
    }

    /// What goes on is one.
    fn add(&mut self, new: Row) {
        let lately = self.rows.iter_mut().rev().take_while(|row| row.span[1] >= new.span[0]);
        let same = |row: &&mut Row| (row.source, row.site) == (new.source, new.site) && row.because == new.because;
        match lately.into_iter().find(same) {
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
        let loss = |row: &Row| {
            let [from_s, to_s] = row.span.map(Time::as_seconds);
            let event = row.because.as_ref().and_then(|because| told(story, because, [from_s, to_s]));
            let root = event.map(|event| story[harm::end(story, event)].subject.clone());
            Loss {
                source: model.sources[row.source].name.clone(),
                operation: model.operations[model.sites[row.site].operation].name.clone(),
                from_s,
                to_s,
                failed: row.failed,
                degraded: row.degraded,
                root: root.or_else(|| row.because.clone()),
                because: row.because.clone(),
                event,
            }
        };
        self.rows.iter().map(loss).collect()
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.rows.len() * (size_of::<Row>() + 32)
    }
}

/// The sentence about a subject that was so in a span: its last turn before, if it had not recovered, or its first
/// in it.
fn told(story: &[StoryEvent], subject: &Named, [from, to]: [f64; 2]) -> Option<usize> {
    let well = |event: &StoryEvent| matches!(event.event, StoryKind::Recovered | StoryKind::Closed | StoryKind::Up);
    let turn = |event: &StoryEvent| event.event.is_turn() && !event.event.is_syndrome();
    let of_it = |at: &usize| story[*at].subject == *subject && (well(&story[*at]) || turn(&story[*at]));
    let soon = from + EVERY as f64 * 1e-9;
    let before = (0..story.len()).rev().filter(of_it).find(|at| story[*at].at_s <= soon.min(to));
    let still = before.filter(|at| turn(&story[*at]) || story[*at].at_s > from);
    // What recovered in the span was so before.
    let still = still.map(|at| (0..=at).rev().filter(of_it).find(|at| turn(&story[*at])).unwrap_or(at));
    let within = |at: &usize| story[*at].at_s > soon && story[*at].at_s <= to && turn(&story[*at]);
    still.or_else(|| (0..story.len()).filter(of_it).find(within))
}
