//! Balancing by what a request is about, and by who asks.
//!
//! `Hash` is rendezvous hashing (Thaler & Ravishankar, IEEE/ACM Trans. Networking 6, 1998): of the targets believed
//! healthy the one whose hash with the key is highest; when one goes, only its keys move. `Sticky` remembers the first
//! choice of every session in progress for each link end, and chooses anew when that target is no longer believed
//! healthy.

use crate::engine::observation::Observer;
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::ClientId;
use crate::engine::state::world::Context;
use crate::model::{Balance, KeyId};

impl<O: Observer> Context<'_, O> {
    /// The place of the target an attempt goes to, if there is one.
    pub(crate) fn choose_by(
        &mut self,
        attempt: u32,
        client: ClientId,
        balance: Balance,
        fail_open: bool,
        stream: &mut Stream,
    ) -> Option<usize> {
        let callee = self.model.links[self.world.clients[client].link].callee;
        if let Some(sets) = self.model.services[callee].sets {
            return self.choose_in_set(attempt, client, sets, fail_open, stream);
        }
        match balance {
            Balance::Hash(key) => self.by_key(attempt, client, key, fail_open),
            Balance::Sticky => self.by_user(attempt, client, fail_open, stream),
            other => self.world.clients[client].pick(other, fail_open, stream),
        }
    }

    fn by_key(&self, attempt: u32, client: ClientId, key: KeyId, fail_open: bool) -> Option<usize> {
        let value = self.key_of(attempt, key);
        let end = &self.world.clients[client];
        let anyone = fail_open && end.unhealthy as usize == end.targets.len();
        let candidates = end.targets.iter().enumerate().filter(|(_, target)| anyone || target.healthy);
        candidates.max_by_key(|(_, target)| derive(value, u64::from(target.instance.number()))).map(|(at, _)| at)
    }

    fn by_user(&mut self, attempt: u32, client: ClientId, fail_open: bool, stream: &mut Stream) -> Option<usize> {
        let state = &self.world.execs[attempt];
        let (root, who) = (state.root, (state.source, state.user, client));
        if let Some(&instance) = self.world.sticky.get(&who) {
            let end = &self.world.clients[client];
            if let Some(at) = end.targets.iter().position(|target| target.instance == instance && target.healthy) {
                return Some(at);
            }
        }
        let at = self.world.clients[client].pick(Balance::LeastConnections, fail_open, stream)?;
        // Work that outlives its session is not remembered: nobody would forget it.
        if self.world.execs.alive(root) {
            self.world.sticky.insert(who, self.world.clients[client].targets[at].instance);
        }
        Some(at)
    }

    /// A session is over: its choices are forgotten.
    pub(crate) fn forget_choices(&mut self, root: u32) {
        if self.world.sticky.is_empty() {
            return;
        }
        let state = &self.world.execs[root];
        let who = (state.source, state.user);
        let choices = self.world.sticky.range((who.0, who.1, ClientId::new(0))..).map(|(&choice, _)| choice);
        for choice in choices.take_while(|choice| (choice.0, choice.1) == who).collect::<Vec<_>>() {
            self.world.sticky.remove(&choice);
        }
    }
}
