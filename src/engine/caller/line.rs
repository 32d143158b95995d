//! Who waits at a link's end for a place: a kept connection, or a target with fewer calls than its limit.
//!
//! Where any target will do there is one line, in the order of arrival. Where the request decides its target (a hash of
//! its key, the instance its session stays with, a shard) there is a line for each target: whoever waits for a full one
//! holds up nobody who is on the way to another. Lines are formed anew when it changes who may be called.

use crate::engine::caller::call::purpose;
use crate::engine::observation::{Limit, Observer};
use crate::engine::random::rng::Stream;
use crate::engine::state::client::Client;
use crate::engine::state::ids::{ClientId, InstanceId, NOWHERE};
use crate::engine::state::request::{Queue, State};
use crate::engine::state::world::{Context, Work, World};
use crate::model::Balance;

impl Client {
    /// Calls that wait here.
    #[inline]
    pub(crate) fn waiting(&self) -> u32 {
        self.waiters.len + self.lined
    }

    /// The target whose line has waited longest, of those with room.
    fn first_with_room(&self, world: &World, limit: u32) -> Option<InstanceId> {
        let heads = self.targets.iter().filter(|target| target.outstanding < limit).filter_map(|target| {
            let head = self.lines.get(&target.instance)?.first()?;
            Some((world.execs[head].started, head, target.instance))
        });
        heads.min().map(|(_, _, instance)| instance)
    }
}

