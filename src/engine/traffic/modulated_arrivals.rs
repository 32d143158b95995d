//! Arrivals that are not evenly spread: batches, bursts, and growth by word of mouth.
//!
//! Bursts are a Markov-modulated Poisson process (Fischer & Meier-Hellstern 1993): the rate is multiplied by each
//! factor in turn, for an exponential time drawn under the source's key and the number of the turn. What has passed of
//! a gap stays passed. Who is invited has a key made of the inviting session's: the same people come in every variant
//! in which those who invite them do well.

use crate::engine::observation::{Observer, Outcome};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::random::sampler::{draw, exponential};
use crate::engine::state::request::Role;
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::{AmountId, Invites, SourceId};
use crate::units::Span;

const TURN: u64 = 0x7475_726e_0000;
const BATCH: u64 = 0x6261_7463_6800;
const INVITE: u64 = 0x696e_7669_7465;

impl<O: Observer> Context<'_, O> {
    /// All requests of one arrival.
    pub(crate) fn begin_batch(&mut self, source: SourceId, key: u64, batch: AmountId) {
        let size = draw(&self.model.amounts[batch], &mut Stream::new(key ^ BATCH), &|_| 0.0);
        for member in 0..libm::round(size) as u64 {
            let key = if member == 0 { key } else { derive(key ^ BATCH, member) };
            self.begin_root(source, key);
            if self.world.execs.over() || self.world.step() {
                return;
            }
        }
    }

    /// Puts a source into the first of its bursts; what was to follow of former ones is void.
    pub(crate) fn start_bursts(&mut self, source: SourceId) {
        let state = &mut self.world.sources[source];
        state.burst = 1.0;
        state.burst_place = 0;
        state.burst_epoch = state.burst_epoch.wrapping_add(1);
        self.take_turn(source, 0);
    }

    /// The rate has a new factor until the next turn. `place` is where the factor stands in the list.
    fn take_turn(&mut self, source: SourceId, place: usize) {
        let spec = &self.model.sources[source];
        let Some(&(factor, mean)) = spec.bursts.get(place) else { return };
        let state = &mut self.world.sources[source];
        state.burst = factor;
        let key = derive(self.world.seed ^ spec.key ^ TURN, u64::from(state.burst_epoch));
        let event = Event::Modulation { source, epoch: state.burst_epoch };
        let lasting = nanos(exponential(&mut Stream::new(key)) * mean).max(1);
        self.world.agenda.once(self.world.now + Span(lasting), event);
    }

    /// A burst is over.
    pub(crate) fn on_modulation(&mut self, source: SourceId, epoch: u32) {
        let spec = &self.model.sources[source];
        let state = &mut self.world.sources[source];
        if state.burst_epoch != epoch || spec.bursts.is_empty() || spec.retired {
            return;
        }
        state.burst_epoch = epoch.wrapping_add(1);
        state.burst_place = (state.burst_place + 1) % spec.bursts.len() as u32;
        let place = state.burst_place as usize;
        self.bank_gap(source);
        self.take_turn(source, place);
        self.schedule_arrival(source);
    }

    /// A session that went well tells others.
    pub(crate) fn invite(&mut self, root: u32, outcome: Outcome, invites: Invites) {
        let state = &self.world.execs[root];
        if state.target > 0 || matches!(outcome, Outcome::Failed(_)) {
            return;
        }
        let (source, key) = (state.source, derive(state.key, INVITE));
        let mut stream = Stream::new(key);
        for child in 1..=poisson(invites.each, &mut stream) {
            let key = derive(key, child);
            let seconds = draw(&self.model.amounts[invites.after], &mut Stream::new(key ^ INVITE), &|_| 0.0);
            let state = &mut self.world.sources[source];
            let place = match state.invited_free.pop() {
                Some(place) => {
                    state.invited[place as usize] = key;
                    place
                }
                None => {
                    state.invited.push(key);
                    state.invited.len() as u32 - 1
                }
            };
            self.world.agenda.once(self.world.now + Span(nanos(seconds)), Event::Invitation { source, place });
        }
    }

    /// Somebody who was invited comes, unless there is nowhere to come to any more.
    pub(crate) fn on_invitation(&mut self, source: SourceId, place: u32) {
        let state = &mut self.world.sources[source];
        let key = state.invited[place as usize];
        state.invited_free.push(place);
        if !self.model.sources[source].retired {
            self.begin_root(source, key);
        }
    }

    /// A call of a client has failed for good: its session invites nobody.
    pub(crate) fn disappoint(&mut self, caller: u32) {
        let state = &self.world.execs[caller];
        if self.model.sources[state.source].invites.is_none() {
            return;
        }
        if state.role == Role::Root {
            self.world.execs[caller].target = 1;
        } else if self.world.execs.alive(state.root) {
            let root = state.root.index;
            self.world.execs[root].target = 1;
        }
    }
}

/// A Poisson number by counting exponential steps in [0, mean).
fn poisson(mean: f64, stream: &mut Stream) -> u64 {
    let mut count = 0;
    let mut sum = exponential(stream);
    while sum < mean {
        count += 1;
        sum += exponential(stream);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poisson_number_has_its_mean_and_variance() {
        for mean in [0.0, 0.3, 2.0, 20.0] {
            let counts: Vec<f64> =
                (0..100_000).map(|key| poisson(mean, &mut Stream::new(derive(5, key))) as f64).collect();
            let average = counts.iter().sum::<f64>() / counts.len() as f64;
            let variance =
                counts.iter().map(|count| (count - average) * (count - average)).sum::<f64>() / counts.len() as f64;
            assert!(
                (average - mean).abs() <= 0.02 * mean && (variance - mean).abs() <= 0.03 * mean,
                "{mean}: {average}, {variance}"
            );
        }
    }
}
