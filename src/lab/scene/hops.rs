//! Calls over ways that take no time, where time is slow: each is shown on its way for a moment all the same, one after
//! the other as they followed each other.

use super::shape::{FADE_S, TRAVEL_S};
use crate::host::{End, Fate, Hop};
use crate::lab::theme::BOUNCE_S;
use std::collections::BTreeMap;

/// Seconds on the way.
pub const WAY_S: f32 = 0.45;
/// One follows what caused it at most so long after the frame that told of both.
const LATEST_S: f32 = 1.5;
/// Shown at once at most.
const MOST: usize = 512;

/// Those that are shown, by the picture's clock.
#[derive(Debug, Default)]
pub struct Hops {
    list: Vec<(Hop, f32)>,
}

impl Hops {
    /// A frame came. Where the clock stands, what was is gone: only what the last step did is shown.
    pub fn hear(&mut self, hops: &[Hop], clock: f32, stands: bool) {
        self.list.retain(|(hop, begins)| !stands && (*begins - LATEST_S..begins + lasts_s(hop.fate)).contains(&clock));
        let mut there: BTreeMap<End, f32> = BTreeMap::new();
        for hop in hops.iter().take(MOST.saturating_sub(self.list.len())) {
            let (leaves, reaches) = match hop.fate {
                Fate::Arrived => (hop.from, hop.to),
                Fate::Refused | Fate::GivenUp => (hop.from, hop.from),
                Fate::Answered | Fate::Broken => (hop.to, hop.from),
            };
            let begins = there.get(&leaves).copied().unwrap_or(clock).min(clock + LATEST_S);
            let reached = there.entry(reaches).or_insert(clock);
            *reached = reached.max(begins + WAY_S);
            self.list.push((*hop, begins));
        }
    }

    /// Each, and when it begins.
    pub fn list(&self) -> &[(Hop, f32)] {
        &self.list
    }
}

/// Seconds one is shown.
pub fn lasts_s(fate: Fate) -> f32 {
    // The shader's loops: a way, then what happens at its end.
    WAY_S
        * match fate {
            Fate::Arrived | Fate::Answered | Fate::Broken => 1.0,
            Fate::Refused => 1.0 + BOUNCE_S / TRAVEL_S,
            Fate::GivenUp => 1.0 + FADE_S / TRAVEL_S,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkId, SourceId};

    #[test]
    fn a_call_sets_out_when_what_caused_it_has_arrived() {
        let hop = |link, from, to, fate| Hop { link: LinkId::new(link as usize), from, to: End::Instance(to), fate };
        let (crowd, balancer, app) = (End::Source(SourceId::new(0)), End::Instance(0), End::Instance(1));
        let mut hops = Hops::default();
        let told = [
            hop(0, crowd, 0, Fate::Arrived),
            hop(1, balancer, 1, Fate::Arrived),
            hop(2, app, 2, Fate::Arrived),
            hop(2, app, 2, Fate::Answered),
            hop(0, crowd, 0, Fate::Refused),
        ];
        hops.hear(&told, 10.0, false);
        let begins: Vec<f32> = hops.list().iter().map(|(_, begins)| (begins - 10.0) / WAY_S).collect();
        for (place, (begins, expected)) in begins.iter().zip([0.0, 1.0, 2.0, 3.0, 0.0]).enumerate() {
            assert!((begins - expected).abs() < 1e-4, "number {place} begins after {begins} ways");
        }
        hops.hear(&[], 10.0 + 1.5 * WAY_S, false);
        assert_eq!(hops.list().len(), 3, "the first and the refused one are done");
        hops.hear(&[told[0]], 12.0, true);
        assert_eq!(hops.list().len(), 1, "where the clock stands, only the last step is seen");
        hops.hear(&[], 3.0, false);
        assert!(hops.list().is_empty(), "the clock began again");
    }
}
