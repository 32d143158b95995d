//! What crowds lose now, and whom it comes down to: requests per second that fail, are degraded, or come later than an
//! objective allows, by cause. The culprit of a moment is who most of it comes down to.

use super::culprits::culprit_at;
use super::losses::Losses;
use super::moment::Moment;
use super::ranking;
use super::story::Story;
use super::subject::{Causes, Named};
use super::trouble::Trouble;
use crate::model::{Caller, Model, ServiceId, SourceId};
use crate::scenario::Reason;
use crate::scenario::metric::Metric;
use crate::scenario::objective::Comparison;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was lost so long ago is lost now, nanoseconds.
const NOW: i64 = 5 * 1_000_000_000;
/// Where less of what all crowds asked for is lost, or fewer requests, nobody is the culprit because of that: a crowd
/// of a few does not outshine what most wait for.
const FELT: f64 = 0.01;
const SEVERAL: f64 = 5.0;
/// Whoever was the culprit stays so while this share of the worst comes down to him: what glows does not flicker.
const STAYS: f64 = 0.75;

/// What is lost because of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// Where the causes of it end; several are so together.
    pub cause: Causes,
    /// Requests per second.
    pub per_s: f64,
    /// The same by crowd, the one that loses most first.
    pub who: Vec<(SourceId, f64)>,
}

/// What is lost now.
#[derive(Clone, Debug, Default)]
pub struct Impacts {
    /// The worst first.
    rows: Vec<Impact>,
    culprit: Causes,
}

/// Longest latency that objectives allow the requests of each source, nanoseconds; `u64::MAX` where none does.
pub fn limits(model: &Model) -> Vec<u64> {
    let latency = |metric: Metric| matches!(metric, Metric::Percentile(_) | Metric::Median);
    let limit = |name: &str| {
        let of_it = model.objectives.iter().filter(|objective| objective.subject == name).map(|o| o.expression);
        let upper =
            of_it.filter(|o| latency(o.metric) && matches!(o.comparison, Comparison::Below | Comparison::AtMost));
        upper.map(|o| (o.bound * 1e9) as u64).min().unwrap_or(u64::MAX)
    };
    model.sources.iter().map(|source| limit(&source.name)).collect()
}

impl Impacts {
    /// The worst first.
    pub fn rows(&self) -> &[Impact] {
        &self.rows
    }

    /// Whom most comes down to; several are so together. None where no crowd loses anything to speak of.
    pub fn culprit(&self) -> &Causes {
        &self.culprit
    }

    /// Look at the last seconds; `troubles`: what is wrong in them.
    pub fn look(
        &mut self,
        look: &Moment,
        losses: &Losses,
        down: &BTreeSet<ServiceId>,
        (troubles, story): (&[Trouble], &Story),
    ) {
        self.rows.clear();
        let span = [Time(0.max(look.now().0 - NOW)), look.now()];
        let window = look.around(span);
        let (seconds, when) = (window.seconds(), losses.when(span));
        let lost = losses.rows(look, span, down).into_iter();
        let lost = lost.map(|row| (row.source, row.because, row.behind, row.failed + row.degraded));
        let late = look.model.sites.ids().filter_map(|site| {
            let Caller::Source(source) = look.model.links[look.model.sites[site].link].caller else { return None };
            let late = window.site(site.index()).late;
            (late > 0).then(|| (source, culprit_at(look, site, Reason::TimedOut, when, down), None, late))
        });
        for (source, because, behind, count) in lost.chain(late) {
            let Some(because) = because else { continue };
            let told = troubles.iter().any(|trouble| trouble.subject == because) || story.tells_of(&because);
            let cause = root(troubles, story, behind.filter(|_| !told).unwrap_or(because));
            self.add(cause, source, count as f64 / seconds);
        }
        for row in &mut self.rows {
            row.who.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        self.rows.sort_by(|a, b| b.per_s.total_cmp(&a.per_s));
        let ended = |source: SourceId| {
            let (succeeded, failed) = window.source(source);
            succeeded + failed.iter().sum::<u64>()
        };
        let all: u64 = look.model.sources.ids().map(ended).sum();
        let least = SEVERAL.max(FELT * all as f64);
        let felt = |row: &&Impact| row.per_s * seconds >= least;
        let mut felt = self.rows.iter().filter(felt);
        let worst = felt.next();
        let still = |row: &&Impact| row.cause == self.culprit && worst.is_some_and(|w| row.per_s >= STAYS * w.per_s);
        self.culprit = felt.find(still).or(worst).map(|row| row.cause.clone()).unwrap_or_default();
    }

    fn add(&mut self, cause: Causes, source: SourceId, per_s: f64) {
        let row = match self.rows.iter_mut().find(|row| row.cause == cause) {
            Some(row) => row,
            None => {
                self.rows.push(Impact { cause, per_s: 0.0, who: Vec::new() });
                let last = self.rows.len() - 1;
                &mut self.rows[last]
            }
        };
        row.per_s += per_s;
        match row.who.iter_mut().find(|(who, _)| *who == source) {
            Some((_, of_it)) => *of_it += per_s,
            None => row.who.push((source, per_s)),
        }
    }
}

/// Where the causes of what is because of a subject end: of what is wrong now as it is now, of all else as it was told.
fn root(troubles: &[Trouble], story: &Story, because: Named) -> Causes {
    let mut way = vec![because];
    loop {
        let last = &way[way.len() - 1];
        if troubles.iter().any(|trouble| trouble.subject == *last) {
            let root = ranking::root_of(troubles, last);
            match root {
                [only] if way.iter().all(|known| known != only) => {
                    way.push(only.clone());
                    continue;
                }
                // What nobody else is to blame for now lasts because of what it began with.
                [only] if only == last => {}
                _ => return root.to_vec().into(),
            }
        }
        match story.because_of(last).first() {
            Some(next) if way.iter().all(|known| known != next) => way.push(next.clone()),
            _ => return vec![last.clone()].into(),
        }
    }
}
