//! Cohorts by the window they started in, and what ended in each window, for objectives that ask about the worst.

use super::counters::row;
use super::series::Series;
use super::traffic::{Slot, ended_at};
use crate::engine::Outcome;
use crate::model::Model;
use crate::units::Time;

/// Most windows; a longer run merges them pairwise.
const MOST: usize = 16_384;

/// Windows of every length that an objective asks for.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    /// Lengths in seconds.
    lengths: Vec<u64>,
    on_sites: bool,
    sources: Vec<Vec<Series<Slot>>>,
    sites: Vec<Vec<Series<Slot>>>,
}

/// Whose windows.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// A source's requests.
    Source(u32),
    /// Calls at a site.
    Site(u32),
}

impl Windows {
    /// What the objectives of a model need.
    pub fn new(model: &Model) -> Windows {
        let mut windows = Windows::default();
        for objective in &model.objectives {
            if let Some(length) = length(&objective.expression) {
                windows.lengths.push(length);
                windows.on_sites |= model.operations.iter().any(|o| o.name == objective.subject);
            }
        }
        windows.lengths.sort_unstable();
        windows.lengths.dedup();
        windows
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let all = self.sources.iter().chain(&self.sites).flatten();
        all.map(|series| series.footprint(|slot| slot.latency.footprint())).sum()
    }

    /// The windows that cover this second.
    pub fn each(&mut self, whose: Whose, second: u64, mut act: impl FnMut(&mut Slot)) {
        self.all(whose).iter_mut().for_each(|series| act(series.at(second)));
    }

    /// One has ended that started at the first of these times, at the second one.
    #[inline]
    pub fn ended(&mut self, whose: Whose, times: [Time; 2], outcome: Outcome, nanos: u64) {
        let asked = match whose {
            Whose::Source(_) => !self.lengths.is_empty(),
            Whose::Site(_) => self.on_sites,
        };
        if asked {
            self.all(whose).iter_mut().for_each(|series| ended_at(series, times, outcome, nanos));
        }
    }

    fn all(&mut self, whose: Whose) -> &mut [Series<Slot>] {
        let all = match whose {
            _ if self.lengths.is_empty() => return &mut [],
            Whose::Source(source) => row(&mut self.sources, source),
            Whose::Site(_) if !self.on_sites => return &mut [],
            Whose::Site(site) => row(&mut self.sites, site),
        };
        if all.is_empty() {
            all.extend(self.lengths.iter().map(|&l| Series::new(l, MOST)));
        }
        all
    }

    /// The windows of this length for all of `whose` together; `length` as `length()` gave it.
    pub fn of(&self, whose: &[Whose], length: u64) -> Series<Slot> {
        let mut out = Series::<Slot>::new(length, MOST);
        let place = self.lengths.iter().position(|&l| l == length);
        for one in whose {
            let rows = match one {
                Whose::Source(source) => self.sources.get(*source as usize),
                Whose::Site(site) => self.sites.get(*site as usize),
            };
            let Some(series) = rows.zip(place).and_then(|(r, p)| r.get(p)) else { continue };
            for (i, slot) in series.points().iter().enumerate() {
                use super::series::Merge;
                out.at(i as u64 * series.every()).merge(slot);
            }
        }
        out
    }
}

/// Seconds of the windows an objective looks at, at least one; None: at the whole horizon.
pub fn length(objective: &crate::scenario::objective::Objective) -> Option<u64> {
    objective.worst.map(|span| ((span.0 + 999_999_999) / 1_000_000_000).max(1) as u64)
}
