//! Which of the executions are shown: all of them, or a share chosen by a hash of their ids, so that whoever is shown
//! stays shown as long as it lives.

use super::frame::{Busy, CELLS, Cell, Doing, End, LIGHTS, Light, Spot, Work};
use crate::engine::{ExecutionState, ExecutionView, InstanceId, Simulation, Whereabouts};
use crate::model::hash::mix;
use crate::model::{Caller, LinkId};
use crate::units::Time;
use std::collections::BTreeMap;

/// Places looked at for one frame, or twice as many: of more, one of every two, four, ...
const PLACES: u32 = 1 << 14;

/// The share that was shown last: it changes late, so that nothing flickers.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// One of 2^bits is shown.
    bits: u32,
    /// Those there were.
    eligible: usize,
}

/// What one look at all executions yields.
#[derive(Debug, Default)]
pub struct Sampled {
    /// Those that are shown.
    pub lights: Vec<Light>,
    /// Executions for each light.
    pub each: f64,
    /// Calls in work by instance, as far as `part` of all executions tell.
    pub busy: Vec<Busy>,
    /// One of so many executions was looked at.
    pub part: u32,
    /// What the instances in focus do.
    pub work: Vec<Work>,
}

impl Sampled {
    /// What the workers of an instance do of which so many are taken: where not all executions were looked at, in the
    /// proportions of those that were. `pins`: connections hold workers too, that do nothing.
    pub fn busy_at(&self, instance: usize, taken: u32, pins: bool) -> Busy {
        let mut busy = self.busy.get(instance).copied().unwrap_or_default();
        let seen = busy.served + busy.waits;
        if pins {
            busy.holds = busy.holds.max(taken.saturating_sub(seen));
        }
        let too_few = self.part > 1 && !pins && seen < taken;
        if seen == 0 && too_few {
            // They are taken, and none of them was met.
            return Busy { served: taken, ..busy };
        }
        if seen == 0 || !too_few && seen <= taken {
            return busy;
        }
        let served = (u64::from(busy.served) * u64::from(taken) + u64::from(seen) / 2) / u64::from(seen);
        Busy { served: served as u32, waits: taken - served as u32, ..busy }
    }
}

impl Sample {
    /// Looks at the executions of a run.
    pub fn take(&mut self, sim: &Simulation, focus: &[u32]) -> Sampled {
        while self.bits > 0 && self.eligible >> (self.bits - 1) < LIGHTS * 3 / 4 {
            self.bits -= 1;
        }
        let stride = (sim.places() / PLACES).max(1).next_power_of_two();
        let mut shown: Vec<(u64, ExecutionView)> = Vec::with_capacity(LIGHTS);
        let mut busy: Vec<Busy> = Vec::new();
        let mut cells: BTreeMap<u32, Vec<(Time, Cell)>> =
            focus.iter().map(|&instance| (instance, Vec::new())).collect();
        let mut eligible = 0;
        for block in (0..sim.places()).step_by(stride as usize) {
            // One of each block, by a hash: neighbours are often of different kinds.
            let place = block + (mix(u64::from(block)) as u32 & (stride - 1));
            if place >= sim.places() {
                break;
            }
            let Some(view) = sim.execution(place) else { continue };
            eligible += 1;
            if let Whereabouts::Inside(instance) = view.at {
                if view.works || view.state == ExecutionState::Holds {
                    if busy.len() <= instance.index() {
                        busy.resize(instance.index() + 1, Busy::default());
                    }
                    let busy = &mut busy[instance.index()];
                    *match view.state {
                        ExecutionState::Served | ExecutionState::Moves => &mut busy.served,
                        ExecutionState::Waits => &mut busy.waits,
                        ExecutionState::Holds => &mut busy.holds,
                    } += stride;
                }
                if view.works
                    && let (Some(cells), Some(operation)) = (cells.get_mut(&instance.number()), view.operation)
                {
                    let waits_for = view.calls.map(|link| sim.model().links[link].callee);
                    let age_s = (sim.now().0 - view.started.0) as f32 / 1e9;
                    cells.push((view.started, Cell { operation, doing: doing(&view), waits_for, age_s }));
                }
            }
            let hash = mix(id(&view));
            if hash.trailing_zeros() >= self.bits {
                if shown.len() == LIGHTS {
                    self.bits += 1;
                    shown.retain(|(hash, _)| hash.trailing_zeros() >= self.bits);
                    if hash.trailing_zeros() < self.bits {
                        continue;
                    }
                }
                shown.push((hash, view));
            }
        }
        self.eligible = eligible;
        let work = cells.into_iter().map(|(instance, mut cells)| {
            cells.sort_by_key(|cell| cell.0);
            Work { instance, cells: cells.into_iter().take(CELLS).map(|cell| cell.1).collect() }
        });
        let each = if shown.is_empty() { 1.0 } else { eligible as f64 * f64::from(stride) / shown.len() as f64 };
        Sampled {
            work: work.collect(),
            busy,
            part: stride,
            each,
            lights: shown.iter().map(|(_, view)| light(sim, view)).collect(),
        }
    }
}

