//! Databases of several instances: which of them a call goes to, and how replicas follow their primary.
//!
//! The places of a service, in their order, form sets of one primary and its replicas; set k is shard k. An instance
//! keeps its place while it is down, restarts or is deployed; when another is to come for one that goes for good, it
//! takes that place. Only when their number changes do keys move. A place where nobody serves fails its calls. Reads go
//! to the replica with the fewest calls in progress (ties at random), everything else to the primary. What an operation
//! that writes has done reaches each replica after the lag, and costs it the work of applying it; a read there that
//! comes before is counted stale. A replica that restarts has caught up.

use crate::engine::observation::Observer;
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::request::{Occupancy, Role};
use crate::engine::state::world::{Context, Members};
use crate::model::Replication;

const REPLAY: u64 = 0x7265_706c_6179;

impl Members<InstanceId> {
    /// An instance is there from now on: it takes the first empty place, or if it serves a new one.
    pub(crate) fn take_place(&mut self, instance: InstanceId, serves: bool) {
        if self.places.contains(&Some(instance)) {
            return;
        }
        match self.places.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(instance),
            None if serves => self.places.push(Some(instance)),
            None => {}
        }
    }

    /// An instance goes for good.
    pub(crate) fn leave_place(&mut self, instance: InstanceId) {
        if let Some(place) = self.places.iter_mut().find(|place| **place == Some(instance)) {
            *place = None;
        }
        self.close_places();
    }

    /// No more places stay empty than instances are wanted.
    pub(crate) fn close_places(&mut self) {
        let wanted = self.wanted.saturating_sub(self.placed) as usize;
        while self.places.iter().filter(|&&place| place.is_none()).count() > wanted
            && let Some(last) = self.places.iter().rposition(|&place| place.is_none())
        {
            self.places.remove(last);
        }
    }
}

impl<O: Observer> Context<'_, O> {
    /// The place of the target in a set, if one may be called.
    pub(crate) fn choose_in_set(
        &self,
        attempt: u32,
        client: ClientId,
        sets: Replication,
        fail_open: bool,
        stream: &mut Stream,
    ) -> Option<usize> {
        let operation = self.world.execs[attempt].operation();
        let end = &self.world.clients[client];
        let places = &self.world.services[self.model.links[end.link].callee].places;
        let size = sets.replicas as usize + 1;
        let count = places.len().div_ceil(size);
        if count == 0 {
            return None;
        }
        let first = (self.shard(attempt, sets) % count as u64) as usize * size;
        let replicas = first + 1..(first + size).min(places.len());
        let reads = self.model.operations[operation].reads;
        let range = if reads && !replicas.is_empty() { replicas } else { first..first + 1 };
        let mut all: Vec<usize> = range.filter_map(|place| end.find(places[place]?, place as u32)).collect();
        if !fail_open || all.iter().any(|&at| end.targets[at].healthy) {
            all.retain(|&at| end.targets[at].healthy);
        }
        let least = all.iter().map(|&at| end.targets[at].outstanding).min()?;
        let best: Vec<usize> = all.into_iter().filter(|&at| end.targets[at].outstanding == least).collect();
        let drawn = if best.len() > 1 { stream.below(best.len() as u32) } else { 0 };
        best.get(drawn as usize).copied()
    }

    /// What decides the shard: the key, or without one the request.
    fn shard(&self, exec: u32, sets: Replication) -> u64 {
        match sets.shard_by {
            Some(key) => derive(self.key_of(exec, key), 0),
            None => derive(u64::from(self.world.execs[exec].source.number()), self.world.execs[exec].number),
        }
    }

    /// What a write is of: the value of the shard's key, or without one all there is.
    fn written(&self, exec: u32, sets: Replication) -> u64 {
        sets.shard_by.map_or(0, |key| self.key_of(exec, key))
    }

    /// A write is done at a primary: its replicas follow.
    pub(crate) fn replicate(&mut self, exec: u32) {
        let instance = self.world.execs[exec].instance();
        let Some(sets) = self.service(instance).sets else { return };
        let places = &self.world.services[self.world.instances[instance].service].places;
        let Some(at) = places.iter().position(|&member| member == Some(instance)) else { return };
        let size = sets.replicas as usize + 1;
        let first = at - at % size;
        let replicas: Vec<Option<InstanceId>> = places[first + 1..(first + size).min(places.len())].to_vec();
        let value = self.written(exec, sets);
        for replica in replicas.into_iter().flatten() {
            // One that is down catches up before it serves again.
            if !self.is_up(replica) {
                continue;
            }
            *self.world.unapplied.entry((replica, value)).or_insert(0) += 1;
            let origin = &self.world.execs[exec];
            let (source, operation, number, user) = (origin.source, origin.operation, origin.number, origin.user);
            let key = derive(origin.key ^ REPLAY, u64::from(replica.number()));
            let fiber = self.world.execs.insert(Role::Fiber, source, key, self.world.now);
            let state = &mut self.world.execs[fiber];
            state.operation = operation;
            state.instance = Some(replica);
            state.number = number;
            state.user = user;
            state.pc = sets.replay;
            state.occupancy = Occupancy::Working;
            self.world.instances[replica].residents += 1;
            self.resume(fiber);
        }
    }

    fn is_up(&self, instance: InstanceId) -> bool {
        use crate::engine::state::system::Availability;
        matches!(self.world.instances[instance].availability, Availability::Up | Availability::Draining)
    }

    /// A replica has applied a write.
    pub(crate) fn applied(&mut self, exec: u32) {
        let instance = self.world.execs[exec].instance();
        let Some(sets) = self.service(instance).sets else { return };
        let place = (instance, self.written(exec, sets));
        if let Some(left) = self.world.unapplied.get_mut(&place) {
            *left -= 1;
            if *left == 0 {
                self.world.unapplied.remove(&place);
            }
        }
    }

    /// A read begins: at a replica it may see the state before a write.
    pub(crate) fn read(&mut self, exec: u32) {
        let (instance, operation) = (self.world.execs[exec].instance(), self.world.execs[exec].operation());
        let Some(sets) = self.service(instance).sets else { return };
        let places = &self.world.services[self.world.instances[instance].service].places;
        let Some(at) = places.iter().position(|&member| member == Some(instance)) else { return };
        if at.is_multiple_of(sets.replicas as usize + 1) {
            return;
        }
        let stale = self.world.unapplied.contains_key(&(instance, self.written(exec, sets)));
        let reads = self.world.reads.entry(operation).or_default();
        reads.replicas += 1;
        reads.stale += u64::from(stale);
    }
}
