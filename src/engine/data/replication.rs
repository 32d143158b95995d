//! Databases of several instances: which of them a call goes to, and how replicas follow their primary.
//!
//! The places of a service, in their order, form sets of one primary and its replicas; set k is shard k. An instance
//! keeps its place while it is down, restarts or is deployed; when another is to come for one that goes for good, it
//! takes that place. Only when their number changes do keys move. A place where nobody serves fails its calls. Reads go
//! to the replica with the fewest calls in progress (ties at random), everything else to the primary. What an operation
//! that writes has done reaches each replica after the lag, and costs it the work of applying it; a read there that
//! comes before is counted stale. Between a primary and a replica that are cut off from each other no write passes:
//! what is done meanwhile is sent on when they are no longer, in the order in which it was done; what is on its way
//! already arrives. A replica that restarts has caught up, with all but what is kept from it so.

use crate::engine::observation::Observer;
use crate::engine::random::rng::{Stream, derive};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::request::{Occupancy, Role};
use crate::engine::state::world::{Context, Members, World};
use crate::engine::state::written::{Pair, Write};
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

impl World {
    /// A write need not be applied at a replica any more.
    fn forget_unapplied(&mut self, replica: InstanceId, value: u64) {
        if let Some(left) = self.unapplied.get_mut(&(replica, value)) {
            *left -= 1;
            if *left == 0 {
                self.unapplied.remove(&(replica, value));
            }
        }
    }

    /// A member has gone, and what was on its way there with it: as a replica it catches up with all but what is kept
    /// from it. One that is gone for good need not, and takes along what it did not send.
    pub(crate) fn catch_up(&mut self, replica: InstanceId, for_good: bool) {
        let late = self.unapplied.range((replica, 0)..=(replica, u64::MAX)).map(|(&place, _)| place);
        for place in late.collect::<Vec<_>>() {
            self.unapplied.remove(&place);
        }
        if for_good {
            self.unsent.retain(|&(_, of), _| of != replica);
            // Of a primary: nobody sends it any more.
            let own: Vec<Pair> = self.unsent.keys().copied().filter(|&(primary, _)| primary == replica).collect();
            for pair in own {
                for write in self.unsent.remove(&pair).unwrap_or_default() {
                    self.forget_unapplied(pair.1, write.value);
                }
            }
        }
        let kept = self.unsent.iter().filter(|((_, of), _)| *of == replica).flat_map(|(_, writes)| writes);
        for value in kept.map(|write| write.value).collect::<Vec<_>>() {
            *self.unapplied.entry((replica, value)).or_insert(0) += 1;
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
            let apart = !self.world.partitions.is_empty() && self.apart(instance, replica);
            // One that is down catches up before it serves again, if it can.
            if !apart && !self.is_up(replica) {
                continue;
            }
            let origin = &self.world.execs[exec];
            let write = Write {
                source: origin.source,
                operation: origin.operation,
                number: origin.number,
                user: origin.user,
                key: derive(origin.key ^ REPLAY, u64::from(replica.number())),
                value,
            };
            *self.world.unapplied.entry((replica, value)).or_insert(0) += 1;
            if apart {
                self.world.unsent.entry((instance, replica)).or_default().push_back(write);
            } else {
                self.send_write(replica, write);
            }
        }
    }

    /// A write is on its way to a replica, which applies it.
    fn send_write(&mut self, replica: InstanceId, write: Write) {
        let Some(sets) = self.service(replica).sets else { return };
        let fiber = self.world.execs.insert(Role::Fiber, write.source, write.key, self.world.now);
        let followed = O::LISTENS && self.observer.follows(write.source, write.number);
        let state = &mut self.world.execs[fiber];
        state.operation = write.operation;
        state.instance = Some(replica);
        state.number = write.number;
        state.followed = followed;
        state.user = write.user;
        state.pc = sets.replay;
        state.occupancy = Occupancy::Working;
        self.world.instances[replica].residents += 1;
        self.resume(fiber);
    }

    /// Primaries send on what was kept from replicas that are no longer cut off.
    pub(crate) fn send_unsent(&mut self) {
        let pairs = self.world.unsent.keys().copied();
        let joined: Vec<Pair> = pairs.filter(|&(primary, replica)| !self.apart(primary, replica)).collect();
        for (primary, replica) in joined {
            for write in self.world.unsent.remove(&(primary, replica)).unwrap_or_default() {
                if self.is_up(replica) {
                    self.send_write(replica, write);
                } else {
                    self.world.forget_unapplied(replica, write.value);
                }
            }
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
        let value = self.written(exec, sets);
        self.world.forget_unapplied(instance, value);
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