fn id(view: &ExecutionView) -> u64 {
    u64::from(view.id.index) << 32 | u64::from(view.id.generation)
}

fn doing(view: &ExecutionView) -> Doing {
    match view.state {
        _ if !view.heard => Doing::Orphaned,
        ExecutionState::Moves => Doing::Moving,
        ExecutionState::Served => Doing::Served,
        ExecutionState::Waits => Doing::Waiting,
        ExecutionState::Holds => Doing::Holding,
    }
}

fn light(sim: &Simulation, view: &ExecutionView) -> Light {
    let caller = |link: LinkId, from: Option<InstanceId>| match (from, sim.model().links[link].caller) {
        (Some(instance), _) => End::Instance(instance.number()),
        (None, Caller::Source(source)) => End::Source(source),
        (None, Caller::Service(_)) => End::Nowhere,
    };
    let spot = match view.at {
        Whereabouts::Way { link, from, to, share, lasts_s, back } => {
            Spot::Way { link, from: caller(link, from), to: End::Instance(to.number()), share, lasts_s, back }
        }
        Whereabouts::Backlog(instance) => Spot::Backlog(instance.number()),
        Whereabouts::Inside(instance) => Spot::Inside(instance.number()),
        Whereabouts::Pool(Some(instance), link) => Spot::Pool(instance.number(), link),
        Whereabouts::Pool(None, _) | Whereabouts::Source => Spot::Source(view.source),
    };
    Light { id: id(view), source: view.source, operation: view.operation, doing: doing(view), spot }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sample_tells_of_workers_is_brought_to_how_many_are_taken() {
        let busy = |served, waits, holds| Busy { served, waits, holds };
        let kept = |part, seen: Busy, taken, pins| {
            Sampled { busy: vec![seen], part, ..Sampled::default() }.busy_at(0, taken, pins)
        };
        let told = |part, seen, taken| kept(part, seen, taken, false);
        assert_eq!(told(1, busy(3, 4, 2), 9), busy(3, 4, 2), "all were seen");
        assert_eq!(told(8, busy(16, 48, 0), 50), busy(13, 37, 0), "never more than there are");
        assert_eq!(told(8, busy(8, 24, 0), 50), busy(13, 37, 0), "nor fewer");
        assert_eq!(kept(8, busy(8, 24, 0), 50, true), busy(8, 24, 18), "connections have the rest");
        assert_eq!(told(8, busy(0, 0, 0), 5), busy(5, 0, 0), "what is taken is drawn as taken");
        assert_eq!(told(8, busy(0, 0, 0), 0), busy(0, 0, 0));
        assert_eq!(Sampled::default().busy_at(7, 5, false), busy(0, 0, 0));
    }
}