impl<O: Observer> Context<'_, O> {
    /// Most calls in progress at a target from one end of a link.
    fn target_limit(&self, client: ClientId) -> u32 {
        let link = &self.model.links[self.world.clients[client].link];
        if link.guarded { link.guards.target_limit } else { u32::MAX }
    }

    /// Whether targets have a limit and each request has its own target.
    fn decides(&self, client: ClientId) -> bool {
        let link = &self.model.links[self.world.clients[client].link];
        let by_request = matches!(link.balance, Balance::Hash(_) | Balance::Sticky);
        self.target_limit(client) != u32::MAX && (by_request || self.model.services[link.callee].sets.is_some())
    }

    /// The place of the target that a request decides.
    fn own_target(&mut self, attempt: u32, client: ClientId) -> Option<usize> {
        let link = &self.model.links[self.world.clients[client].link];
        let mut stream = Stream::new(self.world.execs[attempt].key ^ purpose::TARGET);
        self.choose_by(attempt, client, link.balance, link.fail_open, &mut stream)
    }

    /// Whether a call has to wait for a place at a target, or behind others who do.
    pub(crate) fn must_queue(&mut self, attempt: u32, client: ClientId) -> bool {
        let limit = self.target_limit(client);
        if limit == u32::MAX {
            return false;
        }
        if self.decides(client) {
            let Some(place) = self.own_target(attempt, client) else { return false };
            let end = &self.world.clients[client];
            let target = &end.targets[place];
            return target.outstanding >= limit || end.lines.get(&target.instance).is_some_and(|line| line.len > 0);
        }
        let end = &self.world.clients[client];
        let link = &self.model.links[end.link];
        end.waiters.len > 0 || !end.has_room(link.fail_open, limit)
    }

    /// A call waits, behind those who wait for the same.
    pub(crate) fn stand_in_line(&mut self, attempt: u32, client: ClientId) {
        let own = if self.decides(client) { self.own_target(attempt, client) } else { None };
        let World { clients, execs, .. } = &mut *self.world;
        let end = &mut clients[client];
        execs[attempt].state = State::Pool;
        execs[attempt].instance = None;
        let Some(place) = own else {
            execs[attempt].target = NOWHERE;
            return end.waiters.push(execs, attempt);
        };
        let instance = end.targets[place].instance;
        execs[attempt].target = instance.number();
        end.lined += 1;
        end.lines.entry(instance).or_insert(Queue::EMPTY).push(execs, attempt);
    }

    /// A call that has its target finds it full after all: who may be called has changed since it was let go.
    pub(crate) fn wait_again(&mut self, attempt: u32, client: ClientId) {
        self.stand_in_line(attempt, client);
        let end = &mut self.world.clients[client];
        if self.model.links[end.link].keep > 0 {
            end.in_use -= 1;
        }
        self.serve_waiter(client);
    }

    /// There is nobody to call, or nobody with a place.
    #[cold]
    pub(crate) fn without_target(&mut self, attempt: u32, client: ClientId, limit: u32) {
        let link = self.link_of(attempt);
        let (fail_open, keep) = (link.fail_open, link.keep);
        let any = limit != u32::MAX && !self.decides(client);
        if any && !self.world.clients[client].has_room(fail_open, limit) {
            return self.wait_again(attempt, client);
        }
        if keep > 0 {
            self.world.clients[client].in_use -= 1;
            self.serve_waiter(client);
        }
        self.hold_back(attempt, None, Limit::NoInstance);
    }

    /// Lets the waiters of a link end leave for which there is a place.
    pub(crate) fn serve_waiter(&mut self, client: ClientId) {
        let link = &self.model.links[self.world.clients[client].link];
        let keep = if link.keep > 0 { link.keep } else { u32::MAX };
        let limit = self.target_limit(client);
        if limit == u32::MAX && self.world.clients[client].lined == 0 {
            // Any target will do: whoever came first.
            while self.world.clients[client].in_use < keep
                && let Some(waiter) = self.world.clients[client].waiters.first()
            {
                self.let_go_on(waiter, client);
            }
        } else {
            let end = &self.world.clients[client];
            if if self.decides(client) { end.regroup } else { end.lined > 0 } {
                self.regroup(client);
            }
            while self.world.clients[client].in_use < keep
                && let Some(waiter) = self.first_with_place(client, limit)
            {
                self.let_go_on(waiter, client);
                if limit != u32::MAX {
                    self.reserve(waiter);
                }
            }
        }
        self.world.note_pool(client);
    }

    /// Who has waited longest of those for whom there is a place.
    fn first_with_place(&self, client: ClientId, limit: u32) -> Option<u32> {
        let end = &self.world.clients[client];
        let line = if end.lined > 0 { end.first_with_room(self.world, limit) } else { None };
        // Where requests decide, whoever stands in no line has nobody to call, and may learn it.
        let place = || self.decides(client) || end.has_room(self.model.links[end.link].fail_open, limit);
        match line {
            Some(instance) => end.lines[&instance].first(),
            None => end.waiters.first().filter(|_| place()),
        }
    }

    /// A waiter has its place and leaves.
    #[inline]
    fn let_go_on(&mut self, waiter: u32, client: ClientId) {
        self.world.leave_waiters(waiter, client);
        let end = &mut self.world.clients[client];
        if self.model.links[end.link].keep > 0 {
            end.in_use += 1;
        }
        let meter = end.meter;
        self.world.begin_use(meter);
        self.world.execs[waiter].state = State::Granted;
        let reference = self.world.execs.reference(waiter);
        self.world.work.push_back(Work::Dispatch(reference));
    }

    /// Who may be called has changed: everybody stands in the line of the target that is now theirs, in the order in
    /// which they came.
    #[cold]
    fn regroup(&mut self, client: ClientId) {
        let World { clients, execs, .. } = &mut *self.world;
        let end = &mut clients[client];
        let mut all = Vec::with_capacity(end.waiting() as usize);
        for line in end.lines.values_mut().chain([&mut end.waiters]) {
            while let Some(waiter) = line.pop(execs) {
                all.push((execs[waiter].started, waiter));
            }
        }
        (end.lined, end.regroup) = (0, false);
        end.lines.clear();
        all.sort_unstable();
        for (_, waiter) in all {
            self.stand_in_line(waiter, client);
        }
    }
}

impl World {
    /// A call no longer waits.
    pub(crate) fn leave_waiters(&mut self, attempt: u32, client: ClientId) {
        let end = &mut self.clients[client];
        match self.execs[attempt].target {
            NOWHERE => end.waiters.remove(&mut self.execs, attempt),
            number => {
                if let Some(line) = end.lines.get_mut(&InstanceId::new(number as usize)) {
                    line.remove(&mut self.execs, attempt);
                    end.lined -= 1;
                }
            }
        }
    }
}
